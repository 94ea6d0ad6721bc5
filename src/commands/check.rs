//! `check`: prints what must hold and does not, one a line.

use std::process::ExitCode;

use super::service;
use crate::checkup;
use crate::config::Config;
use crate::database;

/// Runs it; changes nothing, not even the schema.
///
/// # Errors
/// No database; a schema that is not this program's.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let pool = database::pool(&database.url, 1, "liaison-tracker check")?;
    let found = checkup::store::broken(&pool).await;
    pool.close().await;
    database.close().await;
    let found = found.map_err(|error| anyhow::anyhow!(database::explain(&error)))?;
    for broken in &found {
        println!("{broken}");
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `migrate`: brings the schema up to date, then ends.

use std::process::ExitCode;

use super::service;
use crate::config::Config;

/// Runs it.
///
/// # Errors
/// No database, or a step that failed; then nothing of it stays.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let done = service::open(config, &database).await;
    database.close().await;
    done?;
    println!("The schema is up to date.");
    Ok(ExitCode::SUCCESS)
}

//! `import`: another tracker's dump; twice is the same as once.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;

use super::service;
use crate::config::Config;
use crate::import::reader::Source;
use crate::import::{self, Options};

/// What to import.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file of organizations, relationships and former names
    #[arg(long, value_name = "FILE")]
    organizations: Option<PathBuf>,
    /// The file of statements; texts stand in files beside it
    #[arg(long, value_name = "FILE")]
    statements: Option<PathBuf>,
    /// Leave out statements that have neither a number nor a known group of the home organization
    #[arg(long)]
    skip_unnumbered_without_home_side: bool,
    /// Write nothing, only report what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Runs it and prints what was done, and what could not be mapped.
///
/// # Errors
/// A file that can't be read, no database; what was written stays, and the next run completes it.
pub async fn run(config: Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    ensure!(arguments.organizations.is_some() || arguments.statements.is_some(), "nothing to import: give --organizations, --statements or both");
    let source = Source::from_files(arguments.organizations.as_deref(), arguments.statements.as_deref())?;
    let options = Options { dry_run: arguments.dry_run, skip_unnumbered_without_home_side: arguments.skip_unnumbered_without_home_side };
    let database = service::Database::open(&config).await?;
    let done = match service::open(config, &database).await {
        Ok(app) => import::run(&app.pool, &app.clock, &source, options).await,
        Err(error) => Err(error),
    };
    database.close().await;
    print!("{}", done?);
    Ok(ExitCode::SUCCESS)
}

//! `demo`: fills an empty database with the demonstration, and names its accounts.

use std::process::ExitCode;

use super::service;
use crate::config::Config;
use crate::demo::{self, PASSWORD, PEOPLE};

/// Runs it; again, it completes what is missing and changes nothing else.
///
/// # Errors
/// No database, or one with other people's accounts.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let done = match service::open(config, &database).await {
        Ok(app) => demo::make(&app).await,
        Err(error) => Err(error),
    };
    database.close().await;
    let done = done?;
    if done.was_there() {
        println!("The demonstration is there; nothing was changed.");
    } else {
        print!("{}", done.report);
        println!("The demonstration is made: {} people are new.", done.people);
    }
    println!("Everybody signs in with the password {PASSWORD}:");
    for person in &PEOPLE {
        println!("  {:<32} {}", person.address(), person.name);
    }
    Ok(ExitCode::SUCCESS)
}

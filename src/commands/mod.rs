//! The command line: one file a command.

mod check;
mod demo;
mod group;
mod import;
mod mail;
mod migrate;
mod remind;
mod routes;
mod serve;
pub mod service;
pub mod user;

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Config;

/// What the program can be asked to do.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the pages, and send mail in the background
    Serve,
    /// Bring the database's schema up to date, then end
    Migrate,
    /// Send a test mail, read the mail log
    #[command(subcommand)]
    Mail(mail::Command),
    /// Import another tracker's dump; twice is the same as once
    Import(import::Arguments),
    /// Organizations, groups and their stored addresses
    Group(group::Arguments),
    /// Fill an empty database with the demonstration
    Demo,
    /// Print what must hold in the database and does not, one a line; silent if all holds
    Check,
    /// Print every route and who may come to it
    Routes(routes::Arguments),
    /// Write the reminders that are due, or print what would go on a day
    Remind(remind::Arguments),
    /// Add people, invite them, give them roles
    User(user::Arguments),
}

/// Runs one command; what went wrong is said in one line on standard error.
pub fn run(command: Command) -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(wrong) => {
            eprintln!("The configuration can't be used:\n{wrong}");
            return ExitCode::from(2);
        }
    };
    // one who fills a tracker waits for the end, not for each of its lines of history
    let is_filling = matches!(command, Command::Demo | Command::Import(_));
    service::log(&config, is_filling);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match command {
            Command::Serve => serve::run(config).await,
            Command::Migrate => migrate::run(config).await,
            Command::Mail(command) => mail::run(config, &command).await,
            Command::Import(arguments) => import::run(config, &arguments).await,
            Command::Group(arguments) => group::run(config, arguments).await,
            Command::Check => check::run(config).await,
            Command::Demo => demo::run(config).await,
            Command::Routes(arguments) => routes::run(config, &arguments),
            Command::Remind(arguments) => remind::run(config, &arguments).await,
            Command::User(arguments) => user::run(config, arguments).await,
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

//! `routes`: every route and who may come to it.

use std::process::ExitCode;

use crate::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::database;
use crate::web::router;

/// How to print it.
#[derive(clap::Args)]
pub struct Arguments {
    /// As JSON: a list of objects with method, path, access
    #[arg(long)]
    json: bool,
}

/// Runs it; needs no database.
///
/// # Errors
/// The table can't be written as JSON.
pub fn run(config: Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let pool = database::pool("postgres://localhost/none", 1, "liaison-tracker routes")?;
    let table = router::table(&App::new(config, pool, Clock::system()));
    if arguments.json {
        let rows: Vec<_> = table
            .iter()
            .map(|(method, path, access)| serde_json::json!({ "method": method.as_str(), "path": path, "access": access.as_str() }))
            .collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        for (method, path, access) in table {
            println!("{method:<5} {path:<60} {}", access.as_str());
        }
    }
    Ok(ExitCode::SUCCESS)
}

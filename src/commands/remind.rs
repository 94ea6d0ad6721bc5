//! `remind`: one run of the reminders, or a rehearsal of a day.

use std::process::ExitCode;

use chrono::NaiveDate;

use super::service;
use crate::config::Config;
use crate::reminders::run::{self, Report};

/// What to do.
#[derive(clap::Args)]
pub struct Arguments {
    /// Write what is due now, then end; the server does the same by itself
    #[arg(long, required_unless_present = "dry_run", conflicts_with = "dry_run")]
    once: bool,
    /// Print what would go, and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// The day of the rehearsal, such as 2026-03-14
    #[arg(long, value_name = "DATE", requires = "dry_run")]
    on: Option<NaiveDate>,
}

/// Runs it.
///
/// # Errors
/// The database's.
pub async fn run(config: Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let done = match service::open(config, &database).await {
        Ok(app) => {
            if arguments.once {
                crate::statements::actions::tidy(&app, &app.pool).await?;
            }
            let mut connection = app.pool.acquire().await?;
            let report = if arguments.dry_run {
                run::rehearse(&app, &mut connection, arguments.on.unwrap_or_else(|| app.today())).await
            } else {
                run::once(&app, &mut connection).await
            };
            report.map(|report| print(&report, arguments.dry_run))
        }
        Err(error) => Err(error),
    };
    database.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

fn print(report: &Report, is_rehearsal: bool) {
    let day = report.day.map_or_else(|| "another server is at it".to_owned(), |day| day.to_string());
    println!("{day}: {} {}", report.mails.len(), if is_rehearsal { "mails would go" } else { "mails written" });
    for mail in &report.mails {
        println!("\nTo: {}\nSubject: {}\n\n{}", mail.to, mail.subject, mail.body.trim_end());
    }
}

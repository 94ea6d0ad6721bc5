//! The demonstration: real public letters, made-up people, nothing that leaves.
//!
//! `liaison-tracker demo` can be run again at any time: it completes what is missing and changes nothing else.

mod contacts;
mod exchanges;
mod outgoing;
mod people;
mod store;

use anyhow::ensure;

use crate::App;
use crate::import::reader::Source;
use crate::import::report::Report;
use crate::import::{self, Options};

pub use people::{Made, PASSWORD, PEOPLE};

const ORGANIZATIONS: &[u8] = include_bytes!("../../demo/organizations.json");
const STATEMENTS: &[u8] = include_bytes!("../../demo/statements.json");
const BODIES: [(&str, &str); 2] = [
    ("reply-to-etsi-zsm-1914.txt", include_str!("../../demo/reply-to-etsi-zsm-1914.txt")),
    ("reply-to-itu-t-sg11-1983.txt", include_str!("../../demo/reply-to-itu-t-sg11-1983.txt")),
];

/// What a run did.
#[derive(Debug, Clone)]
pub struct Done {
    /// Of the import.
    pub report: Report,
    /// People that are new.
    pub people: usize,
    /// Stored addresses, notes and meetings that are new.
    pub facts: usize,
    /// Whether the live exchanges are new.
    pub exchanges: bool,
}

impl Done {
    /// Whether all of it was there already.
    pub fn was_there(&self) -> bool {
        let report = &self.report;
        report.groups + report.statements + report.relationships + report.former_acronyms + self.people + self.facts == 0 && !self.exchanges
    }
}

/// Fills the database with the demonstration.
///
/// # Errors
/// There are accounts that are not the demonstration's; the database's. What was made stays, and the next run completes it.
pub async fn make(app: &App) -> anyhow::Result<Done> {
    let others = store::other_accounts(&app.pool, &people::addresses()).await?;
    ensure!(others == 0, "there are {others} accounts here that are not the demonstration's: it is made in a database of its own only");
    store::mark(&app.pool).await?;
    let options = Options { dry_run: false, skip_unnumbered_without_home_side: true };
    let report = import::run(&app.pool, &app.clock, &source()?, options).await?;
    let people = people::make(app).await?;
    let facts = contacts::make(app).await?;
    app.set_ready().await?;
    let exchanges = !store::has_exchanges(&app.pool).await?;
    if exchanges {
        exchanges::exchanges(app).await?;
        outgoing::letters(app, 0..exchanges::BETWEEN).await?;
    }
    let exchanges = exchanges && store::has_exchanges(&app.pool).await?;
    Ok(Done { report, people, facts, exchanges })
}

/// The data that the program carries along.
///
/// # Errors
/// It can't be understood.
pub fn source() -> anyhow::Result<Source> {
    let mut source = Source::default();
    source.read_organizations(ORGANIZATIONS)?;
    source.read_statements(STATEMENTS)?;
    source.bodies.extend(BODIES.map(|(name, text)| (name.to_owned(), text.to_owned())));
    Ok(source)
}

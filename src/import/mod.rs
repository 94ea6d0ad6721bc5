//! Import of another tracker's dump: groups first, then statements, in batches.
//!
//! What is there already stays as it is, so twice is the same as once, and a run that was killed is completed
//! by the next. No mail is written, and nobody is reminded of what comes this way (domain.md 3, *Imported*).

pub mod groups;
pub mod mapping;
pub mod pages;
pub mod reader;
pub mod report;
mod store;

use std::collections::HashSet;

use serde_json::json;
use sqlx::PgPool;

use crate::clock::Clock;
use crate::history::{self, Actor, Audience, Entry};
use crate::statements::Direction;
use crate::statements::store::documents;
use mapping::{Known, StatementRow};
use reader::Source;
use report::Report;

/// Statements written in one transaction.
const BATCH: usize = 50;
/// Statements whose cited documents are found in one transaction.
const FOUND_AT_ONCE: i64 = 50;

/// How to import.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Write nothing, only say what would be done.
    pub dry_run: bool,
    /// Leave out statements that have neither a number nor a known group of the home organization.
    pub skip_unnumbered_without_home_side: bool,
}

/// Imports a dump. Can be called again at any time.
///
/// # Errors
/// The database's; what was written until then stays, and is taken up by the next run.
pub async fn run(pool: &PgPool, clock: &Clock, source: &Source, options: Options) -> anyhow::Result<Report> {
    let mut report = Report { is_dry_run: options.dry_run, ..Report::default() };
    for (what, text) in &source.unreadable {
        report.note("the files", what.clone(), text);
    }
    let known = groups::import(pool, source, options, &mut report).await?;
    let plan = plan(pool, source, &known, options, &mut report).await?;
    let actor = Actor { person_id: None, name: "Import".to_owned(), role: String::new() };
    if !options.dry_run {
        let highest = source.statements.iter().filter_map(|statement| statement.datatracker_number).max().unwrap_or(0);
        store::raise_counter(&mut *pool.acquire().await?, highest).await?;
    }
    for batch in plan.chunks(BATCH) {
        let mut transaction = if options.dry_run { None } else { Some(crate::database::begin(pool).await?) };
        for row in batch {
            if let Some(connection) = &mut transaction {
                let number = match row.number {
                    Some(number) => number,
                    None => store::next_number(connection).await?,
                };
                let statement_id = store::insert_statement(connection, row, number, &crate::random_text(17)?, clock.now()).await?;
                let entry = Entry {
                    statement_id: Some(statement_id),
                    person_id: None,
                    group_id: None,
                    actor: &actor,
                    event: "imported",
                    words: "took it over from another tracker",
                    changes: json!({}),
                    audience: Audience::Public,
                };
                history::record(connection, clock.now(), &entry).await?;
            }
            count(row, &mut report);
        }
        if let Some(transaction) = transaction {
            transaction.commit().await?;
        }
    }
    if !options.dry_run {
        link(pool, &mut report).await?;
        while documents::find_some(pool, FOUND_AT_ONCE).await? > 0 {}
    }
    Ok(report)
}

/// The statements that are to be written, in the order of the file.
async fn plan(pool: &PgPool, source: &Source, known: &Known, options: Options, report: &mut Report) -> sqlx::Result<Vec<StatementRow>> {
    let mut connection = pool.acquire().await?;
    let keys = store::known_keys(&mut connection).await?;
    let numbers: Vec<i32> =
        source.statements.iter().filter(|statement| !keys.contains(&statement.key)).filter_map(|statement| statement.datatracker_number).collect();
    let mut taken = store::taken_numbers(&mut connection, &numbers).await?;
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for statement in &source.statements {
        if keys.contains(&statement.key) {
            report.statements_known += 1;
            continue;
        }
        if !seen.insert(statement.key.clone()) {
            report.note(&statement.key, "the key stands twice in the file; the second is not imported", &statement.title);
            continue;
        }
        let mut notes = Report::default();
        let row = mapping::map(statement, known, &source.bodies, &mut notes);
        if options.skip_unnumbered_without_home_side && row.number.is_none() && !row.has_home_side {
            report.left_out += 1;
            continue;
        }
        if let Some(number) = row.number
            && !taken.insert(number)
        {
            report.note(&statement.key, format!("number {number} is taken; it is not imported"), &statement.title);
            continue;
        }
        report.unmapped.append(&mut notes.unmapped);
        rows.push(row);
    }
    Ok(rows)
}

fn count(row: &StatementRow, report: &mut Report) {
    report.statements += 1;
    match row.direction {
        Direction::Incoming => report.incoming += 1,
        Direction::Outgoing => report.outgoing += 1,
        Direction::BetweenOthers => report.between_others += 1,
    }
    report.newly_numbered += usize::from(row.number.is_none());
    report.attachments += row.attachments.len();
    report.actions += row.groups.iter().filter(|group| group.action.is_some() && group.group_id.is_some()).count();
}

/// Finds what answers answer; the earlier statement may have come later in the file, or in another import.
async fn link(pool: &PgPool, report: &mut Report) -> sqlx::Result<()> {
    let mut transaction = crate::database::begin(pool).await?;
    for answer in store::unlinked(&mut transaction).await? {
        let (number, normals) = mapping::sought(&answer.words);
        if let Some(earlier) = store::find_answered(&mut transaction, answer.statement_id, number, &normals, &answer.words).await? {
            report.linked += usize::from(store::link(&mut transaction, answer.relation_id, earlier).await?);
        }
    }
    transaction.commit().await
}

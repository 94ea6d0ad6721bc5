//! Reads a form with what the database knows of what it names, and proposes contacts from it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Months, NaiveDate};
use sqlx::PgConnection;

use crate::App;
use crate::ids::{GroupId, StatementId};
use crate::organizations::directory::Directory;
use crate::organizations::{self, GroupFacts};
use crate::statements::checks::{self, Checked, Told};
use crate::statements::contacts::propose;
use crate::statements::form::{Named, StatementForm};
use crate::statements::letter::{FileFacts, Letter};
use crate::statements::store::duplicates::{self, Sought, Twin};
use crate::statements::store::{draft, files};
use crate::statements::warnings::{Warning, warnings};
use crate::statements::{Direction, Side};
use crate::statements::{proposing, references};

/// A form, read: what its groups are, and what the rules say of it.
pub struct Reading {
    /// What the group fields name.
    pub named: Named,
    /// Facts of those groups.
    pub groups: HashMap<GroupId, GroupFacts>,
    /// Problems, other readings, and the letter where nothing is wrong.
    pub checked: Checked,
    /// What deserves a second look.
    pub warnings: Vec<Warning>,
    /// All groups.
    pub directory: Arc<Directory>,
}

/// Reads a form by the rules, with what the database knows of what it names.
///
/// # Errors
/// The database's.
pub async fn read(
    app: &App,
    connection: &mut PgConnection,
    direction: Direction,
    statement: Option<StatementId>,
    form: &StatementForm,
) -> anyhow::Result<Reading> {
    let directory = organizations::store::directory(&mut *connection).await?;
    let named = form.named(&directory);
    let groups = organizations::store::facts(&mut *connection, &named.group_ids()).await?;
    let answered = draft::posted_numbers(&mut *connection, &checks::answered_numbers(form)).await?;
    let files = match statement {
        Some(id) => file_facts(connection, id).await?,
        None => Vec::new(),
    };
    let today = app.today();
    let checked =
        checks::check(form, &Told { directory: &directory, named: &named, groups: &groups, answered: &answered, files: &files, direction, today });
    let warnings = match &checked.letter {
        Some(letter) => warnings(letter, &files, &twins(connection, statement, letter, today).await?, today),
        None => Vec::new(),
    };
    Ok(Reading { named, groups, checked, warnings, directory })
}

/// Posted statements that it may be the same as.
async fn twins(connection: &mut PgConnection, statement: Option<StatementId>, letter: &Letter, today: NaiveDate) -> sqlx::Result<Vec<Twin>> {
    let references: Vec<String> = letter.references.iter().map(|reference| references::normal(reference)).collect();
    let organizations: Vec<GroupId> = letter.from.iter().map(|sender| sender.group.organization_id).collect();
    let sought = Sought {
        statement_id: statement,
        title: &letter.title,
        since: today - Months::new(12),
        references: &references,
        organizations: &organizations,
    };
    duplicates::twins(connection, sought).await
}

async fn file_facts(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<FileFacts>> {
    let attachments = files::list(connection, id).await?;
    Ok(attachments
        .into_iter()
        .map(|file| FileFacts { n: file.n, file_name: file.file_name, alternative_of: file.alternative_of, media_type: file.media_type })
        .collect())
}

/// The groups a form names, by side.
pub fn sides(reading: &Reading) -> Vec<(Side, GroupId, String)> {
    let side = |side: Side, groups: &[(i64, String)]| groups.iter().map(move |(id, piece)| (side, GroupId(*id), piece.clone())).collect::<Vec<_>>();
    let named = &reading.named;
    let mut all = side(Side::From, &named.from.groups);
    all.extend(side(Side::To, &named.to.groups));
    all.extend(side(Side::Copy, &named.copy.groups));
    for copies in [&named.from.copies, &named.to.copies, &named.copy.copies] {
        all.extend(side(Side::Copy, copies));
    }
    all
}

/// Proposes the contacts of a form from the groups it names (domain.md 6).
///
/// # Errors
/// The database's.
pub async fn propose_contacts(
    app: &App,
    connection: &mut PgConnection,
    direction: Direction,
    reading: &Reading,
    form: &mut StatementForm,
) -> sqlx::Result<()> {
    let ids = reading.named.to.groups.iter().chain(&reading.named.from.groups).map(|(id, _)| GroupId(*id));
    let groups: Vec<&GroupFacts> = ids.filter_map(|id| reading.groups.get(&id)).collect();
    let (home, peers) = proposing::known(app, connection, &groups).await?;
    propose(form, direction, &home, &peers, &app.config.coordinators_address);
    Ok(())
}

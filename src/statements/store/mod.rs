//! SQL of statements: find, lock, write.

pub mod actions;
pub mod answers;
pub mod documents;
pub mod draft;
pub mod drafted_answers;
pub mod duplicates;
pub mod editing;
pub mod erasures;
pub mod exchanged;
pub mod files;
pub mod history;
pub mod list;
pub mod metadata;
pub mod passing;
pub mod receipt;
pub mod redirect;
pub mod remarks;
pub mod replies;
pub mod sharing;
pub mod sheet;
pub mod show;
pub mod signing;
pub mod steps;
pub mod thread;

use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::ids::{GroupId, PersonId, StatementId};
use crate::permissions::{Case, Party};
use crate::statements::{Direction, Side, State};

/// By what a statement is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// Its own key.
    Id(StatementId),
    /// The unguessable id of its draft.
    Draft(&'a str),
    /// Its public number.
    Number(i32),
}

/// A statement as it was found: where it is in its life, and what permissions ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its key.
    pub statement_id: StatementId,
    /// The unguessable id of its draft.
    pub draft_id: String,
    /// The number, once it is posted.
    pub number: Option<i32>,
    /// The newest version.
    pub version: i32,
    /// The round of sign-offs.
    pub round: i32,
    /// Grows with each change of what stands beside the text of a posted one.
    pub edition: i32,
    /// Its title.
    pub title: String,
    /// What permissions ask.
    pub case: Case,
}

/// A statement whose row this transaction holds. Only [`lock`] makes one; every write of state asks for it.
#[derive(Debug)]
pub struct Locked(Found);

impl std::ops::Deref for Locked {
    type Target = Found;

    fn deref(&self) -> &Found {
        &self.0
    }
}

#[derive(Debug, Deserialize)]
struct PartyRow {
    side: Side,
    group_id: GroupId,
    label: String,
    kind: String,
    is_home: bool,
    line: Vec<GroupId>,
}

/// Finds a statement and what permissions ask of it: one query.
///
/// # Errors
/// The database's.
pub async fn find(connection: &mut PgConnection, key: Key<'_>) -> sqlx::Result<Option<Found>> {
    let (id, draft_id, number) = match key {
        Key::Id(id) => (Some(id.0), None, None),
        Key::Draft(draft_id) => (None, Some(draft_id), None),
        Key::Number(number) => (None, None, Some(number)),
    };
    let row = sqlx::query!(
        r#"
        SELECT statements.statement_id, draft_id, number, version, round, edition, title, direction, state, author_id,
               (SELECT coalesce(json_agg(json_build_object(
                           'side', statement_groups.side, 'group_id', groups.group_id, 'label', groups.label,
                           'kind', groups.kind, 'is_home', groups.is_home,
                           'line', (SELECT json_agg(ancestor_id ORDER BY distance) FROM group_ancestors
                                     WHERE group_ancestors.group_id = groups.group_id))
                           ORDER BY statement_groups.side, statement_groups.position), '[]')
                  FROM statement_groups
                  JOIN groups USING (group_id)
                 WHERE statement_groups.statement_id = statements.statement_id) AS "parties!: Json<Vec<PartyRow>>",
               (SELECT coalesce(array_agg(assignee_id), '{}')
                  FROM actions
                 WHERE actions.statement_id = statements.statement_id
                   AND assignee_id IS NOT NULL) AS "assignees!: Vec<i64>",
               CASE WHEN state IN ('draft', 'in-review') THEN statement_readers(statement_id) ELSE '{}' END AS "readers!: Vec<i64>"
          FROM statements
         WHERE statement_id = coalesce($1::bigint, (SELECT statement_id FROM statements WHERE draft_id = $2::text),
                                       (SELECT statement_id FROM statements WHERE number = $3::integer))
        "#,
        id,
        draft_id,
        number
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let parties = row.parties.0.into_iter().map(|party| Party {
            side: party.side,
            group_id: party.group_id,
            label: party.label,
            kind: party.kind,
            is_home: party.is_home,
            line: party.line,
        });
        Ok(Found {
            statement_id: StatementId(row.statement_id),
            draft_id: row.draft_id,
            number: row.number,
            version: row.version,
            round: row.round,
            edition: row.edition,
            title: row.title,
            case: Case {
                direction: known(Direction::parse(&row.direction), "direction", &row.direction)?,
                state: known(State::parse(&row.state), "state", &row.state)?,
                author_id: row.author_id.map(PersonId),
                assignees: row.assignees.into_iter().map(PersonId).collect(),
                parties: parties.collect(),
                readers: row.readers.into_iter().map(PersonId).collect(),
            },
        })
    })
    .transpose()
}

/// Finds a statement and holds its row until the transaction ends.
///
/// # Errors
/// The database's; another transaction holds it for longer than the lock time-out.
pub async fn lock(connection: &mut PgConnection, draft_id: &str) -> sqlx::Result<Option<Locked>> {
    let held = sqlx::query_scalar!("SELECT statement_id FROM statements WHERE draft_id = $1 FOR NO KEY UPDATE", draft_id)
        .fetch_optional(&mut *connection)
        .await?;
    match held {
        Some(id) => Ok(find(connection, Key::Id(StatementId(id))).await?.map(Locked)),
        None => Ok(None),
    }
}

/// Finds a posted statement by its number and holds its row until the transaction ends.
///
/// # Errors
/// The database's; another transaction holds it for longer than the lock time-out.
pub async fn lock_posted(connection: &mut PgConnection, number: i32) -> sqlx::Result<Option<Locked>> {
    let held = sqlx::query_scalar!("SELECT statement_id FROM statements WHERE number = $1 AND state = 'posted' FOR NO KEY UPDATE", number)
        .fetch_optional(&mut *connection)
        .await?;
    match held {
        Some(id) => Ok(find(connection, Key::Id(StatementId(id))).await?.map(Locked)),
        None => Ok(None),
    }
}

/// An UPDATE says how many rows it expects; another count is an error that names table and key.
fn expect_one(rows: u64, table: &str, id: StatementId) -> sqlx::Result<()> {
    if rows == 1 { Ok(()) } else { Err(sqlx::Error::Protocol(format!("{rows} rows of {table} changed where one was meant, statement {id}"))) }
}

/// A value of a closed list as the database has it; the CHECK there holds the same list.
fn known<T>(value: Option<T>, column: &str, text: &str) -> sqlx::Result<T> {
    value.ok_or_else(|| sqlx::Error::Decode(format!("{column} holds {text:?}, which this program does not know").into()))
}

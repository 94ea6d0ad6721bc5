//! Append-only history: who, as what, when, what, for whom to read.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use crate::ids::{GroupId, PersonId, StatementId};

/// Who may read a line of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Public,
    /// Those concerned by the statement (domain.md 1).
    Concerned,
    /// Coordinators and secretariat.
    Staff,
}

impl Audience {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Concerned => "concerned",
            Self::Staff => "staff",
        }
    }
}

/// Who does something: a person in a role, or the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// None: the system.
    pub person_id: Option<PersonId>,
    /// Name at that time.
    pub name: String,
    /// The role acted in, in words.
    pub role: String,
}

impl Actor {
    /// The tracker itself.
    pub fn system() -> Self {
        Self { person_id: None, name: "Liaison Tracker".to_owned(), role: String::new() }
    }
}

/// One line to be written.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The statement it is about.
    pub statement_id: Option<StatementId>,
    /// The person it is about, of accounts and roles.
    pub person_id: Option<PersonId>,
    /// The group it is about.
    pub group_id: Option<GroupId>,
    /// Who did it.
    pub actor: &'a Actor,
    /// A short name for code: "submitted", "posted", "password-changed".
    pub event: &'a str,
    /// A sentence for people, without the actor: "submitted it for the check before posting".
    pub words: &'a str,
    /// Old and new values.
    pub changes: Value,
    /// For whom to read.
    pub audience: Audience,
}

/// What the tracker itself did to a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// The statement.
    pub statement_id: StatementId,
    /// A short name for code.
    pub event: &'static str,
    /// A sentence for people.
    pub words: String,
    /// Old and new values.
    pub changes: Value,
    /// For whom to read.
    pub audience: Audience,
}

/// Writes what the tracker itself did, in its order.
///
/// # Errors
/// The database's.
pub async fn note_all(connection: &mut PgConnection, at: DateTime<Utc>, noted: &[Noted]) -> sqlx::Result<()> {
    let system = Actor::system();
    let entries: Vec<Entry<'_>> = noted
        .iter()
        .map(|one| Entry {
            statement_id: Some(one.statement_id),
            person_id: None,
            group_id: None,
            actor: &system,
            event: one.event,
            words: &one.words,
            changes: one.changes.clone(),
            audience: one.audience,
        })
        .collect();
    record_all(connection, at, &entries).await
}

/// Writes a line, in the transaction of the change it tells of.
///
/// # Errors
/// The database's.
pub async fn record(connection: &mut PgConnection, at: DateTime<Utc>, entry: &Entry<'_>) -> sqlx::Result<()> {
    record_all(connection, at, std::slice::from_ref(entry)).await
}

/// Writes lines, in their order.
///
/// # Errors
/// The database's.
pub async fn record_all(connection: &mut PgConnection, at: DateTime<Utc>, entries: &[Entry<'_>]) -> sqlx::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let keys = |of: fn(&Entry<'_>) -> Option<i64>| entries.iter().map(of).collect::<Vec<_>>();
    let texts = |of: for<'a, 'b> fn(&'a Entry<'b>) -> &'a str| entries.iter().map(|entry| of(entry).to_owned()).collect::<Vec<_>>();
    let changes: Vec<Value> = entries.iter().map(|entry| entry.changes.clone()).collect();
    sqlx::query!(
        "INSERT INTO history (at, statement_id, person_id, group_id, actor_id, actor_name, actor_role, event, words, changes, audience)
         SELECT $1, statement_id, person_id, group_id, actor_id, actor_name, actor_role, event, words, changes, audience
           FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::text[])
                WITH ORDINALITY AS line (statement_id, person_id, group_id, actor_id, actor_name, actor_role, event, words, changes, audience, position)
          ORDER BY position",
        at,
        &keys(|entry| entry.statement_id.map(|id| id.0)) as &[Option<i64>],
        &keys(|entry| entry.person_id.map(|id| id.0)) as &[Option<i64>],
        &keys(|entry| entry.group_id.map(|id| id.0)) as &[Option<i64>],
        &keys(|entry| entry.actor.person_id.map(|id| id.0)) as &[Option<i64>],
        &texts(|entry| &entry.actor.name),
        &texts(|entry| &entry.actor.role),
        &texts(|entry| entry.event),
        &texts(|entry| entry.words),
        &changes,
        &texts(|entry| entry.audience.as_str())
    )
    .execute(connection)
    .await?;
    for entry in entries {
        // who did what, without a word that anybody wrote
        tracing::info!(
            event = entry.event,
            actor = entry.actor.person_id.map(|id| id.0),
            person = entry.person_id.map(|id| id.0),
            group = entry.group_id.map(|id| id.0),
            statement = entry.statement_id.map(|id| id.0),
            "recorded"
        );
    }
    Ok(())
}

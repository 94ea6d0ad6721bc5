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

/// Writes a line, in the transaction of the change it tells of.
///
/// # Errors
/// The database's.
pub async fn record(connection: &mut PgConnection, at: DateTime<Utc>, entry: &Entry<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO history (at, statement_id, person_id, group_id, actor_id, actor_name, actor_role, event, words, changes, audience)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        at,
        entry.statement_id.map(|id| id.0),
        entry.person_id.map(|id| id.0),
        entry.group_id.map(|id| id.0),
        entry.actor.person_id.map(|id| id.0),
        entry.actor.name,
        entry.actor.role,
        entry.event,
        entry.words,
        entry.changes,
        entry.audience.as_str()
    )
    .execute(connection)
    .await?;
    // who did what, without a word that anybody wrote
    tracing::info!(
        event = entry.event,
        actor = entry.actor.person_id.map(|id| id.0),
        person = entry.person_id.map(|id| id.0),
        group = entry.group_id.map(|id| id.0),
        statement = entry.statement_id.map(|id| id.0),
        "recorded"
    );
    Ok(())
}

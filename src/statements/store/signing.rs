//! SQL of sign-offs beside their rows: hold, what left without approval.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

use super::{Locked, expect_one};
use crate::ids::{GroupId, PersonId, StatementId};
use crate::permissions::Asked;
use crate::statements::SignOffKind;

/// A sign-off of a posted statement: given, objected to, or of what left without it still open.
#[derive(Debug, Clone, Deserialize)]
pub struct Signed {
    /// What was asked for.
    pub kind: SignOffKind,
    /// At which group.
    pub group_id: Option<GroupId>,
    /// `given`, `objected`, or open.
    pub state: String,
    /// The name of who decided it.
    pub by: Option<String>,
    /// As what.
    #[serde(rename = "as")]
    pub role: String,
    /// When; none: it is open.
    pub at: Option<DateTime<Utc>>,
    /// What is objected to.
    pub words: String,
    /// For whoever holds the row's own role.
    pub is_standing_in: bool,
    /// Who entered what was given elsewhere; none: nobody.
    pub entered_by: Option<String>,
    /// As what.
    pub entered_as: String,
    /// Evidence of that.
    pub evidence: String,
}

/// The text of a statement.
///
/// # Errors
/// The database's.
pub async fn text(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<String> {
    sqlx::query_scalar!("SELECT body FROM statements WHERE statement_id = $1", id.0).fetch_one(connection).await
}

/// The label of a row's group; empty: of none.
///
/// # Errors
/// The database's.
pub async fn label(connection: &mut PgConnection, row: Asked) -> sqlx::Result<String> {
    let Some(group) = row.at else { return Ok(String::new()) };
    sqlx::query_scalar!("SELECT label FROM groups WHERE group_id = $1", group.0).fetch_one(connection).await
}

/// The name of who submitted a statement last.
///
/// # Errors
/// The database's.
pub async fn submitter(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<String> {
    let name = sqlx::query_scalar!("SELECT people.name FROM statements JOIN people ON people.person_id = submitted_by WHERE statement_id = $1", id.0);
    Ok(name.fetch_optional(connection).await?.unwrap_or_default())
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Since when.
    pub at: DateTime<Utc>,
    /// By whom, and as what.
    pub by: String,
    /// Why.
    pub why: String,
}

/// The hold of a statement in review, if there is one.
///
/// # Errors
/// The database's.
pub async fn hold_of(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Option<Hold>> {
    let row = sqlx::query!(
        r#"SELECT held_at, people.name AS "name?", held_as, held_why FROM statements LEFT JOIN people ON people.person_id = held_by WHERE statement_id = $1"#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(row.held_at.map(|at| Hold {
        at,
        by: match row.name {
            Some(name) if row.held_as.is_empty() => name,
            Some(name) => format!("{name}, {}", row.held_as),
            None => row.held_as,
        },
        why: row.held_why,
    }))
}

/// Holds it, or releases it.
///
/// # Errors
/// The database's.
pub async fn set_hold(connection: &mut PgConnection, held: &Locked, hold: Option<(PersonId, &str, &str)>, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE statements SET held_at = $2, held_by = $3, held_as = $4, held_why = $5 WHERE statement_id = $1 AND state = 'in-review'",
        held.statement_id.0,
        hold.map(|_| at),
        hold.map(|(person, _, _)| person.0),
        hold.map_or("", |(_, role, _)| role),
        hold.map_or("", |(_, _, why)| why)
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)
}

/// Whether it had left without approval.
///
/// # Errors
/// The database's.
pub async fn is_without_approval(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<bool> {
    sqlx::query_scalar!("SELECT without_approval FROM statements WHERE statement_id = $1", id.0).fetch_one(connection).await
}

/// Marks that it had left without approval; the approval's row stays open.
///
/// # Errors
/// The database's.
pub async fn set_without_approval(connection: &mut PgConnection, held: &Locked) -> sqlx::Result<()> {
    let done = sqlx::query!("UPDATE statements SET without_approval = true WHERE statement_id = $1 AND state = 'in-review'", held.statement_id.0)
        .execute(connection)
        .await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)
}

/// Notes when its group was informed, where the author left it empty.
///
/// # Errors
/// The database's.
pub async fn set_informed(connection: &mut PgConnection, held: &Locked, day: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!("UPDATE statements SET informed_on = $2 WHERE statement_id = $1 AND informed_on IS NULL", held.statement_id.0, day)
        .execute(connection)
        .await?;
    Ok(())
}

/// Who submitted it last.
///
/// # Errors
/// The database's.
pub async fn submitted_by(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Option<PersonId>> {
    let person = sqlx::query_scalar!("SELECT submitted_by FROM statements WHERE statement_id = $1", id.0).fetch_one(connection).await?;
    Ok(person.map(PersonId))
}

/// When its group was informed, as its author or an approver said.
///
/// # Errors
/// The database's.
pub async fn informed_on(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Option<NaiveDate>> {
    sqlx::query_scalar!("SELECT informed_on FROM statements WHERE statement_id = $1", id.0).fetch_one(connection).await
}

/// The version that a person last signed, given or void by now, in an earlier round, and when. None: they signed none.
///
/// # Errors
/// The database's.
pub async fn last_signed(connection: &mut PgConnection, found: &super::Found, person: PersonId) -> sqlx::Result<Option<(i32, DateTime<Utc>)>> {
    let row = sqlx::query!(
        r#"
        SELECT version, decided_at AS "decided_at!"
          FROM sign_offs
         WHERE statement_id = $1
           AND round < $2
           AND decided_by = $3
           AND decided_at IS NOT NULL
           AND state IN ('given', 'void')
         ORDER BY round DESC, decided_at DESC
         LIMIT 1
        "#,
        found.statement_id.0,
        found.round,
        person.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.version, row.decided_at)))
}

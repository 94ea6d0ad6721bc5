//! SQL of who else sees to a posted statement: *not for us*, redirected, the lead.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::actions::Part;
use super::{Locked, expect_one};
use crate::ids::{GroupId, PersonId};

/// Notes that the group says it is not for them.
///
/// # Errors
/// The database's.
pub async fn refuse(connection: &mut PgConnection, held: &Locked, part: &Part, by: PersonId, words: &str, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE actions SET refused_at = $2, refused_by = $3, refused_words = $4, version = version + 1 WHERE action_id = $1",
        part.action_id.0,
        at,
        by.0,
        words
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "actions", held.statement_id)
}

/// Decides that it stays with the group.
///
/// # Errors
/// The database's.
pub async fn keep(connection: &mut PgConnection, held: &Locked, part: &Part) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE actions SET refused_at = NULL, refused_by = NULL, refused_words = '', version = version + 1 WHERE action_id = $1",
        part.action_id.0
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "actions", held.statement_id)
}

/// Ends the part as redirected; the other group is an addressee from now on, with the same purpose and deadline, and leads.
/// False: it was one already, and only leads.
///
/// # Errors
/// The database's.
pub async fn redirect(
    connection: &mut PgConnection,
    held: &Locked,
    part: &Part,
    to: (GroupId, &str),
    words: &str,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE actions
            SET state = 'redirected', words = $2, redirected_to = $3, closed_at = $4, paused_on = NULL, resumes_on = NULL, version = version + 1
          WHERE action_id = $1",
        part.action_id.0,
        words,
        to.0.0,
        at
    )
    .execute(&mut *connection)
    .await?;
    expect_one(done.rows_affected(), "actions", held.statement_id)?;
    let added = sqlx::query_scalar!(
        "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label, purpose, asked, added_at)
         SELECT $1, 'to', max(statement_groups.position) + 1, $2, '', $3, $4, '', $5
           FROM statement_groups
          WHERE statement_id = $1 AND side = 'to'
         HAVING NOT bool_or(statement_groups.group_id = $2)
         RETURNING statement_group_id",
        held.statement_id.0,
        to.0.0,
        to.1,
        part.purpose.as_str(),
        at
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(place) = added {
        let action = sqlx::query_scalar!(
            "INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, made_at) VALUES ($1, $2, $3, $4, 'open', $5) RETURNING action_id",
            held.statement_id.0,
            place,
            to.0.0,
            part.purpose.as_str(),
            at
        )
        .fetch_one(&mut *connection)
        .await?;
        sqlx::query!(
            "INSERT INTO deadlines (action_id, due_on, words, kind, agreed_with, link, made_at)
             SELECT $2, due_on, words, kind, agreed_with, link, $3 FROM deadlines WHERE action_id = $1 AND superseded_at IS NULL",
            part.action_id.0,
            action,
            at
        )
        .execute(&mut *connection)
        .await?;
    }
    lead(connection, held, to.0).await?;
    Ok(added.is_some())
}

/// Makes an addressee the one that sees to the answer.
///
/// # Errors
/// The database's.
pub async fn lead(connection: &mut PgConnection, held: &Locked, group: GroupId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE statement_groups SET is_lead = false WHERE statement_id = $1 AND is_lead AND group_id <> $2", held.statement_id.0, group.0)
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query!(
        "UPDATE statement_groups SET is_lead = true WHERE statement_id = $1 AND side = 'to' AND group_id = $2",
        held.statement_id.0,
        group.0
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "statement_groups", held.statement_id)
}

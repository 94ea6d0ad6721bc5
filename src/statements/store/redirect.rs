//! SQL of who else sees to a posted statement: *not for us*, redirected, the lead.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::actions::Part;
use super::{Locked, expect_one};
use crate::ids::{GroupId, PersonId};
use crate::statements::{Handling, Purpose};

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

/// Ends the part as redirected; the other group has it from now on, with the same purpose and deadline. It leads where the
/// part did, or where it was an addressee already.
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
) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE actions
            SET state = 'redirected', words = $2, redirected_to = $3, closed_at = $4, paused_on = NULL, resumes_on = NULL,
                refused_at = NULL, refused_by = NULL, refused_words = '', version = version + 1
          WHERE action_id = $1",
        part.action_id.0,
        words,
        to.0.0,
        at
    )
    .execute(&mut *connection)
    .await?;
    expect_one(done.rows_affected(), "actions", held.statement_id)?;
    let place = sqlx::query!(
        r#"
        SELECT statement_group_id, action_id AS "action_id?", actions.state AS "state?", actions.purpose AS "purpose?"
          FROM statement_groups
          LEFT JOIN actions USING (statement_group_id)
         WHERE statement_groups.statement_id = $1 AND side = 'to' AND statement_groups.group_id = $2
        "#,
        held.statement_id.0,
        to.0.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let is_added = place.is_none();
    let runs = |state: Option<&str>| state.and_then(Handling::parse).is_some_and(Handling::is_open);
    match place {
        // it sees to the same, or to more, already
        Some(place)
            if runs(place.state.as_deref()) && (place.purpose.as_deref() == Some("for-action") || part.purpose == Purpose::ForInformation) => {}
        Some(place) => match place.action_id {
            Some(action) => {
                sqlx::query!(
                    "UPDATE actions
                        SET state = 'open', purpose = CASE WHEN $2 = 'for-action' THEN $2 ELSE purpose END, words = '', link = '', closed_at = NULL,
                            paused_on = NULL, resumes_on = NULL, told_at = NULL, redirected_to = NULL, refused_at = NULL, refused_by = NULL,
                            refused_words = '', open_since = $3, version = version + 1
                      WHERE action_id = $1",
                    action,
                    part.purpose.as_str(),
                    at
                )
                .execute(&mut *connection)
                .await?;
                copy_deadline(connection, part, action, at).await?;
            }
            None => insert(connection, held, part, to.0, place.statement_group_id, at).await?,
        },
        None => {
            let place = sqlx::query_scalar!(
                "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label, purpose, asked, added_at)
                 SELECT $1, 'to', max(statement_groups.position) + 1, $2, '', $3, $4, '', $5
                   FROM statement_groups
                  WHERE statement_id = $1 AND side = 'to'
                 RETURNING statement_group_id",
                held.statement_id.0,
                to.0.0,
                to.1,
                part.purpose.as_str(),
                at
            )
            .fetch_one(&mut *connection)
            .await?;
            insert(connection, held, part, to.0, place, at).await?;
        }
    }
    let nobody_leads = sqlx::query_scalar!(
        r#"SELECT NOT EXISTS (SELECT 1 FROM statement_groups WHERE statement_id = $1 AND is_lead) AS "nobody!""#,
        held.statement_id.0
    )
    .fetch_one(&mut *connection)
    .await?;
    if part.is_lead || !is_added || nobody_leads {
        lead(connection, held, to.0).await?;
    }
    Ok(())
}

async fn insert(connection: &mut PgConnection, held: &Locked, part: &Part, group: GroupId, place: i64, at: DateTime<Utc>) -> sqlx::Result<()> {
    let action = sqlx::query_scalar!(
        "INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, made_at) VALUES ($1, $2, $3, $4, 'open', $5) RETURNING action_id",
        held.statement_id.0,
        place,
        group.0,
        part.purpose.as_str(),
        at
    )
    .fetch_one(&mut *connection)
    .await?;
    copy_deadline(connection, part, action, at).await
}

/// The part's deadline, for an action that has none of its own.
async fn copy_deadline(connection: &mut PgConnection, part: &Part, action: i64, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO deadlines (action_id, due_on, words, kind, agreed_with, link, made_at)
         SELECT $2, due_on, words, kind, agreed_with, link, $3
           FROM deadlines
          WHERE action_id = $1 AND superseded_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM deadlines AS own WHERE own.action_id = $2 AND own.superseded_at IS NULL)",
        part.action_id.0,
        action,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
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

//! SQL of what is said about a statement, and of its removal.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Locked, expect_one};
use crate::ids::{PersonId, StatementId};
use crate::mail::Recipient;

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// When.
    pub made_at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// As what.
    pub made_as: String,
    /// What.
    pub words: String,
    /// For those concerned only.
    pub is_private: bool,
}

/// The comments on a statement, the oldest first; the private ones only where they are asked for.
///
/// # Errors
/// The database's.
pub async fn comments(connection: &mut PgConnection, id: StatementId, with_private: bool) -> sqlx::Result<Vec<Comment>> {
    sqlx::query_as!(
        Comment,
        r#"
        SELECT comments.made_at, people.name AS by, made_as, words, audience = 'concerned' AS "is_private!"
          FROM comments
          JOIN people USING (person_id)
         WHERE statement_id = $1
           AND (audience = 'public' OR $2)
         ORDER BY comment_id
         LIMIT 500
        "#,
        id.0,
        with_private
    )
    .fetch_all(connection)
    .await
}

/// Adds a comment; false: the same person just said the same.
///
/// # Errors
/// The database's.
pub async fn comment(
    connection: &mut PgConnection,
    held: &Locked,
    by: (PersonId, &str),
    words: &str,
    is_private: bool,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO comments (statement_id, made_at, person_id, made_as, words, audience)
         SELECT $1, $2, $3, $4, $5, CASE WHEN $6 THEN 'concerned' ELSE 'public' END
          WHERE NOT EXISTS (SELECT 1 FROM comments WHERE statement_id = $1 AND person_id = $3 AND words = $5
                               AND audience = CASE WHEN $6 THEN 'concerned' ELSE 'public' END)",
        held.statement_id.0,
        at,
        by.0.0,
        by.1,
        words,
        is_private
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a removal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ended {
    /// Open parts of addressees.
    pub actions: i64,
    /// Mails that have not left.
    pub mails: i64,
}

/// What a removal would end.
///
/// # Errors
/// The database's.
pub async fn would_end(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Ended> {
    sqlx::query_as!(
        Ended,
        r#"
        SELECT (SELECT count(*) FROM actions WHERE statement_id = $1 AND state IN ('open', 'in-progress', 'waiting', 'awaited')) AS "actions!",
               (SELECT count(*) FROM mail_deliveries JOIN mails USING (mail_id) WHERE mails.statement_id = $1 AND state = 'queued') AS "mails!"
        "#,
        id.0
    )
    .fetch_one(connection)
    .await
}

/// Takes a posted statement out of everything public; its open parts end, its mails that wait do not go.
///
/// # Errors
/// The database's.
pub async fn remove(connection: &mut PgConnection, held: &Locked, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE actions SET state = 'removed', closed_at = $2, paused_on = NULL, resumes_on = NULL, version = version + 1
          WHERE statement_id = $1 AND state IN ('open', 'in-progress', 'waiting', 'awaited')",
        held.statement_id.0,
        at
    )
    .execute(&mut *connection)
    .await?;
    let done = sqlx::query!(
        "UPDATE statements SET state = 'removed', changed_at = $2 WHERE statement_id = $1 AND state = 'posted'",
        held.statement_id.0,
        at
    )
    .execute(&mut *connection)
    .await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)?;
    sqlx::query!(
        "UPDATE mail_deliveries
            SET state = 'cancelled', ended_at = $2, server_words = 'Not sent: the statement was removed', leased_until = NULL, lease_holder = NULL
           FROM mails
          WHERE mails.mail_id = mail_deliveries.mail_id AND mails.statement_id = $1 AND mail_deliveries.state = 'queued'",
        held.statement_id.0,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whoever got the mail at posting.
///
/// # Errors
/// The database's.
pub async fn mailed_at_posting(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<Recipient>> {
    let rows = sqlx::query!(
        "SELECT recipient, mail_deliveries.person_id, why
           FROM mail_deliveries
           JOIN mails USING (mail_id)
          WHERE mails.statement_id = $1
            AND event LIKE '%-posted'
            AND why <> 'archive'
          ORDER BY mail_delivery_id",
        id.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Recipient { address: row.recipient, person_id: row.person_id.map(PersonId), why: row.why }).collect())
}

//! SQL of a statement's history, as its pages show it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::ids::StatementId;

/// A line of history, as its page shows it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its key, by which older ones are asked for.
    pub history_id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// As what.
    pub role: String,
    /// A short name for code.
    pub event: String,
    /// What, without the actor.
    pub words: String,
    /// What only those concerned read of it: values that are not public, reasons.
    pub detail: String,
    /// `public`, `concerned` or `staff`.
    pub audience: String,
}

/// Lines of history a page shows.
pub const HISTORY_LINES: i64 = 20;

/// History, newest first: what these audiences may read, not before an instant, older than a line. One more than
/// [`HISTORY_LINES`], so that a page knows whether there are more.
///
/// # Errors
/// The database's.
pub async fn history(
    connection: &mut PgConnection,
    statement_id: StatementId,
    audiences: &[String],
    since: Option<DateTime<Utc>>,
    before: Option<i64>,
) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"
        SELECT history_id, at, actor_name AS actor, actor_role AS role, event, words, audience,
               CASE WHEN 'concerned' = ANY ($2) THEN coalesce(changes ->> 'detail', '') ELSE '' END AS "detail!"
          FROM history
         WHERE statement_id = $1
           AND audience = ANY($2)
           AND at >= coalesce($3, '-infinity'::timestamptz)
           AND history_id < coalesce($4, 9223372036854775807)
         ORDER BY history_id DESC
         LIMIT $5
        "#,
        statement_id.0,
        audiences,
        since,
        before,
        HISTORY_LINES + 1
    )
    .fetch_all(connection)
    .await
}

/// Why and when a statement was removed.
///
/// # Errors
/// The database's.
pub async fn removal(connection: &mut PgConnection, statement_id: StatementId) -> sqlx::Result<Option<(DateTime<Utc>, String)>> {
    let row = sqlx::query!(
        "SELECT at, words FROM history WHERE statement_id = $1 AND event = 'removed' AND audience = 'public' ORDER BY history_id DESC LIMIT 1",
        statement_id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.at, row.words)))
}

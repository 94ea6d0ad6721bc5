//! Takes away what has expired and nobody can see any more.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use crate::people::store::sessions;

/// How many rows went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Sign-ins.
    pub sessions: u64,
    /// One-time links.
    pub links: u64,
    /// Stored files.
    pub files: u64,
}

/// Sessions and links past their time, and files that were uploaded an hour ago and belong to nothing.
///
/// # Errors
/// The database's.
pub async fn expired(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Counts> {
    let idle = now - TimeDelta::days(sessions::IDLE_DAYS);
    let sessions = sqlx::query!("DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2", now, idle).execute(pool).await?.rows_affected();
    sqlx::query!("DELETE FROM sign_in_tries WHERE paid_at <= $1", now).execute(pool).await?;
    // used and expired links are kept a day, so that their page can say what happened to them
    let links =
        sqlx::query!("DELETE FROM one_time_links WHERE expires_at <= $1::timestamptz - INTERVAL '1 day'", now).execute(pool).await?.rows_affected();
    // file by file: each takes its chunks along, up to 25 MB
    let mut files = 0;
    loop {
        let done = sqlx::query!(
            r#"
            DELETE FROM files
             WHERE file_id = (
                   SELECT file_id
                     FROM files
                    WHERE stored_at <= $1::timestamptz - INTERVAL '1 hour'
                      AND NOT EXISTS (SELECT 1 FROM attachments WHERE attachments.file_id = files.file_id)
                    LIMIT 1
                      FOR UPDATE SKIP LOCKED)
            "#,
            now
        )
        .execute(pool)
        .await?
        .rows_affected();
        if done == 0 {
            return Ok(Counts { sessions, links, files });
        }
        files += done;
    }
}

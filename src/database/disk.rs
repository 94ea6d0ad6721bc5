//! Whether the database's disk is full: noticed where a change fails by it, over when a trial succeeds.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::seldom::Seldom;

/// What is known of the disk.
#[derive(Debug)]
pub struct Disk {
    full_since: RwLock<Option<DateTime<Utc>>>,
    said: Seldom,
}

impl Default for Disk {
    fn default() -> Self {
        Self { full_since: RwLock::default(), said: Seldom::each(Duration::from_mins(1)) }
    }
}

impl Disk {
    /// Notes that a change failed for want of room; says so once a minute.
    pub fn is_full(&self, now: DateTime<Utc>) {
        let since = *self.full_since.write().unwrap_or_else(PoisonError::into_inner).get_or_insert(now);
        if self.said.is_due() {
            tracing::error!(%since, "the database's disk is full: pages can be read, nothing can be saved");
        }
    }

    /// Since when nothing can be saved; none: it can, as far as is known. Tries it where it could not.
    pub async fn full_since(&self, pool: &PgPool) -> Option<DateTime<Utc>> {
        let since = (*self.full_since.read().unwrap_or_else(PoisonError::into_inner))?;
        match take_room(pool).await {
            Ok(()) => {
                *self.full_since.write().unwrap_or_else(PoisonError::into_inner) = None;
                tracing::info!(%since, "the database's disk has room again");
                None
            }
            Err(_) => Some(since),
        }
    }
}

/// Whether an error says that the database's disk is full.
pub fn is_full(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| match cause.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::Database(database)) => database.code().as_deref() == Some("53100"),
        _ => false,
    })
}

/// Takes a quarter of a megabyte, and gives it back.
async fn take_room(pool: &PgPool) -> sqlx::Result<()> {
    let mut transaction = super::begin(pool).await?;
    let sql = "CREATE TEMP TABLE room ON COMMIT DROP AS SELECT repeat(md5(n::text), 200) AS bytes FROM generate_series(1, 40) AS n";
    sqlx::query(sql).execute(&mut *transaction).await?;
    transaction.rollback().await
}

//! SQL of the desk; it looks across, and writes nothing.

use chrono::NaiveDate;
use sqlx::PgPool;

use crate::people::Viewer;

/// How many things wait for a person.
///
/// # Errors
/// The database's.
pub async fn count(_pool: &PgPool, _viewer: &Viewer, _today: NaiveDate) -> sqlx::Result<i64> {
    Ok(0)
}

/// One thing that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What is to be done: "Approve", "Reply".
    pub verb: String,
    /// Class of its colour.
    pub tone: String,
    /// Title of the statement or draft.
    pub title: String,
    /// Where it is done.
    pub url: String,
    /// By when, as whom.
    pub detail: String,
}

/// What waits for a person, most urgent first.
///
/// # Errors
/// The database's.
pub async fn rows(_pool: &PgPool, _viewer: &Viewer, _today: NaiveDate, _limit: i64) -> sqlx::Result<Vec<Waiting>> {
    Ok(Vec::new())
}

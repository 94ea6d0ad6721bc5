//! SQL of what stands beside what waits: drafts, reports made, what peers owe; all of it in one query.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::PgPool;
use sqlx::types::Json;

use super::Reach;
use crate::people::Viewer;
use crate::statements::form::StatementForm;

/// A draft or statement in review that the person began.
#[derive(Debug, Clone, Deserialize)]
pub struct DraftRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its title.
    pub title: String,
    /// `draft`, `in-review` or `abandoned`.
    pub state: String,
    /// When it was last saved.
    pub changed_at: DateTime<Utc>,
    /// Whether it is from us to a peer.
    pub is_outgoing: bool,
    /// As it was last saved.
    pub form: StatementForm,
    /// Whether there are files.
    pub has_files: bool,
}

/// A draft that waits for its sender.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WaitingRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its title, perhaps empty.
    pub title: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What the sender was asked.
    pub asked: String,
}

/// A draft to a peer that the person manages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PeerDraftRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its title, perhaps empty.
    pub title: String,
    /// Who drafts it.
    pub author: String,
    /// For which groups.
    pub from_text: String,
    /// When it was last saved.
    pub changed_at: DateTime<Utc>,
    /// The day by which an answer is asked for.
    pub due_on: Option<NaiveDate>,
}

/// What a peer was asked, and has not answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AwaitedRow {
    /// Number of the statement.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// Who was asked.
    pub group_label: String,
    /// By when.
    pub due_on: Option<NaiveDate>,
}

/// A report that the person made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OwnReportRow {
    /// Its id.
    pub report_id: String,
    /// Its title, perhaps empty.
    pub title: String,
    /// `open`, `taken`, `set-aside` or `recorded`.
    pub state: String,
    /// Number of what was recorded from it.
    pub number: Option<i32>,
    /// When it was made.
    pub reported_at: DateTime<Utc>,
}

/// What a person began or waits for.
#[derive(Debug, Clone, Deserialize)]
pub struct Begun {
    /// What they began and is not public, the newest first.
    pub drafts: Vec<DraftRow>,
    /// Drafts that wait for their sender: their own, and those whose sender's manager they are or stand in for.
    pub waiting: Vec<WaitingRow>,
    /// Drafts by others to peers that they manage, the newest first.
    pub peer_drafts: Vec<PeerDraftRow>,
    /// What peers owe them: what they wrote, what their groups sent, what went to peers they manage; the soonest first.
    pub awaited: Vec<AwaitedRow>,
    /// What they reported, the newest first.
    pub reports: Vec<OwnReportRow>,
}

/// What a person began or waits for.
///
/// # Errors
/// The database's.
pub async fn begun(pool: &PgPool, viewer: &Viewer, today: NaiveDate) -> sqlx::Result<Begun> {
    let reach = Reach::of(viewer);
    let begun = sqlx::query_scalar!(
        r#"SELECT desk_begun($1, $2, $3, $4, $5, $6, $7, $8) AS "begun!: Json<Begun>""#,
        &reach.managed,
        reach.is_coordinator,
        today,
        viewer.person_id.0,
        &reach.groups,
        reach.leads_home,
        reach.leads_iab,
        reach.author
    )
    .fetch_one(pool)
    .await?;
    Ok(begun.0)
}

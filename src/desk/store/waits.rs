//! SQL of what waits for somebody: all of it in one query, since a desk is asked for often.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::PgPool;
use sqlx::types::Json;

use super::Reach;
use crate::ids::MailId;
use crate::people::Viewer;

/// An open action of one of the person's groups.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ActionRow {
    /// Number of the statement.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from_text: String,
    /// The group that has to act.
    pub group_label: String,
    /// `for-action` or `for-information`.
    pub purpose: String,
    /// Who sees to it; empty: nobody has taken it.
    pub assignee_name: String,
    /// Whether that is this person.
    pub is_mine: bool,
    /// The day asked for, or ours.
    pub due_on: Option<NaiveDate>,
    /// `as-written`, `ours` …
    pub deadline_kind: Option<String>,
}

/// A sign-off that waits for the person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SignOffRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its number; none: it is in review.
    pub number: Option<i32>,
    /// Its title.
    pub title: String,
    /// To whom.
    pub to_text: String,
    /// `agreement`, `approval`, `manager` or `coordinator`.
    pub kind: String,
    /// For which group: the row's own, or all it is from.
    pub for_label: String,
    /// Since when it waits.
    pub asked_at: DateTime<Utc>,
    /// For whoever holds the row's role.
    pub is_standing_in: bool,
    /// Who else holds a role in which it may be given.
    pub others: String,
    /// The day by which the reply is asked for.
    pub due_on: Option<NaiveDate>,
    /// Of what was sent without approval: it is to be confirmed, or objected to.
    pub is_sent: bool,
}

/// Mail that failed for good: of one statement, or one about none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FailedMailRow {
    /// The draft id of the statement.
    pub draft_id: Option<String>,
    /// The statement's number, once it has one.
    pub number: Option<i32>,
    /// The statement's title, or the mail's subject.
    pub title: String,
    /// The newest mail that failed.
    pub mail_id: MailId,
    /// To whom that was.
    pub recipient: String,
    /// Why it failed.
    pub server_words: String,
    /// How many deliveries failed.
    pub failed: i64,
}

/// A statement in review that the person is asked to check.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from_text: String,
    /// To whom.
    pub to_text: String,
    /// Since when it waits.
    pub asked_at: DateTime<Utc>,
}

/// A report of an unrecorded statement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReportRow {
    /// Its id.
    pub report_id: String,
    /// Its title, perhaps empty.
    pub title: String,
    /// The peer that was named; empty: none was.
    pub group_label: String,
    /// Who made it.
    pub reporter: String,
    /// When.
    pub reported_at: DateTime<Utc>,
    /// Whether the person took it.
    pub is_mine: bool,
}

/// An action that ended without a reply, of which the peer is not known to have been told; or that its group refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TellRow {
    /// Number of the statement.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from_text: String,
    /// The group that ended or refused it.
    pub group_label: String,
    /// Its acronym.
    pub acronym: String,
    /// The reason.
    pub words: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The group refused it, and somebody has to decide.
    pub is_refusal: bool,
}

/// What the person holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HeldRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its title.
    pub title: String,
    /// To whom.
    pub to_text: String,
    /// Since when.
    pub held_at: DateTime<Utc>,
    /// Why.
    pub why: String,
    /// Whether the person does; else who did holds no role any more.
    pub is_mine: bool,
}

/// What waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Waits {
    /// Open actions of the person and their groups, the soonest first.
    pub actions: Vec<ActionRow>,
    /// Sign-offs, those of replies with the nearest day first, then the longest waiting.
    pub sign_offs: Vec<SignOffRow>,
    /// Failed mail that is theirs to see to, the newest first.
    pub failed_mail: Vec<FailedMailRow>,
    /// What they are asked to check, the longest waiting first.
    pub checks: Vec<CheckRow>,
    /// Reports, the longest waiting first.
    pub reports: Vec<ReportRow>,
    /// Refusals to decide on, and peers to be told; the longest waiting first.
    pub for_managers: Vec<TellRow>,
    /// What they hold, the longest first.
    pub held: Vec<HeldRow>,
}

/// What waits for a person. `waited`: sign-offs asked before then have waited their days.
///
/// # Errors
/// The database's.
pub async fn waits(pool: &PgPool, viewer: &Viewer, today: NaiveDate, waited: DateTime<Utc>) -> sqlx::Result<Waits> {
    let reach = Reach::of(viewer);
    let waits = sqlx::query_scalar!(
        r#"SELECT desk_waits($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS "waits!: Json<Waits>""#,
        &reach.managed,
        reach.is_coordinator,
        today,
        viewer.person_id.0,
        &reach.groups,
        reach.leads_home,
        reach.leads_iab,
        reach.author,
        reach.is_secretariat,
        waited
    )
    .fetch_one(pool)
    .await?;
    Ok(waits.0)
}

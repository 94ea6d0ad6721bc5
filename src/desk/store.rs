//! SQL of the desk; it looks across, and writes nothing.

pub mod outgoing;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;
use sqlx::types::Json;

use crate::ids::MailId;
use crate::people::{RoleKind, Viewer};
use crate::permissions;
use crate::statements::form::StatementForm;

/// By what the desk finds what waits for somebody.
struct Reach {
    /// Nodes of peers' trees whose manager the person is.
    managed: Vec<i64>,
    /// Home groups whose actions are the person's to see to.
    groups: Vec<i64>,
    is_coordinator: bool,
    is_secretariat: bool,
    /// Whose own statements' mail is theirs to send again; none: nobody's.
    author: Option<i64>,
    leads_home: bool,
    leads_iab: bool,
}

impl Reach {
    fn of(viewer: &Viewer) -> Self {
        let at = |kinds: &[RoleKind]| -> Vec<i64> {
            viewer.roles.iter().filter(|role| kinds.contains(&role.kind)).filter_map(|role| role.group_id).map(|id| id.0).collect()
        };
        Self {
            managed: at(&[RoleKind::LiaisonManager]),
            groups: at(&[RoleKind::Chair, RoleKind::Secretary, RoleKind::AreaDirector]),
            is_coordinator: viewer.has(RoleKind::Coordinator),
            is_secretariat: viewer.has(RoleKind::Secretariat),
            author: permissions::may_begin_recording(Some(viewer)).then_some(viewer.person_id.0),
            leads_home: viewer.has(RoleKind::IetfChair),
            leads_iab: viewer.has(RoleKind::IabChair),
        }
    }
}

impl Reach {
    /// Whether what managers and coordinators see to can be theirs.
    fn sees_to_peers(&self) -> bool {
        self.is_coordinator || !self.managed.is_empty()
    }
}

/// How many things wait for a person: checks and sign-offs asked of them, what they hold, open actions of their groups, failed
/// mail, peers to be told, refusals to decide on, reports of unrecorded statements. One query. `waited`: sign-offs asked before
/// then have waited their days.
///
/// # Errors
/// The database's.
pub async fn count(pool: &PgPool, viewer: &Viewer, today: NaiveDate, waited: DateTime<Utc>) -> sqlx::Result<i64> {
    if viewer.roles.is_empty() {
        return Ok(0);
    }
    let reach = Reach::of(viewer);
    sqlx::query_scalar!(
        r#"
        SELECT desk_count($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS "count!"
        "#,
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
    .await
}

/// A statement in review that the person is asked to check.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What the person is asked to check, the longest waiting first.
///
/// # Errors
/// The database's.
pub async fn checks(pool: &PgPool, viewer: &Viewer, today: NaiveDate) -> sqlx::Result<Vec<CheckRow>> {
    let reach = Reach::of(viewer);
    if !reach.sees_to_peers() {
        return Ok(Vec::new());
    }
    sqlx::query_as!(
        CheckRow,
        r#"
        SELECT draft_id AS "draft_id!", title AS "title!", from_text AS "from_text!", to_text AS "to_text!", asked_at AS "asked_at!"
          FROM checks_asked($1, $2, $3) AS asked
          JOIN statements USING (statement_id)
         ORDER BY asked_at
         LIMIT 50
        "#,
        &reach.managed,
        reach.is_coordinator,
        today
    )
    .fetch_all(pool)
    .await
}

/// An open action of one of the person's groups.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Open actions of the person and their groups, the soonest first.
///
/// # Errors
/// The database's.
pub async fn actions(pool: &PgPool, viewer: &Viewer) -> sqlx::Result<Vec<ActionRow>> {
    let reach = Reach::of(viewer);
    sqlx::query_as!(
        ActionRow,
        r#"
        SELECT statements.number AS "number!", statements.title AS "title!", statements.from_text AS "from_text!", groups.label AS "group_label!",
               mine.purpose AS "purpose!", mine.assignee_name AS "assignee_name!", coalesce(mine.assignee_id = $1, false) AS "is_mine!",
               deadlines.due_on AS "due_on?", deadlines.kind AS "deadline_kind?"
          FROM actions_of($1, $2, $3, $4) AS mine
          JOIN statements ON statements.statement_id = mine.statement_id
          JOIN groups ON groups.group_id = mine.group_id
          LEFT JOIN deadlines ON deadlines.action_id = mine.action_id AND deadlines.superseded_at IS NULL
         ORDER BY deadlines.due_on NULLS LAST, statements.number
         LIMIT 100
        "#,
        viewer.person_id.0,
        &reach.groups,
        reach.leads_home,
        reach.leads_iab
    )
    .fetch_all(pool)
    .await
}

/// Mail that failed for good: of one statement, or one about none.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Failed mail that is the person's to see to, the newest first.
///
/// # Errors
/// The database's.
pub async fn failed_mail(pool: &PgPool, viewer: &Viewer) -> sqlx::Result<Vec<FailedMailRow>> {
    let reach = Reach::of(viewer);
    sqlx::query_as!(
        FailedMailRow,
        r#"
        SELECT draft_id AS "draft_id?", number AS "number?", coalesce(title, subject) AS "title!", mail_id AS "mail_id!",
               recipient AS "recipient!", server_words AS "server_words!", failed AS "failed!"
          FROM (SELECT newest_id AS mail_delivery_id, failed FROM statements_with_failed_mail($1, $2)
                UNION ALL SELECT mail_delivery_id, 1 FROM failed_account_mail($3)) AS failures
          JOIN mail_deliveries USING (mail_delivery_id)
          JOIN mails USING (mail_id)
          LEFT JOIN statements USING (statement_id)
         ORDER BY mail_deliveries.ended_at DESC, mail_delivery_id DESC
         LIMIT 50
        "#,
        reach.author,
        reach.is_coordinator,
        reach.is_secretariat
    )
    .fetch_all(pool)
    .await
}

/// An action that ended without a reply, of which the peer is not known to have been told; or that its group refused.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What waits for the peers' managers: refusals to decide on, and peers to be told; the longest waiting first.
///
/// # Errors
/// The database's.
pub async fn for_managers(pool: &PgPool, viewer: &Viewer, today: NaiveDate) -> sqlx::Result<Vec<TellRow>> {
    let reach = Reach::of(viewer);
    if !reach.sees_to_peers() {
        return Ok(Vec::new());
    }
    sqlx::query_as!(
        TellRow,
        r#"
        SELECT statements.number AS "number!", statements.title AS "title!", statements.from_text AS "from_text!", groups.label AS "group_label!",
               groups.acronym AS "acronym!", waiting.words AS "words!", waiting.at AS "at!", is_refusal AS "is_refusal!"
          FROM (SELECT statement_id, group_id, words, closed_at AS at, false AS is_refusal FROM peers_to_tell($1, $2, $3)
                UNION ALL
                SELECT statement_id, group_id, refused_words, refused_at, true FROM refusals_to_decide($1, $2, $3)) AS waiting
          JOIN statements USING (statement_id)
          JOIN groups USING (group_id)
         ORDER BY is_refusal DESC, waiting.at
         LIMIT 50
        "#,
        &reach.managed,
        reach.is_coordinator,
        today
    )
    .fetch_all(pool)
    .await
}

/// A draft or statement in review that the person began.
#[derive(Debug, Clone)]
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
    pub form: Json<StatementForm>,
    /// Whether there are files.
    pub has_files: bool,
}

/// What the person began and is not public, the newest first.
///
/// # Errors
/// The database's.
pub async fn drafts(pool: &PgPool, viewer: &Viewer) -> sqlx::Result<Vec<DraftRow>> {
    sqlx::query_as!(
        DraftRow,
        r#"
        SELECT draft_id, title, state, changed_at, direction = 'outgoing' AS "is_outgoing!", form AS "form!: Json<StatementForm>",
               EXISTS (SELECT 1 FROM attachments WHERE attachments.statement_id = statements.statement_id) AS "has_files!"
          FROM statements
          JOIN statement_versions USING (statement_id, version)
         WHERE author_id = $1
           AND state IN ('draft', 'in-review', 'abandoned')
         ORDER BY changed_at DESC
         LIMIT 50
        "#,
        viewer.person_id.0
    )
    .fetch_all(pool)
    .await
}

/// A report of an unrecorded statement.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Reports that wait for the person, the longest waiting first.
///
/// # Errors
/// The database's.
pub async fn reports(pool: &PgPool, viewer: &Viewer, today: NaiveDate) -> sqlx::Result<Vec<ReportRow>> {
    if !viewer.is_staff() && !viewer.has(RoleKind::LiaisonManager) {
        return Ok(Vec::new());
    }
    let reach = Reach::of(viewer);
    sqlx::query_as!(
        ReportRow,
        r#"
        SELECT report_id AS "report_id!", title AS "title!", coalesce(groups.label, '') AS "group_label!", people.name AS "reporter!",
               reported_at AS "reported_at!", coalesce(taken_by = $4, false) AS "is_mine!"
          FROM unrecorded_waiting($1, $2, $3, $4) AS report
          JOIN people ON people.person_id = reported_by
          LEFT JOIN groups ON groups.group_id = report.group_id
         ORDER BY reported_at
         LIMIT 50
        "#,
        &reach.managed,
        reach.is_coordinator,
        today,
        viewer.person_id.0
    )
    .fetch_all(pool)
    .await
}

/// A report that the person made.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What the person reported, the newest first.
///
/// # Errors
/// The database's.
pub async fn own_reports(pool: &PgPool, viewer: &Viewer) -> sqlx::Result<Vec<OwnReportRow>> {
    sqlx::query_as!(
        OwnReportRow,
        r#"
        SELECT report_id, report.title, report.state, number AS "number?", reported_at
          FROM unrecorded_statements AS report
          LEFT JOIN statements USING (statement_id)
         WHERE reported_by = $1
         ORDER BY unrecorded_id DESC
         LIMIT 20
        "#,
        viewer.person_id.0
    )
    .fetch_all(pool)
    .await
}

/// A draft that waits for its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Drafts that wait for their sender: the person's own, and those whose sender's manager they are or stand in for.
///
/// # Errors
/// The database's.
pub async fn waiting(pool: &PgPool, viewer: &Viewer, today: NaiveDate) -> sqlx::Result<Vec<WaitingRow>> {
    let reach = Reach::of(viewer);
    sqlx::query_as!(
        WaitingRow,
        r#"
        SELECT draft_id, title, waits_since AS "since!", waits_for AS asked
          FROM statements
         WHERE waits_since IS NOT NULL
           AND (author_id = $4 OR is_for_manager(statement_id, $1, $2, $3))
         ORDER BY waits_since
         LIMIT 50
        "#,
        &reach.managed,
        reach.is_coordinator,
        today,
        reach.author
    )
    .fetch_all(pool)
    .await
}

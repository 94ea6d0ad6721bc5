//! SQL of what is done about a posted statement: an addressee's action, its steps, its deadlines, what the peer was told.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{Locked, expect_one, known};
use crate::ids::{ActionId, GroupId, PersonId, StatementId};
use crate::statements::{Handling, Purpose, StepKind};

/// What one addressee has to do, as far as its steps ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its key.
    pub action_id: ActionId,
    /// The addressee.
    pub group_id: GroupId,
    /// Its acronym of today.
    pub acronym: String,
    /// Its label at posting.
    pub label: String,
    /// `wg`, `area` …
    pub group_kind: String,
    /// For action or for information.
    pub purpose: Purpose,
    /// What can change.
    pub state: PartState,
    /// Grows with each step.
    pub version: i32,
    /// Whether it is the group that sees to the answer.
    pub is_lead: bool,
    /// Its group says that it is not for them: by whom, why.
    pub refused: Option<(String, String)>,
    /// The label of the group to which it was redirected; empty: to none.
    pub redirected_to: String,
}

/// What steps change of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartState {
    /// How far it is.
    pub handling: Handling,
    /// Who has it; none: the chairs jointly.
    pub assignee: Option<PersonId>,
    /// Their name.
    pub assignee_name: String,
    /// Public words of an outcome or a pause.
    pub words: String,
    /// Evidence.
    pub link: String,
    /// Since when it is paused.
    pub paused_on: Option<NaiveDate>,
    /// Until when.
    pub resumes_on: Option<NaiveDate>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was noted that the peer knows how it ended.
    pub told_at: Option<DateTime<Utc>>,
}

/// The action of the addressee of that acronym.
///
/// # Errors
/// The database's.
pub async fn part(connection: &mut PgConnection, statement_id: StatementId, acronym: &str) -> sqlx::Result<Option<Part>> {
    let row = sqlx::query!(
        r#"
        SELECT action_id, actions.group_id, acronym, groups.kind AS group_kind, actions.purpose, actions.state, assignee_id, assignee_name,
               coalesce(nullif(statement_groups.label, ''), groups.label) AS "label!",
               words, link, paused_on, resumes_on, closed_at, told_at, version, is_lead, refused_words, people.name AS "refused_by?",
               (SELECT others.label FROM groups AS others WHERE others.group_id = actions.redirected_to) AS redirected_to
          FROM actions
          JOIN groups USING (group_id)
          JOIN statement_groups USING (statement_group_id)
          LEFT JOIN people ON people.person_id = refused_by
         WHERE actions.statement_id = $1
           AND lower(acronym) = lower($2)
        "#,
        statement_id.0,
        acronym
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Part {
            action_id: ActionId(row.action_id),
            group_id: GroupId(row.group_id),
            acronym: row.acronym,
            label: row.label,
            group_kind: row.group_kind,
            purpose: known(Purpose::parse(&row.purpose), "actions.purpose", &row.purpose)?,
            state: PartState {
                handling: known(Handling::parse(&row.state), "actions.state", &row.state)?,
                assignee: row.assignee_id.map(PersonId),
                assignee_name: row.assignee_name,
                words: row.words,
                link: row.link,
                paused_on: row.paused_on,
                resumes_on: row.resumes_on,
                closed_at: row.closed_at,
                told_at: row.told_at,
            },
            version: row.version,
            is_lead: row.is_lead,
            refused: row.refused_by.map(|by| (by, row.refused_words)),
            redirected_to: row.redirected_to.unwrap_or_default(),
        })
    })
    .transpose()
}

/// A step that is taken.
#[derive(Debug, Clone, Copy)]
pub struct Doing {
    /// Which.
    pub kind: StepKind,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Takes a step: the action is as `to` says, and as it was is kept for *undo*.
///
/// # Errors
/// The database's.
pub async fn step(connection: &mut PgConnection, held: &Locked, part: &Part, to: &PartState, done: Doing) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO action_steps (action_id, kind, at, person_id, version, was_state, was_assignee_id, was_assignee_name, was_words, was_link,
                                   was_paused_on, was_resumes_on, was_closed_at, was_told_at)
         SELECT action_id, $2, $3, $4, version + 1, state, assignee_id, assignee_name, words, link, paused_on, resumes_on, closed_at, told_at
           FROM actions
          WHERE action_id = $1",
        part.action_id.0,
        done.kind.as_str(),
        done.at,
        done.by.0
    )
    .execute(&mut *connection)
    .await?;
    write(connection, held, part, to, done.at).await
}

async fn write(connection: &mut PgConnection, held: &Locked, part: &Part, to: &PartState, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE actions
            SET state = $3, assignee_id = $4, assignee_name = $5, words = $6, link = $7, paused_on = $8, resumes_on = $9, closed_at = $10,
                told_at = $11, version = version + 1,
                open_since = CASE WHEN state NOT IN ('open', 'in-progress', 'awaited') AND $3 IN ('open', 'in-progress', 'awaited') THEN $12
                                  ELSE open_since END
          WHERE action_id = $1
            AND version = $2",
        part.action_id.0,
        part.version,
        to.handling.as_str(),
        to.assignee.map(|person| person.0),
        to.assignee_name,
        to.words,
        to.link,
        to.paused_on,
        to.resumes_on,
        to.closed_at,
        to.told_at,
        at
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "actions", held.statement_id)
}

/// The last step that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastStep {
    step_id: i64,
    /// What was done.
    pub kind: StepKind,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    was: PartState,
}

/// The last step, where nothing has changed since and it was not undone.
///
/// # Errors
/// The database's.
pub async fn last_step(connection: &mut PgConnection, action_id: ActionId) -> sqlx::Result<Option<LastStep>> {
    let row = sqlx::query!(
        "SELECT action_step_id, action_steps.kind, at, people.name, was_state, was_assignee_id, was_assignee_name, was_words, was_link, was_paused_on,
                was_resumes_on, was_closed_at, was_told_at
           FROM action_steps
           JOIN actions USING (action_id, version)
           JOIN people USING (person_id)
          WHERE action_id = $1
            AND undone_at IS NULL
          ORDER BY action_step_id DESC
          LIMIT 1",
        action_id.0
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(LastStep {
            step_id: row.action_step_id,
            kind: known(StepKind::parse(&row.kind), "action_steps.kind", &row.kind)?,
            at: row.at,
            by: row.name,
            was: PartState {
                handling: known(Handling::parse(&row.was_state), "action_steps.was_state", &row.was_state)?,
                assignee: row.was_assignee_id.map(PersonId),
                assignee_name: row.was_assignee_name,
                words: row.was_words,
                link: row.was_link,
                paused_on: row.was_paused_on,
                resumes_on: row.was_resumes_on,
                closed_at: row.was_closed_at,
                told_at: row.was_told_at,
            },
        })
    })
    .transpose()
}

/// Makes the action as it was before its last step.
///
/// # Errors
/// The database's.
pub async fn undo(connection: &mut PgConnection, held: &Locked, part: &Part, last: &LastStep, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!("UPDATE action_steps SET undone_at = $2 WHERE action_step_id = $1 AND undone_at IS NULL", last.step_id, at)
        .execute(&mut *connection)
        .await?;
    expect_one(done.rows_affected(), "action_steps", held.statement_id)?;
    write(connection, held, part, &last.was, at).await
}

/// A new deadline of an action.
#[derive(Debug, Clone, Copy)]
pub struct NewDeadline<'a> {
    /// The day.
    pub due_on: NaiveDate,
    /// `corrected` or `agreed`.
    pub kind: &'a str,
    /// With whom.
    pub agreed_with: &'a str,
    /// Evidence.
    pub link: &'a str,
}

/// Sets a deadline; the former one stays to be read. Returns the former days of the actions it was set for.
///
/// An agreed day is of the action named; a correction is also of each whose current row is as the letter has it (domain.md 3).
///
/// # Errors
/// The database's.
pub async fn set_deadline(
    connection: &mut PgConnection,
    held: &Locked,
    part: &Part,
    new: NewDeadline<'_>,
    at: DateTime<Utc>,
) -> sqlx::Result<Vec<Option<NaiveDate>>> {
    let ids = sqlx::query_scalar!(
        "SELECT action_id
           FROM actions
           LEFT JOIN deadlines USING (action_id)
          WHERE statement_id = $1
            AND superseded_at IS NULL
            AND (action_id = $2 OR $3 = 'corrected' AND deadlines.kind = 'as-written')
          ORDER BY action_id",
        held.statement_id.0,
        part.action_id.0,
        new.kind
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!("UPDATE actions SET version = version + 1 WHERE action_id = ANY ($1)", &ids).execute(&mut *connection).await?;
    let mut former = Vec::new();
    for id in ids {
        former.push(
            sqlx::query_scalar!("UPDATE deadlines SET superseded_at = $2 WHERE action_id = $1 AND superseded_at IS NULL RETURNING due_on", id, at)
                .fetch_optional(&mut *connection)
                .await?,
        );
        sqlx::query!(
            "INSERT INTO deadlines (action_id, due_on, kind, agreed_with, link, made_at) VALUES ($1, $2, $3, $4, $5, $6)",
            id,
            new.due_on,
            new.kind,
            new.agreed_with,
            new.link,
            at
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(former)
}

/// The current deadline of an action.
///
/// # Errors
/// The database's.
pub async fn deadline(connection: &mut PgConnection, action_id: ActionId) -> sqlx::Result<Option<(NaiveDate, bool)>> {
    let row = sqlx::query!("SELECT due_on, kind FROM deadlines WHERE action_id = $1 AND superseded_at IS NULL", action_id.0)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| (row.due_on, row.kind == "ours")))
}

/// What the peer was told, without a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerNote {
    /// When.
    pub told_on: NaiveDate,
    /// By mail, in a call …
    pub channel: String,
    /// What.
    pub words: String,
    /// The day that was proposed.
    pub proposed_on: Option<NaiveDate>,
    /// By whom, as what.
    pub by: String,
}

/// Notes what the peer was told; who waits for that note waits no longer.
///
/// # Errors
/// The database's.
pub async fn tell(
    connection: &mut PgConnection,
    _held: &Locked,
    part: &Part,
    note: &PeerNote,
    by: (PersonId, &str),
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO peer_notes (action_id, told_on, channel, words, proposed_on, made_at, made_by, made_as) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        part.action_id.0,
        note.told_on,
        note.channel,
        note.words,
        note.proposed_on,
        at,
        by.0.0,
        by.1
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE actions SET told_at = $2 WHERE action_id = $1 AND closed_at IS NOT NULL", part.action_id.0, at).execute(connection).await?;
    Ok(())
}

/// What the peer was told about an action, the newest first.
///
/// # Errors
/// The database's.
pub async fn told(connection: &mut PgConnection, action_id: ActionId) -> sqlx::Result<Vec<PeerNote>> {
    sqlx::query_as!(
        PeerNote,
        r#"
        SELECT told_on, channel, words, proposed_on, people.name || ', ' || made_as AS "by!"
          FROM peer_notes
          JOIN people ON people.person_id = made_by
         WHERE action_id = $1
         ORDER BY told_on DESC, peer_note_id DESC
        "#,
        action_id.0
    )
    .fetch_all(connection)
    .await
}

/// Ends actions for information that were open since before `made_before`, some at a time; whose they were.
///
/// # Errors
/// The database's.
pub async fn end_untouched(connection: &mut PgConnection, made_before: DateTime<Utc>, at: DateTime<Utc>) -> sqlx::Result<Vec<(StatementId, String)>> {
    let rows = sqlx::query!(
        r#"
        WITH untouched AS (
            SELECT action_id
              FROM actions
             WHERE state = 'open' AND purpose = 'for-information' AND made_at <= $1 AND open_since <= $1
               AND assignee_id IS NULL AND refused_at IS NULL
             ORDER BY made_at
             LIMIT 100
               FOR UPDATE SKIP LOCKED)
        UPDATE actions
           SET state = 'no-action-recorded', closed_at = $2, version = version + 1
          FROM untouched, groups
         WHERE actions.action_id = untouched.action_id
           AND groups.group_id = actions.group_id
        RETURNING statement_id, groups.label
        "#,
        made_before,
        at
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (StatementId(row.statement_id), row.label)).collect())
}

/// Ends the pauses whose day has come: the action is in progress again. Whose they were.
///
/// # Errors
/// The database's.
pub async fn end_pauses(connection: &mut PgConnection, today: NaiveDate, at: DateTime<Utc>) -> sqlx::Result<Vec<(StatementId, String)>> {
    let rows = sqlx::query!(
        r#"
        WITH paused AS (
            SELECT action_id
              FROM actions
             WHERE state = 'waiting' AND resumes_on <= $1
             ORDER BY resumes_on
             LIMIT 100
               FOR UPDATE SKIP LOCKED)
        UPDATE actions
           SET state = 'in-progress', paused_on = NULL, resumes_on = NULL, words = '', version = version + 1, open_since = $2
          FROM paused, groups
         WHERE actions.action_id = paused.action_id
           AND groups.group_id = actions.group_id
        RETURNING statement_id, groups.label
        "#,
        today,
        at
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (StatementId(row.statement_id), row.label)).collect())
}

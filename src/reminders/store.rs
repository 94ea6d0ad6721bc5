//! SQL of reminders: what is due, what was written.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool};

use crate::ids::{GroupId, MailId, PersonId, SignOffId, StatementId, UnrecordedId};

/// One run at a time, of all servers; held until the transaction ends.
const LOCK: i64 = 0x5245_4d49_4e44;

/// Begins a run; false: another server is at it.
///
/// # Errors
/// The database's.
pub async fn begin(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1) AS "is_ours!""#, LOCK).fetch_one(connection).await
}

/// The last day whose reminders were written; none: never any.
///
/// # Errors
/// The database's.
pub async fn last_day(connection: &mut PgConnection) -> sqlx::Result<Option<NaiveDate>> {
    sqlx::query_scalar!("SELECT last_day FROM reminder_days").fetch_optional(connection).await
}

/// Notes that the reminders of a day are written.
///
/// # Errors
/// The database's.
pub async fn finish(connection: &mut PgConnection, day: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!("INSERT INTO reminder_days (last_day) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET last_day = EXCLUDED.last_day", day)
        .execute(connection)
        .await?;
    Ok(())
}

/// A running action and the day it is counted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Key of its current deadline.
    pub deadline_id: i64,
    /// Its statement.
    pub statement_id: StatementId,
    /// The addressee.
    pub group_id: GroupId,
    /// Its label.
    pub group_label: String,
    /// Asked of a peer.
    pub is_awaited: bool,
    /// Its group says that it is not for them, and nobody has decided.
    pub is_refused: bool,
    /// Who sees to it.
    pub assignee: Option<PersonId>,
    /// Since when it runs.
    pub open_since: DateTime<Utc>,
    /// The day.
    pub due_on: NaiveDate,
    /// When that day was set.
    pub set_at: DateTime<Utc>,
    /// Who began the statement.
    pub author: Option<PersonId>,
    /// Groups it is from.
    pub from: Vec<GroupId>,
}

/// Running actions with one of these deadlines.
///
/// # Errors
/// The database's.
pub async fn running(connection: &mut PgConnection, days: &[NaiveDate]) -> sqlx::Result<Vec<Running>> {
    let rows = sqlx::query!(
        r#"
        SELECT deadline_id AS "deadline_id!", statement_id AS "statement_id!", group_id AS "group_id!", group_label AS "group_label!",
               state AS "state!", is_refused AS "is_refused!", assignee_id, open_since AS "open_since!", due_on AS "due_on!", set_at AS "set_at!", author_id,
               coalesce(from_groups, '{}') AS "from_groups!: Vec<i64>"
          FROM running_actions
         WHERE due_on = ANY ($1)
         ORDER BY due_on, deadline_id
        "#,
        days
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Running {
            deadline_id: row.deadline_id,
            statement_id: StatementId(row.statement_id),
            group_id: GroupId(row.group_id),
            group_label: row.group_label,
            is_awaited: row.state == "awaited",
            is_refused: row.is_refused,
            assignee: row.assignee_id.map(PersonId),
            open_since: row.open_since,
            due_on: row.due_on,
            set_at: row.set_at,
            author: row.author_id.map(PersonId),
            from: row.from_groups.into_iter().map(GroupId).collect(),
        })
        .collect())
}

/// A check that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCheck {
    /// Its key.
    pub sign_off_id: SignOffId,
    /// Its statement.
    pub statement_id: StatementId,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Whether the coordinators were asked as well.
    pub coordinators_asked: bool,
    /// Groups it is from.
    pub from: Vec<GroupId>,
}

/// Checks that wait.
///
/// # Errors
/// The database's.
pub async fn waiting_checks(connection: &mut PgConnection) -> sqlx::Result<Vec<WaitingCheck>> {
    let rows = sqlx::query!(
        r#"
        SELECT sign_off_id, sign_offs.statement_id, asked_at,
               coordinators_asked_at IS NOT NULL AS "coordinators_asked!",
               (SELECT coalesce(array_agg(group_id ORDER BY position), '{}')
                  FROM statement_groups
                 WHERE statement_groups.statement_id = sign_offs.statement_id AND side = 'from' AND group_id IS NOT NULL) AS "from_groups!: Vec<i64>"
          FROM sign_offs
          JOIN statements USING (statement_id)
         WHERE sign_offs.state = 'waiting'
           AND sign_offs.kind = 'check'
           AND statements.state = 'in-review'
           AND sign_offs.round = statements.round
         ORDER BY sign_off_id
        "#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| WaitingCheck {
            sign_off_id: SignOffId(row.sign_off_id),
            statement_id: StatementId(row.statement_id),
            asked_at: row.asked_at,
            coordinators_asked: row.coordinators_asked,
            from: row.from_groups.into_iter().map(GroupId).collect(),
        })
        .collect())
}

/// Notes that the coordinators are asked to check it too, from now on.
///
/// # Errors
/// The database's.
pub async fn ask_coordinators(connection: &mut PgConnection, sign_off: SignOffId, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE sign_offs SET coordinators_asked_at = $2 WHERE sign_off_id = $1 AND coordinators_asked_at IS NULL", sign_off.0, at)
        .execute(connection)
        .await?;
    Ok(())
}

/// A draft that nobody touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestingDraft {
    /// Its key.
    pub statement_id: StatementId,
    /// Its version.
    pub version: i32,
    /// Who began it.
    pub author: PersonId,
    /// Their address.
    pub address: String,
}

/// Drafts last touched on days after the first, up to and with the last.
///
/// # Errors
/// The database's.
pub async fn resting_drafts(connection: &mut PgConnection, after: NaiveDate, until: NaiveDate) -> sqlx::Result<Vec<RestingDraft>> {
    let rows = sqlx::query!(
        r#"
        SELECT statement_id, version, author_id AS "author_id!", address
          FROM statements
          JOIN addresses ON addresses.person_id = author_id AND is_primary
         WHERE state = 'draft'
           AND waits_since IS NULL
           AND changed_at >= ($1::date + 1)::timestamp AT TIME ZONE 'UTC'
           AND changed_at < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
         ORDER BY statement_id
        "#,
        after,
        until
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| RestingDraft {
            statement_id: StatementId(row.statement_id),
            version: row.version,
            author: PersonId(row.author_id),
            address: row.address,
        })
        .collect())
}

/// A draft that waits for its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDraft {
    /// Its key.
    pub statement_id: StatementId,
    /// How often it was paused.
    pub waits: i32,
    /// Who began it.
    pub author: Option<PersonId>,
    /// Groups it is from.
    pub from: Vec<GroupId>,
}

/// Drafts that wait for their sender since days after the first, up to and with the last.
///
/// # Errors
/// The database's.
pub async fn waiting_drafts(connection: &mut PgConnection, after: NaiveDate, until: NaiveDate) -> sqlx::Result<Vec<WaitingDraft>> {
    let rows = sqlx::query!(
        r#"
        SELECT statement_id, waits, author_id,
               (SELECT coalesce(array_agg(group_id ORDER BY position), '{}')
                  FROM statement_groups
                 WHERE statement_groups.statement_id = statements.statement_id AND side = 'from' AND group_id IS NOT NULL) AS "from_groups!: Vec<i64>"
          FROM statements
         WHERE waits_since >= ($1::date + 1)::timestamp AT TIME ZONE 'UTC'
           AND waits_since < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
         ORDER BY statement_id
        "#,
        after,
        until
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| WaitingDraft {
            statement_id: StatementId(row.statement_id),
            waits: row.waits,
            author: row.author_id.map(PersonId),
            from: row.from_groups.into_iter().map(GroupId).collect(),
        })
        .collect())
}

/// Reports that nobody has taken, open since days after the first, up to and with the last: key, and the peer that was named.
///
/// # Errors
/// The database's.
pub async fn untaken_reports(
    connection: &mut PgConnection,
    after: NaiveDate,
    until: NaiveDate,
    today: NaiveDate,
) -> sqlx::Result<Vec<(UnrecordedId, Option<GroupId>)>> {
    let rows = sqlx::query!(
        r#"
        SELECT unrecorded_id, group_id
          FROM unrecorded_statements AS report
         WHERE report.state IN ('open', 'taken')
           AND open_since >= ($1::date + 1)::timestamp AT TIME ZONE 'UTC'
           AND open_since < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
           AND unrecorded_is_untaken(report, $3)
         ORDER BY unrecorded_id
        "#,
        after,
        until,
        today
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (UnrecordedId(row.unrecorded_id), row.group_id.map(GroupId))).collect())
}

/// What a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// A deadline.
    Deadline(i64),
    /// A sign-off that waits.
    SignOff(SignOffId),
    /// A draft that rests, or waits for its sender.
    Draft(StatementId),
    /// A report of an unrecorded statement that nobody has taken.
    Report(UnrecordedId),
}

/// One reminder to one recipient, before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// About what.
    pub about: About,
    /// `day`, `asked`, `version`, `waits`, `reported`.
    pub counted_to: &'static str,
    /// Days from it.
    pub step: i64,
    /// The person, where it is somebody's own.
    pub person: Option<PersonId>,
    /// Where it goes.
    pub address: String,
    /// As whom.
    pub why: String,
}

impl New {
    fn recipient(&self) -> String {
        self.person.map_or_else(|| self.address.to_lowercase(), |person| format!("person {person}"))
    }
}

/// Notes them, to be written; those that went before are left out. How many are new.
///
/// # Errors
/// The database's.
pub async fn note(connection: &mut PgConnection, new: &[New], day: NaiveDate) -> sqlx::Result<u64> {
    let key = |pick: fn(About) -> Option<i64>| new.iter().map(|one| pick(one.about)).collect::<Vec<_>>();
    let deadlines = key(|about| if let About::Deadline(id) = about { Some(id) } else { None });
    let sign_offs = key(|about| if let About::SignOff(id) = about { Some(id.0) } else { None });
    let drafts = key(|about| if let About::Draft(id) = about { Some(id.0) } else { None });
    let reports = key(|about| if let About::Report(id) = about { Some(id.0) } else { None });
    let counted: Vec<String> = new.iter().map(|one| one.counted_to.to_owned()).collect();
    let steps: Vec<i32> = new.iter().map(|one| i32::try_from(one.step).unwrap_or(i32::MAX)).collect();
    let recipients: Vec<String> = new.iter().map(New::recipient).collect();
    let people: Vec<Option<i64>> = new.iter().map(|one| one.person.map(|person| person.0)).collect();
    let addresses: Vec<String> = new.iter().map(|one| one.address.clone()).collect();
    let reasons: Vec<String> = new.iter().map(|one| one.why.clone()).collect();
    let done = sqlx::query!(
        "INSERT INTO reminders (deadline_id, sign_off_id, statement_id, counted_to, step, recipient, person_id, address, why, unrecorded_id, made_on)
         SELECT *, $11::date
           FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bigint[])
         ON CONFLICT ON CONSTRAINT reminder_goes_once DO NOTHING",
        &deadlines as &[Option<i64>],
        &sign_offs as &[Option<i64>],
        &drafts as &[Option<i64>],
        &counted,
        &steps,
        &recipients,
        &people as &[Option<i64>],
        &addresses,
        &reasons,
        &reports as &[Option<i64>],
        day
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// A reminder to be written, with what it speaks of as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    /// Its key.
    pub reminder_id: i64,
    /// To whom.
    pub recipient: String,
    /// The person.
    pub person: Option<PersonId>,
    /// Where it goes.
    pub address: String,
    /// As whom.
    pub why: String,
    /// The statement; none: it is about a report.
    pub statement_id: Option<StatementId>,
    /// Its number; none: not posted.
    pub number: Option<i32>,
    /// Its draft id.
    pub draft_id: String,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from_text: String,
    /// The addressee of a deadline.
    pub group_label: String,
    /// Its acronym.
    pub acronym: String,
    /// The deadline.
    pub due_on: Option<NaiveDate>,
    /// The day is ours.
    pub is_ours: bool,
    /// Asked of a peer.
    pub is_awaited: bool,
    /// Who sees to it.
    pub assignee: String,
    /// When a check was asked for.
    pub asked_on: Option<NaiveDate>,
    /// Days from the day counted to.
    pub step: i32,
    /// Since when a draft waits for its sender.
    pub waits_since: Option<NaiveDate>,
    /// A report: its id, who made it, and when.
    pub report: Option<(String, String, NaiveDate)>,
}

/// What is noted, not written, and still holds; by recipient, the soonest first.
///
/// # Errors
/// The database's.
pub async fn unwritten(connection: &mut PgConnection) -> sqlx::Result<Vec<Unwritten>> {
    let rows = sqlx::query!(
        r#"
        SELECT reminder_id, recipient, reminders.person_id, reminders.address, why, step,
               statements.statement_id AS "statement_id?", statements.number AS "number?", coalesce(draft_id, '') AS "draft_id!",
               coalesce(statements.title, report.title) AS "title!", coalesce(statements.from_text, '') AS "from_text!",
               CASE WHEN counted_to = 'waits' THEN (waits_since AT TIME ZONE 'UTC')::date END AS waits_since,
               report.report_id AS "report_id?", reporters.name AS "reporter?", (report.reported_at AT TIME ZONE 'UTC')::date AS reported_on,
               coalesce(running.group_label, '') AS "group_label!", coalesce(running.acronym, '') AS "acronym!",
               running.due_on AS "due_on?", coalesce(running.is_ours, false) AS "is_ours!", coalesce(running.state = 'awaited', false) AS "is_awaited!",
               coalesce(running.assignee_name, '') AS "assignee!", (sign_offs.asked_at AT TIME ZONE 'UTC')::date AS asked_on
          FROM reminders
          LEFT JOIN running_actions AS running ON running.deadline_id = reminders.deadline_id
          LEFT JOIN sign_offs ON sign_offs.sign_off_id = reminders.sign_off_id
          LEFT JOIN statements ON statements.statement_id = coalesce(running.statement_id, sign_offs.statement_id, reminders.statement_id)
          LEFT JOIN unrecorded_statements AS report ON report.unrecorded_id = reminders.unrecorded_id
          LEFT JOIN people AS reporters ON reporters.person_id = report.reported_by
         WHERE mail_id IS NULL
           AND reminder_holds(reminders)
         ORDER BY recipient, running.due_on NULLS LAST, reminder_id
        "#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Unwritten {
            reminder_id: row.reminder_id,
            recipient: row.recipient,
            person: row.person_id.map(PersonId),
            address: row.address,
            why: row.why,
            statement_id: row.statement_id.map(StatementId),
            number: row.number,
            draft_id: row.draft_id,
            title: row.title,
            from_text: row.from_text,
            group_label: row.group_label,
            acronym: row.acronym,
            due_on: row.due_on,
            is_ours: row.is_ours,
            is_awaited: row.is_awaited,
            assignee: row.assignee,
            asked_on: row.asked_on,
            waits_since: row.waits_since,
            report: match (row.report_id, row.reporter, row.reported_on) {
                (Some(id), Some(reporter), Some(day)) => Some((id, reporter, day)),
                _ => None,
            },
            step: row.step,
        })
        .collect())
}

/// Notes in which mail each reminder was written.
///
/// # Errors
/// The database's.
pub async fn written(connection: &mut PgConnection, reminders: &[(i64, MailId)]) -> sqlx::Result<()> {
    let ids: Vec<i64> = reminders.iter().map(|(id, _)| *id).collect();
    let mails: Vec<i64> = reminders.iter().map(|(_, mail)| mail.0).collect();
    sqlx::query!(
        "UPDATE reminders
            SET mail_id = given.mail_id,
                assignee_id = (SELECT assignee_id FROM running_actions WHERE running_actions.deadline_id = reminders.deadline_id),
                is_refused = coalesce((SELECT is_refused FROM running_actions WHERE running_actions.deadline_id = reminders.deadline_id), false)
           FROM unnest($1::bigint[], $2::bigint[]) AS given (reminder_id, mail_id)
          WHERE reminders.reminder_id = given.reminder_id",
        &ids,
        &mails
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether something is noted and not written; asked often.
///
/// # Errors
/// The database's.
pub async fn has_unwritten(pool: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM reminders WHERE mail_id IS NULL AND reminder_holds(reminders)) AS "has!""#)
        .fetch_one(pool)
        .await
}

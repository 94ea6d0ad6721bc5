//! SQL of reminders: what is due, what was written.

pub mod outgoing;
mod unwritten;

pub use unwritten::{Unwritten, has_unwritten, unwritten, written};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::ids::{GroupId, PersonId, SignOffId, StatementId, UnrecordedId};

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
    /// `day`, `submit-by`, `asked`, `held`, `version`, `waits`, `reported`.
    pub counted_to: &'static str,
    /// Days from it.
    pub step: i64,
    /// The person, where it is somebody's own.
    pub person: Option<PersonId>,
    /// Where it goes.
    pub address: String,
    /// As whom.
    pub why: String,
    /// Of a deadline: the reply that is drafted, or waits for its sign-offs.
    pub reply: Option<StatementId>,
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
    if new.is_empty() {
        return Ok(0);
    }
    let key = |pick: fn(About) -> Option<i64>| new.iter().map(|one| pick(one.about)).collect::<Vec<_>>();
    let deadlines = key(|about| if let About::Deadline(id) = about { Some(id) } else { None });
    let sign_offs = key(|about| if let About::SignOff(id) = about { Some(id.0) } else { None });
    let drafts = key(|about| if let About::Draft(id) = about { Some(id.0) } else { None });
    let reports = key(|about| if let About::Report(id) = about { Some(id.0) } else { None });
    let replies: Vec<Option<i64>> = new.iter().map(|one| one.reply.map(|id| id.0)).collect();
    let counted: Vec<String> = new.iter().map(|one| one.counted_to.to_owned()).collect();
    let steps: Vec<i32> = new.iter().map(|one| i32::try_from(one.step).unwrap_or(i32::MAX)).collect();
    let recipients: Vec<String> = new.iter().map(New::recipient).collect();
    let people: Vec<Option<i64>> = new.iter().map(|one| one.person.map(|person| person.0)).collect();
    let addresses: Vec<String> = new.iter().map(|one| one.address.clone()).collect();
    let reasons: Vec<String> = new.iter().map(|one| one.why.clone()).collect();
    let done = sqlx::query!(
        "INSERT INTO reminders (deadline_id, sign_off_id, statement_id, counted_to, step, recipient, person_id, address, why, unrecorded_id, reply_id, made_on)
         SELECT *, $12::date
           FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bigint[], $11::bigint[])
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
        &replies as &[Option<i64>],
        day
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

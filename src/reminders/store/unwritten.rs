//! SQL of reminders that are noted, and of the mails in which they were written.

use chrono::NaiveDate;
use sqlx::{PgConnection, PgPool};

use crate::ids::{MailId, PersonId, StatementId};
use crate::statements::SignOffKind;

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
    /// The same, where it is one we know.
    pub assignee_id: Option<PersonId>,
    /// Its group says that it is not for them.
    pub is_refused: bool,
    /// When a check was asked for.
    pub asked_on: Option<NaiveDate>,
    /// Days from the day counted to.
    pub step: i32,
    /// Since when a draft waits for its sender.
    pub waits_since: Option<NaiveDate>,
    /// A report: its id, who made it, and when.
    pub report: Option<(String, String, NaiveDate)>,
    /// To whom.
    pub to_text: String,
    /// Which sign-off waits, and the label of its group.
    pub sign_off: Option<(SignOffKind, String)>,
    /// Since when somebody holds it.
    pub held_since: Option<NaiveDate>,
    /// Of a deadline, a reply to it: draft id, title, whether it is in review.
    pub reply: Option<(String, String, bool)>,
}

/// What is noted, not written, and still holds; by recipient, the soonest first.
///
/// # Errors
/// The database's.
pub async fn unwritten(connection: &mut PgConnection) -> sqlx::Result<Vec<Unwritten>> {
    let rows = sqlx::query!(
        r#"
        SELECT reminder_id, reminders.recipient, reminders.person_id, reminders.address, reminders.why, step,
               statements.statement_id AS "statement_id?", statements.number AS "number?", coalesce(statements.draft_id, '') AS "draft_id!",
               coalesce(statements.title, report.title) AS "title!", coalesce(statements.from_text, '') AS "from_text!",
               CASE WHEN counted_to = 'waits' THEN (statements.waits_since AT TIME ZONE 'UTC')::date END AS waits_since,
               report.report_id AS "report_id?", reporters.name AS "reporter?", (report.reported_at AT TIME ZONE 'UTC')::date AS reported_on,
               coalesce(running.group_label, '') AS "group_label!", coalesce(running.acronym, '') AS "acronym!",
               running.due_on AS "due_on?", coalesce(running.is_ours, false) AS "is_ours!", coalesce(running.state = 'awaited', false) AS "is_awaited!",
               coalesce(running.assignee_name, '') AS "assignee!", running.assignee_id AS "assignee_id?", coalesce(running.is_refused, false) AS "is_refused!",
               (sign_offs.asked_at AT TIME ZONE 'UTC')::date AS asked_on,
               coalesce(statements.to_text, '') AS "to_text!", sign_offs.kind AS "kind?", coalesce(asked_at_groups.label, '') AS "sign_off_label!",
               CASE WHEN counted_to = 'held' THEN (statements.held_at AT TIME ZONE 'UTC')::date END AS held_since,
               replies.draft_id AS "reply_draft?", replies.title AS "reply_title?", replies.state = 'in-review' AS reply_in_review
          FROM reminders
          LEFT JOIN running_actions AS running ON running.deadline_id = reminders.deadline_id
          LEFT JOIN sign_offs ON sign_offs.sign_off_id = reminders.sign_off_id
          LEFT JOIN groups AS asked_at_groups ON asked_at_groups.group_id = sign_offs.group_id
          LEFT JOIN statements AS replies ON replies.statement_id = reminders.reply_id
          LEFT JOIN statements ON statements.statement_id = coalesce(running.statement_id, sign_offs.statement_id, reminders.statement_id)
          LEFT JOIN unrecorded_statements AS report ON report.unrecorded_id = reminders.unrecorded_id
          LEFT JOIN people AS reporters ON reporters.person_id = report.reported_by
         WHERE reminders.mail_id IS NULL
           AND CASE -- of deadlines there are thousands at once: as reminder_holds has it, of rows that are joined anyway
                    WHEN reminders.deadline_id IS NULL THEN reminder_holds(reminders)
                    ELSE running.deadline_id IS NOT NULL
                     AND (reminders.why <> 'who sees to it' OR running.assignee_id = reminders.person_id)
                     AND (NOT running.is_refused OR reminders.why LIKE 'liaison %')
                     AND (reminders.reply_id IS NULL
                       OR replies.state = CASE WHEN reminders.counted_to = 'submit-by' THEN 'draft' ELSE 'in-review' END)
               END
         ORDER BY reminders.recipient, running.due_on NULLS LAST, reminder_id
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
            assignee_id: row.assignee_id.map(PersonId),
            is_refused: row.is_refused,
            asked_on: row.asked_on,
            waits_since: row.waits_since,
            report: match (row.report_id, row.reporter, row.reported_on) {
                (Some(id), Some(reporter), Some(day)) => Some((id, reporter, day)),
                _ => None,
            },
            step: row.step,
            to_text: row.to_text,
            sign_off: row.kind.and_then(|kind| SignOffKind::parse(&kind)).map(|kind| (kind, row.sign_off_label)),
            held_since: row.held_since,
            reply: match (row.reply_draft, row.reply_title) {
                (Some(draft_id), Some(title)) => Some((draft_id, title, row.reply_in_review.unwrap_or(false))),
                _ => None,
            },
        })
        .collect())
}

/// Notes in which mail each reminder was written, and what it said of who sees to it.
///
/// # Errors
/// The database's.
pub async fn written(connection: &mut PgConnection, reminders: &[(&Unwritten, MailId)]) -> sqlx::Result<()> {
    if reminders.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = reminders.iter().map(|(reminder, _)| reminder.reminder_id).collect();
    let assignees: Vec<Option<i64>> = reminders.iter().map(|(reminder, _)| reminder.assignee_id.map(|person| person.0)).collect();
    let refused: Vec<bool> = reminders.iter().map(|(reminder, _)| reminder.is_refused).collect();
    let mails: Vec<i64> = reminders.iter().map(|(_, mail)| mail.0).collect();
    sqlx::query!(
        "UPDATE reminders
            SET mail_id = given.mail_id, assignee_id = given.assignee_id, is_refused = given.is_refused
           FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[]) AS given (reminder_id, mail_id, assignee_id, is_refused)
          WHERE reminders.reminder_id = given.reminder_id",
        &ids,
        &mails,
        &assignees as &[Option<i64>],
        &refused
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

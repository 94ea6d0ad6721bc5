//! SQL of what pages and commands show of the outbox.

pub mod queue;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::Recipient;
use super::fate::{DeliveryFate, Fate, Standing};
use super::outbox::ERASED;
use crate::ids::{MailDeliveryId, MailId, PersonId, StatementId};
use crate::statements::attachments::size_words;

/// What became of every mail about a statement, newest mail first: one query.
///
/// # Errors
/// The database's.
pub async fn fates(pool: &PgPool, statement_id: StatementId, now: DateTime<Utc>) -> sqlx::Result<Vec<Fate>> {
    let rows = sqlx::query!(
        r#"
        SELECT mail_id, event, subject, made_at, body <> $2 AS "has_text!",
               mail_delivery_id, recipient, why, state, attempts, next_attempt_at, leased_until, server_words, ended_at, without_files
          FROM mails
          JOIN mail_deliveries USING (mail_id)
         WHERE statement_id = $1
         ORDER BY mail_id DESC, mail_delivery_id
        "#,
        statement_id.0,
        ERASED
    )
    .fetch_all(pool)
    .await?;
    let mut fates: Vec<Fate> = Vec::new();
    for row in rows {
        let standing = Standing {
            state: &row.state,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            leased_until: row.leased_until,
            server_words: &row.server_words,
            ended_at: row.ended_at,
            is_without_files: row.without_files,
        };
        let delivery = DeliveryFate {
            id: MailDeliveryId(row.mail_delivery_id),
            words: standing.words(now),
            tone: standing.tone(),
            can_send_again: row.has_text && standing.has_ended(),
            has_failed: row.state == "failed",
            ended: standing.ended(),
            recipient: row.recipient,
            why: row.why,
        };
        match fates.last_mut() {
            Some(fate) if fate.mail_id == MailId(row.mail_id) => fate.deliveries.push(delivery),
            _ => fates.push(Fate {
                mail_id: MailId(row.mail_id),
                event: row.event,
                subject: row.subject,
                made_at: row.made_at,
                deliveries: vec![delivery],
            }),
        }
    }
    Ok(fates)
}

/// What the mail log is asked for; empty: everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `queued`, `accepted`, `failed`, `recorded`, `cancelled`.
    pub state: Option<String>,
    /// Part of an address.
    pub address: Option<String>,
    /// Number of a statement.
    pub number: Option<i32>,
    /// Only older ones than this delivery.
    pub older_than: Option<i64>,
    /// Only newer ones, the nearest first.
    pub newer_than: Option<i64>,
}

/// A file that goes along with a mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LoggedFile {
    /// Its name.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// It was taken away since.
    pub is_gone: bool,
}

impl LoggedFile {
    /// "slides.pdf (412 kB)".
    pub fn words(&self) -> String {
        let gone = if self.is_gone { ", taken away since" } else { "" };
        format!("{} ({}{gone})", self.file_name, size_words(self.size))
    }
}

/// One line of the mail log.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// The delivery; pages begin behind or before it.
    pub id: MailDeliveryId,
    /// Its mail.
    pub mail_id: MailId,
    /// When the mail was made.
    pub made_at: DateTime<Utc>,
    /// Its subject.
    pub subject: String,
    /// The address.
    pub recipient: String,
    /// As whom.
    pub why: String,
    /// Number of the statement it is about.
    pub number: Option<i32>,
    /// What goes along.
    pub files: Vec<LoggedFile>,
    /// What became of it.
    pub words: String,
    /// Class of the style sheet.
    pub tone: &'static str,
}

/// The mail log, newest first (with `newer_than` the nearest first).
///
/// # Errors
/// The database's.
pub async fn log(pool: &PgPool, filter: &Filter, limit: i64, now: DateTime<Utc>) -> sqlx::Result<Vec<LogLine>> {
    let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new(
        "SELECT mail_delivery_id, mail_id, mails.made_at, subject, recipient, why, number,
                mail_deliveries.state, attempts, next_attempt_at, leased_until, server_words, ended_at, without_files,
                coalesce((SELECT jsonb_agg(jsonb_build_object('file_name', file_name, 'size', size, 'is_gone', file_id IS NULL) ORDER BY position)
                            FROM mail_attachments
                           WHERE mail_attachments.mail_id = mail_deliveries.mail_id), '[]') AS files
           FROM mail_deliveries
           JOIN mails USING (mail_id)
           LEFT JOIN statements USING (statement_id)
          WHERE true",
    );
    if let Some(state) = &filter.state {
        query.push(" AND mail_deliveries.state = ").push_bind(state.clone());
    }
    if let Some(address) = &filter.address {
        query.push(" AND position(lower(").push_bind(address.clone()).push(") IN lower(recipient)) > 0");
    }
    if let Some(number) = filter.number {
        query.push(" AND number = ").push_bind(number);
    }
    if let Some(id) = filter.older_than {
        query.push(" AND mail_delivery_id < ").push_bind(id);
    }
    if let Some(id) = filter.newer_than {
        query.push(" AND mail_delivery_id > ").push_bind(id).push(" ORDER BY mail_delivery_id ASC");
    } else {
        query.push(" ORDER BY mail_delivery_id DESC");
    }
    query.push(" LIMIT ").push_bind(limit);
    let rows: Vec<LogRow> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| row.line(now)).collect())
}

#[derive(sqlx::FromRow)]
struct LogRow {
    mail_delivery_id: i64,
    mail_id: i64,
    made_at: DateTime<Utc>,
    subject: String,
    recipient: String,
    why: String,
    number: Option<i32>,
    state: String,
    attempts: i32,
    next_attempt_at: DateTime<Utc>,
    leased_until: Option<DateTime<Utc>>,
    server_words: String,
    ended_at: Option<DateTime<Utc>>,
    without_files: bool,
    files: Json<Vec<LoggedFile>>,
}

impl LogRow {
    fn line(self, now: DateTime<Utc>) -> LogLine {
        let standing = Standing {
            state: &self.state,
            attempts: self.attempts,
            next_attempt_at: self.next_attempt_at,
            leased_until: self.leased_until,
            server_words: &self.server_words,
            ended_at: self.ended_at,
            is_without_files: self.without_files,
        };
        LogLine {
            id: MailDeliveryId(self.mail_delivery_id),
            mail_id: MailId(self.mail_id),
            made_at: self.made_at,
            words: standing.words(now),
            tone: standing.tone(),
            subject: self.subject,
            recipient: self.recipient,
            why: self.why,
            number: self.number,
            files: self.files.0,
        }
    }
}

/// A whole mail.
#[derive(Debug, Clone)]
pub struct Whole {
    /// Without angle brackets.
    pub message_id: String,
    /// Short name of what caused it.
    pub event: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// From header.
    pub from: String,
    /// To header.
    pub to: String,
    /// Cc header.
    pub cc: String,
    /// Reply-To header.
    pub reply_to: String,
    /// Id of the thread it belongs to.
    pub in_reply_to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Holds a one-time link, or did.
    pub is_secret: bool,
    /// The statement it is about.
    pub statement_id: Option<StatementId>,
    /// The statement's number, once it has one.
    pub number: Option<i32>,
    /// What goes along, in order.
    pub files: Vec<LoggedFile>,
    /// One a recipient.
    pub deliveries: Vec<WholeDelivery>,
}

/// One delivery of a whole mail.
#[derive(Debug, Clone)]
pub struct WholeDelivery {
    /// What became of it.
    pub fate: DeliveryFate,
    /// How often it was tried since it was last queued.
    pub attempts: i32,
    /// The server's last words.
    pub server_words: String,
    /// Whether it still waits.
    pub is_queued: bool,
}

/// A mail with all its deliveries.
///
/// # Errors
/// The database's.
pub async fn whole(pool: &PgPool, mail_id: MailId, now: DateTime<Utc>) -> sqlx::Result<Option<Whole>> {
    let Some(mail) = sqlx::query!(
        r#"
        SELECT message_id, event, mails.made_at, from_header, to_header, cc_header, reply_to, in_reply_to, subject, mails.body, is_secret,
               mails.statement_id, statements.number AS "number?",
               coalesce((SELECT jsonb_agg(jsonb_build_object('file_name', file_name, 'size', size, 'is_gone', file_id IS NULL) ORDER BY position)
                           FROM mail_attachments
                          WHERE mail_attachments.mail_id = mails.mail_id), '[]') AS "files!: Json<Vec<LoggedFile>>"
          FROM mails
          LEFT JOIN statements USING (statement_id)
         WHERE mail_id = $1
        "#,
        mail_id.0
    )
    .fetch_optional(pool)
    .await?
    else {
        return Ok(None);
    };
    let rows = sqlx::query!(
        r#"
        SELECT mail_delivery_id, recipient, why, state, attempts, next_attempt_at, leased_until, server_words, ended_at, without_files
          FROM mail_deliveries
         WHERE mail_id = $1
         ORDER BY mail_delivery_id
        "#,
        mail_id.0
    )
    .fetch_all(pool)
    .await?;
    let has_text = mail.body != ERASED;
    let deliveries = rows
        .into_iter()
        .map(|row| {
            let standing = Standing {
                state: &row.state,
                attempts: row.attempts,
                next_attempt_at: row.next_attempt_at,
                leased_until: row.leased_until,
                server_words: &row.server_words,
                ended_at: row.ended_at,
                is_without_files: row.without_files,
            };
            let fate = DeliveryFate {
                id: MailDeliveryId(row.mail_delivery_id),
                words: standing.words(now),
                tone: standing.tone(),
                can_send_again: has_text && standing.has_ended(),
                has_failed: row.state == "failed",
                ended: standing.ended(),
                recipient: row.recipient,
                why: row.why,
            };
            WholeDelivery { fate, attempts: row.attempts, is_queued: row.state == "queued", server_words: row.server_words }
        })
        .collect();
    Ok(Some(Whole {
        message_id: mail.message_id,
        event: mail.event,
        made_at: mail.made_at,
        from: mail.from_header,
        to: mail.to_header,
        cc: mail.cc_header,
        reply_to: mail.reply_to,
        in_reply_to: mail.in_reply_to,
        subject: mail.subject,
        body: mail.body,
        is_secret: mail.is_secret,
        statement_id: mail.statement_id.map(StatementId),
        number: mail.number,
        files: mail.files.0,
        deliveries,
    }))
}

/// What a delivery is of, locked until the transaction ends.
#[derive(Debug, Clone)]
pub struct Belongs {
    /// Its mail.
    pub mail_id: MailId,
    /// The mail's subject.
    pub subject: String,
    /// The address.
    pub recipient: String,
    /// The statement it is about.
    pub statement_id: Option<StatementId>,
    /// `queued`, `accepted`, `failed`, `recorded`, `cancelled`.
    pub state: String,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// It holds what a removed statement said, and must not leave any more.
    pub is_of_removed: bool,
}

/// Locks a delivery and says what it belongs to.
///
/// # Errors
/// The database's.
pub async fn lock_delivery(connection: &mut PgConnection, id: MailDeliveryId) -> sqlx::Result<Option<Belongs>> {
    let row = sqlx::query!(
        r#"
        SELECT mail_id, subject, recipient, mails.statement_id, mail_deliveries.state, ended_at,
               mails.event <> 'removed' AND coalesce(statements.state = 'removed', false) AS "is_of_removed!"
          FROM mail_deliveries
          JOIN mails USING (mail_id)
          LEFT JOIN statements ON statements.statement_id = mails.statement_id
         WHERE mail_delivery_id = $1
           FOR UPDATE OF mail_deliveries
        "#,
        id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Belongs {
        mail_id: MailId(row.mail_id),
        subject: row.subject,
        recipient: row.recipient,
        statement_id: row.statement_id.map(StatementId),
        state: row.state,
        ended_at: row.ended_at,
        is_of_removed: row.is_of_removed,
    }))
}

/// Who got the mails of an event since a statement was last submitted.
///
/// # Errors
/// The database's.
pub async fn recipients_since_submission(connection: &mut PgConnection, id: StatementId, event: &str) -> sqlx::Result<Vec<Recipient>> {
    let rows = sqlx::query!(
        "SELECT recipient, person_id, why
           FROM mail_deliveries
           JOIN mails USING (mail_id)
           JOIN statements USING (statement_id)
          WHERE statements.statement_id = $1
            AND mails.event = $2
            AND mails.made_at >= statements.submitted_at
          ORDER BY mail_delivery_id",
        id.0,
        event
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Recipient { address: row.recipient, person_id: row.person_id.map(PersonId), why: row.why }).collect())
}

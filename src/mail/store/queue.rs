//! SQL of queueing.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::config::Config;
use crate::ids::MailId;
use crate::mail::{Message, Recipient, files};

/// Queues a message in the transaction of what causes it; one delivery a recipient.
///
/// Ring `App::mail_queued` after the commit, so that it leaves at once.
///
/// # Errors
/// The database's; no randomness for the Message-ID.
pub async fn queue(connection: &mut PgConnection, config: &Config, now: DateTime<Utc>, message: &Message) -> anyhow::Result<MailId> {
    let ids = queue_all(connection, config, now, std::slice::from_ref(message)).await?;
    ids.into_iter().next().ok_or_else(|| anyhow::anyhow!("a mail was not queued"))
}

/// Mails that are queued at once.
const AT_ONCE: usize = 500;

/// Queues messages as [`queue`] does, set by set; their keys in the same order.
///
/// # Errors
/// The database's; no randomness for the Message-IDs.
pub async fn queue_all(connection: &mut PgConnection, config: &Config, now: DateTime<Utc>, messages: &[Message]) -> anyhow::Result<Vec<MailId>> {
    let mut ids = Vec::with_capacity(messages.len());
    for some in messages.chunks(AT_ONCE) {
        let queued = add(&mut *connection, config, now, some).await?;
        for (message, mail_id) in some.iter().zip(&queued) {
            files::store::add(&mut *connection, *mail_id, &message.files).await?;
        }
        ids.extend(queued);
    }
    Ok(ids)
}

/// Gives mails that were queued in this transaction another subject and text: those of the messages, one for each mail.
///
/// # Errors
/// The database's; there are not as many of both.
pub async fn write_anew(connection: &mut PgConnection, mails: &[MailId], messages: &[Message]) -> anyhow::Result<()> {
    anyhow::ensure!(mails.len() == messages.len(), "{} mails for {} messages", mails.len(), messages.len());
    let done = sqlx::query!(
        "UPDATE mails SET subject = anew.subject, body = anew.body
           FROM unnest($1::bigint[], $2::text[], $3::text[]) AS anew (mail_id, subject, body)
          WHERE mails.mail_id = anew.mail_id",
        &mails.iter().map(|mail| mail.0).collect::<Vec<_>>(),
        &messages.iter().map(|message| message.subject.clone()).collect::<Vec<_>>(),
        &messages.iter().map(|message| message.body.clone()).collect::<Vec<_>>()
    )
    .execute(connection)
    .await?;
    anyhow::ensure!(done.rows_affected() == mails.len() as u64, "{} of {} mails were written anew", done.rows_affected(), mails.len());
    Ok(())
}

fn thread(config: &Config, message: &Message) -> String {
    if message.thread.is_empty() { String::new() } else { format!("{}@{}", message.thread, config.host()) }
}

/// Mails and their deliveries; wakes the background tasks of all servers, once this is committed.
async fn add(connection: &mut PgConnection, config: &Config, now: DateTime<Utc>, messages: &[Message]) -> anyhow::Result<Vec<MailId>> {
    let message_ids: Vec<String> =
        messages.iter().map(|_| Ok(format!("{}@{}", crate::random_text(16)?, config.host()))).collect::<anyhow::Result<_>>()?;
    let texts = |of: fn(&Message) -> &str| messages.iter().map(|message| of(message).to_owned()).collect::<Vec<String>>();
    let statements: Vec<Option<i64>> = messages.iter().map(|message| message.statement_id.map(|id| id.0)).collect();
    let threads: Vec<String> = messages.iter().map(|message| thread(config, message)).collect();
    let secrets: Vec<bool> = messages.iter().map(|message| message.is_secret).collect();
    let deliveries = Deliveries::of(config, messages, &message_ids);
    let rows = sqlx::query!(
        r#"
        WITH new AS (
            INSERT INTO mails (message_id, event, statement_id, made_at, from_header, to_header, cc_header, reply_to, in_reply_to, thread, subject, body, is_secret)
            SELECT message_id, event, statement_id, $10, $11, to_header, cc_header, reply_to, thread, thread, subject, body, is_secret
              FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $12::boolean[])
                   WITH ORDINALITY AS mail (message_id, event, statement_id, to_header, cc_header, reply_to, thread, subject, body, is_secret, position)
             ORDER BY position
            RETURNING mail_id, message_id, thread),
        delivery AS (
            INSERT INTO mail_deliveries (mail_id, recipient, person_id, why, thread, state, queued_at, next_attempt_at)
            SELECT mail_id, recipient, person_id, why, thread, 'queued', $10, $10
              FROM unnest($13::text[], $14::text[], $15::bigint[], $16::text[]) WITH ORDINALITY AS given (message_id, recipient, person_id, why, position)
              JOIN new USING (message_id)
             ORDER BY position)
        SELECT mail_id, message_id, pg_notify('mail_queued', '')::text AS woken FROM new
        "#,
        &message_ids,
        &texts(|message| message.event),
        &statements as &[Option<i64>],
        &texts(|message| &message.to),
        &texts(|message| &message.cc),
        &texts(|message| &message.reply_to),
        &threads,
        &texts(|message| &message.subject),
        &texts(|message| &message.body),
        now,
        config.mail_from,
        &secrets,
        &deliveries.of,
        &deliveries.recipients,
        &deliveries.people as &[Option<i64>],
        &deliveries.reasons
    )
    .fetch_all(connection)
    .await?;
    let ids: HashMap<String, i64> = rows.into_iter().map(|row| (row.message_id, row.mail_id)).collect();
    let key = |message_id| ids.get(message_id).copied().map(MailId).ok_or_else(|| anyhow::anyhow!("a mail was not queued"));
    message_ids.iter().map(key).collect()
}

/// Who gets which mail, by column.
#[derive(Default)]
struct Deliveries {
    of: Vec<String>,
    recipients: Vec<String>,
    people: Vec<Option<i64>>,
    reasons: Vec<String>,
}

impl Deliveries {
    /// Each address of a mail once; the archive's too, of a mail about a statement.
    fn of(config: &Config, messages: &[Message], message_ids: &[String]) -> Self {
        let archive =
            config.mail_archive.as_ref().map(|address| Recipient { address: address_alone(address), person_id: None, why: "archive".to_owned() });
        let mut all = Self::default();
        for (message, message_id) in messages.iter().zip(message_ids) {
            let archive = archive.iter().filter(|_| message.statement_id.is_some());
            let mut seen = HashSet::new();
            for recipient in message.recipients.iter().chain(archive) {
                if seen.insert(recipient.address.to_lowercase()) {
                    all.of.push(message_id.clone());
                    all.recipients.push(recipient.address.clone());
                    all.people.push(recipient.person_id.map(|id| id.0));
                    all.reasons.push(recipient.why.clone());
                }
            }
        }
        all
    }
}

/// The address out of `Name <address>`.
fn address_alone(mailbox: &str) -> String {
    mailbox.parse::<lettre::message::Mailbox>().map_or_else(|_| mailbox.to_owned(), |mailbox| mailbox.email.to_string())
}

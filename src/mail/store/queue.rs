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
        let threads: Vec<String> = some.iter().map(|message| thread(config, message)).collect();
        let queued = add(&mut *connection, config, now, some, &threads).await?;
        for (message, mail_id) in some.iter().zip(&queued) {
            files::store::add(&mut *connection, *mail_id, &message.files).await?;
        }
        add_deliveries(&mut *connection, config, now, some, &threads, &queued).await?;
        ids.extend(queued);
    }
    if !ids.is_empty() {
        // wakes the background tasks of all servers, once this is committed
        sqlx::query_scalar!(r#"SELECT pg_notify('mail_queued', '')::text"#).fetch_one(connection).await?;
    }
    Ok(ids)
}

fn thread(config: &Config, message: &Message) -> String {
    if message.thread.is_empty() { String::new() } else { format!("{}@{}", message.thread, config.host()) }
}

async fn add(
    connection: &mut PgConnection,
    config: &Config,
    now: DateTime<Utc>,
    messages: &[Message],
    threads: &[String],
) -> anyhow::Result<Vec<MailId>> {
    let message_ids: Vec<String> =
        messages.iter().map(|_| Ok(format!("{}@{}", crate::random_text(16)?, config.host()))).collect::<anyhow::Result<_>>()?;
    let texts = |of: fn(&Message) -> &str| messages.iter().map(|message| of(message).to_owned()).collect::<Vec<String>>();
    let statements: Vec<Option<i64>> = messages.iter().map(|message| message.statement_id.map(|id| id.0)).collect();
    let secrets: Vec<bool> = messages.iter().map(|message| message.is_secret).collect();
    let rows = sqlx::query!(
        r#"
        INSERT INTO mails (message_id, event, statement_id, made_at, from_header, to_header, cc_header, reply_to, in_reply_to, thread, subject, body, is_secret)
        SELECT message_id, event, statement_id, $10, $11, to_header, cc_header, reply_to, thread, thread, subject, body, is_secret
          FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $12::boolean[])
               WITH ORDINALITY AS mail (message_id, event, statement_id, to_header, cc_header, reply_to, thread, subject, body, is_secret, position)
         ORDER BY position
        RETURNING mail_id, message_id
        "#,
        &message_ids,
        &texts(|message| message.event),
        &statements as &[Option<i64>],
        &texts(|message| &message.to),
        &texts(|message| &message.cc),
        &texts(|message| &message.reply_to),
        threads,
        &texts(|message| &message.subject),
        &texts(|message| &message.body),
        now,
        config.mail_from,
        &secrets
    )
    .fetch_all(connection)
    .await?;
    let ids: HashMap<String, i64> = rows.into_iter().map(|row| (row.message_id, row.mail_id)).collect();
    Ok(message_ids.iter().filter_map(|message_id| ids.get(message_id).copied().map(MailId)).collect())
}

async fn add_deliveries(
    connection: &mut PgConnection,
    config: &Config,
    now: DateTime<Utc>,
    messages: &[Message],
    threads: &[String],
    mails: &[MailId],
) -> sqlx::Result<()> {
    let archive =
        config.mail_archive.as_ref().map(|address| Recipient { address: address_alone(address), person_id: None, why: "archive".to_owned() });
    let (mut of, mut recipients, mut people, mut reasons, mut in_thread) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((message, thread), mail_id) in messages.iter().zip(threads).zip(mails) {
        let archive = archive.iter().filter(|_| message.statement_id.is_some());
        let mut seen = HashSet::new();
        for recipient in message.recipients.iter().chain(archive) {
            if seen.insert(recipient.address.to_lowercase()) {
                of.push(mail_id.0);
                recipients.push(recipient.address.clone());
                people.push(recipient.person_id.map(|id| id.0));
                reasons.push(recipient.why.clone());
                in_thread.push(thread.clone());
            }
        }
    }
    sqlx::query!(
        "INSERT INTO mail_deliveries (mail_id, recipient, person_id, why, thread, state, queued_at, next_attempt_at)
         SELECT mail_id, recipient, person_id, why, thread, 'queued', $6, $6
           FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[])
                WITH ORDINALITY AS delivery (mail_id, recipient, person_id, why, thread, position)
          ORDER BY position",
        &of,
        &recipients,
        &people as &[Option<i64>],
        &reasons,
        &in_thread,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The address out of `Name <address>`.
fn address_alone(mailbox: &str) -> String {
    mailbox.parse::<lettre::message::Mailbox>().map_or_else(|_| mailbox.to_owned(), |mailbox| mailbox.email.to_string())
}

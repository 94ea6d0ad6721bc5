//! SQL of the outbox: queue, claim, mark. Nothing is ever sent from within a request.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Message;
use crate::config::Config;
use crate::ids::MailId;

/// Queues a message in the transaction of what causes it; one delivery a recipient.
///
/// Ring `App::mail_queued` after the commit, so that it leaves at once.
///
/// # Errors
/// The database's; no randomness for the Message-ID.
pub async fn queue(connection: &mut PgConnection, config: &Config, now: DateTime<Utc>, message: &Message) -> anyhow::Result<MailId> {
    let message_id = format!("{}@{}", crate::random_text(16)?, config.host());
    let thread = if message.thread.is_empty() { String::new() } else { format!("{}@{}", message.thread, config.host()) };
    let mail_id = sqlx::query_scalar!(
        r#"
        INSERT INTO mails (message_id, event, statement_id, made_at, from_header, to_header, cc_header, reply_to, in_reply_to, thread, subject, body, is_secret)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12)
        RETURNING mail_id
        "#,
        message_id,
        message.event,
        message.statement_id.map(|id| id.0),
        now,
        config.mail_from,
        message.to,
        message.cc,
        message.reply_to,
        thread,
        message.subject,
        message.body,
        message.is_secret
    )
    .fetch_one(&mut *connection)
    .await?;

    let archive = config.mail_archive.iter().filter(|_| message.statement_id.is_some()).map(|address| super::Recipient {
        address: address.clone(),
        person_id: None,
        why: "archive".to_owned(),
    });
    let mut seen = HashSet::new();
    for recipient in message.recipients.iter().cloned().chain(archive) {
        if !seen.insert(recipient.address.to_lowercase()) {
            continue;
        }
        sqlx::query!(
            "INSERT INTO mail_deliveries (mail_id, recipient, person_id, why, state, next_attempt_at) VALUES ($1, $2, $3, $4, 'queued', $5)",
            mail_id,
            recipient.address,
            recipient.person_id.map(|id| id.0),
            recipient.why,
            now
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(MailId(mail_id))
}

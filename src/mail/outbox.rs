//! SQL of the outbox: queue, claim, mark. Nothing is ever sent from within a request.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::letter::Stored;
pub use super::store::queue::{queue, queue_all, write_anew};
use crate::ids::{MailDeliveryId, MailId};

/// What stands in the place of a body that held a one-time link and has left.
pub const ERASED: &str = "(The text held a one-time link. It was erased.)";

/// A claim that never came back so often is parked: it may be what ends the process.
const LOST_CLAIMS: i32 = 8;

/// A delivery in hand: nobody else takes it while the lease lasts.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The delivery.
    pub delivery_id: MailDeliveryId,
    /// Its mail.
    pub mail_id: MailId,
    /// Address alone.
    pub recipient: String,
    /// This attempt included.
    pub attempts: i32,
    /// When it was first to be sent.
    pub queued_at: DateTime<Utc>,
    /// What is sent.
    pub stored: Stored,
    /// Files go along.
    pub has_files: bool,
    /// But not to this recipient: they are too large.
    pub is_without_files: bool,
}

/// Takes the delivery that has been ready longest, or that one; one short transaction, none is open while sending.
///
/// A recipient gets a thread in order: what follows another that is being sent, is due or waits for a server, waits too.
///
/// # Errors
/// The database's.
pub async fn claim(
    pool: &PgPool,
    holder: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    only: Option<MailDeliveryId>,
) -> sqlx::Result<Option<Claim>> {
    let row = sqlx::query!(
        r#"
        WITH claimed AS (
            UPDATE mail_deliveries
               SET leased_until = $2,
                   lease_holder = $3,
                   attempts = attempts + 1,
                   lost_claims = CASE WHEN leased_until IS NULL THEN 0 ELSE lost_claims + 1 END
             WHERE mail_delivery_id = CASE WHEN $4::bigint IS NULL THEN (SELECT due_delivery($1)) ELSE (
                   SELECT mail_delivery_id
                     FROM mail_deliveries
                    WHERE mail_delivery_id = $4
                      AND state = 'queued'
                      AND next_attempt_at <= $1
                      AND (leased_until IS NULL OR leased_until <= $1)
                      FOR UPDATE SKIP LOCKED) END
            RETURNING mail_delivery_id, mail_id, recipient, attempts, queued_at, without_files)
        SELECT claimed.mail_delivery_id, claimed.mail_id, claimed.recipient, claimed.attempts, claimed.queued_at,
               message_id, made_at, from_header, to_header, cc_header, reply_to, in_reply_to, thread, subject, body,
               without_files, EXISTS (SELECT 1 FROM mail_attachments WHERE mail_attachments.mail_id = claimed.mail_id) AS "has_files!"
          FROM claimed
          JOIN mails USING (mail_id)
        "#,
        now,
        until,
        holder,
        only.map(|id| id.0)
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Claim {
        delivery_id: MailDeliveryId(row.mail_delivery_id),
        mail_id: MailId(row.mail_id),
        recipient: row.recipient,
        attempts: row.attempts,
        queued_at: row.queued_at,
        stored: Stored {
            message_id: row.message_id,
            made_at: row.made_at,
            from: row.from_header,
            to: row.to_header,
            cc: row.cc_header,
            reply_to: row.reply_to,
            in_reply_to: row.in_reply_to,
            thread: row.thread,
            subject: row.subject,
            body: row.body,
        },
        has_files: row.has_files,
        is_without_files: row.without_files,
    }))
}

/// Ends a reminder in hand that speaks of something that no longer waits; what of it still does is written anew.
///
/// # Errors
/// The database's.
pub async fn end_if_pointless(pool: &PgPool, claim: &Claim, now: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        WITH ended AS (
            UPDATE mail_deliveries
               SET state = 'cancelled', ended_at = $3, server_words = 'Not sent: what it says has changed', leased_until = NULL, lease_holder = NULL
             WHERE mail_delivery_id = $1
               AND EXISTS (SELECT 1 FROM reminders WHERE mail_id = $2 AND (NOT reminder_holds(reminders) OR reminder_changed(reminders)))
            RETURNING mail_id),
        freed AS (
            UPDATE reminders SET mail_id = NULL FROM ended WHERE reminders.mail_id = ended.mail_id AND reminder_holds(reminders)
               AND NOT EXISTS (SELECT 1 FROM mail_deliveries AS other
                                WHERE other.mail_id = ended.mail_id AND other.why <> 'archive' AND other.state IN ('accepted', 'recorded')))
        SELECT EXISTS (SELECT 1 FROM ended) AS "is_ended!"
        "#,
        claim.delivery_id.0,
        claim.mail_id.0,
        now
    )
    .fetch_one(pool)
    .await
}

/// Goes on holding a delivery; false: it is somebody else's by now.
///
/// # Errors
/// The database's.
pub async fn renew(pool: &PgPool, id: MailDeliveryId, holder: &str, until: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE mail_deliveries SET leased_until = $3 WHERE mail_delivery_id = $1 AND lease_holder = $2 AND state = 'queued'",
        id.0,
        holder,
        until
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of a delivery in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it; its words.
    Accepted(String),
    /// This recipient can't have it; why.
    Failed(String),
    /// Again at that time; why, and whether only because no server could be reached.
    Later {
        /// When.
        at: DateTime<Utc>,
        /// Why.
        words: String,
        /// Nothing is wrong with the mail.
        waits_for_server: bool,
    },
    /// As if it had not been taken in hand; that attempt does not count.
    GivenBack(String),
}

/// Notes what became of a delivery, if it is still this holder's; false: it is not.
///
/// # Errors
/// The database's.
pub async fn mark(pool: &PgPool, claim: &Claim, holder: &str, now: DateTime<Utc>, outcome: &Outcome) -> sqlx::Result<bool> {
    let (state, next, words, waits_for_server, attempts) = match outcome {
        Outcome::Accepted(words) => ("accepted", None, words, false, claim.attempts),
        Outcome::Failed(words) => ("failed", None, words, false, claim.attempts),
        Outcome::Later { at, words, waits_for_server } => ("queued", Some(*at), words, *waits_for_server, claim.attempts),
        Outcome::GivenBack(words) => ("queued", None, words, true, claim.attempts - 1),
    };
    // one statement, so one way to the database: the next mail waits for it
    let ended = sqlx::query_scalar!(
        r#"
        WITH ended AS (
            UPDATE mail_deliveries
               SET state = $3,
                   next_attempt_at = coalesce($4, next_attempt_at),
                   server_words = $5,
                   waits_for_server = $6,
                   attempts = $7,
                   ended_at = CASE WHEN $3 = 'queued' THEN NULL ELSE $8::timestamptz END,
                   leased_until = NULL,
                   lease_holder = NULL,
                   lost_claims = 0,
                   without_files = $10
             WHERE mail_delivery_id = $1
               AND lease_holder = $2
               AND state = 'queued'
            RETURNING mail_id, state),
        erased AS (
            UPDATE mails
               SET body = $9
              FROM ended
             WHERE mails.mail_id = ended.mail_id
               AND ended.state <> 'queued'
               AND is_secret
               AND NOT EXISTS (
                   SELECT 1
                     FROM mail_deliveries
                    WHERE mail_deliveries.mail_id = mails.mail_id
                      AND mail_delivery_id <> $1
                      AND mail_deliveries.state IN ('queued', 'recorded')))
        SELECT count(*) AS "count!" FROM ended
        "#,
        claim.delivery_id.0,
        holder,
        state,
        next,
        words,
        waits_for_server,
        attempts,
        now,
        ERASED,
        claim.is_without_files
    )
    .fetch_one(pool)
    .await?;
    Ok(ended == 1)
}

/// There is no server to send by: what is due is recorded, and that is its end.
///
/// # Errors
/// The database's.
pub async fn record_due(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        UPDATE mail_deliveries
           SET state = 'recorded', ended_at = $1, leased_until = NULL, lease_holder = NULL, waits_for_server = false
         WHERE state = 'queued'
           AND next_attempt_at <= $1
           AND (leased_until IS NULL OR leased_until <= $1)
        "#,
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// Parks what was taken in hand again and again and never came back.
///
/// # Errors
/// The database's.
pub async fn park_lost(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        UPDATE mail_deliveries
           SET state = 'failed',
               ended_at = $1,
               server_words = 'The tracker ended ' || (lost_claims + 1) || ' times in a row while sending it, so it is not tried any more.',
               leased_until = NULL,
               lease_holder = NULL
         WHERE state = 'queued'
           AND leased_until <= $1
           AND lost_claims + 1 >= $2
        "#,
        now,
        LOST_CLAIMS
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// A server answers again: what only waited for one leaves now, in the order in which it was made.
///
/// # Errors
/// The database's.
pub async fn hurry_after_outage(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        UPDATE mail_deliveries
           SET next_attempt_at = queued_at
         WHERE state = 'queued'
           AND waits_for_server
           AND next_attempt_at > $1
           AND leased_until IS NULL
        "#,
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// Erases one-time links: of mails that have left, and of recorded ones after an hour.
///
/// # Errors
/// The database's.
pub async fn erase_secrets(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        UPDATE mails
           SET body = $2
         WHERE is_secret
           AND body <> $2
           AND made_at <= $1::timestamptz - INTERVAL '1 hour'
           AND NOT EXISTS (SELECT 1 FROM mail_deliveries WHERE mail_deliveries.mail_id = mails.mail_id AND state = 'queued')
        "#,
        now,
        ERASED
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// Since when the delivery that has been due longest waits in vain.
///
/// # Errors
/// The database's.
pub async fn oldest_due(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("SELECT min(next_attempt_at) FROM mail_deliveries WHERE state = 'queued' AND next_attempt_at <= $1", now)
        .fetch_one(pool)
        .await
}

/// How much waits and failed, for a monitoring system.
#[derive(Debug)]
pub struct Figures {
    /// Deliveries that wait or are being sent.
    pub queued: i64,
    /// Since when the oldest of them waits.
    pub oldest: Option<DateTime<Utc>>,
    /// Deliveries that failed.
    pub failed: i64,
}

/// How much waits and failed.
///
/// # Errors
/// The database's.
pub async fn figures(pool: &PgPool) -> sqlx::Result<Figures> {
    sqlx::query_as!(
        Figures,
        r#"
        SELECT count(*) AS "queued!",
               min(queued_at) AS oldest,
               (SELECT count(*) FROM mail_deliveries WHERE state = 'failed') AS "failed!"
          FROM mail_deliveries
         WHERE state = 'queued'
        "#
    )
    .fetch_one(pool)
    .await
}

/// Queues a delivery that ended once more: same mail, same Message-ID. False: it has not ended, or its text is erased.
///
/// # Errors
/// The database's.
pub async fn send_again(connection: &mut PgConnection, id: MailDeliveryId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        UPDATE mail_deliveries
           SET state = 'queued',
               attempts = 0,
               queued_at = $2,
               next_attempt_at = $2,
               server_words = '',
               ended_at = NULL,
               lost_claims = 0,
               waits_for_server = false,
               without_files = false
          FROM mails
         WHERE mail_delivery_id = $1
           AND mails.mail_id = mail_deliveries.mail_id
           AND state IN ('failed', 'accepted', 'recorded')
           AND mails.body <> $3
        "#,
        id.0,
        now,
        ERASED
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_scalar!(r#"SELECT pg_notify('mail_queued', '')::text"#).fetch_one(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a delivery up that waits, or failed. False: it is neither, or is being sent right now.
///
/// # Errors
/// The database's.
pub async fn give_up(connection: &mut PgConnection, id: MailDeliveryId, now: DateTime<Utc>, words: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        UPDATE mail_deliveries
           SET state = 'cancelled',
               ended_at = $2,
               server_words = CASE WHEN state = 'failed' THEN concat_ws(', after: ', $3::text, nullif(server_words, '')) ELSE $3 END,
               leased_until = NULL,
               lease_holder = NULL
         WHERE mail_delivery_id = $1
           AND state IN ('queued', 'failed')
           AND (leased_until IS NULL OR leased_until <= $2)
        "#,
        id.0,
        now,
        words
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

//! Mail: what is queued leaves, once, as it was written, and its fate is told.

mod delivering;
mod desk;
mod files;
mod letters;
mod outage;
mod pages;
mod servers;
mod tls;
mod troubles;

use liaison_tracker::App;
use liaison_tracker::ids::{MailDeliveryId, MailId};
use liaison_tracker::mail::{Message, Recipient, deliver, outbox};
use sqlx::Row;
use tokio_util::sync::CancellationToken;

use crate::support::smtp::SmtpServer;
use crate::support::{self, TestService};

const NOW: &str = "2026-02-20T14:00:00Z";

/// The service, sending to that server.
async fn service(server: &SmtpServer, more: &[(&str, &str)]) -> TestService {
    service_at(&format!("smtp://127.0.0.1:{}", server.port), more).await
}

async fn service_at(smtp_url: &str, more: &[(&str, &str)]) -> TestService {
    let mut variables = vec![
        ("LIAISON_SMTP_URL", smtp_url),
        ("LIAISON_BASE_URL", "https://liaison.example.org"),
        ("LIAISON_MAIL_FROM", "Liaison Tracker <tracker@example.org>"),
    ];
    variables.extend_from_slice(more);
    support::service_with(support::clock(NOW), &variables).await
}

/// A mail to these addresses.
fn message(to: &[&str]) -> Message {
    Message {
        event: "test",
        statement_id: None,
        to: to.join(", "),
        cc: String::new(),
        reply_to: String::new(),
        thread: String::new(),
        subject: "New work on digital twins".to_owned(),
        body: "Hello,\n\nthis is a test.\n".to_owned(),
        is_secret: false,
        files: Vec::new(),
        recipients: to.iter().map(|address| Recipient { address: (*address).to_owned(), person_id: None, why: "chair of NMOP".to_owned() }).collect(),
    }
}

async fn queue(app: &App, message: &Message) -> MailId {
    let mut transaction = app.pool.begin().await.unwrap();
    let id = outbox::queue(&mut transaction, &app.config, app.clock.now(), message).await.unwrap();
    transaction.commit().await.unwrap();
    id
}

/// Sends until nothing is due.
async fn drain(app: &App) {
    deliver::drain(app, &app.pool, &CancellationToken::new()).await.unwrap();
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Delivery {
    id: MailDeliveryId,
    recipient: String,
    state: String,
    attempts: i32,
    words: String,
    minutes: i64,
    is_leased: bool,
}

/// All deliveries in the order in which they were queued; `minutes` until the next attempt.
async fn deliveries(app: &App) -> Vec<Delivery> {
    let rows = sqlx::query(
        "SELECT mail_delivery_id, recipient, state, attempts, server_words, next_attempt_at, leased_until IS NOT NULL
           FROM mail_deliveries ORDER BY mail_delivery_id",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    let now = app.clock.now();
    rows.iter()
        .map(|row| Delivery {
            id: MailDeliveryId(row.get(0)),
            recipient: row.get(1),
            state: row.get(2),
            attempts: row.get(3),
            words: row.get(4),
            minutes: (row.get::<chrono::DateTime<chrono::Utc>, _>(5) - now).num_minutes(),
            is_leased: row.get(6),
        })
        .collect()
}

async fn states(app: &App) -> Vec<String> {
    deliveries(app).await.into_iter().map(|delivery| delivery.state).collect()
}

async fn body(app: &App, id: MailId) -> String {
    sqlx::query_scalar("SELECT body FROM mails WHERE mail_id = $1").bind(id.0).fetch_one(&app.pool).await.unwrap()
}

fn message_id(data: &str) -> String {
    data.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap_or_default().to_owned()
}

/// Moves the clock on.
fn pass(app: &App, minutes: i64) {
    app.clock.set(app.clock.now() + chrono::TimeDelta::minutes(minutes));
}

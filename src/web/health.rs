//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

use crate::App;
use crate::database;
use crate::mail::outbox;

/// The process lives; nothing else is asked.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether pages can be served: 503 with the reason where the database can't, 200 with remarks else.
pub async fn readyz(State(app): State<App>) -> Response {
    if let Some(reason) = app.not_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response();
    }
    match database::probe(&app.pool).await {
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response(),
        Ok(()) => format!("ready\n{}", mail_remark(&app).await).into_response(),
    }
}

/// Mail that does not leave makes no page unavailable: a remark, with its newline.
async fn mail_remark(app: &App) -> String {
    if app.config.smtp_url.is_none() {
        return "mail: recorded, not sent (LIAISON_SMTP_URL is not set)\n".to_owned();
    }
    if let Some(trouble) = app.mail_health.trouble() {
        return format!("mail: not being sent since {}: {}\n", trouble.since.format("%Y-%m-%d %H:%M:%S UTC"), trouble.words);
    }
    // the background task itself may be stuck
    let now = app.clock.now();
    match outbox::oldest_due(&app.pool, now).await {
        Ok(Some(due)) if now - due > TimeDelta::minutes(10) => {
            format!("mail: not being sent since {}: nobody takes it in hand\n", due.format("%Y-%m-%d %H:%M:%S UTC"))
        }
        _ => String::new(),
    }
}

//! Whether the process lives, and whether it can serve.

use std::fmt::Display;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};

use crate::App;
use crate::database;
use crate::mail::outbox;
use crate::telemetry;

/// The process lives; nothing else is asked.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The service of the metrics, apart from the pages.
pub fn metrics(app: App) -> Router {
    const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let answer = async |State(app): State<App>| match telemetry::text(&app).await {
        Ok(text) => ([(header::CONTENT_TYPE, KIND)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    Router::new().route("/metrics", get(answer)).with_state(app)
}

/// Whether pages can be served: 503 with the reason where the database can't, 200 with remarks else.
pub async fn readyz(State(app): State<App>) -> Response {
    if let Some(reason) = app.not_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response();
    }
    let database_time = match database::probe(&app.pool).await {
        Ok(time) => time,
        Err(reason) => return (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response(),
    };
    if let Some(since) = app.disk.full_since(&app.pool).await {
        let reason = format!("the database's disk is full since {}: pages can be read, nothing can be saved", written(since));
        return (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response();
    }
    let now = app.clock.now();
    format!("ready\n{}{}{}", mail_remark(&app).await, worker_remark(&app, now), clock_remark(now, database_time)).into_response()
}

fn written(time: DateTime<Utc>) -> impl Display {
    time.format("%Y-%m-%d %H:%M:%S UTC")
}

/// A background job that hangs.
fn worker_remark(app: &App, now: DateTime<Utc>) -> String {
    let stuck = app.heartbeats.stuck(now);
    stuck.map_or_else(String::new, |(job, since)| format!("background task: {job} is stuck since {}\n", written(since)))
}

/// One of the two clocks is wrong; days, deadlines and links go by this program's.
fn clock_remark(now: DateTime<Utc>, database_time: DateTime<Utc>) -> String {
    if (now - database_time).abs() < TimeDelta::minutes(1) {
        return String::new();
    }
    format!("clock: this program has {}, the database {}\n", written(now), written(database_time))
}

/// Mail that does not leave makes no page unavailable: a remark, with its newline.
async fn mail_remark(app: &App) -> String {
    if app.config.smtp_url.is_none() {
        return "mail: recorded, not sent (LIAISON_SMTP_URL is not set)\n".to_owned();
    }
    if let Some(trouble) = app.mail_health.trouble() {
        return format!("mail: not being sent since {}: {}\n", written(trouble.since), trouble.words);
    }
    // the background task itself may be stuck
    let now = app.clock.now();
    match outbox::oldest_due(&app.pool, now).await {
        Ok(Some(due)) if now - due > TimeDelta::minutes(10) => {
            format!("mail: not being sent since {}: nobody takes it in hand\n", written(due))
        }
        _ => String::new(),
    }
}

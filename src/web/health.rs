//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::database;

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
        Ok(()) if app.config.smtp_url.is_none() => "ready\nmail: recorded, not sent (LIAISON_SMTP_URL is not set)\n".into_response(),
        Ok(()) => "ready\n".into_response(),
    }
}

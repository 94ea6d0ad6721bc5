//! One error type; its page has a way on. Middleware (`layers::error_pages`) turns it into HTML or JSON.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::database::disk;

/// What a handler can end with instead of its page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or not for this person: both look the same.
    #[error("not found")]
    NotFound,
    /// What was asked for is at another address by now.
    #[error("it is at {0}")]
    Elsewhere(String),
    /// The person may read it, but not do this; the reason is for them.
    #[error("not allowed: {0}")]
    NotAllowed(String),
    /// Not possible as things stand; the sentence says what to do. 409.
    #[error("conflict: {0}")]
    Conflict(String),
    /// What was asked can't be understood; 422.
    #[error("can't be understood: {0}")]
    Unreadable(String),
    /// Too large; the sentence says how large it may be. 413.
    #[error("too large: {0}")]
    TooLarge(String),
    /// Too many at once; seconds to wait. 429.
    #[error("too many requests")]
    TooMany(u32),
    /// Too much of it is under way; seconds to wait, and what to do. 503.
    #[error("busy: {1}")]
    Busy(u32, String),
    /// An API route that wants a sign-in. 401.
    #[error("sign-in needed")]
    SignInNeeded,
    /// Ours; logged once with its cause, shown as a reference only.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

/// What the error page needs to know; travels as an extension of the response.
#[derive(Debug, Clone)]
pub struct ErrorDetails {
    /// For the person; empty where the page's own words are enough.
    pub words: String,
}

/// A change failed for want of room; travels as an extension of the response.
#[derive(Debug, Clone, Copy)]
pub struct DiskIsFull;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl Error {
    fn is_unavailable(error: &anyhow::Error) -> bool {
        error.chain().any(|cause| match cause.downcast_ref::<sqlx::Error>() {
            Some(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed) => true,
            // shutting down, out of connections, out of disk or memory, lock or statement time-out, deadlock
            Some(sqlx::Error::Database(database)) => database.code().is_some_and(|code| {
                code.starts_with("57")
                    || code.starts_with("53")
                    || code.starts_with("08")
                    || matches!(&*code, "55P03" | "40001" | "40P01" | "25006" | "3D000" | "28P01" | "28000" | "42P01")
            }),
            _ => false,
        })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, words) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, String::new()),
            Self::Elsewhere(url) => return axum::response::Redirect::to(&url).into_response(),
            Self::NotAllowed(why) => (StatusCode::FORBIDDEN, why),
            Self::Conflict(why) => (StatusCode::CONFLICT, why),
            Self::Unreadable(why) => (StatusCode::UNPROCESSABLE_ENTITY, why),
            Self::TooLarge(why) => (StatusCode::PAYLOAD_TOO_LARGE, why),
            Self::SignInNeeded => (StatusCode::UNAUTHORIZED, "Sign in first.".to_owned()),
            Self::TooMany(seconds) => {
                let mut response = (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response();
                response.extensions_mut().insert(ErrorDetails { words: format!("Too many tries. Wait {seconds} seconds, then try again.") });
                return response;
            }
            Self::Busy(seconds, words) => {
                let mut response = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", seconds.to_string())]).into_response();
                response.extensions_mut().insert(ErrorDetails { words });
                return response;
            }
            Self::Internal(error) if Self::is_unavailable(&error) => {
                let mut response = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "5")]).into_response();
                if disk::is_full(&error) {
                    // said once a minute, by whoever has it in hand
                    response.extensions_mut().insert(DiskIsFull);
                } else {
                    tracing::error!(error = format!("{error:#}"), "the database does not answer");
                }
                response.extensions_mut().insert(ErrorDetails { words: String::new() });
                return response;
            }
            Self::Internal(error) => {
                tracing::error!(error = format!("{error:#}"), "a request failed");
                (StatusCode::INTERNAL_SERVER_ERROR, String::new())
            }
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(ErrorDetails { words });
        response
    }
}

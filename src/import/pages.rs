//! Addresses of the tracker that statements were imported from.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::web::error::Error;
use crate::web::extract::At;
use crate::web::urls;

/// `/liaison/1914/`: numbers were kept, so the statement is found under its own address.
pub async fn old_statement(At(number): At<i32>) -> Response {
    moved(&urls::statement(number))
}

/// `/feed/liaison/recent/`: feeds of the former tracker are lists of this one.
pub async fn recent_feed() -> Response {
    moved("/statements.atom")
}

/// `/feed/liaison/from/itu-t/`, `…/to/…`, `…/subject/…`.
///
/// # Errors
/// There was no such feed.
pub async fn old_feed(At((kind, of)): At<(String, String)>) -> Result<Response, Error> {
    let name = match kind.as_str() {
        "from" => "from",
        "to" => "to",
        "subject" => "q",
        _ => return Err(Error::NotFound),
    };
    Ok(moved(&format!("/statements.atom?{name}={}", urls::encode(&of))))
}

fn moved(url: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, url.to_owned())]).into_response()
}

//! Addresses of the tracker that statements were imported from.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::web::extract::At;
use crate::web::urls;

/// `/liaison/1914/`: numbers were kept, so the statement is found under its own address.
pub async fn old_statement(At(number): At<i32>) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, urls::statement(number))]).into_response()
}

//! The interface for programs: public facts as JSON, under `/api/v1`. The names asked by are those of the pages.

pub mod openapi;
pub mod statements;
pub mod store;
pub mod told;

use askama::Template;
use axum::http::StatusCode;

use crate::statements::Handling;
use crate::web::layout::{Layout, Page};

/// `/api`: what programs can ask.
#[derive(Template)]
#[template(path = "api.html")]
pub struct ApiPage {
    layout: Layout,
    handlings: Vec<&'static str>,
}

/// Tells people what programs can ask.
pub async fn page(layout: Layout) -> Page<ApiPage> {
    let handlings = Handling::ALL.iter().filter(|handling| **handling != Handling::Removed).map(|handling| handling.as_str()).collect();
    Page(StatusCode::OK, ApiPage { layout, handlings })
}

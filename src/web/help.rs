//! `/help`: what a liaison statement is, sending, receiving, the fields, who to ask.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use crate::App;
use crate::mail::kinds::{KINDS, Kind};
use crate::web::error::Error;
use crate::web::layout::{Layout, Page};

/// The page.
#[derive(Template)]
#[template(path = "help.html")]
pub struct Help {
    layout: Layout,
    home: String,
    mails: &'static [Kind],
}

/// Shows it.
///
/// # Errors
/// None of its own.
pub async fn help(State(app): State<App>, layout: Layout) -> Result<Page<Help>, Error> {
    let name = app.installation().home_name.clone();
    let home = if name.is_empty() { "the home organization".to_owned() } else { format!("the {name}") };
    Ok(Page(StatusCode::OK, Help { layout, home, mails: KINDS }))
}

//! The peer has a statement of ours: its receipt, or the number it gave it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::action::words;
use super::remarks::{answer, first_role, open};
use crate::App;
use crate::permissions::Deed;
use crate::problems::{Choice, Problems};
use crate::statements::lifecycle::Acting;
use crate::statements::references::MAX_REFERENCE_CHARACTERS;
use crate::statements::store::Found;
use crate::statements::{Direction, Side, remarks};
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page};
use crate::web::urls;

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Sent {
    reference: String,
    given_by: String,
    note: String,
}

#[derive(Template)]
#[template(path = "statements/confirmed.html")]
struct ConfirmedPage {
    layout: Layout,
    problems: Problems,
    label: String,
    title: String,
    url: String,
    peers: Vec<Choice>,
    sent: Sent,
}

/// The peers it is to, by label.
fn peers(found: &Found) -> Vec<&str> {
    found.case.parties.iter().filter(|party| party.side == Side::To && !party.is_home).map(|party| party.label.as_str()).collect()
}

fn page(app: &App, mut layout: Layout, found: Found, number: i32, sent: Sent, problems: Problems) -> Response {
    layout.error_title = !problems.is_empty();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let chosen =
        if sent.given_by.is_empty() { peers(&found).first().map(|label| (*label).to_owned()).unwrap_or_default() } else { sent.given_by.clone() };
    let page = ConfirmedPage {
        label: format!("{} {number}", app.config.statement_label),
        url: urls::statement(number),
        peers: peers(&found).into_iter().map(|label| Choice::new(label, label, &chosen)).collect(),
        title: found.title,
        sent,
        layout,
        problems,
    };
    Page(status, page).into_response()
}

/// An outgoing one, for who may note it.
async fn opened(app: &App, viewer: &crate::people::Viewer, number: &str) -> Result<(Found, i32, String), Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, number).await?;
    if found.case.direction != Direction::Outgoing {
        return Err(Error::NotFound);
    }
    let role = first_role(viewer, Deed::Agree, &found)?;
    Ok((found, number, role))
}

/// `GET /statements/{number}/confirmed`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    let (found, number, _) = opened(&app, &viewer, &number).await?;
    Ok(page(&app, layout, found, number, Sent::default(), Problems::default()))
}

/// `POST /statements/{number}/confirmed`
pub async fn save(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At(number): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let (found, number, role) = opened(&app, &viewer, &number).await?;
    let mut problems = Problems::default();
    let reference = words(&sent.reference.replace(['\r', '\n'], " "), "reference", "The number", &mut problems);
    if reference.is_empty() && problems.is_empty() {
        problems.add("reference", "Enter the number or the receipt that they gave");
    } else if reference.chars().count() > MAX_REFERENCE_CHARACTERS {
        problems.add("reference", format!("The number must be {MAX_REFERENCE_CHARACTERS} characters or fewer"));
    }
    let said = words(&sent.note, "note", "The words", &mut problems);
    let peers = peers(&found);
    let given_by = peers.iter().find(|label| **label == sent.given_by).or(peers.first()).map(|label| (*label).to_owned()).unwrap_or_default();
    if !problems.is_empty() {
        return Ok(page(&app, layout, found, number, sent, problems));
    }
    let done = remarks::confirm(&app, Acting { viewer: &viewer, role: &role }, number, (&reference, &given_by), &said).await?;
    answer(&app, number, done, "")
}

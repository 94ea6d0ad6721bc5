//! The receipt to the sender, shown as it would go, and sent by choice.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::remarks::{answer, first_role, open};
use super::submit::MailShown;
use crate::App;
use crate::permissions::Deed;
use crate::statements::Direction;
use crate::statements::lifecycle::Acting;
use crate::statements::receipt;
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn};
use crate::web::layout::{Layout, Page};
use crate::web::urls;

#[derive(Template)]
#[template(path = "statements/receipt.html")]
struct ReceiptPage {
    layout: Layout,
    label: String,
    title: String,
    url: String,
    sent: String,
    mail: Option<MailShown>,
    text: String,
}

/// `GET /statements/{number}/receipt`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, &number).await?;
    if found.case.direction != Direction::Incoming {
        return Err(Error::NotFound);
    }
    first_role(&viewer, Deed::Direct, &found)?;
    let sent = receipt::sent_at(&mut connection, &found).await?;
    let message = receipt::compose(&app, &mut connection, &found, number).await?;
    let page = ReceiptPage {
        layout,
        label: format!("{} {number}", app.config.statement_label),
        title: found.title,
        url: urls::statement(number),
        sent: sent.map(|at| at.format("%-d %b %Y at %H:%M UTC").to_string()).unwrap_or_default(),
        text: message.as_ref().map(|message| message.body.clone()).unwrap_or_default(),
        mail: message.as_ref().map(MailShown::of),
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `POST /statements/{number}/receipt`
pub async fn send(State(app): State<App>, SignedIn(viewer): SignedIn, At(number): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, &number).await?;
    let role = first_role(&viewer, Deed::Direct, &found)?;
    drop(connection);
    let done = receipt::send(&app, Acting { viewer: &viewer, role: &role }, number).await?;
    answer(&app, number, done, "")
}

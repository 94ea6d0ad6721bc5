//! The link that was mailed to a new address.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::link_gone;
use crate::App;
use crate::people::accounts::{self, Outcome};
use crate::people::store::LinkPurpose;
use crate::web::error::Error;
use crate::web::extract::At;
use crate::web::layout::{Layout, Page, redirect_with};

#[derive(Template)]
#[template(path = "people/address.html")]
struct AddressPage {
    layout: Layout,
    name: String,
    old: String,
    new: String,
    secret: String,
}

/// Shows the button that changes the address.
///
/// # Errors
/// The database's.
pub async fn show(State(app): State<App>, layout: Layout, At(secret): At<String>) -> Result<Response, Error> {
    match accounts::read_link(&app, &secret, &[LinkPurpose::AddressChange]).await? {
        Some(link) => {
            let page = AddressPage { layout, name: link.name, old: link.primary_address, new: link.address.unwrap_or_default(), secret };
            Ok(Page(StatusCode::OK, page).into_response())
        }
        None => Ok(link_gone(layout, "/account", "Your account")),
    }
}

/// Changes the address.
///
/// # Errors
/// The address became somebody else's meanwhile; the database's.
pub async fn submit(State(app): State<App>, layout: Layout, At(secret): At<String>) -> Result<Response, Error> {
    match accounts::confirm_address(&app, &secret).await? {
        Outcome::Done => Ok(redirect_with(&app, "/account", "done", "Your e-mail address is changed.")),
        Outcome::AddressTaken => {
            Err(Error::Conflict("This address belongs to somebody else by now. Ask for the change again with another one.".to_owned()))
        }
        Outcome::LinkGone if accounts::was_just_used(&app, &secret, &[LinkPurpose::AddressChange]).await? => {
            Ok(redirect_with(&app, "/account", "notice", "This link has just changed an e-mail address. It works once."))
        }
        _ => Ok(link_gone(layout, "/account", "Your account")),
    }
}

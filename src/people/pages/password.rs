//! A new password by a mailed link: forgotten, or the first one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::link_gone;
use crate::App;
use crate::people::accounts::{self, Client, Outcome};
use crate::people::store::LinkPurpose;
use crate::web::error::Error;
use crate::web::extract::{At, TypedForm};
use crate::web::forms::Problems;
use crate::web::layout::{Layout, Page, redirect_with};

const PURPOSES: [LinkPurpose; 2] = [LinkPurpose::PasswordReset, LinkPurpose::Invitation];

#[derive(Template)]
#[template(path = "people/password_forgotten.html")]
struct ForgottenPage {
    layout: Layout,
    problems: Problems,
    email: String,
}

impl ForgottenPage {
    fn problem(&self, field: &str) -> &str {
        self.problems.of(field)
    }
}

/// Whose password.
#[derive(Deserialize)]
pub struct ForgottenForm {
    #[serde(default)]
    email: String,
}

/// Shows the form that asks for the address.
pub async fn show_forgotten(layout: Layout) -> Response {
    Page(StatusCode::OK, ForgottenPage { layout, problems: Problems::default(), email: String::new() }).into_response()
}

/// Mails a link, if the address has an account; answers the same if not.
///
/// # Errors
/// Too many requests; the database's.
pub async fn submit_forgotten(
    State(app): State<App>,
    layout: Layout,
    client: Client,
    TypedForm(form): TypedForm<ForgottenForm>,
) -> Result<Response, Error> {
    if form.email.trim().is_empty() {
        let mut problems = Problems::default();
        problems.add("email", "Enter your e-mail address");
        let layout = Layout { error_title: true, ..layout };
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, ForgottenPage { layout, problems, email: form.email }).into_response());
    }
    accounts::request_link(&app, &client, &form.email, LinkPurpose::PasswordReset, None).await?;
    Ok(redirect_with(
        &app,
        "/sign-in",
        "notice",
        "If this address has an account, a link for a new password is on its way to it. It works for 60 minutes, once.",
    ))
}

#[derive(Template)]
#[template(path = "people/password.html")]
struct PasswordPage {
    layout: Layout,
    problems: Problems,
    secret: String,
    address: String,
    is_first: bool,
}

impl PasswordPage {
    fn problem(&self, field: &str) -> &str {
        self.problems.of(field)
    }
}

/// The new password.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default, rename = "new-password")]
    new_password: String,
}

/// Shows the form of a link that works.
///
/// # Errors
/// The database's.
pub async fn show(State(app): State<App>, layout: Layout, At(secret): At<String>) -> Result<Response, Error> {
    page(&app, layout, secret, Problems::default()).await
}

async fn page(app: &App, layout: Layout, secret: String, problems: Problems) -> Result<Response, Error> {
    let Some(link) = accounts::read_link(app, &secret, &PURPOSES).await? else {
        return Ok(link_gone(layout, "/password/forgotten", "Have another link mailed"));
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let layout = Layout { error_title: !problems.is_empty(), ..layout };
    let is_first = link.purpose == LinkPurpose::Invitation.as_str();
    Ok(Page(status, PasswordPage { layout, problems, secret, address: link.primary_address, is_first }).into_response())
}

/// Sets the password.
///
/// # Errors
/// The database's.
pub async fn submit(
    State(app): State<App>,
    layout: Layout,
    At(secret): At<String>,
    TypedForm(form): TypedForm<PasswordForm>,
) -> Result<Response, Error> {
    match accounts::set_password_by_link(&app, &secret, &form.new_password).await? {
        Outcome::Done => Ok(redirect_with(&app, "/sign-in", "done", "Your password is set. Sign in with it.")),
        Outcome::Refused(why) => {
            let mut problems = Problems::default();
            problems.add("new-password", why);
            page(&app, layout, secret, problems).await
        }
        Outcome::LinkGone if accounts::was_just_used(&app, &secret, &PURPOSES).await? => {
            Ok(redirect_with(&app, "/sign-in", "notice", "This link has just set a password, and works once. Sign in with that password."))
        }
        _ => page(&app, layout, secret, Problems::default()).await,
    }
}

//! Signing in by password or mailed link, and signing out.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::link_gone;
use crate::App;
use crate::people::accounts::{self, Client};
use crate::people::store::{self, LinkPurpose};
use crate::people::{DEMONSTRATION_ENDING, DEMONSTRATION_PASSWORD};
use crate::web::error::Error;
use crate::web::extract::{Asked, At, TypedForm};
use crate::web::forms::Problems;
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::{session, urls};

/// One account of a demonstration.
struct DemonstrationAccount {
    name: String,
    address: String,
    roles: String,
}

#[derive(Template)]
#[template(path = "people/sign_in.html")]
struct SignInPage {
    layout: Layout,
    problems: Problems,
    email: String,
    next: String,
    demonstration_accounts: Vec<DemonstrationAccount>,
    demonstration_password: &'static str,
}

impl SignInPage {
    fn problem(&self, field: &str) -> &str {
        self.problems.of(field)
    }
}

/// Where to go on after signing in.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// The form.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    by: String,
}

/// Shows the form; on a demonstration its accounts too.
///
/// # Errors
/// The database's.
pub async fn show(State(app): State<App>, layout: Layout, Asked(asked): Asked<Next>) -> Result<Response, Error> {
    page(&app, layout, Problems::default(), String::new(), &asked.next).await
}

async fn page(app: &App, layout: Layout, problems: Problems, email: String, next: &str) -> Result<Response, Error> {
    let demonstration_accounts = if layout.demonstration { demonstration_accounts(app).await? } else { Vec::new() };
    let next = if next.is_empty() { String::new() } else { urls::local(next) };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let layout = Layout { error_title: !problems.is_empty(), ..layout };
    let page = SignInPage { layout, problems, email, next, demonstration_accounts, demonstration_password: DEMONSTRATION_PASSWORD };
    Ok(Page(status, page).into_response())
}

async fn demonstration_accounts(app: &App) -> Result<Vec<DemonstrationAccount>, Error> {
    let mut connection = app.pool.acquire().await?;
    let mut people = store::people(&mut connection, DEMONSTRATION_ENDING).await?;
    people.retain(|person| person.has_password && !person.is_disabled);
    // as they were made: the secretariat first, who has no role last
    people.sort_by_key(|person| person.person_id);
    let mut accounts = Vec::new();
    for person in people {
        let roles = store::current_roles(&mut connection, app.today(), person.person_id).await?;
        let roles = if roles.is_empty() { "no role".to_owned() } else { roles.iter().map(|role| role.words()).collect::<Vec<_>>().join(", ") };
        accounts.push(DemonstrationAccount { name: person.name, address: person.address, roles });
    }
    Ok(accounts)
}

/// Signs in, or mails a link.
///
/// # Errors
/// Too many tries; the database's.
pub async fn submit(State(app): State<App>, layout: Layout, client: Client, TypedForm(form): TypedForm<SignInForm>) -> Result<Response, Error> {
    let wants_link = form.by == "link";
    let mut problems = Problems::default();
    if form.email.trim().is_empty() {
        problems.add("email", "Enter your e-mail address");
    }
    if form.password.is_empty() && !wants_link {
        problems.add("password", "Enter your password");
    }
    if !problems.is_empty() {
        return page(&app, layout, problems, form.email, &form.next).await;
    }
    if wants_link {
        return mail_link(&app, &client, &form).await;
    }
    match accounts::sign_in(&app, &client, &form.email, form.password).await? {
        Some(secret) => Ok(signed_in(&app, &secret, &form.next)),
        None => {
            problems.add("email", "E-mail address or password is wrong");
            page(&app, layout, problems, form.email, &form.next).await
        }
    }
}

async fn mail_link(app: &App, client: &Client, form: &SignInForm) -> Result<Response, Error> {
    let next = urls::local(&form.next);
    accounts::request_link(app, client, &form.email, LinkPurpose::SignIn, Some(&next)).await?;
    Ok(redirect_with(
        app,
        &urls::sign_in(&next),
        "notice",
        "If this address has an account, a link is on its way to it. It works for 15 minutes, once.",
    ))
}

/// Goes on, with the session's cookie.
fn signed_in(app: &App, secret: &str, next: &str) -> Response {
    (CookieJar::new().add(session::cookie(app, secret)), Redirect::to(&urls::local(next))).into_response()
}

#[derive(Template)]
#[template(path = "people/sign_in_link.html")]
struct LinkPage {
    layout: Layout,
    name: String,
    secret: String,
}

/// Shows the button that signs in: programs that open every link of a mail press none.
///
/// # Errors
/// The database's.
pub async fn show_link(State(app): State<App>, layout: Layout, At(secret): At<String>) -> Result<Response, Error> {
    match accounts::read_link(&app, &secret, &[LinkPurpose::SignIn]).await? {
        Some(link) => Ok(Page(StatusCode::OK, LinkPage { layout, name: link.name, secret }).into_response()),
        None => Ok(link_gone(layout, "/sign-in", "Sign in, or have another link mailed")),
    }
}

/// Signs in by the link.
///
/// # Errors
/// The database's.
pub async fn submit_link(State(app): State<App>, layout: Layout, client: Client, At(secret): At<String>) -> Result<Response, Error> {
    match accounts::sign_in_by_link(&app, &client, &secret).await? {
        Some((cookie, next)) => Ok(signed_in(&app, &cookie, &next)),
        // who is not signed in by it is asked to sign in there
        None if accounts::was_just_used(&app, &secret, &[LinkPurpose::SignIn]).await? => {
            Ok(redirect_with(&app, "/desk", "notice", "This link has just signed somebody in. It works once."))
        }
        None => Ok(link_gone(layout, "/sign-in", "Sign in, or have another link mailed")),
    }
}

/// Ends the session that came, and has the browser forget the pages it kept.
///
/// # Errors
/// The database's.
pub async fn sign_out(State(app): State<App>, client: Client) -> Result<Response, Error> {
    if let Some(hash) = &client.cookie_hash {
        store::sessions::end_by_secret(&mut *app.pool.acquire().await?, hash).await?;
    }
    Ok(signed_out(&app, "You are signed out."))
}

/// The way on after a session ended.
pub(super) fn signed_out(app: &App, words: &str) -> Response {
    let clear = [(HeaderName::from_static("clear-site-data"), "\"cache\"")];
    (clear, CookieJar::new().add(session::no_cookie(app)), redirect_with(app, "/", "done", words)).into_response()
}

//! After posting: a comment, and the page that asks before a removal.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use super::action::words;
use crate::App;
use crate::people::Viewer;
use crate::permissions::{Deed, may};
use crate::problems::Problems;
use crate::statements::State as Life;
use crate::statements::actions::Done;
use crate::statements::lifecycle::Acting;
use crate::statements::remarks;
use crate::statements::store::{self, Found, Key};
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

/// What the forms send.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    comment: String,
    audience: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "statements/remove.html")]
struct RemovePage {
    layout: Layout,
    problems: Problems,
    label: String,
    title: String,
    url: String,
    consequences: Vec<String>,
    reason: String,
}

#[derive(Template)]
#[template(path = "statements/comment.html")]
struct CommentPage {
    layout: Layout,
    problems: Problems,
    label: String,
    title: String,
    url: String,
    sent: Sent,
    may_comment_privately: bool,
}

pub(super) async fn open(connection: &mut PgConnection, number: &str) -> Result<(Found, i32), Error> {
    let number = super::number(number).ok_or(Error::NotFound)?;
    let found = store::find(connection, Key::Number(number)).await?.filter(|found| found.case.state == Life::Posted);
    Ok((found.ok_or(Error::NotFound)?, number))
}

pub(super) fn first_role(viewer: &Viewer, deed: Deed, found: &Found) -> Result<String, Error> {
    let roles = may(Some(viewer), deed, &found.case).map_err(|why| Error::NotAllowed(why.0))?;
    Ok(roles.first().map(crate::people::Role::words).unwrap_or_default())
}

pub(super) fn answer(app: &App, number: i32, done: Done, place: &str) -> Result<Response, Error> {
    let url = format!("{}{place}", urls::statement(number));
    match done {
        Done::Recorded(words) => Ok(redirect_with(app, &url, "done", &words)),
        Done::Already | Done::Stale => Ok(redirect_with(app, &url, "notice", "That is recorded already.")),
        Done::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Done::Gone => Err(Error::NotFound),
    }
}

/// `POST /statements/{number}/comments`
pub async fn comment(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    mut layout: Layout,
    At(number): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, &number).await?;
    let is_private = sent.audience != "public";
    let role = first_role(&viewer, if is_private { Deed::ReadConcerned } else { Deed::Comment }, &found)?;
    drop(connection);
    let mut problems = Problems::default();
    let said = words(&sent.comment, "comment", "The comment", &mut problems);
    if said.is_empty() && problems.is_empty() {
        problems.add("comment", "Enter what you want to say");
    }
    if !problems.is_empty() {
        layout.error_title = true;
        let page = CommentPage {
            label: format!("{} {number}", app.config.statement_label),
            title: found.title.clone(),
            url: urls::statement(number),
            may_comment_privately: may(Some(&viewer), Deed::ReadConcerned, &found.case).is_ok(),
            sent,
            layout,
            problems,
        };
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let done = remarks::comment(&app, Acting { viewer: &viewer, role: &role }, number, &said, is_private).await?;
    answer(&app, number, done, "#comments")
}

async fn removal(app: &App, layout: Layout, viewer: &Viewer, number: &str, sent: Option<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    if let Some(number) = super::number(number)
        && let Some(found) = store::find(&mut connection, Key::Number(number)).await?
        && found.case.state == Life::Removed
    {
        return Ok(redirect_with(app, &urls::statement(number), "notice", "It is removed already."));
    }
    let (found, number) = open(&mut connection, number).await?;
    let role = first_role(viewer, Deed::Remove, &found)?;
    let mut problems = Problems::default();
    if let Some(sent) = &sent {
        let reason = words(&sent.reason, "reason", "The reason", &mut problems);
        if reason.is_empty() && problems.is_empty() {
            problems.add("reason", "Enter why it is removed");
        }
        if problems.is_empty() {
            drop(connection);
            let done = remarks::remove(app, Acting { viewer, role: &role }, number, &reason).await?;
            return answer(app, number, done, "");
        }
    }
    let ends = store::remarks::would_end(&mut connection, found.statement_id).await?;
    let count = |count: i64, one: &str, several: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    };
    let layout = Layout { error_title: !problems.is_empty(), ..layout };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RemovePage {
        label: format!("{} {number}", app.config.statement_label),
        title: found.title,
        url: urls::statement(number),
        consequences: vec![
            "It disappears from lists, search, feeds and the interface for programs. Its text and files are no longer shown.".to_owned(),
            "Its address stays, and says that it was removed, when, and why. The number is never used again.".to_owned(),
            format!("{} still open, and {} not yet sent, end.", count(ends.actions, "part", "parts"), count(ends.mails, "mail", "mails")),
            "Whoever was mailed at posting is told, with your reason.".to_owned(),
        ],
        reason: sent.map(|sent| sent.reason).unwrap_or_default(),
        layout,
        problems,
    };
    Ok(Page(status, page).into_response())
}

/// `GET /statements/{number}/remove`
pub async fn show_removal(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    removal(&app, layout, &viewer, &number, None).await
}

/// `POST /statements/{number}/remove`
pub async fn remove(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At(number): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    removal(&app, layout, &viewer, &number, Some(sent)).await
}

//! *Waiting for the sender*: a draft is paused, and goes on.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::action::words;
use super::pass_on::PassOnPage;
use crate::App;
use crate::permissions::Deed;
use crate::problems::Problems;
use crate::statements::State as Life;
use crate::statements::letter::shown_title;
use crate::statements::lifecycle::Acting;
use crate::statements::pages::draft;
use crate::statements::store::Found;
use crate::statements::waiting::{self, Waited};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    words: String,
}

/// What could not be taken, back on a page of its own.
fn not_taken(mut layout: Layout, found: &Found, words: String, problems: Problems) -> Response {
    layout.error_title = true;
    let page = PassOnPage {
        layout,
        problems,
        heading: "Wait for the sender",
        title: shown_title(&found.title),
        intro: "The draft is paused until it is saved again; after some days you are reminded.",
        action: urls::wait(&found.draft_id),
        back_url: urls::draft(&found.draft_id),
        asks_whom: false,
        to: String::new(),
        words,
        words_label: "What was the sender asked?",
        words_hint: "It stands on the draft, and in the history",
        button: "Wait for the sender",
    };
    Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// `POST /statements/drafts/{draft_id}/wait`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn wait(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    if found.case.state != Life::Draft {
        return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
    }
    let role = draft::first_role(&viewer, Deed::Edit, &found)?;
    drop(connection);
    let url = urls::draft(&draft_id);
    let mut problems = Problems::default();
    let asked = words(&sent.words, "words", "What the sender was asked", &mut problems);
    if asked.is_empty() && problems.is_empty() {
        problems.add("words", "Enter what the sender was asked");
    }
    if !problems.is_empty() {
        return Ok(not_taken(layout, &found, sent.words, problems));
    }
    match waiting::wait(&app, Acting { viewer: &viewer, role: &role }, &draft_id, &asked).await? {
        Waited::Done => Ok(redirect_with(&app, &url, "done", "It waits for the sender. Saving it ends the wait.")),
        Waited::Already => Ok(redirect_with(&app, &url, "notice", "It waits for the sender already.")),
        Waited::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
    }
}

/// `POST /statements/drafts/{draft_id}/resume`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn resume(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    if found.case.state != Life::Draft {
        return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
    }
    let role = draft::first_role(&viewer, Deed::Edit, &found)?;
    drop(connection);
    let url = urls::draft(&draft_id);
    match waiting::resume(&app, Acting { viewer: &viewer, role: &role }, &draft_id).await? {
        Waited::Done => Ok(redirect_with(&app, &url, "done", "It waits for the sender no more.")),
        Waited::Already => Ok(redirect_with(&app, &url, "notice", "It does not wait for the sender.")),
        Waited::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
    }
}

//! Handing a draft to another author; consulting the IRTF Chair; the page of all that asks for words about a draft.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::action::words;
use crate::App;
use crate::ids::PersonId;
use crate::people::{self, Viewer};
use crate::permissions::Deed;
use crate::problems::Problems;
use crate::statements::State as Life;
use crate::statements::letter::shown_title;
use crate::statements::lifecycle::{Acting, Outcome};
use crate::statements::pages::draft;
use crate::statements::passing::{self, Consulted};
use crate::statements::store::{Found, passing as store};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

#[derive(Template)]
#[template(path = "statements/pass_on.html")]
pub(super) struct PassOnPage {
    pub(super) layout: Layout,
    pub(super) problems: Problems,
    pub(super) heading: &'static str,
    pub(super) title: String,
    pub(super) intro: &'static str,
    pub(super) action: String,
    pub(super) back_url: String,
    pub(super) asks_whom: bool,
    pub(super) to: String,
    pub(super) words: String,
    pub(super) words_label: &'static str,
    pub(super) words_hint: &'static str,
    pub(super) button: &'static str,
}

/// What the forms send.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    to: String,
    words: String,
}

fn hand_over_page(mut layout: Layout, found: &Found, sent: Sent, problems: Problems) -> PassOnPage {
    layout.error_title = !problems.is_empty();
    PassOnPage {
        layout,
        problems,
        heading: "Hand the draft over",
        title: shown_title(&found.title),
        intro: "Another drafts it from then on: it stands on their desk, and they are reminded of it. Both of you are told.",
        action: urls::hand_over(&found.draft_id),
        back_url: urls::draft(&found.draft_id),
        asks_whom: true,
        to: sent.to,
        words: sent.words,
        words_label: "A word to them",
        words_hint: "What is left to be done; may be empty",
        button: "Hand it over",
    }
}

fn consult_page(mut layout: Layout, found: &Found, sent: Sent, problems: Problems) -> PassOnPage {
    layout.error_title = !problems.is_empty();
    PassOnPage {
        layout,
        problems,
        heading: "Consult the IRTF Chair",
        title: shown_title(&found.title),
        intro: "Its topic is a research group's: the IRTF Chair is asked, can read it, and may pass the question on.",
        action: urls::consult(&found.draft_id),
        back_url: if found.case.state == Life::InReview { urls::review(&found.draft_id) } else { urls::draft(&found.draft_id) },
        asks_whom: false,
        to: String::new(),
        words: sent.words,
        words_label: "What do you ask?",
        words_hint: "It is mailed to the IRTF Chair, and stands in the history",
        button: "Consult",
    }
}

async fn open(app: &App, viewer: Option<&Viewer>, draft_id: &str, deed: Deed) -> Result<(Found, Viewer), Error> {
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, viewer, draft_id).await?;
    let viewer = viewer.cloned().ok_or(Error::NotFound)?;
    draft::first_role(&viewer, deed, &found)?;
    Ok((found, viewer))
}

/// `GET /statements/drafts/{draft_id}/hand-over`
pub async fn show_hand_over(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
) -> Result<Response, Error> {
    let (found, _) = open(&app, viewer.as_ref(), &draft_id, Deed::Edit).await?;
    if found.case.state != Life::Draft {
        return Err(Error::Elsewhere(urls::draft(&draft_id)));
    }
    Ok(Page(StatusCode::OK, hand_over_page(layout, &found, Sent::default(), Problems::default())).into_response())
}

/// Who is meant by an address.
async fn whom(app: &App, address: &str, problems: &mut Problems) -> sqlx::Result<Option<PersonId>> {
    let person = people::store::find_by_address(&mut *app.pool.acquire().await?, address.trim()).await?;
    if address.trim().is_empty() {
        problems.add("to", "Enter their e-mail address");
    } else if person.is_none() {
        problems.add("to", "Nobody here has this address");
    }
    Ok(person)
}

/// `POST /statements/drafts/{draft_id}/hand-over`
pub async fn hand_over(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let opened = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await;
    if let (Err(Error::NotFound), Some(viewer)) = (&opened, &viewer)
        && store::was_handed_over_by(&mut connection, &draft_id, viewer.person_id).await?
    {
        // the second click of who may not read it any more
        return Ok(done(&app));
    }
    let (found, viewer) = opened?;
    if matches!(found.case.state, Life::Posted | Life::Removed) {
        return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
    }
    let role = draft::first_role(&viewer, Deed::Edit, &found)?;
    if found.case.state != Life::Draft {
        return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
    }
    drop(connection);
    let mut problems = Problems::default();
    let said = words(&sent.words, "words", "A word to them", &mut problems);
    let person = whom(&app, &sent.to, &mut problems).await?;
    let Some(person) = person.filter(|_| problems.is_empty()) else {
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, hand_over_page(layout, &found, sent, problems)).into_response());
    };
    match passing::hand_over(&app, Acting { viewer: &viewer, role: &role }, &draft_id, person, &said).await? {
        Outcome::NotAllowed(why) => {
            problems.add("to", why.0);
            Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, hand_over_page(layout, &found, sent, problems)).into_response())
        }
        Outcome::Already(Life::Draft, _) | Outcome::Draft => Ok(done(&app)),
        outcome => draft::after(&app, &found, &outcome, "", "").ok_or(Error::NotFound),
    }
}

fn done(app: &App) -> Response {
    redirect_with(app, "/desk", "done", "Handed over. Both of you were told.")
}

/// `GET /statements/drafts/{draft_id}/consult`
pub async fn show_consult(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
) -> Result<Response, Error> {
    let (found, _) = open(&app, viewer.as_ref(), &draft_id, Deed::Consult).await?;
    Ok(Page(StatusCode::OK, consult_page(layout, &found, Sent::default(), Problems::default())).into_response())
}

/// `POST /statements/drafts/{draft_id}/consult`
pub async fn consult(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    if !matches!(found.case.state, Life::Draft | Life::InReview) {
        return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
    }
    let role = draft::first_role(&viewer, Deed::Consult, &found)?;
    drop(connection);
    let mut problems = Problems::default();
    let said = words(&sent.words, "words", "What you ask", &mut problems);
    if said.is_empty() && problems.is_empty() {
        problems.add("words", "Enter what you ask");
    }
    if problems.is_empty() {
        match passing::consult(&app, Acting { viewer: &viewer, role: &role }, &draft_id, &said).await? {
            Consulted::Done => return Ok(redirect_with(&app, &urls::draft(&draft_id), "done", "The IRTF Chair is asked, and can read it.")),
            Consulted::Before => {
                return Ok(redirect_with(&app, &urls::draft(&draft_id), "notice", "The IRTF Chair was asked before, and can read it."));
            }
            Consulted::Nobody => problems.add("words", "Nobody is the IRTF Chair at present: tell the secretariat"),
            Consulted::NotInHand => return draft::already(&app, &mut *app.pool.acquire().await?, &found, Some(&viewer)).await,
            Consulted::NotAllowed(why) => return Err(Error::NotAllowed(why.0)),
        }
    }
    Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, consult_page(layout, &found, sent, problems)).into_response())
}

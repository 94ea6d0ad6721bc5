//! Taking back, restoring, deleting: one button each, from the pages of a draft.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::App;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::statements::lifecycle::{self, Acting, Outcome, Step};
use crate::statements::pages::draft;
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::redirect_with;

/// What the buttons send.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    pub(super) reason: String,
    twin: String,
}

/// Takes the step, whoever may.
pub(super) async fn turn(
    app: App,
    viewer: Option<Viewer>,
    draft_id: &str,
    step: Step,
    deed: Deed,
    reason: &str,
    done: &str,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), draft_id).await?;
    let role = draft::first_role(&viewer, deed, &found)?;
    let who = draft::who_decided(&mut connection, &found, Some(&viewer)).await?;
    drop(connection);
    let outcome = lifecycle::step(&app, Acting { viewer: &viewer, role: &role }, draft_id, step, reason).await?;
    match outcome {
        Outcome::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        outcome => draft::after(&app, &found, &outcome, done, &who).ok_or(Error::NotFound),
    }
}

/// `POST /statements/drafts/{draft_id}/take-back`
pub async fn take_back(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    turn(app, viewer, &draft_id, Step::TakeBack, Deed::Edit, "", "Taken back: it is a draft again.").await
}

/// `POST /statements/drafts/{draft_id}/restore`
pub async fn restore(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    turn(app, viewer, &draft_id, Step::Restore, Deed::Abandon, "", "Restored: it is a draft again.").await
}

/// `POST /statements/drafts/{draft_id}/delete`
pub async fn delete(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    turn(app, viewer, &draft_id, Step::Delete, Deed::Abandon, "", "The draft is deleted.").await
}

/// `POST /statements/drafts/{draft_id}/link-instead`
pub async fn link_instead(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    let role = draft::first_role(&viewer, Deed::Abandon, &found)?;
    let who = draft::who_decided(&mut connection, &found, Some(&viewer)).await?;
    drop(connection);
    let Some(twin) = super::number(&sent.twin) else {
        return Ok(redirect_with(&app, &urls::submit(&draft_id), "problem", "There is no such statement. Nothing was changed."));
    };
    match lifecycle::link_instead(&app, Acting { viewer: &viewer, role: &role }, &draft_id, twin).await? {
        Outcome::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Outcome::Ended => {
            Ok(redirect_with(&app, &urls::statement(twin), "done", "Your draft was given up; it is noted here that the letter arrived again."))
        }
        Outcome::Stale => Ok(redirect_with(&app, &urls::submit(&draft_id), "problem", "There is no such statement. Nothing was changed.")),
        outcome => draft::after(&app, &found, &outcome, "", &who).ok_or(Error::NotFound),
    }
}

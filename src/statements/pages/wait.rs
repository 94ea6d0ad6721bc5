//! *Waiting for the sender*: a draft is paused, and goes on.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::App;
use crate::permissions::Deed;
use crate::statements::State as Life;
use crate::statements::body;
use crate::statements::lifecycle::Acting;
use crate::statements::pages::draft;
use crate::statements::waiting::{self, Waited};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::redirect_with;

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    asked: String,
}

/// `POST /statements/drafts/{draft_id}/wait`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn wait(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
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
    let asked: String = sent.asked.trim().chars().filter(|letter| matches!(letter, '\r' | '\n' | '\t') || !letter.is_control()).collect();
    let asked = body::clean(&asked).unwrap_or_default();
    if asked.is_empty() {
        return Ok(redirect_with(&app, &url, "problem", "Enter what the sender was asked. Nothing was changed."));
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

//! Who else is at a draft: told on its page, and to the page's script while it is open.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::statements::State as Life;
use crate::statements::pages::draft;
use crate::statements::store::draft::newest;
use crate::statements::store::{Found, editing};
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};

/// How long a draft counts as open after the last sign of it; the script gives one each minute.
const SILENCE: TimeDelta = TimeDelta::minutes(3);
/// How long a save is told as such: it may be of somebody whose browser runs no script.
const LATELY: TimeDelta = TimeDelta::minutes(15);

/// What the script sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    version: String,
}

/// Who else is at a draft, in a sentence each; empty: nobody.
///
/// # Errors
/// The database's.
pub(super) async fn others(app: &App, connection: &mut PgConnection, found: &Found, viewer: &Viewer) -> sqlx::Result<String> {
    let now = app.clock.now();
    let others = editing::others(connection, found.statement_id, viewer.person_id, now - SILENCE, now - LATELY).await?;
    let sentence = |other: &editing::Other| {
        let time = other.at.format("%H:%M");
        if other.has_it_open { format!("{} is editing too (since {time})", other.name) } else { format!("{} saved it at {time}", other.name) }
    };
    Ok(others.iter().map(sentence).collect::<Vec<_>>().join(" · "))
}

/// `POST /statements/drafts/{draft_id}/open`
pub async fn open(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    draft::first_role(&viewer, Deed::Edit, &found)?;
    drop(connection);
    if found.case.state != Life::Draft {
        let said = format!("{} meanwhile. Your text is still here", super::save::happened(found.case.state));
        return Ok(Json(serde_json::json!({ "said": said })).into_response());
    }
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    editing::opened(&mut transaction, found.statement_id, viewer.person_id, now, now - SILENCE).await?;
    let mut said = others(&app, &mut transaction, &found, &viewer).await?;
    let newest = newest(&mut transaction, found.statement_id).await?;
    transaction.commit().await?;
    let is_newer = sent.version.parse().is_ok_and(|version: i32| newest.version > version);
    if is_newer && newest.person_id != Some(viewer.person_id) {
        said = format!("{} saved this draft at {}: save yours, and you see both", newest.saved_by, newest.saved_at.format("%H:%M"));
    }
    Ok(Json(serde_json::json!({ "said": said })).into_response())
}

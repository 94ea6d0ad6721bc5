//! *Send again* to one recipient, from a statement's page or a draft's.

use axum::extract::State as Service;
use axum::response::Response;

use crate::App;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::MailDeliveryId;
use crate::mail::outbox;
use crate::mail::store::{self, Belongs};
use crate::people::{Role, Viewer};
use crate::permissions::{self, Deed, WhyNot};
use crate::statements::store::{Found, Key};
use crate::statements::{self, State};
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn};
use crate::web::layout::redirect_with;
use crate::web::urls;

/// `POST /statements/{number}/mail/{delivery}/send-again`
pub async fn of_statement(
    Service(app): Service<App>,
    SignedIn(viewer): SignedIn,
    At((number, delivery)): At<(i32, MailDeliveryId)>,
) -> Result<Response, Error> {
    let said = send(&app, &viewer, Key::Number(number), delivery).await?;
    Ok(redirect_with(&app, &format!("{}#mail", urls::statement(number)), "done", &said))
}

/// `POST /statements/drafts/{draft_id}/mail/{delivery}/send-again`
pub async fn of_draft(
    Service(app): Service<App>,
    SignedIn(viewer): SignedIn,
    At((draft_id, delivery)): At<(String, MailDeliveryId)>,
) -> Result<Response, Error> {
    let said = send(&app, &viewer, Key::Draft(&draft_id), delivery).await?;
    Ok(redirect_with(&app, &format!("{}#mail", urls::draft(&draft_id)), "done", &said))
}

async fn send(app: &App, viewer: &Viewer, key: Key<'_>, id: MailDeliveryId) -> Result<String, Error> {
    let mut transaction = app.pool.begin().await?;
    let found = statements::store::find(&mut transaction, key).await?.ok_or(Error::NotFound)?;
    let role = may(viewer, key, &found)?;
    let belongs = store::lock_delivery(&mut transaction, id).await?.filter(|belongs| belongs.statement_id == Some(found.statement_id));
    let belongs = belongs.ok_or(Error::NotFound)?;
    again(app, &mut transaction, viewer, role, id, &belongs).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(format!("It will be sent to {} again now.", belongs.recipient))
}

/// In which role somebody may; who may not even read a draft is not told that it is there.
fn may(viewer: &Viewer, key: Key<'_>, found: &Found) -> Result<String, Error> {
    let is_public = matches!(found.case.state, State::Posted | State::Removed);
    let knows = is_public || (matches!(key, Key::Draft(_)) && permissions::may(Some(viewer), Deed::ReadDraft, &found.case).is_ok());
    if !knows {
        return Err(Error::NotFound);
    }
    let roles = permissions::may(Some(viewer), Deed::SendAgain, &found.case).map_err(|WhyNot(why)| Error::NotAllowed(why))?;
    Ok(roles.first().map(Role::words).unwrap_or_default())
}

/// Queues it once more, and says so in the history.
pub(super) async fn again(
    app: &App,
    connection: &mut sqlx::PgConnection,
    viewer: &Viewer,
    role: String,
    id: MailDeliveryId,
    belongs: &Belongs,
) -> Result<(), Error> {
    let now = app.clock.now();
    if !outbox::send_again(connection, id, now).await? {
        return Err(Error::Conflict("It still waits to be sent, was given up, or its text was erased, so it can't be sent again.".to_owned()));
    }
    let words = format!("sent the mail \u{201c}{}\u{201d} to {} again", belongs.subject, belongs.recipient);
    record(connection, now, viewer, role, "mail-sent-again", &words, belongs).await?;
    Ok(())
}

/// A line of history about a delivery.
pub(super) async fn record(
    connection: &mut sqlx::PgConnection,
    now: chrono::DateTime<chrono::Utc>,
    viewer: &Viewer,
    role: String,
    event: &str,
    words: &str,
    belongs: &Belongs,
) -> sqlx::Result<()> {
    let actor = Actor { person_id: Some(viewer.person_id), name: viewer.name.clone(), role };
    let entry = Entry {
        statement_id: belongs.statement_id,
        person_id: None,
        group_id: None,
        actor: &actor,
        event,
        words,
        changes: serde_json::json!({}),
        audience: if belongs.statement_id.is_some() { Audience::Concerned } else { Audience::Staff },
    };
    history::record(connection, now, &entry).await
}

//! *Send again* to one recipient, or *Give up*, from a statement's page or a draft's.

use axum::extract::State as Service;
use axum::response::Response;
use serde::Deserialize;

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
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::redirect_with;
use crate::web::urls;

/// What the button sends along.
#[derive(Debug, Default, Deserialize)]
pub struct Seen {
    /// The end that was on the page, in microseconds.
    #[serde(default)]
    ended: String,
}

/// What came of pressing the button: the kind of its notice, and its words.
pub(super) type Said = (&'static str, String);

/// What is asked for.
#[derive(Clone, Copy)]
enum Asked {
    Again,
    GiveUp,
}

/// `POST /statements/{number}/mail/{delivery}/send-again`
pub async fn of_statement(
    Service(app): Service<App>,
    SignedIn(viewer): SignedIn,
    At((number, delivery)): At<(i32, MailDeliveryId)>,
    TypedForm(seen): TypedForm<Seen>,
) -> Result<Response, Error> {
    decide(&app, &viewer, Key::Number(number), delivery, &seen, Asked::Again).await
}

/// `POST /statements/drafts/{draft_id}/mail/{delivery}/send-again`
pub async fn of_draft(
    Service(app): Service<App>,
    SignedIn(viewer): SignedIn,
    At((draft_id, delivery)): At<(String, MailDeliveryId)>,
    TypedForm(seen): TypedForm<Seen>,
) -> Result<Response, Error> {
    decide(&app, &viewer, Key::Draft(&draft_id), delivery, &seen, Asked::Again).await
}

/// `POST /statements/{number}/mail/{delivery}/give-up`
pub async fn give_up_of_statement(
    Service(app): Service<App>,
    SignedIn(viewer): SignedIn,
    At((number, delivery)): At<(i32, MailDeliveryId)>,
    TypedForm(seen): TypedForm<Seen>,
) -> Result<Response, Error> {
    decide(&app, &viewer, Key::Number(number), delivery, &seen, Asked::GiveUp).await
}

/// `POST /statements/drafts/{draft_id}/mail/{delivery}/give-up`
pub async fn give_up_of_draft(
    Service(app): Service<App>,
    SignedIn(viewer): SignedIn,
    At((draft_id, delivery)): At<(String, MailDeliveryId)>,
    TypedForm(seen): TypedForm<Seen>,
) -> Result<Response, Error> {
    decide(&app, &viewer, Key::Draft(&draft_id), delivery, &seen, Asked::GiveUp).await
}

async fn decide(app: &App, viewer: &Viewer, key: Key<'_>, id: MailDeliveryId, seen: &Seen, asked: Asked) -> Result<Response, Error> {
    let mut transaction = app.begin().await?;
    let found = statements::store::find(&mut transaction, key).await?.ok_or(Error::NotFound)?;
    let role = may(viewer, key, &found)?;
    let belongs = store::lock_delivery(&mut transaction, id).await?.filter(|belongs| belongs.statement_id == Some(found.statement_id));
    let belongs = belongs.ok_or(Error::NotFound)?;
    let (kind, words) = match asked {
        Asked::Again => again(app, &mut transaction, viewer, role, id, &belongs, seen).await?,
        // what waits goes on waiting: here only what failed is given up
        Asked::GiveUp if belongs.state == "queued" => on_its_way(&belongs),
        Asked::GiveUp => give_up(app, &mut transaction, viewer, role, id, &belongs, seen).await?,
    };
    transaction.commit().await?;
    app.mail_queued.notify_one();
    let page = match key {
        Key::Draft(draft_id) => urls::draft(draft_id),
        _ => found.number.map_or_else(String::new, urls::statement),
    };
    Ok(redirect_with(app, &format!("{page}#mail"), kind, &words))
}

fn on_its_way(belongs: &Belongs) -> Said {
    ("notice", format!("It is on its way to {} already.", belongs.recipient))
}

fn has_ended_as_seen(belongs: &Belongs, seen: &Seen) -> bool {
    belongs.ended_at.is_some_and(|at| at.timestamp_micros().to_string() == seen.ended)
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

/// Queues it once more, and says so in the history. Pressed twice, or from an old page, it does nothing more.
pub(super) async fn again(
    app: &App,
    connection: &mut sqlx::PgConnection,
    viewer: &Viewer,
    role: String,
    id: MailDeliveryId,
    belongs: &Belongs,
    seen: &Seen,
) -> Result<Said, Error> {
    let recipient = &belongs.recipient;
    if belongs.is_of_removed {
        return Err(Error::Conflict("The statement was removed, so its mail is not sent any more.".to_owned()));
    }
    if belongs.state == "queued" {
        return Ok(on_its_way(belongs));
    }
    if belongs.state != "cancelled" && !has_ended_as_seen(belongs, seen) {
        return Ok(("notice", format!("What became of the mail to {recipient} has changed meanwhile. It was not sent again.")));
    }
    let now = app.clock.now();
    if !outbox::send_again(connection, id, now).await? {
        return Err(Error::Conflict("It was given up, or its text was erased, so it can't be sent again.".to_owned()));
    }
    let words = format!("sent the mail \u{201c}{}\u{201d} to {recipient} again", belongs.subject);
    record(connection, now, viewer, role, "mail-sent-again", &words, belongs).await?;
    Ok(("done", format!("It will be sent to {recipient} again now.")))
}

/// Gives up what waits or failed, and says so in the history. Of what failed only the end that was seen is given up.
pub(super) async fn give_up(
    app: &App,
    connection: &mut sqlx::PgConnection,
    viewer: &Viewer,
    role: String,
    id: MailDeliveryId,
    belongs: &Belongs,
    seen: &Seen,
) -> Result<Said, Error> {
    let recipient = &belongs.recipient;
    if belongs.state != "queued" && !(belongs.state == "failed" && has_ended_as_seen(belongs, seen)) {
        return Ok(("notice", format!("What became of the mail to {recipient} has changed meanwhile. Nothing was given up.")));
    }
    let now = app.clock.now();
    if !outbox::give_up(connection, id, now, &format!("by {}", viewer.name)).await? {
        return Err(Error::Conflict("It is being sent right now. Look again in a minute.".to_owned()));
    }
    let words = format!("gave up sending the mail \u{201c}{}\u{201d} to {recipient}", belongs.subject);
    record(connection, now, viewer, role, "mail-given-up", &words, belongs).await?;
    Ok(("done", format!("It will not be sent to {recipient}.")))
}

/// A line of history about a delivery.
async fn record(
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

//! The receipt to the sender of an incoming statement (domain.md 7): by choice, previewed, once.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Audience};
use crate::mail::address::{EmailAddress, Mailbox};
use crate::mail::{Message, Recipient, outbox};
use crate::people;
use crate::permissions::{Deed, may};
use crate::statements::actions::Done;
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, Acknowledged};
use crate::statements::store::{self, Found, receipt};
use crate::statements::{Direction, Side};
use crate::urls;

/// The receipt as it would go; none: the statement names nobody whom it was received from.
///
/// # Errors
/// The database's.
pub async fn compose(app: &App, connection: &mut PgConnection, found: &Found, number: i32) -> anyhow::Result<Option<Message>> {
    let facts = receipt::facts(&mut *connection, found.statement_id).await?;
    let Some((name, address)) = facts.received_from else { return Ok(None) };
    let mut reply_to = app.config.coordinators_address.clone();
    for peer in found.case.parties.iter().filter(|party| party.side == Side::From) {
        let managers = people::store::managers_for(&mut *connection, app.today(), peer.group_id).await?;
        if let Some(alias) = managers.into_iter().find_map(|manager| manager.alias) {
            reply_to = alias;
            break;
        }
    }
    let acknowledged = Acknowledged {
        statement_id: found.statement_id,
        thread: &found.draft_id,
        label: format!("{} {number}", app.config.statement_label),
        url: app.config.absolute(&urls::statement(number)),
        title: &found.title,
        references: facts.references,
        to: facts.to_text,
        due: facts.due,
        standing: &app.config.standing_words,
    };
    // a name that could be taken for more than a name is left out
    let to = address.parse::<EmailAddress>().ok().and_then(|mailbox| Mailbox::new(Some(name.as_str()), mailbox).ok());
    let to = to.map_or_else(|| address.clone(), |mailbox| mailbox.to_string());
    let recipient = Recipient { address, person_id: None, why: "the sender".to_owned() };
    Ok(Some(mails::receipt(&acknowledged, to, reply_to, recipient)?))
}

/// When a receipt was sent; none: never.
///
/// # Errors
/// The database's.
pub async fn sent_at(connection: &mut PgConnection, found: &Found) -> sqlx::Result<Option<DateTime<Utc>>> {
    receipt::sent_at(connection, found.statement_id).await
}

/// Sends it; twice is the same as once.
///
/// # Errors
/// The database's.
pub async fn send(app: &App, acting: Acting<'_>, number: i32) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Done::Gone) };
    if locked.case.direction != Direction::Incoming {
        return Ok(Done::Gone);
    }
    if let Err(why) = may(Some(acting.viewer), Deed::Direct, &locked.case) {
        return Ok(Done::NotAllowed(why));
    }
    if sent_at(&mut transaction, &locked).await?.is_some() {
        return Ok(Done::Already);
    }
    let Some(message) = compose(app, &mut transaction, &locked, number).await? else { return Ok(Done::Stale) };
    outbox::queue(&mut transaction, &app.config, now, &message).await?;
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "receipt-sent", "sent a receipt to the sender");
    entry.audience = Audience::Public;
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded("The receipt is on its way.".to_owned()))
}

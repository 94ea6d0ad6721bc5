//! The receipt to the sender of an incoming statement (domain.md 7): by choice or by default, previewed, once.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Audience};
use crate::ids::GroupId;
use crate::mail::address::{EmailAddress, Mailbox};
use crate::mail::{Message, Recipient, outbox};
use crate::people;
use crate::permissions::{Deed, may};
use crate::statements::actions::Done;
use crate::statements::letter::Letter;
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, Acknowledged};
use crate::statements::store::steps::NewAction;
use crate::statements::store::{self, Found, receipt};
use crate::statements::{Direction, Side};
use crate::urls;

/// The history's word for a receipt that was sent.
pub const SENT: &str = "receipt-sent";
/// The history's sentence of it.
pub const SENT_IN_WORDS: &str = "sent a receipt to the sender";

/// The receipt as it would go; none: the statement names nobody whom it was received from.
///
/// # Errors
/// The database's.
pub async fn compose(app: &App, connection: &mut PgConnection, found: &Found, number: i32) -> anyhow::Result<Option<Message>> {
    let facts = receipt::facts(&mut *connection, found.statement_id).await?;
    let Some((name, address)) = facts.received_from else { return Ok(None) };
    let peers: Vec<GroupId> = found.case.parties.iter().filter(|party| party.side == Side::From).map(|peer| peer.group_id).collect();
    let reply_to = reply_to(app, &mut *connection, &peers).await?;
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

/// To whom the receipt of a letter goes that is not posted yet, and whom they answer.
pub struct Receipt {
    to: String,
    address: String,
    reply_to: String,
}

impl Receipt {
    /// None: nobody is named whom it was received from.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_letter(app: &App, connection: &mut PgConnection, letter: &Letter) -> sqlx::Result<Option<Self>> {
        let Some(sender) = &letter.received_from else { return Ok(None) };
        let peers: Vec<GroupId> = letter.from.iter().map(|peer| peer.group.group_id).collect();
        let reply_to = reply_to(app, connection, &peers).await?;
        Ok(Some(Self { to: sender.to_string(), address: sender.address().as_str().to_owned(), reply_to }))
    }

    /// The one that posting sends; none: at submission none was chosen, one was sent, or nobody is named whom it was received from.
    ///
    /// # Errors
    /// The database's.
    pub async fn at_posting(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter) -> sqlx::Result<Option<Self>> {
        if !receipt::is_chosen(&mut *connection, found.statement_id).await? || sent_at(&mut *connection, found).await?.is_some() {
            return Ok(None);
        }
        Self::of_letter(app, connection, letter).await
    }

    /// As posting writes it, with the number of the statement that it acknowledges.
    ///
    /// # Errors
    /// The template's.
    pub fn write(&self, app: &App, found: &Found, letter: &Letter, actions: &[NewAction], number: i32) -> anyhow::Result<Message> {
        let acknowledged = Acknowledged {
            statement_id: found.statement_id,
            thread: &found.draft_id,
            label: format!("{} {number}", app.config.statement_label),
            url: app.config.absolute(&urls::statement(number)),
            title: &letter.title,
            references: letter.references.join(", "),
            to: letter.to_text(),
            due: actions
                .iter()
                .filter_map(|action| action.deadline.as_ref())
                .min_by_key(|(day, ..)| *day)
                .map(|(day, _, kind)| (*day, *kind == "ours")),
            standing: &app.config.standing_words,
        };
        let recipient = Recipient { address: self.address.clone(), person_id: None, why: "the sender".to_owned() };
        Ok(mails::receipt(&acknowledged, self.to.clone(), self.reply_to.clone(), recipient)?)
    }
}

/// The first manager's alias, else the coordinators' address.
async fn reply_to(app: &App, connection: &mut PgConnection, peers: &[GroupId]) -> sqlx::Result<String> {
    for peer in peers {
        let managers = people::store::managers_for(&mut *connection, app.today(), *peer).await?;
        if let Some(alias) = managers.into_iter().find_map(|manager| manager.alias) {
            return Ok(alias);
        }
    }
    Ok(app.config.coordinators_address.clone())
}

/// Whether a receipt of this letter goes by default: set for its sender's organization and its purpose.
///
/// # Errors
/// The database's.
pub async fn is_default(connection: &mut PgConnection, letter: &Letter) -> sqlx::Result<bool> {
    let organizations: Vec<GroupId> = letter.from.iter().map(|sender| sender.group.organization_id).collect();
    Ok(letter.received_from.is_some() && receipt::is_default(connection, &organizations, letter.purpose).await?)
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
    let mut entry = line(locked.statement_id, &actor, SENT, SENT_IN_WORDS);
    entry.audience = Audience::Public;
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded("The receipt is on its way.".to_owned()))
}

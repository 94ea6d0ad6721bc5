//! Who else sees to a posted statement (domain.md 2, 3): *not for us*, redirected to another group, another lead.
//! The addressees as written stay; what is added says when. Each is one transaction, with its history and its mails.

use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Audience};
use crate::organizations::{self, GroupFacts};
use crate::people;
use crate::permissions::{Deed, may};
use crate::statements::actions::{Done, Held, Which, about, hold, queue};
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, Handled};
use crate::statements::recipients::{tell_managers, who_sees_to_it};
use crate::statements::store::redirect as store;
use crate::statements::{Direction, Handling};

/// A part of an incoming statement: only these are redirected.
async fn incoming(connection: &mut PgConnection, which: Which<'_>) -> sqlx::Result<Option<Held>> {
    Ok(hold(connection, which).await?.filter(|held| held.case.direction == Direction::Incoming))
}

/// A chair of an addressed group says that it is not for them; the peer's manager decides.
///
/// # Errors
/// The database's.
pub async fn refuse(app: &App, acting: Acting<'_>, which: Which<'_>, words: &str) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = incoming(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Refuse, &case) {
        return Ok(Done::NotAllowed(why));
    }
    if part.refused.is_some() {
        return Ok(Done::Already);
    }
    if !part.state.handling.is_open() {
        return Ok(Done::Stale);
    }
    store::refuse(&mut transaction, &locked, &part, acting.viewer.person_id, words, now).await?;
    let said = format!("said that it is not for {}: {words}", part.label);
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "not-for-us", &said);
    entry.changes = json!({ "group": part.acronym });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    let mut told = mails::Recipients::default();
    tell_managers(app, &mut transaction, &case, acting.viewer.person_id, &mut told).await?;
    told.add(&app.config.coordinators_address, None, "liaison coordinators");
    let message = mails::handled(
        &about(app, &locked, &part, which.number),
        &Handled {
            event: "not-for-us",
            subject: format!("not for {}", part.label),
            words: format!(
                "{} says that it is not for {}: {words}\n\nRedirect it to another group, or decide that it stays.",
                acting.named(),
                part.label
            ),
            title: &locked.title,
            due: None,
        },
        told.into_list(),
    )?;
    queue(app, &mut transaction, now, message).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded("Recorded. The liaison manager is asked to decide.".to_owned()))
}

/// The manager or a coordinator decides that it stays with the group.
///
/// # Errors
/// The database's.
pub async fn keep(app: &App, acting: Acting<'_>, which: Which<'_>) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = incoming(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Direct, &case) {
        return Ok(Done::NotAllowed(why));
    }
    if part.refused.is_none() {
        return Ok(Done::Already);
    }
    if part.version != which.version || !part.state.handling.is_open() {
        return Ok(Done::Stale);
    }
    store::keep(&mut transaction, &locked, &part).await?;
    let actor = acting.actor();
    let words = format!("decided that it stays with {}", part.label);
    history::record(&mut transaction, now, &line(locked.statement_id, &actor, "stays", &words).as_entry()).await?;
    let told = who_sees_to_it(app, &mut transaction, &case, &part, acting.viewer.person_id).await?;
    let message = mails::handled(
        &about(app, &locked, &part, which.number),
        &Handled {
            event: "stays",
            subject: format!("it stays with {}", part.label),
            words: format!("{} {words}.", acting.named()),
            title: &locked.title,
            due: crate::statements::store::actions::deadline(&mut transaction, part.action_id).await?,
        },
        told.into_list(),
    )?;
    queue(app, &mut transaction, now, message).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded(format!("It stays with {}.", part.label)))
}

/// Redirects a part to another group of ours, which has it from then on and leads.
///
/// # Errors
/// The database's.
pub async fn redirect(app: &App, acting: Acting<'_>, which: Which<'_>, to: &GroupFacts, words: &str) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = incoming(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Direct, &case) {
        return Ok(Done::NotAllowed(why));
    }
    if part.state.handling == Handling::Redirected {
        return Ok(Done::Already);
    }
    if part.version != which.version || !part.state.handling.is_open() {
        return Ok(Done::Stale);
    }
    let due = crate::statements::store::actions::deadline(&mut transaction, part.action_id).await?;
    let mut told = who_sees_to_it(app, &mut transaction, &case, &part, acting.viewer.person_id).await?;
    store::redirect(&mut transaction, &locked, &part, (to.group_id, &to.label), words, now).await?;
    for stored in organizations::store::contacts(&mut transaction, to.group_id).await?.iter().filter(|contact| contact.usage == "list") {
        if let Ok(mailbox) = stored.mailbox.parse::<crate::mail::address::Mailbox>() {
            told.add(mailbox.address().as_str(), None, &format!("list of {}", to.label));
        }
    }
    for chair in people::store::chairs_of(&mut transaction, app.today(), to.group_id).await? {
        told.add(&chair.address, Some(chair.person_id), &format!("chair of {}", to.label));
    }
    let said = format!("redirected {}’s part to {}: {words}", part.label, to.label);
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "redirected", &said);
    entry.audience = Audience::Public;
    entry.changes = json!({ "from": part.acronym, "to": to.acronym });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    let moved = crate::statements::store::actions::part(&mut transaction, locked.statement_id, &to.acronym).await?;
    let message = mails::handled(
        &about(app, &locked, moved.as_ref().unwrap_or(&part), which.number),
        &Handled {
            event: "redirected",
            subject: format!("redirected from {} to {}", part.label, to.label),
            words: format!("{} {said}", acting.named()),
            title: &locked.title,
            due,
        },
        told.into_list(),
    )?;
    queue(app, &mut transaction, now, message).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded(format!("Redirected to {}, which was mailed.", to.label)))
}

/// Makes an addressee the one that sees to the answer; ends nothing.
///
/// # Errors
/// The database's.
pub async fn lead(app: &App, acting: Acting<'_>, which: Which<'_>) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = incoming(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Direct, &case) {
        return Ok(Done::NotAllowed(why));
    }
    if part.is_lead {
        return Ok(Done::Already);
    }
    if !part.state.handling.is_open() {
        return Ok(Done::Stale);
    }
    store::lead(&mut transaction, &locked, part.group_id).await?;
    let actor = acting.actor();
    let words = format!("made {} the group that sees to the answer", part.label);
    let mut entry = line(locked.statement_id, &actor, "lead-changed", &words);
    entry.audience = Audience::Public;
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    Ok(Done::Recorded(format!("{} sees to the answer now.", part.label)))
}

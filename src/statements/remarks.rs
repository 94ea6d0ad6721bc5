//! After posting (domain.md 2): comments, and the removal of what was posted in error.

use serde_json::json;

use crate::App;
use crate::history::{self, Audience};
use crate::mail::{self, outbox};
use crate::permissions::{Deed, may};
use crate::statements::Direction;
use crate::statements::actions::Done;
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, About, Handled};
use crate::statements::store::{self, answers, remarks};
use crate::urls;

/// Adds a comment, public or for those concerned.
///
/// # Errors
/// The database's.
pub async fn comment(app: &App, acting: Acting<'_>, number: i32, words: &str, is_private: bool) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Done::Gone) };
    let deed = if is_private { Deed::ReadConcerned } else { Deed::Comment };
    if let Err(why) = may(Some(acting.viewer), deed, &locked.case) {
        return Ok(Done::NotAllowed(why));
    }
    if !remarks::comment(&mut transaction, &locked, (acting.viewer.person_id, acting.role), words, is_private, now).await? {
        return Ok(Done::Already);
    }
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "commented", "added a comment");
    entry.audience = if is_private { Audience::Concerned } else { Audience::Public };
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    Ok(Done::Recorded("Your comment stands below.".to_owned()))
}

/// Removes what was posted in error: its address says so, with the reason; it is gone everywhere else.
///
/// # Errors
/// The database's.
pub async fn remove(app: &App, acting: Acting<'_>, number: i32, reason: &str) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Remove, &locked.case) {
        return Ok(Done::NotAllowed(why));
    }
    let mut told: Vec<_> = remarks::mailed_at_posting(&mut transaction, locked.statement_id).await?;
    for drafter in answers::drafters_answering(&mut transaction, locked.statement_id).await? {
        let is_told = |one: &mail::Recipient| one.person_id == drafter.person_id || one.address.eq_ignore_ascii_case(&drafter.address);
        if !told.iter().any(is_told) {
            told.push(drafter);
        }
    }
    told.retain(|recipient| recipient.person_id != Some(acting.viewer.person_id));
    remarks::remove(&mut transaction, &locked, now).await?;
    let actor = acting.actor();
    for reopened in answers::reopen(&mut transaction, &locked, now).await? {
        let words = format!("reopened it for {}: {} {number}, which ended it, was removed", reopened.label, app.config.statement_label);
        let mut entry = line(reopened.statement_id, &actor, "reopened", &words);
        entry.audience = Audience::Public;
        entry.changes = json!({ "removed": number });
        history::record(&mut transaction, now, &entry.as_entry()).await?;
    }
    let mut entry = line(locked.statement_id, &actor, "removed", reason);
    entry.audience = Audience::Public;
    entry.changes = json!({ "number": number });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    if !told.is_empty() {
        let about = About {
            statement_id: locked.statement_id,
            draft_id: locked.draft_id.clone(),
            label: format!("{} {number}", app.config.statement_label),
            url: app.config.absolute(&urls::statement(number)),
        };
        let handled = Handled {
            event: "removed",
            subject: "removed".to_owned(),
            words: format!("{} removed it: {reason}", acting.named()),
            title: &locked.title,
            due: None,
        };
        outbox::queue(&mut transaction, &app.config, now, &mails::handled(&about, &handled, told)?).await?;
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded("Removed. Whoever was mailed at posting is told.".to_owned()))
}

/// Notes that a peer has a statement of ours: the number or receipt it gave becomes a reference.
///
/// # Errors
/// The database's.
pub async fn confirm(app: &App, acting: Acting<'_>, number: i32, (reference, given_by): (&str, &str), words: &str) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Done::Gone) };
    if locked.case.direction != Direction::Outgoing {
        return Ok(Done::Gone);
    }
    if let Err(why) = may(Some(acting.viewer), Deed::Agree, &locked.case) {
        return Ok(Done::NotAllowed(why));
    }
    if !answers::add_reference(&mut transaction, &locked, reference, given_by).await? {
        return Ok(Done::Already);
    }
    store::metadata::grow(&mut transaction, &locked, now).await?;
    let said = if words.is_empty() { String::new() } else { format!(": {words}") };
    let words = format!("noted that {given_by} has it, as {reference}{said}");
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "peer-confirmed", &words);
    entry.audience = Audience::Public;
    entry.changes = json!({ "reference": reference, "given_by": given_by });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    Ok(Done::Recorded(format!("Noted; it is found by {reference} from now on.")))
}

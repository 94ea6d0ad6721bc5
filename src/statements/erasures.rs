//! Taking away what was not ours to publish (domain.md 2): bytes of a file, words of the text. For good.

use serde_json::json;

use crate::App;
use crate::history::{self, Audience};
use crate::mail::outbox;
use crate::permissions::{Deed, may};
use crate::statements::actions::Done;
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, About, Handled};
use crate::statements::store::erasures::{self, What};
use crate::statements::store::{self, files, remarks};
use crate::urls;

/// Takes it away, notes it for all to read, and tells whoever was mailed at posting. None: it is not there.
///
/// # Errors
/// The database's.
pub async fn take_away(app: &App, acting: Acting<'_>, number: i32, what: What<'_>, reason: &str) -> anyhow::Result<Option<Done>> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Some(Done::Gone)) };
    if let Err(why) = may(Some(acting.viewer), Deed::Remove, &locked.case) {
        return Ok(Some(Done::NotAllowed(why)));
    }
    let by = (acting.viewer.person_id, acting.role);
    if erasures::take_away(&mut transaction, &locked, what, reason, by, now).await? == 0 {
        let was_sent = erasures::was_taken(&mut transaction, locked.statement_id, reason, acting.viewer.person_id, now).await?;
        return Ok(was_sent.then_some(Done::Already));
    }
    let (thing, n) = match what {
        What::Bytes(n) => ("a file", Some(n)),
        What::Words(_) => ("words of the text", None),
    };
    let file = match n {
        Some(n) => files::one(&mut transaction, locked.statement_id, n).await?,
        None => None,
    };
    let actor = acting.actor();
    let words = format!("took {thing} away: {reason}");
    let mut entry = line(locked.statement_id, &actor, "taken-away", &words);
    // of what only those concerned know, only they read why it is gone
    let is_private = file.is_some_and(|file| file.is_for_those_concerned());
    entry.audience = if is_private { Audience::Concerned } else { Audience::Public };
    entry.changes = json!({ "file": n });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    let told: Vec<_> = remarks::mailed_at_posting(&mut transaction, locked.statement_id)
        .await?
        .into_iter()
        .filter(|recipient| recipient.person_id != Some(acting.viewer.person_id) && (recipient.person_id.is_some() || !is_private))
        .collect();
    if !told.is_empty() {
        let about = About {
            statement_id: locked.statement_id,
            draft_id: locked.draft_id.clone(),
            label: format!("{} {number}", app.config.statement_label),
            url: app.config.absolute(&urls::statement(number)),
        };
        let handled = Handled {
            event: "taken-away",
            subject: format!("{thing} taken away"),
            words: format!("{} {words}\n\nIt was not ours to publish. If you kept a copy, delete it.", acting.named()),
            title: &locked.title,
            due: None,
        };
        outbox::queue(&mut transaction, &app.config, now, &mails::handled(&about, &handled, told)?).await?;
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Some(Done::Recorded("Taken away. Whoever was mailed at posting is told.".to_owned())))
}

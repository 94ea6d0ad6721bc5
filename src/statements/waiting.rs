//! *Waiting for the sender* (domain.md 3): pauses a draft until it is saved again.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history;
use crate::mail::{Recipient, outbox};
use crate::people;
use crate::permissions::{Deed, WhyNot, may};
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, About, Handled, Recipients};
use crate::statements::recipients;
use crate::statements::store::{self, Found, draft};
use crate::statements::{Direction, State};
use crate::urls;

/// What pausing or going on came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// Done.
    Done,
    /// It was so before, or is no draft any more.
    Already,
    /// The person may not.
    NotAllowed(WhyNot),
}

/// Pauses a draft, saying what the sender was asked.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn wait(app: &App, acting: Acting<'_>, draft_id: &str, words: &str) -> anyhow::Result<Waited> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::Draft || locked.case.direction != Direction::Incoming {
        return Ok(Waited::Already);
    }
    if let Err(why) = may(Some(acting.viewer), Deed::Edit, &locked.case) {
        return Ok(Waited::NotAllowed(why));
    }
    if draft::waits(&mut transaction, locked.statement_id).await?.is_some() {
        return Ok(Waited::Already);
    }
    draft::wait(&mut transaction, &locked, words, now).await?;
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "waiting-for-sender", "waits for the sender");
    entry.changes = json!({ "asked": words });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    tell(app, &mut transaction, &locked, acting, words, now).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Waited::Done)
}

/// Ends the pause.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn resume(app: &App, acting: Acting<'_>, draft_id: &str) -> anyhow::Result<Waited> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), Deed::Edit, &locked.case) {
        return Ok(Waited::NotAllowed(why));
    }
    if locked.case.state != State::Draft || draft::waits(&mut transaction, locked.statement_id).await?.is_none() {
        return Ok(Waited::Already);
    }
    draft::resume(&mut transaction, &locked, now).await?;
    let actor = acting.actor();
    history::record(&mut transaction, now, &line(locked.statement_id, &actor, "resumed", "went on: it waits for the sender no more").as_entry())
        .await?;
    transaction.commit().await?;
    Ok(Waited::Done)
}

/// The author, and the senders' managers or else the coordinators; not who acts, who knows.
async fn tell(app: &App, connection: &mut PgConnection, found: &Found, acting: Acting<'_>, words: &str, now: DateTime<Utc>) -> anyhow::Result<()> {
    let actor = acting.viewer.person_id;
    let mut told = Recipients::default();
    if let Some(author) = found.case.author_id.filter(|author| *author != actor)
        && let Some(address) = people::store::primary_address(&mut *connection, author).await?
    {
        told.add(&address, Some(author), "who began it");
    }
    for recipient in who_else(app, connection, found, acting).await? {
        told.add(&recipient.address, recipient.person_id, &recipient.why);
    }
    let recipients = told.into_list();
    if recipients.is_empty() {
        return Ok(());
    }
    let about = About {
        statement_id: found.statement_id,
        draft_id: found.draft_id.clone(),
        label: "Draft".to_owned(),
        url: app.config.absolute(&urls::draft(&found.draft_id)),
    };
    let handled = Handled {
        event: "waiting-for-sender",
        subject: format!("waiting for the sender: {}", if found.title.is_empty() { "without a title yet" } else { &found.title }),
        words: format!("{} waits for the sender of this draft. They were asked:\n\n{words}\n\nIt is paused until it is saved again.", acting.named()),
        title: &found.title,
        due: None,
    };
    outbox::queue(connection, &app.config, now, &mails::handled(&about, &handled, recipients)?).await?;
    Ok(())
}

async fn who_else(app: &App, connection: &mut PgConnection, found: &Found, acting: Acting<'_>) -> sqlx::Result<Vec<Recipient>> {
    let mut managers = Recipients::default();
    // of nobody: whether there is any manager is asked, whoever acts
    recipients::tell_managers(app, connection, &found.case, crate::ids::PersonId(0), &mut managers).await?;
    let managers = managers.into_list();
    if managers.is_empty() {
        let address = app.config.coordinators_address.clone();
        return Ok(vec![Recipient { address, person_id: None, why: "liaison coordinators".to_owned() }]);
    }
    Ok(managers.into_iter().filter(|manager| manager.person_id != Some(acting.viewer.person_id)).collect())
}

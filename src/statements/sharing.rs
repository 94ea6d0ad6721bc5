//! Showing a draft to its group: an unlisted link that can be revoked, and the mail that tells the group of it
//! (domain.md 3; 4053bis 4.2). Each is one transaction with its history and its mail.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::dates;
use crate::history;
use crate::mail::{Message, outbox};
use crate::people::secrets::Secret;
use crate::permissions::{Deed, WhyNot, may};
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, About};
use crate::statements::recipients::outgoing;
use crate::statements::store::draft::{self, Manner, Saving};
use crate::statements::store::sharing::{self as store_of_links, Making};
use crate::statements::store::{self, Found, Locked, signing};
use crate::statements::{Direction, State};
use crate::urls;

/// Letters of a link's secret, as [`Secret::new`] makes it.
const SECRET_LETTERS: usize = 43;

/// What it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// Done.
    Done,
    /// It was so before, or the statement is past it.
    Already,
    /// The person may not.
    NotAllowed(WhyNot),
}

/// Whether a draft can be shown by a link: an outgoing one, until it is posted or ends otherwise.
pub fn is_shareable(found: &Found) -> bool {
    found.case.direction == Direction::Outgoing && matches!(found.case.state, State::Draft | State::InReview)
}

/// A secret that came back with a form, if it has the length and the letters of those that are made here.
pub fn secret_of(text: &str) -> Option<Secret> {
    let is_one = text.len() == SECRET_LETTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_one.then(|| Secret { text: text.to_owned(), hash: Secret::hash_of(text) })
}

/// Makes a link to a draft.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn share(app: &App, acting: Acting<'_>, draft_id: &str, secret: &Secret) -> anyhow::Result<Shared> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let locked = match hold(&mut transaction, acting, draft_id).await? {
        Ok(locked) => locked,
        Err(otherwise) => return Ok(otherwise),
    };
    let making = Making { person_id: acting.viewer.person_id, role: acting.role, at: now };
    if !store_of_links::keep(&mut transaction, &locked, &secret.hash, making).await? {
        return Ok(Shared::Already);
    }
    let actor = acting.actor();
    history::record(&mut transaction, now, &line(locked.statement_id, &actor, "shared", "made a link that shows it").as_entry()).await?;
    transaction.commit().await?;
    Ok(Shared::Done)
}

/// Ends all links to a draft, at once and for good.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn revoke(app: &App, acting: Acting<'_>, draft_id: &str) -> anyhow::Result<Shared> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let locked = match hold(&mut transaction, acting, draft_id).await? {
        Ok(locked) => locked,
        Err(otherwise) => return Ok(otherwise),
    };
    if store_of_links::revoke(&mut transaction, &locked, now).await? == 0 {
        return Ok(Shared::Already);
    }
    let actor = acting.actor();
    history::record(&mut transaction, now, &line(locked.statement_id, &actor, "unshared", "revoked the link that showed it").as_entry()).await?;
    transaction.commit().await?;
    Ok(Shared::Done)
}

/// The draft, held, if it can be shared and the person may.
async fn hold(connection: &mut PgConnection, acting: Acting<'_>, draft_id: &str) -> anyhow::Result<Result<Locked, Shared>> {
    let Some(locked) = store::lock(connection, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), Deed::Edit, &locked.case) {
        return Ok(Err(Shared::NotAllowed(why)));
    }
    Ok(if is_shareable(&locked) { Ok(locked) } else { Err(Shared::Already) })
}

/// What the group is told.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// Of the link in the mail.
    pub secret: &'a Secret,
    /// Until when the group may comment.
    pub comments_by: NaiveDate,
    /// As typed, perhaps empty.
    pub words: &'a str,
}

/// The very mail to the lists of the groups that a draft is from; none: no list is known.
///
/// # Errors
/// The database's.
pub async fn mail(
    app: &App,
    connection: &mut PgConnection,
    found: &Found,
    acting: Acting<'_>,
    telling: Telling<'_>,
) -> anyhow::Result<Option<Message>> {
    let recipients = outgoing::lists(connection, &found.case).await?;
    if recipients.is_empty() {
        return Ok(None);
    }
    let about = About {
        statement_id: found.statement_id,
        draft_id: found.draft_id.clone(),
        label: app.config.statement_label.clone(),
        url: app.config.absolute(&urls::shared(&telling.secret.text)),
    };
    let told = mails::together::GroupTold {
        from: &found.case.labels(crate::statements::Side::From),
        to: &found.case.labels(crate::statements::Side::To),
        title: &found.title,
        comments_by: &dates::weekday_date(telling.comments_by),
        actor: &acting.named(),
        words: telling.words,
        url: &about.url,
    };
    Ok(Some(mails::together::group_told(&about, &told, recipients)?))
}

/// Mails the group a link to the draft, and notes that the group was informed today where nobody said when. A form sent
/// twice, known by its secret, mails once.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn tell(app: &App, acting: Acting<'_>, draft_id: &str, telling: Telling<'_>) -> anyhow::Result<Shared> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let locked = match hold(&mut transaction, acting, draft_id).await? {
        Ok(locked) => locked,
        Err(otherwise) => return Ok(otherwise),
    };
    let Some(message) = mail(app, &mut transaction, &locked, acting, telling).await? else { return Ok(Shared::Already) };
    let making = Making { person_id: acting.viewer.person_id, role: acting.role, at: now };
    let hash = &telling.secret.hash;
    if !store_of_links::keep_mailed(&mut transaction, &locked, hash, making, &message.to, telling.comments_by).await? {
        return Ok(Shared::Already);
    }
    let actor = acting.actor();
    let words = format!("told the group ({}), with comments asked for by {}", message.to, dates::short_date(telling.comments_by));
    let mut line = line(locked.statement_id, &actor, "group-told", &words);
    line.changes = json!({ "to": message.to, "comments-by": telling.comments_by, "words": telling.words });
    history::record(&mut transaction, now, &line.as_entry()).await?;
    note_informed(app, &mut transaction, &locked, acting, now).await?;
    outbox::queue(&mut transaction, &app.config, now, &message).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Shared::Done)
}

/// *Group informed on* is today, where it is empty.
async fn note_informed(app: &App, connection: &mut PgConnection, locked: &Locked, acting: Acting<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    if locked.case.state == State::InReview {
        return signing::set_informed(connection, locked, app.today()).await;
    }
    let mut form = draft::newest(&mut *connection, locked.statement_id).await?.form;
    if !form.informed_on.trim().is_empty() {
        return Ok(());
    }
    form.informed_on = dates::long_date(app.today());
    let saving = Saving { person_id: acting.viewer.person_id, role: acting.role, at: now };
    draft::save(connection, locked, saving, &form, Manner::default()).await
}

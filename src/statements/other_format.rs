//! Another format of a file, added in review (domain.md 3): the addressed organization's manager confirms that it is the
//! same content. It makes no new version of the text and no new round: what was signed stays signed. Its bytes stand on
//! the review page, and in the history with their hash.

use serde_json::json;

use crate::App;
use crate::history;
use crate::permissions::{Deed, WhyNot, may};
use crate::statements::attachments::{Content, NewAttachment, Stored, hex};
use crate::statements::lifecycle::{Acting, line};
use crate::statements::store::{self, files};
use crate::statements::{AttachmentKind, Direction, SignOffKind, State};

/// What it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// Done.
    Done,
    /// It is there.
    Already,
    /// It is not in review any more.
    NotInReview,
    /// There is no such file of which it could be another format.
    OfNothing,
    /// The person may not.
    NotAllowed(WhyNot),
}

/// The deed that a person needs to be allowed.
pub const DEED: Deed = Deed::Sign(SignOffKind::Manager);

/// Adds a file that is another format of one that is there.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn add(app: &App, acting: Acting<'_>, draft_id: &str, of: i32, title: &str, stored: &Stored) -> anyhow::Result<Added> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), DEED, &locked.case) {
        return Ok(Added::NotAllowed(why));
    }
    if locked.case.state != State::InReview || locked.case.direction != Direction::Outgoing {
        return Ok(Added::NotInReview);
    }
    let there = files::list(&mut transaction, locked.statement_id).await?;
    let sha256 = hex(&stored.sha256);
    if there.iter().any(|file| file.file_name == stored.file_name && file.sha256 == sha256) {
        return Ok(Added::Already);
    }
    let Some(other) = there.iter().find(|file| file.n == of) else { return Ok(Added::OfNothing) };
    let mut new = NewAttachment::public(AttachmentKind::Alternative, Content::File(stored));
    new.alternative_of = Some(of);
    new.title = title;
    // it is for those who may fetch what it is another format of
    new.visibility = other.visibility;
    new.withheld_why = &other.withheld_why;
    let n = files::attach(&mut transaction, locked.statement_id, &new, Some(acting.viewer.person_id), now).await?;
    files::confirm(&mut transaction, &locked, n, acting.viewer.person_id).await?;
    let actor = acting.actor();
    let words = format!("added {}, another format of {}, and confirmed that it is the same content", stored.file_name, other.shown());
    let mut entry = line(locked.statement_id, &actor, "other-format-added", &words);
    entry.changes = json!({
        "file": n, "name": stored.file_name, "of": of, "sha-256": sha256, "size": stored.size, "version": locked.version, "round": locked.round,
    });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    Ok(Added::Done)
}

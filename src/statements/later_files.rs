//! Files of a posted statement (domain.md 2, 5): one more is added, or others may fetch one. What is there never changes.

use serde_json::json;

use crate::App;
use crate::history::{self, Audience};
use crate::permissions::{Deed, may};
use crate::statements::actions::Done;
use crate::statements::attachments::{Attachment, NewAttachment, Stored, Visibility, hex};
use crate::statements::lifecycle::{Acting, line};
use crate::statements::store::metadata::{self, FileFace};
use crate::statements::store::{self, files};
use crate::statements::{AttachmentKind, attachments::Content};

/// What is added, and how.
#[derive(Debug)]
pub struct Addition<'a> {
    /// Files, stored already.
    pub files: &'a [Stored],
    /// An address, as `attachments::link` gave it.
    pub link: Option<&'a str>,
    /// What each is to the statement.
    pub kind: AttachmentKind,
    /// The `n` of what it is another form of.
    pub alternative_of: Option<i32>,
    /// As typed.
    pub title: &'a str,
    /// The number the peer gave it.
    pub peer_number: &'a str,
    /// Who may fetch it.
    pub visibility: Visibility,
    /// Why it is withheld.
    pub withheld_why: &'a str,
}

impl<'a> Addition<'a> {
    fn contents(&self) -> impl Iterator<Item = Content<'a>> {
        self.files.iter().map(Content::File).chain(self.link.map(Content::Link))
    }
}

fn is_there(content: Content<'_>, there: &[Attachment]) -> bool {
    there.iter().any(|file| match content {
        Content::File(stored) => file.file_name == stored.file_name && file.sha256 == hex(&stored.sha256),
        Content::Link(link) => file.url.as_deref() == Some(link),
    })
}

/// Adds files or a link behind those that are there. A form that was sent before adds nothing, where what it brings is there.
///
/// # Errors
/// The database's.
pub async fn add(app: &App, acting: Acting<'_>, number: i32, edition: i32, new: &Addition<'_>) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::EditPosted, &locked.case) {
        return Ok(Done::NotAllowed(why));
    }
    let there = files::list(&mut transaction, locked.statement_id).await?;
    if locked.edition != edition && new.contents().all(|content| is_there(content, &there)) {
        return Ok(Done::Already);
    }
    let is_public = new.visibility == Visibility::Public && new.kind != AttachmentKind::OriginalMail;
    let actor = acting.actor();
    for content in new.contents() {
        let attachment = NewAttachment {
            kind: new.kind,
            alternative_of: new.alternative_of.filter(|n| new.kind == AttachmentKind::Alternative && there.iter().any(|file| file.n == *n)),
            title: new.title,
            peer_number: new.peer_number,
            visibility: if new.kind == AttachmentKind::OriginalMail { Visibility::Concerned } else { new.visibility },
            withheld_why: if new.visibility == Visibility::Withheld { new.withheld_why } else { "" },
            content,
        };
        let n = files::attach(&mut transaction, locked.statement_id, &attachment, Some(acting.viewer.person_id), now).await?;
        let name = match content {
            Content::File(stored) => stored.file_name.as_str(),
            Content::Link(link) => link,
        };
        let mut entry = line(locked.statement_id, &actor, "file-added", if is_public { "added a file" } else { "added a file that is not public" });
        // what it is called is not for everybody, now or later
        entry.audience = if is_public { Audience::Public } else { Audience::Concerned };
        entry.changes = json!({
            "file": n, "name": name, "title": new.title, "kind": new.kind, "visibility": attachment.visibility, "detail": format!(": {name}"),
        });
        history::record(&mut transaction, now, &entry.as_entry()).await?;
    }
    metadata::grow(&mut transaction, &locked, now).await?;
    transaction.commit().await?;
    Ok(Done::Recorded("Added.".to_owned()))
}

/// Who may fetch a file from now on.
#[derive(Debug, Clone, Copy)]
pub struct Face<'a> {
    /// It is the mail that the statement came in: for those concerned only.
    pub is_original_mail: bool,
    /// Who may fetch it.
    pub visibility: Visibility,
    /// Why it is withheld; everybody reads it.
    pub withheld_why: &'a str,
    /// Why that changes; those concerned read it.
    pub reason: &'a str,
}

/// Says who may fetch a file.
///
/// # Errors
/// The database's.
pub async fn show_to(app: &App, acting: Acting<'_>, number: i32, edition: i32, n: i32, face: Face<'_>) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::EditPosted, &locked.case) {
        return Ok(Done::NotAllowed(why));
    }
    let Some(file) = files::one(&mut transaction, locked.statement_id, n).await? else { return Ok(Done::Gone) };
    let kind = match (face.is_original_mail, file.kind) {
        (true, _) => AttachmentKind::OriginalMail,
        (false, AttachmentKind::OriginalMail) => AttachmentKind::Enclosure,
        (false, kind) => kind,
    };
    let visibility = if face.is_original_mail { Visibility::Concerned } else { face.visibility };
    let withheld_why = if visibility == Visibility::Withheld { face.withheld_why } else { "" };
    if (file.kind, file.visibility, file.withheld_why.as_str()) == (kind, visibility, withheld_why) {
        return Ok(Done::Already);
    }
    if locked.edition != edition {
        return Ok(Done::Stale);
    }
    let new = FileFace { title: &file.title, peer_number: &file.peer_number, kind, visibility, withheld_why };
    metadata::set_file(&mut transaction, &locked, n, new).await?;
    let actor = acting.actor();
    let because = if face.reason.is_empty() { String::new() } else { format!(" Because: {}", face.reason) };
    let said = |kind: AttachmentKind, visibility: Visibility, why: &str| match (kind, visibility) {
        (AttachmentKind::OriginalMail, _) => "the original mail, for those concerned".to_owned(),
        (_, Visibility::Public) => "for everybody".to_owned(),
        (_, Visibility::Concerned) => "for those concerned".to_owned(),
        (_, Visibility::Withheld) => format!("withheld: {why}"),
    };
    let was_now = format!("{} → {}", said(file.kind, file.visibility, &file.withheld_why), said(kind, visibility, withheld_why));
    let mut entry = line(locked.statement_id, &actor, "file-shown-to", "changed who may fetch a file");
    // nobody else learns that a file for those concerned is there
    let was_hidden = file.is_for_those_concerned() && file.visibility != Visibility::Withheld;
    entry.audience = if was_hidden && visibility == Visibility::Concerned { Audience::Concerned } else { Audience::Public };
    entry.changes = json!({
        "file": n,
        "from": { "kind": file.kind, "visibility": file.visibility, "why": file.withheld_why },
        "to": { "kind": kind, "visibility": visibility, "why": withheld_why },
        "reason": face.reason,
        "detail": format!(": {}, {was_now}{because}", file.shown()),
    });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    metadata::grow(&mut transaction, &locked, now).await?;
    transaction.commit().await?;
    Ok(Done::Recorded("Changed.".to_owned()))
}

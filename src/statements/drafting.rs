//! A draft: begun once, saved as versions. Its text and its files are one save, in one transaction, so that whoever
//! checks a version has seen its files too.

use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history;
use crate::ids::StatementId;
use crate::people::Viewer;
use crate::permissions::{Deed, WhyNot, may};
use crate::statements::attachments::{Attachment, Content, NewAttachment, Stored};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::{Acting, line};
use crate::statements::reading::{propose_contacts, read, sides};
use crate::statements::store::draft::{self, Manner, SavedForm, Saving};
use crate::statements::store::{self, Key, Locked, drafted_answers, editing, files};
use crate::statements::{AttachmentKind, Direction, State, passing};

/// What a save does to a draft's files.
#[derive(Debug, Default)]
pub struct FileChanges {
    /// New ones, stored already.
    pub added: Vec<Stored>,
    /// A link, as `attachments::link` gave it.
    pub link: Option<String>,
    /// What those there are said to be.
    pub described: Vec<Described>,
    /// The `n` of one that is taken off.
    pub removed: Option<i32>,
    /// The draft id of one that is gone, whose files come along into the one that is begun.
    pub files_of: Option<String>,
}

/// What a file is said to be.
#[derive(Debug, Clone)]
pub struct Described {
    /// Its `n`.
    pub n: i32,
    /// What it is to the statement.
    pub kind: AttachmentKind,
    /// Of which other file it is another form.
    pub alternative_of: Option<i32>,
    /// Its title.
    pub title: String,
}

/// Whether a form began a draft, or had begun it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// A draft was begun.
    New,
    /// The same form was sent before; nothing was done.
    Before,
    /// The form was sent before, with other text; nothing was done yet.
    BeforeWithOtherText,
}

/// Begins a draft with what was typed; a form that is sent twice begins one.
///
/// # Errors
/// The database's.
pub async fn begin(
    app: &App,
    acting: Acting<'_>,
    direction: Direction,
    form: StatementForm,
    manner: Manner<'_>,
    changes: &FileChanges,
) -> anyhow::Result<(String, Begun)> {
    let now = app.clock.now();
    let deadline = form.deadline.clone();
    let mut transaction = app.begin().await?;
    let (id, draft_id, begun) = begin_in(app, &mut transaction, acting, direction, form, manner).await?;
    if begun != Begun::New {
        return Ok((draft_id, begun));
    }
    let actor = acting.actor();
    history::record(&mut transaction, now, &line(id, &actor, "begun", "began a draft").as_entry()).await?;
    if let Some(other) = &changes.files_of {
        take_along(&mut transaction, acting.viewer, id, other).await?;
    }
    apply(&mut transaction, id, acting.viewer, now, changes).await?;
    if direction == Direction::Outgoing && !manner.is_automatic {
        passing::tell_managers(app, &mut transaction, acting, id, &deadline).await?;
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok((draft_id, Begun::New))
}

/// The same in a transaction of more; the line of history and the files are the caller's.
///
/// # Errors
/// The database's.
pub async fn begin_in(
    app: &App,
    connection: &mut PgConnection,
    acting: Acting<'_>,
    direction: Direction,
    mut form: StatementForm,
    manner: Manner<'_>,
) -> anyhow::Result<(StatementId, String, Begun)> {
    let reading = read(app, &mut *connection, direction, None, &form).await?;
    // the page does not show what would be proposed while somebody types
    if !manner.is_automatic {
        propose_contacts(app, &mut *connection, direction, &reading, &mut form).await?;
    }
    let saving = Saving { person_id: acting.viewer.person_id, role: acting.role, at: app.clock.now() };
    let (id, draft_id, is_new) = draft::begin(&mut *connection, saving, direction, &form, manner).await?;
    if !is_new {
        let same = draft::first(connection, id).await? == form;
        return Ok((id, draft_id, if same { Begun::Before } else { Begun::BeforeWithOtherText }));
    }
    draft::name_groups(&mut *connection, id, &sides(&reading)).await?;
    if direction == Direction::Outgoing {
        drafted_answers::name(connection, id, &form).await?;
    }
    Ok((id, draft_id, Begun::New))
}

/// The files of a draft that is no draft any more, for the one that is begun in its place by who may read it.
async fn take_along(connection: &mut PgConnection, viewer: &Viewer, id: StatementId, draft_id: &str) -> anyhow::Result<()> {
    let former = store::find(&mut *connection, Key::Draft(draft_id)).await?;
    if let Some(former) = former.filter(|former| former.number.is_none() && may(Some(viewer), Deed::ReadDraft, &former.case).is_ok()) {
        files::copy(connection, former.statement_id, id).await?;
    }
    Ok(())
}

/// What saving came to.
#[derive(Debug)]
pub enum Saved {
    /// A new version, or the same as the newest.
    Done,
    /// Somebody saved in between. New files were added; the text is kept beside the draft.
    Stale(Box<Conflict>),
    /// It is no draft any more; whether all that was typed is kept in a version. New files of a deleted one were added there.
    NotADraft(State, bool),
    /// The person may not edit it any more.
    NotAllowed(WhyNot),
}

/// Two forms that were made from one.
#[derive(Debug)]
pub struct Conflict {
    /// What both began with; none: it is not known any more.
    pub base: Option<StatementForm>,
    /// What was saved first.
    pub theirs: SavedForm,
}

/// Saves a draft, if it is still the version that was edited. What a page saves by itself meets a newer version without
/// leaving anything.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn save(
    app: &App,
    acting: Acting<'_>,
    draft_id: &str,
    (version, manner): (i32, Manner<'_>),
    mut form: StatementForm,
    changes: &FileChanges,
) -> anyhow::Result<Saved> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::Draft {
        let id = locked.statement_id;
        if locked.case.state == State::Deleted && may(Some(acting.viewer), Deed::Edit, &locked.case).is_ok() {
            // they go along into the draft that can be begun with the text
            let there = files::list(&mut transaction, id).await?;
            apply(&mut transaction, id, acting.viewer, now, &FileChanges::default().with_new_of(changes, &there)).await?;
        }
        // a form that was saved before and comes again has nothing to lose
        let is_kept = form == StatementForm::default() || editing::is_kept(&mut transaction, id, &form).await?;
        transaction.commit().await?;
        return Ok(Saved::NotADraft(locked.case.state, is_kept));
    }
    if let Err(why) = may(Some(acting.viewer), Deed::Edit, &locked.case) {
        return Ok(Saved::NotAllowed(why));
    }
    let id = locked.statement_id;
    let newest = draft::newest(&mut transaction, id).await?;
    let typed = form.clone();
    form.proposed.clone_from(&newest.form.proposed);
    let reading = read(app, &mut transaction, locked.case.direction, Some(id), &form).await?;
    if !manner.is_automatic {
        propose_contacts(app, &mut transaction, locked.case.direction, &reading, &mut form).await?;
    }
    let is_same_text = newest.form == form;
    let saving = Saving { person_id: acting.viewer.person_id, role: acting.role, at: now };

    let is_newest = newest.version == version || editing::is_own_page(&mut transaction, id, version, acting.viewer.person_id, manner.page).await?;
    if !is_newest {
        let there = files::list(&mut transaction, id).await?;
        if is_same_text && changes.are_done(&there) {
            return Ok(Saved::Done);
        }
        let base = editing::base(&mut transaction, id, version).await?;
        if !manner.is_automatic {
            let only_new = FileChanges::default().with_new_of(changes, &there);
            if !apply(&mut transaction, id, acting.viewer, now, &only_new).await?.is_empty() {
                keep(&mut transaction, &locked, saving, &newest.form, None, Manner::default()).await?;
            }
            if typed != StatementForm::default() {
                editing::keep_beside(&mut transaction, id, saving, &typed).await?;
            }
            transaction.commit().await?;
        }
        return Ok(Saved::Stale(Box::new(Conflict { base, theirs: newest })));
    }

    let done = apply(&mut transaction, id, acting.viewer, now, changes).await?;
    let has_waited = !manner.is_automatic && draft::waits(&mut transaction, id).await?.is_some();
    if has_waited {
        draft::resume(&mut transaction, &locked, now).await?;
        let actor = acting.actor();
        let words = "saved it: it waits for the sender no more";
        history::record(&mut transaction, now, &line(id, &actor, "resumed", words).as_entry()).await?;
    }
    if is_same_text && done.is_empty() {
        let is_confirmed = newest.is_automatic && !manner.is_automatic && editing::confirm(&mut transaction, id, newest.version, saving).await?;
        if has_waited || is_confirmed {
            transaction.commit().await?;
        }
        return Ok(Saved::Done);
    }
    keep(&mut transaction, &locked, saving, &form, Some(&sides(&reading)), manner).await?;
    if !done.is_empty() {
        let actor = acting.actor();
        let words = format!("changed the files: {}", done.join(", "));
        let mut line = line(id, &actor, "files-changed", &words);
        line.changes = json!({ "files": done });
        history::record(&mut transaction, now, &line.as_entry()).await?;
    }
    if locked.case.direction == Direction::Outgoing && !manner.is_automatic {
        passing::tell_managers(app, &mut transaction, acting, id, &form.deadline).await?;
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Saved::Done)
}

type Sides<'a> = &'a [(crate::statements::Side, crate::ids::GroupId, String)];

async fn keep(
    connection: &mut PgConnection,
    locked: &Locked,
    saving: Saving<'_>,
    form: &StatementForm,
    groups: Option<Sides<'_>>,
    manner: Manner<'_>,
) -> sqlx::Result<()> {
    draft::save(&mut *connection, locked, saving, form, manner).await?;
    if locked.case.direction == Direction::Outgoing {
        drafted_answers::name(&mut *connection, locked.statement_id, form).await?;
    }
    match groups {
        Some(groups) => draft::name_groups(connection, locked.statement_id, groups).await,
        None => Ok(()),
    }
}

impl FileChanges {
    /// Whether all of it was done before, by the same form sent twice.
    fn are_done(&self, there: &[Attachment]) -> bool {
        self.added.iter().all(|stored| is_there(stored, there))
            && self.link.iter().all(|link| there.iter().any(|file| file.url.as_ref() == Some(link)))
            && self.removed.is_none_or(|n| there.iter().all(|file| file.n != n))
            && self
                .described
                .iter()
                .all(|said| there.iter().all(|file| file.n != said.n || (file.kind, file.title.as_str()) == (said.kind, said.title.as_str())))
    }

    fn with_new_of(mut self, changes: &Self, there: &[Attachment]) -> Self {
        self.added = changes.added.iter().filter(|stored| !is_there(stored, there)).cloned().collect();
        self.link = changes.link.clone().filter(|link| there.iter().all(|file| file.url.as_ref() != Some(link)));
        self
    }
}

fn is_there(stored: &Stored, there: &[Attachment]) -> bool {
    there.iter().any(|file| file.file_name == stored.file_name && file.sha256 == crate::statements::attachments::hex(&stored.sha256))
}

/// Does it; says what, for the history.
async fn apply(
    connection: &mut PgConnection,
    id: StatementId,
    viewer: &Viewer,
    now: chrono::DateTime<chrono::Utc>,
    changes: &FileChanges,
) -> sqlx::Result<Vec<String>> {
    let mut done = Vec::new();
    let there = files::list(&mut *connection, id).await?;
    for said in &changes.described {
        let Some(file) = there.iter().find(|file| file.n == said.n) else { continue };
        let other = said.alternative_of.filter(|n| there.iter().any(|file| file.n == *n));
        if files::describe(&mut *connection, id, said.n, said.kind, other, &said.title).await? {
            done.push(format!("described {}", file.shown()));
        }
    }
    let mut has_statement = there.iter().any(|file| file.kind == AttachmentKind::Statement);
    for stored in &changes.added {
        // the first file is the letter itself, what comes after it goes with it: said beside the file, and can be changed
        let kind = if has_statement { AttachmentKind::Enclosure } else { AttachmentKind::Statement };
        has_statement = true;
        files::attach(&mut *connection, id, &NewAttachment::public(kind, Content::File(stored)), Some(viewer.person_id), now).await?;
        done.push(format!("added {}", stored.file_name));
    }
    if let Some(link) = &changes.link {
        let new = NewAttachment::public(AttachmentKind::Enclosure, Content::Link(link));
        files::attach(&mut *connection, id, &new, Some(viewer.person_id), now).await?;
        done.push(format!("added {link}"));
    }
    if let Some(n) = changes.removed
        && let Some(file) = there.iter().find(|file| file.n == n)
        && files::detach(&mut *connection, id, n).await?
    {
        done.push(format!("removed {}", file.shown()));
    }
    Ok(done)
}

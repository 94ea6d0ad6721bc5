//! A statement's steps: begin, save, submit, sign, take back, abandon, restore, delete, post. Each is one transaction,
//! with its history and its mails; what was done already is an outcome, not an error (robustness.md LC03).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::{GroupId, PersonId, StatementId};
use crate::mail::{Message, Recipient, outbox};
use crate::organizations::directory::Directory;
use crate::organizations::{self, GroupFacts};
use crate::people::{self, Role, RoleKind, Viewer};
use crate::permissions::{Deed, WhyNot, may};
use crate::problems::Problems;
use crate::statements::attachments::Attachment;
use crate::statements::checks::{self, Checked, Told, Warning};
use crate::statements::contacts::{HomeGroup, PeerGroup, propose};
use crate::statements::form::{Named, StatementForm};
use crate::statements::letter::{FileFacts, Letter};
use crate::statements::mails::{self, About, Turn};
use crate::statements::recipients;
use crate::statements::store::draft::{self, Saving};
use crate::statements::store::steps::{self, Decision, NewAction, SignOff};
use crate::statements::store::{self, Found, Locked, files};
use crate::statements::{Direction, Side, SignOffKind, State, sign_offs};
use crate::urls;

/// Who acts, and in which of their roles.
#[derive(Debug, Clone, Copy)]
pub struct Acting<'a> {
    /// The person.
    pub viewer: &'a Viewer,
    /// The role, in words.
    pub role: &'a str,
}

impl Acting<'_> {
    fn actor(&self) -> Actor {
        Actor { person_id: Some(self.viewer.person_id), name: self.viewer.name.clone(), role: self.role.to_owned() }
    }

    fn named(&self) -> String {
        if self.role.is_empty() { self.viewer.name.clone() } else { format!("{} ({})", self.viewer.name, self.role) }
    }
}

/// A form, read: what its groups are, and what the rules say of it.
pub struct Reading {
    /// What the group fields name.
    pub named: Named,
    /// Facts of those groups.
    pub groups: HashMap<GroupId, GroupFacts>,
    /// Problems, other readings, and the letter where nothing is wrong.
    pub checked: Checked,
    /// What deserves a second look.
    pub warnings: Vec<Warning>,
    /// All groups.
    pub directory: Arc<Directory>,
}

/// Reads a form by the rules, with what the database knows of what it names.
///
/// # Errors
/// The database's.
pub async fn read(
    app: &App,
    connection: &mut PgConnection,
    direction: Direction,
    statement: Option<StatementId>,
    form: &StatementForm,
) -> anyhow::Result<Reading> {
    let directory = organizations::store::directory(&mut *connection).await?;
    let named = form.named(&directory);
    let groups = organizations::store::facts(&mut *connection, &named.group_ids()).await?;
    let answered = draft::posted_numbers(&mut *connection, &checks::answered_numbers(form)).await?;
    let files = match statement {
        Some(id) => file_facts(connection, id).await?,
        None => Vec::new(),
    };
    let today = app.today();
    let checked =
        checks::check(form, &Told { directory: &directory, named: &named, groups: &groups, answered: &answered, files: &files, direction, today });
    let warnings = checked.letter.as_ref().map(|letter| checks::warnings(letter, &files, today)).unwrap_or_default();
    Ok(Reading { named, groups, checked, warnings, directory })
}

async fn file_facts(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<FileFacts>> {
    let attachments = files::list(connection, id).await?;
    Ok(attachments
        .into_iter()
        .map(|file| FileFacts { n: file.n, file_name: file.file_name, alternative_of: file.alternative_of, media_type: file.media_type })
        .collect())
}

fn sides(reading: &Reading) -> Vec<(Side, GroupId, String)> {
    let side = |side: Side, groups: &[(i64, String)]| groups.iter().map(move |(id, piece)| (side, GroupId(*id), piece.clone())).collect::<Vec<_>>();
    let named = &reading.named;
    let mut all = side(Side::From, &named.from.groups);
    all.extend(side(Side::To, &named.to.groups));
    all.extend(side(Side::Copy, &named.copy.groups));
    for copies in [&named.from.copies, &named.to.copies, &named.copy.copies] {
        all.extend(side(Side::Copy, copies));
    }
    all
}

/// Fills the contacts of a form once, from the groups it names (domain.md 6).
///
/// # Errors
/// The database's.
pub async fn propose_contacts(app: &App, connection: &mut PgConnection, reading: &Reading, form: &mut StatementForm) -> sqlx::Result<()> {
    let (mut home, mut peers) = (Vec::new(), Vec::new());
    let today = app.today();
    for (id, _) in reading.named.to.groups.iter().chain(&reading.named.from.groups) {
        let Some(group) = reading.groups.get(&GroupId(*id)) else { continue };
        let stored = organizations::store::contacts(&mut *connection, group.group_id).await?;
        if group.is_home {
            home.push(HomeGroup {
                stored,
                chairs: people::store::chairs_of(&mut *connection, today, group.group_id).await?,
                directors: people::store::responsible_directors(&mut *connection, today, group.group_id).await?,
            });
        } else {
            peers.push(PeerGroup { stored, managers: people::store::managers_for(&mut *connection, today, group.group_id).await? });
        }
    }
    // half a letter proposes half the contacts, and the rest could then never come
    if !home.is_empty() && !peers.is_empty() {
        propose(form, &home, &peers);
    }
    Ok(())
}

/// Begins a draft with what was typed; a form that is sent twice begins one.
///
/// # Errors
/// The database's.
pub async fn begin(
    app: &App,
    acting: Acting<'_>,
    direction: Direction,
    mut form: StatementForm,
    creation_key: &str,
) -> anyhow::Result<(StatementId, String)> {
    let now = app.clock.now();
    let mut transaction = app.pool.begin().await?;
    let reading = read(app, &mut transaction, direction, None, &form).await?;
    propose_contacts(app, &mut transaction, &reading, &mut form).await?;
    let saving = Saving { person_id: acting.viewer.person_id, role: acting.role, at: now };
    let (id, draft_id) = draft::begin(&mut transaction, saving, direction, &form, creation_key).await?;
    let Some(locked) = store::lock(&mut transaction, &draft_id).await? else { anyhow::bail!("the draft just begun is gone") };
    if locked.version == 1 {
        draft::name_groups(&mut transaction, id, &sides(&reading)).await?;
        let actor = acting.actor();
        history::record(&mut transaction, now, &entry(id, &actor, "begun", "began a draft").as_entry()).await?;
    }
    transaction.commit().await?;
    Ok((id, draft_id))
}

/// What saving came to.
#[derive(Debug)]
pub enum Saved {
    /// A new version, or the same text as the newest has.
    Done,
    /// Somebody saved in between: their version; nothing was written.
    Stale(Box<draft::SavedForm>),
    /// It is no draft any more.
    NotADraft(State),
}

/// Saves a draft, if it is still the version that was edited.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn save(app: &App, acting: Acting<'_>, draft_id: &str, version: i32, mut form: StatementForm) -> anyhow::Result<Saved> {
    let now = app.clock.now();
    let mut transaction = app.pool.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::Draft {
        return Ok(Saved::NotADraft(locked.case.state));
    }
    let newest = draft::newest(&mut transaction, locked.statement_id).await?;
    let reading = read(app, &mut transaction, locked.case.direction, Some(locked.statement_id), &form).await?;
    propose_contacts(app, &mut transaction, &reading, &mut form).await?;
    if newest.form == form {
        return Ok(Saved::Done);
    }
    if newest.version != version {
        return Ok(Saved::Stale(Box::new(newest)));
    }
    let saving = Saving { person_id: acting.viewer.person_id, role: acting.role, at: now };
    draft::save(&mut transaction, &locked, saving, &form, &sides(&reading)).await?;
    transaction.commit().await?;
    Ok(Saved::Done)
}

/// A line of history, owned.
struct Line<'a> {
    id: StatementId,
    actor: &'a Actor,
    event: &'a str,
    words: &'a str,
    changes: serde_json::Value,
    audience: Audience,
}

impl<'a> Line<'a> {
    fn as_entry(&'a self) -> Entry<'a> {
        Entry {
            statement_id: Some(self.id),
            person_id: None,
            group_id: None,
            actor: self.actor,
            event: self.event,
            words: self.words,
            changes: self.changes.clone(),
            audience: self.audience,
        }
    }
}

fn entry<'a>(id: StatementId, actor: &'a Actor, event: &'a str, words: &'a str) -> Line<'a> {
    Line { id, actor, event, words, changes: json!({}), audience: Audience::Concerned }
}

/// What a step came to.
#[derive(Debug)]
pub enum Outcome {
    /// It is public now.
    Posted(i32),
    /// It waits for a sign-off.
    InReview,
    /// It is a draft again.
    Draft,
    /// It is abandoned or deleted.
    Ended,
    /// Done already, by this person or another: where it stands.
    Already(State, Option<i32>),
    /// The text changed since the page was shown.
    Stale,
    /// Something is wrong, by field.
    Problems(Problems),
    /// Warnings that were not overruled.
    Warnings(Vec<Warning>),
    /// The person may not, and why.
    NotAllowed(WhyNot),
}

/// Whether the submitter's roles let it be posted without a check by another (domain.md 4, *check before posting*).
pub fn posts_at_once(viewer: &Viewer, found: &Found) -> bool {
    may(Some(viewer), Deed::PostAtOnce, &found.case).is_ok()
}

/// Submits a draft: all checks run; it waits for its sign-offs, or is posted where none is needed.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn submit(app: &App, acting: Acting<'_>, draft_id: &str, version: i32, overruled: &[String]) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.pool.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::Draft {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    if let Err(why) = may(Some(acting.viewer), Deed::Record, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    if locked.version != version {
        return Ok(Outcome::Stale);
    }
    let saved = draft::newest(&mut transaction, locked.statement_id).await?;
    let reading = read(app, &mut transaction, locked.case.direction, Some(locked.statement_id), &saved.form).await?;
    let Some(letter) = reading.checked.letter else { return Ok(Outcome::Problems(reading.checked.problems)) };
    if reading.warnings.iter().any(|warning| !overruled.iter().any(|name| name == warning.name)) {
        return Ok(Outcome::Warnings(reading.warnings));
    }

    draft::write_letter(&mut transaction, &locked, &letter).await?;
    let needed = sign_offs::of_incoming(&letter, posts_at_once(acting.viewer, &locked));
    steps::submit(&mut transaction, &locked, acting.viewer.person_id, now, &needed).await?;
    let actor = acting.actor();
    let words = if needed.is_empty() { "submitted it" } else { "submitted it for the check before posting" };
    let mut line = entry(locked.statement_id, &actor, "submitted", words);
    let warned: BTreeMap<&str, &str> = reading.warnings.iter().map(|warning| (warning.name, warning.words.as_str())).collect();
    line.changes = json!({ "overruled": warned });
    history::record(&mut transaction, now, &line.as_entry()).await?;

    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    let outcome = if needed.is_empty() {
        let number = post(app, &mut transaction, &locked, &letter, now).await?;
        Outcome::Posted(number)
    } else {
        for message in mails_when_submitted(app, &mut transaction, &locked, &letter, acting).await? {
            outbox::queue(&mut transaction, &app.config, now, &message).await?;
        }
        Outcome::InReview
    };
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

async fn mails_when_submitted(
    app: &App,
    connection: &mut PgConnection,
    found: &Found,
    letter: &Letter,
    acting: Acting<'_>,
) -> anyhow::Result<Vec<Message>> {
    let about = About {
        statement_id: found.statement_id,
        draft_id: found.draft_id.clone(),
        label: app.config.statement_label.clone(),
        url: app.config.absolute(&urls::review(&found.draft_id)),
    };
    let actions = planned_actions(app, connection, found, letter).await?;
    let asked = recipients::asked_to_check(app, connection, letter, acting.viewer.person_id).await?;
    asked
        .into_iter()
        .map(|(recipient, is_asked)| mails::check_asked(&about, letter, &actions, &acting.named(), recipient, is_asked).map_err(anyhow::Error::from))
        .collect()
}

/// The very mails: those that go at submission, and those that go at posting.
///
/// # Errors
/// The database's.
pub async fn preview(
    app: &App,
    connection: &mut PgConnection,
    found: &Found,
    letter: &Letter,
    acting: Acting<'_>,
    at_once: bool,
) -> anyhow::Result<(Vec<Message>, Message)> {
    let now = if at_once { Vec::new() } else { mails_when_submitted(app, connection, found, letter, acting).await? };
    let number = steps::expected_number(&mut *connection).await?;
    let actions = planned_actions(app, connection, found, letter).await?;
    let mail = PostingMail::gather(app, connection, found, letter).await?;
    Ok((now, mail.write(app, found, letter, &actions, number)?))
}

/// What the mail at posting needs beside the number.
struct PostingMail {
    recipients: Vec<Recipient>,
    attachments: Vec<Attachment>,
}

impl PostingMail {
    async fn gather(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter) -> sqlx::Result<Self> {
        let attachments = files::list(&mut *connection, found.statement_id).await?;
        let recipients = recipients::when_posted(app, connection, letter, found.case.author_id).await?;
        Ok(Self { recipients, attachments })
    }

    fn write(self, app: &App, found: &Found, letter: &Letter, actions: &[NewAction], number: i32) -> anyhow::Result<Message> {
        let about = About {
            statement_id: found.statement_id,
            draft_id: found.draft_id.clone(),
            label: app.config.statement_label.clone(),
            url: app.config.absolute(&urls::statement(number)),
        };
        let mailed = recipients::mailed_files(app, number, &self.attachments);
        Ok(mails::incoming_posted(&about, number, letter, actions, &mailed, self.recipients)?)
    }
}

/// The actions that posting makes; the assignee is the recorder if a chair or secretary of the group (domain.md 3).
async fn planned_actions(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter) -> anyhow::Result<Vec<NewAction>> {
    let groups: Vec<GroupId> = letter.to.iter().map(|addressee| addressee.group.group_id).collect();
    let holders = people::store::holders(connection, app.today(), &[RoleKind::Chair, RoleKind::Secretary], &groups).await?;
    let author: Option<PersonId> = found.case.author_id.filter(|_| letter.is_mine != Some(false));
    Ok(mails::actions_at_posting(letter, app.today(), app.config.answer_within_days, |addressee| {
        holders
            .iter()
            .find(|holder| Some(holder.person_id) == author && holder.group_id == Some(addressee.group.group_id))
            .map(|holder| (holder.person_id, holder.name.clone()))
    }))
}

/// Posts, in the transaction of what made it possible: actions, history, mail; the number late, for its row is locked from then on.
async fn post(app: &App, connection: &mut PgConnection, locked: &Locked, letter: &Letter, now: DateTime<Utc>) -> anyhow::Result<i32> {
    let actions = planned_actions(app, &mut *connection, locked, letter).await?;
    steps::make_actions(&mut *connection, locked, now, &actions).await?;
    let manager_text = recipients::manager_text(app, &mut *connection, letter).await?;
    let mail = PostingMail::gather(app, &mut *connection, locked, letter).await?;
    let number = steps::next_number(&mut *connection).await?;
    steps::post(&mut *connection, locked, number, now, &manager_text).await?;
    let system = Actor::system();
    let mut line = entry(locked.statement_id, &system, "posted", "posted it");
    line.audience = Audience::Public;
    line.changes = json!({ "number": number });
    history::record(&mut *connection, now, &line.as_entry()).await?;
    let message = mail.write(app, locked, letter, &actions, number)?;
    outbox::queue(&mut *connection, &app.config, now, &message).await?;
    Ok(number)
}

/// Gives a sign-off, or requests changes with a reason. The last one posts, in this transaction.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn sign(app: &App, acting: Acting<'_>, draft_id: &str, version: i32, changes: Option<&str>) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.pool.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::InReview {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    if locked.version != version {
        return Ok(Outcome::Stale);
    }
    let rows = steps::sign_offs(&mut transaction, locked.statement_id).await?;
    let waiting = rows.iter().filter(|row| row.state == "waiting");
    let mine: Option<&SignOff> = waiting.clone().find(|row| may(Some(acting.viewer), Deed::Sign(row.kind), &locked.case).is_ok());
    let Some(mine) = mine else {
        let kind = waiting.clone().next().map_or(SignOffKind::Check, |row| row.kind);
        return Ok(match may(Some(acting.viewer), Deed::Sign(kind), &locked.case) {
            Err(why) => Outcome::NotAllowed(why),
            Ok(_) => Outcome::Already(locked.case.state, locked.number),
        });
    };
    let state = if changes.is_some() { "changes-requested" } else { "given" };
    let decision = Decision { person_id: acting.viewer.person_id, role: acting.role, at: now, state, words: changes.unwrap_or_default() };
    if !steps::decide(&mut transaction, &locked, mine.sign_off_id, decision).await? {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    let actor = acting.actor();
    let outcome = match changes {
        Some(reason) => {
            turn(app, &mut transaction, &locked, acting, Turn::ChangesRequested, State::Draft, reason, now).await?;
            Outcome::Draft
        }
        None => {
            let mut line = entry(locked.statement_id, &actor, "checked", "checked it for posting");
            line.audience = Audience::Public;
            history::record(&mut transaction, now, &line.as_entry()).await?;
            if waiting.count() > 1 {
                Outcome::InReview
            } else {
                let saved = draft::newest(&mut transaction, locked.statement_id).await?;
                let reading = read(app, &mut transaction, locked.case.direction, Some(locked.statement_id), &saved.form).await?;
                let Some(letter) = reading.checked.letter else { return Ok(Outcome::Problems(reading.checked.problems)) };
                Outcome::Posted(post(app, &mut transaction, &locked, &letter, now).await?)
            }
        }
    };
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

/// Moves it to another state that is not public, writes why, and tells those who worked on it or had signed.
#[expect(clippy::too_many_arguments, reason = "each says one thing of the turn; the four callers are beside it")]
async fn turn(
    app: &App,
    connection: &mut PgConnection,
    locked: &Locked,
    acting: Acting<'_>,
    turn: Turn,
    to: State,
    reason: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let signers = recipients::signers(&mut *connection, locked).await?;
    steps::move_to(&mut *connection, locked, to, now).await?;
    let (event, words) = match turn {
        Turn::ChangesRequested => ("changes-requested", "asked for changes"),
        Turn::TakenBack => ("taken-back", "took it back"),
        Turn::Abandoned => ("abandoned", "gave it up"),
        Turn::Restored => ("restored", "restored it as a draft"),
    };
    let actor = acting.actor();
    let mut line = entry(locked.statement_id, &actor, event, words);
    line.changes = json!({ "reason": reason });
    history::record(&mut *connection, now, &line.as_entry()).await?;
    let list = recipients::who_worked_on(&mut *connection, locked, signers, acting.viewer.person_id).await?;
    if !list.is_empty() {
        let about = About {
            statement_id: locked.statement_id,
            draft_id: locked.draft_id.clone(),
            label: app.config.statement_label.clone(),
            url: app.config.absolute(&urls::draft(&locked.draft_id)),
        };
        let message = mails::turned(&about, turn, &locked.title, &acting.named(), reason, list)?;
        outbox::queue(connection, &app.config, now, &message).await?;
    }
    Ok(())
}

/// The four steps between states that are not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From review back to draft.
    TakeBack,
    /// Given up, with a reason.
    Abandon,
    /// From given up to draft.
    Restore,
    /// A draft nobody needs.
    Delete,
}

/// Takes back, abandons, restores or deletes.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn step(app: &App, acting: Acting<'_>, draft_id: &str, step: Step, reason: &str) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.pool.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    let (deed, turned, to, outcome) = match (step, locked.case.state) {
        (Step::TakeBack, State::InReview) => (Deed::Edit, Some(Turn::TakenBack), State::Draft, Outcome::Draft),
        (Step::Abandon, State::Draft | State::InReview) => (Deed::Abandon, Some(Turn::Abandoned), State::Abandoned, Outcome::Ended),
        (Step::Restore, State::Abandoned) => (Deed::Abandon, Some(Turn::Restored), State::Draft, Outcome::Draft),
        (Step::Delete, State::Draft) => (Deed::Abandon, None, State::Deleted, Outcome::Ended),
        (_, state) => return Ok(Outcome::Already(state, locked.number)),
    };
    if let Err(why) = may(Some(acting.viewer), deed, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    match turned {
        Some(turned) => turn(app, &mut transaction, &locked, acting, turned, to, reason, now).await?,
        None => {
            steps::move_to(&mut transaction, &locked, to, now).await?;
            let actor = acting.actor();
            history::record(&mut transaction, now, &entry(locked.statement_id, &actor, "deleted", "deleted the draft").as_entry()).await?;
        }
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

/// The roles somebody may act in, as the page asks for them; one alone is not asked.
pub fn acting_roles(viewer: &Viewer, deed: Deed, found: &Found) -> Result<Vec<Role>, WhyNot> {
    may(Some(viewer), deed, &found.case)
}

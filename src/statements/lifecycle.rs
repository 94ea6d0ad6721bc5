//! A statement's steps: begin, save, submit, sign, take back, abandon, restore, delete, post. Each is one transaction,
//! with its history and its mails; what was done already is an outcome, not an error (robustness.md LC03).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::{GroupId, PersonId, StatementId};
use crate::mail::{Message, Recipient, outbox};
use crate::people::{self, RoleKind, Viewer};
use crate::permissions::{Deed, WhyNot, may};
use crate::problems::Problems;
use crate::statements::attachments::Attachment;
use crate::statements::letter::Letter;
use crate::statements::mails::{self, About, Turn};
use crate::statements::reading::read;
use crate::statements::recipients;
use crate::statements::store::draft;
use crate::statements::store::steps::{self, Decision, NewAction, SignOff};
use crate::statements::store::{self, Found, Locked, documents, files};
use crate::statements::warnings::Warning;
use crate::statements::{SignOffKind, State, sign_offs};
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
    /// For the history.
    pub fn actor(&self) -> Actor {
        Actor { person_id: Some(self.viewer.person_id), name: self.viewer.name.clone(), role: self.role.to_owned() }
    }

    /// "C. Chair (chair of WIRE)".
    pub fn named(&self) -> String {
        if self.role.is_empty() { self.viewer.name.clone() } else { format!("{} ({})", self.viewer.name, self.role) }
    }
}

/// A line of a statement's history before it is written.
pub struct Line<'a> {
    id: StatementId,
    actor: &'a Actor,
    event: &'a str,
    words: &'a str,
    /// Old and new values.
    pub changes: serde_json::Value,
    /// For whom to read.
    pub audience: Audience,
}

impl<'a> Line<'a> {
    /// As it is written.
    pub fn as_entry(&'a self) -> Entry<'a> {
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

/// A line for those concerned.
pub fn line<'a>(id: StatementId, actor: &'a Actor, event: &'a str, words: &'a str) -> Line<'a> {
    Line { id, actor, event, words, changes: json!({}), audience: Audience::Concerned }
}

/// What a step came to.
#[derive(Debug)]
pub enum Outcome {
    /// It is public now.
    Posted(i32),
    /// It waits for a sign-off; who was mailed, in words.
    InReview(String),
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

/// Whether the role acted in lets it be posted without a check by another (domain.md 4, *check before posting*).
pub fn posts_at_once(acting: Acting<'_>, found: &Found) -> bool {
    may(Some(acting.viewer), Deed::PostAtOnce, &found.case).is_ok_and(|roles| roles.iter().any(|role| role.words() == acting.role))
}

/// Submits a draft: all checks run; it waits for its sign-offs, or is posted where none is needed.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn submit(app: &App, acting: Acting<'_>, draft_id: &str, version: i32, overruled: &[String]) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
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
    if reading.warnings.iter().any(|warning| !overruled.contains(&warning.name)) {
        return Ok(Outcome::Warnings(reading.warnings));
    }

    draft::write_letter(&mut transaction, &locked, &letter).await?;
    // whom it is from and to is what the letter says, not what an earlier save left: asked again of the rows as written
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), Deed::Record, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    let needed = sign_offs::of_incoming(&letter, posts_at_once(acting, &locked));
    steps::submit(&mut transaction, &locked, acting.viewer.person_id, now, &needed).await?;
    let actor = acting.actor();
    let words = if needed.is_empty() { "submitted it" } else { "submitted it for the check before posting" };
    let mut line = line(locked.statement_id, &actor, "submitted", words);
    let warned: BTreeMap<&str, &str> = reading.warnings.iter().map(|warning| (warning.name.as_str(), warning.words.as_str())).collect();
    line.changes = json!({ "overruled": warned });
    history::record(&mut transaction, now, &line.as_entry()).await?;

    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    let outcome = if needed.is_empty() {
        let number = post(app, &mut transaction, &locked, &letter, now).await?;
        Outcome::Posted(number)
    } else {
        let messages = mails_when_submitted(app, &mut transaction, &locked, &letter, acting).await?;
        for message in &messages {
            outbox::queue(&mut transaction, &app.config, now, message).await?;
        }
        Outcome::InReview(mailed(&messages))
    };
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

/// Who gets these messages, in words: "the liaison manager for ITU-T and the liaison coordinators".
pub fn mailed(messages: &[Message]) -> String {
    messages.iter().flat_map(|message| &message.recipients).map(|recipient| format!("the {}", recipient.why)).collect::<Vec<_>>().join(" and ")
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
    let holders = people::store::holders(&mut *connection, app.today(), &[RoleKind::Chair, RoleKind::Secretary], &groups).await?;
    let author = match (found.case.author_id, letter.is_mine) {
        (Some(id), None | Some(true)) => people::store::name_of(&mut *connection, id).await?.map(|name| (id, name)),
        _ => None,
    };
    Ok(mails::actions_at_posting(letter, app.today(), app.config.answer_within_days, |addressee| {
        let speaks_for = |id: PersonId| holders.iter().any(|holder| holder.person_id == id && holder.group_id == Some(addressee.group.group_id));
        let chose_it = letter.is_mine == Some(true) && addressee.is_lead;
        author.clone().filter(|(id, _)| chose_it || speaks_for(*id))
    }))
}

/// Posts, in the transaction of what made it possible: actions, history, mail; the number late, for its row is locked from then on.
async fn post(app: &App, connection: &mut PgConnection, locked: &Locked, letter: &Letter, now: DateTime<Utc>) -> anyhow::Result<i32> {
    let actions = planned_actions(app, &mut *connection, locked, letter).await?;
    steps::make_actions(&mut *connection, locked, now, &actions).await?;
    let manager_text = recipients::manager_text(app, &mut *connection, letter).await?;
    let mail = PostingMail::gather(app, &mut *connection, locked, letter).await?;
    let cited = documents::named(&mut *connection, locked.statement_id).await?;
    let number = steps::next_number(&mut *connection).await?;
    steps::post(&mut *connection, locked, number, now, &manager_text).await?;
    documents::keep(&mut *connection, locked.statement_id, &cited).await?;
    let system = Actor::system();
    let mut line = line(locked.statement_id, &system, "posted", "posted it");
    line.audience = Audience::Public;
    line.changes = json!({ "number": number });
    history::record(&mut *connection, now, &line.as_entry()).await?;
    let message = mail.write(app, locked, letter, &actions, number)?;
    outbox::queue(&mut *connection, &app.config, now, &message).await?;
    Ok(number)
}

/// Gives a sign-off, or requests changes with a reason. The last one posts, in this transaction.
/// `seen` is the version and the round that the person read.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn sign(app: &App, acting: Acting<'_>, draft_id: &str, seen: (i32, i32), changes: Option<&str>) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::InReview {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    if (locked.version, locked.round) != seen {
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
            let mut line = line(locked.statement_id, &actor, "checked", "checked it for posting");
            line.audience = Audience::Public;
            history::record(&mut transaction, now, &line.as_entry()).await?;
            if waiting.count() > 1 {
                Outcome::InReview(String::new())
            } else {
                let saved = draft::newest(&mut transaction, locked.statement_id).await?;
                let reading = read(app, &mut transaction, locked.case.direction, Some(locked.statement_id), &saved.form).await?;
                let Some(letter) = reading.checked.letter else { return Ok(Outcome::Problems(reading.checked.problems)) };
                if !letter.names(&locked.case.parties) {
                    let mut problems = Problems::default();
                    problems.add("to", "a name in it means another group by now");
                    return Ok(Outcome::Problems(problems));
                }
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
    let mut told = recipients::signers(&mut *connection, locked).await?;
    if matches!(turn, Turn::TakenBack | Turn::Abandoned) && locked.case.state == State::InReview {
        told.extend(recipients::asked(&mut *connection, locked).await?);
    }
    steps::move_to(&mut *connection, locked, to, now).await?;
    let (event, words) = match turn {
        Turn::ChangesRequested => ("changes-requested", "asked for changes"),
        Turn::TakenBack => ("taken-back", "took it back"),
        Turn::Abandoned => ("abandoned", "gave it up"),
        Turn::Restored => ("restored", "restored it as a draft"),
    };
    let actor = acting.actor();
    let mut line = line(locked.statement_id, &actor, event, words);
    line.changes = json!({ "reason": reason });
    history::record(&mut *connection, now, &line.as_entry()).await?;
    let list = recipients::who_worked_on(&mut *connection, locked, told, acting.viewer.person_id).await?;
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
    let mut transaction = app.begin().await?;
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
            history::record(&mut transaction, now, &line(locked.statement_id, &actor, "deleted", "deleted the draft").as_entry()).await?;
        }
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

/// It arrived once more: gives the draft up, and notes at the posted statement that it did.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn link_instead(app: &App, acting: Acting<'_>, draft_id: &str, twin: i32) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(posted) = store::lock_posted(&mut transaction, twin).await? else { return Ok(Outcome::Stale) };
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::Draft {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    if let Err(why) = may(Some(acting.viewer), Deed::Abandon, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    let reason = format!("It is the same as {} {twin}.", app.config.statement_label);
    turn(app, &mut transaction, &locked, acting, Turn::Abandoned, State::Abandoned, &reason, now).await?;
    let actor = acting.actor();
    let words = "noted that it arrived once more";
    history::record(&mut transaction, now, &line(posted.statement_id, &actor, "arrived-again", words).as_entry()).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Outcome::Ended)
}

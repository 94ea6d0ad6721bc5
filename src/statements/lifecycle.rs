//! A statement's steps: begin, save, submit, sign, take back, abandon, restore, delete, post. Each is one transaction,
//! with its history and its mails; what was done already is an outcome, not an error (robustness.md LC03).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::StatementId;
use crate::mail::{Message, outbox};
use crate::people::Viewer;
use crate::permissions::{Asked, Deed, WhyNot, may};
use crate::problems::Problems;
use crate::statements::letter::Letter;
use crate::statements::mails::{self, About, Turn};
use crate::statements::reading::read;
use crate::statements::sign_offs::{Begins, Needed};
use crate::statements::signing::all_given;
use crate::statements::store::{self, Found, Locked, answers, draft, replies, steps};
use crate::statements::warnings::Warning;
use crate::statements::{Direction, State, posting, receipt, recipients, sign_offs, signing};
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

/// What whoever submits chose on the check page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chosen<'a> {
    /// Names of warnings that are overruled.
    pub overruled: &'a [String],
    /// Actions that a final reply closes, as `number:acronym`; none: as the rule says.
    pub closes: Option<&'a [String]>,
    /// Of what is awaited of a peer, what its reply answers in part.
    pub in_part: &'a [String],
    /// The statements of which something is awaited, by number, as the page listed them.
    pub asked: &'a [i32],
    /// No receipt goes this time, whatever is set.
    pub no_receipt: bool,
    /// The link to the IAB's decision, where its approval is given by submitting.
    pub decision: &'a str,
}

/// Whether the role acted in lets it be posted without a check by another (domain.md 4, *check before posting*).
pub fn posts_at_once(acting: Acting<'_>, found: &Found) -> bool {
    may(Some(acting.viewer), Deed::PostAtOnce, &found.case).is_ok_and(|roles| roles.iter().any(|role| role.words() == acting.role))
}

/// Submits a draft: all checks run; it waits for its sign-offs, or is posted where none is needed.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn submit(app: &App, acting: Acting<'_>, draft_id: &str, version: i32, chosen: Chosen<'_>) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::Draft {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    let deed = submitting(locked.case.direction);
    if let Err(why) = may(Some(acting.viewer), deed, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    if locked.version != version {
        return Ok(Outcome::Stale);
    }
    let saved = draft::newest(&mut transaction, locked.statement_id).await?;
    let reading = read(app, &mut transaction, locked.case.direction, Some(locked.statement_id), &saved.form).await?;
    let Some(mut letter) = reading.checked.letter else { return Ok(Outcome::Problems(reading.checked.problems)) };
    letter.sending.closes = chosen.closes.map(<[String]>::to_vec);
    letter.sending.in_part = chosen.in_part.to_vec();
    if locked.case.direction != Direction::Outgoing {
        letter.sending.answer_of_peer(chosen.asked);
    }
    if reading.warnings.iter().any(|warning| !chosen.overruled.contains(&warning.name)) {
        return Ok(Outcome::Warnings(reading.warnings));
    }

    draft::write_letter(&mut transaction, &locked, &letter).await?;
    answers::keep_receipt(&mut transaction, &locked, &letter).await?;
    // whom it is from and to is what the letter says, not what an earlier save left: asked again of the rows as written
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), deed, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    let needed = needed(app, &mut transaction, acting, &locked, &letter).await?;
    if chosen.decision.is_empty() && gives_the_iabs(&locked, &needed) {
        return Ok(Outcome::Problems(signing::no_decision()));
    }
    replies::choose(&mut transaction, &locked, chosen.closes, chosen.in_part).await?;
    steps::submit(&mut transaction, &locked, acting.viewer.person_id, now, &needed, chosen.decision).await?;
    let sends_receipt = !chosen.no_receipt && receipt::is_default(&mut transaction, &letter).await?;
    store::receipt::choose(&mut transaction, locked.statement_id, sends_receipt).await?;
    let actor = acting.actor();
    let words = match locked.case.direction {
        Direction::Outgoing => "submitted it for its sign-offs",
        _ if needed.is_empty() => "submitted it",
        _ => "submitted it for the check before posting",
    };
    let mut line = line(locked.statement_id, &actor, "submitted", words);
    let warned: BTreeMap<&str, &str> = reading.warnings.iter().map(|warning| (warning.name.as_str(), warning.words.as_str())).collect();
    line.changes = json!({ "overruled": warned });
    history::record(&mut transaction, now, &line.as_entry()).await?;

    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    for given in needed.iter().filter(|one| matches!(one.begins, Begins::Given(_))) {
        let label = store::signing::label(&mut transaction, given.asked).await?;
        let words = format!("gave {} by submitting it", sign_offs::words(given.asked.kind, &label));
        let mut line = self::line(locked.statement_id, &actor, "signed", &words);
        line.audience = Audience::Public;
        history::record(&mut transaction, now, &line.as_entry()).await?;
    }
    let is_held = store::signing::hold_of(&mut transaction, locked.statement_id).await?.is_some();
    let outcome = if all_given(&needed) && !is_held {
        let number = posting::post(app, &mut transaction, &locked, &letter, "", now).await?;
        Outcome::Posted(number)
    } else {
        let messages = mails_when_submitted(app, &mut transaction, &locked, &letter, acting, &needed).await?;
        if messages.len() == 1 && locked.case.direction != Direction::Outgoing {
            steps::coordinators_are_asked(&mut transaction, &locked, now).await?;
        }
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
    needed: &[Needed],
) -> anyhow::Result<Vec<Message>> {
    if found.case.direction == Direction::Outgoing {
        let asked: Vec<Asked> = needed.iter().filter(|one| one.begins == Begins::Waiting).map(|one| one.asked).collect();
        return signing::mails_to_asked(app, connection, found, letter, &acting.named(), &asked, acting.viewer.person_id, true).await;
    }
    let about = About {
        statement_id: found.statement_id,
        draft_id: found.draft_id.clone(),
        label: app.config.statement_label.clone(),
        url: app.config.absolute(&urls::review(&found.draft_id)),
    };
    let actions = posting::planned_actions(app, connection, found, letter).await?;
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
    needed: &[Needed],
) -> anyhow::Result<(Vec<Message>, Vec<Message>)> {
    let is_held = store::signing::hold_of(&mut *connection, found.statement_id).await?.is_some();
    let now = if all_given(needed) && !is_held { Vec::new() } else { mails_when_submitted(app, connection, found, letter, acting, needed).await? };
    Ok((now, posting::preview(app, connection, found, letter, "").await?))
}

/// The rows that submitting in that role writes.
///
/// # Errors
/// The database's.
pub async fn needed(app: &App, connection: &mut PgConnection, acting: Acting<'_>, found: &Found, letter: &Letter) -> sqlx::Result<Vec<Needed>> {
    match found.case.direction {
        Direction::Outgoing => signing::needed(app, connection, acting, found, letter).await,
        _ => Ok(sign_offs::of_incoming(letter, posts_at_once(acting, found))),
    }
}

/// Whether submitting gives the IAB's approval.
pub fn gives_the_iabs(found: &Found, needed: &[Needed]) -> bool {
    needed.iter().any(|one| matches!(one.begins, Begins::Given(_)) && found.case.is_of_the_iab(one.asked))
}

/// What whoever submits it needs to be allowed.
pub fn submitting(direction: Direction) -> Deed {
    if direction == Direction::Outgoing { Deed::Submit } else { Deed::Record }
}

/// Moves it to another state that is not public, writes why, and tells those who worked on it or had signed.
///
/// # Errors
/// The database's.
#[expect(clippy::too_many_arguments, reason = "each says one thing of the turn")]
pub async fn turn(
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
        Turn::DeadlinePassed => ("deadline-passed", "gave the last sign-off; it is a draft again, for its deadline has passed"),
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

/// Gives a draft up in the transaction of what is done instead of it.
///
/// # Errors
/// The database's.
pub async fn give_up(app: &App, connection: &mut PgConnection, locked: &Locked, acting: Acting<'_>, reason: &str) -> anyhow::Result<()> {
    turn(app, connection, locked, acting, Turn::Abandoned, State::Abandoned, reason, app.clock.now()).await
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

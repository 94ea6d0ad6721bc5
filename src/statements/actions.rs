//! What is done about a posted statement (domain.md 3): the steps of an action, agreed deadlines, what the peer was told.
//! Each is one transaction, with its history and its mails.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::App;
use crate::dates::{long_date, weekday_date};
use crate::history::{self, Audience};
use crate::ids::PersonId;
use crate::mail::{Message, outbox};
use crate::people::{self, RoleKind};
use crate::permissions::{Case, Deed, WhyNot, may};
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, About, Handled, Recipients};
use crate::statements::recipients;
use crate::statements::store::actions::{self as store, Doing, NewDeadline, Part, PartState, PeerNote};
use crate::statements::store::{self as statements, Locked};
use crate::statements::{Handling, Purpose, Side, StepKind};
use crate::urls;

/// So long an action for information stays open without being noted, in days (domain.md 3).
pub const NOTED_WITHIN_DAYS: i64 = 30;

/// The steps that an action can take from where it is, in the order in which they are offered.
pub fn steps(handling: Handling, purpose: Purpose) -> &'static [StepKind] {
    use StepKind::{AnswerInformally, Assign, Begin, Close, Note, Reopen, Resume, StopAwaiting, Take, Wait};
    match (purpose, handling) {
        (Purpose::ForAction, Handling::Open) => &[Take, Assign, Begin, Wait, AnswerInformally, Close],
        (Purpose::ForAction, Handling::InProgress) => &[Take, Assign, Wait, AnswerInformally, Close],
        (Purpose::ForAction, Handling::Waiting) => &[Resume, Take, Assign, AnswerInformally, Close],
        (Purpose::ForAction, Handling::Awaited) => &[StopAwaiting],
        (
            Purpose::ForAction,
            Handling::Responded | Handling::AnsweredInformally | Handling::ClosedWithoutReply | Handling::Answered | Handling::NoLongerAwaited,
        ) => &[Reopen],
        (Purpose::ForInformation, Handling::Open) => &[Note, Take, Assign],
        (Purpose::ForInformation, Handling::NoActionRecorded) => &[Note, Reopen],
        (Purpose::ForInformation, Handling::Noted) => &[Reopen],
        _ => &[],
    }
}

/// A step as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub kind: StepKind,
    /// To whom, of [`StepKind::Assign`].
    pub person: Option<PersonId>,
    /// Until when, of [`StepKind::Wait`].
    pub until: Option<NaiveDate>,
    /// Public words of an outcome or a pause.
    pub words: String,
    /// Evidence.
    pub link: String,
}

impl Step {
    /// One that says nothing more.
    pub fn plain(kind: StepKind) -> Self {
        Self { kind, person: None, until: None, words: String::new(), link: String::new() }
    }
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It is recorded; what, in words.
    Recorded(String),
    /// It stood like that already.
    Already,
    /// The action changed since the page was shown.
    Stale,
    /// The person may not, and why.
    NotAllowed(WhyNot),
    /// There is no such posted statement, or it asks nothing of that group.
    Gone,
}

/// Whose part of which statement, and as it was when the page was shown.
#[derive(Debug, Clone, Copy)]
pub struct Which<'a> {
    /// The statement's number.
    pub number: i32,
    /// The addressee.
    pub acronym: &'a str,
    /// The action's version that the person read.
    pub version: i32,
}

/// A part that this transaction holds.
pub struct Held {
    /// Its statement.
    pub locked: Locked,
    /// The part.
    pub part: Part,
    /// What permissions ask of it.
    pub case: Case,
}

/// Holds a part; none: there is no such posted statement, or it asks nothing of that group.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut PgConnection, which: Which<'_>) -> sqlx::Result<Option<Held>> {
    let Some(locked) = statements::lock_posted(&mut *connection, which.number).await? else { return Ok(None) };
    let Some(part) = store::part(connection, locked.statement_id, which.acronym).await? else { return Ok(None) };
    let case = locked.case.of_action(part.group_id, part.state.assignee);
    Ok(Some(Held { locked, part, case }))
}

/// The action after the step.
fn after(part: &Part, step: &Step, actor: &Acting<'_>, person: Option<&(PersonId, String)>, today: NaiveDate, now: DateTime<Utc>) -> PartState {
    let was = &part.state;
    let assigned = |id: PersonId, name: &str| PartState { assignee: Some(id), assignee_name: name.to_owned(), ..was.clone() };
    let open = |handling| PartState {
        handling,
        words: String::new(),
        link: String::new(),
        paused_on: None,
        resumes_on: None,
        closed_at: None,
        told_at: None,
        ..was.clone()
    };
    let ended = |handling| PartState { words: step.words.clone(), link: step.link.clone(), closed_at: Some(now), ..open(handling) };
    match step.kind {
        StepKind::Take => assigned(actor.viewer.person_id, &actor.viewer.name),
        StepKind::Assign => person.map_or_else(|| was.clone(), |(id, name)| assigned(*id, name)),
        StepKind::Begin | StepKind::Resume => open(Handling::InProgress),
        StepKind::Wait => PartState { words: step.words.clone(), paused_on: Some(today), resumes_on: step.until, ..open(Handling::Waiting) },
        StepKind::Note => ended(Handling::Noted),
        StepKind::AnswerInformally => ended(Handling::AnsweredInformally),
        StepKind::Close => ended(Handling::ClosedWithoutReply),
        StepKind::StopAwaiting => ended(Handling::NoLongerAwaited),
        StepKind::Reopen if matches!(was.handling, Handling::Answered | Handling::NoLongerAwaited) => open(Handling::Awaited),
        StepKind::Reopen => open(Handling::Open),
    }
}

/// For the history, of a group's part: "noted it for NMOP".
fn history_words(step: &Step, label: &str, to: &str) -> String {
    let said = if step.words.is_empty() { String::new() } else { format!(": {}", step.words) };
    let link = if step.link.is_empty() { String::new() } else { format!(" {}", step.link) };
    match step.kind {
        StepKind::Take => format!("took it for {label}"),
        StepKind::Assign => format!("gave {label}’s part to {to}"),
        StepKind::Begin => format!("began work on it for {label}"),
        StepKind::Wait => {
            let until = step.until.map_or(String::new(), |day| format!(" until {}", long_date(day)));
            format!("{label} waits for the peer{until}{said}")
        }
        StepKind::Resume => format!("went on with it for {label}"),
        StepKind::Note => format!("noted it for {label}"),
        StepKind::AnswerInformally => format!("recorded for {label} that it was answered informally{said}{link}"),
        StepKind::Close => format!("closed it for {label} without a reply{said}"),
        StepKind::Reopen => format!("reopened it for {label}"),
        StepKind::StopAwaiting => format!("noted that it is no longer awaited from {label}{said}"),
    }
}

/// Who has it is for role-holders; everything else about a posted one is public (domain.md 2).
fn audience(kind: StepKind) -> Audience {
    if matches!(kind, StepKind::Take | StepKind::Assign) { Audience::Concerned } else { Audience::Public }
}

/// Takes a step.
///
/// # Errors
/// The database's.
pub async fn step(app: &App, acting: Acting<'_>, which: Which<'_>, step: &Step) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = hold(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Handle, &case) {
        return Ok(Done::NotAllowed(why));
    }
    let person = match step.person {
        Some(id) => people::store::name_of(&mut transaction, id).await?.map(|name| (id, name)),
        None => None,
    };
    let to = after(&part, step, &acting, person.as_ref(), app.today(), now);
    if to == part.state || (part.version != which.version && is_done(step, &part, &to)) {
        return Ok(Done::Already);
    }
    if part.version != which.version || !steps(part.state.handling, part.purpose).contains(&step.kind) {
        return Ok(Done::Stale);
    }
    let doing = Doing { kind: step.kind, by: acting.viewer.person_id, at: now };
    store::step(&mut transaction, &locked, &part, &to, doing).await?;
    let actor = acting.actor();
    let words = history_words(step, &part.label, &to.assignee_name);
    let mut entry = line(locked.statement_id, &actor, step.kind.as_str(), &words);
    entry.audience = audience(step.kind);
    entry.changes = json!({
        "group": part.acronym, "from": part.state.handling, "to": to.handling,
        "assignee": { "from": part.state.assignee_name, "to": to.assignee_name },
    });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    let taken = (step.kind == StepKind::Take && part.state.assignee.is_some()).then(|| (acting.viewer.person_id, acting.viewer.name.clone()));
    if let Some((id, name)) = person.filter(|_| step.kind == StepKind::Assign).or(taken) {
        let mut told = Recipients::default();
        for (person, why) in [(Some(id), "who sees to it now"), (part.state.assignee, "who saw to it before")] {
            let Some(person) = person.filter(|person| *person != acting.viewer.person_id) else { continue };
            if let Some(address) = people::store::primary_address(&mut transaction, person).await? {
                told.add(&address, Some(person), why);
            }
        }
        let happened = match (step.kind, part.state.assignee) {
            (StepKind::Take, _) => "took",
            (_, Some(_)) => "handed over",
            _ => "assigned",
        };
        let to_whom = if step.kind == StepKind::Take { String::new() } else { format!(" to {name}") };
        let message = mails::handled(
            &about(app, &locked, &part, which.number),
            &Handled {
                event: "assigned",
                subject: format!("{} is with {name}", part.label),
                words: format!("{} {happened} the part of {}{to_whom}.", acting.named(), part.label),
                title: &locked.title,
                due: store::deadline(&mut transaction, part.action_id).await?,
            },
            told.into_list(),
        )?;
        queue(app, &mut transaction, now, message).await?;
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded(recorded(step.kind).to_owned()))
}

/// Whether the step was taken already, by a second click or by somebody else alike.
fn is_done(step: &Step, part: &Part, to: &PartState) -> bool {
    let same = |a: &PartState, b: &PartState| {
        (a.handling, a.assignee, &a.words, &a.link, a.resumes_on) == (b.handling, b.assignee, &b.words, &b.link, b.resumes_on)
    };
    step.kind != StepKind::Reopen && same(&part.state, to)
}

fn recorded(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Take => "It is with you now.",
        StepKind::Assign => "Assigned; who has it now was mailed.",
        StepKind::Begin => "In progress.",
        StepKind::Wait => "It waits for the peer.",
        StepKind::Resume => "In progress again.",
        StepKind::Note => "Noted.",
        StepKind::AnswerInformally => "Recorded as answered informally.",
        StepKind::Close => "Closed without reply. The liaison manager is asked to tell the peer.",
        StepKind::Reopen => "Reopened.",
        StepKind::StopAwaiting => "No longer awaited.",
    }
}

/// Undoes the last step that stands.
///
/// # Errors
/// The database's.
pub async fn undo(app: &App, acting: Acting<'_>, which: Which<'_>) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = hold(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Handle, &case) {
        return Ok(Done::NotAllowed(why));
    }
    let last = store::last_step(&mut transaction, part.action_id).await?;
    let Some(last) = last.filter(|_| part.version == which.version) else { return Ok(Done::Stale) };
    store::undo(&mut transaction, &locked, &part, &last, now).await?;
    let actor = acting.actor();
    let words = format!("undid for {}: {}", part.label, last.kind.words().to_lowercase());
    let mut entry = line(locked.statement_id, &actor, "undone", &words);
    entry.audience = audience(last.kind);
    entry.changes = json!({ "group": part.acronym, "step": last.kind });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    Ok(Done::Recorded("Undone.".to_owned()))
}

/// A day agreed with the peer, or one that the letter has and was recorded wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The day.
    pub due_on: NaiveDate,
    /// Of the letter itself: a correction.
    pub is_correction: bool,
    /// With whom it was agreed.
    pub agreed_with: String,
    /// Evidence.
    pub link: String,
}

/// Sets a new deadline; the former one stays to be read.
///
/// # Errors
/// The database's.
pub async fn agree(app: &App, acting: Acting<'_>, which: Which<'_>, agreement: &Agreement) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = hold(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Agree, &case) {
        return Ok(Done::NotAllowed(why));
    }
    if store::deadline(&mut transaction, part.action_id).await? == Some((agreement.due_on, false)) {
        return Ok(Done::Already);
    }
    if part.version != which.version || part.purpose != Purpose::ForAction || !part.state.handling.is_open() {
        return Ok(Done::Stale);
    }
    let new = NewDeadline {
        due_on: agreement.due_on,
        kind: if agreement.is_correction { "corrected" } else { "agreed" },
        agreed_with: &agreement.agreed_with,
        link: &agreement.link,
    };
    let former = store::set_deadline(&mut transaction, &locked, &part, new, now).await?;
    let was = former.first().copied().flatten().map_or(String::new(), |day| format!("{} → ", long_date(day)));
    let how = match (agreement.is_correction, agreement.agreed_with.as_str()) {
        (true, _) => ", corrected to what the letter says".to_owned(),
        (false, "") => ", agreed with the peer".to_owned(),
        (false, with) => format!(", agreed with {with}"),
    };
    let words = format!("set the deadline of {}: {was}{}{how}", part.label, long_date(agreement.due_on));
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "deadline-set", &words);
    entry.audience = Audience::Public;
    entry.changes = json!({ "group": part.acronym, "from": former, "to": agreement.due_on, "link": agreement.link });
    history::record(&mut transaction, now, &entry.as_entry()).await?;

    let told = recipients::who_sees_to_it(app, &mut transaction, &case, &part, acting.viewer.person_id).await?;
    let message = mails::handled(
        &about(app, &locked, &part, which.number),
        &Handled {
            event: "deadline-set",
            subject: format!("New deadline {} for {}", long_date(agreement.due_on), part.label),
            words: format!("{} set a new deadline for {}: {}{how}.", acting.named(), part.label, weekday_date(agreement.due_on)),
            title: &locked.title,
            due: None,
        },
        told.into_list(),
    )?;
    queue(app, &mut transaction, now, message).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded(format!("The deadline is {} now.", weekday_date(agreement.due_on))))
}

/// Notes what the peer was told without a statement; needs no sign-off.
///
/// # Errors
/// The database's.
pub async fn tell(app: &App, acting: Acting<'_>, which: Which<'_>, note: &PeerNote) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(Held { locked, part, case }) = hold(&mut transaction, which).await? else { return Ok(Done::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::Agree, &case) {
        return Ok(Done::NotAllowed(why));
    }
    let is_noted = |other: &PeerNote| PeerNote { by: String::new(), ..other.clone() } == PeerNote { by: String::new(), ..note.clone() };
    if store::told(&mut transaction, part.action_id).await?.iter().any(is_noted) {
        return Ok(Done::Already);
    }
    store::tell(&mut transaction, &locked, &part, note, (acting.viewer.person_id, acting.role), now).await?;
    let by = if note.channel.is_empty() { String::new() } else { format!(", {}", note.channel) };
    let proposed = note.proposed_on.map_or(String::new(), |day| format!(" Proposed: {}.", long_date(day)));
    let words = format!("noted what the peer was told on {}{by}: {}{proposed}", long_date(note.told_on), note.words);
    let actor = acting.actor();
    let mut entry = line(locked.statement_id, &actor, "peer-told", &words);
    entry.audience = Audience::Public;
    entry.changes = json!({ "group": part.acronym, "proposed": note.proposed_on });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    Ok(Done::Recorded("Noted what the peer was told.".to_owned()))
}

/// To whom an action can be given: who speaks for the group or its area, the peer's managers, coordinators; by name.
///
/// # Errors
/// The database's.
pub async fn candidates(app: &App, connection: &mut PgConnection, case: &Case, part: &Part) -> sqlx::Result<Vec<(PersonId, String)>> {
    let today = app.today();
    let line = case.parties.iter().find(|party| party.group_id == part.group_id).map(|party| party.line.clone()).unwrap_or_default();
    let kinds = [RoleKind::Chair, RoleKind::Secretary, RoleKind::ResponsibleAreaDirector, RoleKind::AreaDirector];
    let mut holders = people::store::holders(&mut *connection, today, &kinds, &line).await?;
    for peer in case.parties.iter().filter(|party| party.side == Side::From && !party.is_home) {
        holders.extend(people::store::managers_for(&mut *connection, today, peer.group_id).await?);
    }
    holders.extend(people::store::holders(connection, today, &[RoleKind::Coordinator], &[]).await?);
    let mut people: Vec<(PersonId, String)> = Vec::new();
    for holder in holders {
        if !people.iter().any(|(id, _)| *id == holder.person_id) {
            people.push((holder.person_id, holder.name));
        }
    }
    Ok(people)
}

/// For the mail: leads to the part's page.
pub fn about(app: &App, locked: &Locked, part: &Part, number: i32) -> About {
    About {
        statement_id: locked.statement_id,
        draft_id: locked.draft_id.clone(),
        label: format!("{} {number}", app.config.statement_label),
        url: app.config.absolute(&urls::action(number, &part.acronym)),
    }
}

/// Queues a mail that has somebody to go to.
///
/// # Errors
/// The database's.
pub async fn queue(app: &App, connection: &mut PgConnection, now: DateTime<Utc>, message: Message) -> anyhow::Result<()> {
    if !message.recipients.is_empty() {
        outbox::queue(connection, &app.config, now, &message).await?;
    }
    Ok(())
}

/// Ends what nobody noted in time, and pauses whose day has come; by the background task.
///
/// # Errors
/// The database's.
pub async fn tidy(app: &App, pool: &PgPool) -> anyhow::Result<()> {
    let now = app.clock.now();
    loop {
        let mut transaction = crate::database::begin(pool).await?;
        let untouched = store::end_untouched(&mut transaction, now - TimeDelta::days(NOTED_WITHIN_DAYS), now).await?;
        let resumed = store::end_pauses(&mut transaction, app.today(), now).await?;
        let system = history::Actor::system();
        for (ended, event, said) in [
            (&untouched, "no-action-recorded", format!("ended it after {NOTED_WITHIN_DAYS} days, no action recorded, for")),
            (&resumed, "resumed", "ended the wait for the peer, for".to_owned()),
        ] {
            for (statement_id, label) in ended {
                let words = format!("{said} {label}");
                let mut entry = line(*statement_id, &system, event, &words);
                entry.audience = Audience::Public;
                history::record(&mut transaction, now, &entry.as_entry()).await?;
            }
        }
        transaction.commit().await?;
        if untouched.is_empty() && resumed.is_empty() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_can_end_and_what_ended_can_be_reopened() {
        for purpose in [Purpose::ForAction, Purpose::ForInformation] {
            let ends = [StepKind::Note, StepKind::Close, StepKind::AnswerInformally];
            assert!(steps(Handling::Open, purpose).iter().any(|step| ends.contains(step)), "{purpose:?}");
        }
        for handling in [Handling::Noted, Handling::NoActionRecorded] {
            assert!(steps(handling, Purpose::ForInformation).contains(&StepKind::Reopen), "{handling:?}");
        }
        for handling in
            [Handling::Responded, Handling::AnsweredInformally, Handling::ClosedWithoutReply, Handling::Answered, Handling::NoLongerAwaited]
        {
            assert_eq!(steps(handling, Purpose::ForAction), [StepKind::Reopen], "{handling:?}");
        }
    }

    #[test]
    fn what_another_statement_decided_is_not_reopened_here() {
        for handling in [Handling::Redirected, Handling::Replaced, Handling::RecordedTwice, Handling::Removed, Handling::Unknown] {
            assert!(steps(handling, Purpose::ForAction).is_empty(), "{handling:?}");
        }
    }
}

//! A report's steps: made, taken, given back, recorded from, set aside. Each is one transaction with its line of history;
//! what was done already is an outcome, not an error (robustness.md LC03).

use sqlx::PgConnection;

use super::store::{self, Brought, Change, Locked, New};
use super::{Report, ReportState, letter, mails};
use crate::App;
use crate::history::{self, Actor};
use crate::ids::{FileId, GroupId, PersonId};
use crate::mail::{Recipient, outbox};
use crate::people;
use crate::people::Viewer;
use crate::permissions::{Deed, may, sees_to_report};
use crate::statements::attachments::{Content, NewAttachment};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::{self, Acting};
use crate::statements::mails::Recipients;
use crate::statements::store::draft::Manner;
use crate::statements::store::{self as statements, files};
use crate::statements::{AttachmentKind, Direction, State, drafting};
use crate::urls;

/// What a report says.
#[derive(Debug, Clone)]
pub struct Told {
    /// Of the form; sent twice, it is one report.
    pub creation_key: String,
    /// The peer that was named, with its label.
    pub group: Option<(GroupId, String)>,
    /// As typed.
    pub form: StatementForm,
    /// The reporter's draft that it is in place of; its files come along.
    pub draft: Option<String>,
    /// A pasted mail, kept as a file.
    pub mail: Option<FileId>,
}

/// What reporting came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// A report's id, and who was mailed, in words.
    New(String, String),
    /// The same form made this one before.
    Before(String),
    /// The form made this one before, with other text.
    BeforeWithOtherText(String),
    /// The draft is none any more, or not the reporter's to give up.
    NoDraft,
}

/// Under which name a pasted mail is kept.
pub const PASTED_MAIL: &str = "mail.eml";

/// Reports an unrecorded statement; a form that is sent twice reports once.
///
/// # Errors
/// The database's.
pub async fn report(app: &App, viewer: &Viewer, told: &Told) -> anyhow::Result<Reported> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let role = viewer.roles.first();
    let actor = viewer.acting_as(role);
    let new = New {
        by: viewer.person_id,
        as_role: &actor.role,
        creation_key: &told.creation_key,
        group_id: told.group.as_ref().map(|(id, _)| *id),
        title: &told.form.title_line(),
        form: &told.form,
    };
    let Some((id, report_id)) = store::add(&mut transaction, new, now).await? else {
        let before = store::made_by(&mut transaction, viewer.person_id, &told.creation_key).await?;
        let (report_id, form) = before.ok_or_else(|| anyhow::anyhow!("a report that was made is gone"))?;
        return Ok(if form == told.form { Reported::Before(report_id) } else { Reported::BeforeWithOtherText(report_id) });
    };
    if let Some(draft_id) = &told.draft
        && !bring_along(app, &mut transaction, viewer, draft_id, &told.creation_key).await?
    {
        return Ok(Reported::NoDraft);
    }
    if let Some(mail) = told.mail {
        store::keep(&mut transaction, viewer.person_id, &told.creation_key, Brought::File(PASTED_MAIL, mail), now).await?;
    }
    store::line(&mut transaction, id, now, &actor, "reported it").await?;
    let label = told.group.as_ref().map_or("", |(_, label)| label.as_str());
    let url = app.config.absolute(&urls::report(&report_id));
    let told_to = who_sees_to(app, &mut transaction, new.group_id).await?;
    let words = told_to.iter().map(|recipient| format!("the {}", recipient.why)).collect::<Vec<_>>().join(" and ");
    for recipient in told_to {
        let message = mails::reported(&report_id, &viewer.name, label, new.title, &url, recipient)?;
        outbox::queue(&mut transaction, &app.config, now, &message).await?;
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Reported::New(report_id, words))
}

/// Whom a report waits for: the peer's managers, or the coordinators where there is none or no peer was named.
///
/// # Errors
/// The database's.
pub async fn who_sees_to(app: &App, connection: &mut PgConnection, group: Option<GroupId>) -> sqlx::Result<Vec<Recipient>> {
    let mut recipients = Recipients::default();
    if let Some(group) = group {
        for manager in people::store::managers_for(connection, app.today(), group).await? {
            recipients.add(&manager.address, Some(manager.person_id), &format!("liaison manager for {}", manager.group_label));
        }
    }
    let list = recipients.into_list();
    if !list.is_empty() {
        return Ok(list);
    }
    Ok(vec![Recipient { address: app.config.coordinators_address.clone(), person_id: None, why: "liaison coordinators".to_owned() }])
}

/// Gives the reporter's draft up and takes its files along; false: it is no draft of theirs.
async fn bring_along(app: &App, connection: &mut PgConnection, viewer: &Viewer, draft_id: &str, creation_key: &str) -> anyhow::Result<bool> {
    let now = app.clock.now();
    let Some(locked) = statements::lock(&mut *connection, draft_id).await? else { return Ok(false) };
    let Ok(roles) = may(Some(viewer), Deed::Abandon, &locked.case) else { return Ok(false) };
    if locked.case.state != State::Draft {
        return Ok(false);
    }
    for file in files::list(&mut *connection, locked.statement_id).await? {
        let brought = match (&file.url, file.file_id) {
            (Some(url), _) => Brought::Link(url),
            (None, Some(id)) => Brought::File(&file.file_name, id),
            (None, None) => continue,
        };
        store::keep(&mut *connection, viewer.person_id, creation_key, brought, now).await?;
        if let Some(id) = file.file_id.filter(|_| file.kind == AttachmentKind::OriginalMail) {
            store::mark_original_mail(&mut *connection, viewer.person_id, creation_key, id).await?;
        }
    }
    let role = roles.first().map(people::Role::words).unwrap_or_default();
    lifecycle::give_up(app, connection, &locked, Acting { viewer, role: &role }, "Reported as an unrecorded statement instead.").await?;
    Ok(true)
}

/// What somebody does with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// It is theirs to record.
    Take,
    /// It is not, after all.
    GiveBack,
    /// Begin a draft of it.
    Record,
    /// It is not to be recorded, and why.
    SetAside(&'a str),
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done; what to say.
    Done(&'static str),
    /// A draft of it stands: its id.
    Draft(String),
    /// Done before, or overtaken; what to say.
    Already(String),
    /// It changed since the page was shown.
    Stale,
    /// There is no such report for this person.
    Gone,
    /// The person may not.
    NotAllowed,
}

/// Takes a step.
///
/// # Errors
/// The database's.
pub async fn step(app: &App, viewer: &Viewer, report_id: &str, version: i32, step: Step<'_>) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, report_id, app.today()).await? else { return Ok(Outcome::Gone) };
    let Some(role) = sees_to_report(viewer, &locked.case) else { return Ok(Outcome::NotAllowed) };
    if let Some(outcome) = overtaken(&locked, viewer.person_id, step) {
        return Ok(outcome);
    }
    if locked.version != version {
        return Ok(Outcome::Stale);
    }
    let actor = viewer.acting_as(Some(role));
    let plain = Change { state: ReportState::Open, taken_by: None, reason: "", begun: None };
    let (change, words, outcome) = match step {
        Step::Take => {
            let change = Change { state: ReportState::Taken, taken_by: Some(viewer.person_id), ..plain };
            (change, "took it", Outcome::Done("It is yours to record now."))
        }
        Step::GiveBack => (plain, "gave it back", Outcome::Done("Given back: anybody who may can take it.")),
        Step::SetAside(reason) => {
            tell_reporter(app, &mut transaction, &locked, &actor, reason).await?;
            let change = Change { state: ReportState::SetAside, reason, ..plain };
            (change, "set it aside", Outcome::Done("Set aside, with your reason. Who reported it is told."))
        }
        Step::Record => {
            let acting = Acting { viewer, role: &actor.role };
            let (id, draft_id) = begin_draft(app, &mut transaction, &locked, acting).await?;
            let change = Change { state: ReportState::Taken, taken_by: Some(viewer.person_id), begun: Some(id), ..plain };
            (change, "began a draft of it", Outcome::Draft(draft_id))
        }
    };
    store::change(&mut transaction, &locked, change, now).await?;
    store::line(&mut transaction, locked.unrecorded_id, now, &actor, words).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

/// What was done before, by this person or another: not done again.
fn overtaken(report: &Report, person: PersonId, step: Step<'_>) -> Option<Outcome> {
    if let Some(begun) = report.in_hand() {
        return Some(match (step, begun.number) {
            (Step::Record, None) => Outcome::Draft(begun.draft_id.clone()),
            (_, Some(number)) => Outcome::Already(format!("It is recorded already, as number {number}.")),
            (_, None) => Outcome::Already("A draft of it is being recorded already.".to_owned()),
        });
    }
    let taker = report.taker();
    match (step, report.state) {
        (Step::SetAside(_), ReportState::SetAside) => Some(Outcome::Already("It is set aside already.".to_owned())),
        (Step::Take, ReportState::Taken) if taker == Some(person) => Some(Outcome::Already("It is yours already.".to_owned())),
        (Step::GiveBack, ReportState::Open) => Some(Outcome::Already("Nobody has it.".to_owned())),
        (Step::Record, ReportState::Taken) if taker.is_some_and(|taker| taker != person) => {
            Some(Outcome::Already(format!("{} has it. Take it over first.", report.taken_name)))
        }
        (Step::Record, ReportState::SetAside) => Some(Outcome::Already("It is set aside. Take it first.".to_owned())),
        (Step::GiveBack, ReportState::SetAside) => Some(Outcome::Already("It is set aside.".to_owned())),
        _ => None,
    }
}

async fn tell_reporter(app: &App, connection: &mut PgConnection, report: &Report, actor: &Actor, reason: &str) -> anyhow::Result<()> {
    let reporter = report.case.reported_by;
    if actor.person_id == Some(reporter) {
        return Ok(());
    }
    let Some(address) = people::store::primary_address(&mut *connection, reporter).await? else { return Ok(()) };
    let recipient = Recipient { address, person_id: Some(reporter), why: "who reported it".to_owned() };
    let url = app.config.absolute(&urls::report(&report.report_id));
    let named = format!("{} ({})", actor.name, actor.role);
    let message = mails::set_aside(&report.report_id, &named, reason, &report.title, &url, recipient)?;
    outbox::queue(connection, &app.config, app.clock.now(), &message).await?;
    Ok(())
}

/// A draft with all that was typed, read out of a mail where it came in one, and with the report's files.
async fn begin_draft(
    app: &App,
    connection: &mut PgConnection,
    report: &Locked,
    acting: Acting<'_>,
) -> anyhow::Result<(crate::ids::StatementId, String)> {
    let now = app.clock.now();
    let kept = store::files(&mut *connection, report.case.reported_by, &report.creation_key).await?;
    let mut form = report.form.clone();
    if form.from.trim().is_empty() {
        form.from.clone_from(&report.group_label);
    }
    for mail in kept.iter().filter(|file| file.is_mail()) {
        if let Some(file_id) = mail.file_id {
            let bytes = store::beginning(&mut *connection, file_id, letter::READ_BYTES).await?;
            if let Some(letter) = letter::read(&bytes) {
                letter.fill(&mut form);
            }
        }
    }
    // a draft that was given up does not stand in the way of another
    let creation_key = format!("report {} {}", report.report_id, report.version);
    let (id, draft_id, _) =
        drafting::begin_in(app, &mut *connection, acting, Direction::Incoming, form, Manner { is_automatic: false, page: &creation_key }).await?;
    let mut has_statement = false;
    for file in &kept {
        let stored = file.stored();
        let (kind, content) = match (&stored, &file.url) {
            (Some(stored), _) if file.is_mail() || file.is_original_mail => (AttachmentKind::OriginalMail, Content::File(stored)),
            (Some(stored), _) if has_statement => (AttachmentKind::Enclosure, Content::File(stored)),
            (Some(stored), _) => {
                has_statement = true;
                (AttachmentKind::Statement, Content::File(stored))
            }
            (None, Some(url)) => (AttachmentKind::Enclosure, Content::Link(url)),
            (None, None) => continue,
        };
        files::attach(&mut *connection, id, &NewAttachment::public(kind, content), Some(acting.viewer.person_id), now).await?;
    }
    let actor = acting.actor();
    let words = format!("began a draft from what {} reported", report.reporter);
    history::record(connection, now, &lifecycle::line(id, &actor, "begun", &words).as_entry()).await?;
    Ok((id, draft_id))
}

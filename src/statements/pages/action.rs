//! A group's part of a posted statement: who has it, how far it is, by when, what the peer was told.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::dates::{long_date, parse_typed, weekday_date};
use crate::ids::PersonId;
use crate::people::{Role, Viewer};
use crate::permissions::{Case, Deed, may};
use crate::problems::{Choice, Problems};
use crate::statements::actions::{self, Agreement, Done, Step, Which, steps};
use crate::statements::lifecycle::Acting;
use crate::statements::pages::draft::web_address;
use crate::statements::status::{self, Reader, Status};
use crate::statements::store::actions::{Part, PeerNote};
use crate::statements::store::{self, Found, Key};
use crate::statements::{Direction, Side, State as Life, StepKind, body};
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

/// Longest words of an outcome or a note, in characters.
const WORDS: usize = 2000;

#[derive(Template)]
#[template(path = "statements/action.html")]
struct ActionPage {
    layout: Layout,
    problems: Problems,
    label: String,
    part: String,
    title: String,
    statement_url: String,
    url: String,
    version: i32,
    status: Status,
    link: String,
    last: String,
    may_handle: bool,
    undo_role: String,
    who_handles: String,
    acting: Vec<Choice>,
    steps: Vec<Choice>,
    people: Vec<Choice>,
    sent: Sent,
    is_dated: bool,
    may_agree: bool,
    who_agrees: String,
    deadline_acting: Vec<Choice>,
    deadline_kinds: Vec<Choice>,
    told_acting: Vec<Choice>,
    told: Vec<String>,
    refused: String,
    may_refuse: bool,
    may_direct: bool,
    may_redirect: bool,
    redirect_acting: Vec<Choice>,
    may_lead: bool,
}

/// What the page's forms send; each sends its own fields.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Sent {
    pub(super) version: String,
    acting: String,
    step: String,
    person: String,
    until: String,
    words: String,
    link: String,
    deadline_acting: String,
    deadline: String,
    deadline_kind: String,
    agreed_with: String,
    evidence: String,
    told_acting: String,
    told_on: String,
    channel: String,
    told_words: String,
    proposed: String,
    pub(super) refusal: String,
    pub(super) redirect_acting: String,
    pub(super) redirect_to: String,
    pub(super) redirect_why: String,
}

/// A part that was asked for, and who asks.
pub struct Opened {
    found: Found,
    pub(super) number: i32,
    pub(super) part: Part,
    case: Case,
    pub(super) viewer: Viewer,
}

impl FromRequestParts<App> for Opened {
    type Rejection = Error;

    /// The part that the address names; none for whoever is not signed in.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let SignedIn(viewer) = SignedIn::from_request_parts(parts, app).await?;
        let At((number, acronym)) = At::<(String, String)>::from_request_parts(parts, app).await?;
        let number = super::number(&number).ok_or(Error::NotFound)?;
        let mut connection = app.pool.acquire().await?;
        Self::find(&mut connection, viewer, number, &acronym).await
    }
}

impl Opened {
    async fn find(connection: &mut PgConnection, viewer: Viewer, number: i32, acronym: &str) -> Result<Self, Error> {
        let found = store::find(&mut *connection, Key::Number(number)).await?.filter(|found| found.case.state == Life::Posted);
        let found = found.ok_or(Error::NotFound)?;
        let part = store::actions::part(connection, found.statement_id, acronym).await?.ok_or(Error::NotFound)?;
        let case = found.case.of_action(part.group_id, part.state.assignee);
        Ok(Self { found, number, part, case, viewer })
    }
}

/// The question in which role somebody acts; none where one fits only.
fn roles(opened: &Opened, deed: Deed, chosen: &str) -> Vec<Choice> {
    let roles = may(Some(&opened.viewer), deed, &opened.case).unwrap_or_default();
    if roles.len() < 2 { Vec::new() } else { roles.iter().map(|role| Choice::new(&role.words(), &role.words(), chosen)).collect() }
}

/// The role that was chosen, or the only one that fits.
pub(super) fn role(opened: &Opened, deed: Deed, chosen: &str, field: &str, problems: &mut Problems) -> Result<String, Error> {
    let roles = may(Some(&opened.viewer), deed, &opened.case).map_err(|why| Error::NotAllowed(why.0))?;
    let words: Vec<String> = roles.iter().map(Role::words).collect();
    match words.iter().find(|role| *role == chosen).or(words.first().filter(|_| words.len() == 1)) {
        Some(role) => Ok(role.clone()),
        None => {
            problems.add(field, "Select in which role you act");
            Ok(String::new())
        }
    }
}

/// Whoever acts, for buttons that do not ask for a role: the first that fits.
pub(super) fn first_role(opened: &Opened, deed: Deed) -> Result<String, Error> {
    let roles = may(Some(&opened.viewer), deed, &opened.case).map_err(|why| Error::NotAllowed(why.0))?;
    Ok(roles.first().map(Role::words).unwrap_or_default())
}

pub(super) async fn show_page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    opened: &Opened,
    sent: Sent,
    problems: Problems,
) -> Result<Response, Error> {
    let Opened { found, number, part, case, viewer } = opened;
    let today = app.today();
    let handles = may(Some(viewer), Deed::Handle, case);
    let agrees = may(Some(viewer), Deed::Agree, case);
    let may_direct = found.case.direction == Direction::Incoming && may(Some(viewer), Deed::Direct, case).is_ok();
    let fitting = steps(part.state.handling, part.purpose);
    let people = if handles.is_ok() && fitting.contains(&StepKind::Assign) {
        actions::candidates(app, &mut *connection, case, part).await?
    } else {
        Vec::new()
    };
    let due = store::actions::deadline(&mut *connection, part.action_id).await?;
    let last = store::actions::last_step(&mut *connection, part.action_id).await?;
    let told = store::actions::told(connection, part.action_id).await?;
    let label = format!("{} {number}", app.config.statement_label);
    let status = status::status(&facts(found, part, due), Reader::RoleHolder, today);
    layout.error_title = !problems.is_empty();
    let status_code = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let is_open = part.state.handling.is_open();
    let is_concerned = may(Some(viewer), Deed::ReadConcerned, &found.case).is_ok();
    let page = ActionPage {
        part: part.label.clone(),
        title: found.title.clone(),
        statement_url: urls::statement(*number),
        url: urls::action(*number, &part.acronym),
        version: part.version,
        link: part.state.link.clone(),
        last: last.filter(|_| is_concerned).map_or_else(String::new, |last| {
            format!("Last step: {}, by {} on {}.", last.kind.words().to_lowercase(), last.by, last.at.format("%-d %b %Y at %H:%M UTC"))
        }),
        may_handle: handles.is_ok() && !fitting.is_empty(),
        undo_role: handles.as_ref().ok().and_then(|roles| roles.first()).map(Role::words).unwrap_or_default(),
        who_handles: handles.err().map(|why| why.0).unwrap_or_default(),
        acting: roles(opened, Deed::Handle, &sent.acting),
        steps: fitting
            .iter()
            .filter(|kind| **kind != StepKind::Take || part.state.assignee != Some(viewer.person_id))
            .filter(|kind| **kind != StepKind::Assign || !people.is_empty())
            .map(|kind| Choice::new(kind.as_str(), kind.words(), &sent.step).with_hint(hint(*kind)))
            .collect(),
        people: std::iter::once(Choice::new("", "Choose", &sent.person))
            .chain(people.iter().map(|(id, name)| Choice::new(&id.to_string(), name, &sent.person)))
            .collect(),
        is_dated: fitting.contains(&StepKind::Wait),
        may_agree: agrees.is_ok() && part.purpose == crate::statements::Purpose::ForAction && is_open,
        who_agrees: agrees.err().map(|why| why.0).unwrap_or_default(),
        deadline_acting: roles(opened, Deed::Agree, &sent.deadline_acting),
        deadline_kinds: vec![
            Choice::new("agreed", "Agreed with the peer", &sent.deadline_kind).with_hint("The former day stays to be read"),
            Choice::new("corrected", "A correction", &sent.deadline_kind).with_hint("The letter says this day; it was recorded wrongly"),
        ],
        told_acting: roles(opened, Deed::Agree, &sent.told_acting),
        told: told.iter().map(told_words).collect(),
        refused: part
            .refused
            .as_ref()
            .filter(|_| is_open && is_concerned)
            .map_or_else(String::new, |(by, why)| format!("{by} says that it is not for {}: {why}", part.label)),
        may_refuse: found.case.direction == Direction::Incoming && is_open && part.refused.is_none() && may(Some(viewer), Deed::Refuse, case).is_ok(),
        may_direct,
        may_redirect: may_direct && is_open,
        redirect_acting: roles(opened, Deed::Direct, &sent.redirect_acting),
        may_lead: may_direct && is_open && !part.is_lead && found.case.parties.iter().filter(|party| party.side == Side::To).count() > 1,
        label,
        status,
        sent,
        layout,
        problems,
    };
    Ok(Page(status_code, page).into_response())
}

fn told_words(note: &PeerNote) -> String {
    let channel = if note.channel.is_empty() { String::new() } else { format!(", {}", note.channel) };
    let proposed = note.proposed_on.map_or(String::new(), |day| format!(" Proposed: {}.", weekday_date(day)));
    format!("{}{channel}: {}{proposed} – noted by {}", long_date(note.told_on), note.words, note.by)
}

fn hint(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Take => "It is with you from then on",
        StepKind::Assign => "They are told by mail",
        StepKind::Begin => "Everybody reads that it is in progress",
        StepKind::Wait => "Reminders pause until the day you name",
        StepKind::Resume => "Reminders go on",
        StepKind::Note => "Read, nothing more to do",
        StepKind::AnswerInformally => "By mail, in a meeting; with a link to it if there is one",
        StepKind::Close => "With the reason; the peer is told",
        StepKind::Reopen => "Something is to be done after all",
        StepKind::StopAwaiting => "With the reason; it can be awaited again",
    }
}

/// Of this part alone.
fn facts(found: &Found, part: &Part, due: Option<(NaiveDate, bool)>) -> status::Facts {
    status::Facts {
        direction: found.case.direction,
        purpose: Some(part.purpose),
        posted_on: None,
        made_on: NaiveDate::default(),
        answers: Vec::new(),
        answered_by: Vec::new(),
        preliminary: None,
        replaced_by: None,
        actions: vec![status::Action {
            group_label: part.label.clone(),
            group_kind: part.group_kind.clone(),
            purpose: part.purpose,
            handling: part.state.handling,
            due: due.map(|(day, is_ours)| status::Due { day, is_ours }),
            assignee: part.state.assignee_name.clone(),
            closed_on: part.state.closed_at.map(|at| at.date_naive()),
            remark: status::Remark {
                words: part.state.words.clone(),
                paused_on: part.state.paused_on,
                resumes_on: part.state.resumes_on,
                redirected_to: part.redirected_to.clone(),
            },
        }],
    }
}

/// `GET /statements/{number}/actions/{acronym}`
pub async fn show(State(app): State<App>, opened: Opened, layout: Layout) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    show_page(&app, &mut connection, layout, &opened, Sent::default(), Problems::default()).await
}

/// Words without control characters, not too long.
pub(super) fn words(text: &str, field: &str, label: &str, problems: &mut Problems) -> String {
    match body::clean(text.trim()) {
        Err(problem) => problems.add(field, problem.words(label)),
        Ok(words) if words.chars().count() > WORDS => {
            problems.add(field, format!("{label} must be {WORDS} characters or fewer – it is {}", words.chars().count()));
        }
        Ok(words) => return words,
    }
    String::new()
}

/// A web address, or nothing.
pub(super) fn link(text: &str, field: &str, problems: &mut Problems) -> String {
    let text = text.trim();
    if text.is_empty() || (!web_address(text).is_empty() && text.len() <= WORDS) {
        return text.to_owned();
    }
    problems.add(field, "Enter a web address like https://example.org/archive/msg123, or leave it empty");
    String::new()
}

/// A day as typed; none: empty.
fn day(text: &str, field: &str, label: &str, problems: &mut Problems) -> Option<NaiveDate> {
    if text.trim().is_empty() {
        return None;
    }
    parse_typed(text).map_err(|problem| problems.add(field, problem.words(label))).ok()
}

/// `POST /statements/{number}/actions/{acronym}`
pub async fn step(State(app): State<App>, opened: Opened, layout: Layout, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let mut problems = Problems::default();
    let role = role(&opened, Deed::Handle, &sent.acting, "acting", &mut problems)?;
    let kind = StepKind::parse(&sent.step);
    let step = match kind {
        _ if sent.step == "undo" => None,
        None => {
            problems.add("step", "Select what you record");
            None
        }
        Some(kind) => Some(read_step(&app, &mut connection, &opened, kind, &sent, &mut problems).await?),
    };
    if !problems.is_empty() {
        return show_page(&app, &mut connection, layout, &opened, sent, problems).await;
    }
    drop(connection);
    let acting = Acting { viewer: &opened.viewer, role: &role };
    let which = Which { number: opened.number, acronym: &opened.part.acronym, version: sent.version.parse().unwrap_or(0) };
    let done = match &step {
        Some(step) => actions::step(&app, acting, which, step).await?,
        None => actions::undo(&app, acting, which).await?,
    };
    let typed = [sent.words.clone(), sent.link.clone(), sent.until.clone()];
    answer_form(&app, layout, opened, sent, done, ("step", &typed)).await
}

async fn read_step(
    app: &App,
    connection: &mut PgConnection,
    opened: &Opened,
    kind: StepKind,
    sent: &Sent,
    problems: &mut Problems,
) -> Result<Step, Error> {
    let mut step = Step::plain(kind);
    match kind {
        StepKind::Assign => {
            let people = actions::candidates(app, connection, &opened.case, &opened.part).await?;
            step.person = sent.person.parse().ok().map(PersonId).filter(|id| people.iter().any(|(known, _)| known == id));
            if step.person.is_none() {
                problems.add("person", "Choose who sees to it");
            }
        }
        StepKind::Wait => {
            step.until = day(&sent.until, "until", "Until when", problems);
            match step.until {
                None if problems.of("until").is_empty() => problems.add("until", "Enter until when it waits, like 30 March 2026"),
                Some(day) if day <= app.today() => problems.add("until", "Until when must be after today"),
                _ => {}
            }
            step.words = words(&sent.words, "words", "Words", problems);
            if step.words.is_empty() && problems.of("words").is_empty() {
                problems.add("words", "Enter what the peer has to say first");
            }
        }
        StepKind::AnswerInformally => {
            step.words = words(&sent.words, "words", "Words", problems);
            step.link = link(&sent.link, "link", problems);
            if step.words.is_empty() && step.link.is_empty() && problems.is_empty() {
                problems.add("words", "Enter how it was answered, or a link to the answer");
            }
        }
        StepKind::Close => {
            step.words = words(&sent.words, "words", "Words", problems);
            if step.words.is_empty() && problems.of("words").is_empty() {
                problems.add("words", "Enter why it is closed without a reply");
            }
        }
        StepKind::StopAwaiting => {
            step.words = words(&sent.words, "words", "Words", problems);
            if step.words.is_empty() && problems.of("words").is_empty() {
                problems.add("words", "Enter why it is no longer awaited");
            }
        }
        StepKind::Take | StepKind::Begin | StepKind::Resume | StepKind::Note | StepKind::Reopen => {}
    }
    Ok(step)
}

/// `POST /statements/{number}/actions/{acronym}/deadline`
pub async fn agree(State(app): State<App>, opened: Opened, layout: Layout, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let mut problems = Problems::default();
    let role = role(&opened, Deed::Agree, &sent.deadline_acting, "deadline-acting", &mut problems)?;
    let is_correction = sent.deadline_kind == "corrected";
    let due_on = day(&sent.deadline, "deadline", "Deadline", &mut problems);
    match due_on {
        None if problems.of("deadline").is_empty() => problems.add("deadline", "Enter the new deadline, like 14 March 2026"),
        Some(day) if day < app.today() && !is_correction => problems.add("deadline", "Deadline must be today or later"),
        _ => {}
    }
    if !is_correction && sent.deadline_kind != "agreed" {
        problems.add("deadline-kind", "Select whether it was agreed or is a correction");
    }
    let agreed_with = words(&sent.agreed_with.replace(['\r', '\n'], " "), "agreed-with", "Agreed with whom", &mut problems);
    let link = link(&sent.evidence, "evidence", &mut problems);
    let Some(due_on) = due_on.filter(|_| problems.is_empty()) else {
        return show_page(&app, &mut connection, layout, &opened, sent, problems).await;
    };
    drop(connection);
    let which = Which { number: opened.number, acronym: &opened.part.acronym, version: sent.version.parse().unwrap_or(0) };
    let agreement = Agreement { due_on, is_correction, agreed_with, link };
    let done = actions::agree(&app, Acting { viewer: &opened.viewer, role: &role }, which, &agreement).await?;
    let typed = [sent.deadline.clone(), sent.agreed_with.clone(), sent.evidence.clone()];
    answer_form(&app, layout, opened, sent, done, ("deadline", &typed)).await
}

/// `POST /statements/{number}/actions/{acronym}/told`
pub async fn tell(State(app): State<App>, opened: Opened, layout: Layout, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let mut problems = Problems::default();
    let role = role(&opened, Deed::Agree, &sent.told_acting, "told-acting", &mut problems)?;
    let told_on = day(&sent.told_on, "told-on", "Told on", &mut problems);
    match told_on {
        None if problems.of("told-on").is_empty() => problems.add("told-on", "Enter when the peer was told"),
        Some(day) if day > app.today() => problems.add("told-on", "Told on must be today or earlier"),
        _ => {}
    }
    let channel = words(&sent.channel.replace(['\r', '\n'], " "), "channel", "How", &mut problems);
    let said = words(&sent.told_words, "told-words", "What the peer was told", &mut problems);
    if said.is_empty() && problems.of("told-words").is_empty() {
        problems.add("told-words", "Enter what the peer was told");
    }
    let proposed_on = day(&sent.proposed, "proposed", "Proposed day", &mut problems);
    let Some(told_on) = told_on.filter(|_| problems.is_empty()) else {
        return show_page(&app, &mut connection, layout, &opened, sent, problems).await;
    };
    drop(connection);
    let which = Which { number: opened.number, acronym: &opened.part.acronym, version: opened.part.version };
    let note = PeerNote { told_on, channel, words: said, proposed_on, by: String::new() };
    let done = actions::tell(&app, Acting { viewer: &opened.viewer, role: &role }, which, &note).await?;
    let typed = [sent.told_on.clone(), sent.channel.clone(), sent.told_words.clone(), sent.proposed.clone()];
    answer_form(&app, layout, opened, sent, done, ("told-on", &typed)).await
}

/// Back to the statement with what was done; to the part where it could not be.
pub(super) fn answer(app: &App, opened: &Opened, done: Done) -> Result<Response, Error> {
    let part = urls::action(opened.number, &opened.part.acronym);
    match done {
        Done::Recorded(words) => Ok(redirect_with(app, &urls::statement(opened.number), "done", &words)),
        Done::Already => Ok(redirect_with(app, &urls::statement(opened.number), "notice", "That is recorded already.")),
        Done::Stale => Ok(redirect_with(app, &part, "notice", "This changed while you read it. Nothing was recorded; this is how it stands now.")),
        Done::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Done::Gone => Err(Error::NotFound),
    }
}

/// The same after a form: where the part changed meanwhile, what was typed is given back (409).
pub(super) async fn answer_form(
    app: &App,
    layout: Layout,
    opened: Opened,
    sent: Sent,
    done: Done,
    (field, typed): (&str, &[String]),
) -> Result<Response, Error> {
    if done != Done::Stale || typed.iter().all(|value| value.trim().is_empty()) {
        return answer(app, &opened, done);
    }
    let mut connection = app.pool.acquire().await?;
    let opened = Opened::find(&mut connection, opened.viewer, opened.number, &opened.part.acronym).await?;
    // the form itself may be gone with what was open
    let words = typed.iter().filter(|value| !value.trim().is_empty()).map(String::as_str).collect::<Vec<_>>().join("; ");
    let mut problems = Problems::default();
    problems.add(field, format!("This changed while you read it. Nothing was recorded; this is how it stands now. You wrote: {words}"));
    let mut response = show_page(app, &mut connection, layout, &opened, sent, problems).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

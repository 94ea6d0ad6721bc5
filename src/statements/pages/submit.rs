//! Check and submit: everything once more, the very mails that will go, and what has to be looked at twice.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::mail::Message;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::{Choice, Problems};
use crate::statements::lifecycle::{self, Acting, Chosen, Outcome};
use crate::statements::pages::action::link;
use crate::statements::pages::asked_rows;
use crate::statements::pages::draft::{self, FileRow, Row};
use crate::statements::replies::{self, Closing};
use crate::statements::sign_offs::{self, Begins, Needed};
use crate::statements::store::draft::newest;
use crate::statements::store::{self, Found};
use crate::statements::warnings::{SEVERAL_ORGANIZATIONS, Warning};
use crate::statements::{Direction, ReplyKind, State as Life, body, posting, reading, receipt, signing};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

/// A mail as it will go.
pub struct MailShown {
    /// "To nmop@…, 2 in copy and 4 more".
    pub summary: String,
    /// Header lines and text, exactly.
    pub text: String,
    /// Who gets it, and as whom.
    pub recipients: Vec<String>,
}

impl MailShown {
    /// How pages show a mail before it goes.
    pub fn of(message: &Message) -> Self {
        let mut text = String::new();
        for (name, value) in [("To", &message.to), ("Cc", &message.cc), ("Reply-To", &message.reply_to), ("Subject", &message.subject)] {
            if !value.is_empty() {
                text.push_str(&format!("{name}: {value}\n"));
            }
        }
        text.push('\n');
        text.push_str(&message.body);
        let first = message.recipients.first().map(|recipient| recipient.address.as_str()).unwrap_or_default();
        let summary = match message.recipients.len() {
            0 | 1 => format!("To {first}"),
            count => format!("To {first} and {} more", count - 1),
        };
        let recipients = message.recipients.iter().map(|recipient| format!("{} ({})", recipient.address, recipient.why)).collect();
        Self { summary: format!("{summary}: {}", message.subject), text, recipients }
    }
}

struct WarningShown {
    name: String,
    words: String,
    overruled: bool,
    twin: i32,
    twin_url: String,
    /// Whether a draft for each organization is offered.
    splits: bool,
}

#[derive(Template)]
#[template(path = "statements/submit.html")]
struct SubmitPage {
    layout: Layout,
    problems: Problems,
    edit_url: String,
    link_url: String,
    split_url: String,
    action: String,
    version: i32,
    rows: Vec<Row>,
    body_html: String,
    files: Vec<FileRow>,
    to_do: Problems,
    warnings: Vec<WarningShown>,
    acting: Vec<Choice>,
    may_record: String,
    kicker: String,
    heading: String,
    overrule: &'static str,
    acting_question: &'static str,
    report_url: String,
    posts_at_once: bool,
    next: Vec<String>,
    closings: Vec<ClosingShown>,
    asked: String,
    now: Vec<MailShown>,
    posted: Vec<MailShown>,
    receipt: Option<MailShown>,
    receipt_to: String,
    leaves_receipt_out: bool,
    asks_decision: bool,
    decision: String,
    button: &'static str,
}

/// What the reply does to a statement that it answers.
struct ClosingShown {
    question: String,
    note: String,
    ticks: Vec<Choice>,
    extents: Vec<ExtentShown>,
    /// Of a peer's reply the number of the statement of which something is awaited.
    asked: Option<i32>,
}

/// How far a peer's reply answers what is awaited of one group.
struct ExtentShown {
    id: String,
    label: String,
    choices: Vec<Choice>,
}

async fn page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    viewer: &Viewer,
    found: &Found,
    sent: &Sent,
    problems: Problems,
) -> Result<SubmitPage, Error> {
    let saved = newest(connection, found.statement_id).await?;
    let reading = reading::read(app, connection, found.case.direction, Some(found.statement_id), &saved.form).await?;
    let is_outgoing = found.case.direction == Direction::Outgoing;
    let deed = lifecycle::submitting(found.case.direction);
    let may_record = draft::first_role(viewer, deed, found);
    let role = if sent.acting.is_empty() { may_record.as_ref().ok().cloned().unwrap_or_default() } else { sent.acting.clone() };
    let acting = Acting { viewer, role: &role };
    let (mut posts_at_once, mut next, mut closings, mut receipt) = (false, Vec::new(), Vec::new(), None);
    let mut asks_decision = false;
    let (now, posted) = match &reading.checked.letter {
        Some(letter) => {
            let needed = lifecycle::needed(app, connection, acting, found, letter).await?;
            asks_decision = lifecycle::gives_the_iabs(found, &needed);
            posts_at_once = signing::all_given(&needed) && asked_rows::held(connection, found).await?.is_empty();
            if is_outgoing {
                next = sign_offs_in_words(connection, &needed).await?;
                closings = replies::closings(connection, letter).await?.into_iter().map(|closing| ClosingShown::of(closing, sent, app)).collect();
            } else {
                let awaited = replies::closings(connection, letter).await?.into_iter().filter(|closing| !closing.actions.is_empty());
                closings = awaited.map(|closing| ClosingShown::of_peer(closing, sent, app)).collect();
            }
            if !is_outgoing && receipt::is_default(connection, letter).await? {
                receipt = posting::preview_receipt(app, connection, found, letter).await?;
            }
            lifecycle::preview(app, connection, found, letter, acting, &needed).await?
        }
        None => (Vec::new(), Vec::new()),
    };
    layout.error_title = !problems.is_empty();
    Ok(SubmitPage {
        edit_url: urls::draft(&found.draft_id),
        link_url: format!("{}/link-instead", urls::draft(&found.draft_id)),
        action: urls::submit(&found.draft_id),
        version: found.version,
        rows: draft::rows_of(reading.checked.letter.as_ref(), &saved.form, app),
        body_html: body::to_html(&saved.form.body),
        files: draft::file_rows(connection, found.statement_id, &found.draft_id).await?,
        to_do: reading.checked.problems,
        warnings: shown(&reading.warnings, &sent.overrule, is_outgoing),
        split_url: format!("{}/split", urls::draft(&found.draft_id)),
        acting: draft::acting_choices(viewer, deed, found, &sent.acting),
        kicker: format!("Draft · {} · not public", found.case.direction.words()),
        heading: match &reading.checked.letter {
            Some(letter) if is_outgoing && letter.answers.is_empty() => format!("Check and submit your statement to {}", letter.to_text()),
            Some(letter) if is_outgoing => format!("Check and submit your reply to {}", letter.to_text()),
            _ => "Check and submit".to_owned(),
        },
        overrule: if is_outgoing { "Submit anyway" } else { "Record anyway" },
        acting_question: if is_outgoing { "In which role do you submit it?" } else { "In which role do you record it?" },
        next,
        closings,
        may_record: may_record
            .err()
            .map(|why| match why {
                Error::NotAllowed(why) => why,
                other => other.to_string(),
            })
            .unwrap_or_default(),
        report_url: if is_outgoing {
            String::new()
        } else {
            draft::first_role(viewer, Deed::Abandon, found).map(|_| urls::report_draft(&found.draft_id)).unwrap_or_default()
        },
        posts_at_once,
        asked: lifecycle::mailed(&now),
        button: match (is_outgoing, posts_at_once) {
            (true, true) => "Post and send",
            (false, true) => "Record and post",
            (_, false) => "Submit for review",
        },
        now: now.iter().map(MailShown::of).collect(),
        posted: posted.iter().map(MailShown::of).collect(),
        receipt_to: receipt.as_ref().map(|message| message.to.clone()).unwrap_or_default(),
        receipt: receipt.as_ref().map(MailShown::of),
        leaves_receipt_out: sent.receipt == "no",
        asks_decision,
        // what its author gave as the link to the consensus may be the decision
        decision: if sent.version.is_empty() { draft::web_address(&saved.form.consensus_link) } else { sent.decision.clone() },
        layout,
        problems,
    })
}

/// What is needed before it is posted, in words: what is given already, what is asked, what is asked later.
async fn sign_offs_in_words(connection: &mut PgConnection, needed: &[Needed]) -> sqlx::Result<Vec<String>> {
    let mut words = Vec::new();
    for one in needed {
        let label = store::signing::label(&mut *connection, one.asked).await?;
        let what = draft::capitalized(&sign_offs::words(one.asked.kind, &label));
        words.push(match &one.begins {
            Begins::Given(role) => format!("{what}: you give it, as {role}, by submitting."),
            Begins::Waiting => format!("{what} is asked."),
            Begins::Later => format!("{what} is asked once what comes before it is given."),
        });
    }
    Ok(words)
}

impl ClosingShown {
    fn of(closing: Closing, sent: &Sent, app: &App) -> Self {
        let name = format!("{} {}", app.config.statement_label, closing.number);
        let note = match closing.kind {
            ReplyKind::Final if closing.actions.is_empty() => format!("Nothing is open of {name}."),
            ReplyKind::Final => String::new(),
            ReplyKind::Preliminary => format!("A preliminary reply: {name} stays open, and its reminders go on."),
            ReplyKind::StatusUpdate => format!("A status update changes nothing of {name}."),
        };
        let tick = |acronym: &str, label: &str, by_rule: bool| {
            let value = format!("{}:{acronym}", closing.number);
            let checked = if sent.closing.is_empty() { by_rule } else { sent.closes.contains(&value) };
            Choice { checked, ..Choice::new(&value, label, "") }
        };
        let ticks = if closing.kind == ReplyKind::Final {
            closing.actions.iter().map(|(action, by_rule)| tick(&action.acronym, &action.label, *by_rule)).collect()
        } else {
            Vec::new()
        };
        Self { question: format!("Which parts of {name} does it close?"), note, ticks, extents: Vec::new(), asked: None }
    }

    /// The same rule, mirrored: what is awaited of the peer's groups, by default answered in full by those it is from.
    fn of_peer(closing: Closing, sent: &Sent, app: &App) -> Self {
        let extent = |acronym: &str, label: &str, by_rule: bool| {
            let chosen = |extent: &str| format!("{extent}={}:{acronym}", closing.number);
            let rule = chosen(if by_rule { "full" } else { "not" });
            let taken = [FULL, IN_PART, NOT].map(chosen).into_iter().find(|value| sent.extent.contains(value)).unwrap_or(rule);
            let choices = [(FULL, "In full"), (IN_PART, "In part: it stays awaited"), (NOT, "Not: it stays awaited")];
            ExtentShown {
                id: format!("extent-{}-{acronym}", closing.number),
                label: label.to_owned(),
                choices: choices.map(|(extent, words)| Choice::new(&chosen(extent), words, &taken)).into(),
            }
        };
        Self {
            question: "Does it answer in full?".to_owned(),
            note: format!("It answers {} {}. What is answered in full is awaited no longer.", app.config.statement_label, closing.number),
            ticks: Vec::new(),
            extents: closing.actions.iter().map(|(action, by_rule)| extent(&action.acronym, &action.label, *by_rule)).collect(),
            asked: Some(closing.number),
        }
    }
}

fn shown(warnings: &[Warning], overruled: &[String], is_outgoing: bool) -> Vec<WarningShown> {
    warnings
        .iter()
        .map(|warning| WarningShown {
            name: warning.name.clone(),
            words: warning.words.clone(),
            overruled: overruled.contains(&warning.name),
            twin: warning.twin.unwrap_or_default(),
            twin_url: warning.twin.map(urls::statement).unwrap_or_default(),
            splits: is_outgoing && warning.name == SEVERAL_ORGANIZATIONS,
        })
        .collect()
}

/// What the page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    version: String,
    acting: String,
    overrule: Vec<String>,
    /// Present where the page listed actions that a final reply closes.
    closing: String,
    /// Those that are ticked, as `number:acronym`.
    closes: Vec<String>,
    /// Statements of which the page listed what is awaited.
    asked: Vec<i32>,
    /// How far each is answered, as `full=number:acronym`.
    extent: Vec<String>,
    receipt: String,
    #[serde(rename = "iab-decision")]
    decision: String,
}

const FULL: &str = "full";
const IN_PART: &str = "part";
const NOT: &str = "not";

impl Sent {
    /// Actions that were said to be answered so far, as `number:acronym`.
    fn answered(&self, extent: &str) -> Vec<String> {
        self.extent.iter().filter_map(|said| Some(said.strip_prefix(extent)?.strip_prefix('=')?.to_owned())).collect()
    }
}

/// `GET /statements/drafts/{draft_id}/submit`
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(draft_id): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, viewer.as_ref(), &draft_id).await?;
    let viewer = viewer.ok_or(Error::NotFound)?;
    draft::first_role(&viewer, Deed::Edit, &found)?;
    if found.case.state != Life::Draft {
        return Err(Error::Elsewhere(urls::draft(&draft_id)));
    }
    let page = page(&app, &mut connection, layout, &viewer, &found, &Sent::default(), Problems::default()).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `POST /statements/drafts/{draft_id}/submit`
pub async fn submit(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    if found.case.state != Life::Draft {
        return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
    }
    draft::first_role(&viewer, Deed::Edit, &found)?;
    let role = draft::acting_role(&viewer, lifecycle::submitting(found.case.direction), &found, &sent.acting)?;
    let Some(role) = role else {
        let mut problems = Problems::default();
        problems.add(
            "acting",
            if found.case.direction == Direction::Outgoing { "Select in which role you submit it" } else { "Select in which role you record it" },
        );
        let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let mut problems = Problems::default();
    let decision = link(&sent.decision, signing::DECISION, &mut problems);
    if !problems.is_empty() {
        let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    drop(connection);
    let version = sent.version.parse().unwrap_or(0);
    let (full, in_part) = (sent.answered(FULL), sent.answered(IN_PART));
    let closes = if sent.asked.is_empty() { &sent.closes } else { &full };
    let chosen = Chosen {
        overruled: &sent.overrule,
        closes: (!sent.closing.is_empty()).then_some(closes.as_slice()),
        in_part: &in_part,
        asked: &sent.asked,
        no_receipt: sent.receipt == "no",
        decision: &decision,
    };
    let outcome = lifecycle::submit(&app, Acting { viewer: &viewer, role: &role }, &draft_id, version, chosen).await?;
    if let Some(response) = draft::after(&app, &found, &outcome, "", "") {
        return Ok(response);
    }
    let mut problems = Problems::default();
    match outcome {
        Outcome::NotAllowed(why) => return Err(Error::NotAllowed(why.0)),
        Outcome::Stale => {
            return Ok(redirect_with(
                &app,
                &urls::submit(&draft_id),
                "notice",
                "The draft was changed meanwhile. This is what it says now; nothing was submitted.",
            ));
        }
        Outcome::Problems(found_problems) if !found_problems.of(signing::DECISION).is_empty() => problems = found_problems,
        Outcome::Problems(found_problems) => problems.add("to-do", format!("It can't be submitted yet: {} to do", found_problems.0.len())),
        Outcome::Warnings(warnings) => {
            for warning in warnings.iter().filter(|warning| !sent.overrule.contains(&warning.name)) {
                problems.add(&format!("overrule-{}", warning.name), format!("Tick that you want it anyway, or change it: {}", warning.words));
            }
        }
        _ => {}
    }
    let mut connection = app.pool.acquire().await?;
    let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
    Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

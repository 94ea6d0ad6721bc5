//! The page on which whoever is asked decides, reached from the mail, decided on a phone.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::dates;
use crate::people::Viewer;
use crate::permissions::{self, Deed, may};
use crate::problems::{Choice, Problems};
use crate::statements::differences::{self, Change, Difference};
use crate::statements::letter::{Answered, Letter};
use crate::statements::lifecycle::{Acting, Outcome};
use crate::statements::other_format::DEED;
use crate::statements::pages::action::link;
use crate::statements::pages::asked_rows::{self, AskedRow};
use crate::statements::pages::draft::{self, FileRow, Row};
use crate::statements::pages::submit::MailShown;
use crate::statements::store::draft::{SavedForm, newest, version as version_of};
use crate::statements::store::receipt::is_chosen;
use crate::statements::store::replies::{self, AnsweredLetter};
use crate::statements::store::signing::last_signed;
use crate::statements::store::{Found, signing as store_signing, steps};
use crate::statements::{Direction, State as Life, body, mails, posting, reading, signing, standing_in};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

/// A letter that is answered.
struct AnsweredShown {
    url: String,
    name: String,
    title: String,
    from: String,
    body_html: String,
}

#[derive(Template)]
#[template(path = "statements/review.html")]
struct ReviewPage {
    layout: Layout,
    problems: Problems,
    kicker: String,
    heading: String,
    title: String,
    is_outgoing: bool,
    asked_as: String,
    asked_for: Vec<String>,
    what_follows: String,
    due: String,
    held: String,
    action: String,
    edit_url: String,
    draft_url: String,
    version: i32,
    round: i32,
    rows: Vec<Row>,
    position: String,
    body_html: String,
    files: Vec<FileRow>,
    answered: Vec<AnsweredShown>,
    asked: Vec<AskedRow>,
    given: usize,
    posted: Vec<MailShown>,
    receipt: Option<MailShown>,
    stands_in: String,
    acting: Vec<Choice>,
    decisions: Vec<Choice>,
    reason: String,
    asks_informed: bool,
    informed: String,
    asks_decision: bool,
    decision: String,
    hold_why: String,
    not_allowed: String,
    warnings: Vec<String>,
    may_edit: bool,
    may_hold: bool,
    may_enter: bool,
    may_add_format: bool,
    other_format_url: String,
    letter_url: String,
    changed: Vec<Changed>,
}

/// What changed since a version that the reader knows.
struct Changed {
    heading: String,
    differences: Vec<Difference>,
}

/// What the page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    version: String,
    round: String,
    acting: String,
    decision: String,
    reason: String,
    #[serde(rename = "informed-on")]
    informed: String,
    #[serde(rename = "iab-decision")]
    iab_decision: String,
    /// Of the form that holds it, to be given back.
    #[serde(skip)]
    hold_why: String,
}

/// The letters that it answers, and by when a reply is due.
async fn answered(app: &App, connection: &mut PgConnection, letter: Option<&Letter>) -> sqlx::Result<(Vec<AnsweredShown>, String)> {
    let ids: Vec<i64> = letter
        .iter()
        .flat_map(|letter| &letter.answers)
        .filter_map(|answered| if let Answered::Statement(id, _) = answered { Some(id.0) } else { None })
        .collect();
    if ids.is_empty() {
        return Ok((Vec::new(), String::new()));
    }
    let letters: Vec<AnsweredLetter> = replies::answered_letters(connection, &ids).await?;
    let today = app.today();
    let due = letters.iter().filter_map(|letter| letter.due_on).min();
    let due = due.map(|day| format!("Reply due {} ({}).", dates::weekday_date(day), dates::distance(today, day))).unwrap_or_default();
    let shown = letters.into_iter().map(|letter| AnsweredShown {
        url: urls::statement(letter.number),
        name: format!("{} {}", app.config.statement_label, letter.number),
        title: letter.title,
        from: letter.from_text,
        body_html: body::to_html(&letter.body),
    });
    Ok((shown.collect(), due))
}

/// What changed since the reader last signed it, and since the page that they read.
async fn changed(connection: &mut PgConnection, viewer: &Viewer, found: &Found, saved: &SavedForm, read: Option<i32>) -> Result<Vec<Changed>, Error> {
    let mut known = Vec::new();
    if let Some(version) = read {
        known.push((version, "What changed while you read it".to_owned()));
    }
    if let Some((version, at)) = last_signed(&mut *connection, found, viewer.person_id).await? {
        known.push((version, format!("What changed since you signed it on {}", at.format("%-d %b %Y at %H:%M UTC"))));
    }
    let mut changed = Vec::new();
    for (version, heading) in known {
        let Some(older) = version_of(&mut *connection, found.statement_id, version).await? else { continue };
        let newer = saved.form.clone();
        // a long text takes a while
        let differences = tokio::task::spawn_blocking(move || differences::differences(&older.form, &newer)).await.map_err(anyhow::Error::from)?;
        changed.push(Changed { heading, differences });
    }
    Ok(changed)
}

async fn page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    viewer: &Viewer,
    found: &Found,
    sent: &Sent,
    problems: Problems,
) -> Result<ReviewPage, Error> {
    let saved = newest(connection, found.statement_id).await?;
    let reading = reading::read(app, connection, found.case.direction, Some(found.statement_id), &saved.form).await?;
    let letter = reading.checked.letter.as_ref();
    let mine = asked_rows::mine(app, connection, viewer, found).await?;
    let asked = asked_rows::rows(app, connection, found).await?;
    let (answered, due) = answered(app, connection, letter).await?;
    let is_outgoing = found.case.direction == Direction::Outgoing;
    let stands_in = if is_outgoing { String::new() } else { standing_in::of(app, connection, found, viewer).await? };
    let (mut posted, mut receipt) = (Vec::new(), None);
    if let Some(letter) = letter {
        posted = posting::preview(app, connection, found, letter, &standing_in::checked_by(viewer, &stands_in)).await?;
        if is_chosen(connection, found.statement_id).await? {
            receipt = posting::preview_receipt(app, connection, found, letter).await?;
        }
    }
    // of a form that was sent: the version that was read, where it is another by now
    let read = sent.version.parse().ok().filter(|version| *version != found.version);
    let changed = changed(connection, viewer, found, &saved, read).await?;
    let waiting = asked.iter().filter(|row| row.waits).count();
    // what its author gave as the link to the consensus may be the decision
    let link = draft::web_address(&saved.form.consensus_link);
    let approve = if waiting <= mine.asked.len() {
        "Yours is the last: it is posted at once, numbered and mailed"
    } else {
        "It then waits for what is still needed"
    };
    layout.error_title = !problems.is_empty();
    Ok(ReviewPage {
        kicker: format!(
            "{} · in review · version {} by {}, {}",
            found.case.direction.words(),
            saved.version,
            saved.saved_by,
            saved.saved_at.format("%-d %b %Y %H:%M UTC")
        ),
        heading: match letter {
            Some(letter) if is_outgoing && letter.answers.is_empty() => format!("Approve the statement to {}?", letter.to_text()),
            Some(letter) if is_outgoing => format!("Approve the reply to {}?", letter.to_text()),
            _ if is_outgoing => "Approve it?".to_owned(),
            _ => format!("Check before posting: {}", found.title),
        },
        title: found.title.clone(),
        is_outgoing,
        asked_as: mine.roles.first().map(permissions::Signing::words).unwrap_or_default(),
        asked_for: mine.asked,
        what_follows: if is_outgoing {
            String::new()
        } else {
            "Is this what they wrote, from and to the right groups? Your approval posts it at once.".to_owned()
        },
        due,
        held: asked_rows::held(connection, found).await?,
        action: urls::review(&found.draft_id),
        edit_url: urls::draft(&found.draft_id),
        draft_url: urls::draft(&found.draft_id),
        version: found.version,
        round: found.round,
        rows: draft::rows_of(letter, &saved.form, app),
        position: letter.map(|letter| mails::outgoing::position(letter, &app.installation().home_name)).unwrap_or_default(),
        body_html: body::to_html(&saved.form.body),
        files: draft::file_rows(connection, found.statement_id, &found.draft_id).await?,
        answered,
        given: asked.len() - waiting,
        asked,
        posted: posted.iter().map(MailShown::of).collect(),
        receipt: receipt.as_ref().map(MailShown::of),
        stands_in,
        acting: if mine.roles.len() > 1 {
            let choice = |signing: &permissions::Signing| Choice::new(&signing.words(), &draft::capitalized(&signing.words()), &sent.acting);
            mine.roles.iter().map(choice).collect()
        } else {
            Vec::new()
        },
        decisions: vec![
            Choice::new("approve", "Approve", &sent.decision).with_hint(approve),
            Choice::new("request-changes", "Request changes", &sent.decision).with_hint("It goes back to its author as a draft, with your reason"),
        ],
        reason: sent.reason.clone(),
        asks_informed: is_outgoing && store_signing::informed_on(connection, found.statement_id).await?.is_none(),
        informed: sent.informed.clone(),
        asks_decision: !mine.for_the_iab.is_empty(),
        decision: if sent.decision.is_empty() { link } else { sent.iab_decision.clone() },
        hold_why: sent.hold_why.clone(),
        not_allowed: mine.why_not,
        warnings: reading.warnings.iter().map(|warning| warning.words.clone()).collect(),
        may_edit: may(Some(viewer), Deed::Edit, &found.case).is_ok(),
        may_add_format: is_outgoing && may(Some(viewer), DEED, &found.case).is_ok(),
        other_format_url: urls::other_format(&found.draft_id),
        letter_url: if is_outgoing { urls::letter(&urls::draft(&found.draft_id)) } else { String::new() },
        changed,
        may_hold: is_outgoing && may(Some(viewer), Deed::Hold, &found.case).is_ok(),
        may_enter: is_outgoing && waiting > 0 && may(Some(viewer), Deed::Enter, &found.case).is_ok(),
        layout,
        problems,
    })
}

/// `GET /statements/drafts/{draft_id}/review`
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(draft_id): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, viewer.as_ref(), &draft_id).await?;
    let viewer = viewer.ok_or(Error::NotFound)?;
    if found.case.state != Life::InReview {
        return Err(Error::Elsewhere(urls::draft(&draft_id)));
    }
    let page = page(&app, &mut connection, layout, &viewer, &found, &Sent::default(), Problems::default()).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// The page again, with what was typed into the form that holds it.
///
/// # Errors
/// The database's.
pub(super) async fn not_held(
    app: &App,
    connection: &mut PgConnection,
    layout: Layout,
    viewer: &Viewer,
    found: &Found,
    hold_why: String,
    problems: Problems,
) -> Result<Response, Error> {
    let sent = Sent { hold_why, ..Sent::default() };
    let page = page(app, connection, layout, viewer, found, &sent, problems).await?;
    Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The role somebody decides in: the one they chose, or the only one that fits.
fn role_of(mine: &asked_rows::Mine, chosen: &str) -> Option<String> {
    let mut words = mine.roles.iter().map(permissions::Signing::words);
    if mine.roles.len() == 1 { words.next() } else { words.find(|role| role == chosen) }
}

/// `POST /statements/drafts/{draft_id}/review`
pub async fn decide(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    let typed = body::clean(sent.reason.trim());
    let reason = typed.clone().unwrap_or_default();
    if found.case.state != Life::InReview {
        return too_late(&app, &mut connection, &found, &viewer, &sent, &reason).await;
    }
    let mine = asked_rows::mine(&app, &mut connection, &viewer, &found).await?;
    let role = role_of(&mine, &sent.acting);
    let mut problems = Problems::default();
    if role.is_none() && !mine.roles.is_empty() {
        problems.add("acting", "Select in which role you decide");
    }
    let decision = link(&sent.iab_decision, signing::DECISION, &mut problems);
    match sent.decision.as_str() {
        "approve" if decision.is_empty() && role.as_ref().is_some_and(|role| mine.for_the_iab.contains(role)) => {
            if problems.of(signing::DECISION).is_empty() {
                problems.0.extend(signing::no_decision().0);
            }
        }
        "approve" => {}
        "request-changes" => match &typed {
            Err(problem) => problems.add("reason", problem.words("What should be changed?")),
            Ok(reason) if reason.is_empty() => problems.add("reason", "Enter what should be changed"),
            Ok(_) => {}
        },
        _ => problems.add("decision", "Select what you decide"),
    }
    let informed = match sent.informed.trim() {
        "" => None,
        typed => match dates::parse_typed(typed) {
            Ok(day) if day > app.today() => {
                problems.add("informed-on", "Group informed on must be today or earlier");
                None
            }
            Ok(day) => Some(day),
            Err(problem) => {
                problems.add("informed-on", problem.words("Group informed on"));
                None
            }
        },
    };
    if !problems.is_empty() && !mine.roles.is_empty() {
        let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    drop(connection);
    let changes = (sent.decision == "request-changes").then_some(reason.as_str());
    let seen = (sent.version.parse().unwrap_or(0), sent.round.parse().unwrap_or(0));
    let role = role.unwrap_or_default();
    let is_standing_in = role.ends_with(permissions::STANDING_IN);
    let role = role.trim_end_matches(permissions::STANDING_IN).to_owned();
    let deciding = signing::Deciding { seen, changes, informed, is_standing_in, decision: &decision };
    let outcome = signing::sign(&app, Acting { viewer: &viewer, role: &role }, &draft_id, deciding).await?;
    if let Outcome::Already(..) = outcome {
        let mut connection = app.pool.acquire().await?;
        let (found, _) = draft::open_sent(&mut connection, Some(&viewer), &draft_id).await?;
        return too_late(&app, &mut connection, &found, &viewer, &sent, &reason).await;
    }
    let sent_back = if changes.is_some() {
        "Sent back to its author, with your reason."
    } else {
        "It is a draft again: the day by which it asks for something has passed. Its author was told."
    };
    if let Outcome::InReview(_) = outcome {
        // who stood in reads it no longer
        let mut connection = app.pool.acquire().await?;
        let reads = draft::open(&mut connection, Some(&viewer), &draft_id).await.is_ok();
        let next = if reads { urls::review(&draft_id) } else { "/desk".to_owned() };
        return Ok(redirect_with(&app, &next, "done", "Thank you: that is recorded. It waits for what is still needed."));
    }
    if let Some(response) = draft::after(&app, &found, &outcome, sent_back, "") {
        return Ok(response);
    }
    match outcome {
        Outcome::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Outcome::Problems(problems) => {
            let words = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
            Err(Error::Conflict(format!("It can't be posted as it stands: {words}. Request changes, or ask the coordinators.")))
        }
        _ => {
            // edited meanwhile: nothing was recorded, and what was chosen and typed is kept
            let mut connection = app.pool.acquire().await?;
            let (found, _) = draft::open_sent(&mut connection, Some(&viewer), &draft_id).await?;
            if found.case.state != Life::InReview {
                return too_late(&app, &mut connection, &found, &viewer, &sent, &reason).await;
            }
            let mut problems = Problems::default();
            problems.add("decision", "The text changed while you read it. Nothing was recorded; this is what it says now");
            let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
            Ok(Page(StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// Somebody decided before: said with their name; a reason that was typed is given back.
async fn too_late(app: &App, connection: &mut PgConnection, found: &Found, viewer: &Viewer, sent: &Sent, reason: &str) -> Result<Response, Error> {
    let rows = steps::sign_offs(&mut *connection, found.statement_id).await?;
    // a double click of the same person with the same words is done already
    let is_done = rows.iter().any(|row| row.words == reason && row.decided_by.starts_with(&viewer.name));
    if sent.decision != "request-changes" || reason.is_empty() || is_done {
        return draft::already(app, connection, found, Some(viewer)).await;
    }
    let who = draft::who_decided(connection, found, Some(viewer)).await?;
    Err(Error::Conflict(format!("{who} So your request for changes was not recorded. You wrote: {reason}")))
}

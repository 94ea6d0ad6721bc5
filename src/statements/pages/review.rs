//! The page on which whoever is asked decides, reached from the mail, decided on a phone.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::people::Viewer;
use crate::permissions::{Deed, may};
use crate::problems::{Choice, Problems};
use crate::statements::body;
use crate::statements::lifecycle::{self, Acting, Outcome};
use crate::statements::pages::draft::{self, FileRow, Row};
use crate::statements::pages::show_draft::{self, Asked};
use crate::statements::pages::submit::MailShown;
use crate::statements::reading;
use crate::statements::standing_in;
use crate::statements::store::draft::newest;
use crate::statements::store::receipt::is_chosen;
use crate::statements::store::{Found, steps};
use crate::statements::{SignOffKind, State as Life};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

#[derive(Template)]
#[template(path = "statements/review.html")]
struct ReviewPage {
    layout: Layout,
    problems: Problems,
    kicker: String,
    title: String,
    asked_as: String,
    action: String,
    edit_url: String,
    version: i32,
    round: i32,
    rows: Vec<Row>,
    body_html: String,
    files: Vec<FileRow>,
    asked: Vec<Asked>,
    posted: Option<MailShown>,
    receipt: Option<MailShown>,
    stands_in: String,
    acting: Vec<Choice>,
    decisions: Vec<Choice>,
    reason: String,
    not_allowed: String,
    warnings: Vec<String>,
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
}

const CHECK: Deed = Deed::Sign(SignOffKind::Check);

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
    let allowed = may(Some(viewer), CHECK, &found.case);
    let (posted, receipt) = match &reading.checked.letter {
        Some(letter) => {
            let mails = lifecycle::preview(app, connection, found, letter, Acting { viewer, role: "" }, true).await?;
            let is_sent = is_chosen(connection, found.statement_id).await?;
            (Some(mails.posted), mails.receipt.filter(|_| is_sent))
        }
        None => (None, None),
    };
    let stands_in = standing_in::of(app, connection, found, viewer).await?;
    layout.error_title = !problems.is_empty();
    Ok(ReviewPage {
        kicker: format!(
            "{} · in review · saved by {} on {}",
            found.case.direction.words(),
            saved.saved_by,
            saved.saved_at.format("%-d %b %Y %H:%M UTC")
        ),
        title: found.title.clone(),
        asked_as: allowed.as_ref().ok().and_then(|roles| roles.first()).map(crate::people::Role::words).unwrap_or_default(),
        action: urls::review(&found.draft_id),
        edit_url: urls::draft(&found.draft_id),
        version: found.version,
        round: found.round,
        rows: reading.checked.letter.as_ref().map_or_else(|| draft::rows(&saved.form), draft::rows_of_letter),
        body_html: body::to_html(&saved.form.body),
        files: draft::file_rows(connection, found.statement_id, &found.draft_id).await?,
        asked: show_draft::asked(app, connection, found).await?,
        posted: posted.as_ref().map(MailShown::of),
        receipt: receipt.as_ref().map(MailShown::of),
        stands_in,
        acting: draft::acting_choices(viewer, CHECK, found, &sent.acting),
        decisions: vec![
            Choice::new("approve", "Approve", &sent.decision).with_hint("It is posted at once, numbered and mailed"),
            Choice::new("request-changes", "Request changes", &sent.decision).with_hint("It goes back to its author as a draft, with your reason"),
        ],
        reason: sent.reason.clone(),
        not_allowed: allowed.err().map(|why| why.0).unwrap_or_default(),
        warnings: reading.warnings.into_iter().map(|warning| warning.words).collect(),
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
    let role = draft::acting_role(&viewer, CHECK, &found, &sent.acting)?;
    let mut problems = Problems::default();
    if role.is_none() {
        problems.add("acting", "Select in which role you decide");
    }
    match sent.decision.as_str() {
        "approve" => {}
        "request-changes" => match &typed {
            Err(problem) => problems.add("reason", problem.words("What should be changed?")),
            Ok(reason) if reason.is_empty() => problems.add("reason", "Enter what should be changed"),
            Ok(_) => {}
        },
        _ => problems.add("decision", "Select what you decide"),
    }
    let role = match role {
        Some(role) if problems.is_empty() => role,
        _ => {
            let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
            return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    drop(connection);
    let changes = (sent.decision == "request-changes").then_some(reason.as_str());
    let seen = (sent.version.parse().unwrap_or(0), sent.round.parse().unwrap_or(0));
    let outcome = lifecycle::sign(&app, Acting { viewer: &viewer, role: &role }, &draft_id, seen, changes).await?;
    if let Outcome::Already(..) = outcome {
        let mut connection = app.pool.acquire().await?;
        let (found, _) = draft::open_sent(&mut connection, Some(&viewer), &draft_id).await?;
        return too_late(&app, &mut connection, &found, &viewer, &sent, &reason).await;
    }
    if let Some(response) = draft::after(&app, &found, &outcome, "Sent back to its author, with your reason.", "") {
        return Ok(response);
    }
    match outcome {
        Outcome::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Outcome::Problems(problems) => {
            let words = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
            Err(Error::Conflict(format!("It can't be posted as it stands: {words}. Request changes, or ask the coordinators.")))
        }
        _ => Ok(redirect_with(
            &app,
            &urls::review(&draft_id),
            "notice",
            "The text changed while you read it. Nothing was recorded; this is what it says now.",
        )),
    }
}

/// Somebody decided before: said with their name; a reason that was typed is given back.
async fn too_late(app: &App, connection: &mut PgConnection, found: &Found, viewer: &Viewer, sent: &Sent, reason: &str) -> Result<Response, Error> {
    let rows = steps::sign_offs(&mut *connection, found.statement_id).await?;
    // a double click of the same person with the same words is done already
    let is_done = rows.iter().any(|row| row.words == reason && row.decided_by.starts_with(&viewer.name));
    if sent.decision != "request-changes" || reason.is_empty() || is_done {
        return draft::already(app, connection, found).await;
    }
    let who = draft::who_decided(connection, found).await?;
    Err(Error::Conflict(format!("{who} So your request for changes was not recorded. You wrote: {reason}")))
}

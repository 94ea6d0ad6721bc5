//! Holding and releasing an outgoing statement; entering what was given elsewhere.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::ids::{PersonId, SignOffId};
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::{Choice, Problems};
use crate::statements::lifecycle::{Acting, Outcome};
use crate::statements::pages::action::words;
use crate::statements::pages::{draft, review};
use crate::statements::recipients::outgoing;
use crate::statements::signing::{self, Entering};
use crate::statements::store::Found;
use crate::statements::store::signing::hold_of;
use crate::statements::store::steps::{self, SignOff};
use crate::statements::{Direction, SignOffKind, State as Life, body, sign_offs};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

/// What the buttons send.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SentHold {
    #[serde(rename = "hold-why")]
    why: String,
}

async fn change(app: App, viewer: Option<Viewer>, draft_id: &str, reason: Option<&str>, done: &str) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), draft_id).await?;
    let role = draft::first_role(&viewer, Deed::Hold, &found)?;
    drop(connection);
    match signing::hold(&app, Acting { viewer: &viewer, role: &role }, draft_id, reason).await? {
        Outcome::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        // a second click is one hold; another coordinator's words are given back
        Outcome::Already(Life::InReview, _) if reason.is_some() => {
            let mut connection = app.pool.acquire().await?;
            let hold = hold_of(&mut connection, found.statement_id).await?;
            match (hold, reason) {
                (Some(hold), Some(why)) if hold.why != why => {
                    Err(Error::Conflict(format!("{} holds it already, so nothing was changed. You wrote: {why}", hold.by)))
                }
                _ => Ok(redirect_with(&app, &urls::draft(draft_id), "done", done)),
            }
        }
        Outcome::InReview(_) | Outcome::Already(Life::InReview, _) => Ok(redirect_with(&app, &urls::draft(draft_id), "done", done)),
        Outcome::Problems(problems) => {
            let words = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
            Err(Error::Conflict(format!("It can't be posted as it stands: {words}. It is still held.")))
        }
        outcome => draft::after(&app, &found, &outcome, "Released. It is a draft again: its deadline has passed.", "").ok_or(Error::NotFound),
    }
}

/// `POST /statements/drafts/{draft_id}/hold`
pub async fn hold(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<SentHold>,
) -> Result<Response, Error> {
    let mut problems = Problems::default();
    let reason = words(&sent.why, "hold-why", "The reason", &mut problems);
    if reason.is_empty() && problems.is_empty() {
        problems.add("hold-why", "Enter why you hold it");
    }
    if !problems.is_empty() {
        let mut connection = app.pool.acquire().await?;
        let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
        draft::first_role(&viewer, Deed::Hold, &found)?;
        if found.case.state != Life::InReview || found.case.direction != Direction::Outgoing {
            return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
        }
        return review::not_held(&app, &mut connection, layout, &viewer, &found, sent.why, problems).await;
    }
    change(app, viewer, &draft_id, Some(&reason), "You hold it: it is not posted until it is released. Its author was told.").await
}

/// `POST /statements/drafts/{draft_id}/release`
pub async fn release(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    change(app, viewer, &draft_id, None, "Released.").await
}

/// A row that can be entered for another.
struct Enterable {
    id: String,
    /// Behind the fields' ids where another row's have the plain ones.
    suffix: String,
    what: String,
    people: Vec<Choice>,
    evidence: String,
}

#[derive(Template)]
#[template(path = "statements/enter.html")]
struct EnterPage {
    layout: Layout,
    problems: Problems,
    title: String,
    action: String,
    back_url: String,
    version: i32,
    round: i32,
    rows: Vec<Enterable>,
}

/// What the page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    version: String,
    round: String,
    row: String,
    whose: String,
    evidence: String,
}

const WITHOUT: &str = "without";

async fn page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    found: &Found,
    viewer: &Viewer,
    sent: &Sent,
    problems: Problems,
) -> Result<EnterPage, Error> {
    let waiting: Vec<SignOff> = steps::sign_offs(&mut *connection, found.statement_id).await?;
    let mut rows: Vec<Enterable> = Vec::new();
    let is_any_sent = waiting.iter().any(|row| row.sign_off_id.to_string() == sent.row);
    for row in waiting.iter().filter(|row| matches!(row.state.as_str(), "waiting" | "later")) {
        let id = row.sign_off_id.to_string();
        let is_sent = sent.row == id;
        let chosen = if is_sent { sent.whose.as_str() } else { "" };
        let holders = outgoing::in_whose_name(app, &mut *connection, &found.case, row.asked()).await?;
        let mut people: Vec<Choice> = holders
            .iter()
            .filter(|holder| holder.person_id != viewer.person_id)
            .map(|holder| Choice::new(&holder.person_id.to_string(), &format!("{} ({})", holder.name, outgoing::role_words(holder)), chosen))
            .collect();
        if row.kind == SignOffKind::Approval {
            people.push(
                Choice::new(WITHOUT, "Nobody: it has left without approval", chosen)
                    .with_hint("It is posted marked so; the approval stays open until it is confirmed or objected to"),
            );
        }
        rows.push(Enterable {
            what: draft::capitalized(&sign_offs::words(row.kind, &row.group_label)),
            people,
            suffix: if is_sent || (!is_any_sent && rows.is_empty()) { String::new() } else { format!("-{id}") },
            evidence: if is_sent { sent.evidence.clone() } else { String::new() },
            id,
        });
    }
    layout.error_title = !problems.is_empty();
    Ok(EnterPage {
        title: found.title.clone(),
        action: urls::enter(&found.draft_id),
        back_url: urls::review(&found.draft_id),
        version: found.version,
        round: found.round,
        rows,
        layout,
        problems,
    })
}

/// `GET /statements/drafts/{draft_id}/enter`
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(draft_id): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, viewer.as_ref(), &draft_id).await?;
    let viewer = viewer.ok_or(Error::NotFound)?;
    draft::first_role(&viewer, Deed::Enter, &found)?;
    if found.case.state != Life::InReview || found.case.direction != Direction::Outgoing {
        return Err(Error::Elsewhere(urls::draft(&draft_id)));
    }
    let page = page(&app, &mut connection, layout, &found, &viewer, &Sent::default(), Problems::default()).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `POST /statements/drafts/{draft_id}/enter`
pub async fn enter(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    let role = draft::first_role(&viewer, Deed::Enter, &found)?;
    if found.case.state != Life::InReview || found.case.direction != Direction::Outgoing {
        return draft::already(&app, &mut connection, &found, Some(&viewer)).await;
    }
    let mut problems = Problems::default();
    let evidence = match body::one_line(&sent.evidence) {
        Ok(line) if line.is_empty() => {
            problems.add("evidence", "Enter where it can be seen, such as the link to the archive");
            String::new()
        }
        Ok(line) => line,
        Err(problem) => {
            problems.add("evidence", problem.words("Evidence"));
            String::new()
        }
    };
    let whose: Option<PersonId> = sent.whose.parse().ok().map(PersonId);
    if whose.is_none() && sent.whose != WITHOUT {
        problems.add("whose", "Select who gave it");
    }
    let row: Option<i64> = sent.row.parse().ok();
    let Some(row) = row.filter(|_| problems.is_empty()) else {
        let page = page(&app, &mut connection, layout, &found, &viewer, &sent, problems).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    drop(connection);
    let seen = (sent.version.parse().unwrap_or(0), sent.round.parse().unwrap_or(0));
    let entering = Entering { sign_off_id: SignOffId(row), whose, evidence: &evidence };
    match signing::enter(&app, Acting { viewer: &viewer, role: &role }, &draft_id, seen, entering).await? {
        Outcome::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Outcome::InReview(_) => Ok(redirect_with(&app, &urls::draft(&draft_id), "done", "Entered. It waits for what is still needed.")),
        Outcome::Stale => Ok(redirect_with(
            &app,
            &urls::enter(&draft_id),
            "notice",
            "The text changed meanwhile. Nothing was entered; look whether what was given still fits.",
        )),
        Outcome::Problems(problems) => {
            let words = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
            Err(Error::Conflict(format!("It can't be posted as it stands: {words}. Nothing was entered.")))
        }
        outcome => draft::after(&app, &found, &outcome, "Entered. It is a draft again: its deadline has passed.", "").ok_or(Error::NotFound),
    }
}

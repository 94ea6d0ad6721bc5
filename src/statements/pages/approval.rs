//! After posting: whoever has the authority confirms what left without approval, or objects, with words that everybody reads.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::action::{link, words};
use super::draft::capitalized;
use super::remarks::{answer, open};
use crate::App;
use crate::people::Viewer;
use crate::permissions::Signing;
use crate::problems::{Choice, Problems};
use crate::statements::lifecycle::Acting;
use crate::statements::store::steps::SignOff;
use crate::statements::{approving, body, sign_offs, signing};
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

#[derive(Template)]
#[template(path = "statements/approval.html")]
struct ApprovalPage {
    layout: Layout,
    problems: Problems,
    label: String,
    title: String,
    url: String,
    action: String,
    body_html: String,
    asked: Vec<String>,
    acting: Vec<Choice>,
    decisions: Vec<Choice>,
    objection: String,
    asks_decision: bool,
    iab_decision: String,
}

/// What the page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    acting: String,
    decision: String,
    objection: String,
    #[serde(rename = "iab-decision")]
    iab_decision: String,
}

/// Each role once, in words.
fn roles(mine: &[(SignOff, Vec<Signing>)]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for signing in mine.iter().flat_map(|(_, roles)| roles) {
        let words = signing.role.words();
        if !all.contains(&words) {
            all.push(words);
        }
    }
    all
}

async fn respond(app: &App, viewer: &Viewer, mut layout: Layout, number: &str, sent: Option<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, number).await?;
    let rows = approving::rows(&mut connection, &found).await?;
    if rows.is_empty() {
        return Err(Error::NotFound);
    }
    let mine = match approving::mine(app, &mut connection, viewer, &found, &rows).await? {
        Ok(mine) => mine,
        Err(_) if approving::is_decided(app, &mut connection, viewer, &found, &rows).await? => {
            let by: Vec<&str> = rows.iter().map(|row| row.decided_by.as_str()).filter(|by| !by.is_empty()).collect();
            return Ok(redirect_with(app, &urls::statement(number), "notice", &format!("It is decided already, by {}.", by.join(" and "))));
        }
        Err(why) => return Err(Error::NotAllowed(why.0)),
    };
    let roles = roles(&mine);
    let for_the_iab: Vec<&(SignOff, Vec<Signing>)> = mine.iter().filter(|(row, _)| found.case.is_of_the_iab(row.asked())).collect();
    let mut problems = Problems::default();
    let is_sent = sent.is_some();
    let sent = sent.unwrap_or_default();
    if is_sent {
        let role = if roles.len() == 1 { roles.first() } else { roles.iter().find(|role| **role == sent.acting) };
        if role.is_none() {
            problems.add("acting", "Select in which role you decide");
        }
        let decision = link(&sent.iab_decision, signing::DECISION, &mut problems);
        let is_the_iabs = role.is_some_and(|role| for_the_iab.iter().any(|(_, roles)| roles.iter().any(|signing| signing.role.words() == *role)));
        let objection = match sent.decision.as_str() {
            "confirm" if is_the_iabs && sent.iab_decision.trim().is_empty() => {
                problems.0.extend(signing::no_decision().0);
                None
            }
            "confirm" => None,
            "object" => {
                let objection = words(&sent.objection, "objection", "The objection", &mut problems);
                if objection.is_empty() && problems.of("objection").is_empty() {
                    problems.add("objection", "Enter what you object to");
                }
                Some(objection)
            }
            _ => {
                problems.add("decision", "Select what you decide");
                None
            }
        };
        if let Some(role) = role.filter(|_| problems.is_empty()) {
            drop(connection);
            let done = approving::decide(app, Acting { viewer, role }, number, objection.as_deref(), &decision).await?;
            return answer(app, number, done, "");
        }
    }
    layout.error_title = !problems.is_empty();
    let text = crate::statements::store::signing::text(&mut connection, found.statement_id).await?;
    let page = ApprovalPage {
        label: format!("{} {number}", app.config.statement_label),
        url: urls::statement(number),
        action: urls::approval(number),
        body_html: body::to_html(&text),
        asked: mine.iter().map(|(row, _)| capitalized(&sign_offs::words(row.kind, &row.group_label))).collect(),
        acting: if roles.len() > 1 { roles.iter().map(|role| Choice::new(role, &capitalized(role), &sent.acting)).collect() } else { Vec::new() },
        decisions: vec![
            Choice::new("confirm", "Confirm it", &sent.decision).with_hint("Your approval stands beside it"),
            Choice::new("object", "Object", &sent.decision).with_hint("Your objection stands beside it; the statement stays"),
        ],
        objection: sent.objection,
        asks_decision: !for_the_iab.is_empty(),
        iab_decision: sent.iab_decision,
        title: found.title,
        layout,
        problems,
    };
    Ok(Page(if is_sent { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, page).into_response())
}

/// `GET /statements/{number}/approval`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    respond(&app, &viewer, layout, &number, None).await
}

/// `POST /statements/{number}/approval`
pub async fn decide(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At(number): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    respond(&app, &viewer, layout, &number, Some(sent)).await
}

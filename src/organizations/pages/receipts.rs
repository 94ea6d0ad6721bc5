//! For which purposes an organization's senders get a receipt by default.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::App;
use crate::ids::GroupId;
use crate::organizations::receipts;
use crate::organizations::store::{self, Found, Group};
use crate::people::Viewer;
use crate::permissions::sets_receipts;
use crate::problems::Choice;
use crate::statements::Purpose;
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

#[derive(Template)]
#[template(path = "organizations/receipts.html")]
struct ReceiptsPage {
    layout: Layout,
    label: String,
    organization_url: String,
    url: String,
    purposes: Vec<Choice>,
}

/// The peer organization, for whoever sets its receipts; the role in which they do.
async fn open(app: &App, viewer: &Viewer, acronym: &str) -> Result<(Group, String), Error> {
    let group = match store::find(&app.pool, acronym).await? {
        Some(Found::Group(group)) if group.is_organization && !group.is_home => *group,
        Some(Found::Former { acronym, is_organization: true }) => return Err(Error::Elsewhere(urls::receipts(&acronym))),
        _ => return Err(Error::NotFound),
    };
    let line: Vec<GroupId> = store::path(&app.pool, group.group_id).await?.iter().map(|step| step.group_id).collect();
    match sets_receipts(viewer, &line) {
        Some(role) => Ok((group, role.words())),
        None => Err(Error::NotAllowed("Only the liaison manager and the coordinators can do this.".to_owned())),
    }
}

/// `GET /organizations/{acronym}/receipts`
///
/// # Errors
/// There is none; not theirs to set; the database's.
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(acronym): At<String>) -> Result<Response, Error> {
    let (group, _) = open(&app, &viewer, &acronym).await?;
    let set = store::receipt_for(&app.pool, group.group_id).await?;
    let choice = |purpose: &Purpose| Choice {
        value: purpose.as_str().to_owned(),
        label: purpose.words().to_owned(),
        hint: String::new(),
        checked: set.iter().any(|one| one == purpose.as_str()),
    };
    let page = ReceiptsPage {
        purposes: Purpose::MADE_HERE.iter().map(choice).collect(),
        organization_url: urls::organization(&group.acronym),
        url: urls::receipts(&group.acronym),
        label: group.label,
        layout,
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    purpose: Vec<String>,
}

/// `POST /organizations/{acronym}/receipts`
///
/// # Errors
/// There is none; not theirs to set; the database's.
pub async fn save(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    At(acronym): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let (group, role) = open(&app, &viewer, &acronym).await?;
    let purposes: Vec<Purpose> = Purpose::MADE_HERE.into_iter().filter(|purpose| sent.purpose.iter().any(|one| one == purpose.as_str())).collect();
    let is_new = receipts::set(&app, &viewer, &role, group.group_id, &purposes).await?;
    let (kind, words) = if is_new { ("done", "Saved.") } else { ("notice", "It was set so already.") };
    Ok(redirect_with(&app, &urls::receipts(&group.acronym), kind, words))
}

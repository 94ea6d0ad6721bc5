//! `/organizations/{acronym}`: what it is, its groups, its newest statements, how to send to it.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::list::relationship_words;
use super::tree::{self, Tree};
use super::{
    ContactLine, Link, Person, SomethingWrong, StatementLine, contact_lines, contacts_url, life, managers, newest, other_name, something_wrong,
    statements_url,
};
use crate::App;
use crate::dates::weekday_date;
use crate::organizations::GroupState;
use crate::organizations::store::{self, Found, Group, Relationship};
use crate::people::Viewer;
use crate::permissions::sets_receipts;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::layout::{Layout, Page};
use crate::web::urls;

struct RelationshipBox {
    words: String,
    of: Option<Link>,
    documents: Vec<String>,
    former_documents: Vec<String>,
    facts: String,
    home_contact: String,
}

#[derive(Template)]
#[template(path = "organizations/show.html")]
struct Show {
    layout: Layout,
    label: String,
    name: String,
    is_home: bool,
    path: Vec<Link>,
    life: String,
    relationship: Option<RelationshipBox>,
    managers: Vec<Person>,
    how_to_send: String,
    sending: Vec<(&'static str, String)>,
    contacts_url: String,
    contacts: Vec<ContactLine>,
    next_meeting: String,
    tree: Tree,
    statements: Vec<StatementLine>,
    has_more: bool,
    statements_url: String,
    wrong: SomethingWrong,
    receipts_url: String,
}

/// Shows an organization; leads on from a group's or a former acronym.
///
/// # Errors
/// There is none; the database's.
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(acronym): At<String>) -> Result<Response, Error> {
    match store::find(&app.pool, &acronym).await? {
        None => Err(Error::NotFound),
        Some(Found::Former { acronym, is_organization }) => Ok(moved(&acronym, is_organization)),
        Some(Found::Group(group)) if !group.is_organization => Ok(Redirect::to(&urls::group(&group.acronym)).into_response()),
        Some(Found::Group(group)) => Ok(Page(StatusCode::OK, page(&app, viewer, layout, *group).await?).into_response()),
    }
}

/// A former acronym leads on for good.
pub(super) fn moved(acronym: &str, is_organization: bool) -> Response {
    let url = if is_organization { urls::organization(acronym) } else { urls::group(acronym) };
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, url)]).into_response()
}

async fn page(app: &App, viewer: Option<Viewer>, layout: Layout, group: Group) -> Result<Show, Error> {
    let pool = &app.pool;
    let path = store::path(pool, group.group_id).await?;
    let below = store::subtree(pool, group.group_id).await?;
    let holders = store::holders(pool, group.group_id, app.today()).await?;
    let relationship = if group.is_home { None } else { store::relationship_of(pool, group.group_id).await? };
    let (statements, has_more) = newest(app, group.group_id).await?;
    let managers = managers(&holders).into_iter().map(Person::of_manager).collect();
    let line: Vec<_> = path.iter().map(|step| step.group_id).collect();
    let sets_receipts = !group.is_home && viewer.as_ref().is_some_and(|viewer| sets_receipts(viewer, &line).is_some());
    Ok(Show {
        receipts_url: if sets_receipts { urls::receipts(&group.acronym) } else { String::new() },
        layout,
        life: if group.state == GroupState::Active { String::new() } else { life(group.state, group.started_on, group.concluded_on) },
        is_home: group.is_home,
        path: path.iter().take(path.len().saturating_sub(1)).map(Link::to).collect(),
        relationship: relationship.map(|relationship| relationship_box(relationship, &group)),
        managers,
        how_to_send: group.sending.notes.clone(),
        sending: group.sending.facts().into_iter().map(|(label, words)| (label, words.to_owned())).collect(),
        contacts_url: contacts_url(viewer.as_ref(), &group),
        contacts: contact_lines(store::public_contacts(pool, group.group_id).await?),
        next_meeting: group.next_meeting_on.map(weekday_date).unwrap_or_default(),
        tree: tree::of(group.group_id, &below),
        statements,
        has_more,
        statements_url: statements_url(&group.acronym),
        wrong: something_wrong(app, &holders).await?,
        name: other_name(&group.name, &group.label),
        label: group.label,
    })
}

fn relationship_box(relationship: Relationship, group: &Group) -> RelationshipBox {
    let mut documents = relationship.documents;
    for document in &group.scope_documents {
        if !documents.contains(document) {
            documents.push(document.clone());
        }
    }
    let is_own = relationship.acronym == group.acronym;
    let words = relationship_words(Some(&relationship.kind), Some(&relationship.state));
    let words = match relationship.kind.as_str() {
        "formal" => format!("Formal relationship, {}", relationship.state),
        _ => format!("{words} collaboration: no formal relationship"),
    };
    RelationshipBox {
        words,
        of: (!is_own).then(|| Link { url: urls::organization(&relationship.acronym), text: relationship.label }),
        documents,
        former_documents: relationship.former_documents,
        facts: relationship.facts,
        home_contact: relationship.home_contact.unwrap_or_default(),
    }
}

//! `/groups/{acronym}`: where it stands, who leads it, its sub-groups and newest statements.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::show::moved;
use super::tree::{self, Tree};
use super::{
    ContactLine, Link, Person, SomethingWrong, StatementLine, contact_lines, contacts_url, life, newest, other_name, something_wrong, statements_url,
};
use crate::App;
use crate::dates::weekday_date;
use crate::organizations::GroupKind;
use crate::organizations::store::{self, Found, Group, Holder};
use crate::people::{RoleKind, Viewer};
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::layout::{Layout, Page};
use crate::web::urls;

#[derive(Template)]
#[template(path = "organizations/group.html")]
struct Show {
    layout: Layout,
    label: String,
    name: String,
    kind: &'static str,
    path: Vec<Link>,
    path_words: String,
    life: String,
    replaced_by: Option<Link>,
    refusals: Vec<&'static str>,
    people: Vec<Person>,
    contacts: Vec<ContactLine>,
    how_to_send: String,
    sending: Vec<(&'static str, String)>,
    contacts_url: String,
    scope_documents: Vec<String>,
    next_meeting: String,
    former: Vec<String>,
    tree: Tree,
    statements: Vec<StatementLine>,
    has_more: bool,
    statements_url: String,
    wrong: SomethingWrong,
}

/// Shows a group; leads on from an organization's or a former acronym.
///
/// # Errors
/// There is none; the database's.
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(acronym): At<String>) -> Result<Response, Error> {
    match store::find(&app.pool, &acronym).await? {
        None => Err(Error::NotFound),
        Some(Found::Former { acronym, is_organization }) => Ok(moved(&acronym, is_organization)),
        Some(Found::Group(group)) if group.is_organization => Ok(Redirect::to(&urls::organization(&group.acronym)).into_response()),
        Some(Found::Group(group)) => Ok(Page(StatusCode::OK, page(&app, viewer, layout, *group).await?).into_response()),
    }
}

async fn page(app: &App, viewer: Option<Viewer>, layout: Layout, group: Group) -> Result<Show, Error> {
    let pool = &app.pool;
    let path = store::path(pool, group.group_id).await?;
    let below = store::subtree(pool, group.group_id).await?;
    let holders = store::holders(pool, group.group_id, app.today()).await?;
    let (statements, has_more) = newest(app, group.group_id).await?;
    let mut people: Vec<Person> = chair_of_all(app, &group).await?;
    people.extend(holders.iter().filter_map(|holder| person(holder, group.kind)));
    let former = store::former_names(pool, group.group_id).await?;
    let mut refusals = Vec::new();
    if !group.may_send {
        refusals.push("It sends no liaison statements.");
    }
    if !group.may_receive {
        refusals.push("It receives no liaison statements.");
    }
    Ok(Show {
        layout,
        kind: group.kind.words(),
        path_words: path.iter().map(|step| step.label.as_str()).collect::<Vec<_>>().join(" › "),
        path: path.iter().take(path.len().saturating_sub(1)).map(Link::to).collect(),
        life: life(group.state, group.started_on, group.concluded_on),
        replaced_by: group.replaced_by.as_ref().map(Link::to),
        refusals,
        people,
        contacts: contact_lines(store::public_contacts(pool, group.group_id).await?),
        how_to_send: group.sending.notes.clone(),
        sending: group.sending.facts().into_iter().map(|(label, words)| (label, words.to_owned())).collect(),
        contacts_url: contacts_url(viewer.as_ref(), &group),
        scope_documents: group.scope_documents.clone(),
        next_meeting: group.next_meeting_on.map(weekday_date).unwrap_or_default(),
        former: former
            .into_iter()
            .map(|former| {
                let what = [former.acronym, former.name].into_iter().flatten().collect::<Vec<_>>().join(", ");
                former.until.map_or(what.clone(), |until| format!("{what} (until {until})"))
            })
            .collect(),
        tree: tree::of(group.group_id, &below),
        statements,
        has_more,
        statements_url: statements_url(&group.acronym),
        wrong: something_wrong(app, &holders).await?,
        name: other_name(&group.name, &group.label),
        label: group.label,
    })
}

/// Roles of the group itself; of what is above it the ADs of a WG's area, and the manager.
fn person(holder: &Holder, kind: GroupKind) -> Option<Person> {
    let what = match (holder.kind, holder.distance) {
        (RoleKind::Chair, 0) => "Chair",
        (RoleKind::Secretary, 0) => "Secretary",
        (RoleKind::ResponsibleAreaDirector, 0) => "Responsible Area Director",
        (RoleKind::AreaDirector, 0) => "Area Director",
        (RoleKind::AreaDirector, 1) if kind == GroupKind::Wg => "Area Director",
        (RoleKind::LiaisonManager, _) => "Liaison manager",
        _ => return None,
    };
    Some(Person { what, name: holder.name.clone(), alias: holder.alias.clone().unwrap_or_default() })
}

/// IETF, IAB and IRTF Chair hold their role at no group; they stand with the group they chair.
async fn chair_of_all(app: &App, group: &Group) -> Result<Vec<Person>, Error> {
    let kind = match group.kind {
        GroupKind::Iesg => RoleKind::IetfChair,
        GroupKind::Iab => RoleKind::IabChair,
        GroupKind::Irtf => RoleKind::IrtfChair,
        _ => return Ok(Vec::new()),
    };
    let mut connection = app.pool.acquire().await?;
    let holders = crate::people::store::holders(&mut connection, app.today(), &[kind], &[]).await?;
    Ok(holders.into_iter().map(|holder| Person { what: "Chair", name: holder.name, alias: String::new() }).collect())
}

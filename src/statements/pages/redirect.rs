//! From a part's page: *not for us*, redirecting, the lead.

use axum::extract::State;
use axum::response::Response;

use super::action::{Opened, Sent, answer, answer_form, first_role, role, show_page, words};
use crate::App;
use crate::organizations;
use crate::permissions::Deed;
use crate::problems::Problems;
use crate::statements::actions::Which;
use crate::statements::lifecycle::Acting;
use crate::statements::redirect;
use crate::web::error::Error;
use crate::web::extract::TypedForm;
use crate::web::layout::Layout;

fn which<'a>(opened: &'a Opened, sent: &Sent) -> Which<'a> {
    Which { number: opened.number, acronym: &opened.part.acronym, version: sent.version.parse().unwrap_or(0) }
}

/// `POST /statements/{number}/actions/{acronym}/not-for-us`
pub async fn refuse(State(app): State<App>, opened: Opened, layout: Layout, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let mut problems = Problems::default();
    let role = first_role(&opened, Deed::Refuse)?;
    let why = words(&sent.refusal, "refusal", "The reason", &mut problems);
    if why.is_empty() && problems.is_empty() {
        problems.add("refusal", "Enter why it is not for your group, and whose it may be");
    }
    if !problems.is_empty() {
        return show_page(&app, &mut connection, layout, &opened, sent, problems).await;
    }
    drop(connection);
    let done = redirect::refuse(&app, Acting { viewer: &opened.viewer, role: &role }, which(&opened, &sent), &why).await?;
    let typed = [sent.refusal.clone()];
    answer_form(&app, layout, opened, sent, done, ("refusal", &typed)).await
}

/// `POST /statements/{number}/actions/{acronym}/stays`
pub async fn keep(State(app): State<App>, opened: Opened, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let role = first_role(&opened, Deed::Direct)?;
    let done = redirect::keep(&app, Acting { viewer: &opened.viewer, role: &role }, which(&opened, &sent)).await?;
    answer(&app, &opened, done)
}

/// `POST /statements/{number}/actions/{acronym}/lead`
pub async fn lead(State(app): State<App>, opened: Opened, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let role = first_role(&opened, Deed::Direct)?;
    let done = redirect::lead(&app, Acting { viewer: &opened.viewer, role: &role }, which(&opened, &sent)).await?;
    answer(&app, &opened, done)
}

/// `POST /statements/{number}/actions/{acronym}/redirect`
pub async fn redirect(State(app): State<App>, opened: Opened, layout: Layout, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let mut problems = Problems::default();
    let role = role(&opened, Deed::Direct, &sent.redirect_acting, "redirect-acting", &mut problems)?;
    let typed = sent.redirect_to.trim().trim_end_matches(';').trim();
    let directory = organizations::store::directory(&mut connection).await?;
    let named = directory.recognize(typed);
    let to = match named.groups.as_slice() {
        [(id, _)] if named.unknown.is_empty() => organizations::store::facts(&mut connection, &[*id]).await?.into_values().next(),
        _ => None,
    };
    match &to {
        None if typed.is_empty() => problems.add("redirect-to", "Choose the group it is for"),
        None => problems.add("redirect-to", format!("\"{typed}\" is not one group we know. Choose one of ours")),
        Some(group) if !group.is_home => problems.add("redirect-to", format!("{} is not a group of ours", group.label)),
        Some(group) if group.group_id == opened.part.group_id => problems.add("redirect-to", format!("It is with {} already", group.label)),
        Some(group) if group.is_concluded || !group.may_receive => {
            problems.add("redirect-to", format!("{} receives no statements. Choose another group", group.label));
        }
        Some(_) => {}
    }
    let why = words(&sent.redirect_why, "redirect-why", "The reason", &mut problems);
    if why.is_empty() && problems.of("redirect-why").is_empty() {
        problems.add("redirect-why", "Enter why it goes to another group");
    }
    let Some(to) = to.filter(|_| problems.is_empty()) else {
        return show_page(&app, &mut connection, layout, &opened, sent, problems).await;
    };
    drop(connection);
    let done = redirect::redirect(&app, Acting { viewer: &opened.viewer, role: &role }, which(&opened, &sent), &to, &why).await?;
    let typed = [sent.redirect_to.clone(), sent.redirect_why.clone()];
    answer_form(&app, layout, opened, sent, done, ("redirect-to", &typed)).await
}

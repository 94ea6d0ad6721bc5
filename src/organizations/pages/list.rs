//! `/organizations`: all of them, those with a formal relationship first.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::{Link, other_name, statements_url};
use crate::App;
use crate::organizations::store::{self, Listed};
use crate::web::error::Error;
use crate::web::layout::{Layout, Page};
use crate::web::urls;

struct Row {
    url: String,
    label: String,
    name: String,
    relationship: String,
    manager: String,
    statements_url: String,
    statements: i64,
}

/// The list.
#[derive(Template)]
#[template(path = "organizations/list.html")]
pub struct List {
    layout: Layout,
    home: Option<Link>,
    caption: String,
    rows: Vec<Row>,
}

/// Shows it.
///
/// # Errors
/// The database's.
pub async fn list(State(app): State<App>, layout: Layout) -> Result<Page<List>, Error> {
    let organizations = store::list(&app.pool, app.today(), Some(store::COUNTED + 1)).await?;
    let home = organizations
        .iter()
        .find(|organization| organization.is_home)
        .map(|organization| Link { url: urls::organization(&organization.acronym), text: organization.label.clone() });
    let rows: Vec<Row> = organizations.into_iter().filter(|organization| !organization.is_home).map(row).collect();
    let caption = format!("{} organizations, those with a formal relationship first", rows.len());
    Ok(Page(StatusCode::OK, List { layout, home, caption, rows }))
}

fn row(listed: Listed) -> Row {
    let is_formal = listed.relationship.as_deref() == Some("formal");
    let manager = match (listed.managers.is_empty(), is_formal && listed.relationship_state.as_deref() == Some("active")) {
        (false, _) => listed.managers.join(", "),
        (true, true) => "No manager".to_owned(),
        (true, false) => String::new(),
    };
    Row {
        url: urls::organization(&listed.acronym),
        name: other_name(&listed.name, &listed.label),
        relationship: relationship_words(listed.relationship.as_deref(), listed.relationship_state.as_deref()),
        manager,
        statements_url: statements_url(&listed.acronym),
        statements: listed.statements,
        label: listed.label,
    }
}

/// "Formal, active", "Informal".
pub fn relationship_words(kind: Option<&str>, state: Option<&str>) -> String {
    match (kind, state) {
        (Some("formal"), Some(state)) => format!("Formal, {state}"),
        (Some(_), Some("active")) => "Informal".to_owned(),
        (Some(_), Some(state)) => format!("Informal, {state}"),
        _ => String::new(),
    }
}

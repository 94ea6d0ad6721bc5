//! `/relationships`: who is tied to us, how, and who looks after it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::store;
use crate::App;
use crate::web::error::Error;
use crate::web::layout::{Layout, Page};
use crate::web::urls;

struct Manager {
    name: String,
    alias: String,
}

struct Row {
    url: String,
    label: String,
    kind: &'static str,
    state: &'static str,
    managers: Vec<Manager>,
    lacks_manager: bool,
    documents: String,
}

/// The table.
#[derive(Template)]
#[template(path = "relationships/list.html")]
pub struct List {
    layout: Layout,
    caption: String,
    rows: Vec<Row>,
}

/// Shows it.
///
/// # Errors
/// The database's.
pub async fn list(State(app): State<App>, layout: Layout) -> Result<Page<List>, Error> {
    let rows: Vec<Row> = store::list(&app.pool, app.today()).await?.into_iter().map(row).collect();
    let formal = rows.iter().filter(|row| row.kind == "Formal" && row.state != "Ended").count();
    let caption = format!("{formal} formal relationships, {} in all", rows.len());
    Ok(Page(StatusCode::OK, List { layout, caption, rows }))
}

fn row(listed: store::Listed) -> Row {
    let is_formal = listed.kind == "formal";
    Row {
        url: urls::organization(&listed.acronym),
        label: listed.label,
        kind: if is_formal { "Formal" } else { "Informal" },
        state: match listed.state.as_str() {
            "proposed" => "Proposed",
            "active" => "Active",
            _ => "Ended",
        },
        lacks_manager: is_formal && listed.state == "active" && listed.managers.is_empty(),
        managers: listed.managers.into_iter().zip(listed.aliases).map(|(name, alias)| Manager { name, alias }).collect(),
        documents: listed.documents.join(", "),
    }
}

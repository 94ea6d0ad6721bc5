//! `/statements`: posted statements, newest first; the address is the list.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::asked::{Asked, Part};
use super::row::{StatementRow, reader};
use crate::App;
use crate::permissions;
use crate::statements::Direction;
use crate::statements::store::list::{self, COUNTED, Found, Place};
use crate::web::error::Error;
use crate::web::extract::MaybeSignedIn;
use crate::web::forms::Choice;
use crate::web::layout::{Layout, Page};
use crate::web::urls;

const PATH: &str = "/statements";

/// A filter that is on, and the address of the list without it.
pub struct Chip {
    label: String,
    url: String,
}

/// The statement whose number was searched for.
pub struct Numbered {
    number: i32,
    title: String,
    url: String,
}

#[derive(Template)]
#[template(path = "statements/list.html")]
struct ListPage {
    layout: Layout,
    title: String,
    may_record: bool,
    q: String,
    organization: String,
    directions: Vec<Choice>,
    notices: Vec<String>,
    chips: Vec<Chip>,
    numbered: Option<Numbered>,
    summary: String,
    rows: Vec<StatementRow>,
    newer: String,
    older: String,
    csv_url: String,
    json_url: String,
    atom_url: String,
}

/// The list.
///
/// # Errors
/// The database's.
pub async fn page(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = Asked::read(&app.pool, query.as_deref()).await?;
    let found = list::list(&app.pool, &asked.filter()).await?;
    let numbered = match asked.number() {
        Some(number) => list::title_of(&app.pool, number).await?.map(|title| Numbered { number, title, url: urls::statement(number) }),
        None => None,
    };
    let (newer, older) = neighbours(&asked, &found);
    let page = ListPage {
        layout: Layout { search: asked.q.clone(), ..layout },
        title: title(&asked),
        may_record: permissions::may_begin_recording(viewer.as_ref()),
        organization: asked.organization.as_ref().map_or_else(|| asked.organization_typed.clone(), |group| group.label.clone()),
        directions: directions(asked.direction),
        notices: asked.notices(&found),
        chips: chips(&asked),
        summary: summary(&asked, &found, numbered.is_some()),
        rows: found.rows.into_iter().map(|listed| StatementRow::new(listed, reader(viewer.as_ref()), app.today())).collect(),
        csv_url: asked.url("/statements.csv", None, Place::Top),
        json_url: asked.url("/statements.json", None, Place::Top),
        atom_url: asked.url("/statements.atom", None, Place::Top),
        q: asked.q,
        numbered,
        newer,
        older,
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// Addresses of the pages beside this one; empty: there is none.
fn neighbours(asked: &Asked, found: &Found) -> (String, String) {
    let ordered = || found.rows.iter().filter(|row| !row.is_exact);
    let newer = ordered().next().filter(|_| found.has_newer).map(|row| asked.url(PATH, None, Place::After(row.key())));
    let older = ordered().next_back().filter(|_| found.has_older).map(|row| asked.url(PATH, None, Place::Before(row.key())));
    // a page beyond the last one leads back
    let back = || if found.rows.is_empty() && asked.place != Place::Top { asked.url(PATH, None, Place::Top) } else { String::new() };
    (newer.unwrap_or_else(back), older.unwrap_or_default())
}

fn title(asked: &Asked) -> String {
    let list = if asked.q.is_empty() { "Statements".to_owned() } else { format!("{} – Statements", asked.q) };
    match asked.place {
        Place::Top => list,
        Place::Before(key) => format!("{list}, older than Statement {}", key.number),
        Place::After(key) => format!("{list}, newer than Statement {}", key.number),
    }
}

fn summary(asked: &Asked, found: &Found, is_numbered: bool) -> String {
    let is_whole = !found.has_newer && !found.has_older;
    let count = found.count.or_else(|| if is_whole { i64::try_from(found.rows.len()).ok() } else { None });
    let order = if asked.q.is_empty() || found.rows.iter().all(|row| !row.is_exact) { "newest first" } else { "the exact reference first" };
    match count {
        Some(0) if is_numbered => "No statement holds it in words".to_owned(),
        Some(1) => "1 statement".to_owned(),
        Some(count) if count > COUNTED => format!("More than 1,000 statements, {order}"),
        Some(1000) => format!("1,000 statements, {order}"),
        Some(count) => format!("{count} statements, {order}"),
        None => format!("Statements, {order}"),
    }
}

fn directions(chosen: Option<Direction>) -> Vec<Choice> {
    let value = chosen.map_or("", Direction::as_str);
    let any = std::iter::once(Choice::new("", "Any", value));
    any.chain(Direction::ALL.iter().map(|direction| Choice::new(direction.as_str(), direction.words(), value))).collect()
}

fn chips(asked: &Asked) -> Vec<Chip> {
    let chip = |label: String, part: Part| Chip { label, url: asked.url(PATH, Some(part), Place::Top) };
    let words = (!asked.q.is_empty()).then(|| chip(format!("“{}”", asked.q), Part::Words));
    let organization = asked.organization.as_ref().map(|group| chip(format!("{} and below", group.label), Part::Organization));
    let direction = asked.direction.map(|direction| chip(direction.words().to_owned(), Part::Direction));
    words.into_iter().chain(organization).chain(direction).collect()
}

//! `/sitemap.xml`: the addresses of everything public, for search engines; and `/robots.txt`, what they need not ask.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::store;
use crate::App;
use crate::statements::store::documents;
use crate::web::error::Error;
use crate::web::extract::At;
use crate::web::urls;

/// Numbers that one part spans; a sitemap may hold 50,000 addresses.
const NUMBERS: i32 = 10_000;
/// Groups that one part holds.
const GROUPS: i64 = 49_000;
/// Documents that one part holds: the most cited.
const DOCUMENTS: i64 = 49_000;
/// Pages that are there in every tracker.
const PAGES: [&str; 7] = ["/", "/statements", "/documents", "/organizations", "/relationships", "/help", "/api"];

#[derive(Template)]
#[template(path = "feeds/sitemap_index.xml")]
struct Index {
    addresses: Vec<String>,
}

#[derive(Template)]
#[template(path = "feeds/sitemap.xml")]
struct Part {
    addresses: Vec<String>,
}

/// The list of parts.
///
/// # Errors
/// The database's.
pub async fn index(State(app): State<App>) -> Result<Response, Error> {
    let last = store::last_number(&app.pool).await?;
    let parts = (1..=last).step_by(NUMBERS as usize).map(|first| format!("/sitemap/statements-{first}.xml"));
    let addresses =
        ["/sitemap/pages.xml", "/sitemap/documents.xml"].map(str::to_owned).into_iter().chain(parts).map(|path| app.config.absolute(&path)).collect();
    Ok(xml(Index { addresses }.render()?))
}

/// One part: `pages.xml`, `documents.xml`, or the statements from a number on, `statements-10001.xml`.
///
/// # Errors
/// There is no such part; the database's.
pub async fn part(State(app): State<App>, At(name): At<String>) -> Result<Response, Error> {
    let paths: Vec<String> = if name == "pages.xml" {
        let groups = store::groups(&app.pool, GROUPS).await?;
        let page = |group: &store::Paged| if group.is_organization { urls::organization(&group.acronym) } else { urls::group(&group.acronym) };
        PAGES.iter().map(|path| (*path).to_owned()).chain(groups.iter().map(page)).collect()
    } else if name == "documents.xml" {
        documents::keys(&app.pool, DOCUMENTS).await?.iter().map(|key| urls::document(key)).collect()
    } else {
        let first = name.strip_prefix("statements-").and_then(|name| name.strip_suffix(".xml"));
        let first: i32 = first.and_then(|first| first.parse().ok()).filter(|first| first % NUMBERS == 1).ok_or(Error::NotFound)?;
        let numbers = store::numbers(&app.pool, first, first.saturating_add(NUMBERS - 1)).await?;
        numbers.into_iter().map(urls::statement).collect()
    };
    Ok(xml(Part { addresses: paths.iter().map(|path| app.config.absolute(path)).collect() }.render()?))
}

fn xml(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], text).into_response()
}

/// What search engines need not ask: lists are found page by page, and the rest is for people.
pub async fn robots(State(app): State<App>) -> Response {
    let private = ["/account", "/administration", "/desk", "/liaison", "/password", "/sign-in", "/statements/drafts", "/statements/incoming"];
    let forms = ["/statements?", "/statements.", "/documents?", "/organizations.", "/relationships.", "/groups/suggest", "/api/v1"];
    let lines: String = private.iter().chain(&forms).map(|path| format!("Disallow: {path}\n")).collect();
    format!("User-agent: *\n{lines}\nSitemap: {}\n", app.config.absolute("/sitemap.xml")).into_response()
}

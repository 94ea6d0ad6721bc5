//! `/documents`: what public statements cite, the most cited first; and of each document the statements that cite it.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::row::{StatementRow, reader};
use crate::App;
use crate::statements::citations::{Document, DocumentKind};
use crate::statements::store::documents::{self as store, Mark};
use crate::statements::store::list::{self, Key, Place};
use crate::statements::{Sort, references};
use crate::web::error::Error;
use crate::web::extract::{Asked, At, MaybeSignedIn};
use crate::web::layout::{Layout, Page};
use crate::web::urls;

/// Longest words that are searched for, in characters.
const WORDS: usize = 200;

struct Row {
    url: String,
    name: String,
    kind: &'static str,
    statements: i32,
}

#[derive(Template)]
#[template(path = "statements/documents.html")]
struct Documents {
    layout: Layout,
    q: String,
    caption: String,
    rows: Vec<Row>,
    newer: String,
    older: String,
}

/// What the list's address asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    q: String,
    before: String,
    after: String,
}

/// The list; a page that can't be understood is the first.
///
/// # Errors
/// The database's.
pub async fn all(State(app): State<App>, layout: Layout, Asked(wish): Asked<Wish>) -> Result<Response, Error> {
    let q: String = wish.q.trim().chars().filter(|c| !c.is_control()).take(WORDS).collect();
    let normal = references::normal(&Document::parse(&q).map_or_else(|| q.clone(), |document| document.key()));
    let page = match (Mark::parse(&wish.before), Mark::parse(&wish.after)) {
        (Some(mark), _) => store::Page::Before(mark),
        (None, Some(mark)) => store::Page::After(mark),
        (None, None) => store::Page::First,
    };
    // words without a letter or digit name nothing
    let (found, is_before, is_behind) =
        if normal.is_empty() && !q.is_empty() { (Vec::new(), false, false) } else { store::most_cited(&app.pool, &normal, &page).await? };
    let address = |way: &str, counted: Option<&store::Counted>| {
        let mark = counted.map(|counted| Mark { statements: counted.statements, key: counted.key.clone() });
        let words = if q.is_empty() { String::new() } else { format!("q={}&", urls::encode(&q)) };
        mark.map_or_else(String::new, |mark| format!("/documents?{words}{way}={mark}"))
    };
    let documents = Documents {
        layout,
        caption: if q.is_empty() { "Documents, the most cited first".to_owned() } else { format!("Documents with “{q}”, the most cited first") },
        newer: if is_before { address("before", found.first()) } else { String::new() },
        older: if is_behind { address("after", found.last()) } else { String::new() },
        rows: found
            .iter()
            .filter_map(|counted| Some((Document::parse(&counted.key)?, counted)))
            .map(|(document, counted)| Row {
                url: urls::document(&counted.key),
                kind: document.kind().words(),
                name: document.name().to_owned(),
                statements: counted.statements,
            })
            .collect(),
        q,
    };
    Ok(Page(StatusCode::OK, documents).into_response())
}

#[derive(Template)]
#[template(path = "statements/document.html")]
struct OneDocument {
    layout: Layout,
    name: String,
    kind: &'static str,
    about: String,
    note: &'static str,
    summary: String,
    rows: Vec<StatementRow>,
    newer: String,
    older: String,
}

/// What the address of a document asks beside its name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Turn {
    before: String,
    after: String,
}

/// A document with the statements that cite it; another spelling of its name leads on.
///
/// # Errors
/// It is no document's name; the database's.
pub async fn one(
    State(app): State<App>,
    At(name): At<String>,
    Asked(turn): Asked<Turn>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
) -> Result<Response, Error> {
    let document = Document::parse(&name).ok_or(Error::NotFound)?;
    let key = document.key();
    let url = urls::document(&key);
    if key != name {
        return Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, url)]).into_response());
    }
    let place = match (Key::parse(&turn.before, Sort::Date), Key::parse(&turn.after, Sort::Date)) {
        (Some(key), _) => Place::Before(key),
        (None, Some(key)) => Place::After(key),
        (None, None) => Place::Top,
    };
    let count = store::count(&app.pool, &key).await?;
    let found = list::citing(&app.pool, &key, &place).await?;
    let page = OneDocument {
        layout,
        kind: document.kind().words(),
        about: document.url().unwrap_or_default(),
        note: match document.kind() {
            DocumentKind::InternetDraft => "All versions of the draft are one document here.",
            DocumentKind::ItuT | DocumentKind::ThreeGpp | DocumentKind::Etsi | DocumentKind::Ieee => {
                "All editions and versions of the document are one here."
            }
            DocumentKind::Rfc => "",
        },
        summary: match count {
            1 => "1 statement cites it".to_owned(),
            count => format!("{count} statements cite it, newest first"),
        },
        newer: found.rows.first().filter(|_| found.has_newer).map_or_else(String::new, |row| format!("{url}?after={}", row.key())),
        older: found.rows.last().filter(|_| found.has_older).map_or_else(String::new, |row| format!("{url}?before={}", row.key())),
        rows: found.rows.into_iter().map(|listed| StatementRow::new(listed, reader(viewer.as_ref()), app.today())).collect(),
        name: document.name().to_owned(),
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

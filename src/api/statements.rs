//! `/api/v1/statements`: the list, found by the same query as the page; and one statement.

use axum::Json;
use axum::extract::{RawQuery, State};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::store::{self, Attachment, Relation, Whole};
use crate::App;
use crate::statements::pages::asked::Asked;
use crate::statements::status::{self, Reader};
use crate::statements::store::list::{self, Listed};
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::urls;

/// Posted statements, filtered and sorted as on the page.
///
/// # Errors
/// The database's.
pub async fn list(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, RawQuery(query): RawQuery) -> Result<Json<Value>, Error> {
    let asked = Asked::read(&app.pool, query.as_deref(), viewer.as_ref(), app.today()).await?;
    let found = list::list(&app.pool, &asked.filter()).await?;
    let next = asked.next("/api/v1/statements", &found).map(|url| absolute(&app, &url));
    let statements: Vec<Value> = found.rows.iter().map(|row| summary(&app, row)).collect();
    Ok(Json(json!({ "statements": statements, "next": next, "notices": asked.notices(&found) })))
}

/// All public facts of one posted statement.
///
/// # Errors
/// Not found, unless it is posted; the database's.
pub async fn show(State(app): State<App>, At(number): At<i32>) -> Result<Json<Value>, Error> {
    let whole = store::statement(&app.pool, number).await?.ok_or(Error::NotFound)?;
    Ok(Json(full(&app, &whole)))
}

fn absolute(app: &App, path: &str) -> String {
    app.config.base_url.join(path).map_or_else(|_| path.to_owned(), String::from)
}

fn summary(app: &App, listed: &Listed) -> Value {
    let facts = &listed.facts;
    let due = status::deadline(&facts.actions);
    json!({
        "number": listed.number,
        "title": listed.title,
        "url": absolute(app, &urls::statement(listed.number)),
        "api_url": absolute(app, &format!("/api/v1/statements/{}", listed.number)),
        "direction": facts.direction,
        "from": listed.from_text,
        "to": listed.to_text,
        "purpose": facts.purpose,
        "letter_date": listed.letter_date.map(|date| date.iso()),
        "posted_on": facts.posted_on,
        "deadline": due.map(|due| due.day),
        "status": words(facts, app.today()),
    })
}

fn words(facts: &status::Facts, today: NaiveDate) -> String {
    status::status(facts, Reader::Public, today).sentence()
}

fn full(app: &App, whole: &Whole) -> Value {
    let facts = &whole.facts;
    json!({
        "number": whole.number,
        "title": whole.title,
        "url": absolute(app, &urls::statement(whole.number)),
        "direction": facts.direction,
        "from": whole.from_text,
        "to": whole.to_text,
        "groups": whole.parties,
        "purpose": facts.purpose,
        "letter_date": whole.letter_date.map(|date| date.iso()),
        "received_on": whole.received_on,
        "posted_at": whole.posted_at,
        "is_imported": whole.is_imported,
        "deadline": status::deadline(&facts.actions).map(|due| due.day),
        "status": words(facts, app.today()),
        "actions": whole.handled(),
        "liaison_manager": whole.manager_text,
        "references": whole.references,
        "contacts": whole.contacts,
        "relations": whole.relations.iter().map(|relation| related(app, relation)).collect::<Vec<_>>(),
        "attachments": whole.attachments.iter().map(|file| attached(app, whole.number, file)).collect::<Vec<_>>(),
        "body": whole.body,
    })
}

fn related(app: &App, relation: &Relation) -> Value {
    json!({
        "kind": relation.kind,
        "direction": relation.direction,
        "number": relation.number,
        "url": relation.number.map(|number| absolute(app, &urls::statement(number))),
        "words": relation.words,
        "reply_kind": relation.reply_kind,
    })
}

fn attached(app: &App, number: i32, file: &Attachment) -> Value {
    let url = match &file.link {
        Some(link) => Some(link.clone()),
        None if file.is_not_held => None,
        None => Some(absolute(app, &urls::attachment(number, file.n, &file.file_name))),
    };
    json!({
        "n": file.n,
        "kind": file.kind,
        "alternative_of": file.alternative_of,
        "title": file.title,
        "file_name": file.file_name,
        "peer_number": file.peer_number,
        "url": url,
        "is_held": file.link.is_none() && !file.is_not_held,
        "size": file.size,
        "sha256": file.sha256,
        "media_type": file.media_type,
    })
}

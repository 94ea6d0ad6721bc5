//! A thread as a table, in the order of its dates, both ways; for a spreadsheet too. Public parts only.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::remarks::open;
use crate::App;
use crate::api::told::Summary;
use crate::dates::short_date;
use crate::feeds;
use crate::mail::hidden::public_words;
use crate::statements::store::list::Listed;
use crate::statements::store::thread::{self, ROWS, Relation};
use crate::statements::{Direction, Purpose, status};
use crate::web::error::Error;
use crate::web::extract::At;
use crate::web::layout::{Layout, Page};
use crate::web::urls;

/// The columns.
const NAMES: [&str; 10] = ["number", "date", "direction", "from", "to", "title", "purpose", "relation", "deadline", "outcome"];

/// A statement, in finished words.
struct Row {
    label: String,
    url: String,
    date: String,
    direction: &'static str,
    from: String,
    to: String,
    title: String,
    purpose: &'static str,
    relation: String,
    deadline: String,
    outcome: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "statements/thread.html")]
struct ThreadPage {
    layout: Layout,
    label: String,
    url: String,
    rows: Vec<Row>,
    is_cut: bool,
}

/// How it stands to earlier ones: "answers Statement 1914 (preliminary)".
fn relation_words(label: &str, relations: &[Relation]) -> String {
    let one = |relation: &Relation| {
        let verb = match relation.kind.as_str() {
            "in-response-to" => "answers",
            "follows-up" => "follows up",
            "replaces" => "replaces",
            "same-statement-as" => "same statement as",
            _ => "related to",
        };
        let reply = match relation.reply_kind.as_deref() {
            Some("preliminary") => " (preliminary)",
            Some("status-update") => " (status update)",
            Some("final") => " (final)",
            _ => "",
        };
        match relation.number {
            Some(number) => format!("{verb} {label} {number}{reply}"),
            None => format!("{verb} {}{reply}", public_words(relation.words.clone())),
        }
    };
    relations.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The statements of a thread with their relations, the number asked for, and whether there are more.
async fn read(app: &App, number: &str) -> Result<(i32, Vec<(Listed, Vec<Relation>)>, bool), Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, number).await?;
    let mut rows = thread::rows(&mut connection, found.statement_id).await?;
    let most = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let is_cut = rows.len() > most;
    rows.truncate(most);
    let keys: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let listed = feeds::store::listed(&mut connection, &keys).await?;
    // all are posted, so none is left out
    Ok((number, listed.into_iter().zip(rows.into_iter().map(|row| row.relations)).collect(), is_cut))
}

/// `GET /statements/{number}/thread`
pub async fn page(State(app): State<App>, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    let (number, rows, is_cut) = read(&app, &number).await?;
    let label = &app.config.statement_label;
    let rows = rows.into_iter().map(|(listed, relations)| {
        let deadline = status::deadline(&listed.facts.actions);
        Row {
            label: format!("{label} {}", listed.number),
            url: urls::statement(listed.number),
            date: listed.letter_date.map(|date| date.to_string()).or(listed.facts.posted_on.map(short_date)).unwrap_or_default(),
            direction: listed.facts.direction.words(),
            purpose: listed.facts.purpose.map_or("", Purpose::words),
            relation: relation_words(label, &relations),
            deadline: deadline.map(|due| short_date(due.day)).unwrap_or_default(),
            outcome: status::status(&listed.facts, status::Reader::Public, app.today()).sentence(),
            is_this: listed.number == number,
            from: listed.from_text,
            to: listed.to_text,
            title: listed.title,
        }
    });
    let page = ThreadPage { label: format!("{label} {number}"), url: urls::statement(number), rows: rows.collect(), is_cut, layout };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `GET /statements/{number}/thread.csv`
pub async fn csv(State(app): State<App>, At(number): At<String>) -> Result<Response, Error> {
    let (_, rows, _) = read(&app, &number).await?;
    let lines: Vec<[String; NAMES.len()]> = rows
        .into_iter()
        .map(|(listed, relations)| {
            let told = Summary::new(&app, &listed);
            let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
            [
                told.number.to_string(),
                told.letter_date.unwrap_or_else(|| day(told.posted_on)),
                Direction::as_str(told.direction).to_owned(),
                told.from,
                told.to,
                told.title,
                told.purpose.map(Purpose::as_str).unwrap_or_default().to_owned(),
                relation_words(&app.config.statement_label, &relations),
                day(told.deadline),
                told.status,
            ]
        })
        .collect();
    let head = std::iter::once(NAMES);
    let written = feeds::csv::lines(head.chain(lines.iter().map(|line| line.each_ref().map(String::as_str))))?;
    Ok(feeds::csv::file("thread.csv", written))
}

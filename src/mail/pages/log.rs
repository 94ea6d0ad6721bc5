//! The mail log `/administration/mail`: what became of every mail, newest first.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::App;
use crate::mail::fate;
use crate::mail::store::{self, Filter, LogLine, LoggedFile};
use crate::web::error::Error;
use crate::web::extract::Asked;
use crate::web::layout::{Layout, Page};
use crate::web::urls;

const PAGE: usize = 50;

/// States as the filter names them.
const FATES: [(&str, &str); 5] = [
    ("queued", "Waiting"),
    ("accepted", "Accepted by the mail server"),
    ("failed", "Failed"),
    ("recorded", "Recorded, not sent"),
    ("cancelled", "Given up"),
];

/// The query string, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    fate: String,
    address: String,
    statement: String,
    older: String,
    newer: String,
}

struct FateChoice {
    value: &'static str,
    label: &'static str,
    checked: bool,
}

struct Line {
    url: String,
    made: String,
    subject: String,
    recipient: String,
    why: String,
    number: String,
    statement_url: String,
    files: String,
    words: String,
    tone: &'static str,
}

/// The page.
#[derive(Template)]
#[template(path = "administration/mail_log.html")]
pub struct MailLog {
    layout: Layout,
    trouble: String,
    query: Query,
    fates: Vec<FateChoice>,
    is_filtered: bool,
    lines: Vec<Line>,
    newer: String,
    older: String,
}

/// `GET /administration/mail`
pub async fn show(State(app): State<App>, Asked(query): Asked<Query>, layout: Layout) -> Result<Page<MailLog>, Error> {
    let now = app.clock.now();
    let mut filter = Filter {
        state: FATES.iter().find(|(value, _)| *value == query.fate).map(|(value, _)| (*value).to_owned()),
        address: Some(query.address.trim().to_owned()).filter(|address| !address.is_empty()),
        // a number that is none finds nothing, rather than everything
        number: Some(query.statement.trim()).filter(|number| !number.is_empty()).map(|number| number.parse().unwrap_or(-1)),
        older_than: query.older.parse().ok(),
        newer_than: query.newer.parse().ok(),
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(51);
    let mut found = store::log(&app.pool, &filter, limit, now).await?;
    if filter.newer_than.is_some() && found.len() <= PAGE {
        // near the beginning: the first page, whole
        filter.newer_than = None;
        filter.older_than = None;
        found = store::log(&app.pool, &filter, limit, now).await?;
    }
    let is_backwards = filter.newer_than.is_some();
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    if is_backwards {
        found.reverse();
    }
    let page = |name: &str, line: Option<&LogLine>| line.map_or_else(String::new, |line| address(&query, name, line.id.0));
    let is_first = filter.older_than.is_none() && !is_backwards;
    let newer = if is_first { String::new() } else { page("newer", found.first()) };
    let older = if has_more || is_backwards { page("older", found.last()) } else { String::new() };
    let trouble = app.mail_health.trouble();
    Ok(Page(
        StatusCode::OK,
        MailLog {
            layout,
            trouble: trouble
                .map_or_else(String::new, |trouble| format!("Mail is not being sent since {}: {}", fate::moment(trouble.since), trouble.words)),
            fates: FATES.iter().map(|(value, label)| FateChoice { value, label, checked: *value == query.fate }).collect(),
            is_filtered: filter.state.is_some() || filter.address.is_some() || filter.number.is_some(),
            lines: found.into_iter().map(line).collect(),
            query,
            newer,
            older,
        },
    ))
}

fn line(line: LogLine) -> Line {
    Line {
        url: urls::mail(line.mail_id),
        made: fate::moment(line.made_at),
        subject: line.subject,
        recipient: line.recipient,
        why: line.why,
        number: line.number.map_or_else(String::new, |number| number.to_string()),
        statement_url: line.number.map_or_else(String::new, urls::statement),
        files: files(&line.files),
        words: line.words,
        tone: line.tone,
    }
}

/// "With 2 files: slides.pdf (412 kB), notes.docx (1 kB, taken away since)"; empty without files.
fn files(files: &[LoggedFile]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let named: Vec<String> = files.iter().map(LoggedFile::words).collect();
    let count = if files.len() == 1 { "a file".to_owned() } else { format!("{} files", files.len()) };
    format!("With {count}: {}", named.join(", "))
}

fn address(query: &Query, name: &str, id: i64) -> String {
    let mut address = "/administration/mail?".to_owned();
    for (field, value) in [("fate", &query.fate), ("address", &query.address), ("statement", &query.statement)] {
        if !value.trim().is_empty() {
            address.push_str(&format!("{field}={}&", urls::encode(value.trim())));
        }
    }
    address.push_str(&format!("{name}={id}"));
    address
}

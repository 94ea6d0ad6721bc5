//! What the pages of a statement that is not public share: who may come, and how its fields are shown.

use axum::response::Response;
use sqlx::PgConnection;

use crate::App;
use crate::ids::StatementId;
use crate::people::Viewer;
use crate::permissions::{Deed, may};
use crate::problems::Choice;
use crate::statements::attachments::{Attachment, size_words};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::{Acting, Outcome};
use crate::statements::store::{self, Found, Key, files};
use crate::statements::{Purpose, State};
use crate::urls;
use crate::web::error::Error;
use crate::web::layout::redirect_with;

/// The statement of a draft's address, for whoever may read it; for everybody else there is none. A posted one is at its number.
///
/// # Errors
/// Not found; posted; the database's.
pub async fn open(connection: &mut PgConnection, viewer: Option<&Viewer>, draft_id: &str) -> Result<Found, Error> {
    let found = store::find(connection, Key::Draft(draft_id)).await?.ok_or(Error::NotFound)?;
    match (found.case.state, found.number) {
        (State::Posted | State::Removed, Some(number)) => Err(Error::Elsewhere(urls::statement(number))),
        (State::Deleted, _) => Err(Error::NotFound),
        _ if may(viewer, Deed::ReadDraft, &found.case).is_err() => Err(Error::NotFound),
        _ => Ok(found),
    }
}

/// The role somebody acts in: the one they chose, the only one that fits, or none if they have to choose.
///
/// # Errors
/// No role fits; says who may.
pub fn acting_role(viewer: &Viewer, deed: Deed, found: &Found, chosen: &str) -> Result<Option<String>, Error> {
    let roles = may(Some(viewer), deed, &found.case).map_err(|why| Error::NotAllowed(why.0))?;
    let words: Vec<String> = roles.iter().map(crate::people::Role::words).collect();
    if words.len() == 1 {
        return Ok(words.into_iter().next());
    }
    Ok(words.into_iter().find(|role| role == chosen))
}

/// The question in which role somebody acts; empty where there is one only.
pub fn acting_choices(viewer: &Viewer, deed: Deed, found: &Found, chosen: &str) -> Vec<Choice> {
    match may(Some(viewer), deed, &found.case) {
        Ok(roles) if roles.len() > 1 => roles.iter().map(|role| Choice::new(&role.words(), &capitalized(&role.words()), chosen)).collect(),
        _ => Vec::new(),
    }
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Whoever acts, for steps that do not ask for a role: the first that fits.
pub fn first_role(viewer: &Viewer, deed: Deed, found: &Found) -> Result<String, Error> {
    let roles = may(Some(viewer), deed, &found.case).map_err(|why| Error::NotAllowed(why.0))?;
    Ok(roles.first().map(crate::people::Role::words).unwrap_or_default())
}

/// A field as check and review pages list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The field's label.
    pub label: String,
    /// What it holds; "Not provided" where it is empty.
    pub value: String,
    /// The field's id, for *Change*.
    pub field: &'static str,
}

/// The fields as typed, in the form's order. Empty ones only of those that people look for.
pub fn rows(form: &StatementForm) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |label: &str, value: &str, field: &'static str, always: bool| {
        let value = value.trim();
        if always || !value.is_empty() {
            let value = if value.is_empty() { "Not provided" } else { value };
            rows.push(Row { label: label.to_owned(), value: value.to_owned(), field });
        }
    };
    row("From", &form.from, "from", true);
    row("To", &form.to, "to", true);
    row("In copy", &form.copy, "copy", false);
    row("Title", &form.title, "title", true);
    row("Purpose", Purpose::parse(&form.purpose).map_or("", Purpose::words), "purpose", true);
    for (acronym, purpose) in &form.purpose_for {
        row(&format!("Purpose for {}", acronym.to_uppercase()), Purpose::parse(purpose).map_or("", Purpose::words), "to", false);
    }
    for (acronym, asked) in &form.asked_of {
        row(&format!("What is asked of {}", acronym.to_uppercase()), asked, "to", false);
    }
    row("Deadline", &form.deadline, "deadline", form.purpose == Purpose::ForAction.as_str());
    row("Deadline in the letter's words", &form.deadline_words, "deadline-words", false);
    row("Does it answer a statement?", &form.answers, "answers", form.purpose == Purpose::InResponse.as_str());
    row("Peer's reference", &form.references, "references", false);
    row("Date of the letter", &form.letter_date, "letter-date", false);
    row("Received on", &form.received_on, "received-on", false);
    row("Received from", &form.received_from, "received-from", false);
    row("Received at", &form.received_at, "received-at", false);
    row("From contacts", &form.from_contacts, "from-contacts", false);
    row("To contacts", &form.to_contacts, "to-contacts", true);
    row("Cc contacts", &form.cc_contacts, "cc-contacts", false);
    row("Lead group", &form.lead.to_uppercase(), "lead", false);
    rows
}

/// A file as the pages of a draft list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its n.
    pub n: i32,
    /// Its title, or name.
    pub shown: String,
    /// Its own title; empty: none was given.
    pub title: String,
    /// "PDF, 412 kB".
    pub what: String,
    /// What it is to the statement.
    pub kind: String,
    /// Where it is.
    pub url: String,
    /// The question what it is.
    pub kinds: Vec<Choice>,
    /// The question of what it is another form.
    pub others: Vec<Choice>,
}

/// A draft's files.
///
/// # Errors
/// The database's.
pub async fn file_rows(connection: &mut PgConnection, id: StatementId, draft_id: &str) -> sqlx::Result<Vec<FileRow>> {
    let attachments = files::list(connection, id).await?;
    Ok(attachments.iter().map(|file| file_row(file, &attachments, draft_id)).collect())
}

fn file_row(file: &Attachment, all: &[Attachment], draft_id: &str) -> FileRow {
    use crate::statements::AttachmentKind as Kind;
    let kinds = [Kind::Statement, Kind::Enclosure, Kind::Alternative, Kind::OriginalMail];
    let other = file.alternative_of.map(|n| n.to_string()).unwrap_or_default();
    let mut others = vec![Choice::new("", "of the statement itself", &other)];
    others.extend(all.iter().filter(|one| one.n != file.n).map(|one| Choice::new(&one.n.to_string(), &format!("of {}", one.shown()), &other)));
    FileRow {
        n: file.n,
        shown: file.shown().to_owned(),
        title: file.title.clone(),
        what: if file.url.is_some() { "Link".to_owned() } else { format!("{}, {}", file.format_name, size_words(file.size)) },
        kind: file.kind.words().to_owned(),
        url: file.url.clone().unwrap_or_else(|| urls::draft_attachment(draft_id, file.n, &file.file_name)),
        kinds: kinds.iter().map(|kind| Choice::new(kind.as_str(), kind.words(), file.kind.as_str())).collect(),
        others,
    }
}

/// Where to go after a step, and what to say there. None: the page has to be shown again.
pub fn after(app: &App, found: &Found, outcome: &Outcome, done: &str) -> Option<Response> {
    let label = &app.config.statement_label;
    Some(match outcome {
        Outcome::Posted(number) => {
            redirect_with(app, &urls::statement(*number), "done", &format!("Posted as {label} {number}. The mails are on their way."))
        }
        Outcome::InReview | Outcome::Draft => redirect_with(app, &urls::draft(&found.draft_id), "done", done),
        Outcome::Ended => redirect_with(app, "/desk", "done", done),
        Outcome::Already(State::Posted, Some(number)) => {
            redirect_with(app, &urls::statement(*number), "notice", &format!("It is posted as {label} {number} already."))
        }
        Outcome::Already(State::Deleted, _) => redirect_with(app, "/desk", "notice", "This draft was deleted."),
        Outcome::Already(state, _) => {
            let words = match state {
                State::InReview => "It is in review already.",
                State::Abandoned => "It was given up meanwhile.",
                _ => "It is a draft again.",
            };
            redirect_with(app, &urls::draft(&found.draft_id), "notice", words)
        }
        Outcome::NotAllowed(_) | Outcome::Stale | Outcome::Problems(_) | Outcome::Warnings(_) => return None,
    })
}

/// Who acts, as the life cycle asks.
pub fn acting<'a>(viewer: &'a Viewer, role: &'a str) -> Acting<'a> {
    Acting { viewer, role }
}

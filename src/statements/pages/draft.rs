//! What the pages of a statement that is not public share: who may come, and how its fields are shown.

use axum::response::Response;
use sqlx::PgConnection;
use url::Url;

use crate::App;
use crate::dates;
use crate::ids::StatementId;
use crate::people::Viewer;
use crate::permissions::{Deed, may};
use crate::problems::Choice;
use crate::statements::attachments::{Attachment, size_words, text};
use crate::statements::form::StatementForm;
use crate::statements::letter::{Addressee, Answered, Letter, labels};
use crate::statements::lifecycle::{Acting, Outcome, posts_at_once};
use crate::statements::store::steps::{self, SignOff};
use crate::statements::store::{self, Found, Key, files};
use crate::statements::{Consensus, Delivery, Direction, Purpose, ReplyKind, SignOffKind, State};
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

/// The same for a form that was sent: what was posted or deleted meanwhile is found too, by whoever could have read it,
/// so that a second click is answered with where it is (robustness.md LC03).
///
/// # Errors
/// Not found; posted, for everybody else; the database's.
pub async fn open_sent(connection: &mut PgConnection, viewer: Option<&Viewer>, draft_id: &str) -> Result<(Found, Viewer), Error> {
    let found = store::find(connection, Key::Draft(draft_id)).await?.ok_or(Error::NotFound)?;
    match (viewer, found.number) {
        (Some(viewer), _) if may(Some(viewer), Deed::ReadDraft, &found.case).is_ok() => Ok((found, viewer.clone())),
        (_, Some(number)) => Err(Error::Elsewhere(urls::statement(number))),
        _ => Err(Error::NotFound),
    }
}

/// Who decided, when, in a sentence: of several what the viewer could have decided, else the last; empty: nobody yet.
///
/// # Errors
/// The database's.
pub async fn who_decided(connection: &mut PgConnection, found: &Found, viewer: Option<&Viewer>) -> sqlx::Result<String> {
    let rows = steps::sign_offs(connection, found.statement_id).await?;
    let is_theirs = |row: &SignOff| may(viewer, Deed::Sign(row.kind), &found.case.of_row(row.asked())).is_ok();
    let decided = rows.iter().filter_map(|row| row.decided_at.map(|at| (row, at))).max_by_key(|(row, at)| (is_theirs(row), *at));
    Ok(decided.map_or_else(String::new, |(row, at)| {
        let what = match (row.state.as_str(), row.kind) {
            ("changes-requested", _) => "asked for changes",
            (_, SignOffKind::Check) => "checked it",
            _ => "approved it",
        };
        format!("{} {what} on {}. Nothing is left for you to do.", row.decided_by, at.format("%-d %b %Y at %H:%M UTC"))
    }))
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

/// The question in which role somebody acts, with what follows from each; empty where there is one only.
pub fn acting_choices(viewer: &Viewer, deed: Deed, found: &Found, chosen: &str) -> Vec<Choice> {
    let roles = match may(Some(viewer), deed, &found.case) {
        Ok(roles) if roles.len() > 1 => roles,
        _ => return Vec::new(),
    };
    let choice = |words: &str| {
        let choice = Choice::new(words, &capitalized(words), chosen);
        if deed != Deed::Record {
            return choice;
        }
        let at_once = posts_at_once(Acting { viewer, role: words }, found);
        choice.with_hint(if at_once { "It is posted at once" } else { "It waits for the check before posting" })
    };
    roles.iter().map(|role| choice(&role.words())).collect()
}

/// A text that is a web address, without blanks around it; empty: it is none.
pub fn web_address(text: &str) -> String {
    let text = text.trim();
    let is_web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_web { text.to_owned() } else { String::new() }
}

/// With a capital first.
pub fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Whoever acts, for steps that do not ask for a role: the first that fits.
pub fn first_role(viewer: &Viewer, deed: Deed, found: &Found) -> Result<String, Error> {
    let roles = may(Some(viewer), deed, &found.case).map_err(|why| match found.number {
        // what is posted is at its number, for everybody
        Some(number) => Error::Elsewhere(urls::statement(number)),
        None => Error::NotAllowed(why.0),
    })?;
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

struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, label: &str, value: &str, field: &'static str) {
        if !value.trim().is_empty() {
            self.0.push(Row { label: label.to_owned(), value: value.trim().to_owned(), field });
        }
    }

    fn add_always(&mut self, label: &str, value: &str, field: &'static str) {
        self.add(label, if value.trim().is_empty() { "Not provided" } else { value }, field);
    }
}

/// The fields as they were understood, or as typed where they are not all.
pub fn rows_of(letter: Option<&Letter>, form: &StatementForm, app: &App) -> Vec<Row> {
    let home = &app.installation().home_name;
    letter.map_or_else(|| rows(form, home), |letter| rows_of_letter(letter, home))
}

/// The fields as they were understood: whom it is from and to by the groups' names, days with their weekday.
pub fn rows_of_letter(letter: &Letter, home: &str) -> Vec<Row> {
    let mut rows = Rows(Vec::new());
    let addressee = |one: &Addressee| {
        let purpose = one.purpose.filter(|purpose| *purpose != letter.purpose || letter.to.len() > 1).map_or("", Purpose::words);
        let notes: Vec<&str> = [purpose, one.asked.as_str(), if one.is_lead && letter.to.len() > 1 { "lead group" } else { "" }]
            .into_iter()
            .filter(|note| !note.is_empty())
            .collect();
        if notes.is_empty() { one.group.label.clone() } else { format!("{} ({})", one.group.label, notes.join("; ")) }
    };
    let lines = |mailboxes: &[crate::mail::address::Mailbox]| mailboxes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    rows.add_always("From", &letter.from_text(), "from");
    rows.add_always("To", &letter.to.iter().map(addressee).collect::<Vec<_>>().join("\n"), "to");
    rows.add("Also addressed", &labels(&letter.also), "to");
    rows.add("In copy", &labels(&letter.copy), "copy");
    rows.add_always("Title", &letter.title, "title");
    rows.add_always("Purpose", letter.purpose.words(), "purpose");
    match letter.deadline {
        Some(day) => rows.add("Deadline", &dates::weekday_date(day), "deadline"),
        None if letter.purpose == Purpose::ForAction => rows.add("Deadline", "None stated", "deadline"),
        None => {}
    }
    rows.add("Deadline in the letter's words", &letter.deadline_words, "deadline-words");
    let answers = letter.answers.iter().map(|answered| match answered {
        Answered::Statement(_, number) => format!("Statement {number}"),
        Answered::Words(words) => words.clone(),
    });
    rows.add("Does it answer a statement?", &answers.collect::<Vec<_>>().join("\n"), "answers");
    rows.add("Peer's reference", &letter.references.join("\n"), "references");
    rows.add("Date of the letter", &letter.letter_date.map(|date| date.to_string()).unwrap_or_default(), "letter-date");
    rows.add("Received on", &letter.received_on.map(dates::weekday_date).unwrap_or_default(), "received-on");
    rows.add("Received from", &letter.received_from.iter().map(ToString::to_string).collect::<String>(), "received-from");
    rows.add("Received at", &letter.received_at.iter().map(ToString::to_string).collect::<String>(), "received-at");
    rows.add("Replaces", &letter.sending.replaces.map(|(_, number)| format!("Statement {number}")).unwrap_or_default(), "replaces");
    if letter.direction == Direction::Outgoing {
        add_sending(&mut rows, letter, home);
    }
    rows.add("From contacts", &lines(&letter.from_contacts), "from-contacts");
    rows.add_always("To contacts", &lines(&letter.to_contacts), "to-contacts");
    rows.add("Cc contacts", &lines(&letter.cc_contacts), "cc-contacts");
    if letter.direction != Direction::Outgoing {
        rows.add("Who sees to it?", letter.is_mine.map_or("", |mine| if mine { "Who records it" } else { "The group's chairs" }), "assignee");
    }
    rows.0
}

/// The fields of an outgoing letter alone.
fn add_sending(rows: &mut Rows, letter: &Letter, home: &str) {
    let sending = &letter.sending;
    for answered in &letter.answers {
        if let Answered::Statement(_, number) = answered {
            rows.add(&format!("Kind of reply to Statement {number}"), sending.reply_kind(*number).words(), "answers");
        }
    }
    rows.add_always("Consensus", &sending.consensus.map(|consensus| consensus.words(home)).unwrap_or_default(), "consensus");
    rows.add("Link to the consensus", &sending.consensus_link, "consensus-link");
    rows.add_always("Group informed on", &sending.informed_on.map(dates::weekday_date).unwrap_or_default(), "informed-on");
    rows.add("Send to", &sending.send_to.iter().map(ToString::to_string).collect::<String>(), "send-to");
    rows.add("Send reply to", &sending.send_reply_to.iter().map(ToString::to_string).collect::<String>(), "send-reply-to");
    match &sending.delivered {
        None => rows.add("Delivered how", "E-mail, when it is posted", "delivery"),
        Some(delivered) => {
            rows.add("Delivered how", &delivered.how, "delivered-how");
            rows.add("Delivered on", &delivered.on.map(dates::weekday_date).unwrap_or_default(), "delivered-on");
            rows.add("Evidence", &delivered.evidence, "delivery-evidence");
        }
    }
}

/// The fields as typed, where they are not all understood yet.
pub fn rows(form: &StatementForm, home: &str) -> Vec<Row> {
    let mut rows = Rows(Vec::new());
    rows.add_always("From", &form.from, "from");
    rows.add_always("To", &form.to, "to");
    rows.add("In copy", &form.copy, "copy");
    rows.add_always("Title", &form.title, "title");
    rows.add_always("Purpose", Purpose::parse(&form.purpose).map_or("", Purpose::words), "purpose");
    for (acronym, purpose) in &form.purpose_for {
        rows.add(&format!("Purpose for {}", acronym.to_uppercase()), Purpose::parse(purpose).map_or("", Purpose::words), "to");
    }
    for (acronym, asked) in &form.asked_of {
        rows.add(&format!("What is asked of {}", acronym.to_uppercase()), asked, "to");
    }
    rows.add("Deadline", &form.deadline, "deadline");
    rows.add("Deadline in the letter's words", &form.deadline_words, "deadline-words");
    rows.add("Does it answer a statement?", &form.answers, "answers");
    rows.add("Peer's reference", &form.references, "references");
    rows.add("Date of the letter", &form.letter_date, "letter-date");
    rows.add("Received on", &form.received_on, "received-on");
    rows.add("Received from", &form.received_from, "received-from");
    rows.add("Received at", &form.received_at, "received-at");
    rows.add("From contacts", &form.from_contacts, "from-contacts");
    rows.add("To contacts", &form.to_contacts, "to-contacts");
    rows.add("Cc contacts", &form.cc_contacts, "cc-contacts");
    rows.add("Lead group", &form.lead.to_uppercase(), "lead");
    for (number, kind) in &form.reply_kind {
        rows.add(&format!("Kind of reply to Statement {number}"), ReplyKind::parse(kind).map_or("", ReplyKind::words), "answers");
    }
    rows.add("Replaces", &form.replaces, "replaces");
    let consensus = Consensus::parse(&form.consensus).map(|consensus| consensus.words(home));
    rows.add("Consensus", &consensus.unwrap_or_default(), "consensus");
    rows.add("Link to the consensus", &form.consensus_link, "consensus-link");
    rows.add("Group informed on", &form.informed_on, "informed-on");
    rows.add("Send to", &form.send_to, "send-to");
    rows.add("Send reply to", &form.send_reply_to, "send-reply-to");
    if form.delivery == Delivery::Otherwise.as_str() {
        rows.add("Delivered how", &form.delivered_how, "delivered-how");
        rows.add("Delivered on", &form.delivered_on, "delivered-on");
        rows.add("Evidence", &form.delivery_evidence, "delivery-evidence");
    }
    rows.0
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
    /// Where it is shown as text; empty where it is none.
    pub text_url: String,
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
        kind: match all.iter().find(|one| Some(one.n) == file.alternative_of) {
            Some(other) => format!("{} of {}", file.kind.words(), other.shown()),
            None => file.kind.words().to_owned(),
        },
        text_url: if file.file_id.is_some() && text::is_text(&file.media_type, &file.file_name) {
            format!("{}/text", urls::draft_attachment(draft_id, file.n, &file.file_name))
        } else {
            String::new()
        },
        url: file.url.clone().unwrap_or_else(|| urls::draft_attachment(draft_id, file.n, &file.file_name)),
        kinds: kinds.iter().map(|kind| Choice::new(kind.as_str(), kind.words(), file.kind.as_str())).collect(),
        others,
    }
}

/// The answer to a form whose step was done before, by this person or another.
///
/// # Errors
/// The database's.
pub async fn already(app: &App, connection: &mut PgConnection, found: &Found, viewer: Option<&Viewer>) -> Result<Response, Error> {
    let who = who_decided(connection, found, viewer).await?;
    after(app, found, &Outcome::Already(found.case.state, found.number), "", &who).ok_or(Error::NotFound)
}

/// Where to go after a step, and what to say there; `who` decided before, in a sentence. None: the page has to be shown again.
pub fn after(app: &App, found: &Found, outcome: &Outcome, done: &str, who: &str) -> Option<Response> {
    let label = &app.config.statement_label;
    Some(match outcome {
        Outcome::Posted(number) => {
            redirect_with(app, &urls::statement(*number), "done", &format!("Posted as {label} {number}. The mails are on their way."))
        }
        Outcome::InReview(mailed) => {
            let words = format!("Submitted. Mailed: {mailed}. You will hear when it is posted.");
            redirect_with(app, &urls::draft(&found.draft_id), "done", &words)
        }
        Outcome::Draft => redirect_with(app, &urls::draft(&found.draft_id), "done", done),
        Outcome::Ended => redirect_with(app, "/desk", "done", done),
        Outcome::Already(State::Posted, Some(number)) => {
            redirect_with(app, &urls::statement(*number), "notice", format!("It is posted as {label} {number} already. {who}").trim())
        }
        Outcome::Already(State::Deleted, _) => redirect_with(app, "/desk", "notice", "This draft was deleted."),
        Outcome::Already(state, _) => {
            let words = match state {
                State::InReview => "It is in review already.",
                State::Abandoned => "It was given up meanwhile.",
                _ => "It is a draft again.",
            };
            redirect_with(app, &urls::draft(&found.draft_id), "notice", format!("{words} {who}").trim())
        }
        Outcome::NotAllowed(_) | Outcome::Stale | Outcome::Problems(_) | Outcome::Warnings(_) => return None,
    })
}

//! What the interface for programs tells of a statement; downloads tell the same.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Contact, Handled, Party, Reference, Whole};
use crate::App;
use crate::statements::citations::Document;
use crate::statements::status::{self, Facts, Reader};
use crate::statements::store::list::Listed;
use crate::statements::{Direction, Purpose};
use crate::web::urls;

/// A statement in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// Its page.
    #[schema(format = "uri")]
    pub url: String,
    /// All public facts of it, as JSON.
    #[schema(format = "uri")]
    pub api_url: String,
    /// As seen from the home organization.
    pub direction: Direction,
    /// From whom, as it was at posting.
    pub from: String,
    /// To whom, as it was at posting.
    pub to: String,
    /// What it is for; null: not recorded.
    pub purpose: Option<Purpose>,
    /// The date on the letter: a day, a month or a year.
    #[schema(pattern = r"^\d{4}(-\d\d(-\d\d)?)?$")]
    pub letter_date: Option<String>,
    /// The day of posting.
    pub posted_on: Option<NaiveDate>,
    /// The day by which something is asked for.
    pub deadline: Option<NaiveDate>,
    /// Where it stands, in words.
    pub status: String,
}

impl Summary {
    /// Names of its fields, in order; those of columns too.
    pub const NAMES: [&str; 12] =
        ["number", "title", "url", "api_url", "direction", "from", "to", "purpose", "letter_date", "posted_on", "deadline", "status"];

    /// Of a row of a list.
    pub fn new(app: &App, listed: &Listed) -> Self {
        let facts = &listed.facts;
        Self {
            number: listed.number,
            title: listed.title.clone(),
            url: app.config.absolute(&urls::statement(listed.number)),
            api_url: app.config.absolute(&format!("/api/v1/statements/{}", listed.number)),
            direction: facts.direction,
            from: listed.from_text.clone(),
            to: listed.to_text.clone(),
            purpose: facts.purpose,
            letter_date: listed.letter_date.map(|date| date.iso()),
            posted_on: facts.posted_on,
            deadline: status::deadline(&facts.actions).map(|due| due.day),
            status: words(facts, app.today()),
        }
    }

    /// Its fields as text, in the order of [`Summary::NAMES`]; null is empty.
    pub fn cells(self) -> [String; Self::NAMES.len()] {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        [
            self.number.to_string(),
            self.title,
            self.url,
            self.api_url,
            self.direction.as_str().to_owned(),
            self.from,
            self.to,
            self.purpose.map(Purpose::as_str).unwrap_or_default().to_owned(),
            self.letter_date.unwrap_or_default(),
            day(self.posted_on),
            day(self.deadline),
            self.status,
        ]
    }
}

/// A list of statements.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statements {
    /// The rows, in the list's order.
    pub statements: Vec<Summary>,
    /// Address of those that follow; null: these are the last.
    #[schema(format = "uri")]
    pub next: Option<String>,
    /// What was asked and could not be understood, a sentence each; it was ignored.
    pub notices: Vec<String>,
}

/// All public facts of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statement<'a> {
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: &'a str,
    /// Its page.
    #[schema(format = "uri")]
    pub url: String,
    /// As seen from the home organization.
    pub direction: Direction,
    /// From whom, as it was at posting.
    pub from: &'a str,
    /// To whom, as it was at posting.
    pub to: &'a str,
    /// Its groups, by side and place.
    pub groups: &'a [Party],
    /// What it is for; null: not recorded.
    pub purpose: Option<Purpose>,
    /// The date on the letter: a day, a month or a year.
    #[schema(pattern = r"^\d{4}(-\d\d(-\d\d)?)?$")]
    pub letter_date: Option<String>,
    /// When it was received.
    pub received_on: Option<NaiveDate>,
    /// When it was posted.
    pub posted_at: Option<DateTime<Utc>>,
    /// Whether it came from the former tracker.
    pub is_imported: bool,
    /// The day by which something is asked for.
    pub deadline: Option<NaiveDate>,
    /// Where it stands, in words.
    pub status: String,
    /// What each addressee has to do, and what became of it.
    pub actions: Vec<Handled<'a>>,
    /// The liaison manager of that day.
    pub liaison_manager: &'a str,
    /// Numbers others gave it.
    pub references: &'a [Reference],
    /// Contacts; of persons the name only.
    pub contacts: &'a [Contact],
    /// How it stands to other statements, both ways.
    pub relations: Vec<Relation<'a>>,
    /// Public files.
    pub attachments: Vec<Attachment<'a>>,
    /// Documents it cites, by name.
    pub documents: Vec<CitedDocument>,
    /// Its text, exactly as stored.
    pub body: &'a str,
}

impl<'a> Statement<'a> {
    /// Of one that was read as a whole.
    pub fn new(app: &App, whole: &'a Whole) -> Self {
        Self {
            number: whole.number,
            title: &whole.title,
            url: app.config.absolute(&urls::statement(whole.number)),
            direction: whole.facts.direction,
            from: &whole.from_text,
            to: &whole.to_text,
            groups: &whole.parties,
            purpose: whole.facts.purpose,
            letter_date: whole.letter_date.map(|date| date.iso()),
            received_on: whole.received_on,
            posted_at: whole.posted_at,
            is_imported: whole.is_imported,
            deadline: status::deadline(&whole.facts.actions).map(|due| due.day),
            status: words(&whole.facts, app.today()),
            actions: whole.handled(),
            liaison_manager: &whole.manager_text,
            references: &whole.references,
            contacts: &whole.contacts,
            relations: whole.relations.iter().map(|relation| Relation::new(app, relation)).collect(),
            attachments: whole.attachments.iter().map(|file| Attachment::new(app, whole.number, file)).collect(),
            documents: whole.documents.iter().filter_map(|key| CitedDocument::new(app, key)).collect(),
            body: &whole.body,
        }
    }
}

/// How a statement stands to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relation<'a> {
    /// `in-response-to`, `follows-up` …
    pub kind: &'a str,
    /// `to-earlier`: this one is it; `from-later`: that one is it to this.
    pub direction: &'a str,
    /// The other statement.
    pub number: Option<i32>,
    /// Its page.
    #[schema(format = "uri")]
    pub url: Option<String>,
    /// Words, where there is no statement.
    pub words: &'a str,
    /// `final`, `preliminary`, `status-update`.
    pub reply_kind: Option<&'a str>,
}

impl<'a> Relation<'a> {
    fn new(app: &App, relation: &'a store::Relation) -> Self {
        Self {
            kind: &relation.kind,
            direction: &relation.direction,
            number: relation.number,
            url: relation.number.map(|number| app.config.absolute(&urls::statement(number))),
            words: &relation.words,
            reply_kind: relation.reply_kind.as_deref(),
        }
    }
}

/// A document that a statement cites.
#[derive(Debug, Serialize, ToSchema)]
pub struct CitedDocument {
    /// Its one name, however it is written: "RFC 4052".
    pub name: String,
    /// `rfc`, `internet-draft`, `itu-t`, `3gpp`, `etsi`, `ieee`.
    pub kind: &'static str,
    /// A public page about it.
    #[schema(format = "uri")]
    pub url: Option<String>,
    /// All public statements that cite it.
    #[schema(format = "uri")]
    pub statements_url: String,
}

impl CitedDocument {
    fn new(app: &App, key: &str) -> Option<Self> {
        let document = Document::parse(key)?;
        Some(Self {
            name: document.name().to_owned(),
            kind: document.kind().as_str(),
            url: document.url(),
            statements_url: app.config.absolute(&urls::document(key)),
        })
    }
}

/// A public file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachment<'a> {
    /// Its place in the address; never used again.
    pub n: i32,
    /// `statement`, `enclosure`, `alternative`.
    pub kind: &'a str,
    /// Of which file it is another form.
    pub alternative_of: Option<i32>,
    /// Its title.
    pub title: &'a str,
    /// Its name.
    pub file_name: &'a str,
    /// The peer's number of it.
    pub peer_number: &'a str,
    /// Where it is.
    #[schema(format = "uri")]
    pub url: Option<String>,
    /// Whether its bytes are here.
    pub is_held: bool,
    /// Bytes.
    pub size: Option<i64>,
    /// In hexadecimal digits.
    pub sha256: Option<&'a str>,
    /// Its detected type.
    pub media_type: Option<&'a str>,
}

impl<'a> Attachment<'a> {
    fn new(app: &App, number: i32, file: &'a store::Attachment) -> Self {
        let url = match &file.link {
            Some(link) => Some(link.clone()),
            None if file.is_not_held => None,
            None => Some(app.config.absolute(&urls::attachment(number, file.n, &file.file_name))),
        };
        Self {
            n: file.n,
            kind: &file.kind,
            alternative_of: file.alternative_of,
            title: &file.title,
            file_name: &file.file_name,
            peer_number: &file.peer_number,
            url,
            is_held: file.link.is_none() && !file.is_not_held,
            size: file.size,
            sha256: file.sha256.as_deref(),
            media_type: file.media_type.as_deref(),
        }
    }
}

/// An error.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    /// What went wrong.
    pub error: Fault,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fault {
    /// The status code.
    pub status: u16,
    /// For people.
    pub message: String,
    /// To name when asking about it.
    pub reference: String,
}

fn words(facts: &Facts, today: NaiveDate) -> String {
    status::status(facts, Reader::Public, today).sentence()
}

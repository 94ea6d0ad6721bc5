//! One pure function a mail about a statement (domain.md 7). Their words stand in `templates/mail`.

pub mod outgoing;
pub mod together;

use std::collections::HashSet;

use askama::Template;
use chrono::NaiveDate;

use crate::dates;
use crate::ids::{PersonId, StatementId};
use crate::mail::{Message, Recipient};
use crate::statements::letter::{Addressee, Answered, Letter, labels};
use crate::statements::{Purpose, store::steps::NewAction};

/// What every mail about a statement needs beside the letter.
#[derive(Debug, Clone)]
pub struct About {
    /// Its key.
    pub statement_id: StatementId,
    /// The thread: its draft id.
    pub draft_id: String,
    /// "Statement", or what the configuration calls it.
    pub label: String,
    /// The public address of the page the mail leads to.
    pub url: String,
}

/// Who gets a mail: an address once, a person once, whoever else they are (domain.md 7).
#[derive(Debug, Clone, Default)]
pub struct Recipients {
    list: Vec<Recipient>,
    addresses: HashSet<String>,
    people: HashSet<PersonId>,
}

impl Recipients {
    /// Adds a recipient, unless the address or the person gets it already.
    pub fn add(&mut self, address: &str, person_id: Option<PersonId>, why: &str) {
        let is_new_address = !self.addresses.contains(&address.to_lowercase());
        let is_new_person = person_id.is_none_or(|person| !self.people.contains(&person));
        if is_new_address && is_new_person && !address.is_empty() {
            self.addresses.insert(address.to_lowercase());
            self.people.extend(person_id);
            self.list.push(Recipient { address: address.to_owned(), person_id, why: why.to_owned() });
        } else if let Some(person) = person_id.filter(|_| !is_new_address) {
            // an alias that several share reaches each of them
            self.people.insert(person);
        }
    }

    /// In the order in which they were added.
    pub fn into_list(self) -> Vec<Recipient> {
        self.list
    }
}

/// A file as mails name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedFile {
    /// Title, or name.
    pub title: String,
    /// "PDF, 412 kB".
    pub what: String,
    /// Its public address.
    pub url: String,
}

#[derive(Template)]
#[template(path = "mail/posted.txt")]
struct Posted<'a> {
    name: String,
    lead: String,
    url: &'a str,
    facts: Vec<(&'static str, String)>,
    body: &'a str,
    files: &'a [MailedFile],
}

/// An incoming statement was posted: to its contacts, the groups in copy, and those who are always told.
/// `checked`: by whom, standing in for the manager; empty: nobody stood in.
///
/// # Errors
/// The template's.
pub fn incoming_posted(
    about: &About,
    number: i32,
    letter: &Letter,
    actions: &[NewAction],
    files: &[MailedFile],
    checked: &str,
    recipients: Vec<Recipient>,
) -> askama::Result<Message> {
    let name = format!("{} {number}", about.label);
    let mut facts = facts(letter, actions);
    if !checked.is_empty() {
        facts.push(("Checked by", checked.to_owned()));
    }
    let posted = Posted { lead: lead(letter, actions), url: &about.url, facts, body: &letter.body, files, name: name.clone() };
    Ok(Message {
        event: "incoming-posted",
        statement_id: Some(about.statement_id),
        to: header(&letter.to_contacts),
        cc: header(&letter.cc_contacts),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("{name} from {}: {}", letter.from_text(), letter.title),
        body: posted.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients,
    })
}

fn header(mailboxes: &[crate::mail::address::Mailbox]) -> String {
    mailboxes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What is asked and by when, in the first lines.
fn lead(letter: &Letter, actions: &[NewAction]) -> String {
    let asked: Vec<&str> =
        letter.to.iter().filter(|addressee| addressee.purpose == Some(Purpose::ForAction)).map(|addressee| addressee.group.label.as_str()).collect();
    let day = actions.iter().filter_map(|action| action.deadline.as_ref()).min_by_key(|(day, _, _)| *day);
    match day {
        _ if asked.is_empty() && letter.purpose == Purpose::InResponse => format!("{} answers. No reply expected.", letter.from_text()),
        _ if asked.is_empty() => format!("From {}, for information. No reply expected.", letter.from_text()),
        Some((day, _, "ours")) => {
            format!(
                "{} asks {} for action. The letter names no day; we aim to answer by {}.",
                letter.from_text(),
                asked.join(", "),
                dates::weekday_date(*day)
            )
        }
        Some((day, _, _)) => format!("{} asks {} for action by {}.", letter.from_text(), asked.join(", "), dates::weekday_date(*day)),
        None => format!("{} asks {} for action.", letter.from_text(), asked.join(", ")),
    }
}

fn with_purpose(addressee: &Addressee, statement: Purpose) -> String {
    match addressee.purpose {
        Some(purpose) if purpose != statement => format!("{} ({})", addressee.group.label, purpose.words()),
        _ => addressee.group.label.clone(),
    }
}

/// All fields of an outgoing letter that say something.
fn facts_of(letter: &Letter) -> Vec<(&'static str, String)> {
    let mut facts = facts(letter, &awaited_at_posting(letter));
    facts.retain(|(name, _)| *name != "Contacts");
    if let Some(mailbox) = &letter.sending.send_reply_to {
        facts.push(("Send replies to", mailbox.to_string()));
    }
    facts
}

/// All fields that say something, as the mail lists them.
fn facts(letter: &Letter, actions: &[NewAction]) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Title", letter.title.clone()), ("From", letter.from_text())];
    let mut fact = |name: &'static str, value: String| {
        if !value.is_empty() {
            facts.push((name, value));
        }
    };
    fact("To", letter.to.iter().map(|addressee| with_purpose(addressee, letter.purpose)).collect::<Vec<_>>().join(", "));
    fact("In copy", labels(&letter.copy));
    fact("Also addressed", labels(&letter.also));
    fact("Purpose", letter.purpose.words().to_owned());
    for addressee in letter.to.iter().filter(|addressee| !addressee.asked.is_empty()) {
        fact("Asked", format!("{}: {}", addressee.group.label, addressee.asked));
    }
    match actions.iter().find_map(|action| action.deadline.as_ref()) {
        Some((day, _, "ours")) => fact("Answer by", format!("{} (ours)", dates::weekday_date(*day))),
        Some((day, _, _)) => fact("Deadline", dates::weekday_date(*day)),
        None => {}
    }
    fact("In the letter's words", letter.deadline_words.clone());
    let answers: Vec<String> = letter
        .answers
        .iter()
        .map(|answered| match answered {
            Answered::Statement(_, number) => format!("Statement {number}"),
            Answered::Words(words) => words.clone(),
        })
        .collect();
    fact("Answers", answers.join("; "));
    fact("Their reference", letter.references.join(", "));
    fact("Date of the letter", letter.letter_date.map(|date| date.to_string()).unwrap_or_default());
    fact("Received on", letter.received_on.map(dates::short_date).unwrap_or_default());
    fact("Send replies to", letter.received_from.as_ref().map(|mailbox| mailbox.address().as_str().to_owned()).unwrap_or_default());
    // addresses of persons are for role-holders; this mail goes to lists that are public
    let names: Vec<&str> = letter.from_contacts.iter().filter_map(|mailbox| mailbox.name()).collect();
    fact("Contacts", names.join(", "));
    facts
}

#[derive(Template)]
#[template(path = "mail/check_asked.txt")]
struct CheckAsked<'a> {
    why: &'a str,
    submitted_by: &'a str,
    title: &'a str,
    from: String,
    to: String,
    lead: String,
    url: &'a str,
    is_asked: bool,
}

/// Somebody submitted an incoming statement: each who is asked to check it, and the coordinators, who can.
///
/// # Errors
/// The template's.
pub fn check_asked(
    about: &About,
    letter: &Letter,
    actions: &[NewAction],
    submitted_by: &str,
    recipient: Recipient,
    is_asked: bool,
) -> askama::Result<Message> {
    let body = CheckAsked {
        why: &recipient.why,
        submitted_by,
        title: &letter.title,
        from: letter.from_text(),
        to: letter.to_text(),
        lead: lead(letter, actions),
        url: &about.url,
        is_asked,
    }
    .render()?;
    let verb = if is_asked { "Check" } else { "Submitted" };
    Ok(Message {
        event: "check-asked",
        statement_id: Some(about.statement_id),
        to: recipient.address.clone(),
        cc: String::new(),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("{verb}: {} from {}", letter.title, letter.from_text()),
        body,
        is_secret: false,
        files: Vec::new(),
        recipients: vec![recipient],
    })
}

/// What happened to a statement that is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Whoever checks it wants changes.
    ChangesRequested,
    /// It is a draft again.
    TakenBack,
    /// It was given up.
    Abandoned,
    /// It is a draft again after it was given up.
    Restored,
    /// The day by which it asks for something passed while it was in review.
    DeadlinePassed,
}

impl Turn {
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ChangesRequested => ("changes-requested", "Changes requested", "asks for changes. It is a draft again; what was signed is void."),
            Self::TakenBack => ("taken-back", "Taken back", "took it back. It is a draft again; nothing is asked of you any more."),
            Self::Abandoned => ("abandoned", "Abandoned", "gave it up. Nothing is asked of you any more."),
            Self::Restored => ("restored", "Restored", "restored it. It is a draft again."),
            Self::DeadlinePassed => {
                ("deadline-passed", "Deadline passed", "sent it back: the day by which it asks for something has passed. It is a draft again.")
            }
        }
    }
}

#[derive(Template)]
#[template(path = "mail/turned.txt")]
struct Turned<'a> {
    actor: &'a str,
    happened: &'a str,
    reason: &'a str,
    title: &'a str,
    url: &'a str,
}

/// Changes requested, taken back, abandoned, restored: to the author, who saved a version, and signers whose sign-off is void.
///
/// # Errors
/// The template's.
pub fn turned(about: &About, turn: Turn, title: &str, actor: &str, reason: &str, recipients: Vec<Recipient>) -> askama::Result<Message> {
    let (event, subject, happened) = turn.words();
    Ok(Message {
        event,
        statement_id: Some(about.statement_id),
        to: shown(&recipients),
        cc: String::new(),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("{subject}: {title}"),
        body: Turned { actor, happened, reason, title, url: &about.url }.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients,
    })
}

/// The To header where lists may be among those who get it: then people's addresses, which are not public, are left out.
fn shown(recipients: &[Recipient]) -> String {
    let is_nobodys = recipients.iter().any(|recipient| recipient.person_id.is_none());
    let shown = recipients.iter().filter(|recipient| !is_nobodys || recipient.person_id.is_none());
    shown.map(|recipient| recipient.address.as_str()).collect::<Vec<_>>().join(", ")
}

/// Something that was done about a posted statement, for those it concerns.
#[derive(Debug)]
pub struct Handled<'a> {
    /// For code.
    pub event: &'static str,
    /// Behind the statement's name.
    pub subject: String,
    /// What happened, who did it.
    pub words: String,
    /// The statement's title.
    pub title: &'a str,
    /// The action's day, and whether it is ours.
    pub due: Option<(NaiveDate, bool)>,
}

#[derive(Template)]
#[template(path = "mail/handled.txt")]
struct HandledMail<'a> {
    words: &'a str,
    due: String,
    title: &'a str,
    url: &'a str,
}

/// Assigned, handed over, a new deadline: to those it concerns.
///
/// # Errors
/// The template's.
pub fn handled(about: &About, handled: &Handled<'_>, recipients: Vec<Recipient>) -> askama::Result<Message> {
    let due = match handled.due {
        Some((day, true)) => format!("The letter names no day; we aim to answer by {}.", dates::weekday_date(day)),
        Some((day, false)) => format!("A reply is due {}.", dates::weekday_date(day)),
        None => String::new(),
    };
    Ok(Message {
        event: handled.event,
        statement_id: Some(about.statement_id),
        to: shown(&recipients),
        cc: String::new(),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("{}: {}", about.label, handled.subject),
        body: HandledMail { words: &handled.words, due, title: handled.title, url: &about.url }.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients,
    })
}

/// What a receipt acknowledges.
#[derive(Debug)]
pub struct Acknowledged<'a> {
    /// Its key.
    pub statement_id: StatementId,
    /// Its draft id.
    pub thread: &'a str,
    /// "Statement 1914".
    pub label: String,
    /// Its public address.
    pub url: String,
    /// Its title.
    pub title: &'a str,
    /// The sender's references.
    pub references: String,
    /// To whom it was.
    pub to: String,
    /// The earliest day of its open actions, and whether it is ours.
    pub due: Option<(NaiveDate, bool)>,
    /// What standing a statement has; configuration.
    pub standing: &'a str,
}

#[derive(Template)]
#[template(path = "mail/receipt.txt")]
struct ReceiptMail<'a> {
    title: &'a str,
    references: &'a str,
    label: &'a str,
    url: &'a str,
    to: &'a str,
    due: String,
    standing: &'a str,
}

/// The receipt to the sender: that it is recorded, where, and what standing a statement has.
///
/// # Errors
/// The template's.
pub fn receipt(about: &Acknowledged<'_>, to: String, reply_to: String, recipient: Recipient) -> askama::Result<Message> {
    let due = match about.due {
        Some((day, true)) => format!("It names no day; they aim to answer by {}.", dates::weekday_date(day)),
        Some((day, false)) => format!("You asked for a reply by {}.", dates::weekday_date(day)),
        None => String::new(),
    };
    let body = ReceiptMail {
        title: about.title,
        references: &about.references,
        label: &about.label,
        url: &about.url,
        to: &about.to,
        due,
        standing: about.standing,
    }
    .render()?;
    let reference = if about.references.is_empty() { String::new() } else { format!(" ({})", about.references) };
    Ok(Message {
        event: "receipt",
        statement_id: Some(about.statement_id),
        to,
        cc: String::new(),
        reply_to,
        thread: about.thread.to_owned(),
        subject: format!("Receipt: {}{reference}", about.title),
        body,
        is_secret: false,
        files: Vec::new(),
        recipients: vec![recipient],
    })
}

/// The actions of an incoming letter, from posting on (domain.md 1 and 3).
///
/// `answer_by` is a group's own day of ours: the peer's next meeting if it lies 2 to 26 weeks ahead, else so many days on.
pub fn actions_at_posting(
    letter: &Letter,
    today: NaiveDate,
    within_days: u64,
    assignee: impl Fn(&Addressee) -> Option<(PersonId, String)>,
) -> Vec<NewAction> {
    let meeting =
        letter.from.iter().filter_map(|sender| sender.group.next_meeting_on).min().filter(|day| (14..=182).contains(&(*day - today).num_days()));
    let ours = meeting.or_else(|| today.checked_add_days(chrono::Days::new(within_days)));
    letter
        .to
        .iter()
        .filter_map(|addressee| {
            let purpose = addressee.purpose.filter(|purpose| matches!(purpose, Purpose::ForAction | Purpose::ForInformation))?;
            let deadline = match (purpose, letter.deadline) {
                (Purpose::ForAction, Some(day)) => Some((day, letter.deadline_words.clone(), "as-written")),
                (Purpose::ForAction, None) => ours.map(|day| (day, letter.deadline_words.clone(), "ours")),
                _ => None,
            };
            Some(NewAction { group_id: addressee.group.group_id, purpose, assignee: assignee(addressee), deadline, is_awaited: false })
        })
        .collect()
}

/// What an outgoing letter asks of its addressees: awaited, never late (domain.md 3).
pub fn awaited_at_posting(letter: &Letter) -> Vec<NewAction> {
    let asked = letter.to.iter().filter(|addressee| addressee.purpose == Some(Purpose::ForAction));
    asked
        .map(|addressee| NewAction {
            group_id: addressee.group.group_id,
            purpose: Purpose::ForAction,
            assignee: None,
            deadline: letter.deadline.map(|day| (day, letter.deadline_words.clone(), "as-written")),
            is_awaited: true,
        })
        .collect()
}

//! The mails of an outgoing statement: to who signs, to the peer, to our side.

use askama::Template;

use super::{About, MailedFile, facts_of};
use crate::dates;
use crate::mail::{MailedAttachment, Message, Recipient};
use crate::statements::letter::Letter;
use crate::statements::recipients::outgoing::CONTACT;
use crate::statements::{Consensus, Purpose};

/// Whose position it is, in a sentence; empty: not said.
pub fn position(letter: &Letter, home: &str) -> String {
    letter.sending.consensus.map_or_else(String::new, |consensus| consensus.position(&letter.from_text(), home))
}

/// What is asked of the peer, in the first line.
fn asked_of_the_peer(letter: &Letter) -> String {
    let asked: Vec<&str> =
        letter.to.iter().filter(|addressee| addressee.purpose == Some(Purpose::ForAction)).map(|addressee| addressee.group.label.as_str()).collect();
    match letter.deadline {
        Some(day) if !asked.is_empty() => format!("We ask {} to act by {}.", asked.join(", "), dates::weekday_date(day)),
        None if !asked.is_empty() => format!("We ask {} to act.", asked.join(", ")),
        _ if letter.purpose == Purpose::InResponse => format!("{} answers. No reply is expected.", letter.from_text()),
        _ => "For information. No reply is expected.".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "mail/sign_off_asked.txt")]
struct SignOffAsked<'a> {
    asked: &'a [String],
    submitted_by: &'a str,
    title: &'a str,
    from: String,
    to: String,
    asks: String,
    informed: String,
    url: &'a str,
}

/// Somebody submitted an outgoing statement: each who is asked for a sign-off, all that is asked of them in one mail; or
/// the coordinators, who are told (`asked` is empty).
///
/// # Errors
/// The template's.
pub fn sign_off_asked(about: &About, letter: &Letter, submitted_by: &str, recipient: Recipient, asked: &[String]) -> askama::Result<Message> {
    let body = SignOffAsked {
        asked,
        submitted_by,
        title: &letter.title,
        from: letter.from_text(),
        to: letter.to_text(),
        asks: asked_of_the_peer(letter),
        informed: letter.sending.informed_on.map(dates::short_date).unwrap_or_default(),
        url: &about.url,
    }
    .render()?;
    let verb = if asked.is_empty() { "In review" } else { "Decide" };
    Ok(Message {
        event: "sign-off-asked",
        statement_id: Some(about.statement_id),
        to: recipient.address.clone(),
        cc: String::new(),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("{verb}: {} to {}", letter.title, letter.to_text()),
        body,
        is_secret: false,
        files: Vec::new(),
        recipients: vec![recipient],
    })
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct LetterMail<'a> {
    asks: String,
    facts: Vec<(&'static str, String)>,
    consensus: String,
    position: String,
    body: &'a str,
    files: &'a [MailedFile],
    name: &'a str,
    url: &'a str,
}

/// The letter itself, to the peer; `attached` are the files that go along, links lead to all of them.
///
/// # Errors
/// The template's.
pub fn letter(
    about: &About,
    number: i32,
    letter: &Letter,
    home: &str,
    files: &[MailedFile],
    attached: Vec<MailedAttachment>,
    recipients: Vec<Recipient>,
) -> askama::Result<Message> {
    let name = format!("{} {number}", about.label);
    let body = LetterMail {
        asks: asked_of_the_peer(letter),
        facts: facts_of(letter),
        consensus: letter.sending.consensus.map_or_else(String::new, |consensus: Consensus| consensus.words(home)),
        position: position(letter, home),
        body: &letter.body,
        files,
        name: &name,
        url: &about.url,
    }
    .render()?;
    let (to, cc) = match &letter.sending.send_to {
        Some(alone) => (alone.to_string(), String::new()),
        None => (super::header(&letter.to_contacts), super::header(&letter.cc_contacts)),
    };
    Ok(Message {
        event: "letter",
        statement_id: Some(about.statement_id),
        to,
        cc,
        reply_to: letter.sending.send_reply_to.as_ref().map(ToString::to_string).unwrap_or_default(),
        thread: about.draft_id.clone(),
        subject: format!("Liaison statement from {}: {}", letter.from_text(), letter.title),
        body,
        is_secret: false,
        files: attached,
        recipients,
    })
}

#[derive(Template)]
#[template(path = "mail/acknowledged.txt")]
struct Acknowledged<'a> {
    happened: String,
    facts: Vec<(&'static str, String)>,
    position: String,
    body: &'a str,
    files: &'a [MailedFile],
    name: &'a str,
    url: &'a str,
}

/// The acknowledgement, to our side: recorded and sent, or recorded where it went another way.
///
/// # Errors
/// The template's.
pub fn acknowledgement(
    about: &About,
    number: i32,
    letter: &Letter,
    home: &str,
    files: &[MailedFile],
    is_mailed: bool,
    recipients: Vec<Recipient>,
) -> askama::Result<Message> {
    let name = format!("{} {number}", about.label);
    let (verb, happened) = match &letter.sending.delivered {
        None if !is_mailed => ("Recorded", "Recorded. No mail went to them: nobody at their side is named.".to_owned()),
        None => ("Recorded and sent", format!("Recorded and sent to {}.", letter.to_text())),
        Some(delivered) => {
            let on = delivered.on.map(|day| format!(" on {}", dates::short_date(day))).unwrap_or_default();
            let evidence = if delivered.evidence.is_empty() { String::new() } else { format!(" ({})", delivered.evidence) };
            ("Recorded", format!("Recorded. It reached {} by {}{on}{evidence}; no mail went to them.", letter.to_text(), delivered.how))
        }
    };
    let body =
        Acknowledged { happened, facts: facts_of(letter), position: position(letter, home), body: &letter.body, files, name: &name, url: &about.url }
            .render()?;
    Ok(Message {
        event: "outgoing-posted",
        statement_id: Some(about.statement_id),
        to: super::shown(&recipients.iter().filter(|one| one.why != CONTACT).cloned().collect::<Vec<_>>()),
        cc: String::new(),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("{verb}: {name} to {}: {}", letter.to_text(), letter.title),
        body,
        is_secret: false,
        files: Vec::new(),
        recipients,
    })
}

/// Something was done about an outgoing statement in review that those who worked on it, or signed it, should know.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A coordinator holds it.
    Held(&'a str),
    /// It is released again.
    Released,
    /// A sign-off given elsewhere was entered: what, in whose name, with which evidence.
    Entered(&'a str, &'a str, &'a str),
    /// It was posted without an approval, which is still open.
    WithoutApproval(&'a str),
    /// What it left without was confirmed after posting.
    Confirmed,
    /// Whoever has the authority objects, in these words.
    Objected(&'a str),
    /// A draft to a peer was begun whose day is near: for its manager.
    DraftBegun(&'a str),
    /// The IRTF Chair is consulted, with words.
    Consulted(&'a str),
    /// The draft is another's now: whose, and a word to them.
    HandedOver(&'a str, &'a str),
    /// The last role of who had it ended: who has it now.
    PassedOn(&'a str),
}

#[derive(Template)]
#[template(path = "mail/turned.txt")]
struct Told<'a> {
    actor: &'a str,
    happened: &'a str,
    reason: &'a str,
    title: &'a str,
    url: &'a str,
}

/// Held, released, entered for another, sent without approval: to those it concerns.
///
/// # Errors
/// The template's.
pub fn told(about: &About, event: Event<'_>, title: &str, actor: &str, recipients: Vec<Recipient>) -> askama::Result<Message> {
    let entered;
    let (name, subject, happened, reason) = match event {
        Event::Held(why) => ("held", "Held", "holds it. It is not posted until it is released.", why),
        Event::Released => ("released", "Released", "released it.", ""),
        Event::Entered(what, whose, evidence) => {
            entered = format!("entered {what} given by {whose}.");
            ("entered", "Entered for another", entered.as_str(), evidence)
        }
        Event::Confirmed => ("confirmed", "Confirmed", "confirmed it. It had left without approval.", ""),
        Event::Objected(words) => ("objected", "Objected to", "objects to it. It had left without approval; the objection stands beside it.", words),
        Event::WithoutApproval(evidence) => {
            ("without-approval", "Sent without approval", "entered that it had left without approval. Confirm it, or object.", evidence)
        }
        Event::DraftBegun(due) => {
            entered = format!("drafts a statement to a peer whose liaison manager you are; {due}. Advise early, if there is something to say.");
            ("draft-begun", "Being drafted", entered.as_str(), "")
        }
        Event::Consulted(words) => {
            ("consulted", "Consulted", "asks you about a topic of a research group. You can read it until it is posted.", words)
        }
        Event::HandedOver(whose, words) => {
            entered = format!("handed the draft over: {whose} drafts it now.");
            ("draft-handed-over", "Handed over", entered.as_str(), words)
        }
        Event::PassedOn(now) => {
            entered = format!("passed it on, because the last role of who had it ended: {now}.");
            ("passed-on", "Passed on to you", entered.as_str(), "")
        }
    };
    Ok(Message {
        event: name,
        statement_id: Some(about.statement_id),
        to: super::shown(&recipients),
        cc: String::new(),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("{subject}: {title}"),
        body: Told { actor, happened, reason, title, url: &about.url }.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients,
    })
}

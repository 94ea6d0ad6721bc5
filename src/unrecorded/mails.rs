//! Mails about reports of unrecorded statements (domain.md 7). Their words stand in `templates/mail`.

use askama::Template;

use super::title_or_words;
use crate::mail::{Message, Recipient};

#[derive(Template)]
#[template(path = "mail/unrecorded.txt")]
struct Reported<'a> {
    reporter: &'a str,
    group: &'a str,
    title: String,
    url: &'a str,
    why: &'a str,
}

/// Somebody reported an unrecorded statement: to one of those who see to it.
///
/// # Errors
/// The template's.
pub fn reported(report_id: &str, reporter: &str, group: &str, title: &str, url: &str, recipient: Recipient) -> askama::Result<Message> {
    let from = if group.is_empty() { String::new() } else { format!(" from {group}") };
    Ok(Message {
        event: "unrecorded-reported",
        statement_id: None,
        to: recipient.address.clone(),
        cc: String::new(),
        reply_to: String::new(),
        thread: report_id.to_owned(),
        subject: format!("Unrecorded statement{from}: {}", title_or_words(title)),
        body: Reported { reporter, group, title: title_or_words(title), url, why: &recipient.why }.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients: vec![recipient],
    })
}

#[derive(Template)]
#[template(path = "mail/unrecorded_set_aside.txt")]
struct SetAside<'a> {
    actor: &'a str,
    reason: &'a str,
    title: String,
    url: &'a str,
}

/// It is not recorded, and why: to who reported it.
///
/// # Errors
/// The template's.
pub fn set_aside(report_id: &str, actor: &str, reason: &str, title: &str, url: &str, recipient: Recipient) -> askama::Result<Message> {
    Ok(Message {
        event: "unrecorded-set-aside",
        statement_id: None,
        to: recipient.address.clone(),
        cc: String::new(),
        reply_to: String::new(),
        thread: report_id.to_owned(),
        subject: format!("Set aside: {}", title_or_words(title)),
        body: SetAside { actor, reason, title: title_or_words(title), url }.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients: vec![recipient],
    })
}

//! The mail that shows a draft to its group.

use askama::Template;

use super::About;
use crate::mail::{Message, Recipient};

/// What the group reads.
#[derive(Template)]
#[template(path = "mail/group_told.txt")]
pub struct GroupTold<'a> {
    /// The groups that it is from.
    pub from: &'a str,
    /// Whom it is to.
    pub to: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The day for comments.
    pub comments_by: &'a str,
    /// Who tells them, and as what.
    pub actor: &'a str,
    /// As typed.
    pub words: &'a str,
    /// The link that shows it.
    pub url: &'a str,
}

/// To the lists of the groups that it is from. The link opens the draft, so the text does not stay.
///
/// # Errors
/// The template's.
pub fn group_told(about: &About, told: &GroupTold<'_>, recipients: Vec<Recipient>) -> askama::Result<Message> {
    Ok(Message {
        event: "group-told",
        statement_id: Some(about.statement_id),
        to: super::shown(&recipients),
        cc: String::new(),
        reply_to: String::new(),
        thread: about.draft_id.clone(),
        subject: format!("Draft liaison statement to {}: {}", told.to, if told.title.is_empty() { "without a title yet" } else { told.title }),
        body: told.render()?,
        is_secret: true,
        files: Vec::new(),
        recipients,
    })
}

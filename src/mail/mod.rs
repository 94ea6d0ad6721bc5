//! Mail: what is to be sent stands in the outbox, written in the transaction that causes it.

pub mod address;
mod address_list;
mod address_problem;
pub mod conversation;
pub mod deliver;
pub mod fate;
pub mod files;
pub mod health;
pub mod hidden;
pub mod kinds;
pub mod letter;
pub mod outbox;
pub mod pages;
pub mod server;
pub mod store;
pub mod text;

pub use files::{MailedAttachment, files_that_fit};

use crate::ids::{PersonId, StatementId};

/// One recipient of a message, and why they get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address alone.
    pub address: String,
    /// The person, where it is one we know.
    pub person_id: Option<PersonId>,
    /// As whom: "chair of NMOP", "the list of NMOP", "liaison coordinators".
    pub why: String,
}

/// One event is one message: one Message-ID, one delivery a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// A short name for code and log: "check-asked", "incoming-posted", "sign-in-link".
    pub event: &'static str,
    /// The statement it is about.
    pub statement_id: Option<StatementId>,
    /// To header: mailboxes, comma-separated.
    pub to: String,
    /// Cc header.
    pub cc: String,
    /// Reply-To header; empty: none.
    pub reply_to: String,
    /// Key of the thread it belongs to, such as a statement's draft id; all of a thread hang together. Empty: none.
    pub thread: String,
    /// One line.
    pub subject: String,
    /// Plain text, wrapped at 72 columns where it is ours.
    pub body: String,
    /// Holds a one-time secret: the body is erased once it has left or the secret has expired.
    pub is_secret: bool,
    /// What goes along, in order, as [`files_that_fit`] gave it; the text names each with its link all the same.
    pub files: Vec<MailedAttachment>,
    /// Who gets it; an address named twice gets it once.
    pub recipients: Vec<Recipient>,
}

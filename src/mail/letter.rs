//! From a row of the outbox to the bytes that are sent. Pure.

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue, Headers, To};
use lettre::message::{Attachment, Body, Mailbox, Mailboxes, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::address_problem::is_hidden;
use crate::statements::attachments::hex;

/// Longest subject and name, in characters: a word without blanks can't be folded, and a line has at most 998 bytes.
const SUBJECT: usize = 900;
const NAME: usize = 200;
/// Longest file name, in characters.
const FILE_NAME: usize = 255;

/// What a mail says, as the outbox keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Without angle brackets.
    pub message_id: String,
    /// When it was made; the Date header.
    pub made_at: DateTime<Utc>,
    /// One mailbox.
    pub from: String,
    /// Mailboxes.
    pub to: String,
    /// Mailboxes, or nothing.
    pub cc: String,
    /// Mailboxes, or nothing.
    pub reply_to: String,
    /// An id without angle brackets, or nothing.
    pub in_reply_to: String,
    /// Ids without angle brackets, separated by blanks, or nothing.
    pub thread: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// What goes along with the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enclosed {
    /// Nothing was to go along.
    Nothing,
    /// Files, in order.
    Files(Vec<File>),
    /// The files stay here; a line at the end of the text says so.
    LeftBehind(&'static str),
}

/// A file of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, of any script.
    pub name: String,
    /// What it holds, such as "application/pdf".
    pub media_type: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Writes the message. The same row gives the same bytes at each attempt.
///
/// `list` is the domain of the List-Id; `meant_for` names the recipient whose copy goes to the one address of a trial.
///
/// # Errors
/// What in the row can't stand in a mail, for people.
pub fn write(stored: &Stored, enclosed: Enclosed, list: &str, meant_for: Option<&str>) -> Result<Vec<u8>, String> {
    // a row may hold anything, put in by whatever way; a fault in writing one mail must not end the others
    std::panic::catch_unwind(|| write_unguarded(stored, enclosed, list, meant_for)).unwrap_or_else(|_| Err("The mail can't be written.".to_owned()))
}

fn write_unguarded(stored: &Stored, enclosed: Enclosed, list: &str, meant_for: Option<&str>) -> Result<Vec<u8>, String> {
    let mut builder = Message::builder();
    builder = builder.raw_header(mailboxes("From", &stored.from)?);
    for (name, value) in [("To", &stored.to), ("Cc", &stored.cc), ("Reply-To", &stored.reply_to)] {
        if !value.trim().is_empty() {
            builder = builder.raw_header(mailboxes(name, value)?);
        }
    }
    builder = builder
        .subject(shortened(&one_line(&stored.subject), SUBJECT))
        .date(std::time::SystemTime::from(stored.made_at))
        .raw_header(plain("Message-ID", &ids(&stored.message_id))?);
    for (name, value) in [("In-Reply-To", &stored.in_reply_to), ("References", &stored.thread)] {
        if !value.trim().is_empty() {
            builder = builder.raw_header(plain(name, &ids(value))?);
        }
    }
    builder = builder
        .raw_header(plain("MIME-Version", "1.0")?)
        .raw_header(plain("Auto-Submitted", "auto-generated")?)
        .raw_header(plain("List-Id", &format!("<statements.{list}>"))?);
    let mut text = stored.body.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(address) = meant_for {
        let address = one_line(address);
        text = format!("(meant for {address})\n\n{text}");
        builder = builder.raw_header(HeaderValue::new(name("X-Original-Recipient")?, address));
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if let Enclosed::LeftBehind(line) = enclosed {
        text = format!("{text}\n{line}\n");
    }
    // the envelope is the delivery's own; what the builder makes of the headers is not used
    let nobody: Address = "nobody@localhost".parse().map_err(|_| "The mail can't be written.".to_owned())?;
    let envelope = lettre::address::Envelope::new(None, vec![nobody]).map_err(|error| error.to_string())?;
    let builder = builder.envelope(envelope);
    let written = match enclosed {
        Enclosed::Files(files) if !files.is_empty() => {
            let mut parts = MultiPart::mixed()
                .boundary(boundary(&stored.message_id))
                .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(Body::new(text)));
            for file in files {
                parts = parts.singlepart(part(file)?);
            }
            builder.multipart(parts)
        }
        _ => builder.header(ContentType::TEXT_PLAIN).body(Body::new(text)),
    };
    written.map(|message| message.formatted()).map_err(|error| format!("The mail can't be written: {error}"))
}

/// What stands between the parts: the same at each attempt, and in no text of theirs.
fn boundary(message_id: &str) -> String {
    format!("=_{}", &hex(&Sha256::digest(message_id.as_bytes()))[..40])
}

/// A file as a part, byte for byte.
fn part(file: File) -> Result<SinglePart, String> {
    let name: String = one_line(&file.name).chars().filter(|letter| !is_hidden(*letter)).take(FILE_NAME).collect();
    let name = if name.is_empty() { "file".to_owned() } else { name };
    // mails in mails can't be encoded (RFC 2046, 5.2.1), and what is not encoded is not left as it is
    let media_type = Some(file.media_type).filter(|media_type| !media_type.starts_with("message/") && !media_type.starts_with("multipart/"));
    let content_type = media_type.and_then(|media_type| ContentType::parse(&media_type).ok());
    let content_type = match content_type {
        Some(content_type) => content_type,
        None => ContentType::parse("application/octet-stream").map_err(|error| error.to_string())?,
    };
    let body = Body::new_with_encoding(file.bytes, ContentTransferEncoding::Base64).map_err(|_| "The mail can't be written.".to_owned())?;
    Ok(Attachment::new(name).body(body, content_type))
}

/// An address for the envelope: its domain in ASCII.
///
/// # Errors
/// It is none.
pub fn envelope_address(text: &str) -> Result<Address, String> {
    let wrong = || format!("\u{201c}{}\u{201d} is not an e-mail address", one_line(text));
    let mailbox: Mailbox = text.parse().map_err(|_| wrong())?;
    ascii_domain(&mailbox.email).ok_or_else(wrong)
}

fn ascii_domain(address: &Address) -> Option<Address> {
    let domain = if address.domain().is_ascii() { address.domain().to_owned() } else { idna::domain_to_ascii(address.domain()).ok()? };
    Address::new(address.user(), domain).ok()
}

/// Mailboxes as a header that any server takes: names encoded, domains in ASCII. An address with other letters
/// before the @ stands as an empty group with its text for name (RFC 6857), so that the others still get the mail.
fn mailboxes(header: &str, text: &str) -> Result<HeaderValue, String> {
    let wrong = || format!("{header} holds what is not an e-mail address: {}", one_line(text));
    let typed: Mailboxes = one_line(text).parse().map_err(|_| wrong())?;
    let mut parts = Vec::new();
    for mailbox in typed {
        let address = ascii_domain(&mailbox.email).ok_or_else(wrong)?;
        let written = Mailbox::new(mailbox.name.as_deref().map(|name| shortened(&one_line(name), NAME)).filter(|name| !name.is_empty()), address);
        if written.email.to_string().is_ascii() {
            parts.push(value_of(&To::from(Mailboxes::from(written)).display()));
        } else {
            let name = HeaderValue::new(name("Subject")?, written.to_string());
            parts.push(format!("{} :;", value_of(&name)));
        }
    }
    if parts.is_empty() {
        return Err(wrong());
    }
    // each mailbox on its own line, so that no line grows too long
    let value = parts.join(",\r\n ");
    Ok(HeaderValue::dangerous_new_pre_encoded(name(header)?, one_line(text), value))
}

/// What stands after the name, as it will be sent.
fn value_of(value: &HeaderValue) -> String {
    let mut headers = Headers::new();
    headers.insert_raw(value.clone());
    let line = headers.to_string();
    line.split_once(": ").map_or("", |(_, rest)| rest).trim_end().to_owned()
}

fn ids(text: &str) -> String {
    let ids: Vec<String> = text
        .split_whitespace()
        .map(|id| id.trim_matches(['<', '>']).chars().filter(|letter| letter.is_ascii_graphic() && !matches!(letter, '<' | '>')).collect::<String>())
        .filter(|id| !id.is_empty())
        .map(|id| format!("<{id}>"))
        .collect();
    ids.join("\r\n ")
}

fn plain(header: &str, value: &str) -> Result<HeaderValue, String> {
    Ok(HeaderValue::dangerous_new_pre_encoded(name(header)?, value.to_owned(), value.to_owned()))
}

fn name(header: &str) -> Result<HeaderName, String> {
    HeaderName::new_from_ascii(header.to_owned()).map_err(|_| "The mail can't be written.".to_owned())
}

fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((at, _)) => format!("{} ...", &text[..at]),
    }
}

/// No control character and no line break: nothing that could begin another header (robustness.md WB07).
fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') { ' ' } else { letter })
        .collect::<String>()
        .trim()
        .to_owned()
}

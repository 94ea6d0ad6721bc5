//! Attachments: bytes in, byte for byte; names and types in words; nothing is refused by type, unpacked or run.

pub mod formats;
pub mod names;
pub mod text;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::store::files;
pub use super::{AttachmentKind, Visibility};
use crate::ids::FileId;
use crate::people::Viewer;
use crate::permissions::{self, Case, Deed};

/// A file as it was stored, not yet attached to anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its key; never shown.
    pub file_id: FileId,
    /// Its name as sent: last path component only, without control characters.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// Of all its bytes.
    pub sha256: [u8; 32],
    /// As detected.
    pub media_type: String,
    /// For people: "PDF", "Word".
    pub format_name: String,
}

/// What is attached: a file of ours, or a link.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// A stored file.
    File(&'a Stored),
    /// An http or https address, as [`link`] gave it.
    Link(&'a str),
}

/// An attachment to be.
#[derive(Debug, Clone, Copy)]
pub struct NewAttachment<'a> {
    /// What it is to the statement.
    pub kind: AttachmentKind,
    /// The `n` of what it is another form of.
    pub alternative_of: Option<i32>,
    /// As typed; empty: its name is shown.
    pub title: &'a str,
    /// The number the peer gave it.
    pub peer_number: &'a str,
    /// Who may fetch it.
    pub visibility: Visibility,
    /// Why it is withheld.
    pub withheld_why: &'a str,
    /// What it is.
    pub content: Content<'a>,
}

impl<'a> NewAttachment<'a> {
    /// A public one without title.
    pub fn public(kind: AttachmentKind, content: Content<'a>) -> Self {
        Self { kind, alternative_of: None, title: "", peer_number: "", visibility: Visibility::Public, withheld_why: "", content }
    }
}

/// An attachment of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its number in the statement's addresses; never used again.
    pub n: i32,
    /// What it is to the statement.
    pub kind: AttachmentKind,
    /// The `n` of what it is another form of.
    pub alternative_of: Option<i32>,
    /// As typed, perhaps empty.
    pub title: String,
    /// The number the peer gave it.
    pub peer_number: String,
    /// Who may fetch it.
    pub visibility: Visibility,
    /// Why it is withheld.
    pub withheld_why: String,
    /// Where its bytes are; none for a link and for what is not held here.
    pub file_id: Option<FileId>,
    /// As sent; empty for a link.
    pub file_name: String,
    /// Bytes; 0 without a file.
    pub size: u64,
    /// In hexadecimal; empty without a file.
    pub sha256: String,
    /// As detected.
    pub media_type: String,
    /// For people.
    pub format_name: String,
    /// Of a link.
    pub url: Option<String>,
    /// Imported without its bytes.
    pub is_not_held: bool,
    /// When it was attached.
    pub added_at: DateTime<Utc>,
    /// Its bytes were not ours to publish: when they were taken away, and why.
    pub taken_away: Option<(DateTime<Utc>, String)>,
}

impl Attachment {
    /// How pages name it: its title, or else its file's name, or its address.
    pub fn shown(&self) -> &str {
        match (self.title.as_str(), self.file_name.as_str(), &self.url) {
            ("", "", Some(url)) => url,
            ("", "", None) => "File",
            ("", name, _) => name,
            (title, _, _) => title,
        }
    }

    /// Whether only those concerned may know of it: the mail a statement came in always is (domain.md 5).
    pub fn is_for_those_concerned(&self) -> bool {
        self.visibility == Visibility::Concerned || self.kind == AttachmentKind::OriginalMail
    }
}

/// Whether somebody may fetch an attachment of a posted statement, and sees it on its page.
///
/// What is withheld is for those concerned too; all read that there is something, and why it is withheld.
pub fn may_fetch(viewer: Option<&Viewer>, case: &Case, attachment: &Attachment) -> bool {
    let is_public = attachment.visibility == Visibility::Public && !attachment.is_for_those_concerned();
    is_public || permissions::may(viewer, Deed::ReadConcerned, case).is_ok()
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Larger than the limit.
    #[error("a file is larger than {limit} bytes")]
    TooBig {
        /// Its name.
        name: String,
        /// In bytes.
        limit: u64,
    },
    /// It holds nothing.
    #[error("a file is empty")]
    Empty {
        /// Its name.
        name: String,
    },
    /// Its bytes ended too early.
    #[error("an upload broke off")]
    BrokenOff,
    /// The database's.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// For the form; none where it is the database's fault.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::TooBig { name, limit } => {
                Some(format!("The selected file must be smaller than {} – \"{name}\" is larger. You can give a link instead", size_words(*limit)))
            }
            Self::Empty { name } => Some(format!("\"{name}\" is empty")),
            Self::BrokenOff => Some("The upload broke off before its end. Choose the file again".to_owned()),
            Self::Database(_) => None,
        }
    }
}

/// Stores a file chunk by chunk: memory holds two chunks at most, and no transaction waits for the sender.
///
/// What is refused or breaks off leaves nothing behind; what a crash leaves, [`files::sweep`] takes away.
///
/// # Errors
/// Too big, empty, broken off; the database's.
pub async fn receive<S, E>(pool: &PgPool, now: DateTime<Utc>, sent_name: &str, mut bytes: S, limit: u64) -> Result<Stored, Refused>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let name = names::clean(sent_name);
    // nothing is begun for a field in which no file was chosen
    let first = loop {
        match bytes.next().await {
            None => return Err(Refused::Empty { name }),
            Some(Err(_)) => return Err(Refused::BrokenOff),
            Some(Ok(some)) if some.is_empty() => (),
            Some(Ok(some)) => break some,
        }
    };
    let bytes = stream::iter([Ok(first)]).chain(bytes);
    let file_id = files::begin(pool, now).await?;
    let stored = store(pool, file_id, name, bytes, limit).await;
    if stored.is_err()
        && let Err(error) = files::delete(pool, file_id).await
    {
        tracing::warn!(error = format!("{error:#}"), "an unfinished upload stays until the next sweep");
    }
    stored
}

async fn store<S, E>(pool: &PgPool, file_id: FileId, name: String, mut bytes: S, limit: u64) -> Result<Stored, Refused>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let (mut size, mut n, mut hash) = (0u64, 0i32, Sha256::new());
    let mut waiting = BytesMut::with_capacity(files::CHUNK_BYTES);
    let mut format = None;
    while let Some(some) = bytes.next().await {
        let mut some = some.map_err(|_| Refused::BrokenOff)?;
        size += some.len() as u64;
        if size > limit {
            return Err(Refused::TooBig { name, limit });
        }
        hash.update(&some);
        while !some.is_empty() {
            let room = files::CHUNK_BYTES - waiting.len();
            waiting.extend_from_slice(&some.split_to(room.min(some.len())));
            if waiting.len() == files::CHUNK_BYTES {
                format.get_or_insert_with(|| formats::detect(&waiting, &name));
                files::add_chunk(pool, file_id, n, &waiting).await?;
                n += 1;
                waiting.clear();
            }
        }
    }
    let format = format.unwrap_or_else(|| formats::detect(&waiting, &name));
    if !waiting.is_empty() {
        files::add_chunk(pool, file_id, n, &waiting).await?;
    }
    let sha256: [u8; 32] = hash.finalize().into();
    let stored = Stored { file_id, file_name: name, size, sha256, media_type: format.media_type, format_name: format.name };
    files::finish(pool, &stored).await?;
    Ok(stored)
}

/// An address that may be attached, or what is wrong with it, in words.
///
/// # Errors
/// Anything but http or https with a host.
pub fn link(typed: &str) -> Result<String, String> {
    let typed = typed.trim();
    match url::Url::parse(typed) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() && typed.len() <= 2_000 => Ok(url.into()),
        _ => Err(format!("\"{typed}\" is not a web address. Write it like https://example.org/file.pdf")),
    }
}

/// A size for people, in decimal units: "812 bytes", "412 kB", "1.4 MB", "25 MB".
pub fn size_words(bytes: u64) -> String {
    let tenths = |unit: u64| (bytes * 10 + unit / 2) / unit;
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..999_500 => format!("{} kB", (bytes + 500) / 1_000),
        _ => match tenths(1_000_000) {
            t if t % 10 == 0 || t >= 100 => format!("{} MB", (bytes + 500_000) / 1_000_000),
            t => format!("{}.{} MB", t / 10, t % 10),
        },
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_said_in_decimal_units() {
        let said = [0, 1, 812, 1_000, 412_345, 999_499, 999_500, 1_440_000, 25_000_000, 24_999_999].map(size_words);

        assert_eq!(said, ["0 bytes", "1 byte", "812 bytes", "1 kB", "412 kB", "999 kB", "1 MB", "1.4 MB", "25 MB", "25 MB"]);
    }

    #[test]
    fn a_link_is_http_or_https() {
        assert_eq!(link(" https://example.org/a b.pdf "), Ok("https://example.org/a%20b.pdf".to_owned()));
        for bad in ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "example.org", "", "https://", "https://me:pw@example.org/"] {
            assert!(link(bad).is_err(), "{bad}");
        }
    }
}

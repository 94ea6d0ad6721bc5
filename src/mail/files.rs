//! Files that go along with a mail: which, and their bytes when it leaves.

pub mod store;

use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::conversation::Fault;
use super::letter::{Enclosed, File};
use crate::config::Config;
use crate::ids::{FileId, MailId};

/// Last line of a text whose files the server did not take.
pub const TOO_LARGE_FOR_SERVER: &str = "The files were too large for the receiving server; the links above lead to them.";
/// Last line of a text whose files are more than what now may go along.
pub const TOO_LARGE_FOR_US: &str = "The files were too large to go along; the links above lead to them.";

/// A stored file that goes along with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedAttachment {
    /// Where its bytes are; they are read when the mail leaves.
    pub file_id: FileId,
    /// As it was sent to us, of any script.
    pub file_name: String,
    /// As detected: "application/pdf".
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// What of these goes along with a mail: all in their order, or none if together they are more than
/// `LIAISON_MAIL_FILES_BYTES`. The text names each with its link either way.
pub fn files_that_fit(config: &Config, files: &[MailedAttachment]) -> Vec<MailedAttachment> {
    let together = files.iter().fold(0u64, |sum, file| sum.saturating_add(file.size));
    if together <= config.mail_files_bytes { files.to_vec() } else { Vec::new() }
}

/// The bytes of all that is to go along with a mail; no more than `limit` of them are ever held. None are read for a
/// server that did not take them.
///
/// # Errors
/// A file is gone, withheld or not whole: the mail can't leave. Or the database's: later.
pub async fn enclosed(pool: &PgPool, mail_id: MailId, limit: u64, is_without_files: bool) -> Result<Enclosed, Fault> {
    let standing = store::of_mail(pool, mail_id).await.map_err(|error| unread(&error))?;
    if standing.iter().fold(0u64, |sum, file| sum.saturating_add(file.size)) > limit {
        return Ok(Enclosed::LeftBehind(TOO_LARGE_FOR_US));
    }
    if is_without_files {
        return Ok(Enclosed::LeftBehind(TOO_LARGE_FOR_SERVER));
    }
    for file in &standing {
        let name = shown(&file.file_name);
        if file.file_id.is_none() {
            return Err(Fault::Refused(format!("The file {name} was taken away, so the mail that it belongs to was not sent")));
        }
        if file.is_withheld {
            return Err(Fault::Refused(format!("The file {name} is withheld, so the mail that it belongs to was not sent")));
        }
    }
    let mut files = Vec::new();
    for file in standing {
        let bytes = bytes(pool, &file).await.map_err(|error| unread(&error))?;
        let Some(bytes) = bytes else {
            return Err(Fault::Refused(format!("Parts of the file {} are missing, so the mail was not sent", shown(&file.file_name))));
        };
        files.push(File { name: file.file_name, media_type: file.media_type, bytes });
    }
    Ok(Enclosed::Files(files))
}

/// All bytes of a file; none where they are not what was stored.
async fn bytes(pool: &PgPool, file: &store::Standing) -> sqlx::Result<Option<Vec<u8>>> {
    let (Some(file_id), true, Ok(size)) = (file.file_id, file.is_whole, usize::try_from(file.size)) else { return Ok(None) };
    let mut bytes = Vec::with_capacity(size);
    for n in 0.. {
        if bytes.len() >= size {
            break;
        }
        match store::chunk(pool, file_id, n).await? {
            Some(chunk) if !chunk.is_empty() && bytes.len() + chunk.len() <= size => bytes.extend_from_slice(&chunk),
            _ => return Ok(None),
        }
    }
    let is_same = Sha256::digest(&bytes).as_slice() == file.sha256;
    Ok(is_same.then_some(bytes))
}

fn unread(error: &sqlx::Error) -> Fault {
    tracing::warn!(error = format!("{error:#}"), "the files of a mail could not be read");
    Fault::Later("the files of the mail could not be read from the database".to_owned())
}

/// A name within a sentence.
fn shown(name: &str) -> String {
    format!("\u{201c}{name}\u{201d}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_go_along_or_none() {
        let mut config = Config::defaults().expect("a configuration");
        config.mail_files_bytes = 10;
        let file = |size| MailedAttachment { file_id: FileId(1), file_name: "a.pdf".to_owned(), media_type: "application/pdf".to_owned(), size };

        assert_eq!(files_that_fit(&config, &[file(4), file(6)]), [file(4), file(6)]);
        assert_eq!(files_that_fit(&config, &[file(4), file(7)]), []);
        assert_eq!(files_that_fit(&config, &[file(u64::MAX), file(u64::MAX)]), []);
        assert_eq!(files_that_fit(&config, &[]), []);
    }
}

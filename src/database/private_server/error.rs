//! What can stand in the way of a private server, in words for whoever started the program.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the private server could not be started, and what to do about it.
#[derive(Debug, Error)]
pub enum StartError {
    /// PostgreSQL's programs are not on this machine.
    #[error(
        "PostgreSQL is not installed here. On Debian: apt-get install postgresql. \
         Or name a server of your own in DATABASE_URL."
    )]
    NotInstalled,
    /// The data was written by a version of PostgreSQL that is no longer installed.
    #[error(
        "The data in {} is from PostgreSQL {version}, which is not installed. Install the package \
         postgresql-{version}, or move the data to the newer version with pg_upgrade.", .cluster.display()
    )]
    OtherVersion {
        /// The major version that made the data.
        version: u32,
        /// Where the data lies.
        cluster: PathBuf,
    },
    /// We are root, and there is no unprivileged user for PostgreSQL.
    #[error(
        "PostgreSQL does not run as root, and there is no user {user} to run it as. Debian's package postgresql \
         makes that user; or start the program as an unprivileged user."
    )]
    NoUser {
        /// The user that is missing.
        user: &'static str,
    },
    /// PostgreSQL's user may not enter the data folder.
    #[error(
        "PostgreSQL runs as the user {user}, who cannot reach {}. Name a folder that every user may pass through in \
         LIAISON_DATA_DIR, such as /var/lib/liaison-tracker.", .folder.display()
    )]
    Unreachable {
        /// The folder that can't be reached.
        folder: PathBuf,
        /// The user that PostgreSQL runs as.
        user: String,
    },
    /// No room for the data.
    #[error("The disk is full: PostgreSQL cannot write to {}. Make room and start again.", .folder.display())]
    DiskFull {
        /// Where there is no room.
        folder: PathBuf,
    },
    /// Another program has been starting or stopping the same server for minutes.
    #[error("Another program is still starting or stopping the PostgreSQL in {}. Try again later.", .folder.display())]
    Busy {
        /// Where the server's files are.
        folder: PathBuf,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{what}; its files are in {}. It said:\n{words}", .folder.display())]
    Failed {
        /// What did not happen.
        what: &'static str,
        /// What the program said.
        words: String,
        /// Where the server's files are.
        folder: PathBuf,
    },
    /// A folder or file could not be made, read or locked.
    #[error("Could not {doing}: {source}. Another folder can be named in LIAISON_DATA_DIR.")]
    Io {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The server runs, but does not answer as it should.
    #[error("The private PostgreSQL does not answer: {0}")]
    Connect(#[from] sqlx::Error),
}

impl StartError {
    pub(super) fn io(doing: &str, path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::StorageFull {
            return Self::DiskFull { folder: path.to_owned() };
        }
        Self::Io { doing: format!("{doing} {}", path.display()), source }
    }

    pub(super) fn failed(what: &'static str, words: &str, folder: &Path) -> Self {
        let folder = folder.to_owned();
        // "No space left on device", said in the language of LC_ALL=C
        if words.contains("No space left") {
            return Self::DiskFull { folder };
        }
        Self::Failed { what, words: words.to_owned(), folder }
    }
}

/// Why the private server could not be stopped, in the words of PostgreSQL or of the system.
#[derive(Debug, Error)]
#[error("PostgreSQL could not be stopped: {0}")]
pub struct StopError(pub(super) String);

//! A private PostgreSQL under the data folder, for whoever gives no `DATABASE_URL`.
//!
//! `DATA/database/` belongs to the user that PostgreSQL runs as, and holds `cluster/` (the data), `run/` (the
//! socket) and `server.log`. Beside it lie two lock files. `database.lock` is held while the server is being started
//! or stopped, so that never two start on one folder. Of `database.in-use.lock` every program that uses the server
//! holds a share: the last to leave stops the server. The system drops both locks when a program is killed; the server
//! then runs on, and the next program that starts takes it over.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

mod error;
mod place;
#[cfg(test)]
mod tests;

pub use error::{StartError, StopError};
use place::{Account, Place, hold, make_data_dir, open_lock, start_lock};

/// The database that the program keeps its tables in, and the name it signs in with.
const NAME: &str = "liaison";
/// How long another program may take to start or stop the server, and the server to repair itself after a crash.
const PATIENCE: Duration = Duration::from_mins(5);

/// How much a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed is lost.
    Safe,
    /// Everything may be lost; several times faster.
    ForTests,
}

impl Durability {
    fn settings(self) -> &'static str {
        match self {
            Self::Safe => "-c max_connections=100 -c shared_buffers=128MB",
            Self::ForTests => {
                "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
                 -c max_connections=300"
            }
        }
    }
}

/// A running private server, in use by this program until it is stopped or dropped.
#[derive(Debug)]
pub struct PrivateServer {
    place: Place,
    /// Our share of `database.in-use.lock`; gone once we have left.
    in_use: Option<File>,
}

/// Starts the private server of `data_dir`, or joins it where it runs already, and makes its database `liaison`.
///
/// `data_dir` is made if it is missing. Run this outside any `select!`: it ends in a few seconds, or minutes after a crash.
///
/// # Errors
/// Says in words for people what stands in the way, and what to do about it.
pub async fn start(data_dir: &Path, settings: Durability) -> Result<PrivateServer, StartError> {
    let server = PrivateServer::begin(data_dir, settings).await?;
    match server.make_database().await {
        // It was dying in the moment that we joined it.
        Err(StartError::Connect(_)) if !server.place.is_running() => {}
        made => return made.map(|()| server),
    }
    drop(server);
    let server = PrivateServer::begin(data_dir, settings).await?;
    server.make_database().await?;
    Ok(server)
}

impl PrivateServer {
    /// The address of one of the server's databases, for sqlx and for `psql` alike.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let folder = percent_encoded(self.place.socket_folder.as_os_str().as_bytes());
        let database = percent_encoded(database.as_bytes());
        // `localhost` is only there to make this a URL: the socket's folder overrules it.
        format!("postgres://{NAME}@localhost:5432/{database}?host={folder}")
    }

    /// Stops using the server, and stops it if no other program uses it. Open transactions are rolled back.
    ///
    /// # Errors
    /// If PostgreSQL can't be told to stop, or hasn't stopped after a minute.
    pub async fn stop(mut self) -> Result<(), StopError> {
        tokio::task::spawn_blocking(move || self.leave()).await.map_err(|died| StopError(died.to_string()))?
    }

    async fn begin(data_dir: &Path, settings: Durability) -> Result<Self, StartError> {
        let data_dir = data_dir.to_owned();
        tokio::task::spawn_blocking(move || Self::start(&data_dir, settings))
            .await
            .map_err(|died| StartError::Io { doing: "start PostgreSQL".into(), source: io::Error::other(died) })?
    }

    fn start(data_dir: &Path, settings: Durability) -> Result<Self, StartError> {
        let account = Account::of_server()?;
        let folder = make_data_dir(data_dir, &account).map_err(|e| StartError::io("make", data_dir, e))?.join("database");
        let _starting = hold(&start_lock(&folder)).map_err(|e| match e.kind() {
            io::ErrorKind::WouldBlock => StartError::Busy { folder: folder.clone() },
            _ => StartError::io("lock", &start_lock(&folder), e),
        })?;
        let place = Place::prepare(folder, account)?;
        place.make_cluster(settings)?;
        if !place.is_running() {
            place.clear_remains()?;
            place.start_server(settings)?;
        }
        let in_use = open_lock(&place.in_use_lock())
            .and_then(|file| file.lock_shared().map(|()| file))
            .map_err(|e| StartError::io("lock", &place.in_use_lock(), e))?;
        Ok(Self { place, in_use: Some(in_use) })
    }

    async fn make_database(&self) -> Result<(), StartError> {
        let begun = Instant::now();
        let mut connection = loop {
            match PgConnection::connect(&self.url("postgres")).await {
                Ok(connection) => break connection,
                // One that we join may still be starting.
                Err(_) if begun.elapsed() < PATIENCE && self.place.is_running() => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(e) => return Err(StartError::Connect(e)),
            }
        };
        let create = format!("CREATE DATABASE {NAME}");
        let made = sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await;
        match made {
            Ok(_) => {}
            // duplicate_database; or unique_violation, when another program makes it in this moment
            Err(sqlx::Error::Database(e)) if matches!(e.code().as_deref(), Some("42P04" | "23505")) => {}
            Err(e) => return Err(e.into()),
        }
        connection.close().await?;
        Ok(())
    }

    fn leave(&mut self) -> Result<(), StopError> {
        let Some(in_use) = self.in_use.take() else {
            return Ok(());
        };
        let _stopping = hold(&start_lock(&self.place.folder)).map_err(|e| StopError(e.to_string()))?;
        // A lock is changed by dropping it and taking another; nobody comes between while we hold `database.lock`.
        in_use.unlock().map_err(|e| StopError(e.to_string()))?;
        match in_use.try_lock() {
            Ok(()) if self.place.is_running() => self.place.stop_server(),
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(e)) => Err(StopError(e.to_string())),
        }
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if let Err(e) = self.leave() {
            tracing::warn!(error = %e, "the private PostgreSQL was not stopped");
        }
    }
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

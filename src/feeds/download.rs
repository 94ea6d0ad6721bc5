//! A list as a whole, written as it is read: memory stays bounded however long it is (performance.md P13).
//!
//! It is read in one transaction, so that it is of one moment, and that holds a connection: so only few are written at
//! once, and whoever stops reading is left behind.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use sqlx::PgConnection;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::Instrument;

use super::store;
use crate::App;
use crate::statements::store::list::{self, Filter, Listed, Reach};
use crate::web::error::Error;

/// As many are written at once.
pub const AT_ONCE: usize = 2;
/// Who takes nothing for so long has stopped reading.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// A download takes so long at most.
const LONGEST: Duration = Duration::from_secs(300);
/// Seconds after which one who came too early should ask again.
const LATER: u32 = 20;
/// Statements read and written in one go.
const ROWS: usize = 1_000;

/// Room for those that are written at once.
pub fn room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// How the rows are written.
pub trait Form: Send + 'static {
    /// What stands before them.
    fn head(&mut self) -> Vec<u8>;
    /// Some of them.
    ///
    /// # Errors
    /// They can't be written.
    fn rows(&mut self, rows: &[Listed]) -> anyhow::Result<Vec<u8>>;
    /// What stands behind them.
    fn tail(&mut self) -> Vec<u8>;
}

/// What the writer hands to the reader.
enum Piece {
    Written(Vec<u8>),
    /// Nothing follows: without it the rest is missing.
    End,
}

/// A place among those that download.
///
/// # Errors
/// There is none free.
fn permit(app: &App) -> Result<OwnedSemaphorePermit, Error> {
    Arc::clone(&app.downloads).try_acquire_owned().map_err(|_| {
        let words = format!("Others are just downloading a list. Try again in {LATER} seconds; the pages of the list are there meanwhile.");
        Error::Busy(LATER, words)
    })
}

/// All statements that match, in the list's order.
///
/// # Errors
/// Too many are being written; the database's, as far as they show before anything was promised.
pub async fn body(app: &App, filter: Filter, form: impl Form, patience: Duration) -> Result<Body, Error> {
    let permit = permit(app)?;
    let (sender, mut receiver) = channel(1);
    // in a task of its own: when a handler is cancelled its open transaction would go to the next request (sqlx issue 4393)
    tokio::spawn(write(app.clone(), filter, form, patience, sender, permit).in_current_span());
    let first = receiver.recv().await.ok_or_else(|| anyhow::anyhow!("a download ended before it began"))??;
    Ok(handed_on(first, receiver))
}

async fn write(app: App, filter: Filter, form: impl Form, patience: Duration, sender: Sender<anyhow::Result<Piece>>, permit: OwnedSemaphorePermit) {
    // however slowly it is read: meanwhile others wait, and the database keeps what changes
    let done = timeout(LONGEST, write_all(&app, &filter, form, patience, &sender)).await;
    if let Err(stop) = done.unwrap_or(Err(Stop::NobodyReads)) {
        match stop {
            Stop::NobodyReads => tracing::info!("a download was left: nobody reads it"),
            // whoever reads it logs it
            Stop::Failed(error) => drop(timeout(patience, sender.send(Err(error))).await),
        }
    }
    drop(permit);
}

enum Stop {
    NobodyReads,
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn write_all(app: &App, filter: &Filter, form: impl Form, patience: Duration, sender: &Sender<anyhow::Result<Piece>>) -> Result<(), Stop> {
    let mut transaction = crate::database::begin(&app.pool).await?;
    let done = write_rows(&mut transaction, filter, form, patience, sender).await;
    let _ = transaction.rollback().await;
    done?;
    hand_over(sender, Piece::End, patience).await
}

async fn write_rows(
    connection: &mut PgConnection,
    filter: &Filter,
    mut form: impl Form,
    patience: Duration,
    sender: &Sender<anyhow::Result<Piece>>,
) -> Result<(), Stop> {
    store::hold_still(&mut *connection, patience.as_secs() + 5).await?;
    let keys = list::keys(&mut *connection, filter, Reach::Whole).await?;
    let mut written = form.head();
    for keys in keys.chunks(ROWS) {
        let rows = store::listed(&mut *connection, keys).await?;
        written.append(&mut form.rows(&rows)?);
        hand_over(sender, Piece::Written(std::mem::take(&mut written)), patience).await?;
    }
    written.append(&mut form.tail());
    hand_over(sender, Piece::Written(written), patience).await
}

async fn hand_over(sender: &Sender<anyhow::Result<Piece>>, piece: Piece, patience: Duration) -> Result<(), Stop> {
    match timeout(patience, sender.send(Ok(piece))).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Stop::NobodyReads),
    }
}

/// What was written, to its end; where that does not come the answer breaks off, so that nobody takes the part for the whole.
fn handed_on(first: Piece, receiver: Receiver<anyhow::Result<Piece>>) -> Body {
    Body::from_stream(stream::unfold((Some(first), receiver, false), |(first, mut receiver, is_over)| async move {
        if is_over {
            return None;
        }
        let piece = match first {
            Some(piece) => Some(Ok(piece)),
            None => receiver.recv().await,
        };
        match piece {
            Some(Ok(Piece::Written(bytes))) => Some((Ok(Bytes::from(bytes)), (None, receiver, false))),
            Some(Ok(Piece::End)) => None,
            failed => {
                if let Some(Err(error)) = failed {
                    tracing::error!(error = format!("{error:#}"), "a download broke off");
                }
                Some((Err(std::io::Error::other("the list could not be written to its end")), (None, receiver, true)))
            }
        }
    }))
}

//! Changes take turns, so that those that wait for a lock never hold all connections: reading goes on.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::{PgConnection, PgPool, PgTransaction};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a change waits for its turn.
const PATIENCE: Duration = Duration::from_secs(1);

/// Turns for changes: three of four connections.
#[derive(Debug)]
pub struct Changes(Semaphore);

/// A transaction, rolled back unless it is committed.
#[derive(Debug)]
pub struct Changing<'a> {
    transaction: PgTransaction<'static>,
    _turn: SemaphorePermit<'a>,
}

impl Changes {
    /// The turns of a pool.
    pub fn of(pool: &PgPool) -> Self {
        let connections = pool.options().get_max_connections();
        Self(Semaphore::new((connections * 3 / 4).max(1) as usize))
    }

    /// Begins a transaction when there is a turn.
    ///
    /// # Errors
    /// No turn within a second, as if there were no connection; the database's.
    pub async fn begin(&self, pool: &PgPool) -> sqlx::Result<Changing<'_>> {
        let turn = tokio::time::timeout(PATIENCE, self.0.acquire()).await;
        let turn = turn.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok(Changing { transaction: super::begin(pool).await?, _turn: turn })
    }
}

impl Changing<'_> {
    /// Makes the change stay.
    ///
    /// # Errors
    /// The database's; whether it stays is not known then.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.transaction.commit().await
    }
}

impl Deref for Changing<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Changing<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

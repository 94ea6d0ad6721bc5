//! Liaison Tracker: liaison statements between standards organizations.
//!
//! What changes together lives together: `statements`, `organizations`, `people`, `mail` each hold their
//! words, rules, SQL (`store`) and pages. `web` is what every page shares, `permissions` says who may do
//! what to a statement, `api` and `feeds` tell programs what pages tell people, `commands` is the
//! command line, `worker` the background task, `checkup` what must hold whatever happened.
//! Directions: `pages` → `lifecycle` → `store`; only pages use `web`; rules (`checks`, `sign_offs`,
//! `contacts`, `permissions`, `mails`) are pure: no database, no clock.

use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use sqlx::PgPool;
use tokio::sync::{Notify, Semaphore};

pub mod api;
pub mod checkup;
pub mod clock;
pub mod commands;
pub mod config;
pub mod database;
pub mod dates;
pub mod demo;
pub mod desk;
pub mod feeds;
pub mod history;
pub mod home;
pub mod ids;
pub mod import;
pub mod mail;
pub mod organizations;
pub mod people;
pub mod permissions;
pub mod problems;
pub mod relationships;
pub mod reminders;
pub mod seldom;
pub mod statements;
pub mod telemetry;
pub mod unrecorded;
pub mod urls;
pub mod web;
pub mod worker;

use clock::Clock;
use config::Config;

/// What every handler and job is given: configuration, pool, clock, and the state of the service.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] leads to.
pub struct Inner {
    /// Configuration.
    pub config: Config,
    /// The pages' connections.
    pub pool: PgPool,
    /// The time.
    pub clock: Clock,
    /// Who may hash or wait for it: those at work and 20 more; whoever comes then is told to come later.
    pub hashing_queue: Semaphore,
    /// Room for lists that are downloaded as a whole.
    pub downloads: Arc<Semaphore>,
    /// How many places [`Inner::hashing_queue`] has.
    pub hashing_places: usize,
    /// What is counted for a monitoring system.
    pub metrics: telemetry::Metrics,
    /// Rung when mail was queued, so that it leaves at once.
    pub mail_queued: Notify,
    /// Turns of those who change something.
    pub changes: database::Changes,
    /// Whether there is room to save anything.
    pub disk: database::disk::Disk,
    /// When each background job was last seen at work.
    pub heartbeats: worker::Heartbeats,
    /// Whether mail leaves.
    pub mail_health: mail::health::Health,
    not_ready: RwLock<Option<String>>,
    installation: RwLock<Arc<Installation>>,
}

/// What this installation is.
#[derive(Debug, Clone, Default)]
pub struct Installation {
    /// Label of the home organization, such as "IETF".
    pub home_name: String,
    /// Whether nothing here is real.
    pub is_demonstration: bool,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// The service on a pool; not ready before [`App::set_ready`].
    pub fn new(config: Config, pool: PgPool, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self(Arc::new(Inner {
            changes: database::Changes::of(&pool),
            disk: database::disk::Disk::default(),
            heartbeats: worker::Heartbeats::default(),
            config,
            pool,
            clock,
            hashing_queue: Semaphore::new(cores + 20),
            downloads: feeds::download::room(),
            hashing_places: cores + 20,
            metrics: telemetry::Metrics::default(),
            mail_queued: Notify::new(),
            mail_health: mail::health::Health::default(),
            not_ready: RwLock::new(Some("starting".to_owned())),
            installation: RwLock::default(),
        }))
    }

    /// Begins a change, when it is its turn.
    ///
    /// # Errors
    /// No turn or no connection in time; the database's.
    pub async fn begin(&self) -> sqlx::Result<database::Changing<'_>> {
        self.changes.begin(&self.pool).await
    }

    /// Today in the configured zone.
    pub fn today(&self) -> NaiveDate {
        self.clock.today(self.config.time_zone)
    }

    /// Why pages can't be served yet, in a sentence; none: they can.
    pub fn not_ready(&self) -> Option<String> {
        self.not_ready.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes why pages can't be served yet.
    pub fn set_not_ready(&self, reason: String) {
        *self.not_ready.write().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    /// The schema stands: reads what this installation is, and serves.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_ready(&self) -> sqlx::Result<()> {
        let (home_name, is_demonstration) = database::installation(&self.pool).await?;
        *self.installation.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Installation { home_name, is_demonstration });
        *self.not_ready.write().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// What this installation is, as it was when the service became ready.
    pub fn installation(&self) -> Arc<Installation> {
        Arc::clone(&self.installation.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Random text from the system, URL-safe (base64url), of so many bytes of randomness.
///
/// # Errors
/// The system has none to give.
pub fn random_text(bytes: usize) -> anyhow::Result<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut random = vec![0u8; (bytes * 8).div_ceil(6)];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(random.iter().map(|byte| char::from(LETTERS[usize::from(byte & 63)])).collect())
}

//! The background task: a list of jobs, each with its period. Stops between two rows, never inside one.
//!
//! Every job runs by itself: one that fails or panics is logged and begun again, and holds nobody up.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::database::{self, disk};
use crate::mail;
use crate::people;
use crate::reminders;
use crate::statements;
use crate::unrecorded;

/// Connections of the background task: one listens, the others work. Pages have their own.
pub const CONNECTIONS: u32 = 4;
/// How soon a job that failed is tried again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long jobs may take to stop; longer than the last mail in hand.
const STOPPING: Duration = Duration::from_secs(22);

/// What a job is given.
#[derive(Clone)]
pub struct Context {
    /// The service.
    pub app: App,
    /// The background task's own connections.
    pub pool: PgPool,
    /// Says when to stop before the next row.
    pub stop: CancellationToken,
}

/// A job that was not seen at work for its rest and so long is stuck; longer than one mail can take.
const STUCK: TimeDelta = TimeDelta::minutes(10);

/// When each job was last seen at work.
#[derive(Debug, Default)]
pub struct Heartbeats(Mutex<BTreeMap<&'static str, Beat>>);

#[derive(Debug, Clone, Copy)]
struct Beat {
    at: DateTime<Utc>,
    rest: Duration,
}

impl Heartbeats {
    /// Notes that a job is at work, and how long it may rest.
    pub fn rests(&self, job: &'static str, rest: Duration, at: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job, Beat { at, rest });
    }

    /// Notes that a job is at work.
    pub fn beat(&self, job: &str, now: DateTime<Utc>) {
        if let Some(beat) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(job) {
            beat.at = now;
        }
    }

    /// All jobs, and when they were last seen.
    pub fn all(&self) -> Vec<(&'static str, DateTime<Utc>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(job, beat)| (*job, beat.at)).collect()
    }

    /// A job that is stuck, and since when.
    pub fn stuck(&self, now: DateTime<Utc>) -> Option<(&'static str, DateTime<Utc>)> {
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stuck = |beat: &Beat| (now - beat.at).to_std().is_ok_and(|silent| silent > beat.rest + STUCK.to_std().unwrap_or_default());
        beats.iter().find(|(_, beat)| is_stuck(beat)).map(|(job, beat)| (*job, beat.at))
    }
}

type Running = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// Something done again and again.
pub struct Job {
    /// For the log.
    pub name: &'static str,
    /// Rest between two runs.
    pub period: Duration,
    /// How many run beside each other.
    pub copies: usize,
    /// Whether queued mail ends the rest.
    pub woken_by_mail: bool,
    /// One run: until nothing is left to do, or the context says stop.
    pub run: fn(Context) -> Running,
}

/// Every job. A new one is a line here; what it does stands in its feature.
pub fn jobs() -> Vec<Job> {
    vec![
        Job {
            name: "mail",
            period: Duration::from_secs(30),
            copies: mail::deliver::CONNECTIONS,
            woken_by_mail: true,
            run: |context| Box::pin(async move { mail::deliver::drain(&context.app, &context.pool, &context.stop).await }),
        },
        Job {
            name: "reminders",
            period: Duration::from_secs(300),
            copies: 1,
            woken_by_mail: false,
            run: |context| Box::pin(async move { remind(&context).await }),
        },
        Job {
            name: "roles",
            period: Duration::from_secs(300),
            copies: 1,
            woken_by_mail: false,
            run: |context| Box::pin(async move { statements::leaving::pass_on(&context.app, &context.pool).await }),
        },
        Job {
            name: "documents",
            period: Duration::from_secs(60),
            copies: 1,
            woken_by_mail: false,
            run: |context| Box::pin(async move { find_documents(&context).await }),
        },
        Job {
            name: "tidy",
            period: Duration::from_secs(600),
            copies: 1,
            woken_by_mail: false,
            run: |context| Box::pin(async move { tidy(&context).await }),
        },
    ]
}

/// The running background task.
pub struct Worker {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Worker {
    /// Starts all jobs on their own pool of [`CONNECTIONS`]; they end when `stop` is cancelled.
    pub fn start(app: &App, pool: PgPool, stop: CancellationToken) -> Self {
        let context = Context { app: app.clone(), pool, stop: stop.clone() };
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(context.clone()));
        for job in jobs() {
            for _ in 0..job.copies.max(1) {
                let job = Job { ..job };
                tasks.spawn(repeat(job, context.clone()));
            }
        }
        Self { stop, tasks }
    }

    /// Stops: what is in hand is finished, within 20 seconds.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOPPING, all).await.is_err() {
            tracing::warn!("a background job did not stop in time and was ended");
        }
        self.tasks.shutdown().await;
    }
}

async fn repeat(job: Job, context: Context) {
    let mut said = String::new();
    while !context.stop.is_cancelled() {
        context.app.heartbeats.rests(job.name, job.period, context.app.clock.now());
        let rest = match AssertUnwindSafe((job.run)(context.clone())).catch_unwind().await {
            Ok(Ok(())) => {
                said.clear();
                job.period
            }
            Ok(Err(error)) => {
                if disk::is_full(&error) {
                    context.app.disk.is_full(context.app.clock.now());
                }
                let words = format!("{error:#}");
                // a connection made while the database was read-only would stay so
                let _ = database::probe(&context.pool).await;
                // once, not each 5 seconds of an outage
                if said != words {
                    tracing::error!(job = job.name, error = words, "a background job failed; it will be tried again");
                    said = words;
                }
                AFTER_FAILURE
            }
            Err(_) => {
                tracing::error!(job = job.name, "a background job panicked; it will be tried again");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
            () = context.app.mail_queued.notified(), if job.woken_by_mail && rest == job.period => {}
        }
    }
}

/// Passes on what other processes queue; while the database is away the period does.
async fn listen(context: Context) {
    let listening = async {
        loop {
            if let Ok(mut listener) = PgListener::connect_with(&context.pool).await
                && listener.listen("mail_queued").await.is_ok()
            {
                context.app.mail_queued.notify_one();
                while let Ok(Some(_)) = listener.try_recv().await {
                    context.app.mail_queued.notify_one();
                }
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    };
    tokio::select! { () = context.stop.cancelled() => {}, () = listening => {} }
}

/// Reminders of days that are due; each step once, whatever restarts (domain.md 8).
async fn remind(context: &Context) -> anyhow::Result<()> {
    // a pause that ends today does not hold today's step back
    statements::actions::tidy(&context.app, &context.pool).await?;
    let mut connection = context.pool.acquire().await?;
    let report = reminders::run::once(&context.app, &mut connection).await?;
    if !report.mails.is_empty() {
        tracing::info!(mails = report.mails.len(), day = ?report.day, "reminders written");
    }
    Ok(())
}

/// Posted ones that were never searched for the documents they cite, or changed since.
async fn find_documents(context: &Context) -> anyhow::Result<()> {
    while !context.stop.is_cancelled() && statements::store::documents::find_some(&context.pool, 20).await? > 0 {
        context.app.heartbeats.beat("documents", context.app.clock.now());
    }
    Ok(())
}

/// What has expired goes: sessions, links, texts with one-time links, files that nobody attached; pauses and what nobody noted end.
async fn tidy(context: &Context) -> anyhow::Result<()> {
    let now = context.app.clock.now();
    let mut connection = context.pool.acquire().await?;
    people::store::sessions::sweep(&mut connection, now).await?;
    statements::store::editing::sweep(&mut connection, now - TimeDelta::days(1)).await?;
    drop(connection);
    unrecorded::store::sweep(&context.pool, now - TimeDelta::days(1)).await?;
    let files = statements::store::files::sweep(&context.pool, now - TimeDelta::hours(1)).await?;
    let secrets = mail::outbox::erase_secrets(&context.pool, now).await?;
    tracing::debug!(files, secrets, "tidied");
    Ok(())
}

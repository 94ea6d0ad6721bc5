//! Sends what is due: takes a delivery in hand by a lease, talks to the mail server, notes what became of it.

use std::sync::Once;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use lettre::Address;
use sqlx::PgPool;
use tokio::sync::SemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::conversation::{Conversation, Fault};
use super::files;
use super::letter::{self, Enclosed};
use super::outbox::{self, Claim, Outcome};
use super::server::Server;
use crate::App;
use crate::ids::MailDeliveryId;

/// So many conversations with the mail server at once: a slow one must not hold up the others.
pub const CONNECTIONS: usize = 4;
/// How long a delivery stays taken after its holder was last heard of.
const LEASE: TimeDelta = TimeDelta::seconds(45);
const RENEW_EACH: Duration = Duration::from_secs(10);
/// Bounds one attempt, whatever the limits of its commands add up to.
const ATTEMPT: Duration = Duration::from_secs(360);
/// After a stop was asked for, how long the mail in hand may take.
const LAST_MAIL: Duration = Duration::from_secs(20);
/// After so long a mail is given up.
const PATIENCE: TimeDelta = TimeDelta::days(5);

/// Sends until nothing is due. Runs as often at once as there are to be conversations.
///
/// # Errors
/// The database's; what was in hand then is taken up again when its lease has run out.
pub async fn drain(app: &App, pool: &PgPool, stop: &CancellationToken) -> anyhow::Result<()> {
    outbox::park_lost(pool, app.clock.now()).await?;
    let Some(server) = server(app)? else {
        if outbox::record_due(pool, app.clock.now()).await? > 0 {
            static SAID: Once = Once::new();
            SAID.call_once(|| tracing::warn!("mail is recorded, not sent: LIAISON_SMTP_URL is not set"));
        }
        return Ok(());
    };
    if app.mail_health.begins() {
        // what waits for a server since before this process does not wait on
        outbox::hurry_after_outage(pool, app.clock.now()).await?;
    }
    let mut sender = Sender { app, pool, stop, server, holder: crate::random_text(9)?, conversation: None, turn: None };
    let done = sender.send_all().await;
    if let Some(conversation) = sender.conversation.take() {
        conversation.close().await;
    }
    done
}

/// Sends this one delivery now, for whoever waits for the answer. None: it was not to be had.
///
/// # Errors
/// The database's; no mail server is configured.
pub async fn send_now(app: &App, pool: &PgPool, id: MailDeliveryId) -> anyhow::Result<Option<Outcome>> {
    let stop = CancellationToken::new();
    let Some(server) = server(app)? else { anyhow::bail!("LIAISON_SMTP_URL is not set, so mail is recorded, not sent") };
    let mut sender = Sender { app, pool, stop: &stop, server, holder: crate::random_text(9)?, conversation: None, turn: None };
    let now = app.clock.now();
    let Some(mut claim) = outbox::claim(pool, &sender.holder, now, now + LEASE, Some(id)).await? else { return Ok(None) };
    let outcome = sender.deliver(&mut claim).await;
    sender.note(&claim, &outcome).await?;
    if let Some(conversation) = sender.conversation.take() {
        conversation.close().await;
    }
    Ok(Some(outcome))
}

fn server(app: &App) -> anyhow::Result<Option<Server>> {
    match &app.config.smtp_url {
        None => Ok(None),
        Some(url) => Server::parse(url).map(Some).map_err(|why| anyhow::anyhow!("LIAISON_SMTP_URL: {why}")),
    }
}

/// When the next attempt is due: after 1, 5, 15 and 60 minutes, then each hour.
fn next_attempt(now: DateTime<Utc>, attempts: i32) -> DateTime<Utc> {
    let minutes = match attempts {
        ..=1 => 1,
        2 => 5,
        3 => 15,
        _ => 60,
    };
    now + TimeDelta::minutes(minutes)
}

struct Sender<'a> {
    app: &'a App,
    pool: &'a PgPool,
    stop: &'a CancellationToken,
    server: Server,
    holder: String,
    conversation: Option<Conversation>,
    turn: Option<SemaphorePermit<'a>>,
}

impl Sender<'_> {
    async fn send_all(&mut self) -> anyhow::Result<()> {
        while !self.stop.is_cancelled() {
            let now = self.app.clock.now();
            self.app.heartbeats.beat("mail", now);
            if self.app.mail_health.is_paused(now) {
                return Ok(());
            }
            let Some(mut claim) = outbox::claim(self.pool, &self.holder, now, now + LEASE, None).await? else {
                if self.app.mail_health.trouble().is_some() && self.is_server_back().await {
                    continue;
                }
                return Ok(());
            };
            // where one was due another may be: the next conversation begins
            self.app.mail_queued.notify_one();
            if outbox::end_if_pointless(self.pool, &claim, now).await? {
                continue;
            }
            let outcome = self.deliver(&mut claim).await;
            let noted = self.note(&claim, &outcome).await;
            self.turn = None;
            noted?;
        }
        Ok(())
    }

    /// Looks whether the server is there again, so that nothing waits longer than its outage.
    async fn is_server_back(&mut self) -> bool {
        let begun = self.app.clock.now();
        let opened = Conversation::open(&self.server, self.app.config.host()).await;
        let now = self.app.clock.now();
        match opened {
            Ok(conversation) => {
                self.conversation = Some(conversation);
                self.app.mail_health.answered(now);
                outbox::hurry_after_outage(self.pool, now).await.is_ok()
            }
            Err(Fault::Credentials(words)) => {
                self.app.mail_health.refused_credentials(now, &words);
                false
            }
            Err(Fault::NoServer(words) | Fault::Later(words) | Fault::Stale(words) | Fault::Refused(words) | Fault::TooLarge(words)) => {
                self.app.mail_health.unreachable(begun, now, &words);
                false
            }
        }
    }

    /// One attempt, holding the lease meanwhile.
    async fn deliver(&mut self, claim: &mut Claim) -> Outcome {
        let (pool, stop, app, holder) = (self.pool, self.stop, self.app, self.holder.clone());
        let id = claim.delivery_id;
        let begun = app.clock.now();
        let ended = {
            let attempt = tokio::time::timeout(ATTEMPT, self.attempt(claim));
            tokio::pin!(attempt);
            let too_long = async {
                stop.cancelled().await;
                tokio::time::sleep(LAST_MAIL).await;
            };
            tokio::pin!(too_long);
            let mut renewal = tokio::time::interval(RENEW_EACH);
            renewal.tick().await;
            loop {
                tokio::select! {
                    ended = &mut attempt => break ended.unwrap_or_else(|_| Err(Fault::Later("the mail server was too slow".to_owned()))),
                    () = &mut too_long => break Err(Fault::Stale("the tracker was stopped".to_owned())),
                    _ = renewal.tick() => {
                        // a database that is away now may be back before the lease runs out
                        let _ = outbox::renew(pool, id, &holder, app.clock.now() + LEASE).await;
                    }
                }
            }
        };
        let now = app.clock.now();
        let later = |words: String, waits_for_server: bool| {
            if now - claim.queued_at >= PATIENCE {
                Outcome::Failed(format!("Given up after 5 days: {words}"))
            } else {
                Outcome::Later { at: next_attempt(now, claim.attempts), words, waits_for_server }
            }
        };
        match ended {
            Ok(words) => {
                app.mail_health.answered(now);
                Outcome::Accepted(words)
            }
            Err(fault) => {
                self.turn = None;
                let keeps = matches!(fault, Fault::Refused(_) | Fault::TooLarge(_) | Fault::Later(_)) && !stop.is_cancelled();
                let goes_on = match &mut self.conversation {
                    Some(conversation) if keeps => conversation.begin_anew().await,
                    _ => false,
                };
                if !goes_on {
                    self.conversation = None;
                }
                match fault {
                    Fault::Refused(words) | Fault::TooLarge(words) => Outcome::Failed(words),
                    Fault::Later(words) | Fault::Stale(words) => later(words, false),
                    Fault::NoServer(words) => {
                        app.mail_health.unreachable(begun, now, &words);
                        later(words, true)
                    }
                    Fault::Credentials(words) => {
                        app.mail_health.refused_credentials(now, &words);
                        Outcome::GivenBack(words)
                    }
                }
            }
        }
    }

    async fn attempt(&mut self, claim: &mut Claim) -> Result<String, Fault> {
        let config = &self.app.config;
        let to = letter::envelope_address(&claim.recipient).map_err(Fault::Refused)?;
        let from = letter::envelope_address(config.mail_envelope_from.as_deref().unwrap_or(&claim.stored.from)).map_err(Fault::Refused)?;
        let (to, meant_for) = match &config.mail_all_to {
            Some(address) => (letter::envelope_address(address).map_err(Fault::Refused)?, Some(claim.recipient.as_str())),
            None => (to, None),
        };
        let enclosed = if claim.has_files {
            files::enclosed(self.pool, claim.mail_id, config.mail_files_bytes, claim.is_without_files).await?
        } else {
            Enclosed::Nothing
        };
        claim.is_without_files = matches!(enclosed, Enclosed::LeftBehind(_));
        let has_files = matches!(enclosed, Enclosed::Files(_));
        let content = letter::write(&claim.stored, enclosed, config.host(), meant_for).map_err(Fault::Refused)?;
        match self.send(&from, &to, &content, has_files).await {
            Err(Fault::TooLarge(_)) if has_files => {}
            ended => return ended,
        }
        // its text names each file with its link, so that nothing is lost
        claim.is_without_files = true;
        let left_behind = Enclosed::LeftBehind(files::TOO_LARGE_FOR_SERVER);
        let content = letter::write(&claim.stored, left_behind, config.host(), meant_for).map_err(Fault::Refused)?;
        self.turn = None;
        if let Some(conversation) = &mut self.conversation
            && !conversation.begin_anew().await
        {
            self.conversation = None;
        }
        self.send(&from, &to, &content, false).await
    }

    /// Hands a mail over by the conversation that is open, or by a new one; a large one says its size first.
    async fn send(&mut self, from: &Address, to: &Address, content: &[u8], is_large: bool) -> Result<String, Fault> {
        let size = is_large.then_some(content.len());
        if let Some(conversation) = &mut self.conversation {
            match conversation.begin(from, to, size).await {
                Ok(()) => return self.hand_over(content).await,
                // closed while it was idle: nothing was begun, so a new one is tried at once
                Err(Fault::Stale(_)) => self.conversation = None,
                Err(fault) => return Err(fault),
            }
        }
        let opened = Conversation::open(&self.server, self.app.config.host()).await?;
        if self.app.mail_health.answered(self.app.clock.now()) {
            // a failure here costs them a longer wait only
            let _ = outbox::hurry_after_outage(self.pool, self.app.clock.now()).await;
        }
        let conversation = self.conversation.insert(opened);
        conversation.begin(from, to, size).await?;
        self.hand_over(content).await
    }

    /// The text of the mail that was begun, in its turn; the turn ends when the outcome is noted.
    async fn hand_over(&mut self, content: &[u8]) -> Result<String, Fault> {
        let Some(conversation) = &mut self.conversation else { return Err(Fault::Stale("no conversation was begun".to_owned())) };
        self.turn = self.app.mail_health.turn().await;
        let begun = Instant::now();
        let ended = conversation.finish(content).await;
        self.app.mail_health.took(begun.elapsed());
        ended
    }

    /// Notes the outcome; a database that is away is asked again while the lease lasts, so that nobody gets it twice.
    async fn note(&self, claim: &Claim, outcome: &Outcome) -> anyhow::Result<()> {
        let mut tries = 0;
        loop {
            match outbox::mark(self.pool, claim, &self.holder, self.app.clock.now(), outcome).await {
                Ok(was_ours) => {
                    let id = claim.delivery_id;
                    match outcome {
                        Outcome::Accepted(_) => tracing::info!(delivery = id.0, attempts = claim.attempts, was_ours, "mail accepted by the server"),
                        Outcome::Failed(_) => tracing::warn!(delivery = id.0, attempts = claim.attempts, "mail failed for one recipient"),
                        Outcome::Later { at, .. } => {
                            tracing::info!(delivery = id.0, attempts = claim.attempts, again = %at, "mail will be tried again")
                        }
                        Outcome::GivenBack(_) => {}
                    }
                    return Ok(());
                }
                Err(error) if tries >= 30 => return Err(error.into()),
                Err(_) => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}

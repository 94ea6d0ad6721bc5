//! Whether mail leaves: what the worker saw last, for `/readyz`, the banner and the log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long nothing is sent after the server could not be reached.
const PAUSE_UNREACHABLE: TimeDelta = TimeDelta::seconds(30);
/// How long nothing is sent after user or password were refused: trying faster would only lock the account.
const PAUSE_CREDENTIALS: TimeDelta = TimeDelta::minutes(5);
/// A server that takes a text faster than this is fast: taking turns costs little then.
const FAST: Duration = Duration::from_millis(5);
/// How long a turn is waited for; whoever holds it needs a fast server and one commit.
const TURN: Duration = Duration::from_secs(1);

/// Why mail is not being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: DateTime<Utc>,
    /// The server's words, or what became of the connection.
    pub words: String,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    paused_until: Option<DateTime<Utc>>,
    last_answer: Option<DateTime<Utc>>,
    /// How long the server takes to answer to a text, smoothed.
    taking: Option<Duration>,
}

/// What the worker knows of the mail server; one a process.
#[derive(Debug)]
pub struct Health {
    state: RwLock<State>,
    /// Held from the text until the outcome is noted.
    handing_over: Semaphore,
    has_begun: AtomicBool,
}

impl Default for Health {
    fn default() -> Self {
        Self { state: RwLock::default(), handing_over: Semaphore::new(1), has_begun: AtomicBool::new(false) }
    }
}

impl Health {
    /// Why mail is not being sent; none: it is.
    pub fn trouble(&self) -> Option<Trouble> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// The turn to hand a text over, to be held until the outcome is noted; none: nobody waits for another's.
    ///
    /// A mail whose end was not noted is sent twice. With one at a time in that state, the end of the process costs one
    /// repeat. With a slow server turns would cost most of its connections' use, so there all go at once.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let is_fast = self.state.read().unwrap_or_else(PoisonError::into_inner).taking.is_some_and(|taking| taking < FAST);
        if !is_fast {
            return None;
        }
        match tokio::time::timeout(TURN, self.handing_over.acquire()).await {
            Ok(turn) => turn.ok(),
            Err(_) => {
                // not fast any more, and whoever finds that out next should not wait as long
                self.took(TURN);
                None
            }
        }
    }

    /// The server took a text, or did not, within this time.
    pub fn took(&self, time: Duration) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.taking = Some(state.taking.map_or(time, |before| (before * 3 + time) / 4));
    }

    /// Whether this is the first time that this process is about to send.
    pub fn begins(&self) -> bool {
        !self.has_begun.swap(true, Ordering::Relaxed)
    }

    /// Whether nothing is to be tried now.
    pub fn is_paused(&self, now: DateTime<Utc>) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        // a clock that was set back must not hold the mail for long
        state.paused_until.is_some_and(|until| now < until && until - now <= PAUSE_CREDENTIALS)
    }

    /// Whether there was trouble that ends now, with a server that answers.
    pub fn answered(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.last_answer = Some(now);
        state.paused_until = None;
        let ended = state.trouble.take();
        if let Some(trouble) = &ended {
            tracing::info!(since = %trouble.since, "mail is being sent again");
        }
        ended.is_some()
    }

    /// No server at the other end of an attempt begun at `begun`; no matter if another connection had answers since.
    pub fn unreachable(&self, begun: DateTime<Utc>, now: DateTime<Utc>, words: &str) {
        let answered_since = self.state.read().unwrap_or_else(PoisonError::into_inner).last_answer.is_some_and(|at| at >= begun);
        if !answered_since {
            self.note(now, words, PAUSE_UNREACHABLE);
        }
    }

    /// User or password were refused: nothing is sent until they are right.
    pub fn refused_credentials(&self, now: DateTime<Utc>, words: &str) {
        self.note(now, words, PAUSE_CREDENTIALS);
    }

    fn note(&self, now: DateTime<Utc>, words: &str, pause: TimeDelta) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let since = state.trouble.as_ref().map_or(now, |trouble| trouble.since);
        let trouble = Trouble { since, words: words.to_owned() };
        if state.trouble.as_ref() != Some(&trouble) {
            tracing::error!(%since, words, "mail is not being sent");
        }
        state.trouble = Some(trouble);
        state.paused_until = Some(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_are_taken_with_a_fast_server_only() {
        let health = Health::default();
        assert!(health.turn().await.is_none());

        health.took(Duration::from_millis(1));
        let first = health.turn().await;
        assert!(first.is_some());
        assert!(health.turn().await.is_none());
        drop(first);

        // it was waited for in vain: the server is not fast
        assert!(health.turn().await.is_none());
        for _ in 0..40 {
            health.took(Duration::from_millis(1));
        }
        assert!(health.turn().await.is_some());
    }
}

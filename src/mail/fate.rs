//! What became of a mail, recipient by recipient, in words. Pure.
//!
//! *Accepted* is not *delivered*, and is not called so (domain.md 7).

use chrono::{DateTime, Utc};

use crate::ids::{MailDeliveryId, MailId};

/// One mail about a statement, with what became of it for each recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// The mail.
    pub mail_id: MailId,
    /// "incoming-posted", "check-asked" …
    pub event: String,
    /// Its subject.
    pub subject: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// One a recipient, in the order in which they were named.
    pub deliveries: Vec<DeliveryFate>,
}

impl Fate {
    /// "20 Feb 2026 14:02 UTC".
    pub fn made(&self) -> String {
        moment(self.made_at)
    }
}

/// What became of a mail for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFate {
    /// The delivery.
    pub id: MailDeliveryId,
    /// The address.
    pub recipient: String,
    /// As whom they got it.
    pub why: String,
    /// What became of it, in a sentence without its end.
    pub words: String,
    /// Class of the style sheet for `words`: `late` for what failed, else empty.
    pub tone: &'static str,
    /// Whether it ended, and its text is still there.
    pub can_send_again: bool,
    /// Whether it failed, so that somebody should see to it.
    pub has_failed: bool,
    /// When it ended, in microseconds; the button sends it along, so that it repeats this end and no other.
    pub ended: i64,
}

/// A delivery as the outbox keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// `queued`, `accepted`, `failed`, `recorded`, `cancelled`.
    pub state: &'a str,
    /// Attempts so far.
    pub attempts: i32,
    /// When it is tried next, while it is queued.
    pub next_attempt_at: DateTime<Utc>,
    /// Until when somebody is sending it.
    pub leased_until: Option<DateTime<Utc>>,
    /// The server's words at the last attempt.
    pub server_words: &'a str,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Its files were left behind, because they were too large.
    pub is_without_files: bool,
}

impl Standing<'_> {
    /// In words.
    pub fn words(&self, now: DateTime<Utc>) -> String {
        let ended = self.ended_at.map(moment).unwrap_or_default();
        let said = if self.server_words.is_empty() { String::new() } else { format!(": {}", self.server_words) };
        match self.state {
            "accepted" if self.is_without_files => format!("Accepted by the mail server {ended}, without the files, which were too large"),
            "accepted" => format!("Accepted by the mail server {ended}"),
            // a refusal is the server's, anything else is ours
            "failed" if self.server_words.starts_with('5') => format!("Refused{said}"),
            "failed" => format!("Failed{said}"),
            "recorded" => "Recorded, not sent".to_owned(),
            "cancelled" => format!("Given up {ended}{said}"),
            _ if self.leased_until.is_some_and(|until| until > now) => "Being sent".to_owned(),
            _ if self.server_words.is_empty() => "Waiting to be sent".to_owned(),
            _ => format!("Will be tried again {}{said}", at(self.next_attempt_at, now)),
        }
    }

    /// Class of the style sheet.
    pub fn tone(&self) -> &'static str {
        if self.state == "failed" { "late" } else { "" }
    }

    /// When it ended, in microseconds; 0: it has not.
    pub fn ended(&self) -> i64 {
        self.ended_at.map_or(0, |at| at.timestamp_micros())
    }

    /// Whether it ended in a way that can be repeated.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, "accepted" | "failed" | "recorded")
    }
}

/// "20 Feb 2026 14:02 UTC".
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y %H:%M UTC").to_string()
}

/// "at 14:20 UTC" of today, else with the day.
fn at(when: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if when <= now {
        "now".to_owned()
    } else if when.date_naive() == now.date_naive() {
        when.format("at %H:%M UTC").to_string()
    } else {
        moment(when)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn each_fate_has_its_words() {
        let now = Utc.with_ymd_and_hms(2026, 2, 20, 14, 3, 0).single().unwrap_or_default();
        let queued = Standing {
            state: "queued",
            attempts: 0,
            next_attempt_at: now,
            leased_until: None,
            server_words: "",
            ended_at: None,
            is_without_files: false,
        };
        let words = |standing: Standing<'_>| standing.words(now);

        assert_eq!(words(queued.clone()), "Waiting to be sent");
        assert_eq!(
            words(Standing { state: "accepted", ended_at: Some(now), server_words: "250 ok", ..queued.clone() }),
            "Accepted by the mail server 20 Feb 2026 14:03 UTC"
        );
        assert_eq!(
            words(Standing { state: "accepted", ended_at: Some(now), is_without_files: true, ..queued.clone() }),
            "Accepted by the mail server 20 Feb 2026 14:03 UTC, without the files, which were too large"
        );
        assert_eq!(
            words(Standing { state: "failed", ended_at: Some(now), server_words: "550 user unknown", ..queued.clone() }),
            "Refused: 550 user unknown"
        );
        assert_eq!(words(Standing { state: "recorded", ended_at: Some(now), ..queued.clone() }), "Recorded, not sent");
        let later = now + chrono::TimeDelta::minutes(17);
        assert_eq!(
            words(Standing { next_attempt_at: later, server_words: "451 try later", ..queued }),
            "Will be tried again at 14:20 UTC: 451 try later"
        );
    }
}

//! Where a statement stands, in words (pages.md, *Status sentences*): what is asked, by when, who has it.
//!
//! Pure: the store reads the facts, pages show the words. Late is said to role-holders only; the public reads
//! that a reply was asked for. Who has an action is a group's role to the public, a name to role-holders (domain.md 2).

mod facts;

use chrono::NaiveDate;

use super::{Direction, Handling, Purpose};
use crate::dates::{distance, long_date, weekday_date};
pub use facts::{Action, Due, Facts, Remark, Reply, awaits_deadline, deadline};

/// How a state is coloured; `as_str` is the class of the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Somebody has to do something.
    NeedsAction,
    /// The day is past.
    Late,
    /// Somebody is at it.
    InReview,
    /// Nothing waits.
    Plain,
}

impl Tone {
    /// The class of the style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeedsAction => "needs-action",
            Self::Late => "late",
            Self::InReview => "in-review",
            Self::Plain => "plain",
        }
    }
}

/// Who reads the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Reads roles instead of names, and never "late".
    Public,
    /// Whoever holds a role today.
    RoleHolder,
}

/// Where it stands, in finished words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its colour.
    pub tone: Tone,
    /// The beginning, in bold.
    pub strong: String,
    /// What follows at once, with its own blank or sign in front.
    pub rest: String,
    /// For a list's row: "Action needed".
    pub short: String,
    /// Second line of a row: "With the chairs of NMOP"; may be empty.
    pub with: String,
}

impl Status {
    fn new(tone: Tone, strong: &str, rest: impl Into<String>, short: impl Into<String>, with: impl Into<String>) -> Self {
        Self { tone, strong: strong.to_owned(), rest: rest.into(), short: short.into(), with: with.into() }
    }

    /// The whole sentence as plain text.
    pub fn sentence(&self) -> String {
        format!("{}{}", self.strong, self.rest)
    }
}

/// Who sees to it by office: "chairs of NMOP", "Area Directors of OPS", "IETF Chair" (domain.md 1, *chairs of a group*).
pub fn office(group_kind: &str, group_label: &str) -> String {
    match group_kind {
        "area" => format!("Area Directors of {group_label}"),
        "organization" => format!("{group_label} Chair"),
        "iesg" => "IETF Chair".to_owned(),
        "iab" => "IAB Chair".to_owned(),
        "irtf" => "IRTF Chair".to_owned(),
        _ => format!("chairs of {group_label}"),
    }
}

/// Where a posted statement stands.
pub fn status(facts: &Facts, reader: Reader, today: NaiveDate) -> Status {
    let words = Words { facts, reader, today };
    if facts.actions.is_empty() {
        return words.without_actions();
    }
    let mut buckets: Vec<Bucket<'_>> = Vec::new();
    for action in &facts.actions {
        match buckets.iter_mut().find(|bucket| bucket.holds(action)) {
            Some(bucket) => bucket.0.push(action),
            None => buckets.push(Bucket(vec![action])),
        }
    }
    buckets.sort_by_key(|bucket| words.urgency(bucket.first()));
    if let Some(redirected) = words.redirected(&buckets) {
        return redirected;
    }
    match buckets.as_slice() {
        [only] => words.alone(only),
        [first, rest @ ..] => words.several(first, rest),
        [] => words.without_actions(),
    }
}

/// Actions that one clause can speak of.
struct Bucket<'a>(Vec<&'a Action>);

impl Bucket<'_> {
    fn first(&self) -> &Action {
        self.0[0]
    }

    fn holds(&self, action: &Action) -> bool {
        let first = self.first();
        let both_inform = first.purpose == Purpose::ForInformation && action.purpose == Purpose::ForInformation;
        let informed = |handling| matches!(handling, Handling::Open | Handling::Noted | Handling::NoActionRecorded);
        let both_replaced = first.handling == Handling::Replaced && action.handling == Handling::Replaced && first.closed_on == action.closed_on;
        both_replaced
            || (both_inform && informed(first.handling) && informed(action.handling))
            || (first.purpose == action.purpose
                && first.handling == action.handling
                && first.due == action.due
                && first.assignee == action.assignee
                && first.closed_on == action.closed_on
                && first.remark == action.remark)
    }

    fn labels(&self) -> String {
        join(self.0.iter().map(|action| action.group_label.clone()))
    }

    fn noted(&self) -> usize {
        self.0.iter().filter(|action| action.handling == Handling::Noted).count()
    }
}

/// "a", "a and b", "a, b and c".
fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

struct Words<'a> {
    facts: &'a Facts,
    reader: Reader,
    today: NaiveDate,
}

impl Words<'_> {
    fn without_actions(&self) -> Status {
        if let Some((_, day)) = self.facts.replaced_by {
            let on = day.map_or(String::new(), |day| format!(" on {}", long_date(day)));
            let by = self.replaced_by();
            return Status::new(Tone::Plain, "Replaced", format!("{by}{on}."), "Replaced", by.trim_start());
        }
        match (self.facts.direction, self.facts.purpose) {
            (_, Some(Purpose::InResponse)) => self.answers(),
            (_, Some(Purpose::ForInformation)) => Status::new(Tone::Plain, "For information.", " No reply expected.", "No reply expected", ""),
            (Direction::BetweenOthers, _) => Status::new(Tone::Plain, "Between others.", " Nothing is asked of us.", "Between others", ""),
            _ => self.unknown(),
        }
    }

    fn answers(&self) -> Status {
        let what = match self.facts.answers.as_slice() {
            [] => "an earlier statement".to_owned(),
            [one] => format!("Statement {one}"),
            many => format!("Statements {}", join(many.iter().map(i32::to_string))),
        };
        Status::new(Tone::Plain, "Answers", format!(" {what}. No reply expected."), "No reply expected", format!("Answers {what}"))
    }

    fn unknown(&self) -> Status {
        use chrono::Datelike;
        let made_year = self.facts.made_on.year();
        let when = match self.facts.posted_on {
            Some(day) if day.year() < made_year => format!(" before {made_year}"),
            Some(day) => format!(" on {}", long_date(day)),
            None => " elsewhere".to_owned(),
        };
        Status::new(Tone::Plain, "Recorded", format!("{when}; whether it was handled is not known."), "Not known", "")
    }

    fn is_past(&self, action: &Action) -> bool {
        action.due.is_some_and(|due| due.day < self.today)
    }

    fn urgency(&self, action: &Action) -> (u8, Option<Due>) {
        let rank = match action.handling {
            _ if action.purpose == Purpose::ForInformation && action.is_open() => 4,
            Handling::Open | Handling::InProgress if self.is_past(action) => 0,
            Handling::Open => 1,
            Handling::InProgress => 2,
            Handling::Waiting | Handling::Awaited => 3,
            Handling::Noted | Handling::NoActionRecorded => 4,
            Handling::Unknown => 6,
            _ => 5,
        };
        (rank, action.due)
    }

    /// "Saturday 14 March 2026 (in 16 days)".
    fn day(&self, due: Due) -> String {
        format!("{} ({})", weekday_date(due.day), distance(self.today, due.day))
    }

    fn holder(&self, bucket: &Bucket<'_>) -> String {
        let named = self.reader == Reader::RoleHolder && !bucket.first().assignee.is_empty();
        if named { bucket.first().assignee.clone() } else { format!("the {}", Self::offices(bucket)) }
    }

    /// "chairs of A and B" where all have chairs, else each by itself.
    fn offices(bucket: &Bucket<'_>) -> String {
        let has_chairs = |action: &&Action| office(&action.group_kind, "").starts_with("chairs");
        if bucket.0.iter().all(has_chairs) {
            format!("chairs of {}", bucket.labels())
        } else {
            join(bucket.0.iter().map(|action| office(&action.group_kind, &action.group_label)))
        }
    }

    /// "With C. Chair", or that nobody has it.
    fn with(&self, bucket: &Bucket<'_>) -> String {
        if bucket.first().assignee.is_empty() {
            format!("Nobody has taken it yet ({})", Self::offices(bucket))
        } else {
            format!("With {}", self.holder(bucket))
        }
    }

    /// The words where all addressees stand alike.
    fn alone(&self, bucket: &Bucket<'_>) -> Status {
        let action = bucket.first();
        if action.purpose == Purpose::ForInformation && matches!(action.handling, Handling::Open | Handling::Noted | Handling::NoActionRecorded) {
            return self.informed(bucket);
        }
        match action.handling {
            Handling::Open | Handling::InProgress => self.wanted(bucket),
            Handling::Waiting => self.waiting(bucket),
            Handling::Awaited => self.awaited(bucket),
            _ => self.ended(bucket),
        }
    }

    fn waiting(&self, bucket: &Bucket<'_>) -> Status {
        let remark = &bucket.first().remark;
        let since = remark.paused_on.map_or(String::new(), |day| format!(" since {}", long_date(day)));
        let until = remark.resumes_on.map_or(String::new(), |day| format!(" Resumes {}.", long_date(day)));
        let rest = format!("{since}{}.{until}", remark.quoted());
        Status::new(Tone::Plain, "Waiting for the peer", rest, "Waiting for the peer", self.with(bucket))
    }

    fn wanted(&self, bucket: &Bucket<'_>) -> Status {
        let action = bucket.first();
        let with = self.with(bucket);
        let is_begun = action.handling == Handling::InProgress;
        let Some(due) = action.due else {
            return if is_begun && self.facts.preliminary.is_some() {
                Status::new(Tone::InReview, "In progress", self.preliminary(), "In progress", with)
            } else if is_begun {
                Status::new(Tone::InReview, "In progress", format!(", with {}.", self.holder(bucket)), "In progress", with)
            } else {
                Status::new(Tone::NeedsAction, "Action needed.", format!(" {with}."), "Action needed", with)
            };
        };
        let days_late = (self.today - due.day).num_days();
        if days_late > 0 {
            return match self.reader {
                Reader::RoleHolder => {
                    let (strong, verb) = if days_late > 7 { ("Long overdue", "due") } else { ("Late", "a reply was due") };
                    let rest = format!(": {verb} {}, {}. {with}.", weekday_date(due.day), distance(self.today, due.day));
                    let days = if days_late == 1 { "1 day".to_owned() } else { format!("{days_late} days") };
                    Status::new(Tone::Late, strong, rest, format!("{strong}, {days}"), with)
                }
                Reader::Public if due.is_ours => {
                    let rest = format!("; the letter names no day, we aimed to answer by {}; none recorded yet.", weekday_date(due.day));
                    Status::new(Tone::NeedsAction, "Action needed", rest, "Action needed", with)
                }
                Reader::Public => {
                    let rest = format!(" by {}; none recorded yet.", weekday_date(due.day));
                    Status::new(Tone::NeedsAction, "Reply asked for", rest, "Reply asked for", with)
                }
            };
        }
        match (is_begun, due.is_ours) {
            (true, _) if self.facts.preliminary.is_some() => {
                let rest = format!("{} The final one is due {}.", self.preliminary(), self.day(due));
                Status::new(Tone::InReview, "In progress", rest, "In progress", with)
            }
            (true, _) => {
                let rest = format!(", with {}. Reply due {}.", self.holder(bucket), self.day(due));
                Status::new(Tone::InReview, "In progress", rest, "In progress", with)
            }
            (false, true) => {
                let rest = format!("; the letter names no day, we aim to answer by {}. {with}.", self.day(due));
                Status::new(Tone::NeedsAction, "Action needed", rest, "Action needed", with)
            }
            (false, false) => Status::new(Tone::NeedsAction, "Action needed", format!(" by {}. {with}.", self.day(due)), "Action needed", with),
        }
    }

    fn informed(&self, bucket: &Bucket<'_>) -> Status {
        let action = bucket.first();
        let alike = bucket.0.iter().all(|other| other.handling == action.handling && other.closed_on == action.closed_on);
        match action.handling {
            Handling::Noted if alike => {
                let rest = format!(" by {}{}. No reply expected.", bucket.labels(), on(action.closed_on));
                Status::new(Tone::Plain, "Noted", rest, "Noted", format!("by {}", bucket.labels()))
            }
            Handling::NoActionRecorded if alike => {
                Status::new(Tone::Plain, "No action recorded", format!(" by {}.", bucket.labels()), "No action recorded", "")
            }
            _ => {
                let noted = if bucket.noted() > 0 { format!("Noted by {} of {}", bucket.noted(), bucket.0.len()) } else { String::new() };
                let rest = if noted.is_empty() { " No reply expected.".to_owned() } else { format!(" No reply expected. {noted}.") };
                Status::new(Tone::Plain, "For information.", rest, "No reply expected", noted)
            }
        }
    }

    fn awaited(&self, bucket: &Bucket<'_>) -> Status {
        let sent = self.facts.posted_on.map_or(String::new(), |day| format!(" {}", long_date(day)));
        let peers = bucket.labels();
        match bucket.first().due {
            Some(due) if due.day < self.today => {
                let rest = format!("{sent}. We asked {peers} to act by {}; no answer recorded yet.", weekday_date(due.day));
                Status::new(Tone::Plain, "Sent", rest, "No answer recorded yet", format!("We asked {peers}"))
            }
            Some(due) => {
                let rest = format!("{sent}. We asked {peers} to act by {}.", self.day(due));
                Status::new(Tone::Plain, "Sent", rest, "Sent", format!("We asked {peers}"))
            }
            None => Status::new(Tone::Plain, "Sent", format!("{sent}. We asked {peers} to act."), "Sent", format!("We asked {peers}")),
        }
    }

    /// Where all that is not redirected waits with the groups it was redirected to.
    fn redirected(&self, buckets: &[Bucket<'_>]) -> Option<Status> {
        let is_redirected = |bucket: &&Bucket<'_>| bucket.first().handling == Handling::Redirected;
        let mut left = buckets.iter().filter(is_redirected);
        let (from, waiting) = (left.next()?, buckets.iter().find(|bucket| !is_redirected(bucket))?);
        let action = waiting.first();
        let is_wanted = action.purpose == Purpose::ForAction && matches!(action.handling, Handling::Open | Handling::InProgress);
        let is_there = !from.first().remark.redirected_to.is_empty() && from.first().remark.redirected_to == waiting.labels();
        if buckets.len() != 2 || !is_wanted || !is_there {
            return None;
        }
        let lead = self.alone(waiting);
        let due = match action.due {
            None => String::new(),
            Some(due) if self.is_past(action) && self.reader == Reader::RoleHolder => {
                format!(" {}: due {}, {}.", lead.strong, weekday_date(due.day), distance(self.today, due.day))
            }
            Some(due) if self.is_past(action) => format!(" Reply asked for by {}; none recorded yet.", weekday_date(due.day)),
            Some(due) if due.is_ours => format!(" The letter names no day, we aim to answer by {}.", self.day(due)),
            Some(due) => format!(" Reply due {}.", self.day(due)),
        };
        let rest = format!("{}. With {}.{due}", redirected(from.first()), self.holder(waiting));
        Some(Status { strong: "Redirected".to_owned(), rest, ..lead })
    }

    fn by(&self) -> String {
        self.facts.answered_by.first().map_or(String::new(), |number| format!(" by Statement {number}"))
    }

    /// " by Statement 2001", or nothing.
    fn replaced_by(&self) -> String {
        self.facts.replaced_by.map_or(String::new(), |(number, _)| format!(" by Statement {number}"))
    }

    /// ": a preliminary reply went on 2 March 2026 (Statement 1985)."
    fn preliminary(&self) -> String {
        let went = |(number, day)| format!(": a preliminary reply went on {} (Statement {number}).", long_date(day));
        self.facts.preliminary.map_or(String::new(), went)
    }

    fn ended(&self, bucket: &Bucket<'_>) -> Status {
        let action = bucket.first();
        let when = on(action.closed_on);
        let with = self.by().trim_start().to_owned();
        let plain = |strong: &str, rest: String, with: String| Status::new(Tone::Plain, strong, rest, strong, with);
        match action.handling {
            Handling::Responded => plain("Responded", format!("{when}{}{}.", self.by(), punctuality(action)), with),
            Handling::Answered => plain("Answered", format!("{}{when}.", self.by()), with),
            Handling::AnsweredInformally => plain("Answered informally", format!("{when}{}.", action.remark.quoted()), String::new()),
            Handling::Redirected => plain("Redirected", format!("{}.", redirected(action)), String::new()),
            Handling::ClosedWithoutReply => plain("Closed without reply", format!("{when}{}.", action.remark.quoted()), String::new()),
            Handling::Replaced => plain("Replaced", format!("{}{when}.", self.replaced_by()), self.replaced_by().trim_start().to_owned()),
            Handling::RecordedTwice => plain("Recorded twice", ": another statement is the same letter.".to_owned(), String::new()),
            Handling::NoLongerAwaited => plain("No longer awaited", format!("{when}{}.", action.remark.quoted()), String::new()),
            Handling::Removed => plain("Removed", format!("{when}: posted in error."), String::new()),
            Handling::Noted => plain("Noted", format!(" by {}{when}. No reply expected.", bucket.labels()), String::new()),
            Handling::NoActionRecorded => plain("No action recorded", format!(" by {}.", bucket.labels()), String::new()),
            Handling::Open | Handling::InProgress | Handling::Waiting | Handling::Awaited | Handling::Unknown => self.unknown(),
        }
    }

    /// The words where addressees stand differently: the most urgent first, the others in clauses.
    fn several(&self, first: &Bucket<'_>, rest: &[Bucket<'_>]) -> Status {
        let lead = self.alone(first);
        let clauses: String = rest.iter().map(|bucket| format!("; {}", self.clause(bucket))).collect();
        let action = first.first();
        let is_wanted = action.purpose != Purpose::ForInformation && matches!(action.handling, Handling::Open | Handling::InProgress);
        if !is_wanted {
            let own = self.clause(first);
            let (strong, own) = match own.strip_prefix(&lead.strong.trim_end_matches('.').to_lowercase()) {
                Some(own) => (lead.strong.trim_end_matches('.').to_owned(), own.to_owned()),
                None => (lead.strong.clone(), lead.rest.trim_end_matches('.').to_owned()),
            };
            return Status { strong, rest: format!("{own}{clauses}."), ..lead };
        }
        let from = format!(" from {}", first.labels());
        let day = match action.due {
            _ if lead.tone == Tone::InReview && self.facts.preliminary.is_some() => {
                return Status { rest: format!("{}{clauses}.", lead.rest.trim_end_matches('.')), ..lead };
            }
            _ if action.handling == Handling::InProgress && lead.tone == Tone::InReview => {
                let due = action.due.map_or(String::new(), |due| format!(", reply due {}", self.day(due)));
                return Status { rest: format!(" with {}{due}{clauses}.", self.holder(first)), ..lead };
            }
            Some(due) if lead.tone == Tone::Late => {
                let rest =
                    format!(": a reply from {} was due {}, {}{clauses}.", first.labels(), weekday_date(due.day), distance(self.today, due.day));
                return Status { rest, ..lead };
            }
            Some(due) if due.day < self.today => format!(" by {}, none recorded yet", weekday_date(due.day)),
            Some(due) if due.is_ours => format!(", the letter names no day, we aim to answer by {}", self.day(due)),
            Some(due) => format!(" by {}", self.day(due)),
            None => String::new(),
        };
        Status { strong: lead.strong.trim_end_matches('.').to_owned(), rest: format!("{from}{day}{clauses}."), ..lead }
    }

    /// One bucket as a part of a longer sentence.
    fn clause(&self, bucket: &Bucket<'_>) -> String {
        let action = bucket.first();
        let labels = bucket.labels();
        let when = on(action.closed_on);
        if action.purpose == Purpose::ForInformation && matches!(action.handling, Handling::Open | Handling::Noted | Handling::NoActionRecorded) {
            let noted = if bucket.noted() > 0 { format!(" (noted by {} of {})", bucket.noted(), bucket.0.len()) } else { String::new() };
            return format!("for information to {labels}{noted}");
        }
        let by = |due: Option<Due>| due.map_or(String::new(), |due| format!(" by {}", weekday_date(due.day)));
        match action.handling {
            Handling::Open => format!("action needed from {labels}{}", by(action.due)),
            Handling::InProgress => format!("in progress with {}", self.holder(bucket)),
            Handling::Waiting => format!("{labels} waits for the peer"),
            Handling::Awaited => format!("awaited from {labels}{}", by(action.due)),
            Handling::Responded => format!("responded by {labels}{when}"),
            Handling::Answered => format!("answered by {labels}{when}"),
            Handling::AnsweredInformally => format!("answered informally by {labels}{when}"),
            Handling::Redirected => format!("redirected by {labels}{when}"),
            Handling::ClosedWithoutReply => format!("closed without reply by {labels}{when}"),
            Handling::Replaced => format!("replaced for {labels}{}{when}", self.replaced_by()),
            Handling::RecordedTwice => format!("recorded twice for {labels}"),
            Handling::NoLongerAwaited => format!("no longer awaited from {labels}{when}"),
            Handling::Removed => format!("removed for {labels}{when}"),
            Handling::Noted => format!("noted by {labels}{when}"),
            Handling::NoActionRecorded => format!("no action recorded by {labels}"),
            Handling::Unknown => format!("not known for {labels}"),
        }
    }
}

/// " on 12 March 2026", or nothing.
fn on(day: Option<NaiveDate>) -> String {
    day.map_or(String::new(), |day| format!(" on {}", long_date(day)))
}

/// " to TLS on 5 March 2026: “concerns the TLS WG”".
fn redirected(action: &Action) -> String {
    let to = if action.remark.redirected_to.is_empty() { String::new() } else { format!(" to {}", action.remark.redirected_to) };
    format!("{to}{}{}", on(action.closed_on), action.remark.quoted())
}

/// ", 2 days before the deadline"; said only where the peer named the day.
fn punctuality(action: &Action) -> String {
    let (Some(closed), Some(due)) = (action.closed_on, action.due.filter(|due| !due.is_ours)) else { return String::new() };
    match (due.day - closed).num_days() {
        0 => ", on the day of the deadline".to_owned(),
        1 => ", 1 day before the deadline".to_owned(),
        -1 => ", 1 day after the deadline".to_owned(),
        days if days > 0 => format!(", {days} days before the deadline"),
        days => format!(", {} days after the deadline", -days),
    }
}

#[cfg(test)]
mod tests;

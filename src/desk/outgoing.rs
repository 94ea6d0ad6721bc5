//! Outgoing statements on the desk, in words.

use chrono::{DateTime, NaiveDate, Utc};

use super::pages::{Draft, Row};
use super::store::{AwaitedRow, HeldRow, PeerDraftRow, SignOffRow};
use crate::dates;
use crate::reminders::schedule;
use crate::statements::form::StatementForm;
use crate::unrecorded::title_or_words;
use crate::{App, urls};

/// Before when a sign-off must have been asked for its working days to be over today.
pub fn waited(app: &App) -> DateTime<Utc> {
    let day = schedule::asked_before(app.today(), app.config.sign_offs.wait_days);
    let begins = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(app.config.time_zone).earliest();
    begins.map_or(DateTime::<Utc>::MIN_UTC, |at| at.with_timezone(&Utc))
}

/// Whether a reply ought to be out of everybody's hands: its *submit by* is past.
pub fn is_late(row: &SignOffRow, today: NaiveDate) -> bool {
    row.due_on.is_some_and(|due| schedule::submit_by(due) < today)
}

/// Whether it is an approval: it comes before reviews.
pub fn is_approval(row: &SignOffRow) -> bool {
    matches!(row.kind.as_str(), "approval" | "agreement")
}

/// A sign-off that waits.
pub fn sign_off(row: SignOffRow, today: NaiveDate) -> Row {
    let tone = if is_late(&row, today) { "late" } else { "in-review" };
    let (verb, whose) = match (row.is_sent, row.kind.as_str()) {
        (true, _) => ("Confirm", format!("for {}", row.for_label)),
        (_, "agreement") => ("Agree", format!("for {}", row.for_label)),
        (_, "manager") => ("Approve", format!("as liaison manager for {}", row.for_label)),
        (_, "coordinator") => ("Review", "as a coordinator".to_owned()),
        _ => ("Approve", format!("for {}", row.for_label)),
    };
    let who = match (row.is_standing_in, row.others.as_str()) {
        (true, "") => "standing in: nobody holds the role".to_owned(),
        (true, others) => format!("standing in for {others}"),
        (_, "") => "you".to_owned(),
        (_, others) => format!("you or {others}"),
    };
    let due = row.due_on.map(|due| format!(" · reply due {}, {}", dates::weekday_date(due), dates::distance(today, due))).unwrap_or_default();
    let asked = dates::distance(today, row.asked_at.date_naive());
    let sent = if row.is_sent { "sent without approval · " } else { "" };
    let (url, button) = match row.number.filter(|_| row.is_sent) {
        Some(number) => (urls::approval(number), "Confirm or object"),
        None => (urls::review(&row.draft_id), "Read and decide"),
    };
    Row { verb, tone, title: row.title, url, detail: format!("{sent}to {} · {whose}: {who} · asked {asked}{due}", row.to_text), button }
}

/// What somebody holds.
pub fn held(row: HeldRow, today: NaiveDate) -> Row {
    let since = dates::distance(today, row.held_at.date_naive());
    let whose = if row.is_mine { "you hold it" } else { "held by somebody who is no coordinator any more" };
    Row {
        verb: "Release",
        tone: "plain",
        title: row.title,
        url: urls::review(&row.draft_id),
        detail: format!("to {} · {whose} since {since}: {}", row.to_text, row.why),
        button: "Look at it again",
    }
}

/// A draft to a peer, for its manager.
pub fn peer_draft(row: PeerDraftRow, today: NaiveDate) -> Draft {
    let due = row.due_on.map(|due| format!(" · reply due {}", dates::weekday_date(due))).unwrap_or_default();
    let from = if row.from_text.is_empty() { String::new() } else { format!(", for {}", row.from_text) };
    Draft {
        title: title_or_words(&row.title),
        url: urls::draft(&row.draft_id),
        detail: format!("by {}{from} · saved {}{due}", row.author, dates::distance(today, row.changed_at.date_naive())),
    }
}

/// What a peer owes us.
pub fn awaited(row: AwaitedRow, today: NaiveDate, label: &str) -> Draft {
    let by = row.due_on.map(|due| format!(" by {}, {}", dates::weekday_date(due), dates::distance(today, due))).unwrap_or_default();
    Draft { title: row.title, url: urls::statement(row.number), detail: format!("{label} {} · {} was asked{by}", row.number, row.group_label) }
}

/// What a draft still needs, by the labels of its form.
pub fn missing(form: &StatementForm, is_outgoing: bool, has_files: bool) -> Vec<&'static str> {
    let is_empty = |text: &str| text.trim().is_empty();
    let mut missing = Vec::new();
    for (is_missing, label) in [
        (is_empty(&form.from), "From"),
        (is_empty(&form.to), "To"),
        (is_empty(&form.title), "Title"),
        (is_empty(&form.purpose), "Purpose"),
        (is_outgoing && form.purpose == "for-action" && is_empty(&form.deadline), "Deadline"),
        (form.purpose == "in-response" && is_empty(&form.answers), "Does it answer a statement?"),
        (is_empty(&form.body) && !has_files, "Text"),
        (is_outgoing && is_empty(&form.consensus), "Consensus"),
    ] {
        if is_missing {
            missing.push(label);
        }
    }
    missing
}

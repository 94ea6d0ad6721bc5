//! What a reminder's mail says.

use askama::Template;
use chrono::NaiveDate;

use super::super::schedule;
use super::super::store::Unwritten;
use crate::App;
use crate::dates::{distance, weekday_date};
use crate::mail::{Message, Recipient};
use crate::statements::{SignOffKind, sign_offs};
use crate::unrecorded::title_or_words;
use crate::urls;

/// A line of a reminder's mail.
struct Line {
    says: String,
    title: String,
    url: String,
}

#[derive(Template)]
#[template(path = "mail/reminder.txt")]
struct ReminderMail {
    lines: Vec<Line>,
    whys: String,
    desk_url: String,
}

/// One mail of all that is due for a person.
pub(super) fn message(app: &App, day: NaiveDate, reminders: &[Unwritten]) -> anyhow::Result<Message> {
    let lines: Vec<Line> = reminders.iter().map(|reminder| line(app, day, reminder)).collect();
    let mut whys: Vec<&str> = Vec::new();
    for reminder in reminders {
        if !whys.contains(&reminder.why.as_str()) {
            whys.push(&reminder.why);
        }
    }
    let subject = match (lines.as_slice(), reminders) {
        ([only], [_]) => format!("{}: {}", only.says.trim_end_matches('.'), only.title),
        _ => format!("{} liaison matters wait for you", lines.len()),
    };
    let first = reminders.first().ok_or_else(|| anyhow::anyhow!("a reminder about nothing"))?;
    let is_one_statement = reminders.iter().all(|reminder| reminder.statement_id == first.statement_id);
    Ok(Message {
        event: "reminder",
        statement_id: first.statement_id.filter(|_| is_one_statement),
        to: first.address.clone(),
        cc: String::new(),
        reply_to: String::new(),
        thread: if is_one_statement { first.draft_id.clone() } else { String::new() },
        subject,
        body: ReminderMail { whys: whys.join(", "), desk_url: app.config.absolute("/desk"), lines }.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients: vec![Recipient { address: first.address.clone(), person_id: first.person, why: first.why.clone() }],
    })
}

fn line(app: &App, day: NaiveDate, reminder: &Unwritten) -> Line {
    let label = &app.config.statement_label;
    if let Some((report_id, reporter, day)) = &reminder.report {
        let says = format!("An unrecorded statement that {reporter} reported on {} has not been taken.", weekday_date(*day));
        return Line { says, title: title_or_words(&reminder.title), url: app.config.absolute(&urls::report(report_id)) };
    }
    if let Some(line) = of_outgoing(app, day, reminder) {
        return line;
    }
    let path = match (reminder.number, reminder.acronym.as_str()) {
        (Some(number), "") => urls::statement(number),
        (Some(number), _) if reminder.is_awaited => urls::statement(number),
        (Some(number), acronym) => urls::action(number, acronym),
        (None, _) if reminder.asked_on.is_some() => urls::review(&reminder.draft_id),
        (None, _) => urls::draft(&reminder.draft_id),
    };
    let says = match (reminder.due_on, reminder.asked_on, reminder.number) {
        (Some(due), _, Some(number)) => {
            let days = (day - due).num_days();
            let when = format!("{}, {}", weekday_date(due), distance(day, due));
            match (reminder.is_awaited, days > 0, reminder.is_ours) {
                (true, ..) => format!("We asked {} to act by {when}; no answer is recorded ({label} {number}).", reminder.group_label),
                (false, true, true) => format!("Late: {label} {number} names no day; {} aimed to answer by {when}.", reminder.group_label),
                (false, true, false) if days > 7 => {
                    format!("Long overdue: {} should have answered {label} {number} by {when}.", reminder.group_label)
                }
                (false, true, false) => format!("Late: {} should have answered {label} {number} by {when}.", reminder.group_label),
                (false, false, true) => format!("{label} {number} names no day; we aim to answer for {} by {when}.", reminder.group_label),
                (false, false, false) => format!("A reply from {} to {label} {number} is due {when}.", reminder.group_label),
            }
        }
        (_, Some(asked), _) => format!("A statement from {} has been waiting to be checked since {}.", reminder.from_text, weekday_date(asked)),
        _ if reminder.waits_since.is_some() => {
            format!("A draft has been waiting for the sender since {}.", reminder.waits_since.map(weekday_date).unwrap_or_default())
        }
        _ => format!("A draft you began has not been touched for {} days.", app.config.reminders.draft_rests),
    };
    let with = if reminder.assignee.is_empty() { String::new() } else { format!(" It is with {}.", reminder.assignee) };
    Line { says: format!("{says}{with}"), title: reminder.title.clone(), url: app.config.absolute(&path) }
}

/// What is on its way to a peer: a reply to be submitted or signed, a sign-off that waits, what somebody holds.
fn of_outgoing(app: &App, day: NaiveDate, reminder: &Unwritten) -> Option<Line> {
    let label = &app.config.statement_label;
    let page = |path: String, title: &str, says: String| Some(Line { says, title: title_or_words(title), url: app.config.absolute(&path) });
    if let (Some((draft_id, title, is_in_review)), Some(due), Some(number)) = (&reminder.reply, reminder.due_on, reminder.number) {
        let group = &reminder.group_label;
        let when = format!("{}, {}", weekday_date(due), distance(day, due));
        if *is_in_review {
            let says = format!("A reply from {group} to {label} {number} is due {when}; it waits for its sign-offs.");
            return page(urls::review(draft_id), title, says);
        }
        let submit_by = schedule::submit_by(due);
        let says = format!(
            "Your reply to {label} {number} is a draft: submit it by {}, {}; it is due {}.",
            weekday_date(submit_by),
            distance(day, submit_by),
            weekday_date(due)
        );
        return page(urls::draft(draft_id), title, says);
    }
    if let Some(since) = reminder.held_since {
        let says = format!("Held since {}: nothing is posted until it is released.", weekday_date(since));
        return page(urls::review(&reminder.draft_id), &reminder.title, says);
    }
    let (kind, at) = reminder.sign_off.as_ref().filter(|(kind, _)| *kind != SignOffKind::Check)?;
    let what = sign_offs::words(*kind, at);
    let from_to = format!("{} to {}", reminder.from_text, reminder.to_text);
    let since = reminder.asked_on.map(weekday_date).unwrap_or_default();
    match reminder.number {
        Some(number) => {
            let says = format!("{label} {number}, from {from_to}, was sent without {what}: confirm it, or object.");
            page(urls::approval(number), &reminder.title, says)
        }
        None => {
            let says = format!("A statement from {from_to} has been waiting for {what} since {since}.");
            page(urls::review(&reminder.draft_id), &reminder.title, says)
        }
    }
}

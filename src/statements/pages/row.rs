//! A statement as a row of a list: finished words.

use chrono::NaiveDate;

use crate::dates::{distance, short_date};
use crate::people::Viewer;
use crate::statements::Purpose;
use crate::statements::status::{self, Reader, Tone};
use crate::statements::store::list::Listed;
use crate::web::urls;

/// What `parts/statement_row.html` shows; empty: not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// Its page.
    pub url: String,
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// What it is for.
    pub purpose: String,
    /// The letter's date, else the day of posting.
    pub date: String,
    /// The day by which something is asked for.
    pub deadline: String,
    /// How far that is.
    pub distance: String,
    /// Class of its colour.
    pub tone: &'static str,
    /// Where it stands.
    pub state: String,
    /// Who has it, or what answered it.
    pub with: String,
}

/// Who reads: role-holders see names and "late".
pub fn reader(viewer: Option<&Viewer>) -> Reader {
    if viewer.is_some_and(Viewer::is_role_holder) { Reader::RoleHolder } else { Reader::Public }
}

/// What a statement is for, in words; imported ones may not say.
pub fn purpose_words(purpose: Option<Purpose>) -> &'static str {
    purpose.map_or("Not recorded", Purpose::words)
}

/// The letter's date as exact as it is known, else the day of posting; empty: neither is known.
pub fn date_words(listed: &Listed) -> String {
    match (listed.letter_date, listed.facts.posted_on) {
        (Some(date), _) => date.to_string(),
        (None, Some(day)) => short_date(day),
        (None, None) => String::new(),
    }
}

/// "Mon 2 Nov 2026".
pub fn deadline_words(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

impl StatementRow {
    /// The row of a statement.
    pub fn new(listed: Listed, reader: Reader, today: NaiveDate) -> Self {
        let status = status::status(&listed.facts, reader, today);
        let actions = &listed.facts.actions;
        let due = status::deadline(actions).map(|due| due.day);
        let is_pending = status::awaits_deadline(actions);
        // a day that is past is counted only for those who are told that it is late
        let distance = due.filter(|day| is_pending && (*day >= today || status.tone == Tone::Late)).map_or(String::new(), |day| distance(today, day));
        Self {
            url: urls::statement(listed.number),
            number: listed.number,
            purpose: purpose_words(listed.facts.purpose).to_owned(),
            date: date_words(&listed),
            deadline: due.map_or(String::new(), deadline_words),
            distance,
            tone: status.tone.as_str(),
            state: status.short,
            with: status.with,
            title: listed.title,
            from: listed.from_text,
            to: listed.to_text,
        }
    }
}

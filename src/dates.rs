//! Days as people write and read them, and dates of which only the month or the year is known.

mod partial;
mod typed;

use chrono::NaiveDate;

pub use partial::PartialDate;
pub use typed::{DateProblem, parse_typed, parse_typed_partial};

/// "Saturday 14 March 2026", for deadlines.
pub fn weekday_date(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

/// "14 March 2026".
pub fn long_date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// "14 Mar 2026", for tables.
pub fn short_date(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// How far one day is from another, in words: "today", "tomorrow", "in 16 days", "yesterday", "4 days ago".
pub fn distance(from: NaiveDate, to: NaiveDate) -> String {
    match (to - from).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {days} days"),
        days => format!("{} days ago", -days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("an ISO date")
    }

    #[test]
    fn distance_is_said_in_words() {
        let today = day("2026-02-26");
        for (to, words) in [
            ("2026-02-26", "today"),
            ("2026-02-27", "tomorrow"),
            ("2026-03-14", "in 16 days"),
            ("2026-02-25", "yesterday"),
            ("2026-02-22", "4 days ago"),
        ] {
            assert_eq!(distance(today, day(to)), words);
        }
        assert_eq!(weekday_date(day("2026-03-14")), "Saturday 14 March 2026");
        assert_eq!(short_date(day("2026-03-05")), "5 Mar 2026");
    }
}

//! Dates of which perhaps only the month or the year is known.

use std::fmt;

use chrono::{Datelike, Month, NaiveDate};

use super::short_date;

/// A date as exact as it is known: letters of old are often dated by month or year only (domain, section 3, *Dates*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartialDate {
    /// A day.
    Day(NaiveDate),
    /// A month of a year.
    Month(u16, Month),
    /// A year.
    Year(u16),
}

impl PartialDate {
    /// Reads ISO 8601: "1995", "1995-01" or "1995-01-05". None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        if !parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        match lengths.as_slice() {
            [4] => Some(Self::Year(text.parse().ok()?)),
            [4, 2] => Some(Self::Month(parts[0].parse().ok()?, month_of(parts[1].parse().ok()?)?)),
            [4, 2, 2] => NaiveDate::from_ymd_opt(parts[0].parse().ok()?, parts[1].parse().ok()?, parts[2].parse().ok()?).map(Self::Day),
            _ => None,
        }
    }

    /// The first day it may mean.
    pub fn first_day(self) -> NaiveDate {
        let (year, month) = match self {
            Self::Day(day) => return day,
            Self::Month(year, month) => (year, month.number_from_month()),
            Self::Year(year) => (year, 1),
        };
        NaiveDate::from_ymd_opt(i32::from(year), month, 1).unwrap_or(NaiveDate::MIN)
    }

    /// The last day it may mean, by which lists sort.
    pub fn last_day(self) -> NaiveDate {
        let (year, month) = match self {
            Self::Day(day) => return day,
            Self::Month(year, month) => (year, month.number_from_month()),
            Self::Year(year) => (year, 12),
        };
        (28..=31).rev().find_map(|day| NaiveDate::from_ymd_opt(i32::from(year), month, day)).unwrap_or(NaiveDate::MAX)
    }

    /// How exact it is: "day", "month" or "year", as the database says it.
    pub fn precision(self) -> &'static str {
        match self {
            Self::Day(_) => "day",
            Self::Month(..) => "month",
            Self::Year(_) => "year",
        }
    }

    /// The date whose `last_day` and `precision` these are. None for an unknown precision, or a year outside 0 to 65535.
    pub fn from_parts(last_day: NaiveDate, precision: &str) -> Option<Self> {
        let year = u16::try_from(last_day.year()).ok()?;
        match precision {
            "day" => Some(Self::Day(last_day)),
            "month" => Some(Self::Month(year, month_of(last_day.month())?)),
            "year" => Some(Self::Year(year)),
            _ => None,
        }
    }

    /// ISO 8601, as `parse` reads it.
    pub fn iso(self) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Month(year, month) => format!("{year:04}-{:02}", month.number_from_month()),
            Self::Year(year) => format!("{year:04}"),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => f.write_str(&short_date(*day)),
            Self::Month(year, month) => write!(f, "{} {year}", month.name()),
            Self::Year(year) => write!(f, "{year}"),
        }
    }
}

pub(super) fn month_of(number: u32) -> Option<Month> {
    u8::try_from(number).ok().and_then(|number| Month::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("an ISO date")
    }

    #[test]
    fn a_partial_date_sorts_by_its_last_day() {
        for (iso, first, last, precision, shown) in [
            ("1995", "1995-01-01", "1995-12-31", "year", "1995"),
            ("1995-01", "1995-01-01", "1995-01-31", "month", "January 1995"),
            ("1996-02", "1996-02-01", "1996-02-29", "month", "February 1996"),
            ("1995-01-05", "1995-01-05", "1995-01-05", "day", "5 Jan 1995"),
        ] {
            let date = PartialDate::parse(iso).expect("ISO");
            assert_eq!(date.first_day(), day(first));
            assert_eq!(date.last_day(), day(last));
            assert_eq!(date.precision(), precision);
            assert_eq!(date.to_string(), shown);
            assert_eq!(date.iso(), iso);
            assert_eq!(PartialDate::from_parts(date.last_day(), precision), Some(date));
        }
        assert_eq!(PartialDate::from_parts(day("1995-01-05"), "century"), None);
        for text in ["", "95", "1995-1", "1995-13", "1995-00", "1995-02-30", "1995-01-05-01", "+995", "1995-01-05 "] {
            assert_eq!(PartialDate::parse(text), None, "{text}");
        }
    }
}

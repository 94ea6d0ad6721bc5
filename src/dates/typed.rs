//! Days as people type them.

use chrono::{Datelike, Month, NaiveDate, Weekday};
use unicode_normalization::UnicodeNormalization;

use super::partial::month_of;
use super::{PartialDate, long_date};

/// The years that a typed date may lie in.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

const MONTHS: [&str; 12] = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// Why something typed is not taken as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateProblem {
    /// It is no date, or a day that no calendar has.
    NotADate,
    /// It can be read with the day first (the first reading) or with the month first (the second).
    Ambiguous(NaiveDate, NaiveDate),
    /// The weekday typed is not the weekday of the day typed.
    Weekday(NaiveDate),
    /// The year lies outside 1900 to 2200.
    Year(i32),
}

impl DateProblem {
    /// The sentence for the form; `label` is the field's own name ("Deadline").
    pub fn words(&self, label: &str) -> String {
        match *self {
            Self::NotADate => format!("{label} must be a real date, like 14 March 2026"),
            Self::Ambiguous(day_first, month_first) => format!(
                "{}/{}/{} can be read two ways – choose: {} / {}",
                day_first.day(),
                day_first.month(),
                day_first.year(),
                long_date(day_first),
                long_date(month_first)
            ),
            Self::Weekday(day) => format!("{} is a {}. Correct the weekday or the date", long_date(day), day.format("%A")),
            Self::Year(year) => format!("{label} must be in a year from {} to {} – {year} is not", YEARS.start(), YEARS.end()),
        }
    }
}

/// The day that someone typed: "2026-03-14", "14 March 2026", "Sat, Mar 14th, 2026", "14.03.2026", "14/3/2026".
///
/// With points the day comes first; with slashes or hyphens both orders are tried, and a day that can be read two ways
/// is refused with both readings. A weekday must be the right one.
pub fn parse_typed(text: &str) -> Result<NaiveDate, DateProblem> {
    let text = plain(text);
    if let Some((numbers, separator)) = numbers_only(&text) {
        return numeric(&numbers, separator);
    }
    let mut words: Vec<&str> = words_of(&text);
    let weekday = take_weekday(&mut words);
    let (year, month, day) = match words.as_slice() {
        // "Saturday 2026-03-14": digits only beside a weekday.
        rest if weekday.is_some() && rest.iter().all(|word| is_number(word)) => {
            let without_weekday = text.trim_matches(|c: char| !c.is_ascii_digit());
            let (numbers, separator) = numbers_only(without_weekday).ok_or(DateProblem::NotADate)?;
            return numeric(&numbers, separator).and_then(|day| with_weekday(day, weekday));
        }
        [first, second, year] if is_year(year) => match (month_named(first), month_named(second)) {
            (None, Some(month)) => (year, month, first),
            (Some(month), None) => (year, month, second),
            _ => return Err(DateProblem::NotADate),
        },
        [year, month, day] if is_year(year) => (year, month_named(month).ok_or(DateProblem::NotADate)?, day),
        _ => return Err(DateProblem::NotADate),
    };
    let day = day_number(day).ok_or(DateProblem::NotADate)?;
    let date = real_day(year.parse().map_err(|_| DateProblem::NotADate)?, month.number_from_month(), day)?;
    with_weekday(date, weekday)
}

/// The date of a letter as someone typed it, perhaps of a month or a year only: "March 2026", "2026-03", "2026", or any
/// day that `parse_typed` takes.
pub fn parse_typed_partial(text: &str) -> Result<PartialDate, DateProblem> {
    let typed = plain(text);
    let words = words_of(&typed);
    let partial = match words.as_slice() {
        [year] if is_year(year) => Some((year, None)),
        [month, year] if is_year(year) => month_named(month).or_else(|| month_number(month)).map(|month| (year, Some(month))),
        [year, month] if is_year(year) => month_named(month).or_else(|| month_number(month)).map(|month| (year, Some(month))),
        _ => None,
    };
    let Some((year, month)) = partial else {
        return parse_typed(text).map(PartialDate::Day);
    };
    let year: u16 = year.parse().map_err(|_| DateProblem::NotADate)?;
    if !YEARS.contains(&i32::from(year)) {
        return Err(DateProblem::Year(i32::from(year)));
    }
    Ok(match month {
        Some(month) => PartialDate::Month(year, month),
        None => PartialDate::Year(year),
    })
}

/// Compatibility forms resolved, lower case, one kind of hyphen, single blanks.
fn plain(text: &str) -> String {
    let text: String = text
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c => c,
        })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The three numbers of a date in digits, and what stands between them.
fn numbers_only(text: &str) -> Option<(Vec<&str>, char)> {
    let separator = text.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let numbers: Vec<&str> = text.split(separator).map(str::trim).collect();
    (numbers.len() == 3 && numbers.iter().all(|number| is_number(number))).then_some((numbers, separator))
}

fn numeric(numbers: &[&str], separator: char) -> Result<NaiveDate, DateProblem> {
    let [first, second, third] = numbers else {
        return Err(DateProblem::NotADate);
    };
    let number = |text: &str| text.parse::<u32>().map_err(|_| DateProblem::NotADate);
    let year = |text: &str| text.parse::<i32>().map_err(|_| DateProblem::NotADate);
    if is_year(first) && second.len() <= 2 && third.len() <= 2 {
        return real_day(year(first)?, number(second)?, number(third)?);
    }
    if !is_year(third) || first.len() > 2 || second.len() > 2 {
        return Err(DateProblem::NotADate);
    }
    let (first, second, year) = (number(first)?, number(second)?, year(third)?);
    let day_first = real_day(year, second, first);
    if separator == '.' {
        return day_first;
    }
    match (day_first, real_day(year, first, second)) {
        (Ok(a), Ok(b)) if a != b => Err(DateProblem::Ambiguous(a, b)),
        (Ok(day), _) | (_, Ok(day)) => Ok(day),
        (problem, _) => problem,
    }
}

fn real_day(year: i32, month: u32, day: u32) -> Result<NaiveDate, DateProblem> {
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(DateProblem::NotADate)?;
    if YEARS.contains(&year) { Ok(date) } else { Err(DateProblem::Year(year)) }
}

fn with_weekday(day: NaiveDate, weekday: Option<Weekday>) -> Result<NaiveDate, DateProblem> {
    match weekday {
        Some(weekday) if weekday != day.weekday() => Err(DateProblem::Weekday(day)),
        _ => Ok(day),
    }
}

/// The words of a date; "." "," "/" and "-" only part them. A text with any other sign is one word, so never a date.
fn words_of(text: &str) -> Vec<&str> {
    if text.chars().any(|c| !(c.is_alphanumeric() || matches!(c, ' ' | ',' | '.' | '/' | '-' | '(' | ')'))) {
        return vec![text];
    }
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !matches!(*word, "" | "of" | "the")).collect()
}

/// Takes the weekday away from the front or the end of a date's words.
fn take_weekday(words: &mut Vec<&str>) -> Option<Weekday> {
    if let Some(weekday) = words.first().and_then(|word| weekday_named(word)) {
        words.remove(0);
        return Some(weekday);
    }
    let weekday = words.last().and_then(|word| weekday_named(word))?;
    words.pop();
    Some(weekday)
}

fn weekday_named(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| word.len() >= 3 && name.starts_with(word)).map(|(_, weekday)| *weekday)
}

fn month_named(word: &str) -> Option<Month> {
    let index = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    month_of(u32::try_from(index).ok()? + 1)
}

fn month_number(word: &str) -> Option<Month> {
    if word.len() > 2 || !is_number(word) {
        return None;
    }
    month_of(word.parse().ok()?)
}

/// The number of a day: "5", "05", "5th".
fn day_number(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    if digits.len() > 2 || !is_number(digits) {
        return None;
    }
    digits.parse().ok()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && is_number(word)
}

#[cfg(test)]
mod tests {
    use super::super::{short_date, weekday_date};
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("an ISO date")
    }

    #[test]
    fn a_day_is_understood_as_people_write_it() {
        for typed in [
            "2026-03-14",
            "2026\u{2011}03\u{2011}14",
            "2026/3/14",
            "14 March 2026",
            "14 Mar 2026",
            "14. March 2026",
            "14 MARCH 2026",
            "14 march, 2026",
            "14-Mar-2026",
            "14/Mar/2026",
            "March 14, 2026",
            "Mar 14 2026",
            "Mar. 14th, 2026",
            "14th of March 2026",
            "the 14th of March 2026",
            "2026 March 14",
            "Saturday 14 March 2026",
            "Sat, 14 Mar 2026",
            "Saturday, March 14, 2026",
            "14 March 2026 (Saturday)",
            "Saturday 2026-03-14",
            "14/3/2026",
            "3/14/2026",
            "14-03-2026",
            "14.03.2026",
            "14. 3. 2026",
            "  14\u{a0}March\u{a0}2026 ",
            "１４　Ｍａｒｃｈ　２０２６",
            "２０２６－０３－１４",
        ] {
            assert_eq!(parse_typed(typed), Ok(day("2026-03-14")), "{typed}");
        }
        assert_eq!(parse_typed("Sept 1, 2026"), Ok(day("2026-09-01")));
        assert_eq!(parse_typed("29 Feb 2028"), Ok(day("2028-02-29")));
        assert_eq!(parse_typed("3.4.2026"), Ok(day("2026-04-03")));
        assert_eq!(parse_typed("4/4/2026"), Ok(day("2026-04-04")));
    }

    #[test]
    fn a_day_that_can_be_read_two_ways_is_refused_with_both_readings() {
        for typed in ["3/4/2026", "03/04/2026", "3-4-2026", "３／４／２０２６"] {
            let problem = parse_typed(typed).expect_err("two readings");
            assert_eq!(problem, DateProblem::Ambiguous(day("2026-04-03"), day("2026-03-04")));
            assert_eq!(problem.words("Deadline"), "3/4/2026 can be read two ways – choose: 3 April 2026 / 4 March 2026");
        }
    }

    #[test]
    fn the_wrong_weekday_is_named() {
        let problem = parse_typed("Friday 14 March 2026").expect_err("a Saturday");
        assert_eq!(problem.words("Deadline"), "14 March 2026 is a Saturday. Correct the weekday or the date");
    }

    #[test]
    fn what_is_no_date_is_said_so() {
        for typed in [
            "",
            "-",
            "soon",
            "next SG15 meeting (mid-May 2007)",
            "31 April 2026",
            "29 February 2026",
            "2026-02-30",
            "2026-13-01",
            "32/1/2026",
            "13/13/2026",
            "14/3/26",
            "14 March",
            "March 2026",
            "2026",
            "14 Ma 2026",
            "14 Marchy 2026",
            "14 14 2026",
            "March March 2026",
            "14 March 2026 10:00",
            "14 March 20260",
            "0 March 2026",
            "Saturday",
            "Saturday 14",
            "1 2 3 4",
            "+1 March 2026",
            "2026-03-14T10:00:00Z",
            "99999999999/1/2026",
        ] {
            let problem = parse_typed(typed).expect_err(typed);
            assert_eq!(problem.words("Deadline"), "Deadline must be a real date, like 14 March 2026", "{typed}");
        }
    }

    #[test]
    fn a_year_far_away_is_refused() {
        assert_eq!(
            parse_typed("14 March 2206").expect_err("too late").words("Deadline"),
            "Deadline must be in a year from 1900 to 2200 – 2206 is not"
        );
        assert_eq!(parse_typed("1899-12-31"), Err(DateProblem::Year(1899)));
        assert_eq!(parse_typed_partial("1899"), Err(DateProblem::Year(1899)));
        assert_eq!(parse_typed("2200-12-31"), Ok(day("2200-12-31")));
    }

    #[test]
    fn the_date_of_a_letter_may_be_a_month_or_a_year() {
        let march = Ok(PartialDate::Month(2026, Month::March));
        for typed in ["March 2026", "mar 2026", "2026-03", "2026 March", "03/2026", "March, 2026", "２０２６－０３"] {
            assert_eq!(parse_typed_partial(typed), march, "{typed}");
        }
        assert_eq!(parse_typed_partial(" 2026 "), Ok(PartialDate::Year(2026)));
        assert_eq!(parse_typed_partial("14 March 2026"), Ok(PartialDate::Day(day("2026-03-14"))));
        assert_eq!(parse_typed_partial("2026-13"), Err(DateProblem::NotADate));
        assert_eq!(parse_typed_partial("last year"), Err(DateProblem::NotADate));
    }

    proptest! {
        #[test]
        fn what_we_write_we_read(offset in 0i64..109_938) {
            let date = day("1900-01-01") + chrono::Days::new(offset.unsigned_abs());
            prop_assert_eq!(parse_typed(&weekday_date(date)), Ok(date));
            prop_assert_eq!(parse_typed(&long_date(date)), Ok(date));
            prop_assert_eq!(parse_typed(&short_date(date)), Ok(date));
            prop_assert_eq!(parse_typed(&date.to_string()), Ok(date));
            for partial in [PartialDate::Day(date), PartialDate::Year(1995)] {
                prop_assert_eq!(parse_typed_partial(&partial.to_string()), Ok(partial));
                prop_assert_eq!(PartialDate::parse(&partial.iso()), Some(partial));
            }
        }

        #[test]
        fn no_text_breaks_it(text in "(\\PC|[0-9]{1,9}|[-/. ,]|mar|sat|th){0,12}") {
            let _ = parse_typed(&text);
            let _ = parse_typed_partial(&text);
            let _ = PartialDate::parse(&text);
        }
    }
}

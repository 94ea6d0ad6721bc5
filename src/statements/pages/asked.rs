//! What an address asks of the list of statements; page and interface for programs read it alike (domain.md 10).
//!
//! A bookmark must work after a name has gone: what is not known or can't be read is ignored with a notice.

mod chips;
mod url;

pub use chips::due_words;

use ::url::form_urlencoded;
use chrono::{Datelike, NaiveDate};
use sqlx::PgPool;

use crate::dates::{PartialDate, parse_typed_partial};
use crate::people::Viewer;
use crate::statements::citations::Document;
use crate::statements::store::list::{self, DueFrom, Filter, Found, Key, NamedGroup, PHRASE_CANDIDATES, Place, Words};
use crate::statements::{Direction, DueWhen, Handling, Order, Purpose, Sort, references};

/// Longest words that are searched for, in characters.
const WORDS: usize = 300;
/// So many notices are shown; nobody reads more.
const NOTICES: usize = 10;

/// A group that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedGroup {
    /// As typed; empty: none.
    pub typed: String,
    /// The group, with all below it; none: nothing is known by that name.
    pub found: Option<NamedGroup>,
}

impl AskedGroup {
    /// What its field holds.
    pub fn shown(&self) -> &str {
        self.found.as_ref().map_or(&self.typed, |group| &group.label)
    }

    fn id(&self) -> Option<crate::ids::GroupId> {
        self.found.as_ref().map(|group| group.group_id)
    }
}

/// A day, month or year that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedDate {
    /// As typed; empty: none.
    pub typed: String,
    /// What it means; none: no date.
    pub found: Option<PartialDate>,
}

impl AskedDate {
    /// What its field holds.
    pub fn shown(&self) -> String {
        self.found.map_or_else(|| self.typed.clone(), |date| date.to_string())
    }
}

/// What was asked, as far as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Words, without control characters; empty: none.
    pub q: String,
    /// From, to or in copy.
    pub organization: AskedGroup,
    /// From whom.
    pub from: AskedGroup,
    /// To whom.
    pub to: AskedGroup,
    /// Who got a copy.
    pub copy: AskedGroup,
    /// The direction.
    pub direction: Option<Direction>,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// What was done about it.
    pub handling: Option<Handling>,
    /// By when something is asked for.
    pub due: Option<DueWhen>,
    /// Who sees to it, by whole name; role-holders only.
    pub assignee: Option<String>,
    /// As typed, where nobody is known by that name.
    pub assignee_typed: String,
    /// The year of its date.
    pub year: Option<i32>,
    /// The first day of its date, or the month or year of that.
    pub date_from: AskedDate,
    /// The last day of its date, or the month or year of that.
    pub date_to: AskedDate,
    /// By what it is sorted.
    pub sort: Option<Sort>,
    /// Which way it runs.
    pub order: Option<Order>,
    /// The page.
    pub place: Place,
    /// Today, by which deadlines are counted.
    pub today: NaiveDate,
    /// Whether names and lateness are told to who asks.
    pub is_role_holder: bool,
    /// What was ignored, a sentence each.
    pub notices: Vec<String>,
    place_typed: Option<(bool, String)>,
}

/// The list's address, part by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `q`
    Words,
    /// `organization`
    Organization,
    /// `from`
    From,
    /// `to`
    To,
    /// `copy`
    Copy,
    /// `direction`
    Direction,
    /// `purpose`
    Purpose,
    /// `handling`
    Handling,
    /// `due`
    Due,
    /// `assignee`
    Assignee,
    /// `year`
    Year,
    /// `date-from`
    DateFrom,
    /// `date-to`
    DateTo,
}

/// For a notice: not longer than a line.
fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Without what PostgreSQL can't take and nobody means: control characters, and what was no UTF-8.
fn plain(value: &str) -> String {
    let text: String = value.chars().map(|c| if c.is_control() || c == '\u{fffd}' { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// A name as the suggestions leave it: with a separator behind.
fn name(value: &str) -> String {
    value.trim_end_matches([';', ' ']).chars().take(200).collect()
}

impl Asked {
    /// Reads a query string; of a name that is repeated the last value counts.
    ///
    /// # Errors
    /// The database's, asked for names of groups and people.
    pub async fn read(pool: &PgPool, query: Option<&str>, viewer: Option<&Viewer>, today: NaiveDate) -> sqlx::Result<Self> {
        let mut asked = Self { today, is_role_holder: viewer.is_some_and(Viewer::is_role_holder), ..Self::default() };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            asked.take(&name, &value);
        }
        asked.find_place();
        asked.find_names(pool).await?;
        asked.notices.truncate(NOTICES);
        Ok(asked)
    }

    fn take(&mut self, name_of: &str, typed: &str) {
        let value = &plain(typed);
        match name_of {
            _ if value.is_empty() => {}
            "q" => self.take_words(value),
            "organization" => self.organization.typed = name(value),
            "from" => self.from.typed = name(value),
            "to" => self.to.typed = name(value),
            "copy" => self.copy.typed = name(value),
            "direction" => self.direction = self.known(Direction::parse(value), value, "a direction").or(self.direction),
            "purpose" => self.purpose = self.known(Purpose::parse(value), value, "a purpose").or(self.purpose),
            "handling" => self.handling = self.known(Handling::parse(value), value, "a way to handle a statement").or(self.handling),
            "due" => self.due = self.known(DueWhen::parse(value), value, "a time for deadlines").or(self.due),
            "sort" => self.sort = self.known(Sort::parse(value), value, "something this list can be sorted by").or(self.sort),
            "order" => self.order = self.known(Order::parse(value), value, "an order").or(self.order),
            "assignee" if self.is_role_holder => self.assignee_typed = name(value),
            "assignee" => self.notices.push("Who sees to a statement is told to role-holders only, so “assignee” was ignored.".to_owned()),
            "year" => self.year = self.known(year(value), value, "a year").or(self.year),
            "date-from" => self.date_from = self.date(value),
            "date-to" => self.date_to = self.date(value),
            // as it is: it holds what the database sorts by
            "before" | "after" => self.place_typed = Some((name_of == "before", typed.to_owned())),
            _ => self.ignore(&plain(name_of), "nothing this list can be filtered by"),
        }
    }

    fn ignore(&mut self, value: &str, why: &str) {
        self.notices.push(format!("“{}” is {why}, so it was ignored.", shown(value)));
    }

    fn known<T>(&mut self, found: Option<T>, value: &str, what: &str) -> Option<T> {
        if found.is_none() {
            self.ignore(value, &format!("not {what}"));
        }
        found
    }

    fn take_words(&mut self, value: &str) {
        if !value.chars().any(char::is_alphanumeric) {
            self.notices.push(format!("“{}” holds no word to search for, so it was ignored.", shown(value)));
            return;
        }
        self.q = value.chars().take(WORDS).collect();
        if value.chars().count() > WORDS {
            self.notices.push(format!("Only the first {WORDS} characters are searched for."));
        }
    }

    fn date(&mut self, value: &str) -> AskedDate {
        let typed: String = value.chars().take(100).collect();
        let found = self.known(parse_typed_partial(&typed).ok(), &typed, "a day, month or year we can read");
        AskedDate { typed, found }
    }

    /// A key is read once it is known by what the list is sorted.
    fn find_place(&mut self) {
        let Some((is_before, typed)) = self.place_typed.take() else { return };
        match Key::parse(&typed, self.sort()) {
            Some(key) if is_before => self.place = Place::Before(key),
            Some(key) => self.place = Place::After(key),
            None => self.ignore(&plain(&typed), "no place in this list"),
        }
    }

    async fn find_names(&mut self, pool: &PgPool) -> sqlx::Result<()> {
        let groups = [&mut self.organization, &mut self.from, &mut self.to, &mut self.copy];
        let typed: Vec<String> = groups.iter().map(|group| group.typed.clone()).collect();
        if typed.iter().all(String::is_empty) && self.assignee_typed.is_empty() {
            return Ok(());
        }
        let assignee = (!self.assignee_typed.is_empty()).then_some(self.assignee_typed.as_str());
        let named = list::named(pool, &typed, assignee).await?;
        let mut unknown = Vec::new();
        for (group, found) in groups.into_iter().zip(named.groups) {
            group.found = found.filter(|_| !group.typed.is_empty());
            if group.found.is_none() && !group.typed.is_empty() {
                unknown.push(group.typed.clone());
            }
        }
        for name in unknown {
            self.ignore(&name, "not a group we know");
        }
        self.assignee = named.assignee;
        if self.assignee.is_none() && !self.assignee_typed.is_empty() {
            let typed = self.assignee_typed.clone();
            self.ignore(&typed, "nobody who sees to a statement");
        }
        Ok(())
    }

    /// By what the list is sorted.
    pub fn sort(&self) -> Sort {
        self.sort.unwrap_or(Sort::Date)
    }

    /// Which way it runs.
    pub fn order(&self) -> Order {
        self.order.unwrap_or(self.sort().order())
    }

    /// What was ignored in the asking, and left out in the finding.
    pub fn notices(&self, found: &Found) -> Vec<String> {
        let first = if self.filter().is_newest_first() { "newest" } else { "first" };
        let cut = found.is_cut.then(|| format!("Only the {first} {PHRASE_CANDIDATES} statements with these words were read for the exact phrase."));
        self.notices.iter().cloned().chain(cut).collect()
    }

    /// For the store.
    pub fn filter(&self) -> Filter {
        let year = |year: i32, month, day| NaiveDate::from_ymd_opt(year, month, day);
        let first = [self.date_from.found.map(PartialDate::first_day), self.year.and_then(|y| year(y, 1, 1))];
        let last_day = [self.date_to.found.map(PartialDate::last_day), self.year.and_then(|y| year(y, 12, 31))].into_iter().flatten().min();
        // what has no date at all sorts before the first of all days, and is not meant
        let dated = last_day.and_then(|_| year(1, 1, 2));
        Filter {
            words: (!self.q.is_empty()).then(|| Words {
                text: typed(&self.q),
                normal: references::normal(&self.q),
                documents: Document::meant(&self.q).iter().map(Document::key).collect(),
            }),
            group_id: self.organization.id(),
            from: self.from.id(),
            to: self.to.id(),
            copy: self.copy.id(),
            direction: self.direction,
            purpose: self.purpose,
            handling: self.handling,
            due: self.due.map(|when| DueFrom { when, today: self.today }),
            assignee: self.assignee.as_ref().map(|name| name.to_lowercase()),
            first_day: first.into_iter().flatten().chain(dated).max(),
            last_day,
            sort: self.sort(),
            order: self.order(),
            place: self.place.clone(),
        }
    }

    /// The number somebody typed into the search field: "1914", "#1914", "LS 1914", "Statement 1914".
    pub fn number(&self) -> Option<i32> {
        let text = self.q.to_lowercase();
        let digits = ["statement", "ls", "#"].iter().find_map(|front| text.strip_prefix(front)).unwrap_or(&text).trim();
        let is_number = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten().filter(|number| *number > 0)
    }

    /// Whether nothing but words was asked for: a number then is the statement itself.
    pub fn is_words_alone(&self) -> bool {
        let words = Self { q: self.q.clone(), today: self.today, is_role_holder: self.is_role_holder, ..Self::default() };
        *self == words
    }
}

/// A year of our calendar, in digits.
fn year(text: &str) -> Option<i32> {
    let is_year = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|year: &i32| is_year && NaiveDate::from_ymd_opt(*year, 1, 1).is_some_and(|day| day.year() > 0))
}

/// Signs of print as one types them: quotation marks make a phrase, a dash between words is no "not".
fn typed(words: &str) -> String {
    let plain: String = words
        .chars()
        .map(|sign| match sign {
            '“' | '”' | '„' | '‟' | '«' | '»' => '"',
            '‐' | '‑' => '-',
            '–' | '—' | '−' => ' ',
            other => other,
        })
        .collect();
    plain.split(' ').filter(|word| *word != "-").collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statements::store::list::SortValue;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in pairs {
            asked.take(name, value);
        }
        asked.find_place();
        asked
    }

    #[test]
    fn a_number_is_understood_as_people_write_it() {
        for q in ["1914", " 1914 ", "#1914", "LS 1914", "ls1914", "Statement 1914", "statement  1914"] {
            assert_eq!(asked(&[("q", q)]).number(), Some(1914), "{q}");
        }
        for q in ["0", "LS", "SP-241234", "1914a", "99999999999", "-1", "1.5"] {
            assert_eq!(asked(&[("q", q)]).number(), None, "{q}");
        }
    }

    #[test]
    fn what_is_not_known_is_ignored_with_a_notice() {
        let odd = asked(&[
            ("direction", "sideways"),
            ("before", "-1"),
            ("year", "99999999999"),
            ("q", ":*&!()"),
            ("purpose", "for-nothing"),
            ("handling", "lost"),
            ("due", "never"),
            ("sort", "number"),
            ("order", "up"),
            ("state", "open"),
            ("assignee", "Carol Chair"),
        ]);

        assert_eq!(odd.notices.len(), 11);
        assert_eq!(Asked { notices: vec![], ..odd }, Asked::default());
        assert_eq!(asked(&[("direction", ""), ("q", " ")]), Asked::default());
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let key = Key { value: SortValue::Day("2026-10-05".parse().expect("a day")), number: 2281 };

        assert_eq!(key.to_string(), "2026-10-05.2281");
        for sort in [Sort::Date, Sort::Deadline] {
            assert_eq!(Key::parse("2026-10-05.2281", sort), Some(key.clone()));
            for text in
                ["", ".", "2026-10-05", "2026-10-05.0", "2026-10-05.-1", "2026-10-05.+1", "-9999-10-05.1", "+99999-01-01.1", "2026-10-05.99999999999"]
            {
                assert_eq!(Key::parse(text, sort), None, "{text}");
            }
        }
        for value in ["reply on v1.2", "", "schöne grüße .", "2026-10-05"] {
            let key = Key { value: SortValue::Text(value.to_owned()), number: 7 };
            for sort in [Sort::Title, Sort::From, Sort::To] {
                assert_eq!(Key::parse(&key.to_string(), sort), Some(key.clone()), "{value}");
            }
        }
        for text in ["", "a", "a.", "a.0", "a.-1", "a\u{0}.1", &format!("{}.1", "a".repeat(101))] {
            assert_eq!(Key::parse(text, Sort::Title), None, "{text}");
        }
    }

    #[test]
    fn an_address_leads_back_to_the_same_list() {
        let list = asked(&[("q", "draft/ietf & \"x\""), ("direction", "incoming")]);

        assert_eq!(list.url("/statements", None, Place::Top), "/statements?q=draft%2Fietf+%26+%22x%22&direction=incoming");
        assert_eq!(list.url("/statements", Some(Part::Words), Place::Top), "/statements?direction=incoming");
        assert_eq!(Asked::default().url("/statements", None, Place::Top), "/statements");
        let whole = [
            ("direction", "outgoing"),
            ("purpose", "for-action"),
            ("handling", "closed-without-reply"),
            ("date-from", "2026-03"),
            ("date-to", "2026-05-04"),
            ("year", "2026"),
            ("due", "month"),
            ("sort", "title"),
            ("order", "descending"),
            ("before", "a & b = 7.12"),
        ];
        let list = asked(&whole);
        let url = list.url("/statements", None, list.place.clone());
        let query: Vec<(String, String)> = form_urlencoded::parse(url.split_once('?').expect("a query").1.as_bytes()).into_owned().collect();
        let read: Vec<(&str, &str)> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read.len(), whole.len(), "{url}");
        let again = asked(&read);
        assert_eq!((again.filter(), again.notices), (list.filter(), vec![]));
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let days = |pairs: &[(&str, &str)]| {
            let filter = asked(pairs).filter();
            [filter.first_day, filter.last_day].map(|day| day.map_or(String::new(), |day| day.to_string()))
        };

        assert_eq!(days(&[("date-from", "5 March 2026"), ("date-to", "2026-03-07")]), ["2026-03-05", "2026-03-07"]);
        assert_eq!(days(&[("date-from", "March 2026"), ("date-to", "2026")]), ["2026-03-01", "2026-12-31"]);
        assert_eq!(days(&[("year", "2024")]), ["2024-01-01", "2024-12-31"]);
        assert_eq!(days(&[("year", "2024"), ("date-from", "May 2024")]), ["2024-05-01", "2024-12-31"]);
        assert_eq!(days(&[("date-to", "1999")]), ["0001-01-02", "1999-12-31"]);
        for year in ["0", "-5", "99999999999", "20 26", "+2026", "two"] {
            assert_eq!(days(&[("year", year)]), ["", ""], "{year}");
        }
        for odd in ["3/4/2026", "soon", "2026-02-30"] {
            assert_eq!(asked(&[("date-from", odd)]).notices, [format!("“{odd}” is not a day, month or year we can read, so it was ignored.")]);
        }
    }

    #[test]
    fn only_words_alone_lead_to_a_statement() {
        assert!(asked(&[("q", "1914"), ("direction", ""), ("organization", " ")]).is_words_alone());
        for other in [("direction", "incoming"), ("organization", "nobody"), ("sort", "title"), ("year", "1999"), ("before", "-1"), ("x", "y")] {
            assert!(!asked(&[("q", "1914"), other]).is_words_alone(), "{other:?}");
        }
    }

    #[test]
    fn control_characters_and_what_was_no_text_are_left_out() {
        assert_eq!(asked(&[("q", "a\u{0}b\u{fffd}c\r\n")]).q, "a b c");
        assert_eq!(asked(&[("q", &"ä".repeat(10_000))]).q.chars().count(), 300);
    }
}

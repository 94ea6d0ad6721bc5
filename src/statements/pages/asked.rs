//! What an address asks of the list of statements; page and interface for programs read it alike (domain.md 10).
//!
//! A bookmark must work after a name has gone: what is not known or can't be read is ignored with a notice.

use sqlx::PgPool;
use url::form_urlencoded;

use crate::statements::store::list::{self, Filter, Found, Key, NamedGroup, PHRASE_CANDIDATES, Place, Words};
use crate::statements::{Direction, references};

/// Longest words that are searched for, in characters.
const WORDS: usize = 300;

/// What was asked, as far as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Words, without control characters; empty: none.
    pub q: String,
    /// The group, with all below it.
    pub organization: Option<NamedGroup>,
    /// As typed, where it names no group.
    pub organization_typed: String,
    /// The direction.
    pub direction: Option<Direction>,
    /// The page.
    pub place: Place,
    /// What was ignored, a sentence each.
    pub notices: Vec<String>,
}

/// The list's address, part by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `q`
    Words,
    /// `organization`
    Organization,
    /// `direction`
    Direction,
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

impl Asked {
    /// Reads a query string; of a name that is repeated the last value counts.
    ///
    /// # Errors
    /// The database's, asked for the organization's name.
    pub async fn read(pool: &PgPool, query: Option<&str>) -> sqlx::Result<Self> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            asked.take(&name, &plain(&value));
        }
        if !asked.organization_typed.is_empty() {
            asked.organization = list::group_named(pool, &asked.organization_typed).await?;
            if asked.organization.is_none() {
                asked.notices.push(format!("“{}” is not a group we know, so it was ignored.", shown(&asked.organization_typed)));
            }
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: &str) {
        match name {
            _ if value.is_empty() => {}
            "q" => self.take_words(value),
            "organization" => self.organization_typed = value.chars().take(200).collect(),
            "direction" => match Direction::parse(value) {
                Some(direction) => self.direction = Some(direction),
                None => self.notices.push(format!("“{}” is not a direction, so it was ignored.", shown(value))),
            },
            "before" | "after" => match Key::parse(value) {
                Some(key) if name == "before" => self.place = Place::Before(key),
                Some(key) => self.place = Place::After(key),
                None => self.notices.push(format!("“{}” is no place in this list, so it was ignored.", shown(value))),
            },
            _ => self.notices.push(format!("“{}” is nothing this list can be filtered by, so it was ignored.", shown(&plain(name)))),
        }
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

    /// What was ignored in the asking, and left out in the finding.
    pub fn notices(&self, found: &Found) -> Vec<String> {
        let cut = found.is_cut.then(|| format!("Only the newest {PHRASE_CANDIDATES} statements with these words were read for the exact phrase."));
        self.notices.iter().cloned().chain(cut).collect()
    }

    /// For the store.
    pub fn filter(&self) -> Filter {
        Filter {
            words: (!self.q.is_empty()).then(|| Words { text: typed(&self.q), normal: references::normal(&self.q) }),
            group_id: self.organization.as_ref().map(|group| group.group_id),
            direction: self.direction,
            place: self.place,
        }
    }

    /// The number somebody typed into the search field: "1914", "#1914", "LS 1914", "Statement 1914".
    pub fn number(&self) -> Option<i32> {
        let text = self.q.to_lowercase();
        let digits = ["statement", "ls", "#"].iter().find_map(|front| text.strip_prefix(front)).unwrap_or(&text).trim();
        let is_number = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten().filter(|number| *number > 0)
    }

    /// The address of this list under `path`, without one of its filters, at another place.
    pub fn url(&self, path: &str, without: Option<Part>, place: Place) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.q.is_empty() && without != Some(Part::Words) {
            query.append_pair("q", &self.q);
        }
        if let Some(group) = self.organization.as_ref().filter(|_| without != Some(Part::Organization)) {
            query.append_pair("organization", &group.acronym);
        }
        if let Some(direction) = self.direction.filter(|_| without != Some(Part::Direction)) {
            query.append_pair("direction", direction.as_str());
        }
        match place {
            Place::Top => {}
            Place::Before(key) => drop(query.append_pair("before", &key.to_string())),
            Place::After(key) => drop(query.append_pair("after", &key.to_string())),
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
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

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in pairs {
            asked.take(name, &plain(value));
        }
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
        let odd = asked(&[("direction", "sideways"), ("before", "-1"), ("year", "99999999999"), ("q", ":*&!()"), ("after", "2026-02-30.5")]);

        assert_eq!(odd.notices.len(), 5);
        assert_eq!(Asked { notices: vec![], ..odd }, Asked::default());
        assert_eq!(asked(&[("direction", ""), ("q", " ")]), Asked::default());
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let key = Key { sort_date: "2026-10-05".parse().expect("a day"), number: 2281 };

        assert_eq!(key.to_string(), "2026-10-05.2281");
        assert_eq!(Key::parse("2026-10-05.2281"), Some(key));
        for text in ["", ".", "2026-10-05", "2026-10-05.0", "2026-10-05.-1", "-9999-10-05.1", "+99999-01-01.1", "2026-10-05.99999999999"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_leads_back_to_the_same_list() {
        let list = asked(&[("q", "draft/ietf & \"x\""), ("direction", "incoming")]);

        assert_eq!(list.url("/statements", None, Place::Top), "/statements?q=draft%2Fietf+%26+%22x%22&direction=incoming");
        assert_eq!(list.url("/statements", Some(Part::Words), Place::Top), "/statements?direction=incoming");
        assert_eq!(Asked::default().url("/statements", None, Place::Top), "/statements");
    }

    #[test]
    fn control_characters_and_what_was_no_text_are_left_out() {
        assert_eq!(asked(&[("q", "a\u{0}b\u{fffd}c\r\n")]).q, "a b c");
        assert_eq!(asked(&[("q", &"ä".repeat(10_000))]).q.chars().count(), 300);
    }
}

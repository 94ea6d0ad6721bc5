//! Addresses of lists: every filter, sort and page is in them, so that a colleague sees the same.

use url::form_urlencoded::Serializer;

use super::{Asked, Part};
use crate::statements::store::list::{Found, Place};
use crate::statements::{Order, Sort};

impl Asked {
    /// The address of this list under `path`, without one of its filters, at another place.
    pub fn url(&self, path: &str, without: Option<Part>, place: Place) -> String {
        let mut query = Serializer::new(String::new());
        for (part, name, value) in self.pairs() {
            if Some(part) != without {
                query.append_pair(name, &value);
            }
        }
        if self.sort() != Sort::Date {
            query.append_pair("sort", self.sort().as_str());
        }
        if self.order() != self.sort().order() {
            query.append_pair("order", self.order().as_str());
        }
        match place {
            Place::Top => {}
            Place::Before(key) => drop(query.append_pair("before", &key.to_string())),
            Place::After(key) => drop(query.append_pair("after", &key.to_string())),
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The filters that are on, as an address names them.
    fn pairs(&self) -> Vec<(Part, &'static str, String)> {
        let group = |group: &super::AskedGroup| group.found.as_ref().map(|found| found.acronym.clone());
        let text = |value: &'static str| value.to_owned();
        let pairs = [
            (Part::Words, "q", Some(self.q.clone()).filter(|q| !q.is_empty())),
            (Part::Organization, "organization", group(&self.organization)),
            (Part::From, "from", group(&self.from)),
            (Part::To, "to", group(&self.to)),
            (Part::Copy, "copy", group(&self.copy)),
            (Part::Direction, "direction", self.direction.map(|value| text(value.as_str()))),
            (Part::Purpose, "purpose", self.purpose.map(|value| text(value.as_str()))),
            (Part::Handling, "handling", self.handling.map(|value| text(value.as_str()))),
            (Part::Due, "due", self.due.map(|value| text(value.as_str()))),
            (Part::Assignee, "assignee", self.assignee.clone()),
            (Part::Year, "year", self.year.map(|year| year.to_string())),
            (Part::DateFrom, "date-from", self.date_from.found.map(|date| date.iso())),
            (Part::DateTo, "date-to", self.date_to.found.map(|date| date.iso())),
        ];
        pairs.into_iter().filter_map(|(part, name, value)| value.map(|value| (part, name, value))).collect()
    }

    /// The address of the same list, sorted otherwise, from its first page on.
    pub fn sorted(&self, path: &str, sort: Sort, order: Order) -> String {
        Self { sort: Some(sort), order: Some(order), ..self.clone() }.url(path, None, Place::Top)
    }

    /// The page before this one, if there is one.
    pub fn previous(&self, path: &str, found: &Found) -> Option<String> {
        let first = found.rows.iter().find(|row| !row.is_exact).filter(|_| found.has_newer)?;
        Some(self.url(path, None, self.filter().backward(first.key())))
    }

    /// The page after this one, if there is one.
    pub fn next(&self, path: &str, found: &Found) -> Option<String> {
        let last = found.rows.iter().rfind(|row| !row.is_exact).filter(|_| found.has_older)?;
        Some(self.url(path, None, self.filter().onward(last.key())))
    }
}

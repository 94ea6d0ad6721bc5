//! What was asked, in words: filters, order, and where a page lies.

use super::{Asked, AskedGroup, Part};
use crate::statements::store::list::Place;
use crate::statements::{DueWhen, Order, Sort};

/// How a deadline is asked for: "late" is said to role-holders only.
pub fn due_words(when: DueWhen, is_role_holder: bool) -> &'static str {
    match when {
        DueWhen::Past if is_role_holder => "Late",
        DueWhen::Past => "Day past, no reply recorded",
        DueWhen::Week => "Within 7 days",
        DueWhen::Month => "Within 30 days",
        DueWhen::Never => "No deadline",
    }
}

impl Asked {
    /// Every filter that is on, in the order of the form.
    pub fn words(&self) -> Vec<(Part, String)> {
        let group = |group: &AskedGroup, before: &str| group.found.as_ref().map(|found| format!("{before}{} and below", found.label));
        let due = |when| match when {
            DueWhen::Week | DueWhen::Month => format!("Due {}", due_words(when, self.is_role_holder).to_lowercase()),
            DueWhen::Past | DueWhen::Never => due_words(when, self.is_role_holder).to_owned(),
        };
        let words = [
            (Part::Words, Some(format!("“{}”", self.q)).filter(|_| !self.q.is_empty())),
            (Part::Organization, group(&self.organization, "")),
            (Part::Direction, self.direction.map(|direction| direction.words().to_owned())),
            (Part::Purpose, self.purpose.map(|purpose| purpose.words().to_owned())),
            (Part::Handling, self.handling.map(|handling| handling.words().to_owned())),
            (Part::Due, self.due.map(due)),
            (Part::Year, self.year.map(|year| format!("Year {year}"))),
            (Part::From, group(&self.from, "From ")),
            (Part::To, group(&self.to, "To ")),
            (Part::Copy, group(&self.copy, "In copy: ")),
            (Part::Assignee, self.assignee.as_ref().map(|name| format!("With {name}"))),
            (Part::DateFrom, self.date_from.found.map(|date| format!("Dated {date} or later"))),
            (Part::DateTo, self.date_to.found.map(|date| format!("Dated {date} or earlier"))),
        ];
        words.into_iter().filter_map(|(part, words)| words.map(|words| (part, words))).collect()
    }

    /// Which way the list runs: "newest first".
    pub fn order_words(&self) -> &'static str {
        match (self.sort(), self.order()) {
            (Sort::Date, Order::Descending) => "newest first",
            (Sort::Date, Order::Ascending) => "oldest first",
            (Sort::Deadline, Order::Ascending) => "earliest deadline first",
            (Sort::Deadline, Order::Descending) => "latest deadline first",
            (Sort::Title, Order::Ascending) => "by title, A to Z",
            (Sort::Title, Order::Descending) => "by title, Z to A",
            (Sort::From, Order::Ascending) => "by sender, A to Z",
            (Sort::From, Order::Descending) => "by sender, Z to A",
            (Sort::To, Order::Ascending) => "by addressee, A to Z",
            (Sort::To, Order::Descending) => "by addressee, Z to A",
        }
    }

    /// The title of a page of it: what is filtered, in which order, and where it lies.
    pub fn title(&self) -> String {
        let filters: Vec<String> = self.words().into_iter().map(|(part, words)| if part == Part::Words { self.q.clone() } else { words }).collect();
        let list = if filters.is_empty() { "Statements".to_owned() } else { format!("{} – Statements", filters.join(", ")) };
        let filter = self.filter();
        let list = if filter.is_newest_first() { list } else { format!("{list}, {}", self.order_words()) };
        match (&self.place, self.sort()) {
            (Place::Top, _) => list,
            (Place::Before(key), Sort::Date) => format!("{list}, older than Statement {}", key.number),
            (Place::After(key), Sort::Date) => format!("{list}, newer than Statement {}", key.number),
            (Place::Before(key) | Place::After(key), _) => {
                let which = if filter.is_back() { "before" } else { "after" };
                format!("{list}, {which} Statement {}", key.number)
            }
        }
    }
}

//! What a list is asked for: which statements, in which order, which page.

use chrono::{Datelike, Days, NaiveDate};

use crate::ids::GroupId;
use crate::statements::{Direction, DueWhen, Handling, Order, Purpose, Sort};

/// By what a row stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortValue {
    /// Of dates and deadlines; without a deadline a day before or after all others.
    Day(NaiveDate),
    /// Of titles and groups, as the database keeps them for sorting.
    Text(String),
}

/// A place in the list: the row with this value and number. In addresses "2026-10-05.2281".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What the list sorts by.
    pub value: SortValue,
    /// Decides between rows of one value.
    pub number: i32,
}

impl Key {
    /// Reads an address's key of a list sorted so.
    pub fn parse(text: &str, sort: Sort) -> Option<Self> {
        let (value, number) = text.rsplit_once('.')?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|number| is_number && *number > 0)?;
        let value = match sort {
            Sort::Date | Sort::Deadline => {
                let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok()?;
                SortValue::Day(Some(day).filter(|day| (1..=9999).contains(&day.year()))?)
            }
            Sort::Title | Sort::From | Sort::To => {
                SortValue::Text(Some(value).filter(|text| text.chars().count() <= 100 && !text.contains('\0'))?.to_owned())
            }
        };
        Some(Self { value, number })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            SortValue::Day(day) => write!(f, "{day}.{}", self.number),
            SortValue::Text(text) => write!(f, "{text}.{}", self.number),
        }
    }
}

/// Which page of the list. Before and after speak of what is sorted by, whichever way the list runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// The first.
    #[default]
    Top,
    /// What lies before this row: older, or nearer to A.
    Before(Key),
    /// What lies after this row: newer, or nearer to Z.
    After(Key),
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// As typed, without control characters.
    pub text: String,
    /// The same in the normal form of references.
    pub normal: String,
    /// Keys of documents that it may mean.
    pub documents: Vec<String>,
}

/// By when something is asked for, as seen on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueFrom {
    /// How far.
    pub when: DueWhen,
    /// The day from which it is counted.
    pub today: NaiveDate,
}

impl DueFrom {
    /// The last day that still counts; a day before today for what is past.
    pub fn last_day(self) -> NaiveDate {
        let days = |days| self.today.checked_add_days(Days::new(days)).unwrap_or(self.today);
        match self.when {
            DueWhen::Past | DueWhen::Never => self.today.pred_opt().unwrap_or(self.today),
            DueWhen::Week => days(7),
            DueWhen::Month => days(30),
        }
    }
}

/// Which statements, in which order, which page. All that is given holds at once.
///
/// Together with `to` purpose, handling, due and assignee speak of one addressee at or below it. Without it the purpose is
/// the statement's, as is that nothing has a deadline; the others speak of any one addressee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Words of title, references, contacts' names, titles of files and text.
    pub words: Option<Words>,
    /// From, to or in copy: this group or one below it.
    pub group_id: Option<GroupId>,
    /// From this group or one below it.
    pub from: Option<GroupId>,
    /// To this group or one below it.
    pub to: Option<GroupId>,
    /// In copy to this group or one below it.
    pub copy: Option<GroupId>,
    /// From the home organization or to it.
    pub direction: Option<Direction>,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// What an addressee has done about it.
    pub handling: Option<Handling>,
    /// By when something is asked for.
    pub due: Option<DueFrom>,
    /// Who sees to it: a whole name, in lower case.
    pub assignee: Option<String>,
    /// The first day of its date.
    pub first_day: Option<NaiveDate>,
    /// The last day of its date.
    pub last_day: Option<NaiveDate>,
    /// By what it is sorted.
    pub sort: Sort,
    /// Which way it runs.
    pub order: Order,
    /// The page.
    pub place: Place,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            words: None,
            group_id: None,
            from: None,
            to: None,
            copy: None,
            direction: None,
            purpose: None,
            handling: None,
            due: None,
            assignee: None,
            first_day: None,
            last_day: None,
            sort: Sort::Date,
            order: Sort::Date.order(),
            place: Place::Top,
        }
    }
}

impl Filter {
    /// Whether anything but words narrows the list.
    pub fn is_narrowed(&self) -> bool {
        [self.group_id, self.from, self.to, self.copy].iter().any(Option::is_some)
            || self.direction.is_some()
            || self.purpose.is_some()
            || self.handling.is_some()
            || self.due.is_some()
            || self.assignee.is_some()
            || self.first_day.is_some()
            || self.last_day.is_some()
    }

    /// Whether the list runs as it does where nothing is said: newest first.
    pub fn is_newest_first(&self) -> bool {
        self.sort == Sort::Date && self.order == Order::Descending
    }

    /// Whether the page lies on the way back to the first.
    pub fn is_back(&self) -> bool {
        match self.place {
            Place::Top => false,
            Place::Before(_) => self.order == Order::Ascending,
            Place::After(_) => self.order == Order::Descending,
        }
    }

    /// The place that begins behind this row, on the way from the first page.
    pub fn onward(&self, key: Key) -> Place {
        if self.order == Order::Ascending { Place::After(key) } else { Place::Before(key) }
    }

    /// The place that ends in front of this row.
    pub fn backward(&self, key: Key) -> Place {
        if self.order == Order::Ascending { Place::Before(key) } else { Place::After(key) }
    }
}

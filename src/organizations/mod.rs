//! Organizations and their group trees: finding groups by what people type, and naming them.

#[cfg(test)]
mod acceptance;
pub mod changes;
pub mod contacts;
pub mod directory;
pub mod labels;
pub mod pages;
pub mod receipts;
pub mod recognize;
mod segments;
pub mod store;
mod suggest;
mod words;

use chrono::NaiveDate;

use crate::ids::GroupId;

/// What a group is (domain.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// The top of a tree.
    Organization,
    /// Its letters are approved by the IETF Chair.
    Iesg,
    /// Its letters are approved by its chair.
    Iab,
    /// Sends none.
    Irtf,
    /// Has ADs.
    Area,
    /// Has chairs and a responsible AD.
    Wg,
    /// A research group: sends none.
    Rg,
    /// Any other body, such as a peer's study group.
    Group,
}

impl GroupKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [Self::Organization, Self::Iesg, Self::Iab, Self::Irtf, Self::Area, Self::Wg, Self::Rg, Self::Group];

    /// As it stands in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Iesg => "iesg",
            Self::Iab => "iab",
            Self::Irtf => "irtf",
            Self::Area => "area",
            Self::Wg => "wg",
            Self::Rg => "rg",
            Self::Group => "group",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether groups of the kind may send statements at all: research groups and the IRTF send none (4053bis 1).
    pub fn may_send(self) -> bool {
        !matches!(self, Self::Irtf | Self::Rg)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Organization => "Organization",
            Self::Iesg | Self::Iab | Self::Irtf | Self::Group => "Group",
            Self::Area => "Area",
            Self::Wg => "Working group",
            Self::Rg => "Research group",
        }
    }
}

/// Where a group is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupState {
    /// Not chartered yet.
    Proposed,
    /// At work.
    Active,
    /// Ended on a day, perhaps replaced by another.
    Concluded,
}

impl GroupState {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Concluded => "concluded",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Proposed, Self::Active, Self::Concluded].into_iter().find(|state| state.as_str() == name)
    }
}

/// What rules ask of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFacts {
    /// Its key.
    pub group_id: GroupId,
    /// Its acronym.
    pub acronym: String,
    /// How pages name it.
    pub label: String,
    /// `wg`, `area`, `iesg`, `rg` …
    pub kind: String,
    /// Whether it is of the home organization.
    pub is_home: bool,
    /// Whether it is concluded.
    pub is_concluded: bool,
    /// Whether it can be a sender.
    pub may_send: bool,
    /// Whether it can be an addressee.
    pub may_receive: bool,
    /// Itself and all above it, nearest first.
    pub line: Vec<GroupId>,
    /// Its organization: the nearest group above or itself with a formal relationship that was ever active, else the root (domain.md 1).
    pub organization_id: GroupId,
    /// Label of its organization.
    pub organization_label: String,
    /// Label of the group that took over, or of the area above.
    pub instead: Option<String>,
    /// Its next meeting, or else its organization's.
    pub next_meeting_on: Option<NaiveDate>,
}

/// A stored contact of a group, or of the nearest group above it that has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredContact {
    /// `list`, `chairs`, `send-to`, `to`, `cc`.
    pub usage: String,
    /// With its name, as stored.
    pub mailbox: String,
    /// When somebody last said that it is right.
    pub confirmed_on: Option<NaiveDate>,
    /// Their name.
    pub confirmed_by: Option<String>,
    /// Label of the group with which it is stored.
    pub of: String,
}

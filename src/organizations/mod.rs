//! Organizations and their group trees: finding groups by what people type, and naming them.

#[cfg(test)]
mod acceptance;
pub mod directory;
pub mod labels;
pub mod recognize;
mod segments;
pub mod store;
mod suggest;
mod words;

use chrono::NaiveDate;

use crate::ids::GroupId;

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
    /// Label of its organization.
    pub root_label: String,
    /// Label of the group that took over, or of the area above.
    pub instead: Option<String>,
    /// Its next meeting, or else its organization's.
    pub next_meeting_on: Option<NaiveDate>,
}

impl GroupFacts {
    /// Key of its organization.
    pub fn root_id(&self) -> GroupId {
        self.line.last().copied().unwrap_or(self.group_id)
    }
}

/// A stored contact of a group, or of the nearest group above it that has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredContact {
    /// `list`, `chairs`, `send-to`, `to`, `cc`.
    pub usage: String,
    /// With its name, as stored.
    pub mailbox: String,
}

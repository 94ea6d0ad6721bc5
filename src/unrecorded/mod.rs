//! Unrecorded statements that somebody reported: taken and recorded, or set aside with a reason (domain.md 2).

pub mod letter;
pub mod mails;
pub mod pages;
pub mod steps;
pub mod store;

use chrono::{DateTime, Utc};

use crate::ids::{FileId, GroupId, PersonId, UnrecordedId};
use crate::permissions::ReportCase;
use crate::statements::State;
use crate::statements::form::StatementForm;

/// Where a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportState {
    /// Nobody has taken it.
    Open,
    /// Somebody is to record it.
    Taken,
    /// It is not to be recorded.
    SetAside,
    /// What was begun from it is posted.
    Recorded,
}

impl ReportState {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken => "taken",
            Self::SetAside => "set-aside",
            Self::Recorded => "recorded",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Open, Self::Taken, Self::SetAside, Self::Recorded].into_iter().find(|state| state.as_str() == name)
    }
}

/// What was begun from a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BegunFrom {
    /// Its draft id.
    pub draft_id: String,
    /// Its number, once it is posted.
    pub number: Option<i32>,
    /// Where it is in its life.
    pub state: State,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its key.
    pub unrecorded_id: UnrecordedId,
    /// The unguessable id in its address.
    pub report_id: String,
    /// Of the form that made it.
    pub creation_key: String,
    /// Where it is.
    pub state: ReportState,
    /// Grows with each step.
    pub version: i32,
    /// One line.
    pub title: String,
    /// As typed.
    pub form: StatementForm,
    /// When it was made.
    pub reported_at: DateTime<Utc>,
    /// By whom.
    pub reporter: String,
    /// As what; empty: without a role.
    pub reported_as: String,
    /// The peer that was named.
    pub group_id: Option<GroupId>,
    /// Its label; empty: none was named.
    pub group_label: String,
    /// Who took it.
    pub taken_by: Option<PersonId>,
    /// Their name.
    pub taken_name: String,
    /// Whether whoever took it may still see to it.
    pub has_taker: bool,
    /// Why it was set aside.
    pub reason: String,
    /// The newest statement that was begun from it.
    pub begun: Option<BegunFrom>,
    /// What permissions ask.
    pub case: ReportCase,
}

impl Report {
    /// A draft of it stands, or it is posted: nothing more is asked of anybody.
    pub fn in_hand(&self) -> Option<&BegunFrom> {
        self.begun.as_ref().filter(|begun| !matches!(begun.state, State::Abandoned | State::Deleted))
    }

    /// Who has it and could still record it; none: nobody.
    pub fn taker(&self) -> Option<PersonId> {
        self.taken_by.filter(|_| self.has_taker)
    }
}

/// A file or link of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// Its number in the report's addresses.
    pub n: i32,
    /// As sent; empty for a link.
    pub file_name: String,
    /// Where its bytes are; none for a link.
    pub file_id: Option<FileId>,
    /// Of a link.
    pub url: Option<String>,
    /// Bytes; 0 for a link.
    pub size: u64,
    /// Of all its bytes; none for a link.
    pub sha256: Option<[u8; 32]>,
    /// As detected.
    pub media_type: String,
    /// For people.
    pub format_name: String,
    /// Said to be the mail it came in, in whatever form.
    pub is_original_mail: bool,
}

impl ReportFile {
    /// Whether it is a whole mail.
    pub fn is_mail(&self) -> bool {
        self.media_type == "message/rfc822"
    }
}

/// A title that fits in a line.
pub fn title_or_words(title: &str) -> String {
    if title.is_empty() { "Unrecorded statement".to_owned() } else { title.to_owned() }
}

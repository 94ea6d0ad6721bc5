//! The facts that a statement's status follows from.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::statements::{Direction, Handling, Purpose, ReplyKind};

/// The current deadline of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The day.
    pub day: NaiveDate,
    /// The letter named none: we set it (domain.md 1, *answer by*).
    pub is_ours: bool,
}

/// What one addressee has to do, and has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The addressee's label: "NMOP", "ITU-T SG15".
    pub group_label: String,
    /// Kind of the group, as in the database; it decides who sees to it.
    pub group_kind: String,
    /// For action or for information.
    pub purpose: Purpose,
    /// What was done.
    pub handling: Handling,
    /// The current deadline.
    pub due: Option<Due>,
    /// Who has it; empty: nobody yet.
    pub assignee: String,
    /// When it ended.
    pub closed_on: Option<NaiveDate>,
    /// What is said of its outcome or pause.
    pub remark: Remark,
}

/// Public words of an outcome or a pause; lists go without.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remark {
    /// Why it is closed, what is waited for.
    pub words: String,
    /// Since when it is paused.
    pub paused_on: Option<NaiveDate>,
    /// Until when.
    pub resumes_on: Option<NaiveDate>,
    /// The label of the group to which the part was redirected; empty: to none.
    pub redirected_to: String,
}

impl Remark {
    /// ": “clarify clause 7”", or nothing.
    pub(super) fn quoted(&self) -> String {
        if self.words.is_empty() { String::new() } else { format!(": “{}”", self.words) }
    }
}

impl Action {
    /// Whether something is still to be done by our side or awaited of theirs.
    pub fn is_open(&self) -> bool {
        self.handling.is_open()
    }
}

/// A posted reply to a statement.
#[derive(Debug, Clone, Deserialize)]
pub struct Reply {
    /// Its number.
    pub number: i32,
    /// `final`, `preliminary`, `status-update`; none: as final.
    pub reply_kind: Option<String>,
    /// The day it went; none: imported without one.
    pub day: Option<NaiveDate>,
}

impl Reply {
    /// Of replies, earliest first: the numbers of the final ones, and the last preliminary one with its day.
    pub fn sorted(replies: &[Self]) -> (Vec<i32>, Option<(i32, NaiveDate)>) {
        let are = |kind: ReplyKind| replies.iter().filter(move |reply| reply.reply_kind.as_deref().unwrap_or("final") == kind.as_str());
        let preliminary = are(ReplyKind::Preliminary).rev().find_map(|reply| Some((reply.number, reply.day?)));
        (are(ReplyKind::Final).map(|reply| reply.number).collect(), preliminary)
    }
}

/// The facts of a posted statement that its status follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Incoming, outgoing or between others.
    pub direction: Direction,
    /// None: not recorded (imported).
    pub purpose: Option<Purpose>,
    /// Day of posting; none: imported without one.
    pub posted_on: Option<NaiveDate>,
    /// Day on which its record was made here; of an imported one the day of the import.
    pub made_on: NaiveDate,
    /// Numbers of the statements it answers.
    pub answers: Vec<i32>,
    /// The numbers of posted final replies to it, earliest first.
    pub answered_by: Vec<i32>,
    /// The last preliminary reply: its number, and the day it went.
    pub preliminary: Option<(i32, NaiveDate)>,
    /// What replaces it: its number, and the day; lists know no day.
    pub replaced_by: Option<(i32, Option<NaiveDate>)>,
    /// One for each addressee who has something to do.
    pub actions: Vec<Action>,
}

/// The deadline that lists show: the earliest of the open actions, else the latest of the closed (domain.md 1).
pub fn deadline(actions: &[Action]) -> Option<Due> {
    let open = actions.iter().filter(|action| action.is_open()).filter_map(|action| action.due).min();
    open.or_else(|| actions.iter().filter_map(|action| action.due).max())
}

/// Whether anything that has a deadline is still open; a distance is shown only then.
pub fn awaits_deadline(actions: &[Action]) -> bool {
    actions.iter().any(|action| action.is_open() && action.due.is_some())
}

//! Which sign-offs a statement needs, and who has given them by submitting it (domain.md 4). Pure.
//!
//! This step knows incoming statements; outgoing ones get their policy with their own pages.

use crate::ids::GroupId;
use crate::statements::SignOffKind;
use crate::statements::letter::Letter;

/// A row to be written at submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// What is asked.
    pub kind: SignOffKind,
    /// At which group: of a check the sender, whose manager is asked.
    pub group_id: Option<GroupId>,
}

/// What an incoming letter needs before it is posted: nothing where its submitter may post at once.
pub fn of_incoming(letter: &Letter, posts_at_once: bool) -> Vec<Needed> {
    if posts_at_once {
        return Vec::new();
    }
    vec![Needed { kind: SignOffKind::Check, group_id: letter.from.first().map(|sender| sender.group.group_id) }]
}

//! Which sign-offs a statement needs, from whom, by which policy, and who has given them by submitting it (domain.md 4). Pure.

use crate::ids::GroupId;
use crate::people::{RoleKind, Viewer};
use crate::permissions::{Asked, Case, Others, Party, Signing, may_sign};
use crate::statements::letter::Letter;
use crate::statements::{ApprovalPolicy, CoordinatorPolicy, Side, SignOffKind};

/// The policy of sign-offs; configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Of Area Directors.
    pub approval: ApprovalPolicy,
    /// Of coordinators.
    pub coordinator: CoordinatorPolicy,
    /// Each kind of row is asked once the kind before it is given; else all are asked at once.
    pub in_sequence: bool,
    /// Whether who submits has given the rows that are theirs to give.
    pub own_authority: bool,
    /// Working days that a row waits before others may stand in.
    pub wait_days: u32,
}

/// How a row begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begins {
    /// Given by submitting, in the role of these words.
    Given(String),
    /// Asked now.
    Waiting,
    /// Asked once what comes before it is given.
    Later,
}

/// A row to be written at submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// What is asked, and at which group.
    pub asked: Asked,
    /// How it begins.
    pub begins: Begins,
}

/// What an incoming letter needs before it is posted: nothing where its submitter may post at once.
pub fn of_incoming(letter: &Letter, posts_at_once: bool) -> Vec<Needed> {
    if posts_at_once {
        return Vec::new();
    }
    let at = letter.from.first().map(|sender| sender.group.group_id);
    vec![Needed { asked: Asked { kind: SignOffKind::Check, at }, begins: Begins::Waiting }]
}

/// The rows that an outgoing statement needs, before anybody gave one.
pub fn rows(policy: &Policy, case: &Case, submitter: &Viewer, organizations: &[GroupId]) -> Vec<Asked> {
    let from: Vec<&Party> = case.parties.iter().filter(|party| party.side == Side::From).collect();
    let is_body = |party: &&&Party| matches!(party.kind.as_str(), "wg" | "area");
    let mut rows = Vec::new();
    if !speaks_for_one(submitter, &from) {
        rows.extend(from.iter().filter(is_body).map(|party| Asked { kind: SignOffKind::Agreement, at: Some(party.group_id) }));
    }
    let mut approval = |at: Option<GroupId>| {
        let row = Asked { kind: SignOffKind::Approval, at };
        if !rows.contains(&row) {
            rows.push(row);
        }
    };
    for party in from.iter().filter(is_body) {
        approval(match policy.approval {
            ApprovalPolicy::One => None,
            ApprovalPolicy::EachArea => Some(area_of(party)),
        });
    }
    // the IETF Chair approves for the home organization and the IESG alike: one row for that authority
    let leaders = |is: fn(&str) -> bool| from.iter().find(move |party| is(party.kind.as_str())).map(|party| party.group_id);
    let of_the_whole = leaders(|kind| !matches!(kind, "wg" | "area" | "iab"));
    for at in [of_the_whole, leaders(|kind| kind == "iab")].into_iter().flatten() {
        approval(Some(at));
    }
    for organization in organizations {
        let row = Asked { kind: SignOffKind::Manager, at: Some(*organization) };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    if policy.coordinator == CoordinatorPolicy::Required {
        rows.push(Asked { kind: SignOffKind::Coordinator, at: None });
    }
    rows
}

/// How each row begins: the own authority of who submits counts where the policy says so, or where nobody else could give it.
///
/// `others` says who else may give a row, and whether anybody else holds its role.
pub fn begin(policy: &Policy, case: &Case, submitter: &Viewer, rows: &[Asked], others: &dyn Fn(Asked) -> (Others, bool)) -> Vec<Needed> {
    let mut needed: Vec<Needed> = Vec::new();
    for row in rows {
        let (who, somebody_else) = others(*row);
        // an approval whose role nobody holds is the IETF Chair's to give
        let is_theirs = |signing: &Signing| !signing.is_standing_in || (who.nobody_holds_it && row.kind == SignOffKind::Approval);
        let own = may_sign(submitter, *row, case, &who).ok().and_then(|roles| roles.into_iter().find(is_theirs));
        // a coordinator who gave the manager's row has given the review too
        let gave_the_managers = row.kind == SignOffKind::Coordinator
            && submitter.has(RoleKind::Coordinator)
            && needed.iter().any(|one| one.asked.kind == SignOffKind::Manager && matches!(one.begins, Begins::Given(_)));
        let begins = match own {
            Some(signing) if policy.own_authority || !somebody_else || gave_the_managers => Begins::Given(signing.role.words()),
            _ => Begins::Waiting,
        };
        needed.push(Needed { asked: *row, begins });
    }
    if policy.in_sequence {
        let first = needed.iter().filter(|one| one.begins == Begins::Waiting).map(|one| stage(one.asked.kind)).min();
        for one in needed.iter_mut().filter(|one| one.begins == Begins::Waiting) {
            if Some(stage(one.asked.kind)) != first {
                one.begins = Begins::Later;
            }
        }
    }
    needed
}

/// In a sequence, what comes before what.
pub fn stage(kind: SignOffKind) -> u8 {
    match kind {
        SignOffKind::Check | SignOffKind::Agreement => 0,
        SignOffKind::Approval => 1,
        SignOffKind::Manager => 2,
        SignOffKind::Coordinator => 3,
    }
}

/// Whether somebody holds a role of one of the groups it is from: then no group has to agree first.
fn speaks_for_one(submitter: &Viewer, from: &[&Party]) -> bool {
    let is_of = |party: &Party| {
        submitter.roles.iter().any(|role| match role.kind {
            RoleKind::Chair | RoleKind::Secretary | RoleKind::ResponsibleAreaDirector => role.group_id == Some(party.group_id),
            RoleKind::AreaDirector => {
                role.group_id.is_some_and(|at| party.line.contains(&at)) || matches!(party.kind.as_str(), "organization" | "iesg")
            }
            RoleKind::IetfChair => matches!(party.kind.as_str(), "organization" | "iesg"),
            RoleKind::IabChair => party.kind == "iab",
            _ => false,
        })
    };
    from.iter().any(|party| is_of(party))
}

/// The area of a WG, or the area itself.
fn area_of(party: &Party) -> GroupId {
    if party.kind == "area" { party.group_id } else { party.line.get(1).copied().unwrap_or(party.group_id) }
}

/// A row in words, as mails and pages ask for it; `label` names its group.
pub fn words(kind: SignOffKind, label: &str) -> String {
    match kind {
        SignOffKind::Check => "the check before posting".to_owned(),
        SignOffKind::Agreement => format!("the agreement of {label}"),
        SignOffKind::Approval if label.is_empty() => "the approval of an Area Director".to_owned(),
        SignOffKind::Approval => format!("the approval for {label}"),
        SignOffKind::Manager => format!("the approval of the liaison manager for {label}"),
        SignOffKind::Coordinator => "the review by a coordinator".to_owned(),
    }
}

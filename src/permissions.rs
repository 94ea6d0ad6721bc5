//! domain.md 2 as one table: what a person may do to a statement, as what, and why not. Pure.

mod keeping;

use crate::ids::{GroupId, PersonId};
use crate::people::{Role, RoleKind, Viewer};
use crate::statements::{Direction, Side, SignOffKind, State};

pub use keeping::{may_keep_contacts, may_set_aliases};

/// A group's place at a statement, as far as permissions ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// How it stands to the statement.
    pub side: Side,
    /// The group.
    pub group_id: GroupId,
    /// Its label.
    pub label: String,
    /// `wg`, `area`, `iesg` …
    pub kind: String,
    /// Whether it is of the home organization.
    pub is_home: bool,
    /// Itself and all above it.
    pub line: Vec<GroupId>,
}

/// A statement, as far as permissions ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Incoming or outgoing.
    pub direction: Direction,
    /// Where it is in its life.
    pub state: State,
    /// Who began it; counts only while holding a role that could record it (domain.md 1, *concerned*).
    pub author_id: Option<PersonId>,
    /// Who sees to its actions.
    pub assignees: Vec<PersonId>,
    /// From, to, copy.
    pub parties: Vec<Party>,
    /// Who may read it while it is not public, beside those whose roles say so: who was consulted, who stands in.
    pub readers: Vec<PersonId>,
}

/// A sign-off row, as far as permissions ask (domain.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asked {
    /// What is asked.
    pub kind: SignOffKind,
    /// Of an agreement the group, of an approval the area, IESG, IAB or home organization; of a manager's row the peer.
    /// None: of an approval any Area Director concerned.
    pub at: Option<GroupId>,
}

/// Who else may give a row now, beside those who hold its role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Others {
    /// Nobody holds the role: a coordinator is the one asked; of an approval the IETF Chair.
    pub nobody_holds_it: bool,
    /// The holders are away, or the row waited its working days: coordinators may stand in.
    pub may_stand_in: bool,
    /// Whom holders who are away named in their place.
    pub named: Vec<PersonId>,
    /// Who submitted it: on behalf of a group they do not agree in its place.
    pub submitted_by: Option<PersonId>,
}

/// A role in which somebody may give a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The role.
    pub role: Role,
    /// For whoever holds the row's own role.
    pub is_standing_in: bool,
}

/// Behind the role of whoever stands in, where the role is chosen.
pub const STANDING_IN: &str = ", standing in";

impl Signing {
    /// The role, and whether it stands in: what is chosen on the page.
    pub fn words(&self) -> String {
        let words = self.role.words();
        if self.is_standing_in { format!("{words}{STANDING_IN}") } else { words }
    }
}

impl Case {
    /// The same, as far as one sign-off row goes: the senders, and the peer, that it speaks of.
    pub fn of_row(&self, row: Asked) -> Self {
        let is_meant = |party: &&Party| match (row.kind, party.side) {
            (SignOffKind::Agreement, Side::From) => Some(party.group_id) == row.at,
            (SignOffKind::Approval, Side::From) => match row.at {
                None => matches!(party.kind.as_str(), "wg" | "area"),
                // the area of a WG, not the organization above it
                Some(at) => party.group_id == at || (party.kind == "wg" && party.line.len() > 2 && party.line.get(1) == Some(&at)),
            },
            (SignOffKind::Manager, Side::To) => row.at.is_none_or(|at| party.line.contains(&at)),
            (SignOffKind::Check, Side::From) => true,
            (SignOffKind::Coordinator, _) => true,
            _ => false,
        };
        let mut parties: Vec<Party> = self.parties.iter().filter(is_meant).cloned().collect();
        if let (SignOffKind::Manager, Some(at)) = (row.kind, row.at) {
            // a manager of a node below speaks for that node, not for the organization
            for party in &mut parties {
                let from = party.line.iter().position(|node| *node == at).unwrap_or(0);
                party.line.drain(..from);
            }
        }
        Self { parties, ..self.clone() }
    }

    /// Whether a row is the approval of the IAB's own statement: it names the IAB's decision (4053bis 4.1).
    pub fn is_of_the_iab(&self, row: Asked) -> bool {
        row.kind == SignOffKind::Approval && self.of_row(row).parties.iter().any(|party| party.kind == "iab")
    }

    /// The groups of one side, as pages name them.
    pub fn labels(&self, side: Side) -> String {
        on(self, side).map(|party| party.label.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The same, as far as one addressee's action goes: its group, the senders, its assignee.
    pub fn of_action(&self, group_id: GroupId, assignee: Option<PersonId>) -> Self {
        let parties = self.parties.iter().filter(|party| party.side == Side::From || party.side == Side::To && party.group_id == group_id);
        Self { assignees: assignee.into_iter().collect(), parties: parties.cloned().collect(), ..self.clone() }
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Read a draft, or what is in review or abandoned.
    ReadDraft,
    /// Read of a posted one what is for those concerned: mail fate, earlier history, overruled warnings.
    ReadConcerned,
    /// Record an incoming statement: submit it.
    Record,
    /// Submit an outgoing statement for its sign-offs.
    Submit,
    /// Enter an approval that was given elsewhere, or that it left without one; with evidence.
    Enter,
    /// Hold it, or release it: nothing is posted meanwhile.
    Hold,
    /// Post at submission, without a check by another.
    PostAtOnce,
    /// Edit, submit, take back.
    Edit,
    /// Delete a draft; abandon; restore.
    Abandon,
    /// Give a sign-off of this kind, or request changes in its place.
    Sign(SignOffKind),
    /// Send a mail again to one recipient.
    SendAgain,
    /// Take, assign, set the handling, record an outcome, reopen, undo: of the action that [`Case::of_action`] gives.
    Handle,
    /// Agree a new deadline; note what the peer was told. Of one action too.
    Agree,
    /// Change the lead, redirect, decide on *not for us*.
    Direct,
    /// Say *not for us*: of one action.
    Refuse,
    /// Change what stands beside the text of a posted one; add a file; say who may fetch one.
    EditPosted,
    /// Comment in public on a posted one.
    Comment,
    /// Remove what was posted in error; take bytes or words away.
    Remove,
    /// Consult the IRTF Chair on what is not public yet.
    Consult,
}

/// A report of an unrecorded statement, as far as permissions ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCase {
    /// Who made it.
    pub reported_by: PersonId,
    /// The peer that was named and all above it; empty: none was.
    pub line: Vec<GroupId>,
}

/// Why not, in words a page can show; says who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyNot(pub String);

/// Whether a role reaches one of the statement's groups (domain.md 1, *chair … manager*).
fn reaches(role: &Role, party: &Party) -> bool {
    let Some(at) = role.group_id else { return false };
    match role.kind {
        RoleKind::Chair | RoleKind::Secretary | RoleKind::ResponsibleAreaDirector => party.group_id == at,
        // an AD reaches the area and its WGs; any AD may act for the home organization and the IESG
        RoleKind::AreaDirector => party.line.contains(&at) || (party.is_home && matches!(party.kind.as_str(), "organization" | "iesg")),
        RoleKind::LiaisonManager => !party.is_home && party.line.contains(&at),
        _ => false,
    }
}

/// Whether a chair of the home organization itself, the IESG or the IAB reaches the party.
fn leads(role: &Role, party: &Party) -> bool {
    match role.kind {
        RoleKind::IetfChair => party.is_home && matches!(party.kind.as_str(), "organization" | "iesg"),
        RoleKind::IabChair => party.is_home && party.kind == "iab",
        RoleKind::IrtfChair => party.is_home && matches!(party.kind.as_str(), "irtf" | "rg"),
        _ => false,
    }
}

fn on(case: &Case, side: Side) -> impl Iterator<Item = &Party> {
    case.parties.iter().filter(move |party| party.side == side)
}

fn is_staff(role: &Role) -> bool {
    matches!(role.kind, RoleKind::Coordinator | RoleKind::Secretariat)
}

/// The roles that make somebody a recorder of this incoming statement.
fn records(role: &Role, case: &Case) -> bool {
    is_staff(role)
        || on(case, Side::From).any(|party| role.kind == RoleKind::LiaisonManager && reaches(role, party))
        || on(case, Side::To).any(|party| {
            leads(role, party)
                || matches!(role.kind, RoleKind::Chair | RoleKind::Secretary | RoleKind::AreaDirector | RoleKind::ResponsibleAreaDirector)
                    && reaches(role, party)
        })
}

/// The roles that could draft this outgoing statement.
fn drafts(role: &Role, case: &Case) -> bool {
    is_staff(role)
        || on(case, Side::From).any(|party| leads(role, party) || (role.kind != RoleKind::LiaisonManager && reaches(role, party)))
        || on(case, Side::To).any(|party| role.kind == RoleKind::LiaisonManager && reaches(role, party))
}

/// The roles that may submit this outgoing statement: a manager's only where every addressee is of their own peer.
fn submits(role: &Role, case: &Case) -> bool {
    let is_own_peer = || on(case, Side::To).all(|party| reaches(role, party));
    drafts(role, case) && (role.kind != RoleKind::LiaisonManager || is_own_peer())
}

/// Whether somebody is of one of the peers it is to: nobody of the peer signs (domain.md 2).
fn is_of_the_peer(viewer: &Viewer, case: &Case) -> bool {
    let is_there = |role: &Role, party: &Party| role.kind != RoleKind::LiaisonManager && role.root_id.is_some_and(|root| party.line.contains(&root));
    let mut peers = on(case, Side::To).filter(|party| !party.is_home);
    peers.any(|party| viewer.roles.iter().any(|role| is_there(role, party)))
}

/// In which of their roles somebody may give a row, and whether that is standing in (domain.md 4).
///
/// # Errors
/// Why not, and who may.
pub fn may_sign(viewer: &Viewer, row: Asked, case: &Case, others: &Others) -> Result<Vec<Signing>, WhyNot> {
    if case.direction == Direction::Outgoing && is_of_the_peer(viewer, case) {
        return Err(WhyNot("Nobody of the organization it goes to signs it.".to_owned()));
    }
    let own = may(Some(viewer), Deed::Sign(row.kind), &case.of_row(row));
    let mut signing: Vec<Signing> = own.iter().flatten().map(|role| Signing { role: role.clone(), is_standing_in: false }).collect();
    let mut stand_in = |kind: RoleKind, is_standing_in: bool| {
        let roles = viewer.roles.iter().filter(|role| role.kind == kind);
        signing.extend(roles.map(|role| Signing { role: role.clone(), is_standing_in }));
    };
    match row.kind {
        // where there is no manager, the row is a coordinator's own
        SignOffKind::Manager if others.nobody_holds_it => stand_in(RoleKind::Coordinator, false),
        // who drafted on behalf of a group does not agree in its place
        SignOffKind::Agreement
            if (others.may_stand_in || others.nobody_holds_it) && !is_author(viewer, case) && others.submitted_by != Some(viewer.person_id) =>
        {
            stand_in(RoleKind::Coordinator, true);
        }
        SignOffKind::Manager if others.may_stand_in => stand_in(RoleKind::Coordinator, true),
        SignOffKind::Approval => {
            if !case.is_of_the_iab(row) && (others.may_stand_in || others.nobody_holds_it) {
                stand_in(RoleKind::IetfChair, true);
            }
            // whom a holder who is away named; with their own authority they do not stand in
            if own.is_err() && others.named.contains(&viewer.person_id) {
                signing.extend(
                    viewer
                        .roles
                        .iter()
                        .find(|role| role.kind != RoleKind::Secretariat)
                        .map(|role| Signing { role: role.clone(), is_standing_in: true }),
                );
            }
        }
        _ => {}
    }
    match (signing.is_empty(), own) {
        (false, _) => Ok(signing),
        (true, _) if viewer.has(RoleKind::Secretariat) && viewer.roles.len() == 1 => {
            Err(WhyNot("The secretariat never signs in its own name; it can enter what was given elsewhere, with evidence.".to_owned()))
        }
        (true, Err(why)) => Err(why),
        (true, Ok(_)) => Err(WhyNot("You hold no role in which you can give this.".to_owned())),
    }
}

/// Whether the role is a liaison manager's for one of the peers it is from or to.
fn manages(role: &Role, case: &Case) -> bool {
    role.kind == RoleKind::LiaisonManager && case.parties.iter().any(|party| !party.is_home && reaches(role, party))
}

/// Whether the role is the liaison manager's of the sender, or of an outgoing one of whom it is to.
fn manages_exchange(role: &Role, case: &Case) -> bool {
    let is_peer = |party: &Party| !party.is_home && (party.side == Side::From || case.direction == Direction::Outgoing);
    role.kind == RoleKind::LiaisonManager && case.parties.iter().any(|party| is_peer(party) && reaches(role, party))
}

/// *Chairs of a group* (domain.md 1).
fn speaks_for(role: &Role, party: &Party) -> bool {
    leads(role, party)
        || role.kind == RoleKind::Chair && reaches(role, party)
        || role.kind == RoleKind::AreaDirector && party.kind == "area" && reaches(role, party)
}

/// The home groups concerned: addressed, or of an outgoing one the senders.
fn home_side(case: &Case) -> impl Iterator<Item = &Party> {
    let side = if case.direction == Direction::Outgoing { Side::From } else { Side::To };
    on(case, side).filter(|party| party.is_home)
}

fn is_author(viewer: &Viewer, case: &Case) -> bool {
    case.author_id == Some(viewer.person_id)
}

/// Roles in which the viewer may do it; empty roles never stand for a yes.
fn fitting<'a>(viewer: &'a Viewer, deed: Deed, case: &Case) -> Vec<&'a Role> {
    let by = |fits: &dyn Fn(&Role) -> bool| viewer.roles.iter().filter(|role| fits(role)).collect::<Vec<_>>();
    let edits = |role: &Role| match case.direction {
        Direction::Outgoing => drafts(role, case),
        _ => is_staff(role) || on(case, Side::From).any(|party| role.kind == RoleKind::LiaisonManager && reaches(role, party)),
    };
    // an author counts while holding a role that could record something: the groups a draft names change with each save,
    // and whether they may record *this* letter is asked when it is submitted (domain.md 1, 2)
    let as_author =
        |role: &Role| is_author(viewer, case) && if case.direction == Direction::Outgoing { begins_drafting(role) } else { begins_recording(role) };
    match deed {
        Deed::Record => by(&|role| records(role, case)),
        Deed::Submit => by(&|role| submits(role, case)),
        Deed::Enter => by(&|role| is_staff(role)),
        Deed::Hold | Deed::Consult => by(&|role| role.kind == RoleKind::Coordinator),
        Deed::PostAtOnce => by(&|role| {
            role.kind == RoleKind::Coordinator || on(case, Side::From).any(|party| role.kind == RoleKind::LiaisonManager && reaches(role, party))
        }),
        Deed::Edit => by(&|role| edits(role) || as_author(role)),
        Deed::Abandon => by(&|role| is_staff(role) || as_author(role)),
        Deed::Sign(SignOffKind::Check) => by(&|role| {
            role.kind == RoleKind::Coordinator || on(case, Side::From).any(|party| role.kind == RoleKind::LiaisonManager && reaches(role, party))
        }),
        Deed::Sign(SignOffKind::Manager) => by(&|role| on(case, Side::To).any(|party| role.kind == RoleKind::LiaisonManager && reaches(role, party))),
        Deed::Sign(SignOffKind::Coordinator) => by(&|role| role.kind == RoleKind::Coordinator),
        // a chair or secretary of that WG, an AD of that area
        Deed::Sign(SignOffKind::Agreement) => by(&|role| {
            on(case, Side::From).any(|party| match role.kind {
                RoleKind::Chair | RoleKind::Secretary => reaches(role, party),
                RoleKind::AreaDirector => party.kind == "area" && reaches(role, party),
                _ => false,
            })
        }),
        Deed::Sign(SignOffKind::Approval) => by(&|role| {
            on(case, Side::From).any(|party| {
                leads(role, party)
                    || matches!(role.kind, RoleKind::AreaDirector | RoleKind::ResponsibleAreaDirector)
                        && matches!(party.kind.as_str(), "wg" | "area")
                        && reaches(role, party)
            })
        }),
        Deed::ReadDraft => by(&|role| {
            case.readers.contains(&viewer.person_id)
                || role.kind == RoleKind::IabMember
                || role.kind == RoleKind::IabChair
                || edits(role)
                || as_author(role)
                // who stands in for Area Directors reads what they are asked for
                || (role.kind == RoleKind::IetfChair
                    && (case.direction, case.state) == (Direction::Outgoing, State::InReview)
                    && on(case, Side::From).any(|party| matches!(party.kind.as_str(), "wg" | "area")))
                || (case.direction == Direction::Incoming
                    && case.state == State::InReview
                    && on(case, Side::To).any(|party| leads(role, party) || (role.kind != RoleKind::LiaisonManager && reaches(role, party))))
        }),
        Deed::ReadConcerned => by(&|role| {
            is_staff(role)
                || matches!(role.kind, RoleKind::IabMember | RoleKind::IabChair)
                || case.parties.iter().any(|party| leads(role, party) || reaches(role, party))
                || as_author(role)
                || case.assignees.contains(&viewer.person_id) && begins_recording(role)
        }),
        Deed::SendAgain => by(&|role| is_staff(role) || edits(role) || as_author(role)),
        Deed::Handle => by(&|role| {
            is_staff(role)
                || role.kind == RoleKind::IabChair
                || manages(role, case)
                || home_side(case).any(|party| leads(role, party) || (role.kind != RoleKind::LiaisonManager && reaches(role, party)))
                || case.assignees.contains(&viewer.person_id) && begins_recording(role)
        }),
        Deed::Agree => by(&|role| role.kind == RoleKind::Coordinator || manages(role, case) || home_side(case).any(|party| speaks_for(role, party))),
        Deed::Direct => by(&|role| role.kind == RoleKind::Coordinator || manages_exchange(role, case)),
        Deed::EditPosted => by(&|role| is_staff(role) || manages_exchange(role, case)),
        Deed::Comment => by(&|_| true),
        Deed::Remove => by(&|role| is_staff(role)),
        Deed::Refuse => by(&|role| home_side(case).any(|party| speaks_for(role, party))),
    }
}

/// In which of their roles somebody may do it, in order of the roles they hold.
///
/// # Errors
/// Why not, and who may.
pub fn may(viewer: Option<&Viewer>, deed: Deed, case: &Case) -> Result<Vec<Role>, WhyNot> {
    let who = match deed {
        Deed::ReadDraft => "those who edit or check it",
        Deed::ReadConcerned => "those concerned by it",
        Deed::Record => {
            "the sender's liaison manager, chairs, secretaries and Area Directors of an addressed group, coordinators and the secretariat"
        }
        Deed::Submit => {
            "chairs, secretaries and Area Directors of the groups it is from, the liaison manager of the one organization it goes to, coordinators and the secretariat"
        }
        Deed::Enter => "coordinators and the secretariat",
        Deed::Hold | Deed::Consult => "a coordinator",
        Deed::PostAtOnce => "the sender's liaison manager and the coordinators",
        Deed::Edit => "its author, the liaison manager, coordinators and the secretariat",
        Deed::Abandon => "its author, coordinators and the secretariat",
        Deed::Sign(SignOffKind::Check) => "the sender's liaison manager and the coordinators",
        Deed::Sign(SignOffKind::Manager) => "the addressed organization's liaison manager",
        Deed::Sign(SignOffKind::Coordinator) => "a coordinator",
        Deed::Sign(SignOffKind::Agreement) => "a chair or secretary of the group, or of an area its Area Director",
        Deed::Sign(SignOffKind::Approval) => "the Area Director, IETF Chair or IAB Chair whose authority it is",
        Deed::SendAgain => "its author, the liaison manager, coordinators and the secretariat",
        Deed::Handle => {
            "who has it, chairs, secretaries and Area Directors of the group, the liaison manager, the IAB Chair, coordinators and the secretariat"
        }
        Deed::Agree => "the liaison manager, chairs of the group and coordinators",
        Deed::Direct => "the liaison manager and the coordinators",
        Deed::EditPosted => "the liaison manager, coordinators and the secretariat",
        Deed::Refuse => "chairs of the group",
        Deed::Comment => "who holds a role",
        Deed::Remove => "coordinators and the secretariat",
    };
    let roles: Vec<Role> = viewer.map(|viewer| fitting(viewer, deed, case).into_iter().cloned().collect()).unwrap_or_default();
    if roles.is_empty() { Err(WhyNot(format!("Only {who} can do this."))) } else { Ok(roles) }
}

/// The role in which somebody sees to a report: takes it, records from it, sets it aside. None: they do not.
pub fn sees_to_report<'a>(viewer: &'a Viewer, case: &ReportCase) -> Option<&'a Role> {
    viewer.roles.iter().find(|role| is_staff(role) || manages_organization(role, &case.line))
}

/// Whether somebody may read a report: who made it, who sees to it, IAB members. For all others it does not exist.
pub fn reads_report(viewer: Option<&Viewer>, case: &ReportCase) -> bool {
    viewer.is_some_and(|viewer| {
        viewer.person_id == case.reported_by
            || sees_to_report(viewer, case).is_some()
            || viewer.has(RoleKind::IabMember)
            || viewer.has(RoleKind::IabChair)
    })
}

fn manages_organization(role: &Role, line: &[GroupId]) -> bool {
    role.kind == RoleKind::LiaisonManager && role.group_id.is_some_and(|at| line.contains(&at))
}

/// The role in which somebody says when an organization's senders get a receipt; `line` is it and all above it.
pub fn sets_receipts<'a>(viewer: &'a Viewer, line: &[GroupId]) -> Option<&'a Role> {
    viewer.roles.iter().find(|role| role.kind == RoleKind::Coordinator || manages_organization(role, line))
}

/// Whether a role could record some incoming statement.
pub fn begins_recording(role: &Role) -> bool {
    !matches!(role.kind, RoleKind::IabMember | RoleKind::IrtfChair)
}

/// Whether somebody may begin to record incoming statements at all; whether this one, [`Deed::Record`] says.
pub fn may_begin_recording(viewer: Option<&Viewer>) -> bool {
    viewer.is_some_and(|viewer| viewer.roles.iter().any(begins_recording))
}

/// Whether a role could draft some outgoing statement; research groups and the IRTF send none (4053bis 1).
pub fn begins_drafting(role: &Role) -> bool {
    !matches!(role.kind, RoleKind::IabMember | RoleKind::IrtfChair)
}

/// Whether somebody may begin to draft outgoing statements at all; whether this one, [`Deed::Submit`] says.
pub fn may_begin_drafting(viewer: Option<&Viewer>) -> bool {
    viewer.is_some_and(|viewer| viewer.roles.iter().any(begins_drafting))
}

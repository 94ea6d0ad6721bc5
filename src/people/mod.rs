//! People, their roles, accounts and sessions.

pub mod accounts;
pub mod hashing;
pub mod mails;
pub mod pages;
pub mod passwords;
pub mod secrets;
pub mod store;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, PersonId, SessionId};

/// The password of every account of a demonstration; its sign-in page gives it to everybody.
pub const DEMONSTRATION_PASSWORD: &str = "liaison-demonstration";
/// The ending of every address of a demonstration.
pub const DEMONSTRATION_ENDING: &str = "@demo.example";
/// What a person can be to a group, an organization or the tracker (domain.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleKind {
    /// Of a WG.
    Chair,
    /// Of a WG.
    Secretary,
    /// Of an area; reaches its WGs too.
    AreaDirector,
    /// The AD responsible for one WG, perhaps of another area.
    ResponsibleAreaDirector,
    /// Appointed for a node of a peer's tree; reaches all below it.
    LiaisonManager,
    /// Approves for IETF and IESG.
    IetfChair,
    /// Approves for the IAB.
    IabChair,
    /// Consulted on topics of research groups.
    IrtfChair,
    /// Reads what is in hand.
    IabMember,
    /// Oversees all liaison matters.
    Coordinator,
    /// Keeps people, groups and contacts; never signs.
    Secretariat,
}

impl RoleKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Chair,
        Self::Secretary,
        Self::AreaDirector,
        Self::ResponsibleAreaDirector,
        Self::LiaisonManager,
        Self::IetfChair,
        Self::IabChair,
        Self::IrtfChair,
        Self::IabMember,
        Self::Coordinator,
        Self::Secretariat,
    ];

    /// As it stands in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chair => "chair",
            Self::Secretary => "secretary",
            Self::AreaDirector => "area-director",
            Self::ResponsibleAreaDirector => "responsible-area-director",
            Self::LiaisonManager => "liaison-manager",
            Self::IetfChair => "ietf-chair",
            Self::IabChair => "iab-chair",
            Self::IrtfChair => "irtf-chair",
            Self::IabMember => "iab-member",
            Self::Coordinator => "coordinator",
            Self::Secretariat => "secretariat",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is held at a group, rather than at the tracker as a whole.
    pub fn is_at_a_group(self) -> bool {
        matches!(self, Self::Chair | Self::Secretary | Self::AreaDirector | Self::ResponsibleAreaDirector | Self::LiaisonManager)
    }
}

/// A role somebody holds today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// What it is.
    pub kind: RoleKind,
    /// Where, for those held at a group.
    pub group_id: Option<GroupId>,
    /// The root of that group's tree: our own organization, or a peer.
    pub root_id: Option<GroupId>,
    /// The group's label, such as "NMOP"; empty for the others.
    pub group_label: String,
    /// The role's own address.
    pub alias: Option<String>,
    /// The first day on which the holder is back.
    pub away_until: Option<NaiveDate>,
}

impl Role {
    /// How pages and history name it: "chair of NMOP", "liaison manager for ITU-T".
    pub fn words(&self) -> String {
        let group = &self.group_label;
        match self.kind {
            RoleKind::Chair => format!("chair of {group}"),
            RoleKind::Secretary => format!("secretary of {group}"),
            RoleKind::AreaDirector => format!("Area Director of {group}"),
            RoleKind::ResponsibleAreaDirector => format!("responsible Area Director of {group}"),
            RoleKind::LiaisonManager => format!("liaison manager for {group}"),
            RoleKind::IetfChair => "IETF Chair".to_owned(),
            RoleKind::IabChair => "IAB Chair".to_owned(),
            RoleKind::IrtfChair => "IRTF Chair".to_owned(),
            RoleKind::IabMember => "IAB member".to_owned(),
            RoleKind::Coordinator => "liaison coordinator".to_owned(),
            RoleKind::Secretariat => "secretariat".to_owned(),
        }
    }
}

/// Who is signed in, with the roles held today.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The person.
    pub person_id: PersonId,
    /// Name, as pages show it.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// This sign-in.
    pub session_id: SessionId,
    /// Roles of today; none for a person without any.
    pub roles: Vec<Role>,
}

impl Viewer {
    /// Whether one of today's roles is of that kind.
    pub fn has(&self, kind: RoleKind) -> bool {
        self.roles.iter().any(|role| role.kind == kind)
    }

    /// As whom history and mails name them, acting in one of their roles or in none.
    pub fn acting_as(&self, role: Option<&Role>) -> crate::history::Actor {
        crate::history::Actor { person_id: Some(self.person_id), name: self.name.clone(), role: role.map(Role::words).unwrap_or_default() }
    }

    /// Coordinators and the secretariat.
    pub fn is_staff(&self) -> bool {
        self.has(RoleKind::Coordinator) || self.has(RoleKind::Secretariat)
    }

    /// Whether there is any current role.
    pub fn is_role_holder(&self) -> bool {
        !self.roles.is_empty()
    }
}

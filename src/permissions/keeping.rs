//! Who keeps contacts and aliases (domain.md 2). Pure.

use super::{WhyNot, is_staff};
use crate::ids::GroupId;
use crate::people::{Role, RoleKind, Viewer};

/// Who keeps a group's stored contacts and how it is written to: coordinators, secretariat, of a peer its liaison manager
/// too (domain.md 2). `line` is the group and all above it.
///
/// # Errors
/// Why not, and who may.
pub fn may_keep_contacts(viewer: Option<&Viewer>, is_home: bool, line: &[GroupId]) -> Result<Vec<Role>, WhyNot> {
    let is_manager = |role: &Role| role.kind == RoleKind::LiaisonManager && !is_home && role.group_id.is_some_and(|at| line.contains(&at));
    let who = if is_home { "coordinators and the secretariat" } else { "the peer's liaison manager, coordinators and the secretariat" };
    in_roles(viewer, who, |role| is_staff(role) || is_manager(role))
}

/// Who sets aliases of roles: coordinators and secretariat (domain.md 2).
///
/// # Errors
/// Why not, and who may.
pub fn may_set_aliases(viewer: Option<&Viewer>) -> Result<Vec<Role>, WhyNot> {
    in_roles(viewer, "coordinators and the secretariat", is_staff)
}

fn in_roles(viewer: Option<&Viewer>, who: &str, fits: impl Fn(&Role) -> bool) -> Result<Vec<Role>, WhyNot> {
    let roles: Vec<Role> = viewer.map(|viewer| viewer.roles.iter().filter(|role| fits(role)).cloned().collect()).unwrap_or_default();
    if roles.is_empty() { Err(WhyNot(format!("Only {who} can change this."))) } else { Ok(roles) }
}

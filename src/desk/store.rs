//! SQL of the desk; it looks across, and writes nothing.

mod begun;
mod waits;

pub use begun::*;
pub use waits::*;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;

use crate::people::{RoleKind, Viewer};
use crate::permissions;

/// By what the desk finds what waits for somebody.
struct Reach {
    /// Nodes of peers' trees whose manager the person is.
    managed: Vec<i64>,
    /// Home groups whose actions are the person's to see to.
    groups: Vec<i64>,
    is_coordinator: bool,
    is_secretariat: bool,
    /// Whose own statements' mail is theirs to send again; none: nobody's.
    author: Option<i64>,
    leads_home: bool,
    leads_iab: bool,
}

impl Reach {
    fn of(viewer: &Viewer) -> Self {
        let at = |kinds: &[RoleKind]| -> Vec<i64> {
            viewer.roles.iter().filter(|role| kinds.contains(&role.kind)).filter_map(|role| role.group_id).map(|id| id.0).collect()
        };
        Self {
            managed: at(&[RoleKind::LiaisonManager]),
            groups: at(&[RoleKind::Chair, RoleKind::Secretary, RoleKind::AreaDirector]),
            is_coordinator: viewer.has(RoleKind::Coordinator),
            is_secretariat: viewer.has(RoleKind::Secretariat),
            author: permissions::may_begin_recording(Some(viewer)).then_some(viewer.person_id.0),
            leads_home: viewer.has(RoleKind::IetfChair),
            leads_iab: viewer.has(RoleKind::IabChair),
        }
    }
}

/// How many things wait for a person: checks and sign-offs asked of them, what they hold, open actions of their groups, failed
/// mail, peers to be told, refusals to decide on, reports of unrecorded statements. One query. `waited`: sign-offs asked before
/// then have waited their days.
///
/// # Errors
/// The database's.
pub async fn count(pool: &PgPool, viewer: &Viewer, today: NaiveDate, waited: DateTime<Utc>) -> sqlx::Result<i64> {
    if viewer.roles.is_empty() {
        return Ok(0);
    }
    let reach = Reach::of(viewer);
    sqlx::query_scalar!(
        r#"
        SELECT desk_count($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS "count!"
        "#,
        &reach.managed,
        reach.is_coordinator,
        today,
        viewer.person_id.0,
        &reach.groups,
        reach.leads_home,
        reach.leads_iab,
        reach.author,
        reach.is_secretariat,
        waited
    )
    .fetch_one(pool)
    .await
}

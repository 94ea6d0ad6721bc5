//! *Standing in* (domain.md 4): a coordinator gives the check that waits for a manager who is away or silent.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::App;
use crate::people::{self, RoleKind, Viewer};
use crate::permissions::{Deed, may};
use crate::reminders::schedule::after_working_days;
use crate::statements::store::{Found, steps};
use crate::statements::{Side, SignOffKind};

/// "standing in for the manager of ITU-T"; empty: whoever decides does so of their own right, or nobody is waited for.
///
/// # Errors
/// The database's.
pub async fn of(app: &App, connection: &mut PgConnection, found: &Found, viewer: &Viewer) -> sqlx::Result<String> {
    let today = app.today();
    let roles = may(Some(viewer), Deed::Sign(SignOffKind::Check), &found.case).unwrap_or_default();
    // a manager of the senders is asked, in whichever role they act
    if roles.is_empty() || roles.iter().any(|role| role.kind == RoleKind::LiaisonManager) {
        return Ok(String::new());
    }
    let rows = steps::sign_offs(&mut *connection, found.statement_id).await?;
    let asked = rows.iter().find(|row| row.state == "waiting" && row.kind == SignOffKind::Check).map(|row| row.asked_at);
    let wait_ends =
        |asked: DateTime<Utc>| after_working_days(asked.with_timezone(&app.config.time_zone).date_naive(), app.config.reminders.check_waits);
    let is_silent = asked.is_some_and(|asked| wait_ends(asked) <= today);
    let mut labels: Vec<String> = Vec::new();
    for sender in found.case.parties.iter().filter(|party| party.side == Side::From && !party.is_home) {
        let managers = people::store::managers_for(&mut *connection, today, sender.group_id).await?;
        let is_away = managers.iter().all(|manager| manager.away_until.is_some_and(|until| until > today));
        if is_away || is_silent {
            labels.extend(managers.into_iter().map(|manager| manager.group_label));
        }
    }
    labels.dedup();
    Ok(if labels.is_empty() { String::new() } else { format!("standing in for the manager of {}", labels.join(", ")) })
}

/// As the mail at posting says it; empty: nobody stands in.
pub fn checked_by(viewer: &Viewer, stands_in: &str) -> String {
    if stands_in.is_empty() { String::new() } else { format!("{}, {stands_in}", viewer.name) }
}

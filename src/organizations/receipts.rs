//! Receipts by default: set for an organization, purpose by purpose (domain.md 7).

use serde_json::json;

use super::store;
use crate::App;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::GroupId;
use crate::people::Viewer;
use crate::statements::Purpose;

/// Sets for which purposes an organization's senders get a receipt; whether that is new.
///
/// # Errors
/// The database's.
pub async fn set(app: &App, viewer: &Viewer, role: &str, group: GroupId, purposes: &[Purpose]) -> anyhow::Result<bool> {
    let purposes: Vec<String> = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
    let mut transaction = app.begin().await?;
    let before = store::lock_receipt_for(&mut transaction, group).await?;
    if before == purposes {
        return Ok(false);
    }
    store::set_receipt_for(&mut transaction, group, &purposes).await?;
    let actor = Actor { person_id: Some(viewer.person_id), name: viewer.name.clone(), role: role.to_owned() };
    let entry = Entry {
        statement_id: None,
        person_id: None,
        group_id: Some(group),
        actor: &actor,
        event: "receipts-set",
        words: "set for which purposes its senders get a receipt",
        changes: json!({ "from": before, "to": purposes }),
        audience: Audience::Concerned,
    };
    history::record(&mut transaction, app.clock.now(), &entry).await?;
    transaction.commit().await?;
    Ok(true)
}

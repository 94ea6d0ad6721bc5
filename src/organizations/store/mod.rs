//! SQL of organizations and groups: finding them, and their trees.

mod around;
pub mod changes;
pub mod contacts;
mod directory;
mod facts;
mod receipts;

use chrono::NaiveDate;
use sqlx::{PgExecutor, PgPool};

use crate::ids::GroupId;
use crate::organizations::contacts::{SendBy, Sending};
use crate::organizations::{GroupKind, GroupState};

pub use around::*;
pub use directory::directory;
pub use facts::{contacts, facts};
pub use receipts::{lock_receipt_for, receipt_for, set_receipt_for};

/// A group, as its page shows it.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its key.
    pub group_id: GroupId,
    /// Unique among all.
    pub acronym: String,
    /// Full name.
    pub name: String,
    /// As pages name it.
    pub label: String,
    /// What it is.
    pub kind: GroupKind,
    /// Whether it is of the home organization.
    pub is_home: bool,
    /// Where it is in its life.
    pub state: GroupState,
    /// Whether it may send statements.
    pub may_send: bool,
    /// Whether it may receive them.
    pub may_receive: bool,
    /// First day.
    pub started_on: Option<NaiveDate>,
    /// Day of conclusion.
    pub concluded_on: Option<NaiveDate>,
    /// What took its place.
    pub replaced_by: Option<Step>,
    /// How it is written to.
    pub sending: Sending,
    /// When it meets next.
    pub next_meeting_on: Option<NaiveDate>,
    /// "RFC 6756".
    pub scope_documents: Vec<String>,
    /// Whether it has a page among the organizations: the top of a tree, or one with a relationship.
    pub is_organization: bool,
}

/// A group in a path or list: enough for a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its key.
    pub group_id: GroupId,
    /// Unique among all.
    pub acronym: String,
    /// As pages name it.
    pub label: String,
    /// Whether it has a page among the organizations.
    pub is_organization: bool,
}

/// What an acronym leads to.
#[derive(Debug, Clone)]
pub enum Found {
    /// The group that has it.
    Group(Box<Group>),
    /// The group that had it; whoever comes by it is led to this acronym.
    Former {
        /// The present one.
        acronym: String,
        /// Whether it has a page among the organizations.
        is_organization: bool,
    },
}

/// The group of that acronym, whatever its case; else the group that had it.
///
/// # Errors
/// The database's.
pub async fn find(pool: &PgPool, acronym: &str) -> sqlx::Result<Option<Found>> {
    if acronym.contains('\0') {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"
        SELECT groups.group_id, groups.acronym, groups.name, groups.label, groups.kind, groups.is_home, groups.state,
               groups.may_send, groups.may_receive, groups.started_on, groups.concluded_on, groups.how_to_send,
               groups.send_by, groups.send_at, groups.layout, groups.formats, groups.document_access,
               groups.next_meeting_on, groups.scope_documents,
               successor.group_id AS "successor_id?", successor.acronym AS "successor_acronym?", successor.label AS "successor_label?",
               (groups.parent_id IS NULL OR EXISTS (SELECT 1 FROM relationships WHERE relationships.group_id = groups.group_id))
               AS "is_organization!"
          FROM groups
          LEFT JOIN groups AS successor ON successor.group_id = groups.replaced_by_id
         WHERE lower(groups.acronym) = lower($1)
        "#,
        acronym
    )
    .fetch_optional(pool)
    .await?;
    if let Some(row) = row {
        let replaced_by = match (row.successor_id, row.successor_acronym, row.successor_label) {
            (Some(id), Some(acronym), Some(label)) => Some(Step { group_id: GroupId(id), acronym, label, is_organization: false }),
            _ => None,
        };
        return Ok(Some(Found::Group(Box::new(Group {
            group_id: GroupId(row.group_id),
            acronym: row.acronym,
            name: row.name,
            label: row.label,
            kind: GroupKind::parse(&row.kind).unwrap_or(GroupKind::Group),
            is_home: row.is_home,
            state: GroupState::parse(&row.state).unwrap_or(GroupState::Active),
            may_send: row.may_send,
            may_receive: row.may_receive,
            started_on: row.started_on,
            concluded_on: row.concluded_on,
            replaced_by,
            sending: Sending {
                by: SendBy::parse(&row.send_by).unwrap_or_default(),
                at: row.send_at,
                layout: row.layout,
                formats: row.formats,
                document_access: row.document_access,
                notes: row.how_to_send,
            },
            next_meeting_on: row.next_meeting_on,
            scope_documents: row.scope_documents,
            is_organization: row.is_organization,
        }))));
    }
    let row = sqlx::query!(
        r#"
        SELECT groups.acronym,
               (groups.parent_id IS NULL OR EXISTS (SELECT 1 FROM relationships WHERE relationships.group_id = groups.group_id))
               AS "is_organization!"
          FROM group_names
          JOIN groups USING (group_id)
         WHERE lower(group_names.acronym) = lower($1)
        "#,
        acronym
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Found::Former { acronym: row.acronym, is_organization: row.is_organization }))
}

/// The path of a group from the top of its tree down to itself: ETSI, ISG ZSM.
///
/// # Errors
/// The database's.
pub async fn path(executor: impl PgExecutor<'_>, group: GroupId) -> sqlx::Result<Vec<Step>> {
    let rows = sqlx::query!(
        r#"
        SELECT groups.group_id, groups.acronym, groups.label,
               (groups.parent_id IS NULL OR EXISTS (SELECT 1 FROM relationships WHERE relationships.group_id = groups.group_id))
               AS "is_organization!"
          FROM group_ancestors
          JOIN groups ON groups.group_id = group_ancestors.ancestor_id
         WHERE group_ancestors.group_id = $1
         ORDER BY group_ancestors.distance DESC
        "#,
        group.0
    )
    .fetch_all(executor)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Step { group_id: GroupId(row.group_id), acronym: row.acronym, label: row.label, is_organization: row.is_organization })
        .collect())
}

/// A group below another, with what a tree shows of it.
#[derive(Debug, Clone)]
pub struct Below {
    /// Its key.
    pub group_id: GroupId,
    /// The one above.
    pub parent_id: GroupId,
    /// Unique among all.
    pub acronym: String,
    /// As pages name it.
    pub label: String,
    /// Full name.
    pub name: String,
    /// Where it is in its life.
    pub state: GroupState,
    /// Whether it has a page among the organizations.
    pub is_organization: bool,
}

/// All groups below one, itself not among them; parents before children, by label.
///
/// # Errors
/// The database's.
pub async fn subtree(executor: impl PgExecutor<'_>, group: GroupId) -> sqlx::Result<Vec<Below>> {
    let rows = sqlx::query!(
        r#"
        SELECT groups.group_id, groups.parent_id AS "parent_id!", groups.acronym, groups.label, groups.name, groups.state,
               EXISTS (SELECT 1 FROM relationships WHERE relationships.group_id = groups.group_id) AS "is_organization!"
          FROM group_ancestors
          JOIN groups USING (group_id)
         WHERE group_ancestors.ancestor_id = $1
           AND group_ancestors.distance > 0
         ORDER BY group_ancestors.distance, groups.label COLLATE "C", groups.group_id
        "#,
        group.0
    )
    .fetch_all(executor)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Below {
            group_id: GroupId(row.group_id),
            parent_id: GroupId(row.parent_id),
            acronym: row.acronym,
            label: row.label,
            name: row.name,
            state: GroupState::parse(&row.state).unwrap_or(GroupState::Active),
            is_organization: row.is_organization,
        })
        .collect())
}

/// A former name of a group.
#[derive(Debug, Clone)]
pub struct FormerName {
    /// A name.
    pub name: Option<String>,
    /// An acronym.
    pub acronym: Option<String>,
    /// Until when, as the record says.
    pub until: Option<String>,
}

/// What a group was called before.
///
/// # Errors
/// The database's.
pub async fn former_names(pool: &PgPool, group: GroupId) -> sqlx::Result<Vec<FormerName>> {
    sqlx::query_as!(FormerName, "SELECT name, acronym, until FROM group_names WHERE group_id = $1 ORDER BY group_name_id", group.0)
        .fetch_all(pool)
        .await
}

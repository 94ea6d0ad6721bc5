//! SQL of what permissions and checks ask of groups.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::ids::GroupId;

/// A group, as far as permissions and checks ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyGroup {
    /// Its key.
    pub group_id: GroupId,
    /// Unique among all.
    pub acronym: String,
    /// As pages name it.
    pub label: String,
    /// As in `groups.kind`.
    pub kind: String,
    /// Whether it is of the home organization.
    pub is_home: bool,
    /// `proposed`, `active`, `concluded`.
    pub state: String,
    /// Whether it may send.
    pub may_send: bool,
    /// Whether it may receive.
    pub may_receive: bool,
    /// Itself and all above it, the nearest first.
    pub line: Vec<GroupId>,
    /// Label of the top of its tree.
    pub root_label: String,
    /// Label of what took its place.
    pub replaced_by: Option<String>,
    /// When its organization meets next: its own day, else the nearest above it that has one.
    pub next_meeting_on: Option<NaiveDate>,
}

/// What permissions and checks ask of these groups, in the order asked; unknown ones are left out.
///
/// # Errors
/// The database's.
pub async fn parties(connection: &mut PgConnection, ids: &[GroupId]) -> sqlx::Result<Vec<PartyGroup>> {
    let keys: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT groups.group_id, groups.acronym, groups.label, groups.kind, groups.is_home, groups.state, groups.may_send, groups.may_receive,
               root.label AS root_label,
               successor.label AS "replaced_by?",
               ARRAY(SELECT group_ancestors.ancestor_id
                       FROM group_ancestors
                      WHERE group_ancestors.group_id = groups.group_id
                      ORDER BY group_ancestors.distance) AS "line!",
               (SELECT above.next_meeting_on
                  FROM group_ancestors
                  JOIN groups AS above ON above.group_id = group_ancestors.ancestor_id
                 WHERE group_ancestors.group_id = groups.group_id
                   AND above.next_meeting_on IS NOT NULL
                 ORDER BY group_ancestors.distance
                 LIMIT 1) AS next_meeting_on
          FROM groups
          JOIN groups AS root ON root.group_id = groups.root_id
          LEFT JOIN groups AS successor ON successor.group_id = groups.replaced_by_id
         WHERE groups.group_id = ANY($1)
         ORDER BY array_position($1, groups.group_id)
        "#,
        &keys
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PartyGroup {
            group_id: GroupId(row.group_id),
            acronym: row.acronym,
            label: row.label,
            kind: row.kind,
            is_home: row.is_home,
            state: row.state,
            may_send: row.may_send,
            may_receive: row.may_receive,
            line: row.line.into_iter().map(GroupId).collect(),
            root_label: row.root_label,
            replaced_by: row.replaced_by,
            next_meeting_on: row.next_meeting_on,
        })
        .collect())
}

//! SQL of what rules ask of groups: may they send, who stands above them, where they take mail.

use std::collections::HashMap;

use sqlx::PgConnection;

use crate::ids::GroupId;
use crate::organizations::{GroupFacts, StoredContact};

/// What rules ask of these groups: one query.
///
/// # Errors
/// The database's.
pub async fn facts(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<HashMap<GroupId, GroupFacts>> {
    let rows = sqlx::query!(
        r#"
        SELECT groups.group_id AS "group_id!", groups.acronym AS "acronym!", groups.label AS "label!", groups.kind AS "kind!",
               groups.is_home AS "is_home!", groups.state AS "state!", groups.may_send AS "may_send!", groups.may_receive AS "may_receive!",
               organization.group_id AS "organization_id!", organization.label AS "organization_label!",
               CASE WHEN replacement.label IS NOT NULL THEN replacement.label
                    WHEN parent.kind = 'area' THEN parent.label
               END AS "instead?",
               (SELECT array_agg(ancestor_id ORDER BY distance) FROM group_ancestors WHERE group_ancestors.group_id = groups.group_id) AS "line!",
               (SELECT above.next_meeting_on
                  FROM group_ancestors
                  JOIN groups AS above ON above.group_id = group_ancestors.ancestor_id
                 WHERE group_ancestors.group_id = groups.group_id AND above.next_meeting_on IS NOT NULL
                 ORDER BY distance
                 LIMIT 1) AS "next_meeting_on?"
          FROM groups
          JOIN groups AS organization ON organization.group_id = organization_of(groups.group_id)
          LEFT JOIN groups AS parent ON parent.group_id = groups.parent_id
          LEFT JOIN groups AS replacement ON replacement.group_id = groups.replaced_by_id
         WHERE groups.group_id = ANY($1)
        "#,
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let group_id = GroupId(row.group_id);
            let facts = GroupFacts {
                group_id,
                acronym: row.acronym,
                label: row.label,
                kind: row.kind,
                is_home: row.is_home,
                is_concluded: row.state == "concluded",
                may_send: row.may_send,
                may_receive: row.may_receive,
                line: row.line.into_iter().map(GroupId).collect(),
                organization_id: GroupId(row.organization_id),
                organization_label: row.organization_label,
                instead: row.instead,
                next_meeting_on: row.next_meeting_on,
            };
            (group_id, facts)
        })
        .collect())
}

/// The stored contacts of a group, or for a peer's of the nearest group above it that has any.
///
/// # Errors
/// The database's.
pub async fn contacts(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Vec<StoredContact>> {
    let rows = sqlx::query!(
        r#"
        SELECT use AS usage, mailbox, confirmed_on, people.name AS "confirmed_by?", groups.label AS of
          FROM group_contacts
          JOIN groups USING (group_id)
          LEFT JOIN people ON people.person_id = confirmed_by
         WHERE group_contacts.group_id = (SELECT group_ancestors.ancestor_id
                             FROM group_ancestors
                             JOIN groups ON groups.group_id = group_ancestors.group_id
                            WHERE group_ancestors.group_id = $1
                              AND (distance = 0 OR NOT groups.is_home)
                              AND EXISTS (SELECT 1 FROM group_contacts WHERE group_contacts.group_id = group_ancestors.ancestor_id)
                            ORDER BY distance
                            LIMIT 1)
         ORDER BY group_contact_id
        "#,
        group.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredContact {
            usage: row.usage,
            mailbox: row.mailbox,
            confirmed_on: row.confirmed_on,
            confirmed_by: row.confirmed_by,
            of: row.of,
        })
        .collect())
}

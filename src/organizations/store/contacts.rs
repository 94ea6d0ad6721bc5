//! SQL of stored contacts, of how groups are written to, and of managers' aliases.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::ids::{GroupContactId, GroupId, PersonId, RoleId};
use crate::organizations::contacts::{Contact, SendBy, Sending};

/// Takes hold of a group: changes of its contacts take turns.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<()> {
    sqlx::query!("SELECT group_id FROM groups WHERE group_id = $1 FOR NO KEY UPDATE", group.0).fetch_one(connection).await?;
    Ok(())
}

/// A stored contact, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its key.
    pub contact_id: GroupContactId,
    /// `list`, `chairs`, `send-to`, `to`, `cc`.
    pub usage: String,
    /// Name and address, as stored.
    pub mailbox: String,
    /// The address for comparison.
    pub address_key: String,
    /// `role`, `list`, `person`.
    pub sort: String,
    /// What they are there.
    pub role: String,
    /// Where they come from.
    pub affiliation: String,
    /// When somebody last said that it is right.
    pub confirmed_on: Option<NaiveDate>,
    /// Who.
    pub confirmed_by_id: Option<PersonId>,
    /// Their name.
    pub confirmed_by: Option<String>,
}

/// All stored contacts of a group, *send to* first.
///
/// # Errors
/// The database's.
pub async fn kept(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Vec<Kept>> {
    let rows = sqlx::query!(
        r#"
        SELECT group_contact_id, use AS usage, mailbox, address_key, sort, role, affiliation, confirmed_on, confirmed_by, people.name AS "confirmer?"
          FROM group_contacts
          LEFT JOIN people ON people.person_id = confirmed_by
         WHERE group_contacts.group_id = $1
         ORDER BY array_position(ARRAY['send-to', 'list', 'chairs', 'to', 'cc'], use), group_contact_id
        "#,
        group.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Kept {
            contact_id: GroupContactId(row.group_contact_id),
            usage: row.usage,
            mailbox: row.mailbox,
            address_key: row.address_key,
            sort: row.sort,
            role: row.role,
            affiliation: row.affiliation,
            confirmed_on: row.confirmed_on,
            confirmed_by_id: row.confirmed_by.map(PersonId),
            confirmed_by: row.confirmer,
        })
        .collect())
}

/// Stores a contact that is right today.
///
/// # Errors
/// The database's; it is stored already.
pub async fn add(connection: &mut PgConnection, group: GroupId, contact: &Contact, on: NaiveDate, by: Option<PersonId>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO group_contacts (group_id, use, mailbox, address_key, sort, role, affiliation, confirmed_on, confirmed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        group.0,
        contact.usage,
        contact.mailbox.to_string(),
        contact.mailbox.address().key(),
        contact.sort,
        contact.role,
        contact.affiliation,
        on,
        by.map(|id| id.0)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Changes a contact; it is right today.
///
/// # Errors
/// The database's.
pub async fn change(connection: &mut PgConnection, id: GroupContactId, contact: &Contact, on: NaiveDate, by: Option<PersonId>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE group_contacts
            SET use = $2, mailbox = $3, address_key = $4, sort = $5, role = $6, affiliation = $7, confirmed_on = $8, confirmed_by = $9
          WHERE group_contact_id = $1",
        id.0,
        contact.usage,
        contact.mailbox.to_string(),
        contact.mailbox.address().key(),
        contact.sort,
        contact.role,
        contact.affiliation,
        on,
        by.map(|id| id.0)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a contact is right.
///
/// # Errors
/// The database's.
pub async fn confirm(connection: &mut PgConnection, id: GroupContactId, on: NaiveDate, by: Option<PersonId>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE group_contacts SET confirmed_on = $2, confirmed_by = $3 WHERE group_contact_id = $1", id.0, on, by.map(|id| id.0))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a contact away.
///
/// # Errors
/// The database's.
pub async fn remove(connection: &mut PgConnection, id: GroupContactId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM group_contacts WHERE group_contact_id = $1", id.0).execute(connection).await?;
    Ok(())
}

/// How a group is written to, as it says itself.
///
/// # Errors
/// The database's.
pub async fn sending(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Sending> {
    let row = sqlx::query!("SELECT send_by, send_at, layout, formats, document_access, how_to_send FROM groups WHERE group_id = $1", group.0)
        .fetch_one(connection)
        .await?;
    Ok(Sending {
        by: SendBy::parse(&row.send_by).unwrap_or_default(),
        at: row.send_at,
        layout: row.layout,
        formats: row.formats,
        document_access: row.document_access,
        notes: row.how_to_send,
    })
}

/// How a group is written to, as it or else the nearest group above it says: with the label of which. None: none does.
///
/// # Errors
/// The database's.
pub async fn nearest_sending(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Option<(String, Sending)>> {
    let row = sqlx::query!(
        "SELECT groups.group_id, groups.label
           FROM group_ancestors
           JOIN groups ON groups.group_id = group_ancestors.ancestor_id
          WHERE group_ancestors.group_id = $1
            AND (send_by, send_at, layout, formats, document_access, how_to_send) IS DISTINCT FROM ('', '', '', '', '', '')
          ORDER BY distance
          LIMIT 1",
        group.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => Ok(Some((row.label, sending(connection, GroupId(row.group_id)).await?))),
        None => Ok(None),
    }
}

/// Sets how a group is written to.
///
/// # Errors
/// The database's.
pub async fn set_sending(connection: &mut PgConnection, group: GroupId, sending: &Sending) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE groups SET send_by = $2, send_at = $3, layout = $4, formats = $5, document_access = $6, how_to_send = $7 WHERE group_id = $1",
        group.0,
        sending.by.as_str(),
        sending.at,
        sending.layout,
        sending.formats,
        sending.document_access,
        sending.notes
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A liaison manager of a group, or of the nearest above it that has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manager {
    /// The role.
    pub role_id: RoleId,
    /// Who holds it.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// The role's own address.
    pub alias: Option<String>,
    /// Where it is held.
    pub group_id: GroupId,
    /// The label there.
    pub label: String,
    /// The acronym there.
    pub acronym: String,
    /// Whether that group has a page among the organizations.
    pub is_organization: bool,
}

/// The liaison managers of today that a group has: its own, else those of the nearest above it.
///
/// # Errors
/// The database's.
pub async fn managers(connection: &mut PgConnection, group: GroupId, today: NaiveDate) -> sqlx::Result<Vec<Manager>> {
    let rows = sqlx::query!(
        r#"
        SELECT roles.role_id, roles.person_id, people.name, roles.alias, groups.group_id, groups.label, groups.acronym,
               (groups.parent_id IS NULL OR EXISTS (SELECT 1 FROM relationships WHERE relationships.group_id = groups.group_id)) AS "is_organization!",
               group_ancestors.distance
          FROM group_ancestors
          JOIN roles ON roles.group_id = group_ancestors.ancestor_id
          JOIN people USING (person_id)
          JOIN groups ON groups.group_id = group_ancestors.ancestor_id
         WHERE group_ancestors.group_id = $1
           AND roles.kind = 'liaison-manager'
           AND roles.starts_on <= $2
           AND (roles.ends_on IS NULL OR roles.ends_on > $2)
         ORDER BY group_ancestors.distance, roles.starts_on, roles.role_id
        "#,
        group.0,
        today
    )
    .fetch_all(connection)
    .await?;
    let nearest = rows.first().map(|row| row.distance);
    Ok(rows
        .into_iter()
        .filter(|row| Some(row.distance) == nearest)
        .map(|row| Manager {
            role_id: RoleId(row.role_id),
            person_id: PersonId(row.person_id),
            name: row.name,
            alias: row.alias,
            group_id: GroupId(row.group_id),
            label: row.label,
            acronym: row.acronym,
            is_organization: row.is_organization,
        })
        .collect())
}

/// Sets the alias of a role.
///
/// # Errors
/// The database's.
pub async fn set_alias(connection: &mut PgConnection, role: RoleId, alias: Option<&str>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE roles SET alias = $2 WHERE role_id = $1", role.0, alias).execute(connection).await?;
    Ok(())
}

/// The nearest group above a peer's group that has stored contacts: its label, its acronym, and whether it has a page among
/// the organizations.
///
/// # Errors
/// The database's.
pub async fn nearest_above(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Option<(GroupId, String, String, bool)>> {
    let row = sqlx::query!(
        r#"
        SELECT groups.group_id, groups.label, groups.acronym,
               (groups.parent_id IS NULL OR EXISTS (SELECT 1 FROM relationships WHERE relationships.group_id = groups.group_id)) AS "is_organization!"
          FROM group_ancestors
          JOIN groups ON groups.group_id = group_ancestors.ancestor_id
         WHERE group_ancestors.group_id = $1
           AND distance > 0
           AND NOT groups.is_home
           AND EXISTS (SELECT 1 FROM group_contacts WHERE group_contacts.group_id = groups.group_id)
         ORDER BY distance
         LIMIT 1
        "#,
        group.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (GroupId(row.group_id), row.label, row.acronym, row.is_organization)))
}

/// A change of contacts, notes or aliases.
#[derive(Debug, Clone)]
pub struct Line {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// As what.
    pub role: String,
    /// What.
    pub words: String,
    /// Old and new values.
    pub changes: serde_json::Value,
}

/// The newest changes of a group's contacts, notes and aliases; `staff`: also those that only staff may read.
///
/// # Errors
/// The database's.
pub async fn history(connection: &mut PgConnection, group: GroupId, staff: bool, most: i64) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"
        SELECT at, actor_name AS "by!", actor_role AS "role!", words, changes
          FROM history
         WHERE group_id = $1
           AND event IN ('contact-added', 'contact-changed', 'contact-removed', 'contacts-confirmed', 'group-how-to-send', 'role-alias')
           AND (audience <> 'staff' OR $2)
         ORDER BY history_id DESC
         LIMIT $3
        "#,
        group.0,
        staff,
        most
    )
    .fetch_all(connection)
    .await
}

//! SQL of changes to groups and their stored addresses.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::ids::{GroupId, PersonId};

/// A group whose row this transaction holds, as it was.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its key.
    pub group_id: GroupId,
    /// The top of its tree.
    pub root_id: GroupId,
    /// Acronym.
    pub acronym: String,
    /// Full name.
    pub name: String,
    /// As pages name it.
    pub label: String,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// May send.
    pub may_send: bool,
    /// May receive.
    pub may_receive: bool,
    /// Label of the group above.
    pub parent_label: Option<String>,
}

/// Takes hold of the group with that acronym.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut PgConnection, acronym: &str) -> sqlx::Result<Option<Held>> {
    sqlx::query_as!(
        Held,
        r#"
        SELECT groups.group_id, groups.root_id, groups.acronym, groups.name, groups.label, groups.kind, groups.state, groups.may_send,
               groups.may_receive,
               (SELECT above.label FROM groups AS above WHERE above.group_id = groups.parent_id) AS parent_label
          FROM groups
         WHERE lower(groups.acronym) = lower($1)
           FOR UPDATE
        "#,
        acronym
    )
    .fetch_optional(connection)
    .await
}

/// A new group.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// None: an organization.
    pub parent_id: Option<GroupId>,
    /// Acronym.
    pub acronym: &'a str,
    /// Full name.
    pub name: &'a str,
    /// As in `groups.kind`.
    pub kind: &'a str,
    /// As in `groups.state`.
    pub state: &'a str,
    /// Only heeded for an organization.
    pub is_home: bool,
    /// May send.
    pub may_send: bool,
    /// May receive.
    pub may_receive: bool,
}

/// Writes a group; its label comes by [`relabel`].
///
/// # Errors
/// The database's; `group_acronym_is_unique` where the acronym is taken.
pub async fn insert(connection: &mut PgConnection, new: &New<'_>) -> sqlx::Result<GroupId> {
    sqlx::query_scalar!(
        "INSERT INTO groups (parent_id, acronym, name, label, kind, state, is_home, may_send, may_receive)
         VALUES ($1, $2, $3, $2, $4, $5, $6, $7, $8)
         RETURNING group_id",
        new.parent_id.map(|id| id.0),
        new.acronym,
        new.name,
        new.kind,
        new.state,
        new.is_home,
        new.may_send,
        new.may_receive
    )
    .fetch_one(connection)
    .await
    .map(GroupId)
}

/// What a label is made of.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The group.
    pub group_id: GroupId,
    /// Its acronym.
    pub acronym: String,
    /// Its name.
    pub name: String,
    /// Acronym of the top of its tree.
    pub root_acronym: String,
    /// Name of the top of its tree.
    pub root_name: String,
    /// Whether it is of the home organization.
    pub is_home: bool,
    /// Its label up to now.
    pub label: String,
}

/// A group and all below it, with what their labels are made of.
///
/// # Errors
/// The database's.
pub async fn labelled(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Vec<Labelled>> {
    sqlx::query_as!(
        Labelled,
        "SELECT groups.group_id, groups.acronym, groups.name, root.acronym AS root_acronym, root.name AS root_name, groups.is_home, groups.label
           FROM group_ancestors
           JOIN groups USING (group_id)
           JOIN groups AS root ON root.group_id = groups.root_id
          WHERE group_ancestors.ancestor_id = $1",
        group.0
    )
    .fetch_all(connection)
    .await
}

/// Sets how pages name a group. Statements keep the label of their day.
///
/// # Errors
/// The database's.
pub async fn relabel(connection: &mut PgConnection, group: GroupId, label: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE groups SET label = $2 WHERE group_id = $1", group.0, label).execute(connection).await?;
    Ok(())
}

/// Sets acronym and name, and keeps the former ones where they are others.
///
/// # Errors
/// The database's; `group_acronym_is_unique` where the acronym is taken.
pub async fn rename(connection: &mut PgConnection, group: &Held, acronym: &str, name: &str, until: &str) -> sqlx::Result<()> {
    // an acronym that comes back is no former one any more
    sqlx::query!(
        "UPDATE group_names SET acronym = NULL, name = coalesce(name, acronym) WHERE group_id = $1 AND lower(acronym) = lower($2)",
        group.group_id.0,
        acronym
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE groups SET acronym = $2, name = $3 WHERE group_id = $1", group.group_id.0, acronym, name).execute(&mut *connection).await?;
    let former_acronym = (!group.acronym.eq_ignore_ascii_case(acronym)).then_some(group.acronym.as_str());
    let former_name = (group.name != name).then_some(group.name.as_str());
    if former_acronym.is_some() || former_name.is_some() {
        sqlx::query!(
            "INSERT INTO group_names (group_id, name, acronym, until) VALUES ($1, $2, $3, $4)",
            group.group_id.0,
            former_name,
            former_acronym,
            until
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Concludes a group.
///
/// # Errors
/// The database's.
pub async fn conclude(connection: &mut PgConnection, group: GroupId, on: NaiveDate, replaced_by: Option<GroupId>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE groups SET state = 'concluded', concluded_on = $2, replaced_by_id = coalesce($3, replaced_by_id) WHERE group_id = $1",
        group.0,
        on,
        replaced_by.map(|id| id.0)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a group, with all below it, under another.
///
/// # Errors
/// The database's; `group_is_not_below_itself`.
pub async fn reparent(connection: &mut PgConnection, group: GroupId, parent: GroupId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE groups SET parent_id = $2 WHERE group_id = $1", group.0, parent.0).execute(connection).await?;
    Ok(())
}

/// Sets whether a group may send, and whether it may receive.
///
/// # Errors
/// The database's.
pub async fn permit(connection: &mut PgConnection, group: GroupId, may_send: bool, may_receive: bool) -> sqlx::Result<()> {
    sqlx::query!("UPDATE groups SET may_send = $2, may_receive = $3 WHERE group_id = $1", group.0, may_send, may_receive).execute(connection).await?;
    Ok(())
}

/// Sets the notes for authors; gives the former ones.
///
/// # Errors
/// The database's.
pub async fn set_how_to_send(connection: &mut PgConnection, group: GroupId, notes: &str) -> sqlx::Result<String> {
    let former = sqlx::query_scalar!("SELECT how_to_send FROM groups WHERE group_id = $1", group.0).fetch_one(&mut *connection).await?;
    sqlx::query!("UPDATE groups SET how_to_send = $2 WHERE group_id = $1", group.0, notes).execute(connection).await?;
    Ok(former)
}

/// Sets the day of the next meeting; gives the former one.
///
/// # Errors
/// The database's.
pub async fn set_next_meeting(connection: &mut PgConnection, group: GroupId, day: Option<NaiveDate>) -> sqlx::Result<Option<NaiveDate>> {
    let former = sqlx::query_scalar!("SELECT next_meeting_on FROM groups WHERE group_id = $1", group.0).fetch_one(&mut *connection).await?;
    sqlx::query!("UPDATE groups SET next_meeting_on = $2 WHERE group_id = $1", group.0, day).execute(connection).await?;
    Ok(former)
}

/// Stores an address of a group; false where it is stored already.
///
/// # Errors
/// The database's.
pub async fn add_contact(connection: &mut PgConnection, group: GroupId, kind: &str, mailbox: &str, key: &str, sort: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO group_contacts (group_id, use, mailbox, address_key, sort) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT group_contact_is_stored_once DO NOTHING",
        group.0,
        kind,
        mailbox,
        key,
        sort
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a stored address away; how many uses it had.
///
/// # Errors
/// The database's.
pub async fn remove_contact(connection: &mut PgConnection, group: GroupId, kind: Option<&str>, key: &str) -> sqlx::Result<u64> {
    let done =
        sqlx::query!("DELETE FROM group_contacts WHERE group_id = $1 AND address_key = $2 AND ($3::text IS NULL OR use = $3)", group.0, key, kind)
            .execute(connection)
            .await?;
    Ok(done.rows_affected())
}

/// Notes that stored addresses are right; one of them, or all of the group.
///
/// # Errors
/// The database's.
pub async fn confirm_contacts(
    connection: &mut PgConnection,
    group: GroupId,
    key: Option<&str>,
    on: NaiveDate,
    by: Option<PersonId>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "UPDATE group_contacts SET confirmed_on = $3, confirmed_by = $4 WHERE group_id = $1 AND ($2::text IS NULL OR address_key = $2)",
        group.0,
        key,
        on,
        by.map(|id| id.0)
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// A stored address, for the command line.
#[derive(Debug, Clone)]
pub struct Contact {
    /// `list`, `chairs`, `send-to`, `to`, `cc`.
    pub kind: String,
    /// As stored.
    pub mailbox: String,
    /// `role`, `list`, `person`.
    pub sort: String,
    /// Day of the last confirmation.
    pub confirmed_on: Option<NaiveDate>,
}

/// All stored addresses of a group.
///
/// # Errors
/// The database's.
pub async fn contacts(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Vec<Contact>> {
    sqlx::query_as!(
        Contact,
        r#"SELECT use AS "kind!", mailbox, sort, confirmed_on FROM group_contacts WHERE group_id = $1 ORDER BY group_contact_id"#,
        group.0
    )
    .fetch_all(connection)
    .await
}

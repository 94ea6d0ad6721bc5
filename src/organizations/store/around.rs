//! SQL of what stands around a group: people, statements, addresses, relationship; and the list of organizations.

use chrono::NaiveDate;
use sqlx::PgPool;

use crate::ids::GroupId;
use crate::people::RoleKind;

/// An organization in the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Unique among all.
    pub acronym: String,
    /// Full name.
    pub name: String,
    /// As pages name it.
    pub label: String,
    /// Whether it is the home organization.
    pub is_home: bool,
    /// `formal`, `informal`; none: no relationship is recorded.
    pub relationship: Option<String>,
    /// `proposed`, `active`, `ended`.
    pub relationship_state: Option<String>,
    /// Names of its liaison managers of today.
    pub managers: Vec<String>,
    /// Statements from, to or in copy to it and all below it, as far as they were counted.
    pub statements: i64,
}

/// A page counts an organization's statements up to here, so that its cost doesn't grow with them.
pub const COUNTED: i64 = 1000;

/// All organizations: those with a formal relationship first, then by name. Statements are counted up to `most`; none: all.
///
/// # Errors
/// The database's.
pub async fn list(pool: &PgPool, today: NaiveDate, most: Option<i64>) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"
        SELECT groups.acronym, groups.name, groups.label, groups.is_home,
               relationships.kind AS "relationship?",
               relationships.state AS "relationship_state?",
               ARRAY(SELECT people.name
                       FROM roles
                       JOIN people USING (person_id)
                      WHERE roles.group_id = groups.group_id
                        AND roles.kind = 'liaison-manager'
                        AND roles.starts_on <= $1
                        AND (roles.ends_on IS NULL OR roles.ends_on > $1)
                      ORDER BY roles.role_id) AS "managers!",
               (SELECT count(*)
                  FROM (SELECT 1 FROM statement_places WHERE statement_places.group_id = groups.group_id LIMIT $2) AS counted) AS "statements!"
          FROM groups
          LEFT JOIN relationships USING (group_id)
         WHERE groups.parent_id IS NULL OR relationships.group_id IS NOT NULL
         ORDER BY (relationships.kind = 'formal' AND relationships.state <> 'ended') IS TRUE DESC, lower(groups.label)
        "#,
        today,
        most
    )
    .fetch_all(pool)
    .await
}

/// Somebody in a role at a group, as a public fact: a name, and the role's own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What they are there.
    pub kind: RoleKind,
    /// Name.
    pub name: String,
    /// The role's address; a person's own is not public.
    pub alias: Option<String>,
    /// Label of the group at which the role is held.
    pub at: String,
    /// How far above the group asked for; 0: the group itself.
    pub distance: i32,
}

/// Who holds a role at a group or above it on a day, the nearest first.
///
/// # Errors
/// The database's.
pub async fn holders(pool: &PgPool, group: GroupId, today: NaiveDate) -> sqlx::Result<Vec<Holder>> {
    let rows = sqlx::query!(
        r#"
        SELECT roles.kind, people.name, roles.alias, groups.label, group_ancestors.distance
          FROM group_ancestors
          JOIN roles ON roles.group_id = group_ancestors.ancestor_id
          JOIN people USING (person_id)
          JOIN groups ON groups.group_id = group_ancestors.ancestor_id
         WHERE group_ancestors.group_id = $1
           AND roles.starts_on <= $2
           AND (roles.ends_on IS NULL OR roles.ends_on > $2)
         ORDER BY group_ancestors.distance, roles.role_id
        "#,
        group.0,
        today
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let kind = RoleKind::parse(&row.kind)?;
            Some(Holder { kind, name: row.name, alias: row.alias, at: row.label, distance: row.distance })
        })
        .collect())
}

/// A posted statement in a short list.
#[derive(Debug, Clone)]
pub struct Recent {
    /// Its number.
    pub number: i32,
    /// Title.
    pub title: String,
    /// As pages name the groups.
    pub from_text: String,
    /// As pages name the groups.
    pub to_text: String,
    /// None: not recorded.
    pub purpose: Option<String>,
    /// Of the letter.
    pub letter_date: Option<NaiveDate>,
    /// `day`, `month`, `year`.
    pub letter_date_precision: Option<String>,
    /// Day of posting.
    pub posted_on: Option<NaiveDate>,
}

/// The newest posted statements from, to or in copy to a group or what is below it, and whether there are more.
///
/// # Errors
/// The database's.
pub async fn newest(pool: &PgPool, group: GroupId, limit: i64) -> sqlx::Result<Vec<Recent>> {
    sqlx::query_as!(
        Recent,
        r#"
        SELECT statements.number AS "number!", title, from_text, to_text, statements.purpose, letter_date, letter_date_precision,
               (posted_at AT TIME ZONE 'UTC')::date AS posted_on
          FROM statement_places
          JOIN statements USING (statement_id)
         WHERE statement_places.group_id = $1
         ORDER BY statement_places.sort_date DESC, statement_places.number DESC
         LIMIT $2
        "#,
        group.0,
        limit
    )
    .fetch_all(pool)
    .await
}

/// A stored address of a group that is public: a role's or a list's.
#[derive(Debug, Clone)]
pub struct PublicContact {
    /// `list`, `chairs`, `send-to`, `to`, `cc`.
    pub kind: String,
    /// As stored: an address, perhaps with a name.
    pub mailbox: String,
    /// When somebody last said that it is right.
    pub confirmed_on: Option<NaiveDate>,
}

/// Role addresses and lists of a group.
///
/// # Errors
/// The database's.
pub async fn public_contacts(pool: &PgPool, group: GroupId) -> sqlx::Result<Vec<PublicContact>> {
    sqlx::query_as!(
        PublicContact,
        r#"SELECT use AS "kind!", mailbox, confirmed_on FROM group_contacts WHERE group_id = $1 AND sort <> 'person' ORDER BY group_contact_id"#,
        group.0
    )
    .fetch_all(pool)
    .await
}

/// A relationship, as pages show it.
#[derive(Debug, Clone)]
pub struct Relationship {
    /// Acronym of the organization.
    pub acronym: String,
    /// Label of the organization.
    pub label: String,
    /// `formal` or `informal`.
    pub kind: String,
    /// `proposed`, `active`, `ended`.
    pub state: String,
    /// Documents it rests on.
    pub documents: Vec<String>,
    /// Documents it rested on.
    pub former_documents: Vec<String>,
    /// What is known of it.
    pub facts: String,
    /// The alias at home that serves it.
    pub home_contact: Option<String>,
}

/// The relationship that holds for a group: that of the nearest of itself and those above it that has one.
///
/// # Errors
/// The database's.
pub async fn relationship_of(pool: &PgPool, group: GroupId) -> sqlx::Result<Option<Relationship>> {
    sqlx::query_as!(
        Relationship,
        "SELECT groups.acronym, groups.label, relationships.kind, relationships.state, relationships.documents, relationships.former_documents,
                relationships.facts, relationships.home_contact
           FROM group_ancestors
           JOIN relationships ON relationships.group_id = group_ancestors.ancestor_id
           JOIN groups ON groups.group_id = relationships.group_id
          WHERE group_ancestors.group_id = $1
          ORDER BY group_ancestors.distance
          LIMIT 1",
        group.0
    )
    .fetch_optional(pool)
    .await
}

/// Where the IAB is found: its acronym, and its first public address.
///
/// # Errors
/// The database's.
pub async fn iab(pool: &PgPool) -> sqlx::Result<Option<(String, Option<String>)>> {
    let row = sqlx::query!(
        r#"
        SELECT groups.acronym,
               (SELECT mailbox FROM group_contacts
                 WHERE group_contacts.group_id = groups.group_id AND sort <> 'person'
                 ORDER BY group_contact_id LIMIT 1) AS mailbox
          FROM groups
         WHERE groups.kind = 'iab' AND groups.is_home AND groups.state = 'active'
         ORDER BY groups.group_id
         LIMIT 1
        "#
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.acronym, row.mailbox)))
}

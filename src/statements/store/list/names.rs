//! What people name: groups, who sees to something, a statement by its number.

use sqlx::PgPool;

use crate::ids::GroupId;

/// A group somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedGroup {
    /// Its key.
    pub group_id: GroupId,
    /// Its acronym of today.
    pub acronym: String,
    /// How pages name it.
    pub label: String,
}

/// What names were found to mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// A group for each name asked for, in their order.
    pub groups: Vec<Option<NamedGroup>>,
    /// The whole name of who sees to something.
    pub assignee: Option<String>,
}

/// The groups of these acronyms, labels, former acronyms, names or former names, in this order of trust; and who sees to
/// some statement and has that name, or failing that holds it in theirs. Case makes no difference.
///
/// # Errors
/// The database's.
pub async fn named(pool: &PgPool, groups: &[String], assignee: Option<&str>) -> sqlx::Result<Named> {
    let rows = sqlx::query!(
        r#"
        SELECT asked.at AS "at!", named.group_id, named.acronym, named.label AS "label!"
          FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, at)
         CROSS JOIN LATERAL (
               SELECT group_id, acronym, label
                 FROM (SELECT 1 AS rank, group_id, acronym, label FROM groups WHERE lower(acronym) = lower(asked.name)
                       UNION ALL
                       SELECT 2, group_id, acronym, label FROM groups WHERE lower(label) = lower(asked.name)
                       UNION ALL
                       SELECT 3, groups.group_id, groups.acronym, groups.label
                         FROM group_names JOIN groups USING (group_id)
                        WHERE lower(group_names.acronym) = lower(asked.name)
                       UNION ALL
                       SELECT 4, group_id, acronym, label FROM groups WHERE lower(name) = lower(asked.name)
                       UNION ALL
                       SELECT 5, groups.group_id, groups.acronym, groups.label
                         FROM group_names JOIN groups USING (group_id)
                        WHERE lower(group_names.name) = lower(asked.name)) AS ranked
                ORDER BY rank, group_id
                LIMIT 1) AS named
        UNION ALL
        SELECT 0, NULL, NULL, assignee.name
          FROM (SELECT name
                  FROM (SELECT 1 AS rank, name FROM people
                         WHERE lower(name) = lower($2) AND EXISTS (SELECT 1 FROM actions WHERE assignee_id = person_id)
                        UNION ALL
                        SELECT 2, $2 WHERE EXISTS (SELECT 1 FROM statement_addressees WHERE group_id = 0 AND assignee <> '' AND assignee = lower($2))
                        UNION ALL
                        SELECT 3, name FROM people
                         WHERE strpos(lower(name), lower($2)) > 0 AND EXISTS (SELECT 1 FROM actions WHERE assignee_id = person_id)) AS ranked
                 ORDER BY rank, name
                 LIMIT 1) AS assignee
        "#,
        groups,
        assignee
    )
    .fetch_all(pool)
    .await?;
    let mut named = Named { groups: vec![None; groups.len()], assignee: None };
    for row in rows {
        match (usize::try_from(row.at), row.group_id, row.acronym) {
            (Ok(at), Some(group_id), Some(acronym)) if (1..=groups.len()).contains(&at) => {
                named.groups[at - 1] = Some(NamedGroup { group_id: GroupId(group_id), acronym, label: row.label });
            }
            _ => named.assignee = Some(row.label),
        }
    }
    Ok(named)
}

/// The group that is named so; see [`named`].
///
/// # Errors
/// The database's.
pub async fn group_named(pool: &PgPool, name: &str) -> sqlx::Result<Option<NamedGroup>> {
    Ok(named(pool, &[name.to_owned()], None).await?.groups.into_iter().flatten().next())
}

/// The title of the posted statement of that number.
///
/// # Errors
/// The database's.
pub async fn title_of(pool: &PgPool, number: i32) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("SELECT title FROM statements WHERE number = $1 AND state = 'posted'", number).fetch_optional(pool).await
}

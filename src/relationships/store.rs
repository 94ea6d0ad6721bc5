//! SQL of relationships.

use chrono::NaiveDate;
use sqlx::PgPool;

/// A relationship in the table.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Acronym of the organization.
    pub acronym: String,
    /// Label of the organization.
    pub label: String,
    /// `formal` or `informal`.
    pub kind: String,
    /// `proposed`, `active`, `ended`.
    pub state: String,
    /// Documents it rests on, with those that say how the two work together.
    pub documents: Vec<String>,
    /// Names of its managers of today.
    pub managers: Vec<String>,
    /// Their aliases, in the same order; empty where there is none.
    pub aliases: Vec<String>,
}

/// All relationships: formal ones that stand first, then informal ones, then those that ended.
///
/// # Errors
/// The database's.
pub async fn list(pool: &PgPool, today: NaiveDate) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"
        SELECT groups.acronym, groups.label, relationships.kind, relationships.state,
               ARRAY(SELECT DISTINCT document FROM unnest(relationships.documents || groups.scope_documents) AS document ORDER BY document)
               AS "documents!",
               ARRAY(SELECT people.name
                       FROM roles
                       JOIN people USING (person_id)
                      WHERE roles.group_id = relationships.group_id
                        AND roles.kind = 'liaison-manager'
                        AND roles.starts_on <= $1
                        AND (roles.ends_on IS NULL OR roles.ends_on > $1)
                      ORDER BY roles.role_id) AS "managers!",
               ARRAY(SELECT coalesce(roles.alias, '')
                       FROM roles
                      WHERE roles.group_id = relationships.group_id
                        AND roles.kind = 'liaison-manager'
                        AND roles.starts_on <= $1
                        AND (roles.ends_on IS NULL OR roles.ends_on > $1)
                      ORDER BY roles.role_id) AS "aliases!"
          FROM relationships
          JOIN groups USING (group_id)
         ORDER BY relationships.state = 'ended', relationships.kind <> 'formal', lower(groups.label)
        "#,
        today
    )
    .fetch_all(pool)
    .await
}

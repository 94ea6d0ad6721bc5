//! SQL of people and their roles.

use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgPool;
use sqlx::types::Json;

use super::{Role, RoleKind, Viewer};
use crate::ids::{GroupId, PersonId, SessionId};

#[derive(Debug, Deserialize)]
struct RoleRow {
    kind: RoleKind,
    group_id: Option<GroupId>,
    group_label: Option<String>,
    alias: Option<String>,
    away_until: Option<NaiveDate>,
}

/// Who holds this session, with the roles of that day: one query.
///
/// # Errors
/// The database's.
pub async fn viewer(pool: &PgPool, secret_hash: &[u8], now: chrono::DateTime<chrono::Utc>, today: NaiveDate) -> sqlx::Result<Option<Viewer>> {
    let row = sqlx::query!(
        r#"
        SELECT sessions.session_id,
               people.person_id,
               people.name,
               addresses.address AS "address?",
               (SELECT coalesce(json_agg(json_build_object(
                           'kind', roles.kind, 'group_id', roles.group_id, 'group_label', groups.label,
                           'alias', roles.alias, 'away_until', roles.away_until) ORDER BY roles.role_id), '[]')
                  FROM roles
                  LEFT JOIN groups USING (group_id)
                 WHERE roles.person_id = people.person_id
                   AND roles.starts_on <= $3
                   AND (roles.ends_on IS NULL OR roles.ends_on > $3)) AS "roles!: Json<Vec<RoleRow>>"
          FROM sessions
          JOIN people USING (person_id)
          JOIN accounts USING (person_id)
          LEFT JOIN addresses ON addresses.person_id = people.person_id AND addresses.is_primary
         WHERE sessions.secret_hash = $1
           AND sessions.expires_at > $2
           AND NOT accounts.is_disabled
        "#,
        secret_hash,
        now,
        today
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Viewer {
        session_id: SessionId(row.session_id),
        person_id: PersonId(row.person_id),
        name: row.name,
        address: row.address.unwrap_or_default(),
        roles: row.roles.0.into_iter().map(Role::from).collect(),
    }))
}

impl From<RoleRow> for Role {
    fn from(row: RoleRow) -> Self {
        Self {
            kind: row.kind,
            group_id: row.group_id,
            group_label: row.group_label.unwrap_or_default(),
            alias: row.alias,
            away_until: row.away_until,
        }
    }
}

//! SQL of sign-ins: who comes with a cookie, and what ends.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use crate::ids::{GroupId, PersonId, SessionId};
use crate::people::{Role, RoleKind, Viewer};

/// Days after which a session ends that nobody used.
pub const IDLE_DAYS: i64 = 14;
/// Days after which a session ends, used or not.
pub const LONGEST_DAYS: i64 = 90;
/// Minutes between two notes of when a session was last seen.
const SEEN_MINUTES: i64 = 60;

#[derive(Debug, Deserialize)]
struct RoleRow {
    kind: RoleKind,
    group_id: Option<GroupId>,
    root_id: Option<GroupId>,
    group_label: Option<String>,
    alias: Option<String>,
    away_until: Option<NaiveDate>,
}

impl From<RoleRow> for Role {
    fn from(row: RoleRow) -> Self {
        Self {
            kind: row.kind,
            group_id: row.group_id,
            root_id: row.root_id,
            group_label: row.group_label.unwrap_or_default(),
            alias: row.alias,
            away_until: row.away_until,
        }
    }
}

/// Who holds this session, with the roles of that day: one query. Notes once an hour that it was used.
///
/// # Errors
/// The database's.
pub async fn viewer(pool: &PgPool, secret_hash: &[u8], now: DateTime<Utc>, today: NaiveDate) -> sqlx::Result<Option<Viewer>> {
    let row = sqlx::query!(
        r#"
        SELECT sessions.session_id,
               sessions.last_seen_at,
               people.person_id,
               people.name,
               addresses.address AS "address?",
               (SELECT coalesce(json_agg(json_build_object(
                           'kind', roles.kind, 'group_id', roles.group_id, 'group_label', groups.label,
                           'root_id', (SELECT ancestor_id FROM group_ancestors WHERE group_ancestors.group_id = roles.group_id
                                        ORDER BY distance DESC LIMIT 1),
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
           AND sessions.last_seen_at > $4
           AND NOT accounts.is_disabled
        "#,
        secret_hash,
        now,
        today,
        now - TimeDelta::days(IDLE_DAYS)
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if now - row.last_seen_at > TimeDelta::minutes(SEEN_MINUTES) {
        sqlx::query!("UPDATE sessions SET last_seen_at = $2 WHERE session_id = $1 AND last_seen_at < $2", row.session_id, now).execute(pool).await?;
    }
    Ok(Some(Viewer {
        session_id: SessionId(row.session_id),
        person_id: PersonId(row.person_id),
        name: row.name,
        address: row.address.unwrap_or_default(),
        roles: row.roles.0.into_iter().map(Role::from).collect(),
    }))
}

/// Keeps a new session.
///
/// # Errors
/// The database's.
pub async fn add(connection: &mut PgConnection, now: DateTime<Utc>, person: PersonId, secret_hash: &[u8], browser: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sessions (secret_hash, person_id, made_at, last_seen_at, expires_at, browser) VALUES ($1, $2, $3, $3, $4, $5)",
        secret_hash,
        person.0,
        now,
        now + TimeDelta::days(LONGEST_DAYS),
        browser
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the session of a cookie, whoever's it is.
///
/// # Errors
/// The database's.
pub async fn end_by_secret(connection: &mut PgConnection, secret_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE secret_hash = $1", secret_hash).execute(connection).await?;
    Ok(())
}

/// Ends one of somebody's sessions; says whether it was theirs.
///
/// # Errors
/// The database's.
pub async fn end(connection: &mut PgConnection, person: PersonId, session: SessionId) -> sqlx::Result<bool> {
    let done = sqlx::query!("DELETE FROM sessions WHERE session_id = $1 AND person_id = $2", session.0, person.0).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Whether there is a session of anybody's under that key.
///
/// # Errors
/// The database's.
pub async fn is_there(connection: &mut PgConnection, session: SessionId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM sessions WHERE session_id = $1) AS "is!""#, session.0).fetch_one(connection).await
}

/// Ends all of somebody's sessions but one.
///
/// # Errors
/// The database's.
pub async fn end_all(connection: &mut PgConnection, person: PersonId, except: Option<SessionId>) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE person_id = $1 AND session_id IS DISTINCT FROM $2", person.0, except.map(|session| session.0))
        .execute(connection)
        .await?;
    Ok(())
}

/// A session, as its holder sees it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Key.
    pub session_id: SessionId,
    /// When it began.
    pub made_at: DateTime<Utc>,
    /// When it was used, to the hour.
    pub last_seen_at: DateTime<Utc>,
    /// What the browser calls itself.
    pub browser: String,
}

/// The living sessions of somebody, the one used last first.
///
/// # Errors
/// The database's.
pub async fn of_person(connection: &mut PgConnection, now: DateTime<Utc>, person: PersonId) -> sqlx::Result<Vec<Session>> {
    sqlx::query_as!(
        Session,
        r#"
        SELECT session_id, made_at, last_seen_at, browser
          FROM sessions
         WHERE person_id = $1
           AND expires_at > $2
           AND last_seen_at > $3
         ORDER BY last_seen_at DESC, session_id DESC
        "#,
        person.0,
        now,
        now - TimeDelta::days(IDLE_DAYS)
    )
    .fetch_all(connection)
    .await
}

/// Takes away sessions that ended or idled out, links a day after they ended, and sign-in tries that no longer count.
///
/// # Errors
/// The database's.
pub async fn sweep(connection: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    let idle = now - TimeDelta::days(IDLE_DAYS);
    sqlx::query!("DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2", now, idle).execute(&mut *connection).await?;
    // a link that was used or ended is kept a day, so that its page can say what happened to it
    sqlx::query!("DELETE FROM one_time_links WHERE expires_at <= $1::timestamptz - INTERVAL '1 day'", now).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM sign_in_tries WHERE paid_at <= $1", now).execute(connection).await?;
    Ok(())
}

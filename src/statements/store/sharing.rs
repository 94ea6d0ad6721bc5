//! SQL of the links that show a draft to its group.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::Locked;
use crate::ids::{PersonId, StatementId};

/// Who makes a link, as what, when.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// The person.
    pub person_id: PersonId,
    /// The role, in words.
    pub role: &'a str,
    /// The instant.
    pub at: DateTime<Utc>,
}

/// Keeps a link that goes by mail: to which lists, and the day for comments. False: this very link is kept already.
///
/// # Errors
/// The database's.
pub async fn keep_mailed(
    connection: &mut PgConnection,
    draft: &Locked,
    hash: &[u8],
    making: Making<'_>,
    mailed_to: &str,
    comments_by: NaiveDate,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO share_links (statement_id, secret_hash, made_at, made_by, made_as, mailed_to, comments_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT DO NOTHING",
        draft.statement_id.0,
        hash,
        making.at,
        making.person_id.0,
        making.role,
        mailed_to,
        comments_by
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps a link for the draft's page. False: there is one.
///
/// # Errors
/// The database's.
pub async fn keep(connection: &mut PgConnection, draft: &Locked, hash: &[u8], making: Making<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO share_links (statement_id, secret_hash, made_at, made_by, made_as) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        draft.statement_id.0,
        hash,
        making.at,
        making.person_id.0,
        making.role
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every link of a draft; how many there were.
///
/// # Errors
/// The database's.
pub async fn revoke(connection: &mut PgConnection, draft: &Locked, at: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!("UPDATE share_links SET revoked_at = $2 WHERE statement_id = $1 AND revoked_at IS NULL", draft.statement_id.0, at)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// A link that opens a draft now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Under which its secret is kept.
    pub secret_hash: Vec<u8>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// By whom.
    pub made_by: String,
    /// As what.
    pub made_as: String,
    /// The lists that it was mailed to; empty: it was not.
    pub mailed_to: String,
    /// Until when the group may comment.
    pub comments_by: Option<NaiveDate>,
}

/// The links of a draft that open it now, the first first.
///
/// # Errors
/// The database's.
pub async fn links(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<Link>> {
    sqlx::query_as!(
        Link,
        "SELECT secret_hash, share_links.made_at, people.name AS made_by, made_as, mailed_to, comments_by
           FROM share_links
           JOIN people ON people.person_id = made_by
          WHERE statement_id = $1
            AND revoked_at IS NULL
          ORDER BY share_link_id",
        id.0
    )
    .fetch_all(connection)
    .await
}

/// Which draft a link shows, and until when it may be commented on.
///
/// # Errors
/// The database's.
pub async fn opened(connection: &mut PgConnection, hash: &[u8]) -> sqlx::Result<Option<(StatementId, Option<NaiveDate>)>> {
    let row = sqlx::query!(
        r#"
        SELECT statement_id,
               (SELECT max(others.comments_by)
                  FROM share_links AS others
                 WHERE others.statement_id = share_links.statement_id) AS comments_by
          FROM share_links
         WHERE secret_hash = $1
           AND revoked_at IS NULL
        "#,
        hash
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (StatementId(row.statement_id), row.comments_by)))
}

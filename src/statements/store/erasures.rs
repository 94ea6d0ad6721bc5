//! SQL of what was not ours to publish: the one function of the database that takes it away.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Locked;
use crate::ids::{PersonId, StatementId};

/// What is taken away.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// The bytes of the attachment of this `n`.
    Bytes(i32),
    /// Words of the text, wherever they stand.
    Words(&'a str),
}

/// Takes it away for good; says how many pieces of the file, or texts in which the words stood. 0: there was nothing.
///
/// # Errors
/// The database's.
pub async fn take_away(
    connection: &mut PgConnection,
    held: &Locked,
    what: What<'_>,
    why: &str,
    by: (PersonId, &str),
    at: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let (n, words) = match what {
        What::Bytes(n) => (Some(n), None),
        What::Words(words) => (None, Some(words)),
    };
    let places =
        sqlx::query_scalar!(r#"SELECT take_away($1, $2, $3, $4, $5, $6, $7) AS "places!""#, held.statement_id.0, n, words, why, at, by.0.0, by.1)
            .fetch_one(&mut *connection)
            .await?;
    if places > 0 {
        super::metadata::grow(connection, held, at).await?;
    }
    Ok(places)
}

/// Files of a statement whose bytes others hold too: its `n`, and where else they are.
///
/// # Errors
/// The database's.
pub async fn also_held(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<(i32, i32, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT own.n, others.file_name, number AS "number!"
          FROM attachments AS own
          JOIN files AS own_files ON own_files.file_id = own.file_id
          JOIN files AS other_files ON other_files.sha256 = own_files.sha256 AND other_files.is_whole
          JOIN attachments AS others ON others.file_id = other_files.file_id AND others.attachment_id <> own.attachment_id
          JOIN statements ON statements.statement_id = others.statement_id AND statements.state = 'posted'
         WHERE own.statement_id = $1
           AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.statement_id = others.statement_id AND erasures.n = others.n)
         ORDER BY own.n, number
         LIMIT 20
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.n, row.number, row.file_name)).collect())
}

/// Whether the same person took words of the text away for the same reason a moment before: the form was sent twice.
///
/// # Errors
/// The database's.
pub async fn was_taken(connection: &mut PgConnection, id: StatementId, reason: &str, by: PersonId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM erasures WHERE statement_id = $1 AND n IS NULL AND reason = $2 AND person_id = $3 AND at > $4) AS "was_taken!""#,
        id.0,
        reason,
        by.0,
        now - chrono::TimeDelta::minutes(1)
    )
    .fetch_one(connection)
    .await
}

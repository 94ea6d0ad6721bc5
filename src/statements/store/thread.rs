//! SQL of a thread as a table: its statements in order, and how each stands to earlier ones.

use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::ids::StatementId;

/// Most rows of a thread; one more is read, so that it can be said that there are more.
pub const ROWS: i64 = 1000;

/// A statement of a thread.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its key.
    pub id: i64,
    /// To which earlier ones it is related, and how.
    pub relations: Vec<Relation>,
}

/// How a statement stands to an earlier one.
#[derive(Debug, Clone, Deserialize)]
pub struct Relation {
    /// As in the database.
    pub kind: String,
    /// `final`, `preliminary` or `status-update`, of a reply.
    pub reply_kind: Option<String>,
    /// The earlier one, where it is posted here.
    pub number: Option<i32>,
    /// What it is called, where it is not.
    pub words: String,
}

/// All posted statements that hang together with this one, earliest first, as its page lists them.
///
/// # Errors
/// The database's.
pub async fn rows(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::query!(
        r#"
        SELECT statement_id AS "statement_id!",
               (SELECT coalesce(json_agg(json_build_object(
                           'kind', kind, 'reply_kind', reply_kind, 'number', earlier.number, 'words', CASE WHEN earlier_id IS NULL THEN words ELSE '' END)
                           ORDER BY relation_id), '[]')
                  FROM relations
                  LEFT JOIN statements AS earlier ON earlier.statement_id = earlier_id AND earlier.state = 'posted'
                 WHERE relations.statement_id = thread.statement_id
                   AND (earlier_id IS NULL OR earlier.number IS NOT NULL)) AS "relations!: Json<Vec<Relation>>"
          FROM thread_of($1) AS thread
          JOIN statements USING (statement_id)
         ORDER BY CASE WHEN sort_date > DATE '0001-01-01' THEN sort_date ELSE max(sort_date) OVER (ORDER BY number) END, number
         LIMIT $2
        "#,
        id.0,
        ROWS + 1
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Row { id: row.statement_id, relations: row.relations.0 }).collect())
}

//! SQL of what hangs together with a statement.

use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::ids::StatementId;
use crate::statements::Direction;
use crate::statements::store::known;

/// A statement of the same thread.
#[derive(Debug, Clone)]
pub struct Threaded {
    /// Its number.
    pub number: i32,
    /// Incoming, outgoing or between others.
    pub direction: Direction,
    /// One line.
    pub title: String,
    /// From whom, in words.
    pub from: String,
    /// To whom, in words.
    pub to: String,
    /// The letter's day, or that of posting.
    pub on: Option<NaiveDate>,
    /// How exact the day is: `day`, `month` or `year`.
    pub precision: String,
    /// How it stands to the statement at hand.
    pub ties: Vec<Tie>,
}

/// A relation between the statement at hand and another of its thread.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Tie {
    /// As in the database.
    pub kind: String,
    /// `final`, `preliminary` or `status-update`, of a reply.
    pub reply_kind: Option<String>,
    /// Whether the statement at hand is the later one.
    pub from_here: bool,
}

/// Most statements a thread shows.
const LONGEST_THREAD: i64 = 200;

/// All posted statements that hang together with this one, itself among them, earliest first. One without any day
/// stands behind those with lower numbers.
///
/// # Errors
/// The database's.
pub async fn thread(connection: &mut PgConnection, statement_id: StatementId) -> sqlx::Result<Vec<Threaded>> {
    let rows = sqlx::query!(
        r#"
        SELECT number AS "number!", direction, title, from_text, to_text, letter_date, letter_date_precision, posted_at,
               (SELECT coalesce(json_agg(json_build_object(
                           'kind', kind, 'reply_kind', reply_kind, 'from_here', relations.statement_id = $1) ORDER BY relation_id), '[]')
                  FROM relations
                 WHERE kind <> 'related'
                   AND ((relations.statement_id = $1 AND earlier_id = statements.statement_id)
                     OR (relations.statement_id = statements.statement_id AND earlier_id = $1))) AS "ties!: Json<Vec<Tie>>"
          FROM thread_of($1) AS thread
          JOIN statements USING (statement_id)
         ORDER BY CASE WHEN sort_date > DATE '0001-01-01' THEN sort_date ELSE max(sort_date) OVER (ORDER BY number) END, number
         LIMIT $2
        "#,
        statement_id.0,
        LONGEST_THREAD
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Threaded {
                number: row.number,
                direction: known(Direction::parse(&row.direction), "direction", &row.direction)?,
                title: row.title,
                from: row.from_text,
                to: row.to_text,
                on: row.letter_date.or(row.posted_at.map(|at| at.date_naive())),
                precision: row.letter_date_precision.unwrap_or_else(|| "day".to_owned()),
                ties: row.ties.0,
            })
        })
        .collect()
}

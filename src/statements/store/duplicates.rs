//! SQL of *same statement?*: posted statements that a letter may be the same as.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::ids::{GroupId, StatementId};

/// A posted statement that a letter may be the same as, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from_text: String,
    /// The same title, within a year.
    pub by_title: bool,
    /// The same reference of the same organization.
    pub by_reference: bool,
    /// The same file.
    pub by_file: bool,
}

/// What twins are looked for by.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// The draft itself, whose files count; never its own twin.
    pub statement_id: Option<StatementId>,
    /// Its title.
    pub title: &'a str,
    /// The same title counts where it was posted since this day.
    pub since: NaiveDate,
    /// Its references in normal form.
    pub references: &'a [String],
    /// The organizations it is from.
    pub organizations: &'a [GroupId],
}

/// The likeliest first, at most five.
///
/// # Errors
/// The database's.
pub async fn twins(connection: &mut PgConnection, sought: Sought<'_>) -> sqlx::Result<Vec<Twin>> {
    let organizations: Vec<i64> = sought.organizations.iter().map(|group| group.0).collect();
    sqlx::query_as!(
        Twin,
        r#"
        WITH alike AS (
            SELECT statement_listing.statement_id, true AS by_title, false AS by_reference, false AS by_file
              FROM statement_listing
              JOIN statements USING (statement_id)
             WHERE title_key = sort_text($2) AND statements.posted_at >= $5::date
            UNION ALL
            SELECT statement_references.statement_id, false, true, false
              FROM statement_references
             WHERE normal = ANY ($3) AND normal <> ''
               AND EXISTS (SELECT 1
                             FROM statement_groups
                            WHERE statement_groups.statement_id = statement_references.statement_id
                              AND side = 'from' AND organization_of(statement_groups.group_id) = ANY ($4))
            UNION ALL
            SELECT twin.statement_id, false, false, true
              FROM attachments AS mine
              JOIN files ON files.file_id = mine.file_id
              JOIN files AS same ON same.sha256 = files.sha256 AND same.is_whole
              JOIN attachments AS twin ON twin.file_id = same.file_id
             WHERE mine.statement_id = $1 AND files.size > 0)
        SELECT likely.number AS "number!", likely.title, likely.from_text, by_title AS "by_title!", by_reference AS "by_reference!", by_file AS "by_file!"
          FROM (SELECT statement_id, bool_or(by_title) AS by_title, bool_or(by_reference) AS by_reference, bool_or(by_file) AS by_file
                  FROM alike
                 GROUP BY statement_id) AS found
         -- each by its key: how many there may be is guessed far too high
         CROSS JOIN LATERAL (SELECT number, title, from_text
                               FROM statements
                              WHERE statements.statement_id = found.statement_id
                                AND state = 'posted'
                                AND ($1::bigint IS NULL OR statements.statement_id <> $1)
                             OFFSET 0) AS likely
         ORDER BY by_reference DESC, by_file DESC, number DESC
         LIMIT 5
        "#,
        sought.statement_id.map(|id| id.0),
        sought.title,
        sought.references,
        &organizations,
        sought.since
    )
    .fetch_all(connection)
    .await
}

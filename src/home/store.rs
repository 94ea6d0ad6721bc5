//! SQL of the home page; it looks across, and writes nothing.

use chrono::{Days, NaiveDate};
use sqlx::PgPool;

/// Statements of an organization are counted up to here, so that the page's cost doesn't grow with them.
pub const COUNTED: i64 = 1000;

/// A statement something is asked for by a day to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upcoming {
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from_text: String,
    /// To whom.
    pub to_text: String,
    /// The day.
    pub due_on: NaiveDate,
    /// Who has it; empty: nobody yet.
    pub assignee: String,
    /// Whether a peer is asked, rather than us.
    pub is_awaited: bool,
}

/// The next deadlines within 30 days, one a statement.
///
/// # Errors
/// The database's.
pub async fn upcoming(pool: &PgPool, today: NaiveDate) -> sqlx::Result<Vec<Upcoming>> {
    sqlx::query_as!(
        Upcoming,
        r#"
        SELECT number AS "number!", title AS "title!", from_text AS "from_text!", to_text AS "to_text!", due_on AS "due_on!",
               assignee AS "assignee!", is_awaited AS "is_awaited!"
          FROM (SELECT DISTINCT ON (statements.statement_id)
                       statements.number, statements.title, statements.from_text, statements.to_text, soon.due_on,
                       coalesce(people.name, actions.assignee_name) AS assignee, actions.state = 'awaited' AS is_awaited
                  FROM (SELECT action_id, due_on
                          FROM deadlines
                         WHERE superseded_at IS NULL AND due_on BETWEEN $1 AND $2
                           AND EXISTS (SELECT 1 FROM actions
                                        WHERE actions.action_id = deadlines.action_id
                                          AND actions.state IN ('open', 'in-progress', 'waiting', 'awaited'))
                         ORDER BY due_on
                         LIMIT 40) AS soon
                  JOIN actions USING (action_id)
                  JOIN statements USING (statement_id)
                  LEFT JOIN people ON people.person_id = actions.assignee_id
                 WHERE statements.state = 'posted'
                 ORDER BY statements.statement_id, soon.due_on, actions.action_id) AS upcoming
         ORDER BY due_on, number
         LIMIT 8
        "#,
        today,
        today.checked_add_days(Days::new(30)).unwrap_or(today)
    )
    .fetch_all(pool)
    .await
}

/// An organization and how many statements it has part in, counted up to one above [`COUNTED`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its acronym.
    pub acronym: String,
    /// How pages name it.
    pub label: String,
    /// Statements from it, to it, or copied to it, subtree included.
    pub count: i64,
}

/// The peers with most statements: those with a relationship, and of other trees the root.
///
/// # Errors
/// The database's.
pub async fn organizations(pool: &PgPool) -> sqlx::Result<Vec<Counted>> {
    sqlx::query_as!(
        Counted,
        r#"
        SELECT acronym AS "acronym!", label AS "label!", counted.count AS "count!"
          FROM (SELECT group_id FROM relationships
                UNION
                SELECT group_id FROM groups
                 WHERE parent_id IS NULL AND NOT is_home
                   AND NOT EXISTS (SELECT 1 FROM relationships JOIN group_ancestors USING (group_id)
                                    WHERE group_ancestors.ancestor_id = groups.group_id)) AS peers
          JOIN groups USING (group_id)
         CROSS JOIN LATERAL (SELECT count(*) AS count
                               FROM (SELECT 1 FROM statement_places WHERE statement_places.group_id = groups.group_id LIMIT 1001) AS few) AS counted
         WHERE NOT is_home AND counted.count > 0
         ORDER BY counted.count DESC, label
         LIMIT 12
        "#
    )
    .fetch_all(pool)
    .await
}

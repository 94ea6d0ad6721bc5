//! SQL of drafts and actions that pass from one to another, and of who was asked about a draft.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{Locked, expect_one};
use crate::ids::{ActionId, GroupId, PersonId, StatementId};

/// Makes somebody the author of a draft, in a role.
///
/// # Errors
/// The database's.
pub async fn set_author(connection: &mut PgConnection, held: &Locked, author: Option<PersonId>, role: &str) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE statements SET author_id = $2, author_role = $3 WHERE statement_id = $1 AND state IN ('draft', 'in-review')",
        held.statement_id.0,
        author.map(|person| person.0),
        role
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)
}

/// Notes that somebody is asked about a statement that is not public; false: they were before.
///
/// # Errors
/// The database's.
pub async fn consult(connection: &mut PgConnection, held: &Locked, person: PersonId, at: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO consultations (statement_id, person_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        held.statement_id.0,
        person.0,
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Who was mailed already because of an event.
///
/// # Errors
/// The database's.
pub async fn were_mailed(connection: &mut PgConnection, id: StatementId, event: &str) -> sqlx::Result<Vec<PersonId>> {
    let people = sqlx::query_scalar!(
        r#"SELECT DISTINCT person_id AS "person_id!"
             FROM mails JOIN mail_deliveries USING (mail_id)
            WHERE mails.statement_id = $1 AND event = $2 AND person_id IS NOT NULL"#,
        id.0,
        event
    )
    .fetch_all(connection)
    .await?;
    Ok(people.into_iter().map(PersonId).collect())
}

/// A draft whose author holds no role any more in which it could be drafted or recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftDraft {
    /// Its draft id.
    pub draft_id: String,
    /// Whose it was.
    pub author: PersonId,
    /// The role that ended last was a liaison manager's.
    pub was_managers: bool,
}

/// Drafts and statements in review whose author's last role ended.
///
/// # Errors
/// The database's.
pub async fn left_drafts(connection: &mut PgConnection, today: NaiveDate) -> sqlx::Result<Vec<LeftDraft>> {
    let rows = sqlx::query!(
        r#"
        SELECT draft_id, author_id AS "author_id!", last.kind = 'liaison-manager' AS "was_managers!"
          FROM statements
          CROSS JOIN LATERAL last_role_ended(author_id, $1) AS last
         WHERE state IN ('draft', 'in-review')
           AND last.kind IS NOT NULL
         ORDER BY statement_id
         LIMIT 100
        "#,
        today
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| LeftDraft { draft_id: row.draft_id, author: PersonId(row.author_id), was_managers: row.was_managers }).collect())
}

/// An open action whose assignee holds no role any more in which they could see to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftAction {
    /// Its key.
    pub action_id: ActionId,
    /// Number of its statement.
    pub number: i32,
    /// The addressee.
    pub group_id: GroupId,
    /// Its label.
    pub label: String,
    /// Its acronym.
    pub acronym: String,
    /// Whose it was.
    pub assignee: PersonId,
    /// Their name.
    pub assignee_name: String,
    /// The role that ended last was a liaison manager's.
    pub was_managers: bool,
}

/// Open actions whose assignee's last role ended.
///
/// # Errors
/// The database's.
pub async fn left_actions(connection: &mut PgConnection, today: NaiveDate) -> sqlx::Result<Vec<LeftAction>> {
    let rows = sqlx::query!(
        r#"
        SELECT action_id, number AS "number!", actions.group_id, groups.label, acronym, assignee_id AS "assignee_id!", assignee_name,
               last.kind = 'liaison-manager' AS "was_managers!"
          FROM actions
          JOIN statements USING (statement_id)
          JOIN groups ON groups.group_id = actions.group_id
          CROSS JOIN LATERAL last_role_ended(assignee_id, $1) AS last
         WHERE actions.state IN ('open', 'in-progress', 'waiting')
           AND statements.state = 'posted'
           AND last.kind IS NOT NULL
         ORDER BY action_id
         LIMIT 100
        "#,
        today
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LeftAction {
            action_id: ActionId(row.action_id),
            number: row.number,
            group_id: GroupId(row.group_id),
            label: row.label,
            acronym: row.acronym,
            assignee: PersonId(row.assignee_id),
            assignee_name: row.assignee_name,
            was_managers: row.was_managers,
        })
        .collect())
}

/// Nobody has it any more; false: it was somebody else's by now.
///
/// # Errors
/// The database's.
pub async fn unassign(connection: &mut PgConnection, _held: &Locked, left: &LeftAction) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE actions SET assignee_id = NULL, assignee_name = '', version = version + 1
          WHERE action_id = $1 AND assignee_id = $2 AND state IN ('open', 'in-progress', 'waiting')",
        left.action_id.0,
        left.assignee.0
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether somebody was the last to hand a draft over, so that their second click is answered.
///
/// # Errors
/// The database's.
pub async fn was_handed_over_by(connection: &mut PgConnection, draft_id: &str, person: PersonId) -> sqlx::Result<bool> {
    let last = sqlx::query_scalar!(
        "SELECT actor_id FROM history JOIN statements USING (statement_id) WHERE draft_id = $1 AND event = 'handed-over' ORDER BY history_id DESC LIMIT 1",
        draft_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(last.flatten() == Some(person.0))
}

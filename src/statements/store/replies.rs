//! SQL of what a reply does to the actions of statements it answers.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::Locked;
use crate::ids::{ActionId, GroupId, PersonId, StatementId};

/// An action that a reply may close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAction {
    /// Its key.
    pub action_id: ActionId,
    /// The addressee.
    pub group_id: GroupId,
    /// Its acronym.
    pub acronym: String,
    /// Its label at posting.
    pub label: String,
    /// The addressee and all above it.
    pub line: Vec<GroupId>,
    /// Whether it sees to the answer.
    pub is_lead: bool,
}

/// The open actions of a statement, in the order of its addressees: what peers owe us, or what we owe them.
///
/// # Errors
/// The database's.
pub async fn open_actions(connection: &mut PgConnection, id: StatementId, are_theirs: bool) -> sqlx::Result<Vec<OpenAction>> {
    let rows = sqlx::query!(
        r#"
        SELECT action_id, actions.group_id, acronym, coalesce(nullif(statement_groups.label, ''), groups.label) AS "label!", is_lead,
               ARRAY(SELECT ancestor_id FROM group_ancestors WHERE group_ancestors.group_id = actions.group_id) AS "line!: Vec<i64>"
          FROM actions
          JOIN groups USING (group_id)
          JOIN statement_groups USING (statement_group_id)
         WHERE actions.statement_id = $1
           AND CASE WHEN $2 THEN actions.state = 'awaited' ELSE actions.state IN ('open', 'in-progress', 'waiting') END
         ORDER BY position
        "#,
        id.0,
        are_theirs
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| OpenAction {
            action_id: ActionId(row.action_id),
            group_id: GroupId(row.group_id),
            acronym: row.acronym,
            label: row.label,
            line: row.line.into_iter().map(GroupId).collect(),
            is_lead: row.is_lead,
        })
        .collect())
}

/// Holds the rows of posted statements until the transaction ends, in one order for everybody.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!("SELECT statement_id FROM statements WHERE statement_id = ANY ($1) ORDER BY statement_id FOR NO KEY UPDATE", ids)
        .fetch_all(connection)
        .await?;
    Ok(())
}

/// Ends an open action as answered by the reply: ours as responded, what we asked of a peer as answered.
///
/// # Errors
/// The database's.
pub async fn answer(connection: &mut PgConnection, reply: &Locked, action: ActionId, is_theirs: bool, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE actions
            SET state = CASE WHEN $3 THEN 'answered' ELSE 'responded' END, closed_at = $4, answered_by = $2, paused_on = NULL, resumes_on = NULL,
                ended_from = CASE state WHEN 'waiting' THEN 'in-progress' ELSE state END, version = version + 1
          WHERE action_id = $1
            AND state IN ('open', 'in-progress', 'waiting', 'awaited')",
        action.0,
        reply.statement_id.0,
        is_theirs,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A preliminary reply: work has begun, the action stays open.
///
/// # Errors
/// The database's.
pub async fn begin(connection: &mut PgConnection, _reply: &Locked, action: ActionId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE actions SET state = 'in-progress', version = version + 1 WHERE action_id = $1 AND state = 'open'", action.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends all open actions of a statement that another replaces.
///
/// # Errors
/// The database's.
pub async fn replace(connection: &mut PgConnection, by: &Locked, replaced: StatementId, at: DateTime<Utc>) -> sqlx::Result<Vec<ActionId>> {
    let ended = sqlx::query_scalar!(
        "UPDATE actions
            SET state = 'replaced', closed_at = $3, answered_by = $2, paused_on = NULL, resumes_on = NULL,
                ended_from = CASE state WHEN 'waiting' THEN 'in-progress' ELSE state END, version = version + 1
          WHERE statement_id = $1
            AND state IN ('open', 'in-progress', 'waiting', 'awaited')
            -- a statement replaces one of its own side, never what it answers
            AND EXISTS (SELECT 1 FROM statements AS old JOIN statements AS new ON new.statement_id = $2
                         WHERE old.statement_id = $1 AND old.direction = new.direction)
        RETURNING action_id",
        replaced.0,
        by.statement_id.0,
        at
    )
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().map(ActionId).collect())
}

/// Who sees to the open actions of a statement, by addressee: they keep those of the one that replaces it.
///
/// # Errors
/// The database's.
pub async fn assignees(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<(GroupId, PersonId, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT group_id, assignee_id AS "assignee_id!", assignee_name
          FROM actions
         WHERE statement_id = $1
           AND assignee_id IS NOT NULL
           AND state IN ('open', 'in-progress', 'waiting', 'awaited')
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (GroupId(row.group_id), PersonId(row.assignee_id), row.assignee_name)).collect())
}

/// Keeps which actions a final reply closes, none: as the rule says; and which it answers in part.
///
/// # Errors
/// The database's.
pub async fn choose(connection: &mut PgConnection, reply: &Locked, closes: Option<&[String]>, in_part: &[String]) -> sqlx::Result<()> {
    sqlx::query!("UPDATE statements SET closes = $2, answers_in_part = $3 WHERE statement_id = $1", reply.statement_id.0, closes, in_part)
        .execute(connection)
        .await?;
    Ok(())
}

/// Which actions were chosen to be closed, and which are answered in part.
///
/// # Errors
/// The database's.
pub async fn chosen(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<(Option<Vec<String>>, Vec<String>)> {
    let row = sqlx::query!("SELECT closes, answers_in_part FROM statements WHERE statement_id = $1", id.0).fetch_one(connection).await?;
    Ok((row.closes, row.answers_in_part.unwrap_or_default()))
}

/// A statement that a draft answers, as its pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredLetter {
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// From whom.
    pub from_text: String,
    /// Its text.
    pub body: String,
    /// The earliest day of its open actions, and whether it is ours.
    pub due_on: Option<NaiveDate>,
}

/// The statements that a draft answers, in the order of their numbers.
///
/// # Errors
/// The database's.
pub async fn answered_letters(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<Vec<AnsweredLetter>> {
    sqlx::query_as!(
        AnsweredLetter,
        r#"
        SELECT number AS "number!", title, from_text, body,
               (SELECT min(due_on)
                  FROM actions
                  JOIN deadlines USING (action_id)
                 WHERE actions.statement_id = statements.statement_id
                   AND superseded_at IS NULL
                   AND actions.state IN ('open', 'in-progress', 'waiting')) AS due_on
          FROM statements
         WHERE statement_id = ANY ($1)
           AND state = 'posted'
         ORDER BY number
        "#,
        ids
    )
    .fetch_all(connection)
    .await
}

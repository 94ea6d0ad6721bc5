//! SQL of what outgoing statements remind of: replies on their way, sign-offs that wait, what is held.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::ids::{GroupId, PersonId, SignOffId, StatementId};
use crate::permissions::Asked;
use crate::statements::SignOffKind;

/// A final reply on its way to what an action asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The deadline that it is to meet.
    pub deadline_id: i64,
    /// The reply.
    pub statement_id: StatementId,
    /// It waits for sign-offs; else it is a draft.
    pub is_in_review: bool,
    /// Who drafts it.
    pub author: Option<PersonId>,
    /// When it was begun.
    pub made_at: DateTime<Utc>,
}

/// Final replies on their way that close the actions of these deadlines: from their group, one above or one below it.
///
/// # Errors
/// The database's.
pub async fn replies(connection: &mut PgConnection, deadlines: &[i64]) -> sqlx::Result<Vec<Reply>> {
    let rows = sqlx::query!(
        r#"
        SELECT deadlines.deadline_id, reply.statement_id, reply.state = 'in-review' AS "is_in_review!", reply.author_id, reply.made_at
          FROM deadlines
          JOIN actions USING (action_id)
          JOIN drafted_answers ON drafted_answers.earlier_id = actions.statement_id AND is_final
          JOIN statements AS reply ON reply.statement_id = drafted_answers.statement_id
         WHERE deadlines.deadline_id = ANY ($1)
           AND reply.direction = 'outgoing'
           AND reply.state IN ('draft', 'in-review')
           AND EXISTS (SELECT 1
                         FROM statement_groups
                         JOIN group_ancestors AS line
                           ON line.group_id = statement_groups.group_id AND line.ancestor_id = actions.group_id
                           OR line.group_id = actions.group_id AND line.ancestor_id = statement_groups.group_id
                        WHERE statement_groups.statement_id = reply.statement_id AND side = 'from')
         ORDER BY deadlines.deadline_id, reply.statement_id
        "#,
        deadlines
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Reply {
            deadline_id: row.deadline_id,
            statement_id: StatementId(row.statement_id),
            is_in_review: row.is_in_review,
            author: row.author_id.map(PersonId),
            made_at: row.made_at,
        })
        .collect())
}

/// A sign-off of an outgoing statement that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its key.
    pub sign_off_id: SignOffId,
    /// Its statement.
    pub statement_id: StatementId,
    /// What is asked, and at which group.
    pub asked: Asked,
    /// Label of that group.
    pub label: String,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// Whether the coordinators were asked as well.
    pub coordinators_asked: bool,
    /// Who submitted it, and is not asked what they know.
    pub submitted_by: Option<PersonId>,
}

/// Sign-offs of outgoing statements that wait, those of what left without approval too; of these statements, or of all.
///
/// # Errors
/// The database's.
pub async fn waiting(connection: &mut PgConnection, of: Option<StatementId>) -> sqlx::Result<Vec<Waiting>> {
    let rows = sqlx::query!(
        r#"
        SELECT sign_off_id, sign_offs.statement_id, sign_offs.kind, sign_offs.group_id, coalesce(groups.label, '') AS "label!", asked_at,
               coordinators_asked_at IS NOT NULL AS "coordinators_asked!", submitted_by
          FROM sign_offs
          JOIN statements USING (statement_id)
          LEFT JOIN groups ON groups.group_id = sign_offs.group_id
         WHERE sign_offs.state = 'waiting'
           AND sign_offs.kind IN ('agreement', 'approval', 'manager', 'coordinator')
           AND ($1::bigint IS NULL OR sign_offs.statement_id = $1)
           AND (statements.state = 'in-review' OR statements.state = 'posted' AND statements.without_approval)
           AND statements.direction = 'outgoing'
           AND sign_offs.round = statements.round
         ORDER BY sign_off_id
        "#,
        of.map(|id| id.0)
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind = SignOffKind::parse(&row.kind).ok_or_else(|| sqlx::Error::Decode(format!("{} is no kind of sign-off", row.kind).into()))?;
            Ok(Waiting {
                sign_off_id: SignOffId(row.sign_off_id),
                statement_id: StatementId(row.statement_id),
                asked: Asked { kind, at: row.group_id.map(GroupId) },
                label: row.label,
                asked_at: row.asked_at,
                coordinators_asked: row.coordinators_asked,
                submitted_by: row.submitted_by.map(PersonId),
            })
        })
        .collect()
}

/// Who was asked for sign-offs of a statement since it was submitted, or reminded of one: people, and addresses in lower case.
///
/// # Errors
/// The database's.
pub async fn were_asked(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<(Vec<PersonId>, Vec<String>)> {
    let rows = sqlx::query!(
        r#"
        SELECT person_id, lower(recipient) AS "address!"
          FROM mails
          JOIN mail_deliveries USING (mail_id)
          JOIN statements USING (statement_id)
         WHERE mails.statement_id = $1
           AND event IN ('sign-off-asked', 'without-approval')
           AND mails.made_at >= coalesce(submitted_at, mails.made_at)
         UNION
        SELECT reminders.person_id, lower(reminders.address)
          FROM reminders
          JOIN sign_offs USING (sign_off_id)
         WHERE sign_offs.statement_id = $1
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    Ok((rows.iter().filter_map(|row| row.person_id.map(PersonId)).collect(), rows.into_iter().map(|row| row.address).collect()))
}

/// What somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The statement.
    pub statement_id: StatementId,
    /// Since when.
    pub held_at: DateTime<Utc>,
    /// Who does.
    pub held_by: PersonId,
}

/// All that is held.
///
/// # Errors
/// The database's.
pub async fn held(connection: &mut PgConnection) -> sqlx::Result<Vec<Held>> {
    let rows = sqlx::query!(
        r#"
        SELECT statement_id, held_at AS "held_at!", held_by AS "held_by!"
          FROM statements
         WHERE held_at IS NOT NULL
           AND state = 'in-review'
         ORDER BY statement_id
        "#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Held { statement_id: StatementId(row.statement_id), held_at: row.held_at, held_by: PersonId(row.held_by) })
        .collect())
}

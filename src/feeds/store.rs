//! SQL of feeds and downloads: public facts of many statements at once; it looks across, and writes nothing.
//!
//! Four queries for any number of statements: asked row by row, a download would take ten times as long.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use crate::dates::PartialDate;
use crate::statements::status::{Action, Due, Facts, Remark, Reply};
use crate::statements::store::list::{Listed, SortValue};
use crate::statements::{Direction, Handling, Purpose};

/// From here on everything read is of one moment. It may idle for `seconds` while a reader takes what was read.
///
/// # Errors
/// The database's.
pub async fn hold_still(connection: &mut PgConnection, seconds: u64) -> sqlx::Result<()> {
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *connection).await?;
    sqlx::query_scalar!("SELECT set_config('idle_in_transaction_session_timeout', $1, true)", format!("{seconds}s")).fetch_one(connection).await?;
    Ok(())
}

/// The statements of these keys, in their order, as lists show them; what is not posted is left out.
///
/// # Errors
/// The database's.
pub async fn listed(connection: &mut PgConnection, keys: &[i64]) -> sqlx::Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"
        SELECT statement_id AS "statement_id!", number AS "number!", title, direction, purpose, from_text, to_text,
               letter_date, letter_date_precision, sort_date,
               (posted_at AT TIME ZONE 'UTC')::date AS posted_on, (made_at AT TIME ZONE 'UTC')::date AS "made_on!"
          FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (statement_id, place)
          JOIN statements USING (statement_id)
         WHERE state = 'posted'
         ORDER BY place
        "#,
        keys
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut actions = actions(&mut *connection, keys).await?;
    let mut answers = answers(&mut *connection, keys).await?;
    let replies = replies(&mut *connection, keys).await?;
    let replaced_by = replaced_by(connection, keys).await?;
    let listed = rows.into_iter().filter_map(|row| {
        let (answered_by, preliminary) = Reply::sorted(replies.get(&row.statement_id).map_or(&[], Vec::as_slice));
        let facts = Facts {
            direction: Direction::parse(&row.direction)?,
            purpose: row.purpose.as_deref().and_then(Purpose::parse),
            posted_on: row.posted_on,
            made_on: row.made_on,
            answers: answers.remove(&row.statement_id).unwrap_or_default(),
            answered_by,
            preliminary,
            replaced_by: replaced_by.get(&row.statement_id).map(|number| (*number, None)),
            actions: actions.remove(&row.statement_id).unwrap_or_default(),
        };
        Some(Listed {
            number: row.number,
            title: row.title,
            from_text: row.from_text,
            to_text: row.to_text,
            letter_date: row.letter_date.zip(row.letter_date_precision).and_then(|(day, precision)| PartialDate::from_parts(day, &precision)),
            sort_date: row.sort_date,
            sort_value: SortValue::Day(row.sort_date),
            is_exact: false,
            facts,
        })
    });
    Ok(listed.collect())
}

async fn actions(connection: &mut PgConnection, keys: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Action>>> {
    let rows = sqlx::query!(
        r#"
        SELECT actions.statement_id, groups.label, groups.kind, actions.purpose, actions.state,
               coalesce(people.name, actions.assignee_name) AS "assignee!",
               (actions.closed_at AT TIME ZONE 'UTC')::date AS closed_on,
               deadlines.due_on AS "due_on?", deadlines.kind AS "deadline_kind?"
          FROM actions
          JOIN groups ON groups.group_id = actions.group_id
          LEFT JOIN people ON people.person_id = actions.assignee_id
          LEFT JOIN deadlines ON deadlines.action_id = actions.action_id AND deadlines.superseded_at IS NULL
         WHERE actions.statement_id = ANY ($1)
         ORDER BY actions.action_id
        "#,
        keys
    )
    .fetch_all(connection)
    .await?;
    let mut of: HashMap<i64, Vec<Action>> = HashMap::new();
    for row in rows {
        let (Some(purpose), Some(handling)) = (Purpose::parse(&row.purpose), Handling::parse(&row.state)) else { continue };
        of.entry(row.statement_id).or_default().push(Action {
            group_label: row.label,
            group_kind: row.kind,
            purpose,
            handling,
            due: row.due_on.map(|day| Due { day, is_ours: row.deadline_kind.as_deref() == Some("ours") }),
            assignee: row.assignee,
            closed_on: row.closed_on,
            remark: Remark::default(),
        });
    }
    Ok(of)
}

/// Numbers of the statements that each of these answers.
async fn answers(connection: &mut PgConnection, keys: &[i64]) -> sqlx::Result<HashMap<i64, Vec<i32>>> {
    let rows = sqlx::query!(
        r#"
        SELECT relations.statement_id AS "of!", earlier.number AS "number!"
          FROM relations
          JOIN statements AS earlier ON earlier.statement_id = relations.earlier_id
         WHERE relations.statement_id = ANY ($1)
           AND relations.kind = 'in-response-to' AND earlier.state = 'posted'
         ORDER BY earlier.number
        "#,
        keys
    )
    .fetch_all(connection)
    .await?;
    let mut of: HashMap<i64, Vec<i32>> = HashMap::new();
    for row in rows {
        of.entry(row.of).or_default().push(row.number);
    }
    Ok(of)
}

/// The posted statement that replaces each of these, the latest where several do.
async fn replaced_by(connection: &mut PgConnection, keys: &[i64]) -> sqlx::Result<HashMap<i64, i32>> {
    let rows = sqlx::query!(
        r#"
        SELECT relations.earlier_id AS "of!", max(later.number) AS "number!"
          FROM relations
          JOIN statements AS later ON later.statement_id = relations.statement_id
         WHERE relations.earlier_id = ANY ($1)
           AND relations.kind = 'replaces'
           AND later.state = 'posted'
         GROUP BY relations.earlier_id
        "#,
        keys
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.of, row.number)).collect())
}

/// The posted replies to each of these, earliest first.
async fn replies(connection: &mut PgConnection, keys: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Reply>>> {
    let rows = sqlx::query!(
        r#"
        SELECT relations.earlier_id AS "of!", later.number AS "number!", relations.reply_kind, later.sort_date
          FROM relations
          JOIN statements AS later ON later.statement_id = relations.statement_id
         WHERE relations.earlier_id = ANY ($1)
           AND relations.kind = 'in-response-to'
           AND later.state = 'posted'
         ORDER BY later.sort_date, later.number
        "#,
        keys
    )
    .fetch_all(connection)
    .await?;
    let mut of: HashMap<i64, Vec<Reply>> = HashMap::new();
    for row in rows {
        of.entry(row.of).or_default().push(Reply { number: row.number, reply_kind: row.reply_kind, day: Some(row.sort_date) });
    }
    Ok(of)
}

/// What a feed tells of a statement beside its row.
#[derive(Debug)]
pub struct Posted {
    /// Its number.
    pub number: i32,
    /// When it was posted; of an imported one without that time, when it was recorded here.
    pub at: DateTime<Utc>,
    /// The beginning of its text.
    pub text: String,
}

/// The latest posted, latest first.
///
/// # Errors
/// The database's.
pub async fn latest(connection: &mut PgConnection, most: i64) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "SELECT statement_id FROM statements WHERE state = 'posted' AND posted_at IS NOT NULL ORDER BY posted_at DESC, number DESC LIMIT $1",
        most
    )
    .fetch_all(connection)
    .await
}

/// The keys of posted statements of these numbers.
///
/// # Errors
/// The database's.
pub async fn keys_of(connection: &mut PgConnection, numbers: &[i32]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!("SELECT statement_id FROM statements WHERE number = ANY ($1) AND state = 'posted'", numbers).fetch_all(connection).await
}

/// Of these the latest posted, latest first, with so many characters of their texts.
///
/// # Errors
/// The database's.
pub async fn posted(connection: &mut PgConnection, keys: &[i64], most: i64, characters: i32) -> sqlx::Result<Vec<(i64, Posted)>> {
    let rows = sqlx::query!(
        r#"
        SELECT statement_id, number AS "number!", coalesce(posted_at, made_at) AS "at!", left(body, $3) AS "text!"
          FROM statements
         WHERE statement_id = ANY ($1) AND state = 'posted'
         ORDER BY posted_at DESC NULLS LAST, sort_date DESC, number DESC
         LIMIT $2
        "#,
        keys,
        most,
        characters
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.statement_id, Posted { number: row.number, at: row.at, text: row.text })).collect())
}

/// The largest number that was given.
///
/// # Errors
/// The database's.
pub async fn last_number(pool: &PgPool) -> sqlx::Result<i32> {
    Ok(sqlx::query_scalar!("SELECT max(number) FROM statements").fetch_one(pool).await?.unwrap_or(0))
}

/// Numbers of posted statements from one number on, up to and with another.
///
/// # Errors
/// The database's.
pub async fn numbers(pool: &PgPool, from: i32, to: i32) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(r#"SELECT number AS "number!" FROM statements WHERE number BETWEEN $1 AND $2 AND state = 'posted' ORDER BY number"#, from, to)
        .fetch_all(pool)
        .await
}

/// A group that has a page.
#[derive(Debug)]
pub struct Paged {
    /// Its acronym.
    pub acronym: String,
    /// Whether its page is among the organizations.
    pub is_organization: bool,
}

/// All groups, as many as a part of a sitemap may hold.
///
/// # Errors
/// The database's.
pub async fn groups(pool: &PgPool, most: i64) -> sqlx::Result<Vec<Paged>> {
    sqlx::query_as!(
        Paged,
        r#"
        SELECT acronym, parent_id IS NULL OR EXISTS (SELECT FROM relationships WHERE relationships.group_id = groups.group_id) AS "is_organization!"
          FROM groups
         ORDER BY group_id
         LIMIT $1
        "#,
        most
    )
    .fetch_all(pool)
    .await
}

//! SQL of the import.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::mapping::{Known, KnownGroup, StatementRow};
use super::reader::SourceRelationship;
use crate::ids::{GroupId, StatementId};

/// A group to be written; its parent stands already.
#[derive(Debug, Clone, Serialize)]
pub struct NewGroup {
    /// None: an organization.
    pub parent_id: Option<GroupId>,
    /// Unique among all.
    pub acronym: String,
    /// Full name.
    pub name: String,
    /// As pages name it.
    pub label: String,
    /// As in `groups.kind`.
    pub kind: String,
    /// Only heeded at the top of a tree.
    pub is_home: bool,
    /// As in `groups.state`.
    pub state: String,
    /// Whether it may send.
    pub may_send: bool,
    /// Whether it may receive.
    pub may_receive: bool,
    /// First day.
    pub started_on: Option<NaiveDate>,
    /// Day of conclusion.
    pub concluded_on: Option<NaiveDate>,
    /// "RFC 6756".
    pub scope_documents: Vec<String>,
}

/// All groups by acronym in lower case, former acronyms too.
///
/// # Errors
/// The database's.
pub async fn known_groups(connection: &mut PgConnection) -> sqlx::Result<Known> {
    let rows = sqlx::query!(
        r#"
        SELECT lower(acronym) AS "key!", group_id, label, is_home
          FROM groups
         UNION ALL
        SELECT lower(group_names.acronym), groups.group_id, groups.label, groups.is_home
          FROM group_names
          JOIN groups USING (group_id)
         WHERE group_names.acronym IS NOT NULL
        "#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.key, KnownGroup { group_id: GroupId(row.group_id?), label: row.label?, is_home: row.is_home? })))
        .collect())
}

/// Writes the groups of one level of the trees, in one statement.
///
/// # Errors
/// The database's.
pub async fn insert_groups(connection: &mut PgConnection, groups: &[NewGroup]) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO groups (parent_id, acronym, name, label, kind, is_home, state, may_send, may_receive, started_on, concluded_on,
                             scope_documents, source_key)
         SELECT parent_id, acronym, name, label, kind, is_home, state, may_send, may_receive, started_on, concluded_on,
                scope_documents, lower(acronym)
           FROM jsonb_to_recordset($1) AS new (parent_id bigint, acronym text, name text, label text, kind text, is_home boolean,
                                               state text, may_send boolean, may_receive boolean, started_on date, concluded_on date,
                                               scope_documents text[])",
        Json(groups) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there is a home organization.
///
/// # Errors
/// The database's.
pub async fn home_is_there(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM groups WHERE is_home AND parent_id IS NULL) AS "is_there!""#).fetch_one(connection).await
}

/// Writes a relationship, unless the group has one; says whether it was new.
///
/// # Errors
/// The database's.
pub async fn insert_relationship(connection: &mut PgConnection, group_id: GroupId, kind: &str, source: &SourceRelationship) -> sqlx::Result<bool> {
    let state = if source.status.as_deref() == Some("closed") { "ended" } else { "active" };
    let mut facts = source.facts.trim().to_owned();
    if !source.related_documents.is_empty() {
        facts = format!("{facts}\nRelated: {}", source.related_documents.join(", ")).trim().to_owned();
    }
    let done = sqlx::query!(
        "INSERT INTO relationships (group_id, kind, state, documents, former_documents, facts, home_contact)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (group_id) DO NOTHING",
        group_id.0,
        kind,
        state,
        &source.documents,
        &source.former_documents,
        facts,
        source.home_contact
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a former acronym.
///
/// # Errors
/// The database's.
pub async fn insert_former_acronym(connection: &mut PgConnection, group_id: GroupId, acronym: &str, until: Option<&str>) -> sqlx::Result<()> {
    sqlx::query!("INSERT INTO group_names (group_id, acronym, until) VALUES ($1, $2, $3)", group_id.0, acronym, until).execute(connection).await?;
    Ok(())
}

/// The keys of the dump that are imported already.
///
/// # Errors
/// The database's.
pub async fn known_keys(connection: &mut PgConnection) -> sqlx::Result<HashSet<String>> {
    let keys = sqlx::query_scalar!(r#"SELECT source_key AS "key!" FROM statements WHERE source_key IS NOT NULL"#).fetch_all(connection).await?;
    Ok(keys.into_iter().collect())
}

/// Of these numbers those that are taken.
///
/// # Errors
/// The database's.
pub async fn taken_numbers(connection: &mut PgConnection, numbers: &[i32]) -> sqlx::Result<HashSet<i32>> {
    let taken = sqlx::query_scalar!(r#"SELECT number AS "number!" FROM statements WHERE number = ANY($1)"#, numbers).fetch_all(connection).await?;
    Ok(taken.into_iter().collect())
}

/// Sees to it that new numbers come after this one.
///
/// # Errors
/// The database's.
pub async fn raise_counter(connection: &mut PgConnection, highest: i32) -> sqlx::Result<()> {
    sqlx::query!("UPDATE number_counter SET last_number = greatest(last_number, $1)", highest).execute(connection).await?;
    Ok(())
}

/// Takes the next number. The counter's row is locked from here to the commit: numbers have no gaps.
///
/// # Errors
/// The database's.
pub async fn next_number(connection: &mut PgConnection) -> sqlx::Result<i32> {
    sqlx::query_scalar!("UPDATE number_counter SET last_number = last_number + 1 RETURNING last_number").fetch_one(connection).await
}

/// Writes a statement with all that hangs on it.
///
/// # Errors
/// The database's.
pub async fn insert_statement(
    connection: &mut PgConnection,
    row: &StatementRow,
    number: i32,
    draft_id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<StatementId> {
    let next_attachment = i32::try_from(row.attachments.len()).unwrap_or(i32::MAX - 1) + 1;
    let statement_id = sqlx::query_scalar!(
        "INSERT INTO statements (draft_id, number, origin, source_key, direction, state, title, body, purpose, letter_date, letter_date_precision,
                                 from_text, to_text, made_at, changed_at, next_attachment, source_url, source_note)
         VALUES ($1, $2, 'imported', $3, $4, 'posted', $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15)
         RETURNING statement_id",
        draft_id,
        number,
        row.key,
        row.direction.as_str(),
        row.title,
        row.body,
        row.purpose.map(|purpose| purpose.as_str()),
        row.date.map(|date| date.last_day()),
        row.date.map(|date| date.precision()),
        row.from_text,
        row.to_text,
        now,
        next_attachment,
        row.source_url,
        row.source_note
    )
    .fetch_one(&mut *connection)
    .await?;
    insert_groups_of(connection, statement_id, row, now).await?;
    for (n, attachment) in (1..).zip(&row.attachments) {
        sqlx::query!(
            "INSERT INTO attachments (statement_id, n, kind, title, file_name, url, is_not_held, added_at)
             VALUES ($1, $2, 'enclosure', $3, $4, $5, true, $6)",
            statement_id,
            n,
            attachment.title,
            attachment.file_name,
            attachment.url,
            now
        )
        .execute(&mut *connection)
        .await?;
    }
    for (position, (as_written, normal, given_by)) in (1..).zip(&row.references) {
        sqlx::query!(
            "INSERT INTO statement_references (statement_id, position, as_written, normal, given_by) VALUES ($1, $2, $3, $4, $5)",
            statement_id,
            position,
            as_written,
            normal,
            given_by
        )
        .execute(&mut *connection)
        .await?;
    }
    if let Some(words) = row.answers.as_ref().filter(|words| !words.is_empty()) {
        sqlx::query!("INSERT INTO relations (statement_id, kind, words) VALUES ($1, 'in-response-to', $2)", statement_id, words)
            .execute(&mut *connection)
            .await?;
    }
    Ok(StatementId(statement_id))
}

async fn insert_groups_of(connection: &mut PgConnection, statement_id: i64, row: &StatementRow, now: DateTime<Utc>) -> sqlx::Result<()> {
    for group in &row.groups {
        let statement_group_id = sqlx::query_scalar!(
            "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label, is_lead)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             RETURNING statement_group_id",
            statement_id,
            group.side.as_str(),
            group.position,
            group.group_id.map(|id| id.0),
            group.as_written,
            group.label,
            group.is_lead
        )
        .fetch_one(&mut *connection)
        .await?;
        let (Some(purpose), Some(group_id)) = (group.action, group.group_id) else { continue };
        let action_id = sqlx::query_scalar!(
            "INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, made_at)
             VALUES ($1, $2, $3, $4, 'unknown', $5)
             RETURNING action_id",
            statement_id,
            statement_group_id,
            group_id.0,
            purpose.as_str(),
            now
        )
        .fetch_one(&mut *connection)
        .await?;
        if let Some(due_on) = row.deadline {
            sqlx::query!("INSERT INTO deadlines (action_id, due_on, kind, made_at) VALUES ($1, $2, 'as-written', $3)", action_id, due_on, now)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// An answer whose earlier statement is not known yet.
#[derive(Debug, Clone)]
pub struct Unlinked {
    /// The relation.
    pub relation_id: i64,
    /// The answer.
    pub statement_id: StatementId,
    /// What it answers, in words.
    pub words: String,
}

/// Answers of imported statements whose earlier statement is known in words only.
///
/// # Errors
/// The database's.
pub async fn unlinked(connection: &mut PgConnection) -> sqlx::Result<Vec<Unlinked>> {
    let rows = sqlx::query!(
        "SELECT relation_id, statement_id, words
           FROM relations
           JOIN statements USING (statement_id)
          WHERE relations.kind = 'in-response-to'
            AND relations.earlier_id IS NULL
            AND statements.origin = 'imported'
          ORDER BY relation_id"
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Unlinked { relation_id: row.relation_id, statement_id: StatementId(row.statement_id), words: row.words }).collect())
}

/// The one posted statement with that number, else with one of the references, else with that very title.
///
/// # Errors
/// The database's.
pub async fn find_answered(
    connection: &mut PgConnection,
    answer: StatementId,
    number: Option<i32>,
    normals: &[String],
    title: &str,
) -> sqlx::Result<Option<StatementId>> {
    if let Some(number) = number {
        let found = sqlx::query_scalar!(
            "SELECT statement_id FROM statements WHERE number = $1 AND origin = 'imported' AND state = 'posted' AND statement_id <> $2",
            number,
            answer.0
        )
        .fetch_optional(connection)
        .await?;
        return Ok(found.map(StatementId));
    }
    let found = sqlx::query_scalar!(
        "SELECT statement_references.statement_id
           FROM statement_references
           JOIN statements USING (statement_id)
          WHERE statement_references.normal = ANY($1)
            AND statements.state = 'posted'
            AND statement_references.statement_id <> $2
          GROUP BY statement_references.statement_id
          LIMIT 2",
        normals,
        answer.0
    )
    .fetch_all(&mut *connection)
    .await?;
    if let [one] = found[..] {
        return Ok(Some(StatementId(one)));
    }
    let found = sqlx::query_scalar!(
        "SELECT statement_id FROM statements WHERE title = $1 AND origin = 'imported' AND state = 'posted' AND statement_id <> $2 LIMIT 2",
        title,
        answer.0
    )
    .fetch_all(connection)
    .await?;
    Ok(if let [one] = found[..] { Some(StatementId(one)) } else { None })
}

/// Sets what an answer answers; false where that relation stands already.
///
/// # Errors
/// The database's.
pub async fn link(connection: &mut PgConnection, relation_id: i64, earlier: StatementId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE relations
            SET earlier_id = $2
          WHERE relation_id = $1
            AND NOT EXISTS (SELECT 1 FROM relations AS other
                             WHERE other.statement_id = relations.statement_id
                               AND other.kind = relations.kind
                               AND other.earlier_id = $2)",
        relation_id,
        earlier.0
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Groups by their acronym in lower case, for the level below.
///
/// # Errors
/// The database's.
pub async fn ids_by_acronym(connection: &mut PgConnection) -> sqlx::Result<HashMap<String, GroupId>> {
    let rows = sqlx::query!(r#"SELECT lower(acronym) AS "key!", group_id FROM groups"#).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.key, GroupId(row.group_id))).collect())
}

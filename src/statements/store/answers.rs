//! SQL of what a draft answers, of receipts by the peer, and of what a removed reply had closed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use url::Url;

use super::Locked;
use crate::ids::{PersonId, StatementId};
use crate::mail::Recipient;
use crate::statements::letter::Letter;
use crate::statements::references::{self, MAX_REFERENCE_CHARACTERS};

/// The drafts, in work or in review, of replies to a statement, the oldest first: their addresses.
///
/// # Errors
/// The database's.
pub async fn drafts_answering(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        SELECT draft_id AS "draft_id!"
          FROM drafted_answers
          JOIN statements USING (statement_id)
         WHERE earlier_id = $1
           AND state IN ('draft', 'in-review')
         ORDER BY statement_id
         LIMIT 10
        "#,
        id.0
    )
    .fetch_all(connection)
    .await
}

/// Who saved a version of such a draft, with their address and what the draft is called.
///
/// # Errors
/// The database's.
pub async fn drafters_answering(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<Recipient>> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT statement_versions.saved_by AS "person_id!", addresses.address
          FROM drafted_answers
          JOIN statements USING (statement_id)
          JOIN statement_versions USING (statement_id)
          JOIN addresses ON addresses.person_id = statement_versions.saved_by AND addresses.is_primary
         WHERE earlier_id = $1
           AND statements.state IN ('draft', 'in-review')
         ORDER BY addresses.address
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    let recipient = |person_id, address| Recipient { address, person_id: Some(PersonId(person_id)), why: "who drafts an answer to it".to_owned() };
    Ok(rows.into_iter().map(|row| recipient(row.person_id, row.address)).collect())
}

/// Of what was delivered otherwise the receipt's number becomes a reference given by the peer, so that it is found.
///
/// # Errors
/// The database's.
pub async fn keep_receipt(connection: &mut PgConnection, draft: &Locked, letter: &Letter) -> sqlx::Result<()> {
    let receipt = letter.sending.delivered.as_ref().map_or("", |delivered| delivered.evidence.as_str());
    let is_number = Url::parse(receipt).is_err()
        && receipt.chars().count() <= MAX_REFERENCE_CHARACTERS
        && receipt.contains(|letter: char| letter.is_ascii_digit());
    if !is_number {
        return Ok(());
    }
    let peer = letter.to.first().map_or("", |addressee| addressee.group.organization_label.as_str());
    add_reference(connection, draft, receipt, peer).await.map(drop)
}

/// Adds a reference that a peer gave; false: it is there already.
///
/// # Errors
/// The database's.
pub async fn add_reference(connection: &mut PgConnection, held: &Locked, as_written: &str, given_by: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO statement_references (statement_id, position, as_written, normal, given_by)
         SELECT $1, coalesce(max(position), 0) + 1, $2, $3, $4
           FROM statement_references
          WHERE statement_id = $1
         HAVING NOT coalesce(bool_or(normal = $3), false)",
        held.statement_id.0,
        as_written,
        references::normal(as_written),
        given_by
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An action that is open again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// Its statement.
    pub statement_id: StatementId,
    /// The addressee.
    pub label: String,
}

/// Opens what a reply, or what replaced it, had ended, as it was before; what was decided since stays.
///
/// # Errors
/// The database's.
pub async fn reopen(connection: &mut PgConnection, removed: &Locked, at: DateTime<Utc>) -> sqlx::Result<Vec<Reopened>> {
    let rows = sqlx::query!(
        r#"
        UPDATE actions
           SET state = coalesce(ended_from, CASE WHEN direction = 'outgoing' THEN 'awaited' ELSE 'open' END),
               closed_at = NULL, answered_by = NULL, ended_from = NULL, open_since = $2, version = actions.version + 1
          FROM statements, groups
         WHERE statements.statement_id = actions.statement_id
           AND groups.group_id = actions.group_id
           AND answered_by = $1
           AND actions.state IN ('responded', 'answered', 'replaced')
           AND statements.state = 'posted'
        RETURNING actions.statement_id, groups.label
        "#,
        removed.statement_id.0,
        at
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Reopened { statement_id: StatementId(row.statement_id), label: row.label }).collect())
}

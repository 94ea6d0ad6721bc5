//! SQL of two who edit at once: what a version began with, what is kept beside the draft, who has it open.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::draft::Saving;
use crate::ids::{PersonId, StatementId};
use crate::statements::form::StatementForm;

/// The form that was the draft at a version; where the page itself has saved over it since, the last before it. None: there is none.
///
/// # Errors
/// The database's.
pub async fn base(connection: &mut PgConnection, id: StatementId, version: i32) -> sqlx::Result<Option<StatementForm>> {
    let form = sqlx::query_scalar!(
        r#"
        SELECT form AS "form: Json<StatementForm>"
          FROM statement_versions
         WHERE statement_id = $1
           AND version <= $2
           AND kind <> 'beside'
         ORDER BY version DESC
         LIMIT 1
        "#,
        id.0,
        version
    )
    .fetch_optional(connection)
    .await?;
    Ok(form.map(|form| form.0))
}

/// Whether all that was saved after a version was saved by the page itself, of this form of this person's.
///
/// # Errors
/// The database's.
pub async fn is_own_page(connection: &mut PgConnection, id: StatementId, version: i32, person: PersonId, page: &str) -> sqlx::Result<bool> {
    if page.is_empty() {
        return Ok(false);
    }
    sqlx::query_scalar!(
        r#"
        SELECT coalesce(bool_and(kind = 'automatic' AND saved_by = $3 AND page = $4), false) AS "is!"
          FROM statement_versions
         WHERE statement_id = $1
           AND version > $2
           AND kind <> 'beside'
        "#,
        id.0,
        version,
        person.0,
        page
    )
    .fetch_one(connection)
    .await
}

/// Whether all that a form holds stands in a version, proposals aside.
///
/// # Errors
/// The database's.
pub async fn is_kept(connection: &mut PgConnection, id: StatementId, form: &StatementForm) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM statement_versions WHERE statement_id = $1 AND form - 'proposed' = $2::jsonb - 'proposed') AS "is!""#,
        id.0,
        Json(form) as _
    )
    .fetch_one(connection)
    .await
}

/// Keeps a form beside the draft, which stays as it is; once, however often it is sent.
///
/// # Errors
/// The database's.
pub async fn keep_beside(connection: &mut PgConnection, id: StatementId, saving: Saving<'_>, form: &StatementForm) -> sqlx::Result<()> {
    if is_kept(&mut *connection, id, form).await? {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO statement_versions (statement_id, version, form, saved_at, saved_by, saved_as, kind)
         SELECT $1, 1 + greatest(version, (SELECT max(version) FROM statement_versions WHERE statement_id = $1)), $2, $3, $4, $5, 'beside'
           FROM statements
          WHERE statement_id = $1",
        id.0,
        Json(form) as _,
        saving.at,
        saving.person_id.0,
        saving.role
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// After a page has saved by itself: what it had saved so before goes, unless others were asked to sign it.
///
/// # Errors
/// The database's.
pub async fn drop_former(connection: &mut PgConnection, id: StatementId, version: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM statement_versions AS former
          USING statements, statement_versions AS newest
          WHERE statements.statement_id = $1
            AND newest.statement_id = $1
            AND newest.version = $2
            AND former.statement_id = $1
            AND former.version = (SELECT max(version) FROM statement_versions WHERE statement_id = $1 AND version < $2 AND kind <> 'beside')
            AND former.kind = 'automatic'
            AND former.saved_by = newest.saved_by
            AND (submitted_at IS NULL OR former.saved_at > submitted_at)",
        id.0,
        version
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a page saved by itself is saved by its button too: it stays.
///
/// # Errors
/// The database's.
pub async fn confirm(connection: &mut PgConnection, id: StatementId, version: i32, saving: Saving<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE statement_versions SET kind = 'saved', saved_at = $4
          WHERE statement_id = $1 AND version = $2 AND kind = 'automatic' AND saved_by = $3",
        id.0,
        version,
        saving.person_id.0,
        saving.at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody who is at the same draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Their name.
    pub name: String,
    /// Since when they have it open, or when they saved it.
    pub at: DateTime<Utc>,
    /// Whether it is open at theirs; else they saved it lately.
    pub has_it_open: bool,
}

/// Notes that somebody has a draft open; after a while without a sign it begins anew.
///
/// # Errors
/// The database's.
pub async fn opened(
    connection: &mut PgConnection,
    id: StatementId,
    person: PersonId,
    now: DateTime<Utc>,
    forgotten: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO draft_openings AS opening (statement_id, person_id, opened_at, seen_at) VALUES ($1, $2, $3, $3)
             ON CONFLICT (statement_id, person_id) DO UPDATE
            SET seen_at = EXCLUDED.seen_at,
                opened_at = CASE WHEN opening.seen_at < $4 THEN EXCLUDED.opened_at ELSE opening.opened_at END",
        id.0,
        person.0,
        now,
        forgotten
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who else is at a draft: has it open and was seen since, or saved it lately; at most 5.
///
/// # Errors
/// The database's.
pub async fn others(
    connection: &mut PgConnection,
    id: StatementId,
    person: PersonId,
    seen_since: DateTime<Utc>,
    saved_since: DateTime<Utc>,
) -> sqlx::Result<Vec<Other>> {
    sqlx::query_as!(
        Other,
        r#"
        SELECT name, coalesce(openings.opened_at, saves.at) AS "at!", openings.opened_at IS NOT NULL AS "has_it_open!"
          FROM people
          LEFT JOIN draft_openings AS openings ON openings.person_id = people.person_id AND openings.statement_id = $1 AND openings.seen_at >= $3
          LEFT JOIN (SELECT saved_by, max(saved_at) AS at
                       FROM statement_versions
                      WHERE statement_id = $1 AND saved_at >= $4 AND kind <> 'beside'
                      GROUP BY saved_by) AS saves ON saves.saved_by = people.person_id
         WHERE people.person_id IN (SELECT person_id FROM draft_openings WHERE statement_id = $1
                                    UNION ALL SELECT saved_by FROM statement_versions WHERE statement_id = $1 AND saved_at >= $4)
           AND people.person_id <> $2
           AND coalesce(openings.opened_at, saves.at) IS NOT NULL
         ORDER BY 2, people.person_id
         LIMIT 5
        "#,
        id.0,
        person.0,
        seen_since,
        saved_since
    )
    .fetch_all(connection)
    .await
}

/// Forgets who had a draft open before.
///
/// # Errors
/// The database's.
pub async fn sweep(connection: &mut PgConnection, before: DateTime<Utc>) -> sqlx::Result<u64> {
    Ok(sqlx::query!("DELETE FROM draft_openings WHERE seen_at < $1", before).execute(connection).await?.rows_affected())
}

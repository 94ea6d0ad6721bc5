//! SQL of files and attachments: bytes in chunks, numbers that are never used again.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::Locked;
use crate::ids::{FileId, PersonId, StatementId};
use crate::statements::attachments::{Attachment, AttachmentKind, Content, NewAttachment, Stored, Visibility, hex};

/// Bytes of every chunk but a file's last.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// Begins a file; it counts as whole only after [`finish`].
///
/// # Errors
/// The database's.
pub async fn begin(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<FileId> {
    sqlx::query_scalar!("INSERT INTO files (stored_at) VALUES ($1) RETURNING file_id", now).fetch_one(pool).await.map(FileId)
}

/// Adds the next chunk: [`CHUNK_BYTES`] of them, the last one fewer.
///
/// # Errors
/// The database's.
pub async fn add_chunk(pool: &PgPool, file_id: FileId, n: i32, bytes: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("INSERT INTO file_chunks (file_id, n, bytes) VALUES ($1, $2, $3)", file_id.0, n, bytes).execute(pool).await?;
    Ok(())
}

/// The last chunk is there.
///
/// # Errors
/// The database's; the file is gone.
pub async fn finish(pool: &PgPool, stored: &Stored) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE files SET size = $2, sha256 = $3, media_type = $4, format_name = $5, is_whole = true WHERE file_id = $1",
        stored.file_id.0,
        i64::try_from(stored.size).unwrap_or(i64::MAX),
        &stored.sha256[..],
        stored.media_type,
        stored.format_name
    )
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}

/// Takes a file away that is attached nowhere.
///
/// # Errors
/// The database's.
pub async fn delete(pool: &PgPool, file_id: FileId) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM files
          WHERE file_id = $1
            AND NOT EXISTS (SELECT FROM attachments WHERE attachments.file_id = files.file_id)
            AND NOT EXISTS (SELECT FROM unrecorded_files WHERE unrecorded_files.file_id = files.file_id)",
        file_id.0
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes files away that were begun before a time and are attached nowhere: left by a crash. Says how many.
///
/// # Errors
/// The database's.
pub async fn sweep(pool: &PgPool, before: DateTime<Utc>) -> sqlx::Result<u64> {
    // one by one: each takes its chunks along, up to 25 MB, and a statement has 10 seconds
    let mut swept = 0;
    loop {
        let done = sqlx::query!(
            "DELETE FROM files
              WHERE file_id = (SELECT file_id
                                 FROM files
                                WHERE stored_at < $1
                                  AND NOT EXISTS (SELECT FROM attachments WHERE attachments.file_id = files.file_id)
                                  AND NOT EXISTS (SELECT FROM unrecorded_files WHERE unrecorded_files.file_id = files.file_id)
                                LIMIT 1
                                  FOR UPDATE SKIP LOCKED)",
            before
        )
        .execute(pool)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(swept);
        }
        swept += done.rows_affected();
    }
}

/// A chunk, while one is streamed out; none after the last.
///
/// # Errors
/// The database's.
pub async fn chunk(pool: &PgPool, file_id: FileId, n: i32) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("SELECT bytes FROM file_chunks WHERE file_id = $1 AND n = $2", file_id.0, n).fetch_optional(pool).await
}

/// Attaches a file or link; gives its number in the statement's addresses, which is never used again.
///
/// # Errors
/// The database's; no such statement, or a file that is not whole.
pub async fn attach(
    connection: &mut PgConnection,
    statement_id: StatementId,
    new: &NewAttachment<'_>,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> sqlx::Result<i32> {
    let n = sqlx::query_scalar!(
        r#"UPDATE statements SET next_attachment = next_attachment + 1 WHERE statement_id = $1 RETURNING next_attachment - 1 AS "n!""#,
        statement_id.0
    )
    .fetch_one(&mut *connection)
    .await?;
    let (file_name, file_id, url) = match new.content {
        Content::File(stored) => (stored.file_name.as_str(), Some(stored.file_id.0), None),
        Content::Link(url) => ("", None, Some(url)),
    };
    sqlx::query!(
        "INSERT INTO attachments (statement_id, n, kind, alternative_of, title, file_name, peer_number, visibility, withheld_why, file_id, url, added_at, added_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        statement_id.0,
        n,
        new.kind.as_str(),
        new.alternative_of,
        new.title,
        file_name,
        new.peer_number,
        new.visibility.as_str(),
        new.withheld_why,
        file_id,
        url,
        now,
        by.map(|id| id.0)
    )
    .execute(connection)
    .await?;
    Ok(n)
}

/// Gives a statement the files and links of another, under the same numbers; it has none yet. The bytes are shared.
///
/// # Errors
/// The database's; it has attachments already.
pub async fn copy(connection: &mut PgConnection, from: StatementId, to: StatementId) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO attachments (statement_id, n, kind, alternative_of, title, file_name, peer_number, visibility, withheld_why, file_id, url, is_not_held, added_at, added_by)
         SELECT $2, n, kind, alternative_of, title, file_name, peer_number, visibility, withheld_why, file_id, url, is_not_held, added_at, added_by
           FROM attachments
          WHERE statement_id = $1",
        from.0,
        to.0
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE statements SET next_attachment = other.next_attachment FROM statements AS other WHERE statements.statement_id = $2 AND other.statement_id = $1",
        from.0,
        to.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says what a draft's attachment is: its title, and of what it is another form. Whether that is new.
///
/// # Errors
/// The database's.
pub async fn describe(
    connection: &mut PgConnection,
    statement_id: StatementId,
    n: i32,
    kind: AttachmentKind,
    alternative_of: Option<i32>,
    title: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE attachments
            SET kind = $3, alternative_of = $4, title = $5, confirmed_by = NULL
           FROM statements
          WHERE statements.statement_id = attachments.statement_id
            AND statements.state = 'draft'
            AND attachments.statement_id = $1
            AND attachments.n = $2
            AND (kind, alternative_of, attachments.title) IS DISTINCT FROM ($3, $4::integer, $5)",
        statement_id.0,
        n,
        kind.as_str(),
        alternative_of.filter(|other| *other != n && kind == AttachmentKind::Alternative),
        title
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes who confirmed that a file, added in review, is another format of the same content.
///
/// # Errors
/// The database's.
pub async fn confirm(connection: &mut PgConnection, held: &Locked, n: i32, by: PersonId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE attachments SET confirmed_by = $3 WHERE statement_id = $1 AND n = $2", held.statement_id.0, n, by.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes an attachment off a statement that is not posted, and its bytes where nothing else holds them.
/// Says whether there was one.
///
/// # Errors
/// The database's.
pub async fn detach(connection: &mut PgConnection, statement_id: StatementId, n: i32) -> sqlx::Result<bool> {
    let gone = sqlx::query!(
        "DELETE FROM attachments
          USING statements
          WHERE statements.statement_id = attachments.statement_id
            AND statements.state NOT IN ('posted', 'removed')
            AND attachments.statement_id = $1
            AND attachments.n = $2
         RETURNING attachments.file_id",
        statement_id.0,
        n
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(gone) = gone else { return Ok(false) };
    sqlx::query!(
        "UPDATE attachments SET alternative_of = NULL, confirmed_by = NULL WHERE statement_id = $1 AND alternative_of = $2",
        statement_id.0,
        n
    )
    .execute(&mut *connection)
    .await?;
    if let Some(file_id) = gone.file_id {
        sqlx::query!(
            "DELETE FROM files
              WHERE file_id = $1
                AND NOT EXISTS (SELECT FROM attachments WHERE attachments.file_id = files.file_id)
                AND NOT EXISTS (SELECT FROM unrecorded_files WHERE unrecorded_files.file_id = files.file_id)",
            file_id
        )
        .execute(connection)
        .await?;
    }
    Ok(true)
}

/// A statement's attachments in the order they were added.
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut PgConnection, statement_id: StatementId) -> sqlx::Result<Vec<Attachment>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT n, kind, alternative_of, title, file_name, peer_number, visibility, withheld_why, file_id, url, is_not_held,
               files.size AS "size?",
               files.sha256 AS "sha256?",
               files.media_type AS "media_type?",
               files.format_name AS "format_name?",
               added_at, erasures.at AS "taken_away_at?", erasures.reason AS "taken_away_why?"
          FROM attachments
          LEFT JOIN files USING (file_id)
          LEFT JOIN erasures USING (statement_id, n)
         WHERE statement_id = $1
         ORDER BY n
        "#,
        statement_id.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Attachment::from).collect())
}

/// One attachment of a statement.
///
/// # Errors
/// The database's.
pub async fn one(connection: &mut PgConnection, statement_id: StatementId, n: i32) -> sqlx::Result<Option<Attachment>> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT n, kind, alternative_of, title, file_name, peer_number, visibility, withheld_why, file_id, url, is_not_held,
               files.size AS "size?",
               files.sha256 AS "sha256?",
               files.media_type AS "media_type?",
               files.format_name AS "format_name?",
               added_at, erasures.at AS "taken_away_at?", erasures.reason AS "taken_away_why?"
          FROM attachments
          LEFT JOIN files USING (file_id)
          LEFT JOIN erasures USING (statement_id, n)
         WHERE statement_id = $1
           AND n = $2
        "#,
        statement_id.0,
        n
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Attachment::from))
}

struct Row {
    n: i32,
    kind: String,
    alternative_of: Option<i32>,
    title: String,
    file_name: String,
    peer_number: String,
    visibility: String,
    withheld_why: String,
    file_id: Option<i64>,
    url: Option<String>,
    is_not_held: bool,
    size: Option<i64>,
    sha256: Option<Vec<u8>>,
    media_type: Option<String>,
    format_name: Option<String>,
    added_at: DateTime<Utc>,
    taken_away_at: Option<DateTime<Utc>>,
    taken_away_why: Option<String>,
}

impl From<Row> for Attachment {
    fn from(row: Row) -> Self {
        Self {
            n: row.n,
            kind: AttachmentKind::parse(&row.kind).unwrap_or(AttachmentKind::Enclosure),
            alternative_of: row.alternative_of,
            title: row.title,
            peer_number: row.peer_number,
            // what can't be read is shown to nobody it might not be for
            visibility: Visibility::parse(&row.visibility).unwrap_or(Visibility::Withheld),
            withheld_why: row.withheld_why,
            file_id: row.file_id.map(FileId),
            file_name: row.file_name,
            size: row.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
            sha256: row.sha256.as_deref().map(hex).unwrap_or_default(),
            media_type: row.media_type.unwrap_or_default(),
            format_name: row.format_name.unwrap_or_default(),
            url: row.url,
            is_not_held: row.is_not_held,
            added_at: row.added_at,
            taken_away: row.taken_away_at.zip(row.taken_away_why),
        }
    }
}

/// Whether the bytes of a file were taken away from some statement that holds it.
///
/// # Errors
/// The database's.
pub async fn was_taken_away(pool: &PgPool, file_id: FileId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM attachments JOIN erasures USING (statement_id, n) WHERE attachments.file_id = $1) AS "was_taken_away!""#,
        file_id.0
    )
    .fetch_one(pool)
    .await
}

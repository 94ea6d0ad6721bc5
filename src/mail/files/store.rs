//! SQL of the files that go along with mails.

use sqlx::{PgConnection, PgPool};

use super::MailedAttachment;
use crate::ids::{FileId, MailId};

/// Notes what goes along with a mail, in order.
///
/// # Errors
/// The database's; no such file.
pub async fn add(connection: &mut PgConnection, mail_id: MailId, files: &[MailedAttachment]) -> sqlx::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO mail_attachments (mail_id, position, file_id, file_name, media_type, size)
         SELECT $1, position, file_id, file_name, media_type, size
           FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY AS given (file_id, file_name, media_type, size, position)",
        mail_id.0,
        &files.iter().map(|file| file.file_id.0).collect::<Vec<_>>(),
        &files.iter().map(|file| file.file_name.clone()).collect::<Vec<_>>(),
        &files.iter().map(|file| file.media_type.clone()).collect::<Vec<_>>(),
        &files.iter().map(|file| i64::try_from(file.size).unwrap_or(i64::MAX)).collect::<Vec<_>>()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A file that is to go along, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// None: it was taken away.
    pub file_id: Option<FileId>,
    /// Its name.
    pub file_name: String,
    /// What it holds.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Of all its bytes.
    pub sha256: Vec<u8>,
    /// All of it is there.
    pub is_whole: bool,
    /// It was withheld since.
    pub is_withheld: bool,
}

/// What is to go along with a mail, in order.
///
/// # Errors
/// The database's.
pub async fn of_mail(pool: &PgPool, mail_id: MailId) -> sqlx::Result<Vec<Standing>> {
    let rows = sqlx::query!(
        r#"
        SELECT mail_attachments.file_id AS "file_id?", file_name, mail_attachments.media_type,
               coalesce(files.size, 0) AS "size!", coalesce(files.sha256, '') AS "sha256!", coalesce(files.is_whole, false) AS "is_whole!",
               EXISTS (SELECT 1
                         FROM attachments
                         LEFT JOIN erasures USING (statement_id, n)
                        WHERE attachments.file_id = files.file_id
                          AND (visibility = 'withheld'
                            OR (attachments.statement_id = (SELECT statement_id FROM mails WHERE mail_id = $1)
                                AND (visibility <> 'public' OR kind = 'original-mail' OR erasure_id IS NOT NULL)))) AS "is_withheld!"
          FROM mail_attachments
          LEFT JOIN files ON files.file_id = mail_attachments.file_id
         WHERE mail_id = $1
         ORDER BY position
        "#,
        mail_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Standing {
            file_id: row.file_id.map(FileId),
            file_name: row.file_name,
            media_type: row.media_type,
            size: u64::try_from(row.size).unwrap_or(0),
            sha256: row.sha256,
            is_whole: row.is_whole,
            is_withheld: row.is_withheld,
        })
        .collect())
}

/// The next piece of a file.
///
/// # Errors
/// The database's.
pub async fn chunk(pool: &PgPool, file_id: FileId, n: i32) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("SELECT bytes FROM file_chunks WHERE file_id = $1 AND n = $2", file_id.0, n).fetch_optional(pool).await
}

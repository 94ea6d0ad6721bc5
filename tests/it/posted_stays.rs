//! What was posted stays as it is, even for whoever writes SQL (robustness.md AZ06).

use liaison_tracker::statements::attachments::{AttachmentKind, Visibility};

use crate::support::letters::{self, Posted};
use crate::support::people::world;
use crate::support::{TestService, clock, service};

/// All that was posted, as text.
async fn all(service: &TestService) -> Vec<String> {
    let mut rows = Vec::new();
    for table in ["statements", "statement_groups", "statement_versions", "attachments", "files", "file_chunks"] {
        let query = format!("SELECT t::text FROM {table} AS t ORDER BY 1");
        let more: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&service.app.pool).await.expect("rows");
        assert!(!more.is_empty(), "{table} is empty");
        rows.extend(more);
    }
    rows
}

#[tokio::test]
async fn nothing_of_a_posted_statement_changes_by_sql() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    world(&service).await;
    let app = &service.app;
    let id = letters::posted(app, Posted { to: &["wire", "mesh"], ..Posted::INCOMING }).await;
    let stored = letters::stored(app, "letter.txt", b"Dear all").await;
    letters::attach(app, id, &stored, AttachmentKind::Enclosure, Visibility::Public).await;
    for sql in [
        "INSERT INTO attachments (statement_id, n, kind, url, added_at) SELECT statement_id, 7, 'enclosure', 'https://example.org/', now() FROM statements",
        "INSERT INTO attachments (statement_id, n, kind, is_not_held, added_at) SELECT statement_id, 8, 'enclosure', true, now() FROM statements",
        "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written)
         SELECT statement_id, 'copy', 1, group_id, 'KEYS' FROM statements, groups WHERE acronym = 'keys'",
        "INSERT INTO statement_versions (statement_id, version, form, saved_at) SELECT statement_id, 1, '{}', now() FROM statements",
        // of nothing posted: a file to take chunks from
        "WITH file AS (INSERT INTO files DEFAULT VALUES RETURNING file_id) INSERT INTO file_chunks SELECT file_id, 5, 'x' FROM file",
    ] {
        sqlx::query(sql).execute(&app.pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let before = all(&service).await;

    for sql in [
        "UPDATE statements SET body = 'other'",
        "UPDATE statements SET number = 5",
        "UPDATE statements SET state = 'draft', number = NULL, posted_at = NULL",
        "DELETE FROM statements",
        "UPDATE attachments SET url = 'https://example.net/' WHERE n = 7",
        "UPDATE attachments SET url = 'https://example.net/' WHERE n = 8",
        "UPDATE attachments SET file_name = 'other.txt' WHERE n = 1",
        "UPDATE attachments SET n = n + 100",
        "UPDATE attachments SET file_id = NULL, is_not_held = true WHERE n = 1",
        "UPDATE attachments SET added_at = now() WHERE n = 1",
        "DELETE FROM attachments",
        "INSERT INTO file_chunks SELECT file_id, 5, 'more' FROM attachments WHERE file_id IS NOT NULL",
        "UPDATE file_chunks SET bytes = 'x'",
        "UPDATE file_chunks SET file_id = (SELECT file_id FROM attachments WHERE file_id IS NOT NULL) WHERE n = 5",
        "DELETE FROM file_chunks",
        "UPDATE files SET size = 0",
        "DELETE FROM files",
        "UPDATE statement_groups SET as_written = 'others' WHERE side = 'from'",
        "UPDATE statement_groups SET asked = 'more' WHERE side = 'to'",
        "UPDATE statement_groups SET side = 'also' WHERE side = 'copy'",
        "DELETE FROM statement_groups WHERE side = 'copy'",
        "UPDATE statement_versions SET form = '{\"a\": 1}'",
        "DELETE FROM statement_versions",
        "TRUNCATE statements CASCADE",
        "TRUNCATE statement_versions",
        "TRUNCATE statement_groups CASCADE",
        "TRUNCATE attachments",
        "TRUNCATE files CASCADE",
        "TRUNCATE file_chunks",
    ] {
        let error = sqlx::query(sql).execute(&app.pool).await.expect_err(sql);
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "23001", "{sql}: {error}");
        assert_eq!(all(&service).await, before, "{sql}");
    }
    // who sees to the answer may change, and others may be added
    for sql in [
        "UPDATE statement_groups SET is_lead = true WHERE side = 'to' AND position = 1",
        "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written)
         SELECT statement_id, 'to', 9, group_id, 'PATH' FROM statements, groups WHERE acronym = 'path'",
    ] {
        sqlx::query(sql).execute(&app.pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

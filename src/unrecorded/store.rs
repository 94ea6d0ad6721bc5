//! SQL of reports of unrecorded statements. Every change asks for the row that [`lock`] holds.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::{BegunFrom, Report, ReportFile, ReportState};
use crate::history::Actor;
use crate::ids::{FileId, GroupId, PersonId, StatementId, UnrecordedId};
use crate::permissions::ReportCase;
use crate::statements::State;
use crate::statements::attachments::Stored;
use crate::statements::form::StatementForm;

/// A report whose row this transaction holds. Only [`lock`] makes one.
#[derive(Debug)]
pub struct Locked(Report);

impl std::ops::Deref for Locked {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

/// A report to be made.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Who reports.
    pub by: PersonId,
    /// As what, in words; empty: without a role.
    pub as_role: &'a str,
    /// Of the form; sent twice, it is one report.
    pub creation_key: &'a str,
    /// The peer that was named.
    pub group_id: Option<GroupId>,
    /// One line.
    pub title: &'a str,
    /// As typed.
    pub form: &'a StatementForm,
}

/// Makes a report; none: this form made one before.
///
/// # Errors
/// The database's; no randomness for its id.
pub async fn add(connection: &mut PgConnection, new: New<'_>, at: DateTime<Utc>) -> anyhow::Result<Option<(UnrecordedId, String)>> {
    let report_id = crate::random_text(18)?;
    let made = sqlx::query_scalar!(
        "INSERT INTO unrecorded_statements (report_id, creation_key, reported_at, reported_by, reported_as, group_id, title, form, open_since)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $3)
         ON CONFLICT ON CONSTRAINT unrecorded_is_reported_once DO NOTHING
         RETURNING unrecorded_id",
        report_id,
        new.creation_key,
        at,
        new.by.0,
        new.as_role,
        new.group_id.map(|id| id.0),
        new.title,
        Json(new.form) as _
    )
    .fetch_optional(connection)
    .await?;
    Ok(made.map(|id| (UnrecordedId(id), report_id)))
}

/// The id and what was typed of the report that a form made.
///
/// # Errors
/// The database's.
pub async fn made_by(connection: &mut PgConnection, by: PersonId, creation_key: &str) -> sqlx::Result<Option<(String, StatementForm)>> {
    let row = sqlx::query!(
        r#"SELECT report_id, form AS "form: Json<StatementForm>" FROM unrecorded_statements WHERE reported_by = $1 AND creation_key = $2"#,
        by.0,
        creation_key
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.report_id, row.form.0)))
}

/// The report of that id, and what permissions ask of it: one query.
///
/// # Errors
/// The database's.
pub async fn find(connection: &mut PgConnection, report_id: &str, today: NaiveDate) -> sqlx::Result<Option<Report>> {
    let row = sqlx::query!(
        r#"
        SELECT unrecorded_id, report_id, report.creation_key, report.state, report.version, report.title, form AS "form: Json<StatementForm>",
               reported_at, reported_by, reporters.name AS reporter, reported_as, report.group_id, groups.label AS "group_label?",
               taken_by, takers.name AS "taken_name?", reason,
               statements.draft_id AS "draft_id?", statements.number AS "number?", statements.state AS "statement_state?",
               unrecorded_has_taker(report, $2) AS "has_taker!",
               (SELECT coalesce(array_agg(ancestor_id ORDER BY distance), '{}')
                  FROM group_ancestors WHERE group_ancestors.group_id = report.group_id) AS "line!: Vec<i64>"
          FROM unrecorded_statements AS report
          JOIN people AS reporters ON reporters.person_id = reported_by
          LEFT JOIN groups ON groups.group_id = report.group_id
          LEFT JOIN people AS takers ON takers.person_id = taken_by
          LEFT JOIN statements ON statements.statement_id = report.statement_id
         WHERE report_id = $1
        "#,
        report_id,
        today
    )
    .fetch_optional(connection)
    .await?;
    let unknown = |text: &str| sqlx::Error::Decode(format!("{text:?} is no state").into());
    row.map(|row| {
        let begun = match (row.draft_id, row.statement_state) {
            (Some(draft_id), Some(state)) => {
                Some(BegunFrom { draft_id, number: row.number, state: State::parse(&state).ok_or_else(|| unknown(&state))? })
            }
            _ => None,
        };
        Ok(Report {
            unrecorded_id: UnrecordedId(row.unrecorded_id),
            report_id: row.report_id,
            creation_key: row.creation_key,
            state: ReportState::parse(&row.state).ok_or_else(|| unknown(&row.state))?,
            version: row.version,
            title: row.title,
            form: row.form.0,
            reported_at: row.reported_at,
            reporter: row.reporter,
            reported_as: row.reported_as,
            group_id: row.group_id.map(GroupId),
            group_label: row.group_label.unwrap_or_default(),
            taken_by: row.taken_by.map(PersonId),
            taken_name: row.taken_name.unwrap_or_default(),
            has_taker: row.has_taker,
            reason: row.reason,
            begun,
            case: ReportCase { reported_by: PersonId(row.reported_by), line: row.line.into_iter().map(GroupId).collect() },
        })
    })
    .transpose()
}

/// Finds a report and holds its row until the transaction ends.
///
/// # Errors
/// The database's; another transaction holds it for longer than the lock time-out.
pub async fn lock(connection: &mut PgConnection, report_id: &str, today: NaiveDate) -> sqlx::Result<Option<Locked>> {
    let held = sqlx::query_scalar!("SELECT unrecorded_id FROM unrecorded_statements WHERE report_id = $1 FOR NO KEY UPDATE", report_id)
        .fetch_optional(&mut *connection)
        .await?;
    match held {
        Some(_) => Ok(find(connection, report_id, today).await?.map(Locked)),
        None => Ok(None),
    }
}

/// What a step makes of a report.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Where it is then.
    pub state: ReportState,
    /// Who has it.
    pub taken_by: Option<PersonId>,
    /// Why it is set aside.
    pub reason: &'a str,
    /// What was begun from it.
    pub begun: Option<StatementId>,
}

/// Takes a step. One that opens it begins its time anew.
///
/// # Errors
/// The database's.
pub async fn change(connection: &mut PgConnection, held: &Locked, change: Change<'_>, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE unrecorded_statements
            SET state = $2, taken_by = $3, reason = $4, statement_id = coalesce($5, statement_id), version = version + 1,
                open_since = CASE WHEN $2 = 'open' THEN $6::timestamptz ELSE open_since END
          WHERE unrecorded_id = $1",
        held.unrecorded_id.0,
        change.state.as_str(),
        change.taken_by.map(|id| id.0),
        change.reason,
        change.begun.map(|id| id.0),
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was begun from a report is posted.
///
/// # Errors
/// The database's.
pub async fn recorded(connection: &mut PgConnection, statement: StatementId) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE unrecorded_statements SET state = 'recorded', version = version + 1 WHERE statement_id = $1 AND state = 'taken'",
        statement.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a line of a report's history.
///
/// # Errors
/// The database's.
pub async fn line(connection: &mut PgConnection, id: UnrecordedId, at: DateTime<Utc>, actor: &Actor, words: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO unrecorded_steps (unrecorded_id, at, person_id, actor_name, actor_role, words) VALUES ($1, $2, $3, $4, $5, $6)",
        id.0,
        at,
        actor.person_id.map(|person| person.0),
        actor.name,
        actor.role,
        words
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A line of a report's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// As what.
    pub role: String,
    /// What, without the actor.
    pub words: String,
}

/// A report's history, in order.
///
/// # Errors
/// The database's.
pub async fn lines(connection: &mut PgConnection, id: UnrecordedId) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        "SELECT at, actor_name AS actor, actor_role AS role, words FROM unrecorded_steps WHERE unrecorded_id = $1 ORDER BY unrecorded_step_id LIMIT 200",
        id.0
    )
    .fetch_all(connection)
    .await
}

/// What a form brings: a stored file, or an address.
#[derive(Debug, Clone, Copy)]
pub enum Brought<'a> {
    /// A file.
    File(&'a str, FileId),
    /// A link, as `attachments::link` gave it.
    Link(&'a str),
}

/// Holds a form until the transaction ends: sent twice at once, its files are kept once.
///
/// # Errors
/// The database's; another transaction holds it for longer than the lock time-out.
pub async fn hold_form(connection: &mut PgConnection, by: PersonId, creation_key: &str) -> sqlx::Result<()> {
    sqlx::query_scalar!("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))::text", creation_key, by.0).fetch_one(connection).await?;
    Ok(())
}

/// Keeps a file or link with a form; one that is there already is kept once.
///
/// # Errors
/// The database's.
pub async fn keep(connection: &mut PgConnection, by: PersonId, creation_key: &str, brought: Brought<'_>, at: DateTime<Utc>) -> sqlx::Result<()> {
    let (name, file, url) = match brought {
        Brought::File(name, id) => (name, Some(id.0), None),
        Brought::Link(url) => ("", None, Some(url)),
    };
    sqlx::query!(
        "INSERT INTO unrecorded_files (person_id, creation_key, n, file_name, file_id, url, added_at)
         SELECT $1, $2, (SELECT coalesce(max(n), 0) + 1 FROM unrecorded_files WHERE person_id = $1 AND creation_key = $2), $3, $4, $5, $6
          WHERE NOT EXISTS (SELECT 1
                              FROM unrecorded_files AS kept
                              LEFT JOIN files AS there ON there.file_id = kept.file_id
                              LEFT JOIN files AS brought ON brought.file_id = $4
                             WHERE kept.person_id = $1
                               AND kept.creation_key = $2
                               AND (kept.url = $5 OR (kept.file_name = $3 AND there.sha256 = brought.sha256)))",
        by.0,
        creation_key,
        name,
        file,
        url,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a file or link off a form that made no report yet.
///
/// # Errors
/// The database's.
pub async fn let_go(connection: &mut PgConnection, by: PersonId, creation_key: &str, n: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM unrecorded_files
          WHERE person_id = $1
            AND creation_key = $2
            AND n = $3
            AND NOT EXISTS (SELECT 1 FROM unrecorded_statements WHERE reported_by = $1 AND unrecorded_statements.creation_key = $2)",
        by.0,
        creation_key,
        n
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Files and links of a form, in the order in which they came.
///
/// # Errors
/// The database's.
pub async fn files(connection: &mut PgConnection, by: PersonId, creation_key: &str) -> sqlx::Result<Vec<ReportFile>> {
    let rows = sqlx::query!(
        r#"
        SELECT n, file_name, file_id, url, files.size AS "size?", files.sha256 AS "sha256?", files.media_type AS "media_type?",
               files.format_name AS "format_name?", is_original_mail
          FROM unrecorded_files
          LEFT JOIN files USING (file_id)
         WHERE person_id = $1
           AND creation_key = $2
         ORDER BY n
        "#,
        by.0,
        creation_key
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ReportFile {
            n: row.n,
            file_name: row.file_name,
            file_id: row.file_id.map(FileId),
            url: row.url,
            size: row.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
            sha256: row.sha256.and_then(|hash| hash.try_into().ok()),
            media_type: row.media_type.unwrap_or_default(),
            format_name: row.format_name.unwrap_or_default(),
            is_original_mail: row.is_original_mail,
        })
        .collect())
}

/// Says that a file that was kept is the mail it came in: for those concerned only, whatever becomes of the report.
///
/// # Errors
/// The database's.
pub async fn mark_original_mail(connection: &mut PgConnection, by: PersonId, creation_key: &str, file: FileId) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE unrecorded_files SET is_original_mail = true WHERE person_id = $1 AND creation_key = $2 AND file_id = $3",
        by.0,
        creation_key,
        file.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl ReportFile {
    /// As a file that is stored already; none: a link.
    pub fn stored(&self) -> Option<Stored> {
        Some(Stored {
            file_id: self.file_id?,
            file_name: self.file_name.clone(),
            size: self.size,
            sha256: self.sha256?,
            media_type: self.media_type.clone(),
            format_name: self.format_name.clone(),
        })
    }
}

/// The beginning of a file, in whole chunks.
///
/// # Errors
/// The database's.
pub async fn beginning(connection: &mut PgConnection, file: FileId, at_most: usize) -> sqlx::Result<Vec<u8>> {
    let chunks = i32::try_from(at_most / crate::statements::store::files::CHUNK_BYTES).unwrap_or(1).max(1);
    let pieces =
        sqlx::query_scalar!("SELECT bytes FROM file_chunks WHERE file_id = $1 AND n < $2 ORDER BY n", file.0, chunks).fetch_all(connection).await?;
    Ok(pieces.concat())
}

/// Lets go of files of forms that were never sent to their end. Says how many.
///
/// # Errors
/// The database's.
pub async fn sweep(pool: &PgPool, before: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM unrecorded_files
          WHERE added_at < $1
            AND NOT EXISTS (SELECT 1 FROM unrecorded_statements AS report
                             WHERE report.reported_by = unrecorded_files.person_id AND report.creation_key = unrecorded_files.creation_key)",
        before
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

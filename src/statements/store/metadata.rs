//! SQL of what stands beside a posted statement's text, and may change (domain.md 2).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{Locked, expect_one};
use crate::dates::PartialDate;
use crate::ids::{ActionId, StatementId};
use crate::mail::address::Mailbox;
use crate::statements::{AttachmentKind, Visibility, references};

/// What stands beside a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Numbers others gave it, as written.
    pub references: Vec<String>,
    /// The date of the letter.
    pub letter_date: Option<PartialDate>,
    /// The day it reached us.
    pub received_on: Option<NaiveDate>,
    /// Use, name and address.
    pub contacts: Vec<(String, String, String)>,
    /// What earlier ones it is related to.
    pub relations: Vec<Relation>,
    /// What is still to be done by a day that the letter names, or might name.
    pub dated: Vec<Dated>,
    /// It is *In Response*, so it names what it answers.
    pub must_answer: bool,
}

/// A relation to an earlier statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// As in the database.
    pub kind: String,
    /// The earlier one, where it is recorded: key and number.
    pub earlier: Option<(StatementId, i32)>,
    /// What it is called where it is not, or was before it was.
    pub words: String,
}

/// An open part for action whose day was not agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Its action.
    pub action_id: ActionId,
    /// Acronym of its group.
    pub acronym: String,
    /// The day as the letter has it, or corrected; none: it names none.
    pub due_on: Option<NaiveDate>,
}

/// What stands beside a statement's text; four queries.
///
/// # Errors
/// The database's.
pub async fn read(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Metadata> {
    let row = sqlx::query!(
        r#"
        SELECT letter_date, letter_date_precision, received_on, coalesce(purpose = 'in-response' AND origin = 'native', false) AS "must_answer!",
               (SELECT coalesce(array_agg(as_written ORDER BY position), '{}')
                  FROM statement_references
                 WHERE statement_references.statement_id = statements.statement_id) AS "references!: Vec<String>"
          FROM statements
         WHERE statement_id = $1
        "#,
        id.0
    )
    .fetch_one(&mut *connection)
    .await?;
    let contacts = sqlx::query!("SELECT use, name, address FROM contacts WHERE statement_id = $1 ORDER BY use, position, contact_id", id.0)
        .fetch_all(&mut *connection)
        .await?;
    let relations = sqlx::query!(
        r#"
        SELECT kind, earlier_id, words, earlier.number AS "number?"
          FROM relations
          LEFT JOIN statements AS earlier ON earlier.statement_id = earlier_id
         WHERE relations.statement_id = $1
         ORDER BY relation_id
        "#,
        id.0
    )
    .fetch_all(&mut *connection)
    .await?;
    let dated = sqlx::query!(
        r#"
        SELECT action_id, acronym, CASE WHEN deadlines.kind = 'ours' THEN NULL ELSE due_on END AS due_on
          FROM actions
          JOIN groups USING (group_id)
          LEFT JOIN deadlines USING (action_id)
         WHERE statement_id = $1
           AND purpose = 'for-action'
           AND actions.state IN ('open', 'in-progress', 'waiting', 'awaited')
           AND superseded_at IS NULL
           AND deadlines.kind IS DISTINCT FROM 'agreed'
         ORDER BY action_id
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    Ok(Metadata {
        must_answer: row.must_answer,
        references: row.references,
        letter_date: row.letter_date.zip(row.letter_date_precision).and_then(|(day, precision)| PartialDate::from_parts(day, &precision)),
        received_on: row.received_on,
        contacts: contacts.into_iter().map(|row| (row.r#use, row.name, row.address)).collect(),
        relations: relations
            .into_iter()
            .map(|row| Relation { kind: row.kind, earlier: row.earlier_id.map(StatementId).zip(row.number), words: row.words })
            .collect(),
        dated: dated.into_iter().map(|row| Dated { action_id: ActionId(row.action_id), acronym: row.acronym, due_on: row.due_on }).collect(),
    })
}

/// A change was made: whoever edits an older page is told.
///
/// # Errors
/// The database's.
pub async fn grow(connection: &mut PgConnection, held: &Locked, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!("UPDATE statements SET edition = edition + 1, changed_at = $2 WHERE statement_id = $1", held.statement_id.0, at)
        .execute(connection)
        .await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)
}

/// Writes the references anew; who gave one stays known, a new one is the other side's.
///
/// # Errors
/// The database's.
pub async fn set_references(connection: &mut PgConnection, held: &Locked, written: &[String]) -> sqlx::Result<()> {
    let normal: Vec<String> = written.iter().map(|reference| references::normal(reference)).collect();
    let given_by = sqlx::query_scalar!(
        r#"
        SELECT coalesce((SELECT max(given_by) FROM statement_references WHERE statement_id = $1 AND statement_references.normal = asked.normal),
                        (SELECT roots.label
                           FROM statement_groups
                           JOIN groups USING (group_id)
                           JOIN groups AS roots ON roots.group_id = groups.root_id
                          WHERE statement_id = $1 AND side IN ('from', 'to') AND NOT groups.is_home
                          ORDER BY side, position
                          LIMIT 1), '') AS "given_by!"
          FROM unnest($2::text[]) WITH ORDINALITY AS asked (normal, place)
         ORDER BY place
        "#,
        held.statement_id.0,
        &normal
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM statement_references WHERE statement_id = $1", held.statement_id.0).execute(&mut *connection).await?;
    sqlx::query!(
        "INSERT INTO statement_references (statement_id, position, as_written, normal, given_by)
         SELECT $1, place, as_written, normal, given_by
           FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS written (as_written, normal, given_by, place)",
        held.statement_id.0,
        written,
        &normal,
        &given_by
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the date of the letter.
///
/// # Errors
/// The database's.
pub async fn set_letter_date(connection: &mut PgConnection, held: &Locked, date: Option<PartialDate>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE statements SET letter_date = $2, letter_date_precision = $3 WHERE statement_id = $1",
        held.statement_id.0,
        date.map(PartialDate::last_day),
        date.map(PartialDate::precision)
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)
}

/// Sets the day it reached us.
///
/// # Errors
/// The database's.
pub async fn set_received_on(connection: &mut PgConnection, held: &Locked, day: Option<NaiveDate>) -> sqlx::Result<()> {
    let done = sqlx::query!("UPDATE statements SET received_on = $2 WHERE statement_id = $1", held.statement_id.0, day).execute(connection).await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)
}

/// Writes the contacts of one use anew. What was known of an address, whether it is a person's, stays known.
///
/// # Errors
/// The database's.
pub async fn set_contacts(connection: &mut PgConnection, held: &Locked, usage: &str, mailboxes: &[Mailbox]) -> sqlx::Result<()> {
    let keys: Vec<String> = mailboxes.iter().map(|mailbox| mailbox.address().key()).collect();
    sqlx::query!("DELETE FROM contacts WHERE statement_id = $1 AND use = $2 AND NOT address_key = ANY ($3)", held.statement_id.0, usage, &keys)
        .execute(&mut *connection)
        .await?;
    for (position, mailbox) in (1..).zip(mailboxes) {
        sqlx::query!(
            r#"
            INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort)
            SELECT $1, $2::text, $3, $4, $5, $6::text,
                   CASE WHEN $2::text LIKE 'received-%' OR $2::text LIKE 'send-%' THEN 'role'
                        ELSE coalesce((SELECT CASE WHEN bool_or(sort = 'list') THEN 'list' ELSE min(sort) END
                                         FROM group_contacts WHERE address_key = $6::text),
                                      (SELECT 'role' FROM roles WHERE lower(alias) = $6::text LIMIT 1),
                                      'person')
                   END
            ON CONFLICT ON CONSTRAINT contact_stands_once DO UPDATE
               SET position = EXCLUDED.position, name = EXCLUDED.name, address = EXCLUDED.address
            "#,
            held.statement_id.0,
            usage,
            position,
            mailbox.name().unwrap_or_default(),
            mailbox.address().as_str(),
            mailbox.address().key()
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Adds a relation to an earlier statement, or to what is known in words.
///
/// # Errors
/// The database's.
pub async fn relate(connection: &mut PgConnection, held: &Locked, relation: &Relation) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO relations (statement_id, kind, earlier_id, words) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        held.statement_id.0,
        relation.kind,
        relation.earlier.map(|(id, _)| id.0),
        relation.words
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a relation away.
///
/// # Errors
/// The database's.
pub async fn unrelate(connection: &mut PgConnection, held: &Locked, relation: &Relation) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM relations WHERE statement_id = $1 AND kind = $2 AND earlier_id IS NOT DISTINCT FROM $3 AND words = $4",
        held.statement_id.0,
        relation.kind,
        relation.earlier.map(|(id, _)| id.0),
        relation.words
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says which statement it is that was known in words, keeping how the reply was meant.
///
/// # Errors
/// The database's.
pub async fn link(connection: &mut PgConnection, held: &Locked, was: &Relation, now: &Relation) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE relations SET earlier_id = $4, words = $5 WHERE statement_id = $1 AND kind = $2 AND earlier_id IS NULL AND words = $3",
        held.statement_id.0,
        was.kind,
        was.words,
        now.earlier.map(|(id, _)| id.0),
        now.words
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the open parts of a statement that another takes the place of, or opens again what was ended so. How many.
///
/// # Errors
/// The database's.
pub async fn end_or_reopen(connection: &mut PgConnection, id: StatementId, state: &str, is_end: bool, at: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = if is_end {
        sqlx::query!(
            "UPDATE actions SET state = $2, closed_at = $3, paused_on = NULL, resumes_on = NULL, version = version + 1
              WHERE statement_id = $1 AND state IN ('open', 'in-progress', 'waiting', 'awaited')",
            id.0,
            state,
            at
        )
        .execute(connection)
        .await?
    } else {
        sqlx::query!(
            "UPDATE actions
                SET state = CASE WHEN direction = 'outgoing' THEN 'awaited' ELSE 'open' END, closed_at = NULL, open_since = $3,
                    answered_by = NULL, version = actions.version + 1
               FROM statements
              WHERE statements.statement_id = actions.statement_id AND actions.statement_id = $1 AND actions.state = $2
                AND NOT EXISTS (SELECT 1
                                  FROM relations
                                  JOIN statements AS later ON later.statement_id = relations.statement_id AND later.state = 'posted'
                                 WHERE ($2 = 'replaced' AND kind = 'replaces' AND earlier_id = $1)
                                    OR ($2 = 'recorded-twice' AND kind = 'same-statement-as' AND relations.statement_id = $1
                                        AND earlier_id IS NOT NULL))",
            id.0,
            state,
            at
        )
        .execute(connection)
        .await?
    };
    Ok(done.rows_affected())
}

/// Corrects the day of these parts; the former one stays to be read.
///
/// # Errors
/// The database's.
pub async fn correct_deadline(connection: &mut PgConnection, _held: &Locked, actions: &[i64], day: NaiveDate, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE actions SET version = version + 1 WHERE action_id = ANY ($1)", actions).execute(&mut *connection).await?;
    sqlx::query!("UPDATE deadlines SET superseded_at = $2 WHERE action_id = ANY ($1) AND superseded_at IS NULL", actions, at)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "INSERT INTO deadlines (action_id, due_on, kind, made_at) SELECT action_id, $2, 'corrected', $3 FROM unnest($1::bigint[]) AS asked (action_id)",
        actions,
        day,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What can change of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFace<'a> {
    /// Its title.
    pub title: &'a str,
    /// The number the peer gave it.
    pub peer_number: &'a str,
    /// What it is to the statement.
    pub kind: AttachmentKind,
    /// Who may fetch it.
    pub visibility: Visibility,
    /// Why it is withheld.
    pub withheld_why: &'a str,
}

/// Writes what can change of an attachment.
///
/// # Errors
/// The database's.
pub async fn set_file(connection: &mut PgConnection, held: &Locked, n: i32, face: FileFace<'_>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE attachments
            SET title = $3, peer_number = $4, kind = $5, visibility = $6, withheld_why = $7,
                alternative_of = CASE WHEN $5 = 'alternative' THEN alternative_of END
          WHERE statement_id = $1 AND n = $2",
        held.statement_id.0,
        n,
        face.title,
        face.peer_number,
        face.kind.as_str(),
        face.visibility.as_str(),
        face.withheld_why
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "attachments", held.statement_id)
}

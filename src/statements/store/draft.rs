//! SQL of drafts: begin, save, and the rows that a submission writes anew.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{Locked, editing, expect_one};
use crate::ids::{GroupId, PersonId, StatementId};
use crate::mail::address::Mailbox;
use crate::statements::form::StatementForm;
use crate::statements::letter::{Addressee, Answered, Letter};
use crate::statements::{Consensus, Direction, Purpose, ReplyKind, Side, references};

/// Who saves, as what, when.
#[derive(Debug, Clone, Copy)]
pub struct Saving<'a> {
    /// The person.
    pub person_id: PersonId,
    /// The role, in words.
    pub role: &'a str,
    /// The instant.
    pub at: DateTime<Utc>,
}

/// How a form is saved.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner<'a> {
    /// By the page itself, while somebody types.
    pub is_automatic: bool,
    /// The key of the page it was typed into; empty: none is known.
    pub page: &'a str,
}

/// Begins a draft; a form that is sent twice begins one. Gives its key, its draft id, and whether it is new.
///
/// # Errors
/// The database's; no randomness for the draft id.
pub async fn begin(
    connection: &mut PgConnection,
    saving: Saving<'_>,
    direction: Direction,
    form: &StatementForm,
    manner: Manner<'_>,
) -> anyhow::Result<(StatementId, String, bool)> {
    let draft_id = crate::random_text(18)?;
    let row = sqlx::query!(
        r#"
        INSERT INTO statements (draft_id, origin, direction, state, title, body, made_at, changed_at, author_id, author_role, creation_key)
        VALUES ($1, 'native', $2, 'draft', $3, '', $4, $4, $5, $6, $7)
        ON CONFLICT ON CONSTRAINT statement_creation_key_is_unique DO UPDATE SET creation_key = EXCLUDED.creation_key
        RETURNING statement_id, draft_id, (xmax = 0) AS "is_new!"
        "#,
        draft_id,
        direction.as_str(),
        form.title_line(),
        saving.at,
        saving.person_id.0,
        saving.role,
        manner.page
    )
    .fetch_one(&mut *connection)
    .await?;
    let statement_id = StatementId(row.statement_id);
    if row.is_new {
        keep_version(connection, statement_id, 1, saving, form, manner).await?;
    }
    Ok((statement_id, row.draft_id, row.is_new))
}

async fn keep_version(
    connection: &mut PgConnection,
    id: StatementId,
    version: i32,
    saving: Saving<'_>,
    form: &StatementForm,
    manner: Manner<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO statement_versions (statement_id, version, form, saved_at, saved_by, saved_as, kind, page) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        version,
        Json(form) as _,
        saving.at,
        saving.person_id.0,
        saving.role,
        if manner.is_automatic { "automatic" } else { "saved" },
        if manner.is_automatic { manner.page } else { "" }
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The form with which a draft was begun, as far as it was kept.
///
/// # Errors
/// The database's.
pub async fn first(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<StatementForm> {
    let form = sqlx::query_scalar!(
        r#"SELECT form AS "form: Json<StatementForm>" FROM statement_versions WHERE statement_id = $1 ORDER BY version LIMIT 1"#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(form.0)
}

/// One version's form, and who saved it when.
///
/// # Errors
/// The database's.
pub async fn version(connection: &mut PgConnection, id: StatementId, version: i32) -> sqlx::Result<Option<SavedForm>> {
    let row = sqlx::query!(
        r#"
        SELECT version, form AS "form: Json<StatementForm>", saved_at, saved_by, people.name AS "name?", saved_as, kind
          FROM statement_versions
          LEFT JOIN people ON people.person_id = saved_by
         WHERE statement_id = $1
           AND version = $2
        "#,
        id.0,
        version
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| SavedForm {
        version: row.version,
        is_automatic: row.kind == "automatic",
        form: row.form.0,
        saved_at: row.saved_at,
        person_id: row.saved_by.map(PersonId),
        saved_by: row.name.unwrap_or_default(),
        saved_as: row.saved_as,
    }))
}

/// A version without its text.
#[derive(Debug, Clone)]
pub struct ListedVersion {
    /// Counted from 1.
    pub version: i32,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// By whom.
    pub saved_by: String,
    /// As what.
    pub saved_as: String,
    /// How: `saved`, `automatic` or `beside`.
    pub kind: String,
}

/// The versions of a draft, the newest first; at most 200.
///
/// # Errors
/// The database's.
pub async fn versions(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<ListedVersion>> {
    sqlx::query_as!(
        ListedVersion,
        r#"
        SELECT version, saved_at, coalesce(people.name, '') AS "saved_by!", saved_as, kind
          FROM statement_versions
          LEFT JOIN people ON people.person_id = saved_by
         WHERE statement_id = $1
         ORDER BY version DESC
         LIMIT 200
        "#,
        id.0
    )
    .fetch_all(connection)
    .await
}

/// The newest version's form, and who saved it when.
///
/// # Errors
/// The database's.
pub async fn newest(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<SavedForm> {
    let row = sqlx::query!(
        r#"
        SELECT version, form AS "form: Json<StatementForm>", saved_at, saved_by, people.name AS "name?", saved_as, kind
          FROM statement_versions
          LEFT JOIN people ON people.person_id = saved_by
         WHERE statement_id = $1
           AND kind <> 'beside'
         ORDER BY version DESC
         LIMIT 1
        "#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(SavedForm {
        version: row.version,
        is_automatic: row.kind == "automatic",
        form: row.form.0,
        saved_at: row.saved_at,
        person_id: row.saved_by.map(PersonId),
        saved_by: row.name.unwrap_or_default(),
        saved_as: row.saved_as,
    })
}

/// A version of a draft.
#[derive(Debug, Clone)]
pub struct SavedForm {
    /// Counted from 1.
    pub version: i32,
    /// Whether the page saved it by itself.
    pub is_automatic: bool,
    /// As typed.
    pub form: StatementForm,
    /// When.
    pub saved_at: DateTime<Utc>,
    /// By whom.
    pub person_id: Option<PersonId>,
    /// Their name.
    pub saved_by: String,
    /// As what.
    pub saved_as: String,
}

/// Everybody who saved a version, with the address by which they are mailed.
///
/// # Errors
/// The database's.
pub async fn savers(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<(PersonId, String, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT people.person_id, people.name, addresses.address
          FROM (SELECT saved_by AS person_id FROM statement_versions WHERE statement_id = $1
                UNION SELECT author_id FROM statements WHERE statement_id = $1) AS savers
          JOIN people USING (person_id)
          JOIN addresses ON addresses.person_id = people.person_id AND addresses.is_primary
         ORDER BY people.person_id
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person_id), row.name, row.address)).collect())
}

/// Saves a new version of a draft. What a page saves by itself takes the place of what it saved so last.
///
/// # Errors
/// The database's.
pub async fn save(connection: &mut PgConnection, draft: &Locked, saving: Saving<'_>, form: &StatementForm, manner: Manner<'_>) -> sqlx::Result<()> {
    let id = draft.statement_id;
    let purpose = Purpose::parse(&form.purpose).map(Purpose::as_str);
    let version = sqlx::query_scalar!(
        "UPDATE statements
            SET version = 1 + greatest(version, (SELECT max(version) FROM statement_versions WHERE statement_id = $1)),
                title = $2, purpose = $3, changed_at = $4,
                waits_since = CASE WHEN $5 THEN waits_since END, waits_for = CASE WHEN $5 THEN waits_for ELSE '' END
          WHERE statement_id = $1 AND state = 'draft'
         RETURNING version",
        id.0,
        form.title_line(),
        purpose,
        saving.at,
        manner.is_automatic
    )
    .fetch_optional(&mut *connection)
    .await?;
    expect_one(version.iter().len() as u64, "statements", id)?;
    let version = version.unwrap_or_default();
    keep_version(&mut *connection, id, version, saving, form, manner).await?;
    if manner.is_automatic {
        editing::drop_former(connection, id, version).await?;
    }
    Ok(())
}

/// What the sender of a draft was asked, and since when an answer is awaited; none: it does not wait.
///
/// # Errors
/// The database's.
pub async fn waits(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Option<(DateTime<Utc>, String)>> {
    let row = sqlx::query!("SELECT waits_since, waits_for FROM statements WHERE statement_id = $1", id.0).fetch_one(connection).await?;
    Ok(row.waits_since.map(|since| (since, row.waits_for)))
}

/// Pauses a draft until its sender answers.
///
/// # Errors
/// The database's.
pub async fn wait(connection: &mut PgConnection, draft: &Locked, words: &str, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE statements SET waits_since = $2, waits_for = $3, waits = waits + 1 WHERE statement_id = $1 AND state = 'draft'",
        draft.statement_id.0,
        at,
        words
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "statements", draft.statement_id)
}

/// Ends the pause; whether the draft rests is counted from now on.
///
/// # Errors
/// The database's.
pub async fn resume(connection: &mut PgConnection, draft: &Locked, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE statements SET waits_since = NULL, waits_for = '', changed_at = $2 WHERE statement_id = $1 AND state = 'draft'",
        draft.statement_id.0,
        at
    )
    .execute(connection)
    .await?;
    expect_one(done.rows_affected(), "statements", draft.statement_id)
}

/// The groups a draft names so far, so that whom they concern find it.
///
/// # Errors
/// The database's.
pub async fn name_groups(connection: &mut PgConnection, id: StatementId, groups: &[(Side, GroupId, String)]) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM statement_groups WHERE statement_id = $1", id.0).execute(&mut *connection).await?;
    let (mut sides, mut ids, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for (side, group_id, as_written) in groups {
        if !sides.iter().zip(&ids).any(|(other_side, other_id)| *other_side == side.as_str() && *other_id == group_id.0) {
            sides.push(side.as_str().to_owned());
            ids.push(group_id.0);
            written.push(as_written.clone());
        }
    }
    sqlx::query!(
        "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label)
         SELECT $1, side, position, named.group_id, as_written, groups.label
           FROM unnest($2::text[], $3::bigint[], $4::text[]) WITH ORDINALITY AS named (side, group_id, as_written, position)
           JOIN groups ON groups.group_id = named.group_id",
        id.0,
        &sides,
        &ids,
        &written
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a submitted letter's rows anew; final at posting (architecture: the version is the draft).
///
/// # Errors
/// The database's, with the constraint's name where a rule does not hold.
pub async fn write_letter(connection: &mut PgConnection, draft: &Locked, letter: &Letter) -> sqlx::Result<()> {
    let id = draft.statement_id;
    let sending = &letter.sending;
    let (letter_date, precision): (Option<NaiveDate>, Option<&str>) = match letter.letter_date {
        Some(date) => (Some(date.last_day()), Some(date.precision())),
        None => (None, None),
    };
    let done = sqlx::query!(
        "UPDATE statements SET title = $2, body = $3, purpose = $4, letter_date = $5, letter_date_precision = $6, received_on = $7, from_text = $8, to_text = $9,
                consensus = $10, consensus_link = $11, informed_on = coalesce($12, informed_on), delivery = $13, delivered_how = $14, delivered_on = $15, delivery_evidence = $16
          WHERE statement_id = $1 AND state = 'draft'",
        id.0,
        letter.title,
        letter.body,
        letter.purpose.as_str(),
        letter_date,
        precision,
        letter.received_on,
        letter.from_text(),
        letter.to_text(),
        sending.consensus.map(Consensus::as_str),
        sending.consensus_link,
        sending.informed_on,
        sending.delivery().as_str(),
        sending.delivered.as_ref().map_or("", |delivered| delivered.how.as_str()),
        sending.delivered.as_ref().and_then(|delivered| delivered.on),
        sending.delivered.as_ref().map_or("", |delivered| delivered.evidence.as_str())
    )
    .execute(&mut *connection)
    .await?;
    expect_one(done.rows_affected(), "statements", id)?;

    sqlx::query!("DELETE FROM statement_groups WHERE statement_id = $1", id.0).execute(&mut *connection).await?;
    for (side, addressees) in [(Side::From, &letter.from), (Side::To, &letter.to), (Side::Copy, &letter.copy), (Side::Also, &letter.also)] {
        for (position, addressee) in (1..).zip(addressees) {
            add_group(&mut *connection, id, side, position, addressee).await?;
        }
    }

    sqlx::query!("DELETE FROM contacts WHERE statement_id = $1", id.0).execute(&mut *connection).await?;
    let one = |mailbox: &Option<Mailbox>| mailbox.iter().cloned().collect::<Vec<_>>();
    let uses = [
        ("from", letter.from_contacts.clone()),
        ("to", letter.to_contacts.clone()),
        ("cc", letter.cc_contacts.clone()),
        ("received-from", one(&letter.received_from)),
        ("received-at", one(&letter.received_at)),
        ("send-to", one(&sending.send_to)),
        ("send-reply-to", one(&sending.send_reply_to)),
    ];
    for (usage, mailboxes) in uses {
        for (position, mailbox) in (1..).zip(&mailboxes) {
            add_contact(&mut *connection, id, usage, position, mailbox).await?;
        }
    }

    sqlx::query!("DELETE FROM statement_references WHERE statement_id = $1", id.0).execute(&mut *connection).await?;
    for (position, reference) in (1..).zip(&letter.references) {
        sqlx::query!(
            "INSERT INTO statement_references (statement_id, position, as_written, normal, given_by) VALUES ($1, $2, $3, $4, $5)",
            id.0,
            position,
            reference,
            references::normal(reference),
            letter.from.first().map_or("", |sender| sender.group.organization_label.as_str())
        )
        .execute(&mut *connection)
        .await?;
    }

    sqlx::query!("DELETE FROM relations WHERE statement_id = $1", id.0).execute(&mut *connection).await?;
    for answered in &letter.answers {
        let (earlier, words, kind) = match answered {
            Answered::Statement(earlier, number) => (Some(earlier.0), format!("Statement {number}"), sending.kept_kind(letter.direction, *number)),
            Answered::Words(words) => (None, words.clone(), None),
        };
        sqlx::query!(
            "INSERT INTO relations (statement_id, kind, earlier_id, words, reply_kind) VALUES ($1, 'in-response-to', $2, $3, $4) ON CONFLICT DO NOTHING",
            id.0,
            earlier,
            words,
            kind.map(ReplyKind::as_str)
        )
        .execute(&mut *connection)
        .await?;
    }
    if let Some((earlier, number)) = sending.replaces {
        sqlx::query!(
            "INSERT INTO relations (statement_id, kind, earlier_id, words) VALUES ($1, 'replaces', $2, $3) ON CONFLICT DO NOTHING",
            id.0,
            earlier.0,
            format!("Statement {number}")
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn add_group(connection: &mut PgConnection, id: StatementId, side: Side, position: i32, addressee: &Addressee) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label, purpose, asked, is_lead)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        side.as_str(),
        position,
        addressee.group.group_id.0,
        addressee.as_written,
        addressee.group.label,
        addressee.purpose.map(Purpose::as_str),
        addressee.asked,
        addressee.is_lead
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A typed address is a person's until it equals a stored role address or list; *received from* is a role address (domain.md 1).
async fn add_contact(connection: &mut PgConnection, id: StatementId, usage: &str, position: i32, mailbox: &Mailbox) -> sqlx::Result<()> {
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
        ON CONFLICT ON CONSTRAINT contact_stands_once DO NOTHING
        "#,
        id.0,
        usage,
        position,
        mailbox.name().unwrap_or_default(),
        mailbox.address().as_str(),
        mailbox.address().key()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these numbers are posted statements.
///
/// # Errors
/// The database's.
pub async fn posted_numbers(connection: &mut PgConnection, numbers: &[i32]) -> sqlx::Result<std::collections::BTreeMap<i32, StatementId>> {
    let rows = sqlx::query!(r#"SELECT number AS "number!", statement_id FROM statements WHERE number = ANY($1) AND state = 'posted'"#, numbers)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.number, StatementId(row.statement_id))).collect())
}

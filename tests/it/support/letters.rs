//! Posted statements of tests, put into the database as posting leaves them.

use chrono::{DateTime, Utc};
use liaison_tracker::App;
use liaison_tracker::ids::{PersonId, StatementId};
use liaison_tracker::statements::attachments::{self, AttachmentKind, Content, NewAttachment, Stored, Visibility};
use liaison_tracker::statements::store::files;

/// What is to stand in a posted statement; the rest is plain.
#[derive(Debug, Clone, Copy)]
pub struct Posted<'a> {
    pub number: i32,
    pub direction: &'a str,
    pub title: &'a str,
    pub body: &'a str,
    pub purpose: &'a str,
    pub from: &'a [&'a str],
    pub to: &'a [&'a str],
    pub author: Option<PersonId>,
}

impl Posted<'_> {
    /// From ITU-T SG11 to WIRE, for action.
    pub const INCOMING: Posted<'static> = Posted {
        number: 1914,
        direction: "incoming",
        title: "New work on Network Digital Twin",
        body: "Dear WIRE chairs,\r\n\r\nplease comment.\r\n",
        purpose: "for-action",
        from: &["itu-t-sg11"],
        to: &["wire"],
        author: None,
    };
}

/// Posts it now: statement, groups, an open action for each addressee, the line of history.
pub async fn posted(app: &App, new: Posted<'_>) -> StatementId {
    let now = app.clock.now();
    let mut transaction = app.pool.begin().await.expect("a transaction");
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO statements (draft_id, number, origin, direction, state, title, body, purpose, from_text, to_text, manager_text,
                                 made_at, changed_at, posted_at, author_id)
         VALUES ('draft-of-statement-number-' || $1::text, $1, 'native', $2, 'posted', $3, $4, $5, 'those', 'these', 'Ivo Manager', $6, $6, $6, $7)
         RETURNING statement_id",
    )
    .bind(new.number)
    .bind(new.direction)
    .bind(new.title)
    .bind(new.body)
    .bind(new.purpose)
    .bind(now)
    .bind(new.author.map(|id| id.0))
    .fetch_one(&mut *transaction)
    .await
    .expect("a statement");
    for (side, acronyms) in [("from", new.from), ("to", new.to)] {
        for (position, acronym) in (1i32..).zip(acronyms) {
            sqlx::query(
                "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label)
                 SELECT $1, $2, $3, group_id, label, label FROM groups WHERE acronym = $4",
            )
            .bind(id)
            .bind(side)
            .bind(position)
            .bind(acronym)
            .execute(&mut *transaction)
            .await
            .expect("a group of the statement");
        }
    }
    sqlx::query(
        "INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, made_at)
         SELECT statement_id, statement_group_id, group_id, $2, $3, $4 FROM statement_groups WHERE statement_id = $1 AND side = 'to' AND $2 <> 'in-response'",
    )
    .bind(id)
    .bind(new.purpose)
    .bind(if new.direction == "outgoing" { "awaited" } else { "open" })
    .bind(now)
    .execute(&mut *transaction)
    .await
    .expect("actions");
    transaction.commit().await.expect("it is posted");
    history(app, StatementId(id), now, "posted", "posted it", "public").await;
    StatementId(id)
}

/// A deadline of each of its actions.
pub async fn deadline(app: &App, id: StatementId, day: &str, kind: &str, is_current: bool) {
    sqlx::query(
        "INSERT INTO deadlines (action_id, due_on, words, kind, agreed_with, made_at, superseded_at)
         SELECT action_id, $2::text::date, CASE WHEN $3 = 'as-written' THEN 'by our next meeting' ELSE '' END, $3,
                CASE WHEN $3 = 'agreed' THEN 'ITU-T SG11' ELSE '' END, $4, CASE WHEN $5 THEN NULL ELSE $4 END
           FROM actions WHERE statement_id = $1",
    )
    .bind(id.0)
    .bind(day)
    .bind(kind)
    .bind(app.clock.now())
    .bind(is_current)
    .execute(&app.pool)
    .await
    .expect("a deadline");
}

/// An address of a statement; `sort` is `role`, `list` or `person`.
pub async fn contact(app: &App, id: StatementId, usage: &str, name: &str, address: &str, sort: &str) {
    sqlx::query("INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort) VALUES ($1, $2, 1, $3, $4, lower($4), $5)")
        .bind(id.0)
        .bind(usage)
        .bind(name)
        .bind(address)
        .bind(sort)
        .execute(&app.pool)
        .await
        .expect("a contact");
}

/// A later statement's relation to an earlier one.
pub async fn relation(app: &App, later: StatementId, kind: &str, earlier: StatementId, reply_kind: Option<&str>) {
    sqlx::query("INSERT INTO relations (statement_id, kind, earlier_id, reply_kind) VALUES ($1, $2, $3, $4)")
        .bind(later.0)
        .bind(kind)
        .bind(earlier.0)
        .bind(reply_kind)
        .execute(&app.pool)
        .await
        .expect("a relation");
}

/// A line of history.
pub async fn history(app: &App, id: StatementId, at: DateTime<Utc>, event: &str, words: &str, audience: &str) {
    sqlx::query(
        "INSERT INTO history (at, statement_id, actor_name, actor_role, event, words, audience) VALUES ($1, $2, 'Stella', 'secretariat', $3, $4, $5)",
    )
    .bind(at)
    .bind(id.0)
    .bind(event)
    .bind(words)
    .bind(audience)
    .execute(&app.pool)
    .await
    .expect("a line of history");
}

/// Stores bytes as an upload does.
pub async fn stored(app: &App, name: &str, bytes: &[u8]) -> Stored {
    // pieces of an odd size, as a network brings them
    let pieces: Vec<Result<bytes::Bytes, std::io::Error>> = bytes.chunks(7_919).map(|piece| Ok(bytes::Bytes::copy_from_slice(piece))).collect();
    let pieces = futures_util::stream::iter(pieces);
    attachments::receive(&app.pool, app.clock.now(), name, pieces, app.config.max_file_bytes).await.expect("it is stored")
}

/// Attaches a stored file; gives its number.
pub async fn attach(app: &App, id: StatementId, stored: &Stored, kind: AttachmentKind, visibility: Visibility) -> i32 {
    let new = NewAttachment { visibility, withheld_why: "not ours to publish", ..NewAttachment::public(kind, Content::File(stored)) };
    let mut connection = app.pool.acquire().await.expect("a connection");
    files::attach(&mut connection, id, &new, None, app.clock.now()).await.expect("it is attached")
}

/// Stores and attaches a public enclosure; gives its number.
pub async fn file(app: &App, id: StatementId, name: &str, bytes: &[u8]) -> i32 {
    let stored = stored(app, name, bytes).await;
    attach(app, id, &stored, AttachmentKind::Enclosure, Visibility::Public).await
}

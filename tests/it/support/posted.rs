//! Statements put straight into the tables, as posting or an import leaves them.

use liaison_tracker::App;
use sqlx::{PgConnection, Row};

/// A statement to be put in; groups by acronym.
#[derive(Debug, Clone)]
pub struct NewStatement<'a> {
    /// None: a draft, in review or abandoned.
    pub number: Option<i32>,
    pub state: &'a str,
    pub origin: &'a str,
    pub direction: &'a str,
    pub title: &'a str,
    pub body: &'a str,
    pub purpose: Option<&'a str>,
    /// ISO 8601, perhaps without day or month.
    pub letter_date: Option<&'a str>,
    /// Day of posting.
    pub posted: &'a str,
    pub from: &'a [&'a str],
    pub to: &'a [&'a str],
    /// Of the groups it is to, those that have one of their own; in their order.
    pub purposes: &'a [Option<&'a str>],
    pub copy: &'a [&'a str],
    pub references: &'a [&'a str],
}

/// An incoming one for information, from ITU-T SG11 to WIRE.
pub fn incoming(number: i32) -> NewStatement<'static> {
    NewStatement {
        number: Some(number),
        state: "posted",
        origin: "native",
        direction: "incoming",
        title: "On the framing of packets",
        body: "Dear colleagues,\r\n\r\nplease note our work.\r\n",
        purpose: Some("for-information"),
        letter_date: None,
        posted: "2026-10-05",
        from: &["itu-t-sg11"],
        to: &["wire"],
        purposes: &[],
        copy: &[],
        references: &[],
    }
}

/// What an addressee has to do.
#[derive(Debug, Clone, Copy)]
pub struct NewAction<'a> {
    pub group: &'a str,
    pub purpose: &'a str,
    pub state: &'a str,
    pub assignee: &'a str,
    pub due_on: Option<&'a str>,
    pub closed_on: Option<&'a str>,
}

/// Puts a statement in.
pub async fn put(app: &App, new: &NewStatement<'_>) -> i64 {
    let mut transaction = app.pool.begin().await.expect("a transaction");
    let statement_id = insert(&mut transaction, new).await;
    transaction.commit().await.unwrap_or_else(|error| panic!("{new:?}: {error}"));
    statement_id
}

async fn insert(connection: &mut PgConnection, new: &NewStatement<'_>) -> i64 {
    let date = new.letter_date.map(|text| liaison_tracker::dates::PartialDate::parse(text).expect("a date"));
    let statement_id: i64 = sqlx::query(
        "INSERT INTO statements (draft_id, number, state, origin, direction, title, body, purpose, letter_date, letter_date_precision,
                                 from_text, to_text, made_at, changed_at, posted_at)
         SELECT md5(random()::text), $1, $2, $3, $4, $5, $6, $7, $8, $9,
                (SELECT coalesce(string_agg(label, ', ' ORDER BY array_position($11, acronym)), '') FROM groups WHERE acronym = ANY($11)),
                (SELECT coalesce(string_agg(label, ', ' ORDER BY array_position($12, acronym)), '') FROM groups WHERE acronym = ANY($12)),
                $10::date, $10::date, CASE WHEN $2 IN ('posted', 'removed') THEN $10::date END
         RETURNING statement_id",
    )
    .bind(new.number)
    .bind(new.state)
    .bind(new.origin)
    .bind(new.direction)
    .bind(new.title)
    .bind(new.body)
    .bind(new.purpose)
    .bind(date.map(|date| date.last_day()))
    .bind(date.map(|date| date.precision()))
    .bind(new.posted.parse::<chrono::NaiveDate>().expect("a day"))
    .bind(new.from)
    .bind(new.to)
    .fetch_one(&mut *connection)
    .await
    .unwrap_or_else(|error| panic!("{new:?}: {error}"))
    .get(0);
    for (side, groups) in [("from", new.from), ("to", new.to), ("copy", new.copy)] {
        sqlx::query(
            "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label, purpose)
             SELECT $1, $2, array_position($3, acronym), group_id, label, label, ($4::text[])[array_position($3, acronym)]
               FROM groups WHERE acronym = ANY($3)",
        )
        .bind(statement_id)
        .bind(side)
        .bind(groups)
        .bind(if side == "to" { new.purposes } else { &[] })
        .execute(&mut *connection)
        .await
        .expect("groups");
    }
    for (position, reference) in (1i32..).zip(new.references) {
        sqlx::query("INSERT INTO statement_references (statement_id, position, as_written, normal, given_by) VALUES ($1, $2, $3, $4, '')")
            .bind(statement_id)
            .bind(position)
            .bind(reference)
            .bind(liaison_tracker::statements::references::normal(reference))
            .execute(&mut *connection)
            .await
            .expect("references");
    }
    statement_id
}

/// Gives an addressee of a statement something to do; `group` must be one of its to-groups.
pub async fn act(app: &App, statement_id: i64, new: NewAction<'_>) {
    let day = |text: Option<&str>| text.map(|text| text.parse::<chrono::NaiveDate>().expect("a day"));
    let action_id: i64 = sqlx::query_scalar(
        "INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, assignee_name, made_at, closed_at, words, paused_on)
         SELECT statement_id, statement_group_id, group_id, $3, $4, $5, '2026-01-01', $6::date,
                CASE WHEN $4 = 'closed-without-reply' THEN 'told in person' ELSE '' END, CASE WHEN $4 = 'waiting' THEN date '2026-01-02' END
           FROM statement_groups JOIN groups USING (group_id)
          WHERE statement_id = $1 AND side = 'to' AND acronym = $2
         RETURNING action_id",
    )
    .bind(statement_id)
    .bind(new.group)
    .bind(new.purpose)
    .bind(new.state)
    .bind(new.assignee)
    .bind(day(new.closed_on))
    .fetch_one(&app.pool)
    .await
    .expect("an action");
    if let Some(due_on) = day(new.due_on) {
        sqlx::query("INSERT INTO deadlines (action_id, due_on, kind, made_at) VALUES ($1, $2, 'as-written', '2026-01-01')")
            .bind(action_id)
            .bind(due_on)
            .execute(&app.pool)
            .await
            .expect("a deadline");
    }
}

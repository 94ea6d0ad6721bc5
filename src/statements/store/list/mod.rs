//! Lists of posted statements: filtered, searched, sorted five ways, paged by key.
//!
//! One query a page, whatever its length: first the keys of its rows from narrow tables, then the wide rows of these alone.

mod citing;
mod filter;
mod names;
mod rows;
mod search;

use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder};

pub use citing::citing;
pub use filter::{DueFrom, Filter, Key, Place, SortValue, Words};
pub use names::{Named, NamedGroup, group_named, named, title_of};

use crate::dates::PartialDate;
use crate::statements::status::{Action, Due, Facts, Remark, Reply};
use crate::statements::{Direction, Handling, Order, Purpose};

/// Rows a page has at most, beside those whose reference is exactly what was searched for.
pub const PAGE_ROWS: usize = 50;
/// Matches are counted up to here; beyond it is "more than".
pub const COUNTED: i64 = 1000;

/// So many of the first texts that hold all words of a phrase are read for it.
pub const PHRASE_CANDIDATES: usize = 1000;

/// A statement, as lists and the interface for programs show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// From whom, as it was at posting.
    pub from_text: String,
    /// To whom, as it was at posting.
    pub to_text: String,
    /// The date on the letter, as exact as it is known.
    pub letter_date: Option<PartialDate>,
    /// The letter's date, else the day of posting.
    pub sort_date: NaiveDate,
    /// What the list that was asked for sorts by.
    pub sort_value: SortValue,
    /// Whether one of its references is what was searched for.
    pub is_exact: bool,
    /// What its status follows from.
    pub facts: Facts,
}

impl Listed {
    /// Its place in the list that was asked for.
    pub fn key(&self) -> Key {
        Key { value: self.sort_value.clone(), number: self.number }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The rows, in the order to be shown.
    pub rows: Vec<Listed>,
    /// Whether there is a page before this one: newer ones, where the newest come first.
    pub has_newer: bool,
    /// Whether there is a page after this one.
    pub has_older: bool,
    /// How many match in all, where counting was cheap; more than [`COUNTED`] is one above it.
    pub count: Option<i64>,
    /// Whether older texts were not read for a phrase, beyond [`PHRASE_CANDIDATES`].
    pub is_cut: bool,
}

#[derive(FromRow)]
struct Row {
    found: Option<i64>,
    is_cut: bool,
    number: Option<i32>,
    is_exact: Option<bool>,
    title: Option<String>,
    direction: Option<String>,
    purpose: Option<String>,
    from_text: Option<String>,
    to_text: Option<String>,
    letter_date: Option<NaiveDate>,
    letter_date_precision: Option<String>,
    posted_on: Option<NaiveDate>,
    made_on: Option<NaiveDate>,
    sort_date: Option<NaiveDate>,
    sort_day: Option<NaiveDate>,
    sort_text: Option<String>,
    actions: Option<Json<Vec<ActionRow>>>,
    answers: Option<Vec<i32>>,
    replies: Option<Json<Vec<Reply>>>,
    replaced_by: Option<i32>,
}

/// An action as the query's JSON tells it.
#[derive(Debug, Deserialize)]
pub struct ActionRow {
    label: String,
    kind: String,
    purpose: Purpose,
    state: Handling,
    assignee: String,
    closed_on: Option<NaiveDate>,
    due_on: Option<NaiveDate>,
    is_ours: Option<bool>,
}

impl From<ActionRow> for Action {
    fn from(row: ActionRow) -> Self {
        Self {
            group_label: row.label,
            group_kind: row.kind,
            purpose: row.purpose,
            handling: row.state,
            due: row.due_on.map(|day| Due { day, is_ours: row.is_ours.unwrap_or_default() }),
            assignee: row.assignee,
            closed_on: row.closed_on,
            remark: Remark::default(),
        }
    }
}

impl Row {
    /// None: the one row that says how many were found where none is on this page.
    fn listed(self) -> Option<Listed> {
        let precision = self.letter_date_precision.unwrap_or_default();
        let (answered_by, preliminary) = self.replies.map(|replies| Reply::sorted(&replies)).unwrap_or_default();
        let facts = Facts {
            direction: Direction::parse(&self.direction?)?,
            purpose: self.purpose.as_deref().and_then(Purpose::parse),
            posted_on: self.posted_on,
            made_on: self.made_on?,
            answers: self.answers.unwrap_or_default(),
            answered_by,
            preliminary,
            replaced_by: self.replaced_by.map(|number| (number, None)),
            actions: self.actions.map(|actions| actions.0.into_iter().map(Action::from).collect()).unwrap_or_default(),
        };
        Some(Listed {
            number: self.number?,
            title: self.title?,
            from_text: self.from_text?,
            to_text: self.to_text?,
            letter_date: self.letter_date.and_then(|day| PartialDate::from_parts(day, &precision)),
            sort_date: self.sort_date?,
            sort_value: match (self.sort_day, self.sort_text) {
                (Some(day), _) => SortValue::Day(day),
                (None, text) => SortValue::Text(text.unwrap_or_default()),
            },
            is_exact: self.is_exact.unwrap_or_default(),
            facts,
        })
    }
}

/// What a page shows of each row of `listed` (statement_id, sort_day, sort_text, tie, is_exact), beside `totals` (found, is_cut).
const SHOWN: &str = "
SELECT totals.found, totals.is_cut, listed.is_exact, listed.sort_day, listed.sort_text, statements.number, statements.sort_date,
       statements.title, statements.direction, statements.purpose, statements.from_text, statements.to_text,
       statements.letter_date, statements.letter_date_precision,
       (statements.posted_at AT TIME ZONE 'UTC')::date AS posted_on,
       (statements.made_at AT TIME ZONE 'UTC')::date AS made_on,
       (SELECT json_agg(json_build_object(
                   'label', groups.label, 'kind', groups.kind,
                   'purpose', actions.purpose, 'state', actions.state,
                   'assignee', coalesce(people.name, actions.assignee_name),
                   'closed_on', (actions.closed_at AT TIME ZONE 'UTC')::date,
                   'due_on', deadlines.due_on, 'is_ours', deadlines.kind = 'ours') ORDER BY actions.action_id)
          FROM actions
          JOIN groups ON groups.group_id = actions.group_id
          LEFT JOIN people ON people.person_id = actions.assignee_id
          LEFT JOIN deadlines ON deadlines.action_id = actions.action_id AND deadlines.superseded_at IS NULL
         WHERE actions.statement_id = listed.statement_id) AS actions,
       (SELECT array_agg(earlier.number ORDER BY earlier.number)
          FROM relations
          JOIN statements AS earlier ON earlier.statement_id = relations.earlier_id
         WHERE relations.statement_id = listed.statement_id
           AND relations.kind = 'in-response-to' AND earlier.state = 'posted') AS answers,
       (SELECT json_agg(json_build_object('number', later.number, 'reply_kind', relations.reply_kind, 'day', later.sort_date)
                        ORDER BY later.sort_date, later.number)
          FROM relations
          JOIN statements AS later ON later.statement_id = relations.statement_id
         WHERE relations.earlier_id = listed.statement_id
           AND relations.kind = 'in-response-to'
           AND later.state = 'posted') AS replies,
       (SELECT max(later.number)
          FROM relations
          JOIN statements AS later ON later.statement_id = relations.statement_id
         WHERE relations.earlier_id = listed.statement_id
           AND relations.kind = 'replaces'
           AND later.state = 'posted') AS replaced_by
  FROM totals
  LEFT JOIN listed ON true
  LEFT JOIN statements ON statements.statement_id = listed.statement_id AND statements.state = 'posted'
 ORDER BY listed.is_exact DESC, ";

/// How much is read of what matches.
#[derive(Debug, Clone, Copy)]
pub enum Reach<'a> {
    /// The page of the filter's place.
    Page,
    /// All of it, whatever the place.
    Whole,
    /// What is among these.
    Among(&'a [i64]),
}

impl Reach<'_> {
    /// Behind LIMIT.
    fn limit(self, rows: usize) -> String {
        if matches!(self, Reach::Page) { rows.to_string() } else { "ALL".to_owned() }
    }

    /// A further condition on rows of a table.
    fn narrow(self, sql: &mut QueryBuilder<Postgres>, table: &str) {
        if let Reach::Among(these) = self {
            sql.push(format!(" AND {table}.statement_id = ANY (")).push_bind(these.to_vec()).push(")");
        }
    }
}

/// Keys of what matches in the list's order, whatever the filter's place: for downloads and feeds.
///
/// # Errors
/// The database's.
pub async fn keys(connection: &mut PgConnection, filter: &Filter, reach: Reach<'_>) -> sqlx::Result<Vec<i64>> {
    let filter = Filter { place: Place::Top, ..filter.clone() };
    let mut sql = matching(&filter, "WITH ", reach);
    sql.push(format!(" SELECT statement_id FROM listed ORDER BY is_exact DESC, {}", order(&filter)));
    sql.build_query_scalar().persistent(!filter.is_narrowed()).fetch_all(connection).await
}

/// A page of the list.
///
/// # Errors
/// The database's.
pub async fn list(pool: &PgPool, filter: &Filter) -> sqlx::Result<Found> {
    let mut sql = query(filter, "WITH ");
    // what narrows a list is rare or common: a plan made for any value would serve one of them badly
    let asked = sql.build_query_as::<Row>().persistent(!filter.is_narrowed());
    let rows = asked.fetch_all(pool).await?;
    let count = rows.first().and_then(|row| row.found);
    let is_cut = rows.first().is_some_and(|row| row.is_cut);
    let (exact, mut others): (Vec<Listed>, Vec<Listed>) = rows.into_iter().filter_map(Row::listed).partition(|row| row.is_exact);
    let has_more = others.len() > PAGE_ROWS;
    let (has_newer, has_older) = match filter.place {
        Place::Top => (false, has_more),
        _ if filter.is_back() => (has_more, true),
        _ => (true, has_more),
    };
    if has_more && filter.is_back() {
        others.remove(0);
    }
    others.truncate(PAGE_ROWS);
    let rows = if has_newer { others } else { exact.into_iter().chain(others).collect() };
    Ok(Found { rows, has_newer, has_older, count, is_cut })
}

/// The first of `SHOWN`'s rows, newest by the day of posting: for the home page and feeds.
///
/// # Errors
/// The database's.
pub async fn latest_posted(pool: &PgPool, limit: i64) -> sqlx::Result<Vec<Listed>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "WITH totals AS (SELECT NULL::bigint AS found, false AS is_cut),
              listed AS MATERIALIZED (
                  SELECT statement_id, posted_at::date AS sort_day, NULL AS sort_text, number AS tie, false AS is_exact
                    FROM statements
                   WHERE state = 'posted' AND posted_at IS NOT NULL
                   ORDER BY posted_at DESC, number DESC
                   LIMIT ",
    );
    sql.push(limit.clamp(1, 100)).push(")").push(SHOWN).push("listed.sort_day DESC, listed.tie DESC");
    Ok(sql.build_query_as::<Row>().fetch_all(pool).await?.into_iter().filter_map(Row::listed).collect())
}

/// How the database would find a page, as EXPLAIN says it in JSON.
///
/// # Errors
/// The database's.
pub async fn plan(pool: &PgPool, filter: &Filter) -> sqlx::Result<serde_json::Value> {
    query(filter, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) WITH ").build_query_scalar().fetch_one(pool).await
}

fn query(filter: &Filter, beginning: &str) -> QueryBuilder<Postgres> {
    let mut sql = matching(filter, beginning, Reach::Page);
    sql.push(SHOWN).push(order(filter));
    sql
}

/// Up to `listed` (statement_id, sort_day, sort_text, tie, is_exact).
fn matching(filter: &Filter, beginning: &str, reach: Reach<'_>) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(beginning);
    match &filter.words {
        None => rows::page(&mut sql, filter, reach),
        Some(words) => search::page(&mut sql, filter, words, reach),
    }
    sql
}

fn order(filter: &Filter) -> String {
    let order = if filter.order == Order::Ascending { "ASC" } else { "DESC" };
    format!("listed.sort_day {order}, listed.sort_text {order}, listed.tie {order}")
}

//! Lists of posted statements, newest first: by organization, direction and words, paged by key.
//!
//! One query a page, whatever its length. Search reads narrow hits first and wide rows only of the page shown: in one
//! SELECT the planner would walk the newest-first index and test every text (performance.md, traps).

use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder};

use crate::dates::PartialDate;
use crate::ids::GroupId;
use crate::statements::status::{Action, Due, Facts, Remark};
use crate::statements::{Direction, Handling, Purpose};

/// Rows a page has at most, beside those whose reference is exactly what was searched for.
pub const PAGE_ROWS: usize = 50;
/// Matches are counted up to here; beyond it is "more than".
pub const COUNTED: i64 = 1000;

/// So many of the newest texts that hold all words of a phrase are read for it.
pub const PHRASE_CANDIDATES: usize = 1000;

/// A place in the list: the row with this date and number. In addresses "2026-10-05.2281".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// What lists sort by.
    pub sort_date: NaiveDate,
    /// Decides between rows of one day.
    pub number: i32,
}

impl Key {
    /// Reads an address's key.
    pub fn parse(text: &str) -> Option<Self> {
        use chrono::Datelike;
        let (date, number) = text.split_once('.')?;
        let sort_date: NaiveDate = date.parse().ok()?;
        let number = number.parse().ok().filter(|number| *number > 0)?;
        (1..=9999).contains(&sort_date.year()).then_some(Self { sort_date, number })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.sort_date, self.number)
    }
}

/// Which page of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// The newest.
    #[default]
    Top,
    /// What is older than this row.
    Before(Key),
    /// What is newer than this row.
    After(Key),
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// As typed, without control characters.
    pub text: String,
    /// The same in the normal form of references.
    pub normal: String,
}

/// Which statements, which page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Words of title, references and text.
    pub words: Option<Words>,
    /// From, to or in copy: this group or one below it.
    pub group_id: Option<GroupId>,
    /// From the home organization or to it.
    pub direction: Option<Direction>,
    /// The page.
    pub place: Place,
}

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
    /// What the list sorts by.
    pub sort_date: NaiveDate,
    /// Whether one of its references is what was searched for.
    pub is_exact: bool,
    /// What its status follows from.
    pub facts: Facts,
}

impl Listed {
    /// Its place in the list.
    pub fn key(&self) -> Key {
        Key { sort_date: self.sort_date, number: self.number }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The rows, in the order to be shown.
    pub rows: Vec<Listed>,
    /// Whether there are newer ones.
    pub has_newer: bool,
    /// Whether there are older ones.
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
    actions: Option<Json<Vec<ActionRow>>>,
    answers: Option<Vec<i32>>,
    answered_by: Option<Vec<i32>>,
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
        let facts = Facts {
            direction: Direction::parse(&self.direction?)?,
            purpose: self.purpose.as_deref().and_then(Purpose::parse),
            posted_on: self.posted_on,
            made_on: self.made_on?,
            answers: self.answers.unwrap_or_default(),
            answered_by: self.answered_by.unwrap_or_default(),
            actions: self.actions.map(|actions| actions.0.into_iter().map(Action::from).collect()).unwrap_or_default(),
        };
        Some(Listed {
            number: self.number?,
            title: self.title?,
            from_text: self.from_text?,
            to_text: self.to_text?,
            letter_date: self.letter_date.and_then(|day| PartialDate::from_parts(day, &precision)),
            sort_date: self.sort_date?,
            is_exact: self.is_exact.unwrap_or_default(),
            facts,
        })
    }
}

/// What a page shows of each row of `listed` (statement_id, sort_date, number, is_exact), beside `totals` (found).
const SHOWN: &str = "
SELECT totals.found, totals.is_cut, listed.number, listed.is_exact, listed.sort_date,
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
       (SELECT array_agg(later.number ORDER BY later.sort_date, later.number)
          FROM relations
          JOIN statements AS later ON later.statement_id = relations.statement_id
         WHERE relations.earlier_id = listed.statement_id
           AND relations.kind = 'in-response-to' AND coalesce(relations.reply_kind, 'final') = 'final'
           AND later.state = 'posted') AS answered_by
  FROM totals
  LEFT JOIN listed ON true
  LEFT JOIN statements ON statements.statement_id = listed.statement_id AND statements.state = 'posted'
 ORDER BY listed.is_exact DESC, listed.sort_date DESC, listed.number DESC";

/// A page of the list.
///
/// # Errors
/// The database's.
pub async fn list(pool: &PgPool, filter: &Filter) -> sqlx::Result<Found> {
    let mut sql = query(filter, "WITH ");
    let rows = sql.build_query_as::<Row>().fetch_all(pool).await?;
    let count = rows.first().and_then(|row| row.found);
    let is_cut = rows.first().is_some_and(|row| row.is_cut);
    let (exact, mut others): (Vec<Listed>, Vec<Listed>) = rows.into_iter().filter_map(Row::listed).partition(|row| row.is_exact);
    let has_more = others.len() > PAGE_ROWS;
    let (has_newer, has_older) = match filter.place {
        Place::Top => (false, has_more),
        Place::Before(_) => (true, has_more),
        Place::After(_) => (has_more, true),
    };
    if has_more && matches!(filter.place, Place::After(_)) {
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
                  SELECT statement_id, posted_at::date AS sort_date, number, false AS is_exact
                    FROM statements
                   WHERE state = 'posted' AND posted_at IS NOT NULL
                   ORDER BY posted_at DESC, number DESC
                   LIMIT ",
    );
    sql.push(limit.clamp(1, 100)).push(")").push(SHOWN);
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
    let mut sql = QueryBuilder::new(beginning);
    match &filter.words {
        None => {
            sql.push("totals AS (SELECT NULL::bigint AS found, false AS is_cut), page AS MATERIALIZED (SELECT statement_id, sort_date, number FROM ");
            if let Some(group_id) = filter.group_id {
                sql.push("statement_places WHERE group_id = ").push_bind(group_id);
            } else {
                sql.push("statements WHERE state = 'posted'");
            }
            in_direction(&mut sql, filter, "direction");
            page(&mut sql, filter.place);
            sql.push("), listed AS (SELECT *, false AS is_exact FROM page)");
        }
        Some(words) => search(&mut sql, filter, words),
    }
    sql.push(SHOWN);
    sql
}

/// Hits first, from the narrow table alone; then the page of them.
fn search(sql: &mut QueryBuilder<Postgres>, filter: &Filter, words: &Words) {
    // a phrase reads each candidate's whole vector: first all its words by the index, then the newest of them word by word
    let may_hold_phrase = words.text.chars().any(|c| !c.is_alphanumeric() && !c.is_whitespace());
    sql.push(
        "asked AS MATERIALIZED (
             SELECT query,
                    CASE WHEN query::text ~ '!' THEN query
                         ELSE regexp_replace(query::text, '<(-|\\d+)>', '&', 'g')::tsquery END AS loose
               FROM websearch_to_tsquery('english', ",
    );
    sql.push_bind(words.text.replace('/', " "));
    sql.push(
        ") AS query),
         exact AS MATERIALIZED (
             SELECT DISTINCT statement_id, sort_date, number
               FROM statement_references
               JOIN statement_search USING (statement_id)
              WHERE normal = ",
    );
    sql.push_bind(words.normal.clone());
    narrowed(sql, filter);
    sql.push(
        " ORDER BY sort_date DESC, number DESC LIMIT 50),
         hits AS MATERIALIZED (
             SELECT statement_id, sort_date, number
               FROM statement_search
              WHERE words @@ (SELECT loose FROM asked)
                AND statement_id NOT IN (SELECT statement_id FROM exact)",
    );
    narrowed(sql, filter);
    if may_hold_phrase {
        sql.push("), newest AS MATERIALIZED (SELECT statement_id, sort_date, number FROM hits WHERE true");
        place(sql, filter.place, PHRASE_CANDIDATES);
        sql.push(
            "), page AS MATERIALIZED (
                 SELECT newest.*
                   FROM newest
                  WHERE (SELECT query = loose FROM asked)
                     OR (SELECT words @@ (SELECT query FROM asked)
                           FROM statement_search
                          WHERE statement_search.statement_id = newest.statement_id)
                  LIMIT 51)",
        );
        sql.push(
            ", totals AS (SELECT CASE WHEN (SELECT query = loose FROM asked)
                                      THEN (SELECT count(*) FROM (SELECT 1 FROM hits LIMIT 1001) AS counted)
                                           + (SELECT count(*) FROM exact) END AS found,
                                 (SELECT query <> loose FROM asked) AND (SELECT count(*) FROM newest) >= 1000
                                 AND (SELECT count(*) FROM page) < 51 AS is_cut)",
        );
    } else {
        sql.push("), page AS MATERIALIZED (SELECT statement_id, sort_date, number FROM hits WHERE true");
        page(sql, filter.place);
        sql.push(
            "), totals AS (SELECT (SELECT count(*) FROM (SELECT 1 FROM hits LIMIT 1001) AS counted)
                                  + (SELECT count(*) FROM exact) AS found, false AS is_cut)",
        );
    }
    sql.push(
        ", listed AS (SELECT page.*, false AS is_exact FROM page
                      UNION ALL
                      SELECT exact.*, true AS is_exact FROM exact)",
    );
}

/// Direction and organization, where the rows are those of `statement_search`.
fn narrowed(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    in_direction(sql, filter, "statement_search.direction");
    if let Some(group_id) = filter.group_id {
        sql.push(
            " AND EXISTS (SELECT 1 FROM statement_places
                           WHERE statement_places.statement_id = statement_search.statement_id AND statement_places.group_id = ",
        );
        sql.push_bind(group_id).push(")");
    }
}

fn in_direction(sql: &mut QueryBuilder<Postgres>, filter: &Filter, column: &'static str) {
    if let Some(direction) = filter.direction {
        sql.push(" AND ").push(column).push(" = ").push_bind(direction.as_str());
    }
}

/// One row more than a page has, so that it is known whether there are more.
fn page(sql: &mut QueryBuilder<Postgres>, at: Place) {
    place(sql, at, PAGE_ROWS + 1);
}

fn place(sql: &mut QueryBuilder<Postgres>, at: Place, limit: usize) {
    let (sign, key, order) = match at {
        Place::Top => ("", None, "DESC"),
        Place::Before(key) => ("<", Some(key), "DESC"),
        Place::After(key) => (">", Some(key), "ASC"),
    };
    if let Some(key) = key {
        sql.push(" AND (sort_date, number) ").push(sign).push(" (").push_bind(key.sort_date).push(", ").push_bind(key.number).push(")");
    }
    sql.push(format!(" ORDER BY sort_date {order}, number {order} LIMIT {limit}"));
}

/// A group somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedGroup {
    /// Its key.
    pub group_id: GroupId,
    /// Its acronym of today.
    pub acronym: String,
    /// How pages name it.
    pub label: String,
}

/// The group of that acronym, label or former acronym, in this order; case makes no difference.
///
/// # Errors
/// The database's.
pub async fn group_named(pool: &PgPool, name: &str) -> sqlx::Result<Option<NamedGroup>> {
    let row = sqlx::query!(
        r#"
        SELECT group_id AS "group_id!", acronym AS "acronym!", label AS "label!"
          FROM (SELECT 1 AS rank, group_id, acronym, label FROM groups WHERE lower(acronym) = lower($1)
                UNION ALL
                SELECT 2, group_id, acronym, label FROM groups WHERE lower(label) = lower($1)
                UNION ALL
                SELECT 3, groups.group_id, groups.acronym, groups.label
                  FROM group_names JOIN groups USING (group_id)
                 WHERE lower(group_names.acronym) = lower($1)) AS named
         ORDER BY rank, group_id
         LIMIT 1
        "#,
        name
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| NamedGroup { group_id: GroupId(row.group_id), acronym: row.acronym, label: row.label }))
}

/// The title of the posted statement of that number.
///
/// # Errors
/// The database's.
pub async fn title_of(pool: &PgPool, number: i32) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("SELECT title FROM statements WHERE number = $1 AND state = 'posted'", number).fetch_optional(pool).await
}

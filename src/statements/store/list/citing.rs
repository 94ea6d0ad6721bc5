//! The list of statements that cite a document.

use sqlx::{PgPool, Postgres, QueryBuilder};

use super::{Found, Listed, PAGE_ROWS, Place, Row, SHOWN, SortValue};

/// A page of the posted statements that cite a document, newest first.
///
/// # Errors
/// The database's.
pub async fn citing(pool: &PgPool, document: &str, place: &Place) -> sqlx::Result<Found> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "WITH totals AS (SELECT NULL::bigint AS found, false AS is_cut),
              listed AS MATERIALIZED (
                  SELECT statement_id, sort_date AS sort_day, NULL::text AS sort_text, number AS tie, false AS is_exact
                    FROM statement_documents
                   WHERE document = ",
    );
    sql.push_bind(document.to_owned());
    let (key, sign, order) = match place {
        Place::Top => (None, "", "DESC"),
        Place::Before(key) => (Some(key), "<", "DESC"),
        Place::After(key) => (Some(key), ">", "ASC"),
    };
    if let Some(key) = key
        && let SortValue::Day(day) = key.value
    {
        sql.push(format!(" AND (sort_date, number) {sign} (")).push_bind(day).push(", ").push_bind(key.number).push(")");
    }
    sql.push(format!(" ORDER BY sort_date {order}, number {order} LIMIT {})", PAGE_ROWS + 1));
    sql.push(SHOWN).push("listed.sort_day DESC, listed.tie DESC");
    let mut rows: Vec<Listed> = sql.build_query_as::<Row>().fetch_all(pool).await?.into_iter().filter_map(Row::listed).collect();
    let has_more = rows.len() > PAGE_ROWS;
    let is_back = matches!(place, Place::After(_));
    if has_more && is_back {
        rows.remove(0);
    }
    rows.truncate(PAGE_ROWS);
    let (has_newer, has_older) = match place {
        Place::Top => (false, has_more),
        Place::Before(_) => (true, has_more),
        Place::After(_) => (has_more, true),
    };
    Ok(Found { rows, has_newer, has_older, count: None, is_cut: false })
}

//! Lists by words: hits first, from a narrow table; then what else is asked; then the page of them.
//!
//! In one SELECT the planner would walk the newest-first index and test every text (performance.md, traps).

use sqlx::{Postgres, QueryBuilder};

use super::filter::{Filter, Words};
use super::rows::{self, Base};
use super::{PAGE_ROWS, PHRASE_CANDIDATES, Reach};

const WITH_WORDS: &str = "FROM statement_search WHERE words @@ (SELECT loose FROM asked)";
const CITING: &str = "FROM statement_search WHERE statement_id IN (SELECT statement_id FROM citing)";

/// `page`, `totals` and `listed` of a list with words: hits, and what cites a document that they name. Exact references stand first where the newest do.
pub fn page(sql: &mut QueryBuilder<Postgres>, filter: &Filter, words: &Words, reach: Reach<'_>) {
    // a phrase reads each candidate's whole vector: first all its words by the index, then the first of them word by word
    let may_hold_phrase = words.text.chars().any(|c| !c.is_alphanumeric() && !c.is_whitespace());
    let is_apart = filter.is_newest_first();
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
             SELECT statement_id, sort_date, number
               FROM (SELECT DISTINCT statement_search.statement_id, direction, sort_date, number
                       FROM statement_references
                       JOIN statement_search USING (statement_id)
                      WHERE normal = ",
    );
    sql.push_bind(words.normal.clone()).push(") AS found WHERE true");
    rows::conditions(sql, filter, Base::Found);
    reach.narrow(sql, "found");
    sql.push(" ORDER BY sort_date DESC, number DESC LIMIT 50), ");
    let cites = !words.documents.is_empty();
    if cites {
        sql.push("citing AS MATERIALIZED (SELECT statement_id FROM statement_documents WHERE document = ANY (").push_bind(words.documents.clone());
        sql.push(")), ");
    }
    let table = if filter.is_narrowed() {
        sql.push("found AS MATERIALIZED (SELECT statement_id, direction, sort_date, number ").push(WITH_WORDS);
        if cites {
            sql.push(" UNION SELECT statement_id, direction, sort_date, number ").push(CITING);
        }
        sql.push("), hits AS MATERIALIZED (SELECT statement_id, sort_date, number FROM found WHERE true");
        rows::conditions(sql, filter, Base::Found);
        reach.narrow(sql, "found");
        "found"
    } else {
        // a common word has very many: they are kept once
        sql.push("hits AS MATERIALIZED (SELECT statement_id, sort_date, number ").push(WITH_WORDS);
        reach.narrow(sql, "statement_search");
        if cites {
            if is_apart {
                sql.push(" AND statement_search.statement_id NOT IN (SELECT statement_id FROM exact)");
            }
            sql.push(" UNION SELECT statement_id, sort_date, number ").push(CITING);
            reach.narrow(sql, "statement_search");
        }
        "statement_search"
    };
    if is_apart {
        sql.push(format!(" AND {table}.statement_id NOT IN (SELECT statement_id FROM exact)"));
    } else {
        sql.push(" UNION SELECT * FROM exact");
    }
    let apart = if is_apart { " + (SELECT count(*) FROM exact)" } else { "" };
    if may_hold_phrase {
        sql.push("), first AS MATERIALIZED (");
        sorted(sql, filter, &reach.limit(PHRASE_CANDIDATES));
        sql.push(
            "), page AS MATERIALIZED (
                 SELECT first.*
                   FROM first
                  WHERE (SELECT query = loose FROM asked)
                     OR statement_id IN (SELECT statement_id FROM exact)
                     OR ",
        );
        sql.push(if cites { "statement_id IN (SELECT statement_id FROM citing)" } else { "false" });
        sql.push(
            "
                     OR (SELECT words @@ (SELECT query FROM asked)
                           FROM statement_search
                          WHERE statement_search.statement_id = first.statement_id)
                  LIMIT ",
        );
        sql.push(reach.limit(PAGE_ROWS + 1)).push(")");
        sql.push(format!(
            ", totals AS (SELECT CASE WHEN (SELECT query = loose FROM asked)
                                      THEN (SELECT count(*) FROM (SELECT 1 FROM hits LIMIT 1001) AS counted){apart} END AS found,
                                 (SELECT query <> loose FROM asked) AND (SELECT count(*) FROM first) >= {PHRASE_CANDIDATES}
                                 AND (SELECT count(*) FROM page) < 51 AS is_cut)"
        ));
    } else {
        sql.push("), page AS MATERIALIZED (");
        sorted(sql, filter, &reach.limit(PAGE_ROWS + 1));
        sql.push(format!("), totals AS (SELECT (SELECT count(*) FROM (SELECT 1 FROM hits LIMIT 1001) AS counted){apart} AS found, false AS is_cut)"));
    }
    sql.push(", listed AS (SELECT statement_id, ").push(rows::shown_value(filter)).push(", tie, false AS is_exact FROM page");
    if is_apart {
        sql.push(" UNION ALL SELECT statement_id, sort_date, NULL, number, true FROM exact");
    }
    sql.push(")");
}

/// Hits in the order of the list, from the page's place on.
fn sorted(sql: &mut QueryBuilder<Postgres>, filter: &Filter, limit: &str) {
    let (value, tie) = rows::columns(filter);
    let table = if value == "sort_date" { "hits" } else { "(SELECT statement_id FROM hits) AS hits JOIN statement_listing USING (statement_id)" };
    sql.push(format!("SELECT statement_id, {value} AS value, {tie} AS tie FROM {table} WHERE true"));
    rows::place(sql, filter, limit);
}

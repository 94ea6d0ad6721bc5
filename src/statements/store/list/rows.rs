//! The keys of a page's rows, from narrow tables whose indexes hold them in order.

use sqlx::{Postgres, QueryBuilder};

use super::filter::{Filter, Place, SortValue};
use super::{COUNTED, PAGE_ROWS, Reach};
use crate::ids::GroupId;
use crate::statements::{DueWhen, Order, Sort};

/// The table whose rows are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// One row a statement.
    Listing,
    /// One row a statement and group, on this side of it or, without one, on any.
    Places(Option<&'static str>, GroupId),
    /// One row a statement and addressee.
    Addressees,
    /// Hits of a search: `found`, with direction and date.
    Found,
}

impl Base {
    fn table(self) -> &'static str {
        match self {
            Self::Listing => "statement_listing",
            Self::Places(..) => "statement_places",
            Self::Addressees => "statement_addressees",
            Self::Found => "found",
        }
    }

    /// What holds the filtered rows in the order of their dates.
    fn by_date(filter: &Filter) -> Self {
        if asks_addressee(filter) {
            return Self::Addressees;
        }
        sides(filter).into_iter().find_map(|(side, group)| group.map(|group| Self::Places(side, group))).unwrap_or(Self::Listing)
    }
}

/// Each side, and the group asked for on it; the likely fewest first.
fn sides(filter: &Filter) -> [(Option<&'static str>, Option<GroupId>); 4] {
    [(Some("is_copy"), filter.copy), (Some("is_to"), filter.to), (Some("is_from"), filter.from), (None, filter.group_id)]
}

/// Whether something is asked of one addressee, rather than of the statement.
fn asks_addressee(filter: &Filter) -> bool {
    let of_any = filter.handling.is_some() || filter.assignee.is_some() || filter.due.is_some_and(|due| due.when != DueWhen::Never);
    of_any || filter.to.is_some() && (filter.purpose.is_some() || filter.due.is_some())
}

/// `page`, `totals` and `listed` of a list without words.
pub fn page(sql: &mut QueryBuilder<Postgres>, filter: &Filter, reach: Reach<'_>) {
    sql.push("totals AS (SELECT ");
    // counting is for those who look for something; all statements are many
    if matches!(reach, Reach::Page) && filter.is_narrowed() && filter.place == Place::Top {
        sql.push("(SELECT count(*) FROM (SELECT ");
        let base = Base::by_date(filter);
        if base == Base::Addressees {
            sql.push("DISTINCT ON (sort_date, number) ");
        }
        sql.push("sort_date, number FROM ").push(base.table()).push(" WHERE true");
        conditions(sql, filter, base);
        sql.push(" ORDER BY sort_date DESC, number DESC LIMIT ").push(COUNTED + 1).push(") AS counted)");
    } else {
        sql.push("NULL::bigint");
    }
    sql.push(" AS found, false AS is_cut), page AS MATERIALIZED (SELECT ");
    let base = if filter.sort == Sort::Date { Base::by_date(filter) } else { Base::Listing };
    let (value, tie) = columns(filter);
    if base == Base::Addressees {
        sql.push(format!("DISTINCT ON ({value}, {tie}) "));
    }
    sql.push(format!("statement_id, {value} AS value, {tie} AS tie FROM {} WHERE true", base.table()));
    conditions(sql, filter, base);
    reach.narrow(sql, base.table());
    place(sql, filter, &reach.limit(PAGE_ROWS + 1));
    sql.push("), listed AS (SELECT statement_id, ").push(shown_value(filter)).push(", tie, false AS is_exact FROM page)");
}

/// A value as `listed` has it: a day or a text.
pub fn shown_value(filter: &Filter) -> &'static str {
    match filter.sort {
        Sort::Date | Sort::Deadline => "value AS sort_day, NULL::text AS sort_text",
        Sort::Title | Sort::From | Sort::To => "NULL::date AS sort_day, value AS sort_text",
    }
}

/// What is sorted by, and what decides between equal ones. Where the list runs upward the newest of them come first.
pub fn columns(filter: &Filter) -> (&'static str, &'static str) {
    match (filter.sort, filter.order) {
        (Sort::Date, _) => ("sort_date", "number"),
        (Sort::Deadline, Order::Ascending) => ("deadline_first", "age"),
        (Sort::Deadline, Order::Descending) => ("deadline_last", "number"),
        (Sort::Title, _) => ("title_key", "age"),
        (Sort::From, _) => ("from_key", "age"),
        (Sort::To, _) => ("to_key", "age"),
    }
}

/// One page from its place on, nearest first.
pub fn place(sql: &mut QueryBuilder<Postgres>, filter: &Filter, limit: &str) {
    let (value, tie) = columns(filter);
    let (sign, key, direction) = match &filter.place {
        Place::Top if filter.order == Order::Ascending => ("", None, "ASC"),
        Place::Top => ("", None, "DESC"),
        Place::Before(key) => ("<", Some(key), "DESC"),
        Place::After(key) => (">", Some(key), "ASC"),
    };
    if let Some(key) = key {
        sql.push(format!(" AND ({value}, {tie}) {sign} ("));
        match &key.value {
            SortValue::Day(day) => sql.push_bind(*day),
            SortValue::Text(text) => sql.push_bind(text.clone()),
        };
        sql.push(", ").push_bind(if tie == "age" { -key.number } else { key.number }).push(")");
    }
    sql.push(format!(" ORDER BY {value} {direction}, {tie} {direction} LIMIT {limit}"));
}

/// Every condition of the filter, for rows of `base`.
pub fn conditions(sql: &mut QueryBuilder<Postgres>, filter: &Filter, base: Base) {
    let table = base.table();
    if let Some(direction) = filter.direction {
        sql.push(format!(" AND {table}.direction = ")).push_bind(direction.as_str());
    }
    if let Some(day) = filter.first_day {
        sql.push(format!(" AND {table}.sort_date >= ")).push_bind(day);
    }
    if let Some(day) = filter.last_day {
        sql.push(format!(" AND {table}.sort_date <= ")).push_bind(day);
    }
    whole(sql, filter, base);
    for (side, group) in sides(filter) {
        let Some(group) = group else { continue };
        // an addressee is at or below the group it was asked by
        if base == Base::Addressees && side == Some("is_to") {
            continue;
        }
        if base == Base::Places(side, group) {
            at_place(sql, side, group);
        } else if side != Some("is_to") || !asks_addressee(filter) {
            sql.push(format!(" AND {table}.statement_id IN (SELECT statement_places.statement_id FROM statement_places WHERE true"));
            at_place(sql, side, group);
            sql.push(")");
        }
    }
    if !asks_addressee(filter) {
        return;
    }
    if base == Base::Addressees {
        addressee(sql, filter);
    } else {
        sql.push(format!(" AND {table}.statement_id IN (SELECT statement_addressees.statement_id FROM statement_addressees WHERE true"));
        addressee(sql, filter);
        sql.push(")");
    }
}

/// What is asked of the statement as a whole: a purpose, or that nothing has a deadline.
fn whole(sql: &mut QueryBuilder<Postgres>, filter: &Filter, base: Base) {
    let table = base.table();
    if filter.to.is_some() {
        return;
    }
    if let Some(purpose) = filter.purpose {
        if base == Base::Found {
            sql.push(" AND found.statement_id IN (SELECT statement_listing.statement_id FROM statement_listing WHERE purpose = ");
            sql.push_bind(purpose.as_str()).push(")");
        } else {
            sql.push(format!(" AND {table}.purpose = ")).push_bind(purpose.as_str());
        }
    }
    if filter.due.is_some_and(|due| due.when == DueWhen::Never) {
        if base == Base::Listing {
            sql.push(" AND deadline IS NULL");
        } else {
            sql.push(format!(" AND {table}.statement_id IN (SELECT statement_listing.statement_id FROM statement_listing WHERE deadline IS NULL)"));
        }
    }
}

fn at_place(sql: &mut QueryBuilder<Postgres>, side: Option<&'static str>, group: GroupId) {
    sql.push(" AND statement_places.group_id = ").push_bind(group);
    if let Some(side) = side {
        sql.push(format!(" AND statement_places.{side}"));
    }
}

/// What is asked of one addressee; 0 is whoever it is.
fn addressee(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    sql.push(" AND statement_addressees.group_id = ").push_bind(filter.to.unwrap_or(GroupId(0)));
    if let (Some(purpose), Some(_)) = (filter.purpose, filter.to) {
        sql.push(" AND statement_addressees.purpose = ").push_bind(purpose.as_str());
    }
    if let Some(handling) = filter.handling {
        sql.push(" AND statement_addressees.handling = ").push_bind(handling.as_str());
    }
    if let Some(assignee) = &filter.assignee {
        sql.push(" AND statement_addressees.assignee <> '' AND statement_addressees.assignee = ").push_bind(assignee.clone());
    }
    let Some(due) = filter.due else { return };
    match due.when {
        DueWhen::Past => {
            sql.push(" AND is_open AND statement_addressees.handling IN ('open', 'in-progress') AND due_on <= ").push_bind(due.last_day());
        }
        DueWhen::Week | DueWhen::Month => {
            sql.push(" AND is_open AND due_on >= ").push_bind(due.today).push(" AND due_on <= ").push_bind(due.last_day());
        }
        DueWhen::Never if filter.to.is_some() => drop(sql.push(" AND due_on IS NULL")),
        DueWhen::Never => {}
    }
}

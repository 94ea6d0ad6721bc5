//! The addresses that are measured: one line each.

use sqlx::{PgConnection, Row};

use crate::http;

/// Filters of the list, each by itself; one that the product does not know changes nothing, and its figures are the list's.
pub const FILTERS: &[&str] = &[
    "q=zeppelinabsent",
    "organization=peer1",
    "organization=manyhome",
    "direction=incoming",
    "direction=outgoing",
    "from=peer1",
    "to=manyhome",
    "copy=manyhome",
    "purpose=for-action",
    "handling=open",
    "date-from=2010-01-01",
    "date-to=2010-12-31",
    "year=2010",
    "due=late",
    "assignee=nobody",
    "sort=number",
    "sort=title",
    "sort=from",
    "sort=due",
    "order=ascending",
];

/// Words to search for, and at most how many times the list's cost they may cause.
pub const SEARCHES: &[(&str, &str, f64)] = &[
    ("word in 25 %", "synchronization", 25.0),
    ("word in 3 %", "interconnection", 8.0),
    ("word in 0.1 %", "heliograph", 3.0),
    ("word in none", "zeppelinabsent", 1.5),
    ("phrase in 1 %", "\"synchronization interconnection\"", 25.0),
    ("phrase in all", "\"dear colleagues\"", 25.0),
    ("two words", "synchronization interconnection", 5.0),
];

/// Where the interface for calendars and feeds is, or will be.
pub const FEED: &str = "/statements.atom";
/// Where the whole list as CSV is.
pub const CSV: &str = "/statements.csv";

/// Rows of one database that addresses name.
#[derive(Debug, Clone)]
pub struct Facts {
    /// An incoming statement for action, among the newest, that no other answers.
    pub statement: i32,
    /// Place of the row in the middle of the list.
    pub middle: String,
    /// Place of the last row but one: one row is older.
    pub last_but_one: String,
}

impl Facts {
    /// Looks them up.
    pub async fn find(connection: &mut PgConnection) -> anyhow::Result<Self> {
        let row = sqlx::query(
            "SELECT (SELECT max(number) FROM statements
                      WHERE draft_id LIKE 'many-%' AND state = 'posted' AND direction = 'incoming' AND purpose = 'for-action'
                        AND NOT EXISTS (SELECT FROM relations WHERE relations.statement_id = statements.statement_id
                                                                 OR relations.earlier_id = statements.statement_id)),
                    (SELECT sort_date || '.' || number FROM statements WHERE state = 'posted' ORDER BY sort_date, number
                     OFFSET (SELECT count(*) / 2 FROM statements WHERE state = 'posted') LIMIT 1),
                    (SELECT sort_date || '.' || number FROM statements WHERE state = 'posted' ORDER BY sort_date, number OFFSET 1 LIMIT 1)",
        )
        .fetch_one(connection)
        .await?;
        Ok(Self { statement: row.try_get(0)?, middle: row.try_get(1)?, last_but_one: row.try_get(2)? })
    }
}

/// An address, and who asks.
#[derive(Debug, Clone)]
pub struct Page {
    /// For the table.
    pub name: String,
    /// Its path and query.
    pub path: String,
    /// Who signs in for it, by the demonstration's names.
    pub who: Option<&'static str>,
}

fn page(name: &str, path: impl Into<String>, who: Option<&'static str>) -> Page {
    Page { name: name.to_owned(), path: path.into(), who }
}

/// What must not grow with the number of statements.
pub fn growing(facts: &Facts) -> Vec<Page> {
    let filters = FILTERS.iter().map(|filter| page(&format!("list, {filter}"), format!("/statements?{filter}"), None));
    let mut pages = vec![page("list", "/statements", None)];
    pages.extend(filters);
    pages.extend([
        page("list, middle", format!("/statements?before={}", facts.middle), None),
        page("statement", format!("/statements/{}", facts.statement), None),
        page("desk of a chair", "/desk", Some("chair-nmop")),
        page("desk of a coordinator", "/desk", Some("coordinator")),
        page("home", "/", None),
        page("feed", FEED, None),
    ]);
    pages
}

/// Every page for everybody, and one signed in: what is sent of them.
pub fn sent(facts: &Facts) -> Vec<Page> {
    vec![
        page("home", "/", None),
        page("list", "/statements", None),
        page("list, middle", format!("/statements?before={}", facts.middle), None),
        page("search", "/statements?q=synchronization", None),
        page("statement", format!("/statements/{}", facts.statement), None),
        page("statement of the demonstration", "/statements/1983", None),
        page("organizations", "/organizations", None),
        page("organization", "/organizations/itu-t", None),
        page("group", "/groups/nmop", None),
        page("relationships", "/relationships", None),
        page("help", "/help", None),
        page("interface for programs", "/api", None),
        page("sign in", "/sign-in", None),
        page("desk", "/desk", Some("chair-nmop")),
        page("form of an incoming statement", "/statements/incoming/new", Some("chair-nmop")),
    ]
}

/// The address of a search.
pub fn search(words: &str) -> String {
    format!("/statements?q={}", http::encoded(words))
}

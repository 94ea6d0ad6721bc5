//! Lists of posted statements, and the home page.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use liaison_tracker::ids::GroupId;
use liaison_tracker::statements::store::list::{self, DueFrom, Filter, Place, SortValue, Words};
use liaison_tracker::statements::{Direction, DueWhen, Handling, Order, Purpose, Sort};
use serde_json::Value;
use sqlx::PgPool;

use crate::support::many::many;
use crate::support::people::{World, world};
use crate::support::posted::{NewAction, NewStatement, act, incoming, put};
use crate::support::queries::count;
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-11-25T10:00:00Z";

async fn begin() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = world(&service).await;
    (service, world)
}

fn numbers(visitor: &Visitor) -> Vec<String> {
    visitor.page.texts("td.register-number").iter().map(|text| text.replace("Statement ", "")).collect()
}

async fn listed(service: &TestService, path: &str) -> Vec<String> {
    let mut visitor = service.visitor();
    visitor.get(path).await;
    visitor.assert_status(200);
    numbers(&visitor)
}

#[tokio::test]
async fn what_is_not_posted_is_nowhere() {
    let (service, _) = begin().await;
    for (number, state, title) in [
        (None, "draft", "Zebra draft"),
        (None, "in-review", "Zebra in review"),
        (None, "abandoned", "Zebra abandoned"),
        (None, "deleted", "Zebra deleted"),
        (Some(7), "removed", "Zebra removed"),
        (Some(8), "posted", "Zebra posted"),
    ] {
        put(&service.app, &NewStatement { number, state, title, references: &["ZEB-1"], ..incoming(0) }).await;
    }
    let mut visitor = service.visitor();

    for path in [
        "/statements",
        "/statements?q=zebra",
        "/statements?q=ZEB-1",
        "/statements?q=7",
        "/statements?organization=itu-t",
        "/statements?organization=wire&direction=incoming&q=zebra",
        "/",
        "/api/v1/statements",
        "/api/v1/statements?q=zebra",
        "/statements.csv?q=zebra",
        "/statements.json",
        "/statements.atom?organization=itu-t",
    ] {
        visitor.get(path).await;
        visitor.assert_status(200);
        for title in ["Zebra draft", "Zebra in review", "Zebra abandoned", "Zebra deleted", "Zebra removed"] {
            visitor.assert_silent(title);
        }
        if path != "/statements?q=7" {
            visitor.assert_says("Zebra posted");
        }
    }
    visitor.get("/statements?q=zebra").await;
    visitor.assert_says("1 statement");
    visitor.get("/").await;
    visitor.assert_says("ITU-T 1");
}

#[tokio::test]
async fn what_is_removed_later_leaves_every_list() {
    let (service, _) = begin().await;
    let id = put(&service.app, &NewStatement { title: "Heliograph", ..incoming(1) }).await;
    assert_eq!(listed(&service, "/statements?q=heliograph&organization=itu-t").await, ["1"]);

    sqlx::query("UPDATE statements SET state = 'removed' WHERE statement_id = $1").bind(id).execute(&service.app.pool).await.unwrap();

    for path in ["/statements", "/statements?q=heliograph", "/statements?organization=itu-t"] {
        assert_eq!(listed(&service, path).await, [""; 0], "{path}");
    }
}

#[tokio::test]
async fn an_organization_is_listed_with_all_below_it_on_either_side() {
    let (service, _) = begin().await;
    put(&service.app, &NewStatement { from: &["itu-t-sg15-q14"], copy: &["keys"], ..incoming(1) }).await;
    put(&service.app, &NewStatement { from: &["3gpp-sa3"], to: &["mesh", "bench"], ..incoming(2) }).await;
    put(&service.app, &NewStatement { direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], ..incoming(3) }).await;

    for (query, expected) in [
        ("organization=itu-t", vec!["3", "1"]),
        ("organization=ITU-T", vec!["3", "1"]),
        ("organization=itu-t-sg15", vec!["1"]),
        ("organization=ITU-T+SG15+Q14", vec!["1"]),
        ("organization=itu-t-sg13", vec![]),
        ("organization=3gpp", vec!["2"]),
        ("organization=sec", vec!["1"]),
        ("organization=net", vec!["3", "2", "1"]),
        ("organization=ietf&direction=outgoing", vec!["3"]),
        ("organization=itu-t&direction=incoming", vec!["1"]),
        ("direction=incoming", vec!["2", "1"]),
        ("direction=between-others", vec![]),
        ("organization=itu-t&q=framing&direction=outgoing", vec!["3"]),
    ] {
        assert_eq!(listed(&service, &format!("/statements?{query}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_former_acronym_still_lists_its_group() {
    let (service, world) = begin().await;
    put(&service.app, &incoming(1)).await;
    sqlx::query("INSERT INTO group_names (group_id, acronym) VALUES ($1, 'itu-t-sg7')")
        .bind(world.group("itu-t-sg11"))
        .execute(&service.app.pool)
        .await
        .unwrap();

    assert_eq!(listed(&service, "/statements?organization=itu-t-sg7").await, ["1"]);
}

#[tokio::test]
async fn a_group_that_moves_takes_its_statements_along() {
    let (service, world) = begin().await;
    put(&service.app, &incoming(1)).await;
    assert_eq!(listed(&service, "/statements?organization=sec").await, [""; 0]);

    sqlx::query("UPDATE groups SET parent_id = $2 WHERE group_id = $1")
        .bind(world.group("wire"))
        .bind(world.group("sec"))
        .execute(&service.app.pool)
        .await
        .unwrap();

    assert_eq!(listed(&service, "/statements?organization=sec").await, ["1"]);
    assert_eq!(listed(&service, "/statements?organization=net").await, [""; 0]);
}

/// 137 posted statements, seven a day, some dated by month or not at all.
async fn put_137(service: &TestService) -> Vec<i32> {
    let first: NaiveDate = "2026-01-31".parse().unwrap();
    let mut expected = Vec::new();
    for number in 1i32..=137 {
        let day = first + Days::new(u64::from(number.unsigned_abs() * 37 % 20));
        let text = if number % 10 == 0 { "2026-01".to_owned() } else { day.to_string() };
        put(
            &service.app,
            &NewStatement {
                letter_date: (number % 7 != 0).then_some(text.as_str()),
                posted: &day.to_string(),
                title: if number % 2 == 0 { "Even" } else { "Odd" },
                ..incoming(number)
            },
        )
        .await;
        expected.push((if number % 10 == 0 && number % 7 != 0 { first } else { day }, number));
    }
    expected.sort_unstable();
    expected.into_iter().rev().map(|(_, number)| number).collect()
}

#[tokio::test]
async fn paging_shows_every_statement_once_in_order_both_ways() {
    let (service, _) = begin().await;
    let expected = put_137(&service).await;
    let text = |numbers: &[i32]| numbers.iter().map(i32::to_string).collect::<Vec<_>>();
    let even: Vec<i32> = expected.iter().copied().filter(|number| number % 2 == 0).collect();

    for (path, expected) in [("/statements", &expected), ("/statements?organization=itu-t", &expected), ("/statements?q=even", &even)] {
        let mut visitor = service.visitor();
        visitor.get(path).await;
        let mut seen = numbers(&visitor);
        while visitor.page.texts("a[rel=next]") == ["Older"] {
            visitor.click("Older").await;
            seen.extend(numbers(&visitor));
        }
        assert_eq!(seen, text(expected), "{path} forth");

        let mut pages = vec![numbers(&visitor)];
        while visitor.page.texts("a[rel=prev]") == ["Newer"] {
            visitor.click("Newer").await;
            pages.push(numbers(&visitor));
        }
        let seen: Vec<String> = pages.into_iter().rev().flatten().collect();
        assert_eq!(seen, text(expected), "{path} back");
    }
}

#[tokio::test]
async fn a_page_says_in_its_title_where_it_is() {
    let (service, _) = begin().await;
    put_137(&service).await;
    let mut visitor = service.visitor();

    visitor.get("/statements?q=on").await;
    visitor.get("/statements").await;
    assert_eq!(visitor.page.texts("title"), ["Statements – Liaison Tracker"]);
    assert_eq!(numbers(&visitor).len(), 50);
    let last = numbers(&visitor)[49].clone();
    visitor.click("Older").await;
    assert_eq!(visitor.page.texts("title"), [format!("Statements, older than Statement {last} – Liaison Tracker")]);
}

#[tokio::test]
async fn a_page_beyond_the_last_leads_back() {
    let (service, _) = begin().await;
    put(&service.app, &incoming(1)).await;
    let mut visitor = service.visitor();

    visitor.get("/statements?before=1990-01-01.1").await;
    visitor.assert_says("No statements match");
    visitor.click("Newer").await;
    assert_eq!(numbers(&visitor), ["1"]);
}

#[tokio::test]
async fn what_is_not_known_is_ignored_with_a_notice() {
    let (service, _) = begin().await;
    put(&service.app, &incoming(1)).await;
    let mut visitor = service.visitor();

    for (query, notice) in [
        ("organization=nobody", "“nobody” is not a group we know, so it was ignored."),
        ("direction=sideways", "“sideways” is not a direction, so it was ignored."),
        ("before=-1", "“-1” is no place in this list, so it was ignored."),
        ("year=99999999999", "“99999999999” is not a year, so it was ignored."),
        ("state=open", "“state” is nothing this list can be filtered by, so it was ignored."),
        ("purpose=fun", "“fun” is not a purpose, so it was ignored."),
        ("handling=lost", "“lost” is not a way to handle a statement, so it was ignored."),
        ("due=soon", "“soon” is not a time for deadlines, so it was ignored."),
        ("sort=number", "“number” is not something this list can be sorted by, so it was ignored."),
        ("order=up", "“up” is not an order, so it was ignored."),
        ("date-from=soon", "“soon” is not a day, month or year we can read, so it was ignored."),
        ("to=nobody", "“nobody” is not a group we know, so it was ignored."),
        ("assignee=Carol+Chair", "Who sees to a statement is told to role-holders only, so “assignee” was ignored."),
        ("q=%3A%2A%26%21()", "“:*&!()” holds no word to search for, so it was ignored."),
    ] {
        visitor.get(&format!("/statements?{query}")).await;
        visitor.assert_status(200).assert_says(notice);
        assert_eq!(numbers(&visitor), ["1"], "{query}");
    }
    visitor.get("/statements?q=&direction=&from=&to=&copy=&organization=&purpose=&handling=&date-from=&date-to=&year=&due=&assignee=&sort=&order=&before=&after=").await;
    assert_eq!(visitor.page.texts(".banner"), [""; 0]);
}

#[tokio::test]
async fn filters_are_chips_that_can_be_removed() {
    let (service, _) = begin().await;
    put(&service.app, &incoming(1)).await;
    let mut visitor = service.visitor();

    visitor.get("/statements").await;
    visitor.submit("Apply", &[("Words or reference", "zebra"), ("Organization or group", "ITU-T SG11; "), ("Direction", "Incoming")]).await;
    visitor
        .assert_at("/statements")
        .assert_says("No statements match. Remove a filter: “zebra”, ITU-T SG11 and below, Incoming, or see all statements.");
    assert_eq!(visitor.page.texts(".chip"), ["“zebra” ✕remove", "ITU-T SG11 and below ✕remove", "Incoming ✕remove"]);

    visitor.get("/statements?organization=itu-t-sg11&direction=incoming").await;
    assert_eq!(numbers(&visitor), ["1"]);
    visitor.assert_says("1 statement");
}

#[tokio::test]
async fn names_and_lateness_are_for_role_holders() {
    let (service, world) = begin().await;
    let late = put(&service.app, &NewStatement { purpose: Some("for-action"), ..incoming(1) }).await;
    let action =
        NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "Carol Chair", due_on: Some("2026-11-21"), closed_on: None };
    act(&service.app, late, action).await;
    let soon = put(&service.app, &NewStatement { purpose: Some("for-action"), to: &["mesh"], ..incoming(2) }).await;
    act(&service.app, soon, NewAction { group: "mesh", assignee: "", due_on: Some("2026-12-05"), ..action }).await;
    let states = |visitor: &Visitor| visitor.page.texts("td.register-state");
    let deadlines = |visitor: &Visitor| visitor.page.texts("td.register-deadline");

    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements").await;
    assert_eq!(states(&chair), ["Action needed Nobody has taken it yet (chairs of MESH)", "Late, 4 days With Carol Chair"]);
    assert_eq!(deadlines(&chair), ["Due Sat 5 Dec 2026 in 10 days", "Due Sat 21 Nov 2026 4 days ago"]);

    for mut visitor in [service.visitor(), service.as_person(&world.outsider).await] {
        visitor.get("/statements").await;
        assert_eq!(states(&visitor), ["Action needed Nobody has taken it yet (chairs of MESH)", "Reply asked for With the chairs of WIRE"]);
        assert_eq!(deadlines(&visitor), ["Due Sat 5 Dec 2026 in 10 days", "Due Sat 21 Nov 2026"]);
        visitor.assert_silent("Carol Chair");
        visitor.get("/").await;
        visitor.assert_says("Sat 5 Dec 2026, in 10 days · ITU-T SG11 → MESH").assert_silent("nobody has taken it yet");
    }
    chair.get("/").await;
    chair.assert_says("Sat 5 Dec 2026, in 10 days · ITU-T SG11 → MESH · nobody has taken it yet");
}

#[tokio::test]
async fn an_imported_statement_may_lack_anything() {
    let (service, _) = begin().await;
    let odd = NewStatement {
        origin: "imported",
        direction: "between-others",
        purpose: None,
        letter_date: Some("1995-01"),
        from: &["3gpp"],
        to: &["itu-t"],
        ..incoming(1)
    };
    put(&service.app, &odd).await;
    put(&service.app, &NewStatement { letter_date: Some("1996"), from: &[], to: &[], purpose: Some("for-comment"), ..odd }.clone_with(2)).await;
    let mut visitor = service.visitor();

    visitor.get("/statements").await;

    assert_eq!(visitor.page.texts("td.register-title .detail"), ["→ · For Comment · 1996", "3GPP → ITU-T · Not recorded · January 1995"]);
    visitor.get("/api/v1/statements").await;
    visitor.assert_status(200);
}

impl NewStatement<'_> {
    fn clone_with(&self, number: i32) -> Self {
        Self { number: Some(number), ..self.clone() }
    }
}

#[tokio::test]
async fn only_who_may_record_is_offered_it() {
    let (service, world) = begin().await;

    for (person, offered) in [
        (None, vec![]),
        (Some(&world.outsider), vec![]),
        (Some(&world.iab_member), vec![]),
        (Some(&world.iab_chair), vec!["Record incoming"]),
        (Some(&world.chair), vec!["Record incoming"]),
        (Some(&world.manager_itu_t), vec!["Record incoming"]),
        (Some(&world.secretariat), vec!["Record incoming"]),
    ] {
        let mut visitor = match person {
            Some(person) => service.as_person(person).await,
            None => service.visitor(),
        };
        visitor.get("/statements").await;
        assert_eq!(visitor.page.texts(".page-head a"), offered, "{person:?}");
        visitor.get("/").await;
        // to record one, and to draft one
        assert_eq!(visitor.page.texts(".page-head a").len(), offered.len() * 2, "{person:?}");
    }
}

#[tokio::test]
async fn a_page_asks_the_database_as_often_for_fifty_rows_as_for_one() {
    let (service, _) = begin().await;
    let mut visitor = service.visitor();
    let paths = [
        ("/statements", 1),
        ("/statements?organization=itu-t", 2),
        ("/statements?q=framing", 1),
        ("/statements?q=1&organization=itu-t&direction=incoming", 3),
        ("/", 3),
        ("/api/v1/statements", 1),
        ("/api/v1/statements/1", 1),
    ];
    for number in 1..=60 {
        let id = put(&service.app, &NewStatement { purpose: Some("for-action"), ..incoming(number) }).await;
        act(
            &service.app,
            id,
            NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "", due_on: Some("2026-12-01"), closed_on: None },
        )
        .await;
        if number == 1 || number == 60 {
            for (path, expected) in paths {
                let (_, queries) = count(visitor.get(path)).await;
                visitor.assert_status(200);
                assert_eq!(queries.len(), expected, "{path} with {number} rows: {queries:#?}");
            }
        }
    }
}

/// Every scan of a plan: its kind, and of what.
fn scans(plan: &Value, found: &mut BTreeSet<(String, String)>) {
    if let (Some(kind), Some(table)) = (plan["Node Type"].as_str(), plan["Relation Name"].as_str()) {
        found.insert((kind.to_owned(), table.to_owned()));
    }
    for part in plan["Plans"].as_array().into_iter().flatten() {
        scans(part, found);
    }
}

fn buffers(plan: &Value) -> i64 {
    ["Shared Hit Blocks", "Shared Read Blocks"].iter().filter_map(|name| plan["Plan"][*name].as_i64()).sum()
}

/// How often what is asked for is found, so that what lists cost is judged by it.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    /// More than a page.
    Often,
    /// Hardly ever: another index, or more to be read for each row that is found.
    Rarely,
}

async fn filters(pool: &PgPool) -> Vec<(&'static str, Found, Filter)> {
    use Found::{Often, Rarely};
    let group = async |name: &str| list::group_named(pool, name).await.unwrap().map(|group| group.group_id);
    let busiest = "SELECT group_id FROM statement_places JOIN groups USING (group_id) WHERE acronym ^@ $1 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1";
    let busiest = async |start: &str| sqlx::query_scalar(busiest).bind(start).fetch_optional(pool).await.unwrap().map(GroupId);
    let quietest = "SELECT group_id FROM statement_places JOIN groups USING (group_id) WHERE acronym ^@ $1 GROUP BY 1 ORDER BY count(*) LIMIT 1";
    let quietest = async |start: &str| sqlx::query_scalar(quietest).bind(start).fetch_optional(pool).await.unwrap().map(GroupId);
    let words =
        |text: &str| Some(Words { text: text.to_owned(), normal: liaison_tracker::statements::references::normal(text), documents: Vec::new() });
    let all = Filter::default();
    let home = group("manyhome").await;
    let peer = busiest("peer").await;
    let quiet = quietest("sg").await;
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    // the newest of many.sql are of this month; what is open is of the year before it
    let today: NaiveDate = "2025-11-01".parse().unwrap();
    let due = |when| Some(DueFrom { when, today });
    let person = Some("many person 1".to_owned());
    let middle = list::list(pool, &all).await.unwrap().rows.last().unwrap().key();
    let back = list::Key { value: SortValue::Day("2001-01-01".parse().unwrap()), number: 1 };
    let mut filters = vec![
        ("newest", Often, all.clone()),
        ("deep", Often, Filter { place: Place::Before(middle), ..all.clone() }),
        ("back", Often, Filter { place: Place::After(back), ..all.clone() }),
        ("direction", Often, Filter { direction: Some(Direction::Outgoing), ..all.clone() }),
        ("a rare direction", Rarely, Filter { direction: Some(Direction::BetweenOthers), ..all.clone() }),
        ("the whole home", Often, Filter { group_id: home, ..all.clone() }),
        ("a peer", Often, Filter { group_id: peer, ..all.clone() }),
        ("a group", Often, Filter { group_id: busiest("sg").await, direction: Some(Direction::Incoming), ..all.clone() }),
        ("a quiet group", Rarely, Filter { group_id: quiet, ..all.clone() }),
        ("from home", Often, Filter { from: home, ..all.clone() }),
        ("from a peer", Often, Filter { from: peer, ..all.clone() }),
        ("to home", Often, Filter { to: home, ..all.clone() }),
        ("in copy", Often, Filter { copy: home, ..all.clone() }),
        ("in copy, never", Rarely, Filter { copy: peer, ..all.clone() }),
        ("purpose", Often, Filter { purpose: Some(Purpose::ForAction), ..all.clone() }),
        ("a rare purpose", Rarely, Filter { purpose: Some(Purpose::Other), ..all.clone() }),
        ("handling", Often, Filter { handling: Some(Handling::Responded), ..all.clone() }),
        ("handling: open", Often, Filter { handling: Some(Handling::Open), ..all.clone() }),
        ("a rare handling", Rarely, Filter { handling: Some(Handling::RecordedTwice), ..all.clone() }),
        ("a year", Often, Filter { first_day: day("2010-01-01"), last_day: day("2010-12-31"), ..all.clone() }),
        ("before a year", Often, Filter { last_day: day("1999-12-31"), ..all.clone() }),
        ("a year without any", Rarely, Filter { first_day: day("1980-01-01"), last_day: day("1980-12-31"), ..all.clone() }),
        ("past", Often, Filter { due: due(DueWhen::Past), ..all.clone() }),
        ("within a week", Rarely, Filter { due: due(DueWhen::Week), ..all.clone() }),
        ("within a month", Rarely, Filter { due: due(DueWhen::Month), ..all.clone() }),
        ("no deadline", Often, Filter { due: due(DueWhen::Never), ..all.clone() }),
        ("assignee", Rarely, Filter { assignee: person.clone(), ..all.clone() }),
        ("nobody's", Rarely, Filter { assignee: Some("nobody at all".to_owned()), ..all.clone() }),
        ("to, purpose", Often, Filter { to: home, purpose: Some(Purpose::ForAction), ..all.clone() }),
        ("to, a rare purpose", Rarely, Filter { to: home, purpose: Some(Purpose::Other), ..all.clone() }),
        ("to a quiet one, purpose", Rarely, Filter { to: quiet, purpose: Some(Purpose::ForAction), ..all.clone() }),
        ("to, handling", Often, Filter { to: home, handling: Some(Handling::Responded), ..all.clone() }),
        ("to, a rare handling", Rarely, Filter { to: home, handling: Some(Handling::RecordedTwice), ..all.clone() }),
        ("to, no deadline", Often, Filter { to: home, due: due(DueWhen::Never), ..all.clone() }),
        ("to, past, purpose", Often, Filter { to: home, purpose: Some(Purpose::ForAction), due: due(DueWhen::Past), ..all.clone() }),
        ("organization, purpose", Often, Filter { group_id: peer, purpose: Some(Purpose::InResponse), ..all.clone() }),
        ("organization, a rare purpose", Rarely, Filter { group_id: home, purpose: Some(Purpose::Other), ..all.clone() }),
        ("from, to, year", Rarely, Filter { from: peer, to: home, first_day: day("2010-01-01"), last_day: day("2010-12-31"), ..all.clone() }),
        ("a quiet group, handling", Rarely, Filter { group_id: quiet, handling: Some(Handling::Responded), ..all.clone() }),
        ("direction, a rare purpose", Rarely, Filter { direction: Some(Direction::BetweenOthers), purpose: Some(Purpose::Other), ..all.clone() }),
        (
            "by title, a rare handling",
            Rarely,
            Filter { sort: Sort::Title, order: Order::Ascending, handling: Some(Handling::RecordedTwice), ..all.clone() },
        ),
        ("by title, a quiet group", Rarely, Filter { sort: Sort::Title, order: Order::Ascending, group_id: quiet, ..all.clone() }),
        ("by deadline, to home", Rarely, Filter { sort: Sort::Deadline, order: Order::Descending, to: home, ..all.clone() }),
        ("by from, purpose", Rarely, Filter { sort: Sort::From, order: Order::Ascending, purpose: Some(Purpose::ForAction), ..all.clone() }),
        ("a rare word", Rarely, Filter { words: words("heliograph"), ..all.clone() }),
        ("no word", Rarely, Filter { words: words("zebra"), ..all.clone() }),
        ("a reference", Rarely, Filter { words: words("MANY-LS17"), ..all.clone() }),
        ("a rare word, to home, by title", Rarely, Filter { words: words("heliograph"), to: home, sort: Sort::Title, ..all.clone() }),
    ];
    let names = [
        ["oldest", "by deadline", "by title", "by from", "by to"],
        ["newest again", "by deadline, down", "by title, down", "by from, down", "by to, down"],
    ];
    for (order, names) in [Order::Ascending, Order::Descending].into_iter().zip(names) {
        filters.extend(Sort::ALL.iter().zip(names).map(|(sort, name)| (name, Often, Filter { sort: *sort, order, ..all.clone() })));
    }
    let mut deep = Filter { sort: Sort::From, order: Order::Ascending, ..all.clone() };
    for _ in 0..5 {
        let key = list::list(pool, &deep).await.unwrap().rows.last().unwrap().key();
        deep.place = deep.onward(key);
    }
    filters.push(("by from, deep", Often, deep));
    filters
}

#[tokio::test]
async fn no_list_reads_all_statements() {
    let (service, _) = begin().await;
    many(&service.app.pool, 2000).await;

    for (name, _, filter) in filters(&service.app.pool).await {
        let plan = list::plan(&service.app.pool, &filter).await.unwrap();
        let mut found = BTreeSet::new();
        scans(&plan[0]["Plan"], &mut found);
        for table in ["statements", "statement_groups", "statement_search", "actions", "deadlines", "relations"] {
            assert!(!found.contains(&("Seq Scan".to_owned(), table.to_owned())), "{name} reads all {table}: {plan:#}");
        }
    }
}

/// Minutes: `cargo test --test it -- --ignored hundred_thousand`.
#[tokio::test]
#[ignore = "makes 100,000 statements, which takes minutes"]
async fn lists_cost_the_same_with_a_hundred_thousand_statements() {
    let (small, _) = begin().await;
    many(&small.app.pool, 2000).await;
    let (large, _) = begin().await;
    many(&large.app.pool, 100_000).await;

    compare(&small.app.pool, &large.app.pool).await;
}

async fn compare(small: &PgPool, large: &PgPool) {
    let mut missed = Vec::new();
    for ((name, found, few), (_, _, lots)) in filters(small).await.into_iter().zip(filters(large).await) {
        let small_plan = list::plan(small, &few).await.unwrap();
        let large_plan = list::plan(large, &lots).await.unwrap();
        let (at_2k, at_100k) = (buffers(&small_plan[0]), buffers(&large_plan[0]));
        let rows = |plan: &Value| plan[0]["Plan"]["Actual Rows"].as_i64().unwrap();
        let (few_rows, many_rows) = (rows(&small_plan), rows(&large_plan));
        println!("| {name} | {at_2k} | {few_rows} | {at_100k} | {many_rows} | {} ms |", large_plan[0]["Execution Time"]);
        // P04: at most 1.3 times, for as many rows
        if found == Found::Often && at_100k * 10 * few_rows > at_2k * 13 * many_rows {
            missed.push(format!("{name}: {at_2k} buffers at 2,000, {at_100k} at 100,000"));
        }
        // most of it are the fifty rows themselves, with actions, deadlines and answers
        let most = if found == Found::Often { 1200 } else { 2500 };
        if at_100k > most {
            missed.push(format!("{name}: {at_100k} buffers: {large_plan:#}"));
        }
    }
    for text in
        ["synchronization", "interconnection", "\"dear colleagues\"", "work item", "synchronization interconnection", "\"colleagues liaison\""]
    {
        let words = Some(Words { text: text.to_owned(), normal: String::new(), documents: Vec::new() });
        let plan = list::plan(large, &Filter { words, ..Filter::default() }).await.unwrap();
        println!("| {text} | | | {} | {} | {} ms |", buffers(&plan[0]), plan[0]["Plan"]["Actual Rows"], plan[0]["Execution Time"]);
        assert!(buffers(&plan[0]) < 10_000, "{text}: {plan:#}");
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

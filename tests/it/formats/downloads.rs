//! Lists as CSV and JSON: the rows of the page, all of them, for whoever asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::to_bytes;
use liaison_tracker::feeds::csv::Csv;
use liaison_tracker::feeds::download;
use liaison_tracker::statements::store::list::Filter;
use serde_json::Value;

use super::{begin, cells, opened, text};
use crate::support::TestService;
use crate::support::many::many;
use crate::support::posted::{NewAction, NewStatement, act, incoming, put};
use crate::support::queries::count;

/// Numbers of the rows of all pages of the list.
async fn shown(service: &TestService, query: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut next = Some(format!("/statements{query}"));
    while let Some(path) = next {
        let visitor = opened(service, &path).await;
        numbers.extend(visitor.page.texts("td.register-number").iter().map(|text| text.replace("Statement ", "")));
        next = visitor.page.find_link("Older");
    }
    numbers
}

async fn in_csv(service: &TestService, query: &str) -> Vec<String> {
    let lines = cells(&text(service, &format!("/statements.csv{query}")).await);
    assert_eq!(lines[0][0], "number");
    lines[1..].iter().map(|line| line[0].clone()).collect()
}

async fn in_json(service: &TestService, query: &str) -> Vec<String> {
    let answer: Value = serde_json::from_str(&text(service, &format!("/statements.json{query}")).await).expect("JSON");
    assert_eq!(answer["next"], Value::Null);
    answer["statements"].as_array().expect("rows").iter().map(|row| row["number"].to_string()).collect()
}

#[tokio::test]
async fn downloads_have_the_rows_of_the_page_in_its_order() {
    let (service, _) = begin().await;
    for number in 1..=120 {
        let from = if number % 2 == 0 { &["itu-t-sg15-q14"] } else { &["3gpp-sa3"] };
        let references: &[&str] = if number == 60 { &["S3-990417"] } else { &[] };
        let title = if number % 3 == 0 { "On the framing of packets" } else { "Something else, S3-990417 aside" };
        put(&service.app, &NewStatement { from, references, title, ..incoming(number) }).await;
    }

    for (query, rows) in [
        ("", 120),
        ("?organization=itu-t", 60),
        ("?q=framing&organization=itu-t", 20),
        ("?q=%22framing+of+packets%22", 40),
        ("?q=S3-990417", 81),
        ("?direction=outgoing", 0),
        ("?organization=nobody&nonsense=1", 120),
        ("?q=framing&before=2026-10-05.50", 40),
    ] {
        let page = shown(&service, &query.replace("&before=2026-10-05.50", "")).await;
        assert_eq!(page.len(), rows, "{query}");
        assert_eq!(in_csv(&service, query).await, page, "{query}");
        assert_eq!(in_json(&service, query).await, page, "{query}");
    }
}

#[tokio::test]
async fn a_row_says_in_every_form_what_the_interface_for_programs_says() {
    let (service, _) = begin().await;
    put(&service.app, &NewStatement { direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], letter_date: Some("2026-09"), ..incoming(1) })
        .await;
    let id = put(&service.app, &NewStatement { purpose: Some("for-action"), to: &["wire", "keys"], ..incoming(2) }).await;
    for (group, state, closed_on) in [("wire", "open", None), ("keys", "responded", Some("2026-10-20"))] {
        let due_on = Some("2026-12-05");
        act(&service.app, id, NewAction { group, purpose: "for-action", state, assignee: "Carol Chair", due_on, closed_on }).await;
    }
    put(&service.app, &NewStatement { purpose: None, origin: "imported", letter_date: Some("1995"), ..incoming(3) }).await;
    let answer = put(&service.app, &NewStatement { purpose: Some("in-response"), ..incoming(4) }).await;
    sqlx::query("INSERT INTO relations (statement_id, kind, earlier_id, reply_kind) SELECT $1, 'in-response-to', statement_id, 'final' FROM statements WHERE number = 1")
        .bind(answer)
        .execute(&service.app.pool)
        .await
        .expect("a relation");

    let page: Value = serde_json::from_str(&text(&service, "/api/v1/statements").await).expect("JSON");
    let whole: Value = serde_json::from_str(&text(&service, "/statements.json").await).expect("JSON");
    let lines = cells(&text(&service, "/statements.csv").await);

    assert_eq!(whole, page);
    let rows = page["statements"].as_array().expect("rows");
    assert_eq!(rows.len(), 4);
    assert_eq!(lines.len(), 5);
    for (row, line) in rows.iter().zip(&lines[1..]) {
        assert_eq!(row.as_object().expect("a row").len(), lines[0].len());
        for (name, cell) in lines[0].iter().zip(line) {
            let value = match &row[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(*cell, value, "{name} of {row}");
        }
    }
    assert!(!whole.to_string().contains("Carol"), "{whole}");
}

#[tokio::test]
async fn a_title_is_harmless_in_every_form() {
    let (service, _) = begin().await;
    let title = "LS332 - Consent of G.8113.2/Y.1372.2 -> IESG & <b>\"all\"</b>";
    put(&service.app, &NewStatement { title, ..incoming(1) }).await;
    let formulas = ["=HYPERLINK(\"x\")", "+1", "-1+2", "@SUM(A1)"];
    for (number, title) in (2..).zip(formulas) {
        put(&service.app, &NewStatement { title, ..incoming(number) }).await;
    }

    let page = opened(&service, "/statements").await;
    assert!(page.page.source().contains("LS332 - Consent of G.8113.2/Y.1372.2 -&#62; IESG &#38; &#60;b&#62;"), "{}", page.page.source());
    page.assert_says(title);
    let lines = cells(&text(&service, "/statements.csv").await);
    let titles: Vec<&str> = lines[1..].iter().rev().map(|line| line[1].as_str()).collect();
    assert_eq!(titles, [title, "'=HYPERLINK(\"x\")", "'+1", "'-1+2", "'@SUM(A1)"]);
    let json: Value = serde_json::from_str(&text(&service, "/statements.json").await).expect("JSON");
    assert_eq!(json["statements"][4]["title"], title);
    assert_eq!(json["statements"][0]["title"], "@SUM(A1)");
    let feed = text(&service, "/statements.atom").await;
    let feed = roxmltree::Document::parse(&feed).expect("XML");
    assert!(feed.descendants().any(|node| node.has_tag_name(("http://www.w3.org/2005/Atom", "title")) && node.text() == Some(title)));
}

#[tokio::test]
async fn a_download_is_a_file_and_the_same_for_whoever_asks() {
    let (service, world) = begin().await;
    let id = put(&service.app, &NewStatement { purpose: Some("for-action"), ..incoming(1) }).await;
    let action =
        NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "Carol Chair", due_on: Some("2026-10-20"), closed_on: None };
    act(&service.app, id, action).await;

    for path in ["/statements.csv", "/statements.json", "/statements.atom", "/organizations.csv", "/organizations.json", "/relationships.csv"] {
        let stranger = text(&service, path).await;
        for person in [&world.chair, &world.secretariat] {
            let mut visitor = service.as_person(person).await;
            visitor.get(path).await;
            assert_eq!(visitor.assert_status(200).page.source(), stranger, "{path}");
            assert_eq!(visitor.page.header("cache-control"), "private, no-store", "{path}");
        }
    }

    let csv = opened(&service, "/statements.csv").await.page;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"statements.csv\"");
    assert!(csv.source().starts_with("number,title,url,api_url,direction,from,to,purpose,letter_date,posted_on,deadline,status\r\n1,"));
    assert!(csv.source().ends_with("\r\n"));
    assert_eq!(opened(&service, "/statements.json").await.page.header("content-type"), "application/json");
}

#[tokio::test]
async fn the_list_leads_to_its_other_forms_with_its_filters() {
    let (service, _) = begin().await;
    for number in 1..=60 {
        put(&service.app, &incoming(number)).await;
    }

    let mut visitor = opened(&service, "/statements?q=framing&organization=itu-t&direction=incoming&before=2026-10-05.55").await;

    let query = "?q=framing&organization=itu-t&direction=incoming";
    for (link, path) in [("CSV", "/statements.csv"), ("JSON", "/statements.json"), ("Atom", "/statements.atom")] {
        assert_eq!(visitor.page.link(link), format!("{path}{query}"));
    }
    assert!(visitor.page.source().contains(&format!(
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"These statements, as they are posted\" href=\"/statements.atom{}\">",
        query.replace('&', "&#38;")
    )));
    for page in ["/organizations", "/relationships"] {
        visitor.get(page).await;
        assert_eq!([visitor.page.link("CSV"), visitor.page.link("JSON")], [format!("{page}.csv"), format!("{page}.json")]);
    }
}

#[tokio::test]
async fn organizations_and_relationships_say_what_their_pages_say() {
    let (service, _) = begin().await;
    put(&service.app, &incoming(1)).await;

    for list in ["organizations", "relationships"] {
        let page = opened(&service, &format!("/{list}")).await;
        let json: Value = serde_json::from_str(&text(&service, &format!("/{list}.json")).await).expect("JSON");
        let rows = json[list].as_array().expect("rows");
        let shown: Vec<String> = page.page.texts("tbody th a");
        let labels: Vec<&str> = rows.iter().filter(|row| row["is_home"] != true).map(|row| row["label"].as_str().expect("a label")).collect();
        assert!(labels.len() > 1);
        assert_eq!(labels, shown);
        let lines = cells(&text(&service, &format!("/{list}.csv")).await);
        let mut names: Vec<&str> = lines[0].iter().map(String::as_str).collect();
        names.sort_unstable();
        let mut fields: Vec<&str> = rows[0].as_object().expect("a row").keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(names, fields);
        let label = lines[0].iter().position(|name| name == "label").expect("a label");
        assert_eq!(
            lines[1..].iter().map(|line| &line[label]).collect::<Vec<_>>(),
            rows.iter().map(|row| row["label"].as_str().unwrap()).collect::<Vec<_>>()
        );
    }

    let organizations = text(&service, "/organizations.json").await;
    let organizations: Value = serde_json::from_str(&organizations).expect("JSON");
    let itu_t = organizations["organizations"].as_array().unwrap().iter().find(|row| row["acronym"] == "itu-t").expect("ITU-T");
    assert_eq!(itu_t["statements"], 1);
    assert_eq!(itu_t["relationship"], "formal");
}

#[tokio::test]
async fn a_download_asks_for_all_statements_together_and_waits_for_no_page() {
    let (service, _) = begin().await;
    many(&service.app.pool, 2_500).await;
    let mut visitor = service.visitor();
    visitor.get("/statements.csv").await;

    let (lines, queries) = count(text(&service, "/statements.csv")).await;

    assert_eq!(cells(&lines).len(), 2_501);
    // two to hold still, one for the keys, four for each thousand; a task of its own is on this thread too
    assert!(queries.len() <= 20, "{queries:#?}");
}

#[tokio::test]
async fn whoever_comes_while_two_download_is_told_when_to_come_again() {
    let (service, _) = begin().await;
    put(&service.app, &incoming(1)).await;
    let permits =
        Arc::clone(&service.app.downloads).try_acquire_many_owned(u32::try_from(download::AT_ONCE).expect("few")).expect("nobody downloads");
    let mut visitor = service.visitor();

    for path in ["/statements.csv", "/statements.json"] {
        visitor.get(path).await;
        visitor.assert_status(503).assert_says("Others are just downloading a list.");
        assert_eq!(visitor.page.header("retry-after"), "20");
        assert_eq!(visitor.page.header("cache-control"), "no-store");
        assert_eq!(visitor.page.header("content-disposition"), "");
    }
    for path in ["/statements", "/statements.atom", "/organizations.csv", "/api/v1/statements"] {
        visitor.get(path).await;
        visitor.assert_status(200);
    }

    drop(permits);
    visitor.get("/statements.csv").await;
    visitor.assert_status(200);
    wait_for_room(&service).await;
}

#[tokio::test]
async fn whoever_stops_reading_is_left_and_never_takes_a_part_for_the_whole() {
    let (service, _) = begin().await;
    many(&service.app.pool, 4_500).await;

    let left = download::body(&service.app, Filter::default(), Csv(service.app.clone()), Duration::from_millis(100)).await.expect("it begins");
    assert_eq!(service.app.downloads.available_permits(), download::AT_ONCE - 1);
    wait_for_room(&service).await;
    let read = to_bytes(left, usize::MAX).await;
    assert!(read.is_err(), "{} bytes came as if they were all", read.map_or(0, |bytes| bytes.len()));

    // whoever goes away takes nothing along either
    let gone = download::body(&service.app, Filter::default(), Csv(service.app.clone()), Duration::from_secs(30)).await.expect("it begins");
    drop(gone);
    wait_for_room(&service).await;
    let idle: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'")
            .fetch_one(&service.app.pool)
            .await
            .expect("a count");
    assert_eq!(idle, 0);
}

/// Until nobody downloads.
async fn wait_for_room(service: &TestService) {
    let begun = Instant::now();
    while service.app.downloads.available_permits() < download::AT_ONCE {
        assert!(begun.elapsed() < Duration::from_secs(20), "a download never ended");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_database_that_fails_before_the_first_row_is_an_honest_page() {
    let (service, _) = begin().await;
    put(&service.app, &incoming(1)).await;
    sqlx::query("ALTER TABLE actions RENAME TO gone").execute(&service.app.pool).await.expect("broken");
    let mut visitor = service.visitor();

    visitor.get("/statements.csv").await;

    assert!(visitor.page.status.is_server_error(), "{}", visitor.page.status);
    assert_eq!(visitor.page.header("content-disposition"), "");
    wait_for_room(&service).await;
}

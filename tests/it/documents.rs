//! Documents that public statements cite: their list, the page of each, search by name (domain.md 9, story 11).

use liaison_tracker::checkup;
use liaison_tracker::statements::store::documents;

use crate::support::people::world;
use crate::support::posted::{NewStatement, incoming, put};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, queries, service};

const NOW: &str = "2026-11-25T10:00:00Z";

/// As the background task does: until nothing is left.
async fn find(service: &TestService) {
    while documents::find_some(&service.app.pool, 7).await.expect("documents") > 0 {}
}

async fn begin() -> TestService {
    let service = service(clock(NOW)).await;
    world(&service).await;
    for (number, title, body) in [
        (1, "Liaison relationships", "We follow RFC4052 and rfc 4053, see draft-ietf-opsawg-ntf-13."),
        (2, "On RFC 4053", "Nothing else."),
        (3, "Interworking", "TS 23.501 and G.8032/Y.1344; Q.14/15 asks."),
        (4, "Nothing", "e.g.1 and 10.0.0.1."),
        (5, "Draft", "draft\u{2011}ietf\u{2011}opsawg\u{2011}ntf"),
    ] {
        put(&service.app, &NewStatement { title, body, posted: &format!("2026-10-{:02}", number + 1), ..incoming(number) }).await;
    }
    find(&service).await;
    service
}

/// What does not hold of cited documents; statements put straight into the tables lack other things.
async fn wrong(service: &TestService) -> Vec<String> {
    let broken = checkup::store::broken(&service.app.pool).await.expect("a check");
    broken.into_iter().filter(|broken| broken.rule.contains("cited")).map(|broken| broken.what).collect()
}

fn numbers(visitor: &Visitor) -> Vec<String> {
    visitor.page.texts("td.register-number").iter().map(|text| text.replace("Statement ", "")).collect()
}

async fn opened(service: &TestService, path: &str) -> Visitor {
    let mut visitor = service.visitor();
    visitor.get(path).await;
    visitor.assert_status(200);
    visitor
}

/// Which statements cite which, with what is counted.
async fn kept(service: &TestService) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT document || ' ' || documents.statements || ': ' || string_agg(number::text, ',' ORDER BY number)
           FROM documents LEFT JOIN statement_documents USING (document)
          GROUP BY document, documents.statements ORDER BY document",
    )
    .fetch_all(&service.app.pool)
    .await
    .expect("documents")
}

#[tokio::test]
async fn a_documents_page_lists_all_statements_that_cite_it() {
    let service = begin().await;
    let mut visitor = opened(&service, "/documents").await;

    assert_eq!(visitor.page.texts("tbody th a").first().map(String::as_str), Some("draft-ietf-opsawg-ntf"));
    visitor.assert_says("RFC 4053").assert_says("3GPP TS 23.501").assert_says("ITU-T Y.1344").assert_silent("Q.14");
    visitor.click("RFC 4053").await;
    visitor.assert_at("/documents/rfc4053").assert_says("2 statements cite it, newest first");
    assert_eq!(numbers(&visitor), ["2", "1"]);
    assert_eq!(visitor.page.link("https://www.rfc-editor.org/info/rfc4053"), "https://www.rfc-editor.org/info/rfc4053");

    visitor.click("Liaison relationships").await;
    visitor.assert_says("Cited documents");
    visitor.click("draft-ietf-opsawg-ntf").await;
    visitor.assert_at("/documents/draft-ietf-opsawg-ntf").assert_says("All versions of the draft are one document here.");
    assert_eq!(numbers(&visitor), ["5", "1"]);
    assert_eq!(wrong(&service).await, [""; 0]);
}

#[tokio::test]
async fn another_spelling_leads_to_the_one_address() {
    let service = begin().await;
    let mut visitor = service.visitor();
    visitor.follows = false;

    for (spelling, key) in [
        ("RFC%204053", "rfc4053"),
        ("RFC4053", "rfc4053"),
        ("Draft-ietf-opsawg-ntf-13", "draft-ietf-opsawg-ntf"),
        ("TS%2023.501", "3gpp-ts-23.501"),
        ("g.8032", "itu-t-g.8032"),
    ] {
        visitor.get(&format!("/documents/{spelling}")).await;
        visitor.assert_status(301);
        assert_eq!(visitor.page.header("location"), format!("/documents/{key}"), "{spelling}");
    }
    for none in ["none", "e.g.1", "1", "Q.14%2F15", "a%00b", "%F0%9F%92%A9", "RFC%20x"] {
        visitor.get(&format!("/documents/{none}")).await;
        visitor.assert_status(404);
    }
    visitor.get("/documents/rfc9999").await;
    visitor.assert_status(200).assert_says("No public statement cites it");
}

#[tokio::test]
async fn a_documents_name_finds_statements_in_any_spelling() {
    let service = begin().await;

    for (q, expected) in [
        ("RFC 4053", &["2", "1"][..]),
        ("rfc4053", &["2", "1"]),
        ("RFC\u{a0}4053", &["2", "1"]),
        ("rfc4052", &["1"]),
        ("RFC 4052", &["1"]),
        ("draft-ietf-opsawg-ntf", &["5", "1"]),
        ("draft-ietf-opsawg-ntf-02", &["5", "1"]),
        ("23.501", &["3"]),
        ("3GPP TS 23.501", &["3"]),
        ("G.8032", &["3"]),
        ("y.1344", &["3"]),
        ("RFC 9999", &[]),
        ("23.502", &[]),
    ] {
        let path = format!("/statements?q={}", liaison_tracker::urls::encode(q));
        assert_eq!(numbers(&opened(&service, &path).await), expected, "{q}");
        // with a further filter, and as a file
        let narrowed = opened(&service, &format!("{path}&direction=incoming&to=wire&year=2026")).await;
        assert_eq!(numbers(&narrowed), expected, "{q}, narrowed");
        assert!(numbers(&opened(&service, &format!("{path}&to=mesh")).await).is_empty(), "{q} to another");
        let oldest: Vec<&str> = expected.iter().rev().copied().collect();
        assert_eq!(numbers(&opened(&service, &format!("{path}&order=ascending")).await).len(), oldest.len(), "{q}, oldest first");
        let csv = opened(&service, &path.replace("/statements?", "/statements.csv?")).await.page.source();
        assert_eq!(csv.lines().count(), expected.len() + 1, "{q}: {csv}");
    }
    let found = opened(&service, "/statements?q=rfc4053").await;
    assert_eq!(found.page.link("Statements that cite RFC 4053"), "/documents/rfc4053");
}

#[tokio::test]
async fn what_is_removed_changed_or_not_public_is_cited_no_more() {
    let service = begin().await;
    let pool = &service.app.pool;
    let run = |sql: &'static str| async move { sqlx::query(sql).execute(pool).await.map(|_| ()).unwrap_or_else(|error| panic!("{sql}: {error}")) };
    assert_eq!(
        kept(&service).await,
        ["3gpp-ts-23.501 1: 3", "draft-ietf-opsawg-ntf 2: 1,5", "itu-t-g.8032 1: 3", "itu-t-y.1344 1: 3", "rfc4052 1: 1", "rfc4053 2: 1,2"]
    );

    run("UPDATE statements SET state = 'removed' WHERE number = 2").await;
    run("UPDATE statements SET state = 'removed' WHERE number = 3").await;
    // in that very moment, without anything that runs later
    assert_eq!(kept(&service).await, ["draft-ietf-opsawg-ntf 2: 1,5", "rfc4052 1: 1", "rfc4053 1: 1"]);
    find(&service).await;
    assert_eq!(kept(&service).await.len(), 3);

    // titles of public files count, and only while they are public
    run("INSERT INTO attachments (statement_id, n, kind, title, url, added_at, visibility)
         SELECT statement_id, 7, 'enclosure', 'GS ZSM 018', 'https://example.org/', now(), 'public' FROM statements WHERE number = 4")
    .await;
    run("INSERT INTO attachments (statement_id, n, kind, title, url, added_at, visibility)
         SELECT statement_id, 8, 'enclosure', 'RFC 1', 'https://example.org/', now(), 'concerned' FROM statements WHERE number = 4")
    .await;
    find(&service).await;
    assert!(kept(&service).await.contains(&"etsi-gs-zsm-018 1: 4".to_owned()) && !kept(&service).await.iter().any(|row| row.starts_with("rfc1 ")));
    run("UPDATE attachments SET visibility = 'concerned' WHERE n = 7").await;
    assert!(!kept(&service).await.iter().any(|row| row.starts_with("etsi")), "{:?}", kept(&service).await);
    find(&service).await;
    assert!(!kept(&service).await.iter().any(|row| row.starts_with("etsi")));

    // words that are taken away name nothing from then on, whoever takes them away
    let mut transaction = pool.begin().await.expect("a transaction");
    for sql in [
        "ALTER TABLE statements DISABLE TRIGGER statement_posted_never_changes",
        "UPDATE statements SET body = 'taken away' WHERE number = 1",
        "ALTER TABLE statements ENABLE TRIGGER statement_posted_never_changes",
    ] {
        sqlx::query(sql).execute(&mut *transaction).await.expect(sql);
    }
    transaction.commit().await.expect("a change");
    assert_eq!(kept(&service).await, ["draft-ietf-opsawg-ntf 1: 5"]);
    // a letter's date that is corrected moves it in the lists
    run("UPDATE statements SET letter_date = '2020-02-02', letter_date_precision = 'day' WHERE number = 5").await;
    let moved: String = sqlx::query_scalar("SELECT sort_date::text FROM statement_documents WHERE number = 5").fetch_one(pool).await.expect("a row");
    assert_eq!(moved, "2020-02-02");
    find(&service).await;

    for path in ["/documents", "/documents/rfc4053", "/documents/3gpp-ts-23.501", "/statements?q=rfc4053", "/sitemap/documents.xml"] {
        let page = opened(&service, path).await;
        page.assert_silent("On RFC 4053").assert_silent("Interworking");
        assert!(!page.page.source().contains("/documents/itu-t-g.8032"), "{path}");
    }
    assert_eq!(wrong(&service).await, [""; 0]);
}

#[tokio::test]
async fn drafts_cite_nothing_and_posting_does_at_once() {
    let service = service(clock(NOW)).await;
    let world = world(&service).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/incoming/new").await;
    let fields = [
        ("From", "ITU-T SG11"),
        ("To", "wire"),
        ("Title", "LS on RFC 8345"),
        ("Purpose", "For Information"),
        ("Text", "See draft-ietf-nmop-terminology."),
    ];
    manager.submit("Continue to check", &fields).await;
    manager.assert_says("Check and submit");
    find(&service).await;
    assert!(kept(&service).await.is_empty());

    manager.submit("Record and post", &[]).await;

    manager.assert_at("/statements/1").assert_says("Cited documents");
    assert_eq!(kept(&service).await, ["draft-ietf-nmop-terminology 1: 1", "rfc8345 1: 1"]);
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM documents_to_find").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(waiting, 0);
    let told: serde_json::Value = serde_json::from_str(&opened(&service, "/api/v1/statements/1").await.page.source()).expect("JSON");
    assert_eq!(
        told["documents"],
        serde_json::json!([
            {
                "name": "draft-ietf-nmop-terminology", "kind": "internet-draft", "url": "https://datatracker.ietf.org/doc/draft-ietf-nmop-terminology/",
                "statements_url": service.app.config.absolute("/documents/draft-ietf-nmop-terminology")
            },
            {
                "name": "RFC 8345", "kind": "rfc", "url": "https://www.rfc-editor.org/info/rfc8345",
                "statements_url": service.app.config.absolute("/documents/rfc8345")
            }
        ])
    );
    let named = opened(&service, "/sitemap/documents.xml").await.page.source();
    assert!(named.contains("/documents/rfc8345"), "{named}");
}

#[tokio::test]
async fn an_import_is_searched_for_documents() {
    let service = service(clock(NOW)).await;
    liaison_tracker::demo::make(&service.app).await.expect("a demonstration");

    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM documents").fetch_one(&service.app.pool).await.expect("a count");
    assert!(count >= 38, "{count}");
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM documents_to_find").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(waiting, 0);
    let page = opened(&service, "/documents/itu-t-x.85").await;
    page.assert_says("statements cite it, newest first");
    assert_eq!(wrong(&service).await, [""; 0]);
}

#[tokio::test]
async fn pages_of_many_are_turned_by_key_with_as_many_queries() {
    let service = service(clock(NOW)).await;
    world(&service).await;
    put(&service.app, &NewStatement { body: "RFC 1", ..incoming(1) }).await;
    find(&service).await;
    let mut visitor = service.visitor();
    let (_, of_one) = queries::count(visitor.get("/documents/rfc1")).await;
    let (_, of_list) = queries::count(visitor.get("/documents")).await;

    let all: String = (1..=120).map(|number| format!("RFC {number}, draft-x-y{number}; ")).collect();
    for number in 2..=120 {
        let body = if number == 120 { all.as_str() } else { "RFC 1 and RFC 2" };
        put(&service.app, &NewStatement { body, ..incoming(number) }).await;
    }
    find(&service).await;

    let (_, of_many) = queries::count(visitor.get("/documents/rfc1")).await;
    assert_eq!((of_one.len(), of_many.len()), (2, 2), "{of_many:?}");
    visitor.assert_says("120 statements cite it, newest first");
    let mut seen = numbers(&visitor);
    for _ in 0..2 {
        visitor.click("Older").await;
        seen.extend(numbers(&visitor));
    }
    assert_eq!(seen, (1..=120).rev().map(|number: i32| number.to_string()).collect::<Vec<_>>());
    assert!(visitor.page.find_link("Older").is_none());
    visitor.click("Newer").await;
    assert_eq!(numbers(&visitor).first().map(String::as_str), Some("70"));

    let (_, of_many) = queries::count(visitor.get("/documents")).await;
    assert_eq!((of_list.len(), of_many.len()), (1, 1), "{of_many:?}");
    let mut names = visitor.page.texts("tbody th a");
    assert_eq!(names[..2], ["RFC 1", "RFC 2"]);
    let first_page = names.clone();
    for _ in 0..4 {
        visitor.click("Next").await;
        names.extend(visitor.page.texts("tbody th a"));
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 240);
    for _ in 0..4 {
        visitor.click("Previous").await;
    }
    assert_eq!(visitor.page.texts("tbody th a"), first_page);
    visitor.submit_in("main form", "Find", &[("Name of a document, or a part of it", "y12")]).await;
    assert_eq!(visitor.page.texts("tbody th a").len(), 2);
    for odd in ["?q=%25", "?q=%00", "?before=x", "?after=1.%27", "?before=-1.rfc1", "?after=99999999999.rfc1", "?q=RFC+1&after=1.rfc1"] {
        visitor.get(&format!("/documents{odd}")).await;
        visitor.assert_status(200);
        visitor.get(&format!("/documents/rfc1{odd}")).await;
        visitor.assert_status(200);
    }
}

#[tokio::test]
async fn two_that_find_documents_beside_each_other_find_each_once() {
    let service = service(clock(NOW)).await;
    world(&service).await;
    for number in 1..=30 {
        put(&service.app, &NewStatement { body: &format!("RFC {number}, RFC 100 and RFC {}", 60 - number), ..incoming(number) }).await;
    }
    let pool = &service.app.pool;

    let both = || async { while documents::find_some(pool, 3).await.expect("documents") > 0 {} };
    tokio::join!(both(), both(), both());
    find(&service).await;

    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM statement_documents").fetch_one(pool).await.expect("a count");
    // 30 with three each, but for the one in the middle that names one twice
    assert_eq!(count, 89);
    assert_eq!(wrong(&service).await, [""; 0]);
}

//! Atom feeds, and the former tracker's addresses of them.

use roxmltree::{Document, Node};

use super::{begin, opened, text};
use crate::support::posted::{NewStatement, incoming, put};

const ATOM: &str = "http://www.w3.org/2005/Atom";

fn children<'a>(of: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    of.children().filter(|node| node.has_tag_name((ATOM, name))).collect()
}

fn only<'a>(of: Node<'a, 'a>, name: &str) -> &'a str {
    let found = children(of, name);
    assert_eq!(found.len(), 1, "{name}");
    found[0].text().unwrap_or_default()
}

fn link<'a>(of: Node<'a, 'a>, rel: &str) -> &'a str {
    let found: Vec<_> = children(of, "link").into_iter().filter(|link| link.attribute("rel") == Some(rel)).collect();
    assert_eq!(found.len(), 1, "{rel}");
    found[0].attribute("href").expect("an address")
}

/// What RFC 4287 asks of every feed; the numbers of its entries.
fn check(source: &str) -> Vec<i32> {
    let document = Document::parse(source).unwrap_or_else(|error| panic!("{error}: {source}"));
    let feed = document.root_element();
    assert!(feed.has_tag_name((ATOM, "feed")));
    assert!(!only(feed, "title").is_empty());
    assert_eq!(only(feed, "id"), link(feed, "self"));
    assert!(link(feed, "self").starts_with("http://127.0.0.1:8080/statements.atom"));
    assert!(link(feed, "alternate").starts_with("http://127.0.0.1:8080/statements"));
    let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let updated = instant(only(feed, "updated"));
    let mut before = updated;
    let mut numbers = Vec::new();
    for entry in children(feed, "entry") {
        let address = only(entry, "id");
        assert_eq!(address, link(entry, "alternate"));
        assert!(!only(children(entry, "author")[0], "name").trim().is_empty());
        assert!(!only(entry, "summary").is_empty());
        only(entry, "title");
        let at = instant(only(entry, "updated"));
        assert!(at <= before, "not in the order of posting");
        before = at;
        numbers.push(address.rsplit('/').next().and_then(|number| number.parse().ok()).expect("a number"));
    }
    let unique: std::collections::BTreeSet<_> = numbers.iter().collect();
    assert_eq!(unique.len(), numbers.len());
    numbers
}

#[tokio::test]
async fn a_feed_has_the_newest_by_posting_whatever_the_letters_date() {
    let (service, _) = begin().await;
    for number in 1..=60 {
        put(&service.app, &incoming(number)).await;
    }
    // an old letter that was recorded last, and one that was imported without a day of posting
    put(&service.app, &NewStatement { letter_date: Some("1996-02"), posted: "2026-10-06", ..incoming(61) }).await;
    let imported = put(&service.app, &NewStatement { origin: "imported", letter_date: Some("2027-01-01"), ..incoming(62) }).await;
    let mut transaction = service.app.pool.begin().await.expect("a transaction");
    // what is posted never changes otherwise
    sqlx::query("SET LOCAL session_replication_role = replica").execute(&mut *transaction).await.expect("a setting");
    sqlx::query("UPDATE statements SET posted_at = NULL WHERE statement_id = $1").bind(imported).execute(&mut *transaction).await.expect("no day");
    transaction.commit().await.expect("a change");

    let all = check(&text(&service, "/statements.atom").await);
    let of_one = check(&text(&service, "/statements.atom?organization=itu-t&q=framing&before=2026-10-05.5").await);

    assert_eq!(all, (12..=61).rev().collect::<Vec<_>>());
    assert_eq!(of_one, all);
    assert_eq!(opened(&service, "/statements.atom").await.page.header("content-type"), "application/atom+xml; charset=utf-8");
}

#[tokio::test]
async fn a_feed_is_filtered_as_the_list_is() {
    let (service, _) = begin().await;
    put(&service.app, &incoming(1)).await;
    put(&service.app, &NewStatement { from: &["3gpp-sa3"], to: &["keys"], title: "On keys", ..incoming(2) }).await;
    put(&service.app, &NewStatement { direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], ..incoming(3) }).await;

    for (query, expected) in [
        ("", vec![3, 2, 1]),
        ("?organization=itu-t", vec![3, 1]),
        ("?organization=itu-t&direction=incoming", vec![1]),
        ("?q=keys", vec![2]),
        ("?q=framing", vec![3, 1]),
        ("?q=nothing+of+the+kind", vec![]),
        ("?organization=none", vec![3, 2, 1]),
    ] {
        let feed = text(&service, &format!("/statements.atom{query}")).await;
        assert_eq!(check(&feed), expected, "{query}");
    }
}

#[tokio::test]
async fn what_xml_cannot_hold_is_left_out_of_a_feed() {
    let (service, _) = begin().await;
    let body = "1\tOverview\r\n\u{c}\u{1}next \u{fffe}page ]]> &amp; <script>\u{1f600}";
    put(&service.app, &NewStatement { origin: "imported", title: "a & <b> \u{fffe}", body, ..incoming(1) }).await;

    let source = text(&service, "/statements.atom").await;

    check(&source);
    let document = Document::parse(&source).expect("XML");
    let entry = children(document.root_element(), "entry")[0];
    assert_eq!(only(entry, "title"), "a & <b> ");
    // XML reads a line break as one sign
    assert_eq!(only(entry, "content").replace("\r\n", "\n"), "1\tOverview\nnext page ]]> &amp; <script>\u{1f600}");
}

#[tokio::test]
async fn a_removed_statement_leaves_the_feed_and_an_empty_one_is_valid() {
    let (service, _) = begin().await;
    let id = put(&service.app, &incoming(1)).await;
    assert_eq!(check(&text(&service, "/statements.atom").await), [1]);

    sqlx::query("UPDATE statements SET state = 'removed' WHERE statement_id = $1").bind(id).execute(&service.app.pool).await.expect("removed");

    assert_eq!(check(&text(&service, "/statements.atom").await), [0; 0]);
}

#[tokio::test]
async fn feeds_of_the_former_tracker_are_found_under_their_new_addresses() {
    let (service, _) = begin().await;
    let mut visitor = service.visitor();
    visitor.follows = false;

    for (old, new) in [
        ("/feed/liaison/recent/", "/statements.atom"),
        ("/feed/liaison/recent", "/statements.atom"),
        ("/feed/liaison/from/itu-t/", "/statements.atom?from=itu-t"),
        ("/feed/liaison/to/Optical%20%26%20Co/", "/statements.atom?to=Optical%20%26%20Co"),
        ("/feed/liaison/subject/G.8113/", "/statements.atom?q=G.8113"),
        ("/feed/liaison/subject/G.8113", "/statements.atom?q=G.8113"),
    ] {
        visitor.get(old).await;
        visitor.assert_status(301);
        assert_eq!(visitor.page.header("location"), new, "{old}");
    }
    for none in ["/feed/liaison/by/itu-t/", "/feed/liaison/", "/feed/liaison/from/"] {
        visitor.get(none).await;
        visitor.assert_status(404);
    }
}

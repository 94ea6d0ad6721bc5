//! Pages stay small and ask little, however much stands on them: one round trip of a new connection carries a page.

use crate::support::letters;
use crate::support::people::{World, world};
use crate::support::posted::{NewAction, NewStatement, act, incoming, put};
use crate::support::queries::count;
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-11-25T10:00:00Z";
/// Bytes that a server may send before the first acknowledgement comes back: ten segments.
const FIRST_FLIGHT: usize = 14_600;

const WORDS: [&str; 48] = [
    "synchronization",
    "of",
    "transport",
    "networks",
    "and",
    "the",
    "management",
    "framework",
    "for",
    "digital",
    "twin",
    "interfaces",
    "revised",
    "draft",
    "recommendation",
    "on",
    "packet",
    "optical",
    "timing",
    "request",
    "comments",
    "reply",
    "to",
    "your",
    "liaison",
    "concerning",
    "new",
    "work",
    "item",
    "quantum",
    "key",
    "distribution",
    "security",
    "aspects",
    "service",
    "assurance",
    "data",
    "models",
    "telemetry",
    "architecture",
    "requirements",
    "use",
    "cases",
    "cooperation",
    "between",
    "groups",
    "in",
    "area",
];

/// A title of some 250 letters, unlike all others.
fn title(number: usize) -> String {
    let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut title = format!("LS{number}:");
    while title.len() < 235 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        title = format!("{title} {}", WORDS[(state >> 33) % WORDS.len()]);
    }
    title
}

async fn add(service: &TestService, numbers: std::ops::RangeInclusive<i32>) {
    for number in numbers {
        let title = title(usize::try_from(number).expect("a number"));
        let new = NewStatement { title: &title, purpose: Some("for-action"), ..incoming(number) };
        let id = put(&service.app, &new).await;
        let action =
            NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "Carol Chair", due_on: Some("2026-12-24"), closed_on: None };
        act(&service.app, id, action).await;
    }
}

async fn begin() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = world(&service).await;
    (service, world)
}

#[tokio::test]
async fn every_public_page_fits_into_the_first_flight() {
    let (service, _) = begin().await;
    add(&service, 1..=60).await;
    let letter =
        letters::posted(&service.app, letters::Posted { number: 1914, title: &title(7), body: &title(9).repeat(20), ..letters::Posted::INCOMING })
            .await;
    for n in 0..5 {
        letters::file(&service.app, letter, &format!("attachment-{n}.pdf"), b"%PDF-1.7").await;
    }
    let mut visitor = service.visitor();
    visitor.extra_headers = vec![("accept-encoding".to_owned(), "br".to_owned())];

    let mut sizes = Vec::new();
    for path in [
        "/",
        "/statements",
        "/statements?q=synchronization",
        "/statements/1914",
        "/statements/1",
        "/organizations",
        "/organizations/itu-t",
        "/organizations/ietf",
        "/groups/wire",
        "/groups/itu-t-sg11",
        "/relationships",
        "/help",
        "/api",
        "/sign-in",
        "/password/forgotten",
        "/nothing/here",
    ] {
        visitor.get(path).await;
        assert!(visitor.page.status.as_u16() < 500, "{path}");
        assert_eq!(visitor.page.header("content-encoding"), "br", "{path}");
        sizes.push((visitor.page.bytes.len(), path));
    }
    sizes.sort_unstable();
    eprintln!("bytes as sent: {sizes:?}");

    let large: Vec<_> = sizes.into_iter().filter(|(bytes, _)| *bytes > FIRST_FLIGHT).collect();
    assert!(large.is_empty(), "larger than {FIRST_FLIGHT} bytes: {large:?}");
}

/// How many queries a page takes. It is asked once before, so that what is kept for all requests is there.
async fn queries(visitor: &mut Visitor, path: &str) -> usize {
    visitor.get(path).await;
    let (status, queries) = count(async { visitor.get(path).await.status }).await;
    assert_eq!(status.as_u16(), 200, "{path}");
    queries.len()
}

#[tokio::test]
async fn pages_ask_little_and_no_more_for_fifty_rows_than_for_one() {
    let (service, world) = begin().await;
    add(&service, 1..=1).await;
    let mut anonymous = service.visitor();
    let mut outsider = service.as_person(&world.outsider).await;
    let paths = [
        "/statements",
        "/statements?q=liaison",
        "/statements/1",
        "/",
        "/organizations",
        "/organizations/itu-t",
        "/groups/wire",
        "/api/v1/statements",
    ];
    let mut of_one = Vec::new();
    for path in paths {
        of_one.push((path, queries(&mut anonymous, path).await, queries(&mut outsider, path).await));
    }

    add(&service, 2..=60).await;

    let mut of_many = Vec::new();
    for path in paths {
        of_many.push((path, queries(&mut anonymous, path).await, queries(&mut outsider, path).await));
    }
    let mut chair = service.as_person(&world.chair).await;
    // those concerned are told what became of the mail
    assert!(queries(&mut chair, "/statements/1").await <= 6 + 3);
    assert!(queries(&mut chair, "/desk").await <= 4, "who it is, how much waits, what waits, what they began");
    eprintln!("queries, anonymous and signed in: {of_many:?}");
    assert_eq!(of_many, of_one);
    for (path, anonymous, signed_in) in of_many {
        let most = match path {
            "/statements" | "/statements?q=liaison" | "/api/v1/statements" => 3,
            "/statements/1" | "/" | "/organizations" => 6,
            // the group, its place, contacts, people, relationship, and what was exchanged both ways
            _ => 8,
        };
        // who it is, what waits; the home page shows the latter
        let more = if path == "/" { 3 } else { 2 };
        assert!(anonymous <= most, "{path} takes {anonymous} queries, {most} are enough");
        assert!(signed_in <= anonymous + more, "{path} takes {signed_in} queries signed in, {anonymous} else");
    }
}

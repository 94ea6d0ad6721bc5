//! The interface for programs tells all that is public, and nothing else.

use serde_json::{Value, json};

use crate::support::people::world;
use crate::support::posted::{NewAction, NewStatement, act, incoming, put};
use crate::support::{TestService, clock, service};

async fn begin() -> TestService {
    let service = service(clock("2026-11-25T10:00:00Z")).await;
    world(&service).await;
    service
}

async fn get(service: &TestService, path: &str, status: u16) -> Value {
    let mut visitor = service.visitor();
    visitor.get(path).await;
    visitor.assert_status(status);
    serde_json::from_slice(&visitor.page.bytes).unwrap_or_else(|error| panic!("{path} is no JSON: {error}"))
}

/// Numbers of all pages of a list, by `next`.
async fn walk(service: &TestService, path: &str) -> Vec<i64> {
    let mut numbers = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = get(service, &path, 200).await;
        numbers.extend(page["statements"].as_array().unwrap().iter().map(|statement| statement["number"].as_i64().unwrap()));
        next = page["next"].as_str().map(|url| url.replace("http://127.0.0.1:8080", ""));
    }
    numbers
}

#[tokio::test]
async fn the_list_is_that_of_the_page() {
    let service = begin().await;
    for number in 1..=120 {
        let from = if number % 2 == 0 { &["itu-t-sg15-q14"] } else { &["3gpp-sa3"] };
        put(&service.app, &NewStatement { from, ..incoming(number) }).await;
    }

    assert_eq!(walk(&service, "/api/v1/statements").await, (1..=120).rev().collect::<Vec<_>>());
    assert_eq!(walk(&service, "/api/v1/statements?organization=itu-t").await, (1..=120).rev().filter(|n| n % 2 == 0).collect::<Vec<_>>());
    assert_eq!(walk(&service, "/api/v1/statements?q=framing&direction=outgoing").await, [0; 0]);

    let mut visitor = service.visitor();
    visitor.get("/statements?q=framing&organization=itu-t").await;
    let shown: Vec<i64> = visitor.page.texts("td.register-number").iter().map(|text| text.replace("Statement ", "").parse().unwrap()).collect();
    let page = get(&service, "/api/v1/statements?q=framing&organization=itu-t", 200).await;
    assert_eq!(page["statements"].as_array().unwrap().iter().map(|row| row["number"].as_i64().unwrap()).collect::<Vec<_>>(), shown);
    assert_eq!(page["notices"], json!([]));
}

#[tokio::test]
async fn a_statement_is_told_with_all_that_is_public() {
    let service = begin().await;
    let pool = &service.app.pool;
    put(&service.app, &NewStatement { direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], ..incoming(1) }).await;
    let id = put(
        &service.app,
        &NewStatement { purpose: Some("for-action"), letter_date: Some("2026-10"), references: &["SG11-LS45"], copy: &["keys"], ..incoming(2) },
    )
    .await;
    act(
        &service.app,
        id,
        NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "Carol Chair", due_on: Some("2026-12-05"), closed_on: None },
    )
    .await;
    let draft = put(&service.app, &NewStatement { number: None, state: "draft", title: "Secret reply", ..incoming(0) }).await;
    for (later, earlier) in [(id, 1), (draft, 2)] {
        sqlx::query(
            "INSERT INTO relations (statement_id, kind, earlier_id, reply_kind)
             SELECT $1, 'in-response-to', statement_id, 'final' FROM statements WHERE number = $2",
        )
        .bind(later)
        .bind(earlier)
        .execute(pool)
        .await
        .unwrap();
    }
    for (use_, name, address, sort) in [("from", "Paul Person", "paul@private.example", "person"), ("to", "", "wire@ietf.example", "list")] {
        sqlx::query("INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort) VALUES ($1, $2, 1, $3, $4, $4, $5)")
            .bind(id)
            .bind(use_)
            .bind(name)
            .bind(address)
            .bind(sort)
            .execute(pool)
            .await
            .unwrap();
    }
    for (n, name, kind, visibility) in [
        (1, "letter one.pdf", "statement", "public"),
        (2, "inner.pdf", "enclosure", "concerned"),
        (3, "withheld.pdf", "enclosure", "withheld"),
        (4, "mail.eml", "original-mail", "public"),
    ] {
        sqlx::query(
            "WITH file AS (INSERT INTO files (size, sha256, media_type, is_whole)
                           VALUES (5, sha256('hello'), 'application/pdf', true) RETURNING file_id)
             INSERT INTO attachments (statement_id, n, kind, file_name, visibility, file_id, added_at)
             SELECT $1, $2, $3, $4, $5, file_id, now() FROM file",
        )
        .bind(id)
        .bind(n)
        .bind(kind)
        .bind(name)
        .bind(visibility)
        .execute(pool)
        .await
        .unwrap();
    }

    let told = get(&service, "/api/v1/statements/2", 200).await;

    assert_eq!(told["purpose"], "for-action");
    assert_eq!(told["direction"], "incoming");
    assert_eq!(told["letter_date"], "2026-10");
    assert_eq!(told["deadline"], "2026-12-05");
    assert_eq!(told["status"], "Action needed by Saturday 5 December 2026 (in 10 days). With the chairs of WIRE.");
    assert_eq!(told["url"], "http://127.0.0.1:8080/statements/2");
    assert_eq!(told["body"], "Dear colleagues,\r\n\r\nplease note our work.\r\n");
    assert_eq!(told["references"], json!([{ "as_written": "SG11-LS45", "given_by": "" }]));
    assert_eq!(
        told["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| (group["side"].as_str().unwrap(), group["group"].as_str().unwrap()))
            .collect::<Vec<_>>(),
        [("from", "itu-t-sg11"), ("to", "wire"), ("copy", "keys")]
    );
    assert_eq!(
        told["actions"],
        json!([{ "label": "WIRE", "purpose": "for-action", "handling": "open", "closed_on": null,
                 "deadlines": [{ "due_on": "2026-12-05", "kind": "as-written", "words": "", "is_current": true }] }])
    );
    assert_eq!(
        told["contacts"],
        json!([{ "use": "from", "name": "Paul Person", "address": null, "sort": "person" },
               { "use": "to", "name": "", "address": "wire@ietf.example", "sort": "list" }])
    );
    assert_eq!(
        told["relations"],
        json!([{ "kind": "in-response-to", "direction": "to-earlier", "number": 1, "url": "http://127.0.0.1:8080/statements/1", "words": "", "reply_kind": "final" }])
    );
    let files = told["attachments"].as_array().unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0]["url"], "http://127.0.0.1:8080/statements/2/attachments/1/letter%20one.pdf");
    assert_eq!(files[0]["sha256"], "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_eq!(files[0]["size"], 5);
    for hidden in ["Secret reply", "paul@private.example", "Carol Chair", "inner.pdf", "withheld.pdf", "mail.eml"] {
        assert!(!told.to_string().contains(hidden), "{hidden} is told");
    }
}

#[tokio::test]
async fn what_is_not_posted_is_not_found() {
    let service = begin().await;
    put(&service.app, &NewStatement { state: "removed", ..incoming(7) }).await;

    for path in ["7", "8", "0", "-1", "99999999999", "x", "%00"] {
        let error = get(&service, &format!("/api/v1/statements/{path}"), 404).await;
        assert_eq!(error["error"]["status"], 404, "{path}");
    }
}

#[tokio::test]
async fn the_interface_is_explained() {
    let service = begin().await;
    let mut visitor = service.visitor();

    visitor.get("/api").await;

    visitor.assert_status(200).assert_says("/api/v1/statements");
}

#[tokio::test]
async fn no_address_of_a_person_stands_among_the_public_words() {
    let service = begin().await;
    let id = put(&service.app, &NewStatement { origin: "imported", ..incoming(3) }).await;
    for (position, group, label) in [(8, Some("keys"), ""), (9, None, "")] {
        sqlx::query(
            "INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label)
             VALUES ($1, 'to', $2, (SELECT group_id FROM groups WHERE acronym = $3), 'Landon Oh <landon@private.example>', $4)",
        )
        .bind(id)
        .bind(position)
        .bind(group)
        .bind(label)
        .execute(&service.app.pool)
        .await
        .unwrap();
    }
    sqlx::query(
        "INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort)
         VALUES ($1, 'from', 1, 'paul@private.example', 'paul@private.example', 'paul@private.example', 'person')",
    )
    .bind(id)
    .execute(&service.app.pool)
    .await
    .unwrap();

    for path in [
        "/api/v1/statements/3",
        "/api/v1/statements",
        "/statements/3",
        "/statements/3.txt",
        "/statements",
        "/statements.csv",
        "/statements.json",
        "/statements.atom",
    ] {
        let mut visitor = service.visitor();
        visitor.get(path).await;
        visitor.assert_status(200);
        let text = String::from_utf8_lossy(&visitor.page.bytes).into_owned();
        assert!(!text.contains("private.example"), "{path}: {text}");
        assert_eq!(text.contains("Landon Oh"), path.contains("/3"), "{path}");
    }
}

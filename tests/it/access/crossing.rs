//! Requests that another site caused, and methods that are none (WB01).

use axum::http::Method;
use liaison_tracker::urls;

use super::{LETTER, differing, stage};
use crate::support::people::PASSWORD;

/// Who makes a change, its path, and its fields.
type Change = (&'static str, &'static str, Vec<(&'static str, &'static str)>);

/// Each change as somebody who may make it would send it.
fn changes() -> Vec<Change> {
    vec![
        ("chair", "/statements/incoming/new", LETTER.to_vec()),
        ("chair", "/statements/unrecorded/new", vec![("title", "a letter"), ("body", "Dear all")]),
        ("manager", "/statements/unrecorded/<report>/take", vec![("version", "1")]),
        ("manager", "/statements/unrecorded/<report>/give-back", vec![("version", "1")]),
        ("manager", "/statements/unrecorded/<report>/record", vec![("version", "1")]),
        ("manager", "/statements/unrecorded/<report>/set-aside", vec![("version", "1"), ("reason", "not ours")]),
        ("chair", "/statements/drafts/<draft>/wait", vec![("words", "which clause?")]),
        ("chair", "/statements/drafts/<draft>/resume", vec![]),
        ("coordinator", "/organizations/itu-t/receipts", vec![("purpose", "for-action")]),
        ("chair", "/statements/drafts/<draft>", [&LETTER[..5], &[("version", "1"), ("body", "changed")]].concat()),
        ("chair", "/statements/drafts/<draft>/open", vec![("version", "1")]),
        ("chair", "/statements/drafts/<draft>/submit", vec![("version", "1")]),
        ("manager", "/statements/drafts/<review>/review", vec![("version", "1"), ("round", "1"), ("decision", "approve")]),
        ("chair", "/statements/outgoing/new", vec![("from", "wire"), ("to", "ITU-T SG11"), ("title", "A reply")]),
        ("coordinator", "/statements/drafts/<review>/hold", vec![("hold-why", "wait")]),
        ("coordinator", "/statements/drafts/<review>/release", vec![]),
        (
            "coordinator",
            "/statements/drafts/<review>/enter",
            vec![("version", "1"), ("round", "1"), ("row", "1"), ("whose", "1"), ("evidence", "a link")],
        ),
        ("coordinator", "/statements/drafts/<review>/consult", vec![("words", "whose is it?")]),
        ("manager", "/statements/drafts/<draft>/hand-over", vec![("to", "chen@people.example"), ("words", "the end is missing")]),
        ("chair", "/statements/drafts/<draft>/share", vec![]),
        ("chair", "/statements/drafts/<draft>/share/revoke", vec![]),
        ("chair", "/statements/drafts/<draft>/tell-group", vec![("comments-by", "20 March 2026"), ("do", "send")]),
        ("chair", "/statements/drafts/<draft>/split", vec![("version", "1")]),
        ("manager", "/statements/drafts/<review>/other-format", vec![("of", "1"), ("confirmed", "yes")]),
        ("chair", "/statements/drafts/<review>/take-back", vec![]),
        ("chair", "/statements/drafts/<draft>/abandon", vec![("reason", "no more")]),
        ("chair", "/statements/drafts/<draft>/restore", vec![]),
        ("chair", "/statements/drafts/<draft>/delete", vec![]),
        ("chair", "/statements/drafts/<draft>/link-instead", vec![("twin", "1")]),
        ("coordinator", "/statements/<posted>/mail/<delivery>/send-again", vec![]),
        ("coordinator", "/statements/drafts/<review>/mail/<review-delivery>/send-again", vec![]),
        ("coordinator", "/statements/<posted>/mail/<delivery>/give-up", vec![]),
        ("coordinator", "/statements/drafts/<review>/mail/<review-delivery>/give-up", vec![]),
        ("coordinator", "/statements/<posted>/comments", vec![("comment", "a word"), ("audience", "public")]),
        ("manager", "/statements/<posted>/edit", vec![("edition", "1"), ("references", "SG11-LS99")]),
        ("manager", "/statements/<posted>/files", vec![("edition", "1"), ("link", "https://example.org/a.pdf")]),
        ("manager", "/statements/<posted>/files/1", vec![("edition", "1"), ("visibility", "concerned")]),
        ("coordinator", "/statements/<posted>/take-away", vec![("what", "words"), ("words", "comment"), ("reason", "not ours")]),
        ("area director", "/statements/<posted>/approval", vec![("decision", "confirm")]),
        ("coordinator", "/statements/<posted>/receipt", vec![]),
        ("manager", "/statements/<posted>/confirmed", vec![("reference", "TD 777-GEN")]),
        ("coordinator", "/statements/<posted>/remove", vec![("reason", "in error")]),
        ("chair", "/statements/<posted>/actions/wire", vec![("version", "1"), ("step", "begin")]),
        ("chair", "/statements/<posted>/actions/wire/deadline", vec![("deadline", "1 June 2026"), ("deadline-kind", "agreed")]),
        ("chair", "/statements/<posted>/actions/wire/told", vec![("told-on", "1 March 2026"), ("told-words", "it will be late")]),
        ("chair", "/statements/<posted>/actions/wire/not-for-us", vec![("refusal", "not ours")]),
        ("coordinator", "/statements/<posted>/actions/wire/stays", vec![]),
        ("coordinator", "/statements/<posted>/actions/wire/redirect", vec![("redirect-to", "mesh"), ("redirect-why", "theirs")]),
        ("coordinator", "/statements/<posted>/actions/wire/lead", vec![]),
        ("manager", "/groups/itu-t-sg11/contacts", vec![("usage", "to"), ("address", "x@itu-t.example"), ("sort", "role")]),
        ("manager", "/groups/itu-t-sg11/contacts/<contact>", vec![("do", "confirm")]),
        ("manager", "/groups/itu-t-sg11/sending", vec![("notes", "By post")]),
        ("coordinator", "/groups/itu-t/aliases/<role>", vec![("alias", "x@iab.example")]),
        ("anonymous", "/sign-in", vec![("email", "carol@people.example"), ("password", PASSWORD), ("by", "password")]),
        ("anonymous", "/sign-in/<secret>", vec![]),
        ("chair", "/sign-out", vec![]),
        ("anonymous", "/password/forgotten", vec![("email", "carol@people.example")]),
        ("anonymous", "/password/<secret>", vec![("new-password", "another long password 77")]),
        ("chair", "/account/away", vec![("away", "30 March 2026")]),
        ("chair", "/account/password", vec![("old-password", PASSWORD), ("new-password", "another long password 77")]),
        ("chair", "/account/address", vec![("new-address", "c@example.org"), ("password", PASSWORD)]),
        ("chair", "/account/address/<secret>", vec![]),
        ("chair", "/account/sessions/<session>/end", vec![]),
        ("chair", "/account/sign-out-everywhere", vec![]),
        ("secretariat", "/administration/mail/<mail>/<delivery>/send-again", vec![]),
        ("secretariat", "/administration/mail/<mail>/<delivery>/give-up", vec![]),
    ]
}

#[tokio::test]
async fn what_another_site_asks_for_is_refused_and_nothing_changes() {
    let stage = stage().await;
    let posts = liaison_tracker::web::router::table(&stage.service.app).into_iter().filter(|(method, _, _)| method == Method::POST).count();
    assert_eq!(changes().len(), posts, "a POST route is missing here");

    for (who, path, fields) in changes() {
        let person = stage.roles().into_iter().find(|(role, _)| *role == who).and_then(|(_, person)| person);
        let mut visitor = stage.visitor(person).await;
        let path = stage.path(path, &stage.draft, &stage.review);
        let before = stage.fingerprint().await;
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080.example.net")],
            // a browser without `Sec-Fetch-Site`
            &[("sec-fetch-site", ""), ("origin", "https://evil.example")],
            &[("sec-fetch-site", ""), ("origin", "null")],
            &[("sec-fetch-site", ""), ("origin", "http://127.0.0.1:8081")],
        ] {
            let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            visitor.extra_headers.clone_from(&headers);
            visitor.post(&path, &fields).await;
            assert_eq!(visitor.page.status.as_u16(), 403, "{path} {headers:?} {}", visitor.page.text);
            visitor.assert_says("sent from another site").assert_says("nothing was changed");
            assert_eq!(visitor.page.header("set-cookie"), "", "{path}");
        }
        assert_eq!(differing(&before, &stage.fingerprint().await), Vec::<String>::new(), "{path}");
    }

    // the same from the site itself is taken
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    chair.extra_headers = vec![("origin".to_owned(), "http://127.0.0.1:8080".to_owned())];
    chair.post(&urls::submit(&stage.draft), &[("version", "1"), ("overrule", "same-statement-1")]).await;
    chair.assert_status(303);
    assert_eq!(chair.page.header("location"), urls::draft(&stage.draft));
}

#[tokio::test]
async fn other_methods_are_refused() {
    let stage = stage().await;
    let table = liaison_tracker::web::router::table(&stage.service.app);
    let mut visitor = stage.visitor(Some(&stage.world.secretariat)).await;
    let before = stage.fingerprint().await;

    for (_, path, _) in changes() {
        let is_page = table.iter().any(|(method, route, _)| method == Method::GET && super::routes::is_of(route, path));
        let address = stage.path(path, &stage.draft, &stage.review);
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"] {
            if is_page && matches!(method, "GET" | "HEAD") {
                continue;
            }
            visitor.go(method.parse().expect("a method"), &address, None).await;
            assert_eq!(visitor.page.status.as_u16(), 405, "{method} {path}");
            assert!(visitor.page.header("allow").contains("POST"), "{method} {path}: {}", visitor.page.header("allow"));
        }
    }

    assert_eq!(differing(&before, &stage.fingerprint().await), Vec::<String>::new());
}

#[tokio::test]
async fn reading_changes_nothing() {
    let stage = stage().await;
    let mut visitors = Vec::new();
    for (who, person) in stage.roles() {
        visitors.push((who, stage.visitor(person).await));
    }
    let before = stage.fingerprint().await;

    for (who, visitor) in &mut visitors {
        // every page one comes to from these, by links
        let mut to_see: Vec<String> =
            ["/", "/desk", "/account", "/administration/mail", "/api/v1/statements", "/statements/incoming/new", "/password/forgotten"]
                .map(str::to_owned)
                .into();
        to_see.extend([urls::draft(&stage.draft), urls::submit(&stage.draft), urls::review(&stage.review), urls::draft(&stage.review)]);
        to_see.extend([urls::REPORT.to_owned(), urls::report(&stage.report), urls::receipts("itu-t")]);
        to_see.push(stage.path("/sign-in/<secret>", "", ""));
        to_see.push(stage.path("/password/<secret>", "", ""));
        to_see.push(stage.path("/account/address/<secret>", "", ""));
        let mut seen = std::collections::HashSet::new();
        while let Some(path) = to_see.pop() {
            if seen.len() > 120 || !seen.insert(path.clone()) {
                continue;
            }
            visitor.get(&path).await;
            assert!(visitor.page.status.as_u16() < 500, "{who}: {path} is {}", visitor.page.status);
            let selector = crate::support::form::selector("a[href], form[method=get]");
            for link in visitor.page.html.select(&selector).filter_map(|link| link.attr("href").or(link.attr("action"))) {
                let link = link.split('#').next().unwrap_or_default();
                if link.starts_with('/') && !link.starts_with("//") {
                    to_see.push(link.to_owned());
                }
            }
        }
        assert!(seen.len() > 20, "{who} saw {} pages only", seen.len());
    }

    assert_eq!(differing(&before, &stage.fingerprint().await), Vec::<String>::new());
}

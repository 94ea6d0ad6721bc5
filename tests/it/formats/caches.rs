//! What may be kept, by whom (robustness.md WB09).

use axum::http::Method;
use liaison_tracker::urls;

use super::begin;
use crate::support::TestService;
use crate::support::letters;
use crate::support::people::PASSWORD;
use crate::support::posted::{incoming, put};
use crate::support::visitor::Visitor;

const PUBLIC: [&str; 19] = [
    "/",
    "/statements",
    "/statements?q=framing",
    "/statements/1",
    "/statements/1.txt",
    "/organizations",
    "/organizations/itu-t",
    "/groups/wire",
    "/relationships",
    "/help",
    "/api",
    "/api/v1/openapi.json",
    "/api/v1/statements",
    "/api/v1/statements/1",
    "/statements.atom",
    "/organizations.csv",
    "/relationships.json",
    "/sitemap.xml",
    "/robots.txt",
];

const KEPT: &str = "public, max-age=0, must-revalidate";

async fn with(visitor: &mut Visitor, path: &str, headers: &[(&str, &str)]) {
    visitor.extra_headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    visitor.get(path).await;
    visitor.extra_headers.clear();
}

async fn prepared() -> (TestService, crate::support::people::World) {
    let (service, world) = begin().await;
    put(&service.app, &incoming(1)).await;
    (service, world)
}

#[tokio::test]
async fn a_stranger_may_keep_public_pages_and_is_told_when_they_are_still_so() {
    let (service, _) = prepared().await;
    let mut visitor = service.visitor();

    for path in PUBLIC {
        let mut tags = Vec::new();
        for encoding in ["identity", "gzip", "br"] {
            with(&mut visitor, path, &[("accept-encoding", encoding)]).await;
            let page = &visitor.assert_status(200).page;
            assert_eq!(page.header("cache-control"), KEPT, "{path}");
            assert_eq!(page.headers.get_all("vary").iter().collect::<Vec<_>>(), ["Cookie, Accept-Encoding"], "{path}");
            assert!(page.headers.get("set-cookie").is_none(), "{path}");
            tags.push(page.header("etag"));
            let tag = page.header("etag");

            for known in [tag.clone(), tag.trim_start_matches("W/").to_owned(), format!("\"x\", {tag}"), "*".to_owned()] {
                with(&mut visitor, path, &[("accept-encoding", encoding), ("if-none-match", &known)]).await;
                let page = &visitor.assert_status(304).page;
                assert!(page.bytes.is_empty(), "{path}");
                assert_eq!(page.header("etag"), tag, "{path}");
                assert_eq!(page.header("cache-control"), KEPT, "{path}");
                assert_eq!(page.header("vary"), "Cookie, Accept-Encoding", "{path}");
                assert_eq!(page.header("content-type"), "", "{path}");
            }
            with(&mut visitor, path, &[("if-none-match", "W/\"x\", \"y\"")]).await;
            visitor.assert_status(200);
        }
        assert!(tags[0].starts_with("W/\"") && tags.iter().all(|tag| *tag == tags[0]), "{path}: {tags:?}");
        visitor.go(Method::HEAD, path, None).await;
        assert_eq!(visitor.assert_status(200).page.header("cache-control"), KEPT, "{path}");
    }

    visitor.get("/statements").await;
    let before = visitor.page.header("etag");
    put(&service.app, &incoming(2)).await;
    with(&mut visitor, "/statements", &[("if-none-match", &before)]).await;
    visitor.assert_status(200);
    assert_ne!(visitor.page.header("etag"), before);
}

#[tokio::test]
async fn a_stored_file_is_kept_by_its_own_tag() {
    let (service, world) = begin().await;
    let id = letters::posted(&service.app, letters::Posted::INCOMING).await;
    let n = letters::file(&service.app, id, "a.txt", b"text").await;
    let path = urls::attachment(1914, n, "a.txt");
    let mut visitor = service.visitor();

    visitor.get(&path).await;
    assert_eq!(visitor.assert_status(200).page.header("cache-control"), KEPT);
    let tag = visitor.page.header("etag");
    assert!(!tag.starts_with("W/"), "{tag}");
    with(&mut visitor, &path, &[("if-none-match", &tag)]).await;
    assert_eq!(visitor.assert_status(304).page.header("cache-control"), KEPT);
    visitor.get(&format!("{path}/text")).await;
    assert_eq!(visitor.assert_status(200).page.header("cache-control"), KEPT);

    let mut chair = service.as_person(&world.chair).await;
    chair.get(&path).await;
    assert_eq!(chair.assert_status(200).page.header("cache-control"), "private, no-store");
}

#[tokio::test]
async fn whoever_is_signed_in_leaves_no_copy_of_any_page() {
    let (service, world) = prepared().await;
    let mut chair = service.as_person(&world.chair).await;

    for path in PUBLIC.into_iter().chain(["/desk", "/account", "/statements/incoming/new", "/statements.csv", "/nothing"]) {
        with(&mut chair, path, &[("if-none-match", "*")]).await;
        assert_ne!(chair.page.status, 304, "{path}");
        assert_eq!(chair.page.header("cache-control"), "private, no-store", "{path}");
        assert_eq!(chair.page.header("etag"), "", "{path}");
    }
}

#[tokio::test]
async fn errors_forms_messages_and_cookies_are_never_kept() {
    let (service, _) = prepared().await;
    let mut visitor = service.visitor();
    visitor.follows = false;

    for path in [
        "/sign-in",
        "/password/forgotten",
        "/password/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "/desk",
        "/statements/77",
        "/api/v1/statements/77",
        "/organizations/none",
        "/statements/drafts/xxxxxxxxxxxxxxxxxxxxxxxxxx",
        "/nothing/here",
        "/statements.csv",
        "/healthz",
        "/readyz",
    ] {
        with(&mut visitor, path, &[("if-none-match", "*")]).await;
        assert_ne!(visitor.page.status, 304, "{path}");
        assert_eq!(visitor.page.header("cache-control"), "no-store", "{path}");
        assert_eq!(visitor.page.header("etag"), "", "{path}");
    }

    // signing in and out: what sets a cookie, and the page that shows the message once
    visitor.post("/sign-in", &[("email", "carol@people.example"), ("password", PASSWORD), ("by", "password")]).await;
    visitor.assert_status(303);
    assert_eq!(visitor.page.header("cache-control"), "no-store");
    visitor.post("/sign-out", &[]).await;
    visitor.assert_status(303);
    assert_eq!(visitor.page.header("clear-site-data"), "\"cache\"");
    assert!(visitor.page.header("cache-control").contains("no-store"), "{}", visitor.page.header("cache-control"));
    assert!(visitor.cookies.contains_key("flash"), "{:?}", visitor.cookies);
    visitor.get("/").await;
    visitor.assert_status(200).assert_says("You are signed out.");
    assert_eq!(visitor.page.header("cache-control"), "no-store");
    assert!(visitor.page.headers.contains_key("set-cookie"));
    visitor.get("/").await;
    visitor.assert_silent("You are signed out.");
    assert_eq!(visitor.page.header("cache-control"), KEPT);
}

//! What every answer says to browsers (WB03), and where redirects lead (WB06).

use axum::http::Method;
use liaison_tracker::urls;

use super::{Stage, stage_with};
use crate::support::page::Page;
use crate::support::people::PASSWORD;

fn check(page: &Page, is_https: bool) {
    let what = format!("{} {}", page.status, page.path);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"), "{what}: {policy}");
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("data:"), "{what}: {policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(page.header("referrer-policy"), "same-origin", "{what}");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(page.header("cross-origin-resource-policy"), "same-origin", "{what}");
    assert_eq!(page.header("strict-transport-security"), if is_https { "max-age=31536000" } else { "" }, "{what}");
    assert_eq!(page.header("server"), "", "{what}");
    assert_eq!(page.header("x-powered-by"), "", "{what}");
    assert_ne!(page.header("x-request-id"), "", "{what}");
    assert_ne!(page.header("cache-control"), "", "{what}");
    assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1, "{what}");
    let kind = page.header("content-type");
    if !page.bytes.is_empty() {
        assert_ne!(kind, "", "{what}");
    }
    if kind.starts_with("text/") {
        assert!(kind.to_lowercase().contains("charset=utf-8"), "{what}: {kind}");
    }
    for cookie in page.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().expect("text");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{what}: {cookie}");
        assert_eq!(cookie.contains("Secure"), is_https, "{what}: {cookie}");
    }
}

async fn crawl(stage: &Stage, is_https: bool) {
    let mut visitor = stage.visitor(None).await;
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    visitor.get("/").await;
    let source = visitor.page.source();
    let assets: Vec<String> = source.split('"').filter(|word| word.starts_with("/static/")).map(str::to_owned).collect();
    assert_eq!(assets.len(), 3, "{assets:?}");

    for path in [
        &["/", "/statements", "/statements/1", "/api", "/help", "/sign-in", "/healthz", "/readyz", "/api/v1/statements/1"].map(str::to_owned)[..],
        &assets,
    ]
    .concat()
    {
        visitor.get(&path).await;
        visitor.assert_status(200);
        check(&visitor.page, is_https);
    }
    for path in ["/statements/1/attachments/1/public.pdf", "/api/v1/statements", "/organizations/itu-t"] {
        visitor.get(path).await;
        visitor.assert_status(200);
        check(&visitor.page, is_https);
    }
    for (path, status) in [
        ("/nothing/here", 404),
        ("/statements/77", 404),
        ("/api/v1/statements/77", 404),
        ("/static/nothing.css", 404),
        ("/static/", 404),
        ("/.git/HEAD", 404),
        ("/.env", 404),
        ("/metrics", 404),
        ("/server-status", 404),
        ("/static/../Cargo.toml", 404),
        ("/static/%2e%2e/Cargo.toml", 404),
        ("/desk", 303),
        ("/administration/mail", 303),
        ("/account", 303),
    ] {
        visitor.get(path).await;
        visitor.assert_status(status);
        check(&visitor.page, is_https);
    }
    for (method, path) in [(Method::DELETE, "/statements/1"), (Method::TRACE, "/"), (Method::PUT, "/sign-in"), (Method::POST, "/help")] {
        visitor.go(method, path, None).await;
        visitor.assert_status(405);
        check(&visitor.page, is_https);
    }
    visitor.post("/sign-in", &[("email", "nobody"), ("password", ""), ("by", "password")]).await;
    visitor.assert_status(422);
    check(&visitor.page, is_https);
    visitor.go(Method::POST, "/sign-in", Some(("application/json".to_owned(), b"{}".to_vec()))).await;
    assert!(matches!(visitor.page.status.as_u16(), 415 | 422), "{}", visitor.page.status);
    check(&visitor.page, is_https);
    visitor.go(Method::POST, "/sign-in", Some(("application/x-www-form-urlencoded".to_owned(), vec![b'a'; 3_000_000]))).await;
    visitor.assert_status(413);
    check(&visitor.page, is_https);

    chair.get("/desk").await;
    chair.assert_status(200);
    check(&chair.page, is_https);
    assert!(chair.page.header("cache-control").contains("no-store"));
    chair.get("/statements/1").await;
    assert!(chair.page.header("cache-control").contains("private"));
    chair.post(&urls::submit(&stage.draft), &[("version", "1"), ("overrule", "same-statement-1")]).await;
    chair.assert_status(303);
    check(&chair.page, is_https);
    chair.get(&urls::draft(&stage.draft)).await;
    chair.assert_says("Submitted.");
    check(&chair.page, is_https);
    chair.get("/administration/mail").await;
    chair.assert_status(403);
    check(&chair.page, is_https);
    visitor.post("/sign-in", &[("email", "carol@people.example"), ("password", PASSWORD), ("by", "password")]).await;
    visitor.assert_status(303);
    check(&visitor.page, is_https);
    visitor.post("/sign-out", &[]).await;
    visitor.assert_status(303);
    check(&visitor.page, is_https);

    // a fault inside
    sqlx::query("ALTER TABLE statement_groups RENAME TO gone").execute(&stage.service.app.pool).await.expect("broken");
    sqlx::query("CREATE VIEW statement_groups AS SELECT *, 1 / 0 AS fails FROM gone").execute(&stage.service.app.pool).await.expect("broken");
    sqlx::query("ALTER TABLE relationships ALTER COLUMN kind TYPE text, DROP CONSTRAINT relationship_kind_is_known")
        .execute(&stage.service.app.pool)
        .await
        .expect("broken");
    sqlx::query("DROP TABLE group_names CASCADE").execute(&stage.service.app.pool).await.expect("broken");
    let mut failed = Vec::new();
    for path in ["/relationships", "/organizations", "/groups/wire", "/statements/1", "/api/v1/statements/1"] {
        visitor.get(path).await;
        check(&visitor.page, is_https);
        failed.push(visitor.page.status.as_u16());
    }
    assert!(failed.iter().any(|status| *status >= 500), "{failed:?}");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_browsers_safe() {
    let stage = stage_with(&[]).await;

    crawl(&stage, false).await;
}

#[tokio::test]
async fn over_https_cookies_are_secure_and_browsers_are_told_to_stay() {
    let stage = stage_with(&[("LIAISON_BASE_URL", "https://liaison.example.org")]).await;

    crawl(&stage, true).await;

    let mut visitor = stage.visitor(None).await;
    visitor.post("/sign-in", &[("email", "carol@people.example"), ("password", PASSWORD), ("by", "password")]).await;
    let cookies: Vec<String> = visitor.page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("text").to_owned()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("__Host-session=")), "{cookies:?}");
}

#[tokio::test]
async fn nothing_leads_to_another_site() {
    let stage = stage_with(&[]).await;

    for next in [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=1",
        "/\r\nSet-Cookie: x=1",
        "/\t/evil.example",
        " //evil.example",
        "///evil.example",
        "/..//evil.example",
    ] {
        let mut visitor = stage.visitor(None).await;
        visitor.get(&format!("/sign-in?next={}", urls::encode(next))).await;
        visitor.assert_status(200);
        visitor.post("/sign-in", &[("email", "carol@people.example"), ("password", PASSWORD), ("by", "password"), ("next", next)]).await;
        visitor.assert_status(303);
        let location = visitor.page.header("location");
        let resolved = url::Url::parse("http://127.0.0.1:8080/sign-in").expect("an address").join(&location).expect("an address");
        assert_eq!(resolved.host_str(), Some("127.0.0.1"), "{next}: {location}");
        assert!(!location.contains(['\r', '\n', '\\']) && !location.starts_with("//"), "{next}: {location}");
        assert!(!visitor.cookies.contains_key("x"), "{next}");

        // signed in already
        visitor.get(&format!("/sign-in?next={}", urls::encode(next))).await;
        let location = visitor.page.header("location");
        let resolved = url::Url::parse("http://127.0.0.1:8080/sign-in").expect("an address").join(&location).expect("an address");
        assert_eq!(resolved.host_str(), Some("127.0.0.1"), "{next}: {location}");
    }
}

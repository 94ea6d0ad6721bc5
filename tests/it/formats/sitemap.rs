//! What search engines are led to.

use std::collections::BTreeSet;

use roxmltree::Document;

use super::{begin, opened, text};
use crate::support::TestService;
use crate::support::posted::{NewStatement, incoming, put};

const SITEMAP: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const SITE: &str = "http://127.0.0.1:8080";

/// The local addresses that a sitemap names.
async fn addresses(service: &TestService, path: &str) -> Vec<String> {
    let source = text(service, path).await;
    let document = Document::parse(&source).expect("XML");
    let locations = document.descendants().filter(|node| node.has_tag_name((SITEMAP, "loc")));
    locations.map(|node| node.text().and_then(|address| address.strip_prefix(SITE)).expect("an address of ours").to_owned()).collect()
}

#[tokio::test]
async fn the_sitemap_names_what_is_public_and_all_of_it_is_there() {
    let (service, _) = begin().await;
    for (number, state) in [(Some(1), "posted"), (Some(2), "removed"), (None, "draft"), (None, "in-review"), (Some(10_001), "posted")] {
        put(&service.app, &NewStatement { number, state, ..incoming(0) }).await;
    }

    let parts = addresses(&service, "/sitemap.xml").await;
    assert_eq!(parts, ["/sitemap/pages.xml", "/sitemap/documents.xml", "/sitemap/statements-1.xml", "/sitemap/statements-10001.xml"]);
    let mut named = Vec::new();
    for part in &parts {
        named.extend(addresses(&service, part).await);
    }

    let statements: Vec<&String> = named.iter().filter(|path| path.starts_with("/statements/")).collect();
    assert_eq!(statements, ["/statements/1", "/statements/10001"]);
    assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), named.len());
    for path in ["/", "/statements", "/organizations/itu-t", "/groups/wire", "/help"] {
        assert!(named.iter().any(|known| known == path), "{path} is missing");
    }
    let mut visitor = service.visitor();
    visitor.follows = false;
    for path in named {
        visitor.get(&path).await;
        visitor.assert_status(200);
    }
    for none in [
        "/sitemap/statements-2.xml",
        "/sitemap/statements-.xml",
        "/sitemap/statements--9999.xml",
        "/sitemap/x.xml",
        "/sitemap/statements-99999999999.xml",
    ] {
        visitor.get(none).await;
        visitor.assert_status(404);
    }
    assert_eq!(addresses(&service, "/sitemap/statements-90001.xml").await, [""; 0]);
}

#[tokio::test]
async fn search_engines_are_told_where_the_map_is_and_what_is_not_for_them() {
    let (service, _) = begin().await;

    let page = opened(&service, "/robots.txt").await.page;

    assert_eq!(page.header("content-type"), "text/plain; charset=utf-8");
    let text = page.source();
    assert!(text.starts_with("User-agent: *\nDisallow: /account\n"), "{text}");
    assert!(text.contains("\nDisallow: /statements/drafts\n"), "{text}");
    assert!(text.contains("\nDisallow: /statements.\n"), "{text}");
    assert!(text.ends_with("\nSitemap: http://127.0.0.1:8080/sitemap.xml\n"), "{text}");
    // what the map names may be asked
    let refused: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    for path in addresses(&service, "/sitemap/pages.xml").await {
        assert!(!refused.iter().any(|beginning| path.starts_with(beginning)), "{path}");
    }
}

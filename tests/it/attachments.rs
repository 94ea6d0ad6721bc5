//! Stored files as they are served (robustness.md UP01, UP02, UP05; AZ02).

use axum::http::Method;
use liaison_tracker::statements::{AttachmentKind, Visibility};
use liaison_tracker::urls;
use sha2::{Digest, Sha256};

use crate::support::letters::{self, Posted};
use crate::support::people::{self, World};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-11-04T10:00:00Z";

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    (service, world)
}

/// Bytes without pattern, the same each time.
fn noise(size: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    (0..size)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[1]
        })
        .collect()
}

async fn fetch(visitor: &mut Visitor, method: Method, path: &str, headers: &[(&str, &str)]) {
    visitor.extra_headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    visitor.go(method, path, None).await;
    visitor.extra_headers.clear();
}

#[tokio::test]
async fn what_a_browser_could_run_leaves_as_a_download_in_a_sandbox() {
    let (service, _) = world().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    let script = b"<script>document.title='canary'</script>";
    let html = [b"<!doctype html><html><body>".as_slice(), script].concat();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("x.svg", [b"<svg xmlns='http://www.w3.org/2000/svg'>".as_slice(), script, b"</svg>"].concat()),
        ("evil.html", html.clone()),
        ("x.xhtml", [b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>".as_slice(), script, b"</html>"].concat()),
        ("x.xml", b"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='x.xsl'?><a/>".to_vec()),
        ("x.xsl", b"<?xml version='1.0'?><xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>".to_vec()),
        ("js.pdf", b"%PDF-1.7\n1 0 obj <</S/JavaScript/JS(app.alert(1))>>".to_vec()),
        ("gif.js", b"GIF89a/*\x01\x00\x80\x00*/=1;alert(1)".to_vec()),
        ("pdf.html", [b"%PDF-1.7\n".as_slice(), &html].concat()),
        ("html.txt", html.clone()),
        ("html.pdf", html.clone()),
        ("html", html.clone()),
        ("mail.eml", [b"From: a@example.org\r\nContent-Type: text/html\r\n\r\n".as_slice(), &html].concat()),
        ("x.js", b"alert(1)".to_vec()),
        ("x.mhtml", [b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n".as_slice(), &html].concat()),
        ("a.docm", b"PK\x03\x04\x14\x00\x00\x00\x08\x00macro".to_vec()),
        ("report.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1macro".to_vec()),
        ("S4-261155.zip", b"PK\x03\x04\x14\x00\x01\x00locked".to_vec()),
        ("empty.pdf", b"%PDF-1.4\n%%EOF".to_vec()),
        ("x.swf", b"FWS\x09\x00".to_vec()),
    ];
    let mut visitor = service.visitor();
    for (name, bytes) in files {
        let n = letters::file(&service.app, id, name, &bytes).await;

        visitor.get(&urls::attachment(1914, n, name)).await;

        visitor.assert_status(200);
        let page = &visitor.page;
        assert_eq!(page.bytes, bytes, "{name}");
        assert!(page.header("content-disposition").starts_with("attachment; filename=\""), "{name}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{name}");
        let policy = page.header("content-security-policy");
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'; sandbox", "{name}");
        for header in ["referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"] {
            assert!(!page.header(header).is_empty(), "{name}: {header}");
        }
        let kind = page.header("content-type");
        assert!(!["html", "xml;", "xml\0", "svg", "script"].iter().any(|run| format!("{kind}\0").contains(run)), "{name} left as {kind}");
    }
}

#[tokio::test]
async fn a_file_leaves_under_its_name_in_both_forms() {
    let (service, _) = world().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    let long = "x".repeat(1_000);
    let long_kept = "x".repeat(255);
    let cases = [
        ("../../etc/passwd", "passwd", "filename*=UTF-8''passwd"),
        (r"C:\x", "x", "filename*=UTF-8''x"),
        ("nul\0l.pdf", "null.pdf", "filename*=UTF-8''null.pdf"),
        (long.as_str(), long_kept.as_str(), "filename=\"xxx"),
        ("\"; filename=\"x.html", "\"; filename=\"x.html", "filename=\"_; filename=_x.html\""),
        ("a\r\nSet-Cookie: x=y.txt", "aSet-Cookie: x=y.txt", "filename=\"aSet-Cookie: x=y.txt\""),
        ("invoice\u{202e}fdp.exe", "invoicefdp.exe", "filename*=UTF-8''invoicefdp.exe"),
        ("über.txt", "über.txt", "filename*=UTF-8''%C3%BCber.txt"),
        ("u\u{308}ber.txt", "u\u{308}ber.txt", "filename*=UTF-8''u%CC%88ber.txt"),
        ("报告 #1?.pdf", "报告 #1?.pdf", "filename=\"__ #1?.pdf\""),
        ("", "file", "filename=\"file\""),
        ("..", "file", "filename=\"file\""),
        (".htaccess", ".htaccess", "filename*=UTF-8''.htaccess"),
        ("con", "con", "filename=\"con\""),
        ("100%25.pdf", "100%25.pdf", "filename*=UTF-8''100%2525.pdf"),
    ];
    let mut visitor = service.visitor();
    for (sent, kept, in_header) in cases {
        let n = letters::file(&service.app, id, sent, b"some text").await;

        visitor.get(&urls::attachment(1914, n, kept)).await;

        visitor.assert_status(200);
        let disposition = visitor.page.header("content-disposition");
        assert!(disposition.contains(in_header), "{sent:?}: {disposition}");
        assert!(visitor.page.redirects.is_empty(), "{sent:?} led to {:?}", visitor.page.redirects);
        assert!(visitor.page.headers.get("set-cookie").is_none(), "{sent:?}");
    }
}

#[tokio::test]
async fn the_same_file_twice_is_two_attachments_and_a_number_is_never_used_again() {
    let (service, world) = world().await;
    let app = &service.app;
    let id = draft(&service, &world).await;
    let first = letters::file(app, id, "LS412.pdf", b"%PDF-1.7 one").await;
    let second = letters::file(app, id, "LS412.pdf", b"%PDF-1.7 one").await;
    let mut connection = app.pool.acquire().await.expect("a connection");

    let gone = liaison_tracker::statements::store::files::detach(&mut connection, id, second).await.expect("detached");
    let again = liaison_tracker::statements::store::files::detach(&mut connection, id, second).await.expect("nothing there");
    let third = letters::file(app, id, "LS412.pdf", b"%PDF-1.7 one").await;

    assert_eq!((first, second, third, gone, again), (1, 2, 3, true, false));
    let kept: (i64, i64) = sqlx::query_as("SELECT (SELECT count(*) FROM files), (SELECT count(DISTINCT file_id) FROM file_chunks)")
        .fetch_one(&app.pool)
        .await
        .expect("counts");
    assert_eq!(kept, (2, 2));
}

#[tokio::test]
async fn thirty_files_come_back_byte_for_byte_whole_and_in_part() {
    let (service, _) = world().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    let chunk = 256 * 1024;
    let mut all: Vec<(String, Vec<u8>)> = (0..24).map(|n| (format!("noise{n}.bin"), noise(1 + n as usize * 31_337, n))).collect();
    all.push(("ff.bin".to_owned(), vec![0xff; 100_000]));
    all.push(("lines.txt".to_owned(), "1\tOverview\t\t\r\n\r\n2\tProposal\r\n".repeat(5_000).into_bytes()));
    all.push(("cp1252.txt".to_owned(), b"\x93CCAMP\x94".to_vec()));
    all.push(("one-chunk.bin".to_owned(), noise(chunk, 77)));
    all.push(("one-more.bin".to_owned(), noise(chunk + 1, 78)));
    all.push(("large.zip".to_owned(), noise(24_000_000, 79)));
    assert_eq!(all.len(), 30);
    let mut visitor = service.visitor();
    for (name, bytes) in &all {
        let n = letters::file(&service.app, id, name, bytes).await;
        let path = urls::attachment(1914, n, name);
        let size = bytes.len();
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();

        fetch(&mut visitor, Method::GET, &path, &[("accept-encoding", "gzip, br")]).await;
        assert!(visitor.assert_status(200).page.bytes == *bytes, "{name} came back otherwise");
        let etag = visitor.page.header("etag");
        assert_eq!(etag, format!("\"{hash}\""));
        assert_eq!(visitor.page.header("content-length"), size.to_string());
        assert_eq!(visitor.page.header("content-encoding"), "", "{name} was packed");

        fetch(&mut visitor, Method::HEAD, &path, &[("range", "bytes=0-0")]).await;
        visitor.assert_status(200);
        assert!(visitor.page.bytes.is_empty());
        assert_eq!(visitor.page.header("content-length"), size.to_string());
        assert_eq!(visitor.page.header("accept-ranges"), "bytes");

        for (first, last) in [(0, 0), (size / 2, size - 1), (size / 3, (size / 3 + chunk).min(size - 1)), (size - 1, size - 1)] {
            fetch(&mut visitor, Method::GET, &path, &[("range", &format!("bytes={first}-{last}")), ("if-range", &etag)]).await;
            assert!(visitor.assert_status(206).page.bytes == bytes[first..=last], "{name} {first}-{last}");
            assert_eq!(visitor.page.header("content-range"), format!("bytes {first}-{last}/{size}"));
        }
        fetch(&mut visitor, Method::GET, &path, &[("range", "bytes=-7")]).await;
        assert_eq!(visitor.assert_status(206).page.bytes, bytes[size - size.min(7)..]);
        fetch(&mut visitor, Method::GET, &path, &[("range", &format!("bytes={size}-"))]).await;
        visitor.assert_status(416);
        assert_eq!(visitor.page.header("content-range"), format!("bytes */{size}"));
        fetch(&mut visitor, Method::GET, &path, &[("range", "bytes=0-0"), ("if-range", "\"another\"")]).await;
        visitor.assert_status(200);
        fetch(&mut visitor, Method::GET, &path, &[("if-none-match", &format!("\"other\", {etag}"))]).await;
        assert!(visitor.assert_status(304).page.bytes.is_empty());
    }
}

#[tokio::test]
async fn a_wrong_name_leads_to_the_right_one() {
    let (service, _) = world().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    let n = letters::file(&service.app, id, "LS 412.pdf", b"%PDF-1.7").await;
    let mut visitor = service.visitor();
    visitor.follows = false;

    visitor.get(&format!("/statements/1914/attachments/{n}/other.html")).await;

    visitor.assert_status(301);
    assert_eq!(visitor.page.header("location"), format!("/statements/1914/attachments/{n}/LS%20412.pdf"));
}

/// A draft of one of WIRE's chairs.
async fn draft(service: &TestService, world: &World) -> liaison_tracker::ids::StatementId {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO statements (draft_id, origin, direction, state, title, made_at, changed_at, author_id)
         VALUES ('a-draft-id-that-is-long-enough', 'native', 'incoming', 'draft', 'Secret so far', now(), now(), $1) RETURNING statement_id",
    )
    .bind(world.chair.id.0)
    .fetch_one(&service.app.pool)
    .await
    .expect("a draft");
    liaison_tracker::ids::StatementId(id)
}

#[tokio::test]
async fn a_file_of_a_draft_is_for_its_readers_and_for_all_others_nothing() {
    let (service, world) = world().await;
    let id = draft(&service, &world).await;
    let n = letters::file(&service.app, id, "secret.txt", b"secret").await;
    let path = format!("/statements/drafts/a-draft-id-that-is-long-enough/attachments/{n}/secret.txt");
    let never = format!("/statements/drafts/a-draft-id-that-never-existed/attachments/{n}/secret.txt");

    let mut author = service.as_person(&world.chair).await;
    author.get(&path).await;
    assert_eq!(author.assert_status(200).page.bytes, b"secret");

    for other in [None, Some(&world.outsider), Some(&world.chair_mesh), Some(&world.manager_3gpp)] {
        let mut visitor = match other {
            Some(person) => service.as_person(person).await,
            None => service.visitor(),
        };
        visitor.get(&path).await;
        let (status, real) = (visitor.page.status, visitor.page.source().replace("a-draft-id-that-is-long-enough", ""));
        visitor.get(&never).await;
        let (never_status, never_page) = (visitor.page.status, visitor.page.source().replace("a-draft-id-that-never-existed", ""));
        assert_eq!((status.as_u16(), never_status.as_u16()), (404, 404));
        assert_eq!(real, never_page);
        visitor.get(&format!("/statements/drafts/a-draft-id-that-is-long-enough/attachments/{n}/x")).await;
        visitor.assert_status(404);
    }
}

#[tokio::test]
async fn what_is_for_those_concerned_or_withheld_is_nothing_to_others() {
    let (service, world) = world().await;
    let app = &service.app;
    let id = letters::posted(app, Posted::INCOMING).await;
    let concerned = letters::stored(app, "concerned.txt", b"for some").await;
    let concerned = letters::attach(app, id, &concerned, AttachmentKind::Enclosure, Visibility::Concerned).await;
    let mail = letters::stored(app, "mail.eml", b"From: a@example.org\r\n\r\n").await;
    let mail = letters::attach(app, id, &mail, AttachmentKind::OriginalMail, Visibility::Public).await;
    let withheld = letters::stored(app, "withheld.txt", b"for few").await;
    let withheld = letters::attach(app, id, &withheld, AttachmentKind::Enclosure, Visibility::Withheld).await;
    let paths = [(concerned, "concerned.txt"), (mail, "mail.eml"), (withheld, "withheld.txt")].map(|(n, name)| urls::attachment(1914, n, name));

    let expected = [
        (Some(&world.coordinator), [200, 200, 200]),
        (Some(&world.chair), [200, 200, 200]),
        (Some(&world.manager_itu_t), [200, 200, 200]),
        (Some(&world.chair_mesh), [404, 404, 404]),
        (Some(&world.outsider), [404, 404, 404]),
        (None, [404, 404, 404]),
    ];
    for (person, statuses) in expected {
        let mut visitor = match person {
            Some(person) => service.as_person(person).await,
            None => service.visitor(),
        };
        for (path, status) in paths.iter().zip(statuses) {
            visitor.get(path).await;
            visitor.assert_status(status);
        }
    }
}

#[tokio::test]
async fn files_of_a_removed_statement_and_files_not_held_are_not_there() {
    let (service, _) = world().await;
    let app = &service.app;
    let id = letters::posted(app, Posted::INCOMING).await;
    let n = letters::file(app, id, "a.txt", b"text").await;
    sqlx::query(
        "INSERT INTO attachments (statement_id, n, kind, title, file_name, is_not_held, added_at) VALUES ($1, 90, 'enclosure', 'Old one', 'old.doc', true, now())",
    )
    .bind(id.0)
    .execute(&app.pool)
    .await
    .expect("an attachment");
    let mut visitor = service.visitor();
    visitor.get("/statements/1914/attachments/90/old.doc").await;
    visitor.assert_status(404).assert_says("is not held here");
    visitor.get(&urls::attachment(1914, n, "a.txt")).await;
    visitor.assert_status(200);

    sqlx::query("UPDATE statements SET state = 'removed' WHERE statement_id = $1").bind(id.0).execute(&app.pool).await.expect("removed");
    visitor.get(&urls::attachment(1914, n, "a.txt")).await;

    visitor.assert_status(404).assert_silent("text");
}

#[tokio::test]
async fn addresses_that_mean_nothing_are_not_found() {
    let (service, _) = world().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    letters::file(&service.app, id, "a.txt", b"text").await;
    let mut visitor = service.visitor();
    for path in [
        "1914/attachments/2/a.txt",
        "1914/attachments/x/a.txt",
        "01914/attachments/1/a.txt",
        "+1914/attachments/1/a.txt",
        "1914/attachments/99999999999/a.txt",
        "99999999999/attachments/1/a.txt",
        "1914/attachments/1/",
        "1914/attachments/1/%FF",
    ] {
        visitor.get(&format!("/statements/{path}")).await;
        visitor.assert_status(404);
    }
}

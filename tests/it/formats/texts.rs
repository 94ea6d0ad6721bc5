//! Text files shown as text (data/inputs.md 6).

use liaison_tracker::statements::{AttachmentKind, Visibility};
use liaison_tracker::urls;

use super::begin;
use crate::support::letters::{self, Posted};

#[tokio::test]
async fn a_text_is_shown_as_text_and_downloaded_byte_for_byte() {
    let (service, _) = begin().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    let cut = "Grüße\n".repeat(200_000);
    let files: [(&str, &[u8], &str, &str); 8] = [
        ("quoted.txt", b"\x93CCAMP\x94", "\u{201c}CCAMP\u{201d}", "Shown as Windows-1252, a guess: the file does not say."),
        ("utf8.txt", "\nGrüße\t1\r\n".as_bytes(), "\nGrüße\t1\n", "Shown as UTF-8."),
        ("wide.txt", b"\xff\xfeG\0r\0\xfc\0", "Grü", "Shown as UTF-16LE."),
        ("evil.html", b"<!doctype html><script>alert(1)</script>", "<!doctype html><script>alert(1)</script>", "Shown as UTF-8."),
        (
            "x.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
            "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
            "Shown as UTF-8.",
        ),
        ("mail.eml", b"From: a@example.org\r\n\r\n<b>", "From: a@example.org\n\n<b>", "Shown as UTF-8."),
        ("closing.txt", b"</pre><h1>x</h1>", "</pre><h1>x</h1>", "Shown as UTF-8."),
        ("long.txt", cut.as_bytes(), &cut[..262_140], "Only the first 262 kB of 1.6 MB are shown; the download has all of it."),
    ];
    let mut visitor = service.visitor();
    for (name, bytes, shown, note) in files {
        let n = letters::file(&service.app, id, name, bytes).await;
        visitor.get("/statements/1914").await;
        let link = visitor.page.link(&format!("Open as text: {name}"));
        assert_eq!(link, format!("{}/text", urls::attachment(1914, n, name)));

        visitor.get(&link).await;

        visitor.assert_status(200).assert_says(note);
        assert_eq!(visitor.page.header("content-type"), "text/html; charset=utf-8");
        assert!(visitor.page.header("content-security-policy").starts_with("default-src 'none'"), "{name}");
        let pre = scraper::Selector::parse("pre").expect("a selector");
        let text: String = visitor.page.html.select(&pre).next().expect("the text").text().collect();
        let text = text.replace("\r\n", "\n");
        assert!(text.starts_with(&shown[..shown.len().min(1_000_000)]) && text.len() <= shown.len() + 10, "{name}: {} characters", text.len());
        assert_eq!(visitor.page.texts("h1"), [name]);
        assert_eq!(visitor.page.html.select(&scraper::Selector::parse("pre *, main script").expect("a selector")).count(), 0, "{name}");
        visitor.click(&format!("Download {name}")).await;
        assert!(visitor.assert_status(200).page.bytes == bytes, "{name} came back otherwise");
        assert!(visitor.page.header("content-disposition").starts_with("attachment"), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_text_has_no_such_page() {
    let (service, _) = begin().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    let mut visitor = service.visitor();
    for (name, bytes) in
        [("a.pdf", b"%PDF-1.7 text".as_slice()), ("a.zip", b"PK\x03\x04\x14\0"), ("noise.txt", b"\xff\xff\xff\xff\0\x01"), ("a.bin", b"\0\x01")]
    {
        let n = letters::file(&service.app, id, name, bytes).await;
        visitor.get(&format!("{}/text", urls::attachment(1914, n, name))).await;
        visitor.assert_status(404);
    }
    visitor.get("/statements/1914").await;
    assert_eq!(visitor.page.find_link("Open as text: a.pdf"), None);
    for path in
        ["1914/attachments/1/other.pdf/text", "1914/attachments/99/a.txt/text", "1915/attachments/1/a.pdf/text", "01914/attachments/1/a.pdf/text"]
    {
        visitor.get(&format!("/statements/{path}")).await;
        visitor.assert_status(404);
    }
}

#[tokio::test]
async fn a_text_is_for_those_who_may_download_it() {
    let (service, world) = begin().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    let mut paths = Vec::new();
    for (name, kind, visibility) in [
        ("concerned.txt", AttachmentKind::Enclosure, Visibility::Concerned),
        ("mail.eml", AttachmentKind::OriginalMail, Visibility::Public),
        ("withheld.txt", AttachmentKind::Enclosure, Visibility::Withheld),
        ("public.txt", AttachmentKind::Enclosure, Visibility::Public),
    ] {
        let stored = letters::stored(&service.app, name, b"Subject: Canary\r\n\r\n").await;
        let n = letters::attach(&service.app, id, &stored, kind, visibility).await;
        paths.push(urls::attachment(1914, n, name));
    }

    for person in [Some(&world.coordinator), Some(&world.chair), Some(&world.manager_itu_t), Some(&world.chair_mesh), Some(&world.outsider), None] {
        let mut visitor = match person {
            Some(person) => service.as_person(person).await,
            None => service.visitor(),
        };
        for path in &paths {
            visitor.get(path).await;
            let download = visitor.page.status;
            visitor.get(&format!("{path}/text")).await;
            assert_eq!(visitor.page.status, download, "{path}");
            assert_eq!(visitor.page.text.contains("Canary"), download == 200, "{path}");
        }
        visitor.get("/statements/1914").await;
        let source = visitor.page.source();
        for path in &paths {
            assert_eq!(source.contains(&format!("{path}/text")), source.contains(&format!("{path}\"")), "{path}");
        }
    }

    sqlx::query("UPDATE statements SET state = 'removed' WHERE statement_id = $1").bind(id.0).execute(&service.app.pool).await.expect("removed");
    let mut visitor = service.visitor();
    visitor.get(&format!("{}/text", paths[3])).await;
    visitor.assert_status(404).assert_silent("Canary");
}

#[tokio::test]
async fn a_text_of_a_draft_is_for_its_readers() {
    let (service, world) = begin().await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "note.txt", b"\x93Canary\x94");
    chair
        .submit(
            "Continue to check",
            &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Purpose", "For Information"), ("Text", "Dear all")],
        )
        .await;
    chair.assert_status(200);
    let link = chair.page.link("Open as text: note.txt");

    chair.get(&link).await;
    chair.assert_status(200).assert_says("\u{201c}Canary\u{201d}");

    for other in [None, Some(&world.outsider), Some(&world.chair_mesh)] {
        let mut visitor = match other {
            Some(person) => service.as_person(person).await,
            None => service.visitor(),
        };
        visitor.get(&link).await;
        visitor.assert_status(404).assert_silent("Canary");
    }
}

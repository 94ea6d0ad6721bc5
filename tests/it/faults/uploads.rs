//! Uploads that break off, and servers that die meanwhile (robustness.md UP06).

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use liaison_tracker::clock::Clock;
use liaison_tracker::{checkup, statements};
use tokio::io::AsyncWriteExt;

use super::stopping::{draft_with_a_file, head_of};
use crate::support::people::world;
use crate::support::server::Server;
use crate::support::service;

#[tokio::test]
async fn up06_whatever_breaks_off_leaves_no_piece_without_its_whole() {
    let service = service(Clock::system()).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    let cookie = format!("session={}", chair.cookies["session"]);
    let pool = &service.app.pool;
    let counts = async || -> (i64, i64, i64) {
        let counts = "SELECT (SELECT count(*) FROM statements), (SELECT count(*) FROM attachments), (SELECT count(*) FROM files)";
        sqlx::query_as(counts).fetch_one(pool).await.expect("counts")
    };
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;

    // cut at ten points
    for n in 0..10 {
        let body = draft_with_a_file(&format!("Cut {n}"), 1_000_000);
        let mut upload = server.connect(head_of(&body, "/statements/incoming/new", &cookie).as_bytes()).await;
        upload.write_all(&body[..body.len() * n / 10 + 1]).await.expect("a part of it");
        upload.flush().await.expect("sent");
        drop(upload);
    }
    let begun = Instant::now();
    let mut quiet = 0;
    while quiet < 10 {
        quiet = if counts().await == (0, 0, 0) { quiet + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?} is left of what was cut", counts().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);

    // killed meanwhile
    let body = draft_with_a_file("Killed", 3_000_000);
    let mut upload = server.connect(head_of(&body, "/statements/incoming/new", &cookie).as_bytes()).await;
    upload.write_all(&body[..body.len() * 2 / 3]).await.expect("a part of it");
    let begun = Instant::now();
    while counts().await.2 == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "no piece of the file arrives");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.child.kill().expect("a kill");
    server.child.wait().expect("its end");
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);

    // a draft with a file is given up: its file stays with it; nobody else's request names a file, so none can be taken
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "letter.pdf", b"%PDF-1.4 a letter");
    chair.submit("Save draft", &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "Given up")]).await;
    chair.submit("Give up", &[("Why is it given up?", "no need")]).await;
    assert_eq!(counts().await, (1, 1, 2));
    let later = service.app.clock.now() + TimeDelta::hours(2);
    statements::store::files::sweep(pool, later).await.expect("swept");
    assert_eq!(counts().await, (1, 1, 1));
    let pieces: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM file_chunks WHERE NOT EXISTS (SELECT 1 FROM attachments WHERE attachments.file_id = file_chunks.file_id)",
    )
    .fetch_one(pool)
    .await
    .expect("a count");
    assert_eq!(pieces, 0);
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);
}

#[tokio::test]
async fn up06_a_save_that_breaks_off_leaves_the_draft_as_it_was_and_the_program_finds_nothing_wrong() {
    let service = service(Clock::system()).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    let cookie = format!("session={}", chair.cookies["session"]);
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "first.pdf", b"%PDF-1.4 the first");
    chair.submit("Save draft", &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "Kept"), ("Text", "as it was")]).await;
    let draft = chair.page.path.clone();
    let pool = &service.app.pool;
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;

    // cut at ten points: within the text, and within the file after it
    for n in 0..10 {
        let body = draft_with_a_file("Cut", 400_000);
        let mut upload = server.connect(head_of(&body, &draft, &cookie).as_bytes()).await;
        upload.write_all(&body[..body.len() * n / 10 + 1]).await.expect("a part of it");
        upload.flush().await.expect("sent");
        drop(upload);
    }
    let counts = async || -> (i64, i64, i64, i64) {
        let counts = "SELECT (SELECT count(*) FROM statements), (SELECT count(*) FROM statement_versions), (SELECT count(*) FROM attachments), (SELECT count(*) FROM files)";
        sqlx::query_as(counts).fetch_one(pool).await.expect("counts")
    };
    let begun = Instant::now();
    let mut quiet = 0;
    while quiet < 10 {
        quiet = if counts().await == (1, 1, 1, 1) { quiet + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?} is left of what was cut", counts().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.child.kill().expect("a kill");
    server.child.wait().expect("its end");
    chair.get(&draft).await;
    assert_eq!((chair.page.value("Title"), chair.page.value("Text")), ("Kept".to_owned(), "as it was".to_owned()));

    let check = std::process::Command::new(env!("CARGO_BIN_EXE_liaison-tracker"))
        .arg("check")
        .env("DATABASE_URL", &service.database.url)
        .env("LIAISON_LOG", "error")
        .output()
        .expect("the program runs");
    assert!(check.status.success(), "{}{}", String::from_utf8_lossy(&check.stdout), String::from_utf8_lossy(&check.stderr));
}

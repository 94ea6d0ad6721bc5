//! The database's disk is full, and has room again (robustness.md DB04).

use std::time::Duration;

use liaison_tracker::checkup;
use liaison_tracker::database::private_server::Durability;

use crate::support::TestService;
use crate::support::alone::{SmallDisk, alone, data_dir, noise, on_disk};
use crate::support::people::world;
use crate::support::server::Server;

#[tokio::test]
async fn db04_with_a_full_disk_pages_are_read_and_nothing_typed_is_lost() {
    // a PostgreSQL of its own: with one of its disks full it can't write checkpoints, which others need
    let folder = data_dir();
    let (first, postgresql) = alone(folder.path(), Durability::ForTests).await;
    let Some(disk) = SmallDisk::mount(&folder.path().join("database/cluster")) else {
        eprintln!("SKIPPED: a small file system can't be mounted here, so nothing was tested about a full disk");
        return;
    };
    on(&disk, on_disk(&first, &disk).await).await;

    first.database.pool.close().await;
    postgresql.stop().await.expect("stopped");
}

async fn on(disk: &SmallDisk, service: TestService) {
    let (pool, url) = (service.database.pool.clone(), service.database.url.clone());
    let world = world(&service).await;
    let chair = service.as_person(&world.chair).await;
    let cookie = format!("session={}", chair.cookies["session"]);
    let mut server = Server::start(&[("DATABASE_URL", &url)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    let save = async |n: u32| {
        let text = noise(n);
        let fields =
            [("creation-key", format!("key-{n}")), ("from", "ITU-T SG11".to_owned()), ("to", "wire".to_owned()), ("title", format!("Letter {n}"))];
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(&fields).append_pair("body", &text).append_pair("do", "save").finish();
        let answer = server.ask("POST", "/statements/incoming/new", &[("Cookie", &cookie)], &form).await.expect("an answer");
        (answer, text)
    };
    assert_eq!(save(0).await.0.status, 303);

    disk.fill();
    for n in 1..=5 {
        let (answer, text) = save(n).await;
        assert_eq!(answer.status, 503, "{}", answer.text());
        let page = scraper::Html::parse_document(&answer.text());
        let kept: Vec<String> =
            page.select(&scraper::Selector::parse("textarea").expect("a selector")).map(|area| area.text().collect::<String>()).collect();
        assert_eq!(kept, [text]);
        for path in ["/", "/statements", "/organizations"] {
            assert_eq!(server.get(path).await.expect("an answer").status, 200, "{path}");
        }
        let ready = server.get("/readyz").await.expect("an answer");
        assert!(ready.status == 503 && ready.text().contains("disk is full since"), "{}", ready.text());
    }
    assert_eq!(server.get("/healthz").await.expect("an answer").status, 200);
    let log = server.log();
    let said = log.lines().filter(|line| line.contains("disk is full")).count();
    // once a minute
    assert!((1..=2).contains(&said), "{log}");

    disk.free();
    let (again, _) = save(1).await;
    assert_eq!(again.status, 303, "{}", again.text());
    server.wait_for(200, Duration::from_secs(10)).await;
    assert!(server.log().contains("has room again"), "{}", server.log());
    assert_eq!(checkup::store::broken(&pool).await.expect("a check"), []);
    let drafts: i64 = sqlx::query_scalar("SELECT count(*) FROM statements").fetch_one(&pool).await.expect("a count");
    assert_eq!(drafts, 2);
    pool.close().await;
}

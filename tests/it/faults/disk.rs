//! The database's disk is full, and has room again (robustness.md DB04).

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use liaison_tracker::clock::Clock;
use liaison_tracker::config::Config;
use liaison_tracker::database::MIGRATIONS;
use liaison_tracker::database::private_server::Durability;
use liaison_tracker::web::router;
use liaison_tracker::{App, checkup};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::database::alone;
use super::{admin, data_dir, url_of};
use crate::support::TestService;
use crate::support::database::TestDatabase;
use crate::support::people::world;
use crate::support::server::Server;

/// A small file system in memory, unmounted with the test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None: this user may not mount one.
    fn mount(owner_of: &Path) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("lt-disk").tempdir_in("/tmp").ok()?.keep();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs"]).arg(&folder).status();
        if !mounted.is_ok_and(|status| status.success()) {
            let _ = fs::remove_dir(&folder);
            return None;
        }
        let owner = fs::metadata(owner_of).expect("PostgreSQL's folder");
        chown(&folder, Some(owner.uid()), Some(owner.gid())).expect("a folder of PostgreSQL's");
        Some(Self(folder))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    fn fill(&self) {
        let mut file = File::create(self.filler()).expect("a file");
        for size in [1 << 20, 4096] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.filler()).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}

/// Text that can't be made smaller much.
fn noise(seed: u32) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut text = String::new();
    for _ in 0..100_000 {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        text.push(char::from(b'!' + (state % 90) as u8));
    }
    text
}

#[tokio::test]
async fn db04_with_a_full_disk_pages_are_read_and_nothing_typed_is_lost() {
    // a PostgreSQL of its own: with one of its disks full it can't write checkpoints, which others need
    let folder = data_dir();
    let (first, postgresql) = alone(folder.path(), Durability::ForTests).await;
    let Some(disk) = SmallDisk::mount(&folder.path().join("database/cluster")) else {
        eprintln!("SKIPPED: a small file system can't be mounted here, so nothing was tested about a full disk");
        return;
    };
    admin(&first.database, &format!("CREATE TABLESPACE small LOCATION '{}'", disk.0.display())).await;
    admin(&first.database, "CREATE DATABASE small TABLESPACE small").await;
    let url = url_of(&first.database, "small");
    let pool = PgPoolOptions::new().max_connections(5).connect(&url).await.expect("a pool");
    MIGRATIONS.run(&pool).await.expect("the schema");

    on(&disk, pool, url).await;

    first.database.pool.close().await;
    postgresql.stop().await.expect("stopped");
}

async fn on(disk: &SmallDisk, pool: PgPool, url: String) {
    let app = App::new(Config::defaults().expect("a configuration"), pool.clone(), Clock::system());
    app.set_ready().await.expect("ready");
    let router = router::router(&app).expect("routes");
    let service = TestService { app, router, database: TestDatabase { pool: pool.clone(), url: url.clone(), name: "small".to_owned() } };
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

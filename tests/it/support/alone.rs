//! A PostgreSQL and a disk of a test's own, which the test may stop and fill.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use liaison_tracker::App;
use liaison_tracker::clock::Clock;
use liaison_tracker::config::Config;
use liaison_tracker::database::MIGRATIONS;
use liaison_tracker::database::private_server::{self, Durability, PrivateServer};
use liaison_tracker::web::router;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};

use super::TestService;
use super::database::TestDatabase;

/// A data folder that the user PostgreSQL runs as may pass.
pub fn data_dir() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("lt-").tempdir_in("/tmp").expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).expect("passable");
    folder
}

/// A service on a PostgreSQL of its own, which the test may stop.
pub async fn alone(folder: &Path, durability: Durability) -> (TestService, PrivateServer) {
    let server = private_server::start(folder, durability).await.expect("PostgreSQL starts");
    let url = server.url("liaison");
    let pool = PgPoolOptions::new().max_connections(5).connect(&url).await.expect("a connection");
    (on(pool, url, "liaison").await, server)
}

async fn on(pool: PgPool, url: String, name: &str) -> TestService {
    MIGRATIONS.run(&pool).await.expect("the schema");
    let app = App::new(Config::defaults().expect("a configuration"), pool.clone(), Clock::system());
    app.set_ready().await.expect("ready");
    let router = router::router(&app).expect("routes");
    TestService { app, router, database: TestDatabase { pool, url, name: name.to_owned() } }
}

/// A service beside another one, whose database is on a small disk.
pub async fn on_disk(beside: &TestService, disk: &SmallDisk) -> TestService {
    for sql in [format!("CREATE TABLESPACE small LOCATION '{}'", disk.0.display()), "CREATE DATABASE small TABLESPACE small".to_owned()] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&beside.database.pool).await.expect("a small database");
    }
    let mut url: url::Url = beside.database.url.parse().expect("a URL");
    url.set_path("small");
    let pool = PgPoolOptions::new().max_connections(5).connect(url.as_str()).await.expect("a pool");
    on(pool, url.into(), "small").await
}

/// Text that can't be made smaller much.
pub fn noise(seed: u32) -> String {
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

/// Stops PostgreSQL as `pg_ctl -m fast` (SIGINT) or `-m immediate` (SIGQUIT) does, and waits for its end.
pub async fn stop_postgresql(folder: &Path, signal: Signal) {
    let file = folder.join("database/cluster/postmaster.pid");
    let pid = std::fs::read_to_string(&file).expect("it runs").lines().next().and_then(|line| line.parse().ok()).expect("its id");
    nix::sys::signal::kill(Pid::from_raw(pid), signal).expect("a signal");
    let begun = Instant::now();
    while Path::new(&format!("/proc/{pid}")).exists() && std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    {
        assert!(begun.elapsed() < Duration::from_secs(30), "PostgreSQL does not stop");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A small file system in memory, unmounted with the test.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None: this user may not mount one.
    pub fn mount(owner_of: &Path) -> Option<Self> {
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

    /// Leaves no room in it.
    pub fn fill(&self) {
        let mut file = File::create(self.filler()).expect("a file");
        for size in [1 << 20, 4096] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn free(&self) {
        fs::remove_file(self.filler()).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}

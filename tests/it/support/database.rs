//! A database of its own for each test, as a copy of one that was migrated once.
//!
//! Each test process has a private server, which a watcher stops when the process ends, however it ends.
//! With `LIAISON_TEST_DATABASE_URL` (whose user may create databases) that server is used instead.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use liaison_tracker::database::private_server::{self, Durability, PrivateServer};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

/// A migrated database that no other test sees.
pub struct TestDatabase {
    pub pool: PgPool,
    /// For a second pool, a program of our own or `psql`.
    pub url: String,
    pub name: String,
}

/// A migrated, empty database. It is not dropped: it goes with the server.
pub async fn fresh() -> TestDatabase {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    // Each test has a runtime of its own, and a connection lives only in its runtime: the first test to come here
    // prepares the server in a thread and runtime apart, and leaves no connection behind.
    let server = SERVER.get_or_init(|| std::thread::spawn(Server::prepare).join().unwrap());
    let name = format!("{}_{}", server.template, NEXT.fetch_add(1, Ordering::Relaxed));

    let mut admin = PgConnection::connect(&server.url("postgres")).await.unwrap();
    // Copying files takes half the time of PostgreSQL's default.
    let copy = format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY file_copy", server.template);
    admin.execute(AssertSqlSafe(copy)).await.unwrap();
    admin.close().await.unwrap();

    let url = server.url(&name);
    let pool = PgPoolOptions::new().max_connections(5).connect(&url).await.unwrap();
    TestDatabase { pool, url, name }
}

struct Server {
    place: Where,
    template: String,
}

enum Where {
    Private { server: PrivateServer, _watcher: Child },
    Given(url::Url),
}

impl Server {
    #[tokio::main(flavor = "current_thread")]
    async fn prepare() -> Self {
        let template = format!("liaison_test_{}", std::process::id());
        let place = match std::env::var("LIAISON_TEST_DATABASE_URL") {
            Ok(given) => Where::Given(given.parse().unwrap()),
            Err(_) => private_server().await,
        };
        let server = Self { place, template };
        let mut admin = PgConnection::connect(&server.url("postgres")).await.unwrap();
        if matches!(server.place, Where::Given(_)) {
            drop_old(&mut admin).await;
        }
        let template = &server.template;
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {template}"))).await.unwrap();
        let mut connection = PgConnection::connect(&server.url(template)).await.unwrap();
        sqlx::migrate!().run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        admin.close().await.unwrap();
        server
    }

    fn url(&self, database: &str) -> String {
        match &self.place {
            Where::Private { server, .. } => server.url(database),
            Where::Given(url) => {
                let mut url = url.clone();
                url.set_path(database);
                url.into()
            }
        }
    }
}

async fn private_server() -> Where {
    let folder = tempfile::Builder::new().prefix("lt").tempdir_in("/tmp").unwrap().keep();
    // As root, PostgreSQL runs as another user, who must pass through.
    fs::set_permissions(&folder, Permissions::from_mode(0o711)).unwrap();
    let watcher = watcher(&folder);
    let server = private_server::start(&folder, Durability::ForTests).await.unwrap();
    Where::Private { server, _watcher: watcher }
}

/// Starts a shell that waits for our end: then its standard input ends too. So it tidies up after a kill as well.
fn watcher(folder: &Path) -> Child {
    let script = r#"
        read -r _
        pid=$(head -n 1 "$0/database/cluster/postmaster.pid") && kill -QUIT "$pid"
        while kill -0 "$pid" && [ -e "$0/database/cluster/postmaster.pid" ]; do sleep 0.05; done
        rm -rf "$0"
    "#;
    Command::new("sh")
        .args(["-c", script])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}

/// Databases of test processes that are gone, on a server that outlives them. Only for a server on this machine.
async fn drop_old(admin: &mut PgConnection) {
    let all: Vec<String> =
        sqlx::query_scalar(r"SELECT datname::text FROM pg_database WHERE datname LIKE 'liaison\_test\_%'").fetch_all(&mut *admin).await.unwrap();
    for name in all {
        let process = name.split('_').nth(2).unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            let _ = admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await;
        }
    }
}

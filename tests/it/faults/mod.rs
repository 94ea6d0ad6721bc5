//! Started without its database (DB06), failing inside (OP03), stopped at any moment.

mod database;
mod disk;
mod health;
mod kept;
mod logs;
mod numbers;
mod stopping;
mod uploads;

use std::time::Duration;

use liaison_tracker::database::MIGRATIONS;
use liaison_tracker::urls;
use nix::sys::signal::Signal;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};

use crate::support::alone::data_dir;
use crate::support::database::{self as databases, TestDatabase};
use crate::support::people::world;
use crate::support::server::{Server, free_port};
use crate::support::{TestService, clock, service};

const AT_ONCE: Duration = Duration::from_secs(5);
const STARTING: Duration = Duration::from_secs(30);

/// Where a test database's server is, and its name replaced by another one.
fn url_of(database: &TestDatabase, name: &str) -> String {
    let mut url: url::Url = database.url.parse().expect("a URL");
    url.set_path(name);
    url.into()
}

async fn admin(database: &TestDatabase, sql: &str) {
    let mut connection = PgConnection::connect(&url_of(database, "postgres")).await.expect("a connection");
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Started so, it lives, says why it can't serve, answers pages with a status, and serves by itself soon after `mend`.
async fn becomes_ready(url: &str, reason: &str, pages: u16, mend: impl AsyncFnOnce()) -> Server {
    let mut server = Server::start(&[("DATABASE_URL", url)]);
    server.wait_for(503, STARTING).await;
    // at first it only says that it starts
    let begun = std::time::Instant::now();
    let said = loop {
        let answer = server.get("/readyz").await.expect("an answer");
        assert_eq!(answer.status, 503);
        if !answer.text().contains("starting") || begun.elapsed() > STARTING {
            break answer.text();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(said.starts_with("not ready: ") && said.contains(reason), "{said}");
    let alive = server.get("/healthz").await.expect("an answer");
    assert_eq!((alive.status, alive.text()), (200, "ok\n".to_owned()));
    let page = server.get("/statements").await.expect("an answer");
    assert_eq!(page.status, pages, "{}", page.text());
    assert_eq!(page.header("retry-after").is_empty(), pages == 200);
    let log = server.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("not ready")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains(reason), "{log}");
    assert!(!log.contains("open-sesame") && !said.contains("open-sesame"), "{log}");

    mend().await;

    let took = server.wait_for(200, AT_ONCE).await;
    eprintln!("ready {took:.1?} after {reason:?} was mended");
    assert_eq!(server.get("/statements").await.expect("an answer").status, 200);
    server
}

#[tokio::test]
async fn without_a_database_it_waits_for_one() {
    let database = databases::fresh().await;
    let url: url::Url = database.url.parse().expect("a URL");
    let folder = url.query_pairs().find(|(name, _)| name == "host").map(|(_, folder)| folder.into_owned()).expect("a socket's folder");
    let port = free_port();
    let url = format!("postgres://{}:open-sesame@127.0.0.1:{port}/{}", url.username(), database.name);

    becomes_ready(&url, "no database can be reached", 503, async || {
        // a proxy to the socket: the database is there
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a listener");
        tokio::spawn(async move {
            while let Ok((mut one, _)) = listener.accept().await {
                let socket = format!("{folder}/.s.PGSQL.5432");
                tokio::spawn(async move {
                    let mut other = UnixStream::connect(socket).await.expect("the server");
                    let _ = copy_bidirectional(&mut one, &mut other).await;
                });
            }
        });
    })
    .await;
}

#[tokio::test]
async fn refused_as_a_user_it_waits_to_be_let_in() {
    let database = databases::fresh().await;
    let name = format!("{}_user", database.name);
    let mut url: url::Url = database.url.parse().expect("a URL");
    url.set_username(&name).expect("a name");
    url.set_password(Some("open-sesame")).expect("a password");

    becomes_ready(url.as_str(), "refuses the user or password", 503, async || admin(&database, &format!("CREATE ROLE {name} LOGIN SUPERUSER")).await)
        .await;
}

#[tokio::test]
async fn where_its_database_is_not_made_yet_it_waits_and_makes_the_schema() {
    let database = databases::fresh().await;
    let name = format!("{}_later", database.name);

    becomes_ready(&url_of(&database, &name), "does not exist", 503, async || admin(&database, &format!("CREATE DATABASE {name}")).await).await;
}

#[tokio::test]
async fn an_older_schema_is_brought_up_to_date() {
    let database = databases::fresh().await;
    let name = format!("{}_older", database.name);
    admin(&database, &format!("CREATE DATABASE {name}")).await;
    let url = url_of(&database, &name);
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    let mut first = sqlx::migrate::Migrator {
        migrations: MIGRATIONS.migrations.iter().take(1).cloned().collect::<Vec<_>>().into(),
        ..sqlx::migrate::Migrator::DEFAULT
    };
    first.set_locking(false);
    first.run_direct(None, &mut connection, false).await.expect("the first step");

    let mut server = Server::start(&[("DATABASE_URL", &url)]);

    server.wait_for(200, STARTING).await;
    let steps: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations WHERE success").fetch_one(&mut connection).await.expect("steps");
    assert_eq!(usize::try_from(steps).expect("a number"), MIGRATIONS.iter().count());
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let database = databases::fresh().await;
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', true, '', 0)")
        .execute(&database.pool)
        .await
        .expect("a later step");

    becomes_ready(&database.url, "9999", 200, async || {
        sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 9999").execute(&database.pool).await.expect("undone");
    })
    .await;
}

#[tokio::test]
async fn on_a_standby_it_waits_to_be_let_write() {
    let database = databases::fresh().await;
    let name = &database.name;
    admin(&database, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;

    let mut server = becomes_ready(&database.url, "read-only", 200, async || {
        admin(&database, &format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await;
    })
    .await;

    // and once more while it serves: its connections are all new after a switch of servers
    admin(&database, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    end_connections(&database).await;
    server.wait_for(503, AT_ONCE).await;
    assert!(server.get("/readyz").await.expect("an answer").text().contains("read-only"));
    assert_eq!(server.get("/healthz").await.expect("an answer").status, 200);
    admin(&database, &format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await;
    server.wait_for(200, AT_ONCE).await;
    for _ in 0..20 {
        let forgotten = server.ask("POST", "/password/forgotten", &[], "email=nobody%40example.org").await.expect("an answer");
        assert!(forgotten.status < 500, "{}", forgotten.text());
    }
}

async fn end_connections(database: &TestDatabase) {
    let ended = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND application_name LIKE 'liaison-tracker %'",
        database.name
    );
    admin(database, &ended).await;
}

/// A statement in review, and the manager who may approve it; a session each.
async fn in_review(service: &TestService) -> (String, String, String) {
    let world = world(service).await;
    let mut chair = service.as_person(&world.chair).await;
    let deadline = (service.app.today() + chrono::Days::new(40)).format("%-d %B %Y").to_string();
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "letter.pdf", &[b"%PDF-1.4 ".as_slice(), &vec![b'x'; 2_999_991]].concat());
    chair
        .submit("Continue to check", &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS"), ("Purpose", "For Action"), ("Deadline", &deadline)])
        .await;
    let draft = chair.page.path.trim_start_matches("/statements/drafts/").trim_end_matches("/submit").to_owned();
    chair.submit("Submit for review", &[]).await;
    chair.assert_says("Submitted.");
    let manager = service.as_person(&world.manager_itu_t).await;
    (draft, format!("session={}", chair.cookies["session"]), format!("session={}", manager.cookies["session"]))
}

#[tokio::test]
async fn a_fault_inside_ends_one_request_only() {
    let service = service(clock(&liaison_tracker::clock::Clock::system().now().format("%Y-%m-%dT%H:%M:%SZ").to_string())).await;
    let (draft, _, manager) = in_review(&service).await;
    let pool = &service.database.pool;
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url)]);
    server.wait_for(200, STARTING).await;
    let pid = server.child.id();
    let cookie = [("Cookie", manager.as_str())];

    // the last write of a posting fails
    sqlx::query("ALTER TABLE history ADD CONSTRAINT nothing_is_posted CHECK (event <> 'posted') NOT VALID")
        .execute(pool)
        .await
        .expect("a constraint");
    for _ in 0..3 {
        let failed = server.ask("POST", &urls::review(&draft), &cookie, "version=1&round=1&decision=approve").await.expect("an answer");
        assert_eq!(failed.status, 500, "{}", failed.text());
        assert!(failed.text().contains("Something failed here") && failed.text().contains("What you sent was not saved"), "{}", failed.text());
        let reference = failed.header("x-request-id").to_owned();
        assert!(!reference.is_empty() && failed.text().contains(&format!("<code>{reference}</code>")), "{}", failed.text());
        assert!(!failed.text().contains("nothing_is_posted"), "{}", failed.text());
        let log = server.log();
        let line = log.lines().find(|line| line.contains(&reference) && line.contains("nothing_is_posted"));
        assert!(line.is_some(), "{reference} in\n{log}");
    }
    for path in ["/", "/statements", "/help", "/healthz", "/readyz", "/api/v1/statements"] {
        assert_eq!(server.get(path).await.expect("an answer").status, 200, "{path}");
    }
    let left: (String, i32, i64) = sqlx::query_as(
        "SELECT state, (SELECT last_number FROM number_counter), (SELECT count(*) FROM mails WHERE event = 'incoming-posted') FROM statements WHERE draft_id = $1",
    )
    .bind(&draft)
    .fetch_one(pool)
    .await
    .expect("it");
    assert_eq!(left, ("in-review".to_owned(), 0, 0));
    sqlx::query("ALTER TABLE history DROP CONSTRAINT nothing_is_posted").execute(pool).await.expect("mended");
    let posted = server.ask("POST", &urls::review(&draft), &cookie, "version=1&round=1&decision=approve").await.expect("an answer");
    assert_eq!((posted.status, posted.header("location")), (303, "/statements/1"));

    // a file that lost a piece breaks off, and is not taken for whole
    let whole = server.get("/statements/1/attachments/1/letter.pdf").await.expect("an answer");
    assert_eq!((whole.status, whole.body.len()), (200, 3_000_000));
    let mut connection = pool.acquire().await.expect("a connection");
    sqlx::raw_sql("SET session_replication_role = replica; DELETE FROM file_chunks WHERE n > 0; RESET session_replication_role")
        .execute(&mut *connection)
        .await
        .expect("lost");
    drop(connection);
    let torn = server.get("/statements/1/attachments/1/letter.pdf").await;
    if let Some(torn) = torn {
        assert!(
            torn.status >= 500 || torn.header("content-length") == "3000000" && torn.body.len() < 3_000_000,
            "{} of {}",
            torn.body.len(),
            torn.header("content-length")
        );
    }
    let mut connection = pool.acquire().await.expect("a connection");
    sqlx::raw_sql("SET session_replication_role = replica; DELETE FROM file_chunks; RESET session_replication_role")
        .execute(&mut *connection)
        .await
        .expect("lost");
    drop(connection);
    let nothing = server.get("/statements/1/attachments/1/letter.pdf").await;
    if let Some(nothing) = nothing {
        assert!(nothing.status >= 500 || nothing.body.is_empty() && nothing.header("content-length") == "3000000", "{nothing:?}");
    }

    // a value that no program wrote
    sqlx::raw_sql("ALTER TABLE statements DROP CONSTRAINT statement_direction_is_known; SET session_replication_role = replica; UPDATE statements SET direction = 'sideways' WHERE number = 1; RESET session_replication_role")
        .execute(pool)
        .await
        .expect("a bad value");
    let bad = server.get("/statements/1").await.expect("an answer");
    assert_eq!(bad.status, 500, "{}", bad.text());
    assert!(bad.text().contains("Nothing was lost") && bad.text().contains(bad.header("x-request-id")), "{}", bad.text());
    for path in ["/", "/help", "/organizations", "/groups/itu-t-sg13", "/healthz", "/readyz", "/sign-in"] {
        assert_eq!(server.get(path).await.expect("an answer").status, 200, "{path}");
    }

    assert_eq!(server.child.id(), pid);
    assert!(server.child.try_wait().expect("a process").is_none());
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

fn is_postgresql_left(folder: &tempfile::TempDir) -> bool {
    folder.path().join("database/cluster/postmaster.pid").exists()
}

#[tokio::test]
async fn stopped_while_it_starts_it_leaves_no_postgresql_behind() {
    for pause in [30, 300, 1200, 2500] {
        let folder = data_dir();
        let mut server = Server::start(&[("LIAISON_DATA_DIR", folder.path().to_str().expect("a path"))]);
        tokio::time::sleep(Duration::from_millis(pause)).await;

        server.signal(Signal::SIGTERM);
        let status = server.ended(Duration::from_secs(40)).await;

        assert!(!is_postgresql_left(&folder), "after {pause} ms:\n{}", server.log());
        // before the program listens to signals at all, the system ends it, and nothing was begun
        assert!(status.success() || pause == 30, "after {pause} ms: {status}\n{}", server.log());
    }
}

#[tokio::test]
async fn told_twice_it_ends_at_once_and_still_stops_postgresql() {
    let folder = data_dir();
    let mut server = Server::start(&[("LIAISON_DATA_DIR", folder.path().to_str().expect("a path"))]);
    server.wait_for(200, Duration::from_secs(60)).await;
    assert!(is_postgresql_left(&folder));
    // an upload that does not end would be waited for
    let mut slow = tokio::net::TcpStream::connect(&server.address).await.expect("a connection");
    tokio::io::AsyncWriteExt::write_all(&mut slow, b"POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\nemail=")
        .await
        .expect("half a request");
    tokio::time::sleep(Duration::from_millis(200)).await;

    server.signal(Signal::SIGTERM);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(server.child.try_wait().expect("a process").is_none(), "it did not wait for the request:\n{}", server.log());
    server.signal(Signal::SIGTERM);
    let status = server.ended(Duration::from_secs(5)).await;

    assert_eq!(status.code(), Some(1), "{}", server.log());
    assert!(!is_postgresql_left(&folder), "{}", server.log());
}

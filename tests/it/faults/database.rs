//! The database restarts, crashes, is locked (robustness.md DB01 to DB03).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use liaison_tracker::clock::Clock;
use liaison_tracker::database::private_server::{self, Durability};
use liaison_tracker::{checkup, database};
use nix::sys::signal::Signal;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgConnection, Row, raw_sql};

use crate::support::alone::{alone, data_dir, stop_postgresql};
use crate::support::people::world;
use crate::support::server::Server;
use crate::support::smtp::SmtpServer;
use crate::support::{clock, service};

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Clients browse and save while PostgreSQL is stopped by that signal and started, so many times.
async fn restarted_under_load(signal: Signal, times: usize) {
    let folder = data_dir();
    // what was answered as saved outlives a crash only where it was written through
    let durability = if signal == Signal::SIGQUIT { Durability::Safe } else { Durability::ForTests };
    let (service, postgresql) = alone(folder.path(), durability).await;
    let world = world(&service).await;
    let chair = service.as_person(&world.chair).await;
    let cookie = format!("session={}", chair.cookies["session"]);
    let mail = SmtpServer::start().await;
    let smtp = format!("smtp://127.0.0.1:{}", mail.port);
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url), ("LIAISON_SMTP_URL", &smtp)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    let (ends, is_down, reads) = (AtomicBool::new(false), AtomicBool::new(false), AtomicUsize::new(0));

    let client = async |client: usize| {
        let headers = [("Cookie", cookie.as_str())];
        let mut saved = BTreeMap::new();
        for n in 0.. {
            if ends.load(Ordering::Relaxed) {
                break;
            }
            let read = server.get("/statements").await.expect("an answer");
            assert!(matches!(read.status, 200 | 503), "{}", read.text());
            if read.status == 503 {
                assert!(read.text().contains("Not available just now") && !read.header("retry-after").is_empty(), "{}", read.text());
            }
            reads.fetch_add(1, Ordering::Relaxed);
            let (key, title) = (format!("key-{client}-{n}"), format!("A letter {client} {n}"));
            let form = encoded(&[("creation-key", &key), ("from", "ITU-T SG11"), ("to", "wire"), ("title", &title), ("do", "save")]);
            let answer = server.ask("POST", "/statements/incoming/new", &headers, &form).await.expect("an answer");
            assert!(matches!(answer.status, 303 | 500 | 503), "{} {}", answer.status, answer.text());
            if answer.status != 303 {
                assert!(answer.text().contains(&title) && answer.text().contains("Send again"), "the text is gone: {}", answer.text());
            }
            saved.insert(key, answer.status);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        saved
    };
    let clients = join_all((0..4).map(client));
    let restarts = async {
        let mut joined = Vec::new();
        for _ in 0..times {
            tokio::time::sleep(Duration::from_millis(700)).await;
            is_down.store(true, Ordering::Relaxed);
            stop_postgresql(folder.path(), signal).await;
            let down = server.get("/readyz").await.expect("an answer");
            assert_eq!(down.status, 503, "{}", down.text());
            assert_eq!(server.get("/healthz").await.expect("an answer").status, 200);
            joined.push(private_server::start(folder.path(), durability).await.expect("PostgreSQL starts"));
            let begun = Instant::now();
            while server.get("/readyz").await.expect("an answer").status != 200 {
                assert!(begun.elapsed() < Duration::from_secs(20), "{}", server.log());
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut failed = 0;
            for _ in 0..30 {
                failed += usize::from(server.get("/statements").await.expect("an answer").status != 200);
            }
            assert!(failed <= 1, "{failed} of 30 failed after it was ready");
        }
        ends.store(true, Ordering::Relaxed);
        joined
    };
    let (saved, joined) = tokio::join!(clients, restarts);

    let saved: BTreeMap<String, u16> = saved.into_iter().flatten().collect();
    let mut connection = PgConnection::connect(&service.database.url).await.expect("a connection");
    let kept: Vec<(String, i64)> =
        sqlx::query_as("SELECT creation_key, count(*) FROM statements GROUP BY creation_key").fetch_all(&mut connection).await.expect("drafts");
    let kept: BTreeMap<String, i64> = kept.into_iter().collect();
    for (key, status) in &saved {
        if *status == 303 {
            assert_eq!(kept.get(key), Some(&1), "{key} was answered {status}");
        }
    }
    assert!(kept.values().all(|count| *count == 1));
    let failed = saved.values().filter(|status| **status != 303).count();
    eprintln!("{} saves, {failed} of them failed; {} reads", saved.len(), reads.load(Ordering::Relaxed));
    assert!(saved.len() > failed);

    // the background task is at work again
    let asked = server.ask("POST", "/password/forgotten", &[], &encoded(&[("email", &world.chair.address)])).await.expect("an answer");
    assert!(asked.status < 400, "{}", asked.text());
    let begun = Instant::now();
    while mail.received().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "no mail:\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let pool = PgPoolOptions::new().max_connections(2).connect(&service.database.url).await.expect("a pool");
    assert_eq!(checkup::store::broken(&pool).await.expect("a check"), []);
    assert!(!server.log().contains("panicked"), "{}", server.log());
    drop((pool, connection, server));
    for one in joined {
        one.stop().await.expect("left");
    }
    postgresql.stop().await.expect("stopped");
}

#[tokio::test]
async fn db01_a_restart_under_load_costs_no_saved_text() {
    restarted_under_load(Signal::SIGINT, 2).await;
}

#[tokio::test]
async fn db02_a_crash_under_load_costs_no_saved_text() {
    restarted_under_load(Signal::SIGQUIT, 1).await;
}

#[tokio::test]
async fn db03_locks_stop_those_who_need_them_and_nobody_else() {
    let service = service(Clock::system()).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    chair.submit("Save draft", &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "Locked")]).await;
    let draft = chair.page.path.clone();
    let cookie = format!("session={}", chair.cookies["session"]);
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    assert_eq!(server.get("/statements").await.expect("an answer").status, 200);
    let mut holders = Vec::new();
    for _ in 0..20 {
        let mut connection = PgConnection::connect(&service.database.url).await.expect("a connection");
        sqlx::raw_sql("BEGIN; SELECT 1 FROM statements FOR SHARE").execute(&mut connection).await.expect("a lock");
        holders.push(connection);
    }
    let form = encoded(&[("version", "1"), ("from", "ITU-T SG11"), ("to", "wire"), ("title", "Typed while it was locked"), ("do", "save")]);
    let save = async || {
        let begun = Instant::now();
        let answer = server.ask("POST", &draft, &[("Cookie", &cookie)], &form).await.expect("an answer");
        (answer, begun.elapsed())
    };

    let locked = join_all((0..40).map(|_| save()));
    let others = async {
        let mut slowest = Duration::ZERO;
        let mut most = Duration::ZERO;
        for n in 0..100 {
            let path = ["/statements", "/", "/organizations", "/sign-in"][n % 4];
            let begun = Instant::now();
            let answer = server.get(path).await.expect("an answer");
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            slowest = slowest.max(begun.elapsed());
            let begun = Instant::now();
            assert_eq!(server.get("/healthz").await.expect("an answer").status, 200);
            most = most.max(begun.elapsed());
        }
        (slowest, most)
    };
    let (locked, (slowest, healthz)) = tokio::join!(locked, others);

    let longest = locked.iter().map(|(_, took)| *took).max().unwrap_or_default();
    eprintln!("locked ones answered within {longest:.1?}, other pages within {slowest:.1?}, /healthz within {healthz:.1?}");
    for (answer, _) in &locked {
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(!answer.header("retry-after").is_empty());
        assert!(answer.text().contains("Typed while it was locked"), "{}", answer.text());
    }
    // 3 s, and as much again for a busy machine
    assert!(longest < Duration::from_secs(6), "{longest:?}");
    assert!(healthz < Duration::from_secs(2), "{healthz:?}");

    drop(holders);
    let begun = Instant::now();
    while save().await.0.status != 303 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_up_while_a_change_begins_leaves_no_transaction_open() {
    let service = service(clock("2026-03-02T09:00:00Z")).await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&service.database.url).await.expect("a pool");
    for microseconds in (0..3000).step_by(10) {
        let begun = tokio::time::timeout(Duration::from_micros(microseconds), database::begin(&pool)).await;
        drop(begun);
        // the next to have this connection, in a transaction of its own
        let row = pool.fetch_one(raw_sql("SELECT (now() = statement_timestamp())::text")).await.expect("an answer");
        assert_eq!(row.get::<String, _>(0), "true", "given up after {microseconds} µs");
    }
}

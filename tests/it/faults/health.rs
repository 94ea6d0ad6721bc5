//! `/healthz`, `/readyz` and the metrics tell the truth (robustness.md OP01).

use std::time::Duration;

use chrono::TimeDelta;
use liaison_tracker::clock::Clock;

use super::{admin, end_connections};
use crate::support::database;
use crate::support::people::{self, PASSWORD};
use crate::support::server::{Server, free_port};
use crate::support::service;

#[tokio::test]
async fn op01_a_wrong_clock_is_remarked_upon() {
    let database = database::fresh().await;
    let mut server = Server::start(&[("DATABASE_URL", &database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    assert!(!server.get("/readyz").await.expect("an answer").text().contains("clock"));

    // a database that is two minutes ahead
    sqlx::raw_sql(
        "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT pg_catalog.clock_timestamp() + INTERVAL '2 minutes' $$",
    )
    .execute(&database.pool)
    .await
    .expect("a clock");
    admin(&database, &format!("ALTER DATABASE {} SET search_path = public, pg_catalog", database.name)).await;
    end_connections(&database).await;
    server.wait_for(200, Duration::from_secs(10)).await;

    let said = server.get("/readyz").await.expect("an answer").text();
    assert!(said.contains("clock: this program has ") && said.contains(" UTC, the database "), "{said}");
    assert_eq!(server.get("/healthz").await.expect("an answer").status, 200);
}

#[tokio::test]
async fn op01_a_schema_that_got_older_meanwhile_is_no_ready_one() {
    let database = database::fresh().await;
    let mut server = Server::start(&[("DATABASE_URL", &database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    sqlx::raw_sql("CREATE TABLE kept AS SELECT * FROM _sqlx_migrations ORDER BY version DESC LIMIT 1; DELETE FROM _sqlx_migrations WHERE version IN (SELECT version FROM kept)")
        .execute(&database.pool)
        .await
        .expect("a step taken back");

    server.wait_for(503, Duration::from_secs(5)).await;
    let said = server.get("/readyz").await.expect("an answer").text();
    assert!(said.contains("schema is older than this program"), "{said}");
    assert_eq!(server.get("/healthz").await.expect("an answer").status, 200);

    sqlx::raw_sql("INSERT INTO _sqlx_migrations SELECT * FROM kept").execute(&database.pool).await.expect("back");
    server.wait_for(200, Duration::from_secs(5)).await;
}

#[tokio::test]
async fn op01_a_stuck_worker_is_remarked_upon() {
    let service = service(Clock::fixed(Clock::system().now())).await;
    let app = &service.app;
    let begun = app.clock.now();
    let mut visitor = service.visitor();
    app.heartbeats.rests("mail", Duration::from_secs(30), begun);
    app.heartbeats.rests("tidy", Duration::from_secs(600), begun);

    app.clock.set(begun + TimeDelta::minutes(10));
    visitor.get("/readyz").await;
    visitor.assert_status(200).assert_silent("stuck");
    app.clock.set(begun + TimeDelta::minutes(11));
    visitor.get("/readyz").await;
    visitor.assert_status(200).assert_says(&format!("background task: mail is stuck since {}", begun.format("%Y-%m-%d %H:%M:%S UTC")));
    app.heartbeats.beat("mail", app.clock.now());
    visitor.get("/readyz").await;
    visitor.assert_silent("stuck");
    app.clock.set(begun + TimeDelta::minutes(21));
    app.heartbeats.beat("mail", app.clock.now());
    visitor.get("/readyz").await;
    visitor.assert_says("background task: tidy is stuck");
}

#[tokio::test]
async fn metrics_are_served_apart_and_tell_what_happens() {
    let service = service(Clock::system()).await;
    let carol = people::person(&service.app, "Carol Chair", "carol@people.example").await;
    let metrics = format!("127.0.0.1:{}", free_port());
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url), ("LIAISON_METRICS_LISTEN", &metrics)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    let form = format!("email={}&password={}&by=password", carol.address.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    assert_eq!(server.ask("POST", "/sign-in", &[], &form).await.expect("an answer").status, 303);
    assert_eq!(server.get("/statements/4711").await.expect("an answer").status, 404);
    assert_eq!(server.get("/password/a-secret-of-somebody").await.expect("an answer").status, 410);

    let text = server.ask_at(&metrics, "/metrics").await.expect("an answer");
    assert_eq!(text.status, 200);
    let text = text.text();
    for line in [
        r#"liaison_http_requests_total{route="/sign-in",status="3xx"} 1"#,
        r#"liaison_http_requests_total{route="/statements/{number}",status="4xx"} 1"#,
        r#"liaison_http_request_duration_seconds_count{route="/sign-in"} 1"#,
        "liaison_database_up 1",
        "liaison_database_connections_limit 16",
        "liaison_mail_queued 0",
        "liaison_mail_oldest_queued_seconds 0",
        "liaison_mail_failed 0",
        "liaison_password_hashings 0",
        r#"liaison_worker_heartbeat_timestamp_seconds{job="mail"} "#,
        "liaison_process_resident_memory_bytes ",
        "liaison_database_connections_in_use ",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    assert!(!text.contains("a-secret-of-somebody") && !text.contains("4711"), "{text}");
    assert_eq!(server.get("/metrics").await.expect("an answer").status, 404);
    assert_eq!(server.ask_at(&metrics, "/statements").await.expect("an answer").status, 404);
}

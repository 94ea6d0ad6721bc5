//! Pages cost the same however many statements there are (performance.md P04): none reads a table from end to end.

use std::time::{Duration, Instant};

use liaison_tracker::App;
use liaison_tracker::config::Config;
use liaison_tracker::web::router;
use sqlx::{Connection, Executor, PgConnection, PgPool};

use crate::outgoing::{decide, drafted, state, submit_as, tracker};
use crate::support::database::TestDatabase;
use crate::support::many::many;
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

/// Waits until nobody else is connected: what each connection read is known when it has ended.
async fn alone(connection: &mut PgConnection) {
    let begun = Instant::now();
    loop {
        let others: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
        )
        .fetch_one(&mut *connection)
        .await
        .expect("connections");
        if others == 0 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{others} connections do not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn no_page_of_one_thing_reads_all_statements() {
    let filled = service(clock("2026-11-25T10:00:00Z")).await;
    many(&filled.app.pool, 2000).await;
    let number: i32 = sqlx::query_scalar("SELECT max(number) FROM statements JOIN actions USING (statement_id) WHERE actions.state = 'open'")
        .fetch_one(&filled.app.pool)
        .await
        .expect("a statement");
    filled.app.pool.close().await;

    for path in [format!("/statements/{number}"), format!("/api/v1/statements/{number}"), "/groups/wg1".to_owned(), "/organizations/peer1".to_owned()]
    {
        let mut connection = PgConnection::connect(&filled.database.url).await.expect("a connection");
        alone(&mut connection).await;
        connection.execute("SELECT pg_stat_reset()").await.expect("counts begin anew");
        let pool = PgPool::connect(&filled.database.url).await.expect("a pool");
        let app = App::new(Config::defaults().expect("defaults"), pool.clone(), clock("2026-11-25T10:00:00Z"));
        app.set_ready().await.expect("ready");

        let mut visitor = Visitor::new(router::router(&app).expect("routes"));
        visitor.get(&path).await;
        visitor.assert_status(200);

        pool.close().await;
        alone(&mut connection).await;
        let read: Vec<(String, i64)> = sqlx::query_as(
            "SELECT relname::text, seq_tup_read FROM pg_stat_user_tables
              WHERE seq_tup_read > 0
                AND relname IN ('statement_groups', 'statement_places', 'statement_search', 'statement_references', 'actions', 'deadlines', 'relations')",
        )
        .fetch_all(&mut connection)
        .await
        .expect("counts");
        assert!(read.is_empty(), "{path} reads whole tables, rows of each: {read:?}");
        connection.close().await.expect("it ends");
    }
}

#[tokio::test]
async fn writing_one_letter_does_not_read_all_others() {
    let (filled, world) = tracker().await;
    many(&filled.app.pool, 4000).await;
    sqlx::query("UPDATE number_counter SET last_number = (SELECT max(number) FROM statements)").execute(&filled.app.pool).await.expect("the counter");
    let config = filled.app.config.clone();
    filled.app.pool.close().await;
    let mut connection = PgConnection::connect(&filled.database.url).await.expect("a connection");
    alone(&mut connection).await;
    connection.execute("SELECT pg_stat_reset()").await.expect("counts begin anew");

    let pool = PgPool::connect(&filled.database.url).await.expect("a pool");
    let app = App::new(config, pool.clone(), filled.app.clock.clone());
    app.set_ready().await.expect("ready");
    let router = router::router(&app).expect("routes");
    let database = TestDatabase { pool: pool.clone(), url: filled.database.url.clone(), name: filled.database.name.clone() };
    let service = TestService { app, router, database };
    let (mut chair, draft) = drafted(&service, &world.chair, "WIRE", &[]).await;
    submit_as(&mut chair, &draft, "").await;
    for signer in [&world.ad_net, &world.manager_itu_t] {
        let mut signer = service.as_person(signer).await;
        decide(&mut signer, &draft, &[("Decision", "Approve")]).await;
    }
    assert_eq!(state(&service, &draft).await.0, "posted");

    pool.close().await;
    alone(&mut connection).await;
    let read: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT relname::text, seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables
          WHERE seq_tup_read + idx_tup_fetch > 3500
            AND relname IN ('statements', 'statement_groups', 'statement_places', 'statement_addressees', 'statement_listing', 'statement_search', 'statement_references', 'actions',
                            'deadlines', 'attachments', 'contacts', 'relations')
          ORDER BY relname",
    )
    .fetch_all(&mut connection)
    .await
    .expect("counts");
    assert!(read.is_empty(), "rows read one after the other, and by an index: {read:?}");
    connection.close().await.expect("it ends");
}

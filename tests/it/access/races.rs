//! Several at once, on two servers of one database: one posting, one number (LC01, LC05).

use std::sync::Arc;

use axum::Router;
use liaison_tracker::web::router;
use liaison_tracker::{App, checkup, urls};
use sqlx::Row;
use sqlx::postgres::PgPoolOptions;

use super::{Stage, stage, twin};
use crate::support::visitor::Visitor;

/// A second server on the same database.
async fn second(stage: &Stage) -> (App, Router) {
    let pool = PgPoolOptions::new().max_connections(8).connect(&stage.service.database.url).await.expect("a pool");
    let app = App::new(stage.service.app.config.clone(), pool, stage.service.app.clock.clone());
    app.set_ready().await.expect("ready");
    let router = router::router(&app).expect("routes");
    (app, router)
}

/// What became of one statement.
async fn became(stage: &Stage, draft: &str) -> (String, i64, i64, i64, i64) {
    let row = sqlx::query(
        "SELECT state, coalesce(number, 0)::bigint,
                (SELECT count(*) FROM history WHERE history.statement_id = statements.statement_id AND event = 'posted'),
                (SELECT count(*) FROM mails WHERE mails.statement_id = statements.statement_id AND event = 'incoming-posted'),
                (SELECT count(*) FROM history WHERE history.statement_id = statements.statement_id AND event = 'checked')
           FROM statements WHERE draft_id = $1",
    )
    .bind(draft)
    .fetch_one(&stage.service.app.pool)
    .await
    .expect("a statement");
    (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
}

async fn visitor(app: &App, router: &Router, person: &crate::support::people::Person) -> Visitor {
    let mut visitor = Visitor::new(router.clone());
    visitor.be(app, person).await;
    visitor.follows = false;
    visitor
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_approvals_at_once_on_two_servers_post_once() {
    let stage = stage().await;
    let one = stage.service.app.clone();
    let (two, other_router) = second(&stage).await;
    let world = &stage.world;
    let approve = [("version", "1"), ("round", "1"), ("decision", "approve")];

    for round in 0..50i64 {
        let draft = stage.twin(&stage.review).await;
        let path = urls::review(&draft);
        // the manager and a coordinator, two coordinators, or one of them twice
        let (first, second) = match round % 3 {
            0 => (&world.manager_itu_t, &world.coordinator),
            1 => (&world.manager_itu_t, &world.manager_itu_t),
            _ => (&world.coordinator, &world.manager_itu_t),
        };
        // a coordinator counts where the manager was waited for
        sqlx::query("UPDATE sign_offs SET coordinators_asked_at = asked_at WHERE state = 'waiting'").execute(&one.pool).await.expect("asked");
        let mut left = visitor(&one, &stage.service.router, first).await;
        let mut right = visitor(&two, &other_router, second).await;

        tokio::join!(left.post(&path, &approve), right.post(&path, &approve));

        let number = 2 + round;
        assert_eq!(became(&stage, &draft).await, ("posted".to_owned(), number, 1, 1, 1), "round {round}");
        let mut told = Vec::new();
        for visitor in [&mut left, &mut right] {
            visitor.assert_status(303);
            assert_eq!(visitor.page.header("location"), format!("/statements/{number}"), "round {round}");
            visitor.get(&format!("/statements/{number}")).await;
            visitor.assert_status(200);
            told.push(visitor.page.banner());
        }
        told.sort();
        let by = sqlx::query_scalar::<_, String>(
            "SELECT actor_name FROM history JOIN statements USING (statement_id) WHERE draft_id = $1 AND event = 'checked'",
        );
        let by = by.bind(&draft).fetch_one(&one.pool).await.expect("who");
        assert!(told[0].starts_with(&format!("It is posted as Statement {number} already")), "{told:?}");
        assert!(told[0].contains(&by), "the later comer is told that it was {by}: {told:?}");
        assert!(told[1].starts_with(&format!("Posted as Statement {number}")), "{told:?}");
    }

    assert_eq!(checkup::store::broken(&one.pool).await.expect("a check"), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_approval_and_a_request_for_changes_at_once_leave_one_of_them() {
    let stage = stage().await;
    let one = stage.service.app.clone();
    let (two, other_router) = second(&stage).await;
    let world = &stage.world;

    for round in 0..20 {
        let draft = stage.twin(&stage.review).await;
        let path = urls::review(&draft);
        let mut left = visitor(&one, &stage.service.router, &world.manager_itu_t).await;
        let mut right = visitor(&two, &other_router, &world.coordinator).await;

        tokio::join!(
            left.post(&path, &[("version", "1"), ("round", "1"), ("decision", "approve")]),
            right.post(&path, &[("version", "1"), ("round", "1"), ("decision", "request-changes"), ("reason", "which one?")])
        );

        left.assert_status(303);
        // who asked for changes too late gets the reason back
        assert!(matches!(right.page.status.as_u16(), 303 | 409), "{}", right.page.text);
        let decided: Vec<String> = sqlx::query_scalar(
            "SELECT statements.state || ' ' || sign_offs.state FROM sign_offs JOIN statements USING (statement_id) WHERE draft_id = $1",
        )
        .bind(&draft)
        .fetch_all(&one.pool)
        .await
        .expect("sign-offs");
        assert!(decided == ["posted given"] || decided == ["draft changes-requested"], "round {round}: {decided:?}");
    }

    assert_eq!(checkup::store::broken(&one.pool).await.expect("a check"), []);
}

/// Every fifth posting fails at its very last statement, the commit.
const FAILING: &str = "
    CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'made to fail' USING ERRCODE = 'check_violation'; END $$;
    CREATE CONSTRAINT TRIGGER fails AFTER UPDATE ON statements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.state = 'posted' AND OLD.state <> 'posted' AND NEW.source_note = 'fails') EXECUTE FUNCTION fails();
";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_have_no_gap_where_some_postings_fail() {
    let stage = Arc::new(stage().await);
    let one = stage.service.app.clone();
    let (two, other_router) = second(&stage).await;
    sqlx::raw_sql(FAILING).execute(&one.pool).await.expect("a trigger");
    let begun = std::time::Instant::now();

    let clients: Vec<_> = (0..8)
        .map(|client| {
            let stage = Arc::clone(&stage);
            let (app, router) = if client % 2 == 0 { (one.clone(), stage.service.router.clone()) } else { (two.clone(), other_router.clone()) };
            async move {
                let mut manager = visitor(&app, &router, &stage.world.manager_itu_t).await;
                let mut statuses = Vec::new();
                for n in 0..5 {
                    let draft = twin(&app.pool, &stage.review).await;
                    let fails = (client + n) % 5 == 0;
                    if fails {
                        sqlx::query("UPDATE statements SET source_note = 'fails' WHERE draft_id = $1")
                            .bind(&draft)
                            .execute(&app.pool)
                            .await
                            .expect("a mark");
                    }
                    manager.post(&urls::review(&draft), &[("version", "1"), ("round", "1"), ("decision", "approve")]).await;
                    statuses.push((fails, manager.page.status.as_u16()));
                }
                statuses
            }
        })
        .collect();
    let statuses = futures_util::future::join_all(clients).await.concat();
    let seconds = begun.elapsed().as_secs_f64();

    assert!(statuses.iter().all(|(fails, status)| *status == if *fails { 500 } else { 303 }), "{statuses:?}");
    let numbers: Vec<i32> = sqlx::query_scalar("SELECT number FROM statements WHERE number IS NOT NULL ORDER BY posted_at, number")
        .fetch_all(&one.pool)
        .await
        .expect("numbers");
    assert_eq!(numbers, (1..=33).collect::<Vec<_>>());
    assert_eq!(checkup::store::broken(&one.pool).await.expect("a check"), []);
    // what failed left nothing, and nobody is mailed about it (OB05)
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM mails JOIN statements USING (statement_id) WHERE source_note = 'fails' AND event = 'incoming-posted'",
    )
    .fetch_one(&one.pool)
    .await
    .expect("mails");
    assert_eq!(left, 0);

    // then it works, with the next number
    sqlx::raw_sql("DROP TRIGGER fails ON statements").execute(&one.pool).await.expect("a trigger");
    let draft: String =
        sqlx::query_scalar("SELECT draft_id FROM statements WHERE source_note = 'fails' LIMIT 1").fetch_one(&one.pool).await.expect("one");
    let mut manager = visitor(&one, &stage.service.router, &stage.world.manager_itu_t).await;
    manager.post(&urls::review(&draft), &[("version", "1"), ("round", "1"), ("decision", "approve")]).await;
    assert_eq!(manager.page.header("location"), "/statements/34");
    eprintln!("40 postings by 8 clients in {seconds:.2} s: {:.0} a second", 40.0 / seconds);
}

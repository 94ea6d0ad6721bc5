//! Several sign at once, on two servers of one database; postings that fail at their last statement (robustness.md LC01, LC05, OB05).

use axum::Router;
use liaison_tracker::web::router;
use liaison_tracker::{App, checkup};
use sqlx::Row;
use sqlx::postgres::PgPoolOptions;

use super::{decide, in_review, recipients, state, tracker};
use crate::access::twin;
use crate::support::TestService;
use crate::support::people::Person;
use crate::support::visitor::Visitor;

/// A second server on the same database.
pub async fn second(service: &TestService) -> (App, Router) {
    let pool = PgPoolOptions::new().max_connections(8).connect(&service.database.url).await.expect("a pool");
    let app = App::new(service.app.config.clone(), pool, service.app.clock.clone());
    app.set_ready().await.expect("ready");
    let router = router::router(&app).expect("routes");
    (app, router)
}

pub async fn visitor(app: &App, router: &Router, person: &Person) -> Visitor {
    let mut visitor = Visitor::new(router.clone());
    visitor.be(app, person).await;
    visitor.follows = false;
    visitor
}

fn id_of(draft: &str) -> &str {
    draft.rsplit('/').next().unwrap_or_default()
}

/// State, number, then how many lines of posting, letters, acknowledgements, lines of signing, and rows given.
async fn became(service: &TestService, draft: &str) -> (String, i64, [i64; 5]) {
    let row = sqlx::query(
        "SELECT state, coalesce(number, 0)::bigint,
                (SELECT count(*) FROM history WHERE history.statement_id = statements.statement_id AND event = 'posted'),
                (SELECT count(*) FROM mails WHERE mails.statement_id = statements.statement_id AND event = 'letter'),
                (SELECT count(*) FROM mails WHERE mails.statement_id = statements.statement_id AND event = 'outgoing-posted'),
                (SELECT count(*) FROM history WHERE history.statement_id = statements.statement_id AND event = 'signed'),
                (SELECT count(*) FROM sign_offs WHERE sign_offs.statement_id = statements.statement_id AND sign_offs.state = 'given')
           FROM statements WHERE draft_id = $1",
    )
    .bind(draft)
    .fetch_one(&service.app.pool)
    .await
    .expect("a statement");
    (row.get(0), row.get(1), std::array::from_fn(|n| row.get(n + 2)))
}

const APPROVE: [(&str, &str); 3] = [("version", "1"), ("round", "1"), ("decision", "approve")];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lc01_two_last_sign_offs_at_once_on_two_servers_post_once() {
    let (service, world) = tracker().await;
    let one = service.app.clone();
    let (two, other_router) = second(&service).await;
    let untouched = in_review(&service, &world.secretary, "WIRE", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let reviewed = in_review(&service, &world.chair, "WIRE", &[("Title", "Another word on wires")]).await;
    decide(&mut manager, &reviewed, &[("Decision", "Approve")]).await;

    for round in 0..50i64 {
        // two Area Directors, one of them twice, or the manager and an Area Director
        let (base, first, second, signed) = match round % 3 {
            0 => (&reviewed, &world.ad_net, &world.ad2_net, 1),
            1 => (&reviewed, &world.ad_net, &world.ad_net, 1),
            _ => (&untouched, &world.manager_itu_t, &world.ad2_net, 2),
        };
        let draft = twin(&one.pool, id_of(base)).await;
        let path = format!("/statements/drafts/{draft}/review");
        let mut left = visitor(&one, &service.router, first).await;
        let mut right = visitor(&two, &other_router, second).await;

        tokio::join!(left.post(&path, &APPROVE), right.post(&path, &APPROVE));

        let number = round + 1;
        assert_eq!(became(&service, &draft).await, ("posted".to_owned(), number, [1, 1, 1, signed, 2]), "round {round}");
        let mut told = Vec::new();
        for visitor in [&mut left, &mut right] {
            visitor.assert_status(303);
            let location = visitor.page.header("location");
            if signed == 1 {
                assert_eq!(location, format!("/statements/{number}"), "round {round}");
            }
            visitor.follows = true;
            visitor.get(&location).await;
            visitor.assert_status(200);
            told.push(visitor.page.banner());
        }
        told.sort();
        if signed == 1 {
            // the later comer is told who gave it
            let by: String = sqlx::query_scalar(
                "SELECT name FROM sign_offs JOIN statements USING (statement_id) JOIN people ON person_id = decided_by
                  WHERE draft_id = $1 AND kind = 'approval'",
            )
            .bind(&draft)
            .fetch_one(&one.pool)
            .await
            .expect("who");
            assert!(told[0].starts_with(&format!("It is posted as Statement {number} already. {by}")), "round {round}: {told:?}");
            assert!(told[1].starts_with(&format!("Posted as Statement {number}")), "round {round}: {told:?}");
        }
    }
    assert_eq!(checkup::store::broken(&one.pool).await.expect("a check"), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hold_or_a_request_for_changes_and_the_last_sign_off_at_once_leave_one_of_them() {
    let (service, world) = tracker().await;
    let one = service.app.clone();
    let (two, other_router) = second(&service).await;
    let base = in_review(&service, &world.secretary, "WIRE", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    decide(&mut manager, &base, &[("Decision", "Approve")]).await;

    for round in 0..24 {
        let draft = twin(&one.pool, id_of(&base)).await;
        let path = format!("/statements/drafts/{draft}");
        let (who, step, fields): (_, _, &[(&str, &str)]) = match round % 3 {
            0 => (&world.coordinator, "hold", &[("hold-why", "wait")]),
            1 => (&world.ad2_net, "review", &[("version", "1"), ("round", "1"), ("decision", "request-changes"), ("reason", "why?")]),
            _ => (&world.secretary, "take-back", &[]),
        };
        let mut left = visitor(&one, &service.router, &world.ad_net).await;
        let mut right = visitor(&two, &other_router, who).await;
        let (review, other) = (format!("{path}/review"), format!("{path}/{step}"));
        tokio::join!(left.post(&review, &APPROVE), right.post(&other, fields));

        assert!(left.page.status.as_u16() < 500 && right.page.status.as_u16() < 500, "{step}: {} {}", left.page.text, right.page.text);
        let (state, _, [posted, letters, ..]) = became(&service, &draft).await;
        let held: bool =
            sqlx::query_scalar("SELECT held_at IS NOT NULL FROM statements WHERE draft_id = $1").bind(&draft).fetch_one(&one.pool).await.expect("it");
        match (state.as_str(), step) {
            ("posted", _) => assert_eq!((posted, letters, held), (1, 1, false), "round {round}"),
            ("in-review", "hold") => assert_eq!((posted, letters, held), (0, 0, true), "round {round}"),
            ("draft", "review" | "take-back") => assert_eq!((posted, letters), (0, 0), "round {round}"),
            other => panic!("round {round}: {other:?}"),
        }
    }
    assert_eq!(checkup::store::broken(&one.pool).await.expect("a check"), []);
}

/// Its last statement, the commit, fails.
const FAILING: &str = "
    CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'made to fail' USING ERRCODE = 'check_violation'; END $$;
    CREATE CONSTRAINT TRIGGER fails AFTER UPDATE ON statements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.state = 'posted' AND OLD.state <> 'posted' AND NEW.source_note = 'fails') EXECUTE FUNCTION fails();
";

#[tokio::test]
async fn ob05_a_posting_that_fails_at_its_last_statement_leaves_nothing_twenty_times() {
    let (service, world) = tracker().await;
    let pool = &service.app.pool;
    let draft = in_review(&service, &world.ad_net, "WIRE", &[]).await;
    sqlx::raw_sql(FAILING).execute(pool).await.expect("a trigger");
    sqlx::query("UPDATE statements SET source_note = 'fails'").execute(pool).await.expect("a mark");
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let before = crate::access::fingerprint(pool).await;

    for _ in 0..20 {
        manager.post(&format!("{draft}/review"), &APPROVE).await;
        manager.assert_status(500).assert_says("What you sent was not saved");
    }
    let unlike = crate::access::differing(&before, &crate::access::fingerprint(pool).await);
    assert!(unlike.iter().all(|table| table.starts_with("sessions")), "{unlike:?}");
    assert_eq!(recipients(&service, "letter").await, [""; 0]);
    assert_eq!(recipients(&service, "outgoing-posted").await, [""; 0]);

    sqlx::raw_sql("DROP TRIGGER fails ON statements").execute(pool).await.expect("a trigger");
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1").assert_says("Posted as Statement 1");
    assert_eq!(recipients(&service, "letter").await, ["sg11@itu-t.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lc05_outgoing_numbers_have_no_gap_where_some_postings_fail() {
    let (service, world) = tracker().await;
    let one = service.app.clone();
    let (two, other_router) = second(&service).await;
    let base = in_review(&service, &world.ad_net, "WIRE", &[]).await;
    sqlx::raw_sql(FAILING).execute(&one.pool).await.expect("a trigger");

    let clients = (0..6).map(|client| {
        let (app, router) = if client % 2 == 0 { (one.clone(), service.router.clone()) } else { (two.clone(), other_router.clone()) };
        let (base, manager) = (id_of(&base).to_owned(), world.manager_itu_t.clone());
        async move {
            let mut manager = visitor(&app, &router, &manager).await;
            let mut statuses = Vec::new();
            for n in 0..5 {
                let draft = twin(&app.pool, &base).await;
                let fails = (client + n) % 3 == 0;
                let mark = sqlx::query("UPDATE statements SET source_note = $2 WHERE draft_id = $1").bind(&draft);
                mark.bind(if fails { "fails" } else { "" }).execute(&app.pool).await.expect("a mark");
                manager.post(&format!("/statements/drafts/{draft}/review"), &APPROVE).await;
                statuses.push((fails, manager.page.status.as_u16()));
            }
            statuses
        }
    });
    let statuses = futures_util::future::join_all(clients).await.concat();

    assert!(statuses.iter().all(|(fails, status)| *status == if *fails { 500 } else { 303 }), "{statuses:?}");
    let numbers: Vec<i32> = sqlx::query_scalar("SELECT number FROM statements WHERE number IS NOT NULL ORDER BY posted_at, number")
        .fetch_all(&one.pool)
        .await
        .expect("numbers");
    let posted = i32::try_from(statuses.iter().filter(|(fails, _)| !fails).count()).expect("few");
    assert_eq!(numbers, (1..=posted).collect::<Vec<_>>());
    let letters = recipients(&service, "letter").await.len();
    assert_eq!(i32::try_from(letters).expect("few"), posted);
    assert_eq!(checkup::store::broken(&one.pool).await.expect("a check"), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_posted_while_another_takes_the_number_tells_its_own_everywhere() {
    let (service, world) = tracker().await;
    let pool = &service.app.pool;
    let draft = in_review(&service, &world.chair, "WIRE", &[]).await;
    decide(&mut service.as_person(&world.manager_itu_t).await, &draft, &[("Decision", "Approve")]).await;
    let mut other = pool.begin().await.expect("a transaction");
    sqlx::query("UPDATE number_counter SET last_number = last_number + 1").execute(&mut *other).await.expect("the number of another");

    let (app, router) = second(&service).await;
    let mut director = visitor(&app, &router, &world.ad_net).await;
    let path = format!("{draft}/review");
    let posting = async {
        director.post(&path, &APPROVE).await;
        director.assert_status(303);
    };
    let other_posts = async {
        let begun = std::time::Instant::now();
        loop {
            let waiting: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%number_counter%'",
            )
            .fetch_one(pool)
            .await
            .expect("who waits");
            if waiting > 0 {
                break;
            }
            assert!(begun.elapsed() < std::time::Duration::from_secs(20), "nobody waits for the number");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        other.commit().await.expect("the other is posted");
    };
    tokio::join!(posting, other_posts);

    let number = state(&service, &draft).await.1.expect("a number");
    assert_eq!(number, 2);
    let mails: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT event, subject, mails.body FROM mails JOIN statements USING (statement_id) WHERE number = $1 AND event IN ('letter', 'outgoing-posted') ORDER BY event",
    )
    .bind(number)
    .fetch_all(pool)
    .await
    .expect("mails");
    assert_eq!(mails.iter().map(|(event, ..)| event.as_str()).collect::<Vec<_>>(), ["letter", "outgoing-posted"]);
    for (event, subject, body) in mails {
        assert!(body.contains("/statements/2"), "{event}: {body}");
        for text in [subject, body] {
            assert!(!text.contains("Statement 1") && !text.contains("/statements/1"), "{event}: {text}");
        }
    }
}

//! Numbers on two servers of one database, one of them killed on the way (robustness.md LC05).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use liaison_tracker::clock::Clock;
use liaison_tracker::{checkup, urls};

use super::in_review;
use crate::access::twin;
use crate::support::server::Server;
use crate::support::service;

/// Postings, by so many clients.
const POSTINGS: usize = 60;
const CLIENTS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc05_numbers_have_no_gap_where_postings_fail_and_a_server_is_killed() {
    let service = service(Clock::fixed(Clock::system().now())).await;
    let pool = &service.app.pool;
    let (review, _, cookie) = in_review(&service).await;
    let mut drafts = Vec::new();
    for n in 0..POSTINGS {
        let draft = twin(pool, &review).await;
        if n % 5 == 4 {
            sqlx::query("UPDATE statements SET source_note = 'fails' WHERE draft_id = $1").bind(&draft).execute(pool).await.expect("a mark");
        }
        drafts.push(draft);
    }
    // the last statement of a posting is its commit
    sqlx::raw_sql(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'made to fail' USING ERRCODE = 'check_violation'; END $$;
         CREATE CONSTRAINT TRIGGER fails AFTER UPDATE ON statements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
             WHEN (NEW.state = 'posted' AND OLD.state <> 'posted' AND NEW.source_note = 'fails') EXECUTE FUNCTION fails();",
    )
    .execute(pool)
    .await
    .expect("a trigger");
    let url = service.database.url.as_str();
    let (mut first, mut second) = (Server::start(&[("DATABASE_URL", url)]), Server::start(&[("DATABASE_URL", url)]));
    first.wait_for(200, Duration::from_secs(60)).await;
    second.wait_for(200, Duration::from_secs(60)).await;

    let done = AtomicUsize::new(0);
    let approve = async |server: &Server, draft: &str| {
        let answer = server.ask("POST", &urls::review(draft), &[("Cookie", &cookie)], "version=1&round=1&decision=approve").await;
        done.fetch_add(1, Ordering::Relaxed);
        answer.map_or(0, |answer| answer.status)
    };
    let pid = nix::unistd::Pid::from_raw(i32::try_from(second.child.id()).expect("an id"));
    let begun = Instant::now();
    let clients = join_all((0..CLIENTS).map(|client| {
        let (drafts, approve, server) = (&drafts, &approve, if client % 2 == 0 { &first } else { &second });
        async move {
            let mut statuses = Vec::new();
            for n in (client..POSTINGS).step_by(CLIENTS) {
                statuses.push((n, approve(server, &drafts[n]).await));
            }
            statuses
        }
    }));
    let killer = async {
        while done.load(Ordering::Relaxed) < POSTINGS / 3 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("a kill");
    };
    let (statuses, ()) = tokio::join!(clients, killer);
    let took = begun.elapsed();

    let statuses = statuses.concat();
    for (n, status) in &statuses {
        // 0: its server was killed
        let expected: &[u16] = if n % 5 == 4 { &[500, 0] } else { &[303, 0] };
        assert!(expected.contains(status), "{n}: {status}");
    }
    let answered = statuses.iter().filter(|(_, status)| *status == 303).count();
    assert!(answered > 0 && statuses.iter().any(|(_, status)| *status == 0), "{statuses:?}");
    // what the killed one left is posted by the other; then what was made to fail
    let post_all = async |from: usize, step: usize| {
        for draft in drafts.iter().skip(from).step_by(step) {
            approve(&first, draft).await;
        }
    };
    post_all(0, 1).await;
    sqlx::raw_sql("DROP TRIGGER fails ON statements").execute(pool).await.expect("a trigger");
    post_all(4, 5).await;

    let numbers: Vec<i32> = sqlx::query_scalar("SELECT number FROM statements WHERE number IS NOT NULL ORDER BY posted_at, number")
        .fetch_all(pool)
        .await
        .expect("numbers");
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=i32::try_from(POSTINGS).expect("few")).collect::<Vec<_>>(), "a gap, or one twice");
    let posted: i64 = sqlx::query_scalar("SELECT count(*) FROM history WHERE event = 'posted'").fetch_one(pool).await.expect("a count");
    assert_eq!(usize::try_from(posted).expect("few"), POSTINGS);
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);
    eprintln!("{answered} postings by {CLIENTS} clients on two servers, one killed, in {took:.1?}");
}

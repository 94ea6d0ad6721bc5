//! The mail server is down for two hours and comes back (robustness.md OB07; digests come later).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use liaison_tracker::mail::{Message, Recipient};
use liaison_tracker::reminders::run;

use super::{drain, message, pass, queue, service, states};
use crate::support::letters::{self, Posted};
use crate::support::people;
use crate::support::smtp::{Mode, SmtpServer, Stage};

const THREADS: usize = 20;
const EACH: usize = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ob07_after_an_outage_all_of_it_leaves_once_in_order_and_nothing_that_is_over() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let world = people::world(&service).await;
    let app = &service.app;
    // two that are due in a week: one of them ends while the server is away
    for number in [1914, 1915] {
        let id = letters::posted(app, Posted { number, ..Posted::INCOMING }).await;
        letters::deadline(app, id, "2026-02-28", "as-written", true).await;
    }
    server.set(Mode::Drop(Stage::Banner));
    pass(app, 60 * 24);
    let mut connection = app.pool.acquire().await.expect("a connection");
    let written = run::once(app, &mut connection).await.expect("a run").mails.len();
    assert_eq!(written, 3, "two chairs and the manager");
    for n in 0..EACH {
        for thread in 0..THREADS {
            let subject = format!("{thread:02} {n:02}");
            let to = vec![Recipient { address: format!("list{thread}@example.org"), person_id: None, why: "archive".to_owned() }];
            queue(app, &Message { subject, thread: format!("thread-{thread}"), recipients: to, ..message(&["list@example.org"]) }).await;
        }
        // so many arrive all through the two hours, and are tried meanwhile
        pass(app, 8);
        drain(app).await;
        if n == EACH / 2 {
            let mut chair = service.as_person(&world.chair).await;
            chair.get("/statements/1914/actions/wire").await;
            chair.submit("Record it", &[("What do you record?", "Close without reply"), ("In words", "no view")]).await;
            chair.assert_at("/statements/1914");
        }
    }
    assert!(server.received().is_empty());
    assert!(!states(app).await.iter().any(|state| state == "failed"), "an outage fails nothing");
    let mut reader = service.visitor();
    reader.get("/statements").await;
    reader.assert_status(200);

    server.set(Mode::Ok);
    let begun = Instant::now();
    while states(app).await.iter().any(|state| state == "queued") {
        assert!(begun.elapsed() < Duration::from_secs(120), "{} left", server.received().len());
        pass(app, 5);
        tokio::join!(drain(app), drain(app), drain(app));
        run::once(app, &mut connection).await.expect("a run");
    }

    let received = server.received();
    let mut by_thread: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut reminders = 0;
    for mail in &received {
        let subject = mail.data.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
        if mail.to[0].starts_with("list") && mail.to[0].ends_with("@example.org") {
            by_thread.entry(mail.to[0].clone()).or_default().push(subject.to_owned());
        } else if mail.data.contains("All that waits") {
            reminders += 1;
            assert!(mail.data.contains("1915") && !mail.data.contains("1914"), "{}", mail.data);
        }
    }
    assert_eq!(reminders, written, "each once, about what still waits");
    for thread in 0..THREADS {
        let expected: Vec<String> = (0..EACH).map(|n| format!("{thread:02} {n:02}")).collect();
        assert_eq!(by_thread.get(&format!("list{thread}@example.org")), Some(&expected));
    }
}

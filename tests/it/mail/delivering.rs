use std::collections::HashMap;
use std::time::{Duration, Instant};

use liaison_tracker::mail::{deliver, outbox};
use liaison_tracker::worker::{self, Worker};
use liaison_tracker::{App, database};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::support::smtp::{Mode, Received};

fn worker(service: &TestService) -> Worker {
    let pool = database::pool(&service.database.url, worker::CONNECTIONS, "worker").unwrap();
    Worker::start(&service.app, pool, CancellationToken::new())
}

async fn wait_until_all_are(app: &App, state: &str) {
    let begun = Instant::now();
    while states(app).await.iter().any(|at| at != state) {
        assert!(begun.elapsed() < Duration::from_secs(20), "not all are {state}: {:?}", deliveries(app).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn counts(received: &[Received]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for mail in received {
        *counts.entry(message_id(&mail.data)).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn one_mail_goes_to_each_recipient_by_an_envelope_of_its_own() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    queue(&service.app, &message(&["a@example.org", "b@example.net"])).await;

    drain(&service.app).await;

    let received = server.received();
    assert_eq!(received.iter().map(|mail| mail.to.clone()).collect::<Vec<_>>(), [["a@example.org"], ["b@example.net"]]);
    assert!(received.iter().all(|mail| mail.from == "tracker@example.org"));
    assert_eq!(received[0].data, received[1].data);
    let after = deliveries(&service.app).await;
    assert!(after.iter().all(|delivery| delivery.state == "accepted" && delivery.words == "250 taken" && !delivery.is_leased), "{after:?}");
}

/// robustness.md OB01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_of_300_mails_is_lost_though_the_worker_is_killed_again_and_again() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    for n in 0..300 {
        queue(&service.app, &message(&[&format!("r{n}@example.org")])).await;
    }

    let mut kills = 0;
    while kills < 8 && server.received().len() < 280 {
        let running = worker(&service);
        tokio::time::sleep(Duration::from_millis(60 + 17 * kills)).await;
        drop(running); // aborts it wherever it is
        kills += 1;
        pass(&service.app, 1); // what it had in hand is free again
    }
    let running = worker(&service);
    wait_until_all_are(&service.app, "accepted").await;
    running.stop().await;

    let counts = counts(&server.received());
    assert_eq!(counts.len(), 300);
    let repeated = server.received().len() - 300;
    // a kill can fall between the server's answer and its note in each conversation, however busy the machine is
    let in_hand = usize::try_from(kills).unwrap() * deliver::CONNECTIONS;
    assert!(kills >= 2 && repeated <= in_hand, "{repeated} repeats by {kills} kills");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_another_process_queued_leaves_at_once() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let running = worker(&service);
    tokio::time::sleep(Duration::from_millis(500)).await;

    queue(&service.app, &message(&["a@example.org"])).await; // nobody rings

    server.wait_for(1).await;
    running.stop().await;
}

/// robustness.md SH01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_the_mail_in_hand_finish_and_leaves_the_rest_free() {
    let server = SmtpServer::start().await;
    server.set(Mode::Slow(Duration::from_millis(150)));
    let service = service(&server, &[]).await;
    for n in 0..40 {
        queue(&service.app, &message(&[&format!("r{n}@example.org")])).await;
    }

    let running = worker(&service);
    tokio::time::sleep(Duration::from_millis(700)).await;
    let begun = Instant::now();
    running.stop().await;

    assert!(begun.elapsed() < Duration::from_secs(5));
    let after = deliveries(&service.app).await;
    let accepted = after.iter().filter(|delivery| delivery.state == "accepted").count();
    assert!((1..40).contains(&accepted), "{accepted}");
    assert_eq!(accepted, server.received().len());
    assert!(after.iter().all(|delivery| !delivery.is_leased));
    assert!(after.iter().filter(|delivery| delivery.state == "queued").all(|delivery| delivery.attempts == 0));
}

#[tokio::test]
async fn a_cut_after_the_dot_repeats_the_very_same_mail() {
    let server = SmtpServer::start().await;
    server.set(Mode::DropAfterDot);
    let service = service(&server, &[]).await;
    queue(&service.app, &message(&["a@example.org"])).await;

    drain(&service.app).await;
    assert_eq!(states(&service.app).await, ["queued"]);
    server.set(Mode::Ok);
    pass(&service.app, 1);
    drain(&service.app).await;

    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].data, received[1].data);
    assert_eq!(states(&service.app).await, ["accepted"]);
}

/// A connection kept for the next mail, closed by the server meanwhile, costs nobody an attempt.
#[tokio::test]
async fn a_server_that_takes_one_mail_a_connection_gets_a_new_one_each_time() {
    for mode in [Mode::OneEach, Mode::OneEachPolitely] {
        let server = SmtpServer::start().await;
        server.set(mode.clone());
        let service = service(&server, &[]).await;
        for n in 0..5 {
            queue(&service.app, &message(&[&format!("r{n}@example.org")])).await;
        }

        drain(&service.app).await;

        let after = deliveries(&service.app).await;
        assert!(after.iter().all(|delivery| delivery.state == "accepted" && delivery.attempts == 1), "{mode:?} {after:?}");
        assert_eq!((server.received().len(), server.conversations()), (5, 5), "{mode:?}");
    }
}

#[tokio::test]
async fn all_mail_of_a_trial_goes_to_one_address_and_says_for_whom_it_was() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[("LIAISON_MAIL_ALL_TO", "trial@example.com"), ("LIAISON_MAIL_ENVELOPE_FROM", "bounces@example.com")]).await;
    queue(&service.app, &message(&["a@example.org", "b@example.org"])).await;

    drain(&service.app).await;

    let received = server.received();
    assert_eq!(
        received.iter().map(|mail| (mail.from.as_str(), mail.to.clone())).collect::<Vec<_>>(),
        vec![("bounces@example.com", vec!["trial@example.com".to_owned()]); 2]
    );
    for (mail, meant) in received.iter().zip(["a@example.org", "b@example.org"]) {
        let (headers, body) = mail.data.split_once("\r\n\r\n").unwrap();
        assert!(headers.contains(&format!("X-Original-Recipient: {meant}")), "{headers}");
        assert!(body.starts_with(&format!("(meant for {meant})\r\n\r\nHello")), "{body}");
    }
}

#[tokio::test]
async fn without_a_mail_server_mail_is_recorded_and_its_link_readable_for_an_hour() {
    let service = support::service_with(support::clock(NOW), &[]).await;
    let secret = queue(
        &service.app,
        &Message { is_secret: true, body: "https://liaison.example.org/sign-in/secret".to_owned(), ..message(&["a@example.org"]) },
    )
    .await;

    drain(&service.app).await;
    pass(&service.app, 59);
    outbox::erase_secrets(&service.app.pool, service.app.clock.now()).await.unwrap();
    let before = body(&service.app, secret).await;
    pass(&service.app, 1);
    outbox::erase_secrets(&service.app.pool, service.app.clock.now()).await.unwrap();

    assert_eq!(states(&service.app).await, ["recorded"]);
    assert!(before.contains("/sign-in/secret"));
    assert_eq!(body(&service.app, secret).await, outbox::ERASED);
}

#[tokio::test]
async fn a_one_time_link_is_erased_once_its_mail_has_left_for_all() {
    let server = SmtpServer::start().await;
    server.set(Mode::Refuse("b@example.org".to_owned(), 450));
    let service = service(&server, &[]).await;
    let secret = queue(&service.app, &Message { is_secret: true, ..message(&["a@example.org", "b@example.org"]) }).await;

    drain(&service.app).await;
    let meanwhile = body(&service.app, secret).await;
    server.set(Mode::Ok);
    pass(&service.app, 1);
    drain(&service.app).await;

    assert!(meanwhile.starts_with("Hello"));
    assert_eq!(body(&service.app, secret).await, outbox::ERASED);
    assert!(server.received().iter().all(|mail| mail.data.contains("this is a test")));
}

#[tokio::test]
async fn what_a_rolled_back_step_queued_is_never_sent() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let mut transaction = service.app.pool.begin().await.unwrap();
    outbox::queue(&mut transaction, &service.app.config, service.app.clock.now(), &message(&["a@example.org"])).await.unwrap();
    transaction.rollback().await.unwrap();

    drain(&service.app).await;

    assert!(server.received().is_empty());
    assert!(deliveries(&service.app).await.is_empty());
}

#[tokio::test]
async fn an_address_named_twice_and_the_archive_get_one_copy_each() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[("LIAISON_MAIL_ARCHIVE", "Archive <archive@example.org>")]).await;
    let world = crate::support::people::world(&service).await;
    let statement = super::pages::statement(&service.app, &world).await;
    queue(&service.app, &Message { statement_id: Some(statement), ..message(&["a@example.org", "A@Example.org"]) }).await;

    drain(&service.app).await;

    assert_eq!(server.received().into_iter().flat_map(|mail| mail.to).collect::<Vec<_>>(), ["a@example.org", "archive@example.org"]);
}

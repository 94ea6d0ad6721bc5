use std::time::{Duration, Instant};

use liaison_tracker::mail::conversation::{Conversation, Fault};
use liaison_tracker::mail::letter;
use liaison_tracker::mail::outbox::{self, Outcome};
use liaison_tracker::mail::server::{Limits, Server};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::support::smtp::{Mode, Stage};

/// The service, sending to that server; with a password where it is to be asked for one.
async fn service_for(server: &SmtpServer, stage: Stage) -> TestService {
    let user = if stage == Stage::Auth { "user:secret@" } else { "" };
    service_at(&format!("smtp://{user}127.0.0.1:{}?tls=none", server.port), &[]).await
}

/// robustness.md SM01
#[tokio::test]
async fn a_4xx_at_any_stage_means_later_and_then_it_is_delivered_once() {
    for stage in Stage::ALL.into_iter().chain([Stage::Auth]) {
        let server = SmtpServer::start().await;
        server.set(Mode::Reply(stage, 451, "try later"));
        let service = service_for(&server, stage).await;
        queue(&service.app, &message(&["a@example.org"])).await;

        for (attempt, minutes) in [(1, 1), (2, 5), (3, 15), (4, 60), (5, 60)] {
            drain(&service.app).await;
            let after = deliveries(&service.app).await;
            assert_eq!((after[0].state.as_str(), after[0].attempts, after[0].minutes), ("queued", attempt, minutes), "{stage:?}");
            assert_eq!(after[0].words, "451 try later", "{stage:?}");
            pass(&service.app, minutes);
        }
        server.set(Mode::Ok);
        drain(&service.app).await;

        assert_eq!(states(&service.app).await, ["accepted"], "{stage:?}");
        assert_eq!(server.received().len(), 1, "{stage:?}");
    }
}

/// robustness.md SM02; at AUTH it is meant for all mail
#[tokio::test]
async fn a_5xx_at_any_stage_fails_with_the_servers_words() {
    for stage in Stage::ALL {
        let server = SmtpServer::start().await;
        server.set(Mode::Reply(stage, 554, "never here"));
        let service = service(&server, &[]).await;
        queue(&service.app, &message(&["a@example.org"])).await;

        drain(&service.app).await;

        let after = deliveries(&service.app).await;
        assert_eq!((after[0].state.as_str(), after[0].words.as_str()), ("failed", "554 never here"), "{stage:?}");
        assert!(server.received().is_empty());
    }
}

/// robustness.md SM03
#[tokio::test]
async fn of_three_recipients_one_is_refused_one_waits_and_one_has_it() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    queue(&service.app, &message(&["a@example.org", "b@example.org", "c@example.org"])).await;
    let ids: Vec<_> = deliveries(&service.app).await.into_iter().map(|delivery| delivery.id).collect();

    server.set(Mode::Refuse("b@example.org".to_owned(), 550));
    deliver::send_now(&service.app, &service.app.pool, ids[1]).await.unwrap();
    server.set(Mode::Refuse("c@example.org".to_owned(), 450));
    drain(&service.app).await;
    assert_eq!(states(&service.app).await, ["accepted", "failed", "queued"]);
    server.set(Mode::Ok);
    pass(&service.app, 1);
    drain(&service.app).await;

    assert_eq!(states(&service.app).await, ["accepted", "failed", "accepted"]);
    assert_eq!(deliveries(&service.app).await[1].words, "550 no such address");
    assert_eq!(server.received().into_iter().flat_map(|mail| mail.to).collect::<Vec<_>>(), ["a@example.org", "c@example.org"]);
}

/// What becomes of a mail that a server with short patience for it is given.
async fn attempt(server: &SmtpServer, limit: Duration, text: &[u8]) -> Fault {
    let place = Server {
        limits: Limits { connect: limit, command: limit, content: limit },
        ..Server::parse(&format!("smtp://user:secret@127.0.0.1:{}?tls=none", server.port)).unwrap()
    };
    let address = letter::envelope_address("a@example.org").unwrap();
    match Conversation::open(&place, "liaison.example.org").await {
        Err(fault) => fault,
        Ok(mut conversation) => match conversation.begin(&address, &address, None).await {
            Err(fault) => fault,
            Ok(()) => conversation.finish(text).await.unwrap_err(),
        },
    }
}

/// robustness.md SM04: silent, one letter now and then, a half-open line that takes no more
#[tokio::test]
async fn a_server_that_falls_silent_is_left_after_the_time_limit_at_any_stage() {
    let limit = Duration::from_millis(300);
    let large = vec![b'x'; 32 * 1024 * 1024]; // more than the line itself holds
    let modes = Stage::ALL.into_iter().chain([Stage::Auth]).map(Mode::Hang).chain([Mode::Trickle(Duration::from_millis(100)), Mode::Deaf]);
    for mode in modes {
        let server = SmtpServer::start().await;
        server.set(mode.clone());
        let begun = Instant::now();

        let fault = attempt(&server, limit, if mode == Mode::Deaf { &large } else { b"Subject: x\r\n\r\nx\r\n" }).await;

        assert!(matches!(&fault, Fault::Later(words) | Fault::NoServer(words) if words.starts_with("no answer to ")), "{mode:?} {fault:?}");
        // at most five waits; what is more is the machine's
        assert!(begun.elapsed() < Duration::from_secs(20), "{mode:?}");
    }
}

#[tokio::test]
async fn a_cut_at_any_stage_means_later() {
    for stage in Stage::ALL.into_iter().chain([Stage::Auth]) {
        let server = SmtpServer::start().await;
        server.set(Mode::Drop(stage));
        let service = service_for(&server, stage).await;
        queue(&service.app, &message(&["a@example.org"])).await;

        drain(&service.app).await;
        let after = deliveries(&service.app).await;
        assert_eq!((after[0].state.as_str(), after[0].attempts), ("queued", 1), "{stage:?}");
        assert!(after[0].words.contains("broke"), "{stage:?} {}", after[0].words);
        server.set(Mode::Ok);
        pass(&service.app, 1);
        drain(&service.app).await;

        assert_eq!(states(&service.app).await, ["accepted"], "{stage:?}");
    }
}

#[tokio::test]
async fn a_mail_that_ends_the_process_again_and_again_is_parked() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    queue(&service.app, &message(&["a@example.org"])).await;
    for n in 1..=8 {
        let now = service.app.clock.now();
        let claim = outbox::claim(&service.app.pool, "a process that dies", now, now + chrono::TimeDelta::seconds(45), None).await.unwrap();
        assert_eq!(claim.map(|claim| claim.attempts), Some(n));
        pass(&service.app, 1);
    }

    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    assert_eq!(after[0].state, "failed");
    assert_eq!(after[0].words, "The tracker ended 8 times in a row while sending it, so it is not tried any more.");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_lease_that_was_lost_marks_nothing() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    queue(&service.app, &message(&["a@example.org"])).await;
    let (pool, now) = (&service.app.pool, service.app.clock.now());
    let claim = outbox::claim(pool, "first", now, now + chrono::TimeDelta::seconds(45), None).await.unwrap().unwrap();
    assert!(outbox::claim(pool, "second", now, now + chrono::TimeDelta::seconds(45), None).await.unwrap().is_none());
    let later = now + chrono::TimeDelta::minutes(1);
    assert!(outbox::claim(pool, "second", later, later + chrono::TimeDelta::seconds(45), None).await.unwrap().is_some());

    let was_ours = outbox::mark(pool, &claim, "first", later, &Outcome::Failed("550 late".to_owned())).await.unwrap();

    assert!(!was_ours);
    assert!(!outbox::renew(pool, claim.delivery_id, "first", later).await.unwrap());
    assert_eq!(states(&service.app).await, ["queued"]);
}

#[tokio::test]
async fn after_five_days_a_mail_is_given_up() {
    let server = SmtpServer::start().await;
    server.set(Mode::Reply(Stage::Rcpt, 450, "greylisted"));
    let service = service(&server, &[]).await;
    queue(&service.app, &message(&["a@example.org"])).await;

    drain(&service.app).await;
    pass(&service.app, 5 * 24 * 60 - 1);
    drain(&service.app).await;
    assert_eq!(states(&service.app).await, ["queued"]);
    pass(&service.app, 60);
    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    assert_eq!((after[0].state.as_str(), after[0].words.as_str()), ("failed", "Given up after 5 days: 450 greylisted"));
}

/// robustness.md SM02: 535
#[tokio::test]
async fn wrong_credentials_stop_all_sending_and_burn_no_attempt() {
    let server = answering(0, |line| match line.split(' ').next().unwrap_or_default() {
        "EHLO" => "250-localhost\r\n250 AUTH PLAIN LOGIN",
        "AUTH" if line.contains("AHVzZXIAcmlnaHQ=") => "235 welcome", // user, right
        "AUTH" => "535 wrong password",
        "DATA" => "354 go",
        _ => "250 ok",
    })
    .await;
    let service = service_at(&format!("smtp://user:wrong@127.0.0.1:{}?tls=none", server.port), &[]).await;
    for n in 0..3 {
        queue(&service.app, &message(&[&format!("r{n}@example.org")])).await;
    }

    drain(&service.app).await;
    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    assert!(after.iter().all(|delivery| delivery.state == "queued" && delivery.attempts == 0), "{after:?}");
    assert_eq!(server.heard().iter().filter(|line| line.starts_with("AUTH")).count(), 1);
    let mut visitor = service.visitor();
    visitor.get("/readyz").await;
    visitor.assert_status(200).assert_says("mail: not being sent since 2026-02-20 14:00:00 UTC: 535 wrong password");

    // put right, and started again
    let right = App::new(
        liaison_tracker::config::Config {
            smtp_url: Some(format!("smtp://user:right@127.0.0.1:{}?tls=none", server.port)),
            ..service.app.config.clone()
        },
        service.app.pool.clone(),
        service.app.clock.clone(),
    );
    drain(&right).await;
    assert_eq!(states(&right).await, ["accepted", "accepted", "accepted"]);
}

/// robustness.md SM07
#[tokio::test]
async fn without_tls_nothing_is_said_where_the_url_requires_it() {
    let server = answering(0, |line| if line.starts_with("DATA") { "354 go" } else { "250 ok" }).await;
    let service = service_at(&format!("smtp://user:secret@127.0.0.1:{}?tls=required", server.port), &[]).await;
    queue(&service.app, &message(&["a@example.org"])).await;

    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    assert_eq!((after[0].state.as_str(), after[0].minutes), ("queued", 1));
    assert!(after[0].words.contains("no STARTTLS"), "{}", after[0].words);
    assert_eq!(server.heard().iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>(), ["EHLO", "QUIT"]);
}

/// A server that answers each line by a rule, and remembers what it heard.
struct Answering {
    port: u16,
    heard: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl Answering {
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn answering(port: u16, rule: fn(&str) -> &'static str) -> Answering {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let for_all = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let heard = for_all.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut in_text = false;
                let mut answer = "220 ready".to_owned();
                loop {
                    if !answer.is_empty() && stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                        return;
                    }
                    let mut line = Vec::new();
                    if stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
                        return;
                    }
                    let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                    answer.clear();
                    if in_text {
                        in_text = line != ".";
                        if !in_text {
                            answer.push_str("250 taken");
                        }
                        continue;
                    }
                    in_text = line == "DATA";
                    answer.push_str(rule(&line));
                    heard.lock().unwrap().push(line);
                }
            });
        }
    });
    Answering { port, heard }
}

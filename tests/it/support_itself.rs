//! The support that other tests stand on holds.

use std::time::{Duration, Instant};

use lettre::address::Envelope;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::timeout;

use crate::support::database::fresh;
use crate::support::smtp::{Mode, SmtpServer, Stage};

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let (one, two) = tokio::join!(fresh(), fresh());

    one.pool.execute("CREATE TABLE mine ()").await.unwrap();

    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE tablename = 'mine'").fetch_one(&two.pool).await.unwrap();
    assert_eq!(seen, 0);
    assert_ne!(one.name, two.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_also_reached_by_its_url() {
    let database = fresh().await;

    let options: PgConnectOptions = database.url.parse().unwrap();

    assert_eq!(options.get_database(), Some(&*database.name));
    PgConnection::connect_with(&options).await.unwrap().ping().await.unwrap();
}

type Sender = AsyncSmtpTransport<Tokio1Executor>;
type Sent = Result<(), lettre::transport::smtp::Error>;

fn sender(server: &SmtpServer) -> Sender {
    Sender::builder_dangerous("127.0.0.1").port(server.port).build()
}

/// Sends to one recipient, over a connection of its own.
async fn send(server: &SmtpServer, to: &str) -> Sent {
    let envelope = Envelope::new(Some("chair@example.org".parse().unwrap()), vec![to.parse().unwrap()]).unwrap();
    // lettre ends the last line itself.
    let raw = "Subject: A liaison\r\n\r\nFirst.\r\n.hidden dot\r\n..two\r\nLäst.";
    sender(server).send_raw(&envelope, raw.as_bytes()).await.map(drop)
}

fn code(sent: Sent) -> Option<u16> {
    sent.unwrap_err().status().map(u16::from)
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_sent() {
    let server = SmtpServer::start().await;

    send(&server, "group@example.net").await.unwrap();

    let [mail] = &server.received()[..] else { panic!("one mail") };
    assert_eq!(mail.from, "chair@example.org");
    assert_eq!(mail.to, ["group@example.net"]);
    assert_eq!(mail.data, "Subject: A liaison\r\n\r\nFirst.\r\n.hidden dot\r\n..two\r\nLäst.\r\n");
}

#[tokio::test]
async fn each_stage_answers_as_told() {
    let server = SmtpServer::start().await;

    for stage in Stage::ALL {
        server.set(Mode::Reply(stage, 451, "try later"));
        let refused = send(&server, "group@example.net").await;
        assert_eq!(code(refused), Some(451), "{stage:?}");
    }

    assert_eq!(server.received(), []);
    server.set(Mode::Ok);
    send(&server, "group@example.net").await.unwrap();
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn one_address_is_refused_and_others_are_not() {
    let server = SmtpServer::start().await;
    server.set(Mode::Refuse("dead@example.net".into(), 550));

    assert_eq!(code(send(&server, "dead@example.net").await), Some(550));
    send(&server, "living@example.net").await.unwrap();

    assert_eq!(server.received()[0].to, ["living@example.net"]);
}

#[tokio::test]
async fn hanging_and_slow_servers_make_the_sender_wait() {
    let server = SmtpServer::start().await;

    for stage in Stage::ALL {
        server.set(Mode::Hang(stage));
        // lettre's own timeout ends with the connecting: whoever sends must bound the whole.
        let sending = timeout(Duration::from_millis(300), send(&server, "group@example.net"));
        assert!(sending.await.is_err(), "{stage:?}");
    }
    assert_eq!(server.received(), []);
    server.set(Mode::Slow(Duration::from_millis(50)));
    let begun = Instant::now();
    send(&server, "group@example.net").await.unwrap();

    assert!(begun.elapsed() >= Duration::from_millis(250));
}

#[tokio::test]
async fn a_cut_line_is_no_answer() {
    let server = SmtpServer::start().await;

    for stage in Stage::ALL {
        server.set(Mode::Drop(stage));
        let lost = send(&server, "group@example.net").await.unwrap_err();
        assert_eq!(lost.status(), None, "{stage:?}");
    }

    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn a_mail_whose_end_is_unknown_has_arrived() {
    let server = SmtpServer::start().await;
    server.set(Mode::DropAfterDot);

    let lost = send(&server, "group@example.net").await.unwrap_err();

    assert_eq!(lost.status(), None);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let server = SmtpServer::start().await;
    send(&server, "grüße@example.net").await.unwrap();

    server.set_smtputf8(false);

    assert!(send(&server, "grüße@example.net").await.is_err());
    assert_eq!(server.wait_for(1).await[0].to, ["grüße@example.net"]);
}

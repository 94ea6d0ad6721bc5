//! SIGTERM while much is under way (robustness.md SH01).

use std::time::{Duration, Instant};

use liaison_tracker::clock::Clock;
use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::people::world;
use crate::support::server::{Answer, Server};
use crate::support::service;
use crate::support::smtp::{Mode, SmtpServer};

const BOUNDARY: &str = "----boundary7MA4YWxk";

/// The form that begins a draft, with a file of so many bytes, as a browser sends it.
pub fn draft_with_a_file(title: &str, bytes: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in [("creation-key", title), ("from", "ITU-T SG11"), ("to", "wire"), ("title", title)] {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    body.extend(
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"letter.pdf\"\r\nContent-Type: application/pdf\r\n\r\n")
            .into_bytes(),
    );
    body.extend(b"%PDF-1.4 ");
    body.extend(vec![b'x'; bytes.saturating_sub(9)]);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// The head of the request that sends it.
pub fn head_of(body: &[u8], path: &str, cookie: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
}

async fn rest_of(mut stream: TcpStream) -> Option<Answer> {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    Answer::read(&answer)
}

#[tokio::test]
async fn sh01_what_was_begun_is_finished_and_nothing_else_holds_it() {
    let service = service(Clock::system()).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    let cookie = format!("session={}", chair.cookies["session"]);
    let big = 12_000_000;
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "letter.pdf", &[b"%PDF-1.4 ".as_slice(), &vec![b'x'; big - 9]].concat());
    chair.submit("Save draft", &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS")]).await;
    let mail = SmtpServer::start().await;
    mail.set(Mode::Slow(Duration::from_millis(700)));
    let smtp = format!("smtp://127.0.0.1:{}", mail.port);
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url), ("LIAISON_SMTP_URL", &smtp)]);
    server.wait_for(200, Duration::from_secs(60)).await;

    // an upload at its half, a download at its beginning, half a head, an idle connection
    let body = draft_with_a_file("Uploaded meanwhile", 2_000_000);
    let mut upload = server.connect(head_of(&body, "/statements/incoming/new", &cookie).as_bytes()).await;
    upload.write_all(&body[..body.len() / 2]).await.expect("half of it");
    let ask = format!("GET {}/attachments/1/letter.pdf HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n", chair.page.path);
    let mut download = server.connect(ask.as_bytes()).await;
    let mut beginning = vec![0; 10_000];
    download.read_exact(&mut beginning).await.expect("a beginning");
    let half = server.connect(b"GET /statements HTTP/1.1\r\nHost: x\r\nX-Half: ").await;
    let mut idle = server.connect(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut answered = [0; 12];
    idle.read_exact(&mut answered).await.expect("an answer");
    // and a mail under way: each of its six answers takes 0.7 s
    let form = format!("email={}", world.chair.address.replace('@', "%40"));
    assert!(server.ask("POST", "/password/forgotten", &[], &form).await.expect("an answer").status < 400);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(mail.received().is_empty(), "the mail went too fast");

    let begun = Instant::now();
    server.signal(Signal::SIGTERM);
    while TcpStream::connect(&server.address).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(3), "new connections are let in");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    eprintln!("no connection more after {:.1?}", begun.elapsed());
    let uploading = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        upload.write_all(&body[body.len() / 2..]).await.expect("the other half");
        rest_of(upload).await.expect("an answer")
    };
    let downloading = async {
        let mut rest = Vec::new();
        let mut piece = vec![0; 1 << 20];
        loop {
            match download.read(&mut piece).await.expect("more of it") {
                0 => return [beginning, rest].concat(),
                some => rest.extend_from_slice(&piece[..some]),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let idling = async {
        let mut rest = Vec::new();
        let _ = idle.read_to_end(&mut rest).await;
        begun.elapsed()
    };
    let (uploaded, downloaded, idled, _) = tokio::join!(uploading, downloading, idling, rest_of(half));
    let status = server.ended(Duration::from_secs(30)).await;
    let took = begun.elapsed();

    eprintln!("ended after {took:.1?}, the idle connection after {idled:.1?}");
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < Duration::from_secs(27), "{took:?}");
    assert!(idled < Duration::from_secs(5), "{idled:?}");
    assert_eq!(uploaded.status, 303, "{}", uploaded.text());
    let downloaded = Answer::read(&downloaded).expect("an answer");
    assert_eq!((downloaded.status, downloaded.body.len()), (200, big));
    assert_eq!(mail.received().len(), 1, "{}", server.log());
    let pool = &service.app.pool;
    let left: (i64, i64) =
        sqlx::query_as("SELECT count(*) FILTER (WHERE leased_until IS NOT NULL), count(*) FILTER (WHERE state = 'accepted') FROM mail_deliveries")
            .fetch_one(pool)
            .await
            .expect("deliveries");
    assert_eq!(left, (0, 1));
    let files: i64 =
        sqlx::query_scalar("SELECT count(*) FROM statements JOIN attachments USING (statement_id) WHERE statements.title = 'Uploaded meanwhile'")
            .fetch_one(pool)
            .await
            .expect("a count");
    assert_eq!(files, 1);
}

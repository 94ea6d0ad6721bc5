//! Connections that do nothing, or next to nothing.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use liaison_tracker::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::database;
use crate::support::people::world;
use crate::support::server::{Answer, Server};
use crate::support::service;

/// Connections of each kind: three of them must fit into what a test process may open, beside other tests.
const OF_EACH_KIND: usize = 80;

/// Reads until the other side closes; what came, and how long that took.
async fn until_closed(mut stream: TcpStream, since: Instant) -> (Vec<u8>, Duration) {
    let mut came = Vec::new();
    let _ = stream.read_to_end(&mut came).await;
    (came, since.elapsed())
}

/// Sends a byte each second until the other side answers or closes.
async fn trickle(mut stream: TcpStream, since: Instant) -> (Vec<u8>, Duration) {
    let mut came = [0; 4096];
    loop {
        tokio::select! {
            read = stream.read(&mut came) => return (came[..read.unwrap_or(0)].to_vec(), since.elapsed()),
            () = tokio::time::sleep(Duration::from_secs(1)) => if stream.write_all(b"x").await.is_err() {
                return (Vec::new(), since.elapsed());
            }
        }
    }
}

#[tokio::test]
async fn ab01_connections_that_do_nothing_are_ended_and_starve_nobody() {
    let database = database::fresh().await;
    let mut server = Server::start(&[("DATABASE_URL", &database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    for _ in 0..20 {
        assert_eq!(server.get("/statements").await.expect("an answer").status, 200);
    }
    let before = server.memory();
    let since = Instant::now();
    let head = "Host: x\r\nSec-Fetch-Site: same-origin\r\n";
    let half_head = format!("GET /statements HTTP/1.1\r\n{head}X-Half: ");
    let body = format!("POST /sign-in HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nemail=");
    let idle = format!("GET /healthz HTTP/1.1\r\n{head}\r\n");
    let open = async |sent: &str| join_all((0..OF_EACH_KIND).map(|_| server.connect(sent.as_bytes()))).await;
    let (silent, halves, bodies, idles) = (open("").await, open(&half_head).await, open(&body).await, open(&idle).await);

    for _ in 0..20 {
        let page = tokio::time::timeout(Duration::from_secs(10), server.get("/statements")).await.expect("in time").expect("an answer");
        assert_eq!(page.status, 200);
    }
    let more = server.memory().saturating_sub(before);
    assert!(more < 64 << 20, "{} MiB more", more >> 20);

    let ends = |streams: Vec<TcpStream>| join_all(streams.into_iter().map(|stream| until_closed(stream, since)));
    let trickles = join_all(bodies.into_iter().map(|stream| trickle(stream, since)));
    let (silent, halves, idles, trickles) =
        tokio::time::timeout(Duration::from_secs(80), async { tokio::join!(ends(silent), ends(halves), ends(idles), trickles) })
            .await
            .expect("every connection is ended");
    let slowest = |all: &[(Vec<u8>, Duration)]| all.iter().map(|(_, took)| *took).max().unwrap_or_default();
    for (what, all, most) in [("silent", &silent, 35), ("half a head", &halves, 35), ("idle", &idles, 35), ("a byte a second", &trickles, 60)] {
        eprintln!("{what}: ended after {:.1?}; {} MiB more for {} connections", slowest(all), more >> 20, 4 * OF_EACH_KIND);
        assert!(slowest(all) < Duration::from_secs(most + 15), "{what}: {:?}", slowest(all));
    }
    assert!(idles.iter().all(|(came, _)| Answer::read(came).is_some_and(|answer| answer.status == 200)));
    for (came, took) in &trickles {
        assert!(*took > Duration::from_secs(25), "ended after {took:?}, too early for a slow line");
        assert_eq!(Answer::read(came).expect("an answer").status, 408, "{}", String::from_utf8_lossy(came));
    }
}

#[tokio::test]
async fn ab03_who_stops_reading_is_dropped_and_a_slow_reader_is_not() {
    let service = service(Clock::system()).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    let bytes = 24_000_000;
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "letter.pdf", &[b"%PDF-1.4 ".as_slice(), &vec![b'x'; bytes - 9]].concat());
    chair.submit("Save draft", &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS")]).await;
    chair.assert_status(200);
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    let request = format!(
        "GET {}/attachments/1/letter.pdf HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: session={}\r\n\r\n",
        chair.page.path, chair.cookies["session"]
    );
    let ask = async || {
        let socket = TcpSocket::new_v4().expect("a socket");
        // little is under way, so that the server notices soon
        socket.set_recv_buffer_size(64 * 1024).expect("a small buffer");
        let mut stream = socket.connect(server.address.parse().expect("an address")).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        stream
    };
    let read = async |stream: &mut TcpStream, most: usize, piece: usize, pause: Duration| {
        let (mut read, mut buffer) = (0, vec![0; piece]);
        while read < most {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(some) => read += some,
            }
            tokio::time::sleep(pause).await;
        }
        read
    };

    let stops = async {
        let mut stream = ask().await;
        read(&mut stream, 1, 1024, Duration::ZERO).await;
        tokio::time::sleep(Duration::from_secs(40)).await;
        read(&mut stream, usize::MAX, 1 << 20, Duration::ZERO).await
    };
    // slower than it is dropped for, if it stopped: 40 s in all
    let is_slow = async {
        let mut stream = ask().await;
        let slowly = read(&mut stream, 400_000, 10_000, Duration::from_secs(1)).await;
        slowly + read(&mut stream, usize::MAX, 1 << 20, Duration::ZERO).await
    };
    let (of_the_first, of_the_second) = tokio::join!(stops, is_slow);

    assert!(of_the_first < bytes, "all came: {of_the_first}");
    assert!(of_the_second > bytes, "a slow reader got {of_the_second} of {bytes}");
}

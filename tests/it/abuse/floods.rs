//! Floods and guesses.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use liaison_tracker::clock::Clock;

use crate::support::people::{self, PASSWORD};
use crate::support::server::Server;
use crate::support::{service, service_with};

const WRONG: &str = "surely not this one";

#[tokio::test]
async fn ac05_one_password_over_many_accounts_is_slowed_for_one_client_only() {
    let service = service(Clock::system()).await;
    let carol = people::person(&service.app, "Carol Chair", "carol@people.example").await;
    let mut sprayer = service.visitor();
    let mut guessed = 0;
    for n in 0..260 {
        // not believed: no proxy sent it
        sprayer.extra_headers = vec![("x-forwarded-for".to_owned(), format!("203.0.113.{}", n % 250))];
        sprayer.post("/sign-in", &[("email", &format!("p{n}@people.example")), ("password", WRONG), ("by", "password")]).await;
        match sprayer.page.status.as_u16() {
            422 => guessed += 1,
            429 => {
                assert!((1..=10).contains(&sprayer.page.header("retry-after").parse::<u32>().expect("seconds")));
                sprayer.assert_says("Too many tries");
            }
            other => panic!("{other}"),
        }
    }
    // 150 at once; then one more each 2 s
    assert!((150..260).contains(&guessed), "{guessed}");

    let mut elsewhere = service.visitor();
    elsewhere.address = IpAddr::from([198, 51, 100, 7]);
    let begun = Instant::now();
    elsewhere.sign_in(&carol).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn searches_of_one_client_take_turns_and_who_is_signed_in_is_not_counted() {
    let service = service_with(Clock::system(), &[("LIAISON_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let carol = people::person(&service.app, "Carol Chair", "carol@people.example").await;
    let path = "/groups/suggest?q=w";
    let mut asker = service.visitor();
    asker.address = "2001:db8::1".parse().expect("an address");
    let mut last = 200;
    for _ in 0..1_000 {
        asker.get(path).await;
        last = asker.page.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    assert!(!asker.page.header("retry-after").is_empty());
    // what costs little goes on
    asker.get("/statements").await;
    asker.assert_status(200);
    // the same house, and another one
    asker.address = "2001:db8::ffff".parse().expect("an address");
    let neighbours = join_all((0..20).map(|_| async {
        let mut neighbour = service.visitor();
        neighbour.address = asker.address;
        neighbour.get("/api/v1/statements?q=w").await;
        neighbour.page.status.as_u16()
    }))
    .await;
    assert!(neighbours.contains(&429), "{neighbours:?}");
    asker.address = "2001:db8:0:1::1".parse().expect("an address");
    asker.get(path).await;
    asker.assert_status(200);

    let mut known = service.as_person(&carol).await;
    // a proxy that says of nobody whence they come is nobody's address
    let mut proxy = service.visitor();
    proxy.address = IpAddr::from([127, 0, 0, 1]);
    for _ in 0..400 {
        known.get(path).await;
        known.assert_status(200);
        proxy.get(path).await;
        proxy.assert_status(200);
    }
}

#[tokio::test]
async fn ab02_a_flood_of_sign_ins_is_bounded_and_the_right_password_works() {
    let service = service(Clock::system()).await;
    let carol = people::person(&service.app, "Carol Chair", "carol@people.example").await;
    let mut server = Server::start(&[("DATABASE_URL", &service.database.url)]);
    server.wait_for(200, Duration::from_secs(60)).await;
    let before = server.memory();
    let begun = Instant::now();
    let flood = Duration::from_secs(6);
    let form = |address: &str, password: &str| format!("email={}&password={}&by=password", address.replace('@', "%40"), password.replace(' ', "+"));

    let flooding = join_all((0..50).map(|n| {
        let (server, form) = (&server, &form);
        async move {
            let mut statuses = Vec::new();
            while begun.elapsed() < flood {
                let address = format!("p{n}-{}@people.example", statuses.len());
                let answer = server.ask("POST", "/sign-in", &[], &form(&address, WRONG)).await.expect("an answer");
                assert!(answer.status != 429 || !answer.header("retry-after").is_empty());
                statuses.push(answer.status);
                if answer.status == 429 {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            statuses
        }
    }));
    let beside = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let list = server.get("/statements").await.expect("an answer").status;
        let mut most = 0;
        let mut tries = 0;
        let signed_in = loop {
            most = most.max(server.memory());
            tries += 1;
            let answer = server.ask("POST", "/sign-in", &[("X-Forwarded-For", "198.51.100.7")], &form(&carol.address, PASSWORD)).await;
            match answer.expect("an answer").status {
                429 if tries < 200 => tokio::time::sleep(Duration::from_millis(50)).await,
                status => break status,
            }
        };
        (list, most, signed_in, tries)
    };
    let (statuses, (list, most, signed_in, tries)) = tokio::join!(flooding, beside);

    let statuses = statuses.concat();
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    eprintln!("{} refused, {} told to come later, signed in at try {tries}; {} MiB more", count(422), count(429), most.saturating_sub(before) >> 20);
    assert_eq!(count(422) + count(429), statuses.len(), "{statuses:?}");
    assert_eq!((list, signed_in), (200, 303));
    assert!(most.saturating_sub(before) < 160 << 20, "{} MiB more", most.saturating_sub(before) >> 20);
}

//! Guessing, enumerating and leading astray at the sign-in page (robustness.md AC04 to AC06, WB06).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::support::people::{self, PASSWORD};
use crate::support::{clock, service_with, time};

#[tokio::test]
async fn ac04_known_and_unknown_addresses_are_answered_alike() {
    let (service, carol) = people::service_with_carol().await;
    let people: Vec<String> = {
        let mut addresses = vec![carol.address.clone()];
        for n in 0..3 {
            addresses.push(people::person(&service.app, "Somebody Known", &format!("known{n}@people.example")).await.address);
        }
        addresses
    };
    let mut taken: [Vec<Duration>; 4] = Default::default();

    for round in 0..20u8 {
        let known = people[usize::from(round) % people.len()].clone();
        let unknown = known.replace("people.example", "nobody.example");
        let mut answers = Vec::new();
        for (way, address) in [&known, &unknown, &known, &unknown].into_iter().enumerate() {
            let mut visitor = service.visitor();
            visitor.address = IpAddr::from([198, 51, 100, round]);
            visitor.follows = false;
            let begun = Instant::now();
            if way < 2 {
                visitor.post("/sign-in", &[("email", address), ("password", "surely not this one"), ("by", "password")]).await;
            } else {
                visitor.post("/password/forgotten", &[("email", address)]).await;
            }
            taken[way].push(begun.elapsed());
            let mut headers: Vec<String> =
                visitor.page.headers.iter().filter(|(name, _)| *name != "x-request-id").map(|(name, value)| format!("{name}: {value:?}")).collect();
            headers.sort();
            answers.push(format!("{} {headers:?} {}", visitor.page.status, visitor.page.source().replace(address.as_str(), "ADDRESS")));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[2], answers[3]);
    }

    for way in &mut taken {
        way.sort();
    }
    let median = |way: usize| taken[way][taken[way].len() / 2].as_secs_f64();
    for (known, unknown) in [(0, 1), (2, 3)] {
        let ratio = median(known) / median(unknown);
        assert!((0.75..1.34).contains(&ratio), "known {} s, unknown {} s", median(known), median(unknown));
    }
}

#[tokio::test]
async fn ac05_guessing_is_slowed_and_locks_nobody_out() {
    let (service, carol) = people::service_with_carol().await;
    let mut guesser = service.visitor();
    let begun = time("2026-11-04T10:00:00Z");

    // a guess each second for five minutes: with any forwarded address, for it is not asked for
    let mut guesses = Vec::new();
    for second in 0..300i64 {
        service.app.clock.set(begun + chrono::TimeDelta::seconds(second));
        guesser.extra_headers = vec![("x-forwarded-for".to_owned(), format!("203.0.113.{}", second % 250))];
        if guesses.len() < 12 || second % 5 == 0 {
            guesser.post("/sign-in", &[("email", &carol.address), ("password", "surely not this one"), ("by", "password")]).await;
            match guesser.page.status.as_u16() {
                422 => guesses.push(second),
                429 => assert!(!guesser.page.header("retry-after").is_empty()),
                other => panic!("{other}"),
            }
        }
    }
    for window in 0..240 {
        let within = guesses.iter().filter(|second| (window..window + 60).contains(*second)).count();
        assert!(within <= 10, "{within} guesses within a minute from second {window}");
    }
    assert!(guesses.len() >= 20, "one who mistypes comes through: {guesses:?}");

    // the right password from elsewhere, at once
    let mut victim = service.visitor();
    victim.address = IpAddr::from([198, 51, 100, 7]);
    victim.sign_in(&carol).await;

    // and from here after a short wait
    service.app.clock.set(begun + chrono::TimeDelta::seconds(320));
    let mut late = service.visitor();
    late.sign_in(&carol).await;
}

#[tokio::test]
async fn ac06_passwords_are_long_not_common_and_compared_exactly() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.visitor();
    for refused in ["elevenchars", "ietf2026liaison", "password1234", "international", "carol.chair.2026"] {
        service.app.clock.set(service.app.clock.now() + chrono::TimeDelta::minutes(2));
        visitor.request_reset(&carol.address).await;
        visitor.get(&service.mailed_link("password-reset", &carol.address).await).await;
        visitor.submit("Set password", &[("New password", refused)]).await;
        visitor.assert_status(422);
        assert_eq!(visitor.page.problems().len(), 1, "{refused}");
    }

    let long: String = "plum Kx7 tokay ".chars().cycle().take(120).collect::<String>() + " vine 31";
    let emoji = "🦀🌊🎻🥨🚲🧵🪁🌶🦉🧊🪗🫐🪺🛶🧭🪻".repeat(4).replacen('🦀', "🐌", 1);
    assert_eq!((long.chars().count(), emoji.chars().count()), (128, 64));
    for taken in [long.as_str(), emoji.as_str(), "ends with a space "] {
        service.app.clock.set(service.app.clock.now() + chrono::TimeDelta::minutes(2));
        visitor.request_reset(&carol.address).await;
        visitor.get(&service.mailed_link("password-reset", &carol.address).await).await;
        visitor.submit("Set password", &[("New password", taken)]).await;
        visitor.assert_at("/sign-in").assert_status(200);
        visitor.submit("Sign in", &[("E-mail address", &carol.address), ("Password", taken)]).await;
        assert!(visitor.is_signed_in().await, "{taken}");
    }
    let mut trimmed = service.visitor();
    trimmed.get("/sign-in").await;
    trimmed.submit("Sign in", &[("E-mail address", &carol.address), ("Password", "ends with a space")]).await;
    trimmed.assert_status(422);

    let hash: String = sqlx::query_scalar("SELECT password_hash FROM accounts").fetch_one(&service.app.pool).await.expect("a hash");
    assert!(hash.starts_with("$argon2id$v=19$m=19456"), "{hash}");
}

#[tokio::test]
async fn ac06_the_cookie_is_for_this_site_alone() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.visitor();
    visitor.follows = false;
    visitor.post("/sign-in", &[("email", &carol.address), ("password", PASSWORD), ("by", "password")]).await;
    let cookie = visitor.page.header("set-cookie");
    let (pair, attributes) = cookie.split_once(';').expect("attributes");
    assert!(pair.starts_with("session="));
    let mut attributes: Vec<_> = attributes.split(';').map(str::trim).collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax"]);

    let service = service_with(clock("2026-11-04T10:00:00Z"), &[("LIAISON_BASE_URL", "https://liaison.example")]).await;
    let carol = people::person(&service.app, "Carol Chair", "carol@people.example").await;
    let mut visitor = service.visitor();
    visitor.follows = false;
    visitor.post("/sign-in", &[("email", &carol.address), ("password", PASSWORD), ("by", "password")]).await;
    let cookie = visitor.page.header("set-cookie");
    let (pair, attributes) = cookie.split_once(';').expect("attributes");
    assert!(pair.starts_with("__Host-session="), "{cookie}");
    let mut attributes: Vec<_> = attributes.split(';').map(str::trim).collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    assert!(visitor.page.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn wb06_after_signing_in_one_stays_on_this_site() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.visitor();
    visitor.follows = false;
    let hostile = [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "\r\nSet-Cookie: a=b",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/\t/evil.example",
        " //evil.example",
        "evil.example",
    ];
    for next in hostile {
        visitor.post("/sign-in", &[("email", &carol.address), ("password", PASSWORD), ("by", "password"), ("next", next)]).await;
        assert_eq!(visitor.page.status.as_u16(), 303, "{next:?}");
        assert_eq!(visitor.page.header("location"), "/desk", "{next:?}");
        assert_eq!(visitor.page.headers.get_all("set-cookie").iter().count(), 1, "{next:?}");
    }
    visitor.post("/sign-in", &[("email", &carol.address), ("password", PASSWORD), ("by", "password"), ("next", "/statements?a=1")]).await;
    assert_eq!(visitor.page.header("location"), "/statements?a=1");

    // the same by a mailed link
    visitor.post("/sign-in", &[("email", &carol.address), ("by", "link"), ("next", "//evil.example")]).await;
    let link = service.mailed_link("sign-in-link", &carol.address).await;
    visitor.post(&link, &[]).await;
    assert_eq!(visitor.page.header("location"), "/desk");
}

#[tokio::test]
async fn ac05_a_trusted_proxy_says_who_guesses() {
    let (service, carol) = people::service_with_carol().await;
    let mut proxy = service.visitor();
    proxy.address = IpAddr::from([127, 0, 0, 1]);
    let mut guess = async |forwarded: &str, password: &str| {
        proxy.follows = false;
        proxy.extra_headers = vec![("x-forwarded-for".to_owned(), forwarded.to_owned())];
        proxy.post("/sign-in", &[("email", &carol.address), ("password", password), ("by", "password")]).await;
        proxy.page.status.as_u16()
    };

    for n in 0..8 {
        let expected = if n < 5 { 422 } else { 429 };
        // what the client writes before its own address is not believed
        assert_eq!(guess(&format!("198.51.100.{n}, 203.0.113.9"), "surely not this one").await, expected, "guess {n}");
    }
    assert_eq!(guess("203.0.113.10", PASSWORD).await, 303);
}

#[tokio::test]
async fn whoever_comes_when_too_many_hash_is_told_to_come_later() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.visitor();
    let all = u32::try_from(service.app.hashing_queue.available_permits()).expect("a number");
    let taken = service.app.hashing_queue.try_acquire_many(all).expect("nobody hashes");

    visitor.post("/sign-in", &[("email", &carol.address), ("password", PASSWORD), ("by", "password")]).await;
    visitor.assert_status(429);
    assert_eq!(visitor.page.header("retry-after"), "5");

    drop(taken);
    visitor.sign_in(&carol).await;
}

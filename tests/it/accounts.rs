//! People, accounts, sessions (robustness.md AC and WB06).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use liaison_tracker::people::{RoleKind, store};

use crate::support::people::{self, PASSWORD, Person};
use crate::support::program::run_user;
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service, service_with, time};

const NEW_PASSWORD: &str = "copper violin 42 meadow";

async fn with_carol() -> (TestService, Person) {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    let carol = people::person(&service.app, "Carol Chair", "carol@people.example").await;
    (service, carol)
}

/// The path of the link in the newest mail of that event to an address.
async fn mailed_link(service: &TestService, event: &str, address: &str) -> String {
    let body: String = sqlx::query_scalar(
        "SELECT body FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = $1 AND recipient = $2 ORDER BY mail_id DESC LIMIT 1",
    )
    .bind(event)
    .bind(address)
    .fetch_one(&service.app.pool)
    .await
    .unwrap_or_else(|error| panic!("no mail {event} to {address}: {error}"));
    let url = body.lines().find(|line| line.starts_with("http://127.0.0.1:8080/")).expect("the mail has a link");
    url.trim_start_matches("http://127.0.0.1:8080").to_owned()
}

async fn mails(service: &TestService, event: &str) -> Vec<String> {
    sqlx::query_scalar("SELECT recipient FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = $1 ORDER BY mail_delivery_id")
        .bind(event)
        .fetch_all(&service.app.pool)
        .await
        .expect("mails")
}

/// Whether the browser's session lives: its account page, or the way to the sign-in page.
async fn is_signed_in(visitor: &mut Visitor) -> bool {
    visitor.follows = false;
    visitor.get("/account").await;
    visitor.follows = true;
    match visitor.page.status.as_u16() {
        200 => true,
        303 => {
            assert_eq!(visitor.page.header("location"), "/sign-in?next=%2Faccount");
            false
        }
        other => panic!("{other}: {}", visitor.page.text),
    }
}

async fn request_link(visitor: &mut Visitor, address: &str) {
    visitor.get("/sign-in").await;
    visitor.submit("Mail me a link", &[("E-mail address", address)]).await;
    visitor.assert_status(200).assert_says("If this address has an account, a link is on its way to it.");
}

async fn request_reset(visitor: &mut Visitor, address: &str) {
    visitor.get("/password/forgotten").await;
    visitor.submit("Mail me a link", &[("E-mail address", address)]).await;
    visitor.assert_status(200).assert_at("/sign-in");
}

#[tokio::test]
async fn signing_in_leads_back_to_where_one_came_from() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.visitor();

    visitor.get("/account").await;
    visitor.assert_at("/sign-in");
    visitor.submit("Sign in", &[("E-mail address", "CAROL@people.example "), ("Password", PASSWORD)]).await;

    visitor.assert_at("/account").assert_status(200).assert_says("Carol Chair").assert_says("You hold no role.");
    assert_eq!(visitor.page.header("cache-control"), "private, no-store");
    assert!(visitor.page.texts("tbody th").iter().any(|row| row == "Firefox on Linux (this one)"), "{}", visitor.page.text);
    assert_eq!(carol.address, "carol@people.example");
}

#[tokio::test]
async fn a_wrong_form_keeps_the_address_and_says_what_to_do() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.visitor();
    visitor.get("/sign-in?next=/statements").await;

    visitor.submit("Sign in", &[("E-mail address", &carol.address), ("Password", "")]).await;
    visitor.assert_status(422);
    assert_eq!(visitor.page.problems(), ["Enter your password"]);
    assert_eq!(visitor.page.value("E-mail address"), carol.address);

    visitor.submit("Sign in", &[("Password", "something else entirely")]).await;
    visitor.assert_status(422);
    assert_eq!(visitor.page.problems(), ["E-mail address or password is wrong"]);

    visitor.submit("Sign in", &[("Password", PASSWORD)]).await;
    visitor.assert_at("/statements");
}

#[tokio::test]
async fn ac01_a_session_is_new_at_each_sign_in() {
    let (service, carol) = with_carol().await;

    // a made-up value is never taken over
    let mut visitor = service.visitor();
    visitor.cookies.insert("session".to_owned(), "made-up-by-somebody-else".to_owned());
    visitor.sign_in(&carol).await;
    let first = visitor.cookies["session"].clone();
    assert_ne!(first, "made-up-by-somebody-else");
    assert!(is_signed_in(&mut visitor).await);
    let mut stranger = service.visitor();
    stranger.cookies.insert("session".to_owned(), "made-up-by-somebody-else".to_owned());
    assert!(!is_signed_in(&mut stranger).await);

    // one that the server gave is replaced, and ended
    visitor.sign_in(&carol).await;
    assert_ne!(visitor.cookies["session"], first);
    assert!(is_signed_in(&mut visitor).await);
    stranger.cookies.insert("session".to_owned(), first);
    assert!(!is_signed_in(&mut stranger).await);

    // the database holds hashes only
    let secret = visitor.cookies["session"].clone();
    let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT secret_hash FROM sessions").fetch_all(&service.app.pool).await.expect("sessions");
    assert_eq!(rows.len(), 1);
    assert!(!rows.iter().any(|hash| hash == secret.as_bytes()));
    assert!(secret.len() >= 43, "256 bits");
}

#[tokio::test]
async fn ac02_signing_out_ends_the_session_and_the_browsers_copies() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.visitor();
    visitor.sign_in(&carol).await;
    let mut copy = service.visitor();
    copy.cookies = visitor.cookies.clone();
    visitor.get("/account").await;

    visitor.follows = false;
    visitor.submit("Sign out", &[]).await;

    assert_eq!(visitor.page.status.as_u16(), 303);
    assert_eq!(visitor.page.header("clear-site-data"), "\"cache\"");
    assert!(!visitor.cookies.contains_key("session"));
    assert!(!is_signed_in(&mut copy).await);
}

#[tokio::test]
async fn ac02_sessions_are_ended_from_the_account_page() {
    let (service, carol) = with_carol().await;
    let [mut here, mut there, mut elsewhere] = [service.visitor(), service.visitor(), service.visitor()];
    for visitor in [&mut here, &mut there, &mut elsewhere] {
        visitor.sign_in(&carol).await;
    }
    here.get("/account").await;
    assert_eq!(here.page.texts("tbody tr").len(), 3);

    // the second row is not this one: the newest session stands first
    let row = here.page.texts("tbody tr").iter().position(|row| !row.contains("this one")).expect("another session") + 1;
    here.submit_in(&format!("tbody tr:nth-child({row})"), "End", &[]).await;
    here.assert_at("/account").assert_says("The sign-in was ended.");
    assert_eq!(here.page.texts("tbody tr").len(), 2);
    let ended = [is_signed_in(&mut there).await, is_signed_in(&mut elsewhere).await].iter().filter(|lives| !**lives).count();
    assert_eq!(ended, 1);

    here.get("/account").await;
    here.submit("Sign out everywhere", &[]).await;
    for visitor in [&mut here, &mut there, &mut elsewhere] {
        assert!(!is_signed_in(visitor).await);
    }
}

#[tokio::test]
async fn ac02_somebody_elses_session_is_not_found() {
    let (service, carol) = with_carol().await;
    let other = people::person(&service.app, "Otto Outside", "otto@people.example").await;
    let mut carols = service.as_person(&carol).await;
    let mut ottos = service.as_person(&other).await;
    let session: i64 =
        sqlx::query_scalar("SELECT session_id FROM sessions WHERE person_id = $1").bind(carol.id).fetch_one(&service.app.pool).await.unwrap();

    ottos.post(&format!("/account/sessions/{session}/end"), &[]).await;

    ottos.assert_status(404);
    assert!(is_signed_in(&mut carols).await);
}

#[tokio::test]
async fn ac02_a_new_password_ends_the_other_sessions_and_is_told() {
    let (service, carol) = with_carol().await;
    let mut here = service.as_person(&carol).await;
    let mut there = service.as_person(&carol).await;
    here.get("/account").await;

    here.submit("Change password", &[("Present password", "not the present one"), ("New password", NEW_PASSWORD)]).await;
    here.assert_status(422);
    assert_eq!(here.page.problems(), ["This is not your present password"]);
    assert!(is_signed_in(&mut there).await);

    here.get("/account").await;
    here.submit("Change password", &[("Present password", PASSWORD), ("New password", NEW_PASSWORD)]).await;
    here.assert_at("/account").assert_says("Your password is changed.");
    assert!(is_signed_in(&mut here).await);
    assert!(!is_signed_in(&mut there).await);
    assert_eq!(mails(&service, "password-changed").await, [carol.address.clone()]);

    let mut anew = service.visitor();
    anew.get("/sign-in").await;
    anew.submit("Sign in", &[("E-mail address", &carol.address), ("Password", PASSWORD)]).await;
    anew.assert_status(422);
    anew.submit("Sign in", &[("Password", NEW_PASSWORD)]).await;
    assert!(is_signed_in(&mut anew).await);
}

#[tokio::test]
async fn ac02_a_new_address_needs_the_password_and_is_told_to_the_old_one() {
    let (service, carol) = with_carol().await;
    let mut here = service.as_person(&carol).await;
    here.get("/account").await;

    here.submit("Change address", &[("New e-mail address", "chair@elsewhere.example"), ("Your password", "guessed by somebody")]).await;
    here.assert_status(422);
    assert_eq!(here.page.problems(), ["This is not your present password"]);
    assert_eq!(here.page.value("New e-mail address"), "chair@elsewhere.example");

    here.submit("Change address", &[("Your password", PASSWORD)]).await;
    here.assert_at("/account").assert_says("A link was mailed to the new address.").assert_says("carol@people.example");
    assert_eq!(mails(&service, "address-change-asked").await, ["carol@people.example"]);

    let link = mailed_link(&service, "address-change", "chair@elsewhere.example").await;
    let mut mailbox = service.visitor();
    mailbox.get(&link).await;
    mailbox.assert_says("Carol Chair uses chair@elsewhere.example from now on, instead of carol@people.example.");
    mailbox.submit("Use this address", &[]).await;
    mailbox.get(&link).await;
    mailbox.assert_status(410);
    assert_eq!(mails(&service, "address-changed").await, ["carol@people.example", "chair@elsewhere.example"]);

    let mut old = service.visitor();
    old.get("/sign-in").await;
    old.submit("Sign in", &[("E-mail address", "carol@people.example"), ("Password", PASSWORD)]).await;
    old.assert_status(422);
    old.submit("Sign in", &[("E-mail address", "chair@elsewhere.example"), ("Password", PASSWORD)]).await;
    assert!(is_signed_in(&mut old).await);
}

#[tokio::test]
async fn ac02_a_disabled_account_is_out_at_once_and_stays_out() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.as_person(&carol).await;
    request_link(&mut service.visitor(), &carol.address).await;
    let link = mailed_link(&service, "sign-in-link", &carol.address).await;

    run_user(&service, &["disable", &carol.address], "");

    assert!(!is_signed_in(&mut visitor).await);
    visitor.get("/sign-in").await;
    visitor.submit("Sign in", &[("E-mail address", &carol.address), ("Password", PASSWORD)]).await;
    visitor.assert_status(422);
    visitor.get(&link).await;
    visitor.assert_status(410);
    request_link(&mut visitor, &carol.address).await;
    assert_eq!(mails(&service, "sign-in-link").await.len(), 1);

    run_user(&service, &["enable", &carol.address], "");
    visitor.sign_in(&carol).await;
}

#[tokio::test]
async fn ac02_a_session_ends_when_unused_for_14_days_and_after_90_in_any_case() {
    let (service, carol) = with_carol().await;
    let mut idle = service.as_person(&carol).await;
    service.set_time("2026-11-18T09:59:00Z");
    assert!(is_signed_in(&mut idle).await);
    service.set_time("2026-12-02T09:58:00Z");
    assert!(is_signed_in(&mut idle).await);
    service.set_time("2026-12-16T09:58:01Z");
    assert!(!is_signed_in(&mut idle).await);

    let mut busy = service.as_person(&carol).await;
    let begun = time("2026-12-16T09:58:01Z");
    for day in 1..90 {
        service.app.clock.set(begun + chrono::TimeDelta::days(day));
        assert!(is_signed_in(&mut busy).await, "day {day}");
    }
    service.app.clock.set(begun + chrono::TimeDelta::days(90));
    assert!(!is_signed_in(&mut busy).await);
}

#[tokio::test]
async fn a_mailed_link_signs_in_once_when_its_button_is_pressed() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.visitor();
    visitor.get("/account").await;
    visitor.submit("Mail me a link", &[("E-mail address", &carol.address)]).await;
    let link = mailed_link(&service, "sign-in-link", &carol.address).await;

    // a program that opens every link of a mail changes nothing
    let mut scanner = service.visitor();
    for _ in 0..2 {
        scanner.get(&link).await;
        scanner.assert_status(200).assert_says("Sign in as Carol Chair");
    }
    assert!(!is_signed_in(&mut scanner).await);

    visitor.get(&link).await;
    visitor.submit_in("main", "Sign in", &[]).await;
    visitor.assert_at("/account").assert_status(200);

    let mut second = service.visitor();
    second.get(&link).await;
    second.assert_status(410).assert_says("This link works no more");
    second.post(&link, &[]).await;
    second.assert_status(410);
    assert!(!is_signed_in(&mut second).await);
}

#[tokio::test]
async fn a_mailed_link_works_for_15_minutes_and_only_the_newest() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.visitor();
    request_link(&mut visitor, &carol.address).await;
    let first = mailed_link(&service, "sign-in-link", &carol.address).await;
    request_link(&mut visitor, &carol.address).await;
    let second = mailed_link(&service, "sign-in-link", &carol.address).await;

    visitor.get(&first).await;
    visitor.assert_status(410);
    service.set_time("2026-11-04T10:14:59Z");
    visitor.get(&second).await;
    visitor.assert_status(200);
    service.set_time("2026-11-04T10:15:00Z");
    visitor.get(&second).await;
    visitor.assert_status(410);
}

#[tokio::test]
async fn ac03_a_reset_link_works_once_in_time_and_only_the_newest() {
    let (service, carol) = with_carol().await;
    let mut elsewhere = service.as_person(&carol).await;
    let mut visitor = service.visitor();
    request_reset(&mut visitor, &carol.address).await;
    let first = mailed_link(&service, "password-reset", &carol.address).await;
    request_reset(&mut visitor, &carol.address).await;
    let second = mailed_link(&service, "password-reset", &carol.address).await;

    // only hashes are kept, and the mail is marked to be erased
    let secret = second.rsplit('/').next().expect("a secret").to_owned();
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("SELECT secret_hash FROM one_time_links").fetch_all(&service.app.pool).await.expect("links");
    assert!(kept.iter().all(|hash| hash.len() == 32 && hash != secret.as_bytes()));
    let secret_mails: Vec<bool> = sqlx::query_scalar("SELECT is_secret FROM mails").fetch_all(&service.app.pool).await.expect("mails");
    assert_eq!(secret_mails, [true, true]);

    visitor.get(&first).await;
    visitor.assert_status(410);
    visitor.get(&second).await;
    visitor.assert_status(200);
    assert_eq!(visitor.page.header("referrer-policy"), "same-origin");
    let source = visitor.page.source();
    assert!(!source.contains("href=\"http") && !source.contains("src=\"http"), "no link leads out");

    visitor.submit("Set password", &[("New password", "too short")]).await;
    visitor.assert_status(422);
    assert!(is_signed_in(&mut elsewhere).await);
    visitor.submit("Set password", &[("New password", NEW_PASSWORD)]).await;
    visitor.assert_at("/sign-in").assert_says("Your password is set. Sign in with it.");
    assert!(!is_signed_in(&mut visitor).await);
    assert!(!is_signed_in(&mut elsewhere).await);
    assert_eq!(mails(&service, "password-changed").await, [carol.address.clone()]);

    visitor.get(&second).await;
    visitor.assert_status(410);
    visitor.post(&second, &[("new-password", "another good one 77")]).await;
    visitor.assert_status(410);

    visitor.get("/sign-in").await;
    visitor.submit("Sign in", &[("E-mail address", &carol.address), ("Password", NEW_PASSWORD)]).await;
    assert!(is_signed_in(&mut visitor).await);
}

#[tokio::test]
async fn ac03_a_reset_link_ends_after_60_minutes_and_an_invitation_after_7_days() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.visitor();
    request_reset(&mut visitor, &carol.address).await;
    let link = mailed_link(&service, "password-reset", &carol.address).await;
    service.set_time("2026-11-04T11:00:00Z");
    visitor.get(&link).await;
    visitor.assert_status(410).assert_says("Have another link mailed");

    let said = run_user(&service, &["add", "Ivy Invited", "ivy@people.example", "--print"], "");
    let link = said.lines().last().expect("a link").trim_start_matches("http://127.0.0.1:8080").to_owned();
    visitor.get(&link).await;
    visitor.assert_status(200).assert_says("Choose a password");
    visitor.submit("Set password", &[("New password", NEW_PASSWORD)]).await;
    visitor.submit("Sign in", &[("E-mail address", "ivy@people.example"), ("Password", NEW_PASSWORD)]).await;
    assert!(is_signed_in(&mut visitor).await);

    let said = run_user(&service, &["invite", "ivy@people.example", "--print"], "");
    let link = said.lines().last().expect("a link").trim_start_matches("http://127.0.0.1:8080").to_owned();
    service.app.clock.set(chrono::DateTime::<chrono::Utc>::from(std::time::UNIX_EPOCH) + chrono::TimeDelta::days(40_000));
    visitor.get(&link).await;
    visitor.assert_status(410);
}

#[tokio::test]
async fn ac04_known_and_unknown_addresses_are_answered_alike() {
    let (service, carol) = with_carol().await;
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
    let (service, carol) = with_carol().await;
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
    let (service, carol) = with_carol().await;
    let mut visitor = service.visitor();
    for refused in ["elevenchars", "ietf2026liaison", "password1234", "international", "carol.chair.2026"] {
        service.app.clock.set(service.app.clock.now() + chrono::TimeDelta::minutes(2));
        request_reset(&mut visitor, &carol.address).await;
        visitor.get(&mailed_link(&service, "password-reset", &carol.address).await).await;
        visitor.submit("Set password", &[("New password", refused)]).await;
        visitor.assert_status(422);
        assert_eq!(visitor.page.problems().len(), 1, "{refused}");
    }

    let long: String = "plum Kx7 tokay ".chars().cycle().take(120).collect::<String>() + " vine 31";
    let emoji = "🦀🌊🎻🥨🚲🧵🪁🌶🦉🧊🪗🫐🪺🛶🧭🪻".repeat(4).replacen('🦀', "🐌", 1);
    assert_eq!((long.chars().count(), emoji.chars().count()), (128, 64));
    for taken in [long.as_str(), emoji.as_str(), "ends with a space "] {
        service.app.clock.set(service.app.clock.now() + chrono::TimeDelta::minutes(2));
        request_reset(&mut visitor, &carol.address).await;
        visitor.get(&mailed_link(&service, "password-reset", &carol.address).await).await;
        visitor.submit("Set password", &[("New password", taken)]).await;
        visitor.assert_at("/sign-in").assert_status(200);
        visitor.submit("Sign in", &[("E-mail address", &carol.address), ("Password", taken)]).await;
        assert!(is_signed_in(&mut visitor).await, "{taken}");
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
    let (service, carol) = with_carol().await;
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
    let (service, carol) = with_carol().await;
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
    let link = mailed_link(&service, "sign-in-link", &carol.address).await;
    visitor.post(&link, &[]).await;
    assert_eq!(visitor.page.header("location"), "/desk");
}

#[tokio::test]
async fn a_form_from_another_site_signs_nobody_in_or_out() {
    let (service, carol) = with_carol().await;
    let mut visitor = service.as_person(&carol).await;
    let before = visitor.cookies.clone();
    visitor.extra_headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];

    visitor.post("/sign-out", &[]).await;
    visitor.assert_status(403);
    visitor.post("/sign-in", &[("email", &carol.address), ("password", PASSWORD)]).await;
    visitor.assert_status(403);

    assert_eq!(visitor.cookies, before);
    visitor.extra_headers.clear();
    assert!(is_signed_in(&mut visitor).await);
}

#[tokio::test]
async fn a_demonstration_lists_its_accounts_one_click_each() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    for (name, local) in [("Nobody", "nobody"), ("Chair of NMOP", "chair-nmop"), ("Secretariat", "secretariat")] {
        let person = people::person(&service.app, name, &format!("{local}@demo.example")).await;
        let hash = liaison_tracker::people::hashing::hash_now(liaison_tracker::people::DEMONSTRATION_PASSWORD).expect("a hash");
        let mut connection = service.app.pool.acquire().await.expect("a connection");
        store::set_password_hash(&mut connection, service.app.clock.now(), person.id, &hash).await.expect("a password");
        if local == "secretariat" {
            drop(connection);
            people::role(&service.app, &person, RoleKind::Secretariat, None).await;
        }
    }
    let mut visitor = service.visitor();
    visitor.get("/sign-in").await;
    visitor.assert_silent("Chair of NMOP");

    sqlx::query("UPDATE installation SET is_demonstration = true").execute(&service.app.pool).await.expect("a demonstration");
    service.app.set_ready().await.expect("ready");
    visitor.get("/sign-in?next=/account").await;
    assert_eq!(visitor.page.texts(".accounts li > div"), ["Secretariat secretariat", "Chair of NMOP no role", "Nobody no role"]);
    visitor.submit("Sign in as Chair of NMOP", &[]).await;
    visitor.assert_at("/account").assert_says("Chair of NMOP").assert_says("belong to everybody");
    visitor.post("/account/password", &[("old-password", "liaison-demonstration"), ("new-password", NEW_PASSWORD)]).await;
    visitor.assert_status(403);
}

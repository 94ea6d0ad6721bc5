//! People, accounts, sessions (robustness.md AC and WB06).

use liaison_tracker::people::{RoleKind, store};

use crate::support::people::{self, PASSWORD};
use crate::support::program::run_user;
use crate::support::{clock, service, time};

const NEW_PASSWORD: &str = "copper violin 42 meadow";

#[tokio::test]
async fn signing_in_leads_back_to_where_one_came_from() {
    let (service, carol) = people::service_with_carol().await;
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
    let (service, carol) = people::service_with_carol().await;
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
    let (service, carol) = people::service_with_carol().await;

    // a made-up value is never taken over
    let mut visitor = service.visitor();
    visitor.cookies.insert("session".to_owned(), "made-up-by-somebody-else".to_owned());
    visitor.sign_in(&carol).await;
    let first = visitor.cookies["session"].clone();
    assert_ne!(first, "made-up-by-somebody-else");
    assert!(visitor.is_signed_in().await);
    let mut stranger = service.visitor();
    stranger.cookies.insert("session".to_owned(), "made-up-by-somebody-else".to_owned());
    assert!(!stranger.is_signed_in().await);

    // one that the server gave is replaced, and ended
    visitor.sign_in(&carol).await;
    assert_ne!(visitor.cookies["session"], first);
    assert!(visitor.is_signed_in().await);
    stranger.cookies.insert("session".to_owned(), first);
    assert!(!stranger.is_signed_in().await);

    // the database holds hashes only
    let secret = visitor.cookies["session"].clone();
    let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT secret_hash FROM sessions").fetch_all(&service.app.pool).await.expect("sessions");
    assert_eq!(rows.len(), 1);
    assert!(!rows.iter().any(|hash| hash == secret.as_bytes()));
    assert!(secret.len() >= 43, "256 bits");
}

#[tokio::test]
async fn ac02_signing_out_ends_the_session_and_the_browsers_copies() {
    let (service, carol) = people::service_with_carol().await;
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
    assert!(!copy.is_signed_in().await);
}

#[tokio::test]
async fn ac02_sessions_are_ended_from_the_account_page() {
    let (service, carol) = people::service_with_carol().await;
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
    let ended = [there.is_signed_in().await, elsewhere.is_signed_in().await].iter().filter(|lives| !**lives).count();
    assert_eq!(ended, 1);

    here.get("/account").await;
    here.submit("Sign out everywhere", &[]).await;
    for visitor in [&mut here, &mut there, &mut elsewhere] {
        assert!(!visitor.is_signed_in().await);
    }
}

#[tokio::test]
async fn ac02_somebody_elses_session_is_not_found() {
    let (service, carol) = people::service_with_carol().await;
    let other = people::person(&service.app, "Otto Outside", "otto@people.example").await;
    let mut carols = service.as_person(&carol).await;
    let mut ottos = service.as_person(&other).await;
    let session: i64 =
        sqlx::query_scalar("SELECT session_id FROM sessions WHERE person_id = $1").bind(carol.id).fetch_one(&service.app.pool).await.unwrap();

    ottos.post(&format!("/account/sessions/{session}/end"), &[]).await;

    ottos.assert_status(404);
    assert!(carols.is_signed_in().await);
}

#[tokio::test]
async fn ac02_a_new_password_ends_the_other_sessions_and_is_told() {
    let (service, carol) = people::service_with_carol().await;
    let mut here = service.as_person(&carol).await;
    let mut there = service.as_person(&carol).await;
    here.get("/account").await;

    here.submit("Change password", &[("Present password", "not the present one"), ("New password", NEW_PASSWORD)]).await;
    here.assert_status(422);
    assert_eq!(here.page.problems(), ["This is not your present password"]);
    assert!(there.is_signed_in().await);

    here.get("/account").await;
    here.submit("Change password", &[("Present password", PASSWORD), ("New password", NEW_PASSWORD)]).await;
    here.assert_at("/account").assert_says("Your password is changed.");
    assert!(here.is_signed_in().await);
    assert!(!there.is_signed_in().await);
    assert_eq!(service.mailed("password-changed").await, [carol.address.as_str()]);

    let mut anew = service.visitor();
    anew.get("/sign-in").await;
    anew.submit("Sign in", &[("E-mail address", &carol.address), ("Password", PASSWORD)]).await;
    anew.assert_status(422);
    anew.submit("Sign in", &[("Password", NEW_PASSWORD)]).await;
    assert!(anew.is_signed_in().await);
}

#[tokio::test]
async fn ac02_a_new_address_needs_the_password_and_is_told_to_the_old_one() {
    let (service, carol) = people::service_with_carol().await;
    let mut here = service.as_person(&carol).await;
    here.get("/account").await;

    here.submit("Change address", &[("New e-mail address", "chair@elsewhere.example"), ("Your password", "guessed by somebody")]).await;
    here.assert_status(422);
    assert_eq!(here.page.problems(), ["This is not your present password"]);
    assert_eq!(here.page.value("New e-mail address"), "chair@elsewhere.example");

    here.submit("Change address", &[("Your password", PASSWORD)]).await;
    here.assert_at("/account").assert_says("A link was mailed to the new address.").assert_says("carol@people.example");
    assert_eq!(service.mailed("address-change-asked").await, ["carol@people.example"]);

    let link = service.mailed_link("address-change", "chair@elsewhere.example").await;
    let mut mailbox = service.visitor();
    mailbox.get(&link).await;
    mailbox.assert_says("Carol Chair uses chair@elsewhere.example from now on, instead of carol@people.example.");
    mailbox.submit("Use this address", &[]).await;
    mailbox.get(&link).await;
    mailbox.assert_status(410);
    assert_eq!(service.mailed("address-changed").await, ["carol@people.example", "chair@elsewhere.example"]);

    let mut old = service.visitor();
    old.get("/sign-in").await;
    old.submit("Sign in", &[("E-mail address", "carol@people.example"), ("Password", PASSWORD)]).await;
    old.assert_status(422);
    old.submit("Sign in", &[("E-mail address", "chair@elsewhere.example"), ("Password", PASSWORD)]).await;
    assert!(old.is_signed_in().await);
}

#[tokio::test]
async fn ac02_a_disabled_account_is_out_at_once_and_stays_out() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.as_person(&carol).await;
    service.visitor().request_link(&carol.address).await;
    let link = service.mailed_link("sign-in-link", &carol.address).await;

    run_user(&service, &["disable", &carol.address], "");

    assert!(!visitor.is_signed_in().await);
    visitor.get("/sign-in").await;
    visitor.submit("Sign in", &[("E-mail address", &carol.address), ("Password", PASSWORD)]).await;
    visitor.assert_status(422);
    visitor.get(&link).await;
    visitor.assert_status(410);
    visitor.request_link(&carol.address).await;
    assert_eq!(service.mailed("sign-in-link").await.len(), 1);

    run_user(&service, &["enable", &carol.address], "");
    visitor.sign_in(&carol).await;
}

#[tokio::test]
async fn ac02_a_session_ends_when_unused_for_14_days_and_after_90_in_any_case() {
    let (service, carol) = people::service_with_carol().await;
    let mut idle = service.as_person(&carol).await;
    service.set_time("2026-11-18T09:59:00Z");
    assert!(idle.is_signed_in().await);
    service.set_time("2026-12-02T09:58:00Z");
    assert!(idle.is_signed_in().await);
    service.set_time("2026-12-16T09:58:01Z");
    assert!(!idle.is_signed_in().await);

    let mut busy = service.as_person(&carol).await;
    let begun = time("2026-12-16T09:58:01Z");
    for day in 1..90 {
        service.app.clock.set(begun + chrono::TimeDelta::days(day));
        assert!(busy.is_signed_in().await, "day {day}");
    }
    service.app.clock.set(begun + chrono::TimeDelta::days(90));
    assert!(!busy.is_signed_in().await);
}

#[tokio::test]
async fn a_mailed_link_signs_in_once_when_its_button_is_pressed() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.visitor();
    visitor.get("/account").await;
    visitor.submit("Mail me a link", &[("E-mail address", &carol.address)]).await;
    let link = service.mailed_link("sign-in-link", &carol.address).await;

    // a program that opens every link of a mail changes nothing
    let mut scanner = service.visitor();
    for _ in 0..2 {
        scanner.get(&link).await;
        scanner.assert_status(200).assert_says("Sign in as Carol Chair");
    }
    assert!(!scanner.is_signed_in().await);

    visitor.get(&link).await;
    visitor.submit_in("main", "Sign in", &[]).await;
    visitor.assert_at("/account").assert_status(200);

    let mut second = service.visitor();
    second.get(&link).await;
    second.assert_status(410).assert_says("This link works no more");
    second.post(&link, &[]).await;
    second.assert_at("/sign-in").assert_says("This link has just signed somebody in. It works once.");
    assert!(!second.is_signed_in().await);
    service.set_time("2026-11-04T10:06:00Z");
    second.post(&link, &[]).await;
    second.assert_status(410);
    assert!(!second.is_signed_in().await);
}

#[tokio::test]
async fn a_mailed_link_works_for_15_minutes_and_only_the_newest() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.visitor();
    visitor.request_link(&carol.address).await;
    let first = service.mailed_link("sign-in-link", &carol.address).await;
    visitor.request_link(&carol.address).await;
    let second = service.mailed_link("sign-in-link", &carol.address).await;

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
    let (service, carol) = people::service_with_carol().await;
    let mut elsewhere = service.as_person(&carol).await;
    let mut visitor = service.visitor();
    visitor.request_reset(&carol.address).await;
    let first = service.mailed_link("password-reset", &carol.address).await;
    visitor.request_reset(&carol.address).await;
    let second = service.mailed_link("password-reset", &carol.address).await;

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
    assert!(elsewhere.is_signed_in().await);
    visitor.submit("Set password", &[("New password", NEW_PASSWORD)]).await;
    visitor.assert_at("/sign-in").assert_says("Your password is set. Sign in with it.");
    assert!(!visitor.is_signed_in().await);
    assert!(!elsewhere.is_signed_in().await);
    assert_eq!(service.mailed("password-changed").await, [carol.address.as_str()]);

    visitor.get(&second).await;
    visitor.assert_status(410);
    // pressed twice
    visitor.post(&second, &[("new-password", "another good one 77")]).await;
    visitor.assert_at("/sign-in").assert_says("This link has just set a password");
    visitor.post(&first, &[("new-password", "another good one 77")]).await;
    visitor.assert_status(410);
    service.set_time("2026-11-04T10:06:00Z");
    visitor.post(&second, &[("new-password", "another good one 77")]).await;
    visitor.assert_status(410);

    visitor.get("/sign-in").await;
    visitor.submit("Sign in", &[("E-mail address", &carol.address), ("Password", NEW_PASSWORD)]).await;
    assert!(visitor.is_signed_in().await);
}

#[tokio::test]
async fn ac03_a_reset_link_ends_after_60_minutes_and_an_invitation_after_7_days() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.visitor();
    visitor.request_reset(&carol.address).await;
    let link = service.mailed_link("password-reset", &carol.address).await;
    service.set_time("2026-11-04T11:00:00Z");
    visitor.get(&link).await;
    visitor.assert_status(410).assert_says("Have another link mailed");

    let said = run_user(&service, &["add", "Ivy Invited", "ivy@people.example", "--print"], "");
    let link = said.lines().last().expect("a link").trim_start_matches("http://127.0.0.1:8080").to_owned();
    visitor.get(&link).await;
    visitor.assert_status(200).assert_says("Choose a password");
    visitor.submit("Set password", &[("New password", NEW_PASSWORD)]).await;
    visitor.submit("Sign in", &[("E-mail address", "ivy@people.example"), ("Password", NEW_PASSWORD)]).await;
    assert!(visitor.is_signed_in().await);

    let said = run_user(&service, &["invite", "ivy@people.example", "--print"], "");
    let link = said.lines().last().expect("a link").trim_start_matches("http://127.0.0.1:8080").to_owned();
    service.app.clock.set(chrono::DateTime::<chrono::Utc>::from(std::time::UNIX_EPOCH) + chrono::TimeDelta::days(40_000));
    visitor.get(&link).await;
    visitor.assert_status(410);
}

#[tokio::test]
async fn a_form_from_another_site_signs_nobody_in_or_out() {
    let (service, carol) = people::service_with_carol().await;
    let mut visitor = service.as_person(&carol).await;
    let before = visitor.cookies.clone();
    visitor.extra_headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];

    visitor.post("/sign-out", &[]).await;
    visitor.assert_status(403);
    visitor.post("/sign-in", &[("email", &carol.address), ("password", PASSWORD)]).await;
    visitor.assert_status(403);

    assert_eq!(visitor.cookies, before);
    visitor.extra_headers.clear();
    assert!(visitor.is_signed_in().await);
}

#[tokio::test]
async fn a_demonstration_lists_its_accounts_one_click_each() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    for (name, local) in [("Secretariat", "secretariat"), ("Chair of NMOP", "chair-nmop"), ("Nobody", "nobody")] {
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

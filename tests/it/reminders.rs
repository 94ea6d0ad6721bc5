//! Reminders by the background task: story 9, robustness.md TM01–TM04 and TM06; the clock is an argument.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use liaison_tracker::ids::StatementId;
use liaison_tracker::reminders::run::{self, Report};
use liaison_tracker::statements::actions;
use liaison_tracker::{App, mail};
use tokio_util::sync::CancellationToken;

use crate::support::letters::{self, Posted};
use crate::support::people::{self, World};
use crate::support::queries::count;
use crate::support::smtp::SmtpServer;
use crate::support::{TestService, clock, service, service_with, time};

const NOW: &str = "2026-03-02T10:00:00Z";
const CHAIRS_AND_MANAGER: [&str; 3] = ["carol@people.example", "chen@people.example", "itu-t-manager@ietf.example"];

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    (service, world)
}

async fn letter(app: &App, due: &str) -> StatementId {
    let id = letters::posted(app, Posted::INCOMING).await;
    letters::deadline(app, id, due, "as-written", true).await;
    id
}

async fn once(app: &App) -> Report {
    let mut connection = app.pool.acquire().await.expect("a connection");
    run::once(app, &mut connection).await.expect("a run")
}

/// Recipients of each day's reminders, counted from a day.
async fn sent(app: &App, from: &str) -> BTreeMap<i64, Vec<String>> {
    let from: NaiveDate = from.parse().expect("a day");
    let rows: Vec<(NaiveDate, String)> = sqlx::query_as(
        "SELECT (queued_at AT TIME ZONE 'UTC')::date, recipient FROM mail_deliveries JOIN mails USING (mail_id) WHERE event = 'reminder' ORDER BY 1, 2",
    )
    .fetch_all(&app.pool)
    .await
    .expect("reminders");
    let mut days: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (day, recipient) in rows {
        days.entry((day - from).num_days()).or_default().push(recipient);
    }
    days
}

/// Runs each six hours, between two instants.
async fn run_through(app: &App, from: &str, until: &str) {
    let (mut now, until) = (time(from), time(until));
    while now <= until {
        app.clock.set(now);
        once(app).await;
        now += TimeDelta::hours(6);
    }
}

/// TM01
#[tokio::test]
async fn each_step_goes_once_to_whom_it_waits_for() {
    let (service, _world) = world().await;
    let app = &service.app;
    letter(app, "2026-03-22").await;
    run_through(app, NOW, "2026-05-31T10:00:00Z").await;

    let sent = sent(app, "2026-03-22").await;
    assert_eq!(sent.keys().copied().collect::<Vec<_>>(), [-14, -7, -1, 0, 1, 7, 28]);
    for day in [-14, -7, -1, 0, 1] {
        assert_eq!(sent[&day], CHAIRS_AND_MANAGER, "day {day}");
    }
    let all = [
        "carol@people.example",
        "chen@people.example",
        "itu-t-manager@ietf.example",
        "liaison-coordination@example.org",
        "niels@people.example",
        "nora@people.example",
    ];
    for day in [7, 28] {
        assert_eq!(sent[&day], all, "day {day}");
    }
    let (subject, body): (String, String) = sqlx::query_as("SELECT subject, body FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'reminder' AND why = 'chair of WIRE' ORDER BY mail_id LIMIT 1")
        .fetch_one(&app.pool)
        .await
        .expect("a mail");
    assert_eq!(subject, "A reply from WIRE to Statement 1914 is due Sunday 22 March 2026, in 14 days: New work on Network Digital Twin");
    assert!(body.contains("http://127.0.0.1:8080/statements/1914/actions/wire"), "{body}");
    assert!(body.contains("You get this as chair of WIRE."), "{body}");
}

#[tokio::test]
async fn what_is_for_information_is_never_reminded_of() {
    let (service, _world) = world().await;
    letters::posted(&service.app, Posted { purpose: "for-information", ..Posted::INCOMING }).await;
    run_through(&service.app, NOW, "2026-04-20T10:00:00Z").await;
    assert!(sent(&service.app, "2026-03-02").await.is_empty());
}

/// TM02
#[tokio::test]
async fn after_an_outage_only_the_latest_step_is_made_up_for() {
    let (service, _world) = world().await;
    let app = &service.app;
    letter(app, "2026-04-30").await;
    run_through(app, NOW, "2026-04-15T10:00:00Z").await;
    run_through(app, "2026-04-28T10:00:00Z", "2026-05-02T10:00:00Z").await;
    run_through(app, "2026-05-20T10:00:00Z", "2026-06-10T10:00:00Z").await;
    assert_eq!(sent(app, "2026-04-30").await.into_keys().collect::<Vec<_>>(), [-2, -1, 0, 1, 20, 28]);
}

#[tokio::test]
async fn two_that_are_due_on_one_day_are_one_mail() {
    let (service, _world) = world().await;
    let app = &service.app;
    letter(app, "2026-03-16").await;
    let other = letters::posted(app, Posted { number: 1915, title: "On other work", from: &["3gpp-sa3"], ..Posted::INCOMING }).await;
    letters::deadline(app, other, "2026-03-09", "ours", true).await;
    app.clock.set(time("2026-03-03T10:00:00Z"));
    once(app).await;
    app.clock.set(time("2026-03-09T10:00:00Z"));
    once(app).await;
    let carols: Vec<(String, String)> = sqlx::query_as(
        "SELECT subject, body FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'reminder' AND recipient = 'carol@people.example' ORDER BY mail_id",
    )
    .fetch_all(&app.pool)
    .await
    .expect("mails");
    assert_eq!(carols.len(), 1, "{carols:?}");
    assert_eq!(carols[0].0, "2 liaison matters wait for you");
    assert!(carols[0].1.contains("Statement 1915 names no day; we aim to answer for WIRE by Monday 9 March 2026, today."), "{}", carols[0].1);
    assert!(carols[0].1.contains("A reply from WIRE to Statement 1914 is due Monday 16 March 2026, in 7 days."), "{}", carols[0].1);
}

#[tokio::test]
async fn a_run_asks_as_little_for_many_as_for_one() {
    let mut asked = Vec::new();
    for letters in [1, 30] {
        let (service, _world) = world().await;
        let app = &service.app;
        for n in 0..letters {
            let id = letters::posted(app, Posted { number: 2000 + n, ..Posted::INCOMING }).await;
            letters::deadline(app, id, "2026-03-22", "as-written", true).await;
        }
        app.clock.set(time("2026-03-08T10:00:00Z"));
        let (report, queries) = count(once(app)).await;
        assert_eq!(report.mails.len(), CHAIRS_AND_MANAGER.len());
        assert!(report.mails.iter().all(|mail| mail.body.matches("is due Sunday 22 March 2026").count() == usize::try_from(letters).expect("few")));
        asked.push(queries);
    }
    assert_eq!(asked[0].len(), asked[1].len(), "{asked:#?}");
}

/// TM03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_several_servers_each_goes_once_and_none_is_missing() {
    let (service, _world) = world().await;
    let app = &service.app;
    for number in 1..=40 {
        let id = letters::posted(app, Posted { number, ..Posted::INCOMING }).await;
        letters::deadline(app, id, "2026-03-17", "as-written", true).await;
    }
    for day in ["2026-03-03", "2026-03-10", "2026-03-16", "2026-03-17"] {
        app.clock.set(time(&format!("{day}T06:00:00Z")));
        tokio::join!(once(app), once(app), once(app));
        once(app).await;
    }
    let (all, distinct): (i64, i64) =
        sqlx::query_as("SELECT count(*), count(DISTINCT (deadline_id, step, recipient)) FROM reminders").fetch_one(&app.pool).await.expect("a count");
    assert_eq!((all, distinct), (480, 480), "40 actions, 4 days, 3 people");
    assert_eq!(sent(app, "2026-03-17").await.values().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 3]);
}

/// TM04
#[tokio::test]
async fn what_ended_or_moved_or_pauses_is_not_reminded_of() {
    let (service, world) = world().await;
    let app = &service.app;
    let ended = letter(app, "2026-03-20").await;
    let moved = letters::posted(app, Posted { number: 1915, ..Posted::INCOMING }).await;
    letters::deadline(app, moved, "2026-03-20", "as-written", true).await;
    let paused = letters::posted(app, Posted { number: 1916, ..Posted::INCOMING }).await;
    letters::deadline(app, paused, "2026-03-20", "as-written", true).await;
    let mut chair = service.as_person(&world.chair).await;
    let steps = [
        (1914, "Record it", vec![("What do you record?", "Close without reply"), ("In words", "no view")]),
        (1915, "Set the deadline", vec![("Deadline", "30 March 2026"), ("Whose day is it?", "Agreed with the peer")]),
        (1916, "Record it", vec![("What do you record?", "Wait for the peer"), ("Until when?", "18 March 2026"), ("In words", "clarify")]),
    ];
    for (number, button, fields) in steps {
        chair.get(&format!("/statements/{number}/actions/wire")).await;
        chair.submit(button, &fields).await;
        chair.assert_at(&format!("/statements/{number}"));
    }
    app.clock.set(time("2026-03-18T10:00:00Z"));
    actions::tidy(app, &app.pool).await.expect("the pause ends");
    run_through(app, "2026-03-03T10:00:00Z", "2026-04-01T10:00:00Z").await;
    let of = |id: StatementId| {
        let pool = app.pool.clone();
        async move {
            let steps: Vec<i32> = sqlx::query_scalar(
                "SELECT DISTINCT step FROM reminders JOIN deadlines USING (deadline_id) JOIN actions USING (action_id) WHERE actions.statement_id = $1 ORDER BY step",
            )
            .bind(id.0)
            .fetch_all(&pool)
            .await
            .expect("steps");
            steps
        }
    };
    assert!(of(ended).await.is_empty());
    assert_eq!(of(moved).await, [-14, -7, -1, 0, 1]);
    assert_eq!(of(paused).await, [-1, 0, 1, 7], "none of the days it paused");
}

/// TM04: between writing and sending.
#[tokio::test]
async fn a_reminder_that_waits_for_the_mail_server_is_not_sent_when_its_reason_is_gone() {
    let server = SmtpServer::start().await;
    let service = service_with(clock(NOW), &[("LIAISON_SMTP_URL", &format!("smtp://127.0.0.1:{}", server.port))]).await;
    let world = people::world(&service).await;
    let app = &service.app;
    letter(app, "2026-03-16").await;
    let other = letters::posted(app, Posted { number: 1915, title: "Stays open", to: &["wire"], ..Posted::INCOMING }).await;
    letters::deadline(app, other, "2026-03-16", "as-written", true).await;
    app.clock.set(time("2026-03-09T10:00:00Z"));
    once(app).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1914/actions/wire").await;
    chair.submit("Record it", &[("What do you record?", "Close without reply"), ("In words", "no view")]).await;

    mail::deliver::drain(app, &app.pool, &CancellationToken::new()).await.expect("mail is sent");
    assert!(server.received().is_empty(), "what they say has changed");
    once(app).await;
    mail::deliver::drain(app, &app.pool, &CancellationToken::new()).await.expect("mail is sent");

    let received = server.received();
    assert_eq!(received.len(), 3);
    for mail in &received {
        let text = &mail.data;
        assert!(text.contains("1915") && !text.contains("1914"), "{text}");
    }
}

#[tokio::test]
async fn whoever_comes_later_gets_later_steps_only() {
    let (service, world) = world().await;
    let app = &service.app;
    letter(app, "2026-03-16").await;
    run_through(app, "2026-03-03T06:00:00Z", "2026-03-10T06:00:00Z").await;
    people::role(app, &world.outsider, liaison_tracker::people::RoleKind::Chair, Some("wire")).await;
    run_through(app, "2026-03-10T12:00:00Z", "2026-03-17T12:00:00Z").await;
    let sent = sent(app, "2026-03-16").await;
    assert!(!sent[&-7].contains(&world.outsider.address) && sent[&-1].contains(&world.outsider.address), "{sent:?}");
}

#[tokio::test]
async fn what_a_peer_was_asked_reminds_our_side_and_never_the_peer() {
    let (service, world) = world().await;
    let app = &service.app;
    let new = Posted { direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], author: Some(world.secretary.id), ..Posted::INCOMING };
    let id = letters::posted(app, new).await;
    letters::deadline(app, id, "2026-03-20", "as-written", true).await;
    run_through(app, "2026-03-03T06:00:00Z", "2026-04-30T06:00:00Z").await;
    let sent = sent(app, "2026-03-20").await;
    assert_eq!(sent.keys().copied().collect::<Vec<_>>(), [0, 7, 28]);
    for recipients in sent.values() {
        assert_eq!(recipients, &["carol@people.example", "chen@people.example", "itu-t-manager@ietf.example", "sven@people.example"]);
    }
}

#[tokio::test]
async fn a_check_waits_two_working_days_then_coordinators_are_asked_too() {
    let service = service(clock("2026-03-05T10:00:00Z")).await; // a Thursday
    let world = people::world(&service).await;
    let app = &service.app;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    let fields =
        [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Purpose", "For Information"), ("Text", "Dear colleagues")];
    chair.submit("Continue to check", &fields).await;
    chair.submit("Submit for review", &[]).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    for (now, is_asked) in [("2026-03-08T12:00:00Z", false), ("2026-03-09T12:00:00Z", true)] {
        app.clock.set(time(now));
        once(app).await;
        coordinator.get("/desk").await;
        assert_eq!(coordinator.page.text.contains("LS on wire formats"), is_asked, "{now}");
    }
    run_through(app, "2026-03-09T18:00:00Z", "2026-03-24T12:00:00Z").await;
    let sent = sent(app, "2026-03-09").await;
    assert_eq!(sent.keys().copied().collect::<Vec<_>>(), [0, 7, 14]);
    assert!(sent.values().all(|to| *to == ["itu-t-manager@ietf.example", "liaison-coordination@example.org"]), "{sent:?}");
}

#[tokio::test]
async fn the_author_of_an_untouched_draft_is_reminded_once() {
    let (service, world) = world().await;
    let app = &service.app;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    chair.submit("Save draft", &[("Title", "Half a letter")]).await;
    run_through(app, NOW, "2026-04-20T10:00:00Z").await;
    let sent = sent(app, "2026-03-16").await;
    assert_eq!(sent.into_iter().collect::<Vec<_>>(), [(0, vec!["carol@people.example".to_owned()])]);
}

#[tokio::test]
async fn a_rehearsal_shows_what_would_go_and_keeps_nothing() {
    let (service, _world) = world().await;
    let app = &service.app;
    letter(app, "2026-03-20").await;
    let mut connection = app.pool.acquire().await.expect("a connection");
    let report = run::rehearse(app, &mut connection, "2026-03-19".parse().expect("a day")).await.expect("a rehearsal");
    assert_eq!(report.mails.len(), 3);
    assert!(report.mails.iter().all(|mail| mail.subject.contains("tomorrow")), "{:?}", report.mails);
    let kept: i64 =
        sqlx::query_scalar("SELECT (SELECT count(*) FROM reminders) + (SELECT count(*) FROM reminder_days) + (SELECT count(*) FROM mails)")
            .fetch_one(&app.pool)
            .await
            .expect("a count");
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn while_the_manager_is_away_the_coordinators_are_asked_at_once() {
    let (service, world) = world().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/account").await;
    manager.submit("Save", &[("Away until", "2 March 2026")]).await;
    assert_eq!(manager.page.problems(), ["Away until must be after today: the first day on which you are back"]);
    assert_eq!(manager.page.value("Away until"), "2 March 2026");
    manager.submit("Save", &[("Away until", "20 March 2026")]).await;
    manager.assert_says("You are away until Friday 20 March 2026");

    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    let fields = [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire"), ("Purpose", "For Information"), ("Text", "Dear colleagues")];
    chair.submit("Continue to check", &fields).await;
    chair.submit("Submit for review", &[]).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/desk").await;
    coordinator.assert_says("LS on wire");
    let asked: Vec<String> =
        sqlx::query_scalar("SELECT recipient FROM mail_deliveries JOIN mails USING (mail_id) WHERE event = 'check-asked' ORDER BY 1")
            .fetch_all(&service.app.pool)
            .await
            .expect("mails");
    assert_eq!(asked, ["liaison-coordination@example.org"]);
    manager.submit("Save", &[("Away until", "")]).await;
    manager.assert_says("You are here");
}

/// TM04: handed over between writing and sending.
#[tokio::test]
async fn whoever_handed_it_over_meanwhile_is_not_reminded_and_the_others_read_who_has_it() {
    let server = SmtpServer::start().await;
    let service = service_with(clock(NOW), &[("LIAISON_SMTP_URL", &format!("smtp://127.0.0.1:{}", server.port))]).await;
    let world = people::world(&service).await;
    let app = &service.app;
    letter(app, "2026-03-16").await;
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/1914").await;
    secretary.submit("Take it", &[]).await;
    app.clock.set(time("2026-03-09T10:00:00Z"));
    assert_eq!(once(app).await.mails.len(), 4, "two chairs, the manager, who has it");
    let mut director = service.as_person(&world.ad_net).await;
    director.get("/statements/1914/actions/wire").await;
    director.submit("Record it", &[("What do you record?", "Assign it, or hand it over"), ("Who sees to it?", "Carol Chair")]).await;
    for _ in 0..2 {
        mail::deliver::drain(app, &app.pool, &CancellationToken::new()).await.expect("mail is sent");
        once(app).await;
    }
    let reminders: Vec<_> =
        server.received().into_iter().filter(|mail| mail.data.contains("is due")).filter(|mail| mail.data.contains("All that waits")).collect();
    let to: Vec<_> = reminders.iter().flat_map(|mail| mail.to.clone()).collect();
    assert_eq!(to.len(), 3, "{to:?}");
    assert!(!to.contains(&world.secretary.address), "{to:?}");
    assert!(reminders.iter().all(|mail| mail.data.contains("It is with Carol Chair.")), "{reminders:?}");
}

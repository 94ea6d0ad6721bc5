//! *Waiting for the sender* (domain.md 3, 7), drafts that rest and what nobody noted (domain.md 8); the clock is an argument.

use liaison_tracker::App;
use liaison_tracker::reminders::run;
use liaison_tracker::statements::actions;

use crate::support::letters::{self, Posted};
use crate::support::people::{self, World};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service, time};

const NOW: &str = "2026-03-02T10:00:00Z";

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    (service, world)
}

/// The path of a draft of the chair's.
async fn draft(chair: &mut Visitor, from: &str, title: &str) -> String {
    chair.get("/statements/incoming/new").await;
    chair.submit("Save draft", &[("From", from), ("To", "wire"), ("Title", title)]).await;
    chair.page.path.clone()
}

async fn once(app: &App) {
    let mut connection = app.pool.acquire().await.expect("a connection");
    run::once(app, &mut connection).await.expect("a run");
}

/// Runs twice a day on two servers, through these days of March.
async fn run_through(app: &App, other: &App, days: std::ops::RangeInclusive<u32>) {
    for day in days {
        for hour in ["06", "18"] {
            app.clock.set(time(&format!("2026-03-{day:02}T{hour}:00:00Z")));
            tokio::join!(once(app), once(other));
        }
    }
}

fn another_server(service: &TestService) -> App {
    let pool = liaison_tracker::database::pool(&service.database.url, 4, "another server").expect("a pool");
    App::new(service.app.config.clone(), pool, service.app.clock.clone())
}

async fn reminded(app: &App) -> Vec<(String, String)> {
    sqlx::query_as(
        "SELECT to_char(queued_at AT TIME ZONE 'UTC', 'DD') || ' ' || recipient, subject
           FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'reminder' ORDER BY 1",
    )
    .fetch_all(&app.pool)
    .await
    .expect("mails")
}

#[tokio::test]
async fn it_is_paused_with_words_shown_and_resumed_by_saving_or_a_button() {
    let (service, world) = world().await;
    let mut chair = service.as_person(&world.chair).await;
    let path = draft(&mut chair, "ITU-T SG11", "LS on wires").await;
    chair.submit("Wait for the sender", &[]).await;
    chair.assert_says("Enter what the sender was asked");
    let asked = "Which clause <b>do</b> you mean?";
    chair.submit("Wait for the sender", &[("What was the sender asked?", asked)]).await;
    chair.assert_says("Waiting for the sender since 2 Mar 2026").assert_says(asked);
    assert_eq!(service.mailed("waiting-for-sender").await, ["itu-t-manager@ietf.example"], "who says so knows it");

    // on the desk of author and manager, counted for nobody, and not on others'
    for (person, sees) in
        [(&world.chair, true), (&world.manager_itu_t, true), (&world.coordinator, false), (&world.manager_3gpp, false), (&world.chair2, false)]
    {
        let mut visitor = service.as_person(person).await;
        visitor.get("/desk").await;
        assert_eq!(visitor.page.texts("h2").contains(&"Waiting for the sender".to_owned()), sees, "{}", person.name);
        assert!(visitor.page.texts("ul.desk li").is_empty(), "{}", person.name);
    }
    let mut reader = service.as_person(&world.iab_member).await;
    reader.get(&path).await;
    reader.assert_says("Waiting for the sender").assert_says(asked);
    reader.post(&format!("{path}/resume"), &[]).await;
    reader.assert_status(403);

    // the manager resumes by the button, the author by saving, even without a change
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&path).await;
    manager.submit("Go on", &[]).await;
    manager.assert_says("It waits for the sender no more").assert_silent("Waiting for the sender since");
    manager.submit("Wait for the sender", &[("What was the sender asked?", "once more")]).await;
    assert_eq!(service.mailed("waiting-for-sender").await, ["itu-t-manager@ietf.example", "carol@people.example"]);
    chair.get(&path).await;
    chair.submit("Save draft", &[]).await;
    chair.assert_silent("Waiting for the sender since");
    chair.submit("Wait for the sender", &[("What was the sender asked?", "and again")]).await;
    chair.submit("Save draft", &[("Title", "LS on wires, 2")]).await;
    chair.assert_silent("Waiting for the sender since");
    let events: Vec<String> = sqlx::query_scalar("SELECT event FROM history WHERE event IN ('waiting-for-sender', 'resumed') ORDER BY history_id")
        .fetch_all(&service.app.pool)
        .await
        .expect("history");
    assert_eq!(events, ["waiting-for-sender", "resumed", "waiting-for-sender", "resumed", "waiting-for-sender", "resumed"]);

    // submitted, given up: it waits for nobody
    chair.submit("Wait for the sender", &[("What was the sender asked?", "last")]).await;
    chair.submit("Give up", &[("Why is it given up?", "no answer")]).await;
    let waits: i64 =
        sqlx::query_scalar("SELECT count(*) FROM statements WHERE waits_since IS NOT NULL").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(waits, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_seven_days_author_manager_and_secretariat_are_told_once() {
    let (service, world) = world().await;
    let (app, other) = (&service.app, another_server(&service));
    let mut chair = service.as_person(&world.chair).await;
    draft(&mut chair, "ITU-T SG11", "Of ITU-T").await;
    chair.submit("Wait for the sender", &[("What was the sender asked?", "which clause?")]).await;
    draft(&mut chair, "etsi-zsm", "Of ETSI").await;
    chair.submit("Wait for the sender", &[("What was the sender asked?", "which clause?")]).await;
    draft(&mut chair, "ITU-T SG11", "Goes on").await;
    chair.submit("Wait for the sender", &[("What was the sender asked?", "which clause?")]).await;
    chair.submit("Go on", &[]).await;

    run_through(app, &other, 3..=8).await;
    assert!(reminded(app).await.is_empty());
    run_through(app, &other, 9..=31).await;
    let sent = reminded(app).await;
    let to: Vec<&str> = sent.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(
        to,
        [
            "09 carol@people.example",
            "09 itu-t-manager@ietf.example",
            "09 liaison-coordination@example.org",
            "09 stella@people.example",
            // paused ones do not rest; the one that goes on does
            "16 carol@people.example",
        ],
        "{sent:?}"
    );
    assert_eq!(sent[1].1, "A draft has been waiting for the sender since Monday 2 March 2026: Of ITU-T");
    assert_eq!(sent[4].1, "A draft you began has not been touched for 14 days: Goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_wait_is_told_of_too_and_a_draft_at_rest_once_on_two_servers() {
    let (service, world) = world().await;
    let (app, other) = (&service.app, another_server(&service));
    let mut chair = service.as_person(&world.chair).await;
    let path = draft(&mut chair, "ITU-T SG11", "Of ITU-T").await;
    chair.submit("Wait for the sender", &[("What was the sender asked?", "which clause?")]).await;
    run_through(app, &other, 3..=9).await;
    chair.get(&path).await;
    chair.submit("Go on", &[]).await;
    chair.submit("Wait for the sender", &[("What was the sender asked?", "and which day?")]).await;
    run_through(app, &other, 10..=17).await;
    let days: Vec<String> = reminded(app).await.into_iter().map(|(to, _)| to[..2].to_owned()).collect();
    assert_eq!(days, ["09", "09", "09", "16", "16", "16"]);
    chair.get(&path).await;
    chair.submit("Go on", &[]).await;
    run_through(app, &other, 18..=31).await;
    let last = reminded(app).await.into_iter().skip(6).collect::<Vec<_>>();
    assert_eq!(last.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["31 carol@people.example"], "{last:?}");
}

#[tokio::test]
async fn what_is_for_information_and_untouched_ends_after_thirty_days_and_leaves_the_desk() {
    let (service, world) = world().await;
    let app = &service.app;
    letters::posted(app, Posted { purpose: "for-information", ..Posted::INCOMING }).await;
    letters::posted(app, Posted { number: 1915, ..Posted::INCOMING }).await;
    let state = async |number: i32| -> String {
        sqlx::query_scalar("SELECT actions.state FROM actions JOIN statements USING (statement_id) WHERE number = $1")
            .bind(number)
            .fetch_one(&app.pool)
            .await
            .expect("an action")
    };
    for (day, expected) in
        [("2026-04-01T09:00:00Z", "open"), ("2026-04-01T11:00:00Z", "no-action-recorded"), ("2026-05-01T11:00:00Z", "no-action-recorded")]
    {
        app.clock.set(time(day));
        actions::tidy(app, &app.pool).await.expect("tidied");
        assert_eq!(state(1914).await, expected, "{day}");
        assert_eq!(state(1915).await, "open", "what is for action stays");
    }
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/desk").await;
    assert_eq!(chair.page.texts("ul.desk li").len(), 1, "{}", chair.page.text);
    let ended: i64 =
        sqlx::query_scalar("SELECT count(*) FROM history WHERE event = 'no-action-recorded'").fetch_one(&app.pool).await.expect("a count");
    assert_eq!(ended, 1);
    let mails: i64 = sqlx::query_scalar("SELECT count(*) FROM mails").fetch_one(&app.pool).await.expect("a count");
    assert_eq!(mails, 0);
}

//! *Standing in* (domain.md 4): a coordinator gives the check that waits for a manager who is away or silent.

use liaison_tracker::App;
use liaison_tracker::reminders::run;

use crate::support::people::{self, World};
use crate::support::{TestService, clock, service, time};

/// A Thursday.
const NOW: &str = "2026-03-05T10:00:00Z";
const WORDS: &str = "standing in for the manager of ITU-T";

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    (service, world)
}

/// Submits a letter for the check; the path of the draft.
async fn submitted(service: &TestService, world: &World, from: &str) -> String {
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    let fields = [("From", from), ("To", "wire"), ("Title", "LS on wires"), ("Purpose", "For Information"), ("Text", "Dear colleagues")];
    chair.submit("Continue to check", &fields).await;
    chair.submit("Submit for review", &[]).await;
    chair.page.path.clone()
}

async fn once(app: &App) {
    let mut connection = app.pool.acquire().await.expect("a connection");
    run::once(app, &mut connection).await.expect("a run");
}

/// The coordinator approves; whether it says everywhere that they stood in.
async fn checked(service: &TestService, world: &World, draft: &str) -> bool {
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&format!("{draft}/review")).await;
    let is_said = coordinator.page.text.contains(WORDS);
    let preview = coordinator.page.texts(".mail-preview pre").join(" ");
    coordinator.submit("Send decision", &[("Decision", "Approve")]).await;
    coordinator.assert_at("/statements/1");
    let on_page = format!("Checked by Cora Coordinator as liaison coordinator{}", if is_said { format!(", {WORDS}") } else { " on".to_owned() });
    coordinator.assert_says(&on_page);
    let history: String = sqlx::query_scalar("SELECT words FROM history WHERE event = 'checked'").fetch_one(&service.app.pool).await.expect("a line");
    assert_eq!(history.contains(WORDS), is_said, "{history}");
    let mail: String =
        sqlx::query_scalar("SELECT body FROM mails WHERE event = 'incoming-posted'").fetch_one(&service.app.pool).await.expect("a mail");
    assert_eq!(mail.contains(&format!("Cora Coordinator, {WORDS}")), is_said, "{mail}");
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain(&preview).contains(&plain(&mail)), "what is shown is what goes");
    is_said
}

#[tokio::test]
async fn within_two_working_days_a_coordinator_checks_of_their_own_right() {
    let (service, world) = world().await;
    let draft = submitted(&service, &world, "ITU-T SG11").await;
    // Thursday, Friday; the weekend does not count
    service.app.clock.set(time("2026-03-08T20:00:00Z"));
    assert!(!checked(&service, &world, &draft).await);
}

#[tokio::test]
async fn after_two_working_days_of_silence_they_stand_in() {
    let (service, world) = world().await;
    let draft = submitted(&service, &world, "ITU-T SG11").await;
    service.app.clock.set(time("2026-03-09T12:00:00Z"));
    once(&service.app).await;
    assert!(checked(&service, &world, &draft).await);
}

#[tokio::test]
async fn for_a_manager_who_is_away_they_stand_in_at_once() {
    let (service, world) = world().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/account").await;
    manager.submit("Save", &[("Away until", "20 March 2026")]).await;
    let draft = submitted(&service, &world, "ITU-T SG11").await;
    assert_eq!(service.mailed("check-asked").await, ["liaison-coordination@example.org"]);
    assert!(checked(&service, &world, &draft).await);
}

#[tokio::test]
async fn where_there_is_no_manager_there_is_nobody_to_stand_in_for() {
    let (service, world) = world().await;
    let draft = submitted(&service, &world, "etsi-zsm").await;
    service.app.clock.set(time("2026-03-20T12:00:00Z"));
    assert!(!checked(&service, &world, &draft).await);
}

#[tokio::test]
async fn the_manager_stands_in_for_nobody() {
    let (service, world) = world().await;
    let draft = submitted(&service, &world, "ITU-T SG11").await;
    service.app.clock.set(time("2026-03-20T12:00:00Z"));
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    manager.assert_silent("standing in for");
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1").assert_silent("standing in for");
}

/// A request for changes says it, too.
#[tokio::test]
async fn on_the_draft_it_reads_given_by_and_for_whom() {
    let (service, world) = world().await;
    let draft = submitted(&service, &world, "ITU-T SG11").await;
    service.app.clock.set(time("2026-03-09T12:00:00Z"));
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&format!("{draft}/review")).await;
    coordinator.submit("Send decision", &[("Decision", "Request changes"), ("What should be changed?", "the title")]).await;
    let mut reader = service.as_person(&world.iab_member).await;
    reader.get(&draft).await;
    reader.assert_says(&format!("Cora Coordinator, liaison coordinator, {WORDS}"));
}

/// Away while a check waits: the coordinators are asked, on the desk at once and by mail once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_while_a_check_waits_leaves_it_to_the_coordinators() {
    let (service, world) = world().await;
    let app = &service.app;
    submitted(&service, &world, "ITU-T SG11").await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/desk").await;
    coordinator.assert_silent("LS on wires");
    once(app).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/account").await;
    manager.submit("Save", &[("Away until", "20 April 2026")]).await;
    coordinator.get("/desk").await;
    coordinator.assert_says("LS on wires");
    for now in ["2026-03-06T06:00:00Z", "2026-03-06T18:00:00Z", "2026-03-07T06:00:00Z", "2026-03-08T06:00:00Z"] {
        app.clock.set(time(now));
        tokio::join!(once(app), once(app));
    }
    assert_eq!(service.mailed("reminder").await, ["liaison-coordination@example.org"], "asked at once, and once");
    app.clock.set(time("2026-03-09T06:00:00Z"));
    once(app).await;
    assert_eq!(service.mailed("reminder").await.len(), 2, "and when the wait is over");
}

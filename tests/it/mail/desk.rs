//! Failed mail waits on the desk of who can mend it, until it is sent again, or given up.

use super::pages::{draft, ended, statement};
use super::*;
use crate::support::letters;
use crate::support::people::{self, Person, World};
use crate::support::queries;
use crate::support::smtp::{Mode, Stage};

async fn setting() -> (SmtpServer, TestService, World) {
    let server = SmtpServer::start().await;
    let service = service(&server, &[("LIAISON_BASE_URL", "http://127.0.0.1:8080")]).await;
    let world = people::world(&service).await;
    (server, service, world)
}

/// What waits on somebody's desk, row by row; the header's number must be as many.
async fn desk(service: &TestService, person: &Person) -> Vec<String> {
    let mut visitor = service.as_person(person).await;
    visitor.get("/desk").await;
    let rows = visitor.page.texts(".desk > li > div:first-child");
    let waiting = if rows.is_empty() { "My desk".to_owned() } else { format!("My desk ({} waiting)", rows.len()) };
    assert!(visitor.page.find_link(&waiting).is_some(), "{waiting}: {}", visitor.page.text);
    rows
}

/// robustness.md SM02
#[tokio::test]
async fn a_refused_mail_waits_for_the_author_and_the_coordinators_until_it_is_sent_again() {
    let (server, service, world) = setting().await;
    let about = Some(statement(&service.app, &world).await);
    server.set(Mode::Refuse("b@example.org".to_owned(), 550));
    queue(&service.app, &Message { statement_id: about, ..message(&["a@example.org", "b@example.org"]) }).await;

    drain(&service.app).await;

    let row = "Send again New work Statement 2301 · mail to b@example.org failed: 550 no such address";
    for person in [&world.manager_itu_t, &world.coordinator, &world.coordinator2] {
        assert_eq!(desk(&service, person).await, [row]);
    }
    for person in [&world.chair, &world.manager_3gpp, &world.secretariat, &world.outsider] {
        assert!(desk(&service, person).await.is_empty(), "{}", person.name);
    }
    // the row leads to the button that mends it
    let mut author = service.as_person(&world.manager_itu_t).await;
    author.get("/desk").await;
    author.click("New work").await;
    author.submit("Send again to b@example.org", &[]).await;
    author.assert_at("/statements/2301");
    assert!(desk(&service, &world.coordinator).await.is_empty());
    drain(&service.app).await;
    assert_eq!(desk(&service, &world.coordinator).await, [row]);

    server.set(Mode::Ok);
    author.get("/statements/2301").await;
    author.submit("Send again to b@example.org", &[]).await;
    drain(&service.app).await;
    assert!(desk(&service, &world.coordinator).await.is_empty());
    assert_eq!(server.received().len(), 2);
}

/// robustness.md SM01
#[tokio::test]
async fn what_is_only_late_is_on_the_page_and_on_no_desk() {
    let (server, service, world) = setting().await;
    let about = Some(statement(&service.app, &world).await);
    server.set(Mode::Reply(Stage::Rcpt, 450, "greylisted, come back in 10 minutes"));
    queue(&service.app, &Message { statement_id: about, ..message(&["a@example.org"]) }).await;
    let mut coordinator = service.as_person(&world.coordinator).await;

    // tried again after 1 and 5 minutes in vain, and 15 minutes later taken
    for (minutes, next) in [(0, "14:01"), (1, "14:06"), (5, "14:21")] {
        pass(&service.app, minutes);
        drain(&service.app).await;
        coordinator.get("/statements/2301").await;
        coordinator.assert_says(&format!("Will be tried again at {next} UTC: 450 greylisted, come back in 10 minutes"));
        coordinator.assert_silent("Failed").assert_silent("Refused").assert_silent("Send again");
        assert!(desk(&service, &world.coordinator).await.is_empty());
    }
    server.set(Mode::Ok);
    pass(&service.app, 15);
    drain(&service.app).await;

    coordinator.get("/statements/2301").await;
    coordinator.assert_says("Accepted by the mail server 20 Feb 2026 14:21 UTC");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn what_is_given_up_waits_for_nobody_and_keeps_its_words() {
    let (server, service, world) = setting().await;
    let about = Some(statement(&service.app, &world).await);
    server.set(Mode::Reply(Stage::Rcpt, 550, "no such address"));
    queue(&service.app, &Message { statement_id: about, ..message(&["a@example.org", "b@example.org", "c@example.org"]) }).await;
    drain(&service.app).await;
    assert_eq!(
        desk(&service, &world.coordinator).await,
        ["Send again New work Statement 2301 · mail to c@example.org failed: 550 no such address · and 2 more"]
    );

    let mut author = service.as_person(&world.manager_itu_t).await;
    author.get("/desk").await;
    author.click("New work").await;
    for recipient in ["a@example.org", "b@example.org", "c@example.org"] {
        author.submit(&format!("Give up sending to {recipient}"), &[]).await;
        author.assert_at("/statements/2301").assert_says(&format!("It will not be sent to {recipient}."));
    }

    author.assert_says("Given up 20 Feb 2026 14:00 UTC: by Ivo Manager, after: 550 no such address").assert_silent("Send again to");
    assert!(desk(&service, &world.coordinator).await.is_empty());
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM history WHERE event = 'mail-given-up'").fetch_one(&service.app.pool).await.unwrap();
    assert_eq!(told, 3);
}

#[tokio::test]
async fn a_drafts_failed_mail_leads_to_the_draft_and_is_given_up_there() {
    let (server, service, world) = setting().await;
    let about = Some(draft(&service.app, &world, &world.chair).await);
    server.set(Mode::Reply(Stage::Rcpt, 550, "no such address"));
    queue(&service.app, &Message { statement_id: about, ..message(&["a@example.org"]) }).await;
    drain(&service.app).await;
    assert_eq!(desk(&service, &world.chair).await, ["Send again New work mail to a@example.org failed: 550 no such address"]);

    let mut author = service.as_person(&world.chair).await;
    author.get("/desk").await;
    let draft = "/statements/drafts/draftdraftdraftdraft01";
    let leads_there = format!("{draft}#mail");
    assert!(author.page.source().contains(&leads_there));
    author.follows = false;
    let delivery = deliveries(&service.app).await[0].id;
    let seen = ended(&service.app, delivery).await;
    author.post(&format!("{draft}/mail/{delivery}/give-up"), &[("ended", &seen)]).await;

    assert_eq!(author.page.header("location"), leads_there);
    assert_eq!(states(&service.app).await, ["cancelled"]);
    assert!(desk(&service, &world.chair).await.is_empty());
}

#[tokio::test]
async fn only_the_failure_that_was_seen_is_given_up() {
    let (server, service, world) = setting().await;
    let about = Some(statement(&service.app, &world).await);
    server.set(Mode::Reply(Stage::Rcpt, 550, "no such address"));
    queue(&service.app, &Message { statement_id: about, ..message(&["a@example.org"]) }).await;
    drain(&service.app).await;
    let delivery = deliveries(&service.app).await[0].id;
    let seen = ended(&service.app, delivery).await;
    let (again, give_up) = (format!("/statements/2301/mail/{delivery}/send-again"), format!("/statements/2301/mail/{delivery}/give-up"));
    let mut coordinator = service.as_person(&world.coordinator).await;

    coordinator.post(&again, &[("ended", &seen)]).await;
    coordinator.post(&give_up, &[("ended", &seen)]).await;
    coordinator.assert_status(200).assert_says("It is on its way to a@example.org already.");
    pass(&service.app, 1);
    drain(&service.app).await;
    for old in [seen.as_str(), "", "x"] {
        coordinator.post(&give_up, &[("ended", old)]).await;
        coordinator.assert_status(200).assert_says("Nothing was given up.");
    }
    assert_eq!(states(&service.app).await, ["failed"]);

    coordinator.post(&give_up, &[("ended", &ended(&service.app, delivery).await)]).await;
    coordinator.assert_says("It will not be sent to a@example.org.");
    assert_eq!(states(&service.app).await, ["cancelled"]);
    let mut outsider = service.as_person(&world.chair_keys).await;
    outsider.post(&give_up, &[]).await;
    outsider.assert_status(403);
}

#[tokio::test]
async fn a_failed_invitation_waits_for_the_secretariat_until_a_newer_one_follows() {
    let (server, service, world) = setting().await;
    let invitation = Message { event: "invitation", subject: "Your account".to_owned(), is_secret: true, ..message(&["New@example.org"]) };
    server.set(Mode::Reply(Stage::Rcpt, 550, "no such address"));
    queue(&service.app, &invitation).await;
    queue(&service.app, &Message { event: "mail-test", ..message(&["test@example.org"]) }).await;
    drain(&service.app).await;
    let row = "See to it Your account mail to New@example.org failed: 550 no such address";
    assert_eq!(desk(&service, &world.secretariat).await, [row]);
    // the mail log is the secretariat's (domain.md 2)
    assert!(desk(&service, &world.coordinator).await.is_empty());

    server.set(Mode::Ok);
    queue(&service.app, &Message { to: "new@example.org".to_owned(), ..message(&["new@example.org"]) }).await;
    assert_eq!(desk(&service, &world.secretariat).await, [row], "another kind of mail");
    let newer = Message { recipients: message(&["new@example.org"]).recipients, ..invitation.clone() };
    queue(&service.app, &newer).await;
    assert!(desk(&service, &world.secretariat).await.is_empty());

    server.set(Mode::Reply(Stage::Rcpt, 550, "still none"));
    drain(&service.app).await;
    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/desk").await;
    secretariat.assert_says("mail to new@example.org failed: 550 still none");
    secretariat.click("Your account").await;
    secretariat.submit("Give up sending to new@example.org", &[]).await;
    assert_eq!(desk(&service, &world.secretariat).await, ["See to it New work on digital twins mail to new@example.org failed: 550 still none"]);
}

#[tokio::test]
async fn mail_that_does_not_leave_at_all_waits_for_coordinators_and_secretariat() {
    let (server, service, world) = setting().await;
    server.set(Mode::Reply(Stage::Mail, 530, "who are you?"));
    queue(&service.app, &message(&["a@example.org"])).await;
    drain(&service.app).await;

    let begins = "See to it Mail is not being sent since 20 Feb 2026 14:00 UTC 530 who are you?.";
    for person in [&world.coordinator, &world.secretariat] {
        let rows = desk(&service, person).await;
        assert!(rows.len() == 1 && rows[0].starts_with(begins), "{rows:?}");
    }
    assert!(desk(&service, &world.chair).await.is_empty());
    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/desk").await;
    secretariat.click("Mail is not being sent since 20 Feb 2026 14:00 UTC").await;
    secretariat.assert_at("/administration/mail");

    server.set(Mode::Ok);
    pass(&service.app, 5);
    drain(&service.app).await;
    assert!(desk(&service, &world.coordinator).await.is_empty());
}

#[tokio::test]
async fn the_desk_asks_as_often_for_sixty_failures_as_for_one() {
    let (server, service, world) = setting().await;
    let about = statement(&service.app, &world).await;
    server.set(Mode::Reply(Stage::Rcpt, 550, "no such address"));
    queue(&service.app, &Message { statement_id: Some(about), ..message(&["a@example.org"]) }).await;
    drain(&service.app).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    let (_, one) = queries::count(coordinator.get("/desk")).await;
    let rows = coordinator.page.texts(".desk > li").len();

    for number in 3001..3060 {
        let more = letters::posted(&service.app, letters::Posted { number, ..letters::Posted::INCOMING }).await;
        let mail = Message { statement_id: Some(more), ..message(&["a@example.org"]) };
        queue(&service.app, &mail).await;
    }
    drain(&service.app).await;
    let (_, sixty) = queries::count(coordinator.get("/desk")).await;

    assert_eq!((rows, one.len()), (1, sixty.len()), "{sixty:?}");
    coordinator.assert_says("My desk (60 waiting)");
    assert_eq!(coordinator.page.texts(".desk > li").len(), 50);
}

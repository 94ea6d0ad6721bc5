use liaison_tracker::ids::StatementId;
use liaison_tracker::mail::store;

use super::*;
use crate::support::people::{self, World};
use crate::support::smtp::Mode;

/// A posted statement from ITU-T to WIRE.
pub async fn statement(app: &App, world: &World) -> StatementId {
    insert(
        app,
        world,
        "INSERT INTO statements (draft_id, number, origin, direction, state, title, purpose, made_at, changed_at, posted_at, author_id)
         VALUES ('0123456789012345678901', 2301, 'native', 'incoming', 'posted', 'New work', 'for-information', now(), now(), now(), $1)
         RETURNING statement_id",
        &world.manager_itu_t,
    )
    .await
}

/// A draft from ITU-T to WIRE.
pub async fn draft(app: &App, world: &World, author: &people::Person) -> StatementId {
    insert(
        app,
        world,
        "INSERT INTO statements (draft_id, origin, direction, state, title, made_at, changed_at, author_id)
         VALUES ('draftdraftdraftdraft01', 'native', 'incoming', 'draft', 'New work', now(), now(), $1)
         RETURNING statement_id",
        author,
    )
    .await
}

async fn insert(app: &App, world: &World, sql: &'static str, author: &people::Person) -> StatementId {
    let mut transaction = app.pool.begin().await.unwrap();
    let id: i64 = sqlx::query_scalar(sql).bind(author.id).fetch_one(&mut *transaction).await.unwrap();
    for (side, acronym) in [("from", "itu-t"), ("to", "wire")] {
        sqlx::query("INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label) VALUES ($1, $2, 1, $3, $4, $4)")
            .bind(id)
            .bind(side)
            .bind(world.group(acronym))
            .bind(acronym)
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    StatementId(id)
}

async fn refused_mail(service: &TestService, server: &SmtpServer, statement: StatementId) -> MailDeliveryId {
    server.set(Mode::Refuse("b@example.org".to_owned(), 550));
    queue(&service.app, &Message { statement_id: Some(statement), ..message(&["a@example.org", "b@example.org"]) }).await;
    drain(&service.app).await;
    server.set(Mode::Ok);
    deliveries(&service.app).await[1].id
}

/// When a delivery ended, as its button sends it along.
pub async fn ended(app: &App, delivery: MailDeliveryId) -> String {
    let at: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("SELECT ended_at FROM mail_deliveries WHERE mail_delivery_id = $1").bind(delivery).fetch_one(&app.pool).await.unwrap();
    at.timestamp_micros().to_string()
}

async fn setting() -> (SmtpServer, TestService, World) {
    let server = SmtpServer::start().await;
    let service = service(&server, &[("LIAISON_BASE_URL", "http://127.0.0.1:8080")]).await;
    let world = people::world(&service).await;
    (server, service, world)
}

#[tokio::test]
async fn those_concerned_read_what_became_of_each_mail() {
    let (server, service, world) = setting().await;
    let statement = statement(&service.app, &world).await;
    refused_mail(&service, &server, statement).await;

    let fates = store::fates(&service.app.pool, statement, service.app.clock.now()).await.unwrap();

    assert_eq!(fates.len(), 1);
    assert_eq!(fates[0].subject, "New work on digital twins");
    let told: Vec<_> =
        fates[0].deliveries.iter().map(|delivery| (delivery.recipient.as_str(), delivery.why.as_str(), delivery.words.as_str())).collect();
    assert_eq!(
        told,
        [
            ("a@example.org", "chair of NMOP", "Accepted by the mail server 20 Feb 2026 14:00 UTC"),
            ("b@example.org", "chair of NMOP", "Refused: 550 no such address")
        ]
    );
}

#[tokio::test]
async fn send_again_sends_the_same_mail_to_that_one_and_says_so_in_the_history() {
    let (server, service, world) = setting().await;
    let statement = statement(&service.app, &world).await;
    let delivery = refused_mail(&service, &server, statement).await;
    let path = format!("/statements/2301/mail/{delivery}/send-again");

    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.follows = false;
    coordinator.post(&path, &[("ended", &ended(&service.app, delivery).await)]).await;
    drain(&service.app).await;

    assert_eq!(coordinator.page.status, 303);
    assert_eq!(coordinator.page.header("location"), "/statements/2301#mail");
    let received = server.received();
    assert_eq!(received.iter().map(|mail| mail.to.concat()).collect::<Vec<_>>(), ["a@example.org", "b@example.org"]);
    assert_eq!(message_id(&received[0].data), message_id(&received[1].data));
    let history: Vec<(String, String, String)> = sqlx::query_as("SELECT actor_name, actor_role, words FROM history WHERE statement_id = $1")
        .bind(statement)
        .fetch_all(&service.app.pool)
        .await
        .unwrap();
    assert_eq!(
        history,
        [(
            world.coordinator.name.clone(),
            "liaison coordinator".to_owned(),
            "sent the mail “New work on digital twins” to b@example.org again".to_owned()
        )]
    );
}

#[tokio::test]
async fn send_again_pressed_twice_or_from_an_old_page_sends_once() {
    let (server, service, world) = setting().await;
    let statement = statement(&service.app, &world).await;
    let delivery = refused_mail(&service, &server, statement).await;
    let mail: i64 = sqlx::query_scalar("SELECT mail_id FROM mail_deliveries WHERE mail_delivery_id = $1")
        .bind(delivery)
        .fetch_one(&service.app.pool)
        .await
        .unwrap();
    let paths = [format!("/statements/2301/mail/{delivery}/send-again"), format!("/administration/mail/{mail}/{delivery}/send-again")];
    let mut secretariat = service.as_person(&world.secretariat).await;
    let mut sent = server.received().len();

    for path in &paths {
        let seen = ended(&service.app, delivery).await;
        secretariat.post(path, &[("ended", &seen)]).await;
        secretariat.assert_status(200).assert_says("It will be sent to b@example.org again now.");
        secretariat.post(path, &[("ended", &seen)]).await;
        secretariat.assert_status(200).assert_says("It is on its way to b@example.org already.");
        pass(&service.app, 1);
        drain(&service.app).await;
        for old in [seen.as_str(), "", "x"] {
            secretariat.post(path, &[("ended", old)]).await;
            secretariat.assert_status(200).assert_says("It was not sent again.");
        }
        drain(&service.app).await;

        sent += 1;
        assert_eq!(server.received().len(), sent);
    }
    // the page's own button
    secretariat.get("/statements/2301").await;
    secretariat.submit("Send again to b@example.org", &[]).await;
    secretariat.assert_says("It will be sent to b@example.org again now.");

    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM history WHERE event = 'mail-sent-again'").fetch_one(&service.app.pool).await.unwrap();
    assert_eq!(told, 3);
}

#[tokio::test]
async fn who_has_no_part_in_a_statement_cannot_send_its_mail_again() {
    let (server, service, world) = setting().await;
    let posted = statement(&service.app, &world).await;
    let delivery = refused_mail(&service, &server, posted).await;
    draft(&service.app, &world, &world.chair_keys).await;

    for person in [&world.outsider, &world.chair_keys] {
        let mut visitor = service.as_person(person).await;
        visitor.post(&format!("/statements/2301/mail/{delivery}/send-again"), &[]).await;
        visitor.assert_status(403);
    }
    let mut outsider = service.as_person(&world.outsider).await;
    // whether the draft exists is not told
    outsider.post(&format!("/statements/drafts/draftdraftdraftdraft01/mail/{delivery}/send-again"), &[]).await;
    outsider.assert_status(404);
    // another statement's delivery is none of this one's
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.post(&format!("/statements/drafts/draftdraftdraftdraft01/mail/{delivery}/send-again"), &[]).await;
    manager.assert_status(404);
    let mut nobody = service.visitor();
    nobody.follows = false;
    nobody.post(&format!("/statements/2301/mail/{delivery}/send-again"), &[]).await;
    nobody.assert_status(303);

    assert_eq!(states(&service.app).await, ["accepted", "failed"]);
}

#[tokio::test]
async fn a_drafts_mail_is_sent_again_by_its_liaison_manager() {
    let (server, service, world) = setting().await;
    let draft = draft(&service.app, &world, &world.chair).await;
    let delivery = refused_mail(&service, &server, draft).await;

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.follows = false;
    let path = format!("/statements/drafts/draftdraftdraftdraft01/mail/{delivery}/send-again");
    manager.post(&path, &[("ended", &ended(&service.app, delivery).await)]).await;

    manager.assert_status(303);
    assert_eq!(states(&service.app).await, ["accepted", "queued"]);
}

#[tokio::test]
async fn the_secretariat_finds_a_mail_in_the_log_and_gives_it_up() {
    let (server, service, world) = setting().await;
    let statement = statement(&service.app, &world).await;
    refused_mail(&service, &server, statement).await;
    server.set(Mode::Refuse("slow@example.org".to_owned(), 450));
    queue(&service.app, &Message { subject: "Another matter".to_owned(), ..message(&["slow@example.org"]) }).await;
    drain(&service.app).await;

    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/administration/mail").await;
    secretariat.assert_status(200).assert_says("Another matter").assert_says("Refused: 550 no such address");
    secretariat.submit("Apply", &[("What became of it", "Failed")]).await;
    secretariat.assert_says("b@example.org").assert_silent("slow@example.org");
    secretariat.submit("Apply", &[("What became of it", "Anything"), ("Number of the statement", "2301")]).await;
    secretariat.assert_says("a@example.org").assert_silent("slow@example.org");
    secretariat.submit("Apply", &[("Number of the statement", ""), ("Address or part of it", "SLOW@")]).await;
    secretariat.assert_silent("b@example.org");
    secretariat.click("Another matter").await;
    secretariat.assert_says("Will be tried again at 14:01 UTC: 450 no such address").assert_says("this is a test.");
    secretariat.submit("Give up sending to slow@example.org", &[]).await;
    secretariat.assert_says("It will not be sent to slow@example.org.").assert_says("Given up 20 Feb 2026 14:00 UTC");

    assert_eq!(states(&service.app).await, ["accepted", "failed", "cancelled"]);
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/administration/mail").await;
    chair.assert_status(403);
}

#[tokio::test]
async fn a_one_time_link_is_not_shown_in_the_log() {
    let service = support::service_with(support::clock(NOW), &[]).await;
    let world = people::world(&service).await;
    let id = queue(
        &service.app,
        &Message { is_secret: true, body: "https://liaison.example.org/sign-in/secret".to_owned(), ..message(&["a@example.org"]) },
    )
    .await;

    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get(&format!("/administration/mail/{id}")).await;

    secretariat.assert_status(200).assert_says("a one-time link").assert_silent("/sign-in/secret");
}

#[tokio::test]
async fn the_log_is_read_page_by_page_in_both_directions() {
    let service = support::service_with(support::clock(NOW), &[]).await;
    let world = people::world(&service).await;
    for n in 0..120 {
        queue(&service.app, &Message { subject: format!("Mail {n:03}"), ..message(&[&format!("r{n}@example.org")]) }).await;
    }
    let mut secretariat = service.as_person(&world.secretariat).await;
    let subjects = |page: &crate::support::page::Page| page.texts("td a");

    let first = subjects(secretariat.get("/administration/mail").await);
    let second = subjects(secretariat.click("Older").await);
    let third = subjects(secretariat.click("Older").await);
    assert!(secretariat.page.find_link("Older").is_none());
    let second_again = subjects(secretariat.click("Newer").await);
    let first_again = subjects(secretariat.click("Newer").await);
    assert!(secretariat.page.find_link("Newer").is_none());

    let all: Vec<_> = [first.clone(), second.clone(), third].concat();
    assert_eq!(all, (0..120).rev().map(|n| format!("Mail {n:03}")).collect::<Vec<_>>());
    assert_eq!((first_again, second_again), (first, second));
}

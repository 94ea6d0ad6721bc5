//! After posting: comments, and removal (domain.md 2; robustness.md AZ06).

use crate::support::letters::{self, Posted};
use crate::support::people::{self, World};
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-03-02T10:00:00Z";

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    letters::posted(&service.app, Posted::INCOMING).await;
    (service, world)
}

#[tokio::test]
async fn a_private_comment_is_for_those_concerned_and_a_public_one_for_all() {
    let (service, world) = world().await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1914").await;
    let hidden = "<script>alert(1)</script> the peer is late";
    chair.submit("Add the comment", &[("Comment", hidden), ("Who reads it?", "Those concerned")]).await;
    chair.assert_at("/statements/1914").assert_says(hidden).assert_says("Carol Chair (chair of WIRE)");
    chair.submit("Add the comment", &[("Comment", "We discuss it on Monday."), ("Who reads it?", "Everybody")]).await;
    chair.submit("Add the comment", &[("Comment", "We discuss it on Monday."), ("Who reads it?", "Everybody")]).await;
    assert_eq!(chair.page.text.matches("We discuss it on Monday.").count(), 1, "once, however often it is sent");

    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    reader.assert_says("We discuss it on Monday.").assert_silent("the peer is late");
    assert!(!reader.page.has_button("Add the comment"));
    let mut other = service.as_person(&world.chair_bench).await;
    other.get("/statements/1914").await;
    other.assert_silent("the peer is late");
    other.post("/statements/1914/comments", &[("comment", "me too"), ("audience", "concerned")]).await;
    other.assert_status(403);
    other.get("/statements/1914").await;
    other.submit("Add the comment", &[("Comment", "a public word")]).await;
    other.assert_says("a public word");
    chair.get("/statements/1914").await;
    chair.submit("Add the comment", &[("Comment", "   ")]).await;
    assert_eq!(chair.page.problems(), ["Enter what you want to say"]);
}

#[tokio::test]
async fn what_was_posted_in_error_is_removed_everywhere_but_at_its_address() {
    let (service, world) = world().await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1914").await;
    assert!(chair.page.find_link("Remove it, if it was posted in error").is_none());
    coordinator.get("/statements/1914").await;
    coordinator.click("Remove it, if it was posted in error").await;
    coordinator.assert_says("1 part still open");
    coordinator.submit("Remove it", &[]).await;
    assert_eq!(coordinator.page.problems(), ["Enter why it is removed"]);
    coordinator.submit("Remove it", &[("Why is it removed?", "recorded from another letter")]).await;
    coordinator.assert_at("/statements/1914").assert_says("Removed on 2 March 2026: recorded from another letter");

    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    reader.assert_says("Removed on 2 March 2026").assert_silent("Network Digital Twin").assert_silent("please comment");
    for path in ["/statements", "/statements?q=Digital", "/", "/groups/wire", "/organizations/itu-t", "/api/v1/statements"] {
        reader.get(path).await;
        reader.assert_silent("Network Digital Twin");
    }
    reader.get("/api/v1/statements/1914").await;
    reader.assert_status(404);
    chair.get("/desk").await;
    chair.assert_silent("Network Digital Twin");
    chair.get("/statements/1914/actions/wire").await;
    chair.assert_status(404);
    coordinator.post("/statements/1914/remove", &[("reason", "again")]).await;
    coordinator.assert_at("/statements/1914").assert_says("It is removed already.");
}

/// story 2
#[tokio::test]
async fn a_receipt_is_offered_with_its_text_and_sent_once_by_choice() {
    let (service, world) = world().await;
    let id: i64 = sqlx::query_scalar("SELECT statement_id FROM statements WHERE number = 1914").fetch_one(&service.app.pool).await.expect("it");
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1914").await;
    manager.click("Receipt to the sender").await;
    manager.assert_says("no receipt can be sent");
    letters::contact(&service.app, liaison_tracker::ids::StatementId(id), "received-from", "SG11 secretariat", "sg11@itu-t.example", "role").await;
    manager.get("/statements/1914/receipt").await;
    manager.assert_says("Nothing is sent by itself").assert_says("It is recorded as Statement 1914").assert_says("no special standing");
    let mut twin = service.as_person(&world.coordinator).await;
    twin.get("/statements/1914/receipt").await;
    manager.submit("Send the receipt", &[]).await;
    manager.assert_at("/statements/1914").assert_says("The receipt is on its way.").assert_says("sg11@itu-t.example");
    twin.submit("Send the receipt", &[]).await;
    twin.assert_says("That is recorded already.");
    let sent: Vec<(String, String)> =
        sqlx::query_as("SELECT recipient, reply_to FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'receipt'")
            .fetch_all(&service.app.pool)
            .await
            .expect("mails");
    assert_eq!(sent, [("sg11@itu-t.example".to_owned(), "itu-t-manager@ietf.example".to_owned())]);
    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    reader.assert_says("sent a receipt to the sender").assert_silent("sg11@itu-t.example (the sender)");
}

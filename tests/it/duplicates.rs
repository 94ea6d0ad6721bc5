//! *Same statement?* (domain.md 5; story 2; inputs 4): a title, a reference in any spelling, a file that was there before.

use crate::support::people::{self, World};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

async fn world() -> (TestService, World) {
    let service = service(clock("2026-03-02T10:00:00Z")).await;
    let world = people::world(&service).await;
    (service, world)
}

/// Begins a letter and looks at the check page.
async fn check(visitor: &mut Visitor, title: &str, from: &str, reference: &str, file: Option<&[u8]>) {
    visitor.get("/statements/incoming/new").await;
    if let Some(bytes) = file {
        visitor.attach("Files", "letter.pdf", bytes);
    }
    let fields = [
        ("From", from),
        ("To", "wire"),
        ("Title", title),
        ("Purpose", "For Information"),
        ("Text", "Dear colleagues"),
        ("Peer's reference", reference),
    ];
    visitor.submit("Continue to check", &fields).await;
    visitor.assert_status(200).assert_says("Check and submit");
}

#[tokio::test]
async fn what_arrived_before_is_asked_about_and_can_be_linked_instead() {
    let (service, world) = world().await;
    let mut manager = service.as_person(&world.manager_3gpp).await;
    check(&mut manager, "ITU liaison statement", "3GPP SA3", "S3-990417", Some(b"%PDF-1.4 the letter")).await;
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/1");

    for (title, from, reference, file, same) in [
        ("itu Liaison  statement", "3GPP SA3", "", None, "title"),
        ("Another title", "3GPP SA", "s3 990417", None, "reference"),
        ("Another title", "3GPP SA3", "S3\u{2011}990417", None, "reference"),
        ("Another title", "3GPP SA3", "", Some(&b"%PDF-1.4 the letter"[..]), "file"),
        ("ITU liaison statement", "3GPP SA3", "S3-990417", Some(&b"%PDF-1.4 the letter"[..]), "title and reference and file"),
    ] {
        check(&mut manager, title, from, reference, file).await;
        manager.assert_says(&format!("Same statement? Statement 1 from 3GPP SA3, “ITU liaison statement”, has the same {same}."));
    }
    for (title, from, reference) in [("Another title", "ITU-T SG11", "S3-990417"), ("ITU liaison statements", "3GPP SA3", "S3-990418")] {
        check(&mut manager, title, from, reference, None).await;
        manager.assert_silent("Same statement?");
    }

    check(&mut manager, "ITU liaison statement", "3GPP SA3", "", None).await;
    let submit = manager.page.path.clone();
    manager.submit("It is the same: link instead", &[]).await;
    manager.assert_at("/statements/1").assert_says("noted that it arrived once more");
    manager.get(&submit).await;
    manager.assert_says("Given up.");
}

/// inputs.md 4
#[tokio::test]
async fn the_same_title_twice_is_allowed() {
    let (service, world) = world().await;
    let mut manager = service.as_person(&world.manager_3gpp).await;
    for number in 1..=2 {
        check(&mut manager, "ITU liaison statement", "3GPP SA3", "", None).await;
        if number == 2 {
            manager.submit("Record and post", &[]).await;
            manager.assert_status(422).assert_says("Tick that you want it anyway");
            manager.submit("Record and post", &[("Record anyway", "yes")]).await;
        } else {
            manager.submit("Record and post", &[]).await;
        }
        manager.assert_at(&format!("/statements/{number}"));
    }
    let warned: Option<String> = sqlx::query_scalar(
        "SELECT changes #>> '{overruled,same-statement-1}' FROM history JOIN statements USING (statement_id) WHERE number = 2 AND event = 'submitted'",
    )
    .fetch_one(&service.app.pool)
    .await
    .expect("the history");
    assert!(warned.is_some_and(|words| words.contains("same title")));
}

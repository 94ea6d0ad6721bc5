//! Drafts: nothing typed is lost, files belong to the version, and whoever decides has seen what is posted.

use crate::support::people::{World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

async fn tracker() -> (TestService, World) {
    let service = service(clock("2026-03-02T09:00:00Z")).await;
    let world = world(&service).await;
    (service, world)
}

const LETTER: [(&str, &str); 5] = [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "A letter"), ("Purpose", "For Information"), ("Text", "first")];

async fn draft(visitor: &mut Visitor, fields: &[(&str, &str)]) -> String {
    visitor.get("/statements/incoming/new").await;
    visitor.submit("Save draft", fields).await;
    visitor.assert_status(200);
    visitor.page.path.clone()
}

async fn count(service: &TestService, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&service.app.pool).await.expect("a count")
}

#[tokio::test]
async fn an_author_keeps_the_draft_whatever_groups_it_names_and_is_told_at_submission() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;

    draft(&mut chair, &[&LETTER[..1], &[("To", "mesh")], &LETTER[2..]].concat()).await;

    assert_eq!(chair.page.value("Text"), "first");
    chair.submit("Continue to check", &[]).await;
    chair.assert_status(200).assert_says("Ask one of them to submit it");
    assert!(!chair.page.has_button("Submit for review"));
    let check = chair.page.path.clone();
    chair.post(&check, &[("version", "1")]).await;
    chair.assert_status(403);
}

#[tokio::test]
async fn a_form_sent_again_with_other_text_is_a_change_and_loses_nothing() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let fields = |title: &'static str, from: &'static str| {
        [("creation-key", "one"), ("from", from), ("to", "wire"), ("title", title), ("purpose", "for-information"), ("body", title), ("do", "save")]
    };
    manager.post("/statements/incoming/new", &fields("first", "itu-t-sg11")).await;
    let draft = manager.page.path.clone();

    manager.post("/statements/incoming/new", &fields("second", "itu-t-sg11")).await;
    manager.assert_at(&draft).assert_status(200);
    assert_eq!(manager.page.value("Title"), "second");

    manager.post("/statements/incoming/new", &fields("third", "3gpp-sa3")).await;
    manager.assert_status(409).assert_says("You saved this draft elsewhere while you were editing");
    assert_eq!(manager.page.value("Title"), "third");
    manager.get(&draft).await;
    assert_eq!((manager.page.value("Title"), manager.page.value("From")), ("second".to_owned(), "itu-t-sg11".to_owned()));
    assert_eq!(count(&service, "SELECT count(*) FROM statements").await, 1);
    assert_eq!(count(&service, "SELECT count(*) FROM history WHERE event = 'begun'").await, 1);
}

#[tokio::test]
async fn nobody_posts_for_a_sender_by_swapping_the_groups_of_a_draft() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_3gpp).await;
    let fields =
        |from: &'static str| [("creation-key", "k"), ("from", from), ("to", "wire"), ("title", "x"), ("purpose", "for-information"), ("body", "x")];
    manager.post("/statements/incoming/new", &fields("itu-t-sg11")).await;
    let draft = manager.page.path.clone();

    manager.post("/statements/incoming/new", &fields("3gpp-sa3")).await;
    manager.post(&format!("{draft}/submit"), &[("version", "1")]).await;

    assert!(matches!(manager.page.status.as_u16(), 302 | 403 | 200), "{}", manager.page.status);
    assert_eq!(count(&service, "SELECT count(*) FROM statements WHERE state = 'posted' AND from_text LIKE 'ITU-T%'").await, 0);
}

#[tokio::test]
async fn proposed_contacts_follow_the_groups_until_somebody_types() {
    let (service, world) = tracker().await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    draft(&mut coordinator, &LETTER).await;
    assert!(coordinator.page.value("To contacts").starts_with("wire@ietf.example"));

    coordinator.submit("Save draft", &[("To", "keys")]).await;
    assert!(coordinator.page.value("To contacts").starts_with("keys@ietf.example"), "{}", coordinator.page.value("To contacts"));

    coordinator.submit("Save draft", &[("To contacts", "ann@example.org")]).await;
    coordinator.submit("Save draft", &[("To", "wire")]).await;
    assert_eq!(coordinator.page.value("To contacts"), "ann@example.org");
}

#[tokio::test]
async fn a_file_that_changed_is_another_version_for_whoever_submits_or_checks() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let draft = draft(&mut chair, &LETTER).await;
    let mut other = service.as_person(&world.coordinator).await;
    other.get(&format!("{draft}/submit")).await;

    chair.attach("Files", "late.txt", b"added late");
    chair.submit("Save draft", &[]).await;
    other.submit("Record and post", &[]).await;
    other.assert_says("The draft was changed meanwhile").assert_says("late.txt");

    chair.submit("Continue to check", &[]).await;
    chair.submit("Submit for review", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    chair.submit("Take it back to edit", &[]).await;
    chair.submit_in("#file-1", "Remove", &[]).await;
    chair.submit("Continue to check", &[]).await;
    chair.submit("Submit for review", &[]).await;

    manager.submit("Send decision", &[("Decision", "Approve")]).await;

    manager.assert_says("The text changed while you read it").assert_silent("late.txt");
    assert_eq!(count(&service, "SELECT count(*) FROM statements WHERE state = 'posted'").await, 0);
}

#[tokio::test]
async fn the_same_text_submitted_again_is_read_again_before_it_is_signed() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let draft = draft(&mut chair, &LETTER).await;
    chair.submit("Continue to check", &[]).await;
    chair.submit("Submit for review", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    chair.submit("Take it back to edit", &[]).await;
    chair.submit("Continue to check", &[]).await;
    chair.submit("Submit for review", &[]).await;

    manager.submit("Send decision", &[("Decision", "Approve")]).await;

    manager.assert_at(&format!("{draft}/review")).assert_says("Nothing was recorded");
}

#[tokio::test]
async fn a_file_sent_twice_by_a_double_click_is_attached_once() {
    let (service, world) = tracker().await;
    let mut first = service.as_person(&world.chair).await;
    draft(&mut first, &LETTER).await;
    let mut second = service.as_person(&world.chair).await;
    second.get(&first.page.path.clone()).await;

    for visitor in [&mut first, &mut second] {
        visitor.attach("Files", "a.txt", b"the same");
        visitor.submit("Save draft", &[]).await;
        visitor.assert_status(200);
    }

    assert_eq!(count(&service, "SELECT count(*) FROM attachments").await, 1);
}

#[tokio::test]
async fn whoever_decides_too_late_is_told_who_did_and_gets_the_reason_back() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let draft = draft(&mut chair, &LETTER).await;
    chair.submit("Continue to check", &[]).await;
    chair.submit("Submit for review", &[]).await;
    let mut late = [service.as_person(&world.coordinator).await, service.as_person(&world.coordinator2).await];
    for visitor in &mut late {
        visitor.get(&format!("{draft}/review")).await;
    }
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_says("Posted as Statement 1");

    late[0].submit("Send decision", &[("Decision", "Approve")]).await;
    late[0].assert_at("/statements/1").assert_says("Ivo Manager").assert_says("Nothing is left for you to do");
    late[1].submit("Send decision", &[("Decision", "Request changes"), ("What should be changed?", "the date is wrong")]).await;
    late[1].assert_status(409).assert_says("Ivo Manager").assert_says("the date is wrong");
}

#[tokio::test]
async fn who_was_asked_is_told_when_it_is_taken_back() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    draft(&mut chair, &LETTER).await;
    chair.submit("Continue to check", &[]).await;
    chair.submit("Submit for review", &[]).await;

    chair.submit("Take it back to edit", &[]).await;

    let told: Vec<String> =
        sqlx::query_scalar("SELECT recipient FROM mail_deliveries JOIN mails USING (mail_id) WHERE event = 'taken-back' ORDER BY 1")
            .fetch_all(&service.app.pool)
            .await
            .expect("recipients");
    assert_eq!(told, ["itu-t-manager@ietf.example", "liaison-coordination@example.org"]);
}

#[tokio::test]
async fn saving_what_was_deleted_meanwhile_offers_it_as_a_new_draft() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let draft = draft(&mut chair, &LETTER).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&draft).await;
    chair.submit("Delete the draft", &[]).await;
    chair.post(&format!("{draft}/delete"), &[]).await;
    chair.assert_at("/desk").assert_says("was deleted");

    manager.submit("Save draft", &[("Text", "not to be lost")]).await;
    manager.assert_status(409).assert_says("This draft was deleted");
    assert_eq!(manager.page.value("Text"), "not to be lost");
    manager.submit("Save draft", &[]).await;
    manager.assert_status(200);
    assert_ne!(manager.page.path, draft);
    assert_eq!(manager.page.value("Text"), "not to be lost");
}

#[tokio::test]
async fn who_records_may_see_to_it() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    draft(&mut manager, &[&LETTER[..], &[("Who sees to it?", "Me (Ivo Manager)")]].concat()).await;
    manager.submit("Continue to check", &[]).await;
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/1");
    let assignee: String = sqlx::query_scalar("SELECT assignee_name FROM actions").fetch_one(&service.app.pool).await.expect("an action");
    assert_eq!(assignee, "Ivo Manager");
}

#[tokio::test]
async fn the_role_chosen_says_whether_it_is_posted_at_once() {
    let (service, world) = tracker().await;
    crate::support::people::role(&service.app, &world.chair, liaison_tracker::people::RoleKind::Coordinator, None).await;
    let mut chair = service.as_person(&world.chair).await;
    draft(&mut chair, &LETTER).await;
    chair.submit("Continue to check", &[]).await;
    let button = if chair.page.has_button("Submit for review") { "Submit for review" } else { "Record and post" };

    chair.submit(button, &[("In which role do you record it?", "Chair of WIRE")]).await;

    chair.assert_says("In review");
    assert_eq!(count(&service, "SELECT count(*) FROM statements WHERE state = 'posted'").await, 0);
}

#[tokio::test]
async fn references_without_end_are_refused_in_words() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    draft(&mut chair, &LETTER).await;
    chair.submit("Continue to check", &[("Peer's reference", &"x".repeat(4000))]).await;
    chair.assert_status(422).assert_says("A reference must be 200 characters or fewer");
    let many: String = (0..101).map(|n| format!("S2-{n:06};")).collect();
    chair.submit("Continue to check", &[("Peer's reference", &many)]).await;
    chair.assert_status(422).assert_says("At most 100 references");
}

#[tokio::test]
async fn every_version_can_be_read_again_by_whoever_may_read_the_draft() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let draft = draft(&mut chair, &LETTER).await;
    chair.submit("Save draft", &[("Text", "second")]).await;

    chair.click("Versions").await;
    chair.click("Version 2").await;
    chair.assert_says("second").assert_silent("first");
    chair.click("Version 1").await;
    chair.assert_says("first").assert_silent("second");

    let mut stranger = service.visitor();
    stranger.get(&format!("{draft}/versions/1")).await;
    stranger.assert_status(404);
    chair.get(&format!("{draft}/versions/9")).await;
    chair.assert_status(404);
}

#[tokio::test]
async fn a_reason_with_a_sign_that_cannot_be_kept_is_given_back_with_what_to_do() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let draft = draft(&mut chair, &LETTER).await;
    chair.submit("Continue to check", &[]).await;
    chair.submit("Submit for review", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;

    manager.submit("Send decision", &[("Decision", "Request changes"), ("What should be changed?", "the date\u{1b} is wrong")]).await;

    manager.assert_status(422).assert_silent("Enter what should be changed");
    assert_eq!(manager.page.value("What should be changed?"), "the date\u{1b} is wrong");
    assert_eq!(count(&service, "SELECT count(*) FROM sign_offs WHERE state = 'waiting'").await, 1);
}

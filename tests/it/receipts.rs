//! Receipts by default (domain.md 7): set for an organization and purpose, shown, left out by a tick, sent once with posting.

use crate::support::people::{self, World};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-03-02T10:00:00Z";

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/organizations/itu-t").await;
    manager.click("When its senders get one").await;
    manager.submit("Save", &[("For Action", "yes")]).await;
    manager.assert_says("Saved.");
    assert!(manager.page.is_checked("For Action") && !manager.page.is_checked("For Information"));
    (service, world)
}

const LETTER: [(&str, &str); 7] = [
    ("From", "ITU-T SG11"),
    ("To", "wire"),
    ("Title", "LS on wires"),
    ("Purpose", "For Action"),
    ("Deadline", "1 May 2026"),
    ("Text", "Dear colleagues"),
    ("Peer's reference", "SG11-LS45"),
];

async fn to_check(visitor: &mut Visitor, fields: &[(&str, &str)]) {
    visitor.get("/statements/incoming/new").await;
    visitor.submit("Continue to check", fields).await;
    visitor.assert_says("Check and submit");
}

/// The receipt as the page shows it: header lines and text.
fn shown(visitor: &Visitor) -> String {
    visitor.page.texts(".mail-preview pre").into_iter().find(|text| text.contains("Thank you for your liaison statement")).unwrap_or_default()
}

/// Recipients, and what went, as pages show it.
async fn sent(service: &TestService) -> Vec<(String, String)> {
    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "SELECT recipient, to_header, reply_to, subject, body FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'receipt' ORDER BY 1",
    )
    .fetch_all(&service.app.pool)
    .await
    .expect("receipts");
    let plain = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    rows.into_iter()
        .map(|(who, to, reply_to, subject, body)| (who, plain(format!("To: {to} Reply-To: {reply_to} Subject: {subject} {body}"))))
        .collect()
}

#[tokio::test]
async fn what_is_shown_is_what_goes_with_posting_once() {
    let (service, world) = world().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    to_check(&mut manager, &LETTER).await;
    manager.assert_says("A receipt goes to sg11@itu-t.example when it is posted");
    let preview = shown(&manager);
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/1").assert_says("sent a receipt to the sender");
    assert_eq!(sent(&service).await, [("sg11@itu-t.example".to_owned(), preview)]);
    // by hand there is nothing more to send
    manager.get("/statements/1/receipt").await;
    manager.assert_says("A receipt was sent on 2 Mar 2026");
    manager.post("/statements/1/receipt", &[]).await;
    assert_eq!(sent(&service).await.len(), 1);
}

#[tokio::test]
async fn what_waits_for_the_check_sends_it_when_it_is_posted_as_it_was_shown() {
    let (service, world) = world().await;
    let mut chair = service.as_person(&world.chair).await;
    to_check(&mut chair, &LETTER).await;
    let preview = shown(&chair);
    chair.submit("Submit for review", &[]).await;
    assert!(sent(&service).await.is_empty(), "not before it is posted");
    // what is set meanwhile changes nothing of what was shown
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/organizations/itu-t/receipts").await;
    coordinator.submit("Save", &[("For Action", "no")]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let review = format!("{}/review", chair.page.path);
    manager.get(&review).await;
    manager.assert_says("Receipt that goes to the sender");
    assert_eq!(shown(&manager), preview);
    let (mut one, mut two) = (service.as_person(&world.manager_itu_t).await, service.as_person(&world.coordinator).await);
    let decision = [("version", "1"), ("round", "1"), ("decision", "approve")];
    tokio::join!(one.post(&review, &decision), two.post(&review, &decision));
    assert_eq!(sent(&service).await, [("sg11@itu-t.example".to_owned(), preview)]);
}

#[tokio::test]
async fn a_tick_leaves_it_out_and_other_purposes_organizations_and_senders_get_none() {
    let (service, world) = world().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    to_check(&mut manager, &LETTER).await;
    manager.submit("Record and post", &[("Send no receipt this time", "yes")]).await;
    manager.assert_at("/statements/1");
    let for_information = [&LETTER[..2], &[("Title", "For you to know"), ("Purpose", "For Information"), ("Text", "x")]].concat();
    to_check(&mut manager, &for_information).await;
    manager.assert_silent("A receipt goes to");
    manager.submit("Record and post", &[]).await;
    // nobody is named from whom it was received
    let from_nobody = [&LETTER[..2], &[("Title", "From nobody"), ("Purpose", "For Action"), ("Deadline", "1 May 2026"), ("Text", "y")]].concat();
    to_check(&mut manager, &from_nobody).await;
    manager.click("Back to the draft").await;
    manager.submit("Continue to check", &[("Received from", "")]).await;
    manager.assert_silent("A receipt goes to");
    manager.submit("Record and post", &[]).await;
    let mut other = service.as_person(&world.manager_3gpp).await;
    to_check(&mut other, &[&[("From", "3GPP SA3")], &LETTER[1..]].concat()).await;
    other.assert_silent("A receipt goes to");
    let button = "Record and post";
    let is_asked = other.page.text.contains("Same statement?");
    other.submit(button, if is_asked { &[("Record anyway", "yes")] } else { &[] }).await;
    let posted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM statements WHERE state = 'posted'").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(posted, 4);
    assert!(sent(&service).await.is_empty());
}

#[tokio::test]
async fn it_goes_to_whom_it_was_received_from_and_to_nobody_else_whatever_is_sent() {
    let (service, world) = world().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let fields = [
        &LETTER[..],
        &[
            ("Received from", "\"TSB, SG11\" <tsbsg11@itu-t.example>"),
            ("From contacts", "them@itu-t.example"),
            ("Cc contacts", "others@itu-t.example"),
        ],
    ]
    .concat();
    to_check(&mut manager, &fields).await;
    let path = manager.page.path.clone();
    let version: i32 = sqlx::query_scalar("SELECT version FROM statements").fetch_one(&service.app.pool).await.expect("a version");
    let sent_fields = [("version", version.to_string()), ("receipt", "evil@example.net".to_owned()), ("receipt_to", "evil@example.net".to_owned())];
    let sent_fields: Vec<(&str, &str)> = sent_fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    manager.post(&path, &sent_fields).await;
    manager.assert_at("/statements/1");
    let receipts = sent(&service).await;
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].0, "tsbsg11@itu-t.example");
    assert!(
        receipts[0]
            .1
            .starts_with("To: \"TSB, SG11\" <tsbsg11@itu-t.example> Reply-To: itu-t-manager@ietf.example Subject: Receipt: LS on wires (SG11-LS45)"),
        "{}",
        receipts[0].1
    );

    // it is set by its manager and coordinators only, and said who did
    let mut gina = service.as_person(&world.manager_3gpp).await;
    gina.post("/organizations/itu-t/receipts", &[("purpose", "for-information")]).await;
    gina.assert_status(403);
    let set: Vec<String> =
        sqlx::query_scalar("SELECT receipt_for FROM groups WHERE acronym = 'itu-t'").fetch_one(&service.app.pool).await.expect("it");
    assert_eq!(set, ["for-action"]);
    let who: (String, String) =
        sqlx::query_as("SELECT actor_name, actor_role FROM history WHERE event = 'receipts-set'").fetch_one(&service.app.pool).await.expect("a line");
    assert_eq!(who, ("Ivo Manager".to_owned(), "liaison manager for ITU-T".to_owned()));
}

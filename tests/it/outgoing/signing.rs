//! Who gives which sign-off, who may not, and what each refusal leaves (robustness.md AZ04; stories 4, 6, 7, 8).

use liaison_tracker::people::RoleKind;

use super::{decide, drafted, in_review, recipients, rows, state, submit_as, tracker, tracker_with};
use crate::access::{differing, fingerprint};
use crate::support::TestService;
use crate::support::people::{Person, role};

const APPROVE: [(&str, &str); 3] = [("version", "1"), ("round", "1"), ("decision", "approve")];

/// Somebody approves, in a role, and is refused with these words; nothing is recorded.
async fn refused(service: &TestService, person: &Person, draft: &str, acting: &str, status: u16, words: &str) {
    let mut visitor = service.as_person(person).await;
    let before = fingerprint(&service.app.pool).await;
    visitor.post(&format!("{draft}/review"), &[&APPROVE[..], &[("acting", acting)]].concat()).await;
    visitor.assert_status(status).assert_says(words);
    let unlike = differing(&before, &fingerprint(&service.app.pool).await);
    assert!(unlike.iter().all(|table| table.starts_with("sessions")), "{} {acting}: {unlike:?}", person.name);
}

async fn approve(service: &TestService, person: &Person, draft: &str) {
    let mut visitor = service.as_person(person).await;
    decide(&mut visitor, draft, &[("Decision", "Approve")]).await;
    visitor.assert_status(200);
}

#[tokio::test]
async fn az04_a_manager_on_behalf_gives_the_managers_row_and_no_other() {
    let (service, world) = tracker().await;
    role(&service.app, &world.manager_3gpp, RoleKind::AreaDirector, Some("ops")).await;
    let fields = [("To", "3GPP SA3"), ("Send to", "sa3@3gpp.example")];

    // to a peer that is not theirs
    let (mut manager, foreign) = drafted(&service, &world.manager_3gpp, "KEYS", &[]).await;
    submit_as(&mut manager, &foreign, "liaison manager for 3GPP").await;
    manager.assert_status(403).assert_says("the liaison manager of the one organization it goes to");
    assert_eq!(state(&service, &foreign).await, ("draft".to_owned(), None));

    let (mut manager, draft) = drafted(&service, &world.manager_3gpp, "KEYS", &fields).await;
    submit_as(&mut manager, &draft, "liaison manager for 3GPP").await;
    manager.assert_at(&draft);
    assert_eq!(rows(&service, &draft).await, ["agreement:keys waiting", "approval waiting", "manager:3gpp given Gina Manager"]);
    for acting in ["liaison manager for 3GPP", "Area Director of OPS", "chair of KEYS", ""] {
        refused(&service, &world.manager_3gpp, &draft, acting, 403, "can do this").await;
    }
    // who may read it and gives neither; who may not read it
    refused(&service, &world.iab_member, &draft, "", 403, "can do this").await;
    for stranger in [&world.chair, &world.ad_ops, &world.manager_itu_t, &world.outsider] {
        refused(&service, stranger, &draft, "", 404, "").await;
    }

    approve(&service, &world.chair_keys, &draft).await;
    assert_eq!(rows(&service, &draft).await, ["agreement:keys given Kim Chair", "approval waiting", "manager:3gpp given Gina Manager"]);
    // the row is given once: a second time changes nothing
    let before = fingerprint(&service.app.pool).await;
    let mut chair = service.as_person(&world.chair_keys).await;
    chair.post(&format!("{draft}/review"), &APPROVE).await;
    chair.assert_status(200).assert_says("Kim Chair, chair of KEYS approved it");
    let unlike = differing(&before, &fingerprint(&service.app.pool).await);
    assert!(unlike.iter().all(|table| table.starts_with("sessions")), "{unlike:?}");
    approve(&service, &world.ad_sec, &draft).await;
    assert_eq!(state(&service, &draft).await, ("posted".to_owned(), Some(1)));
}

#[tokio::test]
async fn story_6_a_manager_drafts_and_a_chair_of_the_group_asks_for_changes() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.manager_3gpp, "KEYS", &[("To", "3GPP SA3"), ("Send to", "sa3@3gpp.example")]).await;
    let asked = ["agreement:keys waiting", "approval waiting", "manager:3gpp given Gina Manager"];
    assert_eq!(rows(&service, &draft).await, asked);
    approve(&service, &world.ad_sec, &draft).await;
    let mut chair = service.as_person(&world.chair_keys).await;
    decide(&mut chair, &draft, &[("Decision", "Request changes"), ("What should be changed?", "say for how long")]).await;

    let after = ["agreement:keys changes-requested Kim Chair", "approval void Selma Director", "manager:3gpp void Gina Manager"];
    assert_eq!(rows(&service, &draft).await, after);
    assert_eq!(state(&service, &draft).await, ("draft".to_owned(), None));
    assert_eq!(recipients(&service, "changes-requested").await, ["gina@people.example", "selma@people.example"]);
    // whoever may edit it reads why on the form, and whoever may read it on its page
    let why = "hanges requested by Kim Chair, chair of KEYS on 2 Mar 2026: say for how long";
    for person in [&world.manager_3gpp, &world.chair_keys, &world.coordinator, &world.iab_member] {
        let mut reader = service.as_person(person).await;
        reader.get(&draft).await;
        reader.assert_status(200).assert_says(why);
    }
    let mut manager = service.as_person(&world.manager_3gpp).await;
    manager.get(&draft).await;
    manager.submit("Save draft", &[("Text", "Dear SA3,\r\n\r\nfor a year.\r\n")]).await;
    manager.assert_says(why);
    submit_as(&mut manager, &draft, "").await;
    assert_eq!(rows(&service, &draft).await, asked);
    manager.post(&format!("{draft}/take-back"), &[]).await;
    manager.get(&draft).await;
    manager.assert_silent("hanges requested");
    submit_as(&mut manager, &draft, "").await;
    approve(&service, &world.chair_keys, &draft).await;
    approve(&service, &world.ad_sec, &draft).await;
    assert_eq!(state(&service, &draft).await, ("posted".to_owned(), Some(1)));

    // to a peer that is not theirs
    let (manager, foreign) = drafted(&service, &world.manager_3gpp, "KEYS", &[("Title", "Another word on keys")]).await;
    manager.assert_says("the liaison manager of the one organization it goes to").assert_says("Ask one of them to submit it");
    assert_eq!(state(&service, &foreign).await, ("draft".to_owned(), None));
}

#[tokio::test]
async fn nobody_of_the_peer_and_not_the_secretariat_signs() {
    let (service, world) = tracker().await;
    // of another group of the organization that is addressed
    role(&service.app, &world.ad2_net, RoleKind::Chair, Some("itu-t-sg15")).await;
    let draft = in_review(&service, &world.secretary, "WIRE", &[]).await;

    for acting in ["Area Director of NET", "chair of ITU-T SG15", ""] {
        refused(&service, &world.ad2_net, &draft, acting, 403, "Nobody of the organization it goes to signs it.").await;
    }
    refused(&service, &world.secretariat, &draft, "secretariat", 403, "The secretariat never signs in its own name").await;
    service.set_time("2026-03-20T09:00:00Z");
    refused(&service, &world.secretariat, &draft, "secretariat", 403, "The secretariat never signs in its own name").await;
    refused(&service, &world.secretary, &draft, "secretary of WIRE", 403, "can do this").await;
    refused(&service, &world.chair_bench, &draft, "", 404, "").await;
    assert_eq!(rows(&service, &draft).await, ["approval waiting", "manager:itu-t waiting"]);
}

#[tokio::test]
async fn a_coordinator_stands_in_after_the_wait_but_not_for_the_group_they_drafted_for() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.coordinator, "WIRE", &[]).await;
    assert_eq!(rows(&service, &draft).await, ["agreement:wire waiting", "approval waiting", "manager:itu-t waiting"]);

    // Wednesday: two working days
    service.set_time("2026-03-04T09:00:00Z");
    for coordinator in [&world.coordinator, &world.coordinator2] {
        refused(&service, coordinator, &draft, "liaison coordinator", 403, "can do this").await;
    }
    refused(&service, &world.ietf_chair, &draft, "IETF Chair", 403, "can do this").await;

    service.set_time("2026-03-05T09:00:00Z");
    approve(&service, &world.coordinator, &draft).await;
    let after = ["agreement:wire waiting", "approval waiting", "manager:itu-t given Cora Coordinator"];
    assert_eq!(rows(&service, &draft).await, after, "the author's own wish is no agreement");
    approve(&service, &world.coordinator2, &draft).await;
    assert_eq!(rows(&service, &draft).await[0], "agreement:wire given Curt Coordinator");
    approve(&service, &world.ad_net, &draft).await;

    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("Agreed by Curt Coordinator as liaison coordinator on 5 March 2026").assert_says("standing in");
    reader.assert_says("Approved by Nora Director as Area Director of NET on 5 March 2026");
}

#[tokio::test]
async fn a_hold_keeps_it_back_and_its_release_posts() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.secretary, "WIRE", &[]).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.post(&format!("{draft}/hold"), &[("hold-why", "not yet")]).await;
    chair.assert_status(403).assert_says("Only a coordinator can do this.");

    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&format!("{draft}/review")).await;
    coordinator.submit("Hold it", &[("Why do you hold it?", "")]).await;
    coordinator.assert_status(422).assert_says("Enter why you hold it");
    coordinator.submit("Hold it", &[("Why do you hold it?", "we ask the IAB first")]).await;
    coordinator
        .assert_status(200)
        .assert_at(&draft)
        .assert_says("Cora Coordinator, liaison coordinator holds it since 2 Mar 2026: we ask the IAB first");
    assert_eq!(recipients(&service, "held").await, ["sven@people.example"]);

    approve(&service, &world.ad_net, &draft).await;
    approve(&service, &world.manager_itu_t, &draft).await;
    assert_eq!(state(&service, &draft).await, ("in-review".to_owned(), None));
    assert_eq!(recipients(&service, "letter").await, [""; 0]);
    coordinator.get(&draft).await;
    coordinator.assert_says("Everything is given; it is posted once it is released.");
    chair.post(&format!("{draft}/release"), &[]).await;
    chair.assert_status(403);

    let mut other = service.as_person(&world.coordinator2).await;
    other.get(&format!("{draft}/review")).await;
    other.submit("Release it", &[]).await;
    other.assert_at("/statements/1").assert_says("Posted as Statement 1");
    other.post(&format!("{draft}/release"), &[]).await;
    other.assert_at("/statements/1");
    assert_eq!(recipients(&service, "letter").await, ["sg11@itu-t.example"]);
    assert_eq!(recipients(&service, "outgoing-posted").await.iter().filter(|one| *one == "sven@people.example").count(), 1);
}

#[tokio::test]
async fn a_hold_goes_on_through_a_change() {
    let (service, world) = tracker().await;
    role(&service.app, &world.ad_net, RoleKind::LiaisonManager, Some("itu-t")).await;
    let draft = in_review(&service, &world.secretary, "WIRE", &[]).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.post(&format!("{draft}/hold"), &[("hold-why", "we ask the IAB first")]).await;
    // taken back, given up, restored, and submitted by somebody whose own authority is enough
    let mut director = service.as_person(&world.ad_net).await;
    director.post(&format!("{draft}/take-back"), &[]).await;
    coordinator.post(&format!("{draft}/abandon"), &[("reason", "by mistake")]).await;
    coordinator.post(&format!("{draft}/restore"), &[]).await;
    submit_as(&mut director, &draft, "Area Director of NET").await;
    assert_eq!(rows(&service, &draft).await, ["approval given Nora Director", "manager:itu-t given Nora Director"]);
    assert_eq!(state(&service, &draft).await, ("in-review".to_owned(), None));
    director.get(&draft).await;
    director.assert_says("holds it since 2 Mar 2026: we ask the IAB first");
    coordinator.post(&format!("{draft}/release"), &[]).await;
    coordinator.assert_at("/statements/1");
}

#[tokio::test]
async fn what_was_given_elsewhere_is_entered_with_evidence_by_coordinators_and_secretariat() {
    let (service, world) = tracker().await;
    role(&service.app, &world.ad2_net, RoleKind::Coordinator, None).await;
    let draft = in_review(&service, &world.secretary, "WIRE", &[]).await;
    let enter = format!("{draft}/enter");
    for other in [&world.chair, &world.ad_net, &world.manager_itu_t, &world.iab_member] {
        let mut visitor = service.as_person(other).await;
        visitor.get(&enter).await;
        visitor.assert_status(403).assert_says("Only coordinators and the secretariat can do this.");
        visitor.post(&enter, &[("version", "1"), ("round", "1"), ("row", "1"), ("whose", "1"), ("evidence", "x")]).await;
        visitor.assert_status(403);
    }
    // what is one's own to give is not entered
    let mut own = service.as_person(&world.ad2_net).await;
    own.get(&enter).await;
    assert!(!own.page.text.contains("Niels Director (Area Director of NET)"), "{}", own.page.text);
    let row: i64 = sqlx::query_scalar("SELECT sign_off_id FROM sign_offs WHERE kind = 'approval'").fetch_one(&service.app.pool).await.expect("a row");
    let (row, me) = (row.to_string(), world.ad2_net.id.to_string());
    own.post(&enter, &[("version", "1"), ("round", "1"), ("row", &row), ("whose", &me), ("evidence", "a mail")]).await;
    own.assert_status(403).assert_says("What is yours to give, give on the page on which it is asked.");
    // nor in the name of somebody who could not give it
    let stranger = world.ad_sec.id.to_string();
    own.post(&enter, &[("version", "1"), ("round", "1"), ("row", &row), ("whose", &stranger), ("evidence", "a mail")]).await;
    own.assert_status(403).assert_says("Choose somebody who can give");
    assert_eq!(rows(&service, &draft).await, ["approval waiting", "manager:itu-t waiting"]);

    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get(&enter).await;
    secretariat.submit("Enter it", &[("Who gave it?", "Nora Director (Area Director of NET)")]).await;
    secretariat.assert_status(422).assert_says("Enter where it can be seen");
    let evidence = "https://mail.example/arch/ads/17";
    secretariat.submit("Enter it", &[("Who gave it?", "Nora Director (Area Director of NET)"), ("Evidence", evidence)]).await;
    secretariat.assert_status(200).assert_at(&draft).assert_says("entered by Stella Secretariat");
    assert_eq!(rows(&service, &draft).await, ["approval given Nora Director", "manager:itu-t waiting"]);
    assert_eq!(recipients(&service, "entered").await, ["nora@people.example", "sven@people.example"]);

    approve(&service, &world.manager_itu_t, &draft).await;
    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("Approved by Nora Director as Area Director of NET on 2 March 2026").assert_says("entered by Stella Secretariat, secretariat");
    assert_eq!(reader.page.link("Approved by Nora Director as Area Director of NET on 2 March 2026"), evidence);
}

#[tokio::test]
async fn a_change_makes_void_what_was_signed_and_a_stale_page_signs_nothing() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.secretary, "WIRE", &[]).await;
    approve(&service, &world.ad_net, &draft).await;
    let mut late = service.as_person(&world.manager_itu_t).await;
    late.get(&format!("{draft}/review")).await;

    let mut chair = service.as_person(&world.chair).await;
    chair.post(&format!("{draft}/take-back"), &[]).await;
    chair.get(&draft).await;
    chair.submit("Save draft", &[("Title", "Another word on wires")]).await;
    submit_as(&mut chair, &draft, "").await;
    assert_eq!(rows(&service, &draft).await, ["approval waiting", "manager:itu-t waiting"]);
    assert!(recipients(&service, "taken-back").await.contains(&"nora@people.example".to_owned()));
    late.submit("Send decision", &[("Decision", "Approve")]).await;
    late.assert_status(409).assert_says("The text changed while you read it. Nothing was recorded");
    assert_eq!(rows(&service, &draft).await, ["approval waiting", "manager:itu-t waiting"]);
}

#[tokio::test]
async fn in_sequence_each_is_asked_when_the_turn_comes() {
    let (service, world) = tracker_with(&[("LIAISON_SIGN_OFF_ORDER", "sequence"), ("LIAISON_COORDINATOR_REVIEW", "required")]).await;
    let draft = in_review(&service, &world.secretariat, "WIRE", &[]).await;
    assert_eq!(rows(&service, &draft).await, ["agreement:wire waiting", "approval later", "manager:itu-t later", "coordinator later"]);
    let mut asked = vec!["carol@people.example", "chen@people.example", "liaison-coordination@example.org", "sven@people.example"];
    assert_eq!(recipients(&service, "sign-off-asked").await, asked);
    refused(&service, &world.manager_itu_t, &draft, "", 403, "can do this").await;

    approve(&service, &world.chair, &draft).await;
    asked.extend(["niels@people.example", "nora@people.example"]);
    asked.sort_unstable();
    assert_eq!(recipients(&service, "sign-off-asked").await, asked);
    let bodies: Vec<String> =
        sqlx::query_scalar("SELECT body FROM mails WHERE event = 'sign-off-asked'").fetch_all(&service.app.pool).await.expect("mails");
    assert!(bodies.iter().all(|body| body.contains("Submitted by: Stella Secretariat")), "{bodies:?}");
    approve(&service, &world.ad_net, &draft).await;
    asked.push("itu-t-manager@ietf.example");
    asked.sort_unstable();
    assert_eq!(recipients(&service, "sign-off-asked").await, asked);
    approve(&service, &world.manager_itu_t, &draft).await;
    asked.push("liaison-coordination@example.org");
    asked.sort_unstable();
    assert_eq!(recipients(&service, "sign-off-asked").await, asked);
    assert_eq!(state(&service, &draft).await, ("in-review".to_owned(), None));
    approve(&service, &world.coordinator2, &draft).await;
    assert_eq!(state(&service, &draft).await, ("posted".to_owned(), Some(1)));
}

//! What comes back: a peer's reply, a receipt, nothing any more; and replies of ours that do not end it (stories 5, 7).

use liaison_tracker::ids::StatementId;

use super::{decide, letter, part, recipients, submitted_reply, tracker};
use crate::support::people::{Person, World};
use crate::support::visitor::Visitor;
use crate::support::{TestService, posted, time};

const REPLY: [(&str, &str); 6] = [
    ("From", "ITU-T SG11"),
    ("To", "wire"),
    ("Title", "Our answer"),
    ("Purpose", "In Response"),
    ("Does it answer a statement?", "1"),
    ("Text", "Yes."),
];

/// Statement 1 of WIRE, for action to SG11 and SA3.
async fn asked(service: &TestService) -> StatementId {
    let new = posted::NewStatement {
        direction: "outgoing",
        from: &["wire"],
        to: &["itu-t-sg11", "3gpp-sa3"],
        purpose: Some("for-action"),
        purposes: &[Some("for-action"), Some("for-action")],
        title: "Two questions",
        posted: "2026-03-01",
        ..posted::incoming(1)
    };
    let id = StatementId(posted::put(&service.app, &new).await);
    for group in new.to {
        let action = posted::NewAction { group, purpose: "for-action", state: "awaited", assignee: "", due_on: Some("2026-05-30"), closed_on: None };
        posted::act(&service.app, id.0, action).await;
    }
    sqlx::query("UPDATE number_counter SET last_number = 1").execute(&service.app.pool).await.expect("the counter");
    id
}

/// A peer's reply on its check page.
async fn on_check_page(service: &TestService, person: &Person) -> Visitor {
    let mut visitor = service.as_person(person).await;
    visitor.get("/statements/incoming/new").await;
    visitor.submit("Continue to check", &REPLY).await;
    visitor.assert_status(200);
    visitor
}

async fn history(service: &TestService, id: StatementId) -> String {
    let lines: Vec<String> = sqlx::query_scalar("SELECT words FROM history WHERE statement_id = $1 AND audience = 'public' ORDER BY history_id")
        .bind(id.0)
        .fetch_all(&service.app.pool)
        .await
        .expect("history");
    lines.join("\n")
}

async fn status(visitor: &mut Visitor, number: i32) -> String {
    visitor.get(&format!("/statements/{number}")).await;
    visitor.page.texts(".status-box p").first().cloned().unwrap_or_default()
}

#[tokio::test]
async fn story_7_who_answers_is_awaited_no_longer_and_the_other_still_is() {
    let (service, world) = tracker().await;
    let id = asked(&service).await;

    let mut manager = on_check_page(&service, &world.manager_itu_t).await;
    manager.assert_says("Does it answer in full?").assert_says("It answers Statement 1");
    assert_eq!((manager.page.value("ITU-T SG11"), manager.page.value("3GPP SA3")), ("In full".to_owned(), "Not: it stays awaited".to_owned()));
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/2");

    assert_eq!(part(&service.app, id, "itu-t-sg11").await, "answered");
    assert_eq!(part(&service.app, id, "3gpp-sa3").await, "awaited");
    let mut reader = service.visitor();
    let said = status(&mut reader, 1).await;
    assert!(
        said.contains("waited from 3GPP SA3 by Saturday 30 May 2026") || said.contains("We asked 3GPP SA3 to act by Saturday 30 May 2026"),
        "{said}"
    );
    assert!(said.contains("answered by ITU-T SG11 on 2 March 2026"), "{said}");
    assert!(history(&service, id).await.contains("noted that Statement 2 answers it: closed for ITU-T SG11"));
}

#[tokio::test]
async fn an_answer_in_part_leaves_it_awaited_and_several_are_answered_at_once() {
    let (service, world) = tracker().await;
    let id = asked(&service).await;

    let mut manager = on_check_page(&service, &world.manager_itu_t).await;
    manager.submit("Record and post", &[("ITU-T SG11", "In part: it stays awaited"), ("3GPP SA3", "Not: it stays awaited")]).await;
    manager.assert_at("/statements/2");
    assert_eq!(part(&service.app, id, "itu-t-sg11").await, "awaited");
    assert!(history(&service, id).await.contains("noted that Statement 2 answers it in part: still awaited from ITU-T SG11"));
    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("answers this one, a preliminary reply");

    let mut manager = on_check_page(&service, &world.manager_itu_t).await;
    let fields = [("ITU-T SG11", "In full"), ("3GPP SA3", "In full")];
    manager.submit("Record and post", &fields).await;
    // the same title as before is warned of; what was chosen stays chosen
    manager.assert_status(422);
    assert_eq!(manager.page.value("3GPP SA3"), "In full");
    manager.submit("Record and post", &[("Record anyway", "yes")]).await;
    manager.assert_at("/statements/3");
    for group in ["itu-t-sg11", "3gpp-sa3"] {
        assert_eq!(part(&service.app, id, group).await, "answered", "{group}");
    }
    assert_eq!(status(&mut reader, 1).await, "Answered by Statement 3 on 2 March 2026.");
}

#[tokio::test]
async fn what_was_said_of_each_part_holds_until_the_check_before_posting() {
    let (service, world) = tracker().await;
    let id = asked(&service).await;
    let mut chair = on_check_page(&service, &world.chair).await;
    chair.submit("Submit for review", &[("ITU-T SG11", "Not: it stays awaited"), ("3GPP SA3", "In full")]).await;
    let draft = chair.page.path.clone();
    assert_eq!(part(&service.app, id, "3gpp-sa3").await, "awaited");

    let mut manager = service.as_person(&world.manager_itu_t).await;
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/2");

    assert_eq!(part(&service.app, id, "itu-t-sg11").await, "awaited");
    assert_eq!(part(&service.app, id, "3gpp-sa3").await, "answered");
}

#[tokio::test]
async fn it_is_no_longer_awaited_with_a_reason_and_can_be_again() {
    let (service, world) = tracker().await;
    let id = asked(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1/actions/itu-t-sg11").await;
    chair.submit("Record it", &[("What do you record?", "No longer awaited")]).await;
    chair.assert_status(422);
    assert_eq!(chair.page.problems(), ["Enter why it is no longer awaited"]);
    chair.submit("Record it", &[("In words", "settled at the joint meeting")]).await;
    chair.assert_at("/statements/1").assert_says("No longer awaited.");
    assert_eq!(part(&service.app, id, "itu-t-sg11").await, "no-longer-awaited");
    let mut reader = service.visitor();
    let said = status(&mut reader, 1).await;
    assert!(said.contains("no longer awaited from ITU-T SG11 on 2 March 2026"), "{said}");

    chair.get("/statements/1/actions/itu-t-sg11").await;
    chair.submit("Undo it", &[]).await;
    assert_eq!(part(&service.app, id, "itu-t-sg11").await, "awaited");
    for (step, state) in [("No longer awaited", "no-longer-awaited"), ("Reopen it", "awaited")] {
        chair.get("/statements/1/actions/itu-t-sg11").await;
        let words: &[(&str, &str)] = if step == "Reopen it" { &[] } else { &[("In words", "settled")] };
        chair.submit("Record it", &[&[("What do you record?", step)][..], words].concat()).await;
        assert_eq!(part(&service.app, id, "itu-t-sg11").await, state);
    }
    // another peer's manager has no say
    let mut other = service.as_person(&world.manager_3gpp).await;
    other.post("/statements/1/actions/itu-t-sg11", &[("step", "stop-awaiting"), ("words", "x"), ("version", "1")]).await;
    other.assert_status(403);
}

#[tokio::test]
async fn a_new_day_is_agreed_for_what_is_awaited() {
    let (service, world) = tracker().await;
    asked(&service).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1/actions/itu-t-sg11").await;
    manager
        .submit("Set the deadline", &[("Deadline", "30 June 2026"), ("Whose day is it?", "Agreed with the peer"), ("Agreed with whom?", "SG11")])
        .await;
    manager.assert_at("/statements/1").assert_says("30 June 2026").assert_says("agreed with SG11");
}

#[tokio::test]
async fn the_peers_number_for_it_is_noted_once_and_finds_it() {
    let (service, world) = tracker().await;
    let id = asked(&service).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1").await;
    manager.click("Note that the peer has it").await;
    manager.submit("Note it", &[("Peer's reference", ""), ("In words", "by mail\nof Monday")]).await;
    manager.assert_status(422);
    assert_eq!(manager.page.problems(), ["Enter the number or the receipt that they gave"]);
    assert_eq!(manager.page.value("In words").replace('\r', ""), "by mail\nof Monday");
    for said in ["Noted; it is found by TD 777-GEN", "That is recorded already."] {
        manager.get("/statements/1/confirmed").await;
        manager.submit("Note it", &[("Peer's reference", "TD 777-GEN"), ("Who gave it?", "ITU-T SG11"), ("In words", "by mail")]).await;
        manager.assert_at("/statements/1").assert_says(said);
    }
    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("TD 777-GEN").assert_says("given by ITU-T SG11").assert_says("noted that ITU-T SG11 has it, as TD 777-GEN: by mail");
    reader.get("/statements?q=td777gen").await;
    reader.assert_says("Two questions");
    assert_eq!(history(&service, id).await.matches("has it").count(), 1);
    // it is of outgoing ones, and for who speaks with the peer
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/1/confirmed").await;
    secretary.assert_status(403);
}

#[tokio::test]
async fn removing_a_reply_opens_again_what_it_had_closed_and_tells_who_drafts_an_answer() {
    let (service, world) = tracker().await;
    let id = asked(&service).await;
    let mut manager = on_check_page(&service, &world.manager_itu_t).await;
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/2");
    let mut chair = service.as_person(&world.chair_keys).await;
    chair.get("/statements/outgoing/new?form=yes").await;
    chair.submit("Save draft", &[("From", "keys"), ("To", "ITU-T SG11"), ("Title", "Thanks"), ("Does it answer a statement?", "2")]).await;

    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/statements/2/remove").await;
    secretariat.submit("Remove it", &[("Why is it removed?", "not theirs")]).await;

    secretariat.assert_says("Removed on 2 March 2026: not theirs");
    assert_eq!(part(&service.app, id, "itu-t-sg11").await, "awaited");
    assert!(history(&service, id).await.contains("reopened it for ITU-T SG11: Statement 2, which ended it, was removed"));
    assert!(recipients(&service, "removed").await.contains(&"kim@people.example".to_owned()));
}

async fn approve(service: &TestService, world: &World, draft: &str) {
    for person in [&world.ad_net, &world.manager_itu_t] {
        let mut visitor = service.as_person(person).await;
        decide(&mut visitor, draft, &[("Decision", "Approve")]).await;
        visitor.assert_status(200);
    }
}

#[tokio::test]
async fn story_5_a_holding_reply_leaves_it_open_until_the_final_one() {
    let (service, world) = tracker().await;
    let id = letter(&service.app).await;
    let (_, draft) = submitted_reply(&service, &world.chair, 1, &[("Kind of reply to Statement 1", "Preliminary")]).await;
    approve(&service, &world, &draft).await;

    assert_eq!(part(&service.app, id, "wire").await, "in-progress");
    let mut reader = service.visitor();
    let said = status(&mut reader, 1).await;
    assert!(
        said.starts_with("In progress: a preliminary reply went on 2 March 2026 (Statement 2). The final one is due Friday 1 May 2026"),
        "{said}"
    );
    for path in ["/statements.atom", "/statements.json", "/api/v1/statements", "/api/v1/statements/1"] {
        reader.get(path).await;
        let words = "a preliminary reply went on 2 March 2026 (Statement 2)";
        assert!(reader.page.source().contains(words), "{path}: {}", reader.page.source());
    }

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1/actions/wire").await;
    let agreed = [("Deadline", "30 June 2026"), ("Whose day is it?", "Agreed with the peer"), ("Agreed with whom?", "SG11")];
    manager.submit("Set the deadline", &agreed).await;
    manager.assert_at("/statements/1");
    assert!(status(&mut reader, 1).await.contains("The final one is due Tuesday 30 June 2026"), "{}", reader.page.text);
    reader.assert_says("Friday 1 May 2026").assert_says("agreed with SG11");

    service.app.clock.set(time("2026-06-20T09:00:00Z"));
    let (_, draft) = submitted_reply(&service, &world.chair, 1, &[("Group informed on", "1 June 2026"), ("Title", "Final reply")]).await;
    approve(&service, &world, &draft).await;
    assert_eq!(part(&service.app, id, "wire").await, "responded");
    assert!(status(&mut reader, 1).await.contains("responded by WIRE on 20 June 2026"), "{}", reader.page.text);

    let (_, draft) =
        submitted_reply(&service, &world.chair, 1, &[("Kind of reply to Statement 1", "Status update"), ("Title", "One more word")]).await;
    approve(&service, &world, &draft).await;
    reader.get("/statements/4").await;
    reader.assert_status(200);
    assert_eq!(part(&service.app, id, "wire").await, "responded");
}

#[tokio::test]
async fn a_reply_that_is_being_drafted_is_told_to_who_may_read_it_alone() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/outgoing/new?in-response-to=1").await;
    chair.submit("Save draft", &[("Title", "First try")]).await;
    let draft = chair.page.path.clone();

    let mut director = service.as_person(&world.ad_net).await;
    director.get("/statements/1").await;
    director.assert_says("A reply is being drafted. First try");
    assert_eq!(director.page.link("First try"), draft);
    let mut second = service.as_person(&world.chair2).await;
    second.get("/statements/outgoing/new?in-response-to=1").await;
    second.assert_says("A reply is being drafted already: First try");
    chair.get(&draft).await;
    chair.assert_silent("being drafted already");
    for other in [Some(&world.manager_3gpp), Some(&world.outsider), None] {
        let mut other = match other {
            Some(person) => service.as_person(person).await,
            None => service.visitor(),
        };
        other.get("/statements/1").await;
        other.assert_status(200).assert_silent("being drafted").assert_silent("First try");
    }

    submitted_reply(&service, &world.secretary, 1, &[("Title", "Second try")]).await;
    director.get("/statements/1").await;
    director.assert_says("A reply is being drafted, waits for approval by").assert_says("Nora Director");
}

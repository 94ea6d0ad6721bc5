//! The IAB's own statements: its Chair approves them with the link to the IAB's decision (4053bis 4.1).

use liaison_tracker::checkup;

use super::{decide, drafted, in_review, rows, state, submit_as, tracker};

const LABEL: &str = "Link to the IAB's decision";
const MINUTES: &str = "https://iab.example/minutes/2026-03-01";
const NOT_CALLED: (&str, &str) = ("Link to the consensus", "");

#[tokio::test]
async fn its_chair_approves_with_the_link_to_the_decision_which_everybody_reads() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.coordinator, "iab", &[NOT_CALLED]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    manager.assert_silent(LABEL);
    let mut chair = service.as_person(&world.iab_chair).await;
    decide(&mut chair, &draft, &[("Decision", "Approve")]).await;
    chair.assert_status(422).assert_says("Enter the link to the IAB's decision");
    for typed in ["in our minutes", "javascript:alert(1)"] {
        chair.submit("Send decision", &[("Decision", "Approve"), (LABEL, typed)]).await;
        chair.assert_status(422).assert_says("Enter a web address");
        assert_eq!(chair.page.value(LABEL), typed);
    }
    assert!(rows(&service, &draft).await.contains(&"approval:iab waiting".to_owned()));
    chair.submit("Send decision", &[("Decision", "Approve"), (LABEL, MINUTES)]).await;
    chair.assert_status(200);
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1");
    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("Approved by Abel Lead as IAB Chair");
    assert_eq!(reader.page.find_link("Approved by Abel Lead as IAB Chair on 2 March 2026").as_deref(), Some(MINUTES));
    assert_eq!(checkup::store::broken(&service.app.pool).await.expect("a check"), []);
}

/// What its author gave as the link to the consensus is proposed: one tap less.
#[tokio::test]
async fn the_link_that_its_author_gave_is_proposed_and_changes_need_none() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.coordinator, "iab", &[]).await;
    let mut chair = service.as_person(&world.iab_chair).await;
    chair.get(&format!("{draft}/review")).await;
    assert_eq!(chair.page.value(LABEL), "https://mail.example/arch/wire/call");
    chair.submit("Send decision", &[("Decision", "Request changes"), ("What should be changed?", "the title"), (LABEL, "")]).await;
    chair.assert_status(200).assert_at(&draft);
    assert_eq!(state(&service, &draft).await.0, "draft");
}

#[tokio::test]
async fn who_submits_as_its_chair_names_the_decision_too() {
    let (service, world) = tracker().await;
    let (mut chair, draft) = drafted(&service, &world.iab_chair, "iab", &[NOT_CALLED]).await;
    chair.assert_says("You approve it for the IAB by submitting it");
    submit_as(&mut chair, &draft, "").await;
    chair.assert_status(422).assert_says("Enter the link to the IAB's decision");
    assert_eq!(state(&service, &draft).await.0, "draft");
    chair.submit("Submit for review", &[(LABEL, MINUTES)]).await;
    chair.assert_status(200).assert_at(&draft).assert_says(MINUTES);
    assert!(rows(&service, &draft).await.contains(&"approval:iab given Abel Lead".to_owned()));
}

#[tokio::test]
async fn what_left_without_it_is_confirmed_with_the_link() {
    let (service, world) = tracker().await;
    let otherwise = [("Delivered how", "It is delivered in another way"), ("Delivered how, in words", "by their portal")];
    let draft = in_review(&service, &world.coordinator, "iab", &otherwise).await;
    let mut coordinator = service.as_person(&world.coordinator2).await;
    coordinator.get(&format!("{draft}/enter")).await;
    let fields = [("Who gave it?", "Nobody: it has left without approval"), ("Evidence", "https://mail.example/arch/sent/3")];
    coordinator.submit("Enter it", &fields).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1");
    let mut chair = service.as_person(&world.iab_chair).await;
    chair.get("/statements/1/approval").await;
    chair.submit("Send decision", &[("Decision", "Confirm it")]).await;
    chair.assert_status(422).assert_says("Enter the link to the IAB's decision");
    chair.submit("Send decision", &[("Decision", "Confirm it"), (LABEL, MINUTES)]).await;
    chair.assert_at("/statements/1").assert_says("Approved by Abel Lead as IAB Chair");
}

/// The database holds it too, whoever writes.
#[tokio::test]
async fn the_database_refuses_an_approval_of_the_iab_without_a_decision() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.coordinator, "iab", &[]).await;
    let sign = "UPDATE sign_offs SET state = 'given', decided_by = submitted_by, decided_at = now(), evidence = $2
                  FROM statements WHERE statements.statement_id = sign_offs.statement_id AND draft_id = $1 AND sign_offs.kind = 'approval'";
    let id = draft.rsplit('/').next();
    let refused = sqlx::query(sign).bind(id).bind("").execute(&service.app.pool).await.expect_err("a refusal");
    assert_eq!(refused.as_database_error().and_then(|error| error.constraint()), Some("approval_of_iab_names_its_decision"));
    sqlx::query(sign).bind(id).bind(MINUTES).execute(&service.app.pool).await.expect("a decision");
}

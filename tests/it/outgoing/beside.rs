//! What stands beside the form of an outgoing statement, and what its page says of it (story 8).

use super::{COMPLETE, decide, drafted, letter, recipients, submit_as, submitted_reply, tracker};
use crate::support::form::selector;

#[tokio::test]
async fn the_form_proposes_contacts_says_how_to_send_and_overwrites_nothing() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    sqlx::query(
        "UPDATE groups SET send_by = 'portal', send_at = 'https://portal.itu.example', how_to_send = 'Name the question' WHERE acronym = 'itu-t'",
    )
    .execute(&service.app.pool)
    .await
    .expect("notes");
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/outgoing/new?reply-to=1").await;

    assert_eq!(chair.page.value("Send to"), "tsbsg11@itu-t.example", "where it came from wins");
    assert_eq!(chair.page.value("Send reply to"), "itu-t-manager@ietf.example");
    assert!(chair.page.value("Cc contacts").contains("nora@people.example"));
    for words in ["How to send to ITU-T SG11", "sg11@itu-t.example: nobody has confirmed it yet", "https://portal.itu.example", "Name the question"] {
        chair.assert_says(words);
    }
    chair.assert_says("Contacts of Statement 1, the last one exchanged");

    chair.submit("Save draft", &[("Send reply to", "own@wire.example")]).await;
    chair.submit("Save draft", &[("To", "ITU-T SG15")]).await;
    assert_eq!(chair.page.value("Send reply to"), "own@wire.example");
    assert_eq!(chair.page.value("Send to"), "tsbsg11@itu-t.example");
}

#[tokio::test]
async fn what_was_only_proposed_follows_the_groups_even_from_a_form_that_came_filled_in() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/outgoing/new?form=yes").await;
    chair.submit("Save draft", &[("From", "wire"), ("To", "ITU-T SG11"), ("Title", "A question")]).await;
    assert_eq!(chair.page.value("Send to"), "sg11@itu-t.example");
    chair.submit("Save draft", &[("To", "3GPP SA3")]).await;
    assert_eq!(chair.page.value("Send to"), "sa3@3gpp.example");
    assert_eq!(chair.page.value("Send reply to"), "3gpp-manager@ietf.example");
}

#[tokio::test]
async fn cited_documents_are_explained_by_a_button_or_warned_of() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/outgoing/new?in-response-to=1").await;
    let text = ("Text", "Please see draft-smith-wire-02 and RFC 4052.\r\n");
    chair.submit("Save draft", &[&COMPLETE[1..], &[text]].concat()).await;
    chair.assert_says("Cited documents").assert_says("draft-smith-wire is an individual contribution");
    let draft = chair.page.path.clone();

    chair.submit("Continue to check and submit", &[("What RFC 4052 is", "Historic")]).await;
    chair.submit("Submit for review", &[]).await;
    chair.assert_status(422);
    chair.assert_says("draft-smith-wire is cited (Individual draft)").assert_says("RFC 4052 is cited (Historic)");

    chair.get(&draft).await;
    assert_eq!(chair.page.value("What RFC 4052 is"), "Historic", "the form keeps it");
    for name in ["draft-smith-wire", "RFC 4052"] {
        chair.submit(&format!("Put the sentence into the text: {name}"), &[]).await;
        chair.assert_status(200);
    }
    let body = chair.page.value("Text");
    assert!(body.contains("draft-smith-wire is an individual contribution") && body.contains("RFC 4052 is Historic"), "{body}");
    chair.submit("Continue to check and submit", &[]).await;
    chair.assert_silent("is cited (");
    chair.submit("Submit for review", &[]).await;
    chair.assert_status(200).assert_says("In review");
}

#[tokio::test]
async fn story_8_what_was_delivered_otherwise_is_recorded_and_found_by_its_receipt() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let fields = [
        ("Delivered how", "It is delivered in another way"),
        ("Delivered how, in words", "the TIES portal"),
        ("Delivered on", "1 March 2026"),
        ("Evidence", "RCPT-7781/26"),
    ];
    let (_, draft) = submitted_reply(&service, &world.chair, 1, &fields).await;
    for person in [&world.ad_net, &world.manager_itu_t] {
        let mut visitor = service.as_person(person).await;
        decide(&mut visitor, &draft, &[("Decision", "Approve")]).await;
    }

    assert_eq!(recipients(&service, "letter").await, [""; 0]);
    let (subject, body): (String, String) =
        sqlx::query_as("SELECT subject, body FROM mails WHERE event = 'outgoing-posted'").fetch_one(&service.app.pool).await.expect("a mail");
    assert!(subject.starts_with("Recorded: Statement 2"), "{subject}");
    assert!(body.contains("It reached ITU-T SG11 by the TIES portal on 1 Mar 2026 (RCPT-7781/26); no mail went to them."), "{body}");
    let mut reader = service.visitor();
    reader.get("/statements?q=rcpt%207781%2F26").await;
    reader.assert_says("Reply: LS on wire formats");
    reader.get("/statements/2").await;
    for words in [
        "the TIES portal",
        "RCPT-7781/26",
        "given by ITU-T",
        "Group consensus",
        "It states the consensus of WIRE, not of the IETF as a whole.",
        "https://mail.example/arch/wire/call",
        "Group informed on",
    ] {
        reader.assert_says(words);
    }
    reader.get("/statements/2.txt").await;
    reader.assert_says("Delivered how: the TIES portal").assert_says("Evidence: RCPT-7781/26");
}

/// 4053bis 4.2: from the IESG it is said whether the IESG's consensus is meant.
#[tokio::test]
async fn the_iesgs_consensus_may_be_stated_by_the_iesg_alone() {
    let (service, world) = tracker().await;
    let (mut chair, draft) = drafted(&service, &world.ietf_chair, "iesg", &[("Consensus", "No consensus sought")]).await;
    chair.get(&draft).await;
    chair.submit("Continue to check and submit", &[("Consensus", "IESG consensus")]).await;
    chair.assert_says("IESG consensus").assert_silent("claims the consensus of the IESG");
    submit_as(&mut chair, &draft, "").await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    manager.assert_says("It states the consensus of the IESG, not of the IETF as a whole.");
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1").assert_says("It states the consensus of the IESG, not of the IETF as a whole.");

    let mut other = service.as_person(&world.chair).await;
    other.get("/statements/outgoing/new?form=yes").await;
    other.assert_silent("IESG consensus");
    other.get("/statements/outgoing/new?form=yes").await;
    other.submit("Save draft", &[("From", "wire"), ("To", "ITU-T SG11")]).await;
    let wires = other.page.path.clone();
    let version =
        other.page.html.select(&selector("input[name=version]")).next().and_then(|input| input.attr("value")).unwrap_or_default().to_owned();
    let forged =
        [("version", version.as_str()), ("from", "wire"), ("to", "ITU-T SG11"), ("title", "x"), ("body", "x"), ("purpose", "for-information")];
    other.post(&wires, &[&forged[..], &[("consensus", "iesg"), ("do", "check")]].concat()).await;
    other.assert_says("It claims the consensus of the IESG, but is from WIRE.");
}

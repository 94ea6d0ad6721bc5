//! The ordinary reply (story 4), the holding reply (story 5).

use super::{decide, letter, part, recipients, submitted_reply, tracker};

#[tokio::test]
async fn story_4_a_reply_is_drafted_signed_posted_and_sent_once() {
    let (service, world) = tracker().await;
    let letter = letter(&service.app).await;

    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/1").await;
    secretary.click("Reply").await;
    assert_eq!(secretary.page.value("From"), "WIRE");
    assert_eq!(secretary.page.value("To"), "ITU-T SG11");
    assert_eq!(secretary.page.value("Send to"), "tsbsg11@itu-t.example");
    assert!(secretary.page.is_checked("In Response"));
    secretary.assert_says("Reply due Friday 1 May 2026").assert_says("submit by Sunday 26 April 2026");

    let (secretary, draft) = submitted_reply(&service, &world.secretary, 1, &[]).await;
    secretary.assert_at(&draft).assert_says("In review");
    let asked = ["itu-t-manager@ietf.example", "liaison-coordination@example.org", "niels@people.example", "nora@people.example"];
    assert_eq!(recipients(&service, "sign-off-asked").await, asked);
    assert_eq!(recipients(&service, "letter").await, [""; 0]);

    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Approve")]).await;
    director.assert_status(200).assert_says("It waits for what is still needed");

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    manager.assert_says("Approve the reply to ITU-T SG11?").assert_says("please note our work");
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/2").assert_says("Posted as Statement 2");

    assert_eq!(recipients(&service, "letter").await, ["tsbsg11@itu-t.example"]);
    let told = [
        "carol@people.example",
        "chen@people.example",
        "itu-t-manager@ietf.example",
        "liaison-coordination@example.org",
        "niels@people.example",
        "nora@people.example",
        "sven@people.example",
        "wire@ietf.example",
    ];
    assert_eq!(recipients(&service, "outgoing-posted").await, told);
    let reply_to: String =
        sqlx::query_scalar("SELECT reply_to FROM mails WHERE event = 'letter'").fetch_one(&service.app.pool).await.expect("a letter");
    assert_eq!(reply_to, "itu-t-manager@ietf.example");
    assert_eq!(part(&service.app, letter, "wire").await, "responded");
    assert_eq!(part(&service.app, letter, "bench").await, "open");

    let mut stranger = service.visitor();
    stranger.get("/statements/1").await;
    stranger.assert_says("responded by WIRE on 2 March 2026");
    stranger.get("/statements/2").await;
    stranger.assert_status(200).assert_says("we thank you, and agree");
}

//! Outgoing statements as people click them: replied to, decided on a phone, delivered by portal (stories 4, 7, 8).

use crate::shared::people::world;
use crate::support::{Browser, Look, PHONE, PLAIN, Site, WIDE, browse};

const TODAY: &str = "2026-03-02T09:00:00Z";

/// SG11's letter for action to WIRE, recorded and posted by the manager as Statement 1.
async fn recorded(manager: &Browser) {
    manager.open("/statements/incoming/new").await;
    for (label, value) in [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Text", "Please comment.")] {
        manager.fill(label, value).await;
    }
    manager.choose("For Action").await;
    manager.fill("Deadline", "1 May 2026").await;
    manager.press("Continue to check").await;
    manager.press("Record and post").await;
    manager.assert_at("/statements/1").await;
}

async fn fits(browser: &Browser) {
    let wider = browser.run("return document.documentElement.scrollWidth - window.innerWidth", Vec::new()).await;
    assert!(wider.as_i64().unwrap_or(1) <= 0, "{} is {wider} pixels wider than the phone", browser.path().await);
}

/// Replies to Statement 1 and submits; the path of the draft.
async fn replied(author: &Browser, by_portal: bool) -> String {
    author.open("/statements/1").await;
    author.follow("Reply").await;
    author.assert_says("How to send to ITU-T SG11").await;
    author.fill("Text", "Dear SG11, we agree.").await;
    author.choose("Group consensus").await;
    author.fill("Link to the consensus", "https://mail.example/call").await;
    author.fill("Group informed on", "1 March 2026").await;
    if by_portal {
        author.choose("It is delivered in another way").await;
        author.fill("Delivered how, in words", "their portal").await;
        author.fill("Evidence", "RCPT-7781").await;
    }
    author.press("Continue to check and submit").await;
    author.assert_says("What happens next").await;
    let draft = author.path().await.trim_end_matches("/submit").to_owned();
    author.press("Submit for review").await;
    author.assert_says("In review").await;
    draft
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_is_drafted_and_decided_from_a_mails_link_in_three_taps() {
    for (desk, phone) in [(WIDE, PHONE), (PLAIN, Look { has_script: false, ..PHONE })] {
        let site = Site::open(TODAY).await;
        let world = world(&site.service).await;
        browse(&site, desk, async |manager| {
            manager.sign_in(&world.manager_itu_t).await;
            recorded(manager).await;
        })
        .await;
        let draft = browse(&site, desk, async |author| {
            author.sign_in(&world.secretary).await;
            replied(author, false).await
        })
        .await;
        for (person, after) in [(&world.ad_net, "It waits for what is still needed"), (&world.manager_itu_t, "Posted as Statement 2")] {
            browse(&site, phone, async |signer| {
                signer.sign_in(person).await;
                // the link of the mail, then two taps
                signer.open(&format!("{draft}/review")).await;
                signer.assert_says("Dear SG11, we agree.").await;
                if phone.has_script {
                    fits(signer).await;
                }
                signer.choose("Approve").await;
                signer.press("Send decision").await;
                signer.assert_says(after).await;
            })
            .await;
        }
        browse(&site, phone, async |reader| {
            reader.open("/statements/1").await;
            reader.assert_says("Responded on 2 March 2026 by Statement 2").await;
            reader.open("/statements/2").await;
            reader.assert_says("It states the consensus of WIRE").await;
            if phone.has_script {
                fits(reader).await;
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_8_what_went_by_portal_is_found_by_its_receipt() {
    for desk in [WIDE, PLAIN] {
        let site = Site::open(TODAY).await;
        let world = world(&site.service).await;
        browse(&site, desk, async |manager| {
            manager.sign_in(&world.manager_itu_t).await;
            recorded(manager).await;
        })
        .await;
        let draft = browse(&site, desk, async |author| {
            author.sign_in(&world.chair).await;
            replied(author, true).await
        })
        .await;
        for person in [&world.ad_net, &world.manager_itu_t] {
            browse(&site, desk, async |signer| {
                signer.sign_in(person).await;
                signer.open(&format!("{draft}/review")).await;
                signer.choose("Approve").await;
                signer.press("Send decision").await;
            })
            .await;
        }
        browse(&site, desk, async |reader| {
            reader.open("/statements?q=rcpt+7781").await;
            reader.follow("Reply: LS on wire formats").await;
            reader.assert_says("their portal").await;
            reader.assert_says("RCPT-7781").await;
        })
        .await;
    }
}

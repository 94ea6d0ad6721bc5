//! Outgoing statements as people click them: replied to, decided on a phone, delivered by portal (stories 4, 8).

use crate::deeds::{fill, recorded, replied};
use crate::shared::people::world;
use crate::support::{Look, PHONE, PLAIN, Site, WIDE, browse};

const TODAY: &str = "2026-03-02T09:00:00Z";

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
            replied(author, async || {}).await
        })
        .await;
        for (person, after) in [(&world.ad_net, "It waits for what is still needed"), (&world.manager_itu_t, "Posted as Statement 2")] {
            browse(&site, phone, async |signer| {
                signer.sign_in(person).await;
                // the link of the mail, then two taps
                signer.open(&format!("{draft}/review")).await;
                signer.assert_says("Dear SG11, we agree.").await;
                if phone.has_script {
                    signer.assert_fits().await;
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
                reader.assert_fits().await;
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
            replied(author, async || {
                author.choose("It is delivered in another way").await;
                fill(author, &[("Delivered how, in words", "their portal"), ("Evidence", "RCPT-7781")]).await;
            })
            .await
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

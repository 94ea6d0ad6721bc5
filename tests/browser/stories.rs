//! Stories 2, 3, 9 and 10 of incoming statements as people click them: with scripts switched off, and with them.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use thirtyfour::By;

use crate::deeds::{day, fill, mailed, remind, reminded};
use crate::mails::previews;
use crate::shared::letters::{self, Posted};
use crate::shared::people::world;
use crate::shared::smtp::Mode;
use crate::support::{Look, PHONE, PLAIN, Site, WIDE, browse, wait_until};

const TODAY: &str = "2026-03-02T09:00:00Z";

async fn story_2(look: Look) {
    let mut site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    site.start_mail();
    browse(&site, look, async |manager| {
        manager.sign_in(&world.manager_3gpp).await;
        manager.follow("Record an incoming statement").await;
        fill(manager, &[("From", "3GPP SA3"), ("To", "wire"), ("Title", "LS on key derivation")]).await;
        manager.choose("For Action").await;
        fill(manager, &[("Does it answer a statement?", "S2-990101, R3-990055"), ("Text", "Dear colleagues,\n\nplease see.")]).await;
        manager.unfold("Filled in for you: contacts; and reference, dates, copies").await;
        fill(manager, &[("Peer's reference", "S3-990417"), ("In copy", "keys"), ("Received at", "3gpp-manager@ietf.example")]).await;
        manager.press("Continue to check").await;
        manager.assert_says("Deadline: none stated").await;
        manager.choose("Record anyway").await;
        manager.press("Record and post").await;
        manager.assert_at("/statements/1").await;
        manager.assert_says("we aim to answer by Monday 27 April 2026").await;

        // the receipt is offered with its text, and never sent by itself
        manager.follow("Receipt to the sender").await;
        manager.assert_says("Nothing is sent by itself").await;
        let shown = previews(manager).await;
        assert_eq!(shown.len(), 1);
        assert!(mailed(&site, "receipt").await.is_empty());
        manager.press("Send the receipt").await;
        manager.assert_at("/statements/1").await;
        assert_eq!(mailed(&site, "receipt").await, ["sa3@3gpp.example"]);
        assert_eq!(shown[0].recipients, BTreeSet::from(["sa3@3gpp.example".to_owned()]));
        wait_until("the receipt's fate", async || {
            manager.open("/statements/1").await;
            let text = manager.text().await;
            text.split("sa3@3gpp.example (the sender)").nth(1).is_some_and(|rest| rest.trim_start().starts_with("Accepted by the mail server"))
        })
        .await;
        manager.open("/statements/1/receipt").await;
        manager.assert_says("A receipt was sent on 2 Mar 2026").await;

        // the same letter from another source, its reference spelled otherwise
        manager.open("/statements/incoming/new").await;
        fill(manager, &[("From", "3GPP SA3"), ("To", "wire"), ("Title", "On the derivation of keys")]).await;
        manager.choose("For Information").await;
        fill(manager, &[("Text", "Another copy.")]).await;
        manager.unfold("Filled in for you: contacts; and reference, dates, copies").await;
        fill(manager, &[("Peer's reference", "s3 990417")]).await;
        manager.press("Continue to check").await;
        let same = "Same statement? Statement 1 from 3GPP SA3, “LS on key derivation”, has the same reference.";
        manager.assert_says(same).await;
        manager.follow("Back to the draft").await;
        if manager.driver.find(By::Id("references")).await.expect("the field").is_displayed().await.is_ok_and(|shown| !shown) {
            manager.unfold("Filled in for you: contacts; and reference, dates, copies").await;
        }
        fill(manager, &[("Peer's reference", "S3\u{2011}990417")]).await;
        manager.press("Continue to check").await;
        manager.assert_says(same).await;
        manager.press("It is the same: link instead").await;
        manager.assert_at("/statements/1").await;
        manager.assert_says("noted that it arrived once more").await;
    })
    .await;
    browse(&site, look, async |reader| {
        reader.open("/statements").await;
        reader.assert_says("1 statement").await;
        reader.assert_silent("derivation of keys").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_2_the_managers_own_letters_without_script() {
    story_2(PLAIN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_2_the_managers_own_letters_on_a_phone() {
    story_2(PHONE).await;
}

async fn story_3(look: Look) {
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    browse(&site, look, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.follow("Record an incoming statement").await;
        fill(manager, &[("From", "ITU-T SG11"), ("To", "wire; bench; keys"), ("Title", "LS to three groups")]).await;
        manager.choose("For Action").await;
        // D+60
        fill(manager, &[("Deadline", "1 May 2026"), ("Text", "For action by WIRE, for information to BENCH and KEYS.")]).await;
        manager.press("Save draft").await;
        manager.unfold("Another purpose for one of the groups").await;
        manager.choose_from("Purpose for BENCH", "For Information").await;
        manager.choose_from("Purpose for KEYS", "For Information").await;
        manager.press("Continue to check").await;
        manager.press("Record and post").await;
        manager.assert_at("/statements/1").await;
    })
    .await;

    browse(&site, look, async |reader| {
        for (to, is_there) in [("bench", false), ("wire", true)] {
            reader.open("/statements").await;
            reader.unfold("More filters").await;
            reader.fill("To", to).await;
            reader.choose_from("Purpose", "For Action").await;
            reader.press("Apply").await;
            let words = if is_there { "LS to three groups" } else { "No statements match." };
            reader.assert_says(words).await;
        }
        reader.assert_says("1 statement").await;
    })
    .await;

    browse(&site, look, async |keys| {
        keys.sign_in(&world.chair_keys).await;
        keys.follow("LS to three groups").await;
        keys.press("Note it").await;
        keys.assert_says("Noted.").await;
        keys.open("/desk").await;
        keys.assert_silent("LS to three groups").await;
    })
    .await;
    browse(&site, look, async |wire| {
        wire.sign_in(&world.chair).await;
        wire.assert_says("LS to three groups").await;
        wire.follow("LS to three groups").await;
        wire.assert_says("Action needed from WIRE by Friday 1 May 2026 (in 60 days); for information to BENCH and KEYS (noted by 1 of 2).").await;
    })
    .await;

    for day in ["2026-04-16", "2026-04-17"] {
        site.service.set_time(&format!("{day}T10:00:00Z"));
        remind(&site.service.app).await;
    }
    assert_eq!(mailed(&site, "reminder").await, ["carol@people.example", "chen@people.example", "itu-t-manager@ietf.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_3_three_groups_three_purposes_without_script() {
    story_3(PLAIN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_3_three_groups_three_purposes_with_script() {
    story_3(WIDE).await;
}

async fn story_10(look: Look) {
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    let app = &site.service.app;
    let id = letters::posted(app, Posted { to: &["path"], ..Posted::INCOMING }).await;
    letters::deadline(app, id, "2026-04-01", "as-written", true).await;
    browse(&site, look, async |chair| {
        chair.sign_in(&world.chair_path).await;
        chair.follow("New work on Network Digital Twin").await;
        chair.follow("Record what is done").await;
        chair.assert_silent("Redirect it").await;
        chair.unfold("Not for us").await;
        chair.press("Say that it is not for us").await;
        chair.assert_says("Enter why it is not for your group, and whose it may be").await;
        chair.fill("Why is it not for your group, and whose may it be?", "it is about wire formats").await;
        chair.press("Say that it is not for us").await;
        chair.assert_says("The liaison manager is asked to decide.").await;
    })
    .await;
    browse(&site, look, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.assert_says("PATH says that it is not for them today: it is about wire formats").await;
        manager.follow("New work on Network Digital Twin").await;
        // the form is open already: it is what is asked
        manager.press("Redirect it").await;
        manager.assert_says("There is a problem").await;
        fill(manager, &[("Which group is it for?", "wire"), ("Why?", "wire formats")]).await;
        manager.press("Redirect it").await;
        manager.assert_at("/statements/1914").await;
        manager.assert_says("Redirected to WIRE, which was mailed.").await;
        manager.open("/desk").await;
        manager.assert_silent("New work on Network Digital Twin").await;
    })
    .await;
    browse(&site, look, async |wire| {
        wire.sign_in(&world.chair).await;
        wire.follow("New work on Network Digital Twin").await;
        wire.assert_says("With the chairs of WIRE. Reply due Wednesday 1 April 2026 (in 30 days).").await;
    })
    .await;
    browse(&site, look, async |reader| {
        reader.open("/statements/1914").await;
        for words in [
            "Redirected to WIRE on 2 March 2026: “wire formats”",
            "please comment",
            "PATH",
            "redirected PATH’s part to WIRE: wire formats",
            "WIRE sees to the answer",
        ] {
            reader.assert_says(words).await;
        }
    })
    .await;
    let parts: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT acronym, actions.purpose, actions.state || coalesce(' ' || due_on::text, '')
           FROM actions JOIN groups USING (group_id) LEFT JOIN deadlines ON deadlines.action_id = actions.action_id AND superseded_at IS NULL
          ORDER BY acronym",
    )
    .fetch_all(&app.pool)
    .await
    .expect("parts");
    let ends: Vec<(&str, &str, &str)> = parts.iter().map(|(group, purpose, state)| (group.as_str(), purpose.as_str(), state.as_str())).collect();
    assert_eq!(ends, [("path", "for-action", "redirected 2026-04-01"), ("wire", "for-action", "open 2026-04-01")]);
    assert_eq!(mailed(&site, "redirected").await, ["carol@people.example", "chen@people.example", "pia@people.example", "wire@ietf.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_10_redirected_without_script() {
    story_10(PLAIN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_10_redirected_on_a_phone() {
    story_10(PHONE).await;
}

/// Both servers run at once, as two machines would.
async fn both(one: &Site, other: &Site, day: NaiveDate) {
    let at = format!("{day}T10:00:00Z");
    one.service.set_time(&at);
    other.service.set_time(&at);
    tokio::join!(remind(&one.service.app), remind(&other.service.app));
    for site in [one, other] {
        site.service.app.mail_queued.notify_waiters();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_9_overdue_with_restarts_on_two_servers() {
    let mut one = Site::open(TODAY).await;
    let world = world(&one.service).await;
    let app = one.service.app.clone();
    let id = letters::posted(&app, Posted { number: 1, title: "LS to three groups", to: &["wire"], ..Posted::INCOMING }).await;
    letters::deadline(&app, id, "2026-05-01", "as-written", true).await;
    let second = letters::posted(&app, Posted { number: 2, title: "Due a week later", ..Posted::INCOMING }).await;
    letters::deadline(&app, second, "2026-05-08", "as-written", true).await;
    let mut other = one.beside().await;
    one.start_mail();
    other.start_mail();

    // both are down over the step of seven days; one mailbox is full at the last step
    let mut today = day("2026-04-16");
    while today <= day("2026-05-29") {
        let is_down = (day("2026-04-23")..=day("2026-04-26")).contains(&today);
        if !is_down {
            if today == day("2026-05-29") {
                one.smtp.set(Mode::Refuse("carol@people.example".to_owned(), 550));
            }
            both(&one, &other, today).await;
            drained(&one).await;
        }
        today = today.checked_add_days(Days::new(1)).expect("a day");
    }

    let days = reminded(&one, 1).await;
    let expected = ["2026-04-17", "2026-04-27", "2026-04-30", "2026-05-01", "2026-05-02", "2026-05-08", "2026-05-29"];
    assert_eq!(days.keys().map(String::as_str).collect::<Vec<_>>(), expected);
    for (day, to) in &days {
        let chairs_and_manager = ["carol@people.example", "chen@people.example", "itu-t-manager@ietf.example"];
        let all = [
            "carol@people.example",
            "chen@people.example",
            "itu-t-manager@ietf.example",
            "liaison-coordination@example.org",
            "niels@people.example",
            "nora@people.example",
        ];
        let expected: &[&str] = if day.as_str() >= "2026-05-08" { &all } else { &chairs_and_manager };
        assert_eq!(to, expected, "{day}");
    }
    // two due on one day are one mail, and nobody got two on one day
    let twice: Vec<(String, String)> = sqlx::query_as(
        "SELECT made_at::date::text, recipient FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'reminder' GROUP BY 1, 2 HAVING count(*) > 1",
    )
    .fetch_all(&app.pool)
    .await
    .expect("mails");
    assert_eq!(twice, []);
    let received = one.smtp.received();
    let both_in_one = received.iter().filter(|mail| mail.data.contains("Subject: 2 liaison matters wait for you")).count();
    assert!(both_in_one >= 3, "{both_in_one}");
    let lists = received.iter().flat_map(|mail| &mail.to).filter(|to| to.contains("wire@")).count();
    assert_eq!(lists, 0);

    // refused for good: the server's words for each, and again with the same Message-ID
    let (mail_id, message_id): (i64, String) = sqlx::query_as(
        "SELECT mail_id, message_id FROM mails JOIN mail_deliveries USING (mail_id) WHERE recipient = 'carol@people.example' AND state = 'failed'",
    )
    .fetch_one(&app.pool)
    .await
    .expect("one that failed");
    one.smtp.set(Mode::Ok);
    let before = received.len();
    browse(&other, PHONE, async |secretariat| {
        secretariat.sign_in(&world.secretariat).await;
        secretariat.open(&format!("/administration/mail/{mail_id}")).await;
        secretariat.assert_says("Refused: 550 no such address").await;
        secretariat.press("Send again").await;
    })
    .await;
    let again = one.smtp.wait_for(before + 1).await;
    let last = again.last().expect("a mail");
    assert_eq!(last.to, ["carol@people.example"]);
    assert!(last.data.contains(&format!("Message-ID: <{message_id}>")), "{}", last.data);

    browse(&other, PHONE, async |chair| {
        chair.sign_in(&world.chair).await;
        chair.follow("LS to three groups").await;
        chair.follow("Record what is done").await;
        chair.choose("Close without reply").await;
        chair.press("Record it").await;
        chair.assert_says("Enter why it is closed without a reply").await;
        chair.fill("In words", "settled at the joint meeting").await;
        chair.press("Record it").await;
        chair.assert_says("Closed without reply on 29 May 2026").await;
    })
    .await;
    browse(&one, PLAIN, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.assert_says("Tell the peer").await;
        manager.follow("LS to three groups").await;
        manager.unfold("Note what the peer was told").await;
        fill(manager, &[("Told on", "29 May 2026"), ("How?", "by mail"), ("What the peer was told", "no reply will come")]).await;
        manager.press("Note it").await;
        manager.open("/desk").await;
        manager.assert_silent("Tell the peer").await;
    })
    .await;
    browse(&one, PLAIN, async |reader| {
        reader.open("/statements/1").await;
        reader.assert_says("Closed without reply on 29 May 2026: “settled at the joint meeting”.").await;
        reader.assert_says("noted what the peer was told on 29 May 2026, by mail: no reply will come").await;
    })
    .await;
    for _ in 0..35 {
        both(&one, &other, today).await;
        today = today.checked_add_days(Days::new(1)).expect("a day");
    }
    assert_eq!(reminded(&one, 1).await, days, "after 28 days only digest and board, and after its end nothing at all");
    let later: Vec<String> = reminded(&one, 2).await.into_keys().collect();
    assert_eq!(later, ["2026-04-27", "2026-05-01", "2026-05-07", "2026-05-08", "2026-05-09", "2026-05-15", "2026-06-05"]);
}

/// Waits until every mail that is queued has left or failed.
async fn drained(site: &Site) {
    wait_until("the mails of the day", async || {
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM mail_deliveries WHERE state = 'queued'")
            .fetch_one(&site.service.app.pool)
            .await
            .expect("a count");
        if waiting > 0 {
            site.service.app.mail_queued.notify_one();
        }
        waiting == 0
    })
    .await;
}

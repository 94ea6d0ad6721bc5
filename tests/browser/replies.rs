//! Replies and questions of ours as people click them: holding, on behalf of a group, of eight groups (stories 5, 6, 7).

use std::collections::BTreeSet;

use liaison_tracker::App;
use liaison_tracker::people::RoleKind;
use thirtyfour::By;

use crate::deeds::{approves, consented, fill, mailed, recorded, remind_through, reminded, replied, submitted};
use crate::mails::previews;
use crate::shared::people::{NewGroup, contact, group, role, world};
use crate::support::{Browser, Look, PHONE, PLAIN, Site, WIDE, browse};

/// D
const TODAY: &str = "2026-03-02T09:00:00Z";
/// A window at a desk, and the phone on which what decides is done; with script, and without.
const LOOKS: [(Look, Look); 2] = [(WIDE, PHONE), (PLAIN, Look { has_script: false, ..PHONE })];
const OF_WIRE: [&str; 3] = ["carol@people.example", "chen@people.example", "itu-t-manager@ietf.example"];

async fn count(app: &App, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&app.pool).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_5_a_holding_reply_and_a_day_that_is_agreed() {
    let (desk, phone) = (WIDE, PHONE);
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    browse(&site, desk, async |browser| {
        browser.sign_in(&world.manager_itu_t).await;
        recorded(browser).await;
        browser.hand_to(&site, &world.chair).await;
        let draft = replied(browser, async || {
            browser.choose("Preliminary").await;
            browser.fill("Text", "Dear SG11, we answer by 30 June 2026, if you agree.").await;
        })
        .await;
        browser.look(phone).await;
        approves(browser, &site, &world.ad_net, &draft).await;
        approves(browser, &site, &world.manager_itu_t, &draft).await;
        browser.assert_says("Posted as Statement 2").await;

        // the thread shows it, the action stays open, reminders still run
        browser.leave_to_the_public().await;
        browser.open("/statements/1").await;
        let held = "In progress: a preliminary reply went on 2 March 2026 (Statement 2). The final one is due Friday 1 May 2026 (in 60 days)";
        browser.assert_says(held).await;
        browser.assert_says("WIRE → ITU-T SG11 · answers this one, a preliminary reply").await;
        browser.hand_to(&site, &world.chair).await;
        browser.open("/desk").await;
        browser.assert_says("LS on wire formats").await;
        remind_through(&site, "2026-04-15", "2026-04-18").await;
        assert_eq!(reminded(&site, 1).await.into_iter().collect::<Vec<_>>(), [("2026-04-17".to_owned(), OF_WIRE.map(str::to_owned).to_vec())]);

        // the peer agrees, and the manager records it
        browser.hand_to(&site, &world.manager_itu_t).await;
        browser.open("/statements/1").await;
        browser.follow("Record what is done").await;
        browser.unfold("New deadline").await;
        browser.fill("Deadline", "30 June 2026").await;
        browser.choose("Agreed with the peer").await;
        let agreed = "https://mail.example/sg11/agreed";
        fill(browser, &[("Agreed with whom?", "the chair of SG11"), ("Link to the agreement", agreed)]).await;
        browser.press("Set the deadline").await;
        browser.assert_at("/statements/1").await;
        browser.leave_to_the_public().await;
        browser.open("/statements/1").await;
        browser.assert_fits().await;
        browser.assert_says("The final one is due Tuesday 30 June 2026 (in 73 days)").await;
        browser.assert_says("Deadline Tuesday 30 June 2026 in 73 days · agreed with the chair of SG11").await;
        browser.find("//dd/del[normalize-space(.)='Friday 1 May 2026']", "former day").await;
        let link = browser.find("//dd/a[normalize-space(.)='Tuesday 30 June 2026']", "link to the agreement").await;
        assert_eq!(link.attr("href").await.expect("an element").as_deref(), Some(agreed));
        browser.assert_says("set the deadline of WIRE: 1 May 2026 → 30 June 2026, agreed with the chair of SG11").await;

        // only reminders for the new day remain; D+110
        remind_through(&site, "2026-04-19", "2026-06-20").await;
        assert_eq!(reminded(&site, 1).await.into_keys().collect::<Vec<_>>(), ["2026-04-17", "2026-06-16"]);

        browser.look(desk).await;
        browser.hand_to(&site, &world.chair).await;
        let draft = replied(browser, async || browser.fill("Title", "Final reply on wire formats").await).await;
        browser.look(phone).await;
        approves(browser, &site, &world.ad_net, &draft).await;
        approves(browser, &site, &world.manager_itu_t, &draft).await;
        let responded = "Responded on 20 June 2026 by Statement 3, 10 days before the deadline.";
        browser.leave_to_the_public().await;
        browser.open("/statements/1").await;
        browser.assert_says(responded).await;

        // a status update reopens nothing
        browser.look(desk).await;
        browser.hand_to(&site, &world.chair).await;
        let draft = replied(browser, async || {
            browser.choose("Status update").await;
            browser.fill("Title", "One more word on wire formats").await;
        })
        .await;
        browser.look(phone).await;
        approves(browser, &site, &world.ad_net, &draft).await;
        approves(browser, &site, &world.manager_itu_t, &draft).await;
        browser.assert_says("Posted as Statement 4").await;
        browser.leave_to_the_public().await;
        browser.open("/statements/1").await;
        browser.assert_says(responded).await;
        browser.assert_says("WIRE → ITU-T SG11 · answers this one, a status update").await;
        remind_through(&site, "2026-06-21", "2026-07-08").await;
        assert_eq!(reminded(&site, 1).await.into_keys().collect::<Vec<_>>(), ["2026-04-17", "2026-06-16"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_5_the_peer_is_told_without_any_sign_off() {
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    browse(&site, PLAIN, async |browser| {
        browser.sign_in(&world.manager_itu_t).await;
        recorded(browser).await;
        browser.look(Look { has_script: false, ..PHONE }).await;
        browser.follow("Record what is done").await;
        browser.unfold("Note what the peer was told").await;
        let told = [
            ("Told on", "2 March 2026"),
            ("How?", "in a call"),
            ("What the peer was told", "a reply takes until the end of June"),
            ("Proposed day", "30 June 2026"),
        ];
        fill(browser, &told).await;
        browser.press("Note it").await;
        browser.assert_at("/statements/1").await;
        browser.leave_to_the_public().await;
        browser.open("/statements/1").await;
        browser.assert_says("Action needed by Friday 1 May 2026 (in 60 days)").await;
        browser.assert_says("noted what the peer was told on 2 March 2026, in a call: a reply takes until the end of June").await;
    })
    .await;
    assert_eq!(count(&site.service.app, "SELECT count(*) FROM statements WHERE direction = 'outgoing'").await, 0);
    assert_eq!(mailed(&site, "sign-off-asked").await, [""; 0]);
    remind_through(&site, "2026-04-15", "2026-04-18").await;
    assert_eq!(reminded(&site, 1).await.into_iter().collect::<Vec<_>>(), [("2026-04-17".to_owned(), OF_WIRE.map(str::to_owned).to_vec())]);
}

/// Begins a draft from the desk: from and to whom, its title, and whatever is more; up to the page on which it is checked.
async fn drafted(author: &Browser, from: &str, to: &str, title: &str, more: impl AsyncFnOnce()) {
    author.open("/desk").await;
    author.follow("Draft a statement").await;
    author.assert_says("Would a mail do?").await;
    author.follow("Draft a statement").await;
    fill(author, &[("From", from), ("To", to), ("Title", title), ("Text", "Dear colleagues, please see.")]).await;
    consented(author).await;
    more().await;
    author.press("Continue to check and submit").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_6_the_manager_drafts_and_a_chair_asks_for_changes() {
    for (desk, phone) in LOOKS {
        let site = Site::open(TODAY).await;
        let world = world(&site.service).await;
        let app = &site.service.app;
        browse(&site, desk, async |browser| {
            browser.sign_in(&world.manager_3gpp).await;
            drafted(browser, "keys", "3GPP SA3", "On the life of keys", async || browser.choose("For Information").await).await;
            // what posting waits for, and what is given
            for words in [
                "The agreement of KEYS is asked.",
                "The approval of an Area Director is asked.",
                "The approval of the liaison manager for 3GPP: you give it, as liaison manager for 3GPP, by submitting.",
            ] {
                browser.assert_says(words).await;
            }
            let draft = submitted(browser).await;
            browser.assert_says("It waits for Kim Chair (chair of KEYS); Selma Director (Area Director of SEC)").await;
            browser.assert_says("given by Gina Manager, liaison manager for 3GPP on 2 Mar 2026 by submitting it").await;
            assert_eq!(mailed(&site, "sign-off-asked").await, ["kim@people.example", "liaison-coordination@example.org", "selma@people.example"]);

            // nobody outside reads it before it is posted
            browser.leave_to_the_public().await;
            browser.open(&draft).await;
            browser.assert_silent("On the life of keys").await;

            browser.look(phone).await;
            approves(browser, &site, &world.ad_sec, &draft).await;
            browser.assert_says("It waits for what is still needed").await;
            browser.hand_to(&site, &world.chair_keys).await;
            browser.open(&format!("{draft}/review")).await;
            if phone.has_script {
                browser.assert_fits().await;
            }
            browser.choose("Request changes").await;
            browser.fill("What should be changed?", "say for how long").await;
            browser.press("Send decision").await;
            browser.assert_says("Sent back to its author, with your reason.").await;

            // a draft again, the reason shown, what was approved is void
            browser.look(desk).await;
            browser.hand_to(&site, &world.manager_3gpp).await;
            browser.open("/desk").await;
            browser.follow("On the life of keys").await;
            browser.assert_at(&draft).await;
            browser.assert_says("Changes requested by Kim Chair, chair of KEYS on 2 Mar 2026: say for how long").await;
            assert_eq!(mailed(&site, "changes-requested").await, ["gina@people.example", "selma@people.example"]);
            assert_eq!(count(app, "SELECT count(*) FROM sign_offs WHERE state = 'given'").await, 0);
            browser.fill("Text", "Dear colleagues, please see: for a year.").await;
            browser.press("Continue to check and submit").await;
            browser.assert_says("The approval of an Area Director is asked.").await;
            submitted(browser).await;
            browser.assert_says("It waits for Kim Chair (chair of KEYS); Selma Director (Area Director of SEC)").await;
            browser.look(phone).await;
            approves(browser, &site, &world.chair_keys, &draft).await;
            browser.assert_says("It waits for what is still needed").await;
            approves(browser, &site, &world.ad_sec, &draft).await;
            browser.assert_says("Posted as Statement 1").await;

            // to a peer of somebody else
            browser.look(desk).await;
            browser.hand_to(&site, &world.manager_3gpp).await;
            drafted(browser, "keys", "ITU-T SG11", "On the life of keys", async || browser.choose("For Information").await).await;
            let refused = "Only chairs, secretaries and Area Directors of the groups it is from, the liaison manager of the one organization it goes to, coordinators and the secretariat can do this. Ask one of them to submit it; the draft stays as it is.";
            browser.assert_says(refused).await;
            let buttons = browser.driver.find_all(By::XPath("//button[normalize-space(.)='Submit for review']")).await.expect("a search");
            assert_eq!(buttons.len(), 0);
        })
        .await;
        assert_eq!(count(app, "SELECT count(*) FROM statements WHERE state <> 'draft'").await, 1);
    }
}

/// Eight groups of three areas.
const EIGHT: &str = "wire; mesh; path; keys; locks; seals; bench; tools";

/// The groups that the world has not; the chair of keys has a chair in one of them too.
async fn eight_groups(site: &Site, chair_of_two: &crate::shared::people::Person) {
    let app = &site.service.app;
    for (acronym, label, parent) in [("locks", "LOCKS", "sec"), ("seals", "SEALS", "sec"), ("tools", "TOOLS", "ops")] {
        group(app, NewGroup { acronym, label, name: label, kind: "wg", parent: Some(parent), is_home: true }).await;
        contact(app, acronym, "list", &format!("{acronym}@ietf.example"), "list").await;
    }
    role(app, chair_of_two, RoleKind::Chair, Some("locks")).await;
}

/// The Area Director of ops answers Statement 1 for eight groups and asks both peers, up to the page on which it is checked.
async fn asked_of_two(author: &Browser) {
    drafted(author, EIGHT, "ITU-T SG11; 3GPP SA3", "Our questions on wires", async || {
        author.choose("For Action").await;
        // D+90
        fill(author, &[("Deadline", "31 May 2026"), ("Does it answer a statement?", "1")]).await;
    })
    .await;
    author.assert_says("It is to several organizations").await;
}

/// Everybody who gets a mail of an event, and how often.
async fn once_each(site: &Site, event: &str, times: usize) {
    let to = mailed(site, event).await;
    let each: BTreeSet<&String> = to.iter().collect();
    for one in &each {
        assert_eq!(to.iter().filter(|other| other == one).count(), times, "{one}: {to:?}");
    }
    for acronym in EIGHT.split("; ") {
        assert!(each.contains(&format!("{acronym}@ietf.example")), "{acronym}: {to:?}");
    }
    assert!(each.contains(&"kim@people.example".to_owned()), "{to:?}");
}

/// SG11's answer to Statement 2, recorded and posted.
async fn answered(manager: &Browser) {
    manager.open("/statements/incoming/new").await;
    fill(manager, &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "Our answers"), ("Text", "Yes.")]).await;
    manager.choose("In Response").await;
    manager.fill("Does it answer a statement?", "2").await;
    manager.press("Continue to check").await;
    manager.assert_says("Does it answer in full?").await;
    manager.press("Record and post").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_7_eight_groups_answer_and_ask_a_draft_for_each_organization() {
    let (desk, phone) = (WIDE, PHONE);
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    eight_groups(&site, &world.chair_keys).await;
    browse(&site, desk, async |browser| {
        browser.sign_in(&world.manager_itu_t).await;
        recorded(browser).await;
        browser.hand_to(&site, &world.ad_ops).await;
        asked_of_two(browser).await;
        browser.press("Split: a draft for each organization").await;
        browser.assert_says("this draft goes to ITU-T. On your desk there is a draft of its own to 3GPP.").await;
        let answers = async || browser.field("Does it answer a statement?").await.prop("value").await.expect("a field").unwrap_or_default();
        assert_eq!(answers().await.trim(), "1");
        browser.press("Continue to check and submit").await;
        // both hold together; the author's own authority has given the approval
        browser.assert_says("Purpose For Action").await;
        browser.assert_says("Statement 1").await;
        browser.assert_silent("It is to several organizations").await;
        browser.assert_says("The approval of an Area Director: you give it, as Area Director of OPS, by submitting.").await;
        for shown in previews(browser).await {
            let twice = shown.body.matches("kim@people.example").count() + shown.to.iter().filter(|to| to.contains("kim@people")).count();
            assert!(twice <= 1, "{shown:?}");
        }
        let to_sg11 = submitted(browser).await;
        assert_eq!(mailed(&site, "sign-off-asked").await, ["itu-t-manager@ietf.example", "liaison-coordination@example.org"]);

        browser.open("/desk").await;
        let drafts = browser.driver.find_all(By::LinkText("Our questions on wires")).await.expect("drafts");
        for one in drafts {
            let href = one.attr("href").await.expect("an element").unwrap_or_default();
            if !href.ends_with(&to_sg11) {
                browser.open(&href).await;
                break;
            }
        }
        assert_eq!(browser.field("To").await.prop("value").await.expect("a field").as_deref(), Some("3GPP SA3"));
        assert_eq!(answers().await.trim(), "");
        browser.press("Continue to check and submit").await;
        let to_sa3 = submitted(browser).await;

        browser.look(phone).await;
        approves(browser, &site, &world.manager_itu_t, &to_sg11).await;
        browser.assert_says("Posted as Statement 2").await;
        once_each(&site, "outgoing-posted", 1).await;
        approves(browser, &site, &world.manager_3gpp, &to_sa3).await;
        browser.assert_says("Posted as Statement 3").await;

        browser.leave_to_the_public().await;
        browser.open("/statements/1").await;
        browser.assert_says("Responded on 2 March 2026 by Statement 2").await;
        browser.look(desk).await;
        browser.hand_to(&site, &world.manager_itu_t).await;
        answered(browser).await;
        browser.look(phone).await;
        browser.leave_to_the_public().await;
        browser.open("/statements/2").await;
        browser.assert_fits().await;
        browser.assert_says("Answers Statement 1").await;
        browser.assert_says("Answered by Statement 4 on 2 March 2026.").await;
        browser.open("/statements/3").await;
        browser.assert_silent("Answers Statement").await;
        browser.assert_says("We asked 3GPP SA3 to act by Sunday 31 May 2026 (in 90 days).").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_7_where_each_area_is_asked_two_more_are_and_one_that_goes_to_both_waits_for_each() {
    let site = Site::open_with(TODAY, &[("LIAISON_APPROVAL", "each-area")]).await;
    let world = world(&site.service).await;
    eight_groups(&site, &world.chair_keys).await;
    browse(&site, PLAIN, async |browser| {
        browser.sign_in(&world.manager_itu_t).await;
        recorded(browser).await;
        browser.hand_to(&site, &world.ad_ops).await;
        asked_of_two(browser).await;
        for words in [
            "The approval for NET is asked.",
            "The approval for SEC is asked.",
            "The approval for OPS: you give it, as Area Director of OPS, by submitting.",
        ] {
            browser.assert_says(words).await;
        }
        browser.choose("Submit anyway").await;
        let draft = submitted(browser).await;
        let asked = [
            "3gpp-manager@ietf.example",
            "itu-t-manager@ietf.example",
            "liaison-coordination@example.org",
            "niels@people.example",
            "nora@people.example",
            "selma@people.example",
        ];
        assert_eq!(mailed(&site, "sign-off-asked").await, asked);
        for person in [&world.ad2_net, &world.ad_sec, &world.manager_itu_t, &world.manager_3gpp] {
            approves(browser, &site, person, &draft).await;
        }
        browser.assert_says("Posted as Statement 2").await;
        once_each(&site, "outgoing-posted", 1).await;
        let to = mailed(&site, "letter").await;
        assert!(to.contains(&"sa3@3gpp.example".to_owned()) && to.contains(&"sg11@itu-t.example".to_owned()), "{to:?}");

        browser.hand_to(&site, &world.manager_itu_t).await;
        answered(browser).await;
        browser.leave_to_the_public().await;
        browser.open("/statements/2").await;
        browser.assert_says("We asked 3GPP SA3 to act by Sunday 31 May 2026 (in 90 days); answered by ITU-T SG11 on 2 March 2026.").await;
    })
    .await;
}

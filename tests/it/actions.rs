//! What is done about a posted statement, by its addressees (domain.md 3; stories 3, 5, 9; inputs 19, 21).

use liaison_tracker::ids::StatementId;
use liaison_tracker::statements::{actions, store};

use crate::support::letters::{self, Posted};
use crate::support::people::{self, Person, World};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service, time};

const NOW: &str = "2026-03-02T10:00:00Z";
const WIRE: &str = "/statements/1914/actions/wire";

async fn world() -> (TestService, World, StatementId) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    letters::deadline(&service.app, id, "2026-03-20", "as-written", true).await;
    (service, world, id)
}

async fn status(visitor: &mut Visitor) -> String {
    visitor.get("/statements/1914").await;
    visitor.page.texts(".status-box p").first().cloned().unwrap_or_default()
}

/// Subjects and recipients of the mails of an event.
async fn mails(service: &TestService, event: &str) -> Vec<(String, String)> {
    sqlx::query_as("SELECT subject, recipient FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = $1 ORDER BY mail_delivery_id")
        .bind(event)
        .fetch_all(&service.app.pool)
        .await
        .expect("mails")
}

async fn history(service: &TestService, id: StatementId) -> Vec<(String, String, String)> {
    sqlx::query_as("SELECT event, words, audience FROM history WHERE statement_id = $1 ORDER BY history_id")
        .bind(id.0)
        .fetch_all(&service.app.pool)
        .await
        .expect("history")
}

#[tokio::test]
async fn a_chair_takes_it_with_one_click_and_can_undo_it() {
    let (service, world, id) = world().await;
    let mut chair = service.as_person(&world.chair).await;
    assert!(status(&mut chair).await.contains("Nobody has taken it yet (chairs of WIRE)"));
    let mut late = service.as_person(&world.chair).await;
    late.get("/statements/1914").await;

    chair.submit("Take it", &[]).await;

    chair.assert_at("/statements/1914").assert_says("It is with you now.");
    assert_eq!(status(&mut chair).await, "Action needed by Friday 20 March 2026 (in 18 days). With Carol Chair.");
    assert!(!chair.page.has_button("Take it"));
    let mut reader = service.visitor();
    assert_eq!(status(&mut reader).await, "Action needed by Friday 20 March 2026 (in 18 days). With the chairs of WIRE.");
    reader.assert_silent("Carol Chair");
    late.submit("Take it", &[]).await;
    late.assert_at("/statements/1914").assert_says("That is recorded already.");

    chair.get(WIRE).await;
    chair.assert_says("Last step: take it, by Carol Chair");
    chair.submit("Undo it", &[]).await;
    assert!(status(&mut chair).await.contains("Nobody has taken it yet"));
    let lines: Vec<_> = history(&service, id).await.into_iter().skip(1).collect();
    assert_eq!(
        lines.iter().map(|(event, words, audience)| (event.as_str(), words.as_str(), audience.as_str())).collect::<Vec<_>>(),
        [("take", "took it for WIRE", "concerned"), ("undone", "undid for WIRE: take it", "concerned")]
    );
}

#[tokio::test]
async fn one_group_notes_its_part_and_the_others_stay_open() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let id = letters::posted(&service.app, Posted { to: &["wire", "bench", "keys"], ..Posted::INCOMING }).await;
    sqlx::query("UPDATE actions SET purpose = 'for-information' WHERE statement_id = $1 AND group_id = ANY ($2)")
        .bind(id.0)
        .bind([world.group("bench").0, world.group("keys").0])
        .execute(&service.app.pool)
        .await
        .expect("purposes");
    let mut chair = service.as_person(&world.chair_keys).await;
    chair.get("/statements/1914").await;

    chair.submit("Note it", &[]).await;

    chair.assert_says("Noted.");
    assert!(status(&mut chair).await.contains("for information to BENCH and KEYS (noted by 1 of 2)"), "{}", chair.page.text);
    chair.get("/desk").await;
    chair.assert_silent("Network Digital Twin");
    let mut wire = service.as_person(&world.chair).await;
    wire.get("/desk").await;
    wire.assert_says("Network Digital Twin");
}

#[tokio::test]
async fn a_wait_for_the_peer_ends_on_its_day() {
    let (service, world, _) = world().await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get(WIRE).await;
    chair
        .submit("Record it", &[("What do you record?", "Wait for the peer"), ("Until when?", "2 March 2026"), ("In words", "clarify clause 7")])
        .await;
    chair.assert_status(422);
    assert_eq!(chair.page.problems(), ["Until when must be after today"]);
    assert_eq!((chair.page.value("Until when?"), chair.page.value("In words")), ("2 March 2026".to_owned(), "clarify clause 7".to_owned()));
    assert!(chair.page.is_checked("Wait for the peer"));

    chair.submit("Record it", &[("Until when?", "30 March 2026")]).await;

    let mut reader = service.visitor();
    assert_eq!(status(&mut reader).await, "Waiting for the peer since 2 March 2026: “clarify clause 7”. Resumes 30 March 2026.");
    for (now, begins) in [("2026-03-29T12:00:00Z", "Waiting for the peer"), ("2026-03-30T12:00:00Z", "Reply asked for")] {
        service.app.clock.set(time(now));
        actions::tidy(&service.app, &service.app.pool).await.expect("it is tidied");
        assert!(status(&mut reader).await.starts_with(begins), "{now}: {}", reader.page.text);
    }
}

/// inputs.md 21
#[tokio::test]
async fn an_informal_answer_ends_it_with_words_and_link() {
    let (service, world, _) = world().await;
    let mut chair = service.as_person(&world.secretary).await;
    let link = "https://mailarchive.example/arch/msg/wire/42?q=a&b=c";
    let words = "registered for our June meeting, it can wait <b>";
    chair.get(WIRE).await;
    let fields = [("What do you record?", "Answered informally"), ("In words", words), ("Link to the answer", "javascript:alert(1)")];
    chair.submit("Record it", &fields).await;
    chair.assert_status(422);
    assert_eq!(chair.page.value("Link to the answer"), "javascript:alert(1)");

    chair.submit("Record it", &[("Link to the answer", link)]).await;

    let mut reader = service.visitor();
    assert_eq!(status(&mut reader).await, format!("Answered informally on 2 March 2026: “{words}”."));
    assert_eq!(reader.page.link(link), link);
    reader.assert_says("it was answered informally");
    chair.get("/desk").await;
    chair.assert_silent("Network Digital Twin");
}

#[tokio::test]
async fn closing_without_a_reply_wants_a_reason_and_the_peer_told() {
    let (service, world, _) = world().await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get(WIRE).await;
    chair.submit("Record it", &[("What do you record?", "Close without reply")]).await;
    chair.assert_status(422);
    assert_eq!(chair.page.problems(), ["Enter why it is closed without a reply"]);
    chair.submit("Record it", &[("In words", "settled at the joint meeting")]).await;
    chair.assert_says("Closed without reply on 2 March 2026: “settled at the joint meeting”.");

    let mut manager = service.as_person(&world.manager_itu_t).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    let mut other = service.as_person(&world.manager_3gpp).await;
    manager.get("/desk").await;
    manager.assert_says("Tell the peer").assert_says("WIRE closed it without a reply today: settled at the joint meeting");
    manager.assert_says("1 waiting");
    coordinator.get("/desk").await;
    coordinator.assert_silent("Tell the peer");
    other.get("/desk").await;
    other.assert_silent("Tell the peer");

    manager.click("New work on Network Digital Twin").await;
    manager.submit("Note it", &[("What the peer was told", "no reply will come"), ("Told on", "3 March 2026"), ("How?", "by mail")]).await;
    assert_eq!(manager.page.problems(), ["Told on must be today or earlier"]);
    assert_eq!(manager.page.value("What the peer was told"), "no reply will come");
    manager.submit("Note it", &[("Told on", "1 March 2026")]).await;
    manager.assert_says("Noted what the peer was told.");
    manager.get("/desk").await;
    manager.assert_silent("Tell the peer");
    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    reader.assert_says("noted what the peer was told on 1 March 2026, by mail: no reply will come");
}

#[tokio::test]
async fn without_a_manager_the_coordinators_tell_the_peer() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    letters::posted(&service.app, Posted { from: &["etsi-zsm"], ..Posted::INCOMING }).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get(WIRE).await;
    chair.submit("Record it", &[("What do you record?", "Close without reply"), ("In words", "no view")]).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/desk").await;
    coordinator.assert_says("Tell the peer");
}

/// inputs.md 19; story 5
#[tokio::test]
async fn an_agreed_deadline_is_of_one_group_and_a_correction_of_all_as_written() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let id = letters::posted(&service.app, Posted { to: &["wire", "mesh"], ..Posted::INCOMING }).await;
    letters::deadline(&service.app, id, "2026-04-01", "as-written", true).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(WIRE).await;
    manager.submit("Set the deadline", &[("Deadline", "3/4/2026"), ("Whose day is it?", "Agreed with the peer")]).await;
    manager.assert_status(422);
    manager
        .submit(
            "Set the deadline",
            &[("Deadline", "15 June 2026"), ("Agreed with whom?", "ITU-T SG11"), ("Link to the agreement", "https://lists.example/1")],
        )
        .await;
    manager.assert_says("The deadline is Monday 15 June 2026 now.");
    let days = || async {
        let rows: Vec<(String, String, bool)> = sqlx::query_as(
            "SELECT acronym, due_on::text || ' ' || deadlines.kind, superseded_at IS NULL
               FROM deadlines JOIN actions USING (action_id) JOIN groups USING (group_id) ORDER BY acronym, deadline_id",
        )
        .fetch_all(&service.app.pool)
        .await
        .expect("deadlines");
        rows.into_iter().map(|(group, day, is_current)| format!("{group} {day}{}", if is_current { " *" } else { "" })).collect::<Vec<_>>()
    };
    assert_eq!(days().await, ["mesh 2026-04-01 as-written *", "wire 2026-04-01 as-written", "wire 2026-06-15 agreed *"]);
    manager.assert_says("1 April 2026 → 15 June 2026, agreed with ITU-T SG11");
    let told: Vec<_> = mails(&service, "deadline-set").await.into_iter().map(|(_, recipient)| recipient).collect();
    assert_eq!(told, ["carol@people.example", "chen@people.example"]);

    let mut chair = service.as_person(&world.chair_mesh).await;
    chair.get("/statements/1914/actions/mesh").await;
    chair.submit("Set the deadline", &[("Deadline", "11 April 2026"), ("Whose day is it?", "A correction")]).await;
    assert_eq!(days().await, ["mesh 2026-04-01 as-written", "mesh 2026-04-11 corrected *", "wire 2026-04-01 as-written", "wire 2026-06-15 agreed *"]);
}

#[tokio::test]
async fn who_is_given_it_is_mailed_and_nobody_else_can_be_given_it() {
    let (service, world, _) = world().await;
    let mut director = service.as_person(&world.ad_net).await;
    director.get(WIRE).await;
    director.submit("Record it", &[("What do you record?", "Assign it, or hand it over")]).await;
    assert_eq!(director.page.problems(), ["Choose who sees to it"]);
    director.submit("Record it", &[("Who sees to it?", "Sven Secretary")]).await;
    director.assert_says("With Sven Secretary.");
    assert_eq!(mails(&service, "assigned").await, [("Statement 1914: WIRE is with Sven Secretary".to_owned(), "sven@people.example".to_owned())]);

    director.get(WIRE).await;
    director.submit("Record it", &[("What do you record?", "Assign it, or hand it over"), ("Who sees to it?", "Chen Chair")]).await;
    let told: Vec<_> = mails(&service, "assigned").await.into_iter().skip(1).map(|(_, recipient)| recipient).collect();
    assert_eq!(told, ["chen@people.example", "sven@people.example"]);

    let outsider = world.outsider.id.to_string();
    director.get(WIRE).await;
    director.post(WIRE, &[("version", "3"), ("step", "assign"), ("person", &outsider)]).await;
    director.assert_status(422);
}

#[tokio::test]
async fn an_old_page_records_nothing_and_shows_how_it_stands() {
    let (service, world, id) = world().await;
    let mut first = service.as_person(&world.chair).await;
    let mut second = service.as_person(&world.chair2).await;
    first.get(WIRE).await;
    second.get(WIRE).await;
    first.submit("Record it", &[("What do you record?", "Work on it has begun")]).await;
    let before = history(&service, id).await.len();

    second.submit("Record it", &[("What do you record?", "Close without reply"), ("In words", "not ours")]).await;

    second.assert_at(WIRE).assert_says("This changed while you read it. Nothing was recorded").assert_says("In progress");
    assert_eq!(history(&service, id).await.len(), before);
}

#[tokio::test]
async fn a_double_click_is_one_step() {
    let (service, world, id) = world().await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get(WIRE).await;
    let mut twin = service.as_person(&world.chair).await;
    twin.get(WIRE).await;
    let fields = [("What do you record?", "Close without reply"), ("In words", "no view")];
    chair.submit("Record it", &fields).await;
    twin.submit("Record it", &fields).await;
    twin.assert_at("/statements/1914");
    assert_eq!(history(&service, id).await.iter().filter(|(event, ..)| event == "close").count(), 1);
}

#[tokio::test]
async fn what_nobody_noted_in_thirty_days_leaves_the_desk() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    letters::posted(&service.app, Posted { purpose: "for-information", ..Posted::INCOMING }).await;
    let mut chair = service.as_person(&world.chair).await;
    for (now, says) in [("2026-04-01T09:59:59Z", "For information. No reply expected."), ("2026-04-01T10:00:00Z", "No action recorded by WIRE.")] {
        service.app.clock.set(time(now));
        actions::tidy(&service.app, &service.app.pool).await.expect("it is tidied");
        assert_eq!(status(&mut chair).await, says, "{now}");
    }
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/desk").await;
    chair.assert_silent("Network Digital Twin");
    chair.get("/statements/1914").await;
    chair.submit("Note it", &[]).await;
    chair.assert_says("Noted by WIRE on 1 April 2026");
}

#[tokio::test]
async fn who_may_not_is_told_who_can() {
    let (service, world, id) = world().await;
    for person in [&world.chair_mesh, &world.manager_3gpp, &world.iab_member, &world.ad_sec, &world.irtf_chair] {
        let mut visitor: Visitor = service.as_person(person).await;
        visitor.get(WIRE).await;
        visitor.assert_status(200).assert_says("Only who has it, chairs, secretaries and Area Directors of the group");
        assert!(!visitor.page.has_button("Record it"), "{}", person.name);
        visitor.post(WIRE, &[("version", "1"), ("step", "take")]).await;
        visitor.assert_status(403);
    }
    assert_eq!(history(&service, id).await.len(), 1);
    for person in [&world.chair2, &world.secretary, &world.ad_net, &world.manager_itu_t, &world.iab_chair, &world.coordinator, &world.secretariat] {
        let mut visitor: Visitor = service.as_person(person).await;
        visitor.get(WIRE).await;
        assert!(visitor.page.has_button("Record it"), "{}", person.name);
    }
}

#[tokio::test]
async fn whoever_has_it_may_act_while_they_hold_a_role() {
    let (service, world, id) = world().await;
    let give = |person: &Person| {
        sqlx::query("UPDATE actions SET assignee_id = $2, assignee_name = 'x' WHERE statement_id = $1").bind(id.0).bind(person.id.0)
    };
    give(&world.chair_mesh).execute(&service.app.pool).await.expect("it is hers");
    let mut visitor = service.as_person(&world.chair_mesh).await;
    visitor.get(WIRE).await;
    assert!(visitor.page.has_button("Record it"));
    let part = {
        let mut connection = service.app.pool.acquire().await.expect("a connection");
        store::actions::part(&mut connection, id, "WIRE").await.expect("a query").expect("a part")
    };
    assert_eq!(part.state.assignee, Some(world.chair_mesh.id));
}

/// story 10
#[tokio::test]
async fn what_is_not_for_us_is_redirected_by_the_manager() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let id = letters::posted(&service.app, Posted { to: &["path"], ..Posted::INCOMING }).await;
    letters::deadline(&service.app, id, "2026-04-01", "as-written", true).await;
    let mut chair = service.as_person(&world.chair_path).await;
    chair.get("/statements/1914/actions/path").await;
    assert!(!chair.page.has_button("Redirect it"));
    chair.submit("Say that it is not for us", &[]).await;
    assert_eq!(chair.page.problems(), ["Enter why it is not for your group, and whose it may be"]);
    chair.submit("Say that it is not for us", &[("Why is it not for your group, and whose may it be?", "it is about wire formats")]).await;
    chair.assert_says("The liaison manager is asked to decide.");
    let told: Vec<_> = mails(&service, "not-for-us").await.into_iter().map(|(_, recipient)| recipient).collect();
    assert_eq!(told, ["itu-t-manager@ietf.example", "liaison-coordination@example.org"]);

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/desk").await;
    manager.assert_says("Decide").assert_says("PATH says that it is not for them today: it is about wire formats");
    manager.click("New work on Network Digital Twin").await;
    manager.submit("Redirect it", &[("Which group is it for?", "itu-t-sg15"), ("Why?", "wire formats")]).await;
    assert_eq!(manager.page.problems(), ["ITU-T SG15 is not a group of ours"]);
    assert_eq!(manager.page.value("Why?"), "wire formats");
    manager.submit("Redirect it", &[("Which group is it for?", "DONE")]).await;
    assert_eq!(manager.page.problems(), ["\"DONE\" is not one group we know. Choose one of ours"]);
    manager.submit("Redirect it", &[("Which group is it for?", "wire")]).await;
    manager.assert_at("/statements/1914").assert_says("Redirected to WIRE, which was mailed.");

    let mut reader = service.visitor();
    let says = status(&mut reader).await;
    assert_eq!(says, "Redirected to WIRE on 2 March 2026: “wire formats”. With the chairs of WIRE. Reply due Wednesday 1 April 2026 (in 30 days).");
    reader.assert_says("please comment").assert_says("redirected PATH’s part to WIRE: wire formats").assert_says("sees to the answer");
    reader.assert_says("added on 2 March 2026");
    let told: Vec<_> = mails(&service, "redirected").await.into_iter().map(|(_, recipient)| recipient).collect();
    assert_eq!(told, ["pia@people.example", "wire@ietf.example", "carol@people.example", "chen@people.example"]);
    let mut wire = service.as_person(&world.chair).await;
    wire.get("/desk").await;
    wire.assert_says("Network Digital Twin");
    chair.get("/desk").await;
    chair.assert_silent("Network Digital Twin");
    manager.get("/desk").await;
    manager.assert_silent("Decide");
    chair.get("/statements/1914/actions/path").await;
    assert!(!chair.page.has_button("Record it") && !chair.page.has_button("Undo it"));
}

#[tokio::test]
async fn what_was_refused_can_stay_and_then_can_lead() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    letters::posted(&service.app, Posted { to: &["path", "wire"], ..Posted::INCOMING }).await;
    let mut chair = service.as_person(&world.chair_path).await;
    chair.get("/statements/1914/actions/path").await;
    chair.submit("Say that it is not for us", &[("Why is it not for your group, and whose may it be?", "no")]).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/statements/1914/actions/path").await;
    coordinator.submit("It stays with PATH", &[]).await;
    coordinator.assert_says("It stays with PATH.");
    coordinator.get("/statements/1914/actions/wire").await;
    coordinator.submit("Make WIRE the group that sees to the answer", &[]).await;
    coordinator.assert_says("WIRE sees to the answer now.");
    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    reader.assert_says("WIRE sees to the answer").assert_silent("not for PATH");
}

#[tokio::test]
async fn what_is_redirected_there_and_back_is_open_again_with_its_deadline() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let id = letters::posted(&service.app, Posted { to: &["path"], ..Posted::INCOMING }).await;
    letters::deadline(&service.app, id, "2026-04-01", "as-written", true).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    for (from, to) in [("path", "wire"), ("wire", "path")] {
        manager.get(&format!("/statements/1914/actions/{from}")).await;
        manager.submit("Redirect it", &[("Which group is it for?", to), ("Why?", "theirs")]).await;
        manager.assert_at("/statements/1914");
    }
    let mut reader = service.visitor();
    let says = status(&mut reader).await;
    assert_eq!(says, "Redirected to PATH on 2 March 2026: “theirs”. With the chairs of PATH. Reply due Wednesday 1 April 2026 (in 30 days).");
    let current: i64 =
        sqlx::query_scalar("SELECT count(*) FROM deadlines WHERE superseded_at IS NULL").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(current, 2);
    // the address of the list is public, those of persons are not
    let shown: Vec<String> = sqlx::query_scalar("SELECT to_header FROM mails WHERE event = 'redirected' ORDER BY mail_id")
        .fetch_all(&service.app.pool)
        .await
        .expect("mails");
    assert_eq!(shown, ["wire@ietf.example", "path@ietf.example"]);
}

#[tokio::test]
async fn what_is_reopened_or_taken_stays_open_whatever_its_age() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    letters::posted(&service.app, Posted { purpose: "for-information", ..Posted::INCOMING }).await;
    service.app.clock.set(time("2026-04-10T10:00:00Z"));
    actions::tidy(&service.app, &service.app.pool).await.expect("it is tidied");
    let mut chair = service.as_person(&world.chair).await;
    assert_eq!(status(&mut chair).await, "No action recorded by WIRE.");
    chair.get(WIRE).await;
    chair.submit("Record it", &[("What do you record?", "Reopen it")]).await;
    actions::tidy(&service.app, &service.app.pool).await.expect("it is tidied");
    assert_eq!(status(&mut chair).await, "For information. No reply expected.");
    chair.submit("Take it", &[]).await;
    service.app.clock.set(time("2026-06-10T10:00:00Z"));
    actions::tidy(&service.app, &service.app.pool).await.expect("it is tidied");
    let mut reader = service.visitor();
    assert_eq!(status(&mut reader).await, "For information. No reply expected.");
}

#[tokio::test]
async fn a_deadline_is_set_on_what_was_seen() {
    let (service, world, _) = world().await;
    let mut first = service.as_person(&world.chair).await;
    let mut second = service.as_person(&world.manager_itu_t).await;
    first.get(WIRE).await;
    second.get(WIRE).await;
    first.submit("Set the deadline", &[("Deadline", "15 June 2026"), ("Whose day is it?", "Agreed with the peer")]).await;
    second.submit("Set the deadline", &[("Deadline", "15 May 2026"), ("Whose day is it?", "Agreed with the peer")]).await;
    second.assert_status(409).assert_says("This changed while you read it").assert_says("15 June 2026");
    assert_eq!(second.page.value("Deadline"), "15 May 2026", "what was typed is given back");
    assert!(status(&mut second).await.contains("15 June 2026"));
}

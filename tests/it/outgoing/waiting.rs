//! Who is waited for: desks, reminders, stand-ins, roles that start or end, drafts that pass on (domain.md 1, 4, 7, 8).

use chrono::{NaiveDate, TimeDelta};
use liaison_tracker::App;
use liaison_tracker::people::RoleKind;
use liaison_tracker::reminders::run;
use liaison_tracker::statements::leaving;

use super::{COMPLETE, TODAY, decide, letter, recipients, submitted_reply, tracker};
use crate::support::people::{self, Person, World};
use crate::support::{TestService, time};

/// The rows of somebody's desk; the header's number must be as many.
async fn desk(service: &TestService, person: &Person) -> Vec<String> {
    let mut visitor = service.as_person(person).await;
    visitor.get("/desk").await;
    visitor.assert_status(200);
    let rows = visitor.page.texts(".desk > li > div:first-child");
    let waiting = if rows.is_empty() { "My desk".to_owned() } else { format!("My desk ({} waiting)", rows.len()) };
    assert!(visitor.page.find_link(&waiting).is_some(), "{}: {waiting}: {}", person.name, visitor.page.text);
    rows
}

fn everybody(world: &World) -> [&Person; 21] {
    [
        &world.ad_net,
        &world.ad2_net,
        &world.ad_sec,
        &world.ad_ops,
        &world.chair,
        &world.chair2,
        &world.secretary,
        &world.chair_mesh,
        &world.chair_path,
        &world.chair_keys,
        &world.chair_bench,
        &world.ietf_chair,
        &world.iab_chair,
        &world.irtf_chair,
        &world.iab_member,
        &world.coordinator,
        &world.coordinator2,
        &world.manager_itu_t,
        &world.manager_3gpp,
        &world.secretariat,
        &world.outsider,
    ]
}

/// Who finds on their desk that a sign-off waits for them: exactly those whom its page lets decide.
async fn asked(service: &TestService, world: &World, draft: &str) -> Vec<String> {
    let mut names = Vec::new();
    for person in everybody(world) {
        let rows = desk(service, person).await;
        let is_on_desk = rows.iter().any(|row| ["Approve ", "Agree ", "Review "].iter().any(|verb| row.starts_with(verb)));
        let mut visitor = service.as_person(person).await;
        visitor.get(&format!("{draft}/review")).await;
        assert_eq!(is_on_desk, visitor.page.text.contains("Send decision"), "{}: {rows:?}", person.name);
        if is_on_desk {
            names.push(person.name.clone());
        }
    }
    names
}

async fn away(app: &App, person: &Person, until: Option<&str>) {
    let until: Option<NaiveDate> = until.map(|day| day.parse().expect("a day"));
    sqlx::query("UPDATE roles SET away_until = $2 WHERE person_id = $1").bind(person.id.0).bind(until).execute(&app.pool).await.expect("away");
}

async fn leave(app: &App, person: &Person) {
    sqlx::query("UPDATE roles SET ends_on = $2 WHERE person_id = $1").bind(person.id.0).bind(app.today()).execute(&app.pool).await.expect("ended");
}

#[tokio::test]
async fn desks_show_what_waits_to_exactly_those_who_may_decide() {
    let (service, world) = tracker().await;
    let app = &service.app;
    letter(app).await;
    let (_, draft) = submitted_reply(&service, &world.secretary, 1, &[]).await;

    assert_eq!(asked(&service, &world, &draft).await, ["Nora Director", "Niels Director", "Ivo Manager"]);
    let row =
        "Approve Reply: LS on wire formats to ITU-T SG11 · for WIRE: you or Niels Director · asked today · reply due Friday 1 May 2026, in 60 days";
    assert_eq!(desk(&service, &world.ad_net).await, [row]);
    assert_eq!(
        desk(&service, &world.manager_itu_t).await,
        [
            "Approve Reply: LS on wire formats to ITU-T SG11 · as liaison manager for ITU-T: you · asked today · reply due Friday 1 May 2026, in 60 days"
        ]
    );

    away(app, &world.manager_itu_t, Some("2026-04-01")).await;
    let with_coordinators = ["Nora Director", "Niels Director", "Cora Coordinator", "Curt Coordinator", "Ivo Manager"];
    assert_eq!(asked(&service, &world, &draft).await, with_coordinators);
    assert!(desk(&service, &world.coordinator).await[0].contains("standing in for Ivo Manager"));
    away(app, &world.manager_itu_t, None).await;

    // Monday; three working days
    app.clock.set(time("2026-03-04T20:00:00Z"));
    assert_eq!(asked(&service, &world, &draft).await, ["Nora Director", "Niels Director", "Ivo Manager"]);
    app.clock.set(time("2026-03-05T08:00:00Z"));
    let after_the_wait = ["Nora Director", "Niels Director", "Iris Lead", "Cora Coordinator", "Curt Coordinator", "Ivo Manager"];
    assert_eq!(asked(&service, &world, &draft).await, after_the_wait);

    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Approve")]).await;
    assert_eq!(asked(&service, &world, &draft).await, ["Cora Coordinator", "Curt Coordinator", "Ivo Manager"]);

    // nobody manages it any more: it is the coordinators' own
    leave(app, &world.manager_itu_t).await;
    assert_eq!(asked(&service, &world, &draft).await, ["Cora Coordinator", "Curt Coordinator"]);
    let rows = desk(&service, &world.coordinator).await;
    assert!(rows[0].contains("as liaison manager for ITU-T: you"), "{rows:?}");

    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&format!("{draft}/review")).await;
    coordinator.submit("Hold it", &[("Why do you hold it?", "the IAB meets")]).await;
    let rows = desk(&service, &world.coordinator).await;
    assert!(
        rows.iter().any(|row| row.starts_with("Release Reply: LS on wire formats") && row.contains("you hold it since today: the IAB meets")),
        "{rows:?}"
    );
    assert!(desk(&service, &world.coordinator2).await.iter().all(|row| !row.starts_with("Release")));
}

#[tokio::test]
async fn a_group_that_has_to_agree_finds_it_and_its_author_does_not_stand_in() {
    let (service, world) = tracker().await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/statements/outgoing/new?form=yes").await;
    let fields = [("From", "keys"), ("To", "3GPP SA3"), ("Title", "On keys"), ("Purpose", "For Information")];
    coordinator.submit("Continue to check and submit", &[&fields[..], &COMPLETE[..]].concat()).await;
    let draft = coordinator.page.path.trim_end_matches("/submit").to_owned();
    coordinator.submit("Submit for review", &[]).await;

    let asked_now = asked(&service, &world, &draft).await;
    assert_eq!(asked_now, ["Selma Director", "Kim Chair", "Gina Manager"]);
    assert!(desk(&service, &world.chair_keys).await[0].starts_with("Agree On keys"));
    away(&service.app, &world.chair_keys, Some("2026-04-01")).await;
    assert_eq!(asked(&service, &world, &draft).await, ["Selma Director", "Kim Chair", "Curt Coordinator", "Gina Manager"]);
}

#[tokio::test]
async fn approval_of_the_iesg_is_not_an_area_directors_to_give() {
    let (service, world) = tracker().await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/statements/outgoing/new?form=yes").await;
    let fields = [("From", "ietf; wire"), ("To", "3GPP SA3"), ("Title", "On wires"), ("Purpose", "For Information")];
    coordinator.submit("Continue to check and submit", &[&COMPLETE[..], &fields, &[("Consensus", "No consensus sought")]].concat()).await;
    let draft = coordinator.page.path.trim_end_matches("/submit").to_owned();
    let overruled: Vec<(&str, &str)> = Vec::new();
    coordinator.submit("Submit for review", &overruled).await;
    coordinator.assert_at(&draft);
    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Approve")]).await;

    let open: Vec<Option<String>> = sqlx::query_scalar(
        "SELECT groups.acronym FROM sign_offs LEFT JOIN groups USING (group_id) WHERE sign_offs.kind = 'approval' AND sign_offs.state = 'waiting'",
    )
    .fetch_all(&service.app.pool)
    .await
    .expect("rows");
    assert_eq!(open, [Some("ietf".to_owned())]);
    assert!(desk(&service, &world.ietf_chair).await[0].starts_with("Approve On wires"));
}

#[tokio::test]
async fn drafts_say_what_they_lack_and_stand_on_the_desk_of_the_peers_manager() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/outgoing/new?in-response-to=1").await;
    secretary.submit("Save draft", &[]).await;

    secretary.get("/desk").await;
    secretary.assert_says("missing: Text, Consensus");
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/desk").await;
    manager.assert_says("Being drafted to your peers").assert_says("by Sven Secretary, for WIRE").assert_says("reply due Friday 1 May 2026");
    let mut other = service.as_person(&world.manager_3gpp).await;
    other.get("/desk").await;
    other.assert_silent("Being drafted to your peers").assert_says("Nothing waits for you");
    assert_eq!(recipients(&service, "draft-begun").await, [""; 0], "the day is far");
}

#[tokio::test]
async fn what_a_peer_was_asked_stands_where_it_came_from_and_with_its_manager() {
    let (service, world) = tracker().await;
    let new = crate::support::posted::NewStatement {
        direction: "outgoing",
        from: &["wire"],
        to: &["itu-t-sg11"],
        purpose: Some("for-action"),
        title: "A question",
        ..crate::support::posted::incoming(7)
    };
    let id = crate::support::posted::put(&service.app, &new).await;
    let action = crate::support::posted::NewAction {
        group: "itu-t-sg11",
        purpose: "for-action",
        state: "awaited",
        assignee: "",
        due_on: Some("2026-03-20"),
        closed_on: None,
    };
    crate::support::posted::act(&service.app, id, action).await;
    for (person, waits) in [(&world.chair, true), (&world.manager_itu_t, true), (&world.chair_keys, false), (&world.manager_3gpp, false)] {
        let mut visitor = service.as_person(person).await;
        visitor.get("/desk").await;
        let said = "ITU-T SG11 was asked by Friday 20 March 2026, in 18 days";
        assert_eq!(visitor.page.text.contains(said), waits, "{}: {}", person.name, visitor.page.text);
    }
}

#[tokio::test]
async fn the_manager_is_mailed_of_a_draft_whose_day_is_near_once() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let fields = [("From", "wire"), ("To", "ITU-T SG11"), ("Title", "A question"), ("Purpose", "For Action")];
    chair.get("/statements/outgoing/new?form=yes").await;
    chair.submit("Save draft", &[&fields[..], &[("Deadline", "17 March 2026")]].concat()).await;
    assert_eq!(recipients(&service, "draft-begun").await, [""; 0], "15 days");
    chair.submit("Save draft", &[("Deadline", "16 March 2026")]).await;
    chair.submit("Save draft", &[("Title", "Another question")]).await;
    assert_eq!(recipients(&service, "draft-begun").await, ["itu-t-manager@ietf.example"]);

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/outgoing/new?form=yes").await;
    manager.submit("Save draft", &[&fields[..], &[("Deadline", "10 March 2026")]].concat()).await;
    assert_eq!(recipients(&service, "draft-begun").await.len(), 1, "nobody is told what they do");
}

async fn once(app: &App) {
    let mut connection = app.pool.acquire().await.expect("a connection");
    run::once(app, &mut connection).await.expect("a run");
}

/// Runs each morning, of the first day up to and with the last.
async fn mornings(app: &App, from: &str, until: &str) {
    let (mut now, until) = (time(&format!("{from}T07:00:00Z")), time(&format!("{until}T07:00:00Z")));
    while now <= until {
        app.clock.set(now);
        once(app).await;
        now += TimeDelta::days(1);
    }
}

/// Who was reminded: day, counted to what, of which step, at which address.
async fn reminded(app: &App, counted_to: &str) -> Vec<(String, i32, Vec<String>)> {
    sqlx::query_as(
        "SELECT made_on::text, step, array_agg(address ORDER BY address) FROM reminders WHERE counted_to = $1 AND mail_id IS NOT NULL
          GROUP BY made_on, step ORDER BY made_on, step",
    )
    .bind(counted_to)
    .fetch_all(&app.pool)
    .await
    .expect("reminders")
}

fn line(day: &str, step: i32, who: &[&str]) -> (String, i32, Vec<String>) {
    (day.to_owned(), step, who.iter().map(|one| (*one).to_owned()).collect())
}

const CHAIRS_AND_MANAGER: [&str; 3] = ["carol@people.example", "chen@people.example", "itu-t-manager@ietf.example"];
const SIGNERS: [&str; 3] = ["itu-t-manager@ietf.example", "niels@people.example", "nora@people.example"];

#[tokio::test]
async fn a_reply_reminds_its_author_then_its_signers_instead_of_the_chairs() {
    let (service, world) = tracker().await;
    let app = &service.app;
    letter(app).await;
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/outgoing/new?in-response-to=1").await;
    secretary.submit("Save draft", &COMPLETE).await;
    let draft = secretary.page.path.clone();
    mornings(app, "2026-03-03", "2026-04-20").await;
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get(&draft).await;
    secretary.submit("Continue to check and submit", &[]).await;
    secretary.submit("Submit for review", &[]).await;
    mornings(app, "2026-04-21", "2026-04-25").await;

    let (sven, lead) = ("sven@people.example", "iris@people.example");
    assert_eq!(reminded(app, "submit-by").await, [line("2026-04-12", -14, &[sven]), line("2026-04-19", -7, &[sven])]);
    assert_eq!(reminded(app, "version").await.len(), 1, "an untouched draft once");
    let all_signers = [SIGNERS[0], SIGNERS[1], SIGNERS[2], sven];
    // Monday 20 April, three working days: Thursday, with who may stand in from then on
    let with_stand_ins = [lead, SIGNERS[0], "liaison-coordination@example.org", SIGNERS[1], SIGNERS[2]];
    let on_the_24th = [lead, SIGNERS[0], "liaison-coordination@example.org", SIGNERS[1], SIGNERS[2], sven];
    assert_eq!(reminded(app, "day").await, [line("2026-04-17", -14, &CHAIRS_AND_MANAGER), line("2026-04-24", -7, &on_the_24th)]);
    assert!(all_signers.iter().all(|one| on_the_24th.contains(one)));
    let rows = reminded(app, "asked").await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let mut who = rows[0].2.clone();
    who.sort();
    who.dedup();
    assert_eq!((rows[0].0.as_str(), rows[0].1, who), ("2026-04-23", 0, with_stand_ins.map(str::to_owned).to_vec()));

    // changes requested: a draft again, and no step a second time
    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Request changes"), ("What should be changed?", "the end")]).await;
    mornings(app, "2026-04-26", "2026-04-27").await;
    assert_eq!(
        reminded(app, "submit-by").await[2..],
        [line("2026-04-26", 0, &[sven]), line("2026-04-27", 1, &[sven])],
        "the chairs again, and its author"
    );
    let (all, distinct): (i64, i64) =
        sqlx::query_as("SELECT count(*), count(DISTINCT (deadline_id, sign_off_id, statement_id, counted_to, step, recipient)) FROM reminders")
            .fetch_one(&app.pool)
            .await
            .expect("a count");
    assert_eq!(all, distinct);
    let most: i64 = sqlx::query_scalar(
        "SELECT max(mails) FROM (SELECT count(*) AS mails FROM mail_deliveries JOIN mails USING (mail_id) WHERE event = 'reminder'
          GROUP BY recipient, (made_at AT TIME ZONE 'UTC')::date) AS days",
    )
    .fetch_one(&app.pool)
    .await
    .expect("a count");
    assert_eq!(most, 1, "one mail a person a day");
    let lists: i64 =
        sqlx::query_scalar("SELECT count(*) FROM reminders WHERE address = 'wire@ietf.example'").fetch_one(&app.pool).await.expect("a count");
    assert_eq!(lists, 0);
}

/// TM03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_several_servers_waiting_sign_offs_and_holds_remind_once_a_week() {
    let (service, world) = tracker().await;
    let app = &service.app;
    letter(app).await;
    let (_, draft) = submitted_reply(&service, &world.secretary, 1, &[]).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&format!("{draft}/review")).await;
    coordinator.submit("Hold it", &[("Why do you hold it?", "the IAB meets")]).await;
    let mut now = time("2026-03-03T07:00:00Z");
    while now <= time("2026-03-20T07:00:00Z") {
        app.clock.set(now);
        tokio::join!(once(app), once(app), once(app));
        once(app).await;
        now += TimeDelta::days(1);
    }

    let weeks: Vec<(String, i32)> = reminded(app, "asked").await.into_iter().map(|(day, step, _)| (day, step)).collect();
    assert_eq!(weeks, [("2026-03-05".to_owned(), 0), ("2026-03-12".to_owned(), 7), ("2026-03-19".to_owned(), 14)]);
    let held: Vec<(String, Vec<String>)> = reminded(app, "held").await.into_iter().map(|(day, _, who)| (day, who)).collect();
    let cora = vec!["cora@people.example".to_owned()];
    assert_eq!(held, [("2026-03-09".to_owned(), cora.clone()), ("2026-03-16".to_owned(), cora)]);

    // decided: none any more
    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Request changes"), ("What should be changed?", "the end")]).await;
    let before = reminded(app, "asked").await;
    mornings(app, "2026-03-21", "2026-04-02").await;
    assert_eq!(reminded(app, "asked").await, before);
    assert_eq!(reminded(app, "held").await.len(), 2);
}

#[tokio::test]
async fn who_comes_into_a_role_finds_it_and_is_told_the_next_morning_once() {
    let (service, world) = tracker().await;
    let app = &service.app;
    letter(app).await;
    let (_, draft) = submitted_reply(&service, &world.secretary, 1, &[]).await;
    app.clock.set(time("2026-03-02T12:00:00Z"));
    once(app).await;
    people::role(app, &world.outsider, RoleKind::AreaDirector, Some("net")).await;
    assert_eq!(asked(&service, &world, &draft).await, ["Nora Director", "Niels Director", "Ivo Manager", "Otto Outside"]);
    mornings(app, "2026-03-03", "2026-03-04").await;
    assert_eq!(reminded(app, "asked").await, [line("2026-03-03", -2, &["otto@people.example"])]);
    // a new manager before the old one's approval is void: what was given stays given
    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Approve")]).await;
    leave(app, &world.ad_net).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/2");
}

#[tokio::test]
async fn whom_an_area_director_names_approves_in_their_place_until_the_day() {
    let (service, world) = tracker().await;
    let app = &service.app;
    let mut director = service.as_person(&world.ad_sec).await;
    director.get("/account").await;
    director.submit("Save", &[("Away until", "10 March 2026"), ("Who decides in your place", "Ada@people.example")]).await;
    director.assert_says("Ada Member approves in your place");
    let mut chair = service.as_person(&world.chair_keys).await;
    chair.get("/statements/outgoing/new?form=yes").await;
    let fields = [("From", "keys"), ("To", "3GPP SA3"), ("Title", "On keys"), ("Purpose", "For Information")];
    chair.submit("Continue to check and submit", &[&fields[..], &COMPLETE[..]].concat()).await;
    let draft = chair.page.path.trim_end_matches("/submit").to_owned();
    chair.submit("Submit for review", &[]).await;

    assert!(recipients(&service, "sign-off-asked").await.contains(&"ada@people.example".to_owned()));
    assert_eq!(asked(&service, &world, &draft).await, ["Selma Director", "Iris Lead", "Ada Member", "Gina Manager"]);
    assert!(desk(&service, &world.iab_member).await[0].contains("standing in for Selma Director"));

    // the day is over
    app.clock.set(time("2026-03-10T07:00:00Z"));
    leaving::pass_on(app, &app.pool).await.expect("stand-ins end");
    let names = asked(&service, &world, &draft).await;
    assert!(!names.contains(&"Ada Member".to_owned()), "{names:?}");

    app.clock.set(time("2026-03-11T09:00:00Z"));
    director.get("/account").await;
    director.submit("Save", &[("Away until", "20 March 2026"), ("Who decides in your place", "bo@people.example")]).await;
    let mut named = service.as_person(&world.chair_bench).await;
    decide(&mut named, &draft, &[("Decision", "Approve")]).await;
    named.assert_status(200);
    chair.get(&draft).await;
    chair.assert_says("given by Bo Chair, chair of BENCH on 11 Mar 2026, standing in");
}

#[tokio::test]
async fn the_irtf_chair_is_consulted_once_and_may_read_it_then() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (_, draft) = submitted_reply(&service, &world.secretary, 1, &[]).await;
    let mut irtf_chair = service.as_person(&world.irtf_chair).await;
    irtf_chair.get(&draft).await;
    irtf_chair.assert_status(404);
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&format!("{draft}/review")).await;
    coordinator.click("Consult the IRTF Chair").await;
    coordinator.submit("Consult", &[("What do you ask?", "Is it NMRG's?")]).await;
    coordinator.assert_at(&draft).assert_says("consulted the IRTF Chair: Is it NMRG's?");

    assert_eq!(recipients(&service, "consulted").await, ["rita@people.example"]);
    irtf_chair.get(&draft).await;
    irtf_chair.assert_status(200).assert_says("we thank you, and agree").assert_silent("Take it back");
    let mut director = service.as_person(&world.ad_sec).await;
    director.get(&draft).await;
    director.assert_status(404);
}

#[tokio::test]
async fn a_draft_is_handed_over_and_both_are_told() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/outgoing/new?in-response-to=1").await;
    secretary.submit("Save draft", &[]).await;
    let draft = secretary.page.path.clone();
    secretary.click("Hand the draft over").await;
    secretary.submit("Hand it over", &[("Whose draft is it to be?", "kim@people.example"), ("A word to them", "the end is missing")]).await;
    secretary.assert_at("/desk").assert_says("Handed over").assert_silent("Your drafts");

    assert_eq!(recipients(&service, "draft-handed-over").await, ["kim@people.example", "sven@people.example"]);
    let mut kim = service.as_person(&world.chair_keys).await;
    kim.get("/desk").await;
    kim.assert_says("Your drafts").assert_says("Reply: LS on wire formats");
    kim.get(&draft).await;
    kim.assert_status(200);
    assert_eq!(kim.page.value("From"), "WIRE");
}

#[tokio::test]
async fn what_somebody_leaves_passes_to_the_chairs_once_of_a_manager_to_the_coordinators() {
    let (service, world) = tracker().await;
    let app = &service.app;
    let id = letter(app).await;
    sqlx::query("UPDATE actions SET assignee_id = $1, assignee_name = 'Carol Chair' WHERE statement_id = $2 AND purpose = 'for-action'")
        .bind(world.chair.id.0)
        .bind(id.0)
        .execute(&app.pool)
        .await
        .expect("assigned");
    let mut drafts = Vec::new();
    for author in [&world.chair, &world.manager_itu_t] {
        let mut visitor = service.as_person(author).await;
        visitor.get("/statements/outgoing/new?form=yes").await;
        visitor.submit("Save draft", &[("From", "wire"), ("To", "ITU-T SG11"), ("Title", "A draft")]).await;
        drafts.push(visitor.page.path.clone());
    }
    leaving::pass_on(app, &app.pool).await.expect("nothing to pass on");
    assert_eq!(recipients(&service, "passed-on").await, [""; 0]);

    app.clock.set(time("2026-03-04T09:00:00Z"));
    leave(app, &world.chair).await;
    leave(app, &world.manager_itu_t).await;
    let (one, other) = tokio::join!(leaving::pass_on(app, &app.pool), leaving::pass_on(app, &app.pool));
    one.and(other).expect("passed on");
    leaving::pass_on(app, &app.pool).await.expect("nothing is left");

    // the chair's draft and action, the manager's draft
    assert_eq!(recipients(&service, "passed-on").await, ["chen@people.example", "chen@people.example", "liaison-coordination@example.org"]);
    let lines: i64 = sqlx::query_scalar("SELECT count(*) FROM history WHERE event = 'passed-on'").fetch_one(&app.pool).await.expect("lines");
    assert_eq!(lines, 3);
    let mut chen = service.as_person(&world.chair2).await;
    chen.get("/desk").await;
    chen.assert_says("Your drafts").assert_says("WIRE, nobody has taken it");
    let mut carol = service.as_person(&world.chair).await;
    carol.get(&drafts[0]).await;
    carol.assert_status(404);
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/desk").await;
    coordinator.assert_says("Your drafts");
    assert!(TODAY < "2026-03-04");
}

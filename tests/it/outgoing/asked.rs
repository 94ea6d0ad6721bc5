//! Who is asked for which sign-off: everyone who can still give it, each once, and never nobody (domain.md 4; inputs 14).

use liaison_tracker::ids::PersonId;
use liaison_tracker::people::Viewer;
use liaison_tracker::people::store::sessions;
use liaison_tracker::permissions::may_sign;
use liaison_tracker::statements::recipients::outgoing::{Roster, signers};
use liaison_tracker::statements::store::{self, Key, steps};
use liaison_tracker::web::session::Secret;

use super::{decide, drafted, in_review, recipients, rows, state, submit_as, tracker, tracker_with};
use crate::support::TestService;
use crate::support::queries::count;

/// Eight groups of three areas.
const EIGHT: &str = "wire; mesh; path; keys; bench; net; sec; ops";

/// Ends every role of that kind.
async fn nobody_holds(service: &TestService, kind: &str) {
    sqlx::query("UPDATE roles SET ends_on = $1 WHERE kind = $2")
        .bind(service.app.today())
        .bind(kind)
        .execute(&service.app.pool)
        .await
        .expect("roles");
}

/// What is asked of whom: recipient and each line of what.
async fn asked_of(service: &TestService, address: &str) -> Vec<String> {
    let body: Option<String> =
        sqlx::query_scalar("SELECT body FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'sign-off-asked' AND recipient = $1")
            .bind(address)
            .fetch_optional(&service.app.pool)
            .await
            .expect("at most one mail");
    let lines = |body: &str| {
        body.lines()
            .skip_while(|line| !line.contains("You are asked for:"))
            .skip(1)
            .take_while(|line| line.starts_with("  "))
            .map(|line| line.trim().to_owned())
            .collect()
    };
    body.as_deref().map_or_else(Vec::new, lines)
}

const COORDINATORS: &str = "liaison-coordination@example.org";

#[tokio::test]
async fn input_14_the_authority_of_an_area_director_who_submits_counts() {
    let (service, world) = tracker().await;
    let draft = in_review(&service, &world.ad_ops, EIGHT, &[]).await;

    assert_eq!(rows(&service, &draft).await, ["approval given Oskar Director", "manager:itu-t waiting"]);
    assert_eq!(recipients(&service, "sign-off-asked").await, ["itu-t-manager@ietf.example", COORDINATORS]);
    let mut manager = service.as_person(&world.manager_itu_t).await;
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    assert_eq!(state(&service, &draft).await, ("posted".to_owned(), Some(1)));
    let told = recipients(&service, "outgoing-posted").await;
    let mut once = told.clone();
    once.dedup();
    assert_eq!(told, once, "each is told once");
    for list in ["wire", "mesh", "path", "keys", "bench"] {
        assert!(told.contains(&format!("{list}@ietf.example")), "{told:?}");
    }
    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("Approved by Oskar Director as Area Director of OPS on 2 March 2026");
}

#[tokio::test]
async fn input_14_with_each_area_two_more_are_needed() {
    let (service, world) = tracker_with(&[("LIAISON_APPROVAL", "each-area")]).await;
    let draft = in_review(&service, &world.ad_ops, EIGHT, &[]).await;

    let expected = ["approval:net waiting", "approval:sec waiting", "approval:ops given Oskar Director", "manager:itu-t waiting"];
    assert_eq!(rows(&service, &draft).await, expected);
    let asked = ["itu-t-manager@ietf.example", COORDINATORS, "niels@people.example", "nora@people.example", "selma@people.example"];
    assert_eq!(recipients(&service, "sign-off-asked").await, asked);
    for person in [&world.ad2_net, &world.manager_itu_t, &world.ad_sec] {
        assert_eq!(state(&service, &draft).await.0, "in-review");
        let mut visitor = service.as_person(person).await;
        decide(&mut visitor, &draft, &[("Decision", "Approve")]).await;
    }
    assert_eq!(state(&service, &draft).await, ("posted".to_owned(), Some(1)));
}

#[tokio::test]
async fn each_who_can_give_something_gets_one_mail_with_all_of_it() {
    let (service, world) = tracker().await;
    in_review(&service, &world.secretariat, EIGHT, &[]).await;

    let mut everybody: Vec<String> = ["carol", "chen", "sven", "mona", "pia", "kim", "bo", "nora", "niels", "selma", "oskar"]
        .map(|name| format!("{name}@people.example"))
        .to_vec();
    everybody.extend(["itu-t-manager@ietf.example".to_owned(), COORDINATORS.to_owned()]);
    everybody.sort();
    assert_eq!(recipients(&service, "sign-off-asked").await, everybody);
    assert_eq!(asked_of(&service, "carol@people.example").await, ["the agreement of WIRE"]);
    assert_eq!(asked_of(&service, "nora@people.example").await, ["the agreement of NET", "the approval of an Area Director"]);
    assert_eq!(asked_of(&service, COORDINATORS).await, Vec::<String>::new(), "they are told, and can hold it");
}

#[tokio::test]
async fn where_nobody_holds_the_role_somebody_else_is_asked() {
    for (kind, from, row, asked) in [
        ("chair", "MESH", "the agreement of MESH", COORDINATORS),
        ("area-director", "MESH", "the approval of an Area Director", "iris@people.example"),
        ("liaison-manager", "MESH", "the approval of the liaison manager for ITU-T", COORDINATORS),
        ("ietf-chair", "IETF", "the approval for IETF", COORDINATORS),
        ("iab-chair", "IAB", "the approval for IAB", COORDINATORS),
    ] {
        let (service, world) = tracker().await;
        nobody_holds(&service, kind).await;
        let draft = in_review(&service, &world.secretariat, from, &[]).await;
        let of_them = asked_of(&service, asked).await;
        assert!(of_them.iter().any(|one| one == row), "without {kind}: {of_them:?}, {:?}", rows(&service, &draft).await);
        // and they can give it, but for what only the IAB, or its secretary's entry, can decide
        if asked == "iris@people.example" {
            let mut chair = service.as_person(&world.ietf_chair).await;
            decide(&mut chair, &draft, &[("Decision", "Approve")]).await;
            assert!(rows(&service, &draft).await.contains(&"approval given Iris Lead".to_owned()));
        }
    }
}

#[tokio::test]
async fn where_all_area_directors_are_away_the_ietf_chair_is_asked_too() {
    let (service, world) = tracker().await;
    sqlx::query("UPDATE roles SET away_until = '2026-04-01' WHERE kind = 'area-director'").execute(&service.app.pool).await.expect("away");
    let draft = in_review(&service, &world.secretary, "WIRE", &[]).await;

    let asked = ["iris@people.example", "itu-t-manager@ietf.example", COORDINATORS, "niels@people.example", "nora@people.example"];
    assert_eq!(recipients(&service, "sign-off-asked").await, asked);
    let mut chair = service.as_person(&world.ietf_chair).await;
    decide(&mut chair, &draft, &[("Decision", "Approve")]).await;
    assert_eq!(rows(&service, &draft).await[0], "approval given Iris Lead");
    let stands_in: bool =
        sqlx::query_scalar("SELECT is_standing_in FROM sign_offs WHERE kind = 'approval'").fetch_one(&service.app.pool).await.expect("a row");
    assert!(stands_in);
}

#[tokio::test]
async fn own_authority_is_asked_of_the_others_where_it_is_set_so() {
    let (service, world) = tracker_with(&[("LIAISON_OWN_AUTHORITY", "asked")]).await;
    let draft = in_review(&service, &world.ad_net, "WIRE", &[]).await;
    assert_eq!(rows(&service, &draft).await, ["approval waiting", "manager:itu-t waiting"]);
    assert_eq!(recipients(&service, "sign-off-asked").await, ["itu-t-manager@ietf.example", COORDINATORS, "niels@people.example"]);

    // where nobody else could give it, it counts anyway
    let (mut director, draft) = drafted(&service, &world.ad_sec, "KEYS", &[("Title", "A word on keys")]).await;
    submit_as(&mut director, &draft, "").await;
    assert_eq!(rows(&service, &draft).await, ["approval given Selma Director", "manager:itu-t waiting"]);
}

#[tokio::test]
async fn coordinators_review_it_where_that_is_required_and_are_not_told_where_it_is_off() {
    let (service, world) = tracker_with(&[("LIAISON_COORDINATOR_REVIEW", "required")]).await;
    let fields = [("To", "ETSI ISG ZSM"), ("Send to", "zsm@etsi.example")];
    let draft = in_review(&service, &world.secretary, "WIRE", &fields).await;
    assert_eq!(rows(&service, &draft).await, ["approval waiting", "manager:etsi waiting", "coordinator waiting"]);
    assert_eq!(asked_of(&service, COORDINATORS).await, ["the approval of the liaison manager for ETSI", "the review by a coordinator"]);
    // who gives the manager's row has given the review
    let mut coordinator = service.as_person(&world.coordinator).await;
    decide(&mut coordinator, &draft, &[("Decision", "Approve")]).await;
    assert_eq!(rows(&service, &draft).await, ["approval waiting", "manager:etsi given Cora Coordinator", "coordinator given Cora Coordinator"]);
    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Approve")]).await;
    assert_eq!(state(&service, &draft).await, ("posted".to_owned(), Some(1)));

    let (service, world) = tracker_with(&[("LIAISON_COORDINATOR_REVIEW", "off")]).await;
    in_review(&service, &world.secretary, "WIRE", &[]).await;
    assert_eq!(recipients(&service, "sign-off-asked").await, ["itu-t-manager@ietf.example", "niels@people.example", "nora@people.example"]);
}

/// Everybody, as permissions see them.
async fn everybody(service: &TestService) -> Vec<Viewer> {
    let app = &service.app;
    let people: Vec<i64> = sqlx::query_scalar("SELECT person_id FROM people ORDER BY 1").fetch_all(&app.pool).await.expect("people");
    let mut everybody = Vec::new();
    for id in people {
        let secret = Secret::new().expect("randomness");
        let mut connection = app.pool.acquire().await.expect("a connection");
        sessions::add(&mut connection, app.clock.now(), PersonId(id), &secret.hash, "a test").await.expect("a session");
        drop(connection);
        everybody.extend(sessions::viewer(&app.pool, &secret.hash, app.clock.now(), app.today()).await.expect("a viewer"));
    }
    everybody
}

/// The rule stands twice: from a row to the people who are asked, in SQL, and from a person to whether they may. They agree.
#[tokio::test]
async fn whoever_is_asked_may_give_it_and_nobody_else_may_in_a_role_of_their_own() {
    let (service, world) = tracker_with(&[("LIAISON_COORDINATOR_REVIEW", "required"), ("LIAISON_APPROVAL", "each-area")]).await;
    let app = &service.app;
    let mut drafts = Vec::new();
    for from in [EIGHT, "wire", "wire; keys", "net", "iab", "ietf", "iesg", "wire; iab"] {
        for to in ["ITU-T SG11", "ITU-T SG15 Q14", "3GPP SA3; ITU-T"] {
            drafts.push((from, to, in_review(&service, &world.coordinator, from, &[("To", to)]).await));
        }
    }
    let mut compared = 0;
    for ended in ["none", "area-director", "liaison-manager", "chair", "iab-chair"] {
        nobody_holds(&service, ended).await;
        let everybody = everybody(&service).await;
        for (from, to, draft) in &drafts {
            let mut connection = app.pool.acquire().await.expect("a connection");
            let id = draft.rsplit('/').next().expect("an id");
            let found = store::find(&mut connection, Key::Draft(id)).await.expect("statements").expect("the draft");
            let rows = steps::sign_offs(&mut connection, found.statement_id).await.expect("rows");
            let (roster, queries) = count(Roster::of(app, &mut connection, &found.case)).await;
            assert!(queries.len() <= 2, "however many groups: {queries:#?}");
            let roster = roster.expect("who holds what");
            for row in rows.iter().filter(|row| row.state == "waiting") {
                let who = signers(app, &roster, &found.case, row.asked(), None);
                for viewer in everybody.iter().filter(|viewer| viewer.person_id != world.coordinator.id) {
                    let is_asked = who.holders.iter().any(|holder| holder.person_id == viewer.person_id);
                    let signing = may_sign(viewer, row.asked(), &found.case, &who.others).unwrap_or_default();
                    let may = signing.iter().any(|one| !one.is_standing_in || who.others.nobody_holds_it);
                    assert_eq!(may, is_asked, "{:?} of {from} to {to}, without any {ended}: {} {:?}", row.asked(), viewer.name, viewer.roles);
                    compared += usize::from(is_asked);
                }
            }
        }
    }
    assert!(compared > 200, "{compared}");
}

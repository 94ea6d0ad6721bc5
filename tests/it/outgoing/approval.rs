//! What left without approval: posted marked so, then confirmed or objected to by whose authority it is (domain.md 4).

use liaison_tracker::checkup;

use super::{decide, in_review, recipients, rows, state, tracker_with};
use crate::support::TestService;
use crate::support::people::World;

const PATH: &str = "/statements/1/approval";

/// A statement of WIRE and KEYS that a coordinator says has left, posted by the manager's approval.
async fn left(variables: &[(&str, &str)]) -> (TestService, World) {
    let (service, world) = tracker_with(variables).await;
    let otherwise = [("Delivered how", "It is delivered in another way"), ("Delivered how, in words", "by their portal")];
    let draft = in_review(&service, &world.secretary, "WIRE; KEYS", &otherwise).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&format!("{draft}/enter")).await;
    let fields = [("Who gave it?", "Nobody: it has left without approval"), ("Evidence", "https://mail.example/arch/sent/3")];
    coordinator.submit("Enter it", &fields).await;
    coordinator.assert_status(200).assert_at(&draft);
    assert_eq!(state(&service, &draft).await.0, "in-review", "the manager is still asked");
    let mut manager = service.as_person(&world.manager_itu_t).await;
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1");
    assert!(rows(&service, &draft).await.iter().any(|row| row.starts_with("approval") && row.ends_with("waiting")));
    (service, world)
}

#[tokio::test]
async fn it_is_marked_and_whoever_has_the_authority_confirms_it() {
    let (service, world) = left(&[]).await;
    assert_eq!(
        recipients(&service, "without-approval").await,
        ["niels@people.example", "nora@people.example", "selma@people.example", "sven@people.example"]
    );
    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("It was sent without approval, and is not confirmed yet.").assert_says("Sent without approval");
    assert!(reader.page.find_link("Confirm it, or object").is_none());
    reader.get(PATH).await;
    reader.assert_at("/sign-in");

    for other in [&world.chair, &world.ad_ops, &world.manager_itu_t, &world.coordinator, &world.secretariat, &world.iab_chair] {
        let mut visitor = service.as_person(other).await;
        visitor.get("/statements/1").await;
        assert!(visitor.page.find_link("Confirm it, or object").is_none(), "{}", other.name);
        visitor.get(PATH).await;
        visitor.assert_status(403);
        visitor.post(PATH, &[("decision", "confirm")]).await;
        visitor.assert_status(403);
    }
    service.set_time("2026-03-03T09:00:00Z");
    let mut director = service.as_person(&world.ad_sec).await;
    director.get("/statements/1").await;
    director.click("Confirm it, or object").await;
    director.assert_status(200).assert_says("had left before it was approved");
    director.submit("Send decision", &[("Decision", "Confirm it")]).await;
    director.assert_at("/statements/1").assert_says("Confirmed.").assert_says("It was sent without approval.");
    director.assert_says("Confirmed by Selma Director as Area Director of SEC on 3 March 2026");
    // a second click, and the other who could have
    for person in [&world.ad_sec, &world.ad_net] {
        let mut late = service.as_person(person).await;
        late.post(PATH, &[("decision", "object"), ("objection", "too late")]).await;
        late.assert_at("/statements/1").assert_says("It is decided already, by Selma Director, Area Director of SEC.");
    }
    reader.get("/statements/1").await;
    reader.assert_says("Confirmed by Selma Director").assert_silent("not confirmed yet").assert_silent("too late");
    let told = ["carol", "chen"].map(|name| format!("{name}@people.example"));
    let mailed = recipients(&service, "confirmed").await;
    assert!(mailed.contains(&"liaison-coordination@example.org".to_owned()) && mailed.contains(&"sven@people.example".to_owned()), "{mailed:?}");
    assert!(told.iter().all(|one| !mailed.contains(one)), "{mailed:?}");
    assert_eq!(checkup::store::broken(&service.app.pool).await.expect("a check"), []);
}

#[tokio::test]
async fn an_objection_stands_beside_it_for_everybody() {
    let (service, world) = left(&[]).await;
    service.set_time("2026-03-03T09:00:00Z");
    let mut director = service.as_person(&world.ad_net).await;
    director.get(PATH).await;
    director.submit("Send decision", &[("Decision", "Object"), ("What do you object to?", " ")]).await;
    director.assert_status(422).assert_says("Enter what you object to");
    director.submit("Send decision", &[]).await;
    director.assert_status(422);
    director.submit("Send decision", &[("Decision", "Object"), ("What do you object to?", "Clause <7> is not <b>ours</b>.")]).await;
    director.assert_at("/statements/1").assert_says("Your objection stands beside it.");

    let mut reader = service.visitor();
    for path in ["/statements/1", "/statements/1.txt"] {
        reader.get(path).await;
        reader.assert_says("Objected to by Nora Director as Area Director of NET on 3 March 2026: Clause <7> is not <b>ours</b>.");
        assert_eq!(reader.page.source().contains("<b>ours"), path.ends_with("txt"), "{path}");
    }
    let mailed = recipients(&service, "objected").await;
    for one in ["itu-t-manager@ietf.example", "liaison-coordination@example.org", "sven@people.example"] {
        assert!(mailed.contains(&one.to_owned()), "{mailed:?}");
    }
    assert_eq!(checkup::store::broken(&service.app.pool).await.expect("a check"), []);
}

#[tokio::test]
async fn each_area_confirms_or_objects_for_itself() {
    let (service, world) = left(&[("LIAISON_APPROVAL", "each-area"), ("LIAISON_SIGN_OFF_ORDER", "sequence")]).await;
    service.set_time("2026-03-03T09:00:00Z");
    let mut sec = service.as_person(&world.ad_sec).await;
    sec.get(PATH).await;
    sec.submit("Send decision", &[("Decision", "Confirm it")]).await;
    let mut reader = service.visitor();
    reader.get("/statements/1").await;
    reader.assert_says("not confirmed yet").assert_says("Confirmed by Selma Director");
    let mut net = service.as_person(&world.ad2_net).await;
    net.get(PATH).await;
    net.submit("Send decision", &[("Decision", "Object"), ("What do you object to?", "not by us")]).await;
    reader.get("/statements/1").await;
    reader.assert_silent("not confirmed yet").assert_says("Objected to by Niels Director").assert_says("Confirmed by Selma Director");
    assert_eq!(checkup::store::broken(&service.app.pool).await.expect("a check"), []);
}

#[tokio::test]
async fn of_what_was_approved_there_is_nothing_to_confirm() {
    let (service, world) = tracker_with(&[]).await;
    let draft = in_review(&service, &world.ad_net, "WIRE", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    decide(&mut manager, &draft, &[("Decision", "Approve")]).await;
    let mut director = service.as_person(&world.ad_net).await;
    for path in [PATH, "/statements/99/approval"] {
        director.get(path).await;
        director.assert_status(404);
        director.post(path, &[("decision", "object"), ("objection", "x")]).await;
        director.assert_status(404);
    }
}

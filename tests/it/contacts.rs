//! Stored contacts, how to send and managers' aliases: who keeps them, who reads them, what is proposed (domain.md 2, 6, 9).

use liaison_tracker::ids::GroupId;
use liaison_tracker::organizations;
use liaison_tracker::statements::proposing::{beside, proposed_contacts};
use liaison_tracker::statements::{Direction, contacts::Proposal};

use crate::support::people::{Person, World, contact, world};
use crate::support::posted::{NewStatement, incoming, put};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, queries, service};

const NOW: &str = "2026-11-25T10:00:00Z";

async fn begin() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = world(&service).await;
    (service, world)
}

async fn opened(service: &TestService, person: &Person, path: &str) -> Visitor {
    let mut visitor = service.as_person(person).await;
    visitor.get(path).await;
    visitor
}

async fn stored(service: &TestService, acronym: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT concat_ws(' | ', use, mailbox, sort, role, affiliation, confirmed_on, people.name)
           FROM group_contacts JOIN groups USING (group_id) LEFT JOIN people ON person_id = confirmed_by
          WHERE acronym = $1 ORDER BY group_contact_id",
    )
    .bind(acronym)
    .fetch_all(&service.app.pool)
    .await
    .expect("contacts")
}

async fn history(service: &TestService) -> Vec<String> {
    sqlx::query_scalar("SELECT event || ': ' || actor_role FROM history WHERE group_id IS NOT NULL ORDER BY history_id")
        .fetch_all(&service.app.pool)
        .await
        .expect("history")
}

#[tokio::test]
async fn the_peers_manager_keeps_its_contacts() {
    let (service, world) = begin().await;
    let mut manager = opened(&service, &world.manager_itu_t, "/groups/itu-t-sg11").await;
    manager.click("Contacts of ITU-T SG11").await;
    manager.assert_status(200).assert_at("/groups/itu-t-sg11/contacts").assert_says("Never confirmed");

    manager.submit("Still right: sg11@itu-t.example (Send to)", &[]).await;
    manager.assert_at("/groups/itu-t-sg11/contacts").assert_says("Last confirmed on 25 November 2026 by Ivo Manager");
    let officer =
        [("What is it for?", "To"), ("Address", "officer@itu-t.example"), ("Name", "Jones, Ann"), ("Role", "Counsellor"), ("Affiliation", "TSB")];
    manager.submit("Store the contact", &[&officer[..], &[("Whose address is it?", "A person’s")]].concat()).await;
    manager
        .assert_says("The contact is stored.")
        .assert_says("officer@itu-t.example")
        .assert_says("Counsellor · TSB · a person’s address, not public");
    manager.click("Change \"Jones, Ann\" <officer@itu-t.example> (To)").await;
    assert_eq!((manager.page.value("Name"), manager.page.value("Role")), ("Jones, Ann".to_owned(), "Counsellor".to_owned()));
    manager.submit("Save", &[("Role", "Technical Officer")]).await;
    manager.assert_says("The contact is changed.").assert_says("Technical Officer · TSB");

    assert_eq!(
        stored(&service, "itu-t-sg11").await,
        [
            "send-to | sg11@itu-t.example | role |  |  | 2026-11-25 | Ivo Manager",
            "to | \"Jones, Ann\" <officer@itu-t.example> | person | Technical Officer | TSB | 2026-11-25 | Ivo Manager"
        ]
    );
    manager.assert_says("History (3)").assert_says("Counsellor");
    manager.click("Change sg11@itu-t.example (Send to)").await;
    manager.submit("Take the contact away", &[]).await;
    manager.assert_says("The contact is taken away.");
    assert_eq!(stored(&service, "itu-t-sg11").await.len(), 1);
    assert_eq!(
        history(&service).await,
        ["contacts-confirmed", "contact-added", "contact-changed", "contact-removed"].map(|event| format!("{event}: liaison manager for ITU-T"))
    );
}

#[tokio::test]
async fn others_may_not_and_see_nothing_to_press() {
    let (service, world) = begin().await;
    let before = stored(&service, "itu-t-sg11").await;
    let id: i64 = sqlx::query_scalar("SELECT group_contact_id FROM group_contacts WHERE use = 'send-to' AND mailbox LIKE 'sg11@%'")
        .fetch_one(&service.app.pool)
        .await
        .expect("a contact");
    let role: i64 = sqlx::query_scalar("SELECT role_id FROM roles WHERE alias LIKE 'itu-t-%'").fetch_one(&service.app.pool).await.expect("a role");
    let contact_fields = [("usage", "send-to"), ("address", "mallory@evil.example"), ("sort", "role")];

    // a manager of another peer, chairs and ADs of ours, IAB members, the IAB Chair
    for person in [&world.manager_3gpp, &world.chair, &world.secretary, &world.ad_net, &world.iab_member, &world.iab_chair, &world.ietf_chair] {
        let mut visitor = opened(&service, person, "/groups/itu-t-sg11/contacts").await;
        visitor.assert_status(200).assert_says("sg11@itu-t.example").assert_says("Only the peer's liaison manager").assert_silent("History");
        for button in ["Still right", "Store the contact", "Save the alias"] {
            assert!(!visitor.page.source().contains(button), "{}: {button}", person.name);
        }
        for (path, fields) in [
            ("/groups/itu-t-sg11/contacts".to_owned(), &contact_fields[..]),
            (format!("/groups/itu-t-sg11/contacts/{id}"), &contact_fields),
            (format!("/groups/itu-t-sg11/contacts/{id}"), &[("do", "confirm")]),
            (format!("/groups/itu-t-sg11/contacts/{id}"), &[("do", "remove")]),
            ("/groups/itu-t-sg11/sending".to_owned(), &[("notes", "send it to me")]),
            (format!("/groups/itu-t/aliases/{role}"), &[("alias", "mallory@evil.example")]),
        ] {
            visitor.post(&path, fields).await;
            visitor.assert_status(403);
        }
    }
    // the manager keeps its peer's, not ours, not the alias of their own role, and none under another group's address
    let mut manager = service.as_person(&world.manager_itu_t).await;
    for (path, fields) in [
        ("/groups/wire/contacts".to_owned(), &contact_fields[..]),
        ("/groups/ietf/contacts".to_owned(), &contact_fields),
        ("/groups/3gpp-sa3/contacts".to_owned(), &contact_fields),
        (format!("/groups/3gpp-sa3/contacts/{id}"), &[("do", "remove")]),
        ("/groups/3gpp/sending".to_owned(), &[("notes", "x")]),
        (format!("/groups/itu-t/aliases/{role}"), &[("alias", "ivo@elsewhere.example")]),
    ] {
        manager.post(&path, fields).await;
        manager.assert_status(403);
    }
    let other: i64 = sqlx::query_scalar("SELECT group_contact_id FROM group_contacts WHERE mailbox LIKE 'sa3@%'")
        .fetch_one(&service.app.pool)
        .await
        .expect("a contact");
    manager.post(&format!("/groups/itu-t-sg11/contacts/{other}"), &[("do", "remove")]).await;
    manager.assert_says("It was taken away before.");
    manager.get(&format!("/groups/itu-t-sg11/contacts/{other}")).await;
    manager.assert_status(404);

    assert_eq!(stored(&service, "itu-t-sg11").await, before);
    assert_eq!(stored(&service, "3gpp-sa3").await.len(), 1);
    assert_eq!(history(&service).await, [""; 0]);

    // a role that has ended keeps nothing
    sqlx::query("UPDATE roles SET ends_on = '2026-11-25' WHERE role_id = $1").bind(role).execute(&service.app.pool).await.expect("a role");
    manager.post("/groups/itu-t-sg11/contacts", &contact_fields).await;
    manager.assert_status(403);
}

#[tokio::test]
async fn a_persons_address_is_for_people_with_a_role() {
    let (service, world) = begin().await;
    contact(&service.app, "itu-t", "cc", "Ann Jones <ann.jones@itu-t.example>", "person").await;
    contact(&service.app, "itu-t", "to", "TSB <tsb@itu-t.example>", "role").await;

    let mut stranger = service.visitor();
    stranger.get("/organizations/itu-t").await;
    stranger.assert_says("tsb@itu-t.example").assert_silent("ann.jones@itu-t.example").assert_silent("Contacts of ITU-T");
    let mut outsider = opened(&service, &world.outsider, "/organizations/itu-t").await;
    outsider.assert_silent("ann.jones@itu-t.example").assert_silent("Contacts of ITU-T");
    outsider.get("/organizations/itu-t/contacts").await;
    outsider.assert_status(403).assert_silent("ann.jones");
    opened(&service, &world.chair, "/organizations/itu-t/contacts").await.assert_says("ann.jones@itu-t.example");
    for path in ["/organizations.json", "/organizations.csv", "/groups/suggest?q=itu", "/sitemap/pages.xml"] {
        stranger.get(path).await;
        assert!(!stranger.page.source().contains("ann.jones"), "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_and_kept_as_typed() {
    let (service, world) = begin().await;
    let mut coordinator = opened(&service, &world.coordinator, "/groups/itu-t-sg11/contacts").await;

    coordinator.submit("Store the contact", &[("Address", "chair at ietf.org"), ("Role", "<b>boss</b>")]).await;
    coordinator.assert_status(422);
    let problems = coordinator.page.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[1].contains("is not an e-mail address"), "{problems:?}");
    assert_eq!((coordinator.page.value("Address"), coordinator.page.value("Role")), ("chair at ietf.org".to_owned(), "<b>boss</b>".to_owned()));
    assert!(!coordinator.page.source().contains("<b>boss"));

    let person = [("What is it for?", "Send to"), ("Address", "ann@itu-t.example"), ("Whose address is it?", "A person’s")];
    coordinator.submit("Store the contact", &person).await;
    coordinator.assert_status(422).assert_says("where statements are sent is public");
    let twice =
        [("What is it for?", "Send to"), ("Address", "SG11@itu-t.example"), ("Name", "Another"), ("Whose address is it?", "An address of a role")];
    coordinator.submit("Store the contact", &twice).await;
    coordinator.assert_status(422).assert_says("This address is stored for this use already");
    for (name, value) in [("name", "a\u{1b}b"), ("role", "a\nb"), ("affiliation", "a\u{202e}b"), ("role", &"x".repeat(201))] {
        coordinator.post("/groups/itu-t-sg11/contacts", &[("usage", "to"), ("address", "x@itu-t.example"), ("sort", "role"), (name, value)]).await;
        coordinator.assert_status(422);
    }
    for (name, value) in [("usage", "from"), ("sort", "everybody"), ("sort", "")] {
        let mut fields = vec![("usage", "to"), ("address", "x@itu-t.example"), ("sort", "role")];
        fields.retain(|(field, _)| *field != name);
        fields.push((name, value));
        coordinator.post("/groups/itu-t-sg11/contacts", &fields).await;
        coordinator.assert_status(422);
    }
    assert_eq!(stored(&service, "itu-t-sg11").await.len(), 1);

    coordinator.get("/organizations/itu-t/contacts").await;
    coordinator.submit("Save the alias", &[("Alias of Ivo Manager", "no address")]).await;
    coordinator.assert_status(422).assert_says("is not an e-mail address");
    assert_eq!(coordinator.page.value("Alias of Ivo Manager"), "no address");
}

#[tokio::test]
async fn how_to_send_is_kept_and_public() {
    let (service, world) = begin().await;
    let mut manager = opened(&service, &world.manager_itu_t, "/organizations/itu-t/contacts").await;
    manager.click("Change how to send").await;
    manager.assert_at("/groups/itu-t/sending").assert_says("Never write passwords here");

    manager.submit("Save", &[("By what way do they take statements?", "Through a portal"), ("Where to", "javascript:alert(1)")]).await;
    manager.assert_status(422).assert_says("beginning with https://");
    manager.submit("Save", &[("Where to", "https://user:secret@portal.example/")]).await;
    manager.assert_status(422);
    manager.submit("Save", &[("By what way do they take statements?", "By mail"), ("Where to", "https://portal.example/")]).await;
    manager.assert_status(422).assert_says("a web page");
    let said = [
        ("By what way do they take statements?", "Through a portal"),
        ("Where to", "https://portal.example/upload"),
        ("Layout", "A number, and <script>"),
        ("Formats", "Word or PDF"),
        ("Document access", "Members only"),
        ("Notes", "One\nTwo"),
    ];
    manager.submit("Save", &said).await;
    manager
        .assert_at("/organizations/itu-t/contacts")
        .assert_says("How to send is kept.")
        .assert_says("Through a portal")
        .assert_says("how to send: nothing");

    let mut stranger = service.visitor();
    stranger.get("/organizations/itu-t").await;
    for words in ["Through a portal", "https://portal.example/upload", "A number, and <script>", "Word or PDF", "Members only", "Two"] {
        stranger.assert_says(words);
    }
    assert!(!stranger.page.source().contains("<script>"));
    assert_eq!(history(&service).await, ["group-how-to-send: liaison manager for ITU-T"]);
    // a group below without words of its own takes them from above
    let mut connection = service.app.pool.acquire().await.expect("a connection");
    let (label, sending) =
        organizations::store::contacts::nearest_sending(&mut connection, world.group("itu-t-sg15-q14")).await.expect("a group").expect("words");
    assert_eq!((label.as_str(), sending.formats.as_str()), ("ITU-T", "Word or PDF"));
    let of_etsi = organizations::store::contacts::nearest_sending(&mut connection, world.group("etsi-zsm")).await.expect("a group");
    assert_eq!(of_etsi, None);
}

#[tokio::test]
async fn the_managers_alias_is_set_by_coordinators_and_secretariat() {
    let (service, world) = begin().await;
    for (person, alias) in [(&world.coordinator, "liaison-itu-t@iab.example"), (&world.secretariat, "")] {
        let mut visitor = opened(&service, person, "/organizations/itu-t/contacts").await;
        visitor.submit("Save the alias", &[("Alias of Ivo Manager", alias)]).await;
        visitor.assert_at("/organizations/itu-t/contacts").assert_says("The alias is kept.");
        let kept: Option<String> = sqlx::query_scalar("SELECT alias FROM roles JOIN people USING (person_id) WHERE people.name = 'Ivo Manager'")
            .fetch_one(&service.app.pool)
            .await
            .expect("a role");
        assert_eq!(kept.unwrap_or_default(), alias);
        let mut stranger = service.visitor();
        stranger.get("/organizations/itu-t").await;
        assert_eq!(stranger.page.text.contains("liaison-itu-t@iab.example"), !alias.is_empty());
    }
    assert_eq!(history(&service).await, ["role-alias: liaison coordinator", "role-alias: secretariat"]);
    // below, it is shown where it is kept
    let mut below = opened(&service, &world.coordinator, "/groups/itu-t-sg11/contacts").await;
    assert!(!below.page.has_button("Save the alias"));
    below.click("ITU-T").await;
}

async fn proposed(service: &TestService, direction: Direction, from: &[GroupId], to: &[GroupId]) -> Proposal {
    let mut connection = service.app.pool.acquire().await.expect("a connection");
    let ids: Vec<i64> = from.iter().chain(to).map(|id| id.0).collect();
    let facts = organizations::store::facts(&mut connection, &ids).await.expect("groups");
    let side = |ids: &[GroupId]| ids.iter().map(|id| &facts[id]).collect::<Vec<_>>();
    proposed_contacts(&service.app, &mut connection, direction, &side(from), &side(to)).await.expect("contacts")
}

#[tokio::test]
async fn contacts_of_an_outgoing_one_follow_from_its_groups() {
    let (service, world) = begin().await;
    contact(&service.app, "itu-t", "send-to", "ITU-T <tsb@itu-t.example>", "role").await;
    contact(&service.app, "itu-t", "cc", "copies@itu-t.example", "list").await;
    let coordinators = service.app.config.coordinators_address.clone();

    let to_sg11 = proposed(&service, Direction::Outgoing, &[world.group("wire")], &[world.group("itu-t-sg11")]).await;
    assert_eq!(to_sg11.send_to.as_ref().map(|contact| contact.mailbox.as_str()), Some("sg11@itu-t.example"));
    assert_eq!(to_sg11.send_reply_to, "itu-t-manager@ietf.example");
    assert_eq!(to_sg11.from, ["wire@ietf.example", "Carol Chair <carol@people.example>", "Chen Chair <chen@people.example>"]);
    assert_eq!(
        to_sg11.cc,
        ["Nora Director <nora@people.example>", "Niels Director <niels@people.example>", "Ivo Manager <itu-t-manager@ietf.example>"]
    );

    // a group without any takes those of the nearest above it, with who confirmed them
    let mut coordinator = opened(&service, &world.coordinator, "/organizations/itu-t/contacts").await;
    coordinator.submit("Still right: ITU-T <tsb@itu-t.example> (Send to)", &[]).await;
    opened(&service, &world.chair, "/groups/itu-t-sg13/contacts").await.assert_says("Those of ITU-T are taken").assert_says("tsb@itu-t.example");
    let to_sg13 = proposed(&service, Direction::Outgoing, &[world.group("wire")], &[world.group("itu-t-sg13")]).await;
    let send_to = to_sg13.send_to.expect("ITU-T's");
    assert_eq!((send_to.mailbox.as_str(), send_to.of.as_str()), ("ITU-T <tsb@itu-t.example>", "ITU-T"));
    assert_eq!(
        (send_to.confirmed_on.map(|day| day.to_string()), send_to.confirmed_by.as_deref()),
        (Some("2026-11-25".to_owned()), Some("Cora Coordinator"))
    );
    assert_eq!(to_sg13.cc.first().map(String::as_str), Some("copies@itu-t.example"));

    let to_etsi = proposed(&service, Direction::Outgoing, &[world.group("iab")], &[world.group("etsi-zsm")]).await;
    assert_eq!((to_etsi.send_to, to_etsi.send_reply_to), (None, coordinators));
    assert_eq!(to_etsi.from, ["Abel Lead <abel@people.example>"]);

    // what a coordinator stores with a group of ours wins over the rules
    coordinator.get("/groups/wire/contacts").await;
    let own = [("What is it for?", "To"), ("Address", "wire-liaison@ietf.example"), ("Whose address is it?", "A list")];
    coordinator.submit("Store the contact", &own).await;
    let to_sg11 = proposed(&service, Direction::Outgoing, &[world.group("wire")], &[world.group("itu-t-sg11")]).await;
    assert_eq!(to_sg11.from, ["wire-liaison@ietf.example"]);
    let from_sg11 = proposed(&service, Direction::Incoming, &[world.group("itu-t-sg11")], &[world.group("wire")]).await;
    assert_eq!((from_sg11.to, from_sg11.received_from.as_str()), (vec!["wire-liaison@ietf.example".to_owned()], "sg11@itu-t.example"));
}

#[tokio::test]
async fn the_last_statement_exchanged_gives_the_peers_contacts_where_none_are_stored() {
    let (service, world) = begin().await;
    let app = &service.app;
    for (number, posted) in [(1, "2026-10-05"), (2, "2026-10-06"), (3, "2026-10-07")] {
        put(app, &NewStatement { posted, ..incoming(number) }).await;
    }
    sqlx::query(
        "INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort)
         SELECT statement_id, use, position, name, address, address, 'person'
           FROM statements, (VALUES (1, 'from', 1, 'Old', 'old@itu-t.example'), (2, 'from', 1, 'Ann', 'ann@itu-t.example'),
                                    (2, 'received-from', 1, '', 'sg11@itu-t.example'), (2, 'to', 1, 'Carol', 'carol@people.example'))
                            AS new (n, use, position, name, address)
          WHERE number = n",
    )
    .execute(&app.pool)
    .await
    .expect("contacts");
    let mut connection = app.pool.acquire().await.expect("a connection");
    let groups = [world.group("itu-t-sg11"), world.group("etsi-zsm")];
    let facts = organizations::store::facts(&mut connection, &groups.map(|id| id.0)).await.expect("groups");

    let of_sg11 = beside(&mut connection, &facts[&groups[0]]).await.expect("a peer").last.expect("a statement");
    let contacts: Vec<&str> = of_sg11.contacts.iter().map(|(_, address)| address.as_str()).collect();
    assert_eq!((of_sg11.number, contacts), (2, vec!["sg11@itu-t.example", "ann@itu-t.example"]));
    assert_eq!(beside(&mut connection, &facts[&groups[1]]).await.expect("a peer").last, None);
    drop(connection);

    sqlx::query("DELETE FROM group_contacts").execute(&app.pool).await.expect("no stored contacts");
    // they are proposed where nothing is stored; not for the organization above, nor for whom an incoming one is from
    let wire = [world.group("wire")];
    let to_sg11 = proposed(&service, Direction::Outgoing, &wire, &groups[..1]).await;
    let send_to = to_sg11.send_to.expect("an address");
    assert_eq!((send_to.mailbox.as_str(), send_to.of.as_str(), send_to.confirmed_on), ("sg11@itu-t.example", "Statement 2", None));
    assert_eq!(to_sg11.to, ["Ann <ann@itu-t.example>"]);
    assert_eq!(proposed(&service, Direction::Outgoing, &wire, &[world.group("itu-t")]).await.send_to, None);
    assert_eq!(proposed(&service, Direction::Incoming, &groups[..1], &wire).await.received_from, "");
    contact(app, "itu-t-sg11", "send-to", "new@itu-t.example", "role").await;
    let stored = proposed(&service, Direction::Outgoing, &wire, &groups[..1]).await;
    assert_eq!((stored.send_to.map(|contact| contact.mailbox).as_deref(), stored.to), (Some("new@itu-t.example"), Vec::new()));
}

#[tokio::test]
async fn a_page_of_many_contacts_asks_as_often_as_one_of_few() {
    let (service, world) = begin().await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    let (_, of_one) = queries::count(coordinator.get("/groups/itu-t-sg11/contacts")).await;
    for n in 0..40 {
        contact(&service.app, "itu-t-sg11", "cc", &format!("c{n}@itu-t.example"), "role").await;
    }

    let (_, of_many) = queries::count(coordinator.get("/groups/itu-t-sg11/contacts")).await;

    assert_eq!(of_one.len(), of_many.len(), "{of_many:?}");
    assert!(of_many.len() <= 10, "{of_many:?}");
}

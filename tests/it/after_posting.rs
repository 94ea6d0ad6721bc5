//! After posting: what stands beside the text is corrected, files are added, others may fetch one (domain.md 2, 5).

use axum::http::Method;
use liaison_tracker::checkup;
use liaison_tracker::ids::StatementId;
use liaison_tracker::statements::attachments::{AttachmentKind, Visibility};

use crate::support::letters::{self, Posted};
use crate::support::people::{self, Person, World};
use crate::support::posted;
use crate::support::queries::count;
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service, time};

const NOW: &str = "2026-03-02T10:00:00Z";

async fn world() -> (TestService, World, StatementId) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let id = letters::posted(&service.app, Posted { author: Some(world.chair.id), ..Posted::INCOMING }).await;
    (service, world, id)
}

/// Whoever may not change it: each sees no link, no page, and whose form is refused.
async fn others<'a>(service: &TestService, world: &'a World) -> Vec<(&'a Person, Visitor)> {
    let mut visitors = Vec::new();
    for person in [&world.chair, &world.ad_net, &world.chair_bench, &world.manager_3gpp, &world.iab_member, &world.iab_chair] {
        visitors.push((person, service.as_person(person).await));
    }
    visitors
}

/// Whether `check` finds nothing but what a statement lacks that was put into the tables.
async fn sound(service: &TestService) {
    let found = checkup::store::broken(&service.app.pool).await.expect("a check");
    let put_in = ["number", "mail", "without a deadline"];
    let found: Vec<_> = found.into_iter().filter(|broken| !put_in.iter().any(|lack| broken.rule.contains(lack))).collect();
    assert_eq!(found, []);
}

async fn rows(service: &TestService, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&service.app.pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

const METADATA: &str = "
    SELECT concat_ws('|', edition, title, body, letter_date, received_on,
           (SELECT string_agg(as_written || ',' || given_by, ';' ORDER BY position) FROM statement_references WHERE statement_references.statement_id = statements.statement_id),
           (SELECT string_agg(concat_ws(',', use, name, address, sort), ';' ORDER BY use, position) FROM contacts WHERE contacts.statement_id = statements.statement_id),
           (SELECT string_agg(concat_ws(',', kind, earlier_id, words, reply_kind), ';' ORDER BY relation_id) FROM relations WHERE relations.statement_id = statements.statement_id),
           (SELECT string_agg(concat_ws(',', n, kind, attachments.title, file_name, peer_number, visibility, withheld_why), ';' ORDER BY n) FROM attachments WHERE attachments.statement_id = statements.statement_id),
           (SELECT string_agg(concat_ws(',', side, label), ';' ORDER BY side, position) FROM statement_groups WHERE statement_groups.statement_id = statements.statement_id))
      FROM statements ORDER BY statement_id";

#[tokio::test]
async fn what_stands_beside_the_text_is_corrected_and_what_stood_there_is_kept() {
    let (service, world, id) = world().await;
    letters::file(&service.app, id, "letter.pdf", b"%PDF-1.4").await;
    letters::contact(&service.app, id, "to", "Paul Private", "paul@private.example", "person").await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1914").await;
    manager.click("Correct reference, dates, relations, contacts").await;
    assert_eq!(manager.page.value("To contacts"), "Paul Private <paul@private.example>");

    let fields = [
        ("Peer's reference", "SG11-LS45\nTD 212"),
        ("Date of the letter", "February 2026"),
        ("Received on", "20 February 2026"),
        ("To contacts", "Paul Private <paul@private.example>\nanother@private.example\nwire@ietf.example"),
        ("Title of letter.pdf", "The letter as they sent it"),
        ("Peer's number of letter.pdf", "TD 212 R1"),
        ("Why is it changed?", "they told me on the phone"),
    ];
    manager.submit("Save the changes", &fields).await;

    manager.assert_at("/statements/1914").assert_says("Changed: 6 fields.").assert_says("February 2026").assert_says("The letter as they sent it");
    let stands = rows(&service, METADATA).await;
    assert_eq!(
        stands,
        ["2|New work on Network Digital Twin|Dear WIRE chairs,\r\n\r\nplease comment.\r\n|2026-02-28|2026-02-20|SG11-LS45,ITU-T;TD 212,ITU-T|\
          to,Paul Private,paul@private.example,person;to,,another@private.example,person;to,,wire@ietf.example,list|\
          1,enclosure,The letter as they sent it,letter.pdf,TD 212 R1,public,not ours to publish|from,ITU-T SG11;to,WIRE"]
    );
    let kept = rows(&service, "SELECT concat_ws('|', audience, changes ->> 'field', changes ->> 'from', changes ->> 'to') FROM history WHERE event = 'metadata-changed' ORDER BY history_id").await;
    assert_eq!(kept.len(), 6);
    assert_eq!(kept[1], "public|letter-date||February 2026");
    assert!(kept[3].starts_with("public|to-contacts|Paul Private <paul@private.example>|"), "{kept:?}");
    assert_eq!(kept[5], "public|file-number-1||TD 212 R1");

    // found by the new reference; its values are public, those of contacts and the reason are for those concerned
    let mut reader = service.visitor();
    reader.get("/statements?q=SG11LS45").await;
    reader.assert_says("New work on Network Digital Twin");
    reader.get("/statements?q=sent").await;
    reader.assert_says("New work on Network Digital Twin");
    reader.get("/statements/1914").await;
    reader.assert_says("changed “Peer's reference”: nothing → SG11-LS45; TD 212").assert_says("changed “To contacts”");
    reader.assert_silent("private.example").assert_silent("on the phone").assert_says("changed what a file is called");
    let mut bystander = service.as_person(&world.chair_bench).await;
    bystander.get("/statements/1914").await;
    bystander.assert_silent("on the phone").assert_silent("another@private.example → ");
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1914").await;
    chair.assert_says("changed “To contacts”: Paul Private <paul@private.example> → Paul Private <paul@private.example>; another@private.example");
    chair.assert_says("Because: they told me on the phone");
    sound(&service).await;
}

#[tokio::test]
async fn nobody_else_changes_it_and_no_foreign_field_does() {
    let (service, world, id) = world().await;
    letters::file(&service.app, id, "letter.pdf", b"%PDF-1.4").await;
    let before = rows(&service, METADATA).await;
    let changes: [(&str, &[(&str, &str)]); 3] = [
        ("/statements/1914/edit", &[("edition", "1"), ("references", "X-1"), ("file-title-1", "other")]),
        ("/statements/1914/files", &[("edition", "1"), ("link", "https://example.org/a")]),
        ("/statements/1914/files/1", &[("edition", "1"), ("visibility", "withheld"), ("withheld-why", "x")]),
    ];
    for (person, mut visitor) in others(&service, &world).await {
        visitor.get("/statements/1914").await;
        for link in
            ["Correct reference, dates, relations, contacts", "Add a file, or say who may fetch one", "Take away what was not ours to publish"]
        {
            assert!(visitor.page.find_link(link).is_none(), "{}: {link}", person.name);
        }
        for (path, fields) in &changes {
            visitor.get(path).await;
            visitor.assert_status(403).assert_says("Only the liaison manager, coordinators and the secretariat can do this.");
            visitor.post(path, fields).await;
            visitor.assert_status(403);
        }
        visitor.post("/statements/1914/take-away", &[("what", "file-1"), ("reason", "x")]).await;
        visitor.assert_status(403);
    }
    // the manager does not take away
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.post("/statements/1914/take-away", &[("what", "file-1"), ("reason", "x")]).await;
    manager.assert_status(403).assert_says("Only coordinators and the secretariat can do this.");
    assert_eq!(rows(&service, METADATA).await, before);

    // fields that no form has, of text, groups, other files and other statements
    let foreign = [
        ("edition", "1"),
        ("title", "another"),
        ("body", "another"),
        ("from", "3gpp"),
        ("to", "mesh"),
        ("purpose", "for-information"),
        ("state", "removed"),
        ("number", "1"),
        ("file-title-7", "x"),
        ("file-name-1", "x"),
        ("send-to", "x@example.org"),
        ("acting", "secretariat"),
        ("statement_id", "2"),
        ("visibility", "withheld"),
    ];
    manager.post("/statements/1914/edit", &foreign).await;
    manager.assert_at("/statements/1914").assert_says("It stands like that already.");
    assert_eq!(rows(&service, METADATA).await, before);
    manager.post("/statements/1914/edit", &[("edition", "1"), ("references", "A-1"), ("references", "B-2"), ("body", "x")]).await;
    let after = rows(&service, METADATA).await;
    assert_eq!(after[0], before[0].replacen("1|", "2|", 1).replace("comment.\r\n|1", "comment.\r\n|A-1,ITU-T|1"));
}

#[tokio::test]
async fn of_two_who_edit_at_once_the_later_is_told_and_keeps_what_was_typed() {
    let (service, world, _) = world().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    manager.get("/statements/1914/edit").await;
    coordinator.get("/statements/1914/edit").await;
    manager.submit("Save the changes", &[("Peer's reference", "SG11-LS45")]).await;
    manager.assert_says("Changed.");

    coordinator.submit("Save the changes", &[("Peer's reference", "SG11-LS46"), ("Received on", "1 March 2026")]).await;

    coordinator.assert_status(409).assert_says("Somebody else changed it while you were editing").assert_says("SG11-LS45");
    assert_eq!(coordinator.page.value("Peer's reference"), "SG11-LS46");
    assert_eq!(coordinator.page.value("Received on"), "1 March 2026");
    assert_eq!(rows(&service, "SELECT as_written FROM statement_references").await, ["SG11-LS45"]);
    coordinator.submit("Save the changes", &[("Peer's reference", "SG11-LS45\nSG11-LS46")]).await;
    coordinator.assert_at("/statements/1914").assert_says("Changed: 2 fields.");
    assert_eq!(rows(&service, "SELECT as_written FROM statement_references ORDER BY position").await, ["SG11-LS45", "SG11-LS46"]);

    // one who is wrong about a field keeps all that was typed
    let wrong = [("Received on", "the day before"), ("To contacts", "nobody at example.org"), ("Replaces", "999"), ("Answers", "Statement 1914")];
    coordinator.get("/statements/1914/edit").await;
    coordinator.submit("Save the changes", &wrong).await;
    coordinator.assert_status(422).assert_says("There is no Statement 999").assert_says("is not an e-mail address");
    assert_eq!(coordinator.page.problems().len(), 4, "{:?}", coordinator.page.problems());
    for (label, typed) in wrong {
        assert_eq!(coordinator.page.value(label), typed);
    }
}

/// data/inputs.md 20
#[tokio::test]
async fn what_is_known_in_words_is_linked_once_it_is_recorded() {
    let (service, world, id) = world().await;
    let app = &service.app;
    letters::posted(
        app,
        Posted { number: 1720, title: "The old letter", direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], ..Posted::INCOMING },
    )
    .await;
    sqlx::query("INSERT INTO relations (statement_id, kind, words, reply_kind) VALUES ($1, 'in-response-to', 'COM 16 – LS 124 – E (November 2009)', 'preliminary')")
        .bind(id.0)
        .execute(&app.pool)
        .await
        .expect("a relation");
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1914/edit").await;
    assert_eq!(manager.page.value("Answers"), "COM 16 – LS 124 – E (November 2009)");

    manager.submit("Save the changes", &[("Answers", "Statement 1720")]).await;

    manager.assert_at("/statements/1914").assert_says("The old letter");
    manager.click("The thread as a table").await;
    manager.assert_says("answers Statement 1720 (preliminary)").assert_says("The old letter");
    manager.get("/statements/1914/edit").await;
    assert_eq!(manager.page.value("Answers"), "1720: COM 16 – LS 124 – E (November 2009)");
    manager.submit("Save the changes", &[("Why is it changed?", "no field was")]).await;
    manager.assert_says("It stands like that already.");
}

#[tokio::test]
async fn what_is_replaced_ends_and_is_open_again_where_that_was_a_mistake() {
    let (service, world, _) = world().await;
    let app = &service.app;
    letters::posted(app, Posted { number: 1915, title: "The corrected letter", ..Posted::INCOMING }).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/statements/1915/edit").await;
    coordinator.submit("Save the changes", &[("Replaces", "1914")]).await;
    coordinator.assert_at("/statements/1915");
    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    reader.assert_says("Replaced by Statement 1915 on 2 March 2026.").assert_says("said that Statement 1915 replaces it");

    coordinator.get("/statements/1915/edit").await;
    coordinator.submit("Save the changes", &[("Replaces", "")]).await;
    reader.get("/statements/1914").await;
    reader.assert_says("Action needed.");
    // arrived twice: the later has nothing to do
    coordinator.get("/statements/1915/edit").await;
    coordinator.submit("Save the changes", &[("Same statement as", "1914")]).await;
    reader.get("/statements/1915").await;
    reader.assert_says("Recorded twice");
    reader.get("/statements/1914").await;
    reader.assert_says("Action needed.");
}

#[tokio::test]
async fn an_answer_goes_on_naming_what_it_answers() {
    let (service, world, _) = world().await;
    let id = letters::posted(&service.app, Posted { number: 1915, purpose: "in-response", ..Posted::INCOMING }).await;
    sqlx::query("INSERT INTO relations (statement_id, kind, words) VALUES ($1, 'in-response-to', 'our letter of May')")
        .bind(id.0)
        .execute(&service.app.pool)
        .await
        .expect("a relation");
    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/statements/1915/edit").await;
    secretariat.submit("Save the changes", &[("Answers", " ")]).await;
    assert_eq!(secretariat.page.problems(), ["Enter the number of the statement this answers, or say in words what it answers"]);
    assert_eq!(rows(&service, "SELECT words FROM relations").await, ["our letter of May"]);
}

#[tokio::test]
async fn the_secretariat_corrects_the_day_that_the_letter_has() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let id = letters::posted(&service.app, Posted { to: &["wire", "mesh", "path"], ..Posted::INCOMING }).await;
    letters::deadline(&service.app, id, "2026-04-01", "as-written", true).await;
    sqlx::query("UPDATE deadlines SET kind = 'agreed' FROM actions JOIN groups USING (group_id) WHERE deadlines.action_id = actions.action_id AND acronym = 'path'")
        .execute(&service.app.pool)
        .await
        .expect("an agreed day");
    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/statements/1914/edit").await;
    assert_eq!(secretariat.page.value("Deadline"), "1 April 2026");
    secretariat.submit("Save the changes", &[("Deadline", "")]).await;
    assert_eq!(secretariat.page.problems(), ["Enter the deadline that the letter has, like 14 March 2026"]);

    secretariat.submit("Save the changes", &[("Deadline", "14 April 2026")]).await;

    secretariat.assert_at("/statements/1914").assert_says("changed “Deadline”: 1 April 2026 → 14 April 2026");
    let days = rows(
        &service,
        "SELECT concat_ws(' ', acronym, deadlines.kind, due_on, superseded_at IS NULL) FROM deadlines JOIN actions USING (action_id) JOIN groups USING (group_id) ORDER BY acronym, deadline_id",
    )
    .await;
    assert_eq!(
        days,
        [
            "mesh as-written 2026-04-01 f",
            "mesh corrected 2026-04-14 t",
            "path agreed 2026-04-01 t",
            "wire as-written 2026-04-01 f",
            "wire corrected 2026-04-14 t"
        ]
    );
    let told = rows(&service, "SELECT recipient FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'deadline-set' ORDER BY 1").await;
    assert!(told.contains(&"carol@people.example".to_owned()) && told.contains(&"mona@people.example".to_owned()), "{told:?}");
    assert!(!told.contains(&"pia@people.example".to_owned()), "{told:?}");
    sound(&service).await;
}

#[tokio::test]
async fn a_file_is_added_behind_those_that_are_there() {
    let (service, world, id) = world().await;
    letters::file(&service.app, id, "letter.docx", b"PK\x03\x04 a letter").await;
    service.app.clock.set(time("2026-03-02T11:00:00Z"));
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1914").await;
    manager.click("Add a file, or say who may fetch one").await;
    manager.submit("Add it", &[]).await;
    assert_eq!(manager.page.problems(), ["Choose a file, or give a link"]);

    manager.attach("Files", "letter.pdf", b"%PDF-1.4 the same");
    let fields = [("File title", "The letter as PDF"), ("Kind of file", "Other format"), ("If another format, of which file?", "letter.docx")];
    manager.submit("Add it", &fields).await;

    manager.assert_at("/statements/1914").assert_says("The letter as PDF");
    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    reader.assert_says("Other format of letter.docx, PDF, 17 bytes, added on 2 March 2026").assert_says("added a file");
    reader.assert_silent("added a file: letter.pdf");
    reader.click("The letter as PDF").await;
    assert_eq!(reader.page.bytes, b"%PDF-1.4 the same");
    let kept = rows(&service, "SELECT concat_ws('|', n, kind, alternative_of, file_name, visibility, added_by = (SELECT person_id FROM people WHERE name = 'Ivo Manager')) FROM attachments ORDER BY n").await;
    assert_eq!(kept, ["1|enclosure|letter.docx|public", "2|alternative|1|letter.pdf|public|t"]);

    // a link; the original mail, which nobody else learns of; a withheld one says why
    manager.get("/statements/1914/files").await;
    manager.submit("Add it", &[("Or a link", "javascript:alert(1)")]).await;
    assert!(manager.page.problems()[0].contains("is not a web address"), "{:?}", manager.page.problems());
    manager.submit("Add it", &[("Or a link", "https://example.org/annex.pdf"), ("Who may fetch it?", "Withheld, with a reason")]).await;
    assert_eq!(manager.page.problems(), ["Enter why it is withheld"]);
    manager.submit("Add it", &[("If withheld, why?", "their members only")]).await;
    manager.assert_status(200);
    manager.get("/statements/1914/files").await;
    manager.attach("Files", "secret-mail.eml", b"From: them@example.org\r\n\r\nDear all");
    manager.submit("Add it", &[("Kind of file", "Original mail")]).await;
    reader.get("/statements/1914").await;
    reader.assert_says("withheld: their members only").assert_silent("secret-mail").assert_silent("a file that is not public");
    assert!(!reader.page.source().contains("https://example.org/annex.pdf\""));
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1914").await;
    chair.assert_says("secret-mail.eml").assert_says("added a file that is not public: secret-mail.eml");
    assert!(chair.page.source().contains("https://example.org/annex.pdf\""));
    sound(&service).await;
}

/// robustness.md UP06
#[tokio::test]
async fn an_upload_that_breaks_off_or_is_refused_leaves_nothing() {
    let (service, world, _) = world().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let whole = "--x\r\nContent-Disposition: form-data; name=\"edition\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA title\r\n--x\r\n\
                 Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4 letter\r\n--x--\r\n";
    for length in (0..10).map(|part| whole.len() * part / 10) {
        manager
            .go(Method::POST, "/statements/1914/files", Some(("multipart/form-data; boundary=x".to_owned(), whole.as_bytes()[..length].to_vec())))
            .await;
        assert!(matches!(manager.page.status.as_u16(), 413 | 422), "{length}: {} {}", manager.page.status, manager.page.text);
        assert_eq!(rows(&service, "SELECT file_id::text FROM files").await, Vec::<String>::new(), "{length}");
        assert_eq!(rows(&service, "SELECT n::text FROM attachments").await, Vec::<String>::new(), "{length}");
    }
    // a problem in another field: the file is asked for again, what was typed stays
    manager.get("/statements/1914/files").await;
    manager.attach("Files", "a.pdf", b"%PDF-1.4 letter");
    manager.submit("Add it", &[("File title", "A title"), ("Kind of file", "Other format")]).await;
    manager.assert_status(422).assert_says("Choose of which file it is another format").assert_says("choose them again");
    assert_eq!(manager.page.value("File title"), "A title");
    assert_eq!(rows(&service, "SELECT file_id::text FROM files").await, Vec::<String>::new());
    manager.go(Method::POST, "/statements/1914/files", Some(("multipart/form-data; boundary=x".to_owned(), whole.as_bytes().to_vec()))).await;
    manager.assert_status(200);
    // the same form again: a second file of the same name and bytes is not what was meant
    manager.go(Method::POST, "/statements/1914/files", Some(("multipart/form-data; boundary=x".to_owned(), whole.as_bytes().to_vec()))).await;
    manager.assert_says("That is recorded already.");
    assert_eq!(rows(&service, "SELECT file_name FROM attachments").await, ["a.pdf"]);
    assert_eq!(rows(&service, "SELECT file_id::text FROM files").await.len(), 1);
}

/// All public places in which a file could be told of.
const PUBLIC: [&str; 12] = [
    "/statements/1914",
    "/statements/1914.txt",
    "/statements?q=chervil",
    "/statements",
    "/",
    "/statements.csv",
    "/statements.json",
    "/statements.atom",
    "/api/v1/statements",
    "/api/v1/statements/1914",
    "/sitemap/statements-1.xml",
    "/statements/1914/thread.csv",
];

#[tokio::test]
async fn who_may_fetch_a_file_changes_everywhere_at_once() {
    let (service, world, id) = world().await;
    letters::file(&service.app, id, "chervil.txt", b"chervil and parsley").await;
    let address = "/statements/1914/attachments/1/chervil.txt";
    let mut reader = service.visitor();
    let mut bystander = service.as_person(&world.chair_bench).await;
    let mut chair = service.as_person(&world.chair).await;
    for path in ["/statements/1914", "/statements/1914.txt", "/api/v1/statements/1914"] {
        reader.get(path).await;
        assert!(reader.page.source().contains("chervil"), "{path}");
    }
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1914/edit").await;
    manager.submit("Save the changes", &[("Title of chervil.txt", "Chervil")]).await;
    reader.get("/statements?q=chervil").await;
    reader.assert_says("New work on Network Digital Twin");
    manager.get("/statements/1914/files").await;
    manager.click("Who may fetch it: Chervil").await;
    manager.submit("Save", &[("Who may fetch it?", "Withheld, with a reason"), ("If withheld, why?", " ")]).await;
    assert_eq!(manager.page.problems(), ["Enter why it is withheld"]);

    manager.submit("Save", &[("Who may fetch it?", "Those concerned"), ("Why does it change?", "they asked for it")]).await;

    manager.assert_at("/statements/1914").assert_says("Only those concerned see this");
    for visitor in [&mut reader, &mut bystander] {
        for path in PUBLIC {
            visitor.get(path).await;
            if path.contains("q=") {
                visitor.assert_says("No statements match.");
                continue;
            }
            let source = visitor.page.source().to_lowercase();
            assert!(!source.contains("chervil"), "{path}: {}", visitor.page.text);
        }
        visitor.get(address).await;
        visitor.assert_status(404);
        let there = visitor.page.source().replace(address, "");
        visitor.get("/statements/1914/attachments/9/chervil.txt").await;
        visitor.assert_status(404);
        let never = visitor.page.source().replace("/statements/1914/attachments/9/chervil.txt", "");
        let without_address = |page: String| page.lines().filter(|line| !line.contains("next=")).collect::<Vec<_>>().join("\n");
        assert_eq!(without_address(there), without_address(never));
        visitor.get(&format!("{address}/text")).await;
        visitor.assert_status(404);
        visitor.get("/statements/1914").await;
        visitor.assert_says("changed who may fetch a file").assert_silent("they asked for it");
    }
    chair.get(address).await;
    assert_eq!(chair.page.bytes, b"chervil and parsley");
    chair.get("/statements/1914").await;
    chair.assert_says("changed who may fetch a file: Chervil, for everybody → for those concerned Because: they asked for it");

    // withheld: all read that it is there, and why
    manager.get("/statements/1914/files/1").await;
    manager.submit("Save", &[("Who may fetch it?", "Withheld, with a reason"), ("If withheld, why?", "their members only")]).await;
    reader.get("/statements/1914").await;
    reader.assert_says("Chervil withheld: their members only");
    assert!(reader.page.find_link("Chervil").is_none());
    for path in PUBLIC.iter().skip(2) {
        reader.get(path).await;
        let is_search = path.contains("q=");
        assert!(is_search || !reader.page.source().to_lowercase().contains("chervil"), "{path}");
        assert!(!is_search || reader.page.text.contains("No statements match."), "{path}");
    }
    reader.get(address).await;
    reader.assert_status(404);
    chair.get(address).await;
    chair.assert_status(200);

    // the original mail is for those concerned, whatever else is sent
    manager.get("/statements/1914/files/1").await;
    manager.submit("Save", &[("Who may fetch it?", "It is the original mail")]).await;
    reader.get("/statements/1914").await;
    reader.assert_silent("Chervil").assert_silent("their members only");
    reader.get(address).await;
    reader.assert_status(404);
    assert_eq!(rows(&service, "SELECT kind || ' ' || visibility FROM attachments").await, ["original-mail concerned"]);

    // somebody else decided meanwhile
    let mut twin = service.as_person(&world.coordinator).await;
    twin.get("/statements/1914/files/1").await;
    manager.get("/statements/1914/files/1").await;
    manager.submit("Save", &[("Who may fetch it?", "Those concerned")]).await;
    twin.submit("Save", &[("Who may fetch it?", "Everybody")]).await;
    twin.assert_at("/statements/1914/files/1").assert_says("This changed while you read it");
    assert_eq!(rows(&service, "SELECT kind || ' ' || visibility FROM attachments").await, ["enclosure concerned"]);
}

#[tokio::test]
async fn an_original_mail_is_for_those_concerned_even_if_it_says_otherwise() {
    let (service, world, id) = world().await;
    let stored = letters::stored(&service.app, "their-mail.eml", b"From: them").await;
    for visibility in [Visibility::Public, Visibility::Withheld, Visibility::Concerned] {
        letters::attach(&service.app, id, &stored, AttachmentKind::OriginalMail, visibility).await;
    }
    let mut reader = service.visitor();
    let mut chair = service.as_person(&world.chair).await;
    for (visitor, status) in [(&mut reader, 404), (&mut chair, 200)] {
        for n in 1..=3 {
            visitor.get(&format!("/statements/1914/attachments/{n}/their-mail.eml")).await;
            visitor.assert_status(status);
        }
        visitor.get("/statements/1914").await;
        assert_eq!(visitor.page.source().matches("/their-mail.eml\"").count(), if status == 200 { 3 } else { 0 });
    }
    reader.assert_silent("their-mail");
    // and it can be said while recording
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "mail.eml", b"From: them");
    chair.submit("Save draft", &[("Title", "A letter")]).await;
    chair.submit("Save draft", &[("Kind of file", "Original mail")]).await;
    assert_eq!(chair.page.value("Kind of file"), "Original mail");
}

#[tokio::test]
async fn a_thread_is_a_table_in_the_order_of_dates_both_ways() {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let app = &service.app;
    let old = posted::put(app, &posted::NewStatement { title: "=1+1", letter_date: Some("2024"), ..posted::incoming(3) }).await;
    let middle = posted::put(
        app,
        &posted::NewStatement {
            direction: "outgoing",
            from: &["wire"],
            to: &["itu-t-sg11"],
            purpose: Some("in-response"),
            posted: "2025-10-05",
            ..posted::incoming(1)
        },
    )
    .await;
    let new = posted::put(app, &posted::NewStatement { purpose: Some("for-action"), ..posted::incoming(2) }).await;
    let outside = posted::put(app, &posted::NewStatement { title: "Outside", ..posted::incoming(4) }).await;
    let draft = posted::put(app, &posted::NewStatement { number: None, state: "draft", title: "Secret draft", ..posted::incoming(5) }).await;
    posted::act(
        app,
        new,
        posted::NewAction {
            group: "wire",
            purpose: "for-action",
            state: "open",
            assignee: "Carol Chair",
            due_on: Some("2026-04-01"),
            closed_on: None,
        },
    )
    .await;
    letters::relation(app, StatementId(middle), "in-response-to", StatementId(old), Some("preliminary")).await;
    letters::relation(app, StatementId(new), "follows-up", StatementId(middle), None).await;
    letters::relation(app, StatementId(outside), "related", StatementId(new), None).await;
    letters::relation(app, StatementId(draft), "in-response-to", StatementId(new), None).await;

    let mut reader = service.visitor();
    let (_, queries) = count(reader.get("/statements/1/thread")).await;
    let numbers = reader.page.texts("tbody th");
    assert_eq!(numbers, ["Statement 3", "Statement 1, this one", "Statement 2"]);
    assert_eq!(
        reader.page.texts("tbody tr:nth-child(3) td"),
        [
            "5 Oct 2026",
            "Incoming",
            "ITU-T SG11",
            "WIRE",
            "On the framing of packets",
            "For Action",
            "follows up Statement 1",
            "1 Apr 2026",
            "Action needed by Wednesday 1 April 2026 (in 30 days). With the chairs of WIRE."
        ]
    );
    reader.assert_silent("Secret").assert_silent("Outside").assert_silent("Carol");
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1/thread").await;
    chair.assert_silent("Secret").assert_silent("Carol Chair."); // the frame greets by name
    reader.click("CSV").await;
    assert_eq!(reader.page.path, "/statements/1/thread.csv");
    assert!(reader.page.header("content-type").starts_with("text/csv"));
    assert_eq!(
        reader.page.text,
        "number,date,direction,from,to,title,purpose,relation,deadline,outcome\r\n\
         3,2024,incoming,ITU-T SG11,WIRE,'=1+1,for-information,,,For information. No reply expected.\r\n\
         1,2025-10-05,outgoing,WIRE,ITU-T SG11,On the framing of packets,in-response,answers Statement 3 (preliminary),,Answers Statement 3. No reply expected.\r\n\
         2,2026-10-05,incoming,ITU-T SG11,WIRE,On the framing of packets,for-action,follows up Statement 1,2026-04-01,Action needed by Wednesday 1 April 2026 (in 30 days). With the chairs of WIRE.\r\n"
    );

    // however long it is
    for number in 10..40 {
        let one = posted::put(app, &posted::incoming(number)).await;
        letters::relation(app, StatementId(one), "follows-up", StatementId(new), None).await;
    }
    let (_, more) = count(reader.get("/statements/1/thread")).await;
    assert_eq!(reader.page.texts("tbody th").len(), 33);
    assert_eq!(more.len(), queries.len(), "{queries:?}");
    // what was removed is out of it
    sqlx::query("UPDATE statements SET state = 'removed' WHERE number = 2").execute(&app.pool).await.expect("removed");
    reader.get("/statements/1/thread").await;
    assert_eq!(reader.page.texts("tbody th"), ["Statement 3", "Statement 1, this one"]);
    reader.get("/statements/2/thread").await;
    reader.assert_status(404);
    reader.get("/statements/2/thread.csv").await;
    reader.assert_status(404);
}

#[tokio::test]
async fn another_is_recorded_with_the_same_groups_and_contacts_alone() {
    let (service, world, id) = world().await;
    let app = &service.app;
    letters::file(app, id, "a.txt", b"text").await;
    letters::contact(app, id, "received-from", "SG11", "sg11@itu-t.example", "role").await;
    letters::contact(app, id, "cc", "Ann Jones", "ann@itu-t.example", "person").await;
    sqlx::query("INSERT INTO statement_references VALUES ($1, 1, 'SG11-LS45', 'sg11ls45', 'ITU-T')")
        .bind(id.0)
        .execute(&app.pool)
        .await
        .expect("a reference");
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1914").await;
    chair.click("Record another like this").await;

    let holds = |chair: &Visitor| {
        [
            "From",
            "To",
            "Cc contacts",
            "Received from",
            "Title",
            "Text",
            "Peer's reference",
            "Deadline",
            "Date of the letter",
            "Received on",
            "Does it answer a statement?",
        ]
        .map(|label| chair.page.value(label))
    };
    let kept = ["ITU-T SG11", "WIRE", "Ann Jones <ann@itu-t.example>", "SG11 <sg11@itu-t.example>", "", "", "", "", "", "", ""];
    assert_eq!(holds(&chair), kept);
    assert!(!chair.page.is_checked("For Action") && !chair.page.text.contains("a.txt"));
    assert_eq!(rows(&service, "SELECT state FROM statements").await, ["posted"], "nothing is begun before it is saved");
    chair.submit("Save draft", &[("Title", "The next letter")]).await;
    assert_eq!(chair.page.value("Cc contacts"), "Ann Jones <ann@itu-t.example>");
    // of a draft too
    chair.click("Record another like this").await;
    assert_eq!(holds(&chair)[..5], kept[..5]);

    // whoever may not record it is not offered it; a draft that one may not read is none
    let draft = rows(&service, "SELECT draft_id FROM statements WHERE state = 'draft'").await.remove(0);
    let mut other = service.as_person(&world.chair_bench).await;
    other.get("/statements/1914").await;
    assert!(other.page.find_link("Record another like this").is_none());
    other.get("/statements/incoming/new?like=1914").await;
    other.assert_status(403).assert_silent("ann@itu-t.example");
    other.get(&format!("/statements/incoming/new?like-draft={draft}")).await;
    other.assert_status(404);
    let mut reader = service.visitor();
    reader.get("/statements/1914").await;
    assert!(reader.page.find_link("Record another like this").is_none());
}

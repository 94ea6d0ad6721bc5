//! Two who edit one draft: the conflict page, versions and what differs, who else has it open, saving while one types
//! (domain.md 3; robustness.md LC04).

use liaison_tracker::checkup;
use serde_json::Value;

use crate::support::form::selector;
use crate::support::people::{World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-03-02T14:00:00Z";
const LETTER: [(&str, &str); 6] = [
    ("From", "ITU-T SG11"),
    ("To", "wire"),
    ("Title", "On wires"),
    ("Purpose", "For Information"),
    ("Text", "one\ntwo\nthree"),
    ("To contacts", "ann@example.org"),
];

async fn tracker() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = world(&service).await;
    (service, world)
}

/// A draft of the chair's, open at the chair's and at the manager's.
async fn two(service: &TestService, world: &World) -> (Visitor, Visitor, String) {
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    chair.submit("Save draft", &LETTER).await;
    let draft = chair.page.path.clone();
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&draft).await;
    manager.assert_status(200);
    (chair, manager, draft)
}

/// Versions as they are kept: number, how, by whom, text.
async fn versions(service: &TestService) -> Vec<(i32, String, String, String)> {
    sqlx::query_as("SELECT version, kind, name, form ->> 'body' FROM statement_versions JOIN people ON person_id = saved_by ORDER BY 1")
        .fetch_all(&service.app.pool)
        .await
        .expect("versions")
}

async fn is_sound(service: &TestService) {
    assert_eq!(checkup::store::broken(&service.app.pool).await.expect("a check"), []);
}

#[tokio::test]
async fn lc04_two_who_change_text_and_contacts_lose_nothing_and_the_merge_is_three_way() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    service.set_time("2026-03-02T14:03:00Z");
    manager.submit("Save draft", &[("Text", "one\nzwei\nthree"), ("To contacts", "bo@example.org"), ("Peer's reference", "LS45")]).await;
    manager.assert_status(200);

    chair.attach("Files", "mine.pdf", b"%PDF-1.4 mine");
    chair.submit("Save draft", &[("Text", "one\ntwee\nthree\nfour"), ("To contacts", "cy@example.org"), ("Title", "On longer wires")]).await;

    chair.assert_status(409);
    assert_eq!(chair.page.title(), "Ivo Manager saved this draft while you were editing");
    chair.assert_says("Theirs (14:03 UTC)");
    // what differs, and nothing else: theirs, yours, and what is proposed
    let labels: Vec<String> = chair.page.texts("h2");
    assert_eq!(labels, ["Title", "Text", "Peer's reference", "To contacts"]);
    assert_eq!(chair.page.value("Title"), "On longer wires", "only you changed it");
    assert_eq!(chair.page.value("Peer's reference"), "LS45", "only they did");
    assert_eq!(chair.page.value("Text"), "one\nzwei\ntwee\nthree\nfour", "yours under theirs");
    assert_eq!(chair.page.value("To contacts"), "bo@example.org\ncy@example.org");
    let cards = chair.page.texts(".card").join(" | ");
    assert!(cards.contains("Theirs (14:03 UTC) one zwei three | Yours one twee three four"), "{cards}");
    // both are in Versions already, whatever happens to this page; and the file is there
    let kept = versions(&service).await;
    let texts: Vec<String> = kept.iter().map(|(_, _, _, text)| text.replace("\r\n", "\n")).collect();
    assert!(["one\nzwei\nthree", "one\ntwee\nthree\nfour"].iter().all(|text| texts.iter().any(|kept| kept == text)), "{texts:?}");
    assert_eq!(kept.iter().filter(|one| one.1 == "beside").count(), 1);
    let mut reader = service.as_person(&world.coordinator).await;
    reader.get(&draft).await;
    assert_eq!(reader.page.value("Text").replace("\r\n", "\n"), "one\nzwei\nthree");
    reader.assert_says("mine.pdf");

    chair.submit("Save the merged version", &[("Title", "On wires, merged")]).await;

    chair.assert_status(200).assert_at(&draft).assert_says("mine.pdf");
    assert_eq!(chair.page.value("Text").replace("\r\n", "\n"), "one\nzwei\ntwee\nthree\nfour");
    assert_eq!(chair.page.value("Title"), "On wires, merged");
    assert_eq!(chair.page.value("Peer's reference"), "LS45");
    assert!(chair.page.is_checked("For Information"), "what did not differ is kept");
    is_sound(&service).await;
}

#[tokio::test]
async fn a_conflict_sent_again_keeps_one_version_beside_and_theirs_can_stay() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    manager.submit("Save draft", &[("Text", "theirs")]).await;
    let body = [("version", "1"), ("from", "ITU-T SG11"), ("to", "wire"), ("title", "On wires"), ("purpose", "for-information"), ("body", "mine")];

    for _ in 0..2 {
        chair.post(&draft, &body).await;
        chair.assert_status(409);
        assert_eq!(versions(&service).await.iter().filter(|one| one.1 == "beside").count(), 1);
    }
    chair.click("Keep theirs; keep mine as a private note").await;

    chair.assert_status(200).assert_at(&draft);
    assert_eq!(chair.page.value("Text"), "theirs");
    chair.click("Versions").await;
    chair.assert_says("kept beside the draft, because another save came first, by Carol Chair (chair of WIRE)");
    chair.click("Version 3").await;
    chair.assert_says("mine");
    // the next save counts on, and whoever checks sees the draft
    manager.submit("Save draft", &[("Text", "theirs, again")]).await;
    manager.assert_status(200);
    manager.submit("Continue to check", &[]).await;
    manager.assert_says("theirs, again").assert_silent("mine");
    let numbers: Vec<i32> = versions(&service).await.iter().map(|one| one.0).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    is_sound(&service).await;
}

#[tokio::test]
async fn whoever_changed_nothing_is_told_and_gets_what_is_there() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    manager.submit("Save draft", &[("Text", "theirs")]).await;

    chair.submit("Save draft", &[]).await;

    chair.assert_status(200).assert_at(&draft).assert_says("You had changed nothing that is not in it");
    assert_eq!(chair.page.value("Text"), "theirs");
}

#[tokio::test]
async fn a_third_who_saves_while_two_are_merged_makes_another_conflict_page() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    manager.submit("Save draft", &[("Text", "theirs")]).await;
    chair.submit("Save draft", &[("Text", "mine")]).await;
    chair.assert_status(409);
    let mut third = service.as_person(&world.coordinator).await;
    third.get(&draft).await;
    third.submit("Save draft", &[("Text", "theirs\nand a third")]).await;

    chair.submit("Save the merged version", &[]).await;

    chair.assert_status(409).assert_says("Cora Coordinator saved this draft while you were editing");
    let merged = chair.page.value("Text");
    assert!(merged.contains("mine") && merged.contains("and a third") && merged.contains("theirs"), "{merged}");
    chair.submit("Save the merged version", &[]).await;
    chair.assert_status(200).assert_at(&draft);
}

#[tokio::test]
async fn titles_of_files_that_both_gave_stand_beside_each_other() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    chair.attach("Files", "letter.pdf", b"%PDF-1.4 a letter");
    chair.submit("Save draft", &[]).await;
    manager.get(&draft).await;
    manager.submit("Save draft", &[("File title", "The letter")]).await;

    chair.submit("Save draft", &[("File title", "My title"), ("Text", "mine")]).await;

    chair.assert_status(409).assert_says("My title");
    assert_eq!(chair.page.value("Title of letter.pdf"), "The letter");
    chair.submit("Save the merged version", &[("Title of letter.pdf", "Our letter")]).await;
    chair.assert_status(200);
    assert_eq!(chair.page.value("File title"), "Our letter");
}

#[tokio::test]
async fn lc04_a_draft_deleted_meanwhile_is_offered_as_a_new_one_with_its_files() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    chair.attach("Files", "old.pdf", b"%PDF-1.4 old");
    chair.submit("Save draft", &[]).await;
    manager.get(&draft).await;
    chair.submit("Delete the draft", &[]).await;

    manager.attach("Files", "new.pdf", b"%PDF-1.4 new");
    manager.submit("Save draft", &[("Text", "not to be lost"), ("Or a link", "ftp:/broken")]).await;

    manager.assert_status(409).assert_says("This draft was deleted while you were editing").assert_says("with its files");
    assert_eq!((manager.page.value("Text"), manager.page.value("Or a link")), ("not to be lost".to_owned(), "ftp:/broken".to_owned()));
    manager.submit("Save draft", &[("Or a link", "")]).await;
    manager.assert_status(200).assert_says("old.pdf").assert_says("new.pdf");
    assert_ne!(manager.page.path, draft);
    assert_eq!(manager.page.value("Text"), "not to be lost");
    manager.submit_in("#file-1", "Remove", &[]).await;
    manager.assert_silent("old.pdf").assert_says("new.pdf");
    is_sound(&service).await;
}

#[tokio::test]
async fn nobody_takes_the_files_of_a_draft_that_they_may_not_read() {
    let (service, world) = tracker().await;
    let (mut chair, _, draft) = two(&service, &world).await;
    chair.attach("Files", "secret.pdf", b"%PDF-1.4 secret");
    chair.submit("Save draft", &[]).await;
    let id = draft.trim_start_matches("/statements/drafts/");
    let file: i64 = sqlx::query_scalar("SELECT file_id FROM files").fetch_one(&service.app.pool).await.expect("a file");
    let file = file.to_string();
    let mut other = service.as_person(&world.chair_bench).await;

    for state in ["draft", "deleted"] {
        sqlx::query("UPDATE statements SET state = $1 WHERE draft_id = $2").bind(state).bind(id).execute(&service.app.pool).await.expect("a state");
        // neither by the draft's id, nor by the upload's own
        let mine = [("title", "Mine"), ("do", "save"), ("files-of", id), ("file", &file), ("file-id", &file), ("file_id", &file), ("upload", &file)];
        other.post("/statements/incoming/new", &mine).await;
        other.assert_status(200).assert_silent("secret.pdf");
    }
    let attached: i64 = sqlx::query_scalar("SELECT count(*) FROM attachments").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(attached, 1);
}

#[tokio::test]
async fn versions_say_who_in_which_role_when_and_two_of_them_what_differs() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    service.set_time("2026-03-02T14:10:00Z");
    manager.submit("Save draft", &[("Text", "one\ntwo\nthree & <four>"), ("Purpose", "For Action")]).await;
    service.set_time("2026-03-02T14:20:00Z");
    manager.submit("Save draft", &[("Title", "On long wires")]).await;

    chair.get(&format!("{draft}/versions")).await;
    assert_eq!(
        chair.page.texts(".line-list li"),
        [
            "Version 3 saved by Ivo Manager (liaison manager for ITU-T) on 2 Mar 2026 at 14:20 UTC",
            "Version 2 saved by Ivo Manager (liaison manager for ITU-T) on 2 Mar 2026 at 14:10 UTC",
            "Version 1 saved by Carol Chair (chair of WIRE) on 2 Mar 2026 at 14:00 UTC",
        ]
    );
    chair.submit("Show what differs", &[("Older", "1"), ("Newer", "3")]).await;

    chair.assert_status(200);
    assert_eq!(chair.page.texts("h3"), ["Title", "Purpose", "Text"]);
    assert_eq!(
        chair.page.texts(".letter"),
        ["On [added: long :added]wires", "[removed: For Information :removed][added: For Action :added]", "one two three[added: & <four> :added]"]
    );
    assert_eq!(chair.page.html.select(&selector("main ins, main del")).count(), 6, "with the two of the explanation");
    // the other way round is the same
    chair.get(&format!("{draft}/differences?older=3&newer=1")).await;
    chair.assert_says("From version 1 to version 3");
    for wrong in ["older=1&newer=9", "older=x&newer=1", "older=1", ""] {
        chair.get(&format!("{draft}/differences?{wrong}")).await;
        chair.assert_status(404);
    }
}

#[tokio::test]
async fn versions_of_a_posted_one_are_for_those_concerned() {
    let (service, world) = tracker().await;
    let (_, mut manager, draft) = two(&service, &world).await;
    manager.submit("Continue to check", &[("Text", "posted text")]).await;
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/1");

    manager.click("Versions").await;
    manager.assert_at("/statements/1/versions").assert_says("Version 2").assert_says("Only those concerned see this");
    manager.submit("Show what differs", &[]).await;
    manager.assert_says("posted text").assert_at("/statements/1/differences");
    let mut other = service.as_person(&world.chair_bench).await;
    other.get("/statements/1").await;
    assert!(other.page.find_link("Versions").is_none());
    for path in ["/statements/1/versions", "/statements/1/versions/1", "/statements/1/differences?older=1&newer=2"] {
        other.get(path).await;
        other.assert_status(403);
    }
    // nor do they stay to be read when it is removed
    sqlx::query("UPDATE statements SET state = 'removed' WHERE number = 1").execute(&service.app.pool).await.expect("removed");
    manager.get("/statements/1/versions/1").await;
    manager.assert_status(404);
    manager.get(&format!("{draft}/versions/1")).await;
    assert!(!manager.page.text.contains("one two three"));
}

fn json(visitor: &Visitor) -> Value {
    serde_json::from_slice(&visitor.page.bytes).unwrap_or_else(|error| panic!("{error}: {}", visitor.page.text))
}

/// What the page's script sends: the form as it stands, with one text changed.
async fn autosave(visitor: &mut Visitor, path: &str, version: &str, page: &str, text: &str) -> (u16, Value) {
    let fields = [
        ("version", version),
        ("creation-key", page),
        ("from", "ITU-T SG11"),
        ("to", "wire"),
        ("title", "On wires"),
        ("purpose", "for-information"),
        ("body", text),
        ("to-contacts", "ann@example.org"),
        ("do", "autosave"),
    ];
    visitor.post(path, &fields).await;
    (visitor.page.status.as_u16(), json(visitor))
}

#[tokio::test]
async fn what_is_typed_is_saved_by_the_page_each_time_in_place_of_the_last() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let (status, told) = autosave(&mut chair, "/statements/incoming/new", "0", "page-a", "o").await;
    assert_eq!((status, &told["said"], &told["version"]), (200, &Value::from("Saved 14:00"), &Value::from(1)));
    let draft = told["draft"].as_str().expect("a draft").to_owned();

    service.set_time("2026-03-02T14:02:00Z");
    for text in ["on", "one"] {
        let version = json(&chair)["version"].to_string();
        let (status, told) = autosave(&mut chair, &draft, &version, "page-a", text).await;
        assert_eq!((status, &told["said"]), (200, &Value::from("Saved 14:02")));
    }
    assert_eq!(versions(&service).await, [(3, "automatic".to_owned(), "Carol Chair".to_owned(), "one".to_owned())]);

    // its own page's button meets nothing new, although the answers were lost on the way
    let fields = [("version", "1"), ("creation-key", "page-a"), ("from", "ITU-T SG11"), ("to", "wire"), ("title", "On wires"), ("do", "save")];
    chair.post(&draft, &[&fields[..], &[("body", "one two")]].concat()).await;
    chair.assert_status(200).assert_at(&draft);
    let (status, _) = autosave(&mut chair, &draft, "4", "page-b", "one two three").await;
    assert_eq!(status, 200);
    let kept = versions(&service).await;
    let kinds: Vec<(i32, &str)> = kept.iter().map(|one| (one.0, one.1.as_str())).collect();
    assert_eq!(kinds, [(3, "automatic"), (4, "saved"), (5, "automatic")], "the button's stays, and so does what was before it");
    // the same text by the button makes it stay
    chair.get(&draft).await;
    chair.submit("Save draft", &[]).await;
    let (_, _) = autosave(&mut chair, &draft, "5", "page-c", "more").await;
    let kinds: Vec<(i32, String)> = versions(&service).await.into_iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(kinds[2..], [(5, "saved".to_owned()), (6, "automatic".to_owned())]);
    let begun: i64 = sqlx::query_scalar("SELECT count(*) FROM history").fetch_one(&service.app.pool).await.expect("history");
    assert_eq!(begun, 1, "typing leaves no lines in the history");
    is_sound(&service).await;
}

#[tokio::test]
async fn the_page_never_saves_over_somebody_elses_version() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    service.set_time("2026-03-02T14:03:00Z");
    manager.submit("Save draft", &[("Text", "theirs")]).await;
    let before = versions(&service).await;

    let (status, told) = autosave(&mut chair, &draft, "1", "page-a", "mine").await;

    assert_eq!(status, 409);
    assert_eq!(told["said"], "Ivo Manager saved this draft elsewhere at 14:03. Yours is not saved: save it, and you see both");
    assert_eq!(versions(&service).await, before);
    // another window of one's own is somebody else too
    let (status, told) = autosave(&mut chair, &draft, "2", "page-a", "in one window").await;
    assert_eq!((status, &told["version"]), (200, &Value::from(3)));
    let (status, told) = autosave(&mut chair, &draft, "2", "page-b", "in the other").await;
    assert_eq!((status, told["said"].as_str().is_some_and(|said| said.starts_with("You saved this draft elsewhere"))), (409, true));
    // and what the page saved is a conflict for others like any save
    manager.submit("Save draft", &[("Text", "theirs again")]).await;
    manager.assert_status(409).assert_says("Carol Chair saved this draft while you were editing").assert_says("in one window");
}

#[tokio::test]
async fn what_was_submitted_is_not_saved_over_by_a_page() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let (_, told) = autosave(&mut chair, "/statements/incoming/new", "0", "page-a", "text").await;
    let draft = told["draft"].as_str().expect("a draft").to_owned();
    service.set_time("2026-03-02T14:02:00Z");
    chair.get(&format!("{draft}/submit")).await;
    chair.submit("Submit for review", &[]).await;
    let (status, told) = autosave(&mut chair, &draft, "1", "page-a", "text and more").await;
    assert_eq!((status, told["said"].as_str().is_some_and(|said| said.starts_with("This draft was submitted"))), (409, true));
    chair.get(&draft).await;
    chair.submit("Take it back to edit", &[]).await;
    service.set_time("2026-03-02T14:04:00Z");

    let (status, _) = autosave(&mut chair, &draft, "1", "page-b", "text and more").await;

    assert_eq!(status, 200);
    let kept: Vec<i32> = versions(&service).await.into_iter().map(|one| one.0).collect();
    assert_eq!(kept, [1, 2]);
}

#[tokio::test]
async fn a_page_whose_session_ended_or_draft_is_deleted_is_told_so() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    chair.submit("Delete the draft", &[]).await;
    let (status, told) = autosave(&mut manager, &draft, "1", "page-a", "mine").await;
    assert_eq!(status, 409);
    assert_eq!(told["said"], "This draft was deleted while you were editing. Save your text to keep it as a new draft");

    sqlx::query("DELETE FROM sessions").execute(&service.app.pool).await.expect("ended");
    manager.post(&draft, &[("do", "autosave"), ("body", "mine"), ("version", "1")]).await;
    manager.assert_status(401);
}

#[tokio::test]
async fn files_and_links_wait_for_the_button() {
    let (service, world) = tracker().await;
    let (mut chair, _, draft) = two(&service, &world).await;
    let body = "--x\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nautosave\r\n--x\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1\r\n\
                --x\r\nContent-Disposition: form-data; name=\"link\"\r\n\r\nhttps://example.org/a\r\n\
                --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nbytes\r\n--x--\r\n";

    chair.go(axum::http::Method::POST, &draft, Some(("multipart/form-data; boundary=x".to_owned(), body.into()))).await;

    chair.assert_status(200);
    let left: (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM attachments), (SELECT count(*) FROM files)").fetch_one(&service.app.pool).await.expect("counts");
    assert_eq!(left, (0, 0));
}

async fn open(visitor: &mut Visitor, draft: &str, version: &str) -> String {
    visitor.post(&format!("{draft}/open"), &[("version", version)]).await;
    visitor.assert_status(200);
    json(visitor)["said"].as_str().expect("words").to_owned()
}

#[tokio::test]
async fn who_else_has_it_open_is_told_until_they_are_silent() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    service.set_time("2026-03-02T14:20:00Z");
    let before = versions(&service).await;
    assert_eq!(open(&mut chair, &draft, "1").await, "");
    service.set_time("2026-03-02T14:21:00Z");
    assert_eq!(open(&mut manager, &draft, "1").await, "Carol Chair is editing too (since 14:20)");
    assert_eq!(open(&mut chair, &draft, "1").await, "Ivo Manager is editing too (since 14:21)");
    // at once on the page, without any script; and since when stays
    service.set_time("2026-03-02T14:23:00Z");
    assert_eq!(open(&mut chair, &draft, "1").await, "Ivo Manager is editing too (since 14:21)");
    manager.get(&draft).await;
    manager.assert_says("Carol Chair is editing too (since 14:20)");
    service.set_time("2026-03-02T14:26:30Z");
    manager.get(&draft).await;
    manager.assert_silent("is editing too");
    assert_eq!(open(&mut chair, &draft, "1").await, "");
    assert_eq!(open(&mut manager, &draft, "1").await, "Carol Chair is editing too (since 14:26)");
    assert_eq!(versions(&service).await, before);

    // who may read and not edit is told nothing, and is not told of
    let mut reader = service.as_person(&world.iab_member).await;
    reader.post(&format!("{draft}/open"), &[("version", "1")]).await;
    reader.assert_status(403);
    liaison_tracker::statements::store::editing::sweep(&mut service.app.pool.acquire().await.expect("a connection"), service.app.clock.now())
        .await
        .expect("swept");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM draft_openings").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(left, 2, "what is of now stays");
}

#[tokio::test]
async fn without_script_the_saves_of_the_last_minutes_tell_of_others() {
    let (service, world) = tracker().await;
    let (mut chair, mut manager, draft) = two(&service, &world).await;
    manager.assert_says("Carol Chair saved it at 14:00");
    service.set_time("2026-03-02T14:05:00Z");
    manager.submit("Save draft", &[("Text", "theirs")]).await;
    service.set_time("2026-03-02T14:06:00Z");
    assert_eq!(
        open(&mut chair, &draft, "1").await,
        "Ivo Manager saved this draft at 14:05: save yours, and you see both",
        "an open page is told of a newer version"
    );
    chair.get(&draft).await;
    chair.assert_says("Ivo Manager saved it at 14:05").assert_silent("Carol Chair saved it");
    service.set_time("2026-03-02T14:21:00Z");
    chair.get(&draft).await;
    chair.assert_silent("saved it at 14:05");
}

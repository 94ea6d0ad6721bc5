//! Recording an incoming statement: stories 1 and 2, and what small inputs ask of the form.

use crate::support::people::{World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const TODAY: &str = "2026-03-02T09:00:00Z";

async fn tracker() -> (TestService, World) {
    let service = service(clock(TODAY)).await;
    let world = world(&service).await;
    (service, world)
}

/// Recipients of the mails of an event, sorted.
async fn recipients(service: &TestService, event: &str) -> Vec<String> {
    sqlx::query_scalar("SELECT recipient FROM mail_deliveries JOIN mails USING (mail_id) WHERE event = $1 ORDER BY recipient")
        .bind(event)
        .fetch_all(&service.app.pool)
        .await
        .expect("recipients")
}

async fn begin(visitor: &mut Visitor, button: &str, fields: &[(&str, &str)]) {
    visitor.get("/statements/incoming/new").await;
    visitor.submit(button, fields).await;
}

const LETTER: [(&str, &str); 5] =
    [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Purpose", "For Action"), ("Deadline", "1 May 2026")];

#[tokio::test]
async fn story_1_a_chair_records_a_letter_the_manager_checks_it_and_everybody_reads_it() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;

    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "SG11-LS45.docx", b"PK\x03\x04 a word file");
    chair.submit("Continue to check", &[&LETTER[..], &[("Peer's reference", "SG11-LS45")]].concat()).await;
    chair.assert_status(200).assert_says("Check and submit").assert_says("Not everybody can read SG11-LS45.docx");
    let draft = chair.page.path.trim_end_matches("/submit").to_owned();

    chair.submit("Submit for review", &[]).await;
    chair.assert_status(422).assert_says("There is a problem");

    chair.get(&draft).await;
    chair.attach("Files", "SG11-LS45.pdf", b"%PDF-1.4 the same");
    chair.submit("Continue to check", &[]).await;
    chair.assert_status(200).assert_silent("Not everybody can read");
    chair.assert_says("itu-t-manager@ietf.example").assert_says("wire@ietf.example");
    let previewed = chair.page.texts(".mail-preview pre").pop().expect("the mail at posting");

    chair.submit("Submit for review", &[]).await;
    chair.assert_status(200).assert_at(&draft).assert_says("Submitted. Mailed: the liaison manager for ITU-T");
    assert_eq!(recipients(&service, "check-asked").await, ["itu-t-manager@ietf.example", "liaison-coordination@example.org"]);

    let mut stranger = service.visitor();
    stranger.get(&draft).await;
    stranger.assert_status(404);

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/desk").await;
    manager.assert_says("Check").assert_says("LS on wire formats");
    manager.click("LS on wire formats").await;
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1").assert_says("Posted as Statement 1");

    let mut expected = vec![
        "carol@people.example",
        "chen@people.example",
        "liaison-coordination@example.org",
        "niels@people.example",
        "nora@people.example",
        "itu-t-manager@ietf.example",
        "wire@ietf.example",
    ];
    expected.sort_unstable();
    assert_eq!(recipients(&service, "incoming-posted").await, expected);
    let (subject, body): (String, String) =
        sqlx::query_as("SELECT subject, body FROM mails WHERE event = 'incoming-posted'").fetch_one(&service.app.pool).await.expect("the mail");
    let sent: String = format!("Subject: {subject} {body}").split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = previewed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.ends_with(&sent), "shown:\n{shown}\nsent:\n{sent}");

    stranger.get("/statements/1").await;
    stranger.assert_status(200).assert_says("LS on wire formats").assert_says("Action needed").assert_says("Friday 1 May 2026");
    stranger.get(&draft).await;
    stranger.assert_at("/statements/1");
    let assignee: String = sqlx::query_scalar("SELECT assignee_name FROM actions").fetch_one(&service.app.pool).await.expect("an action");
    assert_eq!(assignee, "Carol Chair");
}

#[tokio::test]
async fn story_2_the_managers_own_letter_is_posted_at_once() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_3gpp).await;

    begin(
        &mut manager,
        "Continue to check",
        &[
            ("From", "3GPP SA3"),
            ("To", "wire"),
            ("In copy", "keys"),
            ("Title", "LS on key derivation"),
            ("Purpose", "For Action"),
            ("Peer's reference", "S3-990417"),
            ("Does it answer a statement?", "S2-990101; R3-990055"),
            ("Text", "Please see."),
        ],
    )
    .await;
    manager.assert_status(200).assert_says("Deadline: none stated").assert_says("sa3@3gpp.example");
    manager.submit("Record and post", &[("Record anyway", "yes")]).await;
    manager.assert_at("/statements/1").assert_says("Posted as Statement 1").assert_says("aim to answer by");

    assert_eq!(recipients(&service, "check-asked").await, Vec::<String>::new());
    let deadline: (String, chrono::NaiveDate) =
        sqlx::query_as("SELECT kind, due_on FROM deadlines").fetch_one(&service.app.pool).await.expect("a deadline");
    assert_eq!(deadline, ("ours".to_owned(), chrono::NaiveDate::from_ymd_opt(2026, 4, 27).expect("a day")));
    manager.assert_says("S2-990101").assert_says("sa3@3gpp.example");
}

#[tokio::test]
async fn changes_requested_bring_the_draft_back_with_the_reason() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Continue to check", &[&LETTER[..], &[("Text", "Hello")]].concat()).await;
    let draft = chair.page.path.trim_end_matches("/submit").to_owned();
    chair.submit("Submit for review", &[]).await;

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    manager.submit("Send decision", &[("Decision", "Request changes")]).await;
    manager.assert_status(422).assert_says("Enter what should be changed");
    manager.submit("Send decision", &[("Decision", "Request changes"), ("What should be changed?", "The reference is missing")]).await;
    manager.assert_status(200);

    assert_eq!(recipients(&service, "changes-requested").await, ["carol@people.example"]);
    let body: String =
        sqlx::query_scalar("SELECT body FROM mails WHERE event = 'changes-requested'").fetch_one(&service.app.pool).await.expect("the mail");
    assert!(body.contains("The reference is missing"));
    chair.get(&draft).await;
    chair.assert_says("Changes requested by Ivo Manager, liaison manager for ITU-T on 2 Mar 2026: The reference is missing");
    chair.submit("Continue to check", &[("Peer's reference", "LS45")]).await;
    chair.submit("Submit for review", &[]).await;
    chair.assert_says("Submitted.");
    chair.submit("Take it back to edit", &[]).await;
    chair.assert_says("Taken back").assert_says("Record an incoming statement").assert_silent("Changes requested");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_has_one_effect() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/incoming/new").await;
    let key = manager.page.html.select(&scraper::Selector::parse("[name=creation-key]").unwrap()).next().unwrap().attr("value").unwrap().to_owned();
    let fields = [
        ("creation-key", key.as_str()),
        ("from", "itu-t-sg11"),
        ("to", "wire"),
        ("title", "Twice"),
        ("purpose", "for-information"),
        ("body", "text"),
        ("do", "check"),
    ];
    manager.post("/statements/incoming/new", &fields).await;
    let first = manager.page.path.clone();
    manager.post("/statements/incoming/new", &fields).await;
    assert_eq!(manager.page.path, first);

    let sent = [("version", "1")];
    manager.post(&first, &sent).await;
    manager.assert_at("/statements/1");
    manager.post(&first, &sent).await;
    manager.assert_at("/statements/1").assert_status(200);
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM mails").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn an_error_in_one_field_keeps_all_others_as_typed() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    let typed = [
        ("From", "sg 11 of somewhere"),
        ("To", "wire"),
        ("In copy", "keys"),
        ("Title", "A “title” – with <signs> & more"),
        ("Purpose", "For Action"),
        ("Deadline", "31 February 2027"),
        ("Deadline in the letter's words", "next SG15 meeting"),
        ("Does it answer a statement?", "their LS 4"),
        ("Text", "\n\n1\tOverview\t\t\r\n\r\n2\tProposal\r\n"),
        ("Peer's reference", "SC 29 N 6689"),
        ("Date of the letter", "March 2026"),
        ("Received on", "1 March 2026"),
        ("Received from", "sg11@itu-t.example"),
        ("Received at", "wire@ietf.example"),
        ("From contacts", "ann.jones@example.org;\r\n\"Ortiz, Carla (External)\" <carla.ortiz@example.org>,"),
        ("To contacts", "wire@ietf.example"),
        ("Cc contacts", "https://example.org/mailman/listinfo/ccamp"),
    ];
    begin(&mut chair, "Continue to check", &typed).await;

    chair.assert_status(422).assert_says("is a web page, not an address").assert_says("Deadline must be a real date, like 14 March 2026");
    for (label, value) in typed.iter().filter(|(label, _)| *label != "Purpose") {
        let expected = value.replace("\r\n", "\n");
        assert_eq!(chair.page.value(label).replace("\r\n", "\n"), expected, "{label}");
    }
    assert!(chair.page.is_checked("For Action"));
    assert_eq!(chair.page.problems().len(), chair.page.texts(".problem-summary a").len());
    assert!(chair.page.source().contains("<title>Error: "));
}

#[tokio::test]
async fn a_title_may_have_255_characters_of_any_script_and_not_one_more() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    for letter in ["a", "é", "标"] {
        let fields = [("From", "ITU-T SG11"), ("To", "wire"), ("Purpose", "For Information"), ("Text", "x")];
        begin(&mut manager, "Continue to check", &[&fields[..], &[("Title", &letter.repeat(256))]].concat()).await;
        manager.assert_status(422).assert_says("Title must be 255 characters or fewer – it is 256");
        manager.submit("Continue to check", &[("Title", &letter.repeat(255))]).await;
        manager.assert_status(200);
        manager.submit("Record and post", &[]).await;
        manager.assert_status(200).assert_says(&letter.repeat(255));
    }
}

#[tokio::test]
async fn a_research_group_is_refused_with_the_reason() {
    let (service, world) = tracker().await;
    sqlx::query("UPDATE groups SET may_receive = false WHERE acronym = 'nmrg'").execute(&service.app.pool).await.expect("an update");
    let mut coordinator = service.as_person(&world.coordinator).await;
    begin(
        &mut coordinator,
        "Continue to check",
        &[("From", "3GPP SA3"), ("To", "nmrg"), ("Title", "x"), ("Purpose", "For Information"), ("Text", "x")],
    )
    .await;
    coordinator.assert_status(422).assert_says("NMRG receives no statements").assert_says("Research groups").assert_says("IRTF Chair");

    // and none sends, however it came in
    for from in ["irtf", "nmrg", "wire; nmrg"] {
        coordinator.get("/statements/outgoing/new?form=yes").await;
        let fields = [("From", from), ("To", "ITU-T SG11"), ("Title", "x"), ("Purpose", "For Information"), ("Text", "x")];
        coordinator.submit("Continue to check and submit", &fields).await;
        coordinator.assert_status(422).assert_says("sends no statements. Research groups take no part");
    }
}

/// inputs.md 17
#[tokio::test]
async fn a_deadline_in_words_is_offered_to_be_kept_beside_the_date() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Continue to check", &[&LETTER[..4], &[("Deadline", "next SG15 meeting (mid-May 2007)"), ("Text", "x")]].concat()).await;
    chair.assert_status(422).assert_says("Deadline must be a real date");
    chair.submit("Keep \"next SG15 meeting (mid-May 2007)\" as the letter's words", &[]).await;
    assert_eq!(chair.page.value("Deadline in the letter's words"), "next SG15 meeting (mid-May 2007)");
    assert_eq!(chair.page.value("Deadline"), "");

    chair.submit("Continue to check", &[("Deadline", "15 May 2026")]).await;
    chair.assert_status(200);
    chair.submit("Submit for review", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let review = format!("{}/review", chair.page.path);
    manager.get(&review).await;
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_says("Friday 15 May 2026").assert_says("next SG15 meeting (mid-May 2007)");
}

/// inputs.md 11
#[tokio::test]
async fn groups_in_brackets_for_information_are_copies_and_their_words_stay() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let to = "wire (bench and keys for information)";
    let fields =
        [("From", "ITU-T SG11"), ("To", to), ("Title", "One and two in copy"), ("Purpose", "For Action"), ("Deadline", "1 May 2026"), ("Text", "x")];
    begin(&mut manager, "Continue to check", &fields).await;
    manager.assert_status(200);
    manager.submit("Record and post", &[]).await;
    manager.assert_status(200);
    let sides: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT side, acronym, as_written FROM statement_groups JOIN groups USING (group_id) WHERE side <> 'from' ORDER BY side DESC, acronym",
    )
    .fetch_all(&service.app.pool)
    .await
    .expect("groups");
    let groups: Vec<(&str, &str)> = sides.iter().map(|(side, group, _)| (side.as_str(), group.as_str())).collect();
    assert_eq!(groups, [("to", "wire"), ("copy", "bench"), ("copy", "keys")]);
    assert_eq!(sides[0].2, to, "in the letter's words");
    let actions: Vec<String> =
        sqlx::query_scalar("SELECT acronym FROM actions JOIN groups USING (group_id)").fetch_all(&service.app.pool).await.expect("actions");
    assert_eq!(actions, ["wire"], "who gets a copy has nothing to do");
}

/// inputs.md 20: an answer to what is not recorded here is accepted in words; after_posting.rs links it later.
#[tokio::test]
async fn what_it_answers_may_be_words_alone() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let words = "COM 16 – LS 124 – E (November 2009)";
    let fields = [
        ("From", "ITU-T SG11"),
        ("To", "wire"),
        ("Title", "Answer to an old one"),
        ("Purpose", "In Response"),
        ("Does it answer a statement?", words),
        ("Text", "x"),
    ];
    begin(&mut manager, "Continue to check", &fields).await;
    manager.assert_status(200);
    assert_eq!(manager.page.texts(".warning-list li"), Vec::<String>::new());
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/1").assert_says(words);
    let kept: Vec<(String, String, Option<i64>)> =
        sqlx::query_as("SELECT kind, words, earlier_id FROM relations").fetch_all(&service.app.pool).await.expect("relations");
    assert_eq!(kept, [("in-response-to".to_owned(), words.to_owned(), None)]);
}

/// inputs.md 18
#[tokio::test]
async fn a_deadline_far_ahead_is_accepted_with_a_warning() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    begin(&mut manager, "Continue to check", &[&LETTER[..4], &[("Deadline", "2033-02-28"), ("Text", "x")]].concat()).await;
    manager.assert_status(200).assert_says("6 years ahead");
    manager.submit("Record and post", &[("Record anyway", "yes")]).await;
    manager.assert_status(200).assert_says("Monday 28 February 2033");
    // reminders cope: the first one goes two weeks before
    for (now, mails) in [("2026-03-03T10:00:00Z", 0), ("2033-02-13T10:00:00Z", 0), ("2033-02-14T10:00:00Z", 3)] {
        service.set_time(now);
        let mut connection = service.app.pool.acquire().await.expect("a connection");
        let report = liaison_tracker::reminders::run::once(&service.app, &mut connection).await.expect("a run");
        assert_eq!(report.mails.len(), mails, "{now}");
    }
}

#[tokio::test]
async fn an_ambiguous_date_is_asked_about_and_one_click_chooses() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Continue to check", &[&LETTER[..4], &[("Deadline", "3/4/2026"), ("Text", "x")]].concat()).await;
    chair.assert_status(422).assert_says("3/4/2026 can be read two ways");
    chair.submit("3 April 2026", &[]).await;
    assert_eq!(chair.page.value("Deadline"), "3 April 2026");
}

#[tokio::test]
async fn an_unknown_group_is_named_with_what_was_meant() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Continue to check", &[("From", "ITU-T SG11"), ("To", "wyre"), ("Title", "x"), ("Purpose", "For Information"), ("Text", "x")])
        .await;
    chair.assert_status(422).assert_says("\"wyre\" is not a group we know. Did you mean WIRE");
    chair.submit("WIRE", &[]).await;
    assert_eq!(chair.page.value("To"), "WIRE");
}

#[tokio::test]
async fn see_attached_and_a_pdf_alone_are_accepted_without_a_warning() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    for text in ["see attached", ""] {
        manager.get("/statements/incoming/new").await;
        manager.attach("Files", "letter.pdf", format!("%PDF-1.4 letter {text}").as_bytes());
        let title = format!("Letter {text}");
        let fields = [("From", "ITU-T SG11"), ("To", "wire"), ("Title", title.as_str()), ("Purpose", "For Information"), ("Text", text)];
        manager.submit("Continue to check", &fields).await;
        manager.assert_status(200);
        assert_eq!(manager.page.texts(".warning-list li"), Vec::<String>::new());
        manager.submit("Record and post", &[]).await;
        manager.assert_status(200).assert_says("letter.pdf");
    }
}

#[tokio::test]
async fn each_addressee_may_have_its_own_purpose() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let fields = [
        ("From", "ITU-T SG11"),
        ("To", "wire; bench; keys"),
        ("Title", "Three"),
        ("Purpose", "For Information"),
        ("Text", "x"),
        ("Deadline", "1 May 2026"),
    ];
    begin(&mut manager, "Save draft", &fields).await;
    manager.submit("Continue to check", &[("Purpose for WIRE", "For Action"), ("What is asked of WIRE", "Review clause 7")]).await;
    manager.assert_status(200);
    manager.submit("Record and post", &[]).await;
    manager.assert_status(200).assert_says("Review clause 7");
    let actions: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT groups.acronym, actions.purpose, due_on IS NOT NULL FROM actions JOIN groups USING (group_id) LEFT JOIN deadlines USING (action_id) ORDER BY 1",
    )
    .fetch_all(&service.app.pool)
    .await
    .expect("actions");
    let expected = [("bench", "for-information", false), ("keys", "for-information", false), ("wire", "for-action", true)];
    assert_eq!(actions, expected.map(|(group, purpose, due)| (group.to_owned(), purpose.to_owned(), due)));
}

#[tokio::test]
async fn an_addressees_own_purpose_survives_a_typing_error_in_to() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    begin(
        &mut manager,
        "Save draft",
        &[("From", "ITU-T SG11"), ("To", "wire; bench"), ("Title", "Two"), ("Purpose", "For Information"), ("Text", "x"), ("Deadline", "1 May 2026")],
    )
    .await;
    let own = [("To", "wiire; bench"), ("Purpose for WIRE", "For Action"), ("What is asked of WIRE", "Review <clause> 7")];

    manager.submit("Continue to check", &own).await;
    manager.assert_status(422);
    manager.submit("Save draft", &[]).await;
    manager.submit("Continue to check", &[("To", "wire; bench")]).await;

    manager.assert_status(200);
    manager.submit("Record and post", &[]).await;
    manager.assert_status(200).assert_says("Review <clause> 7");
}

#[tokio::test]
async fn two_editors_lose_nothing() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Save draft", &[&LETTER[..], &[("Text", "first")]].concat()).await;
    let draft = chair.page.path.clone();
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&draft).await;

    chair.submit("Save draft", &[("Text", "the chair's")]).await;
    manager.submit("Save draft", &[("Text", "the manager's")]).await;

    manager.assert_status(409).assert_says("Carol Chair saved this draft").assert_says("the chair's");
    assert_eq!(manager.page.value("Text"), "the chair's\nthe manager's");
    manager.submit("Save the merged version", &[]).await;
    manager.assert_status(200);
    let versions: i64 = sqlx::query_scalar("SELECT count(*) FROM statement_versions").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(versions, 4, "first, theirs, yours beside it, and the merged one");
}

#[tokio::test]
async fn drafts_are_given_up_restored_and_deleted() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Save draft", &LETTER).await;
    let draft = chair.page.path.clone();

    chair.submit("Give up", &[]).await;
    chair.assert_says("Enter why it is given up");
    chair.submit("Give up", &[("Why is it given up?", "recorded elsewhere")]).await;
    chair.assert_at("/desk").assert_says("Given up");
    chair.get(&draft).await;
    chair.submit("Restore", &[]).await;
    chair.assert_says("Restored");
    chair.submit("Delete the draft", &[]).await;
    chair.assert_at("/desk").assert_says("The draft is deleted");
    chair.get(&draft).await;
    chair.assert_status(404);
}

#[tokio::test]
async fn a_role_that_ended_gives_nothing() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Continue to check", &[&LETTER[..], &[("Text", "x")]].concat()).await;
    let draft = chair.page.path.trim_end_matches("/submit").to_owned();
    let mut manager = service.as_person(&world.manager_itu_t).await;
    chair.submit("Submit for review", &[]).await;
    manager.get(&format!("{draft}/review")).await;
    manager.assert_status(200);

    sqlx::query("UPDATE roles SET ends_on = DATE '2026-03-02' WHERE kind IN ('liaison-manager', 'chair')")
        .execute(&service.app.pool)
        .await
        .expect("roles end");

    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_status(404);
    chair.get(&draft).await;
    chair.assert_status(404);
    let posted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM statements WHERE number IS NOT NULL").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(posted, 0);
}

#[tokio::test]
async fn whoever_holds_several_fitting_roles_is_asked_which_one_they_act_in() {
    let (service, world) = tracker().await;
    crate::support::people::role(&service.app, &world.chair, liaison_tracker::people::RoleKind::Secretary, Some("wire")).await;
    let mut chair = service.as_person(&world.chair).await;
    begin(&mut chair, "Continue to check", &[&LETTER[..], &[("Text", "x")]].concat()).await;
    chair.assert_says("In which role do you record it?");
    chair.submit("Submit for review", &[]).await;
    chair.assert_status(422).assert_says("Select in which role you record it");
    chair.submit("Submit for review", &[("In which role do you record it?", "Secretary of WIRE")]).await;
    chair.assert_says("Submitted.");
    let role: String =
        sqlx::query_scalar("SELECT actor_role FROM history WHERE event = 'submitted'").fetch_one(&service.app.pool).await.expect("history");
    assert_eq!(role, "secretary of WIRE");
}

#[tokio::test]
async fn a_posting_that_fails_at_its_last_statement_leaves_nothing() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    begin(&mut manager, "Continue to check", &[&LETTER[..], &[("Text", "x")]].concat()).await;
    sqlx::query("ALTER TABLE statement_search ADD CONSTRAINT broken_for_a_test CHECK (false) NOT VALID")
        .execute(&service.app.pool)
        .await
        .expect("a constraint");
    let check = manager.page.path.clone();

    for _ in 0..20 {
        manager.get(&check).await;
        manager.submit("Record and post", &[]).await;
        manager.assert_status(500).assert_says("What you sent was not saved");
    }
    let (mails, last): (i64, i32) =
        sqlx::query_as("SELECT (SELECT count(*) FROM mails), last_number FROM number_counter").fetch_one(&service.app.pool).await.expect("figures");
    assert_eq!((mails, last), (0, 0));

    sqlx::query("ALTER TABLE statement_search DROP CONSTRAINT broken_for_a_test").execute(&service.app.pool).await.expect("no constraint");
    manager.get(&check).await;
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/1");
}

#[tokio::test]
async fn a_title_with_signs_of_print_is_kept_and_found_with_signs_of_typing() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let title = "LS on New Work Area – BGP-based IP Routing Performance “phase 1”";
    begin(
        &mut manager,
        "Continue to check",
        &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", title), ("Purpose", "For Information"), ("Text", "x")],
    )
    .await;
    manager.submit("Record and post", &[]).await;
    assert_eq!(manager.page.title(), title);

    let mut stranger = service.visitor();
    for typed in ["New Work Area - BGP-based", "\"phase 1\"", "bgp routing performance", "“phase 1”"] {
        let query = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>();
        stranger.get(&format!("/statements?q={query}")).await;
        stranger.assert_status(200).assert_says(title);
    }
}

#[tokio::test]
async fn a_file_that_is_empty_or_too_big_loses_neither_text_nor_the_other_files() {
    let service = crate::support::service_with(clock(TODAY), &[("LIAISON_MAX_FILE_BYTES", "1000")]).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "LS412.pdf", b"");
    chair.attach("Files", "LS412.zip", &[7; 1001]);
    chair.attach("Files", "fits.txt", &[b'x'; 1000]);

    chair.submit("Save draft", &[("Title", "Three files"), ("Text", "kept")]).await;

    chair.assert_status(422).assert_says("\"LS412.pdf\" is empty").assert_says("\"LS412.zip\" is larger");
    chair.assert_says("You can give a link instead").assert_says("fits.txt");
    assert_eq!((chair.page.value("Title"), chair.page.value("Text")), ("Three files".to_owned(), "kept".to_owned()));
    chair.submit("Save draft", &[("Or a link", "https://example.org/LS412.zip")]).await;
    chair.assert_status(200).assert_says("https://example.org/LS412.zip");
    chair.submit_in("#file-1", "Remove", &[]).await;
    chair.assert_status(200).assert_silent("fits.txt");
}

#[tokio::test]
async fn control_characters_are_refused_where_they_would_do_harm_and_kept_where_letters_have_them() {
    let (service, world) = tracker().await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let fields = |title: &'static str, body: &'static str| {
        [("from", "itu-t-sg11"), ("to", "wire"), ("title", title), ("purpose", "for-information"), ("body", body), ("do", "check")]
    };
    for title in ["a\r\nBcc: x@example.org", "a\tb", "a\u{202e}b", "a\u{7f}b", "a\u{2028}b"] {
        manager.post("/statements/incoming/new", &fields(title, "x")).await;
        manager.assert_status(422);
        assert!(!manager.page.problems().is_empty(), "{title:?}");
    }
    manager.post("/statements/incoming/new", &fields("plain", "a\u{1b}[31m")).await;
    manager.assert_status(422);
    manager.post("/statements/incoming/new", &fields("nul\0 in it", "1\tOverview\t\t\r\n\r\n2\tProposal\u{c}\r\n\0")).await;
    manager.assert_status(200).assert_says("Check and submit");
    manager.submit("Record and post", &[]).await;
    let body: String = sqlx::query_scalar("SELECT body FROM statements WHERE number = 1").fetch_one(&service.app.pool).await.expect("a body");
    assert_eq!(body, "1\tOverview\t\t\r\n\r\n2\tProposal\u{c}\r\n");
}

#[tokio::test]
async fn without_a_manager_the_coordinators_are_the_ones_asked() {
    let (service, world) = tracker().await;
    let mut chair = service.as_person(&world.chair).await;
    begin(
        &mut chair,
        "Continue to check",
        &[("From", "ETSI ISG ZSM"), ("To", "wire"), ("Title", "x"), ("Purpose", "For Information"), ("Text", "x")],
    )
    .await;
    chair.submit("Submit for review", &[]).await;
    assert_eq!(recipients(&service, "check-asked").await, ["liaison-coordination@example.org"]);
    let body: String = sqlx::query_scalar("SELECT body FROM mails WHERE event = 'check-asked'").fetch_one(&service.app.pool).await.expect("the mail");
    assert!(body.starts_with("You are asked to check this statement"), "{body}");

    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/desk").await;
    coordinator.assert_says("Check");
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/desk").await;
    manager.assert_says("Nothing waits for you");
}

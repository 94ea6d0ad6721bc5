//! Reports of unrecorded statements: domain.md 2, robustness.md AZ02, AZ05, LC03, UP06, WB02.

use chrono::TimeDelta;
use liaison_tracker::reminders::run;
use liaison_tracker::{App, checkup, statements, unrecorded, urls};

use crate::support::people::{self, Person, World};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service, service_with, time};

const NOW: &str = "2026-03-02T10:00:00Z";
const MAIL: &str = "From: SG11 Secretariat <sg11@itu-t.example>\r\nTo: wire@ietf.example\r\nSubject: LS on wire formats\r\nDate: Mon, 2 Mar 2026 08:30:00 +0100\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDear coll=E8gues,\r\n\r\nplease comment.\r\n";

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    (service, world)
}

/// Reports by the real form; the path of the report.
async fn report(service: &TestService, by: &Person, fields: &[(&str, &str)]) -> String {
    let mut visitor = service.as_person(by).await;
    visitor.get(urls::REPORT).await;
    visitor.submit("Report it", fields).await;
    visitor.assert_status(200).assert_says("Reported. Mailed: ");
    visitor.page.path.clone()
}

const LETTER: [(&str, &str); 3] =
    [("What is it about?", "LS on wires"), ("From which organization?", "ITU-T SG11"), ("Its text, or the whole mail", "Dear colleagues")];

async fn asked(service: &TestService, person: &Person, title: &str) -> bool {
    let mut visitor = service.as_person(person).await;
    visitor.get("/desk").await;
    let rows = visitor.page.texts("ul.desk li");
    let count = visitor.page.texts("h2").into_iter().find(|heading| heading.contains("thing")).unwrap_or_default();
    assert_eq!(rows.is_empty(), count.is_empty(), "the count and the rows agree: {count} {rows:?}");
    rows.iter().any(|row| row.contains(title))
}

#[tokio::test]
async fn it_lands_on_the_desk_of_the_manager_or_of_the_coordinators() {
    let (service, world) = world().await;
    report(&service, &world.outsider, &LETTER).await;
    report(
        &service,
        &world.outsider,
        &[("What is it about?", "From ETSI"), ("From which organization?", "etsi-zsm"), ("Or a link", "https://example.org/x")],
    )
    .await;
    report(&service, &world.chair, &[("What is it about?", "From somebody"), ("Its text, or the whole mail", "Dear all")]).await;

    for (title, manager, coordinator) in [("LS on wires", true, false), ("From ETSI", false, true), ("From somebody", false, true)] {
        assert_eq!(asked(&service, &world.manager_itu_t, title).await, manager, "{title}: the manager");
        assert_eq!(asked(&service, &world.coordinator, title).await, coordinator, "{title}: the coordinators");
        for other in [&world.manager_3gpp, &world.secretariat, &world.chair_bench, &world.outsider] {
            assert!(!asked(&service, other, title).await, "{title}: {}", other.name);
        }
    }
    assert_eq!(
        service.mailed("unrecorded-reported").await,
        ["itu-t-manager@ietf.example", "liaison-coordination@example.org", "liaison-coordination@example.org"]
    );
    let mut outsider = service.as_person(&world.outsider).await;
    outsider.get("/desk").await;
    outsider.assert_says("What you reported").assert_says("LS on wires").assert_says("not taken yet");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_no_file_and_no_word_is_lost() {
    let (service, world) = world().await;
    let mut visitor = service.as_person(&world.outsider).await;
    visitor.get(urls::REPORT).await;
    visitor.submit("Report it", &[]).await;
    visitor.assert_status(422);
    assert_eq!(visitor.page.problems(), ["Enter its text, or add a file or a link"]);

    let bytes: Vec<u8> = (0..700_000u32).map(|n| (n % 251) as u8).collect();
    visitor.attach("Files", "löwe letter.bin", &bytes);
    let fields = [("From which organization?", "Nobody Knows"), ("Or a link", "javascript:alert(1)"), ("What is it about?", "About lions")];
    visitor.submit("Report it", &fields).await;
    visitor.assert_status(422).assert_says("löwe letter.bin");
    let problems = visitor.page.problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems.iter().any(|one| one.contains("We know no organization \"Nobody Knows\"")), "{problems:?}");
    assert_eq!(visitor.page.value("Or a link"), "javascript:alert(1)");
    visitor.submit("Report it", &[("From which organization?", "wire"), ("Or a link", "")]).await;
    assert_eq!(visitor.page.problems(), ["WIRE is one of our groups. Choose the organization that wrote it, or leave it empty"]);
    visitor.attach("Files", "second.txt", b"taken off again");
    visitor.submit("Report it", &[]).await;
    visitor.submit("Remove second.txt", &[("From which organization?", "ITU-T")]).await;
    visitor.assert_status(200).assert_silent("second.txt");
    visitor.submit("Report it", &[]).await;
    visitor.assert_status(200).assert_says("Reported.").assert_says("About lions");

    // byte for byte, and only for those who may
    let url = visitor.page.link("löwe letter.bin");
    visitor.get(&url).await;
    visitor.assert_status(200);
    assert_eq!(visitor.page.bytes, bytes);
    assert!(visitor.page.header("content-disposition").starts_with("attachment"));
    assert!(visitor.page.header("content-security-policy").contains("sandbox"));
    let mut stranger = service.as_person(&world.chair).await;
    stranger.get(&url).await;
    stranger.assert_status(404);
}

/// UP06: files of a form that never became a report go; those of reports stay, and `check` knows them.
#[tokio::test]
async fn files_of_forms_that_were_given_up_go_and_those_of_reports_stay() {
    let (service, world) = world().await;
    let app = &service.app;
    let mut visitor = service.as_person(&world.outsider).await;
    visitor.get(urls::REPORT).await;
    visitor.attach("Files", "left.pdf", b"%PDF-1.4 left behind");
    visitor.submit("Report it", &[("From which organization?", "wire")]).await;
    visitor.assert_status(422);
    visitor.get(urls::REPORT).await;
    visitor.attach("Files", "kept.pdf", b"%PDF-1.4 kept");
    visitor.submit("Report it", &[]).await;
    visitor.assert_says("Reported.");
    let files = || async { sqlx::query_scalar::<_, i64>("SELECT count(*) FROM files").fetch_one(&app.pool).await.expect("files") };
    assert_eq!(files().await, 2);

    let now = app.clock.now() + TimeDelta::hours(2);
    unrecorded::store::sweep(&app.pool, now - TimeDelta::days(1)).await.expect("a sweep");
    statements::store::files::sweep(&app.pool, now).await.expect("a sweep");
    assert_eq!(files().await, 2, "a form may take a day");
    let now = now + TimeDelta::days(1);
    unrecorded::store::sweep(&app.pool, now - TimeDelta::days(1)).await.expect("a sweep");
    statements::store::files::sweep(&app.pool, now).await.expect("a sweep");
    assert_eq!(files().await, 1);
    assert_eq!(checkup::store::broken(&app.pool).await.expect("a check"), []);

    sqlx::query("UPDATE files SET is_whole = false").execute(&app.pool).await.expect("broken");
    let broken = checkup::store::broken(&app.pool).await.expect("a check");
    assert!(broken.iter().any(|one| one.rule == "a report's file without its whole file"), "{broken:?}");
}

#[tokio::test]
async fn a_file_that_is_too_large_or_empty_is_refused_and_the_words_stay() {
    let service = service_with(clock(NOW), &[("LIAISON_MAX_FILE_BYTES", "1000000")]).await;
    let world = people::world(&service).await;
    let mut visitor = service.as_person(&world.outsider).await;
    for (name, bytes, words) in [("big.bin", vec![1u8; 1_000_001], "must be smaller than 1 MB"), ("empty.pdf", Vec::new(), "\"empty.pdf\" is empty")]
    {
        visitor.get(urls::REPORT).await;
        visitor.attach("Files", name, &bytes);
        visitor.submit("Report it", &LETTER).await;
        visitor.assert_status(422).assert_says(words);
        assert_eq!(visitor.page.value("Its text, or the whole mail"), "Dear colleagues");
    }
    let reports: i64 = sqlx::query_scalar("SELECT count(*) FROM unrecorded_statements").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(reports, 0);
}

/// Recorded from a mail that was pasted, and from one that came as a file: its text is the text, the mail is kept as it came.
#[tokio::test]
async fn a_whole_mail_becomes_a_draft_with_its_text_and_the_mail_itself() {
    let (service, world) = world().await;
    for pasted in [true, false] {
        let mut outsider = service.as_person(&world.outsider).await;
        outsider.get(urls::REPORT).await;
        outsider.attach("Files", "SG11-LS45.pdf", b"%PDF-1.4 the letter");
        if !pasted {
            outsider.attach("Files", "mail.eml", MAIL.as_bytes());
        }
        let body = if pasted { MAIL } else { "" };
        outsider.submit("Report it", &[("From which organization?", "itu-t-sg11"), ("Its text, or the whole mail", body)]).await;
        outsider.assert_says("Reported.");
        assert_eq!(outsider.page.title(), "LS on wire formats", "of a mail its subject");
        let path = outsider.page.path.clone();

        let mut manager = service.as_person(&world.manager_itu_t).await;
        manager.get(&path).await;
        manager.submit("Record from it", &[]).await;
        assert!(manager.page.path.starts_with("/statements/drafts/"), "{}", manager.page.path);
        let draft = manager.page.path.clone();
        assert_eq!(manager.page.value("Title"), "LS on wire formats");
        assert_eq!(manager.page.value("Text").replace("\r\n", "\n").trim_end(), "Dear collègues,\n\nplease comment.");
        assert_eq!(manager.page.value("Received from"), "SG11 Secretariat <sg11@itu-t.example>");
        assert_eq!(manager.page.value("Received on"), "2026-03-02");
        let kinds: Vec<(String, String)> =
            sqlx::query_as("SELECT file_name, kind FROM attachments JOIN statements USING (statement_id) WHERE draft_id = $1 ORDER BY file_name")
                .bind(draft.trim_start_matches("/statements/drafts/"))
                .fetch_all(&service.app.pool)
                .await
                .expect("files");
        let kinds: Vec<(&str, &str)> = kinds.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
        assert_eq!(kinds, [("SG11-LS45.pdf", "statement"), ("mail.eml", "original-mail")]);
        let mail = manager.page.link("mail.eml");
        manager.get(&mail).await;
        assert_eq!(manager.page.bytes, MAIL.as_bytes(), "byte for byte, pasted: {pasted}");

        manager.get(&draft).await;
        manager.submit("Continue to check", &[("To", "wire"), ("Purpose", "For Information")]).await;
        let overruled: &[(&str, &str)] = if pasted { &[] } else { &[("Record anyway", "yes")] };
        manager.submit("Record and post", overruled).await;
        let number = if pasted { 1 } else { 2 };
        manager.assert_at(&format!("/statements/{number}"));
        outsider.get(&path).await;
        outsider.assert_says(&format!("Recorded as Statement {number}"));
        assert_eq!(outsider.page.link(&format!("Statement {number}")), format!("/statements/{number}"));
        assert!(!outsider.page.has_button("Take it"));
        assert_eq!(checkup::store::broken(&service.app.pool).await.expect("a check"), []);
        // the mail itself is for those concerned
        outsider.get(&format!("/statements/{number}")).await;
        outsider.assert_silent("mail.eml");
    }
    assert!(!asked(&service, &world.manager_itu_t, "LS on wire formats").await);
}

#[tokio::test]
async fn it_is_taken_given_back_taken_over_set_aside_and_the_reporter_is_told() {
    let (service, world) = world().await;
    let path = report(&service, &world.outsider, &LETTER).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    manager.get(&path).await;
    manager.assert_says("Not taken yet").assert_says("It waits for the liaison manager for ITU-T");
    manager.submit("Take it", &[]).await;
    manager.assert_says("It is yours to record now").assert_says("Ivo Manager is to record it");
    assert!(asked(&service, &world.manager_itu_t, "LS on wires").await);
    manager.submit("Give it back", &[]).await;
    manager.assert_says("Not taken yet");
    manager.submit("Take it", &[]).await;

    // somebody else's page of before
    coordinator.get(&path).await;
    coordinator.post(&format!("{path}/record"), &[("version", "4")]).await;
    coordinator.assert_says("Ivo Manager has it. Take it over first.");
    coordinator.submit("Take it over", &[]).await;
    coordinator.assert_says("Cora Coordinator is to record it");
    assert!(!asked(&service, &world.manager_itu_t, "LS on wires").await && asked(&service, &world.coordinator, "LS on wires").await);
    manager.post(&format!("{path}/set-aside"), &[("version", "4"), ("reason", "stale")]).await;
    manager.assert_says("It changed meanwhile");

    coordinator.get(&path).await;
    coordinator.submit("Set it aside", &[]).await;
    coordinator.assert_status(422);
    assert_eq!(coordinator.page.problems(), ["Enter why it is not recorded"]);
    coordinator.submit("Set it aside", &[("Why is it not recorded?", "It is Statement 12 <b>already</b>")]).await;
    coordinator.assert_says("Set aside. It is Statement 12 <b>already</b>");
    assert_eq!(service.mailed("unrecorded-set-aside").await, ["otto@people.example"]);
    let body: String =
        sqlx::query_scalar("SELECT body FROM mails WHERE event = 'unrecorded-set-aside'").fetch_one(&service.app.pool).await.expect("a mail");
    assert!(
        body.contains("Cora Coordinator (liaison coordinator) set aside what you reported") && body.contains("It is Statement 12 <b>already</b>")
    );
    for line in [
        "Otto Outside reported it",
        "Ivo Manager (liaison manager for ITU-T) took it",
        "gave it back",
        "Cora Coordinator (liaison coordinator) set it aside",
    ] {
        coordinator.assert_says(line);
    }
    let mut outsider = service.as_person(&world.outsider).await;
    outsider.get("/desk").await;
    outsider.assert_says("set aside");
}

/// A draft that was begun from a report and given up leaves the report to be recorded again.
#[tokio::test]
async fn a_draft_of_it_that_is_given_up_gives_the_report_back() {
    let (service, world) = world().await;
    let path = report(&service, &world.outsider, &LETTER).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&path).await;
    manager.submit("Record from it", &[]).await;
    let first = manager.page.path.clone();
    manager.get(&path).await;
    manager.assert_says("Being recorded");
    assert!(!asked(&service, &world.manager_itu_t, "LS on wires").await, "the draft is on its list");
    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get(&path).await;
    secretariat.assert_says("Ivo Manager began a draft of it");
    assert!(!secretariat.page.has_button("Record from it"));
    secretariat.post(&format!("{path}/set-aside"), &[("version", "2"), ("reason", "no")]).await;
    secretariat.assert_says("A draft of it is being recorded already");

    manager.get(&first).await;
    manager.submit("Delete the draft", &[]).await;
    assert!(asked(&service, &world.manager_itu_t, "LS on wires").await);
    manager.get(&path).await;
    manager.submit("Record from it", &[]).await;
    assert!(manager.page.path.starts_with("/statements/drafts/") && manager.page.path != first, "{}", manager.page.path);
    assert_eq!(manager.page.value("Title"), "LS on wires");
}

/// Whose roles do not fit at submission is offered to report, with all that was typed.
#[tokio::test]
async fn who_may_not_record_reports_with_all_that_was_typed() {
    let (service, world) = world().await;
    let mut chair = service.as_person(&world.chair_bench).await;
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "letter.pdf", b"%PDF-1.4 a letter");
    let fields = [
        ("From", "ITU-T SG11"),
        ("To", "wire"),
        ("Title", "LS on wires"),
        ("Purpose", "For Action"),
        ("Deadline", "1 May 2026"),
        ("Text", "Dear WIRE"),
        ("Peer's reference", "SG11-LS45"),
        ("Or a link", "https://example.org/annex.pdf"),
    ];
    chair.submit("Continue to check", &fields).await;
    chair.assert_says("Check and submit");
    assert!(!chair.page.has_button("Submit for review"));
    let draft = chair.page.path.trim_end_matches("/submit").to_owned();
    chair.click("Report it instead").await;
    chair.assert_says("This is your draft").assert_says("letter.pdf");
    assert_eq!(chair.page.value("Its text, or the whole mail"), "Dear WIRE");
    chair.submit("Report it", &[]).await;
    chair.assert_says("Reported. Mailed: the liaison manager for ITU-T.").assert_says("letter.pdf").assert_says("https://example.org/annex.pdf");
    let path = chair.page.path.clone();
    chair.get(&draft).await;
    chair.assert_says("Given up");

    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&path).await;
    manager.submit("Record from it", &[]).await;
    for (label, value) in
        [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wires"), ("Deadline", "1 May 2026"), ("Peer's reference", "SG11-LS45")]
    {
        assert_eq!(manager.page.value(label), value, "{label}");
    }
    assert!(manager.page.is_checked("For Action"));
    manager.assert_says("letter.pdf").assert_says("https://example.org/annex.pdf");
    manager.submit("Continue to check", &[]).await;
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/1").assert_says("letter.pdf");

    // who may record nothing at all is led there, and loses no word
    let mut outsider = service.as_person(&world.outsider).await;
    outsider.get("/statements/incoming/new").await;
    outsider.assert_at(urls::REPORT).assert_says("You can report one");
    outsider.post("/statements/incoming/new", &[("from", "3GPP SA3"), ("title", "Theirs"), ("body", "Dear all"), ("references", "S3-1")]).await;
    outsider.assert_status(403).assert_says("Your roles do not let you record statements");
    assert_eq!(outsider.page.value("What is it about?"), "Theirs");
    outsider.submit("Report it", &[]).await;
    outsider.assert_says("Mailed: the liaison manager for 3GPP.");
    let path = outsider.page.path.clone();
    let mut manager = service.as_person(&world.manager_3gpp).await;
    manager.get(&path).await;
    manager.submit("Record from it", &[]).await;
    assert_eq!(manager.page.value("Peer's reference"), "S3-1");
}

/// AZ05: nothing of a report is set from outside.
#[tokio::test]
async fn fields_that_are_not_theirs_change_nothing() {
    let (service, world) = world().await;
    let mut outsider = service.as_person(&world.outsider).await;
    let foreign = [
        ("title", "LS on wires"),
        ("from", "ITU-T SG11"),
        ("body", "Dear all"),
        ("state", "recorded"),
        ("number", "1"),
        ("reported_by", "1"),
        ("report_id", "x"),
        ("role", "liaison coordinator"),
        ("reported_as", "liaison coordinator"),
        ("group_id", "1"),
        ("taken_by", "1"),
        ("statement_id", "1"),
        ("file_id", "1"),
        ("title", "another"),
        ("draft", ""),
        ("creation-key", "k"),
    ];
    outsider.post(urls::REPORT, &foreign).await;
    outsider.assert_status(200).assert_says("LS on wires").assert_says("Not taken yet").assert_says("Otto Outside");
    outsider.assert_silent("liaison coordinator)");
    let path = outsider.page.path.clone();
    // files of another's form, by its key
    let mut other = service.as_person(&world.chair).await;
    other.post(urls::REPORT, &[("title", "Mine"), ("creation-key", "k")]).await;
    other.assert_status(422);
    // an action that the reporter may not take
    for step in ["take", "record", "give-back", "set-aside"] {
        outsider
            .post(&format!("{path}/{step}"), &[("version", "1"), ("reason", "x"), ("role", "liaison coordinator"), ("acting", "liaison coordinator")])
            .await;
        outsider.assert_status(403);
    }
    let states: Vec<(String, Option<i64>)> =
        sqlx::query_as("SELECT state, taken_by FROM unrecorded_statements").fetch_all(&service.app.pool).await.expect("reports");
    assert_eq!(states, [("open".to_owned(), None)]);
}

/// WB02
#[tokio::test]
async fn what_was_reported_stays_text() {
    let (service, world) = world().await;
    let evil = "<script>canary()</script><img src=x onerror=canary()>\"'>";
    let mut outsider = service.as_person(&world.outsider).await;
    outsider.get(urls::REPORT).await;
    outsider.attach("Files", "<svg onload=canary()>.html", b"<script>canary()</script>");
    let body = format!("From: {evil} <a@b.example>\r\nSubject: {evil}\r\n\r\n{evil} javascript:canary() https://example.org/\"onclick=canary()");
    outsider.submit("Report it", &[("Its text, or the whole mail", &body), ("Or a link", "https://example.org/?\"><script>canary()</script>")]).await;
    outsider.assert_says("Reported.");
    let path = outsider.page.path.clone();
    let mut coordinator = service.as_person(&world.coordinator).await;
    let mut pages: Vec<Visitor> = vec![outsider];
    coordinator.get(&path).await;
    coordinator.submit("Record from it", &[]).await;
    let draft = coordinator.page.path.clone();
    pages.push(coordinator);
    for (visitor, paths) in pages.iter_mut().zip([vec![path.clone(), "/desk".to_owned()], vec![path.clone(), draft, "/desk".to_owned()]]) {
        for path in paths {
            visitor.get(&path).await;
            visitor.assert_status(200);
            let scripts =
                visitor.page.html.select(&crate::support::form::selector("main script, main img, main svg, [onerror], [onload], [onclick]")).count();
            assert_eq!(scripts, 0, "{path}");
            for link in visitor.page.html.select(&crate::support::form::selector("a[href]")) {
                assert!(!link.attr("href").unwrap_or_default().to_lowercase().starts_with("javascript:"), "{path}");
            }
        }
    }
    let mut file = service.as_person(&world.coordinator).await;
    file.get(&path).await;
    let url = file.page.link("<svg onload=canary()>.html");
    file.get(&url).await;
    assert!(file.page.header("content-disposition").starts_with("attachment") && !file.page.header("content-type").contains("html"));
}

async fn once(app: &App) -> run::Report {
    let mut connection = app.pool.acquire().await.expect("a connection");
    run::once(app, &mut connection).await.expect("a run")
}

async fn reminded(app: &App) -> Vec<(String, String)> {
    sqlx::query_as("SELECT recipient, subject FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'reminder' ORDER BY mail_id, 1")
        .fetch_all(&app.pool)
        .await
        .expect("mails")
}

/// Untaken after 7 days: manager or coordinators, and the secretariat, once, on two servers that run at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn untaken_after_seven_days_is_told_once_on_however_many_servers() {
    let (service, world) = world().await;
    let app = &service.app;
    report(&service, &world.outsider, &LETTER).await;
    report(
        &service,
        &world.outsider,
        &[("What is it about?", "From ETSI"), ("From which organization?", "etsi-zsm"), ("Or a link", "https://example.org/x")],
    )
    .await;
    let taken = report(&service, &world.outsider, &[("What is it about?", "Taken"), ("Its text, or the whole mail", "Dear all")]).await;
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get(&taken).await;
    coordinator.submit("Take it", &[]).await;

    let mut connection = app.pool.acquire().await.expect("a connection");
    let rehearsed = run::rehearse(app, &mut connection, "2026-03-09".parse().expect("a day")).await.expect("a rehearsal");
    drop(connection);
    assert_eq!(rehearsed.mails.len(), 3, "{:?}", rehearsed.mails);
    assert!(reminded(app).await.is_empty(), "a rehearsal keeps nothing");
    // two servers: two states of the service, two pools, one database
    let other_pool = liaison_tracker::database::pool(&service.database.url, 4, "another server").expect("a pool");
    let other = App::new(app.config.clone(), other_pool, app.clock.clone());
    for day in 3..=20 {
        for hour in ["06", "18"] {
            app.clock.set(time(&format!("2026-03-{day:02}T{hour}:00:00Z")));
            tokio::join!(once(app), once(&other), once(app));
        }
        if day == 8 {
            assert!(reminded(app).await.is_empty(), "not before 7 days");
        }
        if day == 12 {
            // given back, it is told of anew, 7 days later
            coordinator.get(&taken).await;
            coordinator.submit("Give it back", &[]).await;
        }
    }
    let sent = reminded(app).await;
    let mut told: Vec<(&str, bool)> = sent.iter().map(|(to, subject)| (to.as_str(), subject.starts_with("2 liaison matters"))).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("itu-t-manager@ietf.example", false),
            ("liaison-coordination@example.org", false),
            ("liaison-coordination@example.org", false),
            ("stella@people.example", false),
            ("stella@people.example", true),
        ],
        "{sent:?}"
    );
    assert!(
        sent.iter().any(
            |(_, subject)| subject == "An unrecorded statement that Otto Outside reported on Monday 2 March 2026 has not been taken: LS on wires"
        ),
        "{sent:?}"
    );
    let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM mails WHERE event = 'reminder'").fetch_all(&app.pool).await.expect("mails");
    assert!(bodies.iter().all(|body| body.contains("/statements/unrecorded/")), "{bodies:?}");
}

/// Taken by somebody who is manager no more, but a chair: nobody's again.
#[tokio::test]
async fn what_was_taken_by_whoever_may_not_see_to_it_any_more_waits_again() {
    let (service, world) = world().await;
    let second = people::person(&service.app, "Manu Manager", "manu@people.example").await;
    let role = people::role_with(&service.app, &second, liaison_tracker::people::RoleKind::LiaisonManager, Some("itu-t"), None).await;
    let path = report(&service, &world.outsider, &LETTER).await;
    let mut manu = service.as_person(&second).await;
    manu.get(&path).await;
    manu.submit("Take it", &[]).await;
    assert!(!asked(&service, &world.manager_itu_t, "LS on wires").await);
    people::role(&service.app, &second, liaison_tracker::people::RoleKind::Chair, Some("mesh")).await;
    people::end_role(&service.app, role).await;
    assert!(!asked(&service, &second, "LS on wires").await);
    assert!(asked(&service, &world.manager_itu_t, "LS on wires").await);
    manu.get(&path).await;
    manu.assert_status(404);
    let mut ivo = service.as_person(&world.manager_itu_t).await;
    ivo.get(&path).await;
    ivo.assert_says("Not taken yet");
    ivo.submit("Record from it", &[]).await;
    assert!(ivo.page.path.starts_with("/statements/drafts/"), "{}", ivo.page.text);
}

/// LC03: two who record at once begin one draft.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_record_at_once_begin_one_draft() {
    let (service, world) = world().await;
    let path = report(&service, &world.outsider, &LETTER).await;
    let (mut one, mut two, mut three) =
        (service.as_person(&world.manager_itu_t).await, service.as_person(&world.coordinator).await, service.as_person(&world.manager_itu_t).await);
    let record = format!("{path}/record");
    tokio::join!(one.post(&record, &[("version", "1")]), two.post(&record, &[("version", "1")]), three.post(&record, &[("version", "1")]));
    let drafts: i64 = sqlx::query_scalar("SELECT count(*) FROM statements").fetch_one(&service.app.pool).await.expect("a count");
    assert_eq!(drafts, 1);
    for visitor in [&one, &two, &three] {
        assert!(visitor.page.status.is_success() && visitor.page.path.starts_with("/statements/"), "{} {}", visitor.page.path, visitor.page.text);
    }
}

/// A double click on the form, files and all, reports once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_reports_once() {
    let (service, world) = world().await;
    let (mut one, mut two) = (service.as_person(&world.outsider).await, service.as_person(&world.outsider).await);
    let body = |boundary: &str| {
        let mut body = String::new();
        for (name, value) in [("creation-key", "k1"), ("title", "LS on wires"), ("from", "ITU-T SG11")] {
            body.push_str(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\r\n--{boundary}--\r\n"
        ));
        Some((format!("multipart/form-data; boundary={boundary}"), body.into_bytes()))
    };
    let post = axum::http::Method::POST;
    tokio::join!(one.go(post.clone(), urls::REPORT, body("x")), two.go(post.clone(), urls::REPORT, body("y")));
    one.assert_status(200);
    two.assert_status(200);
    assert_eq!(one.page.path, two.page.path);
    let counts: (i64, i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM unrecorded_statements), (SELECT count(*) FROM unrecorded_files), (SELECT count(*) FROM mails)")
            .fetch_one(&service.app.pool)
            .await
            .expect("counts");
    assert_eq!(counts, (1, 1, 1));
}

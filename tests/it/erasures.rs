//! What was not ours to publish is taken away for good, by one function of the database alone (domain.md 2, robustness.md AZ06).

use liaison_tracker::checkup;
use liaison_tracker::statements::attachments::{AttachmentKind, Visibility};
use liaison_tracker::urls;
use sqlx::AssertSqlSafe;

use crate::support::letters::{self, Posted};
use crate::support::people::{self, World};
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-03-02T10:00:00Z";
/// With signs that mean something in patterns.
const SECRET: &str = "the (secret) number is 1.5*x^2 [see \\annex]";

/// A statement that was recorded, checked and posted, so that it has versions, history and mails; number 1.
async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "letter.txt", b"a secret letter");
    chair.attach("Files", "annex.pdf", b"%PDF-1.4 an annex");
    let body = format!("Dear all,\n\n{}\n\nand again: {SECRET}. 105*x stays.\n", SECRET.replacen(' ', "\n", 1));
    let fields =
        [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on numbers"), ("Purpose", "For Action"), ("Deadline", "1 May 2026"), ("Text", &body)];
    chair.submit("Continue to check", &fields).await;
    let draft = chair.page.path.trim_start_matches("/statements/drafts/").trim_end_matches("/submit").to_owned();
    chair.submit("Submit for review", &[]).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&urls::review(&draft)).await;
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1");
    (service, world)
}

async fn all(service: &TestService) -> Vec<(String, String)> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('sessions') ORDER BY 1")
            .fetch_all(&service.app.pool)
            .await
            .expect("tables");
    let mut rows = Vec::new();
    for table in tables {
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT t::text FROM {table} AS t ORDER BY 1")))
            .fetch_all(&service.app.pool)
            .await
            .expect("rows");
        rows.extend(found.into_iter().map(|row| (table.clone(), row)));
    }
    rows
}

/// The tables in which a text stands, each as often.
async fn tables_with(service: &TestService, text: &str) -> Vec<String> {
    all(service).await.into_iter().filter(|(_, row)| row.contains(text)).map(|(table, _)| table).collect()
}

#[tokio::test]
async fn words_are_taken_away_wherever_they_stand() {
    let (service, world) = world().await;
    let app = &service.app;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1").await;
    chair.submit("Add the comment", &[("Comment", &format!("Is it right that {SECRET}?"))]).await;
    sqlx::query("INSERT INTO history (at, statement_id, actor_name, event, words, changes, audience) SELECT now(), statement_id, 'x', 'changed', 'said ' || $1, jsonb_build_object('a', jsonb_build_array($1)), 'concerned' FROM statements")
        .bind(SECRET)
        .execute(&app.pool)
        .await
        .expect("a line");
    let queued: i64 =
        sqlx::query_scalar("SELECT count(*) FROM mail_deliveries WHERE state IN ('queued', 'recorded')").fetch_one(&app.pool).await.expect("mail");
    assert!(queued > 0);
    let places = tables_with(&service, "1.5*x").await;
    for table in ["statements", "statement_versions", "history", "comments", "mails"] {
        assert!(places.contains(&table.to_owned()), "{table}: {places:?}");
    }
    let mut reader = service.visitor();
    reader.get("/statements?q=secret").await;
    reader.assert_says("LS on numbers");

    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/statements/1").await;
    coordinator.click("Take away what was not ours to publish").await;
    coordinator.assert_says("It is gone for good");
    coordinator.submit("Take it away for good", &[]).await;
    assert_eq!(coordinator.page.problems(), ["Select what is taken away", "Enter why it is taken away"]);
    coordinator.submit("Take it away for good", &[("What is taken away?", "Words of the text"), ("Why is it taken away?", "theirs")]).await;
    assert_eq!(coordinator.page.problems(), ["Enter the words that are taken away, as they stand in the text"]);
    coordinator.submit("Take it away for good", &[("If words, which?", "nowhere .* to be found")]).await;
    assert_eq!(coordinator.page.problems(), ["These words do not stand in the text"]);
    coordinator
        .submit("Take it away for good", &[("If words, which?", &format!("  {SECRET}\n")), ("Why is it taken away?", "it is their property")])
        .await;

    coordinator.assert_at("/statements/1").assert_says("Taken away. Whoever was mailed at posting is told.");
    assert_eq!(tables_with(&service, "1.5*x").await, Vec::<String>::new());
    assert_eq!(tables_with(&service, "(secret)").await, Vec::<String>::new());
    let body: String = sqlx::query_scalar("SELECT body FROM statements WHERE number = 1").fetch_one(&app.pool).await.expect("a text");
    assert_eq!(body.replace("\r\n", "\n"), "Dear all,\n\n[taken away]\n\nand again: [taken away]. 105*x stays.\n");
    for path in ["/statements/1", "/statements/1.txt", "/api/v1/statements/1", "/statements.atom", "/statements?q=105"] {
        reader.get(path).await;
        assert!(!reader.page.source().contains("1.5*x"), "{path}");
    }
    reader.get("/statements?q=secret").await;
    reader.assert_silent("LS on numbers");
    for path in ["/statements/1", "/statements/1.txt"] {
        reader.get(path).await;
        reader.assert_says("Words taken away on 2 March 2026: it is their property").assert_says("[taken away]");
    }
    reader.get("/statements/1").await;
    reader.assert_says("Cora Coordinator (liaison coordinator) took words of the text away: it is their property");
    let told: Vec<String> =
        sqlx::query_scalar("SELECT recipient FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'taken-away' ORDER BY 1")
            .fetch_all(&app.pool)
            .await
            .expect("mail");
    let posted: Vec<String> = sqlx::query_scalar(
        "SELECT recipient FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'incoming-posted' AND why <> 'archive' ORDER BY 1",
    )
    .fetch_all(&app.pool)
    .await
    .expect("mail");
    assert!(told.len() > 1);
    assert_eq!(told, posted);
    assert_eq!(checkup::store::broken(&app.pool).await.expect("a check"), []);
}

#[tokio::test]
async fn bytes_are_taken_away_and_their_address_says_why() {
    let (service, world) = world().await;
    let app = &service.app;
    let address = "/statements/1/attachments/1/letter.txt";
    let mut reader = service.visitor();
    reader.get(address).await;
    reader.assert_status(200);
    let etag = reader.page.header("etag");
    let id = liaison_tracker::ids::StatementId(sqlx::query_scalar("SELECT statement_id FROM statements").fetch_one(&app.pool).await.expect("it"));
    let other = letters::posted(app, Posted::INCOMING).await;
    letters::file(app, other, "copy.txt", b"a secret letter").await;
    let private = letters::stored(app, "private.txt", b"for some").await;
    let private = letters::attach(app, id, &private, AttachmentKind::Enclosure, Visibility::Concerned).await;

    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/statements/1/take-away").await;
    secretariat.assert_says("letter.txt is also at Statement 1914, as copy.txt. It stays there.");
    secretariat
        .submit("Take it away for good", &[("What is taken away?", "The bytes of letter.txt"), ("Why is it taken away?", "their copyright")])
        .await;
    secretariat.assert_at("/statements/1");
    secretariat.get("/statements/1/take-away").await;
    secretariat
        .submit("Take it away for good", &[("What is taken away?", "The bytes of private.txt"), ("Why is it taken away?", "of a person")])
        .await;

    for path in [address.to_owned(), format!("{address}/text")] {
        reader.get(&path).await;
        reader.assert_status(410).assert_says("was taken away on 2 March 2026: their copyright").assert_silent("a secret letter");
    }
    reader.extra_headers = vec![("if-none-match".to_owned(), etag), ("range".to_owned(), "bytes=0-3".to_owned())];
    reader.get(address).await;
    reader.assert_status(410);
    reader.extra_headers.clear();
    reader.get("/statements/1").await;
    reader
        .assert_says("letter.txt The statement itself, Text, 15 bytes, taken away on 2 March 2026: their copyright")
        .assert_silent("private.txt")
        .assert_silent("of a person");
    assert!(reader.page.find_link("letter.txt").is_none());
    reader.assert_says("took a file away: their copyright");
    reader.get("/api/v1/statements/1").await;
    assert!(!reader.page.text.contains("letter.txt") && reader.page.text.contains("annex.pdf"));
    reader.get("/statements/1/attachments/2/annex.pdf").await;
    reader.assert_status(200);
    reader.get("/statements/1914/attachments/1/copy.txt").await;
    reader.assert_status(200);
    // what is for those concerned is gone for them, and was never there for others
    let private = urls::attachment(1, private, "private.txt");
    reader.get(&private).await;
    reader.assert_status(404);
    let mut chair = service.as_person(&world.chair).await;
    chair.get(&private).await;
    chair.assert_status(410);
    let chunks: i64 = sqlx::query_scalar("SELECT count(*) FROM file_chunks").fetch_one(&app.pool).await.expect("chunks");
    assert_eq!(chunks, 2, "those of the annex and of the copy");
    assert_eq!(
        checkup::store::broken(&app.pool)
            .await
            .expect("a check")
            .iter()
            .filter(|broken| broken.rule.contains("file") || broken.rule.contains("taken"))
            .count(),
        0
    );
    // again, from an old page
    secretariat.post("/statements/1/take-away", &[("what", "file-1"), ("reason", "again")]).await;
    secretariat.assert_at("/statements/1").assert_says("It is taken away already.");
    for n in ["9", "x", "-1", "99999999999"] {
        secretariat.post("/statements/1/take-away", &[("what", &format!("file-{n}")), ("reason", "again")]).await;
        secretariat.assert_status(422);
    }
}

#[tokio::test]
async fn nobody_but_the_one_function_takes_anything_away() {
    let (service, world) = world().await;
    let app = &service.app;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1").await;
    chair.submit("Add the comment", &[("Comment", "a word")]).await;
    let before = all(&service).await;
    for sql in [
        "UPDATE statements SET body = replace(body, 'secret', '')",
        "UPDATE statement_versions SET form = jsonb_set(form, '{body}', '\"\"')",
        "UPDATE history SET words = ''",
        "UPDATE history SET changes = '{}'",
        "DELETE FROM history",
        "TRUNCATE history",
        "UPDATE comments SET words = 'other'",
        "DELETE FROM comments",
        "TRUNCATE comments",
        "DELETE FROM file_chunks",
        "UPDATE file_chunks SET bytes = ''",
        "UPDATE files SET size = 0",
        "DELETE FROM files",
        "DELETE FROM attachments",
        "INSERT INTO erasures (statement_id, n, at, reason, person_id, made_as, places) SELECT statement_id, 1, now(), 'x', author_id, '', 1 FROM statements",
        // no setting opens the door
        "SET LOCAL session_replication_role = origin; UPDATE statements SET body = ''",
        "SET LOCAL liaison.taking_away = 'on'; DELETE FROM file_chunks",
        // nor another function that is called nearly so, nor the function's name in a comment
        "CREATE FUNCTION take_away_too(bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE statements SET body = ''; END $$; SELECT take_away_too(1)",
        "UPDATE statements /* take_away(bigint,integer,text,text,timestamp with time zone,bigint,text) */ SET body = ''",
    ] {
        let error = sqlx::raw_sql(sql).execute(&app.pool).await.expect_err(sql);
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "23001", "{sql}: {error}");
        assert_eq!(all(&service).await, before, "{sql}");
    }

    let took: i64 = sqlx::query_scalar("SELECT take_away(statement_id, NULL, 'secret', 'not ours', now(), author_id, '') FROM statements")
        .fetch_one(&app.pool)
        .await
        .expect("it is taken");
    assert!(took > 1);
    // what is noted of it stays; a draft, nothing, and no reason are nothing
    for sql in ["UPDATE erasures SET reason = 'x'", "DELETE FROM erasures", "TRUNCATE erasures"] {
        let error = sqlx::query(sql).execute(&app.pool).await.expect_err(sql);
        assert_eq!(error.as_database_error().and_then(|error| error.code()).unwrap_or_default(), "23001", "{sql}");
    }
    let after = all(&service).await;
    for sql in [
        "SELECT take_away(statement_id, NULL, ' ', 'x', now(), author_id, '') FROM statements",
        "SELECT take_away(statement_id, NULL, NULL, 'x', now(), author_id, '') FROM statements",
        "SELECT take_away(statement_id, NULL, 'Dear', '', now(), author_id, '') FROM statements",
        "SELECT take_away(statement_id, 77, NULL, 'x', now(), author_id, '') FROM statements",
        "SELECT take_away(-1, 1, NULL, 'x', now(), author_id, '') FROM statements",
    ] {
        let took: i64 = sqlx::query_scalar(sql).fetch_one(&app.pool).await.expect("nothing");
        assert_eq!(took, 0, "{sql}");
        assert_eq!(all(&service).await, after, "{sql}");
    }
}

#[tokio::test]
async fn what_several_attachments_hold_goes_with_the_last() {
    let (service, world) = world().await;
    let app = &service.app;
    let other = letters::posted(app, Posted::INCOMING).await;
    // no upload does that, but an import or a later version might
    sqlx::query("INSERT INTO attachments (statement_id, n, kind, file_name, file_id, added_at) SELECT $1, 1, 'enclosure', 'same.txt', file_id, now() FROM attachments WHERE n = 1")
        .bind(other.0)
        .execute(&app.pool)
        .await
        .expect("an attachment");
    let mut coordinator = service.as_person(&world.coordinator).await;
    let mut reader = service.visitor();
    coordinator.post("/statements/1/take-away", &[("what", "file-1"), ("reason", "theirs")]).await;
    reader.get("/statements/1/attachments/1/letter.txt").await;
    reader.assert_status(410);
    reader.get("/statements/1914/attachments/1/same.txt").await;
    reader.assert_status(200);

    coordinator.post("/statements/1914/take-away", &[("what", "file-1"), ("reason", "theirs")]).await;

    reader.get("/statements/1914/attachments/1/same.txt").await;
    reader.assert_status(410);
    let chunks: i64 = sqlx::query_scalar("SELECT count(*) FROM file_chunks").fetch_one(&app.pool).await.expect("chunks");
    assert_eq!(chunks, 1, "that of the annex");
}

//! What was typed comes back where it can't be saved.

use crate::support::people::world;
use crate::support::{clock, service};

const TYPED: [(&str, &str); 5] =
    [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "A letter <b>"), ("Purpose", "For Information"), ("Text", "\n first\r\nsecond & last")];

#[tokio::test]
async fn without_a_database_a_form_comes_back_and_can_be_sent_again() {
    let service = service(clock("2026-03-02T09:00:00Z")).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    let pool = &service.database.pool;

    // the last write fails for want of room: in the middle of the step
    for (make, unmake) in [
        (
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
             CREATE TRIGGER no_room BEFORE INSERT ON statement_versions EXECUTE FUNCTION no_room()",
            "DROP TRIGGER no_room ON statement_versions",
        ),
        ("CREATE TRIGGER no_room BEFORE INSERT ON file_chunks EXECUTE FUNCTION no_room()", "DROP TRIGGER no_room ON file_chunks"),
        ("ALTER TABLE sessions RENAME TO sessions_away", "ALTER TABLE sessions_away RENAME TO sessions"),
    ] {
        chair.get("/statements/incoming/new").await;
        sqlx::raw_sql(make).execute(pool).await.expect("a fault");
        chair.attach("Files", "letter.pdf", b"%PDF-1.4 a letter");

        chair.submit("Save draft", &TYPED).await;

        chair.assert_status(503).assert_says("Not available just now").assert_says("was not saved: it is below");
        assert!(!chair.page.header("retry-after").is_empty());
        assert_eq!(chair.page.value("Title"), "A letter <b>");
        // line ends as a browser shows them
        assert_eq!(chair.page.value("Body"), "\n first\nsecond & last");
        sqlx::raw_sql(unmake).execute(pool).await.expect("mended");
        // the sender's page, sent again from here
        chair.submit("Send again", &[("Title", "Another title")]).await;
        chair.assert_status(200);
        assert_eq!((chair.page.value("Title"), chair.page.value("Text")), ("Another title".to_owned(), "\n first\nsecond & last".to_owned()));
        assert!(chair.page.path.starts_with("/statements/drafts/"), "{}", chair.page.path);
    }
    let drafts: i64 = sqlx::query_scalar("SELECT count(*) FROM statements").fetch_one(pool).await.expect("a count");
    assert_eq!(drafts, 3);
    assert!(service.app.disk.full_since(pool).await.is_none(), "there is room");
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_leads_back_to_the_filled_form() {
    let service = service(clock("2026-03-02T09:00:00Z")).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    chair.submit("Save draft", &TYPED).await;
    let draft = chair.page.path.clone();

    for path in ["/statements/incoming/new", &draft] {
        chair.get(path).await;
        sqlx::query("DELETE FROM sessions").execute(&service.app.pool).await.expect("ended");
        chair.submit("Save draft", &[&TYPED[..4], &[("Text", "typed for an hour")]].concat()).await;
        chair.assert_status(401).assert_says("not signed in any more").assert_says("was not saved");
        assert_eq!(chair.page.value("Body"), "typed for an hour");

        let again = service.as_person(&world.chair).await;
        chair.cookies = again.cookies.clone();
        chair.submit("Send again", &[]).await;
        chair.assert_status(200);
        assert_eq!(chair.page.value("Text"), "typed for an hour", "{}", chair.page.text);
    }

    // a password is never given back, and whoever typed nothing is only led to sign in
    sqlx::query("DELETE FROM sessions").execute(&service.app.pool).await.expect("ended");
    chair.post("/account/password", &[("old-password", "river lamp 88 orbit"), ("new-password", "another secret thing")]).await;
    assert!(!chair.page.source().contains("river lamp") && !chair.page.source().contains("another secret"));
    chair.assert_at("/sign-in");
    // and whoever never had a session gets nothing of the kind
    let mut nobody = service.visitor();
    nobody.post("/statements/incoming/new", &[("title", "A title"), ("body", "x")]).await;
    nobody.assert_at("/sign-in");
}

#[tokio::test]
async fn a_sign_in_that_fails_shows_no_password() {
    let service = service(clock("2026-03-02T09:00:00Z")).await;
    service.database.pool.close().await;
    let mut visitor = service.visitor();

    visitor.post("/sign-in", &[("email", "carol@people.example"), ("password", "river lamp 88 orbit"), ("by", "password")]).await;

    visitor.assert_status(503);
    assert!(!visitor.page.source().contains("river lamp"), "{}", visitor.page.source());
    assert_eq!((visitor.page.value("Email"), visitor.page.value("Password")), ("carol@people.example".to_owned(), String::new()));
}

//! `liaison-tracker check`: silent while all holds, and each rule names what breaks it.

use std::process::{Command, Output};

use liaison_tracker::checkup::store::{RULES, broken, broken_in};
use liaison_tracker::urls;
use sqlx::AssertSqlSafe;

use crate::support::people::{World, world};
use crate::support::{TestService, clock, service};

/// A tracker with a posted statement (a file, an action, mail) and one in review; their draft ids.
async fn tracker() -> (TestService, World) {
    let service = service(clock("2026-03-02T09:00:00Z")).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    for title in ["The first", "The second"] {
        chair.get("/statements/incoming/new").await;
        chair.attach("Files", "letter.pdf", format!("%PDF-1.4 {title}").as_bytes());
        let fields = [("From", "ITU-T SG11"), ("To", "wire"), ("Title", title), ("Purpose", "For Action"), ("Deadline", "1 May 2026")];
        chair.submit("Continue to check", &fields).await;
        let draft = chair.page.path.trim_start_matches("/statements/drafts/").trim_end_matches("/submit").to_owned();
        chair.submit("Submit for review", &[]).await;
        if title == "The first" {
            manager.get(&urls::review(&draft)).await;
            manager.submit("Send decision", &[("Decision", "Approve")]).await;
            manager.assert_at("/statements/1");
        }
    }
    (service, world)
}

/// A rule, and what breaks it alone. Triggers and foreign keys are off while it runs.
const BREAKS: &[(&str, &str)] = &[
    (
        "posted without a number",
        "ALTER TABLE statements DROP CONSTRAINT statement_posted_has_a_number;
         UPDATE statements SET number = NULL WHERE number = 1; UPDATE number_counter SET last_number = 0",
    ),
    (
        "number without being posted",
        "ALTER TABLE statements DROP CONSTRAINT statement_posted_has_a_number;
         UPDATE statements SET number = 2 WHERE state = 'in-review'; UPDATE number_counter SET last_number = 2",
    ),
    ("the counter of numbers is behind", "UPDATE number_counter SET last_number = 0"),
    ("a number was left out", "UPDATE statements SET number = 3 WHERE number = 1; UPDATE number_counter SET last_number = 3"),
    (
        "numbers do not rise with the time of posting",
        "INSERT INTO statements (draft_id, number, origin, direction, state, title, purpose, made_at, changed_at, posted_at)
         SELECT 'another-draft-of-22-letters', 2, 'native', direction, 'posted', 'x', purpose, made_at, changed_at, posted_at - INTERVAL '1 day' FROM statements WHERE number = 1;
         UPDATE number_counter SET last_number = 2",
    ),
    ("posted without a line of history", "DELETE FROM history WHERE event = 'posted'"),
    (
        "posted twice by its history",
        "INSERT INTO history (at, statement_id, actor_name, event, words, audience) SELECT at, statement_id, actor_name, event, words, audience FROM history WHERE event = 'posted'",
    ),
    ("cited documents are counted wrongly", "INSERT INTO documents (document, statements) VALUES ('rfc4052', 3)"),
    (
        "cited by what is not posted, or out of order",
        "INSERT INTO statement_documents SELECT statement_id, 'rfc4052', '2000-01-01', 1 FROM statements WHERE number = 1;
         INSERT INTO documents (document, statements) VALUES ('rfc4052', 1)",
    ),
    ("in review without a sign-off that waits", "UPDATE sign_offs SET state = 'void' WHERE state = 'waiting'"),
    ("a sign-off waits for what is not in review", "UPDATE statements SET state = 'draft' WHERE state = 'in-review'"),
    ("posted without all its sign-offs", "UPDATE sign_offs SET state = 'void' WHERE state = 'given'"),
    ("posted without a mail", "UPDATE mails SET event = 'something' WHERE event = 'incoming-posted'"),
    ("a mail to nobody", "DELETE FROM mail_deliveries WHERE mail_id = (SELECT max(mail_id) FROM mails)"),
    ("a mail has ended without its time, or has a time without having ended", "UPDATE mail_deliveries SET state = 'accepted', ended_at = NULL WHERE mail_delivery_id = 1"),
    ("an action of a group that is not addressed", "UPDATE actions SET group_id = (SELECT group_id FROM groups WHERE acronym = 'mesh')"),
    ("an addressee without an action", "DELETE FROM deadlines; DELETE FROM actions"),
    ("for action without a deadline", "DELETE FROM deadlines"),
    (
        "two deadlines at once",
        "DROP INDEX deadline_current_is_one; INSERT INTO deadlines (action_id, due_on, kind, made_at) SELECT action_id, due_on, kind, made_at FROM deadlines",
    ),
    ("an attachment without its whole file", "UPDATE files SET is_whole = false WHERE file_id = 1"),
    (
        "a mail that goes with a file that is not whole",
        "INSERT INTO files DEFAULT VALUES;
         INSERT INTO mail_attachments (mail_id, position, file_id, file_name, media_type, size)
         SELECT (SELECT min(mail_id) FROM mails), 1, max(file_id), 'slides.pdf', 'application/pdf', 4 FROM files",
    ),
    (
        "a report's file without its whole file",
        "INSERT INTO files (is_whole) VALUES (false);
         INSERT INTO unrecorded_files (person_id, creation_key, n, file_name, file_id, added_at) SELECT 1, 'key', 1, 'a.pdf', max(file_id), now() FROM files",
    ),
    (
        "a report is recorded without its statement, or its statement is posted without it",
        "INSERT INTO unrecorded_statements (report_id, creation_key, reported_at, reported_by, title, form, open_since, state, taken_by, statement_id)
         SELECT 'a-report-of-22-letters', 'key', now(), 1, '', '{}', now(), 'taken', 1, statement_id FROM statements WHERE number = 1",
    ),
    ("a file whose pieces are not what was stored", "UPDATE files SET size = size + 1 WHERE file_id = 1"),
    ("a file whose pieces are not what was stored", "DELETE FROM file_chunks WHERE file_id = 1"),
    ("a file whose pieces are not what was stored", "UPDATE file_chunks SET n = 1 WHERE file_id = 1"),
    (
        "what was taken away is still there",
        "INSERT INTO erasures (statement_id, n, at, reason, person_id, made_as, places)
         SELECT statement_id, n, posted_at, 'not ours', author_id, '', 1 FROM attachments JOIN statements USING (statement_id) WHERE number = 1;
         INSERT INTO history (at, statement_id, actor_name, event, words, audience) SELECT posted_at, statement_id, '', 'taken-away', '', 'public' FROM statements WHERE number = 1",
    ),
    (
        "taken away without a line of history",
        "INSERT INTO erasures (statement_id, at, reason, person_id, made_as, places) SELECT statement_id, now(), 'not ours', author_id, '', 1 FROM statements WHERE number = 1",
    ),
    ("pieces of no file", "INSERT INTO file_chunks VALUES (999, 0, 'x')"),
    ("a session of a disabled account", "UPDATE accounts SET is_disabled = true WHERE person_id = (SELECT min(person_id) FROM sessions)"),
    (
        "a group whose line upward is wrong",
        "DELETE FROM group_ancestors WHERE distance = 2 AND group_id = (SELECT group_id FROM groups WHERE acronym = 'keys')",
    ),
    ("a group whose tree is wrong", "UPDATE groups SET root_id = group_id WHERE acronym = 'keys'"),
    ("posted and not found by search", "DELETE FROM statement_search"),
    (
        "found by search without being posted",
        "INSERT INTO statement_search SELECT statement_id, direction, sort_date, 2, '' FROM statements WHERE state = 'in-review'",
    ),
    ("posted and listed elsewhere than under its groups", "DELETE FROM statement_places"),
    ("posted and listed elsewhere than under its groups", "UPDATE statement_places SET is_to = NOT is_to"),
    ("listed otherwise than it stands", "DELETE FROM statement_listing"),
    ("listed otherwise than it stands", "UPDATE statement_listing SET deadline = NULL"),
    ("listed otherwise than it stands", "UPDATE statement_listing SET title_key = 'other'"),
    ("listed otherwise than it stands", "DELETE FROM statement_addressees"),
    ("listed otherwise than it stands", "UPDATE statement_addressees SET handling = 'noted'"),
    ("listed otherwise than it stands", "INSERT INTO statement_listing (statement_id, number, direction, purpose, sort_date, title_key, from_key, to_key)
         SELECT statement_id, 2, direction, purpose, sort_date, 'the second', 'itu-t sg11', 'wire' FROM statements WHERE state = 'in-review'"),
    ("listed otherwise than it stands", "UPDATE statement_search SET is_stale = true"),
];

#[tokio::test]
async fn each_rule_names_what_breaks_it_and_nothing_else() {
    let (service, _) = tracker().await;
    assert_eq!(broken(&service.app.pool).await.expect("a check"), []);

    for (rule, sql) in BREAKS {
        let mut transaction = service.database.pool.begin().await.expect("a transaction");
        sqlx::raw_sql("SET LOCAL session_replication_role = replica").execute(&mut *transaction).await.expect("a setting");
        sqlx::raw_sql(AssertSqlSafe(*sql)).execute(&mut *transaction).await.unwrap_or_else(|error| panic!("{sql}: {error}"));

        let found = broken_in(&mut transaction).await.expect("a check");

        let named: Vec<_> = found.iter().map(|broken| broken.rule).collect();
        assert!(named.contains(rule), "{rule}: {found:?}");
        // what is broken in passing: a statement without anything has no history, mail, search or place either
        let also: &[&str] = match *rule {
            "numbers do not rise with the time of posting" => {
                &["posted without a line of history", "posted without a mail", "posted and not found by search"]
            }
            "number without being posted" => &[],
            _ => &[],
        };
        // lists follow what stands, and triggers are off
        let follows = ["posted and listed elsewhere than under its groups", "listed otherwise than it stands"];
        let is_list = follows.contains(rule) || *rule == "posted and not found by search" || *rule == "found by search without being posted";
        let others: Vec<_> = found
            .iter()
            .filter(|broken| broken.rule != *rule && !also.contains(&broken.rule) && (is_list || !follows.contains(&broken.rule)))
            .collect();
        assert!(others.is_empty(), "{rule}: {others:?}");
        assert!(found.iter().all(|broken| !broken.what.trim().is_empty()), "{found:?}");
        transaction.rollback().await.expect("a rollback");
    }

    let untested: Vec<_> = RULES.iter().filter(|rule| !BREAKS.iter().any(|(broken, _)| broken == *rule)).collect();
    assert!(untested.is_empty(), "no test breaks {untested:?}");
    assert_eq!(broken(&service.app.pool).await.expect("a check"), []);
}

fn check(url: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_liaison-tracker"))
        .arg("check")
        .env("DATABASE_URL", url)
        .env("LIAISON_LOG", "error")
        .output()
        .expect("the program ends")
}

#[tokio::test]
async fn the_command_is_silent_where_all_holds_and_says_what_does_not() {
    let (service, _) = tracker().await;

    let good = check(&service.database.url);
    assert_eq!((good.status.code(), good.stdout, good.stderr), (Some(0), Vec::new(), Vec::new()));

    sqlx::query("UPDATE number_counter SET last_number = 0").execute(&service.app.pool).await.expect("a counter");
    let bad = check(&service.database.url);
    assert_eq!(bad.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&bad.stdout), "the counter of numbers is behind: last 0, highest 1\n");
}

#[tokio::test]
async fn the_command_says_when_it_cannot_look() {
    let nowhere = check("postgres://nobody@127.0.0.1:1/none");

    assert_eq!(nowhere.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&nowhere.stdout), "");
    let said = String::from_utf8_lossy(&nowhere.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("database"), "{said}");
}

#[tokio::test]
async fn the_demonstration_breaks_no_rule() {
    let database = crate::support::database::fresh().await;
    let made = Command::new(env!("CARGO_BIN_EXE_liaison-tracker"))
        .arg("demo")
        .env("DATABASE_URL", &database.url)
        .env("LIAISON_LOG", "error")
        .output()
        .expect("the program ends");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    assert_eq!(broken(&database.pool).await.expect("a check"), []);
}

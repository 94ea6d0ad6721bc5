//! The page of a statement that was taken over from an earlier record says no more than is known.

use crate::support::people::world;
use crate::support::posted::{NewAction, NewStatement, act, incoming, put};
use crate::support::{TestService, clock, service};

async fn begin() -> TestService {
    let service = service(clock("2026-11-25T10:00:00Z")).await;
    world(&service).await;
    service
}

async fn run(service: &TestService, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&service.app.pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[tokio::test]
async fn a_statement_without_text_leads_to_its_files_only_where_it_has_some() {
    let service = begin().await;
    put(&service.app, &NewStatement { origin: "imported", body: "", ..incoming(1) }).await;
    put(&service.app, &NewStatement { origin: "imported", body: "", ..incoming(2) }).await;
    put(&service.app, &NewStatement { body: "", ..incoming(3) }).await;
    run(
        &service,
        "INSERT INTO attachments (statement_id, n, kind, title, is_not_held, url, added_at)
         SELECT statement_id, 1, 'enclosure', 'Letter', true, 'https://example.org/letter.pdf', now() FROM statements WHERE number = 2",
    )
    .await;
    let mut visitor = service.visitor();

    for (number, words) in [
        (1, "Its text and files are not held here; see its source."),
        (2, "It has no text of its own; see its files."),
        (3, "It has no text of its own."),
    ] {
        visitor.get(&format!("/statements/{number}")).await;
        visitor.assert_says(words);
        assert_eq!(visitor.page.text.contains("see its files"), number == 2);
    }
}

#[tokio::test]
async fn who_sees_to_the_answer_is_said_only_where_an_answer_is_looked_after() {
    let service = begin().await;
    for (number, state) in [(1, "unknown"), (2, "open")] {
        let id =
            put(&service.app, &NewStatement { origin: "imported", purpose: Some("for-action"), to: &["wire", "mesh"], ..incoming(number) }).await;
        act(&service.app, id, NewAction { group: "wire", purpose: "for-action", state, assignee: "", due_on: None, closed_on: None }).await;
    }
    run(&service, "UPDATE statement_groups SET is_lead = true WHERE side = 'to' AND label = 'WIRE'").await;
    let mut visitor = service.visitor();

    visitor.get("/statements/1").await;
    visitor.assert_silent("sees to the answer");
    visitor.get("/statements/2").await;
    visitor.assert_says("sees to the answer");
}

#[tokio::test]
async fn an_undated_statement_stands_in_the_thread_by_its_number() {
    let service = begin().await;
    for (number, letter_date) in [(1, Some("2001-01-05")), (2, Some("2002-01-05")), (3, None), (4, Some("2001-06-05")), (5, Some("2005-01-05"))] {
        put(&service.app, &NewStatement { origin: "imported", letter_date, ..incoming(number) }).await;
    }
    // as an import leaves one of which no day is known
    run(&service, "ALTER TABLE statements DISABLE TRIGGER statement_posted_never_changes").await;
    run(&service, "UPDATE statements SET posted_at = NULL WHERE number = 3").await;
    run(
        &service,
        "INSERT INTO relations (statement_id, kind, earlier_id) SELECT later.statement_id, 'follows-up', earlier.statement_id
                     FROM statements AS later JOIN statements AS earlier ON earlier.number = later.number - 1",
    )
    .await;
    let mut visitor = service.visitor();

    visitor.get("/statements/5").await;

    let thread: Vec<String> =
        visitor.page.texts(".thread li").iter().map(|text| text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(thread, ["Statement 1", "Statement 4", "Statement 2", "Statement 3", "Statement 5"]);
}

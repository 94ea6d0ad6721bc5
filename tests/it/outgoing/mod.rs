//! Outgoing statements: drafted together, signed off by the right people, posted and sent once (stories 4 to 8).

mod replying;
mod together;

use liaison_tracker::App;
use liaison_tracker::ids::StatementId;

use crate::support::people::{Person, World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, letters, posted, service_with};

pub const TODAY: &str = "2026-03-02T09:00:00Z";

/// A service with the cast, and these settings.
pub async fn tracker_with(variables: &[(&str, &str)]) -> (TestService, World) {
    let service = service_with(clock(TODAY), variables).await;
    let world = world(&service).await;
    (service, world)
}

pub async fn tracker() -> (TestService, World) {
    tracker_with(&[]).await
}

/// Story 3's letter: SG11 writes for action to wire, for information to bench and keys.
pub async fn letter(app: &App) -> StatementId {
    let new = posted::NewStatement {
        purpose: Some("for-action"),
        to: &["wire", "bench", "keys"],
        purposes: &[Some("for-action"), Some("for-information"), Some("for-information")],
        title: "LS on wire formats",
        posted: "2026-03-01",
        ..posted::incoming(1)
    };
    let id = StatementId(posted::put(app, &new).await);
    let action = posted::NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "", due_on: Some("2026-05-01"), closed_on: None };
    posted::act(app, id.0, action).await;
    for group in ["bench", "keys"] {
        posted::act(app, id.0, posted::NewAction { group, purpose: "for-information", due_on: None, ..action }).await;
    }
    letters::contact(app, id, "received-from", "", "tsbsg11@itu-t.example", "role").await;
    sqlx::query("UPDATE number_counter SET last_number = 1").execute(&app.pool).await.expect("the counter");
    id
}

/// Recipients of the mails of an event, sorted.
pub async fn recipients(service: &TestService, event: &str) -> Vec<String> {
    sqlx::query_scalar("SELECT recipient FROM mail_deliveries JOIN mails USING (mail_id) WHERE event = $1 ORDER BY recipient")
        .bind(event)
        .fetch_all(&service.app.pool)
        .await
        .expect("recipients")
}

/// Fields of a reply that has everything.
pub const COMPLETE: [(&str, &str); 4] = [
    ("Text", "Dear SG11,\r\n\r\nwe thank you, and agree.\r\n"),
    ("Consensus", "Group consensus"),
    ("Link to the consensus", "https://mail.example/arch/wire/call"),
    ("Group informed on", "1 March 2026"),
];

/// Begins a reply to a statement, submits it, and gives the path of its draft.
pub async fn submitted_reply(service: &TestService, author: &Person, number: i32, fields: &[(&str, &str)]) -> (Visitor, String) {
    let mut visitor = service.as_person(author).await;
    visitor.get(&format!("/statements/outgoing/new?in-response-to={number}")).await;
    visitor.submit("Continue to check and submit", &[&COMPLETE[..], fields].concat()).await;
    visitor.assert_status(200);
    let draft = visitor.page.path.trim_end_matches("/submit").to_owned();
    let overruled: Vec<(&str, &str)> = Vec::new();
    visitor.submit("Submit for review", &overruled).await;
    visitor.assert_status(200);
    (visitor, draft)
}

/// Decides on the review page of a draft.
pub async fn decide(visitor: &mut Visitor, draft: &str, fields: &[(&str, &str)]) {
    visitor.get(&format!("{draft}/review")).await;
    visitor.submit("Send decision", fields).await;
}

/// What stands of an addressee's part.
pub async fn part(app: &App, id: StatementId, group: &str) -> String {
    sqlx::query_scalar("SELECT actions.state FROM actions JOIN groups USING (group_id) WHERE statement_id = $1 AND acronym = $2")
        .bind(id.0)
        .bind(group)
        .fetch_one(&app.pool)
        .await
        .expect("an action")
}

//! Outgoing statements: drafted together, signed off by the right people, posted and sent once (stories 4 to 8).

mod answers;
mod approval;
mod asked;
mod beside;
mod iab;
mod interleaved;
mod may_sign;
mod policy;
mod races;
mod replying;
mod signing;
mod together;
mod waiting;

use liaison_tracker::App;
use liaison_tracker::ids::StatementId;

use crate::support::form::selector;
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

/// A draft from scratch to ITU-T SG11 that has everything; gives its author's browser and the path of the draft.
pub async fn drafted(service: &TestService, author: &Person, from: &str, fields: &[(&str, &str)]) -> (Visitor, String) {
    let mut visitor = service.as_person(author).await;
    visitor.get("/statements/outgoing/new").await;
    visitor.click("Draft a statement").await;
    let plain =
        [("From", from), ("To", "ITU-T SG11"), ("Title", "A word on wires"), ("Purpose", "For Information"), ("Send to", "sg11@itu-t.example")];
    let fields: Vec<(&str, &str)> = [&plain[..], &COMPLETE]
        .concat()
        .into_iter()
        .filter(|(label, _)| fields.iter().all(|(other, _)| other != label))
        .chain(fields.iter().copied())
        .collect();
    visitor.submit("Continue to check and submit", &fields).await;
    visitor.assert_status(200).assert_says("Check and submit");
    let draft = visitor.page.path.trim_end_matches("/submit").to_owned();
    (visitor, draft)
}

/// Submits a draft, whatever it is warned of; in a role, where it has to be chosen.
pub async fn submit_as(visitor: &mut Visitor, draft: &str, role: &str) {
    visitor.get(&format!("{draft}/submit")).await;
    let warnings: Vec<String> =
        visitor.page.html.select(&selector("input[name=overrule]")).filter_map(|input| input.attr("value")).map(str::to_owned).collect();
    let version =
        visitor.page.html.select(&selector("input[name=version]")).next().and_then(|input| input.attr("value")).unwrap_or_default().to_owned();
    let mut fields: Vec<(&str, &str)> = warnings.iter().map(|name| ("overrule", name.as_str())).collect();
    fields.extend([("version", version.as_str()), ("acting", role)]);
    visitor.post(&format!("{draft}/submit"), &fields).await;
}

/// A draft from scratch in review, by somebody with one role.
pub async fn in_review(service: &TestService, author: &Person, from: &str, fields: &[(&str, &str)]) -> String {
    let (mut visitor, draft) = drafted(service, author, from, fields).await;
    submit_as(&mut visitor, &draft, "").await;
    visitor.assert_status(200).assert_at(&draft).assert_says("In review");
    draft
}

/// The rows of the newest round: "approval waiting", "manager given Ivo Manager" …
pub async fn rows(service: &TestService, draft: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT concat_ws(' ', sign_offs.kind || coalesce(':' || acronym, ''), sign_offs.state, people.name)
           FROM sign_offs JOIN statements USING (statement_id) LEFT JOIN groups ON groups.group_id = sign_offs.group_id
           LEFT JOIN people ON people.person_id = decided_by
          WHERE draft_id = $1 AND sign_offs.round = statements.round ORDER BY sign_off_id",
    )
    .bind(draft.rsplit('/').next())
    .fetch_all(&service.app.pool)
    .await
    .expect("rows")
}

/// Its state, and its number.
pub async fn state(service: &TestService, draft: &str) -> (String, Option<i32>) {
    sqlx::query_as("SELECT state, number FROM statements WHERE draft_id = $1")
        .bind(draft.rsplit('/').next())
        .fetch_one(&service.app.pool)
        .await
        .expect("a statement")
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

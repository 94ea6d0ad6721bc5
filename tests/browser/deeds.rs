//! What people do in several stories, as they click it, and what came of it.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use liaison_tracker::App;
use liaison_tracker::reminders::run;

use crate::shared::people::Person;
use crate::support::{Browser, Site, wait_until};

/// A day, such as `2026-03-02`.
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Types into fields by their labels.
pub async fn fill(browser: &Browser, fields: &[(&str, &str)]) {
    for (label, value) in fields {
        browser.fill(label, value).await;
    }
}

/// SG11's letter for action to WIRE, recorded and posted by the manager as Statement 1.
pub async fn recorded(manager: &Browser) {
    manager.open("/statements/incoming/new").await;
    fill(manager, &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Text", "Please comment.")]).await;
    manager.choose("For Action").await;
    manager.fill("Deadline", "1 May 2026").await;
    manager.press("Continue to check").await;
    manager.press("Record and post").await;
    manager.assert_at("/statements/1").await;
}

/// Says whose position a draft states, where to read it, and since when the group knows.
pub async fn consented(author: &Browser) {
    author.choose("Group consensus").await;
    fill(author, &[("Link to the consensus", "https://mail.example/call"), ("Group informed on", "1 March 2026")]).await;
}

/// Replies to Statement 1, fills in what is more, and submits; the path of the draft.
pub async fn replied(author: &Browser, more: impl AsyncFnOnce()) -> String {
    author.open("/statements/1").await;
    author.follow("Reply").await;
    author.assert_says("How to send to ITU-T SG11").await;
    author.fill("Text", "Dear SG11, we agree.").await;
    consented(author).await;
    more().await;
    author.press("Continue to check and submit").await;
    submitted(author).await
}

/// Submits from the page on which everything is checked; the path of the draft.
pub async fn submitted(author: &Browser) -> String {
    author.assert_says("What happens next").await;
    let draft = author.path().await.trim_end_matches("/submit").to_owned();
    author.press("Submit for review").await;
    author.assert_at(&draft).await;
    author.assert_says("In review").await;
    draft
}

/// Somebody follows the link of the mail, and approves.
pub async fn approves(browser: &Browser, site: &Site, person: &Person, draft: &str) {
    browser.hand_to(site, person).await;
    browser.open(&format!("{draft}/review")).await;
    browser.choose("Approve").await;
    browser.press("Send decision").await;
}

/// Lets the reminders of the moment go; another server, or the worker of this one, may be at it meanwhile.
pub async fn remind(app: &App) {
    wait_until("a run of its own", async || {
        let mut connection = app.pool.acquire().await.expect("a connection");
        run::once(app, &mut connection).await.expect("a run").day.is_some()
    })
    .await;
}

/// Lets the reminders of each day go, the last one included.
pub async fn remind_through(site: &Site, from: &str, until: &str) {
    let (mut today, until) = (day(from), day(until));
    while today <= until {
        site.service.set_time(&format!("{today}T10:00:00Z"));
        remind(&site.service.app).await;
        today = today.checked_add_days(Days::new(1)).expect("a day");
    }
}

/// Days on which a statement was reminded of, and to whom.
pub async fn reminded(site: &Site, number: i32) -> BTreeMap<String, Vec<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT made_on::text, address
           FROM reminders JOIN deadlines USING (deadline_id) JOIN actions USING (action_id)
           JOIN statements ON statements.statement_id = actions.statement_id
          WHERE number = $1 ORDER BY 1, 2",
    )
    .bind(number)
    .fetch_all(&site.service.app.pool)
    .await
    .expect("reminders");
    let mut days: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (day, recipient) in rows {
        days.entry(day).or_default().push(recipient);
    }
    days
}

/// Who was mailed about an event, sorted.
pub async fn mailed(site: &Site, event: &str) -> Vec<String> {
    let mut to = site.service.mailed(event).await;
    to.sort();
    to
}

//! Every form gives back all that was typed, whatever is wrong in it, with the message at the field (pages.md; inputs 17–21).

mod tables;

use liaison_tracker::urls;
use liaison_tracker::web::router;

use crate::access::routes::is_of;
use crate::outgoing;
use crate::support::form::{form_of, selector};
use crate::support::letters::{self, Posted};
use crate::support::people::{World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

use tables::{FORMS, Form, WITHOUT};

const NOW: &str = "2026-03-02T09:00:00Z";

struct Stage {
    service: TestService,
    world: World,
    draft: String,
    review: String,
    outgoing: String,
    /// An outgoing one in review.
    signing: String,
    report: String,
    contact: i64,
    role: i64,
}

async fn stage() -> Stage {
    let service = service(clock(NOW)).await;
    let world = world(&service).await;
    let id = letters::posted(&service.app, Posted { author: Some(world.chair.id), ..Posted::INCOMING }).await;
    letters::deadline(&service.app, id, "2026-03-20", "as-written", true).await;
    let mut chair = service.as_person(&world.chair).await;
    let mut drafts = Vec::new();
    for title in ["One", "Two"] {
        chair.get("/statements/incoming/new").await;
        chair
            .submit("Save draft", &[("From", "ITU-T SG11"), ("To", "wire; keys"), ("Title", title), ("Purpose", "For Information"), ("Text", "x")])
            .await;
        drafts.push(chair.page.path.trim_start_matches("/statements/drafts/").to_owned());
    }
    chair.get(&urls::submit(&drafts[1])).await;
    chair.submit("Submit for review", &[]).await;
    chair.assert_says("Submitted");
    let review = drafts.pop().expect("two");
    // one that left without approval
    let posted = letters::posted(
        &service.app,
        Posted { number: 1915, direction: "outgoing", purpose: "for-information", from: &["wire"], to: &["itu-t-sg11"], ..Posted::INCOMING },
    )
    .await;
    let pool = &service.app.pool;
    for sql in [
        "UPDATE statements SET without_approval = true WHERE statement_id = $1",
        "INSERT INTO sign_offs (statement_id, round, kind, state, asked_at, version) SELECT $1, round, 'approval', 'waiting', made_at, version FROM statements WHERE statement_id = $1",
    ] {
        sqlx::query(sql).bind(posted.0).execute(pool).await.expect("an approval that is missing");
    }
    letters::file(&service.app, id, "letter.pdf", b"%PDF-1.4").await;
    let (_, outgoing) = outgoing::drafted(&service, &world.chair, "WIRE", &[]).await;
    let signing = outgoing::in_review(&service, &world.secretary, "WIRE", &[("Title", "Another word")]).await;
    chair.get(urls::REPORT).await;
    let fields = [("What is it about?", "A letter"), ("From which organization?", "ITU-T SG11"), ("Its text, or the whole mail", "Dear all")];
    chair.submit("Report it", &fields).await;
    chair.assert_status(200);
    let report = chair.page.path.trim_start_matches("/statements/unrecorded/").to_owned();
    let contact = sqlx::query_scalar("SELECT group_contact_id FROM group_contacts WHERE mailbox = 'sg11@itu-t.example'").fetch_one(pool).await;
    let role = sqlx::query_scalar("SELECT role_id FROM roles WHERE person_id = $1").bind(world.manager_itu_t.id.0).fetch_one(pool).await;
    let id_of = |draft: String| draft.trim_start_matches("/statements/drafts/").to_owned();
    Stage {
        draft: drafts.pop().expect("one"),
        review,
        outgoing: id_of(outgoing),
        signing: id_of(signing),
        report,
        contact: contact.expect("a contact"),
        role: role.expect("a role"),
        service,
        world,
    }
}

impl Stage {
    async fn open(&self, form: &Form) -> Visitor {
        let mut visitor = self.service.visitor();
        if let Some(person) = (form.who)(&self.world) {
            visitor.be(&self.service.app, person).await;
        }
        let known = [
            ("<draft>", self.draft.as_str()),
            ("<review>", &self.review),
            ("<outgoing>", &self.outgoing),
            ("<signing>", &self.signing),
            ("<report>", &self.report),
            ("<contact>", &self.contact.to_string()),
        ];
        let page = known.iter().fold(form.page.to_owned(), |page, (name, value)| page.replace(name, value));
        visitor.get(&page).await;
        visitor.assert_status(200);
        visitor
    }
}

fn is_secret(label: &str) -> bool {
    label.to_lowercase().contains("password")
}

/// Line ends as one reads them.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What is not given back, or not told at the field.
fn missing(visitor: &Visitor, at: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let page = &visitor.page;
    let mut missing = Vec::new();
    if page.status.as_u16() != 422 {
        missing.push(format!("status {}", page.status));
        return missing;
    }
    if !page.texts("title").join("").starts_with("Error: ") {
        missing.push("the title does not say Error".to_owned());
    }
    if page.html.select(&selector(&format!(".problem-summary a[href=\"#{at}\"]"))).next().is_none() {
        missing.push(format!("the summary does not lead to {at}"));
    }
    if page.html.select(&selector(&format!("#{at}-problem, fieldset#{at} .problem"))).next().is_none() {
        missing.push(format!("no message at {at}"));
    }
    for (label, value) in fields {
        let is_choice = page.html.select(&selector("fieldset > legend")).any(|legend| crate::support::form::text_of(legend, false) == *label);
        if is_choice {
            if !page.is_checked(value) {
                missing.push(format!("{label} is not {value} any more"));
            }
        } else if is_secret(label) {
            if !page.value(label).is_empty() || page.source().contains(value) {
                missing.push(format!("{label} is given back"));
            }
        } else if plain(&page.value(label)) != plain(value) {
            missing.push(format!("{label} holds {:?}, {value:?} was typed", page.value(label)));
        }
    }
    missing
}

#[tokio::test]
async fn every_form_gives_back_all_that_was_typed_whatever_is_wrong() {
    let stage = stage().await;
    let mut found = Vec::new();
    for form in FORMS {
        for (at, wrong, value) in form.wrong {
            // tries of passwords are counted, and are not what this is about
            sqlx::query("DELETE FROM sign_in_tries").execute(&stage.service.app.pool).await.expect("tries");
            let mut visitor = stage.open(form).await;
            let mut fields: Vec<(&str, &str)> = form.fields.iter().copied().filter(|(label, _)| label != wrong).collect();
            fields.push((wrong, value));
            visitor.submit(form.button, &fields).await;
            let at = at.replace("<role>", &stage.role.to_string());
            found.extend(missing(&visitor, &at, &fields).into_iter().map(|what| format!("{} with {wrong} {value:?}: {what}", form.route)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn every_form_with_text_stands_in_the_table() {
    let stage = stage().await;
    let mut unlisted: Vec<String> = router::table(&stage.service.app)
        .into_iter()
        .filter(|(method, route, _)| {
            *method == axum::http::Method::POST && FORMS.iter().all(|form| form.route != *route) && WITHOUT.iter().all(|(known, _)| known != route)
        })
        .map(|(_, route, _)| format!("{route} is in neither table"))
        .collect();

    // and no page of theirs has a form with text that is said to have none
    for form in FORMS {
        let visitor = stage.open(form).await;
        for field in visitor.page.html.select(&selector("form[method=post] input, form[method=post] textarea")) {
            let kind = if field.value().name() == "textarea" { "text" } else { field.attr("type").unwrap_or("text") };
            if !matches!(kind, "text" | "email" | "url" | "search" | "number" | "date") {
                continue;
            }
            let action = form_of(&visitor.page, field).attr("action").unwrap_or_default().to_owned();
            let path = action.split('#').next().unwrap_or_default();
            if FORMS.iter().all(|form| !is_of(form.route, path)) {
                unlisted.push(format!("{path} has the text field {}", field.attr("name").unwrap_or_default()));
            }
        }
    }
    assert_eq!(unlisted, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_typed_into_a_part_that_changed_meanwhile_is_given_back() {
    let stage = stage().await;
    for form in FORMS.iter().filter(|form| form.route.contains("/actions/") && !form.route.ends_with("told") && !form.route.ends_with("not-for-us")) {
        let mut fields: Vec<(&str, &str)> = form.fields.to_vec();
        if fields.is_empty() {
            fields = vec![(form.wrong[0].1, "it is for another group")];
        }
        let mut visitor = stage.open(form).await;
        sqlx::query("UPDATE actions SET version = version + 1").execute(&stage.service.app.pool).await.expect("a change");

        visitor.submit(form.button, &fields).await;

        visitor.assert_status(409).assert_says("This changed while you read it. Nothing was recorded");
        for (label, value) in fields.iter().filter(|(label, _)| *label != "What do you record?" && *label != "Whose day is it?") {
            assert_eq!(plain(&visitor.page.value(label)), *value, "{}: {label}", form.route);
        }
    }
}

#[tokio::test]
async fn input_20_a_reply_to_what_is_not_recorded_is_accepted_in_words() {
    let stage = stage().await;
    let mut manager = stage.service.as_person(&stage.world.manager_itu_t).await;
    manager.get("/statements/incoming/new").await;
    let fields = [
        ("From", "ITU-T SG15"),
        ("To", "wire"),
        ("Title", "Reply on your comments"),
        ("Purpose", "In Response"),
        ("Does it answer a statement?", "COM 16 – LS 124 – E (November 2009)"),
        ("Text", "Thank you."),
    ];

    manager.submit("Continue to check", &fields).await;
    manager.assert_status(200).assert_says("COM 16 – LS 124 – E (November 2009)");
    manager.submit("Record and post", &[]).await;

    manager.assert_says("Posted as Statement").assert_says("COM 16 – LS 124 – E (November 2009)");
    let words: Vec<String> =
        sqlx::query_scalar("SELECT words FROM relations WHERE kind = 'in-response-to'").fetch_all(&stage.service.app.pool).await.expect("relations");
    assert_eq!(words, ["COM 16 – LS 124 – E (November 2009)"]);
    // without saying what it answers, it is asked for, and the rest stays
    manager.get("/statements/incoming/new").await;
    manager.submit("Continue to check", &fields.iter().copied().filter(|(label, _)| !label.starts_with("Does it")).collect::<Vec<_>>()).await;
    manager.assert_status(422).assert_says("Enter the number of the statement this answers, or say in words what it answers");
    assert_eq!(manager.page.value("Title"), "Reply on your comments");
}

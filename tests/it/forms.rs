//! Every form gives back all that was typed, whatever is wrong in it, with the message at the field (pages.md; inputs 17–21).

use liaison_tracker::urls;
use liaison_tracker::web::router;

use crate::access::routes::is_of;
use crate::support::form::{form_of, selector};
use crate::support::letters::{self, Posted};
use crate::support::people::{PASSWORD, Person, World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-03-02T09:00:00Z";

/// Somebody fills in a form that is right but for one thing.
struct Form {
    /// Where it is sent.
    route: &'static str,
    /// Who sees it.
    who: fn(&World) -> Option<&Person>,
    /// The page it stands on: `<draft>`, `<review>`, `<posted>`.
    page: &'static str,
    button: &'static str,
    /// What is right, by label.
    fields: &'static [(&'static str, &'static str)],
    /// What is wrong in turn: the field whose message it gets, its label, and what is filled in there.
    wrong: &'static [(&'static str, &'static str, &'static str)],
}

const LETTER: [(&str, &str); 17] = [
    ("From", "ITU-T SG11"),
    ("To", "wire; keys"),
    ("Title", "A letter “of two” <b>&amp;"),
    ("Purpose", "For Action"),
    ("Deadline", "1 May 2026"),
    ("Deadline in the letter's words", "by our next meeting"),
    ("Does it answer a statement?", "SG11-LS40, your reply\nand the call of May"),
    ("Text", "Dear colleagues,\n\n\ttabs stay & so do <marks>\n"),
    ("Peer's reference", "SG11-LS45; TD 212"),
    ("Date of the letter", "18 Feb 2026"),
    ("Received on", "20 Feb 2026"),
    ("Received from", "sg11@itu-t.example"),
    ("Received at", "wire@ietf.example"),
    ("In copy", "mesh"),
    ("From contacts", "\"Ortiz, Carla (External)\" <carla@example.org>,\nfoo@example.org"),
    ("To contacts", "ann@example.org"),
    ("Cc contacts", "bo@example.org"),
];

/// `ESC`, which no text may hold.
const WRONG_IN_LETTER: [(&str, &str, &str); 17] = [
    ("from", "From", "nowhere at all"),
    ("to", "To", "sprng"),
    ("title", "Title", "two\u{1b}lines"),
    ("deadline", "Deadline", "next SG15 meeting (mid-May 2007)"),
    ("deadline", "Deadline", "3/4/2026"),
    ("deadline-words", "Deadline in the letter's words", "by\u{1b}May"),
    ("answers", "Does it answer a statement?", "Statement 99999"),
    ("body", "Text", "x\u{1b}y"),
    ("references", "Peer's reference", "a\u{1b}b"),
    ("letter-date", "Date of the letter", "31 February 2026"),
    ("received-on", "Received on", "lately"),
    ("received-from", "Received from", "chair at ietf.org"),
    ("received-at", "Received at", "a@b@c"),
    ("copy", "In copy", "nobody of ours"),
    ("from-contacts", "From contacts", "fine@example.org\nhttps://example.org/mailman/listinfo/ccamp"),
    ("cc-contacts", "Cc contacts", "https://example.org/mailman/listinfo/ccamp"),
    ("link", "Or a link", "javascript:alert(1)"),
];

fn chair(world: &World) -> Option<&Person> {
    Some(&world.chair)
}

fn manager(world: &World) -> Option<&Person> {
    Some(&world.manager_itu_t)
}

fn nobody(_: &World) -> Option<&Person> {
    None
}

/// Every form with text; a form that is not here fails `every_form_with_text_stands_in_the_table`.
const FORMS: [Form; 17] = [
    Form {
        route: "/statements/incoming/new",
        who: chair,
        page: "/statements/incoming/new",
        button: "Continue to check",
        fields: &LETTER,
        wrong: &WRONG_IN_LETTER,
    },
    Form {
        route: "/statements/drafts/{draft_id}",
        who: chair,
        page: "/statements/drafts/<draft>",
        button: "Continue to check",
        fields: &LETTER,
        wrong: &WRONG_IN_LETTER,
    },
    Form {
        route: "/statements/drafts/{draft_id}/review",
        who: manager,
        page: "/statements/drafts/<review>/review",
        button: "Send decision",
        fields: &[("Decision", "Request changes"), ("What should be changed?", "the date is wrong")],
        wrong: &[("reason", "What should be changed?", "the\u{1b}date"), ("reason", "What should be changed?", " ")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/abandon",
        who: chair,
        page: "/statements/drafts/<draft>",
        button: "Give up",
        fields: &[],
        wrong: &[("reason", "Why is it given up?", "no\u{1b}need"), ("reason", "Why is it given up?", "")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/tell-group",
        who: chair,
        page: "/statements/drafts/<outgoing>/tell-group",
        button: "Show the mail",
        fields: &[("Comments by", "20 March 2026"), ("Words to the group", "Is clause 7\nright?")],
        wrong: &[
            ("comments-by", "Comments by", "some day"),
            ("comments-by", "Comments by", "1 March 2026"),
            ("words", "Words to the group", "a\u{1b}word"),
        ],
    },
    Form {
        route: "/statements/drafts/{draft_id}/other-format",
        who: manager,
        page: "/statements/drafts/<sending>/other-format",
        button: "Add it",
        fields: &[],
        wrong: &[("title", "File title", "a\u{1b}b"), ("of", "File title", "Slides, editable")],
    },
    Form {
        route: "/statements/{number}/comments",
        who: chair,
        page: "/statements/1914",
        button: "Add the comment",
        fields: &[("Who reads it?", "Everybody")],
        wrong: &[("comment", "Comment", "a\u{1b}word"), ("comment", "Comment", "")],
    },
    Form {
        route: "/statements/{number}/remove",
        who: |world| Some(&world.coordinator),
        page: "/statements/1914/remove",
        button: "Remove it",
        fields: &[],
        wrong: &[("reason", "Why is it removed?", "in\u{1b}error"), ("reason", "Why is it removed?", "")],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Record it",
        fields: &[
            ("What do you record?", "Answered informally"),
            ("Until when?", "30 March 2026"),
            ("In words", "in person,\nat the meeting"),
            ("Link to the answer", "https://example.org/archive/1"),
        ],
        wrong: &[("words", "In words", "a\u{1b}word"), ("link", "Link to the answer", "javascript:alert(1)")],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Record it",
        fields: &[
            ("What do you record?", "Wait for the peer"),
            ("Until when?", "30 March 2026"),
            ("In words", "clarify clause 7"),
            ("Link to the answer", "https://example.org/archive/1"),
        ],
        wrong: &[("until", "Until when?", "some day"), ("until", "Until when?", "1 March 2026"), ("words", "In words", "")],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/deadline",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Set the deadline",
        fields: &[
            ("Deadline", "1 June 2026"),
            ("Whose day is it?", "Agreed with the peer"),
            ("Agreed with whom?", "their rapporteur"),
            ("Link to the agreement", "https://example.org/archive/2"),
        ],
        wrong: &[
            ("deadline", "Deadline", "mid-May"),
            ("deadline", "Deadline", "1 January 2026"),
            ("agreed-with", "Agreed with whom?", "a\u{1b}b"),
            ("evidence", "Link to the agreement", "file:///etc"),
        ],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/told",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Note it",
        fields: &[
            ("Told on", "1 March 2026"),
            ("How?", "in a call"),
            ("What the peer was told", "it will be\nlate"),
            ("Proposed day", "1 June 2026"),
        ],
        wrong: &[
            ("told-on", "Told on", "the other day"),
            ("told-on", "Told on", "1 May 2026"),
            ("channel", "How?", "a\u{1b}b"),
            ("told-words", "What the peer was told", ""),
            ("proposed", "Proposed day", "31 June 2026"),
        ],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/not-for-us",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Say that it is not for us",
        fields: &[],
        wrong: &[
            ("refusal", "Why is it not for your group, and whose may it be?", "a\u{1b}b"),
            ("refusal", "Why is it not for your group, and whose may it be?", ""),
        ],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/redirect",
        who: manager,
        page: "/statements/1914/actions/wire",
        button: "Redirect it",
        fields: &[("Which group is it for?", "mesh"), ("Why?", "it is about meshes")],
        wrong: &[
            ("redirect-to", "Which group is it for?", "mush"),
            ("redirect-to", "Which group is it for?", ""),
            ("redirect-why", "Why?", "a\u{1b}b"),
        ],
    },
    Form {
        route: "/account/away",
        who: chair,
        page: "/account",
        button: "Save",
        fields: &[],
        wrong: &[("away", "Away until", "some day"), ("away", "Away until", "1 March 2026")],
    },
    Form {
        route: "/account/address",
        who: chair,
        page: "/account",
        button: "Change address",
        fields: &[("New e-mail address", "carol@elsewhere.example"), ("Your password", PASSWORD)],
        wrong: &[
            ("new-address", "New e-mail address", "carol at elsewhere"),
            ("new-address", "New e-mail address", "carol@people.example"),
            ("password", "Your password", "another one 77"),
        ],
    },
    Form {
        route: "/sign-in",
        who: nobody,
        page: "/sign-in",
        button: "Sign in",
        fields: &[("E-mail address", "carol@people.example"), ("Password", PASSWORD)],
        wrong: &[("email", "Password", "another one 77"), ("email", "E-mail address", "")],
    },
];

/// Changes whose forms have no text to give back, and why.
const WITHOUT: [(&str, &str); 26] = [
    ("/statements/drafts/{draft_id}/open", "the page's script asks"),
    ("/statements/drafts/{draft_id}/submit", "ticks and a role"),
    ("/statements/drafts/{draft_id}/share", "a button"),
    ("/statements/drafts/{draft_id}/share/revoke", "a button"),
    ("/statements/drafts/{draft_id}/split", "a button"),
    ("/statements/drafts/{draft_id}/take-back", "a button"),
    ("/statements/drafts/{draft_id}/restore", "a button"),
    ("/statements/drafts/{draft_id}/link-instead", "a button"),
    ("/statements/drafts/{draft_id}/delete", "a button"),
    ("/statements/{number}/receipt", "a button"),
    ("/statements/{number}/actions/{acronym}/stays", "a button"),
    ("/statements/{number}/actions/{acronym}/lead", "a button"),
    ("/statements/{number}/mail/{delivery}/send-again", "a button"),
    ("/statements/drafts/{draft_id}/mail/{delivery}/send-again", "a button"),
    ("/statements/{number}/mail/{delivery}/give-up", "a button"),
    ("/statements/drafts/{draft_id}/mail/{delivery}/give-up", "a button"),
    ("/sign-in/{secret}", "a button"),
    ("/sign-out", "a button"),
    ("/password/forgotten", "one address: empty is all that is wrong with it"),
    ("/password/{secret}", "a password, never given back"),
    ("/account/password", "passwords, never given back"),
    ("/account/address/{secret}", "a button"),
    ("/account/sessions/{session}/end", "a button"),
    ("/account/sign-out-everywhere", "a button"),
    ("/administration/mail/{mail}/{delivery}/send-again", "a button"),
    ("/administration/mail/{mail}/{delivery}/give-up", "a button"),
];

struct Stage {
    service: TestService,
    world: World,
    draft: String,
    review: String,
    /// An outgoing draft, and one in review.
    outgoing: String,
    sending: String,
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
    let mut outgoing = Vec::new();
    for title in ["Three", "Four"] {
        chair.get("/statements/outgoing/new?form=yes").await;
        chair.attach("Files", "slides.pdf", b"%PDF-1.4 slides");
        let fields = [("From", "wire"), ("To", "ITU-T SG11"), ("Title", title), ("Purpose", "For Information"), ("Text", "x")];
        let rest = [("Consensus", "No consensus sought"), ("Group informed on", "1 March 2026")];
        chair.submit("Save draft", &[&fields[..], &rest].concat()).await;
        outgoing.push(chair.page.path.trim_start_matches("/statements/drafts/").to_owned());
    }
    chair.get(&urls::submit(&outgoing[1])).await;
    chair.submit("Submit for review", &[]).await;
    chair.assert_says("In review");
    let sending = outgoing.pop().expect("two");
    Stage { service, world, draft: drafts.pop().expect("one"), review, outgoing: outgoing.pop().expect("one"), sending }
}

impl Stage {
    async fn open(&self, form: &Form) -> Visitor {
        let mut visitor = self.service.visitor();
        if let Some(person) = (form.who)(&self.world) {
            visitor.be(&self.service.app, person).await;
        }
        let page = form.page.replace("<draft>", &self.draft).replace("<review>", &self.review);
        visitor.get(&page.replace("<outgoing>", &self.outgoing).replace("<sending>", &self.sending)).await;
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
    for form in &FORMS {
        for (at, wrong, value) in form.wrong {
            // tries of passwords are counted, and are not what this is about
            sqlx::query("DELETE FROM sign_in_tries").execute(&stage.service.app.pool).await.expect("tries");
            let mut visitor = stage.open(form).await;
            let mut fields: Vec<(&str, &str)> = form.fields.iter().copied().filter(|(label, _)| label != wrong).collect();
            fields.push((wrong, value));
            visitor.submit(form.button, &fields).await;
            found.extend(missing(&visitor, at, &fields).into_iter().map(|what| format!("{} with {wrong} {value:?}: {what}", form.route)));
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
    for form in &FORMS {
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

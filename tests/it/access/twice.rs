//! Every change sent twice has one effect, and the second answer is a page, not an error (LC03).

use liaison_tracker::{checkup, urls};

use super::{LETTER, Stage, differing, stage};
use crate::support::people::PASSWORD;
use crate::support::visitor::Visitor;

/// Sends it twice; the second changes nothing, and both lead to a page.
async fn twice(stage: &Stage, visitor: &mut Visitor, path: &str, fields: &[(&str, &str)]) {
    visitor.post(path, fields).await;
    visitor.assert_status(303);
    let after_first = stage.fingerprint().await;
    visitor.post(path, fields).await;
    let unlike = differing(&after_first, &stage.fingerprint().await);
    assert!(unlike.is_empty(), "{path} again: {unlike:?}");
    visitor.assert_status(303);
    let location = visitor.page.header("location");
    visitor.get(&location).await;
    while visitor.page.status.is_redirection() {
        let location = visitor.page.header("location");
        visitor.get(&location).await;
    }
    visitor.assert_status(200);
}

#[tokio::test]
async fn every_step_of_a_statement_sent_twice_is_taken_once() {
    let stage = stage().await;
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;

    twice(&stage, &mut chair, "/statements/incoming/new", &[&LETTER[..], &[("creation-key", "abcdefgh"), ("do", "save")]].concat()).await;
    let draft = chair.page.path.trim_start_matches("/statements/drafts/").to_owned();
    // the contacts that were proposed come back with the form, as a browser sends it
    chair.follows = true;
    chair.get(&urls::draft(&draft)).await;
    chair.submit("Save draft", &[("In copy", "mesh")]).await;
    chair.follows = false;
    let version: i32 =
        sqlx::query_scalar("SELECT version FROM statements WHERE draft_id = $1").bind(&draft).fetch_one(&stage.service.app.pool).await.expect("it");
    assert_eq!(version, 2);
    let fields = [
        &LETTER[..5],
        &[("version", "2"), ("body", "other words"), ("do", "save"), ("contacts-proposed", "yes"), ("to-contacts", "wire@ietf.example")],
    ]
    .concat();
    twice(&stage, &mut chair, &urls::draft(&draft), &fields).await;
    twice(&stage, &mut chair, &urls::submit(&draft), &[("version", "3"), ("overrule", "same-statement-1")]).await;
    twice(&stage, &mut chair, &format!("{}/take-back", urls::draft(&draft)), &[]).await;
    let mut coordinator = stage.visitor(Some(&stage.world.coordinator)).await;
    twice(&stage, &mut coordinator, &urls::consult(&draft), &[("words", "whose is it?")]).await;
    twice(&stage, &mut chair, &urls::hand_over(&draft), &[("to", "chen@people.example")]).await;
    let mut chair2 = stage.visitor(Some(&stage.world.chair2)).await;
    twice(&stage, &mut chair2, &urls::hand_over(&draft), &[("to", "carol@people.example"), ("words", "back to you")]).await;
    twice(&stage, &mut chair, &format!("{}/abandon", urls::draft(&draft)), &[("reason", "not ours")]).await;
    twice(&stage, &mut chair, &format!("{}/restore", urls::draft(&draft)), &[]).await;
    twice(&stage, &mut chair, &urls::submit(&draft), &[("version", "3"), ("overrule", "same-statement-1")]).await;
    let changes = [("version", "3"), ("round", "2"), ("decision", "request-changes"), ("reason", "which one?")];
    twice(&stage, &mut manager, &urls::review(&draft), &changes).await;
    twice(&stage, &mut chair, &urls::submit(&draft), &[("version", "3"), ("overrule", "same-statement-1")]).await;
    twice(&stage, &mut manager, &urls::review(&draft), &[("version", "3"), ("round", "3"), ("decision", "approve")]).await;
    twice(&stage, &mut chair, &urls::submit(&draft), &[("version", "3"), ("overrule", "same-statement-1")]).await;

    assert_eq!(checkup::store::broken(&stage.service.app.pool).await.expect("a check"), []);
}

#[tokio::test]
async fn every_step_of_a_report_sent_twice_is_taken_once() {
    let stage = stage().await;
    let mut outsider = stage.visitor(Some(&stage.world.outsider)).await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;
    let fields =
        [("title", "LS on wires"), ("from", "ITU-T SG11"), ("body", "Dear all"), ("link", "https://example.org/a.pdf"), ("creation-key", "k1")];
    twice(&stage, &mut outsider, urls::REPORT, &fields).await;
    let report = outsider.page.path.clone();
    let step = |name: &str| format!("{report}/{name}");

    twice(&stage, &mut manager, &step("take"), &[("version", "1")]).await;
    twice(&stage, &mut manager, &step("give-back"), &[("version", "2")]).await;
    twice(&stage, &mut manager, &step("set-aside"), &[("version", "3"), ("reason", "we have it already")]).await;
    twice(&stage, &mut manager, &step("take"), &[("version", "4")]).await;
    twice(&stage, &mut manager, &step("record"), &[("version", "5")]).await;
    assert!(manager.page.path.starts_with("/statements/drafts/"), "{}", manager.page.path);
    let draft = manager.page.path.clone();
    twice(&stage, &mut manager, &format!("{draft}/wait"), &[("words", "which clause?")]).await;
    twice(&stage, &mut manager, &format!("{draft}/resume"), &[]).await;
    twice(&stage, &mut manager, "/organizations/itu-t/receipts", &[("purpose", "for-action")]).await;

    // and the form once more, with other words: nothing is lost, nothing is changed
    let after = stage.fingerprint().await;
    outsider.post(urls::REPORT, &[&fields[..2], &[("body", "Other words"), ("creation-key", "k1")]].concat()).await;
    outsider.assert_status(409).assert_says("You reported this already, with other words");
    assert_eq!(outsider.page.value("Its text, or the whole mail"), "Other words");
    assert_eq!(differing(&after, &stage.fingerprint().await), Vec::<String>::new());
    assert_eq!(checkup::store::broken(&stage.service.app.pool).await.expect("a check"), []);
}

#[tokio::test]
async fn every_change_of_contacts_sent_twice_is_made_once() {
    let stage = stage().await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;
    let mut coordinator = stage.visitor(Some(&stage.world.coordinator)).await;
    let one = stage.path("/groups/itu-t-sg11/contacts/<contact>", "", "");
    let officer = [("usage", "to"), ("address", "officer@itu-t.example"), ("name", "An Officer"), ("sort", "person")];

    twice(&stage, &mut manager, "/groups/itu-t-sg11/contacts", &officer).await;
    twice(&stage, &mut manager, &one, &[("do", "confirm")]).await;
    twice(&stage, &mut manager, &one, &[("do", "save"), ("usage", "send-to"), ("address", "new@itu-t.example"), ("sort", "list")]).await;
    twice(&stage, &mut manager, &one, &[("do", "remove")]).await;
    twice(&stage, &mut manager, "/groups/itu-t-sg11/sending", &[("send-by", "portal"), ("send-at", "https://portal.example/"), ("notes", "a\r\nb")])
        .await;
    twice(&stage, &mut coordinator, &stage.path("/groups/itu-t/aliases/<role>", "", ""), &[("alias", "liaison@iab.example")]).await;
}

/// An outgoing letter as the form's fields have it.
pub(super) const OUTGOING: [(&str, &str); 11] = [
    ("from", "WIRE"),
    ("to", "ITU-T SG11"),
    ("title", "A word on wires"),
    ("purpose", "for-information"),
    ("body", "Dear SG11"),
    ("consensus", "group"),
    ("consensus-link", "https://mail.example/1"),
    ("informed-on", "1 March 2026"),
    ("send-to", "sg11@itu-t.example"),
    ("delivery", "mail"),
    ("do", "save"),
];

/// It has left by another way: only so can it be entered that nobody approved it.
const PORTAL: [(&str, &str); 2] = [("delivery", "otherwise"), ("delivered-how", "by their portal")];

#[tokio::test]
async fn every_step_of_an_outgoing_statement_sent_twice_is_taken_once() {
    let stage = stage().await;
    let pool = &stage.service.app.pool;
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    let mut coordinator = stage.visitor(Some(&stage.world.coordinator)).await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;
    let mut director = stage.visitor(Some(&stage.world.ad_net)).await;

    twice(&stage, &mut chair, urls::OUTGOING_NEW, &[&PORTAL[..], &OUTGOING, &[("creation-key", "abcdefghi")]].concat()).await;
    let draft = chair.page.path.trim_start_matches("/statements/drafts/").to_owned();
    let at = |name: &str| format!("{}/{name}", urls::draft(&draft));
    twice(&stage, &mut chair, &urls::draft(&draft), &[&PORTAL[..], &OUTGOING, &[("version", "1"), ("title", "Another word")]].concat()).await;
    let version: i32 = sqlx::query_scalar("SELECT version FROM statements WHERE draft_id = $1").bind(&draft).fetch_one(pool).await.expect("it");
    let version = version.to_string();
    twice(&stage, &mut chair, &urls::submit(&draft), &[("version", &version)]).await;
    twice(&stage, &mut coordinator, &at("hold"), &[("hold-why", "wait")]).await;
    twice(&stage, &mut manager, &urls::review(&draft), &[("version", &version), ("round", "1"), ("decision", "approve")]).await;
    let row: i64 = sqlx::query_scalar("SELECT sign_off_id FROM sign_offs WHERE kind = 'approval'").fetch_one(pool).await.expect("a row");
    let row = row.to_string();
    let without = [("version", version.as_str()), ("round", "1"), ("row", &row), ("whose", "without"), ("evidence", "a mail")];
    twice(&stage, &mut coordinator, &at("enter"), &without).await;
    twice(&stage, &mut coordinator, &at("release"), &[]).await;
    assert_eq!(coordinator.page.path, "/statements/2");
    twice(&stage, &mut coordinator, &at("enter"), &without).await;
    twice(&stage, &mut director, "/statements/2/approval", &[("decision", "object"), ("objection", "not ours")]).await;

    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);
}

#[tokio::test]
async fn a_draft_deleted_twice_is_deleted_once() {
    let stage = stage().await;
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    let path = format!("{}/delete", urls::draft(&stage.draft));

    chair.post(&path, &[]).await;
    chair.assert_status(303);
    let after_first = stage.fingerprint().await;
    chair.post(&path, &[]).await;

    assert_eq!(differing(&after_first, &stage.fingerprint().await), Vec::<String>::new());
    chair.assert_status(303);
    chair.get("/desk").await;
    chair.assert_says("deleted");
}

#[tokio::test]
async fn the_managers_own_letter_sent_twice_is_posted_once() {
    let stage = stage().await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;
    manager.post("/statements/incoming/new", &[&LETTER[..], &[("creation-key", "abcdefgh"), ("do", "save")]].concat()).await;
    let draft = manager.page.header("location").trim_start_matches("/statements/drafts/").to_owned();

    twice(&stage, &mut manager, &urls::submit(&draft), &[("version", "1"), ("overrule", "same-statement-1")]).await;

    manager.assert_at("/statements/2");
}

#[tokio::test]
async fn a_form_that_two_tabs_save_makes_one_version_and_one_file() {
    let stage = stage().await;
    let mut chair = stage.service.as_person(&stage.world.chair).await;
    chair.get("/statements/incoming/new").await;
    let page = chair.page.value("Title");
    assert_eq!(page, "");
    let key = chair
        .page
        .html
        .select(&crate::support::form::selector("input[name=creation-key]"))
        .next()
        .and_then(|input| input.attr("value"))
        .expect("a key")
        .to_owned();

    // the same form, with a file, twice
    let body = |text: &str| {
        let mut body = String::new();
        for (name, value) in [&LETTER[..5], &[("creation-key", key.as_str()), ("do", "save"), ("body", text)]].concat() {
            body.push_str(&format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str(
            "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--x--\r\n",
        );
        Some(("multipart/form-data; boundary=x".to_owned(), body.into_bytes()))
    };
    chair.go(axum::http::Method::POST, "/statements/incoming/new", body("text")).await;
    chair.assert_status(200);
    let first = chair.page.path.clone();
    chair.go(axum::http::Method::POST, "/statements/incoming/new", body("text")).await;
    chair.assert_status(200);

    assert_eq!(chair.page.path, first);
    let files: i64 = sqlx::query_scalar("SELECT count(*) FROM attachments JOIN statements USING (statement_id) WHERE draft_id = $1")
        .bind(first.trim_start_matches("/statements/drafts/"))
        .fetch_one(&stage.service.app.pool)
        .await
        .expect("files");
    assert_eq!(files, 1);
}

#[tokio::test]
async fn a_mail_sent_again_twice_goes_once_more() {
    let stage = stage().await;
    let pool = &stage.service.app.pool;
    sqlx::query("UPDATE mail_deliveries SET state = 'failed', ended_at = now() WHERE mail_delivery_id = $1")
        .bind(stage.delivery)
        .execute(pool)
        .await
        .expect("failed");
    let mut coordinator = stage.visitor(Some(&stage.world.coordinator)).await;
    let path = stage.path("/statements/<posted>/mail/<delivery>/send-again", "", "");

    coordinator.post(&path, &[]).await;
    coordinator.assert_status(303);
    let after_first = stage.fingerprint().await;
    coordinator.post(&path, &[]).await;

    assert_eq!(differing(&after_first, &stage.fingerprint().await), Vec::<String>::new());
    assert!(coordinator.page.status.as_u16() < 500, "{}", coordinator.page.text);
}

#[tokio::test]
async fn signing_out_and_ending_sessions_twice_are_no_errors() {
    let stage = stage().await;
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;

    for _ in 0..2 {
        chair.post("/account/sign-out-everywhere", &[]).await;
        chair.assert_status(303);
    }
    let mut again = stage.visitor(Some(&stage.world.chair)).await;
    for _ in 0..2 {
        again.post("/sign-out", &[]).await;
        again.assert_status(303);
    }
    // a second sign-in is another session, as in another browser
    for _ in 0..2 {
        again.post("/sign-in", &[("email", "carol@people.example"), ("password", PASSWORD), ("by", "password")]).await;
        again.assert_status(303);
    }
}

#[tokio::test]
async fn what_is_done_after_posting_sent_twice_is_done_once() {
    let stage = stage().await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;
    let mut coordinator = stage.visitor(Some(&stage.world.coordinator)).await;

    twice(&stage, &mut manager, "/statements/1/edit", &[("edition", "1"), ("references", "SG11-LS99"), ("answers", "their LS 4")]).await;
    twice(&stage, &mut manager, "/statements/1/files", &[("edition", "2"), ("link", "https://example.org/a.pdf")]).await;
    twice(&stage, &mut manager, "/statements/1/files/1", &[("edition", "3"), ("visibility", "withheld"), ("withheld-why", "theirs")]).await;
    let words = [("what", "words"), ("words", "please comment"), ("reason", "not ours")];
    twice(&stage, &mut coordinator, "/statements/1/take-away", &words).await;
    twice(&stage, &mut coordinator, "/statements/1/take-away", &[("what", "file-1"), ("reason", "not ours")]).await;

    assert_eq!(checkup::store::broken(&stage.service.app.pool).await.expect("a check"), []);
}

/// A change, who makes it, and what the tables need before it.
struct Change {
    who: &'static str,
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
    before: &'static str,
}

const fn change(who: &'static str, path: &'static str, fields: &'static [(&'static str, &'static str)]) -> Change {
    Change { who, path, fields, before: "" }
}

const WIRE: &str = "/statements/<posted>/actions/wire";
const FAILED: &str = "UPDATE mail_deliveries SET state = 'failed', ended_at = '2026-03-02 09:00+00'";

/// Changes one after another, in an order in which each is possible. `<version>` is the part's, `<ended>` when the mail failed.
const CHANGES: [Change; 21] = [
    change("manager", "/statements/<posted>/receipt", &[]),
    change("chair", "/statements/<posted>/comments", &[("comment", "We discuss it."), ("audience", "public")]),
    change("chair", "/statements/drafts/<draft>/open", &[("version", "1")]),
    change("chair", WIRE, &[("step", "begin"), ("version", "<version>")]),
    change(
        "chair",
        "/statements/<posted>/actions/wire/deadline",
        &[("deadline", "1 June 2026"), ("deadline-kind", "agreed"), ("version", "<version>")],
    ),
    change("chair", "/statements/<posted>/actions/wire/told", &[("told-on", "1 March 2026"), ("told-words", "it will be late")]),
    change("chair", "/statements/<posted>/actions/wire/not-for-us", &[("refusal", "not ours"), ("version", "<version>")]),
    change("manager", "/statements/<posted>/actions/wire/stays", &[("version", "<version>")]),
    change("manager", "/statements/<posted>/actions/wire/redirect", &[("redirect-to", "mesh"), ("redirect-why", "theirs"), ("version", "<version>")]),
    Change {
        before: "UPDATE statement_groups SET is_lead = false WHERE is_lead",
        ..change("manager", "/statements/<posted>/actions/mesh/lead", &[])
    },
    Change { before: FAILED, ..change("coordinator", "/statements/<posted>/mail/<delivery>/send-again", &[("ended", "<ended>")]) },
    Change { before: FAILED, ..change("coordinator", "/statements/<posted>/mail/<delivery>/give-up", &[("ended", "<ended>")]) },
    Change { before: FAILED, ..change("coordinator", "/statements/drafts/<review>/mail/<review-delivery>/send-again", &[("ended", "<ended>")]) },
    Change { before: FAILED, ..change("coordinator", "/statements/drafts/<review>/mail/<review-delivery>/give-up", &[("ended", "<ended>")]) },
    Change { before: FAILED, ..change("secretariat", "/administration/mail/<mail>/<delivery>/send-again", &[("ended", "<ended>")]) },
    Change { before: FAILED, ..change("secretariat", "/administration/mail/<mail>/<delivery>/give-up", &[("ended", "<ended>")]) },
    change("chair", "/statements/drafts/<draft>/link-instead", &[("twin", "1")]),
    change("coordinator", "/statements/<posted>/remove", &[("reason", "in error")]),
    change("chair", "/account/away", &[("away", "30 March 2026")]),
    change("chair", "/account/sessions/<session>/end", &[]),
    change("chair", "/account/password", &[("old-password", PASSWORD), ("new-password", "another long password 77")]),
];

#[tokio::test]
async fn every_other_change_sent_twice_is_made_once() {
    let stage = stage().await;
    let pool = &stage.service.app.pool;
    for change in &CHANGES {
        let person = stage.roles().into_iter().find(|(role, _)| *role == change.who).and_then(|(_, person)| person);
        let mut visitor = stage.visitor(person).await;
        if !change.before.is_empty() {
            sqlx::query(change.before).execute(pool).await.expect(change.path);
        }
        let version: i32 = sqlx::query_scalar("SELECT max(actions.version) FROM actions JOIN statements USING (statement_id) JOIN groups USING (group_id) WHERE number = 1 AND acronym = 'wire'")
            .fetch_one(pool)
            .await
            .expect("a part");
        let ended = crate::support::time("2026-03-02T09:00:00Z").timestamp_micros().to_string();
        let fields: Vec<(&str, String)> =
            change.fields.iter().map(|(name, value)| (*name, value.replace("<version>", &version.to_string()).replace("<ended>", &ended))).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let path = stage.path(change.path, &stage.draft, &stage.review);
        let before = settled(&stage).await;

        visitor.post(&path, &fields).await;
        let first = visitor.page.status.as_u16();
        assert!(matches!(first, 200 | 303), "{path}: {first} {}", visitor.page.text);
        let after_first = settled(&stage).await;
        assert!(!differing(&before, &after_first).is_empty(), "{path} did nothing");
        visitor.post(&path, &fields).await;

        assert_eq!(visitor.page.status.as_u16(), first, "{path} again: {}", visitor.page.text);
        let unlike = differing(&after_first, &settled(&stage).await);
        assert!(unlike.is_empty(), "{path} again: {unlike:?}");
        if first == 303 {
            let location = visitor.page.header("location");
            visitor.get(location.split('#').next().unwrap_or_default()).await;
            assert!(visitor.page.status.as_u16() < 400 || visitor.page.status.as_u16() == 410, "{location}: {}", visitor.page.text);
        }
    }
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);
}

/// What stands in the tables, but for when somebody was seen and what they tried.
async fn settled(stage: &Stage) -> Vec<(String, i64, String)> {
    let all = stage.fingerprint().await;
    all.into_iter()
        .filter(|(table, _, _)| !matches!(table.as_str(), "sign_in_tries"))
        .map(|print| if print.0 == "sessions" { (print.0, print.1, String::new()) } else { print })
        .collect()
}

/// The event that mails it, to whom, and what its form wants.
type MailedLink<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[tokio::test]
async fn every_link_that_was_mailed_works_once_and_says_so_when_pressed_twice() {
    let stage = stage().await;
    let service = &stage.service;
    let carol = &stage.world.chair;
    let mut visitor = stage.visitor(Some(carol)).await;
    let mut anonymous = stage.visitor(None).await;
    let new_password = [("new-password", "another long password 77")];
    let links: [MailedLink<'_>; 3] = [
        ("sign-in-link", &carol.address, &[]),
        ("password-reset", &carol.address, &new_password),
        ("address-change", "carol@elsewhere.example", &[]),
    ];
    for (event, mailed_to, fields) in links {
        // asking again mails again, and only the newest works; it is no error
        for _ in 0..2 {
            match event {
                "sign-in-link" => anonymous.post("/sign-in", &[("email", &carol.address), ("by", "link")]).await,
                "password-reset" => anonymous.post("/password/forgotten", &[("email", &carol.address)]).await,
                _ => {
                    visitor.be(&service.app, carol).await;
                    visitor.post("/account/address", &[("new-address", mailed_to), ("password", "another long password 77")]).await;
                    visitor.assert_status(303);
                    continue;
                }
            };
            assert!(matches!(anonymous.page.status.as_u16(), 200 | 303), "{event}: {}", anonymous.page.text);
        }
        let path = service.mailed_link(event, mailed_to).await;
        let mut browser = stage.visitor(None).await;
        browser.post(&path, fields).await;
        browser.assert_status(303);
        let after_first = settled(&stage).await;
        browser.post(&path, fields).await;
        let unlike = differing(&after_first, &settled(&stage).await);
        assert!(unlike.is_empty(), "{event} again: {unlike:?}");
        // the page says what the link did
        assert!(matches!(browser.page.status.as_u16(), 303 | 410), "{event}: {}", browser.page.text);
        assert!(browser.page.status.is_redirection() || browser.page.text.contains("just"), "{event}: {}", browser.page.text);
    }
}

/// Changes that a test above sends twice by itself.
const ABOVE: &[&str] = &[
    "/statements/outgoing/new",
    "/statements/drafts/{draft_id}/hold",
    "/statements/drafts/{draft_id}/release",
    "/statements/drafts/{draft_id}/enter",
    "/statements/{number}/approval",
    "/statements/incoming/new",
    "/statements/drafts/{draft_id}",
    "/statements/drafts/{draft_id}/submit",
    "/statements/drafts/{draft_id}/review",
    "/statements/drafts/{draft_id}/take-back",
    "/statements/drafts/{draft_id}/abandon",
    "/statements/drafts/{draft_id}/restore",
    "/statements/drafts/{draft_id}/delete",
    "/sign-in",
    "/sign-in/{secret}",
    "/sign-out",
    "/password/forgotten",
    "/password/{secret}",
    "/account/address",
    "/account/address/{secret}",
    "/account/sign-out-everywhere",
    "/statements/{number}/mail/{delivery}/send-again",
    "/account/password",
    "/statements/unrecorded/new",
    "/statements/unrecorded/{report}/take",
    "/statements/unrecorded/{report}/give-back",
    "/statements/unrecorded/{report}/record",
    "/statements/unrecorded/{report}/set-aside",
    "/statements/drafts/{draft_id}/share",
    "/statements/drafts/{draft_id}/share/revoke",
    "/statements/drafts/{draft_id}/tell-group",
    "/statements/drafts/{draft_id}/split",
    "/statements/drafts/{draft_id}/other-format",
    "/statements/drafts/{draft_id}/wait",
    "/statements/drafts/{draft_id}/resume",
    "/organizations/{acronym}/receipts",
    "/groups/{acronym}/contacts",
    "/groups/{acronym}/contacts/{contact}",
    "/groups/{acronym}/sending",
    "/groups/{acronym}/aliases/{role}",
    "/statements/{number}/edit",
    "/statements/{number}/files",
    "/statements/{number}/files/{n}",
    "/statements/{number}/take-away",
    // of an outgoing one: outgoing/answers.rs
    "/statements/{number}/confirmed",
    "/statements/drafts/{draft_id}/hand-over",
    "/statements/drafts/{draft_id}/consult",
];

#[tokio::test]
async fn every_change_there_is_was_sent_twice() {
    let stage = stage().await;
    let missing: Vec<String> = liaison_tracker::web::router::table(&stage.service.app)
        .into_iter()
        .filter(|(method, route, _)| {
            *method == axum::http::Method::POST && !ABOVE.contains(route) && !CHANGES.iter().any(|change| super::routes::is_of(route, change.path))
        })
        .map(|(_, route, _)| route.to_owned())
        .collect();

    assert_eq!(missing, Vec::<String>::new());
}

//! Drafted together: the link that shows a draft, the mail to the group, splitting, replacing, what is added in review.

use liaison_tracker::App;

use super::{COMPLETE, decide, letter, part, recipients, submitted_reply, tracker};
use crate::support::TestService;
use crate::support::people::{Person, World};
use crate::support::visitor::Visitor;

/// Begins a reply to statement 1 with a file, and gives the path of its draft.
async fn drafted_reply(service: &TestService, author: &Person) -> (Visitor, String) {
    let mut visitor = service.as_person(author).await;
    visitor.get("/statements/outgoing/new?in-response-to=1").await;
    visitor.attach("Files", "slides.pdf", b"%PDF-1.4 slides");
    visitor.submit("Save draft", &[&COMPLETE[..3], &[("Title", "Reply on wire formats")]].concat()).await;
    visitor.assert_status(200);
    let draft = visitor.page.path.clone();
    (visitor, draft)
}

async fn shared(visitor: &mut Visitor) -> String {
    visitor.submit("Make a link", &[]).await;
    visitor.assert_status(200).assert_says("There is a link now");
    let link = visitor.page.value("Link");
    link.split_once("/shared-drafts/").map(|(_, secret)| format!("/shared-drafts/{secret}")).expect("a link")
}

async fn count(app: &App, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&app.pool).await.expect("a count")
}

#[tokio::test]
async fn az02_a_share_link_shows_text_and_files_until_it_is_revoked() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (mut secretary, draft) = drafted_reply(&service, &world.secretary).await;
    secretary.submit("Save draft", &[("Cc contacts", "hidden@people.example"), ("From contacts", "also@people.example")]).await;
    let link = shared(&mut secretary).await;

    // at least 128 bits, of which the database holds only the hash
    let secret = link.trim_start_matches("/shared-drafts/").to_owned();
    assert!(secret.len() >= 22, "{secret}");
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM share_links WHERE share_links::text LIKE '%' || $1 || '%'")
        .bind(&secret)
        .fetch_one(&service.app.pool)
        .await
        .expect("a count");
    assert_eq!(kept, 0);

    let mut stranger = service.visitor();
    stranger.get(&link).await;
    stranger.assert_status(200).assert_says("Reply on wire formats").assert_says("we thank you, and agree").assert_says("slides.pdf");
    for hidden in ["hidden@people.example", "also@people.example", "tsbsg11@itu-t.example", "Sven", "History", "Sign-offs"] {
        stranger.assert_silent(hidden);
    }
    assert_eq!(stranger.page.header("referrer-policy"), "no-referrer");
    assert_eq!(stranger.page.header("cache-control"), "no-store");
    assert!(stranger.page.header("x-robots-tag").contains("noindex"));
    assert!(stranger.page.source().contains("name=\"robots\" content=\"noindex"));
    let source = stranger.page.source();
    assert!(!source.contains("method=\"post\""), "the page has an action");
    assert!(!source.contains(draft.trim_start_matches("/statements/drafts/")), "the page names the draft's own address");
    let file = stranger.page.link("slides.pdf");
    stranger.get(&file).await;
    assert_eq!((stranger.page.status.as_u16(), stranger.page.bytes.as_slice()), (200, &b"%PDF-1.4 slides"[..]));
    assert_eq!(stranger.page.header("referrer-policy"), "no-referrer");

    // a second press makes no other link
    secretary.post(&format!("{draft}/share"), &[]).await;
    assert_eq!(count(&service.app, "SELECT count(*) FROM share_links").await, 1);
    // another browser of who may edit it reads when and by whom, and not the link
    let mut chair = service.as_person(&world.chair).await;
    chair.get(&draft).await;
    chair.assert_says("by Sven Secretary (secretary of WIRE)").assert_says("The link itself is not kept here");

    chair.submit("Revoke", &[]).await;
    chair.assert_says("Revoked");
    chair.post(&format!("{draft}/share/revoke"), &[]).await;
    chair.assert_at(&draft).assert_says("It has no link.");
    assert_eq!(count(&service.app, "SELECT count(*) FROM history WHERE event = 'unshared'").await, 1);
    let unknown = format!("/shared-drafts/{}", "x".repeat(secret.len()));
    let mut answers = Vec::new();
    for path in [link.as_str(), unknown.as_str()] {
        stranger.get(path).await;
        let names: Vec<String> = stranger.page.headers.keys().map(ToString::to_string).collect();
        answers.push((
            stranger.page.status.as_u16(),
            names,
            stranger.page.source().replace(path, "PATH").replace(&liaison_tracker::urls::encode(path), "PATH"),
        ));
    }
    assert_eq!(answers[0].0, 404);
    assert_eq!(answers[0], answers[1]);
    stranger.get(&file).await;
    stranger.assert_status(404);

    secretary.get(&draft).await;
    let other = shared(&mut secretary).await;
    assert_ne!(link, other);
    stranger.get(&other).await;
    stranger.assert_status(200);
    stranger.get(&link).await;
    stranger.assert_status(404);
}

#[tokio::test]
async fn a_share_link_lives_through_review_and_ends_at_posting_or_deletion() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (mut secretary, draft) = drafted_reply(&service, &world.secretary).await;
    let link = shared(&mut secretary).await;
    let mut stranger = service.visitor();

    secretary.get(&format!("{draft}/submit")).await;
    secretary.submit("Submit for review", &[("Submit anyway", "yes")]).await;
    secretary.assert_says("In review");
    stranger.get(&link).await;
    stranger.assert_status(200).assert_says("we thank you, and agree");
    for person in [&world.ad_net, &world.manager_itu_t] {
        let mut signer = service.as_person(person).await;
        decide(&mut signer, &draft, &[("Decision", "Approve")]).await;
        signer.assert_status(200);
    }
    stranger.get(&link).await;
    stranger.assert_at("/statements/2").assert_status(200);

    let (mut secretary, draft) = drafted_reply(&service, &world.secretary).await;
    let link = shared(&mut secretary).await;
    secretary.post(&format!("{draft}/delete"), &[]).await;
    stranger.get(&link).await;
    stranger.assert_status(404);
}

#[tokio::test]
async fn the_link_is_made_and_revoked_by_who_may_edit_only() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (_, draft) = drafted_reply(&service, &world.secretary).await;
    for (person, status) in [(&world.iab_member, 403), (&world.chair_bench, 404), (&world.outsider, 404), (&world.manager_3gpp, 404)] {
        for path in ["share", "share/revoke", "tell-group", "split"] {
            let mut visitor = service.as_person(person).await;
            visitor.post(&format!("{draft}/{path}"), &[("version", "1")]).await;
            assert_eq!(visitor.page.status.as_u16(), status, "{} {path}", person.address);
        }
    }
    assert_eq!(count(&service.app, "SELECT count(*) FROM share_links").await, 0);
}

#[tokio::test]
async fn the_group_is_told_once_by_the_mail_that_was_shown() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (mut secretary, draft) = drafted_reply(&service, &world.secretary).await;
    secretary.click("Tell the group").await;
    secretary.assert_says("wire@ietf.example (list of WIRE)");

    secretary.submit("Show the mail", &[("Comments by", "1 March 2026"), ("Words to the group", "Is clause 7 right?")]).await;
    secretary.assert_status(422).assert_says("Comments by must be today or later");
    assert_eq!(secretary.page.value("Words to the group").trim(), "Is clause 7 right?");
    secretary.submit("Show the mail", &[("Comments by", "20 March 2026")]).await;
    secretary.assert_status(200).assert_says("Comment by Friday 20 March 2026").assert_says("/shared-drafts/");
    assert_eq!(recipients(&service, "group-told").await, [""; 0]);
    // what is changed after it was shown is shown again
    secretary.submit("Send it", &[("Words to the group", "Is clause 8 right?")]).await;
    secretary.assert_status(200).assert_says("Is clause 8 right?");
    assert_eq!(recipients(&service, "group-told").await, [""; 0]);

    let page = secretary.page.source();
    secretary.submit("Send it", &[]).await;
    secretary.assert_at(&draft).assert_says("Told: wire@ietf.example");
    assert_eq!(secretary.page.value("Group informed on"), "2 March 2026");
    assert_eq!(recipients(&service, "group-told").await, ["wire@ietf.example"]);
    let body: String = sqlx::query_scalar("SELECT body FROM mails WHERE event = 'group-told'").fetch_one(&service.app.pool).await.expect("a mail");
    assert!(body.contains("Is clause 8 right?") && body.contains("Comment by Friday 20 March 2026"), "{body}");
    let link = body.split_whitespace().find(|word| word.contains("/shared-drafts/")).expect("a link").to_owned();
    let path = link[link.find("/shared-drafts/").expect("a path")..].to_owned();
    let secret = path.trim_start_matches("/shared-drafts/");
    assert!(page.contains(secret), "the mail that went is not the one that was shown");

    // once a press
    let fields = [("secret", secret), ("comments-by", "20 March 2026"), ("words", "Is clause 8 right?"), ("do", "send")];
    secretary.post(&format!("{draft}/tell-group"), &fields).await;
    let shown = secretary
        .page
        .html
        .select(&crate::support::form::selector("input[name=shown]"))
        .next()
        .and_then(|input| input.attr("value"))
        .unwrap_or_default()
        .to_owned();
    secretary.post(&format!("{draft}/tell-group"), &[&fields[..], &[("shown", shown.as_str())]].concat()).await;
    secretary.assert_at(&draft).assert_says("told of it already");
    assert_eq!(recipients(&service, "group-told").await, ["wire@ietf.example"]);

    let mut stranger = service.visitor();
    stranger.get(&path).await;
    stranger.assert_status(200).assert_says("Comments are asked for by Friday 20 March 2026");
    let history: String = sqlx::query_scalar("SELECT words || ' ' || changes::text FROM history WHERE event = 'group-told'")
        .fetch_one(&service.app.pool)
        .await
        .expect("a line");
    assert!(history.contains("wire@ietf.example") && history.contains("2026-03-20"), "{history}");
    // and revoking ends the mailed link too
    secretary.submit("Revoke", &[]).await;
    stranger.get(&path).await;
    stranger.assert_status(404);
}

#[tokio::test]
async fn nobody_is_told_before_the_groups_are_named() {
    let (service, world) = tracker().await;
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/outgoing/new?form=yes").await;
    secretary.submit("Save draft", &[("Title", "A letter to nobody yet")]).await;
    secretary.click("Tell the group").await;
    secretary.assert_says("First say whom it is from and to");
    let path = secretary.page.path.clone();
    secretary.post(&path, &[("comments-by", "20 March 2026"), ("do", "send")]).await;
    secretary.assert_status(422);
    assert_eq!(recipients(&service, "group-told").await, [""; 0]);
}

/// A draft in answer to statement 1, to SG11 and SA3.
async fn to_two(service: &TestService, world: &World) -> (Visitor, String) {
    let (mut author, draft) = drafted_reply(service, &world.secretary).await;
    let fields = [("To", "ITU-T SG11; 3GPP SA3"), ("Purpose", "For Action"), ("Deadline", "1 June 2026")];
    author.submit("Continue to check and submit", &fields).await;
    // what was answered says where the mail goes: to one of them
    author.assert_status(200).assert_says("It is to several organizations").assert_says("The mail goes to tsbsg11@itu-t.example alone.");
    (author, draft)
}

#[tokio::test]
async fn story_7_split_makes_a_draft_for_each_organization_once() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (mut author, draft) = to_two(&service, &world).await;
    let version: String = author
        .page
        .html
        .select(&crate::support::form::selector("#split input[name=version]"))
        .next()
        .and_then(|input| input.attr("value"))
        .expect("a version")
        .to_owned();

    author.submit("Split: a draft for each organization", &[]).await;
    author.assert_at(&draft).assert_says("this draft goes to ITU-T").assert_says("a draft of its own to 3GPP");
    assert_eq!((author.page.value("To").as_str(), author.page.value("Send to").as_str()), ("ITU-T SG11", "tsbsg11@itu-t.example"));
    assert_eq!(author.page.value("Does it answer a statement?").trim(), "Statement 1");

    author.post(&format!("{draft}/split"), &[("version", &version)]).await;
    author.assert_at(&draft).assert_says("nothing to split");
    let others: Vec<String> = sqlx::query_scalar("SELECT draft_id FROM statements WHERE state = 'draft' AND draft_id <> $1")
        .bind(draft.trim_start_matches("/statements/drafts/"))
        .fetch_all(&service.app.pool)
        .await
        .expect("drafts");
    assert_eq!(others.len(), 1);
    author.get(&format!("/statements/drafts/{}", others[0])).await;
    assert_eq!((author.page.value("To").as_str(), author.page.value("Send to").as_str()), ("3GPP SA3", "sa3@3gpp.example"));
    assert_eq!(author.page.value("Does it answer a statement?").trim(), "");
    assert_eq!(author.page.value("Deadline"), "1 June 2026");
    assert_eq!(author.page.value("Link to the consensus"), "https://mail.example/arch/wire/call");
    author.assert_says("slides.pdf");
    // its first version is what was split
    author.get(&format!("/statements/drafts/{}/versions/1", others[0])).await;
    author.assert_says("ITU-T SG11; 3GPP SA3");
    let lines: Vec<String> =
        sqlx::query_scalar("SELECT event FROM history WHERE event LIKE 'split%' ORDER BY event").fetch_all(&service.app.pool).await.expect("lines");
    assert_eq!(lines, ["split", "split-from"]);
}

#[tokio::test]
async fn a_correction_replaces_what_was_posted() {
    let (service, world) = tracker().await;
    let first = letter(&service.app).await;
    sqlx::query("UPDATE actions SET assignee_id = $1, assignee_name = 'Chen Chair' WHERE group_id = $2")
        .bind(world.chair2.id.0)
        .bind(world.group("wire").0)
        .execute(&service.app.pool)
        .await
        .expect("an assignee");
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/1").await;
    manager.click("Correct it: draft one that replaces it").await;
    assert_eq!(manager.page.value("Does it replace a statement?"), "1");
    assert_eq!(manager.page.value("Title"), "LS on wire formats");
    let fields = [("Title", "LS on wire formats, corrected"), ("Purpose", "For Action"), ("Deadline", "1 May 2026")];
    manager.submit("Continue to check", &fields).await;
    manager.assert_status(200).assert_says("Replaces");
    manager.submit("Record and post", &[]).await;
    manager.assert_at("/statements/2");

    assert_eq!(part(&service.app, first, "wire").await, "replaced");
    let assignee: String = sqlx::query_scalar(
        "SELECT assignee_name FROM actions JOIN statements USING (statement_id) JOIN groups USING (group_id) WHERE number = 2 AND acronym = 'wire'",
    )
    .fetch_one(&service.app.pool)
    .await
    .expect("an action");
    assert_eq!(assignee, "Chen Chair");
    let mut stranger = service.visitor();
    stranger.get("/statements/1").await;
    stranger.assert_says("Replaced by Statement 2 on 2 March 2026");
    assert!(stranger.page.texts(".thread li").iter().any(|line| line.contains("Statement 2")), "{}", stranger.page.text);
}

#[tokio::test]
async fn an_outgoing_statement_is_corrected_by_one_that_replaces_it() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let asks = [("Purpose", "For Action"), ("Deadline", "1 June 2026")];
    let (_, draft) = submitted_reply(&service, &world.secretary, 1, &asks).await;
    for person in [&world.ad_net, &world.manager_itu_t] {
        decide(&mut service.as_person(person).await, &draft, &[("Decision", "Approve")]).await;
    }
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.get("/statements/2").await;
    secretary.click("Correct it: draft one that replaces it").await;
    assert_eq!(secretary.page.value("Does it replace a statement?"), "2");
    assert_eq!(secretary.page.value("Text").trim(), COMPLETE[0].1.replace('\r', "").trim());
    assert_eq!(secretary.page.value("Group informed on"), "");
    secretary.submit("Continue to check and submit", &[("Group informed on", "2 March 2026"), ("Title", "Reply, corrected")]).await;
    secretary.assert_status(200);
    let draft = secretary.page.path.trim_end_matches("/submit").to_owned();
    secretary.submit("Submit for review", &[]).await;
    for person in [&world.ad_net, &world.manager_itu_t] {
        decide(&mut service.as_person(person).await, &draft, &[("Decision", "Approve")]).await;
    }
    let mut stranger = service.visitor();
    stranger.get("/statements/2").await;
    stranger.assert_says("Replaced by Statement 3 on 2 March 2026");
    stranger.get("/statements/3").await;
    stranger.assert_says("We asked ITU-T SG11 to act");
}

#[tokio::test]
async fn another_format_in_review_keeps_what_was_signed() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (mut secretary, draft) = drafted_reply(&service, &world.secretary).await;
    secretary.get(&format!("{draft}/submit")).await;
    secretary.submit("Submit for review", &[("Submit anyway", "yes")]).await;
    decide(&mut service.as_person(&world.ad_net).await, &draft, &[("Decision", "Approve")]).await;

    let add = format!("{draft}/other-format");
    for person in [&world.secretary, &world.ad_net, &world.coordinator] {
        let mut visitor = service.as_person(person).await;
        visitor.get(&add).await;
        visitor.assert_status(403);
        visitor.post(&add, &[("of", "1"), ("confirmed", "yes")]).await;
        visitor.assert_status(403);
    }
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    manager.click("Add another format of a file").await;
    manager.attach("File", "slides.odp", b"odp slides");
    manager.submit("Add it", &[("File title", "Slides, editable")]).await;
    manager.assert_status(422).assert_says("Confirm that it is the same content").assert_says("Choose the file of which it is another format");
    assert_eq!(manager.page.value("File title"), "Slides, editable");
    manager.attach("File", "slides.odp", b"odp slides");
    manager.submit("Add it", &[("Another format of", "slides.pdf"), ("I confirm that its content is the same", "yes")]).await;
    manager.assert_says("What was signed stays signed").assert_says("Slides, editable").assert_says("Other format of slides.pdf");

    // sent again it is there once
    manager.get(&add).await;
    manager.attach("File", "slides.odp", b"odp slides");
    manager.submit("Add it", &[("Another format of", "slides.pdf"), ("I confirm that its content is the same", "yes")]).await;
    manager.assert_says("This file is there already");
    assert_eq!(count(&service.app, "SELECT count(*) FROM attachments").await, 2);

    let given: i64 = count(&service.app, "SELECT count(*) FROM sign_offs WHERE state = 'given' AND kind = 'approval'").await;
    assert_eq!((given, count(&service.app, "SELECT max(round)::bigint FROM statements").await), (1, 1));
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/2").assert_says("Slides, editable");
    manager.get("/statements/2/versions").await;
    let history: String = sqlx::query_scalar("SELECT words || changes::text FROM history WHERE event = 'other-format-added'")
        .fetch_one(&service.app.pool)
        .await
        .expect("a line");
    assert!(history.contains("confirmed that it is the same content") && history.contains("sha-256"), "{history}");
}

#[tokio::test]
async fn an_outgoing_statement_prints_as_a_letter() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (mut secretary, draft) = drafted_reply(&service, &world.secretary).await;
    secretary.click("As a letter").await;
    secretary.assert_says("DRAFT").assert_says("IETF").assert_says("WIRE").assert_says("ITU-T SG11").assert_says("slides.pdf (PDF");
    secretary.get(&format!("{draft}/letter.txt")).await;
    assert!(secretary.page.text.starts_with("DRAFT, not sent") && secretary.page.text.contains("we thank you, and agree"), "{}", secretary.page.text);
    let mut stranger = service.visitor();
    for path in [format!("{draft}/letter"), format!("{draft}/letter.txt")] {
        stranger.get(&path).await;
        stranger.assert_status(404);
    }

    secretary.get(&format!("{draft}/submit")).await;
    secretary.submit("Submit for review", &[("Submit anyway", "yes")]).await;
    for person in [&world.ad_net, &world.manager_itu_t] {
        decide(&mut service.as_person(person).await, &draft, &[("Decision", "Approve")]).await;
    }
    stranger.get("/statements/2").await;
    stranger.click("letter to print").await;
    stranger
        .assert_silent("DRAFT")
        .assert_says("Our number")
        .assert_says("Statement 2")
        .assert_says("2 March 2026")
        .assert_says("we thank you, and agree");
    stranger.get("/statements/1/letter").await;
    stranger.assert_status(404);
}

#[tokio::test]
async fn the_approval_page_shows_what_changed_since_one_signed() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (mut secretary, draft) = submitted_reply(&service, &world.secretary, 1, &[]).await;
    let mut director = service.as_person(&world.ad_net).await;
    decide(&mut director, &draft, &[("Decision", "Approve")]).await;

    // the manager reads, and meanwhile it is changed and submitted again
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&format!("{draft}/review")).await;
    secretary.get(&draft).await;
    secretary.submit("Take it back to edit", &[]).await;
    secretary.submit("Continue to check and submit", &[("Text", "Dear SG11,\r\n\r\nwe thank you, and disagree.\r\n")]).await;
    secretary.submit("Submit for review", &[]).await;
    secretary.assert_says("In review");

    director.get(&format!("{draft}/review")).await;
    director.assert_says("What changed since you signed it on 2 Mar 2026");
    assert!(director.page.texts("del").join(" ").contains("agree") && director.page.texts("ins").join(" ").contains("disagree"));
    manager.submit("Send decision", &[("Decision", "Request changes"), ("What should be changed?", "the second line")]).await;
    manager.assert_status(409).assert_says("What changed while you read it");
    assert!(manager.page.texts("ins").join(" ").contains("disagree"), "{}", manager.page.text);
    assert_eq!(manager.page.value("What should be changed?").trim(), "the second line");
    assert!(manager.page.is_checked("Request changes"));
}

#[tokio::test]
async fn lc04_two_who_draft_an_outgoing_statement_lose_nothing() {
    let (service, world) = tracker().await;
    letter(&service.app).await;
    let (_, draft) = drafted_reply(&service, &world.secretary).await;
    let (mut one, mut other) = (service.as_person(&world.chair).await, service.as_person(&world.chair2).await);
    one.get(&draft).await;
    one.post(&format!("{draft}/open"), &[("version", "1")]).await;
    one.get(&draft).await;
    other.get(&draft).await;
    other.assert_says("Carol Chair is editing too");
    one.submit("Save draft", &[("Consensus", "Collected comments"), ("Send reply to", "one@ietf.example")]).await;
    other.submit("Save draft", &[("Text", "Another text"), ("Send reply to", "other@ietf.example")]).await;
    other.assert_status(409).assert_says("Carol Chair saved this draft while you were editing").assert_says("one@ietf.example");
    other.submit("Save the merged version", &[("Send reply to", "both@ietf.example")]).await;
    other.assert_status(200);
    assert_eq!(other.page.value("Text").trim(), "Another text");
    assert_eq!(other.page.value("Send reply to"), "both@ietf.example");
    assert!(other.page.is_checked("Collected comments"));
    // one deletes it meanwhile: the other's text begins a new one
    let mut secretary = service.as_person(&world.secretary).await;
    secretary.post(&format!("{draft}/delete"), &[]).await;
    other.submit("Save draft", &[("Text", "Mine, typed late")]).await;
    other.assert_status(409).assert_says("This draft was deleted while you were editing");
    assert_eq!(other.page.value("Text").trim(), "Mine, typed late");
}

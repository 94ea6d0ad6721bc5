//! A posted statement's page: who reads what, and that text is text (robustness.md WB02; inputs 2, 7, 8, 22).

use liaison_tracker::statements::{AttachmentKind, Visibility};

use crate::support::letters::{self, Posted};
use crate::support::people::{self, World};
use crate::support::queries::count;
use crate::support::{TestService, clock, service, time};

const NOW: &str = "2026-11-04T10:00:00Z";

async fn world() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = people::world(&service).await;
    (service, world)
}

#[tokio::test]
async fn the_first_line_says_what_is_asked_by_when_and_who_has_it() {
    let (service, world) = world().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    letters::deadline(&service.app, id, "2026-11-14", "as-written", true).await;

    let mut visitor = service.visitor();
    visitor.get("/statements/1914").await;

    visitor.assert_status(200);
    let status = "Action needed by Saturday 14 November 2026 (in 10 days). Nobody has taken it yet (chairs of WIRE).";
    assert_eq!(visitor.page.texts(".status-box"), [status]);
    assert_eq!(visitor.page.texts(".kicker"), ["Statement 1914 · Incoming · For Action"]);
    assert_eq!(visitor.page.title(), "New work on Network Digital Twin");
    visitor.assert_says("no special standing in the IETF").assert_says("Silence is neither agreement nor consensus");
    assert_eq!(visitor.page.link("ITU-T SG11"), "/groups/itu-t-sg11");
    assert_eq!(visitor.page.link("ITU-T"), "/organizations/itu-t");
    visitor.assert_says("formal, active").assert_says("Liaison manager Ivo Manager").assert_says("by our next meeting");

    let mut chair = service.as_person(&world.chair).await;
    chair.get("/statements/1914").await;
    chair.assert_says("Submit the reply by Monday 9 November 2026 to leave 5 days for approval.");
}

#[tokio::test]
async fn a_number_that_is_none_is_not_found() {
    let (service, world) = world().await;
    letters::posted(&service.app, Posted::INCOMING).await;
    sqlx::query(
        "INSERT INTO statements (draft_id, origin, direction, state, title, made_at, changed_at, author_id)
         VALUES ('a-draft-id-that-is-long-enough', 'native', 'incoming', 'draft', 'Secret so far', now(), now(), $1)",
    )
    .bind(world.chair.id.0)
    .execute(&service.app.pool)
    .await
    .expect("a draft");
    let mut visitor = service.as_person(&world.coordinator).await;
    for path in ["1", "01914", "1914x", "+1914", "0", "-1", "99999999999", "1914.json", "a-draft-id-that-is-long-enough", "1914%20"] {
        visitor.get(&format!("/statements/{path}")).await;
        visitor.assert_status(404);
    }
    visitor.get("/statements/1914?before=x").await;
    visitor.assert_status(422);
}

#[tokio::test]
async fn those_concerned_read_more_than_the_public() {
    let (service, world) = world().await;
    let app = &service.app;
    let id = letters::posted(app, Posted { author: Some(world.secretary.id), ..Posted::INCOMING }).await;
    letters::history(app, id, time("2026-11-01T09:00:00Z"), "submitted", "submitted it for the check", "concerned").await;
    letters::history(app, id, time("2026-11-01T08:00:00Z"), "begun", "began it before it was posted", "public").await;
    letters::history(app, id, app.clock.now(), "noticed", "noticed something for staff", "staff").await;
    for (usage, name, address, sort) in [
        ("received-from", "SG11 secretariat", "tsbsg11@itu-t.example", "role"),
        ("to", "", "wire@ietf.example", "list"),
        ("cc", "Ann Jones", "ann.jones@itu-t.example", "person"),
        ("from", "", "nameless@itu-t.example", "person"),
    ] {
        letters::contact(app, id, usage, name, address, sort).await;
    }
    let concerned = letters::stored(app, "for-some.txt", b"for some").await;
    letters::attach(app, id, &concerned, AttachmentKind::Enclosure, Visibility::Concerned).await;
    let withheld = letters::stored(app, "for-few.txt", b"for few").await;
    letters::attach(app, id, &withheld, AttachmentKind::Enclosure, Visibility::Withheld).await;
    sqlx::query("UPDATE actions SET assignee_id = $2, assignee_name = 'Carol Chair', state = 'in-progress' WHERE statement_id = $1")
        .bind(id.0)
        .bind(world.chair.id.0)
        .execute(&app.pool)
        .await
        .expect("an assignee");
    sqlx::query("UPDATE statements SET round = 1 WHERE statement_id = $1").bind(id.0).execute(&app.pool).await.expect("a round");
    sqlx::query(
        "INSERT INTO sign_offs (statement_id, round, kind, state, asked_at, decided_at, decided_by, decided_as, words, version)
         VALUES ($1, 1, 'check', 'given', $2, $2, $3, 'liaison manager for ITU-T', 'a private remark', 1)",
    )
    .bind(id.0)
    .bind(app.clock.now())
    .bind(world.manager_itu_t.id.0)
    .execute(&app.pool)
    .await
    .expect("a sign-off");

    let only_concerned = ["submitted it for the check", "began it before it was posted", "for-some.txt", "Sven Secretary"];
    let only_role_holders = ["ann.jones@itu-t.example", "nameless@itu-t.example", "Carol Chair"];
    let for_all = [
        "posted it",
        "Ann Jones",
        "A person address not public",
        "tsbsg11@itu-t.example",
        "wire@ietf.example",
        "withheld: not ours to publish",
        "Checked by Ivo Manager as liaison manager for ITU-T on 4 November 2026",
    ];
    let mut chair = service.as_person(&world.chair2).await;
    let mut other = service.as_person(&world.chair_mesh).await;
    let mut outsider = service.as_person(&world.outsider).await;
    let mut public = service.visitor();
    for visitor in [&mut chair, &mut other, &mut outsider, &mut public] {
        visitor.get("/statements/1914").await;
        visitor.assert_status(200);
        visitor.assert_silent("a private remark").assert_silent("noticed something for staff");
    }
    for words in only_concerned {
        chair.assert_says(words);
        other.assert_silent(words);
    }
    for words in only_role_holders {
        chair.assert_says(words);
        other.assert_says(words);
    }
    for visitor in [&mut outsider, &mut public] {
        for words in only_concerned.iter().chain(&only_role_holders) {
            visitor.assert_silent(words);
        }
        for words in for_all {
            visitor.assert_says(words);
        }
        assert!(visitor.page.find_link("for-few.txt").is_none());
        visitor.get("/statements/1914.txt").await;
        for words in only_concerned.iter().chain(&only_role_holders) {
            visitor.assert_silent(words);
        }
    }
    let mut coordinator = service.as_person(&world.coordinator).await;
    coordinator.get("/statements/1914").await;
    coordinator.assert_says("noticed something for staff");
    assert!(coordinator.page.find_link("for-few.txt").is_some());
}

#[tokio::test]
async fn markup_is_text_wherever_it_stands() {
    let (service, _) = world().await;
    let app = &service.app;
    let payloads = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title><script>alert(1)</script>",
        "<svg/onload=alert(1)>",
        "{{ 7*7 }}<b>",
        "&lt;script&gt;",
        "javascript:alert(1)",
        "]]><script>alert(1)</script>",
        "LS332 - Consent of G.8113.2/Y.1372.2 -> IESG",
    ];
    // an import brings any words; here they come after posting
    sqlx::query("ALTER TABLE statement_groups DISABLE TRIGGER statement_group_posted_never_changes").execute(&app.pool).await.expect("a trigger");
    for (number, payload) in (1i32..).zip(payloads) {
        let body = format!("{payload}\r\nhttps://example.org/\"onclick=x<y\r\njavascript:alert(1) data:text/html,x");
        let id = letters::posted(app, Posted { number, title: payload, body: &body, ..Posted::INCOMING }).await;
        letters::contact(app, id, "to", payload, "to@example.org", "role").await;
        letters::contact(app, id, "cc", "", &format!("{payload}@example.org"), "role").await;
        letters::history(app, id, app.clock.now(), "changed", payload, "public").await;
        let stored = letters::stored(app, payload, b"text").await;
        letters::attach(app, id, &stored, AttachmentKind::Enclosure, Visibility::Public).await;
        sqlx::query(
            "INSERT INTO attachments (statement_id, n, kind, title, peer_number, url, withheld_why, added_at)
             VALUES ($1, 91, 'enclosure', $2, $2, 'javascript:alert(1)', '', now()), ($1, 92, 'statement', '', '', 'https://example.org/?' || $2, '', now())",
        )
        .bind(id.0)
        .bind(payload)
        .execute(&app.pool)
        .await
        .expect("links");
        sqlx::query("INSERT INTO statement_references (statement_id, position, as_written, normal, given_by) VALUES ($1, 1, $2, 'x', $2)")
            .bind(id.0)
            .bind(payload)
            .execute(&app.pool)
            .await
            .expect("a reference");
        sqlx::query("UPDATE statement_groups SET as_written = $2, asked = $2 WHERE statement_id = $1")
            .bind(id.0)
            .bind(payload)
            .execute(&app.pool)
            .await
            .expect("groups");
        sqlx::query("INSERT INTO relations (statement_id, kind, words) VALUES ($1, 'in-response-to', $2)")
            .bind(id.0)
            .bind(payload)
            .execute(&app.pool)
            .await
            .expect("a relation");
        let mut visitor = service.visitor();

        visitor.get(&format!("/statements/{number}")).await;

        visitor.assert_status(200);
        assert_eq!(visitor.page.title(), payload);
        let page = &visitor.page;
        assert_eq!(page.texts("main script, main img, main svg, main b, main [onclick], main [onmouseover], main [onerror]"), Vec::<String>::new());
        let scripts = page.html.select(&scraper::Selector::parse("script").expect("a selector")).count();
        assert_eq!(scripts, 1, "only ours");
        for link in page.html.select(&scraper::Selector::parse("main a").expect("a selector")) {
            let target = link.attr("href").unwrap_or_default();
            assert!(["/", "https://", "http://", "mailto:", "#"].iter().any(|good| target.starts_with(good)), "{target}");
        }
        visitor.assert_says(&format!("Stella (secretariat) {payload}"));
    }
}

#[tokio::test]
async fn a_body_stands_on_the_page_as_it_was_stored() {
    let (service, _) = world().await;
    let url = format!("https://example.org/{}", "x".repeat(160));
    let bodies = [
        "1\tOverview\t\t\r\n\r\n2\tProposal\r\n".to_owned(),
        format!("{}\r\n{url}", "word ".repeat(212).trim_end().replace(' ', "_")),
        "page one\u{c}page two\r\n\r\n   indented\r\n".to_owned(),
        "\r\n\r\n  begins late".to_owned(),
        "Grüße & <tags> \"quoted\" 'so' – 报告".to_owned(),
    ];
    for (number, body) in (1i32..).zip(&bodies) {
        letters::posted(&service.app, Posted { number, body, ..Posted::INCOMING }).await;
        let mut visitor = service.visitor();

        visitor.get(&format!("/statements/{number}")).await;

        let letter = scraper::Selector::parse(".letter").expect("a selector");
        let shown: String = visitor.page.html.select(&letter).next().expect("a letter").text().collect();
        // a browser reads CR LF as one line break
        assert_eq!(shown, body.replace("\r\n", "\n"));
        assert!(
            visitor
                .page
                .source()
                .contains(&body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;"))
                || body.contains("https://")
        );
        visitor.get(&format!("/statements/{number}.txt")).await;
        assert!(visitor.page.source().contains(body.as_str()), "{body:?}");
        assert_eq!(visitor.page.header("content-type"), "text/plain; charset=utf-8");
    }
    let mut visitor = service.visitor();
    visitor.get("/statements/1").await;
    visitor.click("Show the text in fixed width").await;
    assert_eq!(visitor.page.texts(".letter-fixed").len(), 1);
    visitor.click("Show the text in the reading type").await;
    assert_eq!(visitor.page.texts(".letter-fixed").len(), 0);
}

#[tokio::test]
async fn files_are_named_with_what_they_are_and_those_not_held_without_a_link() {
    let (service, _) = world().await;
    let app = &service.app;
    let id = letters::posted(app, Posted { body: "", ..Posted::INCOMING }).await;
    letters::file(app, id, "LS412.pdf", b"%PDF-1.7").await;
    sqlx::query(
        "INSERT INTO attachments (statement_id, n, kind, title, file_name, alternative_of, is_not_held, url, added_at)
         VALUES ($1, 90, 'alternative', 'As text', 'old.txt', 1, true, NULL, '2026-11-04'), ($1, 91, 'enclosure', 'The draft', '', NULL, false, 'https://example.org/draft', '2026-11-04')",
    )
    .bind(id.0)
    .execute(&app.pool)
    .await
    .expect("attachments");
    let mut visitor = service.visitor();

    visitor.get("/statements/1914").await;

    let files = visitor.page.texts(".files > li");
    assert!(files[0].starts_with("LS412.pdf PDF, 8 bytes · SHA-256 "), "{files:?}");
    assert_eq!(files[1..], ["As text Other format of LS412.pdf, not held here", "The draft link"]);
    assert!(visitor.page.find_link("As text").is_none());
    assert_eq!(visitor.page.link("The draft"), "https://example.org/draft");
    visitor.assert_says("It has no text of its own; see its files.");
    let href = visitor.page.link("LS412.pdf");
    visitor.get(&href).await;
    assert_eq!(visitor.page.bytes, b"%PDF-1.7");
}

#[tokio::test]
async fn a_thread_stands_in_order_of_dates_across_directions() {
    let (service, _) = world().await;
    let app = &service.app;
    let to_peer = Posted { direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], ..Posted::INCOMING };
    let first = letters::posted(app, Posted { number: 11, title: "First", ..Posted::INCOMING }).await;
    service.set_time("2026-11-06T10:00:00Z");
    let holding = letters::posted(app, Posted { number: 12, title: "Holding", purpose: "in-response", ..to_peer }).await;
    service.set_time("2026-11-08T10:00:00Z");
    let answer = letters::posted(app, Posted { number: 13, title: "Answer", purpose: "in-response", ..to_peer }).await;
    let apart = letters::posted(app, Posted { number: 14, title: "Apart", ..Posted::INCOMING }).await;
    letters::relation(app, holding, "in-response-to", first, Some("preliminary")).await;
    letters::relation(app, answer, "in-response-to", first, Some("final")).await;
    letters::relation(app, apart, "related", first, None).await;
    sqlx::query("UPDATE actions SET state = 'responded', closed_at = $2 WHERE statement_id = $1")
        .bind(first.0)
        .bind(app.clock.now())
        .execute(&app.pool)
        .await
        .expect("responded");
    let mut visitor = service.visitor();

    visitor.get("/statements/11").await;

    let thread = visitor.page.texts(".thread > li");
    assert_eq!(
        thread,
        [
            "Statement 11 this one, incoming, 4 Nov 2026 First · those → these",
            "Statement 12 outgoing, 6 Nov 2026 Holding · those → these · answers this one, a preliminary reply",
            "Statement 13 outgoing, 8 Nov 2026 Answer · those → these · answers this one, the final reply",
        ]
    );
    assert_eq!(visitor.page.texts(".status-box"), ["Responded on 8 November 2026 by Statement 13."]);
    assert_eq!(visitor.page.link("Statement 14"), "/statements/14");
    visitor.get("/statements/12").await;
    assert_eq!(visitor.page.texts(".thread > li").len(), 3);
    visitor.assert_says("Answers Statement 11. No reply expected.");
    visitor.get("/statements/14").await;
    assert_eq!(visitor.page.texts(".thread > li").len(), 0);
}

#[tokio::test]
async fn a_former_deadline_stays_to_be_read_struck() {
    let (service, _) = world().await;
    let id = letters::posted(&service.app, Posted { to: &["wire", "mesh"], ..Posted::INCOMING }).await;
    letters::deadline(&service.app, id, "2026-11-14", "as-written", false).await;
    letters::deadline(&service.app, id, "2026-12-14", "agreed", true).await;
    let mut visitor = service.visitor();

    visitor.get("/statements/1914").await;

    assert_eq!(visitor.page.texts(".facts del"), ["Saturday 14 November 2026"]);
    visitor.assert_says("Deadline Monday 14 December 2026 in 40 days · agreed with ITU-T SG11 Saturday 14 November 2026");
    visitor.get("/statements/1914.txt").await;
    visitor.assert_says("formerly Saturday 14 November 2026");
}

#[tokio::test]
async fn dates_are_kept_apart_and_as_exact_as_they_are_known() {
    let (service, _) = world().await;
    let id = letters::posted(&service.app, Posted::INCOMING).await;
    sqlx::query(
        "UPDATE statements SET letter_date = '2026-02-28', letter_date_precision = 'month', received_on = '2026-03-03', origin = 'imported',
                source_url = 'https://example.org/liaison/1914/', source_note = 'imported from the old tracker' WHERE statement_id = $1",
    )
    .bind(id.0)
    .execute(&service.app.pool)
    .await
    .expect("dates");
    let mut visitor = service.visitor();

    visitor.get("/statements/1914").await;

    visitor.assert_says("Date of the letter February 2026").assert_says("Received on 3 March 2026").assert_says("Posted 4 November 2026");
    visitor.assert_says("imported from the old tracker");
    assert_eq!(visitor.page.link("https://example.org/liaison/1914/"), "https://example.org/liaison/1914/");
}

#[tokio::test]
async fn a_removed_statement_shows_its_reason_and_nothing_else() {
    let (service, world) = world().await;
    let app = &service.app;
    let id = letters::posted(app, Posted::INCOMING).await;
    letters::file(app, id, "a.txt", b"text").await;
    letters::history(app, id, app.clock.now(), "removed", "removed it: sent to the wrong list", "public").await;
    sqlx::query("UPDATE statements SET state = 'removed' WHERE statement_id = $1").bind(id.0).execute(&app.pool).await.expect("removed");
    for mut visitor in [service.visitor(), service.as_person(&world.coordinator).await] {
        visitor.get("/statements/1914").await;

        visitor.assert_status(200).assert_says("Removed on 4 November 2026").assert_says("sent to the wrong list");
        visitor.assert_silent("Network Digital Twin").assert_silent("a.txt").assert_silent("please comment");
        assert!(visitor.page.source().contains("noindex"));
        visitor.get("/statements/1914.txt").await;
        visitor.assert_silent("Network Digital Twin");
    }
}

#[tokio::test]
async fn history_is_paged_and_newest_first() {
    let (service, _) = world().await;
    let app = &service.app;
    let id = letters::posted(app, Posted::INCOMING).await;
    for n in 1..=44 {
        letters::history(app, id, app.clock.now(), "changed", &format!("changed {n} things"), "public").await;
    }
    let mut visitor = service.visitor();
    visitor.get("/statements/1914").await;
    let first = visitor.page.texts(".history > li");
    assert_eq!(first.len(), 20);
    assert_eq!(first[0], "4 Nov 2026 10:00 UTC Stella (secretariat) changed 44 things");

    visitor.click("Older history").await;
    visitor.click("Older history").await;

    let last = visitor.page.texts(".history > li");
    assert_eq!(last.len(), 5);
    assert_eq!(last[4], "4 Nov 2026 10:00 UTC Stella (secretariat) posted it");
    assert!(visitor.page.find_link("Older history").is_none());
    visitor.click("Newest history").await;
    assert_eq!(visitor.page.texts(".history > li"), first);
}

#[tokio::test]
async fn the_page_costs_six_queries_at_most_however_many_rows() {
    let (service, world) = world().await;
    let app = &service.app;
    letters::posted(app, Posted { number: 1, ..Posted::INCOMING }).await;
    let rich = letters::posted(app, Posted { number: 2, to: &["wire", "mesh", "path", "keys", "bench"], ..Posted::INCOMING }).await;
    letters::deadline(app, rich, "2026-11-14", "as-written", true).await;
    for n in 0..30 {
        letters::history(app, rich, app.clock.now(), "changed", "changed it", "public").await;
        letters::contact(app, rich, "to", "", &format!("a{n}@example.org"), "role").await;
        letters::file(app, rich, &format!("a{n}.txt"), b"text").await;
        let other = letters::posted(app, Posted { number: 100 + n, ..Posted::INCOMING }).await;
        letters::relation(app, other, "follows-up", rich, None).await;
    }
    let mut counts = Vec::new();
    for mut visitor in [service.visitor(), service.as_person(&world.chair).await] {
        for path in ["/statements/1", "/statements/2"] {
            let (_, queries) = count(visitor.get(path)).await;
            counts.push(queries.len());
            visitor.assert_status(200);
        }
    }

    assert_eq!(counts[0], counts[1]);
    assert_eq!(counts[2], counts[3]);
    assert!((1..=6).contains(&counts[0]), "{counts:?}");
    assert!(counts[2] <= counts[0] + 3, "{counts:?}");
}

//! What people write stays text, and what they attach never runs: with the content security policy taken away, so that
//! nothing but the pages themselves holds it (robustness.md WB02, UP01).

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use liaison_tracker::people::RoleKind;
use serde_json::{Value, json};

use crate::shared::form::selector;
use crate::shared::letters::{Posted, file, posted};
use crate::shared::people::{NewGroup, Person, group, person, role, world};
use crate::shared::visitor::Visitor;
use crate::support::{Browser, Site, WIDE, browse};

const TODAY: &str = "2026-03-02T09:00:00Z";
const PAYLOADS: &str = include_str!("payloads.txt");

/// A function that must never be called; it tells the service.
const CANARY: &str = "window.fired = 0; window.canary = () => { window.fired += 1; navigator.sendBeacon('/canary'); };";

/// What is there that our templates don't write, and whether the canary was called.
const INSPECT: &str = "
    document.querySelectorAll('details').forEach((part) => { part.open = true; });
    document.querySelectorAll('a, input, select, button').forEach((part) => part.dispatchEvent(new MouseEvent('mouseover', { bubbles: true })));
    await new Promise((go) => setTimeout(go, 20));
    const found = [];
    if (window.fired) found.push('the canary was called');
    for (const part of document.querySelectorAll('*')) {
        const name = part.localName;
        if (['iframe', 'object', 'embed', 'img', 'svg', 'math', 'base', 'style', 'template', 'video', 'audio', 'marquee', 'noscript'].includes(name))
            found.push('an element ' + part.outerHTML.slice(0, 200));
        if (name === 'script' && !(part.getAttribute('src') || '').startsWith('/static/')) found.push('a script ' + part.outerHTML.slice(0, 200));
        for (const { name, value } of part.attributes) {
            if (name.startsWith('on') || name === 'style' || name === 'srcdoc' || name === 'autofocus') found.push(`an attribute ${name}=${value}`);
            if (['href', 'src', 'action', 'formaction', 'data', 'xlink:href'].includes(name)) {
                const scheme = new URL(value, document.baseURI).protocol;
                if (!['http:', 'https:', 'mailto:'].includes(scheme)) found.push(`${name}=${value}`);
            }
        }
    }
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
    return [found, [document.body.textContent, ...fields].join(' ').replace(/\\s+/g, ' ')];
";

/// The service without its policy, counting what the canary tells.
async fn bare_site(keeps_policy: bool) -> (Site, Arc<AtomicU32>) {
    let told = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&told);
    let around = move |router: Router| {
        router.layer(from_fn(move |request: Request, next: Next| {
            let count = Arc::clone(&count);
            async move {
                if request.uri().path().starts_with("/canary") {
                    count.fetch_add(1, Ordering::Relaxed);
                    return StatusCode::NO_CONTENT.into_response();
                }
                let mut response: Response = next.run(request).await;
                if !keeps_policy {
                    response.headers_mut().remove("content-security-policy");
                }
                response
            }
        }))
    };
    (Site::open_behind(TODAY, around).await, told)
}

/// The payloads in portions that a title takes.
fn portions() -> Vec<String> {
    let mut portions: Vec<String> = vec![String::new()];
    for payload in PAYLOADS.lines() {
        let last = portions.last_mut().expect("one");
        if last.chars().count() + payload.chars().count() > 185 {
            portions.push(payload.to_owned());
        } else {
            last.push(' ');
            last.push_str(payload);
        }
    }
    portions.into_iter().map(|portion| portion.trim().to_owned()).collect()
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name that holds a portion, in front of an address, quoted as mail asks for it.
fn mailbox(portion: &str, address: &str) -> String {
    format!("\"{}\" <{address}>", portion.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', " "))
}

async fn record(who: &mut Visitor, n: usize, portion: &str, purpose: &str) -> (String, String) {
    who.get("/statements/incoming/new").await;
    who.attach("Files", &format!("{portion}.pdf").replace(['/', '\\'], "∕"), b"%PDF-1.4 letter");
    let one_line = portion.replace('\t', " ");
    let fields = [
        ("From", "ITU-T SG11"),
        ("To", "evil"),
        ("Title", one_line.as_str()),
        ("Purpose", purpose),
        ("Deadline", "1 May 2026"),
        ("Deadline in the letter's words", &one_line),
        ("Does it answer a statement?", &one_line),
        ("Text", portion),
        ("Peer's reference", &one_line.replace(';', ",")),
        ("Received from", &mailbox(portion, &format!("from{n}@example.com"))),
        ("From contacts", &mailbox(portion, &format!("theirs{n}@example.com"))),
        ("To contacts", &mailbox(portion, &format!("ours{n}@example.com"))),
        ("Cc contacts", &mailbox(portion, &format!("copy{n}@example.com"))),
    ];
    who.submit("Continue to check", &fields).await;
    confirmed(who, portion)
}

/// The check page's path, and what its button sends with every warning overruled.
fn confirmed(who: &Visitor, portion: &str) -> (String, String) {
    let check = who.page.path.clone();
    assert!(check.ends_with("/submit"), "{portion}: {:?}", who.page.problems());
    let overruled: Vec<String> =
        who.page.html.select(&selector("input[name=overrule]")).map(|one| one.attr("value").unwrap_or_default().to_owned()).collect();
    let value = |css: &str| who.page.html.select(&selector(css)).next().and_then(|one| one.attr("value")).unwrap_or_default().to_owned();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("version", &value("input[name=version]"))
        .append_pair("acting", &value("input[name=acting]"))
        .extend_pairs(overruled.iter().map(|name| ("overrule", name)))
        .finish();
    (check, query)
}

/// Reports the same as an unrecorded statement; the report's path.
async fn report(who: &mut Visitor, portion: &str) -> String {
    who.get(liaison_tracker::urls::REPORT).await;
    who.attach("Files", &format!("{portion}.eml").replace(['/', '\\'], "∕"), b"From: a@b.example\r\nSubject: x\r\n\r\ny");
    who.submit("Report it", &[("What is it about?", &portion.replace('\t', " ")), ("Its text, or the whole mail", portion)]).await;
    who.assert_says("Reported.");
    who.page.path.clone()
}

/// Looks at a page; what must stand there as text, does.
async fn inspect(browser: &Browser, path: &str, must_say: &str, found: &mut Vec<String>) {
    browser.open(path).await;
    let answer = browser.run(INSPECT, Vec::new()).await;
    for line in answer[0].as_array().expect("a list") {
        found.push(format!("{path}: {}", line.as_str().unwrap_or_default()));
    }
    let text = answer[1].as_str().unwrap_or_default();
    if !text.contains(must_say) {
        found.push(format!("{path} does not show as text: {must_say}"));
    }
}

fn in_query(words: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_write_stays_text_on_every_page() {
    let (site, told) = bare_site(false).await;
    let service = &site.service;
    world(service).await;
    let name = "<img src=x onerror=canary()> \"' onfocus=canary()";
    let evil = NewGroup { acronym: "evil", label: "EVIL<svg onload=canary()>", name, kind: "wg", parent: Some("net"), is_home: true };
    group(&service.app, evil).await;
    let peer = NewGroup { acronym: "peer", label: "PEER\"'><script>canary()</script>", name, kind: "organization", parent: None, is_home: false };
    group(&service.app, peer).await;
    let admin: Person = person(&service.app, name, "admin@people.example").await;
    role(&service.app, &admin, RoleKind::Coordinator, None).await;
    role(&service.app, &admin, RoleKind::Secretariat, None).await;
    let mut who = service.as_person(&admin).await;

    browse(&site, WIDE, async |browser| {
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": CANARY })).await;
        browser.sign_in(&admin).await;
        let mut found = Vec::new();
        // hidden characters are refused, which the next test looks at
        let portions: Vec<String> = portions().iter().map(|portion| portion.replace(['\u{202e}', '\u{200e}', '\u{200f}', '\u{200b}'], "")).collect();
        for (n, portion) in portions.iter().enumerate() {
            let words = plain(portion);
            let (check, query) = record(&mut who, n, portion, "For Information").await;
            inspect(browser, &check, &words, &mut found).await;
            let draft = check.trim_end_matches("/submit").to_owned();
            inspect(browser, &draft, &words, &mut found).await;
            who.go(Method::POST, &check, Some(("application/x-www-form-urlencoded".to_owned(), query.into_bytes()))).await;
            assert!(who.page.redirects.iter().any(|path| path.starts_with("/statements/")), "{}: {}", who.page.path, who.page.text);
            let statement = who.page.path.split('#').next().unwrap_or_default().to_owned();
            inspect(browser, &statement, &words, &mut found).await;
            let reported = report(&mut who, portion).await;
            inspect(browser, &reported, &words, &mut found).await;
            inspect(browser, &format!("/statements?{}", in_query(portion)), &words, &mut found).await;
            browser.open(&format!("/{}", urlencoding(portion))).await;
            assert_eq!(browser.run("return window.fired", Vec::new()).await, json!(0));
        }
        let newest = plain(portions.last().expect("portions"));
        for path in ["/", "/statements", "/groups/evil", "/organizations/itu-t", "/desk", "/administration/mail"] {
            let must_say = if path == "/" || path == "/statements" { newest.as_str() } else { "" };
            inspect(browser, path, must_say, &mut found).await;
        }
        for path in ["/organizations", "/organizations/peer", "/account"] {
            inspect(browser, path, if path == "/organizations" { "" } else { name }, &mut found).await;
        }
        let mails: Vec<i64> = sqlx::query_scalar("SELECT mail_id FROM mails ORDER BY 1 LIMIT 3").fetch_all(&service.app.pool).await.expect("mails");
        for mail in mails {
            inspect(browser, &format!("/administration/mail/{mail}"), "", &mut found).await;
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    })
    .await;
    assert_eq!(told.load(Ordering::Relaxed), 0);
}

fn urlencoding(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Sends what the check page's button sends.
async fn submit(who: &mut Visitor, (check, query): (String, String)) {
    who.go(Method::POST, &check, Some((FORM.to_owned(), query.into_bytes()))).await;
    assert!(!who.page.redirects.is_empty(), "{}: {}", who.page.path, who.page.text);
}

/// Puts a portion into everything that can be said about a posted statement afterwards.
async fn say_all_about(who: &mut Visitor, statement: &str, portion: &str) {
    let one_line = portion.replace('\t', " ");
    who.get(&format!("{statement}/actions/evil")).await;
    let fields =
        [("What do you record?", "Answered informally"), ("In words", portion), ("Link to the answer", "https://example.org/?q=%3Cscript%3E")];
    who.submit("Record it", &fields).await;
    who.assert_status(200);
    who.get(&format!("{statement}/actions/evil")).await;
    let fields = [("What the peer was told", portion), ("Told on", "1 March 2026"), ("How?", one_line.as_str())];
    who.submit("Note it", &fields).await;
    who.assert_status(200);
    who.get(&format!("{statement}/edit")).await;
    let fields = [("Peer's reference", one_line.as_str()), ("Why is it changed?", portion)];
    who.submit("Save the changes", &fields).await;
    who.assert_status(200);
    who.get(&format!("{statement}/files")).await;
    who.attach("Files", &format!("{portion}.csv").replace(['/', '\\'], "∕"), b"a,b\r\n<script>canary()</script>,2\r\n");
    who.submit("Add it", &[("File title", one_line.as_str()), ("Peer's number", one_line.as_str())]).await;
    who.assert_status(200);
}

/// Puts a portion into what is kept about a group: an address, and how to send.
async fn keep_all_about(who: &mut Visitor, acronym: &str, n: usize, portion: &str) {
    let one_line = portion.replace('\t', " ");
    who.get(&format!("/groups/{acronym}/contacts")).await;
    let address = format!("kept{n}@example.com");
    let fields = [("Address", address.as_str()), ("Name", &one_line), ("Role", &one_line), ("Affiliation", &one_line)];
    who.submit("Store the contact", &fields).await;
    who.get(&format!("/groups/{acronym}/sending")).await;
    let fields = [("Where to", one_line.as_str()), ("Layout", portion), ("Formats", portion), ("Document access", portion), ("Notes", portion)];
    who.submit("Save", &fields).await;
    who.assert_status(200);
}

/// Drafts an outgoing one; its check page, and what submits it.
async fn draft_outgoing(who: &mut Visitor, n: usize, portion: &str) -> (String, String) {
    let one_line = portion.replace('\t', " ");
    who.get("/statements/outgoing/new?form=yes").await;
    who.attach("Files", &format!("{portion}.pdf").replace(['/', '\\'], "∕"), b"%PDF-1.4 letter");
    let fields = [
        ("From", "wire"),
        ("To", "ITU-T SG11"),
        ("Title", one_line.as_str()),
        ("Purpose", "For Information"),
        ("Text", portion),
        ("Does it answer a statement?", &one_line),
        ("Consensus", "Group consensus"),
        ("Link to the consensus", "https://mail.example/?q=%3Cscript%3E"),
        ("Group informed on", "1 March 2026"),
        ("Send to", &mailbox(portion, &format!("send{n}@example.com"))),
        ("Send reply to", &mailbox(portion, &format!("reply{n}@example.com"))),
        ("To contacts", &mailbox(portion, &format!("theirs{n}@example.com"))),
        ("Cc contacts", &mailbox(portion, &format!("copy{n}@example.com"))),
        ("From contacts", &mailbox(portion, &format!("ours{n}@example.com"))),
    ];
    who.submit("Continue to check and submit", &fields).await;
    confirmed(who, portion)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_write_stays_text_beside_the_statement_and_in_replies() {
    let (site, told) = bare_site(false).await;
    let service = &site.service;
    world(service).await;
    let name = "<img src=x onerror=canary()> \"' onfocus=canary()";
    let evil = NewGroup { acronym: "evil", label: "EVIL<svg onload=canary()>", name, kind: "wg", parent: Some("net"), is_home: true };
    group(&service.app, evil).await;
    let admin: Person = person(&service.app, name, "admin@people.example").await;
    role(&service.app, &admin, RoleKind::Coordinator, None).await;
    let office: Person = person(&service.app, name, "office@people.example").await;
    role(&service.app, &office, RoleKind::Secretariat, None).await;
    let author: Person = person(&service.app, name, "author@people.example").await;
    role(&service.app, &author, RoleKind::Chair, Some("wire")).await;
    let mut who = service.as_person(&admin).await;
    let mut chair = service.as_person(&author).await;

    browse(&site, WIDE, async |browser| {
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": CANARY })).await;
        browser.sign_in(&admin).await;
        let mut found = Vec::new();
        let portions: Vec<String> = portions().iter().map(|portion| portion.replace(['\u{202e}', '\u{200e}', '\u{200f}', '\u{200b}'], "")).collect();
        for (n, portion) in portions.iter().enumerate() {
            let words = plain(portion);
            let confirmed = record(&mut who, n, portion, "For Action").await;
            submit(&mut who, confirmed).await;
            let statement = who.page.path.split('#').next().unwrap_or_default().to_owned();
            say_all_about(&mut who, &statement, portion).await;
            for (page, must_say) in [
                ("", words.as_str()),
                ("/edit", &words),
                ("/files", &words),
                ("/files/1", ""),
                ("/take-away", &words),
                ("/thread", &words),
                ("/receipt", &words),
                ("/versions", ""),
                ("/versions/1", &words),
                ("/actions/evil", &words),
            ] {
                inspect(browser, &format!("{statement}{page}"), must_say, &mut found).await;
            }
            keep_all_about(&mut who, "itu-t-sg11", n, portion).await;
            for page in ["/groups/itu-t-sg11", "/groups/itu-t-sg11/contacts", "/groups/itu-t-sg11/sending"] {
                inspect(browser, page, &words, &mut found).await;
            }

            let confirmed = draft_outgoing(&mut chair, n, portion).await;
            let check = confirmed.0.clone();
            let draft = check.trim_end_matches("/submit").to_owned();
            for page in [&check, &draft] {
                inspect(browser, page, &words, &mut found).await;
            }
            submit(&mut chair, confirmed).await;
            for page in ["", "/review", "/enter", "/versions", "/versions/1"] {
                inspect(browser, &format!("{draft}{page}"), if page == "/versions" { name } else { &words }, &mut found).await;
            }
        }
        for page in ["/documents", "/desk", "/statements/outgoing/new", "/statements/outgoing/new?in-response-to=1", "/organizations/itu-t/contacts"]
        {
            inspect(browser, page, "", &mut found).await;
        }
        let contact: i64 = sqlx::query_scalar("SELECT max(group_contact_id) FROM group_contacts").fetch_one(&service.app.pool).await.expect("one");
        inspect(browser, &format!("/groups/itu-t-sg11/contacts/{contact}"), "", &mut found).await;
        browser.tell("Network.clearBrowserCookies", json!({})).await;
        browser.sign_in(&office).await;
        inspect(browser, "/statements/1/remove", &plain(&portions[0]), &mut found).await;
        let mails: Vec<i64> = sqlx::query_scalar("SELECT max(mail_id) FROM mails GROUP BY event").fetch_all(&service.app.pool).await.expect("mails");
        assert!(mails.len() >= 2, "{mails:?}");
        for mail in mails {
            inspect(browser, &format!("/administration/mail/{mail}"), "", &mut found).await;
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    })
    .await;
    assert_eq!(told.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_as_text_too() {
    let (site, told) = bare_site(false).await;
    let world = world(&site.service).await;
    let mut chair = site.service.as_person(&world.chair).await;
    browse(&site, WIDE, async |browser| {
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": CANARY })).await;
        browser.sign_in(&world.chair).await;
        let mut found = Vec::new();
        for portion in portions() {
            let one_line = portion.replace('\t', " ");
            chair.get("/statements/incoming/new").await;
            let wrong = ["From", "To", "In copy", "Title", "Deadline", "Date of the letter", "Received on", "Received from", "To contacts"];
            let fields: Vec<(&str, &str)> = wrong.iter().map(|label| (*label, one_line.as_str())).collect();
            chair.submit("Save draft", &fields).await;
            chair.assert_status(200);
            inspect(browser, &chair.page.path.clone(), &plain(&portion), &mut found).await;
            browser.run("document.getElementById('link').value = given[0]", vec![json!(one_line)]).await;
            browser.press("Continue to check").await;
            let answer = browser.run(INSPECT, Vec::new()).await;
            found.extend(answer[0].as_array().expect("a list").iter().map(Value::to_string));
            browser.assert_says("There is a problem").await;
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
        chair.get("/statements/incoming/new").await;
        for odd in ["a\u{0}b", "\u{fffe}", "\u{1b}[31m", "a\r\nBcc: x@example.com"] {
            chair.submit("Save draft", &[("Title", odd), ("Text", odd), ("From", odd), ("Peer's reference", odd)]).await;
            assert!(!chair.page.status.is_server_error(), "{odd:?}: {}", chair.page.text);
        }
    })
    .await;
    assert_eq!(told.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_write_at_once_stays_text_where_it_is_compared() {
    let (site, told) = bare_site(false).await;
    let world = world(&site.service).await;
    let name = "<img src=x onerror=canary()> \"' onfocus=canary()";
    let rival: Person = person(&site.service.app, name, "rival@people.example").await;
    role(&site.service.app, &rival, RoleKind::Coordinator, None).await;
    let mut theirs = site.service.as_person(&rival).await;
    let mut chair = site.service.as_person(&world.chair).await;
    let labels = [
        "From",
        "To",
        "In copy",
        "Title",
        "Deadline",
        "Deadline in the letter's words",
        "Does it answer a statement?",
        "Text",
        "Peer's reference",
        "Date of the letter",
        "Received on",
        "Received from",
        "Received at",
        "From contacts",
        "To contacts",
        "Cc contacts",
    ];
    browse(&site, WIDE, async |browser| {
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": CANARY })).await;
        browser.sign_in(&world.chair).await;
        let mut found = Vec::new();
        for portion in portions() {
            let one_line = portion.replace('\t', " ");
            chair.get("/statements/incoming/new").await;
            chair.attach("Files", &format!("{portion}.pdf").replace(['/', '\\'], "∕"), b"%PDF-1.4 letter");
            chair.submit("Save draft", &[("From", "ITU-T SG11"), ("To", "wire; keys"), ("Title", "x"), ("Text", "x")]).await;
            let draft = chair.page.path.clone();
            browser.open(&draft).await;
            theirs.get(&draft).await;
            let fields: Vec<(&str, &str)> =
                labels.iter().map(|label| (*label, one_line.as_str())).chain([("File title", one_line.as_str())]).collect();
            theirs.submit("Save draft", &fields).await;
            theirs.assert_status(200);
            // every field of mine is another payload: the conflict page as this browser gets it
            let mine = "document.querySelectorAll('main form[data-autosave] input[type=text], main form[data-autosave] textarea')
                .forEach((field) => { field.value = `${given[0]} mine`; });";
            browser.run(mine, vec![json!(one_line)]).await;
            browser.press("Save draft").await;
            browser.assert_says("saved this draft while you were editing").await;
            let answer = browser.run(INSPECT, Vec::new()).await;
            found.extend(answer[0].as_array().expect("a list").iter().map(|line| format!("conflict: {line}")));
            let text = answer[1].as_str().unwrap_or_default().to_owned();
            let words = plain(&one_line);
            if !(text.contains(&words) && text.contains(name)) {
                found.push(format!("the conflict page does not show as text: {words}"));
            }
            for (path, must_say) in
                [("/versions", name), ("/versions/2", words.as_str()), ("/differences?older=1&newer=2", ""), ("/submit", words.as_str())]
            {
                inspect(browser, &format!("{draft}{path}"), must_say, &mut found).await;
            }
            // word by word, what was added is the payload
            browser.open(&format!("{draft}/differences?older=1&newer=2")).await;
            let added = "return [...document.querySelectorAll('ins')].map((part) => part.textContent).join(' ')";
            let added = browser.run(added, Vec::new()).await;
            let added = added.as_str().unwrap_or_default().replace("[added: ", "").replace(" :added]", "");
            let first = words.split(' ').next().unwrap_or_default();
            if !added.contains(first) {
                found.push(format!("the differences do not show as text: {words}"));
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    })
    .await;
    assert_eq!(told.load(Ordering::Relaxed), 0);
}

/// Files that would run as a script of ours, were they shown as what they are.
fn active_files() -> Vec<(&'static str, Vec<u8>)> {
    let script = "<script>navigator.sendBeacon('/canary')</script>";
    let html = format!("<!doctype html><html><body><p>hello</p>{script}<img src=/canary.png></body></html>");
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('/canary')\"><script>fetch('/canary')</script></svg>";
    let xhtml = "<html xmlns='http://www.w3.org/1999/xhtml'><head><script>fetch('/canary')</script></head><body/></html>";
    let xml = "<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='data:text/xml,%3Cx/%3E'?><a xmlns:h='http://www.w3.org/1999/xhtml'><h:script>fetch('/canary')</h:script></a>";
    let pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n";
    let gif = b"GIF89a/*\x00\x00\x00\x00*/=1;fetch('/canary')//;";
    vec![
        ("a.svg", svg.into()),
        ("a.html", html.clone().into()),
        ("a.xhtml", xhtml.into()),
        ("a.xml", xml.into()),
        ("a.txt", html.clone().into()),
        ("html.pdf", html.clone().into()),
        ("a.js", b"fetch('/canary')".to_vec()),
        ("a.csv", b"fetch('/canary')//,1,2".to_vec()),
        ("a.pdf", pdf.to_vec()),
        ("polyglot.pdf", [b"%PDF-1.4\n".as_slice(), html.as_bytes()].concat()),
        ("polyglot.gif", gif.to_vec()),
        ("a.eml", format!("From: a@example.com\r\nContent-Type: text/html\r\n\r\n{html}").into()),
        ("a.mht", format!("MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n{html}").into()),
        ("none", html.into()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attached_file_never_runs_as_a_script_of_ours() {
    let (site, told) = bare_site(true).await;
    world(&site.service).await;
    let app = &site.service.app;
    let id = posted(app, Posted::INCOMING).await;
    for (name, bytes) in active_files() {
        file(app, id, name, &bytes).await;
    }
    browse(&site, WIDE, async |browser| {
        browser.tell("Browser.setDownloadBehavior", json!({ "behavior": "deny" })).await;
        browser.open("/statements/1914").await;
        let links = browser.run("return [...document.querySelectorAll('.files a')].map((link) => link.getAttribute('href'))", Vec::new()).await;
        let links = links.as_array().expect("links").iter().filter_map(Value::as_str).map(str::to_owned);
        let (as_text, links): (Vec<String>, Vec<String>) = links.partition(|link| link.ends_with("/text"));
        assert_eq!(links.len(), active_files().len());
        assert!(!as_text.is_empty());
        for link in &as_text {
            // in a page of ours, where markup is text
            browser.open(link).await;
        }
        for link in &links {
            browser.open("/statements/1914").await;
            // as a script of the page
            let as_script = "return await new Promise((done) => {
                const script = document.createElement('script');
                script.onload = () => done('loaded');
                script.onerror = () => done('refused');
                script.src = given[0];
                document.body.append(script);
            })";
            assert_eq!(browser.run(as_script, vec![json!(link)]).await, json!("refused"), "{link}");
            // by its address: a download leaves the browser where it was
            let _ = browser.driver.goto(format!("{}{link}", site.url)).await;
            if browser.path().await != "/statements/1914" {
                assert_eq!(browser.run("return self.origin", Vec::new()).await, json!("null"), "{link} is shown outside of a sandbox");
                let shown = browser.run("return document.querySelectorAll('script, svg, img').length", Vec::new()).await;
                assert_eq!(shown, json!(0), "{link} is not shown as text");
            }
        }
    })
    .await;
    assert_eq!(told.load(Ordering::Relaxed), 0, "a file ran as a script");
}

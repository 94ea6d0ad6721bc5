//! Every page there is, with what a demonstration shows, for whoever may see it.

use liaison_tracker::demo;
use liaison_tracker::people::store as people;
use liaison_tracker::people::store::sessions;
use liaison_tracker::web::session::{Secret, cookie_name};
use serde_json::json;

use crate::recording::WORD;
use crate::shared::visitor::Visitor;
use crate::support::{Browser, Site};

/// A page, and who looks at it: an account's name before the @; empty: nobody.
pub struct Shown {
    pub name: &'static str,
    pub path: String,
    pub by: &'static str,
    /// A button that is pressed there first, in the form around it.
    pub press: &'static str,
}

/// The demonstration with its mails, drafts of every state, and links that work.
pub async fn demonstration() -> (Site, Vec<Shown>) {
    let site = Site::open("2026-03-02T09:00:00Z").await;
    demo::make(&site.service.app).await.expect("a demonstration");
    let pages = all(&site).await;
    (site, pages)
}

/// Somebody of the demonstration, signed in already.
pub async fn visitor(site: &Site, local: &str) -> Visitor {
    let mut visitor = site.service.visitor();
    if !local.is_empty() {
        visitor.cookies.insert(cookie_name(&site.service.app).to_owned(), session(site, local).await);
    }
    visitor
}

async fn session(site: &Site, local: &str) -> String {
    let app = &site.service.app;
    let secret = Secret::new().expect("randomness");
    let mut connection = app.pool.acquire().await.expect("a connection");
    let address = format!("{local}@demo.example");
    let person = people::find_by_address(&mut connection, &address).await.expect("people").unwrap_or_else(|| panic!("no {address}"));
    sessions::add(&mut connection, app.clock.now(), person, &secret.hash, "a test").await.expect("a session");
    secret.text
}

/// Makes the browser that of somebody of the demonstration, or of nobody.
pub async fn become_one(browser: &Browser, site: &Site, local: &str) {
    browser.tell("Network.clearBrowserCookies", json!({})).await;
    if !local.is_empty() {
        let value = session(site, local).await;
        let name = cookie_name(&site.service.app);
        browser.tell("Network.setCookie", json!({ "name": name, "value": value, "url": site.url, "httpOnly": true })).await;
    }
}

async fn draft(site: &Site, state: &str, title: &str) -> String {
    let id: String = sqlx::query_scalar("SELECT draft_id FROM statements WHERE state = $1 AND title LIKE $2 AND number IS NULL ORDER BY 1 LIMIT 1")
        .bind(state)
        .bind(format!("%{title}%"))
        .fetch_one(&site.service.app.pool)
        .await
        .unwrap_or_else(|error| panic!("{state} {title}: {error}"));
    format!("/statements/drafts/{id}")
}

pub async fn number(site: &Site, title: &str) -> String {
    let number: i32 = sqlx::query_scalar("SELECT number FROM statements WHERE title LIKE $1 AND state = 'posted' ORDER BY number DESC LIMIT 1")
        .bind(format!("%{title}%"))
        .fetch_one(&site.service.app.pool)
        .await
        .unwrap_or_else(|error| panic!("{title}: {error}"));
    format!("/statements/{number}")
}

/// A draft that can be submitted, with every warning that a file and a deadline can bring.
async fn with_warnings(site: &Site) -> String {
    let mut chair = visitor(site, "chair-nmop").await;
    chair.get("/statements/incoming/new").await;
    chair.attach("Files", "SG15-LS540.docx", WORD);
    let fields = [
        ("From", "ITU-T SG15"),
        ("To", "NMOP; SPRING"),
        ("Title", "LS on topology models and their profiles"),
        ("Purpose", "For Action"),
        ("Deadline", "5 March 2026"),
        ("Peer's reference", "SG15-LS533"),
    ];
    chair.submit("Continue to check", &fields).await;
    assert!(chair.page.path.ends_with("/submit"), "{}", chair.page.text);
    assert!(!chair.page.texts(".warning-list li").is_empty(), "{}", chair.page.text);
    chair.page.path.clone()
}

/// A report of an unrecorded statement, by somebody without a role.
async fn reported(site: &Site) -> String {
    let mut nobody = visitor(site, "nobody").await;
    nobody.get(liaison_tracker::urls::REPORT).await;
    nobody.attach("Files", "SG15-LS540.docx", WORD);
    nobody
        .submit("Report it", &[("What is it about?", "A letter of SG15"), ("Its text, or the whole mail", "Dear all,\n\nit came to our list.")])
        .await;
    nobody.assert_says("Reported.");
    nobody.page.path.clone()
}

/// A reply to a statement, drafted and submitted; the page of its draft.
async fn reply(site: &Site, number: &str, by: &str) -> String {
    let mut author = visitor(site, by).await;
    author.get(&format!("/statements/outgoing/new?in-response-to={}", number.trim_start_matches("/statements/"))).await;
    let fields = [
        ("Text", "Dear SG15,\r\n\r\nwe thank you for the models, and agree with clause 7.\r\n"),
        ("Consensus", "Group consensus"),
        ("Link to the consensus", "https://mail.example/arch/nmop/call"),
        ("Group informed on", "1 March 2026"),
    ];
    author.submit("Continue to check and submit", &fields).await;
    assert!(author.page.path.ends_with("/submit"), "{}", author.page.text);
    let draft = author.page.path.trim_end_matches("/submit").to_owned();
    author.submit("Submit for review", &[]).await;
    author.assert_status(200).assert_at(&draft);
    draft
}

/// The page of a contact that a group of a peer has.
async fn contact(site: &Site) -> String {
    sqlx::query_scalar(
        "SELECT '/groups/' || acronym || '/contacts/' || group_contact_id
           FROM group_contacts JOIN groups USING (group_id) WHERE NOT is_home ORDER BY group_contact_id LIMIT 1",
    )
    .fetch_one(&site.service.app.pool)
    .await
    .expect("a contact")
}

async fn links(site: &Site) -> Vec<Shown> {
    let service = &site.service;
    let mut shown = Vec::new();
    // the demonstration's own accounts get no links: this one is another's
    let carol = crate::shared::people::person(&service.app, "Carol Chair", "carol@people.example").await;
    let mut visitor = service.visitor();
    visitor.request_link(&carol.address).await;
    shown.push(page("sign-in link", service.mailed_link("sign-in-link", &carol.address).await, ""));
    visitor.request_reset(&carol.address).await;
    shown.push(page("password link", service.mailed_link("password-reset", &carol.address).await, ""));
    visitor.be(&service.app, &carol).await;
    visitor.get("/account").await;
    let fields = [("New e-mail address", "carol@elsewhere.example"), ("Your password", crate::shared::people::PASSWORD)];
    visitor.submit("Change address", &fields).await;
    shown.push(page("address link", service.mailed_link("address-change", "carol@elsewhere.example").await, ""));
    shown.push(page("a link that is gone", "/sign-in/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), ""));
    shown
}

fn page(name: &'static str, path: impl Into<String>, by: &'static str) -> Shown {
    Shown { name, path: path.into(), by, press: "" }
}

fn after(name: &'static str, path: impl Into<String>, by: &'static str, press: &'static str) -> Shown {
    Shown { name, path: path.into(), by, press }
}

/// What is done about a posted statement, and beside it.
async fn of_posted(site: &Site) -> Vec<Shown> {
    let files = number(site, "review of clause 7").await;
    let several = number(site, "three questions").await;
    let answered = number(site, "Reply on Network Digital Twin terminology").await;
    let action = format!("{files}/actions/nmop");
    vec![
        page("action", action.clone(), "chair-nmop"),
        page("action of a manager", action.clone(), "manager-itu-t"),
        page("action of somebody else", action.clone(), "chair-ccamp"),
        after("action, problems", action.clone(), "chair-nmop", "Record it"),
        page("action of one of several", format!("{several}/actions/spring"), "chair-spring"),
        page("receipt", format!("{files}/receipt"), "manager-itu-t"),
        page("edit metadata", format!("{files}/edit"), "manager-itu-t"),
        page("files", format!("{files}/files"), "coordinator"),
        after("files, problems", format!("{files}/files"), "coordinator", "Add it"),
        page("who may fetch a file", format!("{files}/files/1"), "coordinator"),
        page("take away", format!("{files}/take-away"), "secretariat"),
        after("take away, problems", format!("{files}/take-away"), "secretariat", "Take it away for good"),
        page("remove", format!("{files}/remove"), "secretariat"),
        after("remove, problems", format!("{files}/remove"), "secretariat", "Remove it"),
        page("file as text", format!("{files}/attachments/3/comments.txt/text"), ""),
        page("thread", format!("{answered}/thread"), ""),
        page("versions of a posted one", format!("{files}/versions"), "chair-nmop"),
        page("version of a posted one", format!("{files}/versions/1"), "chair-nmop"),
    ]
}

/// From *Reply* to the approval pages.
async fn of_reply(site: &Site) -> Vec<Shown> {
    let files = number(site, "review of clause 7").await;
    let number = files.trim_start_matches("/statements/").to_owned();
    let draft = reply(site, &files, "secretary-nmop").await;
    let held = self::draft(site, "in-review", "verifying conformance").await;
    vec![
        page("would a mail do", "/statements/outgoing/new", "chair-nmop"),
        page("new outgoing form", "/statements/outgoing/new?form=yes", "chair-nmop"),
        after("outgoing form, problems", "/statements/outgoing/new?form=yes", "chair-nmop", "Continue to check and submit"),
        page("reply form", format!("/statements/outgoing/new?in-response-to={number}"), "chair-nmop"),
        after("check page of a reply", format!("/statements/outgoing/new?in-response-to={number}"), "chair-nmop", "Continue to check and submit"),
        page("reply in review", draft.clone(), "secretary-nmop"),
        page("approval", format!("{draft}/review"), "ad-ops"),
        page("approval of a coordinator", format!("{draft}/review"), "coordinator"),
        page("approval, held, of a coordinator", format!("{held}/review"), "coordinator"),
        after("approval, problems", format!("{draft}/review"), "ad-ops", "Send decision"),
        page("enter", format!("{draft}/enter"), "coordinator"),
        page("desk of an Area Director", "/desk", "ad-ops"),
    ]
}

/// All pages; new ones are lines here.
async fn all(site: &Site) -> Vec<Shown> {
    let files = number(site, "review of clause 7").await;
    let several = number(site, "three questions").await;
    let late = number(site, "OTN synchronization").await;
    let in_review = draft(site, "in-review", "intent-based").await;
    let own = draft(site, "draft", "optical modules").await;
    let mail: i64 =
        sqlx::query_scalar("SELECT max(mail_id) FROM mails WHERE event = 'incoming-posted'").fetch_one(&site.service.app.pool).await.expect("a mail");
    let reported = reported(site).await;
    let mut pages = vec![
        page("home", "/", ""),
        page("home of a chair", "/", "chair-nmop"),
        page("list", "/statements", ""),
        page("list, filtered", "/statements?q=network&direction=incoming&organization=itu-t", ""),
        page("list, nothing found", "/statements?q=zzzzzz", ""),
        page("statement", files.clone(), ""),
        page("statement of a manager", files, "manager-itu-t"),
        page("statement for several", several, ""),
        page("statement, late", late, "chair-ccamp"),
        page("statement of old", "/statements/1914", ""),
        page("organizations", "/organizations", ""),
        page("organization", "/organizations/itu-t", ""),
        page("organization of a coordinator", "/organizations/3gpp", "coordinator"),
        page("group", "/groups/nmop", ""),
        page("relationships", "/relationships", ""),
        page("documents", "/documents", ""),
        page("document", "/documents/itu-t-x.85", ""),
        page("contacts", "/organizations/3gpp/contacts", "coordinator"),
        page("contacts from above", "/groups/etsi-isg-zsm/contacts", "chair-nmop"),
        page("how to send", "/groups/3gpp/sending", "coordinator"),
        page("help", "/help", ""),
        page("api", "/api", ""),
        page("not found", "/nowhere", ""),
        page("not allowed", "/administration/mail", "chair-nmop"),
        page("sign in", "/sign-in?next=%2Fdesk", ""),
        after("sign in, problems", "/sign-in", "", "Sign in"),
        page("forgotten password", "/password/forgotten", ""),
        after("forgotten password, problems", "/password/forgotten", "", "Mail me a link"),
        page("account", "/account", "chair-nmop"),
        page("account without a role", "/account", "nobody"),
        page("desk of a chair", "/desk", "chair-nmop"),
        page("desk of a manager", "/desk", "manager-itu-t"),
        page("desk of a coordinator", "/desk", "coordinator"),
        page("desk of nobody", "/desk", "nobody"),
        page("new form", "/statements/incoming/new", "chair-nmop"),
        after("form with problems", "/statements/incoming/new", "chair-nmop", "Continue to check"),
        page("report form", "/statements/unrecorded/new", "nobody"),
        after("report form, problems", "/statements/unrecorded/new", "nobody", "Report it"),
        page("report, by its reporter", reported.clone(), "nobody"),
        page("report, by a coordinator", reported, "coordinator"),
        page("receipts", "/organizations/itu-t/receipts", "manager-itu-t"),
        page("form of a draft", own.clone(), "chair-nmop"),
        after("form of a draft, problems", own.clone(), "chair-nmop", "Continue to check"),
        page("check page, to do", format!("{own}/submit"), "chair-nmop"),
        page("draft in review", in_review.clone(), "chair-nmop"),
        page("review", format!("{in_review}/review"), "manager-itu-t"),
        after("review, problems", format!("{in_review}/review"), "manager-itu-t", "Send decision"),
        page("draft given up", draft(site, "abandoned", "flexible grid").await, "chair-ccamp"),
        page("mail log", "/administration/mail", "secretariat"),
        page("mail", format!("/administration/mail/{mail}"), "secretariat"),
    ];
    pages.extend(of_posted(site).await);
    pages.extend(of_reply(site).await);
    pages.push(page("contact", contact(site).await, "coordinator"));
    for path in ["/versions", "/versions/1", "/differences?older=1&newer=1"] {
        pages.push(page("versions of a draft", format!("{own}{path}"), "chair-nmop"));
    }
    pages.push(page(
        "recorded like another",
        format!("/statements/incoming/new?like-draft={}", own.trim_start_matches("/statements/drafts/")),
        "chair-nmop",
    ));
    let check = with_warnings(site).await;
    pages.push(page("check page", check.clone(), "chair-nmop"));
    pages.push(after("check page, problems", check, "chair-nmop", "Submit for review"));
    pages.extend(links(site).await);
    pages
}

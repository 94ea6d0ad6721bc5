//! What an automatic check can find against accessibility, and what must be on the first screen of a phone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::pages::{Shown, become_one, demonstration, number, visitor};
use crate::support::{Browser, Look, PHONE, Site, WIDE, browse};

const AXE: &str = include_str!("axe.min.js");

/// Opens everything that is folded, and says what axe finds.
const CHECK: &str = "
    document.querySelectorAll('details').forEach((part) => { part.open = true; });
    document.querySelectorAll('[hidden].reveal').forEach((part) => { part.hidden = false; });
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const only = given[0].length ? { type: 'rule', values: given[0] } : { type: 'tag', values: tags };
    const result = await axe.run(document, { runOnly: only, resultTypes: ['violations'], elementRef: false });
    return result.violations.flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${rule.help}\\n      ${node.target.join(' ')}\\n      ${(node.failureSummary || '').replace(/\\n\\s*/g, ' ')}`));
";

/// What sticks out of a page to the side.
const OVERFLOW: &str = "
    document.querySelectorAll('details').forEach((part) => { part.open = true; });
    document.querySelectorAll('[hidden].reveal').forEach((part) => { part.hidden = false; });
    const width = given[0];
    if (document.documentElement.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll('*')].filter((part) => part.getBoundingClientRect().right > width + 0.5);
    return [`${document.documentElement.scrollWidth} pixels`, ...out.slice(0, 6).map((part) => part.outerHTML.slice(0, 120))];
";

fn lines(found: &Value) -> Vec<String> {
    found.as_array().expect("a list").iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

async fn show(browser: &Browser, page: &Shown) {
    browser.open(&page.path).await;
    if !page.press.is_empty() {
        browser.press(page.press).await;
    }
}

/// Goes through the pages with two looks of one width.
async fn without_violations(looks: [Look; 2]) {
    let (site, pages) = demonstration().await;
    let mut found = BTreeSet::new();
    let mut checked = 0;
    browse(&site, looks[0], async |browser| {
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": AXE })).await;
        browser.open("/help").await;
        browser.run("document.body.append(document.createElement('img'))", Vec::new()).await;
        assert!(lines(&browser.run(CHECK, vec![json!([])]).await).iter().any(|line| line.starts_with("image-alt")), "axe finds nothing");
        let mut by = "";
        for page in &pages {
            if page.by != by {
                become_one(browser, &site, page.by).await;
                by = page.by;
            }
            show(browser, page).await;
            // the second look differs in colours only
            for (look, rules) in [(looks[0], json!([])), (looks[1], json!(["color-contrast", "link-in-text-block"]))] {
                browser.look(look).await;
                for line in lines(&browser.run(CHECK, vec![rules]).await) {
                    let colours = if look.is_dark { "dark" } else { "light" };
                    found.insert(format!("{} ({}, {} pixels, {colours})\n    {line}", page.name, page.path, look.width));
                }
                checked += 1;
            }
            browser.look(looks[0]).await;
        }
        let draft = conflict(browser, &site).await;
        for path in ["", "/versions", "/versions/1", "/differences?older=1&newer=2"] {
            if !path.is_empty() {
                browser.open(&format!("{draft}{path}")).await;
            }
            let here = lines(&browser.run(CHECK, vec![json!([])]).await);
            let out = lines(&browser.run(OVERFLOW, vec![json!(looks[0].width)]).await);
            for line in here.iter().chain(&out) {
                found.insert(format!("conflict page{path} ({} pixels)\n    {line}", looks[0].width));
            }
        }
    })
    .await;
    assert!(found.is_empty(), "{} violations in {checked} views:\n{}", found.len(), found.into_iter().collect::<Vec<_>>().join("\n"));
    println!("{checked} views of {} pages without a violation", pages.len() + 1);
}

/// Two edit one draft: the second sees both texts. Gives the draft's page.
async fn conflict(browser: &Browser, site: &Site) -> String {
    let path: String = sqlx::query_scalar(
        "SELECT '/statements/drafts/' || draft_id FROM statements WHERE state = 'draft' AND title LIKE '%models and their profiles%'",
    )
    .fetch_one(&site.service.app.pool)
    .await
    .expect("a draft");
    become_one(browser, site, "chair-nmop").await;
    browser.open(&path).await;
    let mut other = visitor(site, "manager-itu-t").await;
    other.get(&path).await;
    other.submit("Save draft", &[("Title", "LS on models, as the manager has it"), ("Text", "The other's text.")]).await;
    browser.fill("Text", "My text.").await;
    browser.press("Save draft").await;
    browser.assert_says("Liaison Manager for ITU-T saved this draft").await;
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_violates_a_rule_of_axe_at_a_desk() {
    without_violations([WIDE, Look { is_dark: true, ..WIDE }]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_violates_a_rule_of_axe_on_a_phone() {
    without_violations([PHONE, Look { is_dark: true, ..PHONE }]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_sticks_out_at_320_pixels_and_no_link_leads_nowhere() {
    let (site, pages) = demonstration().await;
    let mut found = Vec::new();
    browse(&site, Look { width: 320, ..PHONE }, async |browser| {
        let mut by = "";
        let mut links = BTreeSet::new();
        for page in &pages {
            if page.by != by {
                become_one(browser, &site, page.by).await;
                by = page.by;
            }
            show(browser, page).await;
            let out = lines(&browser.run(OVERFLOW, vec![json!(320)]).await);
            if !out.is_empty() {
                found.push(format!("{} ({}): {}", page.name, page.path, out.join("\n    ")));
            }
            let here = browser.run("return [...document.links].map((link) => link.getAttribute('href'))", Vec::new()).await;
            links.extend(lines(&here).into_iter().filter(|link| link.starts_with('/')).map(|link| (page.by, link)));
        }
        for (by, link) in links {
            let mut visitor = visitor(&site, by).await;
            visitor.follows = false;
            let status = visitor.get(&link).await.status;
            if status.is_client_error() || status.is_server_error() {
                found.push(format!("a link to {link} for {by:?}: {status}"));
            }
        }
    })
    .await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phones_first_screen_holds_the_title_and_what_is_asked() {
    let (site, pages) = demonstration().await;
    let statement = number(&site, "review of clause 7").await;
    let review = &pages.iter().find(|page| page.name == "review").expect("the review page").path;
    browse(&site, PHONE, async |phone| {
        let cases = [
            ("manager-itu-t", statement.as_str(), "h1, .status-box > p:first-of-type, .status-box .button"),
            ("chair-nmop", "/desk", "h1, .desk > li:first-child .button"),
            ("manager-itu-t", "/desk", "h1, .desk > li:first-child .button"),
            ("manager-itu-t", review.as_str(), "h1, .status-box .button"),
        ];
        for (by, path, css) in cases {
            become_one(phone, &site, by).await;
            phone.open(path).await;
            let script = "return [...document.querySelectorAll(given[0])].map((part) => part.getBoundingClientRect().bottom)";
            let bottoms = phone.run(script, vec![json!(css)]).await;
            let bottoms: Vec<f64> = bottoms.as_array().expect("a list").iter().filter_map(Value::as_f64).collect();
            assert!(bottoms.len() >= 2 && bottoms.iter().all(|bottom| *bottom <= 740.0), "{path} for {by}: {css} end at {bottoms:?}");
        }
    })
    .await;
}

/// Where the title (where something is wrong: its summary's), the sentence that says where it stands, and what is done first end.
/// Of a field that is its first line; whoever only reads has nothing to do.
const FIRST_SCREEN: &str = "
    const shown = (part) => part.getClientRects().length > 0 && part.getBoundingClientRect().width > 2;
    const title = [...document.querySelectorAll('main .problem-summary h2, main h1')].find(shown);
    if (!title) return [['no title', 9999]];
    const status = [...document.querySelectorAll('main .status-box > p:first-of-type')].find(shown);
    const steps = ['.problem-summary a', '.status-box a', '.status-box summary', '.summary-list a', '.line-list a[href^=\"#\"]', '.mail-preview summary',
        '.filter-menu > summary', '.button', '.button-second', 'button:not([aria-hidden])', 'input:not([type=hidden])', 'textarea', 'select'];
    const action = [...document.querySelectorAll(steps.map((step) => `main ${step}`).join(', '))].find(shown);
    const ends = (part) => {
        const { top, bottom } = part.getBoundingClientRect();
        return [part.outerHTML.slice(0, 90), window.scrollY + (part.localName === 'textarea' ? top + 44 : bottom)];
    };
    return [title, status, action].filter((part) => part).map(ends);
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn title_status_and_first_step_of_every_page_are_on_a_phones_first_screen() {
    let (site, pages) = demonstration().await;
    let mut found = Vec::new();
    browse(&site, PHONE, async |phone| {
        let mut by = "";
        for page in &pages {
            if page.by != by {
                become_one(phone, &site, page.by).await;
                by = page.by;
            }
            show(phone, page).await;
            for line in phone.run(FIRST_SCREEN, Vec::new()).await.as_array().expect("a list") {
                let bottom = line[1].as_f64().expect("a place");
                if bottom > 740.0 {
                    found.push(format!("{} ({}, {}): {bottom} {}", page.name, page.path, page.by, line[0]));
                }
            }
        }
    })
    .await;
    assert!(found.is_empty(), "{} of {} pages:\n{}", found.len(), pages.len(), found.join("\n"));
}

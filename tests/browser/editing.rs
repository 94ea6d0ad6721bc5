//! Two who edit at once, in browsers: saved while one types, told of each other, merged without any script.

use serde_json::json;

use crate::shared::people::{World, world};
use crate::shared::visitor::Visitor;
use crate::support::{Browser, PHONE, PLAIN, Site, WIDE, browse, wait_until};

const TODAY: &str = "2026-03-02T14:01:00Z";

async fn draft(site: &Site, world: &World) -> (Visitor, String) {
    let mut chair = site.service.as_person(&world.chair).await;
    chair.get("/statements/incoming/new").await;
    let fields = [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "On wires"), ("Purpose", "For Information"), ("Text", "one\ntwo")];
    chair.submit("Save draft", &fields).await;
    let path = chair.page.path.clone();
    (chair, path)
}

async fn said(browser: &Browser, id: &str) -> String {
    browser.run("return document.getElementById(given[0]).textContent", vec![json!(id)]).await.as_str().unwrap_or_default().to_owned()
}

async fn count(site: &Site, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&site.service.app.pool).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_types_is_saved_when_one_pauses_and_survives_the_browser() {
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    let draft = browse(&site, WIDE, async |chair| {
        chair.sign_in(&world.chair).await;
        chair.open("/statements/incoming/new").await;
        chair.fill("Title", "Typed and never sent").await;
        chair.fill("Text", "a first line").await;
        wait_until("the first save", async || said(chair, "autosave").await == "Saved 14:01").await;
        // the page is the draft's from now on
        assert!(chair.path().await.starts_with("/statements/drafts/"), "{}", chair.path().await);
        site.service.set_time("2026-03-02T14:02:00Z");
        chair.fill("Text", "a first line, and more").await;
        wait_until("the second save", async || said(chair, "autosave").await == "Saved 14:02").await;
        // leaving asks nothing: all is saved
        let draft = chair.path().await;
        chair.open("/desk").await;
        draft
    })
    .await;
    assert_eq!(count(&site, "SELECT count(*) FROM statement_versions").await, 1, "each takes the place of the last");
    assert_eq!(count(&site, "SELECT count(*) FROM statements").await, 1);

    browse(&site, PHONE, async |again| {
        again.sign_in(&world.chair).await;
        again.open(&draft).await;
        let value = again.run("return document.getElementById('body').value", Vec::new()).await;
        assert_eq!(value, json!("a first line, and more"));
        // a page that is hidden saves at once
        again.fill("Title", "Hidden").await;
        let hide =
            "Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange'));";
        again.run(hide, Vec::new()).await;
        wait_until("the save of the hidden page", async || count(&site, "SELECT count(*) FROM statements WHERE title = 'Hidden'").await == 1).await;
        // and its own button meets no conflict
        again.press("Save draft").await;
        again.assert_says("Draft saved at").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_saved_stays_in_the_page_and_is_said() {
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    let (mut other, path) = draft(&site, &world).await;
    browse(&site, WIDE, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.open(&path).await;
        // somebody else's version is never saved over
        other.submit("Save draft", &[("Text", "theirs")]).await;
        manager.fill("Text", "mine").await;
        wait_until("the word of it", async || said(manager, "autosave").await.contains("Carol Chair saved this draft elsewhere at 14:01")).await;
        assert_eq!(count(&site, "SELECT count(*) FROM statement_versions WHERE form ->> 'body' = 'mine'").await, 0);
        manager.press("Save draft").await;
        manager.assert_says("Carol Chair saved this draft while you were editing").await;
        manager.press("Save the merged version").await;
        manager.assert_says("Draft saved at").await;
        // a session that ended takes nothing away
        sqlx::query("DELETE FROM sessions").execute(&site.service.app.pool).await.expect("ended");
        manager.fill("Title", "Typed after the end").await;
        wait_until("the word of it", async || said(manager, "autosave").await.contains("not signed in any more")).await;
        let value = manager.run("return document.getElementById('title').value", Vec::new()).await;
        assert_eq!(value, json!("Typed after the end"));
        manager.run("window.onbeforeunload = null", Vec::new()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_told_quietly_that_the_other_has_it_open() {
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    let (_, path) = draft(&site, &world).await;
    browse(&site, WIDE, async |chair| {
        chair.sign_in(&world.chair).await;
        chair.open(&path).await;
        wait_until("a sign", async || count(&site, "SELECT count(*) FROM draft_openings").await == 1).await;
        browse(&site, PHONE, async |manager| {
            manager.sign_in(&world.manager_itu_t).await;
            manager.open(&path).await;
            wait_until("the notice", async || said(manager, "editing").await == "Carol Chair is editing too (since 14:01)").await;
            // where the other comes back to the page, it is told at once
            chair.run("document.dispatchEvent(new Event('visibilitychange'))", Vec::new()).await;
            wait_until("the notice", async || said(chair, "editing").await == "Ivo Manager is editing too (since 14:01)").await;
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_script_two_who_save_are_merged_and_versions_compared() {
    let site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    let (mut other, path) = draft(&site, &world).await;
    browse(&site, PLAIN, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.open(&path).await;
        manager.assert_says("Carol Chair saved it at 14:01").await;
        manager.fill("Text", "one\ntwo\nthree").await;
        other.submit("Save draft", &[("Title", "On long wires")]).await;

        manager.press("Save draft").await;

        manager.assert_says("Carol Chair saved this draft while you were editing").await;
        manager.assert_says("Nothing is lost: both are in Versions").await;
        manager.press("Save the merged version").await;
        manager.assert_at(&path).await;
        manager.follow("Versions").await;
        manager.press("Show what differs").await;
        manager.assert_says("From version").await;
        manager.follow("All versions").await;
        for version in ["Version 1", "Version 2", "Version 3", "Version 4"] {
            manager.assert_says(version).await;
        }
    })
    .await;
    let newest: (String, String) = sqlx::query_as("SELECT form ->> 'title', form ->> 'body' FROM statement_versions ORDER BY version DESC LIMIT 1")
        .fetch_one(&site.service.app.pool)
        .await
        .expect("a version");
    assert_eq!(newest, ("On long wires".to_owned(), "one\r\ntwo\r\nthree".to_owned()));
}

//! The visitor sends what a browser sends.

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Html;
use axum::routing::{get, post};

use crate::support::visitor::Visitor;

const PAGE: &str = r#"<!doctype html><title>t</title><body><h1>Form</h1>
<form method="post" action="/other"><button>Save</button></form>
<form method="post" action="/sent?kept=1#errors">
<input type="hidden" name="hidden" value="h&amp;1">
<label for="title">Title</label><span class="hint">small print</span><input id="title" name="title" value="old">
<label for="text">Text <span class="hint">as it is</span></label><textarea id="text" name="text">
one
two</textarea>
<fieldset><legend>Purpose</legend>
<input type="radio" id="purpose-a" name="purpose" value="a" checked><label for="purpose-a">For Action</label>
<input type="radio" id="purpose-i" name="purpose" value="i"><label for="purpose-i">For Information <span class="hint">No answer</span></label>
</fieldset>
<fieldset><legend>Topics</legend>
<label><input type="checkbox" name="topic" value="mpls" checked> MPLS</label>
<label><input type="checkbox" name="topic" value="srv6"> SRv6</label>
</fieldset>
<label for="kind">Kind</label><select id="kind" name="kind"><option value="1">One</option><option value="2" selected>Two</option></select>
<input name="off" value="x" disabled>
<button name="do" value="save">Save</button><button name="do" value="check">Check<span class="visually-hidden"> it</span></button>
</form>
<form method="post" action="/sent" enctype="multipart/form-data"><label for="file">Add a file</label><input id="file" name="file" type="file" multiple>
<label for="name">Name</label><input id="name" name="name"><button>Upload</button></form>
<form action="/found"><label for="q">Search</label><input id="q" name="q"><button>Find</button></form>
<a href="/found?q=a">A link</a>"#;

fn visitor() -> Visitor {
    let router = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route(
            "/sent",
            post(|headers: HeaderMap, body: Bytes| async move { format!("{:?}\n{}", headers["content-type"], String::from_utf8_lossy(&body)) }),
        )
        .route("/found", get(|uri: axum::http::Uri| async move { uri.to_string() }))
        .route("/twice", get(|| async { Html("<p id=a></p><p id=a></p>") }));
    Visitor::new(router)
}

#[tokio::test]
async fn a_form_is_sent_as_the_page_has_it() {
    let mut visitor = visitor();
    visitor.get("/").await;

    visitor.submit("Save", &[("Title", "new")]).await;

    let body = visitor.page.text.lines().nth(1).expect("a body").to_owned();
    assert_eq!(body, "hidden=h%261&title=new&text=one%0D%0Atwo&purpose=a&topic=mpls&kind=2&do=save");
}

#[tokio::test]
async fn choices_are_made_by_their_labels() {
    let mut visitor = visitor();
    visitor.get("/").await;

    let choices = [("Purpose", "For Information"), ("Topics", "SRv6"), ("MPLS", "no"), ("Kind", "One"), ("Text", "a\nb")];
    visitor.submit("Check", &choices).await;

    let body = visitor.page.text.lines().nth(1).expect("a body").to_owned();
    assert_eq!(body, "hidden=h%261&title=old&text=a%0D%0Ab&purpose=i&topic=srv6&kind=1&do=check");
}

#[tokio::test]
async fn files_are_sent_in_parts() {
    let mut visitor = visitor();
    visitor.get("/").await;
    visitor.submit("Upload", &[]).await;
    assert!(visitor.page.text.contains("name=\"file\"; filename=\"\""), "{}", visitor.page.text);

    visitor.get("/").await;
    visitor.attach("Add a file", "a \"b\".txt", b"one");
    visitor.attach("Add a file", "c.txt", b"two");
    visitor.submit("Upload", &[("Name", "é")]).await;
    assert!(
        visitor.page.text.contains("filename=\"a %22b%22.txt\"\r\nContent-Type: application/octet-stream\r\n\r\none\r\n"),
        "{}",
        visitor.page.text
    );
    assert!(visitor.page.text.contains("filename=\"c.txt\""));
    assert!(!visitor.page.text.contains("filename=\"\""));
    assert!(visitor.page.text.contains("name=\"name\"\r\n\r\né\r\n"));
}

#[tokio::test]
async fn links_and_searches_are_followed() {
    let mut visitor = visitor();
    visitor.get("/").await;
    visitor.submit("Find", &[("Search", "a b")]).await;
    assert_eq!(visitor.page.text, "/found?q=a+b");
    visitor.get("/").await;
    visitor.click("A link").await;
    assert_eq!(visitor.page.text, "/found?q=a");
}

#[tokio::test]
#[should_panic(expected = "the id “a” stands twice")]
async fn a_page_with_an_id_twice_is_refused() {
    visitor().get("/twice").await;
}

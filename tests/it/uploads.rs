//! Forms that bring files (robustness.md UP02, UP03, UP06).

use std::convert::Infallible;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures_util::StreamExt as _;
use liaison_tracker::App;
use liaison_tracker::statements::pages::upload::FormWithFiles;
use liaison_tracker::statements::store::files;

use crate::support::{TestService, clock, service_with};

const BOUNDARY: &str = "----boundary7MA4YWxk";
const LIMIT: usize = 1_000_000;

async fn service() -> TestService {
    service_with(clock("2026-11-04T10:00:00Z"), &[("LIAISON_MAX_FILE_BYTES", "1000000")]).await
}

fn text(name: &str, value: &[u8]) -> Vec<u8> {
    [format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(), value, b"\r\n"].concat()
}

fn file(name: &str, file_name: &str, value: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), value, b"\r\n"].concat()
}

fn end() -> Vec<u8> {
    format!("--{BOUNDARY}--\r\n").into_bytes()
}

async fn read(app: &App, bytes: Vec<u8>) -> FormWithFiles {
    let pieces: Vec<Result<Bytes, Infallible>> = bytes.chunks(16_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    read_body(app, Body::from_stream(futures_util::stream::iter(pieces))).await
}

async fn read_body(app: &App, body: Body) -> FormWithFiles {
    let request = Request::post("/").header("content-type", format!("multipart/form-data; boundary={BOUNDARY}")).body(body).expect("a request");
    FormWithFiles::read(app, request).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn files_held(app: &App) -> (i64, i64) {
    sqlx::query_as("SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM file_chunks)").fetch_one(&app.pool).await.expect("counts")
}

fn messages(form: &FormWithFiles) -> Vec<(&str, &str)> {
    form.problems.iter().map(|problem| (problem.field.as_str(), problem.message.as_str())).collect()
}

#[tokio::test]
async fn a_form_gives_its_fields_in_order_and_its_files_by_field() {
    let service = service().await;
    let parts = [
        text("title", "Grüße\r\n\t".as_bytes()),
        text("group", b"wire"),
        file("file", "LS412.pdf", b"%PDF-1.7"),
        text("group", b"mesh"),
        file("other", "", b""),
        file("file", "LS412.pdf", b"%PDF-1.7"),
        end(),
    ];

    let form = read(&service.app, parts.concat()).await;

    assert!(form.is_complete && form.problems.is_empty());
    assert_eq!(form.text("title"), "Grüße\r\n\t");
    assert_eq!(form.texts("group").collect::<Vec<_>>(), ["wire", "mesh"]);
    assert_eq!(form.text("none"), "");
    let files: Vec<_> = form.files.iter().map(|(field, stored)| (field.as_str(), stored.file_name.as_str(), stored.format_name.as_str())).collect();
    assert_eq!(files, [("file", "LS412.pdf", "PDF"), ("file", "LS412.pdf", "PDF")]);
    assert_ne!(form.files[0].1.file_id, form.files[1].1.file_id);
}

#[tokio::test]
async fn a_form_without_files_is_read_as_well() {
    let service = service().await;
    let request = Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("title=A+b&group=x&group=y%26"))
        .expect("a request");

    let form = FormWithFiles::read(&service.app, request).await.expect("a form");

    assert!(form.is_complete);
    assert_eq!((form.text("title"), form.texts("group").collect::<Vec<_>>()), ("A b", vec!["x", "y&"]));
}

#[tokio::test]
async fn the_limit_holds_to_the_byte_and_leaves_the_rest_of_the_form_as_typed() {
    let service = service().await;
    let app = &service.app;
    for (size, is_kept) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false), (3 * LIMIT, false)] {
        let before = files_held(app).await;

        let form = read(app, [text("title", b"first"), file("file", "LS412.zip", &vec![7; size]), text("body", b"last"), end()].concat()).await;

        assert!(form.is_complete, "{size}");
        assert_eq!((form.text("title"), form.text("body")), ("first", "last"), "{size}");
        assert_eq!(form.files.len(), usize::from(is_kept), "{size}");
        if !is_kept {
            let words = "The selected file must be smaller than 1 MB – \"LS412.zip\" is larger. You can give a link instead";
            assert_eq!(messages(&form), [("file", words)]);
            assert_eq!(files_held(app).await, before, "something of {size} bytes stays");
        }
    }
}

#[tokio::test]
async fn an_empty_file_is_refused_by_its_name() {
    let service = service().await;

    let form = read(&service.app, [file("file", "LS412.pdf", b""), text("body", b"kept"), end()].concat()).await;

    assert_eq!(messages(&form), [("file", "\"LS412.pdf\" is empty")]);
    assert_eq!((form.is_complete, form.text("body"), form.files.len()), (true, "kept", 0));
    assert_eq!(files_held(&service.app).await, (0, 0));
}

#[tokio::test]
async fn ten_thousand_parts_give_back_what_was_read_and_say_so() {
    let service = service().await;
    for part in [text("a", b"1"), file("file", "", b"")] {
        let form = read(&service.app, [text("title", b"kept"), part.repeat(10_000), end()].concat()).await;

        assert!(!form.is_complete);
        assert_eq!(form.text("title"), "kept");
        assert_eq!(messages(&form), [("file", "The form has more than 2000 fields and files. Leave some out")]);
    }
}

#[tokio::test]
async fn more_than_fifty_files_are_a_problem_and_fifty_are_kept() {
    let service = service().await;

    let form = read(&service.app, [file("file", "a.txt", b"text").repeat(60), text("title", b"kept"), end()].concat()).await;

    assert_eq!((form.files.len(), form.is_complete, form.text("title")), (50, true, "kept"));
    assert_eq!(messages(&form), [("file", "At most 50 files can be added at once. Add the others after these")]);
}

#[tokio::test]
async fn files_without_a_name_count_as_others_do_and_fields_without_a_file_do_not() {
    let service = service().await;
    let parts = [file("file", "", b"").repeat(100), file("file", "", b"text").repeat(60), file("file", "", b""), text("title", b"kept"), end()];

    let form = read(&service.app, parts.concat()).await;

    assert_eq!((form.files.len(), form.is_complete, form.text("title")), (50, true, "kept"));
    assert_eq!(messages(&form), [("file", "At most 50 files can be added at once. Add the others after these")]);
}

#[tokio::test]
async fn fields_of_a_form_without_files_are_counted_as_well() {
    let service = service().await;
    let request = Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("title=kept&{}", "a=1&".repeat(10_000))))
        .expect("a request");

    let form = FormWithFiles::read(&service.app, request).await.expect("a form");

    assert_eq!((form.is_complete, form.fields.len(), form.text("title")), (false, 2_000, "kept"));
    assert_eq!(messages(&form), [("file", "The form has more than 2000 fields and files. Leave some out")]);
}

/// A body that is made while it is read, so that the test itself holds little.
fn endless(head: Vec<u8>, piece: usize, pieces: usize, tail: Vec<u8>) -> Body {
    let stream = futures_util::stream::iter(0..pieces + 2).map(move |n| {
        let bytes = match n {
            0 => Bytes::from(head.clone()),
            n if n <= pieces => Bytes::from(vec![b'x'; piece]),
            _ => Bytes::from(tail.clone()),
        };
        Ok::<_, Infallible>(bytes)
    });
    Body::from_stream(stream)
}

#[tokio::test]
async fn a_text_field_of_64_mebibytes_is_a_problem_of_its_own_and_never_taken_for_whole() {
    let service = service().await;
    let mut head = text("title", b"kept");
    head.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n").as_bytes());

    let form = read_body(&service.app, endless(head.clone(), 65_536, 30, [b"\r\n".to_vec(), text("after", b"y"), end()].concat())).await;
    assert!(form.is_complete, "almost 2 MB of text are fine");

    let form = read_body(&service.app, endless(head.clone(), 65_536, 100, [b"\r\n".to_vec(), text("after", b""), end()].concat())).await;
    assert!(!form.is_complete);
    assert_eq!(form.text("title"), "kept");
    assert_eq!(messages(&form), [("body", "The form holds more text than can be kept: 2 MB in all. Shorten it, or attach it as a file")]);

    let form = read_body(&service.app, endless(head, 65_536, 1_024, end())).await;
    assert!(!form.is_complete);
    assert!(form.text("body").len() <= 2_000_000);
}

#[tokio::test]
async fn all_bytes_together_are_bounded() {
    let service = service().await;
    let mut large = file("file", "large.bin", b"");
    large.truncate(large.len() - 2);
    let head = [text("title", b"kept"), file("file", "a.bin", &[1; 1000]), large].concat();

    let form = read_body(&service.app, endless(head, 65_536, 1_000_000, end())).await;

    assert!(!form.is_complete);
    assert_eq!((form.text("title"), form.files.len()), ("kept", 1));
    let words = "All files of a form together must be smaller than 8 MB. Add some of them, save, then add the others";
    assert_eq!(messages(&form).last(), Some(&("file", words)));
    assert_eq!(form.problems.iter().count(), 2);
}

#[tokio::test]
async fn headers_of_a_part_that_never_end_are_not_kept() {
    let service = service().await;
    let head = [text("title", b"kept"), format!("--{BOUNDARY}\r\nX-Long: ").into_bytes()].concat();

    let form = read_body(&service.app, endless(head, 65_536, 60, end())).await;

    assert!(!form.is_complete);
    assert_eq!(form.text("title"), "kept");
    assert_eq!(messages(&form), [("file", "The upload broke off before its end. Choose the files again")]);
}

#[tokio::test]
async fn an_upload_cut_at_any_point_leaves_nothing_of_its_file() {
    let service = service().await;
    let app = &service.app;
    let whole = [text("title", b"kept"), file("file", "a.bin", &vec![3; 900_000]), end()].concat();
    for tenth in 0..10 {
        let mut form = read(app, whole[..whole.len() * tenth / 10].to_vec()).await;

        assert!(!form.is_complete, "{tenth}");
        assert_eq!(form.text("title"), if tenth == 0 { "" } else { "kept" });
        form.discard(app).await;
        assert_eq!(files_held(app).await, (0, 0), "{tenth}");
    }
}

#[tokio::test]
async fn what_a_crash_left_is_swept_away_and_nothing_else() {
    let service = service().await;
    let app = &service.app;
    let id = files::begin(&app.pool, app.clock.now()).await.expect("a file");
    files::add_chunk(&app.pool, id, 0, b"half").await.expect("a chunk");
    assert_eq!(files::sweep(&app.pool, app.clock.now()).await.expect("a sweep"), 0);

    service.set_time("2026-11-06T10:00:00Z");
    let swept = files::sweep(&app.pool, app.clock.now() - chrono::Days::new(1)).await.expect("a sweep");

    assert_eq!((swept, files_held(app).await), (1, (0, 0)));
}

#[tokio::test]
async fn text_that_is_no_text_is_a_problem_and_never_taken_for_whole() {
    let service = service().await;

    let form = read(&service.app, [text("title", b"\xff\xfe"), text("body", b"kept"), end()].concat()).await;

    assert!(!form.is_complete);
    assert_eq!(form.text("body"), "kept");
    assert_eq!(messages(&form), [("title", "The text holds bytes that are no characters. Copy it again")]);
}

#[tokio::test]
async fn no_nul_comes_through_a_form_with_files_or_without() {
    let service = service().await;
    let request =
        Request::post("/").header("content-type", "application/x-www-form-urlencoded").body(Body::from("ti%00tle=A%00b")).expect("a request");

    let form = read(&service.app, [text("title", b"A\0b"), end()].concat()).await;
    let plain = FormWithFiles::read(&service.app, request).await.expect("a form");

    let title = [("title".to_owned(), "Ab".to_owned())];
    assert_eq!((form.fields.as_slice(), plain.fields.as_slice()), (title.as_slice(), title.as_slice()));
    // the name of a part stands in a header, which no NUL can
    for part in [text("ti\0tle", b"A"), file("fi\0le", "a.txt", b"x"), file("file", "a\0.txt", b"x")] {
        let form = read(&service.app, [part, end()].concat()).await;
        assert!(!form.is_complete && form.fields.is_empty() && form.files.is_empty());
    }
}

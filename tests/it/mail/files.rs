//! Mails with files: they arrive byte for byte, or their text says where they are.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use liaison_tracker::mail::{MailedAttachment, files_that_fit};
use liaison_tracker::statements::attachments;
use mail_parser::{MessageParser, MimeHeaders};

use super::*;
use crate::support::people;
use crate::support::smtp::{Mode, Received, Stage};

const TEXT: &str = "The statement.\n\nFiles:\nslides.pdf\nhttps://liaison.example.org/statements/1/attachments/1/slides.pdf\n";
const LEFT_BEHIND: &str = "\n\nThe files were too large for the receiving server; the links above lead to them.\n";

/// Bytes without pattern, the same each time.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 2_463_534_242_u32;
    (0..size)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[1]
        })
        .collect()
}

/// A stored file.
async fn stored(app: &App, name: &str, bytes: &[u8]) -> MailedAttachment {
    let all = stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(bytes))]);
    let stored = attachments::receive(&app.pool, app.clock.now(), name, all, 100_000_000).await.unwrap();
    MailedAttachment { file_id: stored.file_id, file_name: name.to_owned(), media_type: stored.media_type, size: stored.size }
}

/// A mail to these, with that text and these files.
fn letter(to: &[&str], files: Vec<MailedAttachment>) -> Message {
    Message { body: TEXT.to_owned(), files, ..message(to) }
}

/// Text, and each file's name and bytes, as a mail program reads them.
fn read(mail: &Received) -> (String, Vec<(String, Vec<u8>)>) {
    let parsed = MessageParser::default().parse(mail.data.as_bytes()).unwrap();
    let files = parsed.attachments().map(|part| (part.attachment_name().unwrap_or_default().to_owned(), part.contents().to_vec())).collect();
    (parsed.body_text(0).unwrap().replace("\r\n", "\n"), files)
}

/// robustness.md SM08
#[tokio::test]
async fn files_arrive_byte_for_byte_under_their_names() {
    let long = format!("{}end.txt", "long name ".repeat(24));
    let sent: Vec<(&str, &str, Vec<u8>)> = vec![
        ("report.docx", "report.docx", [b"PK\x03\x04\x14\0\x06\0word/document.xml".as_slice(), &noise(40_000)].concat()),
        ("slides.pdf", "slides.pdf", [b"%PDF-1.7\n".as_slice(), &noise(600_000)].concat()),
        ("noise.bin", "noise.bin", vec![0xff; 5_000]),
        ("联络声明 附件一.pdf", "联络声明 附件一.pdf", b"%PDF-1.4\n".to_vec()),
        ("a \"quoted\" \\ name.txt", "a \"quoted\" \\ name.txt", b".\r\n..\nFrom here\n\n.\n".to_vec()),
        ("x.txt\r\nBcc: evil@example.net\r\n\r\n.txt", "x.txt  Bcc: evil@example.net    .txt", b"no line break at the end".to_vec()),
        ("mail.eml", "mail.eml", b"From: a@example.org\nSubject: x\n\nText\n".to_vec()),
        ("page.html", "page.html", "<!DOCTYPE html><p>Gr\u{fc}\u{df}e</p>\n".as_bytes().to_vec()),
        (&long, &long, vec![0]),
    ];
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let mut files = Vec::new();
    for (name, _, bytes) in &sent {
        files.push(stored(&service.app, name, bytes).await);
    }
    queue(&service.app, &letter(&["a@example.org"], files_that_fit(&service.app.config, &files))).await;

    drain(&service.app).await;

    let received = server.received();
    let mail = &received[0];
    assert!(mail.data.is_ascii());
    assert!(mail.data.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
    let (text, files) = read(mail);
    assert_eq!(text, TEXT);
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, sent.iter().map(|(_, arrives, _)| *arrives).collect::<Vec<_>>());
    for ((name, bytes), (.., as_sent)) in files.iter().zip(&sent) {
        assert!(bytes == as_sent, "{name}: {} bytes of {}", bytes.len(), as_sent.len());
    }
    let parsed = MessageParser::default().parse(mail.data.as_bytes()).unwrap();
    assert!(parsed.bcc().is_none());
    assert!(parsed.parts[1..].iter().all(|part| part.content_disposition().is_none_or(|disposition| disposition.is_attachment())));
    assert_eq!(deliveries(&service.app).await[0].words, "250 taken");
}

#[tokio::test]
async fn each_attempt_sends_the_same_bytes() {
    let server = SmtpServer::start().await;
    server.set(Mode::DropAfterDot);
    let service = service(&server, &[]).await;
    let file = stored(&service.app, "slides.pdf", &noise(300_000)).await;
    queue(&service.app, &letter(&["a@example.org"], vec![file])).await;

    drain(&service.app).await;
    server.set(Mode::Ok);
    pass(&service.app, 1);
    drain(&service.app).await;

    let received = server.received();
    assert_eq!(received.len(), 2);
    assert!(received[0].data == received[1].data);
    assert_eq!(states(&service.app).await, ["accepted"]);
}

/// robustness.md SM08
#[tokio::test]
async fn files_too_large_for_the_server_stay_here_and_the_text_says_so() {
    let big = noise(60_000);
    for mode in [Mode::Size(20_000), Mode::Limit(20_000)] {
        let server = SmtpServer::start().await;
        server.set(mode.clone());
        let service = service(&server, &[]).await;
        let files = vec![stored(&service.app, "slides.pdf", &big).await, stored(&service.app, "notes.txt", b"notes").await];
        let mail = queue(&service.app, &letter(&["a@example.org"], files)).await;
        let small = vec![stored(&service.app, "notes.txt", b"notes").await];
        queue(&service.app, &letter(&["b@example.org"], small)).await;
        queue(&service.app, &message(&["c@example.org"])).await;

        drain(&service.app).await;

        let received = server.received();
        let (text, files) = read(&received[0]);
        assert_eq!((text, files.len()), (format!("{}{LEFT_BEHIND}", TEXT.trim_end()), 0), "{mode:?}");
        let (text, files) = read(&received[1]);
        assert_eq!((text.as_str(), files.len()), (TEXT, 1), "{mode:?}");
        assert_eq!(received.len(), 3);
        assert_eq!(states(&service.app).await, ["accepted"; 3], "{mode:?}");
        assert!(deliveries(&service.app).await.iter().all(|delivery| delivery.attempts == 1), "{mode:?}");
        assert_eq!(server.conversations(), 1, "{mode:?}");
        // a size that was named costs no transfer
        let texts = server.heard().iter().filter(|command| *command == "DATA").count();
        assert_eq!(texts, if mode == Mode::Size(20_000) { 3 } else { 4 });
        let whole = liaison_tracker::mail::store::whole(&service.app.pool, mail, service.app.clock.now()).await.unwrap().unwrap();
        assert_eq!(whole.deliveries[0].fate.words, "Accepted by the mail server 20 Feb 2026 14:00 UTC, without the files, which were too large");

        // once it takes them, *Send again* sends them
        server.set(Mode::Ok);
        let mut connection = service.app.pool.acquire().await.unwrap();
        outbox::send_again(&mut connection, whole.deliveries[0].fate.id, service.app.clock.now()).await.unwrap();
        drop(connection);
        drain(&service.app).await;
        let again = server.received();
        assert_eq!(again.len(), 4);
        assert_eq!(read(&again[3]), (TEXT.to_owned(), vec![("slides.pdf".to_owned(), big.clone()), ("notes.txt".to_owned(), b"notes".to_vec())]));
        assert_eq!(deliveries(&service.app).await[0].state, "accepted");
    }
}

/// What a server refused once it is not offered again at each later attempt.
#[tokio::test]
async fn a_mail_that_left_its_files_behind_is_tried_again_without_them() {
    let server = SmtpServer::start().await;
    server.set(Mode::Limit(20_000));
    let service = service(&server, &[]).await;
    let file = stored(&service.app, "slides.pdf", &noise(60_000)).await;
    queue(&service.app, &letter(&["a@example.org"], vec![file])).await;
    sqlx::query("UPDATE mail_deliveries SET without_files = true").execute(&service.app.pool).await.unwrap();

    server.set(Mode::Reply(Stage::Mail, 451, "try later"));
    drain(&service.app).await;
    server.set(Mode::Ok);
    pass(&service.app, 1);
    drain(&service.app).await;

    let received = server.received();
    assert_eq!(received.len(), 1);
    assert!(read(&received[0]).0.ends_with(LEFT_BEHIND) && read(&received[0]).1.is_empty());
}

#[tokio::test]
async fn a_text_that_is_too_large_itself_fails_with_the_servers_words() {
    for mode in [Mode::Size(2_000), Mode::Limit(2_000)] {
        let server = SmtpServer::start().await;
        server.set(mode.clone());
        let service = service(&server, &[]).await;
        let file = stored(&service.app, "slides.pdf", &noise(60_000)).await;
        queue(&service.app, &Message { body: "A long letter.\n".repeat(1_000), ..letter(&["a@example.org"], vec![file]) }).await;

        drain(&service.app).await;

        let after = deliveries(&service.app).await;
        assert_eq!((after[0].state.as_str(), after[0].words.as_str()), ("failed", "552 message too big"), "{mode:?}");
        assert!(server.received().is_empty());
    }
}

/// 552 is said of other things too: a letter must not claim that its files were too large then.
#[tokio::test]
async fn a_552_about_the_content_is_a_refusal() {
    let server = SmtpServer::start().await;
    server.set(Mode::Reply(Stage::AfterDot, 552, "5.7.0 blocked because of its content"));
    let service = service(&server, &[]).await;
    let file = stored(&service.app, "program.exe", b"MZ").await;
    queue(&service.app, &letter(&["a@example.org"], vec![file])).await;

    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    assert_eq!((after[0].state.as_str(), after[0].words.as_str()), ("failed", "552 5.7.0 blocked because of its content"));
}

#[tokio::test]
async fn files_beyond_what_is_configured_do_not_go_along() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[("LIAISON_MAIL_FILES_BYTES", "1000")]).await;
    let (one, other) = (stored(&service.app, "a.bin", &noise(600)).await, stored(&service.app, "b.bin", &noise(401)).await);
    assert_eq!(files_that_fit(&service.app.config, &[one.clone(), other.clone()]), []);
    assert_eq!(files_that_fit(&service.app.config, std::slice::from_ref(&other)), std::slice::from_ref(&other));

    // what was queued while more was allowed
    queue(&service.app, &letter(&["a@example.org"], vec![one, other])).await;
    server.set(Mode::Reply(Stage::AfterDot, 451, "try later"));
    drain(&service.app).await;
    assert_eq!(states(&service.app).await, ["queued"]);
    server.set(Mode::Ok);
    pass(&service.app, 1);
    drain(&service.app).await;

    let (text, files) = read(&server.received()[0]);
    assert!(text.starts_with(TEXT) && text.ends_with("\n\nThe files were too large to go along; the links above lead to them.\n"), "{text}");
    assert!(files.is_empty());
}

/// robustness.md OB04
#[tokio::test]
async fn a_mail_whose_file_is_gone_fails_with_words_and_the_others_leave() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let world = people::world(&service).await;
    let statement = super::pages::statement(&service.app, &world).await;
    let breaks = [
        "DELETE FROM file_chunks WHERE file_id = $1",
        "DELETE FROM file_chunks WHERE file_id = $1 AND n = 1",
        "UPDATE file_chunks SET bytes = substr(bytes, 2) WHERE file_id = $1 AND n = 0",
        "UPDATE file_chunks SET bytes = set_byte(bytes, 7, get_byte(bytes, 7) # 1) WHERE file_id = $1 AND n = 0",
        "UPDATE file_chunks SET bytes = bytes || 'x' WHERE file_id = $1 AND n = 1",
        "UPDATE files SET is_whole = false WHERE file_id = $1",
        "DELETE FROM files WHERE file_id = $1",
    ];
    for sql in breaks {
        let file = stored(&service.app, "slides.pdf", &noise(400_000)).await;
        queue(&service.app, &letter(&["bad@example.org"], vec![file.clone()])).await;
        assert_eq!(sqlx::query(sql).bind(file.file_id.0).execute(&service.app.pool).await.unwrap().rows_affected().min(1), 1, "{sql}");
    }
    let withheld = stored(&service.app, "secret.pdf", b"secret").await;
    queue(&service.app, &letter(&["bad@example.org"], vec![withheld.clone()])).await;
    sqlx::query(
        "INSERT INTO attachments (statement_id, n, kind, file_name, visibility, withheld_why, file_id, added_at)
         VALUES ($1, 1, 'enclosure', 'secret.pdf', 'withheld', 'sent in error', $2, now())",
    )
    .bind(statement.0)
    .bind(withheld.file_id.0)
    .execute(&service.app.pool)
    .await
    .unwrap();
    let good = stored(&service.app, "slides.pdf", &noise(1_000)).await;
    for n in 0..50 {
        let files = if n % 2 == 0 { vec![good.clone()] } else { Vec::new() };
        queue(&service.app, &letter(&[&format!("r{n}@example.org")], files)).await;
    }

    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    let (bad, good): (Vec<_>, Vec<_>) = after.iter().partition(|delivery| delivery.recipient == "bad@example.org");
    let words: Vec<_> = bad.iter().map(|delivery| (delivery.state.as_str(), delivery.words.as_str())).collect();
    let missing = ("failed", "Parts of the file “slides.pdf” are missing, so the mail was not sent");
    let gone = ("failed", "The file “slides.pdf” was taken away, so the mail that it belongs to was not sent");
    let withheld = ("failed", "The file “secret.pdf” is withheld, so the mail that it belongs to was not sent");
    assert_eq!(words, [missing, missing, missing, missing, missing, missing, gone, withheld]);
    assert!(good.len() == 50 && good.iter().all(|delivery| delivery.state == "accepted"));
    assert!(server.received().iter().all(|mail| mail.to != ["bad@example.org"]) && server.received().len() == 50);
}

/// robustness.md SM03
#[tokio::test]
async fn of_three_recipients_of_files_one_is_refused_one_waits_and_one_has_them() {
    let server = SmtpServer::start().await;
    server.set(Mode::RefuseEach(vec![("b@example.org", 550), ("c@example.org", 450)]));
    let service = service(&server, &[]).await;
    let bytes = noise(200_000);
    let file = stored(&service.app, "slides.pdf", &bytes).await;
    queue(&service.app, &letter(&["a@example.org", "b@example.org", "c@example.org"], vec![file])).await;

    drain(&service.app).await;
    assert_eq!(states(&service.app).await, ["accepted", "failed", "queued"]);
    server.set(Mode::Ok);
    pass(&service.app, 1);
    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    assert_eq!(after.iter().map(|delivery| delivery.state.as_str()).collect::<Vec<_>>(), ["accepted", "failed", "accepted"]);
    assert_eq!(after[1].words, "550 no such address");
    let received = server.received();
    assert_eq!(received.iter().flat_map(|mail| mail.to.clone()).collect::<Vec<_>>(), ["a@example.org", "c@example.org"]);
    assert!(received.iter().all(|mail| read(mail).1 == [("slides.pdf".to_owned(), bytes.clone())]));
}

/// robustness.md SM08
#[tokio::test]
async fn a_text_with_files_arrives_as_it_was_written() {
    let texts = [
        format!("{}\n", "x".repeat(3000)),
        format!("{}\n", "ü".repeat(3000)),
        ".\n..\n. dot\nFrom here\n>From there\n.\n".to_owned(),
        "Grüße, 標準化, 😀\n".to_owned(),
        "trailing blanks  \n\ttabs\t\n\n\n".to_owned(),
        "--=_\n--\n--boundary--\n".to_owned(),
    ];
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let file = stored(&service.app, "notes.txt", b".\r\nFrom here\r\n").await;
    for text in &texts {
        queue(&service.app, &Message { body: text.clone(), ..letter(&["a@example.org"], vec![file.clone()]) }).await;
    }

    drain(&service.app).await;

    let received = server.received();
    assert_eq!(received.len(), texts.len());
    for (mail, text) in received.iter().zip(&texts) {
        assert!(mail.data.is_ascii() && mail.data.split("\r\n").all(|line| line.len() <= 998));
        assert_eq!(read(mail), (text.clone(), vec![("notes.txt".to_owned(), b".\r\nFrom here\r\n".to_vec())]));
    }
}

/// robustness.md SM08
#[tokio::test]
async fn files_go_to_internationalised_addresses_as_the_server_allows() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let file = stored(&service.app, "联络.pdf", b"%PDF").await;
    let to = ["chair@bücher.example", "jürgen@example.org", "a@example.org"];

    server.set_smtputf8(false);
    queue(&service.app, &letter(&to, vec![file.clone()])).await;
    drain(&service.app).await;
    let without = deliveries(&service.app).await;
    server.set_smtputf8(true);
    queue(&service.app, &letter(&to, vec![file])).await;
    drain(&service.app).await;

    assert_eq!(without.iter().map(|delivery| delivery.state.as_str()).collect::<Vec<_>>(), ["accepted", "failed", "accepted"]);
    assert!(without[1].words.contains("jürgen@example.org") && without[1].words.contains("SMTPUTF8"), "{}", without[1].words);
    let envelopes: Vec<_> = server.received().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(envelopes, ["chair@xn--bcher-kva.example", "a@example.org", "chair@xn--bcher-kva.example", "jürgen@example.org", "a@example.org"]);
    assert!(server.received().iter().all(|mail| read(mail).1 == [("联络.pdf".to_owned(), b"%PDF".to_vec())]));
}

#[tokio::test]
async fn the_secretariat_reads_which_files_went_along() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[("LIAISON_BASE_URL", "http://127.0.0.1:8080")]).await;
    let world = people::world(&service).await;
    let (slides, notes) = (stored(&service.app, "slides <1>.pdf", &noise(412_000)).await, stored(&service.app, "notes.txt", b"notes").await);
    queue(&service.app, &message(&["a@example.org"])).await;
    queue(&service.app, &Message { subject: "With slides".to_owned(), ..letter(&["a@example.org"], vec![slides.clone(), notes]) }).await;
    drain(&service.app).await;
    sqlx::query("DELETE FROM files WHERE file_id = $1").bind(slides.file_id.0).execute(&service.app.pool).await.unwrap();

    let mut secretariat = service.as_person(&world.secretariat).await;
    secretariat.get("/administration/mail").await;
    secretariat.assert_says("With 2 files: slides <1>.pdf (412 kB, taken away since), notes.txt (5 bytes)");
    assert_eq!(secretariat.page.source().matches("With 2 files").count(), 1);
    secretariat.click("With slides").await;

    secretariat.assert_says("Files").assert_says("slides <1>.pdf (412 kB, taken away since)").assert_says("notes.txt (5 bytes)");
}

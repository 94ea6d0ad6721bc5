use mail_parser::MessageParser;

use super::*;

/// The names of all header fields, in order.
fn fields(data: &str) -> Vec<String> {
    let headers = data.split("\r\n\r\n").next().unwrap();
    headers.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

const FIELDS: [&str; 10] =
    ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "List-Id", "Content-Type", "Content-Transfer-Encoding"];

#[tokio::test]
async fn a_mail_has_exactly_the_headers_it_should_have() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let mail = Message {
        to: "NMOP <nmop@example.org>, \"Chair, C.\" <chair@example.org>".to_owned(),
        cc: "Manager <manager@bücher.example>".to_owned(),
        reply_to: "manager@example.org".to_owned(),
        thread: "draft-key".to_owned(),
        subject: "Zusätzliche Arbeit".to_owned(),
        body: "Grüße an alle, die mitarbeiten\n".to_owned(),
        ..message(&["nmop@example.org"])
    };
    queue(&service.app, &mail).await;

    drain(&service.app).await;

    let data = server.received()[0].data.clone();
    let id = message_id(&data);
    let expected = format!(
        "From: \"Liaison Tracker\" <tracker@example.org>\r\n\
         To: NMOP <nmop@example.org>,\r\n =?utf-8?b?Q2hhaXIsIEMu?= <chair@example.org>\r\n\
         Cc: Manager <manager@xn--bcher-kva.example>\r\n\
         Reply-To: manager@example.org\r\n\
         Subject: =?utf-8?b?WnVzw6R0emxpY2hl?= Arbeit\r\n\
         Date: Fri, 20 Feb 2026 14:00:00 +0000\r\n\
         Message-ID: {id}\r\n\
         In-Reply-To: <draft-key@liaison.example.org>\r\n\
         References: <draft-key@liaison.example.org>\r\n\
         MIME-Version: 1.0\r\n\
         Auto-Submitted: auto-generated\r\n\
         List-Id: <statements.liaison.example.org>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\
         \r\n\
         Gr=C3=BC=C3=9Fe an alle, die mitarbeiten\r\n"
    );
    assert_eq!(data, expected);
    assert!(id.ends_with("@liaison.example.org>"), "{id}");
}

/// robustness.md WB07
#[tokio::test]
async fn nothing_typed_adds_a_header_or_a_recipient() {
    let evil = [
        "x\r\nBcc: evil@example.net",
        "x\nBcc: evil@example.net",
        "x\rBcc: evil@example.net",
        "x\r\n\r\nBody of mine",
        "x\u{85}Bcc: evil@example.net",
        "x\u{2028}Bcc: evil@example.net",
        "x\u{b}Bcc: evil@example.net\u{c}\u{1}\u{7f}",
        "=?utf-8?q?x=0D=0ABcc:_evil@example.net?=",
        "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5uZXQ=?=",
        "\"a\"@b, c@d",
        "a@example.net, b@example.net",
        "x <evil@example.net>, y",
        "\\\" <evil@example.net>, \"",
        &"long ".repeat(400),
        &"ü".repeat(2000),
        &"x".repeat(2000),
    ];
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    for text in evil {
        // a name as our own code writes it: in quotation marks, these and the backslash escaped
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let mail = Message { subject: text.to_owned(), to: format!("\"{quoted}\" <a@example.org>"), ..message(&["a@example.org"]) };
        queue(&service.app, &mail).await;
    }

    drain(&service.app).await;

    let sent = server.received();
    for delivery in deliveries(&service.app).await {
        assert!(delivery.state == "accepted" || delivery.words.starts_with("To holds what is not"), "{delivery:?}");
    }
    assert!(sent.len() >= evil.len() - 2, "{:?}", deliveries(&service.app).await);
    for mail in sent {
        assert_eq!(mail.to, ["a@example.org"]);
        assert_eq!(fields(&mail.data), FIELDS, "{}", mail.data);
        assert!(mail.data.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])), "{}", mail.data);
        let read = MessageParser::default().parse(mail.data.as_bytes()).unwrap();
        let to: Vec<_> = read.to().unwrap().clone().into_list().into_iter().map(|address| address.address.unwrap_or_default().into_owned()).collect();
        assert_eq!(to, ["a@example.org"], "{}", mail.data);
        assert!(read.bcc().is_none());
        assert!(read.body_text(0).unwrap().starts_with("Hello,"));
    }
}

/// robustness.md SM08
#[tokio::test]
async fn a_body_arrives_as_it_was_written() {
    let bodies = [
        "plain\n".to_owned(),
        ".\n..\n. dot\n.\n".to_owned(),
        "From here\nFrom there\n".to_owned(),
        format!("{}\n", "x".repeat(3000)),
        format!("{}\n", "ü".repeat(1500)),
        "Grüße, 標準化, 😀\n".to_owned(),
        "trailing blanks  \n\ttabs\t\n\n\n".to_owned(),
        "a = b =3D c\n-- \nsignature\n".to_owned(),
        "page\u{c}break\n".to_owned(),
        "windows\r\nlines\r\n".to_owned(),
    ];
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    for body in &bodies {
        queue(&service.app, &Message { body: body.clone(), ..message(&["a@example.org"]) }).await;
    }

    drain(&service.app).await;

    let received = server.received();
    assert_eq!(received.len(), bodies.len());
    for (mail, body) in received.iter().zip(&bodies) {
        assert!(mail.data.is_ascii(), "{}", mail.data);
        let read = MessageParser::default().parse(mail.data.as_bytes()).unwrap();
        assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n"), body.replace("\r\n", "\n"));
    }
}

/// robustness.md SM08
#[tokio::test]
async fn an_internationalised_domain_goes_in_ascii_and_other_letters_need_a_server_that_takes_them() {
    let server = SmtpServer::start().await;
    let service = service(&server, &[]).await;
    let to = ["chair@bücher.example", "jürgen@example.org", "a@example.org"];

    server.set_smtputf8(false);
    queue(&service.app, &message(&to)).await;
    drain(&service.app).await;
    let without = deliveries(&service.app).await;
    server.set_smtputf8(true);
    queue(&service.app, &message(&to)).await;
    drain(&service.app).await;

    assert_eq!(without.iter().map(|delivery| delivery.state.as_str()).collect::<Vec<_>>(), ["accepted", "failed", "accepted"]);
    assert!(without[1].words.contains("SMTPUTF8"), "{}", without[1].words);
    let envelopes: Vec<_> = server.received().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(envelopes, ["chair@xn--bcher-kva.example", "a@example.org", "chair@xn--bcher-kva.example", "jürgen@example.org", "a@example.org"]);
    assert!(server.received().iter().all(|mail| mail.data.is_ascii()));
}

/// robustness.md SM08: 552 once the server has the text
#[tokio::test]
async fn a_mail_that_is_too_big_for_the_server_fails_with_its_words_and_holds_up_no_other() {
    let server = SmtpServer::start().await;
    server.set(crate::support::smtp::Mode::Limit(20_000));
    let service = service(&server, &[]).await;
    queue(&service.app, &Message { body: "A long letter.\n".repeat(2_000), ..message(&["a@example.org"]) }).await;
    queue(&service.app, &message(&["b@example.org"])).await;

    drain(&service.app).await;

    let after = deliveries(&service.app).await;
    assert_eq!((after[0].state.as_str(), after[0].words.as_str()), ("failed", "552 message too big"));
    assert_eq!(after[1].state, "accepted");
}

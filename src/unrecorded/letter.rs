//! A whole mail, read for the draft of the letter it brought. Nothing in it is unpacked: it goes along as it came.

use chrono::DateTime;
use mail_parser::MessageParser;

use crate::mail::address::{EmailAddress, Mailbox};
use crate::statements::form::StatementForm;

/// How much of a mail is read for its text, in bytes; what comes after are its attachments.
pub const READ_BYTES: usize = 2 * 1024 * 1024;

/// What a mail says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Its subject, on one line.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Where replies go, as a mailbox.
    pub reply_to: String,
    /// The day it was sent, such as `2026-03-02`.
    pub sent_on: String,
}

/// Whether a pasted text is a whole mail: it begins with headers, among them who sent it and one more that every mail has.
pub fn is_mail(text: &str) -> bool {
    let text = text.trim_start();
    let head = text.split("\r\n\r\n").next().and_then(|head| head.split("\n\n").next()).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for (at, line) in head.lines().enumerate() {
        if line.starts_with([' ', '\t']) && at > 0 {
            continue;
        }
        match line.split_once(':') {
            Some((name, _)) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
                names.push(name.to_ascii_lowercase());
            }
            _ => return false,
        }
    }
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    head.len() < text.len() && has("from") && (has("subject") || has("date") || has("message-id"))
}

/// Reads a mail, as far as it can be read; none: it is none.
pub fn read(bytes: &[u8]) -> Option<Letter> {
    let parsed = MessageParser::default().parse(bytes)?;
    let sender = parsed.reply_to().or_else(|| parsed.from()).and_then(|address| address.first());
    let reply_to = sender.and_then(|sender| {
        let address: EmailAddress = sender.address()?.parse().ok()?;
        // a name that could be taken for more than a name is left out
        let named = Mailbox::new(sender.name(), address.clone()).or_else(|_| Mailbox::new(None, address));
        named.ok().map(|mailbox| mailbox.to_string())
    });
    let sent_on = parsed.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0));
    let letter = Letter {
        subject: parsed.subject().unwrap_or_default().replace(char::is_control, " ").split_whitespace().collect::<Vec<_>>().join(" "),
        text: parsed.body_text(0).map(|text| plain(&text)).unwrap_or_default(),
        reply_to: reply_to.unwrap_or_default(),
        sent_on: sent_on.map(|at| at.date_naive().to_string()).unwrap_or_default(),
    };
    (letter != Letter::default()).then_some(letter)
}

/// Without what no text of ours may hold.
fn plain(text: &str) -> String {
    let unix = text.replace("\r\n", "\n");
    unix.chars().filter(|letter| matches!(letter, '\n' | '\t' | '\u{c}') || !letter.is_control()).collect::<String>().replace('\n', "\r\n")
}

impl Letter {
    /// Puts what the mail says into the fields that nobody filled in; the text in place of a pasted mail.
    pub fn fill(self, form: &mut StatementForm) {
        let fill = |field: &mut String, value: String| {
            if field.trim().is_empty() {
                *field = value;
            }
        };
        fill(&mut form.title, self.subject.chars().take(255).collect());
        fill(&mut form.received_from, self.reply_to);
        fill(&mut form.received_on, self.sent_on);
        if form.body.trim().is_empty() || is_mail(&form.body) {
            form.body = self.text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "Received: from mail.itu-t.example\r\n by mx.example\r\nFrom: =?utf-8?q?SG11_Secretariat?= <sg11@itu-t.example>\r\nTo: wire@ietf.example\r\nSubject: LS on wire\r\n formats\r\nDate: Mon, 2 Mar 2026 08:30:00 +0100\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDear coll=E8gues,\r\n\r\nplease comment.\r\n";

    #[test]
    fn a_mail_gives_subject_text_sender_and_day() {
        let letter = read(MAIL.as_bytes()).expect("a mail");
        assert_eq!(letter.subject, "LS on wire formats");
        assert_eq!(letter.text, "Dear collègues,\r\n\r\nplease comment.\r\n");
        assert_eq!(letter.reply_to, "SG11 Secretariat <sg11@itu-t.example>");
        assert_eq!(letter.sent_on, "2026-03-02");
    }

    #[test]
    fn what_was_typed_stays_and_a_pasted_mail_gives_way_to_its_text() {
        let mut form = StatementForm { title: "Mine".to_owned(), body: MAIL.to_owned(), ..StatementForm::default() };
        read(MAIL.as_bytes()).expect("a mail").fill(&mut form);
        assert_eq!((form.title.as_str(), form.body.as_str()), ("Mine", "Dear collègues,\r\n\r\nplease comment.\r\n"));
        let mut form = StatementForm { body: "A note of mine".to_owned(), ..StatementForm::default() };
        read(MAIL.as_bytes()).expect("a mail").fill(&mut form);
        assert_eq!((form.title.as_str(), form.body.as_str()), ("LS on wire formats", "A note of mine"));
    }

    #[test]
    fn text_is_told_from_a_mail() {
        assert!(is_mail(MAIL));
        assert!(is_mail(&MAIL.replace("\r\n", "\n")));
        for text in
            ["Dear colleagues,\n\nplease comment.", "From: ITU-T SG11\n", "Note: they wrote\n\nFrom: them", "", "From the chair:\n\nSubject: x"]
        {
            assert!(!is_mail(text), "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_mail_and_control_characters_do_no_harm() {
        for bytes in [&b""[..], b"\0\0\0", b"\xff\xfe", b"From"] {
            let _ = read(bytes);
        }
        let letter = read(b"From: a@b.example\r\nSubject: x\x1b[31m\r\n\r\na\x1b[31m\x00b\r\n").expect("a mail");
        assert_eq!(letter.text, "a[31mb\r\n");
    }
}

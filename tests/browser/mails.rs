//! What the check page says will go, and what went.

use std::collections::{BTreeMap, BTreeSet};

use mail_parser::{Address, MessageParser};
use thirtyfour::By;

use crate::shared::smtp::Received;
use crate::support::Browser;

/// One mail: as it was shown, or as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mail {
    pub subject: String,
    /// Of the header, "Name <address>".
    pub to: Vec<String>,
    pub cc: Vec<String>,
    /// Whom it goes to, whatever its header says.
    pub recipients: BTreeSet<String>,
    pub body: String,
}

/// Opens every mail that the page shows, and reads it.
pub async fn previews(browser: &Browser) -> Vec<Mail> {
    let mut mails = Vec::new();
    for shown in browser.driver.find_all(By::Css(".mail-preview")).await.expect("previews") {
        shown.find(By::Css("summary")).await.expect("its line").click().await.expect("it opens");
        let mut recipients = BTreeSet::new();
        for line in shown.find_all(By::Css("li")).await.expect("recipients") {
            let line = line.text().await.expect("words");
            recipients.insert(line.split(" (").next().unwrap_or_default().to_owned());
        }
        let text = shown.find(By::Css("pre")).await.expect("its text").prop("textContent").await.expect("text").unwrap_or_default();
        mails.push(Mail { recipients, ..read(&text) });
    }
    mails.sort();
    mails
}

/// The mails that arrived; one that went in several conversations is one.
pub fn arrived(received: &[Received]) -> Vec<Mail> {
    let mut by_id: BTreeMap<String, Mail> = BTreeMap::new();
    for one in received {
        let parsed = MessageParser::default().parse(one.data.as_bytes()).expect("a mail");
        let id = parsed.message_id().expect("a Message-ID").to_owned();
        let read = read(&one.data);
        let mail = by_id.entry(id).or_insert_with(|| read.clone());
        assert_eq!((&mail.subject, &mail.to, &mail.cc, &mail.body), (&read.subject, &read.to, &read.cc, &read.body), "one mail, two texts");
        for recipient in &one.to {
            assert!(mail.recipients.insert(recipient.clone()), "{recipient} got “{}” twice", mail.subject);
        }
    }
    let mut mails: Vec<Mail> = by_id.into_values().collect();
    mails.sort();
    mails
}

fn read(text: &str) -> Mail {
    let parsed = MessageParser::default().parse(text.as_bytes()).expect("a mail");
    Mail {
        subject: parsed.subject().unwrap_or_default().to_owned(),
        to: mailboxes(parsed.to()),
        cc: mailboxes(parsed.cc()),
        recipients: BTreeSet::new(),
        body: parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n").trim_end().to_owned(),
    }
}

fn mailboxes(header: Option<&Address<'_>>) -> Vec<String> {
    header
        .into_iter()
        .flat_map(Address::iter)
        .map(|one| format!("{} <{}>", one.name().unwrap_or_default(), one.address().unwrap_or_default()))
        .collect()
}

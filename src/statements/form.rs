//! The form of a statement, as typed: a draft keeps even what can't be understood (domain.md 3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mail::address::{EmailAddress, Mailbox};
use crate::organizations::directory::Directory;
use crate::organizations::recognize::Recognized;
use crate::permissions::Case;
use crate::statements::Side;

/// Every field as it was typed. Stored as a version at each save; only submission parses it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatementForm {
    /// Groups it is from.
    pub from: String,
    /// Groups it is to.
    pub to: String,
    /// Groups in copy.
    pub copy: String,
    /// Title.
    pub title: String,
    /// Purpose; empty: not chosen.
    pub purpose: String,
    /// Day by which something is asked for.
    pub deadline: String,
    /// The letter's own words for it.
    pub deadline_words: String,
    /// What it answers: numbers of statements, or words; a line each.
    pub answers: String,
    /// Text, with its line ends.
    pub body: String,
    /// Numbers others gave it.
    pub references: String,
    /// Day, month or year on the letter.
    pub letter_date: String,
    /// Day it reached us.
    pub received_on: String,
    /// Role address of the sender: replies go there.
    pub received_from: String,
    /// Where it reached us.
    pub received_at: String,
    /// Contacts on the sender's side.
    pub from_contacts: String,
    /// Contacts it is mailed to.
    pub to_contacts: String,
    /// Contacts in copy.
    pub cc_contacts: String,
    /// The addressed group that sees to the answer; empty: the first with the strongest purpose.
    pub lead: String,
    /// `me` or `chairs`; empty: as the rule says.
    pub assignee: String,
    /// An addressee's own purpose, by the group's acronym.
    pub purpose_for: BTreeMap<String, String>,
    /// What is asked of an addressee, by the group's acronym.
    pub asked_of: BTreeMap<String, String>,
    /// Of an outgoing one: the peer's role address that distributes it; the mail goes to it alone.
    pub send_to: String,
    /// Of an outgoing one: the role address that replies go to.
    pub send_reply_to: String,
    /// Whose position it is; empty: not chosen.
    pub consensus: String,
    /// Link to the call, or the documents that hold the consensus.
    pub consensus_link: String,
    /// Day on which the group was told of it.
    pub informed_on: String,
    /// `mail` or `otherwise`; empty: `mail`.
    pub delivery: String,
    /// The channel, where it is not mailed.
    pub delivered_how: String,
    /// Day on which it was delivered.
    pub delivered_on: String,
    /// A receipt's number, a link.
    pub delivery_evidence: String,
    /// The number of the statement that it replaces.
    pub replaces: String,
    /// What it is to each statement it answers, by that one's number.
    pub reply_kind: BTreeMap<String, String>,
    /// What its author says of documents it cites, by their keys.
    pub document_status: BTreeMap<String, String>,
    /// What was proposed for the contacts: a field that still holds it follows the groups, any other stays as typed.
    pub proposed: Proposed,
}

/// Contacts as they were proposed from the groups (domain.md 6).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Proposed {
    /// Of *To contacts*.
    pub to: String,
    /// Of *Cc contacts*.
    pub cc: String,
    /// Of *Received from*.
    pub received_from: String,
    /// Of *From contacts*.
    pub from: String,
    /// Of *Send to*.
    pub send_to: String,
    /// Of *Send reply to*.
    pub send_reply_to: String,
}

impl StatementForm {
    /// Reads the fields of a sent form; unknown names are ignored, of a repeated one the first counts.
    ///
    /// NUL, which neither PostgreSQL nor any letter can hold, is left out.
    pub fn from_fields(fields: &[(String, String)]) -> Self {
        let mut form = Self::default();
        let mut seen = std::collections::HashSet::new();
        for (name, value) in fields {
            if !seen.insert(name.as_str()) {
                continue;
            }
            let value = value.replace('\0', "");
            if let Some(acronym) = name.strip_prefix("purpose-for-") {
                form.purpose_for.insert(acronym.to_owned(), value);
            } else if let Some(acronym) = name.strip_prefix("asked-of-") {
                form.asked_of.insert(acronym.to_owned(), value);
            } else if let Some(number) = name.strip_prefix("reply-kind-") {
                form.reply_kind.insert(number.to_owned(), value);
            } else if let Some(key) = name.strip_prefix("document-status-") {
                form.document_status.insert(key.to_owned(), value);
            } else if let Some(field) = form.field(name) {
                *field = value;
            }
        }
        form.document_status.retain(|_, value| !value.is_empty());
        form.purpose_for.retain(|_, value| !value.is_empty());
        form.asked_of.retain(|_, value| !value.trim().is_empty());
        form.reply_kind.retain(|_, value| !value.is_empty());
        form
    }

    /// The field of that name on the page.
    pub fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "from" => &mut self.from,
            "to" => &mut self.to,
            "copy" => &mut self.copy,
            "title" => &mut self.title,
            "purpose" => &mut self.purpose,
            "deadline" => &mut self.deadline,
            "deadline-words" => &mut self.deadline_words,
            "answers" => &mut self.answers,
            "body" => &mut self.body,
            "references" => &mut self.references,
            "letter-date" => &mut self.letter_date,
            "received-on" => &mut self.received_on,
            "received-from" => &mut self.received_from,
            "received-at" => &mut self.received_at,
            "from-contacts" => &mut self.from_contacts,
            "to-contacts" => &mut self.to_contacts,
            "cc-contacts" => &mut self.cc_contacts,
            "lead" => &mut self.lead,
            "assignee" => &mut self.assignee,
            "send-to" => &mut self.send_to,
            "send-reply-to" => &mut self.send_reply_to,
            "consensus" => &mut self.consensus,
            "consensus-link" => &mut self.consensus_link,
            "informed-on" => &mut self.informed_on,
            "delivery" => &mut self.delivery,
            "delivered-how" => &mut self.delivered_how,
            "delivered-on" => &mut self.delivered_on,
            "delivery-evidence" => &mut self.delivery_evidence,
            "replaces" => &mut self.replaces,
            _ => return None,
        })
    }

    /// The fields that were filled in, by their names on the page.
    pub fn filled(&self) -> Vec<(String, String)> {
        const NAMES: [&str; 19] = [
            "from",
            "to",
            "copy",
            "title",
            "purpose",
            "deadline",
            "deadline-words",
            "answers",
            "body",
            "references",
            "letter-date",
            "received-on",
            "received-from",
            "received-at",
            "from-contacts",
            "to-contacts",
            "cc-contacts",
            "lead",
            "assignee",
        ];
        let mut form = self.clone();
        let mut filled: Vec<(String, String)> =
            NAMES.iter().filter_map(|name| form.field(name).map(|value| ((*name).to_owned(), std::mem::take(value)))).collect();
        filled.extend(self.purpose_for.iter().map(|(acronym, value)| (format!("purpose-for-{acronym}"), value.clone())));
        filled.extend(self.asked_of.iter().map(|(acronym, value)| (format!("asked-of-{acronym}"), value.clone())));
        filled.retain(|(_, value)| !value.is_empty());
        filled
    }

    /// Whether another form holds the same as was typed, proposals aside.
    pub fn is_as_typed(&self, other: &Self) -> bool {
        let own = |form: &Self| Self { proposed: Proposed::default(), ..form.clone() };
        own(self) == own(other)
    }

    /// A form for another statement between the same groups, with the same contacts: use, name and address of each.
    pub fn like(case: &Case, contacts: &[(String, String, String)]) -> Self {
        let groups = |sides: &[Side]| {
            let of = case.parties.iter().filter(|party| sides.contains(&party.side));
            of.map(|party| party.label.as_str()).collect::<Vec<_>>().join("; ")
        };
        let lines = |usage: &str| {
            let of = contacts.iter().filter(|contact| contact.0 == usage);
            of.map(|(_, name, address)| mailbox(name, address)).collect::<Vec<_>>().join("\r\n")
        };
        Self {
            from: groups(&[Side::From]),
            to: groups(&[Side::To, Side::Also]),
            copy: groups(&[Side::Copy]),
            received_from: lines("received-from"),
            received_at: lines("received-at"),
            from_contacts: lines("from"),
            to_contacts: lines("to"),
            cc_contacts: lines("cc"),
            ..Self::default()
        }
    }

    /// The same of a form: nothing else of it.
    pub fn groups_and_contacts(self) -> Self {
        Self {
            from: self.from,
            to: self.to,
            copy: self.copy,
            received_from: self.received_from,
            received_at: self.received_at,
            from_contacts: self.from_contacts,
            to_contacts: self.to_contacts,
            cc_contacts: self.cc_contacts,
            proposed: self.proposed,
            ..Self::default()
        }
    }

    /// The title as lists show it while it is a draft: one line, at most 255 characters.
    pub fn title_line(&self) -> String {
        self.title.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(255).collect::<String>().trim().to_owned()
    }

    /// The groups that its three fields name.
    pub fn named(&self, directory: &Directory) -> Named {
        Named { from: directory.recognize(&self.from), to: directory.recognize(&self.to), copy: directory.recognize(&self.copy) }
    }
}

/// A contact as a line of a form.
pub fn mailbox(name: &str, address: &str) -> String {
    let read = address.parse::<EmailAddress>().ok().and_then(|address| Mailbox::new(Some(name), address).ok());
    read.map_or_else(|| if name.is_empty() { address.to_owned() } else { format!("{name} <{address}>") }, |mailbox| mailbox.to_string())
}

/// What the directory makes of the group fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Of *From*.
    pub from: Recognized,
    /// Of *To*; groups named there in parentheses "for information" are copies.
    pub to: Recognized,
    /// Of *In copy*.
    pub copy: Recognized,
}

impl Named {
    /// Keys of all groups that are named, each once.
    pub fn group_ids(&self) -> Vec<i64> {
        let sides = [&self.from, &self.to, &self.copy];
        let mut ids: Vec<i64> = sides.iter().flat_map(|side| side.groups.iter().chain(&side.copies)).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

//! A statement that was understood: what the form becomes once it is submitted.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::dates::PartialDate;
use crate::ids::{GroupId, StatementId};
use crate::mail::address::Mailbox;
use crate::organizations::GroupFacts;
use crate::permissions::Party;
use crate::statements::{Consensus, Delivery, Direction, Purpose, ReplyKind, Side};

/// A group on one side of the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The group.
    pub group: GroupFacts,
    /// As the form has it.
    pub as_written: String,
    /// What the letter is to this group; only of those it is to.
    pub purpose: Option<Purpose>,
    /// What is asked of this group.
    pub asked: String,
    /// Whether it sees to the answer.
    pub is_lead: bool,
}

/// What the letter answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// A statement recorded here: key and number.
    Statement(StatementId, i32),
    /// Something not recorded here, in words.
    Words(String),
}

/// A statement whose every field was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Derived from the form it was begun with; its groups agree.
    pub direction: Direction,
    /// One line, 1 to 255 characters.
    pub title: String,
    /// As typed, line ends included; may be empty.
    pub body: String,
    /// The strongest of its addressees'.
    pub purpose: Purpose,
    /// Whom it is from.
    pub from: Vec<Addressee>,
    /// Whom it is to.
    pub to: Vec<Addressee>,
    /// Who got a copy.
    pub copy: Vec<Addressee>,
    /// Peers addressed beside home.
    pub also: Vec<Addressee>,
    /// The day asked for.
    pub deadline: Option<NaiveDate>,
    /// The letter's own words for it.
    pub deadline_words: String,
    /// What it answers.
    pub answers: Vec<Answered>,
    /// Numbers others gave it.
    pub references: Vec<String>,
    /// The date on the letter.
    pub letter_date: Option<PartialDate>,
    /// The day it reached us.
    pub received_on: Option<NaiveDate>,
    /// Where replies go.
    pub received_from: Option<Mailbox>,
    /// Where it reached us.
    pub received_at: Option<Mailbox>,
    /// Contacts on the sender's side.
    pub from_contacts: Vec<Mailbox>,
    /// Contacts it is mailed to.
    pub to_contacts: Vec<Mailbox>,
    /// Contacts in copy.
    pub cc_contacts: Vec<Mailbox>,
    /// Whether who submits sees to it; none: as the rule says.
    pub is_mine: Option<bool>,
    /// What an outgoing letter says beside.
    pub sending: Sending,
}

/// What an outgoing letter says beside; of an incoming one all is empty but what it replaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sending {
    /// The peer's role address that distributes it; the mail goes to it alone.
    pub send_to: Option<Mailbox>,
    /// Where replies go.
    pub send_reply_to: Option<Mailbox>,
    /// Whose position it is.
    pub consensus: Option<Consensus>,
    /// Link to the call, or the documents that hold it.
    pub consensus_link: String,
    /// When its group was told of it.
    pub informed_on: Option<NaiveDate>,
    /// How it was delivered, where it is not mailed.
    pub delivered: Option<Delivered>,
    /// What it replaces: key and number.
    pub replaces: Option<(StatementId, i32)>,
    /// What it is to each statement it answers, by number; one that is not named gets a final reply.
    pub reply_kinds: BTreeMap<i32, ReplyKind>,
    /// Actions that a final reply closes, as `number:acronym`; none: as the rule says.
    pub closes: Option<Vec<String>>,
    /// What its author says of documents it cites, by their keys.
    pub document_status: BTreeMap<String, String>,
    /// Of what is awaited, what a peer's reply answers in part: it stays awaited.
    pub in_part: Vec<String>,
}

/// A delivery in another way than by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The channel.
    pub how: String,
    /// The day; none: once it is posted.
    pub on: Option<NaiveDate>,
    /// A receipt's number, a link.
    pub evidence: String,
}

impl Sending {
    /// Mailed, or delivered otherwise.
    pub fn delivery(&self) -> Delivery {
        if self.delivered.is_some() { Delivery::Otherwise } else { Delivery::Mail }
    }

    /// The kind that is kept with the relation: of an outgoing one always, of another where who recorded it said how far it answers.
    pub fn kept_kind(&self, direction: Direction, number: i32) -> Option<ReplyKind> {
        (direction == Direction::Outgoing || self.closes.is_some()).then(|| self.reply_kind(number))
    }

    /// Takes what was said of each action that is awaited of a peer, the statements by their numbers: a reply that answers
    /// nothing of one in full is not its final one.
    pub fn answer_of_peer(&mut self, asked: &[i32]) {
        for number in asked {
            let any = |said: &[String]| said.iter().any(|one| one.starts_with(&format!("{number}:")));
            let kind = match (any(self.closes.as_deref().unwrap_or_default()), any(&self.in_part)) {
                (true, _) => ReplyKind::Final,
                (false, true) => ReplyKind::Preliminary,
                (false, false) => ReplyKind::StatusUpdate,
            };
            self.reply_kinds.insert(*number, kind);
        }
    }

    /// What it is to the statement of that number, which it answers.
    pub fn reply_kind(&self, number: i32) -> ReplyKind {
        self.reply_kinds.get(&number).copied().unwrap_or(ReplyKind::Final)
    }
}

impl Letter {
    /// What it is to the statement of that number, which it answers.
    pub fn reply_kind(&self, number: i32) -> ReplyKind {
        self.sending.reply_kind(number)
    }

    /// Whether it is from, to and in copy to exactly these.
    pub fn names(&self, parties: &[Party]) -> bool {
        let mut named: Vec<(Side, GroupId)> = [(Side::From, &self.from), (Side::To, &self.to), (Side::Copy, &self.copy), (Side::Also, &self.also)]
            .into_iter()
            .flat_map(|(side, addressees)| addressees.iter().map(move |addressee| (side, addressee.group.group_id)))
            .collect();
        let mut there: Vec<(Side, GroupId)> = parties.iter().map(|party| (party.side, party.group_id)).collect();
        named.sort_unstable();
        there.sort_unstable();
        named == there
    }

    /// "ITU-T SG11, ITU-T SG13".
    pub fn from_text(&self) -> String {
        labels(&self.from)
    }

    /// "NMOP, SPRING".
    pub fn to_text(&self) -> String {
        labels(&self.to)
    }
}

/// Labels, comma-separated.
pub fn labels(side: &[Addressee]) -> String {
    side.iter().map(|addressee| addressee.group.label.as_str()).collect::<Vec<_>>().join(", ")
}

/// What rules ask of a file that is kept with the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its n.
    pub n: i32,
    /// Name, as sent.
    pub file_name: String,
    /// What it is of, if it is another form of a file.
    pub alternative_of: Option<i32>,
    /// Media type, as detected.
    pub media_type: String,
}

/// A draft's title, or that it has none yet.
pub fn shown_title(title: &str) -> String {
    if title.trim().is_empty() { "Without a title yet".to_owned() } else { title.to_owned() }
}

//! What is asked of an outgoing letter beside: consensus, delivery, where replies go.

use chrono::NaiveDate;

use super::{Checks, number_in};
use crate::dates;
use crate::statements::letter::{Delivered, Sending};
use crate::statements::{Consensus, Delivery, ReplyKind, body};

/// Longest channel or evidence, in characters.
const EVIDENCE_CHARACTERS: usize = 500;

impl Checks<'_> {
    /// The fields of an outgoing letter alone.
    pub(super) fn sending(&mut self) -> Sending {
        let consensus_link = self.line("consensus-link", "Link to the consensus", &self.form.consensus_link);
        let informed_on = self.optional("informed-on", "Group informed on", &self.form.informed_on, dates::parse_typed);
        self.not_later("informed-on", "Group informed on", informed_on);
        let reply_kinds = self.form.reply_kind.iter().filter_map(|(number, kind)| Some((number.parse().ok()?, ReplyKind::parse(kind)?)));
        Sending {
            send_to: self.one_mailbox("send-to", &self.form.send_to),
            send_reply_to: self.one_mailbox("send-reply-to", &self.form.send_reply_to),
            consensus: Consensus::parse(&self.form.consensus),
            consensus_link,
            informed_on,
            reply_kinds: reply_kinds.collect(),
            delivered: self.delivered(),
            replaces: self.replaces(),
            closes: None,
            in_part: Vec::new(),
            document_status: self.form.document_status.clone(),
        }
    }

    fn delivered(&mut self) -> Option<Delivered> {
        if Delivery::parse(&self.form.delivery) != Some(Delivery::Otherwise) {
            return None;
        }
        let how = self.line("delivered-how", "Delivered how", &self.form.delivered_how);
        if how.is_empty() {
            self.problems.add("delivered-how", "Enter how it is delivered, such as the name of the portal");
        }
        let on = self.optional("delivered-on", "Delivered on", &self.form.delivered_on, dates::parse_typed);
        self.not_later("delivered-on", "Delivered on", on);
        Some(Delivered { how, on, evidence: self.line("delivery-evidence", "Evidence", &self.form.delivery_evidence) })
    }

    /// What the letter replaces; of an incoming one too.
    pub(super) fn replaces(&mut self) -> Option<(crate::ids::StatementId, i32)> {
        let typed = self.form.replaces.trim();
        if typed.is_empty() {
            return None;
        }
        let found = number_in(typed).and_then(|number| self.told.answered.get(&number).map(|id| (*id, number)));
        if found.is_none() {
            self.problems.add("replaces", format!("There is no statement “{typed}”. Enter the number of the one it replaces, or leave it empty"));
        }
        found
    }

    fn not_later(&mut self, field: &str, label: &str, day: Option<NaiveDate>) {
        if day.is_some_and(|day| day > self.told.today) {
            self.problems.add(field, format!("{label} must be today or earlier"));
        }
    }

    fn line(&mut self, field: &str, label: &str, typed: &str) -> String {
        match body::one_line(typed) {
            Err(problem) => self.problems.add(field, problem.words(label)),
            Ok(line) if line.chars().count() > EVIDENCE_CHARACTERS => {
                self.problems.add(field, format!("{label} must be {EVIDENCE_CHARACTERS} characters or fewer"));
            }
            Ok(line) => return line,
        }
        String::new()
    }
}

//! Every kind of mail that the program writes: when it goes, to whom, what it says. A public page is made from it, and a
//! test holds it against the code that writes the mails (domain.md 7).

/// A kind of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The events that cause it, as the mail log names them.
    pub events: &'static [&'static str],
    /// When it goes.
    pub when: &'static str,
    /// To whom.
    pub who: &'static str,
    /// What it says.
    pub what: &'static str,
}

/// All of them, in the order of a statement's life.
pub const KINDS: &[Kind] = &[
    Kind {
        events: &["check-asked"],
        when: "Submitted",
        who: "Each who is asked to check it; the coordinators",
        what: "What is asked, by when, a link",
    },
    Kind {
        events: &["sign-off-asked"],
        when: "An outgoing statement is submitted, or a sign-off's turn has come",
        who: "Each who is asked, once for all that is asked of them; the coordinators",
        what: "What is asked, whether the group was informed, a link to decide",
    },
    Kind {
        events: &["held", "released", "entered", "without-approval"],
        when: "Held, released; an approval given elsewhere entered; entered that it left without approval",
        who: "The author, who edited it, who had signed; who gave it, or whose approval is missing",
        what: "Who did it, why, the evidence",
    },
    Kind {
        events: &["confirmed", "objected"],
        when: "What left without approval is confirmed, or objected to",
        who: "The author, who edited it, who had signed; the liaison manager, the coordinators",
        what: "Who did it, the objection, a link",
    },
    Kind {
        events: &["draft-begun"],
        when: "A draft to a peer is begun or saved whose deadline, or that of what it answers, is within 14 days; once",
        who: "The peer's liaison manager",
        what: "Who drafts it, by when, a link",
    },
    Kind { events: &["consulted"], when: "A coordinator consults the IRTF Chair", who: "The IRTF Chair", what: "What is asked, a link" },
    Kind {
        events: &["draft-handed-over"],
        when: "A draft is handed over",
        who: "Who drafts it now, who did before",
        what: "By whom, a word to them, a link",
    },
    Kind {
        events: &["passed-on"],
        when: "The last role of somebody who had a draft or an action ends",
        who: "The chairs of the group; of what a liaison manager had, the coordinators",
        what: "What it is, a link",
    },
    Kind {
        events: &["group-told"],
        when: "Whoever drafts an outgoing statement tells the group",
        who: "The lists of the groups that it is from",
        what: "A link that shows the draft, the day by which comments are asked for",
    },
    Kind {
        events: &["letter"],
        when: "Outgoing posted, to be mailed",
        who: "Their address that distributes it, alone; or else To and Cc contacts",
        what: "The statement, its files or links to them, whose position it is",
    },
    Kind {
        events: &["outgoing-posted"],
        when: "Outgoing posted",
        who: "Our contacts, lists and chairs of its groups, the responsible Area Directors, the liaison manager, the coordinators, the author; not who gets the statement itself",
        what: "That it is recorded and sent, or recorded",
    },
    Kind {
        events: &["unrecorded-reported"],
        when: "An unrecorded statement is reported",
        who: "The liaison manager of its sender, or the coordinators where there is none or no sender was named",
        what: "Who reported it, a link",
    },
    Kind { events: &["unrecorded-set-aside"], when: "A report is set aside", who: "Who reported it", what: "By whom, and why" },
    Kind {
        events: &["waiting-for-sender"],
        when: "A draft waits for the sender",
        who: "The author, the liaison manager or else the coordinators; not who says so",
        what: "What was asked, a link",
    },
    Kind {
        events: &["changes-requested", "taken-back", "abandoned", "restored", "deadline-passed"],
        when: "Changes requested, taken back, given up, restored, sent back because its deadline passed",
        who: "The author, who edited it, who had signed",
        what: "Who did it, and why",
    },
    Kind {
        events: &["incoming-posted"],
        when: "Incoming posted",
        who: "To and Cc contacts, groups in copy, the responsible Area Directors, the liaison manager, the coordinators, the author",
        what: "All fields, the text, links",
    },
    Kind {
        events: &["receipt"],
        when: "A receipt, by choice of the liaison manager or a coordinator, or with posting where that is set for the organization",
        who: "The address that the statement was received from",
        what: "That it is recorded, a link, the standing of statements",
    },
    Kind { events: &["assigned"], when: "Assigned, handed over", who: "Who sees to it now, who did before", what: "By whom, the deadline, a link" },
    Kind {
        events: &["deadline-set"],
        when: "A new deadline agreed, a deadline corrected",
        who: "Who sees to it, or else the chairs of the group; the liaison manager",
        what: "The new day, with whom it was agreed",
    },
    Kind {
        events: &["not-for-us"],
        when: "A group says that it is not for them",
        who: "The liaison manager, the coordinators",
        what: "The reason, a link to decide",
    },
    Kind {
        events: &["redirected", "stays"],
        when: "Redirected to another group, or left with the group",
        who: "Who saw to it; on redirecting also the list and the chairs of the other group, and the liaison manager",
        what: "The reason, the deadline, a link",
    },
    Kind {
        events: &["reminder"],
        when: "A deadline comes near or is past; a check, a sign-off or a draft waits, or a statement is held; a report is not taken after 7 days",
        who: "Whoever it waits for: who drafts the reply, who has to sign it, who sees to it, the chairs of the group, the liaison manager; long overdue also the Area Directors and the coordinators; of reports and of drafts that wait for the sender also the secretariat. Never a mailing list",
        what: "All that is due for that person on that day, in one mail",
    },
    Kind {
        events: &["removed"],
        when: "Removed, because it was posted in error",
        who: "Whoever was mailed when it was posted",
        what: "Who removed it, and why",
    },
    Kind {
        events: &["taken-away"],
        when: "A file or words of the text taken away, because they were not ours to publish",
        who: "Whoever was mailed when it was posted",
        what: "Who took it away, and why",
    },
    Kind {
        events: &["sign-in-link", "invitation", "password-reset", "password-changed", "address-change", "address-change-asked", "address-changed"],
        when: "Sign-in link, invitation, password or address changed",
        who: "The person; of an address both the old and the new one",
        what: "A link that works once, or what was changed",
    },
    Kind { events: &["mail-test"], when: "A test", who: "The address that was named", what: "That mail leaves" },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Words in quotes after `event:` or in a list of turns.
    fn written(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("sources").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                written(&entry, found);
                continue;
            }
            let text = fs::read_to_string(&entry).expect("a source");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for message in text.split("Message {").skip(1).chain(text.split("Handled {").skip(1)) {
                let body = &message[..message.len().min(200)];
                if let Some(event) = body.split("event: \"").nth(1).and_then(|rest| rest.split('"').next()) {
                    found.insert(event.to_owned());
                }
            }
        }
    }

    #[test]
    fn every_mail_that_is_written_stands_in_the_table() {
        let mut found = BTreeSet::new();
        written(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let told: BTreeSet<&str> = KINDS.iter().flat_map(|kind| kind.events).copied().collect();
        let untold: Vec<_> = found.iter().filter(|event| !told.contains(event.as_str())).collect();
        assert!(untold.is_empty() && found.len() > 5, "{untold:?} of {found:?}");
    }

    #[test]
    fn an_event_stands_in_one_row() {
        let all: Vec<&str> = KINDS.iter().flat_map(|kind| kind.events).copied().collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    }
}

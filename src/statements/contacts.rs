//! Contacts that are proposed once groups are chosen (domain.md 6). Pure; what was typed is never overwritten.

use std::collections::HashSet;

use crate::mail::address::{EmailAddress, Mailbox};
use crate::organizations::StoredContact;
use crate::people::store::Holder;
use crate::statements::form::StatementForm;

/// What is known of an addressed home group.
#[derive(Debug, Clone, Default)]
pub struct HomeGroup {
    /// Its stored contacts.
    pub stored: Vec<StoredContact>,
    /// Its chairs, as domain.md 1 says.
    pub chairs: Vec<Holder>,
    /// Its responsible Area Directors.
    pub directors: Vec<Holder>,
}

/// What is known of a peer's group.
#[derive(Debug, Clone, Default)]
pub struct PeerGroup {
    /// Its stored contacts, or its nearest ancestor's.
    pub stored: Vec<StoredContact>,
    /// Its liaison managers.
    pub managers: Vec<Holder>,
}

/// Proposes contacts from the groups: into fields that hold what was proposed before, or were never filled.
pub fn propose(form: &mut StatementForm, home: &[HomeGroup], peers: &[PeerGroup]) {
    let mut to = Vec::new();
    let mut cc = Vec::new();
    for group in home {
        let of_use = |usage: &'static str| group.stored.iter().filter(move |contact| contact.usage == usage).map(|contact| contact.mailbox.clone());
        let stored_to: Vec<String> = of_use("to").collect();
        // a home group's stored contacts win over the rules
        if stored_to.is_empty() {
            to.extend(of_use("list"));
            let aliases: Vec<String> = of_use("chairs").collect();
            if aliases.is_empty() { to.extend(group.chairs.iter().filter_map(mailbox)) } else { to.extend(aliases) }
        } else {
            to.extend(stored_to);
        }
        cc.extend(of_use("cc"));
        cc.extend(group.directors.iter().filter_map(mailbox));
    }
    for group in peers {
        cc.extend(group.managers.iter().filter_map(mailbox));
    }
    let send_to = peers.iter().flat_map(|group| &group.stored).find(|contact| contact.usage == "send-to").map(|contact| contact.mailbox.clone());
    let mut named = HashSet::new();
    // while no group is understood on a side, what stands there stays: an error in one field leaves the others as typed
    if !home.is_empty() {
        follow(&mut form.to_contacts, &mut form.proposed.to, lines(to, &mut named));
    }
    if (!home.is_empty() && !peers.is_empty()) || form.cc_contacts.is_empty() {
        follow(&mut form.cc_contacts, &mut form.proposed.cc, lines(cc, &mut named));
    }
    if !peers.is_empty() {
        follow(&mut form.received_from, &mut form.proposed.received_from, lines(send_to.into_iter().collect(), &mut HashSet::new()));
    }
}

fn mailbox(holder: &Holder) -> Option<String> {
    let address: EmailAddress = holder.address.parse().ok()?;
    Mailbox::new(Some(&holder.name), address).ok().map(|mailbox| mailbox.to_string())
}

/// One mailbox a line; an address named before is not named again.
fn lines(mailboxes: Vec<String>, named: &mut HashSet<String>) -> String {
    let read = mailboxes.iter().filter_map(|text| text.parse::<Mailbox>().ok());
    read.filter(|mailbox| named.insert(mailbox.address().key())).map(|mailbox| mailbox.to_string()).collect::<Vec<_>>().join("\r\n")
}

/// A field that still holds the last proposal takes the new one; what a person typed, or emptied, stays.
fn follow(field: &mut String, proposed: &mut String, now: String) {
    let same = |one: &str, other: &str| one.lines().map(str::trim).eq(other.lines().map(str::trim));
    if same(field, proposed) {
        field.clone_from(&now);
        *proposed = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(list: &str) -> HomeGroup {
        HomeGroup { stored: vec![StoredContact { usage: "list".to_owned(), mailbox: list.to_owned() }], ..HomeGroup::default() }
    }

    #[test]
    fn a_proposal_follows_the_groups_until_somebody_types() {
        let mut form = StatementForm::default();

        propose(&mut form, &[home("spring@ietf.example")], &[]);
        assert_eq!(form.to_contacts, "spring@ietf.example");
        propose(&mut form, &[home("nmop@ietf.example"), home("spring@ietf.example")], &[]);
        assert_eq!(form.to_contacts, "nmop@ietf.example\r\nspring@ietf.example");

        form.to_contacts = "ann@example.org".to_owned();
        propose(&mut form, &[home("ccamp@ietf.example")], &[]);
        assert_eq!(form.to_contacts, "ann@example.org");
    }

    #[test]
    fn a_group_that_is_not_understood_takes_nothing_away() {
        let peer = PeerGroup {
            stored: vec![StoredContact { usage: "send-to".to_owned(), mailbox: "sg11@itu-t.example".to_owned() }],
            ..PeerGroup::default()
        };
        let mut form = StatementForm::default();
        propose(&mut form, &[home("spring@ietf.example")], &[peer]);
        let before = form.clone();

        propose(&mut form, &[], &[]);

        assert_eq!(form, before);
        propose(&mut form, &[home("nmop@ietf.example")], &[PeerGroup::default()]);
        assert_eq!((form.to_contacts.as_str(), form.received_from.as_str()), ("nmop@ietf.example", ""));
    }

    #[test]
    fn what_was_emptied_stays_empty() {
        let mut form = StatementForm::default();
        propose(&mut form, &[home("spring@ietf.example")], &[]);

        form.to_contacts.clear();
        propose(&mut form, &[home("nmop@ietf.example")], &[]);

        assert_eq!(form.to_contacts, "");
    }
}

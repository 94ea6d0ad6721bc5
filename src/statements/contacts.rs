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

/// Fills contact fields that are empty, once.
pub fn propose(form: &mut StatementForm, home: &[HomeGroup], peers: &[PeerGroup]) {
    if form.contacts_proposed || (home.is_empty() && peers.is_empty()) {
        return;
    }
    form.contacts_proposed = true;
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
    let send_to = || peers.iter().flat_map(|group| &group.stored).filter(|contact| contact.usage == "send-to").map(|contact| contact.mailbox.clone());
    fill(&mut form.to_contacts, &mut HashSet::new(), to.clone());
    let mut named = addresses(&to);
    fill(&mut form.cc_contacts, &mut named, cc);
    if let Some(first) = send_to().next() {
        fill(&mut form.received_from, &mut HashSet::new(), vec![first]);
    }
}

fn mailbox(holder: &Holder) -> Option<String> {
    let address: EmailAddress = holder.address.parse().ok()?;
    Mailbox::new(Some(&holder.name), address).ok().map(|mailbox| mailbox.to_string())
}

fn addresses(mailboxes: &[String]) -> HashSet<String> {
    mailboxes.iter().filter_map(|text| text.parse::<Mailbox>().ok()).map(|mailbox| mailbox.address().key()).collect()
}

/// One mailbox a line; an address named before is not named again.
fn fill(field: &mut String, named: &mut HashSet<String>, mailboxes: Vec<String>) {
    if !field.trim().is_empty() {
        return;
    }
    let mut lines = Vec::new();
    for text in mailboxes {
        let Ok(mailbox) = text.parse::<Mailbox>() else { continue };
        if named.insert(mailbox.address().key()) {
            lines.push(mailbox.to_string());
        }
    }
    *field = lines.join("\n");
}

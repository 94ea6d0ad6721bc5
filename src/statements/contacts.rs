//! Contacts that are proposed once groups are chosen (domain.md 6). Pure; what was typed is never overwritten.

use std::collections::HashSet;

use crate::mail::address::{EmailAddress, Mailbox};
use crate::organizations::StoredContact;
use crate::people::store::Holder;
use crate::statements::Direction;
use crate::statements::form::StatementForm;

/// What is known of a home group.
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
    /// Where nothing is stored: its contacts in the last statement exchanged with it, first where it takes mail.
    pub last: Vec<StoredContact>,
    /// Its liaison managers.
    pub managers: Vec<Holder>,
}

/// Contacts that are proposed for a statement; mailboxes with their names, each address once, most important first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Of an outgoing one *From contacts*: lists and chairs of the groups it is from.
    pub from: Vec<String>,
    /// *To contacts*: of an incoming one lists and chairs of the addressed groups; of an outgoing one what the peers store.
    pub to: Vec<String>,
    /// *Cc contacts*: responsible Area Directors, the peers' managers, and what is stored.
    pub cc: Vec<String>,
    /// Of an outgoing one *Send to*: the peers' or that of their nearest ancestor, with who last confirmed it and when; none
    /// where it is not all of theirs, for the mail goes to it alone.
    pub send_to: Option<StoredContact>,
    /// Of an outgoing one *Send reply to*: the manager's alias, or else the coordinators' address.
    pub send_reply_to: String,
    /// Of an incoming one *Received from*: where the sender takes mail.
    pub received_from: String,
}

/// What is proposed once groups are chosen; `home` are the groups of ours on either side, `peers` the others.
/// A home group's stored contacts win over the rules, a peer's are a proposal (domain.md 6).
pub fn proposal(direction: Direction, home: &[HomeGroup], peers: &[PeerGroup], coordinators: &str) -> Proposal {
    let is_outgoing = direction == Direction::Outgoing;
    let (mut ours, mut theirs, mut cc) = (Vec::new(), Vec::new(), Vec::new());
    for group in peers.iter().filter(|_| is_outgoing) {
        theirs.extend(of_use(&group.stored, "to"));
        theirs.extend(of_use(&group.last, "to"));
        cc.extend(of_use(&group.stored, "cc"));
    }
    for group in home {
        let stored_to: Vec<String> = of_use(&group.stored, "to").collect();
        if stored_to.is_empty() {
            ours.extend(of_use(&group.stored, "list"));
            let aliases: Vec<String> = of_use(&group.stored, "chairs").collect();
            if aliases.is_empty() { ours.extend(group.chairs.iter().filter_map(mailbox)) } else { ours.extend(aliases) }
        } else {
            ours.extend(stored_to);
        }
        cc.extend(of_use(&group.stored, "cc"));
        cc.extend(group.directors.iter().filter_map(mailbox));
    }
    for group in peers {
        cc.extend(group.managers.iter().filter_map(mailbox));
    }
    let known = |group: &PeerGroup| {
        let mut known = group.stored.iter().chain(group.last.iter().filter(|_| is_outgoing));
        known.find(|contact| contact.usage == "send-to").cloned()
    };
    let of_each: Vec<Option<StoredContact>> = peers.iter().map(known).collect();
    let mut named = HashSet::new();
    if is_outgoing {
        let mut keys = of_each.iter().map(|contact| contact.as_ref().and_then(address_key));
        let first = keys.next();
        let is_everybodys = keys.all(|key| Some(key) == first);
        let send_to = if is_everybodys { of_each.first().cloned().flatten() } else { None };
        let apart = of_each.iter().flatten().filter(|_| send_to.is_none()).map(|contact| contact.mailbox.clone());
        let theirs = apart.chain(theirs).collect();
        let alias = peers.iter().flat_map(|group| &group.managers).find_map(|manager| manager.alias.clone());
        named.extend(send_to.iter().filter_map(|contact| contact.mailbox.parse::<Mailbox>().ok()).map(|mailbox| mailbox.address().key()));
        let (to, from) = (once(theirs, &mut named), once(ours, &mut named));
        let send_reply_to = alias.unwrap_or_else(|| coordinators.to_owned());
        Proposal { from, to, cc: once(cc, &mut named), send_to, send_reply_to, received_from: String::new() }
    } else {
        let send_to = of_each.into_iter().flatten().next();
        let to = once(ours, &mut named);
        let received_from = once(send_to.into_iter().map(|contact| contact.mailbox).collect(), &mut HashSet::new()).concat();
        Proposal { to, cc: once(cc, &mut named), received_from, ..Proposal::default() }
    }
}

fn of_use<'a>(stored: &'a [StoredContact], usage: &'static str) -> impl Iterator<Item = String> + use<'a> {
    stored.iter().filter(move |contact| contact.usage == usage).map(|contact| contact.mailbox.clone())
}

/// Proposes contacts: into fields that hold what was proposed before, or were never filled. While no group is understood
/// on a side, what stands there stays: an error in one field leaves the others as typed.
pub fn propose(form: &mut StatementForm, direction: Direction, home: &[HomeGroup], peers: &[PeerGroup], coordinators: &str) {
    let proposal = proposal(direction, home, peers, coordinators);
    let (has_home, has_peer) = (!home.is_empty(), !peers.is_empty());
    let is_outgoing = direction == Direction::Outgoing;
    if is_outgoing && has_home {
        follow(&mut form.from_contacts, &mut form.proposed.from, proposal.from.join("\r\n"));
    }
    if is_outgoing && has_peer {
        follow(&mut form.send_to, &mut form.proposed.send_to, proposal.send_to.map(|contact| contact.mailbox).unwrap_or_default());
        follow(&mut form.send_reply_to, &mut form.proposed.send_reply_to, proposal.send_reply_to);
    }
    if if is_outgoing { has_peer } else { has_home } {
        follow(&mut form.to_contacts, &mut form.proposed.to, proposal.to.join("\r\n"));
    }
    if (has_home && has_peer) || form.cc_contacts.is_empty() {
        follow(&mut form.cc_contacts, &mut form.proposed.cc, proposal.cc.join("\r\n"));
    }
    if !is_outgoing && has_peer {
        follow(&mut form.received_from, &mut form.proposed.received_from, proposal.received_from);
    }
}

fn mailbox(holder: &Holder) -> Option<String> {
    let address: EmailAddress = holder.address.parse().ok()?;
    Mailbox::new(Some(&holder.name), address).ok().map(|mailbox| mailbox.to_string())
}

fn address_key(contact: &StoredContact) -> Option<String> {
    contact.mailbox.parse::<Mailbox>().ok().map(|mailbox| mailbox.address().key())
}

/// An address named before is not named again.
fn once(mailboxes: Vec<String>, named: &mut HashSet<String>) -> Vec<String> {
    let read = mailboxes.iter().filter_map(|text| text.parse::<Mailbox>().ok());
    read.filter(|mailbox| named.insert(mailbox.address().key())).map(|mailbox| mailbox.to_string()).collect()
}

/// A field that still holds the last proposal takes the new one; what a person typed, or emptied, stays.
pub fn follow(field: &mut String, proposed: &mut String, now: String) {
    let same = |one: &str, other: &str| one.lines().map(str::trim).eq(other.lines().map(str::trim));
    // what is the proposal anyway follows the groups from now on: a form may come filled in with it
    let is_proposed = !field.trim().is_empty() && same(field, &now);
    if is_proposed || same(field, proposed) {
        field.clone_from(&now);
        *proposed = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::people::RoleKind;

    fn stored(usage: &str, mailbox: &str) -> StoredContact {
        StoredContact { usage: usage.to_owned(), mailbox: mailbox.to_owned(), of: "ITU-T".to_owned(), ..StoredContact::default() }
    }

    fn holder(name: &str, address: &str, alias: Option<&str>, kind: RoleKind) -> Holder {
        Holder {
            person_id: PersonId(1),
            name: name.to_owned(),
            address: alias.unwrap_or(address).to_owned(),
            alias: alias.map(str::to_owned),
            kind,
            group_id: None,
            group_label: String::new(),
            away_until: None,
        }
    }

    fn wire() -> HomeGroup {
        HomeGroup {
            stored: vec![stored("list", "wire@ietf.example")],
            chairs: vec![holder("Carol", "carol@people.example", None, RoleKind::Chair)],
            directors: vec![holder("Nora", "nora@people.example", None, RoleKind::AreaDirector)],
        }
    }

    fn sg11() -> PeerGroup {
        PeerGroup {
            stored: vec![
                stored("send-to", "SG11 <sg11@itu-t.example>"),
                stored("to", "SG11@itu-t.example"),
                stored("to", "officer@itu-t.example"),
                stored("cc", "tsb@itu-t.example"),
            ],
            managers: vec![holder("Ivo", "ivo@people.example", Some("itu-t-manager@ietf.example"), RoleKind::LiaisonManager)],
            ..PeerGroup::default()
        }
    }

    #[test]
    fn an_outgoing_one_goes_to_the_peers_send_to_and_replies_to_the_managers_alias() {
        let proposal = proposal(Direction::Outgoing, &[wire()], &[sg11()], "coordinators@iab.example");

        assert_eq!(proposal.send_to.map(|contact| (contact.mailbox, contact.of)), Some(("SG11 <sg11@itu-t.example>".to_owned(), "ITU-T".to_owned())));
        assert_eq!(proposal.send_reply_to, "itu-t-manager@ietf.example");
        // what is *Send to* is not named again, in whatever case
        assert_eq!(proposal.to, ["officer@itu-t.example"]);
        assert_eq!(proposal.from, ["wire@ietf.example", "Carol <carol@people.example>"]);
        assert_eq!(proposal.cc, ["tsb@itu-t.example", "Nora <nora@people.example>", "Ivo <itu-t-manager@ietf.example>"]);
        assert_eq!(proposal.received_from, "");
    }

    #[test]
    fn where_nothing_is_stored_the_contacts_of_the_last_one_exchanged_are_proposed() {
        let last = vec![stored("send-to", "zsm@etsi.example"), stored("to", "Ann <ann@etsi.example>")];
        let etsi = PeerGroup { last, ..PeerGroup::default() };
        let outgoing = proposal(Direction::Outgoing, &[wire()], std::slice::from_ref(&etsi), "coordinators@iab.example");
        assert_eq!(outgoing.send_to.map(|contact| contact.mailbox).as_deref(), Some("zsm@etsi.example"));
        assert_eq!(outgoing.to, ["Ann <ann@etsi.example>"]);
        // who wrote last is not who writes now
        assert_eq!(proposal(Direction::Incoming, &[wire()], &[etsi], "coordinators@iab.example").received_from, "");
    }

    #[test]
    fn no_peer_is_left_out_because_the_mail_goes_to_another_ones_address_alone() {
        let sa3 = PeerGroup { stored: vec![stored("send-to", "sa3@3gpp.example"), stored("to", "chair@3gpp.example")], ..PeerGroup::default() };
        let proposal = |peers: &[PeerGroup]| proposal(Direction::Outgoing, &[wire()], peers, "coordinators@iab.example");

        let both = proposal(&[sg11(), sa3]);
        assert_eq!(both.send_to, None);
        assert_eq!(both.to, ["SG11 <sg11@itu-t.example>", "sa3@3gpp.example", "officer@itu-t.example", "chair@3gpp.example"]);
        // nor where of the other no such address is known
        let without = proposal(&[PeerGroup { stored: vec![stored("to", "chair@3gpp.example")], ..PeerGroup::default() }, sg11()]);
        assert_eq!((without.send_to, without.to.len()), (None, 3));
        // an address that is that of all of them reaches all
        assert!(proposal(&[sg11(), sg11()]).send_to.is_some());
    }

    #[test]
    fn replies_go_to_the_coordinators_where_no_manager_has_an_alias() {
        let without = PeerGroup { managers: vec![holder("Ivo", "ivo@people.example", None, RoleKind::LiaisonManager)], ..PeerGroup::default() };
        for peers in [vec![], vec![PeerGroup::default()], vec![without]] {
            let proposal = proposal(Direction::Outgoing, &[wire()], &peers, "coordinators@iab.example");
            assert_eq!((proposal.send_reply_to.as_str(), proposal.send_to), ("coordinators@iab.example", None));
        }
    }

    #[test]
    fn a_home_groups_stored_contacts_win_over_the_rules() {
        let own = HomeGroup { stored: vec![stored("to", "liaison@wire.example"), stored("list", "wire@ietf.example")], ..wire() };

        assert_eq!(proposal(Direction::Outgoing, std::slice::from_ref(&own), &[], "c@iab.example").from, ["liaison@wire.example"]);
        let incoming = proposal(Direction::Incoming, &[own], &[sg11()], "c@iab.example");
        assert_eq!(incoming.to, ["liaison@wire.example"]);
        assert_eq!(incoming.cc, ["Nora <nora@people.example>", "Ivo <itu-t-manager@ietf.example>"]);
        assert_eq!((incoming.received_from.as_str(), incoming.send_reply_to.as_str()), ("SG11 <sg11@itu-t.example>", ""));
    }

    fn home(list: &str) -> HomeGroup {
        HomeGroup { stored: vec![stored("list", list)], ..HomeGroup::default() }
    }

    #[test]
    fn a_proposal_follows_the_groups_until_somebody_types() {
        let mut form = StatementForm::default();

        propose(&mut form, Direction::Incoming, &[home("spring@ietf.example")], &[], "");
        assert_eq!(form.to_contacts, "spring@ietf.example");
        propose(&mut form, Direction::Incoming, &[home("nmop@ietf.example"), home("spring@ietf.example")], &[], "");
        assert_eq!(form.to_contacts, "nmop@ietf.example\r\nspring@ietf.example");

        form.to_contacts = "ann@example.org".to_owned();
        propose(&mut form, Direction::Incoming, &[home("ccamp@ietf.example")], &[], "");
        assert_eq!(form.to_contacts, "ann@example.org");
    }

    #[test]
    fn a_group_that_is_not_understood_takes_nothing_away() {
        let peer = PeerGroup { stored: vec![stored("send-to", "sg11@itu-t.example")], ..PeerGroup::default() };
        let mut form = StatementForm::default();
        propose(&mut form, Direction::Incoming, &[home("spring@ietf.example")], &[peer], "");
        let before = form.clone();

        propose(&mut form, Direction::Incoming, &[], &[], "");

        assert_eq!(form, before);
        propose(&mut form, Direction::Incoming, &[home("nmop@ietf.example")], &[PeerGroup::default()], "");
        assert_eq!((form.to_contacts.as_str(), form.received_from.as_str()), ("nmop@ietf.example", ""));
    }

    #[test]
    fn what_was_emptied_stays_empty() {
        let mut form = StatementForm::default();
        propose(&mut form, Direction::Incoming, &[home("spring@ietf.example")], &[], "");

        form.to_contacts.clear();
        propose(&mut form, Direction::Incoming, &[home("nmop@ietf.example")], &[], "");

        assert_eq!(form.to_contacts, "");
    }
}

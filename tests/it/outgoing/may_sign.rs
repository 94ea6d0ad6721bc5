//! `may_sign` as a table (domain.md 4; robustness.md AZ04).

use liaison_tracker::ids::PersonId;
use liaison_tracker::permissions::{Asked, Case, Others, may_sign};
use liaison_tracker::statements::{Direction, SignOffKind};

use super::policy::{case, key, somebody};

const AUTHOR: i64 = 7;

/// Nobody stands in yet.
const HERE: Others = Others { nobody_holds_it: false, may_stand_in: false, named: Vec::new(), submitted_by: None };
/// The row waited its working days, or all who hold its role are away.
const WAITED: Others = Others { nobody_holds_it: false, may_stand_in: true, named: Vec::new(), submitted_by: None };
const NOBODY: Others = Others { nobody_holds_it: true, may_stand_in: false, named: Vec::new(), submitted_by: None };

fn asked(kind: SignOffKind, at: &str) -> Asked {
    Asked { kind, at: (!at.is_empty()).then(|| key(at)) }
}

/// `own`, `standing in`, or the beginning of why not.
fn outcome(id: i64, roles: &[&str], row: Asked, case: &Case, others: &Others) -> String {
    match may_sign(&somebody(id, roles), row, case, others) {
        Ok(signing) if signing.iter().any(|one| !one.is_standing_in) => "own".to_owned(),
        Ok(_) => "standing in".to_owned(),
        Err(why) => why.0,
    }
}

#[test]
fn who_may_give_which_row() {
    use SignOffKind::{Agreement, Approval, Coordinator, Manager};
    let of_wire = case(&["wire"], &["sg11"], AUTHOR);
    let of_net = case(&["net"], &["sg11"], AUTHOR);
    let of_ietf = case(&["ietf"], &["sg11"], AUTHOR);
    let of_iab = case(&["iab"], &["sg11"], AUTHOR);
    let of_both = case(&["wire", "ietf"], &["sg11"], AUTHOR);
    let of_two = case(&["wire", "keys"], &["sg11", "sa3"], AUTHOR);
    let named = |id: i64| Others { named: vec![PersonId(id)], nobody_holds_it: false, may_stand_in: true, submitted_by: None };
    let table: Vec<(&[&str], Asked, &Case, Others, &str)> = vec![
        // the group's agreement
        (&["chair:wire"][..], asked(Agreement, "wire"), &of_wire, HERE, "own"),
        (&["secretary:wire"][..], asked(Agreement, "wire"), &of_wire, HERE, "own"),
        (&["chair:keys"][..], asked(Agreement, "wire"), &of_wire, WAITED, "Only a chair or secretary"),
        (&["chair:keys"][..], asked(Agreement, "wire"), &of_two, WAITED, "Only a chair or secretary"),
        (&["ad:net"][..], asked(Agreement, "wire"), &of_wire, WAITED, "Only a chair or secretary"),
        (&["ad:net"][..], asked(Agreement, "net"), &of_net, HERE, "own"),
        (&["ad:sec"][..], asked(Agreement, "net"), &of_net, WAITED, "Only a chair or secretary"),
        (&["coordinator"][..], asked(Agreement, "wire"), &of_wire, HERE, "Only a chair or secretary"),
        (&["coordinator"][..], asked(Agreement, "wire"), &of_wire, WAITED, "standing in"),
        (&["coordinator"][..], asked(Agreement, "wire"), &of_wire, NOBODY, "standing in"),
        (&["manager:itu-t"][..], asked(Agreement, "wire"), &of_wire, WAITED, "Only a chair or secretary"),
        // the approval of an Area Director
        (&["ad:net"][..], asked(Approval, ""), &of_wire, HERE, "own"),
        (&["responsible:wire"][..], asked(Approval, ""), &of_wire, HERE, "own"),
        (&["responsible:mesh"][..], asked(Approval, ""), &of_wire, WAITED, "Only the Area Director"),
        (&["ad:sec"][..], asked(Approval, ""), &of_wire, WAITED, "Only the Area Director"),
        (&["ad:sec"][..], asked(Approval, ""), &of_two, HERE, "own"),
        (&["ad:sec"][..], asked(Approval, "net"), &of_two, WAITED, "Only the Area Director"),
        (&["chair:wire"][..], asked(Approval, ""), &of_wire, WAITED, "Only the Area Director"),
        (&["coordinator"][..], asked(Approval, ""), &of_wire, WAITED, "Only the Area Director"),
        (&["ietf-chair"][..], asked(Approval, ""), &of_wire, HERE, "Only the Area Director"),
        (&["ietf-chair"][..], asked(Approval, ""), &of_wire, WAITED, "standing in"),
        (&["ietf-chair"][..], asked(Approval, ""), &of_wire, NOBODY, "standing in"),
        (&["iab-chair"][..], asked(Approval, ""), &of_wire, WAITED, "Only the Area Director"),
        (&["ad:sec"][..], asked(Approval, ""), &of_wire, named(1), "standing in"),
        (&["ad:sec"][..], asked(Approval, ""), &of_wire, named(2), "Only the Area Director"),
        (&["iab-member"][..], asked(Approval, ""), &of_wire, named(1), "standing in"),
        // of the IETF and the IESG the IETF Chair alone, of the IAB its Chair or whom the IAB named
        (&["ietf-chair"][..], asked(Approval, "ietf"), &of_ietf, HERE, "own"),
        (&["ad:net"][..], asked(Approval, "ietf"), &of_ietf, WAITED, "Only the Area Director"),
        (&["iab-chair"][..], asked(Approval, "iab"), &of_iab, HERE, "own"),
        (&["ietf-chair"][..], asked(Approval, "iab"), &of_iab, WAITED, "Only the Area Director"),
        (&["ietf-chair"][..], asked(Approval, "iab"), &of_iab, NOBODY, "Only the Area Director"),
        (&["iab-member"][..], asked(Approval, "iab"), &of_iab, WAITED, "Only the Area Director"),
        (&["iab-member"][..], asked(Approval, "iab"), &of_iab, named(1), "standing in"),
        (&["ad:net"][..], asked(Approval, "ietf"), &of_both, WAITED, "Only the Area Director"),
        (&["ietf-chair"][..], asked(Approval, "ietf"), &of_both, HERE, "own"),
        (&["ad:net"][..], asked(Approval, ""), &of_both, HERE, "own"),
        // the liaison manager's
        (&["manager:itu-t"][..], asked(Manager, "itu-t"), &of_wire, HERE, "own"),
        (&["manager:3gpp"][..], asked(Manager, "itu-t"), &of_wire, WAITED, "Only the addressed"),
        (&["manager:3gpp"][..], asked(Manager, "3gpp"), &of_two, HERE, "own"),
        // of a node below: not the organization's
        (&["manager:sa"][..], asked(Manager, "3gpp"), &of_two, HERE, "Only the addressed"),
        (&["manager:itu-t"][..], asked(Manager, "3gpp"), &of_two, WAITED, "Only the addressed"),
        (&["coordinator"][..], asked(Manager, "itu-t"), &of_wire, HERE, "Only the addressed"),
        (&["coordinator"][..], asked(Manager, "itu-t"), &of_wire, WAITED, "standing in"),
        (&["coordinator"][..], asked(Manager, "itu-t"), &of_wire, NOBODY, "own"),
        (&["ad:net"][..], asked(Manager, "itu-t"), &of_wire, NOBODY, "Only the addressed"),
        // the review by a coordinator
        (&["coordinator"][..], asked(Coordinator, ""), &of_wire, HERE, "own"),
        (&["iab-chair"][..], asked(Coordinator, ""), &of_wire, WAITED, "Only a coordinator"),
        (&["manager:itu-t"][..], asked(Coordinator, ""), &of_wire, WAITED, "Only a coordinator"),
    ];
    let mut wrong = Vec::new();
    for (roles, row, case, others, expected) in table {
        let found = outcome(1, roles, row, case, &others);
        if !found.starts_with(expected) {
            wrong.push(format!("{roles:?} {row:?} {others:?}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nobody_of_the_peer_signs_whatever_else_they_hold() {
    let of_wire = case(&["wire"], &["sg11"], AUTHOR);
    let rows = [
        (SignOffKind::Agreement, "wire", "chair:wire"),
        (SignOffKind::Approval, "", "ad:net"),
        (SignOffKind::Manager, "itu-t", "manager:itu-t"),
        (SignOffKind::Coordinator, "", "coordinator"),
    ];
    for (kind, at, own) in rows {
        // of the addressed group, of the organization, or of another group of it
        for theirs in ["chair:sg11", "secretary:itu-t", "chair:sg15"] {
            let found = outcome(1, &[own, theirs], asked(kind, at), &of_wire, &WAITED);
            assert_eq!(found, "Nobody of the organization it goes to signs it.", "{own} {theirs}");
        }
        assert_eq!(outcome(1, &[own, "chair:sa3"], asked(kind, at), &of_wire, &HERE), "own", "{own}, and of another peer");
    }
}

#[test]
fn the_secretariat_never_signs_in_its_own_name() {
    let all = case(&["wire", "ietf", "iab"], &["sg11"], AUTHOR);
    for (kind, at) in [
        (SignOffKind::Agreement, "wire"),
        (SignOffKind::Approval, ""),
        (SignOffKind::Approval, "ietf"),
        (SignOffKind::Approval, "iab"),
        (SignOffKind::Manager, "itu-t"),
        (SignOffKind::Coordinator, ""),
    ] {
        for others in [HERE, WAITED, NOBODY] {
            let found = outcome(1, &["secretariat"], asked(kind, at), &all, &others);
            assert!(found.starts_with("The secretariat never signs in its own name"), "{kind:?} {others:?}: {found}");
        }
    }
}

#[test]
fn who_drafted_on_behalf_does_not_agree_in_the_groups_place() {
    let of_wire = case(&["wire"], &["sg11"], AUTHOR);
    let agreement = asked(SignOffKind::Agreement, "wire");
    for others in [HERE, WAITED, NOBODY] {
        for roles in [&["coordinator"][..], &["manager:itu-t"], &["manager:itu-t", "ad:sec"], &["manager:itu-t", "coordinator"]] {
            assert!(outcome(AUTHOR, roles, agreement, &of_wire, &others).starts_with("Only a chair"), "{roles:?} {others:?}");
        }
    }
    // an Area Director of another area who is the manager too approves nothing (AZ04)
    let approval = asked(SignOffKind::Approval, "");
    assert!(outcome(AUTHOR, &["manager:itu-t", "ad:sec"], approval, &of_wire, &WAITED).starts_with("Only the Area Director"));
}

#[test]
fn of_an_incoming_one_being_of_the_peer_does_not_matter() {
    let mut incoming = case(&["sg11"], &["wire"], AUTHOR);
    incoming.direction = Direction::Incoming;
    let check = asked(SignOffKind::Check, "sg11");
    assert_eq!(outcome(1, &["manager:itu-t"], check, &incoming, &HERE), "own");
    assert!(outcome(1, &["secretariat"], check, &incoming, &HERE).starts_with("The secretariat never signs"));
}

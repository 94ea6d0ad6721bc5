//! Which sign-offs a policy asks for, and how each begins (domain.md 4; inputs 14).

use liaison_tracker::ids::{GroupId, PersonId, SessionId};
use liaison_tracker::people::{Role, RoleKind, Viewer};
use liaison_tracker::permissions::{Asked, Case, Others, Party};
use liaison_tracker::statements::sign_offs::{Begins, Needed, Policy, begin, rows};
use liaison_tracker::statements::{ApprovalPolicy, CoordinatorPolicy, Direction, Side, SignOffKind, State};

/// Groups by acronym: its key, its kind, its line up to the root.
const GROUPS: [(&str, i64, &str, &[i64]); 22] = [
    ("ietf", 1, "organization", &[1]),
    ("iesg", 2, "iesg", &[2, 1]),
    ("iab", 3, "iab", &[3, 1]),
    ("net", 10, "area", &[10, 1]),
    ("sec", 20, "area", &[20, 1]),
    ("ops", 30, "area", &[30, 1]),
    ("wire", 11, "wg", &[11, 10, 1]),
    ("mesh", 12, "wg", &[12, 10, 1]),
    ("path", 13, "wg", &[13, 10, 1]),
    ("keys", 21, "wg", &[21, 20, 1]),
    ("locks", 22, "wg", &[22, 20, 1]),
    ("seals", 23, "wg", &[23, 20, 1]),
    ("bench", 31, "wg", &[31, 30, 1]),
    ("tools", 32, "wg", &[32, 30, 1]),
    ("itu-t", 100, "organization", &[100]),
    ("sg11", 101, "group", &[101, 100]),
    ("sg15", 102, "group", &[102, 100]),
    ("3gpp", 200, "organization", &[200]),
    ("sa", 201, "group", &[201, 200]),
    ("sa3", 202, "group", &[202, 201, 200]),
    ("etsi", 300, "organization", &[300]),
    ("zsm", 301, "group", &[301, 300]),
];

pub fn key(acronym: &str) -> GroupId {
    GroupId(group(acronym).1)
}

fn group(acronym: &str) -> (&'static str, i64, &'static str, &'static [i64]) {
    GROUPS.into_iter().find(|group| group.0 == acronym).unwrap_or_else(|| panic!("no group {acronym}"))
}

fn party(side: Side, acronym: &str) -> Party {
    let (_, id, kind, line) = group(acronym);
    let line: Vec<GroupId> = line.iter().copied().map(GroupId).collect();
    Party { side, group_id: GroupId(id), label: acronym.to_uppercase(), kind: kind.to_owned(), is_home: id < 100, line }
}

pub fn case(from: &[&str], to: &[&str], author: i64) -> Case {
    let from = from.iter().map(|acronym| party(Side::From, acronym));
    Case {
        direction: Direction::Outgoing,
        state: State::InReview,
        author_id: Some(PersonId(author)),
        assignees: Vec::new(),
        readers: Vec::new(),
        parties: from.chain(to.iter().map(|acronym| party(Side::To, acronym))).collect(),
    }
}

/// Somebody by their roles: `chair:wire`, `ad:net`, `responsible:wire`, `manager:itu-t`, `ietf-chair` …
pub fn somebody(id: i64, roles: &[&str]) -> Viewer {
    let role = |text: &&str| {
        let (kind, at) = text.split_once(':').map_or((*text, None), |(kind, at)| (kind, Some(at)));
        let kind = match kind {
            "ad" => RoleKind::AreaDirector,
            "responsible" => RoleKind::ResponsibleAreaDirector,
            "manager" => RoleKind::LiaisonManager,
            other => RoleKind::parse(other).unwrap_or_else(|| panic!("no role {other}")),
        };
        let root_id = at.and_then(|at| group(at).3.last().copied()).map(GroupId);
        Role { kind, group_id: at.map(key), root_id, group_label: at.unwrap_or_default().to_uppercase(), alias: None, away_until: None }
    };
    let roles = roles.iter().map(role).collect();
    Viewer { person_id: PersonId(id), name: "S".to_owned(), address: "s@example.org".to_owned(), session_id: SessionId(1), roles }
}

const DEFAULT: Policy =
    Policy { approval: ApprovalPolicy::One, coordinator: CoordinatorPolicy::MayHold, in_sequence: false, own_authority: true, wait_days: 3 };
const EACH: Policy = Policy { approval: ApprovalPolicy::EachArea, ..DEFAULT };
const REQUIRED: Policy = Policy { coordinator: CoordinatorPolicy::Required, ..DEFAULT };

/// "agreement:wire", "approval", "manager:itu-t".
fn shown(row: Asked) -> String {
    let at = row.at.map(|at| GROUPS.into_iter().find(|group| group.1 == at.0).map_or("?", |group| group.0));
    at.map_or_else(|| row.kind.as_str().to_owned(), |at| format!("{}:{at}", row.kind.as_str()))
}

fn organizations(case: &Case) -> Vec<GroupId> {
    let mut all = Vec::new();
    for root in case.parties.iter().filter(|party| party.side == Side::To).filter_map(|party| party.line.last().copied()) {
        if !all.contains(&root) {
            all.push(root);
        }
    }
    all
}

fn rows_for(policy: &Policy, case: &Case, submitter: &Viewer) -> Vec<String> {
    rows(policy, case, submitter, &organizations(case)).into_iter().map(shown).collect()
}

/// How they begin where everybody else's role is held by somebody else: `+` given, `?` asked, `.` later.
fn begun(policy: &Policy, case: &Case, submitter: &Viewer, others: &dyn Fn(Asked) -> (Others, bool)) -> Vec<String> {
    let rows = rows(policy, case, submitter, &organizations(case));
    let words = |one: Needed| {
        let sign = match one.begins {
            Begins::Given(_) => "+",
            Begins::Waiting => "?",
            Begins::Later => ".",
        };
        format!("{sign}{}", shown(one.asked))
    };
    begin(policy, case, submitter, &rows, others).into_iter().map(words).collect()
}

fn held(_: Asked) -> (Others, bool) {
    (Others::default(), true)
}

/// Nobody holds the role of rows of that kind; `somebody_else` could still give them.
fn nobody(kind: SignOffKind, somebody_else: bool) -> impl Fn(Asked) -> (Others, bool) {
    move |row| if row.kind == kind { (Others { nobody_holds_it: true, ..Others::default() }, somebody_else) } else { held(row) }
}

const EIGHT: [&str; 8] = ["wire", "mesh", "path", "keys", "locks", "seals", "bench", "tools"];

#[test]
fn who_holds_a_role_in_one_group_needs_no_agreement() {
    let one = |submitter: &[&str], from: &[&str]| rows_for(&DEFAULT, &case(from, &["sg11"], 9), &somebody(1, submitter));
    let plain = ["approval", "manager:itu-t"];
    for submitter in ["chair:wire", "secretary:wire", "responsible:wire", "ad:net"] {
        assert_eq!(one(&[submitter], &["wire"]), plain, "{submitter}");
        assert_eq!(one(&[submitter], &["keys", "wire"]), plain, "{submitter} of one of two");
    }
    let agreed = ["agreement:wire", "approval", "manager:itu-t"];
    for submitter in ["ad:sec", "responsible:keys", "chair:keys", "ietf-chair", "iab-chair", "manager:itu-t", "coordinator", "secretariat"] {
        assert_eq!(one(&[submitter], &["wire"]), agreed, "{submitter}");
    }
    // one for each WG and area
    assert_eq!(one(&["coordinator"], &["wire", "keys", "net"]), ["agreement:wire", "agreement:keys", "agreement:net", "approval", "manager:itu-t"]);
    assert_eq!(one(&["ad:net"], &["net"]), plain);
}

#[test]
fn ietf_iesg_and_iab_agree_by_approving() {
    let from = |from: &[&str], submitter: &str| rows_for(&DEFAULT, &case(from, &["sg11"], 9), &somebody(1, &[submitter]));
    assert_eq!(from(&["ietf"], "coordinator"), ["approval:ietf", "manager:itu-t"]);
    assert_eq!(from(&["iesg"], "ad:sec"), ["approval:iesg", "manager:itu-t"]);
    assert_eq!(from(&["iab"], "manager:itu-t"), ["approval:iab", "manager:itu-t"]);
    // one row for the authority of the IETF Chair, one for the IAB's
    assert_eq!(from(&["ietf", "iesg", "iab"], "ietf-chair"), ["approval:ietf", "approval:iab", "manager:itu-t"]);
    assert_eq!(from(&["wire", "iesg", "iab"], "chair:wire"), ["approval", "approval:iesg", "approval:iab", "manager:itu-t"]);
    assert_eq!(from(&["wire", "iab"], "secretariat"), ["agreement:wire", "approval", "approval:iab", "manager:itu-t"]);
    // any Area Director drafts for the IETF and the IESG, and so speaks for one
    assert_eq!(from(&["wire", "ietf"], "ad:sec"), ["approval", "approval:ietf", "manager:itu-t"]);
}

#[test]
fn one_approval_for_all_areas_or_each_areas() {
    let ops = somebody(1, &["ad:ops"]);
    let eight = case(&EIGHT, &["sg11"], 1);
    assert_eq!(rows_for(&DEFAULT, &eight, &ops), ["approval", "manager:itu-t"]);
    assert_eq!(rows_for(&EACH, &eight, &ops), ["approval:net", "approval:sec", "approval:ops", "manager:itu-t"]);
    assert_eq!(rows_for(&EACH, &case(&["wire", "net"], &["sg11"], 1), &somebody(1, &["chair:wire"])), ["approval:net", "manager:itu-t"]);
    // the author's own authority has given it; with each area, two more are needed (inputs 14)
    assert_eq!(begun(&DEFAULT, &eight, &ops, &held), ["+approval", "?manager:itu-t"]);
    assert_eq!(begun(&EACH, &eight, &ops, &held), ["?approval:net", "?approval:sec", "+approval:ops", "?manager:itu-t"]);
    let responsible = somebody(1, &["responsible:keys"]);
    assert_eq!(begun(&EACH, &eight, &responsible, &held), ["?approval:net", "+approval:sec", "?approval:ops", "?manager:itu-t"]);
}

#[test]
fn a_manager_for_each_organization() {
    let coordinator = somebody(1, &["coordinator"]);
    let two = case(&["ietf"], &["sg11", "sg15", "sa3", "3gpp"], 1);
    assert_eq!(rows_for(&DEFAULT, &two, &coordinator), ["approval:ietf", "manager:itu-t", "manager:3gpp"]);
    assert_eq!(begun(&DEFAULT, &two, &somebody(1, &["manager:itu-t"]), &held), ["?approval:ietf", "+manager:itu-t", "?manager:3gpp"]);
    // nobody is manager: a coordinator's own, and no standing in
    let etsi = case(&["ietf"], &["zsm"], 1);
    let without = nobody(SignOffKind::Manager, true);
    assert_eq!(begun(&DEFAULT, &etsi, &coordinator, &without), ["?approval:ietf", "+manager:etsi"]);
    assert_eq!(begun(&DEFAULT, &etsi, &coordinator, &held), ["?approval:ietf", "?manager:etsi"]);
    assert_eq!(begun(&DEFAULT, &etsi, &somebody(1, &["secretariat"]), &without), ["?approval:ietf", "?manager:etsi"]);
}

#[test]
fn the_coordinators_review_is_asked_where_it_is_required() {
    let etsi = case(&["wire"], &["zsm"], 1);
    let coordinator = somebody(1, &["coordinator"]);
    for policy in [CoordinatorPolicy::MayHold, CoordinatorPolicy::Off].map(|coordinator| Policy { coordinator, ..DEFAULT }) {
        assert_eq!(rows_for(&policy, &etsi, &somebody(1, &["chair:wire"])), ["approval", "manager:etsi"]);
    }
    assert_eq!(begun(&REQUIRED, &etsi, &somebody(1, &["chair:wire"]), &held), ["?approval", "?manager:etsi", "?coordinator"]);
    // who gave the manager's row has given the review, even where own authority is asked for again
    let asked = Policy { own_authority: false, ..REQUIRED };
    let alone = |row: Asked| {
        let nobody_holds_it = row.kind == SignOffKind::Manager;
        (Others { nobody_holds_it, ..Others::default() }, row.kind != SignOffKind::Manager)
    };
    assert_eq!(begun(&asked, &etsi, &coordinator, &alone), ["?agreement:wire", "?approval", "+manager:etsi", "+coordinator"]);
}

#[test]
fn own_authority_counts_or_is_asked_where_somebody_else_could_give_it() {
    let asked = Policy { own_authority: false, ..DEFAULT };
    let wire = case(&["wire"], &["sg11"], 1);
    let director = somebody(1, &["ad:net"]);
    assert_eq!(begun(&DEFAULT, &wire, &director, &held), ["+approval", "?manager:itu-t"]);
    assert_eq!(begun(&asked, &wire, &director, &held), ["?approval", "?manager:itu-t"]);
    assert_eq!(begun(&asked, &wire, &director, &|_| (Others::default(), false)), ["+approval", "?manager:itu-t"]);
    // several roles of one person: all that is theirs
    let both = somebody(1, &["ad:net", "manager:itu-t", "chair:wire"]);
    assert_eq!(begun(&DEFAULT, &wire, &both, &held), ["+approval", "+manager:itu-t"]);
    assert_eq!(begun(&asked, &wire, &both, &held), ["?approval", "?manager:itu-t"]);
    // nobody's authority goes further than it reaches
    for other in ["ad:sec", "responsible:mesh", "ietf-chair", "iab-chair", "secretariat", "coordinator", "manager:3gpp"] {
        let begun = begun(&DEFAULT, &wire, &somebody(1, &[other]), &held);
        assert_eq!(begun, ["?agreement:wire", "?approval", "?manager:itu-t"], "{other}");
    }
    assert_eq!(begun(&DEFAULT, &case(&["iesg"], &["sg11"], 1), &somebody(1, &["ietf-chair"]), &held), ["+approval:iesg", "?manager:itu-t"]);
    assert_eq!(begun(&DEFAULT, &case(&["iesg"], &["sg11"], 1), &somebody(1, &["ad:net"]), &held), ["?approval:iesg", "?manager:itu-t"]);
    assert_eq!(begun(&DEFAULT, &case(&["iab"], &["sg11"], 1), &somebody(1, &["iab-chair"]), &held), ["+approval:iab", "?manager:itu-t"]);
    assert_eq!(begun(&DEFAULT, &case(&["iab"], &["sg11"], 1), &somebody(1, &["ietf-chair"]), &held), ["?approval:iab", "?manager:itu-t"]);
}

#[test]
fn where_nobody_holds_the_role_whoever_gives_it_instead_has_given_it() {
    let wire = case(&["wire"], &["sg11"], 1);
    let approval = nobody(SignOffKind::Approval, false);
    assert_eq!(
        begun(&DEFAULT, &wire, &somebody(1, &["ietf-chair"]), &approval),
        ["?agreement:wire", "+approval", "?manager:itu-t"],
        "no Area Director"
    );
    // not the IAB's, which the IAB names somebody for
    let iab = case(&["iab"], &["sg11"], 1);
    assert_eq!(begun(&DEFAULT, &iab, &somebody(1, &["ietf-chair"]), &approval), ["?approval:iab", "?manager:itu-t"]);
    // who submits on behalf never agrees in the group's place
    let agreement = nobody(SignOffKind::Agreement, false);
    for author in [1, 9] {
        let wire = case(&["wire"], &["sg11"], author);
        assert_eq!(begun(&DEFAULT, &wire, &somebody(1, &["coordinator"]), &agreement), ["?agreement:wire", "?approval", "?manager:itu-t"]);
    }
}

#[test]
fn in_sequence_one_kind_is_asked_after_the_other() {
    let policy = Policy { in_sequence: true, ..REQUIRED };
    let two = case(&["wire", "keys"], &["sg11"], 1);
    let begins = |submitter: &str| begun(&policy, &two, &somebody(1, &[submitter]), &held);
    assert_eq!(begins("secretariat"), ["?agreement:wire", "?agreement:keys", ".approval", ".manager:itu-t", ".coordinator"]);
    assert_eq!(begins("chair:wire"), ["?approval", ".manager:itu-t", ".coordinator"]);
    assert_eq!(begins("ad:net"), ["+approval", "?manager:itu-t", ".coordinator"]);
    assert_eq!(begins("manager:itu-t"), ["?agreement:wire", "?agreement:keys", ".approval", "+manager:itu-t", ".coordinator"]);
    assert_eq!(begins("coordinator"), ["?agreement:wire", "?agreement:keys", ".approval", ".manager:itu-t", "+coordinator"]);
    // several rows of one kind are asked at once
    let each = Policy { approval: ApprovalPolicy::EachArea, ..policy };
    assert_eq!(begun(&each, &two, &somebody(1, &["chair:wire"]), &held), ["?approval:net", "?approval:sec", ".manager:itu-t", ".coordinator"]);
}

#[test]
fn whatever_the_policy_there_is_an_approval_and_a_manager_for_each_organization_and_no_row_twice() {
    let froms: [&[&str]; 8] =
        [&["wire"], &["net"], &["ietf"], &["iesg"], &["iab"], &["wire", "iab"], &["wire", "keys", "ietf", "iesg", "iab", "net"], &EIGHT];
    let tos: [&[&str]; 3] = [&["sg11"], &["sg11", "sa3"], &["zsm", "itu-t", "sg15"]];
    let submitters = [
        "chair:wire",
        "secretary:wire",
        "ad:net",
        "ad:sec",
        "responsible:wire",
        "responsible:keys",
        "ietf-chair",
        "iab-chair",
        "manager:itu-t",
        "coordinator",
        "secretariat",
    ];
    let mut cases = 0;
    for from in froms {
        for to in tos {
            for submitter in submitters {
                for n in 0..24u8 {
                    let policy = Policy {
                        approval: if n % 2 == 0 { ApprovalPolicy::One } else { ApprovalPolicy::EachArea },
                        in_sequence: n / 2 % 2 == 0,
                        own_authority: n / 4 % 2 == 0,
                        coordinator: [CoordinatorPolicy::MayHold, CoordinatorPolicy::Required, CoordinatorPolicy::Off][usize::from(n / 8)],
                        wait_days: 3,
                    };
                    let case = case(from, to, 1);
                    let viewer = somebody(1, &[submitter]);
                    let begun = begun(&policy, &case, &viewer, &held);
                    let about = format!("{from:?} {to:?} {submitter} {policy:?}: {begun:?}");
                    let mut once: Vec<&str> = begun.iter().map(|one| &one[1..]).collect();
                    once.sort_unstable();
                    once.dedup();
                    assert_eq!(once.len(), begun.len(), "{about}");
                    let of = |kind: &str| begun.iter().filter(|one| one[1..].starts_with(kind)).count();
                    assert!(of("approval") >= 1, "{about}");
                    assert_eq!(of("manager"), organizations(&case).len(), "{about}");
                    assert_eq!(of("coordinator"), usize::from(policy.coordinator == CoordinatorPolicy::Required), "{about}");
                    // something that waits is asked now, and only a sequence has rows for later
                    let later = begun.iter().filter(|one| one.starts_with('.')).count();
                    assert!(later == 0 || (policy.in_sequence && begun.iter().any(|one| one.starts_with('?'))), "{about}");
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 8 * 3 * 11 * 24);
}

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("an ISO date")
}

fn today() -> NaiveDate {
    day("2026-02-26")
}

fn action(label: &str, purpose: Purpose, handling: Handling) -> Action {
    Action {
        group_label: label.to_owned(),
        group_kind: "wg".to_owned(),
        purpose,
        handling,
        due: None,
        assignee: String::new(),
        closed_on: None,
        remark: Remark::default(),
    }
}

fn wanted(due: &str) -> Action {
    Action { due: Some(Due { day: day(due), is_ours: false }), ..action("SPRING", Purpose::ForAction, Handling::Open) }
}

fn facts(direction: Direction, purpose: Option<Purpose>, actions: Vec<Action>) -> Facts {
    Facts {
        direction,
        purpose,
        posted_on: Some(day("2026-02-01")),
        made_on: day("2026-02-01"),
        answers: Vec::new(),
        answered_by: Vec::new(),
        preliminary: None,
        replaced_by: None,
        actions,
    }
}

fn incoming(actions: Vec<Action>) -> Facts {
    facts(Direction::Incoming, Some(Purpose::ForAction), actions)
}

fn said(facts: &Facts, reader: Reader, today: NaiveDate) -> String {
    let status = status(facts, reader, today);
    format!("**{}**{} | {} | {} | {}", status.strong, status.rest, status.tone.as_str(), status.short, status.with)
}

#[test]
fn action_needed_says_by_when_and_with_whom() {
    let taken = incoming(vec![Action { assignee: "C. Chair".to_owned(), ..wanted("2026-03-14") }]);

    assert_eq!(
        said(&taken, Reader::Public, today()),
        "**Action needed** by Saturday 14 March 2026 (in 16 days). With the chairs of SPRING. | needs-action | Action needed | With the chairs of SPRING"
    );
    assert_eq!(
        said(&taken, Reader::RoleHolder, today()),
        "**Action needed** by Saturday 14 March 2026 (in 16 days). With C. Chair. | needs-action | Action needed | With C. Chair"
    );
}

#[test]
fn nobody_having_taken_it_is_said() {
    assert_eq!(
        said(&incoming(vec![wanted("2026-03-14")]), Reader::Public, today()),
        "**Action needed** by Saturday 14 March 2026 (in 16 days). Nobody has taken it yet (chairs of SPRING). | needs-action | Action needed | Nobody has taken it yet (chairs of SPRING)"
    );
}

#[test]
fn in_progress_says_with_whom() {
    let begun = incoming(vec![Action { handling: Handling::InProgress, assignee: "C. Chair".to_owned(), ..wanted("2026-03-14") }]);

    assert_eq!(
        said(&begun, Reader::Public, today()),
        "**In progress**, with the chairs of SPRING. Reply due Saturday 14 March 2026 (in 16 days). | in-review | In progress | With the chairs of SPRING"
    );
}

#[test]
fn late_is_said_to_role_holders_only() {
    let late = incoming(vec![Action { assignee: "C. Chair".to_owned(), ..wanted("2026-03-14") }]);

    assert_eq!(
        said(&late, Reader::RoleHolder, day("2026-03-18")),
        "**Late**: a reply was due Saturday 14 March 2026, 4 days ago. With C. Chair. | late | Late, 4 days | With C. Chair"
    );
    assert_eq!(
        said(&late, Reader::RoleHolder, day("2026-03-21")),
        "**Late**: a reply was due Saturday 14 March 2026, 7 days ago. With C. Chair. | late | Late, 7 days | With C. Chair"
    );
    assert_eq!(
        said(&late, Reader::RoleHolder, day("2026-04-06")),
        "**Long overdue**: due Saturday 14 March 2026, 23 days ago. With C. Chair. | late | Long overdue, 23 days | With C. Chair"
    );
    assert_eq!(
        said(&late, Reader::Public, day("2026-04-06")),
        "**Reply asked for** by Saturday 14 March 2026; none recorded yet. | needs-action | Reply asked for | With the chairs of SPRING"
    );
    assert_eq!(
        said(&late, Reader::RoleHolder, day("2026-03-14")),
        "**Action needed** by Saturday 14 March 2026 (today). With C. Chair. | needs-action | Action needed | With C. Chair"
    );
}

#[test]
fn an_answer_by_of_ours_is_shown_as_ours() {
    let ours =
        incoming(vec![Action { due: Some(Due { day: day("2026-03-14"), is_ours: true }), ..action("SPRING", Purpose::ForAction, Handling::Open) }]);

    assert_eq!(
        status(&ours, Reader::Public, today()).sentence(),
        "Action needed; the letter names no day, we aim to answer by Saturday 14 March 2026 (in 16 days). Nobody has taken it yet (chairs of SPRING)."
    );
    assert_eq!(
        status(&ours, Reader::Public, day("2026-03-20")).sentence(),
        "Action needed; the letter names no day, we aimed to answer by Saturday 14 March 2026; none recorded yet."
    );
}

#[test]
fn for_information_expects_no_reply() {
    let open = action("SPRING", Purpose::ForInformation, Handling::Open);
    let information = |actions| facts(Direction::Incoming, Some(Purpose::ForInformation), actions);
    let noted = Action { handling: Handling::Noted, closed_on: Some(day("2026-03-03")), ..open.clone() };

    assert_eq!(status(&information(vec![open.clone()]), Reader::Public, today()).sentence(), "For information. No reply expected.");
    assert_eq!(status(&information(vec![]), Reader::Public, today()).sentence(), "For information. No reply expected.");
    assert_eq!(
        said(&information(vec![noted.clone()]), Reader::Public, today()),
        "**Noted** by SPRING on 3 March 2026. No reply expected. | plain | Noted | by SPRING"
    );
    assert_eq!(status(&information(vec![noted, open]), Reader::Public, today()).sentence(), "For information. No reply expected. Noted by 1 of 2.");
}

#[test]
fn nothing_recorded_is_said_so() {
    let nothing = Action { closed_on: Some(day("2026-03-03")), ..action("SPRING", Purpose::ForInformation, Handling::NoActionRecorded) };

    assert_eq!(status(&incoming(vec![nothing]), Reader::Public, today()).sentence(), "No action recorded by SPRING.");
}

#[test]
fn an_answer_names_what_it_answers() {
    let mut reply = facts(Direction::Incoming, Some(Purpose::InResponse), vec![]);
    reply.answers = vec![1914];

    assert_eq!(
        said(&reply, Reader::Public, today()),
        "**Answers** Statement 1914. No reply expected. | plain | No reply expected | Answers Statement 1914"
    );
    reply.answers = vec![1900, 1914];
    assert_eq!(status(&reply, Reader::Public, today()).sentence(), "Answers Statements 1900 and 1914. No reply expected.");
    reply.answers = vec![];
    assert_eq!(status(&reply, Reader::Public, today()).sentence(), "Answers an earlier statement. No reply expected.");
}

#[test]
fn addressees_who_differ_are_named() {
    let label = |label: &str, other: Action| Action { group_label: label.to_owned(), ..other };
    let inform = action("", Purpose::ForInformation, Handling::Open);
    let noted = Action { handling: Handling::Noted, closed_on: Some(day("2026-02-20")), ..inform.clone() };
    let three = vec![label("bench", noted), label("wire", wanted("2026-03-14")), label("keys", inform.clone())];

    assert_eq!(
        said(&incoming(three.clone()), Reader::Public, today()),
        "**Action needed** from wire by Saturday 14 March 2026 (in 16 days); for information to bench and keys (noted by 1 of 2). | needs-action | Action needed | Nobody has taken it yet (chairs of wire)"
    );
    assert_eq!(
        status(&incoming(three.clone()), Reader::RoleHolder, day("2026-03-18")).sentence(),
        "Late: a reply from wire was due Saturday 14 March 2026, 4 days ago; for information to bench and keys (noted by 1 of 2)."
    );
    assert_eq!(
        status(&incoming(three), Reader::Public, day("2026-03-18")).sentence(),
        "Reply asked for from wire by Saturday 14 March 2026, none recorded yet; for information to bench and keys (noted by 1 of 2)."
    );
    let responded = Action { handling: Handling::Responded, closed_on: Some(day("2026-02-20")), ..wanted("2026-03-14") };
    assert_eq!(
        status(&incoming(vec![label("wire", responded), label("keys", inform)]), Reader::Public, today()).sentence(),
        "For information to keys; responded by wire on 20 February 2026."
    );
}

#[test]
fn several_who_stand_alike_share_one_sentence() {
    let label = |label: &str| Action { group_label: label.to_owned(), ..wanted("2026-03-14") };

    assert_eq!(
        status(&incoming(vec![label("A"), label("B"), label("C")]), Reader::Public, today()).with,
        "Nobody has taken it yet (chairs of A, B and C)"
    );
}

#[test]
fn what_we_asked_is_awaited_and_never_late() {
    let asked = Action { group_label: "ITU-T SG15".to_owned(), group_kind: "group".to_owned(), handling: Handling::Awaited, ..wanted("2026-03-14") };
    let outgoing = facts(Direction::Outgoing, Some(Purpose::ForAction), vec![asked.clone()]);

    assert_eq!(
        said(&outgoing, Reader::Public, today()),
        "**Sent** 1 February 2026. We asked ITU-T SG15 to act by Saturday 14 March 2026 (in 16 days). | plain | Sent | We asked ITU-T SG15"
    );
    assert_eq!(
        status(&outgoing, Reader::RoleHolder, day("2026-03-20")).sentence(),
        "Sent 1 February 2026. We asked ITU-T SG15 to act by Saturday 14 March 2026; no answer recorded yet."
    );
    let answered = Action { handling: Handling::Answered, closed_on: Some(day("2026-03-10")), ..asked };
    let mut outgoing = facts(Direction::Outgoing, Some(Purpose::ForAction), vec![answered]);
    outgoing.answered_by = vec![2010];
    assert_eq!(status(&outgoing, Reader::Public, today()).sentence(), "Answered by Statement 2010 on 10 March 2026.");
}

#[test]
fn a_response_says_by_what_and_whether_in_time() {
    let responded = Action { handling: Handling::Responded, closed_on: Some(day("2026-03-12")), ..wanted("2026-03-14") };
    let mut answered = incoming(vec![responded]);
    answered.answered_by = vec![1990];

    assert_eq!(
        said(&answered, Reader::Public, today()),
        "**Responded** on 12 March 2026 by Statement 1990, 2 days before the deadline. | plain | Responded | by Statement 1990"
    );
}

#[test]
fn what_is_replaced_says_by_what() {
    let ended = Action { handling: Handling::Replaced, closed_on: Some(day("2026-03-12")), ..wanted("2026-03-14") };
    let mut replaced = incoming(vec![ended]);
    replaced.replaced_by = Some((2001, None));

    assert_eq!(said(&replaced, Reader::Public, today()), "**Replaced** by Statement 2001 on 12 March 2026. | plain | Replaced | by Statement 2001");
    replaced.actions.clear();
    assert_eq!(status(&replaced, Reader::Public, today()).sentence(), "Replaced by Statement 2001.");
}

#[test]
fn of_imported_ones_it_is_said_that_nothing_is_known() {
    let unknown = action("SPRING", Purpose::ForAction, Handling::Unknown);
    let mut imported = incoming(vec![unknown]);
    imported.posted_on = Some(day("2019-05-01"));

    assert_eq!(said(&imported, Reader::RoleHolder, today()), "**Recorded** before 2026; whether it was handled is not known. | plain | Not known | ");
    imported.actions.clear();
    imported.purpose = None;
    assert_eq!(status(&imported, Reader::Public, today()).sentence(), "Recorded before 2026; whether it was handled is not known.");
    imported.posted_on = Some(day("2026-01-05"));
    assert_eq!(status(&imported, Reader::Public, today()).sentence(), "Recorded on 5 January 2026; whether it was handled is not known.");
}

#[test]
fn a_group_that_is_no_working_group_has_its_own_office() {
    for (kind, label, words) in [
        ("wg", "NMOP", "chairs of NMOP"),
        ("area", "OPS", "Area Directors of OPS"),
        ("organization", "IETF", "IETF Chair"),
        ("iesg", "IESG", "IETF Chair"),
        ("iab", "IAB", "IAB Chair"),
    ] {
        assert_eq!(office(kind, label), words);
    }
}

#[test]
fn a_list_shows_the_earliest_deadline_of_what_is_open() {
    let closed = |due| Action { handling: Handling::Responded, closed_on: Some(today()), ..wanted(due) };

    assert_eq!(deadline(&[closed("2026-01-01"), wanted("2026-03-14"), wanted("2026-03-10")]).map(|due| due.day), Some(day("2026-03-10")));
    assert_eq!(deadline(&[closed("2026-01-01"), closed("2026-02-01")]).map(|due| due.day), Some(day("2026-02-01")));
    assert_eq!(deadline(&[]), None);
}

fn redirected_to(label: &str) -> Action {
    Action {
        closed_on: Some(day("2026-02-20")),
        remark: Remark { words: "concerns the TLS WG".to_owned(), redirected_to: label.to_owned(), ..Remark::default() },
        ..action("SPRING", Purpose::ForAction, Handling::Redirected)
    }
}

#[test]
fn what_was_redirected_says_to_whom_and_who_has_it_now() {
    let tls = Action { group_label: "TLS".to_owned(), ..wanted("2026-03-14") };

    assert_eq!(
        said(&incoming(vec![redirected_to("TLS"), tls.clone()]), Reader::Public, today()),
        "**Redirected** to TLS on 20 February 2026: “concerns the TLS WG”. With the chairs of TLS. Reply due Saturday 14 March 2026 (in 16 days). | needs-action | Action needed | Nobody has taken it yet (chairs of TLS)"
    );
    let late = Action { assignee: "T. Chair".to_owned(), ..tls.clone() };
    assert_eq!(
        said(&incoming(vec![redirected_to("TLS"), late.clone()]), Reader::RoleHolder, day("2026-03-18")),
        "**Redirected** to TLS on 20 February 2026: “concerns the TLS WG”. With T. Chair. Late: due Saturday 14 March 2026, 4 days ago. | late | Late, 4 days | With T. Chair"
    );
    assert_eq!(
        said(&incoming(vec![redirected_to("TLS"), late]), Reader::Public, day("2026-03-18")),
        "**Redirected** to TLS on 20 February 2026: “concerns the TLS WG”. With the chairs of TLS. Reply asked for by Saturday 14 March 2026; none recorded yet. | needs-action | Reply asked for | With the chairs of TLS"
    );
}

#[test]
fn what_was_redirected_and_ended_there_says_how_it_ended() {
    let done =
        Action { group_label: "TLS".to_owned(), handling: Handling::ClosedWithoutReply, closed_on: Some(day("2026-02-22")), ..wanted("2026-03-14") };
    let sentence = said(&incoming(vec![redirected_to("TLS"), done]), Reader::Public, today());

    assert!(sentence.starts_with("**Redirected**") || sentence.contains("losed without reply"), "{sentence}");
    assert!(!sentence.contains("With the chairs"), "{sentence}");
    // alone: imported, or its group is no longer known
    assert_eq!(
        said(&incoming(vec![redirected_to("TLS")]), Reader::Public, today()),
        "**Redirected** to TLS on 20 February 2026: “concerns the TLS WG”. | plain | Redirected | "
    );
}

#[test]
fn a_preliminary_reply_is_named_until_the_day_is_past() {
    let begun = Action { handling: Handling::InProgress, ..wanted("2026-03-14") };
    let facts = Facts { preliminary: Some((1985, day("2026-03-02"))), ..incoming(vec![begun]) };

    assert_eq!(
        status(&facts, Reader::Public, day("2026-03-04")).sentence(),
        "In progress: a preliminary reply went on 2 March 2026 (Statement 1985). The final one is due Saturday 14 March 2026 (in 10 days)."
    );
    assert!(status(&facts, Reader::RoleHolder, day("2026-03-16")).sentence().starts_with("Late: a reply was due"));
    assert!(status(&facts, Reader::Public, day("2026-03-16")).sentence().starts_with("Reply asked for by"));
}

#[test]
fn what_is_replaced_names_what_replaces_it() {
    let replaced = Some((2001, Some(day("2026-03-06"))));
    let ended = Action { handling: Handling::Replaced, closed_on: Some(day("2026-03-06")), ..wanted("2026-03-14") };
    for actions in [vec![ended], vec![]] {
        let facts = Facts { replaced_by: replaced, ..incoming(actions) };
        assert_eq!(status(&facts, Reader::Public, day("2026-03-08")).sentence(), "Replaced by Statement 2001 on 6 March 2026.");
    }
}

//! What becomes of the odd things that real records hold.

use super::*;

fn group(id: i64, label: &str, is_home: bool) -> KnownGroup {
    KnownGroup { group_id: GroupId(id), label: label.to_owned(), is_home }
}

fn known() -> Known {
    [
        ("ccamp", group(1, "CCAMP", true)),
        ("mpls", group(2, "MPLS", true)),
        ("itu-t-sg15", group(3, "ITU-T SG15", false)),
        ("nmrg", group(4, "NMRG", true)),
        ("3gpp", group(5, "3GPP", false)),
    ]
    .into_iter()
    .map(|(acronym, group)| (acronym.to_owned(), group))
    .collect()
}

fn mapped(json: serde_json::Value) -> (StatementRow, Report) {
    let source: SourceStatement = serde_json::from_value(json).expect("a statement");
    let mut report = Report::default();
    let row = map(&source, &known(), &HashMap::new(), &mut report);
    (row, report)
}

#[test]
fn a_side_without_a_known_group_takes_the_direction_from_the_other() {
    for (from, to, direction) in [
        (vec!["itu-t-sg15"], vec!["ccamp"], Direction::Incoming),
        (vec!["ccamp"], vec!["itu-t-sg15"], Direction::Outgoing),
        (vec!["itu-t-sg15"], vec!["3gpp"], Direction::BetweenOthers),
        (vec!["itu-t-sg15"], vec![], Direction::Incoming),
        (vec![], vec!["ccamp"], Direction::Incoming),
        (vec!["ccamp"], vec![], Direction::Outgoing),
        (vec![], vec!["3gpp"], Direction::Outgoing),
        (vec!["nowhere"], vec!["elsewhere"], Direction::BetweenOthers),
        (vec!["itu-t-sg15"], vec!["ccamp", "3gpp"], Direction::Incoming),
        (vec!["ccamp"], vec!["3gpp", "mpls"], Direction::Outgoing),
    ] {
        let (row, _) = mapped(serde_json::json!({ "key": "k", "title": "T", "from_groups": from, "to_groups": to }));

        assert_eq!(row.direction, direction, "{from:?} to {to:?}");
    }
}

#[test]
fn an_addressee_that_is_none_is_kept_as_written_and_reported() {
    let text = "Completes action above Sam Bradley, Area co-Director (sam.bradley@example.org)";
    let (row, report) = mapped(
        serde_json::json!({ "key": "k", "title": "T", "from_groups": ["itu-t-sg15"], "to_groups": [], "to_text": text, "state": "action_taken" }),
    );

    assert_eq!(row.groups[1].as_written, text);
    assert_eq!(row.to_text, "Completes action above Sam Bradley, Area co-Director");
    assert_eq!(report.unmapped.len(), 1);
    assert_eq!(report.unmapped[0].text, text);
}

#[test]
fn a_marked_statement_has_addressees_whose_handling_is_not_known() {
    let (row, _) = mapped(serde_json::json!({ "key": "k", "title": "T", "from_groups": ["itu-t-sg15"], "to_groups": ["ccamp", "nmrg"],
        "purpose": "for_comment", "deadline": "2012-04-01", "state": "action_needed" }));

    assert_eq!(row.purpose, Some(Purpose::ForComment));
    assert_eq!(row.groups[1].action, Some(Purpose::ForAction));
    assert_eq!(row.groups[2].action, Some(Purpose::ForAction));
    assert!(row.groups[1].is_lead && !row.groups[2].is_lead);
}

#[test]
fn addresses_of_persons_are_not_public() {
    assert_eq!(without_addresses("(landon.oh@example.org)Landon Oh"), "Landon Oh");
    assert_eq!(without_addresses("Sam <sam@example.org>, DONE"), "Sam , DONE");
    assert_eq!(without_addresses("ISO/IEC JTC1/SC6"), "ISO/IEC JTC1/SC6");
}

#[test]
fn two_numbers_of_one_statement_are_two_references() {
    let (row, _) =
        mapped(serde_json::json!({ "key": "k", "title": "T", "reference": "S2-2606763 (S4-261351)", "in_response_to": "R3-233718/R2-2306896" }));

    let written: Vec<&str> = row.references.iter().map(|(written, _, _)| written.as_str()).collect();
    assert_eq!(written, ["S2-2606763", "S4-261351"]);
    assert_eq!(sought("R3-233718/R2-2306896").1, ["r3233718r22306896", "r3233718", "r22306896"]);
    assert_eq!(sought("Statement 1101").0, Some(1101));
}

#[test]
fn broken_characters_and_a_missing_title_are_reported() {
    let (row, report) = mapped(serde_json::json!({ "key": "k", "title": "A\u{7}B\r\nC", "body": "1\u{0}2\tx" }));
    assert_eq!(row.title, "A B C");
    assert_eq!(row.body, "1\u{fffd}2\tx");
    assert!(report.unmapped.iter().any(|unmapped| unmapped.text == "A\u{7}B\r\nC"));

    let (row, _) = mapped(serde_json::json!({ "key": "k", "title": "", "attachments": [{ "title": "TD212R1/P SG15 (G.8080 Revision)" }] }));
    assert_eq!(row.title, "TD212R1/P SG15 (G.8080 Revision)");
}

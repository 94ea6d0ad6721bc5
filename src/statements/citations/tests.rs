//! Names of documents in text: what is one, what is none, and that every spelling is the same.

use proptest::prelude::*;

use super::status::{DocumentStatus, Explaining, Stream, by_name, needs_explaining, proposed_sentence};
use super::{Document, DocumentKind, cited, documents};

fn names(text: &str) -> Vec<String> {
    cited(text).into_iter().map(|cited| cited.document.name().to_owned()).collect()
}

fn document(spelling: &str) -> Document {
    Document::parse(spelling).unwrap_or_else(|| panic!("{spelling:?} is no document"))
}

#[test]
fn every_spelling_of_a_document_is_the_same_document() {
    for (key, spellings) in [
        ("rfc4052", &["RFC 4052", "RFC4052", "rfc4052", "Rfc-4052", "RFC\u{a0}4052", "RFC  4052", "RFC\r\n   4052", "RFC 04052"][..]),
        (
            "draft-ietf-opsawg-ntf",
            &[
                "draft-ietf-opsawg-ntf",
                "draft-ietf-opsawg-ntf-13",
                "Draft-IETF-opsawg-NTF-02",
                "draft\u{2011}ietf\u{2011}opsawg\u{2011}ntf",
                "draft-ietf-\r\n   opsawg-ntf-00",
                "draft-ietf-opsawg-ntf-13a",
            ],
        ),
        (
            "itu-t-g.8032",
            &["G.8032", "ITU-T G.8032", "G.8032/Y.1344", "ITU-T Rec. G.8032", "Recommendation ITU-T G.8032", "g.8032", "ITU-T g.8032v2"],
        ),
        ("itu-t-q.3900", &["Q.3900", "ITU-T Recommendation Q.3900", "q.3900"]),
        ("itu-t-y.1711", &["ITU-T Y.1711", "Y.1711", "Rec. Y.1711"]),
        ("itu-t-v.22bis", &["V.22bis", "ITU-T V.22bis"]),
        ("3gpp-ts-23.501", &["TS 23.501", "3GPP TS 23.501", "TS23.501", "3gpp ts 23.501", "TS\u{a0}23.501", "ETSI TS 123 501", "ts 23.501"]),
        ("3gpp-tr-38.901", &["TR 38.901", "3GPP TR 38.901"]),
        ("3gpp-ts-38.521-1", &["TS 38.521-1", "ETSI TS 138 521-1"]),
        ("etsi-gs-zsm-018", &["GS ZSM 018", "ETSI GS ZSM 018", "ETSI GS ZSM018"]),
        ("etsi-gr-nfv-ifa-029", &["GR NFV-IFA 029", "ETSI GR NFV-IFA 029"]),
        ("etsi-ts-103-720", &["ETSI TS 103 720", "TS 103 720"]),
        ("ieee-802.1q", &["802.1Q", "IEEE 802.1Q", "IEEE Std 802.1Q", "P802.1Q", "802.1q"]),
        ("ieee-802.1qcy", &["IEEE P802.1Qcy", "802.1Qcy"]),
        ("ieee-802.1ax", &["802.1AX", "IEEE 802.1ax"]),
        ("ieee-802.11ax", &["802.11ax", "IEEE 802.11AX"]),
    ] {
        for spelling in spellings {
            assert_eq!(document(spelling).key(), key, "{spelling:?}");
        }
        assert_eq!(document(key).key(), key);
        assert_eq!(document(document(key).name()).key(), key, "its own name");
    }
}

#[test]
fn names_stand_in_sentences() {
    assert_eq!(names("See [RFC4052], RFC 4053; and rfc4691.txt (RFC7241)."), ["RFC 4052", "RFC 4053", "RFC 4691", "RFC 7241"]);
    assert_eq!(names("RFCs 3032, 3443 and 5462 and 12 others"), ["RFC 3032", "RFC 3443", "RFC 5462"]);
    assert_eq!(names("(RFC 8665, 8666, and 8667)"), ["RFC 8665", "RFC 8666", "RFC 8667"]);
    assert_eq!(names("RFC 4052, 2005, and 100 others; RFC 4053 and 2 more"), ["RFC 4052", "RFC 4053"]);
    assert_eq!(names("https://www.rfc-editor.org/rfc/rfc9315.html"), ["RFC 9315"]);
    assert_eq!(names("https://datatracker.ietf.org/doc/draft-ietf-nmop-terminology/09/"), ["draft-ietf-nmop-terminology"]);
    assert_eq!(names("Consent of ITU-T G.8113.2/Y.1372.2 -> IESG"), ["ITU-T G.8113.2", "ITU-T Y.1372.2"]);
    assert_eq!(names("TS 23.501, 23.502 and TS 33.501 V18.1.0"), ["3GPP TS 23.501", "3GPP TS 23.502", "3GPP TS 33.501"]);
    assert_eq!(names("Completion of 802.1AX-REV (Link Aggregation)"), ["IEEE 802.1AX"]);
    assert_eq!(names("RFC 8345\n\nRFC\n\n9000"), ["RFC 8345"]);
}

#[test]
fn what_only_looks_like_a_name_is_none() {
    for text in [
        "e.g.1",
        "E.g.1",
        "i.e.2",
        "10.0.0.1",
        "192.168.100.23",
        "version 23.501",
        "v1.2.3",
        "V.1.0",
        "Q.14/15",
        "Q.11/13",
        "Q.15",
        "ITU-T Q.14/15",
        "Q6/15",
        "Section A.5",
        "Appendix B.12",
        "C.3",
        "p.100",
        "G.709.x",
        "G.826x",
        "Y.MIPoMPLS",
        "QSTR.MVC",
        "ITU-T SG 15",
        "SG15/WP3",
        "ITU-R M.2083",
        "RFC",
        "RFC 0",
        "RFC x",
        "RFC 123456",
        "XRFC 12",
        "RFC 12a",
        "RFC 2.0",
        "draft-new text",
        "draft-new-recommendation",
        "a-draft-ietf-x",
        "draft--x",
        "redraft-ietf-x",
        "draft-ietf",
        "IEEE 802.11",
        "802.1",
        "802.3",
        "802.11x",
        "1802.1Q",
        "TS 23",
        "TS 23.5",
        "TS 23.5011",
        "TS 99.501",
        "TS 23.501.1",
        "TSG 23.501",
        "GS 018",
        "EGS ZSM 018",
        "SA2",
        "S2-2301234",
        "TD 212R1/P",
        "SG15-LS123",
        "COM 16 LS 124",
        "M.E. 2000",
        "U.S. 100",
        "J. 1234",
        "2.G.711",
    ] {
        assert_eq!(names(text), Vec::<String>::new(), "{text:?}");
    }
    for text in ["", " ", "see RFC 4052", "RFC 4052 and RFC 4053", "statement", "1914", "e.g.1", "G.8032/", &"RFC 1".repeat(1000)] {
        assert_eq!(Document::parse(text), None, "{text:?}");
    }
}

#[test]
fn a_number_alone_may_be_either_kind_of_specification() {
    let keys = |text| Document::meant(text).iter().map(Document::key).collect::<Vec<_>>();
    assert_eq!(keys("23.501"), ["3gpp-ts-23.501", "3gpp-tr-23.501"]);
    assert_eq!(keys("TS 23.501"), ["3gpp-ts-23.501"]);
    assert_eq!(keys(" rfc4053 "), ["rfc4053"]);
    assert!(keys("manager of RFC 4053").is_empty() && keys("14.03.2026").is_empty());
}

#[test]
fn pages_about_documents_are_known_where_their_address_follows_from_the_name() {
    for (name, url) in [
        ("RFC 0020", Some("https://www.rfc-editor.org/info/rfc20")),
        ("draft-jones-x-03", Some("https://datatracker.ietf.org/doc/draft-jones-x/")),
        ("G.8032", Some("https://www.itu.int/rec/T-REC-G.8032")),
        ("TS 38.521-1", Some("https://www.3gpp.org/dynareport/38521-1.htm")),
        ("GS ZSM 018", None),
        ("802.1Q", None),
    ] {
        assert_eq!(document(name).url().as_deref(), url, "{name}");
    }
    assert_eq!(cited("draft-jones-x-03")[0].url().as_deref(), Some("https://datatracker.ietf.org/doc/draft-jones-x-03/"));
}

#[test]
fn a_document_named_often_is_one() {
    let found = documents(["RFC 4052 and rfc4052", "RFC4052, draft-jones-x-01, draft-jones-x-02"]);

    assert_eq!(found.iter().map(Document::key).collect::<Vec<_>>(), ["rfc4052", "draft-jones-x"]);
}

#[test]
fn a_long_text_takes_time_in_proportion_to_it() {
    let text = "draft-ietf- RFC RFCs ITU-T Rec. TS 23.50 GS ABC- 802.1 ".repeat(40_000);
    let begun = std::time::Instant::now();

    assert_eq!(names(&text), Vec::<String>::new());
    assert!(names(&"draft-\n".repeat(200_000)).len() <= 1);
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn what_a_peer_could_take_for_more_wants_a_sentence() {
    for (name, stated, expected) in [
        ("draft-jones-x", None, Explaining::Sentence(DocumentStatus::IndividualDraft)),
        // what the name tells, nobody can state otherwise
        ("draft-jones-x", Some(DocumentStatus::StandardsTrack), Explaining::Sentence(DocumentStatus::IndividualDraft)),
        ("draft-ietf-nmop-x", None, Explaining::No),
        ("draft-irtf-nmrg-x", None, Explaining::Sentence(DocumentStatus::OtherStream(Stream::Irtf))),
        ("draft-iab-x-y", None, Explaining::Sentence(DocumentStatus::OtherStream(Stream::Iab))),
        ("RFC 4052", None, Explaining::AskStatus),
        ("RFC 4052", Some(DocumentStatus::BestCurrentPractice), Explaining::No),
        ("RFC 4052", Some(DocumentStatus::Informational), Explaining::No),
        ("RFC 4052", Some(DocumentStatus::Experimental), Explaining::Sentence(DocumentStatus::Experimental)),
        ("RFC 4052", Some(DocumentStatus::Historic), Explaining::Sentence(DocumentStatus::Historic)),
        ("RFC 4052", Some(DocumentStatus::OtherStream(Stream::Independent)), Explaining::Sentence(DocumentStatus::OtherStream(Stream::Independent))),
        ("G.8032", None, Explaining::No),
        ("TS 23.501", None, Explaining::No),
    ] {
        assert_eq!(needs_explaining(&document(name), stated), expected, "{name} {stated:?}");
    }
    assert_eq!(by_name(&document("RFC 4052")), None);
    assert_eq!(DocumentStatus::choices(&document("draft-jones-x")), [DocumentStatus::IndividualDraft]);
    assert_eq!(DocumentStatus::choices(&document("RFC 4052")).len(), 8);
    assert_eq!(DocumentStatus::choices(&document("G.8032")), []);
    for status in DocumentStatus::ALL {
        assert_eq!(DocumentStatus::parse(status.as_str()), Some(status));
    }
}

#[test]
fn sentences_say_what_a_document_is_no_more_than() {
    for (name, status, sentence) in [
        (
            "draft-x-y",
            DocumentStatus::IndividualDraft,
            "draft-x-y is an individual contribution; it is not a product of the IETF and has no standing.",
        ),
        ("RFC 9000", DocumentStatus::Experimental, "RFC 9000 is Experimental: it is published for trial and is not a standard of the IETF."),
        ("RFC 9000", DocumentStatus::Historic, "RFC 9000 is Historic: the IETF no longer recommends its use."),
        (
            "RFC 9000",
            DocumentStatus::OtherStream(Stream::Irtf),
            "RFC 9000 was published by the IRTF; it is not a product of the IETF and is not a standard.",
        ),
    ] {
        assert_eq!(proposed_sentence(&document(name), status, "IETF"), sentence);
    }
}

proptest! {
    #[test]
    fn places_stand_in_order_and_hold_what_they_name(
        text in "(RFCs? ?[0-9]{1,5}|draft-(ietf-)?[a-z]{1,6}(-[a-z0-9]{1,4}){0,3}|[A-Z]\\.[0-9]{1,4}|(3GPP )?T[SR] [0-9]{2}\\.[0-9]{3}|(ETSI )?G[SR] [A-Z]{2,4} [0-9]{3}|802\\.1[A-Za-z]{0,3}|ITU-T |Rec\\. |[,;/ -]|\r\n|\\PC){0,20}"
    ) {
        let mut last = 0;
        for place in cited(&text) {
            prop_assert!(last <= place.start && place.start < place.end && place.end <= text.len());
            prop_assert!(text.is_char_boundary(place.start) && text.is_char_boundary(place.end));
            last = place.end;
            let document = &place.document;
            prop_assert_eq!(&Document::parse(document.name()), &Some(document.clone()));
            prop_assert_eq!(&Document::parse(&document.key()), &Some(document.clone()));
            prop_assert!(document.key().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-')));
            prop_assert!(DocumentKind::ALL.contains(&document.kind()));
        }
    }

    #[test]
    fn no_text_is_too_odd(text in any::<String>()) {
        let _ = (cited(&text), Document::meant(&text));
    }
}

/// Read by eye: 83 places, no false one. "Q.14/15", "Y.MIPoMPLS" and "IEEE 802.11" among them are none.
#[test]
fn real_titles_name_these_documents_and_no_others() {
    let titles = include_str!("../../../demo/statements.json");
    let mut keys: Vec<String> = documents([titles]).iter().map(Document::key).collect();
    keys.sort();

    assert_eq!(cited(titles).len(), 83);
    assert_eq!(
        keys.join(" "),
        "3gpp-ts-26.512 draft-ietf-aaa-diameter-nasreq draft-ietf-ccamp-gmpls-ason-reqts draft-ietf-ccamp-lmp-test-sdh draft-jones-avt-audio-t38 draft-mule-sip-t38callflows draft-parsons-itu-t38-reg etsi-gs-zsm-018 etsi-ts-103-720 ieee-802.1ax ieee-802.1qcy itu-t-e.360 itu-t-g.697 itu-t-g.769 itu-t-g.7713 itu-t-g.7713.2 itu-t-g.7714.1 itu-t-g.7715 itu-t-g.799.1 itu-t-g.8080 itu-t-g.8113 itu-t-g.8113.1 itu-t-g.8113.2 itu-t-g.8114 itu-t-m.3017 itu-t-m.3100 itu-t-q.811 itu-t-q.812 itu-t-x.213 itu-t-x.805 itu-t-x.84 itu-t-x.85 itu-t-y.1321 itu-t-y.1372.2 itu-t-y.1731 itu-t-z.1321 rfc2916 rfc3430"
    );
}

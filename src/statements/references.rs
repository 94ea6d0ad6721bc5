//! References: the numbers that others gave a statement ("SP-241234", "SC 29 N 6689").

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

/// The most references a statement can have; the checks refuse more.
pub const MAX_REFERENCES: usize = 100;
/// The longest reference, in characters; the checks refuse longer ones.
pub const MAX_REFERENCE_CHARACTERS: usize = 200;

/// The form by which references are compared: NFKC, lower case, letters and digits only.
///
/// "SC 29 N 6689", "sc29n6689" and "ＳＣ２９－Ｎ６６８９" are the same reference. Empty if the text holds no letter or digit.
pub fn normal(reference: &str) -> String {
    let letters: String = reference.nfkc().flat_map(char::to_lowercase).nfkc().filter(|c| c.is_alphanumeric()).collect();
    // Letters that stood apart may compose now that nothing is between them.
    letters.nfkc().collect()
}

/// The references in one typed field, each as written, without surrounding blanks.
///
/// Separators are comma, semicolon and line break. Of two with the same normal form the first is kept; a piece without
/// a letter or digit ("-") names nothing and is left out. None is cut and none too many is left out: see [`MAX_REFERENCES`].
pub fn split(field: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut references = Vec::new();
    for piece in field.split([',', ';', '\n', '\r', '，', '；', '、', '\u{2028}', '\u{2029}']) {
        let piece = piece.trim();
        let key = normal(piece);
        if !key.is_empty() && seen.insert(key) {
            references.push(piece.to_owned());
        }
    }
    references
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blanks_hyphens_and_width_make_no_difference() {
        for written in ["S2-2301234", "S2\u{2011}2301234", "s2 2301234", "Ｓ２－２３０１２３４", "S2\u{a0}2301234", "[S2-2301234]"] {
            assert_eq!(normal(written), "s22301234", "{written}");
        }
        assert_eq!(normal("SC 29 N 6689"), "sc29n6689");
        assert_eq!(normal("COM 16 – LS 124 – E"), "com16ls124e");
        assert_eq!(normal("SG15-LS№5"), "sg15lsno5");
        assert_eq!(normal("Überblick ²"), "überblick2");
        assert_eq!(normal(" - "), "");
    }

    #[test]
    fn a_field_of_several_is_split_and_kept_as_written() {
        assert_eq!(split("S2-990101, R3-990055"), ["S2-990101", "R3-990055"]);
        assert_eq!(split(" SG15\u{2011}LS123 ;\r\nSC 29 N 6689\nTD 212R1/P,"), ["SG15\u{2011}LS123", "SC 29 N 6689", "TD 212R1/P"]);
    }

    #[test]
    fn the_same_reference_twice_is_one() {
        assert_eq!(split("SP-241234; sp 241234"), ["SP-241234"]);
    }

    #[test]
    fn pieces_without_a_letter_or_digit_name_nothing() {
        assert_eq!(split(" -, ; \n"), Vec::<String>::new());
    }

    #[test]
    fn a_field_full_of_references_takes_time_in_proportion_to_it() {
        let field: String = (0..200_000).map(|n| format!("R{n},")).collect();
        let begun = std::time::Instant::now();

        assert_eq!(split(&field).len(), 200_000);
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(text in "\\PC{0,40}") {
            let once = normal(&text);
            prop_assert_eq!(normal(&once), once);
        }

        #[test]
        fn splitting_never_leaves_blanks_or_separators(text in any::<String>()) {
            for piece in split(&text) {
                prop_assert_eq!(piece.trim(), &piece);
                prop_assert!(!piece.contains([',', ';', '\n']));
                prop_assert!(!normal(&piece).is_empty());
            }
        }
    }
}

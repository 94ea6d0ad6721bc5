//! The words of a group's name, in the one form by which names are compared.

use unicode_normalization::UnicodeNormalization;

/// A word in lower case, and whether a slash stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    after_slash: bool,
}

impl Word {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), after_slash: false }
    }
}

/// The words of a text in canonical form: "ITU-T Study Group 15, Question 14" and "ITU-T Q.14/15" are both
/// `itu t sg 15 q 14`.
pub(super) fn words(text: &str) -> Vec<Word> {
    located(&phrases(&split(text)))
}

/// Whether a text begins with a question or working party, with no body before it: "Q 9/15", "Working Party 3".
pub(super) fn begins_with_part(text: &str) -> bool {
    matches!(phrases(&split(text)).as_slice(), [part, number, ..] if is_part(part, number))
}

/// Letters and digits in runs; a run of letters is parted from the number behind it where it designates one ("SG15").
fn split(text: &str) -> Vec<Word> {
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let mut words: Vec<Word> = Vec::new();
    let mut after_slash = false;
    for piece in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let run = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        if !run.is_empty() {
            let letters = run.trim_end_matches(|c: char| c.is_ascii_digit());
            if letters.len() < run.len() && is_designator(letters) {
                words.push(Word { text: letters.to_owned(), after_slash });
                words.push(Word::new(&run[letters.len()..]));
            } else {
                words.push(Word { text: run.to_owned(), after_slash });
            }
            after_slash = false;
        }
        after_slash |= piece.ends_with('/');
    }
    words
}

/// Whether the word stands before a number that tells groups of one body apart.
pub(super) fn is_designator(word: &str) -> bool {
    matches!(word, "sg" | "q" | "wp" | "wg" | "sc" | "jtc")
}

pub(super) fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// Long forms into short ones: "study group" → "sg", "area directors" → "area".
fn phrases(words: &[Word]) -> Vec<Word> {
    let mut short: Vec<Word> = Vec::with_capacity(words.len());
    let mut rest = words;
    while let [word, after @ ..] = rest {
        let next = after.first().map_or("", |next| next.text.as_str());
        let (text, taken) = match (word.text.as_str(), next) {
            ("sub", "working") | ("tsg", _) if words.len() > 1 => {
                rest = after;
                continue;
            }
            ("study", "group" | "groups") => ("sg", 2),
            ("working", "party" | "parties") => ("wp", 2),
            ("working" | "work", "group") => ("wg", 2),
            ("working", "groups") => ("wgs", 2),
            ("focus", "group") => ("fg", 2),
            ("question" | "questions" | "qs", number) if number.starts_with(|c: char| c.is_ascii_digit()) => ("q", 1),
            ("area", "director" | "directors" | "ad" | "ads") => ("area", 2),
            ("areas", _) => ("area", 1),
            ("ad" | "ads", _) if !short.is_empty() => ("area", 1),
            ("co", "chair" | "chairs") => ("chairs", 2),
            ("mailing", "list") => ("list", 2),
            (text, _) => (text, 1),
        };
        short.push(Word { text: text.to_owned(), after_slash: word.after_slash });
        rest = &rest[taken..];
    }
    short
}

/// The body's number before the part's: "Q 14/15" → "sg 15 q 14", "WP 2/11" → "sg 11 wp 2"; "SG15 Q14/15" names SG 15 once.
fn located(words: &[Word]) -> Vec<Word> {
    let mut located: Vec<Word> = Vec::with_capacity(words.len());
    let mut rest = words;
    while !rest.is_empty() {
        match rest {
            [part, number, body, after @ ..] if is_part(part, number) && body.after_slash && is_number(&body.text) => {
                push_located(&mut located, body, part, number);
                rest = after;
            }
            [part, number, sg, body, after @ ..] if is_part(part, number) && sg.after_slash && sg.text == "sg" && is_number(&body.text) => {
                push_located(&mut located, body, part, number);
                rest = after;
            }
            [word, after @ ..] => {
                located.push(word.clone());
                rest = after;
            }
            [] => {}
        }
    }
    located
}

fn is_part(part: &Word, number: &Word) -> bool {
    matches!(part.text.as_str(), "q" | "wp") && is_number(&number.text)
}

fn push_located(words: &mut Vec<Word>, body: &Word, part: &Word, number: &Word) {
    let named = matches!(words.as_slice(), [.., sg, last] if sg.text == "sg" && last.text == body.text);
    if !named {
        words.extend([Word::new("sg"), Word::new(&body.text)]);
    }
    words.extend([Word::new(&part.text), Word::new(&number.text)]);
}

/// The words in one string for comparing. Two numbers stay apart: "802.1" is not "8021".
pub(super) fn key(words: &[Word]) -> String {
    let mut key = String::new();
    for word in words {
        let two_numbers = key.ends_with(|c: char| c.is_ascii_digit()) && word.text.starts_with(|c: char| c.is_ascii_digit());
        if two_numbers {
            key.push('.');
        }
        key.push_str(&word.text);
    }
    key
}

/// The words again, after the first of two numbers parted by a slash was found to be a part's: "10/16" after "Q 9/16".
pub(super) fn as_part(part: &str, words: &[Word]) -> Option<Vec<Word>> {
    match words {
        [number, body] if is_number(&number.text) && body.after_slash && is_number(&body.text) => {
            Some(located(&[Word::new(part), number.clone(), body.clone()]))
        }
        _ => None,
    }
}

/// The letters and digits of a text, with no long form made short; for finding by the beginning of a word.
pub(super) fn plain_key(text: &str) -> String {
    key(&split(text))
}

/// `key` of a text.
pub(super) fn key_of(text: &str) -> String {
    key(&words(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for (spellings, expected) in [
            (
                &[
                    "ITU-T SG15 Q14",
                    "itu-t-sg15-q14",
                    "ITU-T Study Group 15 Question 14",
                    "ITU-T Q14/15",
                    "ITU-T Q.14/15",
                    "ITU-T Question 14/15",
                    "ITU-T Q14/SG15",
                    "ITU-T SG 15, Q.14/15",
                    "ITU\u{2011}T ＳＧ15/Q14",
                ][..],
                "itutsg15q14",
            ),
            (&["WP 2/11", "Working Party 2/11", "SG11 WP2"], "sg11wp2"),
            (&["ISO/IEC JTC 1/SC 29/WG 1", "iso-iec-jtc1-sc29-wg1"], "isoiecjtc1sc29wg1"),
            (&["IEEE 802.1", "ieee-802-1"], "ieee802.1"),
            (&["IEEE 802.11", "ieee-802-11"], "ieee802.11"),
            (&["Transport Area Directors", "Transport ADs", "Transport Area"], "transportarea"),
            (&["IS-IS WG", "ISIS working group"], "isiswg"),
        ] {
            for spelling in spellings {
                assert_eq!(key_of(spelling), expected, "{spelling}");
            }
        }
    }
}

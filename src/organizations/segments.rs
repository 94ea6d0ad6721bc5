//! A typed list of addressees in its parts.

/// One part of a list: where it lies in the text, and what of it stands in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub start: usize,
    pub end: usize,
}

/// The parts between commas, semicolons, line breaks, "&" and "and" that stand outside brackets; none is empty.
pub(super) fn segments(text: &str) -> Vec<Segment> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut position = 0;
    while let Some(character) = text[position..].chars().next() {
        let rest = &text[position..];
        let length = match character {
            '(' => closing(rest, '(', ')').unwrap_or(1),
            '<' => closing(rest, '<', '>').unwrap_or(1),
            c => c.len_utf8(),
        };
        let separator = match character {
            ',' | ';' | '&' | '\n' | '\r' | '，' | '；' | '、' => character.len_utf8(),
            c if c.is_whitespace() => word_and(&rest[length..]).map_or(0, |and| length + and),
            _ => 0,
        };
        if separator > 0 {
            push(&mut parts, text, start, position);
            start = position + separator;
            position = start;
        } else {
            position += length;
        }
    }
    push(&mut parts, text, start, text.len());
    parts
}

/// The length of "and" if that word is at the start.
fn word_and(text: &str) -> Option<usize> {
    let word = text.get(..3).filter(|word| word.eq_ignore_ascii_case("and"))?;
    text[word.len()..].starts_with(char::is_whitespace).then_some(word.len())
}

/// What stands in brackets is at most so long, in characters; so the time stays in proportion to the text.
const LONGEST_NOTE: usize = 500;

/// The length of what stands in brackets at the start, with the brackets; None if they don't close.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, character) in text.char_indices().take(LONGEST_NOTE) {
        if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
            if depth == 0 {
                return Some(index + character.len_utf8());
            }
        }
    }
    None
}

fn push(parts: &mut Vec<Segment>, text: &str, start: usize, end: usize) {
    let part = &text[start..end];
    let trimmed = part.trim();
    if !trimmed.is_empty() {
        let start = start + (part.len() - part.trim_start().len());
        parts.push(Segment { start, end: start + trimmed.len() });
    }
}

/// What stands outside brackets, and what inside each pair; mail addresses are in neither.
pub(super) fn outside_and_notes(text: &str) -> (String, Vec<String>) {
    let mut outside = String::new();
    let mut notes = Vec::new();
    let mut position = 0;
    while let Some(character) = text[position..].chars().next() {
        let rest = &text[position..];
        let length = match character {
            '(' => closing(rest, '(', ')'),
            '<' => closing(rest, '<', '>'),
            _ => None,
        };
        if let Some(length) = length {
            let note = rest[1..length - 1].trim();
            if !note.contains('@') {
                notes.push(note.to_owned());
            }
            outside.push(' ');
            position += length;
        } else {
            outside.push(character);
            position += character.len_utf8();
        }
    }
    let outside = outside.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
    (outside, notes)
}

/// What a list says in front of a piece, for it and those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    To,
    Copy,
}

/// A piece without "Cc:" or "To:" in front.
pub(super) fn without_marker(piece: &str) -> (&str, Option<Marker>) {
    let Some((start, rest)) = piece.split_once(':') else {
        return (piece.trim(), None);
    };
    match start.trim().to_ascii_lowercase().as_str() {
        "cc" | "copy" | "info" | "for information" | "bcc" => (rest.trim(), Some(Marker::Copy)),
        "to" => (rest.trim(), Some(Marker::To)),
        _ => (piece.trim(), None),
    }
}

/// The groups in a note that copies them: "CC: CCAMP WG", "SG 11 and SG 12 for information"; empty in "for information".
pub(super) fn for_information(note: &str) -> Option<String> {
    let lower = note.to_ascii_lowercase();
    if let (rest, Some(Marker::Copy)) = without_marker(note) {
        return Some(rest.to_owned());
    }
    ["for information", "for info", "in copy", "in cc"]
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))
        .and_then(|rest| note.get(..rest.len()))
        .or_else(|| note.get(..3).filter(|cc| cc.eq_ignore_ascii_case("cc ")).and_then(|_| note.get(3..)))
        .map(|rest| rest.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> Vec<&str> {
        segments(text).iter().map(|part| &text[part.start..part.end]).collect()
    }

    #[test]
    fn a_list_is_parted_outside_brackets() {
        assert_eq!(
            parts("ITU-R WP8F & IETF;\n SG 15 <a@example.org, b@example.org>, X (Y and Z) AND Android ,"),
            ["ITU-R WP8F", "IETF", "SG 15 <a@example.org, b@example.org>", "X (Y and Z)", "Android"]
        );
        assert_eq!(parts("a (b, c"), ["a (b", "c"]);
    }

    #[test]
    fn brackets_are_notes_unless_they_hold_an_address() {
        assert_eq!(
            outside_and_notes("ITU-T SG 13 (for information) <sg13@example.org> chair@example.org"),
            ("ITU-T SG 13".to_owned(), vec!["for information".to_owned()])
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(\\PC|[(),;<>&@ \n]| and ){0,20}") {
            for part in segments(&text) {
                let part = &text[part.start..part.end];
                prop_assert!(!part.is_empty());
                let _ = outside_and_notes(part);
            }
        }
    }
}

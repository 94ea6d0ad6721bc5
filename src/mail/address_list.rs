//! Lists of addresses as people type and paste them.

use super::address::{AddressProblem, AddressReason, EmailAddress, Mailbox, is_web_page};

/// The longest list, in bytes; some five hundred addresses with names.
pub const MAX_LIST_BYTES: usize = 32_000;

/// The mailboxes in a typed list, or every piece that is none.
///
/// Separators are comma, semicolon and line break; a separator too many is fine. Names may stand in quotation marks,
/// before `<address>` or in parentheses after the address. An address that occurs twice is one, with the first name.
pub fn parse_list(text: &str) -> Result<Vec<Mailbox>, Vec<AddressProblem>> {
    if text.len() > MAX_LIST_BYTES {
        return Err(vec![AddressProblem { piece: text.to_owned(), reason: AddressReason::ListTooLong }]);
    }
    let mut boxes: Vec<Mailbox> = Vec::new();
    let mut problems: Vec<AddressProblem> = Vec::new();
    let pieces = pieces(text);
    for (index, piece) in pieces.iter().enumerate() {
        match mailboxes(piece) {
            Ok(found) => found.into_iter().for_each(|mailbox| add(&mut boxes, mailbox)),
            Err(mut reason) => {
                let next = pieces.get(index + 1);
                if reason == AddressReason::NotAnAddress
                    && !piece.contains('@')
                    && text.contains(&format!("{piece},"))
                    && next.is_some_and(|next| next.contains('<') && !next.starts_with(['<', '"']))
                {
                    reason = AddressReason::CommaInName;
                }
                problems.push(AddressProblem { piece: (*piece).to_owned(), reason });
            }
        }
    }
    if problems.is_empty() { Ok(boxes) } else { Err(problems) }
}

fn add(boxes: &mut Vec<Mailbox>, mailbox: Mailbox) {
    let key = mailbox.address().key();
    match boxes.iter_mut().find(|known| known.address().key() == key) {
        Some(known) if known.name().is_none() => *known = mailbox,
        Some(_) => {}
        None => boxes.push(mailbox),
    }
}

/// The pieces between separators that stand outside quotation marks, brackets and parentheses; trimmed, none empty.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut position = 0;
    // What was found open once is not looked at again on its line, so that the time stays in proportion to the text.
    let mut left_open: Vec<char> = Vec::new();
    while let Some(character) = text[position..].chars().next() {
        let rest = &text[position..];
        let piece = &text[start..position];
        let end = match character {
            _ if left_open.contains(&character) => None,
            '"' => closing_quote(rest),
            '<' => closing(rest, '>'),
            '(' => closing(rest, ')'),
            _ => None,
        };
        match character {
            '\n' | '\r' => left_open.clear(),
            '"' | '<' | '(' if end.is_none() => left_open.push(character),
            _ => {}
        }
        let separates = match character {
            ',' | ';' | '，' | '；' | '、' | '\u{2028}' | '\u{2029}' => true,
            '\n' | '\r' => !is_folded(piece, rest),
            _ => false,
        };
        if separates {
            pieces.push(piece.trim());
            start = position + character.len_utf8();
        }
        position += end.unwrap_or(character.len_utf8());
    }
    pieces.push(text[start..].trim());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether a line break only folds a long line: a name stands before it and, after a blank, its `<address>` follows.
fn is_folded(piece: &str, rest: &str) -> bool {
    let next = rest.trim_start_matches(['\r', '\n']);
    let broken_once = rest.len() - next.len() <= 2;
    broken_once && !piece.trim().is_empty() && !piece.contains('@') && next.starts_with([' ', '\t']) && next.trim_start().starts_with('<')
}

/// The length of a quoted string at the start of the text; None if it isn't closed on its line or on a folded one.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    let mut previous = '"';
    for (index, character) in text.char_indices().skip(1) {
        if matches!(previous, '\n' | '\r') && !matches!(character, ' ' | '\t' | '\n' | '\r') {
            return None;
        }
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(index + 1),
            _ => {}
        }
        previous = character;
    }
    None
}

/// The length of what stands in brackets at the start of the text; None if they aren't closed on its line.
fn closing(text: &str, close: char) -> Option<usize> {
    let end = text.find([close, '\n', '\r'])?;
    text[end..].starts_with(close).then(|| end + close.len_utf8())
}

/// The mailboxes that one piece names: one, or several in a pair of brackets that hold several.
fn mailboxes(piece: &str) -> Result<Vec<Mailbox>, AddressReason> {
    if let Some((name, inside)) = bracketed(piece) {
        let name = unquoted(name);
        return inside
            .split([',', ';'])
            .map(str::trim)
            .filter(|address| !address.is_empty())
            .map(|address| mailbox(Some(&name), address))
            .collect::<Result<Vec<_>, _>>()
            .and_then(|boxes| if boxes.is_empty() { Err(AddressReason::NotAnAddress) } else { Ok(boxes) });
    }
    if let Some((address, name)) = commented(piece) {
        return mailbox(Some(&unquoted(name)), address).map(|mailbox| vec![mailbox]);
    }
    mailbox(None, piece).map(|mailbox| vec![mailbox]).map_err(|reason| {
        let plain = reason == AddressReason::NotAnAddress;
        if plain && piece.split_whitespace().filter(|word| word.contains('@')).count() > 1 {
            AddressReason::Several
        } else if plain && is_group(piece) {
            AddressReason::Group
        } else {
            reason
        }
    })
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, AddressReason> {
    let address: EmailAddress = address.parse().map_err(|problem: AddressProblem| problem.reason)?;
    Mailbox::new(name, address).map_err(|problem| problem.reason)
}

/// `Name <address>`, `<address>`: what stands before the last pair of angle brackets, and inside it.
fn bracketed(piece: &str) -> Option<(&str, &str)> {
    let open = piece.strip_suffix('>')?.rfind('<')?;
    let name = piece[..open].trim();
    let quoted = name.starts_with('"') && closing_quote(name) == Some(name.len());
    let group = !quoted && name.contains(':');
    // One pair too many, "<<address>>".
    let (name, inside) = (name.trim_end_matches('<').trim(), piece[open + 1..].trim_end_matches('>'));
    (!group).then_some((name, inside))
}

/// `address (Name)`, `(address) Name`, `Name (address)`: the address and the name.
fn commented(piece: &str) -> Option<(&str, &str)> {
    let open = piece.find('(')?;
    let close = piece.rfind(')').filter(|close| *close > open)?;
    let inside = piece[open + 1..close].trim();
    let (before, after) = (piece[..open].trim(), piece[close + 1..].trim());
    let outside = match (before, after) {
        (text, "") | ("", text) => text,
        _ => return None,
    };
    let is_address = |text: &str| text.contains('@') && !text.contains(char::is_whitespace);
    if is_address(outside) && !is_web_page(outside) {
        Some((outside, inside))
    } else if is_address(inside) {
        Some((inside, outside))
    } else {
        None
    }
}

/// Whether a group's name stands before the addresses: "Friends: a@example.org".
fn is_group(piece: &str) -> bool {
    piece.split_once(':').is_some_and(|(name, _)| !name.is_empty() && !name.contains(['@', '"', '<', '/']) && !name.eq_ignore_ascii_case("mailto"))
}

/// A name without the quotation marks around it, and without the backslashes inside them.
fn unquoted(name: &str) -> String {
    let name = name.trim();
    let Some(inside) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut plain = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::address_problem::is_hidden;
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> Vec<String> {
        parse_list(text).expect(text).iter().map(ToString::to_string).collect()
    }

    fn problems(text: &str) -> Vec<String> {
        parse_list(text).expect_err(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_pasted_list_with_every_separator_gives_its_mailboxes() {
        let pasted = "ann.jones@example.org;\r\n\"Ortiz, Carla (External)\" <carla.ortiz@example.org>,\r\nFoo Bar <foo@example.org>,";

        assert_eq!(written(pasted), ["ann.jones@example.org", "\"Ortiz, Carla (External)\" <carla.ortiz@example.org>", "Foo Bar <foo@example.org>"]);
        assert_eq!(written(";, \r\n"), Vec::<String>::new());
        assert_eq!(written(""), Vec::<String>::new());
    }

    #[test]
    fn a_web_page_is_no_address_and_the_rest_is_not_lost_on_it() {
        assert_eq!(
            problems("ann@example.org, https://example.org/mailman/listinfo/ccamp; <http://example.org>\nchair at ietf.org"),
            [
                "\"https://example.org/mailman/listinfo/ccamp\" is a web page, not an address",
                "\"<http://example.org>\" is a web page, not an address",
                "\"chair at ietf.org\" is not an e-mail address. Write it like name@example.org",
            ]
        );
    }

    #[test]
    fn mailboxes_of_every_shape_are_taken() {
        for (typed, meant) in [
            ("<ann@example.org>", "ann@example.org"),
            ("<<ann@example.org>>", "ann@example.org"),
            ("\u{a0}Ann\u{a0}Jones\t<ann@example.org>\u{a0}", "Ann Jones <ann@example.org>"),
            ("mailto:ann@example.org", "ann@example.org"),
            ("Ann <mailto:ann@example.org>", "Ann <ann@example.org>"),
            ("\"'Ann Jones'\" <ann@example.org>", "Ann Jones <ann@example.org>"),
            ("'Ann Jones' <ann@example.org>", "Ann Jones <ann@example.org>"),
            ("\"Ann \\\"AJ\\\" Jones\" <ann@example.org>", "\"Ann \\\"AJ\\\" Jones\" <ann@example.org>"),
            ("Ann \"AJ\" Jones <ann@example.org>", "\"Ann \\\"AJ\\\" Jones\" <ann@example.org>"),
            ("ann@example.org (Ann Jones)", "Ann Jones <ann@example.org>"),
            ("ann@example.org (Jones, Ann)", "\"Jones, Ann\" <ann@example.org>"),
            ("Ann Jones (ann@example.org)", "Ann Jones <ann@example.org>"),
            ("(ann@example.org) Ann Jones", "Ann Jones <ann@example.org>"),
            ("山田太郎 <taro@例え.example>", "山田太郎 <taro@例え.example>"),
            ("SG 15 <sg15@example.org, sg15c@example.org>", "SG 15 <sg15@example.org>|SG 15 <sg15c@example.org>"),
            ("A very long name\r\n <ann@example.org>", "A very long name <ann@example.org>"),
            ("\"Ortiz,\r\n Carla\" <c@example.org>", "\"Ortiz, Carla\" <c@example.org>"),
            ("\"\" <ann@example.org>", "ann@example.org"),
            ("=?utf-8?q?Ann?= <ann@example.org>", "\"=?utf-8?q?Ann?=\" <ann@example.org>"),
            ("\"x\"<ann@example.org>", "x <ann@example.org>"),
            ("Ann (chair) <ann@example.org>", "\"Ann (chair)\" <ann@example.org>"),
        ] {
            assert_eq!(written(typed).join("|"), meant, "{typed}");
        }
    }

    #[test]
    fn the_same_address_twice_is_one_with_the_first_name() {
        assert_eq!(written("ann@example.org, Ann <Ann@Example.org>, Other <ann@example.org>"), ["Ann <Ann@example.org>"]);
    }

    #[test]
    fn a_long_list_is_read_and_a_longer_one_refused() {
        let list: String = (0..500).map(|n| format!("Ann {n} <ann{n}@example.org>,\r\n")).collect();
        assert_eq!(parse_list(&list).map(|boxes| boxes.len()), Ok(500));
        assert_eq!(parse_list(&"\"(<".repeat(20_000)).expect_err("too long")[0].reason, AddressReason::ListTooLong);
        assert!(parse_list(&"\"(<".repeat(10_000)).is_err());
    }

    #[test]
    fn groups_are_refused_with_words() {
        for typed in ["Friends: ann@example.org", "undisclosed-recipients:;", "Friends: Ann <ann@example.org>"] {
            assert!(problems(typed)[0].contains("is a group with a name before the colon"), "{typed}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(
            problems("ann@example.org ben@example.org"),
            ["\"ann@example.org ben@example.org\" holds several addresses. Put a comma between them"]
        );
        assert_eq!(
            problems("Ortiz, Carla <c@example.org>"),
            ["\"Ortiz\" is not an e-mail address. Put a name that holds a comma in quotation marks, like \"Jones, Ann\" <name@example.org>"]
        );
        for typed in ["\"Ann <ann@example.org", "Ann <ann@example.org", "Ann <>", "Ann Jones", "ann@localhost", "\"a@b", "()"] {
            assert!(parse_list(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_quotation_mark_left_open_does_not_swallow_the_next_line() {
        assert_eq!(problems("\"Ann <ann@example.org>, x\nben@example.org").len(), 1);
    }

    #[test]
    fn no_line_can_be_added_to_a_header() {
        assert_eq!(written("\"Ann\r\n\tBcc: x\" <ann@example.org>"), ["\"Ann Bcc: x\" <ann@example.org>"]);
        // an address in the place of a name is none
        assert_eq!(written("\"Ann\r\n\tBcc: x@example.org\" <ann@example.org>"), ["ann@example.org"]);
        assert!(parse_list("Ann\u{0} <ann@example.org>").is_err());
        assert_eq!(problems("Ann\u{1b} <ann@example.org>"), ["\"Ann\u{fffd} <ann@example.org>\" holds a hidden character. Type it anew"]);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_nothing_hidden_comes_out(
            text in "(\\PC|[\r\n\t\0\u{1b}\"'\\\\,;:<>()@ .]|ann@example\\.org|https://|mailto:){0,24}"
        ) {
            match parse_list(&text) {
                Ok(boxes) => for mailbox in boxes {
                    prop_assert!(!mailbox.to_string().chars().any(is_hidden));
                    prop_assert_eq!(mailbox.to_string().parse::<Mailbox>(), Ok(mailbox));
                },
                Err(problems) => for problem in problems {
                    prop_assert!(text.contains(&problem.piece));
                    prop_assert!(!problem.to_string().chars().any(is_hidden));
                },
            }
        }

        #[test]
        fn a_list_written_is_read_back(names in proptest::collection::vec("(\\PC|[\",;<>() ]){0,8}", 0..5), separator in "(, |; |\r\n)") {
            let boxes: Vec<Mailbox> = names.iter().enumerate().filter_map(|(index, name)| {
                let address = format!("a{index}@example.org").parse().ok()?;
                Mailbox::new(Some(name), address).ok()
            }).collect();
            let text = boxes.iter().map(ToString::to_string).collect::<Vec<_>>().join(&separator);
            prop_assert_eq!(parse_list(&text), Ok(boxes));
        }
    }
}

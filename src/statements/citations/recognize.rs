//! Finds names of documents in text. A name is taken only where it can't be anything else: `Q.14/15` is a Question of
//! SG15, `A.5` is an appendix unless ITU-T stands before it, and `802.11` is a group.

use super::{Cited, Document, DocumentKind};

/// Series of Recommendations that are known by letter and three digits or more, without "ITU-T".
const SERIES: &str = "EFGHIJKLMPQTVXYZ";
/// Those that are known by two digits too: "T.38", "X.85".
const SHORT_SERIES: &str = "JKPTVX";
/// Of IEEE 802.1 the standards of their own, whose letters are large; those of amendments are small.
const STANDALONE: [&str; 13] = ["AB", "AC", "AE", "AR", "AS", "AX", "BA", "BR", "CB", "CF", "CM", "CS", "DC"];

/// What begins at a place: the names there, each with its end.
type Names = Vec<Cited>;

pub fn cited(text: &str) -> Vec<Cited> {
    let mut found: Vec<Cited> = Vec::new();
    let mut before = None;
    let mut position = 0;
    while let Some(character) = text[position..].chars().next() {
        if is_beginning(before, character)
            && let Some(names) = names_at(text, position)
            && let Some(last) = names.last()
        {
            position = last.end;
            found.extend(names);
            before = text[..position].chars().next_back();
        } else {
            position += character.len_utf8();
            before = Some(character);
        }
    }
    found
}

fn is_beginning(before: Option<char>, character: char) -> bool {
    character.is_ascii_alphanumeric() && !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '\u{2010}' | '\u{2011}'))
}

fn names_at(text: &str, at: usize) -> Option<Names> {
    let scan = Scan { text, at };
    let is_after_point = text[..at].ends_with('.');
    let names = match text.as_bytes().get(at)?.to_ascii_lowercase() {
        b'r' => rfc(scan).or_else(|| recommendation(scan)),
        b'd' => draft(scan),
        b'3' => specification(scan),
        b't' => specification(scan).or_else(|| deliverable(scan)),
        b'e' => deliverable(scan),
        b'g' => deliverable(scan),
        b'i' => recommendation(scan).or_else(|| ieee(scan)),
        b'8' | b'p' if !is_after_point => ieee(scan),
        _ => None,
    };
    names.or_else(|| if is_after_point { None } else { series(scan, at, How::Bare) })
}

/// A place in a text.
#[derive(Debug, Clone, Copy)]
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(self) -> &'a str {
        &self.text[self.at..]
    }

    fn on(self, bytes: usize) -> Self {
        Self { at: self.at + bytes, ..self }
    }

    /// Behind a word, in any case.
    fn word(self, word: &str) -> Option<Self> {
        let is_there = self.rest().get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        is_there.then(|| self.on(word.len()))
    }

    /// Behind a word as it is written.
    fn exactly(self, word: &str) -> Option<Self> {
        self.rest().starts_with(word).then(|| self.on(word.len()))
    }

    /// Behind what stands between parts of a name: nothing, a hyphen, or blanks with at most one line break.
    fn gap(self) -> Self {
        let rest = self.rest();
        if let Some(hyphen) = rest.chars().next().filter(|c| is_hyphen(*c)) {
            return self.on(hyphen.len_utf8());
        }
        let blanks = rest.find(|c: char| !matches!(c, ' ' | '\u{a0}' | '\t' | '\r' | '\n')).unwrap_or(rest.len());
        if blanks <= 12 && rest[..blanks].matches('\n').count() <= 1 { self.on(blanks) } else { self }
    }

    /// That many digits, and what is behind them.
    fn digits(self, least: usize, most: usize) -> Option<(&'a str, Self)> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        (least..=most).contains(&end).then(|| (&rest[..end], self.on(end)))
    }

    /// Whether a name may end here.
    fn is_end(self) -> bool {
        !self.rest().starts_with(|c: char| c.is_alphanumeric() || c == '_')
    }

    /// Whether a further part of a number follows.
    fn is_numbered_on(self) -> bool {
        self.rest().strip_prefix('.').is_some_and(|more| more.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// Behind what stands between the members of a list.
    fn next_of_list(self) -> Option<Self> {
        let rest = self.rest();
        let trimmed = |text: &'a str| text.trim_start_matches([' ', '\u{a0}', '\t', '\r', '\n']);
        let after = match rest.strip_prefix([',', ';', '/']) {
            Some(more) => trimmed(more).strip_prefix("and ").map_or_else(|| trimmed(more), trimmed),
            None => trimmed(rest)
                .strip_prefix("and ")
                .or_else(|| trimmed(rest).strip_prefix("& "))
                .or_else(|| trimmed(rest).strip_prefix("or "))
                .map(trimmed)?,
        };
        Some(self.on(rest.len() - after.len()))
    }

    fn cites(self, start: usize, kind: DocumentKind, name: String) -> Cited {
        Cited { start, end: self.at, document: Document { kind, name }, version: None }
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// "RFC 4052", "rfc4052", "RFCs 4052 and 4053", "RFC 8665, 8666, and 8667".
fn rfc(scan: Scan<'_>) -> Option<Names> {
    let named = scan.word("rfc")?;
    let plural = named.word("s");
    let (first, mut end) = rfc_number(plural.unwrap_or(named).gap(), 1)?;
    let mut names = vec![end.cites(scan.at, DocumentKind::Rfc, first)];
    while let Some(next) = end.next_of_list() {
        let Some((number, after)) = rfc_number(next, if plural.is_some() { 3 } else { 4 }) else { break };
        // "RFC 4052, 2005" ends with a year
        if plural.is_none() && next.digits(4, 4).is_some_and(|(digits, _)| ("1980".."2036").contains(&digits)) {
            break;
        }
        names.push(after.cites(next.at, DocumentKind::Rfc, number));
        end = after;
    }
    Some(names)
}

fn rfc_number(scan: Scan<'_>, least: usize) -> Option<(String, Scan<'_>)> {
    let (digits, end) = scan.digits(least, 5)?;
    let number: u32 = digits.parse().ok().filter(|number| *number > 0)?;
    (end.is_end() && !end.is_numbered_on()).then(|| (format!("RFC {number}"), end))
}

/// "draft-ietf-opsawg-ntf-13", also where a line breaks behind one of its hyphens.
fn draft(scan: Scan<'_>) -> Option<Names> {
    let mut name = String::from("draft");
    let mut here = scan.word("draft")?;
    while let Some(hyphen) = here.rest().chars().next().filter(|c| is_hyphen(*c)) {
        let mut next = here.on(hyphen.len_utf8());
        if let Some(line) = next.rest().strip_prefix("\r\n").or_else(|| next.rest().strip_prefix('\n')) {
            let line = line.trim_start_matches([' ', '\t']);
            next = next.on(next.rest().len() - line.len());
        }
        let length = next.rest().find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(next.rest().len());
        if length == 0 {
            break;
        }
        name.push('-');
        name.push_str(&next.rest()[..length].to_ascii_lowercase());
        // no draft is called so; reading on from each of many would never end
        if name.len() > 140 {
            return None;
        }
        here = next.on(length);
    }
    if here.rest().starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let (name, version) = match name.rsplit_once('-') {
        Some((before, last)) if is_version(last) => (before.to_owned(), Some(last.to_owned())),
        _ => (name, None),
    };
    let parts: Vec<&str> = name.split('-').skip(1).collect();
    // "draft-new", "draft-revised-text" are words
    if parts.len() < 2 || matches!(parts[0], "new" | "revised" | "final") || !name.is_ascii() || name.len() > 120 {
        return None;
    }
    Some(vec![Cited { version, ..here.cites(scan.at, DocumentKind::InternetDraft, name) }])
}

/// "03"; also "13a", as some were numbered between two meetings.
fn is_version(part: &str) -> bool {
    let bytes = part.as_bytes();
    matches!(bytes.len(), 2 | 3) && bytes[..2].iter().all(u8::is_ascii_digit) && bytes[2..].iter().all(|byte| (b'a'..=b'c').contains(byte))
}

/// How sure it is that a letter and a number are a Recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// Nothing stands before it.
    Bare,
    /// "ITU-T".
    Named,
    /// "Recommendation", "Rec.".
    Called,
}

/// "ITU-T Rec. G.8032/Y.1344".
fn recommendation(scan: Scan<'_>) -> Option<Names> {
    let of_itu = scan.word("itu").map(|itu| itu.gap().word("t").unwrap_or(itu)).filter(|itu| itu.is_end());
    let here = of_itu.map_or(scan, Scan::gap);
    let called = ["recommendations", "recommendation", "recs.", "recs", "rec.", "rec"].iter().find_map(|word| here.word(word)).map(Scan::gap);
    match (of_itu, called) {
        // "Recommendation ITU-T G.8032"
        (None, Some(called)) => match called.word("itu").map(|itu| itu.gap().word("t").unwrap_or(itu)).filter(|itu| itu.is_end()) {
            Some(itu) => series(itu.gap(), scan.at, How::Called),
            None => series(called, scan.at, How::Called),
        },
        (Some(_), Some(called)) => series(called, scan.at, How::Called),
        (Some(_), None) => series(here, scan.at, How::Named),
        (None, None) => None,
    }
}

/// A letter, a point and a number.
fn series(scan: Scan<'_>, start: usize, how: How) -> Option<Names> {
    let letter = scan.rest().chars().next().filter(|c| if how == How::Bare { c.is_ascii_uppercase() } else { c.is_ascii_alphabetic() })?;
    let letter = letter.to_ascii_uppercase();
    let (first, mut end) = scan.on(1).exactly(".")?.digits(1, 5)?;
    if first.starts_with('0') {
        return None;
    }
    let is_slashed = end.rest().strip_prefix('/').is_some_and(|more| more.starts_with(|c: char| c.is_ascii_digit()));
    let is_clear = match how {
        // "Q.14/15" is a Question
        How::Called => first.len() > 2 || !is_slashed,
        How::Named => first.len() > 2 || (letter != 'Q' && !is_slashed),
        How::Bare => SERIES.contains(letter) && first.len() > 2 || SHORT_SERIES.contains(letter) && first.len() == 2 && !is_slashed,
    };
    if !is_clear || (how == How::Bare && scan.text[..scan.at].trim_end().ends_with("ITU-R")) {
        return None;
    }
    let mut name = format!("ITU-T {letter}.{first}");
    while end.is_numbered_on() {
        let (digits, after) = end.on(1).digits(1, 5)?;
        name = format!("{name}.{digits}");
        end = after;
    }
    for suffix in ["bis", "ter"] {
        if let Some(after) = end.word(suffix) {
            name.push_str(suffix);
            end = after;
        }
    }
    end = behind_version(end);
    // "G.709.x" is a family of them
    let is_family = end.rest().strip_prefix('.').is_some_and(|more| more.starts_with(['x', 'X']) && !more[1..].starts_with(char::is_alphanumeric));
    (end.is_end() && !is_family).then(|| vec![end.cites(start, DocumentKind::ItuT, name)])
}

/// Behind "v2", which is not part of a name.
fn behind_version(scan: Scan<'_>) -> Scan<'_> {
    scan.word("v").and_then(|version| version.digits(1, 3)).map_or(scan, |(_, after)| after)
}

/// "3GPP TS 23.501", "TR 38.901", "TS 23.501, 23.502 and 33.501".
fn specification(scan: Scan<'_>) -> Option<Names> {
    let of_3gpp = scan.word("3gpp").map(Scan::gap);
    let kind_at = of_3gpp.unwrap_or(scan);
    let kind = ["TS", "TR"].into_iter().find(|kind| if of_3gpp.is_some() { kind_at.word(kind) } else { kind_at.exactly(kind) }.is_some())?;
    let (first, mut end) = specification_number(kind_at.on(2).gap())?;
    let mut names = vec![end.cites(scan.at, DocumentKind::ThreeGpp, format!("3GPP {kind} {first}"))];
    while let Some(next) = end.next_of_list() {
        let Some((number, after)) = specification_number(next) else { break };
        names.push(after.cites(next.at, DocumentKind::ThreeGpp, format!("3GPP {kind} {number}")));
        end = after;
    }
    Some(names)
}

fn specification_number(scan: Scan<'_>) -> Option<(String, Scan<'_>)> {
    let (series, end) = scan.digits(2, 2)?;
    let (number, mut end) = end.exactly(".")?.digits(3, 3)?;
    if !series.parse::<u8>().is_ok_and(|series| (1..=55).contains(&series)) {
        return None;
    }
    let mut name = format!("{series}.{number}");
    if let Some((part, after)) = part(end) {
        name = format!("{name}-{part}");
        end = after;
    }
    let end = behind_version(end);
    (end.is_end() && !end.is_numbered_on()).then_some((name, end))
}

/// "-1" behind a number: a part of a document in parts.
fn part(scan: Scan<'_>) -> Option<(&str, Scan<'_>)> {
    let hyphen = scan.rest().chars().next().filter(|c| is_hyphen(*c))?;
    scan.on(hyphen.len_utf8()).digits(1, 2).filter(|(_, after)| after.is_end())
}

/// "ETSI GS ZSM 018", "GR NFV-IFA 029", "ETSI TS 103 720". ETSI's 123 501 is 3GPP's 23.501.
fn deliverable(scan: Scan<'_>) -> Option<Names> {
    let of_etsi = scan.word("etsi").map(Scan::gap);
    let here = of_etsi.unwrap_or(scan);
    let kind = here.rest().get(..2).filter(|kind| of_etsi.is_some() || kind.bytes().all(|byte| byte.is_ascii_uppercase()))?.to_ascii_uppercase();
    let numbered = here.on(2).gap();
    match kind.as_str() {
        "GS" | "GR" => group_deliverable(scan, numbered, &kind, of_etsi.is_some()),
        "TS" | "TR" | "EN" | "ES" | "EG" | "SR" => {
            let (high, end) = numbered.digits(3, 3)?;
            let (low, mut end) = end.gap().digits(3, 3)?;
            let is_known = of_etsi.is_some() || (matches!(kind.as_str(), "TS" | "TR") && high.starts_with('1'));
            let series = high.parse::<u32>().ok().filter(|high| kind.starts_with('T') && (121..=138).contains(high));
            let mut number = series.map_or_else(|| format!("{high} {low}"), |series| format!("{}.{low}", series - 100));
            if let Some((part, after)) = part(end) {
                number = format!("{number}-{part}");
                end = after;
            }
            if !is_known || !behind_version(end).is_end() {
                return None;
            }
            Some(vec![match series {
                Some(_) => end.cites(scan.at, DocumentKind::ThreeGpp, format!("3GPP {kind} {number}")),
                None => end.cites(scan.at, DocumentKind::Etsi, format!("ETSI {kind} {number}")),
            }])
        }
        _ => None,
    }
}

/// Of an industry specification group: its name, and three digits.
fn group_deliverable(scan: Scan<'_>, named: Scan<'_>, kind: &str, in_any_case: bool) -> Option<Names> {
    let (mut group, mut end) = letters(named, in_any_case)?;
    if let Some((below, after)) = end.exactly("-").and_then(|below| letters(below, in_any_case)) {
        group = format!("{group}-{below}");
        end = after;
    }
    let (number, mut end) = end.gap().digits(3, 3)?;
    let mut name = format!("ETSI {kind} {group} {number}");
    if let Some((part, after)) = part(end) {
        name = format!("{name}-{part}");
        end = after;
    }
    behind_version(end).is_end().then(|| vec![end.cites(scan.at, DocumentKind::Etsi, name)])
}

/// The name of a group: letters and digits, but not the three of the deliverable's number ("ZSM018").
fn letters(scan: Scan<'_>, in_any_case: bool) -> Option<(String, Scan<'_>)> {
    let rest = scan.rest();
    let fits = |c: char| if in_any_case { c.is_ascii_alphanumeric() } else { c.is_ascii_uppercase() || c.is_ascii_digit() };
    let end = rest.find(|c: char| !fits(c)).unwrap_or(rest.len());
    let end = if end > 4 && rest[end - 3..end].bytes().all(|byte| byte.is_ascii_digit()) { end - 3 } else { end };
    let is_name = (2..=8).contains(&end) && rest.starts_with(|c: char| c.is_ascii_alphabetic());
    is_name.then(|| (rest[..end].to_ascii_uppercase(), scan.on(end)))
}

/// "IEEE 802.1Q", "P802.1Qcy".
fn ieee(scan: Scan<'_>) -> Option<Names> {
    let named = scan.word("ieee").map_or(scan, Scan::gap);
    let named = named.word("std").map_or(named, |std| std.exactly(".").unwrap_or(std).gap());
    let (group, end) = named.word("p").unwrap_or(named).exactly("802.")?.digits(1, 2)?;
    let rest = end.rest();
    let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let letters = rest[..length].to_ascii_lowercase();
    let end = end.on(length);
    if !(1..=3).contains(&length) || !end.is_end() || (group == "11" && letters == "x") {
        return None;
    }
    let large = letters.to_ascii_uppercase();
    let letters = match (group, length) {
        ("1", 1) => large,
        ("1", 2) if STANDALONE.contains(&large.as_str()) => large,
        // an amendment of 802.1Q
        ("1", 3) => format!("{}{}", &large[..1], &letters[1..]),
        _ => letters,
    };
    Some(vec![end.cites(scan.at, DocumentKind::Ieee, format!("IEEE 802.{group}{letters}"))])
}

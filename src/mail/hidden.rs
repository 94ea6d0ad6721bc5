//! Addresses that stand in what people typed, and are not for everybody.

/// What people typed, without mail addresses: those of persons are not public (domain.md 1, *contacts*).
pub fn without_addresses(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '=');
    let mut hidden = vec![false; letters.len()];
    for (place, _) in letters.iter().enumerate().filter(|(_, c)| **c == '@') {
        let from = letters[..place].iter().rposition(|c| !belongs(*c)).map_or(0, |before| before + 1);
        let to = letters[place + 1..].iter().position(|c| !belongs(*c)).map_or(letters.len(), |after| place + 1 + after);
        hidden[from..to].fill(true);
    }
    let kept: String = letters.iter().zip(&hidden).map(|(c, hidden)| if *hidden { '\u{0}' } else { *c }).collect();
    let mut plain = kept.replace('\u{0}', "").replace("()", " ").replace("<>", " ");
    plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.trim_matches([' ', ',', ';']).to_owned()
}

/// The same, leaving a text without any as it is.
pub fn public_words(text: String) -> String {
    if text.contains('@') { without_addresses(&text) } else { text }
}

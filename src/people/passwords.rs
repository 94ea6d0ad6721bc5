//! Which passwords are taken: long ones that nobody guesses. No rules of composition. Pure.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Fewest characters.
const FEWEST: usize = 12;
/// Most bytes, so that hashing takes bounded time.
pub const MOST_BYTES: usize = 1_024;

/// Words that are tried first, one a line.
static WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_words.txt").lines().map(str::trim).filter(|word| !word.is_empty() && !word.starts_with('#')).collect());

/// Rows of keyboards and runs of letters and digits, forwards and backwards.
const ROWS: [&str; 10] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!@#$%^&*()",
    "q1w2e3r4t5y6u7i8o9p0",
];

/// Whether a password is taken for that person; every character counts, also a space at its end.
///
/// # Errors
/// Why not, in a sentence for the person.
pub fn check(password: &str, name: &str, address: &str) -> Result<(), &'static str> {
    if password.chars().count() < FEWEST {
        return Err("Use at least 12 characters. A few words in a row are easy to remember.");
    }
    if password.len() > MOST_BYTES {
        return Err("Use a shorter password: at most 1,024 bytes.");
    }
    let lower = password.to_lowercase();
    let mut own: HashSet<String> = HashSet::new();
    for text in [name, address] {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
        own.extend(words.filter(|word| word.chars().count() >= 2));
    }
    if is_run(&lower) || WORDS.contains(lower.as_str()) {
        return Err("This password is one of the first that are tried: it repeats itself or follows a row of keys. Choose another one.");
    }
    let letters: String = lower.chars().filter(|letter| letter.is_alphabetic()).collect();
    if is_made_of(&letters, &own) {
        return Err(
            "This password is easily guessed: it is made of a common word or a name, and digits. Choose another one, for example four words in a row.",
        );
    }
    Ok(())
}

/// Few different characters, something repeated, or little beside rows of keys.
fn is_run(lower: &str) -> bool {
    let letters: Vec<char> = lower.chars().collect();
    if letters.iter().collect::<HashSet<_>>().len() < 5 {
        return true;
    }
    let repeats =
        |length: usize| letters.iter().zip(letters.iter().cycle().skip(length)).take(letters.len() - length).all(|(one, other)| one == other);
    if (1..=letters.len() / 2).any(repeats) {
        return true;
    }
    // what is left when runs of four and more are taken out
    let mut left = 0;
    let mut at = 0;
    while at < letters.len() {
        let run = ROWS.iter().map(|row| longest_run(&letters[at..], row)).max().unwrap_or(0);
        if run >= 4 {
            at += run;
        } else {
            left += 1;
            at += 1;
        }
    }
    left < 5
}

/// How many of the first letters follow a row, in either direction.
fn longest_run(letters: &[char], row: &str) -> usize {
    let forwards: Vec<char> = row.chars().collect();
    let backwards: Vec<char> = row.chars().rev().collect();
    [forwards, backwards]
        .iter()
        .flat_map(|row| (0..row.len()).map(|start| row[start..].iter().zip(letters).take_while(|(one, other)| one == other).count()))
        .max()
        .unwrap_or(0)
}

/// Whether letters are nothing but at most three different common words or own names.
fn is_made_of(letters: &str, own: &HashSet<String>) -> bool {
    if letters.is_empty() {
        return false;
    }
    let letters: Vec<char> = letters.chars().collect();
    // words by which each length is reached, with fewest different words; none: it is not reached
    let mut reached: Vec<Option<HashSet<String>>> = vec![None; letters.len() + 1];
    reached[0] = Some(HashSet::new());
    for end in 1..=letters.len() {
        for start in end.saturating_sub(24)..end {
            let Some(before) = reached[start].clone() else { continue };
            let word: String = letters[start..end].iter().collect();
            if !WORDS.contains(word.as_str()) && !own.contains(&word) {
                continue;
            }
            let mut words = before;
            words.insert(word);
            if reached[end].as_ref().is_none_or(|best| words.len() < best.len()) {
                reached[end] = Some(words);
            }
        }
    }
    reached[letters.len()].as_ref().is_some_and(|words| words.len() <= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(password: &str) -> bool {
        check(password, "Carol Chair", "carol.chair@example.org").is_ok()
    }

    #[test]
    fn twelve_characters_are_enough_and_eleven_are_not() {
        assert!(takes("plum Kx7 tok"));
        assert!(!takes("plum Kx7 to"));
        assert!(takes("🦀🌊🎻🥨🚲🧵🪁🌶🦉🧊🪗🫐"));
    }

    #[test]
    fn long_passwords_are_taken_up_to_a_kilobyte() {
        let long: String = "plum Kx7 tokay ".repeat(9).chars().take(128).collect::<String>() + "end";

        assert!(takes(&long));
        assert!(!takes(&"zb9 ü".repeat(400)));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for password in [
            "password1234",
            "Password12345!",
            "ietf2026liaison",
            "liaison-tracker-2026",
            "123456789012",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "aaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "administrator",
            "international",
            "Liaison-Demonstration",
            "carolchair2026",
            "chair@example.org1",
            "letmein letmein!",
            "iloveyouforever",
        ] {
            assert!(!takes(password), "{password} was taken");
        }
    }

    #[test]
    fn what_nobody_guesses_is_taken() {
        for password in ["correct horse battery staple", "zwölf Boxkämpfer jagen", "vK3!pq9#Lm2x", "river lamp 88 orbit"] {
            assert!(takes(password), "{password} was refused");
        }
    }
}

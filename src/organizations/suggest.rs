//! Groups for the beginning of what someone types, and for what they may have meant.

use super::directory::Directory;
use super::words::{key_of, plain_key};

/// What groups are called, arranged for finding by a part or with a slip.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    /// Beginnings of acronyms and of the words of names, sorted.
    sorted: Vec<(String, Rank, usize)>,
    /// The letters of each group's acronym and label.
    letters: Vec<[Vec<char>; 2]>,
}

/// Where a beginning was found; the first is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Acronym,
    Part,
    Name,
    Former,
}

impl Prefixes {
    pub(super) fn new(directory: &Directory) -> Self {
        let mut prefixes = Vec::new();
        for (place, group) in directory.groups.iter().enumerate() {
            prefixes.push((key_of(&group.acronym), Rank::Acronym, place));
            let mut each_word = |text: &str, first: Rank, others: Rank| {
                let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
                for start in (0..words.len()).filter(|start| !words[*start].is_empty()) {
                    let rest = words[start..].join(" ");
                    let rank = if start == 0 { first } else { others };
                    let (plain, canonical) = (plain_key(&rest), key_of(&rest));
                    if canonical != plain {
                        prefixes.push((canonical, rank, place));
                    }
                    prefixes.push((plain, rank, place));
                }
            };
            each_word(directory.label_at(place), Rank::Part, Rank::Part);
            for (index, name) in group.names.iter().enumerate() {
                let rank = if index == 0 { Rank::Name } else { Rank::Former };
                each_word(name, rank, rank);
            }
            for former in &group.former_acronyms {
                each_word(former, Rank::Former, Rank::Former);
            }
        }
        prefixes.sort();
        prefixes.dedup();
        let letters = |text: &str| plain_key(text).chars().collect();
        let groups = directory.groups.iter().enumerate();
        Self { sorted: prefixes, letters: groups.map(|(place, group)| [letters(&group.acronym), letters(directory.label_at(place))]).collect() }
    }

    fn starting_with(&self, prefix: &str) -> impl Iterator<Item = (&str, Rank, usize)> {
        let from = self.sorted.partition_point(|(key, _, _)| key.as_str() < prefix);
        self.sorted[from..].iter().take_while(move |(key, _, _)| key.starts_with(prefix)).map(|(key, rank, place)| (key.as_str(), *rank, *place))
    }
}

impl Directory {
    /// The groups whose acronym, or a word of whose present or former name, begins so; at most `limit`, the likeliest
    /// first: an acronym typed in full, then active groups, then acronyms before names.
    pub fn suggest(&self, prefix: &str, limit: usize) -> Vec<i64> {
        let mut keys = vec![key_of(prefix), plain_key(prefix)];
        keys.dedup();
        let mut found: Vec<(bool, bool, Rank, usize, usize)> = Vec::new();
        for key in keys.iter().filter(|key| !key.is_empty()) {
            for (whole, rank, place) in self.prefixes.starting_with(key) {
                let complete = rank == Rank::Acronym && whole == key;
                let group = &self.groups[place];
                found.push((!complete, !group.active, rank, group.acronym.len(), place));
            }
        }
        found.sort_by(|a, b| {
            let acronym = |place: usize| &self.groups[place].acronym;
            (a.0, a.1, a.2, a.3, acronym(a.4)).cmp(&(b.0, b.1, b.2, b.3, acronym(b.4)))
        });
        let mut suggested = Vec::new();
        for (.., place) in found {
            let group_id = self.groups[place].group_id;
            if suggested.len() < limit && !suggested.contains(&group_id) {
                suggested.push(group_id);
            }
        }
        suggested
    }

    /// At most three groups that someone may have meant: acronyms or labels a slip away, else ones that begin so.
    pub(super) fn meant(&self, text: &str) -> Vec<i64> {
        let key = key_of(text);
        let length = key.chars().count();
        if !(2..=40).contains(&length) {
            return Vec::new();
        }
        let slips = if length <= 4 { 1 } else { 2 };
        let typed: Vec<char> = key.chars().collect();
        let mut near: Vec<(usize, bool, usize)> = Vec::new();
        for (place, group) in self.groups.iter().enumerate() {
            let nearest = self.prefixes.letters[place].iter().filter_map(|name| distance(&typed, name, slips)).min();
            if let Some(distance) = nearest {
                near.push((distance, !group.active, place));
            }
        }
        near.sort();
        let mut meant: Vec<i64> = near.iter().map(|(.., place)| self.groups[*place].group_id).collect();
        if meant.len() < 3 && length > 2 {
            for group_id in self.suggest(text, 3) {
                if !meant.contains(&group_id) {
                    meant.push(group_id);
                }
            }
        }
        meant.truncate(3);
        meant
    }
}

/// The number of letters to insert, leave out, change or swap to make one word the other, if at most `limit`.
fn distance(typed: &[char], word: &[char], limit: usize) -> Option<usize> {
    if typed.len().abs_diff(word.len()) > limit || word.len() <= limit {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=word.len()).collect();
    for (row, letter) in typed.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in word.iter().enumerate() {
            let change = last[column] + usize::from(letter != other);
            let mut best = change.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && typed[row - 1] == *other && word[column - 1] == *letter {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_counted_once() {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        let slips = |typed: &str, word: &str| distance(&letters(typed), &letters(word), 2);

        assert_eq!(slips("sprng", "spring"), Some(1));
        assert_eq!(slips("sprign", "spring"), Some(1));
        assert_eq!(slips("spring", "spring"), Some(0));
        assert_eq!(slips("mpls", "spring"), None);
        assert_eq!(slips("tl", "tls"), Some(1));
    }
}

//! All groups with the names they can be found by.

use std::collections::{HashMap, HashSet};

use super::labels::display_label;
use super::segments::segments;
use super::suggest::Prefixes;
use super::words::{Word, is_number, key, key_of, words};

/// What the directory is told about a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The group's key.
    pub group_id: i64,
    /// Its acronym, unique among all.
    pub acronym: String,
    /// How pages name it; none: made from its acronym.
    pub label: Option<String>,
    /// Its full name first, then former names.
    pub names: Vec<String>,
    /// Acronyms it had before.
    pub former_acronyms: Vec<String>,
    /// The group above it; none for an organization.
    pub parent: Option<i64>,
    /// Whether it belongs to the home organization.
    pub home: bool,
    /// Whether it is neither proposed nor concluded.
    pub active: bool,
}

/// How good a reason a key is to mean a group; the first wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Acronym,
    Label,
    FormerAcronym,
    Name,
    Derived,
    Shortened,
}

/// What a key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing known.
    Nothing,
    /// This group, by its place.
    Group(usize),
    /// Several, none more likely than the others.
    Several(Vec<usize>),
}

/// Every group, indexed by all that people call it. Build it once after each change of the groups.
#[derive(Debug)]
pub struct Directory {
    pub(super) groups: Vec<Known>,
    labels: Vec<String>,
    places: HashMap<i64, usize>,
    leaves: Vec<bool>,
    written: HashMap<String, usize>,
    keys: HashMap<String, (Reason, Vec<usize>)>,
    /// Keys of names that hold a comma or "and".
    compound: HashSet<String>,
    pub(super) home_heads: Vec<Vec<Word>>,
    pub(super) prefixes: Prefixes,
}

impl Directory {
    /// The directory of these groups.
    pub fn new(groups: Vec<Known>) -> Self {
        let places: HashMap<i64, usize> = groups.iter().enumerate().map(|(place, group)| (group.group_id, place)).collect();
        let parents: HashSet<i64> = groups.iter().filter_map(|group| group.parent).collect();
        let mut directory = Self {
            labels: Vec::with_capacity(groups.len()),
            leaves: groups.iter().map(|group| !parents.contains(&group.group_id)).collect(),
            places,
            groups,
            written: HashMap::new(),
            keys: HashMap::new(),
            compound: HashSet::new(),
            home_heads: Vec::new(),
            prefixes: Prefixes::default(),
        };
        for place in 0..directory.groups.len() {
            let label = directory.make_label(place);
            directory.labels.push(label);
        }
        for place in 0..directory.groups.len() {
            directory.index(place);
        }
        directory.prefixes = Prefixes::new(&directory);
        directory
    }

    fn make_label(&self, place: usize) -> String {
        let group = &self.groups[place];
        if let Some(label) = &group.label {
            return label.clone();
        }
        let root = self.ancestors(place).last().copied().unwrap_or(place);
        let root = &self.groups[root];
        let name = |group: &Known| group.names.first().cloned().unwrap_or_default();
        display_label(&group.acronym, &name(group), &root.acronym, &name(root), group.home)
    }

    /// The places of the groups above, the nearest first.
    pub(super) fn ancestors(&self, place: usize) -> Vec<usize> {
        let mut above = Vec::new();
        let mut parent = self.groups[place].parent;
        while let Some(next) = parent.and_then(|id| self.places.get(&id)).copied() {
            if above.contains(&next) || next == place {
                break;
            }
            above.push(next);
            parent = self.groups[next].parent;
        }
        above
    }

    /// The label of a group, as pages show it; empty for a group that isn't there.
    pub fn label(&self, group_id: i64) -> String {
        self.places.get(&group_id).map(|place| self.labels[*place].clone()).unwrap_or_default()
    }

    /// What the directory was told about a group.
    pub fn known(&self, group_id: i64) -> Option<&Known> {
        self.places.get(&group_id).map(|place| &self.groups[*place])
    }

    pub(super) fn label_at(&self, place: usize) -> &str {
        &self.labels[place]
    }

    /// Whether no group is below it.
    pub(super) fn is_leaf(&self, place: usize) -> bool {
        self.leaves[place]
    }

    fn index(&mut self, place: usize) {
        let group = self.groups[place].clone();
        let label = self.labels[place].clone();
        self.written.entry(label.to_lowercase()).or_insert(place);
        // An acronym is unique, a label need not be.
        self.written.insert(group.acronym.to_lowercase(), place);
        self.add(Reason::Acronym, &group.acronym, place);
        self.add(Reason::Label, &label, place);
        for former in &group.former_acronyms {
            self.add(Reason::FormerAcronym, former, place);
        }
        for name in &group.names {
            self.add(Reason::Name, name, place);
            self.add_parts_of_name(name, place);
        }
        if group.home && group.parent.is_none() {
            let heads = group.names.iter().chain([&group.acronym]);
            self.home_heads.extend(heads.map(|head| words(head)));
        }
        if group.home && label.ends_with(" Area") {
            self.add(Reason::Derived, &format!("{} area", group.acronym), place);
        }
        self.add_shortened(&group, place);
        self.add_relative(&group, place);
    }

    fn add(&mut self, reason: Reason, text: &str, place: usize) {
        let key = key_of(text);
        if key.is_empty() {
            return;
        }
        if segments(text).len() > 1 {
            self.compound.insert(key.clone());
        }
        let entry = self.keys.entry(key).or_insert((reason, Vec::new()));
        if reason < entry.0 {
            *entry = (reason, Vec::new());
        }
        if reason == entry.0 && !entry.1.contains(&place) {
            entry.1.push(place);
        }
    }

    /// "SC 29, Coding of audio" is also "SC 29"; "Smart Grid Interoperability Panel (SGIP)" also both of its halves.
    fn add_parts_of_name(&mut self, name: &str, place: usize) {
        if let Some((start, _)) = name.split_once(',')
            && start.contains(|c: char| c.is_ascii_digit())
        {
            self.add(Reason::Derived, start, place);
        }
        if let Some((start, rest)) = name.split_once('(')
            && let Some(inside) = rest.strip_suffix(')')
            && start.len() > 3
            && inside.len() > 2
        {
            self.add(Reason::Derived, start, place);
            self.add(Reason::Derived, inside, place);
        }
    }

    /// "PWE WG" for PWE3, "ISO/IEC JTC" for ISO/IEC JTC 1.
    fn add_shortened(&mut self, group: &Known, place: usize) {
        let short = group.acronym.trim_end_matches(|c: char| c.is_ascii_digit());
        if short.len() == group.acronym.len() || short.len() < 2 {
            return;
        }
        if group.home {
            self.add(Reason::Shortened, &format!("{short} wg"), place);
        } else if group.parent.is_none() && short.len() > 6 {
            self.add(Reason::Shortened, short, place);
        }
    }

    /// The names that leave out some of what is above: "SG15", "ITU SG15", "SA WG2".
    fn add_relative(&mut self, group: &Known, place: usize) {
        if let Some(rest) = group.acronym.strip_prefix("iso-iec-") {
            self.add(Reason::Derived, rest, place);
        }
        let above: Vec<String> = self.ancestors(place).into_iter().map(|ancestor| self.groups[ancestor].acronym.clone()).collect();
        for ancestor in &above {
            let Some(rest) = group.acronym.strip_prefix(ancestor.as_str()) else {
                continue;
            };
            if let Some(suffix) = rest.strip_prefix('-') {
                if !is_telling(suffix) {
                    continue;
                }
                if stands_alone(suffix) {
                    self.add(Reason::Derived, suffix, place);
                }
                for other in above.iter().filter(|other| *other != ancestor) {
                    self.add(Reason::Derived, &format!("{other} {suffix}"), place);
                }
            } else if is_number(rest) {
                // 3GPP's working groups: "SA2" is "SA WG2".
                let root = above.last().map_or("", String::as_str);
                let body = ancestor.strip_prefix(root).unwrap_or(ancestor).trim_start_matches('-');
                self.add(Reason::Derived, &format!("{ancestor} wg{rest}"), place);
                self.add(Reason::Derived, &format!("{body} wg{rest}"), place);
                self.add(Reason::Derived, &format!("{body}{rest}"), place);
            }
        }
    }

    /// The group whose acronym or label this is, letter for letter but for case.
    pub(super) fn written(&self, text: &str) -> Option<usize> {
        self.written.get(&text.trim().to_lowercase()).copied()
    }

    /// Whether the words are a name that itself holds a comma or "and".
    pub(super) fn is_compound(&self, words: &[Word]) -> bool {
        self.compound.contains(&key(words))
    }

    /// What the words mean, all of them together.
    pub(super) fn meaning(&self, words: &[Word]) -> Meaning {
        let key = key(words);
        let Some((reason, places)) = self.keys.get(&key) else {
            return Meaning::Nothing;
        };
        let only = |wanted: &dyn Fn(&Known) -> bool| {
            let mut found = places.iter().filter(|place| wanted(&self.groups[**place]));
            found.next().filter(|_| found.next().is_none()).copied()
        };
        let likely = match (places.as_slice(), reason) {
            ([place], _) => Some(*place),
            (_, Reason::Derived | Reason::Shortened) => None,
            _ => only(&|group| group.acronym == key).or_else(|| only(&|group| group.active)),
        };
        likely.map_or_else(|| Meaning::Several(places.clone()), Meaning::Group)
    }
}

/// Whether the end of an acronym says something without its beginning: not "1", not the "t-sg2" of "itu-t-sg2".
fn is_telling(suffix: &str) -> bool {
    let tokens: Vec<&str> = suffix.split('-').collect();
    let two_numbers = tokens.len() > 1 && tokens.iter().all(|token| is_number(token));
    tokens[0].len() > 1 && !tokens.contains(&"and") && (two_numbers || suffix.contains(|c: char| c.is_ascii_alphabetic()))
}

/// Whether it names a group without anything above: "sg15" does, "q9", "wp3" and "wg1" are of some body.
fn stands_alone(suffix: &str) -> bool {
    let digits = suffix.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    !(matches!(&suffix[..suffix.len() - digits.len()], "q" | "wp" | "wg") && is_number(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(group_id: i64, acronym: &str, name: &str, parent: Option<i64>) -> Known {
        Known {
            group_id,
            acronym: acronym.to_owned(),
            label: None,
            names: vec![name.to_owned()],
            former_acronyms: Vec::new(),
            parent,
            home: false,
            active: true,
        }
    }

    #[test]
    fn a_group_is_found_by_what_people_call_it() {
        let directory = Directory::new(vec![
            known(1, "3gpp", "3rd Generation Partnership Project", None),
            known(2, "3gpp-sa", "TSG Service and System Aspects", Some(1)),
            known(3, "3gpp-sa2", "SA WG2, System Architecture", Some(2)),
        ]);

        for spelling in ["3gpp-sa2", "SA2", "SA WG2", "TSG SA WG2", "3GPP TSG SA WG2", "SA WG2, System Architecture"] {
            assert_eq!(directory.meaning(&words(spelling)), Meaning::Group(2), "{spelling}");
        }
        assert_eq!(directory.label(3), "3GPP SA2");
        assert_eq!(directory.label(99), "");
    }

    #[test]
    fn a_name_of_two_groups_means_the_active_one() {
        let mut old = known(1, "hiprg", "Host Identity Protocol", None);
        old.active = false;
        let both = vec![old.clone(), known(2, "hip", "Host Identity Protocol", None)];

        assert_eq!(Directory::new(both).meaning(&words("host identity protocol")), Meaning::Group(1));
        let mut older = old.clone();
        older.group_id = 3;
        older.acronym = "hip0".to_owned();
        assert_eq!(Directory::new(vec![old, older]).meaning(&words("Host Identity Protocol")), Meaning::Several(vec![0, 1]));
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let directory = Directory::new(vec![known(1, "a-b", "A", Some(2)), known(2, "a", "B", Some(1))]);

        assert_eq!(directory.ancestors(0), [1]);
    }
}

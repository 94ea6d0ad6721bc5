//! What people type as addressee or sender, read as groups.
//!
//! A piece is a group only as a whole: nothing is looked for inside of other words, so that a person, a subject or a
//! remark never becomes an addressee.

use super::directory::{Directory, Meaning};
use super::segments::{Marker, Segment, for_information, outside_and_notes, segments, without_marker};
use super::words::{Word, as_part, begins_with_part, is_designator, is_number, words};

/// The groups in a typed list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognized {
    /// Groups addressed, each once, with the piece that names it as written.
    pub groups: Vec<(i64, String)>,
    /// Groups in copy: after "cc", or in brackets "for information".
    pub copies: Vec<(i64, String)>,
    /// Pieces that name no group known.
    pub unknown: Vec<Unknown>,
}

/// A piece that names no group known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The piece as written.
    pub piece: String,
    /// At most three groups that may have been meant, or those that the piece may equally mean.
    pub suggestions: Vec<i64>,
}

/// Names that hold commas or "and" are looked for over at most so many parts of a list.
const LONGEST_NAME: usize = 8;
/// A longer text, in bytes, is no list of addressees.
const LONGEST_TEXT: usize = 20_000;
/// Suggestions are looked for only for so many pieces, because each costs some milliseconds.
const PIECES_WITH_SUGGESTIONS: usize = 20;

impl Directory {
    /// The groups that a typed addressee, or list of them, names.
    ///
    /// Understands acronyms, labels, full and former names, "Q14/15", parts that carry the body named before them
    /// ("ITU-T SG 4, 9, 11"; a body that only carries its questions is not itself addressed), words of roles ("co-chairs",
    /// "Area Directors"), and mail addresses beside a name.
    pub fn recognize(&self, text: &str) -> Recognized {
        let mut reader = Reader { directory: self, found: Recognized::default(), copying: false, last: None };
        match self.written(text) {
            Some(place) => reader.accept(place, text.trim(), false),
            None if text.len() > LONGEST_TEXT => reader.unknown(text.trim(), Vec::new()),
            None => reader.list(text),
        }
        reader.found
    }
}

struct Reader<'a> {
    directory: &'a Directory,
    found: Recognized,
    copying: bool,
    /// The group read last, which the next piece may be a part or a neighbour of.
    last: Option<usize>,
}

impl Reader<'_> {
    fn list(&mut self, text: &str) {
        let parts = segments(text);
        let read: Vec<Vec<Word>> = parts.iter().map(|part| words(&outside_and_notes(&text[part.start..part.end]).0)).collect();
        let mut next = 0;
        while next < parts.len() {
            if let Some((place, after)) = self.compound(text, &parts, next) {
                self.accept(place, text[parts[next].start..parts[after - 1].end].trim(), false);
                next = after;
            } else {
                let piece = &text[parts[next].start..parts[next].end];
                self.piece(piece, kind_to_come(&read[next + 1..]));
                next += 1;
            }
        }
    }

    /// The longest name over several parts that begins with this one, and the part after it.
    fn compound(&self, text: &str, parts: &[Segment], first: usize) -> Option<(usize, usize)> {
        let longest = parts.len().min(first + LONGEST_NAME);
        (first + 2..=longest).rev().find_map(|after| {
            let piece = &text[parts[first].start..parts[after - 1].end];
            let (outside, _) = outside_and_notes(without_marker(piece).0);
            let all = words(&outside);
            let place = self.directory.written(piece).or_else(|| {
                self.spellings(&all)
                    .into_iter()
                    .flat_map(|spelling| [vec![spelling], self.without_home(spelling)].concat())
                    .filter(|spelling| self.directory.is_compound(spelling))
                    .find_map(|spelling| group(self.directory.meaning(spelling)))
            })?;
            Some((place, after))
        })
    }

    fn piece(&mut self, piece: &str, to_come: Option<Kind>) {
        let (rest, marker) = without_marker(piece);
        match marker {
            Some(Marker::Copy) => self.copying = true,
            Some(Marker::To) => self.copying = false,
            None => {}
        }
        let (outside, notes) = outside_and_notes(rest);
        let part = self.part_of_last(&words(&outside));
        if let Some(place) = self.directory.written(rest).filter(|_| part.is_none()) {
            self.accept(place, rest, false);
        } else {
            self.name(rest, &outside, &notes, to_come);
        }
        for note in notes {
            if let Some(copied) = for_information(&note) {
                let before = std::mem::replace(&mut self.copying, true);
                if !copied.is_empty() {
                    self.list(&copied);
                }
                self.copying = before;
            }
        }
    }

    fn name(&mut self, piece: &str, outside: &str, notes: &[String], to_come: Option<Kind>) {
        let all = words(outside);
        let relative = matches!(all.as_slice(), [first, ..] if is_number(&first.text)) || begins_with_part(outside);
        if let Some(places) = self.body_and_board(outside) {
            return places.into_iter().for_each(|place| self.accept(place, piece, relative));
        }
        match self.meaning_in_list(&all, to_come) {
            Meaning::Group(place) => return self.accept(place, piece, relative),
            Meaning::Several(places) => {
                let suggestions = places.into_iter().take(3).map(|place| self.directory.groups[place].group_id).collect();
                return self.unknown(piece, suggestions);
            }
            Meaning::Nothing => {}
        }
        let places = self
            .before_remark(outside)
            .or_else(|| self.parted_by_slash(outside))
            .or_else(|| self.in_brackets(notes))
            .or_else(|| self.part_of_body(&all).map(|place| vec![place]))
            .or_else(|| self.abridged(&all).map(|place| vec![place]));
        match places {
            Some(places) => places.into_iter().for_each(|place| self.accept(place, piece, relative)),
            None if self.found.unknown.len() < PIECES_WITH_SUGGESTIONS => {
                self.unknown(piece, self.directory.meant(outside));
            }
            None => self.unknown(piece, Vec::new()),
        }
    }

    fn meaning_in_list(&self, all: &[Word], to_come: Option<Kind>) -> Meaning {
        let with_kind = to_come.filter(|kind| all.last().is_some_and(|last| last.text != kind.word));
        let and_kind = with_kind.map_or(Meaning::Nothing, |kind| {
            let mut longer = all.to_vec();
            longer.push(Word::new(kind.word));
            self.meaning(&longer)
        });
        // "Routing and Transport areas" speaks of areas from its first word on.
        if with_kind.is_some_and(|kind| kind.word == "area") && and_kind != Meaning::Nothing {
            return and_kind;
        }
        if let Some(place) = self.part_of_last(all) {
            return Meaning::Group(place);
        }
        match self.meaning(all) {
            Meaning::Nothing => match self.carried(all) {
                Some(place) => Meaning::Group(place),
                None => and_kind,
            },
            meaning => meaning,
        }
    }

    /// What the words mean, with and without articles, roles and the home organization's name around them.
    fn meaning(&self, all: &[Word]) -> Meaning {
        for spelling in self.spellings(all) {
            if matches!(spelling, [word] if is_role(&word.text)) {
                break;
            }
            let meaning = self.directory.meaning(spelling);
            if meaning != Meaning::Nothing {
                return meaning;
            }
            for rest in self.without_home(spelling) {
                match self.directory.meaning(rest) {
                    Meaning::Group(place) if self.directory.groups[place].home => {
                        return Meaning::Group(place);
                    }
                    _ => {}
                }
                if let Some(place) = self.working_group(rest).filter(|place| self.directory.groups[*place].home) {
                    return Meaning::Group(place);
                }
            }
            if let Some(place) = self.working_group(spelling) {
                return Meaning::Group(place);
            }
        }
        Meaning::Nothing
    }

    /// The words without an article at the front, then without each role at the end.
    fn spellings<'w>(&self, all: &'w [Word]) -> Vec<&'w [Word]> {
        let mut rest = all;
        while let [first, more @ ..] = rest
            && matches!(first.text.as_str(), "the" | "to")
        {
            rest = more;
        }
        let mut spellings = Vec::new();
        while let [more @ .., last] = rest {
            spellings.push(rest);
            if !is_role(&last.text) {
                break;
            }
            rest = more;
        }
        spellings
    }

    /// What follows the home organization's name.
    fn without_home<'w>(&self, all: &'w [Word]) -> Vec<&'w [Word]> {
        let heads = self.directory.home_heads.iter();
        heads
            .filter(|head| all.len() > head.len() && head.iter().zip(all).all(|(head, word)| head.text == word.text))
            .map(|head| match &all[head.len()..] {
                [first, rest @ ..] if matches!(first.text.as_str(), "re" | "s") => rest,
                rest => rest,
            })
            .collect()
    }

    /// The group of "MPLS WG", "WG MPLS", "MPLS WGs"; of peers only one without groups below it, and no organization.
    fn working_group(&self, all: &[Word]) -> Option<usize> {
        let is_kind = |word: &Word| matches!(word.text.as_str(), "wg" | "wgs" | "rg");
        let (name, kind) = match all {
            [name @ .., last] if is_kind(last) => (name, last),
            [first, name @ ..] if is_kind(first) => (name, first),
            _ => return None,
        };
        // The key of "PWE WG" is kept for PWE3; of "PWE WGs" it isn't.
        let singular = [name, &[Word::new("wg")]].concat();
        let named = group(self.directory.meaning(name)).or_else(|| group(self.directory.meaning(&singular)));
        named.filter(|place| {
            let group = &self.directory.groups[*place];
            let one = group.home || kind.text != "wgs";
            self.directory.is_leaf(*place) && group.parent.is_some() && one
        })
    }

    /// `carried`, for words that begin with "WG", "Q" and their like: after SC29, "WG1" is its own.
    fn part_of_last(&self, all: &[Word]) -> Option<usize> {
        let first = all.first().filter(|first| is_designator(&first.text));
        first.and_then(|_| self.carried(all))
    }

    /// The group that a number or part means after the last one: "9" after SG 4, "Q12" after SG15 or its Q6.
    fn carried(&self, all: &[Word]) -> Option<usize> {
        let spelling = *self.spellings(all).last()?;
        let head = words(&self.directory.groups[self.last?].acronym);
        if let [.., part, _] = head.as_slice()
            && let Some(whole) = as_part(&part.text, spelling)
        {
            return group(self.directory.meaning(&whole));
        }
        let [first, ..] = spelling else { return None };
        if spelling.len() > 3 || !(is_number(&first.text) || is_designator(&first.text)) {
            return None;
        }
        (1..=head.len()).rev().find_map(|length| {
            let whole = [&head[..length], spelling].concat();
            group(self.directory.meaning(&whole))
        })
    }

    /// "ITU-T Q14/15 - Ken Lau, Rapporteur": what stands before a dash.
    fn before_remark(&self, outside: &str) -> Option<Vec<usize>> {
        let before = [" - ", " – ", " — "].iter().find_map(|dash| outside.split_once(dash))?.0;
        group(self.meaning(&words(before))).map(|place| vec![place])
    }

    /// "ISOC/IAB": parts that are all groups.
    fn parted_by_slash(&self, outside: &str) -> Option<Vec<usize>> {
        let parts = outside.contains('/').then(|| outside.split('/'))?;
        parts.map(|part| group(self.meaning(&words(part)))).collect()
    }

    /// "IETF/IAB" is both, where "IETF/MPLS" is MPLS: the second is directly below the home organization.
    fn body_and_board(&self, outside: &str) -> Option<Vec<usize>> {
        let (body, board) = outside.split_once('/')?;
        let (body, board) = (self.directory.written(body)?, self.directory.written(board)?);
        let groups = &self.directory.groups;
        let both = groups[board].home && groups[board].parent == Some(groups[body].group_id);
        both.then(|| vec![body, board])
    }

    /// "Authority to Citizen Alert (ATOCA)": an acronym in brackets behind words that say nothing.
    fn in_brackets(&self, notes: &[String]) -> Option<Vec<usize>> {
        let mut places = notes.iter().filter(|note| for_information(note).is_none()).filter_map(|note| group(self.meaning(&words(note))));
        let place = places.next()?;
        places.next().is_none().then(|| vec![place])
    }

    /// "ITU-T TSAG External Relations Group": a group inside of a peer's, which stands for it.
    fn part_of_body(&self, all: &[Word]) -> Option<usize> {
        let (last, before) = all.split_last()?;
        if !matches!(last.text.as_str(), "group" | "team") {
            return None;
        }
        (2..before.len()).rev().find_map(|length| {
            group(self.directory.meaning(&before[..length])).filter(|place| {
                let group = &self.directory.groups[*place];
                !group.home && group.parent.is_some() && self.directory.is_leaf(*place)
            })
        })
    }

    /// "DVB IPI" for DVB TM-IPI: a peer's acronym without a word in the middle, if only one fits.
    fn abridged(&self, all: &[Word]) -> Option<usize> {
        let (first, last) = (all.first()?, all.last()?);
        if all.len() != 2 || is_number(&last.text) || last.text.len() < 2 {
            return None;
        }
        let mut fitting = self.directory.groups.iter().enumerate().filter(|(_, group)| {
            let mut tokens = group.acronym.split('-');
            !group.home && tokens.next() == Some(&first.text) && tokens.next_back() == Some(&last.text)
        });
        let (place, _) = fitting.next()?;
        fitting.next().is_none().then_some(place)
    }

    fn accept(&mut self, place: usize, piece: &str, relative: bool) {
        // A body that only carries the parts named after it is not itself addressed.
        if let Some(last) = self.last.filter(|_| relative)
            && self.directory.ancestors(place).contains(&last)
        {
            let carrier = self.directory.groups[last].group_id;
            let found = self.list_of_found();
            if found.last().is_some_and(|(group_id, _)| *group_id == carrier) {
                found.pop();
            }
        }
        let group_id = self.directory.groups[place].group_id;
        let known = |(known, _): &(i64, String)| *known == group_id;
        if !self.copying {
            self.found.copies.retain(|found| !known(found));
        }
        if !self.found.groups.iter().any(known) && !self.found.copies.iter().any(known) {
            self.list_of_found().push((group_id, piece.to_owned()));
        }
        self.last = Some(place);
    }

    fn list_of_found(&mut self) -> &mut Vec<(i64, String)> {
        if self.copying { &mut self.found.copies } else { &mut self.found.groups }
    }

    fn unknown(&mut self, piece: &str, suggestions: Vec<i64>) {
        self.found.unknown.push(Unknown { piece: piece.to_owned(), suggestions });
    }
}

/// "areas" or "WGs" at the end of a list, which the pieces before it share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    word: &'static str,
}

fn kind_to_come(later: &[Vec<Word>]) -> Option<Kind> {
    later.iter().find_map(|words| {
        let last = words.iter().rev().find(|word| !is_role(&word.text))?;
        let word = match last.text.as_str() {
            "area" => "area",
            "wg" | "wgs" => "wg",
            _ => return None,
        };
        Some(Kind { word })
    })
}

fn group(meaning: Meaning) -> Option<usize> {
    match meaning {
        Meaning::Group(place) => Some(place),
        _ => None,
    }
}

/// Words for people or lists of a group.
fn is_role(word: &str) -> bool {
    matches!(
        word,
        "chair"
            | "chairs"
            | "chairman"
            | "chairmen"
            | "cochair"
            | "cochairs"
            | "director"
            | "directors"
            | "member"
            | "members"
            | "list"
            | "team"
            | "liaison"
            | "liaisons"
            | "representative"
            | "representatives"
            | "manager"
            | "secretariat"
            | "secretary"
            | "secretaries"
            | "rapporteur"
            | "rapporteurs"
            | "counsellor"
    )
}

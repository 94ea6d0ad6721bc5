//! What stands beside a text, as fields that are typed: their values, and what a changed one means. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::dates::{self, PartialDate, long_date};
use crate::ids::StatementId;
use crate::mail::address::{Mailbox, parse_list};
use crate::problems::Problems;
use crate::statements::attachments::Attachment;
use crate::statements::checks::{TITLE_CHARACTERS, number_in};
use crate::statements::form::mailbox;
use crate::statements::references::{self, MAX_REFERENCE_CHARACTERS, MAX_REFERENCES};
use crate::statements::store::metadata::{Metadata, Relation};
use crate::statements::{Direction, body};

/// Relations in words are no longer than this, in characters.
const RELATION_CHARACTERS: usize = 500;

/// Each kind of relation, its field and its label.
pub const RELATIONS: [(&str, &str, &str); 5] = [
    ("in-response-to", "answers", "Answers"),
    ("follows-up", "follows-up", "Follows up"),
    ("replaces", "replaces", "Replaces"),
    ("same-statement-as", "same-as", "Same statement as"),
    ("related", "related", "Related"),
];

/// Each use of a contact, its field and its label; whether it holds one address only, and of which direction it is.
const CONTACTS: [(&str, &str, &str, bool, Option<Direction>); 7] = [
    ("received-from", "received-from", "Received from", true, Some(Direction::Incoming)),
    ("received-at", "received-at", "Received at", true, Some(Direction::Incoming)),
    ("send-to", "send-to", "Send to", true, Some(Direction::Outgoing)),
    ("send-reply-to", "send-reply-to", "Send reply to", true, Some(Direction::Outgoing)),
    ("from", "from-contacts", "From contacts", false, None),
    ("to", "to-contacts", "To contacts", false, None),
    ("cc", "cc-contacts", "Cc contacts", false, None),
];

/// Part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Reference, dates, deadline.
    Facts,
    /// Other statements.
    Relations,
    /// Addresses.
    Contacts,
    /// Titles and numbers of files.
    Files,
}

/// A field that can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// As pages.md fixes it.
    pub label: String,
    /// Where it stands.
    pub section: Section,
    /// What it holds.
    pub value: String,
    /// Several lines.
    pub is_area: bool,
    /// Small print.
    pub hint: &'static str,
    /// Whether everybody may read its values.
    pub is_public: bool,
}

impl Field {
    fn new(section: Section, name: &str, label: &str, value: String) -> Self {
        // a file that is public today may be for those concerned tomorrow, and what was said of it with it
        let is_public = !matches!(section, Section::Contacts | Section::Files);
        Self { name: name.to_owned(), label: label.to_owned(), section, value, is_area: false, hint: "", is_public }
    }

    fn lines(self, hint: &'static str) -> Self {
        Self { is_area: true, hint, ..self }
    }
}

/// What one changed field means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Numbers others gave it.
    References(Vec<String>),
    /// The date of the letter.
    LetterDate(Option<PartialDate>),
    /// The day it reached us.
    ReceivedOn(Option<NaiveDate>),
    /// The contacts of one use.
    Contacts(&'static str, Vec<Mailbox>),
    /// The relations of one kind.
    Relations(&'static str, Vec<Relation>),
    /// The day that the letter names.
    Deadline(NaiveDate),
    /// The title of a file.
    FileTitle(i32, String),
    /// The number the peer gave a file.
    FileNumber(i32, String),
}

/// All fields of a statement, with what they hold.
pub fn fields(metadata: &Metadata, files: &[Attachment], direction: Direction) -> Vec<Field> {
    use Section::{Contacts, Facts, Files, Relations};
    let day = |day: Option<NaiveDate>| day.map(long_date).unwrap_or_default();
    let mut fields = vec![
        Field::new(Facts, "references", "Peer's reference", metadata.references.join("\n")).lines("The numbers they gave it, one a line"),
        Field {
            hint: "A day, or a month or year only",
            ..Field::new(Facts, "letter-date", "Date of the letter", metadata.letter_date.map(|date| date.to_string()).unwrap_or_default())
        },
        Field::new(Facts, "received-on", "Received on", day(metadata.received_on)),
    ];
    if !metadata.dated.is_empty() {
        let due = metadata.dated.iter().filter_map(|dated| dated.due_on).min();
        let hint = "As the letter has it. A day that was agreed with the peer is set at the group's part";
        fields.push(Field { hint, ..Field::new(Facts, "deadline", "Deadline", day(due)) });
    }
    for (kind, name, label) in RELATIONS {
        let lines = metadata.relations.iter().filter(|relation| relation.kind == kind).map(relation_line).collect::<Vec<_>>();
        fields.push(Field::new(Relations, name, label, lines.join("\n")).lines("Numbers of statements, or words; one a line"));
    }
    for (usage, name, label, is_one, of) in CONTACTS {
        if of.is_none_or(|of| of == direction) {
            let mailboxes: Vec<String> =
                metadata.contacts.iter().filter(|contact| contact.0 == usage).map(|(_, name, address)| mailbox(name, address)).collect();
            let field = Field::new(Contacts, name, label, mailboxes.join("\n"));
            fields.push(if is_one { field } else { field.lines("One a line") });
        }
    }
    for file in files {
        let named = if file.file_name.is_empty() { file.url.as_deref().unwrap_or("a file") } else { &file.file_name };
        let title = Field::new(Files, &format!("file-title-{}", file.n), &format!("Title of {named}"), file.title.clone());
        let number = Field::new(Files, &format!("file-number-{}", file.n), &format!("Peer's number of {named}"), file.peer_number.clone());
        fields.extend([title, number]);
    }
    fields
}

fn relation_line(relation: &Relation) -> String {
    match relation.earlier {
        Some((_, number)) if relation.words.is_empty() || number_in(&relation.words) == Some(number) => number.to_string(),
        Some((_, number)) => format!("{number}: {}", relation.words),
        None => relation.words.clone(),
    }
}

/// A typed text as it is compared: blanks at the ends of lines, empty lines and the kind of line end make no difference.
fn plain(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The fields that hold something else than was typed, with that; of a field sent twice the first counts.
pub fn changed<'a>(fields: &'a [Field], typed: &'a [(String, String)]) -> Vec<(&'a Field, &'a str)> {
    let sent = |field: &Field| typed.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value.as_str());
    fields.iter().filter_map(|field| sent(field).filter(|sent| plain(sent) != plain(&field.value)).map(|sent| (field, sent))).collect()
}

/// The numbers of statements that changed fields name.
pub fn numbers(changed: &[(&Field, &str)]) -> Vec<i32> {
    let relations = changed.iter().filter(|(field, _)| field.section == Section::Relations);
    relations.flat_map(|(_, typed)| typed.lines()).filter_map(|line| split(line).0).collect()
}

/// "1914: COM 16 – LS 124" is a statement, and what it was called before it was recorded here.
fn split(line: &str) -> (Option<i32>, &str) {
    let line = line.trim();
    match (number_in(line), line.split_once(':')) {
        (Some(number), _) => (Some(number), ""),
        (None, Some((head, words))) if number_in(head.trim()).is_some() => (number_in(head.trim()), words.trim()),
        _ => (None, line),
    }
}

/// What a changed field means; what is wrong with it is noted.
pub fn read(field: &Field, typed: &str, known: &BTreeMap<i32, StatementId>, metadata: &Metadata, problems: &mut Problems) -> Option<Change> {
    let before = problems.0.len();
    let change = meant(field, typed, known, metadata, problems);
    change.filter(|_| problems.0.len() == before)
}

fn meant(field: &Field, typed: &str, known: &BTreeMap<i32, StatementId>, metadata: &Metadata, problems: &mut Problems) -> Option<Change> {
    let name = field.name.as_str();
    let is_empty = typed.trim().is_empty();
    match name {
        "references" => return Some(Change::References(read_references(typed, problems))),
        "letter-date" if is_empty => return Some(Change::LetterDate(None)),
        "letter-date" => return date(field, dates::parse_typed_partial(typed.trim()), problems).map(|date| Change::LetterDate(Some(date))),
        "received-on" if is_empty => return Some(Change::ReceivedOn(None)),
        "received-on" => return date(field, dates::parse_typed(typed.trim()), problems).map(|day| Change::ReceivedOn(Some(day))),
        "deadline" if is_empty => {
            problems.add(name, "Enter the deadline that the letter has, like 14 March 2026");
            return None;
        }
        "deadline" => return date(field, dates::parse_typed(typed.trim()), problems).map(Change::Deadline),
        _ => {}
    }
    if let Some((kind, ..)) = RELATIONS.iter().find(|(_, of, _)| *of == name) {
        let relations = read_relations(name, kind, typed, known, problems);
        if *kind == "in-response-to" && relations.is_empty() && metadata.must_answer && problems.of(name).is_empty() {
            problems.add(name, "Enter the number of the statement this answers, or say in words what it answers");
        }
        return Some(Change::Relations(kind, relations));
    }
    if let Some((usage, _, _, is_one, _)) = CONTACTS.iter().find(|(_, of, ..)| *of == name) {
        let mailboxes = parse_list(typed).unwrap_or_else(|found| {
            found.iter().for_each(|problem| problems.add(name, problem.to_string()));
            Vec::new()
        });
        if *is_one && mailboxes.len() > 1 {
            problems.add(name, "Enter one address here, the others under contacts");
        }
        return Some(Change::Contacts(usage, mailboxes));
    }
    let n = |prefix| name.strip_prefix(prefix).and_then(|n: &str| n.parse().ok());
    let line = one_line(field, typed, TITLE_CHARACTERS, problems);
    match (n("file-title-"), n("file-number-")) {
        (Some(n), _) => Some(Change::FileTitle(n, line)),
        (_, Some(n)) => Some(Change::FileNumber(n, line)),
        _ => None,
    }
}

fn date<T>(field: &Field, read: Result<T, dates::DateProblem>, problems: &mut Problems) -> Option<T> {
    read.map_err(|problem| problems.add(&field.name, problem.words(&field.label))).ok()
}

/// A line without control characters, not too long.
pub fn one_line(field: &Field, typed: &str, most: usize, problems: &mut Problems) -> String {
    match body::one_line(typed) {
        Err(problem) => problems.add(&field.name, problem.words(&field.label)),
        Ok(line) if line.chars().count() > most => {
            problems.add(&field.name, format!("{} must be {most} characters or fewer – it is {}", field.label, line.chars().count()));
        }
        Ok(line) => return line,
    }
    String::new()
}

fn read_references(typed: &str, problems: &mut Problems) -> Vec<String> {
    let written = references::split(typed);
    if written.len() > MAX_REFERENCES {
        problems.add("references", format!("At most {MAX_REFERENCES} references can be kept – these are {}", written.len()));
    }
    for reference in written.iter().take(MAX_REFERENCES) {
        match body::one_line(reference) {
            Err(problem) => problems.add("references", problem.words("Peer's reference")),
            Ok(line) if line.chars().count() > MAX_REFERENCE_CHARACTERS => {
                problems.add("references", format!("A reference must be {MAX_REFERENCE_CHARACTERS} characters or fewer"));
            }
            Ok(_) => {}
        }
    }
    written
}

fn read_relations(name: &str, kind: &str, typed: &str, known: &BTreeMap<i32, StatementId>, problems: &mut Problems) -> Vec<Relation> {
    let lines: Vec<&str> = typed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > MAX_REFERENCES {
        problems.add(name, format!("At most {MAX_REFERENCES} statements can be named"));
        return Vec::new();
    }
    let mut relations: Vec<Relation> = Vec::new();
    for line in lines {
        let (number, words) = split(line);
        let words = match body::one_line(words) {
            Err(problem) => {
                problems.add(name, problem.words("What it is related to"));
                continue;
            }
            Ok(words) if words.chars().count() > RELATION_CHARACTERS => {
                problems.add(name, format!("Words must be {RELATION_CHARACTERS} characters or fewer – they are {}", words.chars().count()));
                continue;
            }
            Ok(words) => words,
        };
        let earlier = match number {
            None => None,
            Some(number) => match known.get(&number) {
                Some(id) => Some((*id, number)),
                None => {
                    problems.add(
                        name,
                        format!("There is no Statement {number}. If it is a number of theirs, write it with a word, like \"their LS {number}\""),
                    );
                    continue;
                }
            },
        };
        let is_there = relations.iter().any(|other| match earlier {
            Some(_) => other.earlier == earlier,
            None => other.earlier.is_none() && other.words == words,
        });
        if !is_there {
            relations.push(Relation { kind: kind.to_owned(), earlier, words });
        }
    }
    relations
}

/// What becomes of the relations of one kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RelationSteps {
    /// They are no more.
    pub removed: Vec<Relation>,
    /// They are new.
    pub added: Vec<Relation>,
    /// What was known in words, and which statement it is.
    pub linked: Vec<(Relation, Relation)>,
}

/// From the relations there are to those that were typed. What stood in words, and for which a number was typed, is that
/// statement; it keeps the words (data/inputs.md 20).
pub fn relation_steps(was: &[Relation], now: &[Relation]) -> RelationSteps {
    let same = |one: &Relation, other: &Relation| match (one.earlier, other.earlier) {
        (Some((one, _)), Some((other, _))) => one == other,
        (None, None) => one.words == other.words,
        _ => false,
    };
    let mut removed: Vec<Relation> = was.iter().filter(|old| !now.iter().any(|new| same(old, new))).cloned().collect();
    let mut steps = RelationSteps::default();
    for new in now.iter().filter(|new| !was.iter().any(|old| same(old, new))) {
        let in_words = |old: &&Relation| old.earlier.is_none() && (new.words.is_empty() || old.words == new.words);
        match removed.iter().find(in_words).cloned().filter(|_| new.earlier.is_some()) {
            Some(old) => {
                removed.retain(|other| *other != old);
                steps.linked.push((old.clone(), Relation { words: old.words, ..new.clone() }));
            }
            None => steps.added.push(new.clone()),
        }
    }
    steps.removed = removed;
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &str) -> Relation {
        Relation { kind: "related".to_owned(), earlier: None, words: words.to_owned() }
    }

    fn number(number: i32, words: &str) -> Relation {
        Relation { kind: "related".to_owned(), earlier: Some((StatementId(i64::from(number)), number)), words: words.to_owned() }
    }

    #[test]
    fn what_stood_in_words_is_linked_and_keeps_them() {
        let old = [words("COM 16 – LS 124"), number(3, "")];

        let steps = relation_steps(&old, &[number(7, ""), number(3, ""), words("our call")]);

        assert_eq!(steps.linked, [(words("COM 16 – LS 124"), number(7, "COM 16 – LS 124"))]);
        assert_eq!(steps.added, [words("our call")]);
        assert_eq!(steps.removed, []);
        assert_eq!(relation_line(&number(7, "COM 16 – LS 124")), "7: COM 16 – LS 124");
        assert_eq!(split("7: COM 16 – LS 124"), (Some(7), "COM 16 – LS 124"));
        assert_eq!(split("COM 16: LS 124"), (None, "COM 16: LS 124"));
    }

    #[test]
    fn what_is_gone_is_removed_and_what_is_new_is_added() {
        let steps = relation_steps(&[number(3, "")], &[number(4, "")]);

        assert_eq!((steps.removed, steps.added, steps.linked), (vec![number(3, "")], vec![number(4, "")], vec![]));
    }
}

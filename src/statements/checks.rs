//! What must hold at submission (domain.md 5): problems by field, and the letter where there is none. Pure.

mod sending;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::dates;
use crate::ids::{GroupId, StatementId};
use crate::mail::address::{Mailbox, parse_list};
use crate::organizations::GroupFacts;
use crate::organizations::directory::Directory;
use crate::organizations::recognize::Recognized;
use crate::problems::Problems;
use crate::statements::form::{Named, StatementForm};
use crate::statements::letter::{Addressee, Answered, FileFacts, Letter, Sending};
use crate::statements::references::{MAX_REFERENCE_CHARACTERS, MAX_REFERENCES};
use crate::statements::{Direction, Purpose, body, references};

/// Longest title, in characters.
pub const TITLE_CHARACTERS: usize = 255;
/// Longest body, in bytes; longer texts are files.
pub const BODY_BYTES: usize = 1_000_000;

/// What the rules are told beside the form.
pub struct Told<'a> {
    /// All groups with the names people call them by.
    pub directory: &'a Directory,
    /// What the form's group fields name.
    pub named: &'a Named,
    /// Facts of those groups.
    pub groups: &'a HashMap<GroupId, GroupFacts>,
    /// Statements that the form's *answers* names, by their number.
    pub answered: &'a BTreeMap<i32, StatementId>,
    /// Files kept with the draft.
    pub files: &'a [FileFacts],
    /// Incoming or outgoing: what was begun.
    pub direction: Direction,
    /// Today in the configured zone.
    pub today: NaiveDate,
}

/// Something typed that has another reading; one click takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Id of the field.
    pub field: &'static str,
    /// What the field becomes.
    pub value: String,
    /// On the button.
    pub label: String,
}

/// What the checks found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The letter, where nothing is wrong.
    pub letter: Option<Letter>,
    /// What is wrong, by field.
    pub problems: Problems,
    /// Other readings that are offered.
    pub suggestions: Vec<Suggestion>,
}

/// The numbers of statements that the *answers* field names: "1914", "Statement 1914", "LS 1914".
pub fn answered_numbers(form: &StatementForm) -> Vec<i32> {
    answer_parts(&form.answers).chain([form.replaces.trim()]).filter_map(number_in).collect()
}

/// The numbers of statements that it answers, as far as numbers are given.
pub fn answers_numbers(form: &StatementForm) -> Vec<i32> {
    let mut numbers: Vec<i32> = answer_parts(&form.answers).filter_map(number_in).collect();
    numbers.dedup();
    numbers
}

fn answer_parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty())
}

/// The number of a statement, where a text is nothing else: "1914", "Statement 1914", "LS 1914".
pub fn number_in(part: &str) -> Option<i32> {
    let bare = part.trim_start_matches(|letter: char| letter.is_alphabetic() || letter == ' ' || letter == '#');
    let head = part[..part.len() - bare.len()].trim().to_lowercase();
    if !matches!(head.as_str(), "" | "#" | "statement" | "ls" | "statement #" | "liaison statement" | "liaison") {
        return None;
    }
    bare.parse().ok().filter(|number| *number > 0)
}

/// Reads the form by the rules.
pub fn check(form: &StatementForm, told: &Told<'_>) -> Checked {
    let mut checks = Checks { form, told, problems: Problems::default(), suggestions: Vec::new() };
    let letter = checks.letter();
    let letter = if checks.problems.is_empty() { letter } else { None };
    Checked { letter, problems: checks.problems, suggestions: checks.suggestions }
}

pub(super) struct Checks<'a> {
    pub(super) form: &'a StatementForm,
    pub(super) told: &'a Told<'a>,
    pub(super) problems: Problems,
    suggestions: Vec<Suggestion>,
}

impl Checks<'_> {
    fn letter(&mut self) -> Option<Letter> {
        let is_incoming = self.told.direction != Direction::Outgoing;
        let from = self.side("from", &self.form.from, &self.told.named.from, "Choose the group the statement comes from");
        let (to, also) = self.addressed(is_incoming);
        let copy = self.copies();
        self.one_side_home(is_incoming, &from, &to, &also);
        let title = self.title();
        let purpose = self.purpose();
        let deadline = self.deadline(purpose, is_incoming);
        let answers = self.answers(purpose);
        let body = self.body();
        let references = references::split(&self.form.references);
        if references.len() > MAX_REFERENCES {
            self.problems.add("references", format!("At most {MAX_REFERENCES} references can be kept – these are {}", references.len()));
        }
        for reference in references.iter().take(MAX_REFERENCES) {
            match body::one_line(reference) {
                Err(problem) => self.problems.add("references", problem.words("Peer's reference")),
                Ok(line) if line.chars().count() > MAX_REFERENCE_CHARACTERS => {
                    self.problems.add("references", format!("A reference must be {MAX_REFERENCE_CHARACTERS} characters or fewer"));
                }
                Ok(_) => {}
            }
        }
        let letter_date = self.optional("letter-date", "Date of the letter", &self.form.letter_date, dates::parse_typed_partial);
        let received_on = self.optional("received-on", "Received on", &self.form.received_on, dates::parse_typed);
        let received_from = self.one_mailbox("received-from", &self.form.received_from);
        let received_at = self.one_mailbox("received-at", &self.form.received_at);
        let from_contacts = self.mailboxes("from-contacts", &self.form.from_contacts);
        let to_contacts = self.mailboxes("to-contacts", &self.form.to_contacts);
        let cc_contacts = self.mailboxes("cc-contacts", &self.form.cc_contacts);

        let sending = if is_incoming { Sending { replaces: self.replaces(), ..Sending::default() } } else { self.sending() };
        let mut to = self.purposes(to, purpose);
        self.lead(&mut to);
        let strongest = to.iter().filter_map(|addressee| addressee.purpose).min_by_key(|purpose| strength(*purpose));
        let deadline_words = match body::one_line(&self.form.deadline_words) {
            Ok(words) => words,
            Err(problem) => {
                self.problems.add("deadline-words", problem.words("Deadline in the letter's words"));
                String::new()
            }
        };
        Some(Letter {
            direction: self.told.direction,
            title,
            body,
            purpose: strongest.or(purpose)?,
            from,
            to,
            copy,
            also,
            deadline,
            deadline_words,
            answers,
            references,
            letter_date,
            received_on,
            received_from,
            received_at,
            from_contacts,
            to_contacts,
            cc_contacts,
            is_mine: match self.form.assignee.as_str() {
                "me" => Some(true),
                "chairs" => Some(false),
                _ => None,
            },
            sending,
        })
    }

    /// The groups of one field; what names none is a problem with other readings beside it.
    fn side(&mut self, field: &'static str, typed: &str, recognized: &Recognized, when_empty: &str) -> Vec<Addressee> {
        if typed.trim().is_empty() && !when_empty.is_empty() {
            self.problems.add(field, when_empty);
        }
        for unknown in &recognized.unknown {
            let labels: Vec<String> = unknown.suggestions.iter().map(|id| self.told.directory.label(*id)).collect();
            let question = if labels.is_empty() { String::new() } else { format!(". Did you mean {}?", labels.join(" or ")) };
            self.problems.add(field, format!("\"{}\" is not a group we know{question}", unknown.piece));
            for label in labels {
                self.suggestions.push(Suggestion { field, value: replace_piece(typed, &unknown.piece, &label), label });
            }
        }
        recognized.groups.iter().filter_map(|(id, piece)| self.addressee(*id, piece)).collect()
    }

    fn addressee(&self, id: i64, piece: &str) -> Option<Addressee> {
        let group = self.told.groups.get(&GroupId(id))?.clone();
        Some(Addressee { group, as_written: piece.to_owned(), purpose: None, asked: String::new(), is_lead: false })
    }

    fn addressed(&mut self, is_incoming: bool) -> (Vec<Addressee>, Vec<Addressee>) {
        let all = self.side("to", &self.form.to, &self.told.named.to, "Choose at least one group the statement is for");
        if !is_incoming || all.iter().all(|addressee| !addressee.group.is_home) {
            return (all, Vec::new());
        }
        // other peers addressed beside home are kept as also-addressed (domain.md 1)
        all.into_iter().partition(|addressee| addressee.group.is_home)
    }

    fn copies(&mut self) -> Vec<Addressee> {
        let mut copies = self.side("copy", &self.form.copy, &self.told.named.copy, "");
        let named = [&self.told.named.to, &self.told.named.from, &self.told.named.copy];
        for (id, piece) in named.into_iter().flat_map(|side| &side.copies) {
            if copies.iter().all(|copy| copy.group.group_id.0 != *id) {
                copies.extend(self.addressee(*id, piece));
            }
        }
        copies
    }

    fn one_side_home(&mut self, is_incoming: bool, from: &[Addressee], to: &[Addressee], also: &[Addressee]) {
        for sender in from {
            let label = &sender.group.label;
            if is_incoming && sender.group.is_home {
                self.problems.add("from", format!("From groups must be another organization's – {label} is ours"));
            } else if !is_incoming && !sender.group.is_home {
                self.problems.add("from", format!("From groups must be ours – {label} is not"));
            } else if !sender.group.may_send {
                self.problems.add("from", format!("{label} sends no statements. {}", whom_instead(&sender.group)));
            }
        }
        for addressee in to.iter().chain(also) {
            let label = &addressee.group.label;
            if is_incoming && also.is_empty() && !addressee.group.is_home {
                self.problems.add("to", format!("At least one group it is to must be ours – {label} is not"));
            } else if !is_incoming && addressee.group.is_home {
                self.problems.add("to", format!("To groups must be another organization's – {label} is ours"));
            } else if !addressee.group.may_receive {
                self.problems.add("to", format!("{label} receives no statements. {}", whom_instead(&addressee.group)));
            }
        }
    }

    fn title(&mut self) -> String {
        match body::one_line(&self.form.title) {
            Err(problem) => self.problems.add("title", problem.words("Title")),
            Ok(title) if title.is_empty() => self.problems.add("title", "Enter the title of the statement"),
            Ok(title) => {
                let characters = title.chars().count();
                if characters <= TITLE_CHARACTERS {
                    return title;
                }
                self.problems.add("title", format!("Title must be {TITLE_CHARACTERS} characters or fewer – it is {characters}"));
            }
        }
        String::new()
    }

    fn purpose(&mut self) -> Option<Purpose> {
        let purpose = Purpose::parse(&self.form.purpose).filter(|purpose| Purpose::MADE_HERE.contains(purpose));
        if purpose.is_none() {
            self.problems.add("purpose", "Select what the statement is for");
        }
        purpose
    }

    /// Each addressee's own purpose, or else the statement's; in copy of words of a letter that gives each its own.
    fn purposes(&mut self, mut to: Vec<Addressee>, purpose: Option<Purpose>) -> Vec<Addressee> {
        for addressee in &mut to {
            let acronym = &addressee.group.acronym;
            let own = self.form.purpose_for.get(acronym).and_then(|own| Purpose::parse(own)).filter(|own| Purpose::MADE_HERE.contains(own));
            addressee.purpose = own.or(purpose);
            if let Some(asked) = self.form.asked_of.get(acronym) {
                match body::clean(asked) {
                    Ok(asked) => addressee.asked = asked.trim().to_owned(),
                    Err(problem) => {
                        self.problems.add(&format!("asked-of-{acronym}"), problem.words(&format!("What is asked of {}", addressee.group.label)))
                    }
                }
            }
        }
        to
    }

    /// The lead group: the chosen one, else the first with the strongest purpose (domain.md 1).
    fn lead(&mut self, to: &mut [Addressee]) {
        let chosen = self.form.lead.trim();
        let at = if chosen.is_empty() {
            (0..to.len()).min_by_key(|at| to[*at].purpose.map_or(9, strength))
        } else {
            let at = to.iter().position(|addressee| addressee.group.acronym == chosen);
            if at.is_none() && !to.is_empty() {
                self.problems.add("lead", "The lead group must be one of the groups the statement is to");
            }
            at
        };
        if let Some(lead) = at.and_then(|at| to.get_mut(at)) {
            lead.is_lead = true;
        }
    }

    fn deadline(&mut self, purpose: Option<Purpose>, is_incoming: bool) -> Option<NaiveDate> {
        let for_action = purpose == Some(Purpose::ForAction) || self.form.purpose_for.values().any(|own| own == Purpose::ForAction.as_str());
        let typed = self.form.deadline.trim();
        if typed.is_empty() {
            if for_action && !is_incoming {
                self.problems.add("deadline", "Enter the deadline, because the statement is for action");
            }
            return None;
        }
        // deadlines belong to *For Action*; one typed before another purpose was chosen does no harm
        if !for_action {
            return None;
        }
        match dates::parse_typed(typed) {
            Ok(day) if day < self.told.today && !is_incoming => {
                self.problems.add("deadline", "Deadline must be today or later");
                None
            }
            Ok(day) => Some(day),
            Err(problem) => {
                match problem {
                    dates::DateProblem::Ambiguous(first, second) => {
                        self.problems.add("deadline", problem.words("Deadline"));
                        for day in [first, second] {
                            self.suggestions.push(Suggestion { field: "deadline", value: dates::long_date(day), label: dates::long_date(day) });
                        }
                    }
                    dates::DateProblem::NotADate if is_incoming => {
                        self.problems.add("deadline", format!("{}. The letter's own words can be kept beside it", problem.words("Deadline")));
                        if self.form.deadline_words.trim().is_empty() {
                            self.suggestions.push(Suggestion {
                                field: "deadline-words",
                                value: typed.to_owned(),
                                label: format!("Keep \"{typed}\" as the letter's words"),
                            });
                        }
                    }
                    _ => self.problems.add("deadline", problem.words("Deadline")),
                }
                None
            }
        }
    }

    fn answers(&mut self, purpose: Option<Purpose>) -> Vec<Answered> {
        let mut answers = Vec::new();
        let is_response = purpose == Some(Purpose::InResponse) || self.form.purpose_for.values().any(|own| own == Purpose::InResponse.as_str());
        if answer_parts(&self.form.answers).count() > MAX_REFERENCES {
            self.problems.add("answers", format!("At most {MAX_REFERENCES} statements can be answered at once"));
            return answers;
        }
        for part in answer_parts(&self.form.answers) {
            match number_in(part) {
                Some(number) => match self.told.answered.get(&number) {
                    Some(id) => answers.push(Answered::Statement(*id, number)),
                    None => self.problems.add(
                        "answers",
                        format!("There is no Statement {number}. If it is a number of theirs, write it with a word, like \"their LS {number}\""),
                    ),
                },
                None => match body::one_line(part) {
                    Ok(words) => answers.push(Answered::Words(words)),
                    Err(problem) => self.problems.add("answers", problem.words("Does it answer a statement?")),
                },
            }
        }
        if is_response && answers.is_empty() && self.problems.of("answers").is_empty() {
            self.problems.add("answers", "Enter the number of the statement this answers, or say in words what it answers");
        }
        answers
    }

    fn body(&mut self) -> String {
        match body::clean(&self.form.body) {
            Err(problem) => self.problems.add("body", problem.words("Text")),
            Ok(text) if text.len() > BODY_BYTES => self.problems.add("body", "Text must be shorter than 1 MB. Attach it as a file instead"),
            Ok(text) if text.trim().is_empty() && self.told.files.is_empty() => {
                self.problems.add("body", "Enter the text or attach at least one file")
            }
            Ok(text) => return text,
        }
        String::new()
    }

    pub(super) fn optional<T>(&mut self, field: &str, label: &str, typed: &str, parse: impl Fn(&str) -> Result<T, dates::DateProblem>) -> Option<T> {
        if typed.trim().is_empty() {
            return None;
        }
        parse(typed.trim()).map_err(|problem| self.problems.add(field, problem.words(label))).ok()
    }

    fn mailboxes(&mut self, field: &str, typed: &str) -> Vec<Mailbox> {
        match parse_list(typed) {
            Ok(mailboxes) => mailboxes,
            Err(problems) => {
                for problem in problems {
                    self.problems.add(field, problem.to_string());
                }
                Vec::new()
            }
        }
    }

    pub(super) fn one_mailbox(&mut self, field: &str, typed: &str) -> Option<Mailbox> {
        let mailboxes = self.mailboxes(field, typed);
        if mailboxes.len() > 1 {
            self.problems.add(field, "Enter one address here, the others under contacts");
        }
        mailboxes.into_iter().next()
    }
}

fn whom_instead(group: &GroupFacts) -> String {
    match (&group.instead, group.kind.as_str()) {
        (_, "rg" | "irtf") => "Research groups take no part in liaison; ask the liaison coordinators, who can consult the IRTF Chair".to_owned(),
        (Some(instead), _) => format!("Choose {instead} instead, or ask the liaison coordinators"),
        (None, _) => "Ask the liaison coordinators which group to choose".to_owned(),
    }
}

/// Of two purposes the stronger has the lower figure: Action, In Response, Information.
fn strength(purpose: Purpose) -> u8 {
    match purpose {
        Purpose::ForAction => 0,
        Purpose::InResponse => 1,
        _ => 2,
    }
}

/// The field with one piece replaced by a group's label.
fn replace_piece(typed: &str, piece: &str, label: &str) -> String {
    if typed.contains(piece) { typed.replacen(piece, label, 1) } else { label.to_owned() }
}

//! What deserves a second look at submission (domain.md 5): shown, overruled with a tick, recorded. Pure.

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::dates;
use crate::statements::citations::status::Explaining;
use crate::statements::letter::{Addressee, FileFacts, Letter};
use crate::statements::store::duplicates::Twin;
use crate::statements::{Consensus, Direction, Purpose, explaining};

/// A submitted letter that holds but deserves a second look; recorded when overruled (domain.md 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A short name, on the tick box and in the history.
    pub name: String,
    /// For the person.
    pub words: String,
    /// The number of the statement it may be the same as.
    pub twin: Option<i32>,
}

/// The name of the warning that offers to split.
pub const SEVERAL_ORGANIZATIONS: &str = "several-organizations";

const READABLE: [&str; 7] = ["pdf", "html", "htm", "txt", "md", "text", "xhtml"];
const PROPRIETARY: [&str; 14] = ["doc", "docx", "docm", "dot", "dotx", "rtf", "xls", "xlsx", "xlsm", "ppt", "pptx", "pptm", "vsd", "vsdx"];

/// What deserves a second look, each with a tick to overrule it.
pub fn warnings(letter: &Letter, files: &[FileFacts], twins: &[Twin], today: NaiveDate) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |name: &str, words: String| warnings.push(Warning { name: name.to_owned(), words, twin: None });
    let is_incoming = letter.direction != Direction::Outgoing;
    let for_action = letter.to.iter().any(|addressee| addressee.purpose == Some(Purpose::ForAction));

    match letter.deadline {
        None if for_action && is_incoming => {
            warn("no-deadline", "Deadline: none stated. The statement is for action, and the letter names no day; we will show a day of our own by which we aim to answer.".to_owned());
        }
        Some(day) if day < today => {
            warn("past-deadline", format!("The deadline, {}, has passed: {}.", dates::weekday_date(day), dates::distance(today, day)));
        }
        Some(day) if (day - today).num_days() < 14 => {
            warn("near-deadline", format!("The deadline, {}, is {}: less than two weeks.", dates::weekday_date(day), dates::distance(today, day)));
        }
        Some(day) if (day - today).num_days() > 730 => {
            warn("far-deadline", format!("The deadline, {}, is {} years ahead.", dates::weekday_date(day), (day - today).num_days() * 4 / 1461));
        }
        _ => {}
    }

    let organizations = |side: &[Addressee]| side.iter().map(|addressee| addressee.group.organization_id).collect::<HashSet<_>>().len();
    if organizations(&letter.from) > 1 {
        warn("several-senders", format!("It is from several organizations: {}.", letter.from_text()));
    }
    if organizations(&letter.to) > 1 {
        let sending = &letter.sending;
        let alone = sending.send_to.as_ref().filter(|_| sending.delivered.is_none());
        let alone = alone.map_or_else(String::new, |mailbox| format!(" The mail goes to {} alone.", mailbox.address()));
        let words = format!("It is to several organizations: {}. One statement for each is easier to answer.{alone}", letter.to_text());
        warn(SEVERAL_ORGANIZATIONS, words);
    }

    for addressee in letter.from.iter().chain(&letter.to).chain(&letter.copy) {
        if addressee.group.is_concluded {
            let instead = addressee
                .group
                .instead
                .as_deref()
                .map(|label| format!(" Its work went to {label}, or ask the directors of its area."))
                .unwrap_or_default();
            warn(&format!("concluded-{}", addressee.group.acronym), format!("{} is concluded.{instead}", addressee.group.label));
        }
    }

    if !is_incoming {
        for (name, words) in of_sending(letter) {
            warn(name, words);
        }
        for cited in explaining::cited(&letter.title, &letter.body, &letter.sending.document_status) {
            if let (Explaining::Sentence(status), false) = (cited.explaining, cited.is_explained) {
                let words = format!(
                    "{} is cited ({}), and the text does not say what that means: they may take it for more than it is.",
                    cited.document.name(),
                    status.words()
                );
                warn(&format!("explain-{}", cited.document.key()), words);
            }
        }
    }

    let without_twin: Vec<&str> = files.iter().filter(|file| needs_twin(file, files)).map(|file| file.file_name.as_str()).collect();
    if !without_twin.is_empty() {
        warn(
            "no-readable-twin",
            format!(
                "Not everybody can read {}. Add the same as PDF, HTML or text, so that it can be read without the program that made it.",
                without_twin.join(", ")
            ),
        );
    }
    let is_replaced = |twin: &&Twin| letter.sending.replaces.is_some_and(|(_, number)| number == twin.number);
    warnings.extend(twins.iter().filter(|twin| !is_replaced(twin)).map(same_statement));
    warnings
}

/// What deserves a second look of an outgoing letter alone: whose position it is, and whether its group knows (4053bis 4.2).
fn of_sending(letter: &Letter) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let of_no_group = letter.from.iter().any(|sender| matches!(sender.group.kind.as_str(), "area" | "iesg" | "organization"));
    let is_from_the_iesg = letter.from.iter().any(|sender| sender.group.kind == "iesg");
    match letter.sending.consensus {
        None if is_from_the_iesg => {
            let words = "It does not say whose position it is: choose a consensus level, such as whether the IESG's consensus is meant.";
            found.push(("no-consensus", words.to_owned()));
        }
        None => found.push(("no-consensus", "It does not say whose position it is: choose a consensus level.".to_owned())),
        Some(Consensus::Iesg) if !is_from_the_iesg => {
            found.push(("iesg-consensus", format!("It claims the consensus of the IESG, but is from {}.", letter.from_text())));
        }
        Some(Consensus::Group) if of_no_group => {
            found.push((
                "group-consensus",
                format!("It claims group consensus, but {} is not a group that can be called for it.", letter.from_text()),
            ));
        }
        Some(_) => {}
    }
    if letter.sending.informed_on.is_none() {
        found.push(("not-informed", format!("It does not say when {} was informed of it.", letter.from_text())));
    }
    if letter.sending.delivered.is_none() && letter.sending.send_to.is_none() && letter.to_contacts.is_empty() {
        found.push(("no-contact", "Nobody at their side is named: it will reach nobody by mail.".to_owned()));
    }
    found
}

/// *Same statement?* – perhaps it arrived twice.
fn same_statement(twin: &Twin) -> Warning {
    let by: Vec<&str> = [(twin.by_title, "title"), (twin.by_reference, "reference"), (twin.by_file, "file")]
        .into_iter()
        .filter_map(|(is, by)| is.then_some(by))
        .collect();
    let same = by.join(" and ");
    Warning {
        name: format!("same-statement-{}", twin.number),
        words: format!("Same statement? Statement {} from {}, “{}”, has the same {same}.", twin.number, twin.from_text, twin.title),
        twin: Some(twin.number),
    }
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A proprietary format without a readable twin: one marked so, of the same name, or the only readable file there is.
fn needs_twin(file: &FileFacts, files: &[FileFacts]) -> bool {
    let is_readable = |other: &FileFacts| READABLE.contains(&ending(&other.file_name).as_str());
    let is_proprietary = |other: &FileFacts| PROPRIETARY.contains(&ending(&other.file_name).as_str());
    if !is_proprietary(file) {
        return false;
    }
    let has_twin = files.iter().any(|other| {
        is_readable(other)
            && (other.alternative_of == Some(file.n)
                || file.alternative_of == Some(other.n)
                || stem(&other.file_name).eq_ignore_ascii_case(stem(&file.file_name)))
    });
    let is_only_pair =
        files.iter().filter(|other| is_proprietary(other)).count() == 1 && files.iter().filter(|other| is_readable(other)).count() == 1;
    !has_twin && !is_only_pair
}

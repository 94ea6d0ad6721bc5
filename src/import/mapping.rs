//! From a statement as the dump has it to our rows. Pure; what can't be mapped is noted with its text.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::reader::{SourceAnswered, SourceAttachment, SourceStatement};
use super::report::Report;
use crate::dates::PartialDate;
use crate::ids::GroupId;
use crate::statements::{Direction, Purpose, Side, references};

/// A group that an acronym of the dump means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGroup {
    /// Its key.
    pub group_id: GroupId,
    /// As pages name it.
    pub label: String,
    /// Whether it is of the home organization.
    pub is_home: bool,
}

/// Groups by acronym, in lower case; former ones too.
pub type Known = HashMap<String, KnownGroup>;

/// A group of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// From, to, copy, also.
    pub side: Side,
    /// Within the side, from 1.
    pub position: i32,
    /// None: only words are known.
    pub group_id: Option<GroupId>,
    /// As the record says.
    pub as_written: String,
    /// As pages name it; without addresses, which are persons'.
    pub label: String,
    /// The first of ours that it is to.
    pub is_lead: bool,
    /// What this addressee would have to do, were it known whether it did.
    pub action: Option<Purpose>,
}

/// A file of which only the facts are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// What it is called.
    pub title: String,
    /// Name of the file.
    pub file_name: String,
    /// Where it can be had.
    pub url: Option<String>,
}

/// A statement, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// What makes it the same one when it is imported again.
    pub key: String,
    /// Its number in the old tracker.
    pub number: Option<i32>,
    /// One line.
    pub title: String,
    /// As it came.
    pub body: String,
    /// From the groups.
    pub direction: Direction,
    /// Whether a known group of the home organization is on one side.
    pub has_home_side: bool,
    /// None: not recorded.
    pub purpose: Option<Purpose>,
    /// Of the letter.
    pub date: Option<PartialDate>,
    /// As pages name the groups.
    pub from_text: String,
    /// As pages name the groups.
    pub to_text: String,
    /// From, to, copy, also.
    pub groups: Vec<GroupRow>,
    /// Files.
    pub attachments: Vec<AttachmentRow>,
    /// As written, normal form, given by.
    pub references: Vec<(String, String, String)>,
    /// What it answers, in words that a later statement may be found by.
    pub answers: Option<String>,
    /// A day by which something was asked for.
    pub deadline: Option<NaiveDate>,
    /// The old tracker's page, or the document.
    pub source_url: Option<String>,
    /// Notes of the dump.
    pub source_note: String,
}

/// The rows of a statement. `bodies` are texts by the name of their file.
pub fn map(source: &SourceStatement, known: &Known, bodies: &HashMap<String, String>, report: &mut Report) -> StatementRow {
    let key = source.key.as_str();
    let from = side(source, &source.from_groups, source.from_text.as_deref(), Side::From, known, report);
    let to = side(source, &source.to_groups, source.to_text.as_deref(), Side::To, known, report);
    let copy = side(source, &source.cc_groups, None, Side::Copy, known, report);
    let direction = direction(key, &from, &to, report);
    let has_home_side = from.iter().chain(&to).any(|written| written.group.as_ref().is_some_and(|group| group.is_home));
    let purpose = purpose(source, report);
    let deadline = deadline(source, report);
    let mut notes: Vec<String> = source.note.iter().map(|note| clean(note)).collect();
    if let Some(state) = &source.state {
        notes.push(format!("The old tracker marked it \"{}\".", clean(state).replace('_', " ")));
    }

    let marked = source.state.is_some();
    let mut groups = placed(from, to, copy, direction, purpose, deadline.is_some(), marked);
    if deadline.is_some() && !groups.iter().any(|group| group.action.is_some()) {
        // a deadline belongs to an addressee; none of them is a known group
        let text = source.deadline.clone().unwrap_or_default();
        notes.push(format!("A reply was asked for by {text}."));
        report.note(key, "the deadline belongs to no known group; it is kept in the note", &text);
    }
    for group in groups.iter_mut().filter(|group| group.label.is_empty()) {
        group.label = "not recorded".to_owned();
    }
    let names = |sides: &[Side]| {
        let labels: Vec<&str> = groups.iter().filter(|group| sides.contains(&group.side)).map(|group| group.label.as_str()).collect();
        labels.join(", ")
    };
    let from_text = names(&[Side::From]);
    let to_text = names(&[Side::To, Side::Also]);
    let attachments = attachments(source);
    StatementRow {
        key: source.key.clone(),
        number: source.datatracker_number.filter(|number| *number > 0),
        title: title(source, &attachments, report),
        body: body(source, bodies, report),
        direction,
        has_home_side,
        purpose,
        date: date(source, report),
        references: own_references(source, groups.first().map_or("", |group| group.label.as_str())),
        from_text,
        to_text,
        groups,
        attachments,
        answers: source.in_response_to.as_ref().map(|answered| match answered {
            SourceAnswered::Number(number) => format!("Statement {number}"),
            SourceAnswered::Words(words) => clean(words),
        }),
        deadline,
        source_url: source.url.clone().or_else(|| source.url_document.clone()).filter(|url| is_web(url)),
        source_note: notes.join("\n"),
    }
}

/// One line without control characters; what they were is a blank.
fn clean(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

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

struct Written {
    group: Option<KnownGroup>,
    as_written: String,
}

fn side(source: &SourceStatement, acronyms: &[String], text: Option<&str>, side: Side, known: &Known, report: &mut Report) -> Vec<Written> {
    let mut written: Vec<Written> = Vec::new();
    let mut seen = HashSet::new();
    for acronym in acronyms {
        match known.get(&acronym.trim().to_lowercase()) {
            Some(group) => {
                if seen.insert(group.group_id) {
                    written.push(Written { group: Some(group.clone()), as_written: acronym.clone() });
                }
            }
            None => {
                report.note(&source.key, format!("not a known group ({})", side.as_str()), acronym);
                written.push(Written { group: None, as_written: clean(acronym) });
            }
        }
    }
    // the words of the record stand with the first of its groups
    if let Some(text) = text.map(clean).filter(|text| !text.is_empty()) {
        match written.first_mut() {
            Some(first) if first.group.is_some() => first.as_written = text,
            _ => {
                if written.is_empty() {
                    report.note(&source.key, format!("not a group ({})", side.as_str()), &text);
                }
                written.insert(0, Written { group: None, as_written: text });
            }
        }
    } else if written.is_empty() && side != Side::Copy {
        report.note(&source.key, format!("no group is recorded ({})", side.as_str()), "");
    }
    written
}

/// From the groups; a side without a known one takes it from the other (domain.md 1).
fn direction(key: &str, from: &[Written], to: &[Written], report: &mut Report) -> Direction {
    let (mut home, mut peer) = ([false; 2], [false; 2]);
    for (place, side) in [from, to].into_iter().enumerate() {
        home[place] = side.iter().any(|written| written.group.as_ref().is_some_and(|group| group.is_home));
        peer[place] = side.iter().any(|written| written.group.as_ref().is_some_and(|group| !group.is_home));
    }
    match (home, peer) {
        ([false, true], _) | ([false, false], [true, false]) => Direction::Incoming,
        ([true, false], _) | ([false, false], [false, true]) => Direction::Outgoing,
        // ours beside a peer: the peer's part is what makes it a liaison statement
        ([true, true], [false, true]) => Direction::Outgoing,
        ([true, true], [true, false]) => Direction::Incoming,
        ([true, true], _) => {
            report.note(key, "both sides are of the home organization; it is kept as between others", "");
            Direction::BetweenOthers
        }
        ([false, false], _) => Direction::BetweenOthers,
    }
}

fn purpose(source: &SourceStatement, report: &mut Report) -> Option<Purpose> {
    let text = source.purpose.as_deref()?;
    let plain = text.trim().to_lowercase().replace(['_', ' '], "-");
    match plain.as_str() {
        "" => None,
        "response" => Some(Purpose::InResponse),
        name => Some(Purpose::parse(name).unwrap_or_else(|| {
            report.note(&source.key, "not a purpose; it is kept as other", text);
            Purpose::Other
        })),
    }
}

fn deadline(source: &SourceStatement, report: &mut Report) -> Option<NaiveDate> {
    let text = source.deadline.as_deref()?;
    let day = match PartialDate::parse(text.trim()) {
        Some(PartialDate::Day(day)) => Some(day),
        _ => None,
    };
    if day.is_none() {
        report.note(&source.key, "the deadline is not a day", text);
    }
    day
}

fn date(source: &SourceStatement, report: &mut Report) -> Option<PartialDate> {
    let text = source.date.as_deref()?;
    let date = PartialDate::parse(text.trim());
    if date.is_none() {
        report.note(&source.key, "the date is neither a day, a month nor a year", text);
    }
    date
}

/// Puts the sides together, each group in its place, and says which addressee would have an action.
fn placed(
    from: Vec<Written>,
    to: Vec<Written>,
    copy: Vec<Written>,
    direction: Direction,
    purpose: Option<Purpose>,
    has_deadline: bool,
    is_marked: bool,
) -> Vec<GroupRow> {
    let mut rows: Vec<GroupRow> = Vec::new();
    let mut add = |side: Side, written: Written| {
        let group_id = written.group.as_ref().map(|group| group.group_id);
        if group_id.is_some() && rows.iter().any(|row| row.side == side && row.group_id == group_id) {
            return;
        }
        let position = rows.iter().filter(|row| row.side == side).count() + 1;
        let label = written.group.map_or_else(|| without_addresses(&written.as_written), |group| group.label);
        rows.push(GroupRow {
            side,
            position: i32::try_from(position).unwrap_or(i32::MAX),
            group_id,
            as_written: written.as_written,
            label,
            is_lead: false,
            action: None,
        });
    };
    for written in from {
        add(Side::From, written);
    }
    for written in to {
        let is_home = written.group.as_ref().map(|group| group.is_home);
        let side = match (direction, is_home) {
            // a peer addressed beside home; one of ours that got the letter to a peer
            (Direction::Incoming, Some(false)) => Side::Also,
            (Direction::Outgoing, Some(true)) => Side::Copy,
            _ => Side::To,
        };
        add(side, written);
    }
    for written in copy {
        add(Side::Copy, written);
    }
    let asks = has_deadline || is_marked || matches!(purpose, Some(Purpose::ForAction | Purpose::ForComment));
    for row in rows.iter_mut().filter(|row| row.side == Side::To && row.group_id.is_some()) {
        row.action = match (purpose, direction) {
            _ if asks && purpose != Some(Purpose::ForInformation) => Some(Purpose::ForAction),
            (Some(Purpose::ForInformation), _) if has_deadline => Some(Purpose::ForAction),
            (Some(Purpose::ForInformation), Direction::Incoming) => Some(Purpose::ForInformation),
            _ => None,
        };
    }
    if direction == Direction::Incoming
        && let Some(row) = rows.iter_mut().find(|row| row.side == Side::To && row.group_id.is_some())
    {
        row.is_lead = true;
    }
    rows
}

fn attachments(source: &SourceStatement) -> Vec<AttachmentRow> {
    let mut rows: Vec<AttachmentRow> = source.attachments.iter().map(attachment).collect();
    if let Some(url) = source.url_document.as_deref().filter(|url| is_web(url)) {
        match rows.iter_mut().find(|row| row.url.is_none()) {
            Some(row) if source.attachments.len() == 1 => row.url = Some(url.to_owned()),
            _ => {
                let file_name = clean(url.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default());
                rows.push(AttachmentRow { title: "The document".to_owned(), file_name, url: Some(url.to_owned()) });
            }
        }
    }
    rows
}

fn attachment(source: &SourceAttachment) -> AttachmentRow {
    let file_name = source.file.as_deref().or(source.kept_as.as_deref()).map(clean).unwrap_or_default();
    let title = source.title.as_deref().map(clean).filter(|title| !title.is_empty());
    let format = source.format.as_deref().map(clean).unwrap_or_default();
    let file_name = match (file_name.is_empty(), format.is_empty()) {
        // the format is all that is known of its name
        (true, false) => format!("file.{format}"),
        _ => file_name,
    };
    let title = title.unwrap_or_else(|| if file_name.is_empty() { "A file".to_owned() } else { file_name.clone() });
    AttachmentRow { title, file_name, url: source.url.clone().filter(|url| is_web(url)) }
}

fn title(source: &SourceStatement, attachments: &[AttachmentRow], report: &mut Report) -> String {
    if source.title.chars().any(char::is_control) {
        report.note(&source.key, "the title holds control characters; they became blanks", &source.title);
    }
    let title = clean(&source.title);
    if !title.is_empty() {
        return title;
    }
    report.note(&source.key, "it has no title; that of its first file stands in", "");
    attachments.first().map_or_else(|| "(without title)".to_owned(), |attachment| attachment.title.clone())
}

/// As it came, but for the one character that the database can't hold.
fn body(source: &SourceStatement, bodies: &HashMap<String, String>, report: &mut Report) -> String {
    let found = match (&source.body, &source.body_file) {
        (Some(body), _) => Some(body),
        (None, Some(file)) => {
            let found = bodies.get(file);
            if found.is_none() {
                report.note(&source.key, "the file of its text is not there", file);
            }
            found
        }
        (None, None) => None,
    };
    let body = found.cloned().unwrap_or_default();
    if body.contains('\0') {
        report.note(&source.key, "the text holds NUL characters; they became \u{fffd}", "");
    }
    body.replace('\0', "\u{fffd}")
}

/// "S2-2606763 (S4-261351)" are two.
fn own_references(source: &SourceStatement, given_by: &str) -> Vec<(String, String, String)> {
    let Some(text) = source.reference.as_deref() else { return Vec::new() };
    let text = clean(text);
    let parts = match text.strip_suffix(')').and_then(|text| text.split_once(" (")) {
        Some((first, second)) => vec![first.to_owned(), second.to_owned()],
        None => references::split(&text),
    };
    let given_by = if parts.len() == 1 { given_by } else { "" };
    parts.into_iter().map(|part| (part.clone(), references::normal(&part), given_by.to_owned())).filter(|(_, normal, _)| !normal.is_empty()).collect()
}

/// What the words of an answer may be found by: a number of the old tracker, or normal forms of references.
pub fn sought(words: &str) -> (Option<i32>, Vec<String>) {
    let number = words.strip_prefix("Statement ").and_then(|number| number.parse().ok());
    let mut normals = vec![references::normal(words)];
    // "R3-233718/R2-2306896" is one statement under two numbers; "11-09/0718r1" is one number
    normals
        .extend(words.split(['/', '(', ')', ' ']).map(references::normal).filter(|part| part.len() >= 7 && part.chars().any(|c| c.is_ascii_digit())));
    normals.retain(|normal| !normal.is_empty());
    normals.dedup();
    (number, normals)
}

#[cfg(test)]
mod tests;

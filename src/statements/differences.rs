//! What differs between two forms of a statement, field by field and word by word; and the merge of two that were
//! changed from the same. Pure.

use std::time::Duration;

use similar::{ChangeTag, MergeResolution, TextDiff, TextMerge};

use super::form::StatementForm;
use super::{Consensus, Purpose, ReplyKind};

/// How long the words of one field are compared for the shortest difference; after that any difference will do.
const LONGEST: Duration = Duration::from_millis(200);
/// Lines of a text that are merged one by one; a longer text is put whole under the other.
const MOST_LINES: usize = 5_000;

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// One of a few.
    Choice,
}

/// Every field of a form but those of single addressees: name, label, how it is filled in.
pub const FIELDS: [(&str, &str, Sort); 29] = [
    ("from", "From", Sort::Line),
    ("to", "To", Sort::Line),
    ("copy", "In copy", Sort::Line),
    ("title", "Title", Sort::Line),
    ("purpose", "Purpose", Sort::Choice),
    ("deadline", "Deadline", Sort::Line),
    ("deadline-words", "Deadline in the letter's words", Sort::Line),
    ("answers", "Does it answer a statement?", Sort::Text),
    ("body", "Text", Sort::Text),
    ("references", "Peer's reference", Sort::Line),
    ("letter-date", "Date of the letter", Sort::Line),
    ("received-on", "Received on", Sort::Line),
    ("received-from", "Received from", Sort::Line),
    ("received-at", "Received at", Sort::Line),
    ("from-contacts", "From contacts", Sort::Text),
    ("to-contacts", "To contacts", Sort::Text),
    ("cc-contacts", "Cc contacts", Sort::Text),
    ("lead", "Lead group", Sort::Choice),
    ("assignee", "Who sees to it?", Sort::Choice),
    ("send-to", "Send to", Sort::Line),
    ("send-reply-to", "Send reply to", Sort::Line),
    ("consensus", "Consensus", Sort::Choice),
    ("consensus-link", "Link to the consensus", Sort::Line),
    ("informed-on", "Group informed on", Sort::Line),
    ("delivery", "Delivered how", Sort::Choice),
    ("delivered-how", "Delivered how, in words", Sort::Line),
    ("delivered-on", "Delivered on", Sort::Line),
    ("delivery-evidence", "Evidence", Sort::Line),
    ("replaces", "Does it replace a statement?", Sort::Line),
];

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// What people read before it.
    pub label: String,
    /// How it is filled in.
    pub sort: Sort,
    /// What it holds, with `\n` between lines.
    pub value: String,
}

impl Field {
    fn new(name: impl Into<String>, label: impl Into<String>, sort: Sort, value: &str) -> Self {
        Self { name: name.into(), label: label.into(), sort, value: value.replace("\r\n", "\n") }
    }
}

/// All fields of a form, the empty ones too; those of an addressee where they are filled in.
pub fn fields(form: &StatementForm) -> Vec<Field> {
    let mut form = form.clone();
    let mut fields: Vec<Field> = Vec::new();
    for (name, label, sort) in FIELDS {
        let value = form.field(name).map(std::mem::take).unwrap_or_default();
        fields.push(Field::new(name, label, sort, &value));
    }
    for (acronym, purpose) in &form.purpose_for {
        fields.push(Field::new(format!("purpose-for-{acronym}"), format!("Purpose for {}", acronym.to_uppercase()), Sort::Choice, purpose));
    }
    for (acronym, asked) in &form.asked_of {
        fields.push(Field::new(format!("asked-of-{acronym}"), format!("What is asked of {}", acronym.to_uppercase()), Sort::Line, asked));
    }
    for (number, kind) in &form.reply_kind {
        fields.push(Field::new(format!("reply-kind-{number}"), format!("Kind of reply to Statement {number}"), Sort::Choice, kind));
    }
    for (key, status) in &form.document_status {
        fields.push(Field::new(format!("document-status-{key}"), format!("What {key} is"), Sort::Choice, status));
    }
    fields
}

/// What a field's value is called on pages.
pub fn words_of(name: &str, value: &str) -> String {
    match (name, value) {
        (_, "") => String::new(),
        ("assignee", "me") => "Who records it".to_owned(),
        ("assignee", "chairs") => "The group's chairs".to_owned(),
        ("lead", acronym) => acronym.to_uppercase(),
        ("delivery", "mail") => "E-mail, when it is posted".to_owned(),
        ("delivery", "otherwise") => "In another way".to_owned(),
        ("consensus", value) => Consensus::parse(value).map_or_else(|| value.to_owned(), |consensus| consensus.words("organization")),
        (name, value) if name.starts_with("reply-kind") => ReplyKind::parse(value).map_or_else(|| value.to_owned(), |kind| kind.words().to_owned()),
        (name, value) if name.starts_with("purpose") => Purpose::parse(value).map_or_else(|| value.to_owned(), |purpose| purpose.words().to_owned()),
        _ => value.to_owned(),
    }
}

/// The fields of two forms side by side: each with the value in the first and in the second.
fn pairs(one: &StatementForm, other: &StatementForm) -> Vec<(Field, String)> {
    let (one, other) = (fields(one), fields(other));
    let value = |name: &str| other.iter().find(|field| field.name == name).map(|field| field.value.clone()).unwrap_or_default();
    let mut pairs: Vec<(Field, String)> = one.iter().map(|field| (field.clone(), value(&field.name))).collect();
    let only_there = other.iter().filter(|field| one.iter().all(|known| known.name != field.name));
    pairs.extend(only_there.map(|field| (Field { value: String::new(), ..field.clone() }, field.value.clone())));
    pairs
}

/// Whether a piece of a text is in both, or only in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// In both.
    Same,
    /// In the newer only.
    Added,
    /// In the older only.
    Removed,
}

/// A piece of a text: words and what is between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it is.
    pub change: Change,
    /// As it stands there.
    pub text: String,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field's label.
    pub label: String,
    /// Its older and newer value in one; without the removed the newer, without the added the older.
    pub pieces: Vec<Piece>,
}

/// The fields that differ between an older and a newer form, in the form's order. Line ends count as one kind.
pub fn differences(older: &StatementForm, newer: &StatementForm) -> Vec<Difference> {
    let differing = pairs(older, newer).into_iter().filter(|(old, new)| old.value != *new);
    differing
        .map(|(old, new)| {
            let (old_words, new_words) = (words_of(&old.name, &old.value), words_of(&old.name, &new));
            let pieces = if old.sort == Sort::Choice { whole(&old_words, &new_words) } else { words(&old_words, &new_words) };
            Difference { label: old.label, pieces }
        })
        .collect()
}

fn whole(older: &str, newer: &str) -> Vec<Piece> {
    let pieces = [(Change::Removed, older), (Change::Added, newer)];
    pieces.into_iter().filter(|(_, text)| !text.is_empty()).map(|(change, text)| Piece { change, text: text.to_owned() }).collect()
}

/// The words that differ between two texts.
pub fn words(older: &str, newer: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let diff = TextDiff::configure().timeout(LONGEST).diff_words(older, newer);
    for piece in diff.iter_all_changes() {
        let change = match piece.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        match pieces.last_mut() {
            Some(last) if last.change == change => last.text.push_str(piece.value()),
            _ => pieces.push(Piece { change, text: piece.value().to_owned() }),
        }
    }
    pieces
}

/// A field that two people filled in differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The field; its value is theirs, which was saved first.
    pub theirs: Field,
    /// What the other one typed.
    pub yours: String,
    /// What is proposed: what one of them changed; where both did, yours, of a text under theirs.
    pub merged: String,
}

/// Every field with what is proposed for it, from the form that both began with; none: it is not known any more.
pub fn merge(base: Option<&StatementForm>, theirs: &StatementForm, yours: &StatementForm) -> Vec<Merged> {
    let base = base.map(fields);
    let value =
        |name: &str| base.as_ref().map(|fields| fields.iter().find(|field| field.name == name).map(|field| field.value.clone()).unwrap_or_default());
    pairs(theirs, yours)
        .into_iter()
        .map(|(theirs, yours)| {
            let merged = match value(&theirs.name) {
                _ if theirs.value == yours => yours.clone(),
                Some(base) if base == yours => theirs.value.clone(),
                Some(base) if base == theirs.value => yours.clone(),
                base if theirs.sort == Sort::Text => merge_lines(&base.unwrap_or_default(), &theirs.value, &yours),
                _ => yours.clone(),
            };
            Merged { theirs, yours, merged }
        })
        .collect()
}

/// Lines that one of them changed are as they left them; where both did, theirs stand above yours.
fn merge_lines(base: &str, theirs: &str, yours: &str) -> String {
    if [base, theirs, yours].iter().any(|text| text.lines().count() > MOST_LINES) {
        return format!("{}\n{yours}", theirs.trim_end_matches('\n'));
    }
    // the last line is a line like the others
    let ended = |text: &str| if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let is_ended = theirs.ends_with('\n') || yours.ends_with('\n');
    let (base, theirs, yours) = (ended(base), ended(theirs), ended(yours));
    let lines = TextMerge::from_lines(base.as_str(), yours.as_str(), theirs.as_str());
    let mut merged = String::new();
    for region in lines.regions() {
        let is_theirs = matches!(region.resolution(), MergeResolution::Theirs | MergeResolution::Conflict);
        let is_yours = region.resolution() != MergeResolution::Theirs;
        if is_theirs {
            merged.extend(region.theirs_range().filter_map(|at| lines.theirs_line(at)));
        }
        if is_yours {
            merged.extend(region.ours_range().filter_map(|at| lines.ours_line(at)));
        }
    }
    if !is_ended {
        merged.truncate(merged.trim_end_matches('\n').len());
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(title: &str, body: &str) -> StatementForm {
        StatementForm { title: title.to_owned(), body: body.to_owned(), ..StatementForm::default() }
    }

    fn shown(pieces: &[Piece]) -> String {
        let marked = |piece: &Piece| match piece.change {
            Change::Same => piece.text.clone(),
            Change::Added => format!("{{+{}+}}", piece.text),
            Change::Removed => format!("[-{}-]", piece.text),
        };
        pieces.iter().map(marked).collect()
    }

    #[test]
    fn every_field_of_a_form_is_compared() {
        let json = serde_json::to_value(StatementForm::default()).expect("JSON");
        let known: Vec<String> = FIELDS.iter().map(|(name, _, _)| name.replace('-', "_")).collect();
        let missing: Vec<&String> = json
            .as_object()
            .expect("an object")
            .keys()
            .filter(|key| !known.contains(key) && !["purpose_for", "asked_of", "reply_kind", "document_status", "proposed"].contains(&key.as_str()))
            .collect();
        assert!(missing.is_empty(), "add them to FIELDS: {missing:?}");
        let mut form = StatementForm::default();
        assert!(FIELDS.iter().all(|(name, _, _)| form.field(name).is_some()));
    }

    #[test]
    fn the_words_that_differ_are_named_field_by_field() {
        let older = form("On wires", "Dear all,\r\nplease comment by May.\r\n");
        let mut newer = form("On long wires", "Dear all,\nplease comment by June.\n");
        newer.purpose = "for-action".to_owned();
        newer.asked_of.insert("wire".to_owned(), "an answer".to_owned());

        let found: Vec<(String, String)> =
            differences(&older, &newer).iter().map(|difference| (difference.label.clone(), shown(&difference.pieces))).collect();

        let expected = [
            ("Title", "On {+long +}wires"),
            ("Purpose", "{+For Action+}"),
            ("Text", "Dear all,\nplease comment by [-May.-]{+June.+}\n"),
            ("What is asked of WIRE", "{+an answer+}"),
        ];
        assert_eq!(found, expected.map(|(label, words)| (label.to_owned(), words.to_owned())));
        assert_eq!(differences(&older, &older), []);
        assert_eq!(differences(&older, &form("On wires", "Dear all,\nplease comment by May.\n")), [], "line ends are no difference");
    }

    #[test]
    fn what_one_changed_is_taken_and_of_a_text_that_both_did_both() {
        let base = StatementForm { answers: "12".to_owned(), ..form("A", "one\ntwo\nthree") };
        let theirs = StatementForm { deadline: "1 May 2026".to_owned(), ..form("A", "one\nzwei\nthree") };
        let yours = StatementForm { answers: "13".to_owned(), copy: "mesh".to_owned(), ..form("B", "one\ntwee\nthree\nfour") };

        let merged = merge(Some(&base), &theirs, &yours);

        let of = |name: &str| merged.iter().find(|one| one.theirs.name == name).map(|one| one.merged.clone()).expect("a field");
        assert_eq!(of("title"), "B");
        assert_eq!(of("deadline"), "1 May 2026");
        assert_eq!(of("copy"), "mesh");
        assert_eq!(of("body"), "one\nzwei\ntwee\nthree\nfour");
        assert_eq!(of("answers"), "13", "they took it out, you changed it: yours");
        // without knowing what both began with, nothing is taken for unchanged
        let body = merge(None, &form("", "first"), &form("", "second")).into_iter().find(|one| one.theirs.name == "body");
        assert_eq!(body.map(|one| one.merged).as_deref(), Some("first\nsecond"));
    }

    #[test]
    fn a_very_long_text_is_compared_soon() {
        let long = |word: &str| (0..60_000).map(|n| format!("{word}{n}\n")).collect::<String>();
        let begun = std::time::Instant::now();
        let pieces = words(&long("a"), &long("b"));
        assert!(pieces.len() >= 2);
        assert!(merge_lines("", &long("a"), &long("b")).len() > 500_000);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    proptest! {
        #[test]
        fn the_pieces_hold_both_texts(older in "([a-c]{1,2}[ \n]{1,2}){0,12}", newer in "([a-c]{1,2}[ \n]{1,2}){0,12}") {
            let pieces = words(&older, &newer);
            let without = |change: Change| pieces.iter().filter(|piece| piece.change != change).map(|piece| piece.text.as_str()).collect::<String>();
            prop_assert_eq!(without(Change::Added), older);
            prop_assert_eq!(without(Change::Removed), newer);
        }

        #[test]
        fn a_merge_loses_no_line_that_somebody_wrote(
            base in "([a-c]{1,2}\n){0,8}", theirs in "([a-e]{1,2}\n){0,8}", yours in "([a-c]{1,2}\n|[f-h]{1,2}\n){0,8}",
        ) {
            let merged = merge_lines(&base, &theirs, &yours);
            for line in theirs.lines().chain(yours.lines()).filter(|line| base.lines().all(|known| known != *line)) {
                prop_assert!(merged.lines().any(|known| known == line), "{} is missing in {:?}", line, merged);
            }
        }
    }
}

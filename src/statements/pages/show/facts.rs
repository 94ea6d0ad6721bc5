//! The facts beside a statement's text: each a label with its values, dates kept apart.

use chrono::NaiveDate;

use super::Found;
use crate::dates::{PartialDate, distance, long_date, weekday_date};
use crate::mail::hidden::public_words;
use crate::statements::citations::Document;
use crate::statements::status::Reader;
use crate::statements::store::show::{Contact, Deadline, Place, Relationship, Sent};
use crate::statements::store::signing::Signed;
use crate::statements::{Delivery, Direction, Handling, Side, SignOffKind};
use crate::web::urls;

/// A label with its values.
pub struct Fact {
    /// As pages.md fixes it.
    pub label: String,
    /// One a line.
    pub values: Vec<Value>,
}

/// One value.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Value {
    /// What it is.
    pub text: String,
    /// Where more of it is; empty: nowhere.
    pub url: String,
    /// Small print behind it.
    pub note: String,
    /// It no longer holds, and is shown struck.
    pub is_former: bool,
}

impl Value {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Fact {
    fn one(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), values: vec![Value::new(text)] }
    }

    /// As a line of the plain copy.
    pub fn line(&self) -> String {
        let words = |value: &Value| {
            let note = if value.note.is_empty() { String::new() } else { format!(" ({})", value.note) };
            let former = if value.is_former { "formerly " } else { "" };
            format!("{former}{}{note}", value.text)
        };
        format!("{}: {}\n", self.label, self.values.iter().map(words).collect::<Vec<_>>().join("; "))
    }
}

/// All but the contacts, in order of importance; what is not known is not shown.
pub fn all(found: &Found, today: NaiveDate, home: &str) -> Vec<Fact> {
    let shown = &found.shown;
    let mut facts = Vec::new();
    for (side, label) in [(Side::From, "From"), (Side::To, "To"), (Side::Copy, "In copy"), (Side::Also, "Also addressed")] {
        facts.push(Fact {
            label: label.to_owned(),
            values: found.places.iter().filter(|place| place.side == side).map(|one| place(found, one)).collect(),
        });
    }
    facts.push(Fact { label: "Deadline".to_owned(), values: deadlines(found, today) });
    facts.extend(answers(found));
    facts.push(Fact {
        label: "Peer's reference".to_owned(),
        values: shown
            .references
            .iter()
            .map(|reference| Value {
                note: if reference.given_by.is_empty() { String::new() } else { format!("given by {}", reference.given_by) },
                ..Value::new(&reference.as_written)
            })
            .collect(),
    });
    facts.push(Fact { label: "Cited documents".to_owned(), values: documents(&shown.documents) });
    facts.extend(dates(found));
    facts.extend(found.shown.sent.iter().flat_map(|sent| sending(sent, home)));
    facts.push(Fact { label: "Signed off".to_owned(), values: sign_offs(found) });
    facts.push(Fact {
        label: "Liaison manager".to_owned(),
        values: shown.manager.split('\n').filter(|one| !one.is_empty()).map(Value::new).collect(),
    });
    facts.push(Fact { label: "Relationship".to_owned(), values: relationships(found) });
    if shown.is_imported {
        facts.push(source(found));
    }
    facts.retain(|fact| !fact.values.is_empty());
    facts
}

fn place(found: &Found, place: &Place) -> Value {
    let mut note = Vec::new();
    let is_addressed_apart = place.side == Side::To && place.purpose.is_some_and(|purpose| Some(purpose) != found.shown.purpose);
    if let Some(purpose) = place.purpose.filter(|_| is_addressed_apart) {
        note.push(purpose.words().to_owned());
    }
    if !place.asked.is_empty() {
        note.push(place.asked.clone());
    }
    let is_known = place.action.as_ref().is_some_and(|action| action.handling != Handling::Unknown);
    if place.is_lead && is_known && found.places.iter().filter(|other| other.side == Side::To).count() > 1 {
        note.push("sees to the answer".to_owned());
    }
    if let Some(at) = place.added_at {
        note.push(format!("added on {}", long_date(at.date_naive())));
    }
    // imported words may hold a person's address, which is not public (domain.md 1, *contacts*)
    let written = public_words(place.as_written.clone());
    if place.group.is_some() && !written.is_empty() && written != place.label {
        note.push(format!("written \"{written}\""));
    }
    let url = place.group.as_ref().map(|group| match group.kind.as_str() {
        "organization" => urls::organization(&group.acronym),
        _ => urls::group(&group.acronym),
    });
    Value { text: place.label.clone(), url: url.unwrap_or_default(), note: note.join(" · "), is_former: false }
}

/// Current and former ones; where addressees differ, each says whose it is.
fn deadlines(found: &Found, today: NaiveDate) -> Vec<Value> {
    let of_groups: Vec<(&Place, &[Deadline])> = found
        .places
        .iter()
        .filter_map(|place| Some((place, place.action.as_ref()?.deadlines.as_slice())))
        .filter(|(_, deadlines)| !deadlines.is_empty())
        .collect();
    let is_one = of_groups.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let mut values = Vec::new();
    for (place, deadlines) in of_groups {
        let is_open = place.action.as_ref().is_some_and(|action| action.closed_at.is_none());
        for deadline in deadlines {
            let mut value = self::deadline(deadline, is_open.then_some(today));
            if !is_one {
                value.note = [place.label.as_str(), value.note.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
            }
            values.push(value);
        }
        if is_one {
            break;
        }
    }
    values
}

fn deadline(deadline: &Deadline, today: Option<NaiveDate>) -> Value {
    let mut note = Vec::new();
    if let Some(today) = today.filter(|_| deadline.is_current) {
        note.push(distance(today, deadline.due_on));
    }
    match deadline.kind.as_str() {
        "ours" => note.push("ours: the letter names no day".to_owned()),
        "agreed" if deadline.agreed_with.is_empty() => note.push("agreed".to_owned()),
        "agreed" => note.push(format!("agreed with {}", deadline.agreed_with)),
        "corrected" => note.push("corrected".to_owned()),
        _ => (),
    }
    if !deadline.words.is_empty() {
        note.push(format!("in the letter's words \"{}\"", deadline.words));
    }
    let is_link = deadline.link.starts_with("https://") || deadline.link.starts_with("http://");
    Value {
        text: weekday_date(deadline.due_on),
        url: if is_link { deadline.link.clone() } else { String::new() },
        note: note.join(" · "),
        is_former: !deadline.is_current,
    }
}

/// What it answers, and what it is related to outside the thread.
fn answers(found: &Found) -> Vec<Fact> {
    let statement = |number: i32| Value { url: urls::statement(number), ..Value::new(format!("Statement {number}")) };
    let of = |kind: &str| {
        let threaded =
            found.thread.iter().filter(|other| other.ties.iter().any(|tie| tie.from_here && tie.kind == kind)).map(|other| statement(other.number));
        let outside = found.shown.links.iter().filter(|link| link.kind == kind).map(|link| match link.number {
            Some(number) => statement(number),
            None => Value::new(&link.words),
        });
        threaded.chain(outside).filter(|value| !value.text.is_empty()).collect::<Vec<_>>()
    };
    [
        ("in-response-to", "Answers"),
        ("follows-up", "Follows up"),
        ("replaces", "Replaces"),
        ("same-statement-as", "Same statement as"),
        ("related", "Related"),
    ]
    .into_iter()
    .map(|(kind, label)| Fact { label: label.to_owned(), values: of(kind) })
    .collect()
}

/// Most cited documents that are named one by one.
const MOST_DOCUMENTS: usize = 30;

/// Each leads to all statements that cite it.
fn documents(keys: &[String]) -> Vec<Value> {
    let found: Vec<Document> = keys.iter().filter_map(|key| Document::parse(key)).collect();
    let others = found.len().saturating_sub(MOST_DOCUMENTS);
    let named = found.iter().take(MOST_DOCUMENTS).map(|document| Value { url: urls::document(&document.key()), ..Value::new(document.name()) });
    named.chain((others > 0).then(|| Value::new(format!("and {others} more")))).collect()
}

/// Kept apart (domain.md 3, *Dates*); when it was begun and submitted is for those concerned.
fn dates(found: &Found) -> Vec<Fact> {
    let shown = &found.shown;
    let mut facts = Vec::new();
    if let (Some(day), Some(precision)) = (shown.letter_date, &shown.letter_date_precision) {
        let words = match PartialDate::from_parts(day, precision) {
            Some(PartialDate::Day(day)) => long_date(day),
            Some(date) => date.to_string(),
            None => long_date(day),
        };
        facts.push(Fact::one("Date of the letter", words));
    }
    if let Some(day) = shown.received_on {
        facts.push(Fact::one("Received on", long_date(day)));
    }
    if found.is_concerned {
        let by = match (shown.author.as_str(), shown.author_role.as_str()) {
            ("", _) => String::new(),
            (name, "") => format!("by {name}"),
            (name, role) => format!("by {name}, {role}"),
        };
        let label = if shown.direction == Direction::Outgoing { "Draft begun" } else { "Recorded" };
        facts.push(Fact { label: label.to_owned(), values: vec![Value { note: by, ..Value::new(long_date(shown.made_at.date_naive())) }] });
        if let Some(at) = shown.submitted_at {
            facts.push(Fact::one("Submitted", long_date(at.date_naive())));
        }
    }
    if let Some(at) = shown.posted_at {
        facts.push(Fact::one("Posted", long_date(at.date_naive())));
    }
    facts
}

/// Whose position it is, since when its group knows, how it reached the peer.
fn sending(sent: &Sent, home: &str) -> Vec<Fact> {
    let link = |text: &str| if text.starts_with("https://") || text.starts_with("http://") { text.to_owned() } else { String::new() };
    let mut facts = Vec::new();
    if let Some(consensus) = sent.consensus {
        let mut values = vec![Value { note: consensus.position(&sent.from_text, home), ..Value::new(consensus.words(home)) }];
        if !sent.consensus_link.is_empty() {
            values.push(Value { url: link(&sent.consensus_link), ..Value::new(&sent.consensus_link) });
        }
        facts.push(Fact { label: "Consensus".to_owned(), values });
    }
    if let Some(day) = sent.informed_on {
        facts.push(Fact::one("Group informed on", long_date(day)));
    }
    if sent.delivery == Delivery::Mail {
        facts.push(Fact::one("Delivered how", "By e-mail"));
        return facts;
    }
    facts.push(Fact::one("Delivered how", &sent.how));
    if let Some(day) = sent.on {
        facts.push(Fact::one("Delivered on", long_date(day)));
    }
    if !sent.evidence.is_empty() {
        facts.push(Fact { label: "Evidence".to_owned(), values: vec![Value { url: link(&sent.evidence), ..Value::new(&sent.evidence) }] });
    }
    facts
}

/// "Approved by N as R on D", standing in for another, entered by whom: public.
fn sign_offs(found: &Found) -> Vec<Value> {
    let without = found.shown.is_without_approval.then(|| Value::new("Sent without approval"));
    let decided = found.shown.sign_offs.iter().filter_map(|one| {
        let mut note = Vec::new();
        if one.is_standing_in {
            note.push("standing in".to_owned());
        }
        if let Some(name) = &one.entered_by {
            let role = if one.entered_as.is_empty() { String::new() } else { format!(", {}", one.entered_as) };
            note.push(format!("entered by {name}{role}"));
        }
        let is_link = one.evidence.starts_with("https://") || one.evidence.starts_with("http://");
        // words may name people's addresses
        if found.is_concerned && !is_link && !one.evidence.is_empty() {
            note.push(one.evidence.clone());
        }
        let url = if is_link { one.evidence.clone() } else { String::new() };
        Some(Value { url, note: note.join(" · "), ..Value::new(signed(found, one)?) })
    });
    without.into_iter().chain(decided).collect()
}

/// Who decided what, as what, when; none: it is open.
fn signed(found: &Found, one: &Signed) -> Option<String> {
    let at = one.at?;
    let is_later = found.shown.is_without_approval && one.kind == SignOffKind::Approval && found.shown.posted_at.is_some_and(|posted| at > posted);
    let verb = match one.kind {
        _ if one.state == "objected" => "Objected to",
        _ if is_later => "Confirmed",
        SignOffKind::Check => "Checked",
        SignOffKind::Agreement => "Agreed",
        SignOffKind::Approval | SignOffKind::Manager => "Approved",
        SignOffKind::Coordinator => "Reviewed",
    };
    let by = one.by.as_deref().map_or_else(String::new, |name| format!(" by {name}"));
    let role = if one.role.is_empty() { String::new() } else { format!(" as {}", one.role) };
    let words = if one.state == "objected" { format!(": {}", one.words) } else { String::new() };
    Some(format!("{verb}{by}{role} on {}{words}", long_date(at.date_naive())))
}

/// Of what left without approval, how that stands now: beside where it stands itself. Empty: it was approved before it left.
pub fn without_approval(found: &Found) -> Vec<String> {
    if !found.shown.is_without_approval {
        return Vec::new();
    }
    let approvals = || found.shown.sign_offs.iter().filter(|one| one.kind == SignOffKind::Approval);
    let open = approvals().any(|one| one.at.is_none());
    let mut words = vec![if open { "It was sent without approval, and is not confirmed yet." } else { "It was sent without approval." }.to_owned()];
    words.extend(approvals().filter_map(|one| signed(found, one)).map(|one| format!("{one}.")));
    words
}

fn relationships(found: &Found) -> Vec<Value> {
    let mut seen: Vec<&Relationship> = Vec::new();
    for relationship in found.places.iter().filter_map(|place| place.group.as_ref()?.relationship.as_ref()) {
        if !seen.contains(&relationship) {
            seen.push(relationship);
        }
    }
    seen.into_iter()
        .map(|relationship| Value {
            text: relationship.label.clone(),
            url: if relationship.is_root { urls::organization(&relationship.acronym) } else { urls::group(&relationship.acronym) },
            note: match relationship.state.as_str() {
                "active" => format!("{}, active", relationship.kind),
                state => format!("{}, {state}", relationship.kind),
            },
            is_former: false,
        })
        .collect()
}

fn source(found: &Found) -> Fact {
    let shown = &found.shown;
    let url = shown.source_url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://")).unwrap_or_default();
    let text = if url.is_empty() { "Imported".to_owned() } else { url.clone() };
    Fact { label: "Source".to_owned(), values: vec![Value { url, note: shown.source_note.clone(), ..Value::new(text) }] }
}

/// Addresses by use. A person's address is for role-holders, their name for all (domain.md 1, *contacts*).
pub fn contacts(found: &Found) -> Vec<Fact> {
    let uses = [
        ("received-from", "Received from"),
        ("received-at", "Received at"),
        ("send-to", "Send to"),
        ("send-reply-to", "Send reply to"),
        ("from", "From contacts"),
        ("to", "To contacts"),
        ("cc", "Cc contacts"),
    ];
    let facts = uses.into_iter().map(|(usage, label)| Fact {
        label: label.to_owned(),
        values: found.shown.contacts.iter().filter(|contact| contact.usage == usage).map(|one| contact(one, found.reader)).collect(),
    });
    facts.filter(|fact| !fact.values.is_empty()).collect()
}

fn contact(contact: &Contact, reader: Reader) -> Value {
    let is_public = matches!(contact.sort.as_str(), "role" | "list");
    if !is_public && reader == Reader::Public {
        return match contact.name.as_str() {
            "" => Value { note: "address not public".to_owned(), ..Value::new("A person") },
            name => Value::new(name),
        };
    }
    let url = format!("mailto:{}", urls::encode(&contact.address).replace("%40", "@"));
    match contact.name.as_str() {
        "" => Value { url, ..Value::new(&contact.address) },
        name => Value { text: name.to_owned(), note: contact.address.clone(), url, is_former: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_says_what_no_longer_holds() {
        let former = Value { is_former: true, ..Value::new("Saturday 28 February 2026") };
        let current = Value { note: "agreed with ETSI".to_owned(), ..Value::new("Saturday 14 March 2026") };

        let line = Fact { label: "Deadline".to_owned(), values: vec![current, former] }.line();

        assert_eq!(line, "Deadline: Saturday 14 March 2026 (agreed with ETSI); formerly Saturday 28 February 2026\n");
    }

    #[test]
    fn a_persons_address_is_for_role_holders_only() {
        let person = Contact { usage: "to".to_owned(), name: "Ann".to_owned(), address: "ann@example.org".to_owned(), sort: "person".to_owned() };

        assert_eq!(contact(&person, Reader::RoleHolder).note, "ann@example.org");
        assert_eq!(contact(&person, Reader::Public), Value::new("Ann"));
    }
}

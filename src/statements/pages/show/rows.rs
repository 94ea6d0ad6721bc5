//! Rows of a statement's page: files, thread, history.

use chrono::{DateTime, Utc};

use super::Found;
use crate::dates::{PartialDate, long_date, short_date};
use crate::people::Viewer;
use crate::permissions::{Case, Deed, may};
use crate::statements::actions::steps;
use crate::statements::attachments::{Attachment, may_fetch, size_words, text};
use crate::statements::body;
use crate::statements::store::history::Line;
use crate::statements::store::remarks::Comment;
use crate::statements::store::show::{Place, Shown, Threaded, Tie};
use crate::statements::{AttachmentKind, Direction, StepKind, Visibility};
use crate::web::urls;

/// A file or link, in finished words.
pub struct FileRow {
    /// Where it is; empty where it can't be fetched.
    pub url: String,
    /// Where it is shown as text; empty where it is none.
    pub text_url: String,
    /// Its title, or else its name.
    pub name: String,
    /// Kind, format, size.
    pub detail: String,
    /// The whole hash; empty without bytes.
    pub hash: String,
    /// Its beginning and end.
    pub short_hash: String,
    /// Only those concerned see it.
    pub is_private: bool,
}

/// Whether the page names a file at all: what is withheld is named to all, what is for those concerned only to them.
pub fn is_listed(viewer: Option<&Viewer>, case: &Case, file: &Attachment) -> bool {
    file.visibility == Visibility::Withheld && !file.is_for_those_concerned() || may_fetch(viewer, case, file)
}

/// A file's row.
pub fn file(found: &Found, file: &Attachment) -> FileRow {
    let is_withheld = file.visibility == Visibility::Withheld;
    let is_closed = file.taken_away.is_some() || is_withheld && !found.is_concerned;
    let url = match &file.url {
        _ if is_closed || file.is_not_held => String::new(),
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => url.clone(),
        Some(_) => String::new(),
        None => urls::attachment(found.shown.number, file.n, &file.file_name),
    };
    let mut detail = Vec::new();
    match file.kind {
        AttachmentKind::Enclosure => (),
        AttachmentKind::Alternative => detail.push(alternative(found, file)),
        kind => detail.push(kind.words().to_owned()),
    }
    if file.is_not_held {
        detail.push("not held here".to_owned());
    } else if file.url.is_some() {
        detail.push("link".to_owned());
    } else if !is_closed || file.taken_away.is_some() && !is_withheld {
        detail.push(if file.format_name.is_empty() { "File".to_owned() } else { file.format_name.clone() });
        detail.push(size_words(file.size));
    }
    if !file.peer_number.is_empty() {
        detail.push(file.peer_number.clone());
    }
    if is_withheld {
        let why = if file.withheld_why.is_empty() { String::new() } else { format!(": {}", file.withheld_why) };
        detail.push(format!("withheld{why}"));
    }
    // an import adds all files long after posting
    if !found.shown.is_imported && found.shown.posted_at.is_some_and(|posted| file.added_at > posted) {
        detail.push(format!("added on {}", long_date(file.added_at.date_naive())));
    }
    if let Some((at, why)) = &file.taken_away {
        detail.push(format!("taken away on {}: {why}", long_date(at.date_naive())));
    }
    let hash = if is_closed { String::new() } else { file.sha256.clone() };
    let short_hash = if hash.len() == 64 { format!("{}…{}", &hash[..4], &hash[62..]) } else { String::new() };
    let text_url = if file.file_id.is_some() && !url.is_empty() && text::is_text(&file.media_type, &file.file_name) {
        format!("{url}/text")
    } else {
        String::new()
    };
    FileRow { url, text_url, name: file.shown().to_owned(), detail: detail.join(", "), hash, short_hash, is_private: file.is_for_those_concerned() }
}

fn alternative(found: &Found, file: &Attachment) -> String {
    match found.files.iter().find(|other| Some(other.n) == file.alternative_of) {
        Some(other) => format!("Other format of {}", other.shown()),
        None => AttachmentKind::Alternative.words().to_owned(),
    }
}

/// What the reader can do about one addressee's part.
pub struct PartRow {
    /// The addressee's label, where there are several.
    pub label: String,
    /// Its page.
    pub url: String,
    /// The action's version, for its forms.
    pub version: i32,
    /// Steps that need no more words: what is sent, and the button.
    pub quick: Vec<(&'static str, &'static str)>,
    /// The link to all others.
    pub more: &'static str,
    /// Why the reader can't, and who can.
    pub why_not: String,
}

/// The parts that wait for somebody, those of the reader first.
pub fn parts(viewer: Option<&Viewer>, shown: &Shown, places: &[Place], case: &Case) -> Vec<PartRow> {
    let with_action: Vec<_> = places.iter().filter_map(|place| Some((place, place.group.as_ref()?, place.action.as_ref()?))).collect();
    let is_one = with_action.len() == 1;
    let mut rows: Vec<PartRow> = with_action
        .into_iter()
        .filter(|(_, _, action)| !steps(action.handling, action.purpose).is_empty())
        .map(|(place, group, action)| {
            let handles = may(viewer, Deed::Handle, &case.of_action(group.group_id, action.assignee_id));
            let is_mine = viewer.is_some_and(|viewer| action.assignee_id == Some(viewer.person_id));
            let quick = steps(action.handling, action.purpose).iter().filter_map(|kind| match kind {
                StepKind::Take if !is_mine => Some((kind.as_str(), kind.words())),
                StepKind::Begin if is_mine => Some((kind.as_str(), "I am working on it")),
                StepKind::Note | StepKind::Resume => Some((kind.as_str(), kind.words())),
                _ => None,
            });
            let asks_role = handles.as_ref().is_ok_and(|roles| roles.len() > 1);
            PartRow {
                label: if is_one { String::new() } else { place.label.clone() },
                url: urls::action(shown.number, &group.acronym),
                version: action.version,
                quick: if handles.is_ok() && !asks_role { quick.collect() } else { Vec::new() },
                more: if action.handling.is_open() { "Record what is done" } else { "Change what is recorded" },
                why_not: handles.err().map(|why| why.0).unwrap_or_default(),
            }
        })
        .collect();
    rows.sort_by_key(|row| !row.why_not.is_empty());
    rows
}

/// A statement of the thread.
pub struct ThreadRow {
    /// Its page.
    pub url: String,
    /// "Statement 1720".
    pub label: String,
    /// "outgoing, 3 Feb 2024".
    pub about: String,
    /// Its title, from whom to whom, and how it stands to this one.
    pub detail: String,
    /// The one this page is about.
    pub is_this: bool,
}

/// The thread, oldest first; none where this one stands alone.
pub fn thread(label: &str, found: &Found) -> Vec<ThreadRow> {
    if found.thread.len() < 2 {
        return Vec::new();
    }
    found.thread.iter().map(|other| threaded(label, found, other)).collect()
}

fn threaded(label: &str, found: &Found, other: &Threaded) -> ThreadRow {
    let direction = match other.direction {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
        Direction::BetweenOthers => "between others",
    };
    let day = other.on.map(|on| PartialDate::from_parts(on, &other.precision).map_or_else(|| short_date(on), |date| date.to_string()));
    let mut detail = vec![other.title.clone()];
    if !other.from.is_empty() || !other.to.is_empty() {
        detail.push(format!("{} → {}", other.from, other.to));
    }
    detail.extend(other.ties.iter().map(tie));
    ThreadRow {
        url: urls::statement(other.number),
        label: format!("{label} {}", other.number),
        about: day.map_or_else(|| direction.to_owned(), |day| format!("{direction}, {day}")),
        detail: detail.join(" · "),
        is_this: other.number == found.shown.number,
    }
}

/// How another statement stands to this one.
fn tie(tie: &Tie) -> String {
    let reply = match tie.reply_kind.as_deref() {
        Some("preliminary") => ", a preliminary reply",
        Some("status-update") => ", a status update",
        Some("final") => ", the final reply",
        _ => "",
    };
    match (tie.kind.as_str(), tie.from_here) {
        ("in-response-to", true) => format!("answered by this one{reply}"),
        ("in-response-to", false) => format!("answers this one{reply}"),
        ("follows-up", true) => "followed up by this one".to_owned(),
        ("follows-up", false) => "follows up this one".to_owned(),
        ("replaces", true) => "replaced by this one".to_owned(),
        ("replaces", false) => "replaces this one".to_owned(),
        _ => "the same statement".to_owned(),
    }
}

/// A comment.
pub struct CommentRow {
    /// "M. Secretary (secretariat)".
    pub who: String,
    /// "20 Feb 2026 14:02 UTC".
    pub time: String,
    /// As typed.
    pub body_html: String,
    /// For those concerned only.
    pub is_private: bool,
}

impl CommentRow {
    /// In finished words.
    pub fn new(comment: &Comment) -> Self {
        Self {
            who: if comment.made_as.is_empty() { comment.by.clone() } else { format!("{} ({})", comment.by, comment.made_as) },
            time: time(comment.made_at),
            body_html: body::to_html(&comment.words),
            is_private: comment.is_private,
        }
    }
}

/// A line of history.
pub struct HistoryRow {
    /// For machines.
    pub instant: String,
    /// "20 Feb 2026 14:02 UTC".
    pub time: String,
    /// "M. Secretary (secretariat)".
    pub actor: String,
    /// What.
    pub words: String,
    /// Who reads it, where not all do.
    pub audience: &'static str,
}

/// A line in finished words.
pub fn history(line: &Line) -> HistoryRow {
    HistoryRow {
        instant: line.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        time: time(line.at),
        actor: if line.role.is_empty() { line.actor.clone() } else { format!("{} ({})", line.actor, line.role) },
        words: format!("{}{}", line.words, line.detail),
        audience: match line.audience.as_str() {
            "public" => "",
            "staff" => "Only coordinators and the secretariat see this",
            _ => "Only those concerned see this",
        },
    }
}

/// "20 Feb 2026 14:02 UTC".
fn time(at: DateTime<Utc>) -> String {
    format!("{} {} UTC", short_date(at.date_naive()), at.format("%H:%M"))
}

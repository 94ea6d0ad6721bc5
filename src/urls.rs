//! Every address of the site that code or templates make.

use url::form_urlencoded::byte_serialize;

/// One part of a path or query, percent-encoded.
pub fn encode(part: &str) -> String {
    byte_serialize(part.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The sign-in page that leads back to `path`.
pub fn sign_in(path: &str) -> String {
    if path == "/" || path.starts_with("/sign-in") { "/sign-in".to_owned() } else { format!("/sign-in?next={}", encode(path)) }
}

/// A local path to go on to, or the desk where the given one is none: never another site (robustness.md WB06).
pub fn local(next: &str) -> String {
    let plain = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && next.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if plain { next.to_owned() } else { "/desk".to_owned() }
}

/// The page of a posted statement.
pub fn statement(number: i32) -> String {
    format!("/statements/{number}")
}

/// The page on which what left without approval is confirmed, or objected to.
pub fn approval(number: i32) -> String {
    format!("/statements/{number}/approval")
}

/// What a group has to do about a posted statement, and what became of it.
pub fn action(number: i32, acronym: &str) -> String {
    format!("/statements/{number}/actions/{}", encode(&acronym.to_lowercase()))
}

/// Where it is noted that the peer has a statement of ours.
pub fn confirmed(number: i32) -> String {
    format!("{}/confirmed", statement(number))
}

/// The form of an outgoing statement.
pub const OUTGOING_NEW: &str = "/statements/outgoing/new";

/// The form of a reply to a posted statement.
pub fn reply(number: i32) -> String {
    format!("{OUTGOING_NEW}?in-response-to={number}")
}

/// A draft's page, by its unguessable id.
pub fn draft(draft_id: &str) -> String {
    format!("/statements/drafts/{draft_id}")
}

/// Where a draft is paused until its sender answers.
pub fn wait(draft_id: &str) -> String {
    format!("{}/wait", draft(draft_id))
}

/// The page on which sign-offs that were given elsewhere are entered.
pub fn enter(draft_id: &str) -> String {
    format!("{}/enter", draft(draft_id))
}

/// The versions below the page of a draft or of a posted statement.
pub fn versions(page: &str) -> String {
    format!("{page}/versions")
}

/// Says that a draft is open; who else has it open is the answer.
pub fn open(draft_id: &str) -> String {
    format!("/statements/drafts/{draft_id}/open")
}

/// The check-and-submit page of a draft.
pub fn submit(draft_id: &str) -> String {
    format!("/statements/drafts/{draft_id}/submit")
}

/// The page on which whoever is asked decides.
pub fn review(draft_id: &str) -> String {
    format!("/statements/drafts/{draft_id}/review")
}

/// The page on which the IRTF Chair is consulted about a draft.
pub fn consult(draft_id: &str) -> String {
    format!("/statements/drafts/{draft_id}/consult")
}

/// The page on which a draft is handed to another author.
pub fn hand_over(draft_id: &str) -> String {
    format!("/statements/drafts/{draft_id}/hand-over")
}

/// What a link that was made for a draft shows, without signing in.
pub fn shared(secret: &str) -> String {
    format!("/shared-drafts/{}", encode(secret))
}

/// A file of it.
pub fn shared_file(secret: &str, n: i32, name: &str) -> String {
    format!("{}/files/{n}/{}", shared(secret), encode(name))
}

/// The page that mails a draft to its group.
pub fn tell_group(draft_id: &str) -> String {
    format!("{}/tell-group", draft(draft_id))
}

/// The page on which another format of a file is added in review.
pub fn other_format(draft_id: &str) -> String {
    format!("{}/other-format", draft(draft_id))
}

/// A statement as a letter, below the page of a draft or of a posted one.
pub fn letter(page: &str) -> String {
    format!("{page}/letter")
}

/// The form of a statement that replaces a posted one.
pub fn correct(number: i32, is_outgoing: bool) -> String {
    if is_outgoing { format!("{OUTGOING_NEW}?replaces={number}") } else { format!("/statements/incoming/new?replaces={number}") }
}

/// The form that reports an unrecorded statement.
pub const REPORT: &str = "/statements/unrecorded/new";

/// The same, filled with a draft that its author may not record.
pub fn report_draft(draft_id: &str) -> String {
    format!("{REPORT}?draft={draft_id}")
}

/// A report of an unrecorded statement, by its unguessable id.
pub fn report(report_id: &str) -> String {
    format!("/statements/unrecorded/{report_id}")
}

/// A file of a report.
pub fn report_file(report_id: &str, n: i32, name: &str) -> String {
    format!("/statements/unrecorded/{report_id}/files/{n}/{}", encode(name))
}

/// For which purposes an organization's senders get a receipt.
pub fn receipts(acronym: &str) -> String {
    format!("{}/receipts", organization(acronym))
}

/// The page on which what stands beside a posted statement's text is changed.
pub fn edit_posted(number: i32) -> String {
    format!("/statements/{number}/edit")
}

/// The files of a posted statement, to add one or to say who may fetch one.
pub fn files(number: i32) -> String {
    format!("/statements/{number}/files")
}

/// One of them.
pub fn file(number: i32, n: i32) -> String {
    format!("/statements/{number}/files/{n}")
}

/// The page that asks before something is taken away.
pub fn take_away(number: i32) -> String {
    format!("/statements/{number}/take-away")
}

/// The form of a new draft with the groups and contacts of a posted statement.
pub fn record_like(number: i32) -> String {
    format!("/statements/incoming/new?like={number}")
}

/// The same of a draft.
pub fn record_like_draft(draft_id: &str) -> String {
    format!("/statements/incoming/new?like-draft={}", encode(draft_id))
}

/// The thread of a posted statement, as a table.
pub fn thread(number: i32) -> String {
    format!("/statements/{number}/thread")
}

/// A group's page.
pub fn group(acronym: &str) -> String {
    format!("/groups/{}", encode(acronym))
}

/// An organization's page.
pub fn organization(acronym: &str) -> String {
    format!("/organizations/{}", encode(acronym))
}

/// The page of a cited document, by its key.
pub fn document(key: &str) -> String {
    format!("/documents/{}", encode(key))
}

/// The page of a group's stored contacts, or where it is one, an organization's.
pub fn contacts(acronym: &str, is_organization: bool) -> String {
    format!("{}/contacts", if is_organization { organization(acronym) } else { group(acronym) })
}

/// A file of a posted statement.
pub fn attachment(number: i32, n: i32, name: &str) -> String {
    format!("/statements/{number}/attachments/{n}/{}", encode(name))
}

/// A file of a draft.
pub fn draft_attachment(draft_id: &str, n: i32, name: &str) -> String {
    format!("/statements/drafts/{draft_id}/attachments/{n}/{}", encode(name))
}

/// A mail of the secretariat's mail log.
pub fn mail(mail_id: crate::ids::MailId) -> String {
    format!("/administration/mail/{mail_id}")
}

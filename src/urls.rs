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

/// What a group has to do about a posted statement, and what became of it.
pub fn action(number: i32, acronym: &str) -> String {
    format!("/statements/{number}/actions/{}", encode(&acronym.to_lowercase()))
}

/// A draft's page, by its unguessable id.
pub fn draft(draft_id: &str) -> String {
    format!("/statements/drafts/{draft_id}")
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

/// A group's page.
pub fn group(acronym: &str) -> String {
    format!("/groups/{}", encode(acronym))
}

/// An organization's page.
pub fn organization(acronym: &str) -> String {
    format!("/organizations/{}", encode(acronym))
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

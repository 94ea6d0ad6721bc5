//! Pages of statements: one file a page, with a template of the same name.

pub mod action;
pub mod approval;
pub mod asked;
mod asked_rows;
pub mod attachment;
pub mod attachment_text;
mod being_drafted;
mod beside;
pub mod confirmed;
pub mod conflict;
pub mod documents;
pub mod draft;
pub mod edit;
pub mod edit_outgoing;
pub mod edit_posted;
pub mod files;
pub mod give_up;
pub mod hold;
pub mod letter;
pub mod list;
pub mod open;
pub mod other_format;
pub mod pass_on;
pub mod receipt;
pub mod redirect;
pub mod remarks;
pub mod review;
pub mod row;
pub mod save;
pub mod share;
pub mod show;
pub mod show_draft;
pub mod split;
pub mod submit;
pub mod take_away;
pub mod tell_group;
pub mod thread;
pub mod turn;
pub mod upload;
pub mod versions;
pub mod wait;

/// A statement's number as it stands in an address: digits alone.
fn number(text: &str) -> Option<i32> {
    let is_number = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

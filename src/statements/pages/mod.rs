//! Pages of statements: one file a page, with a template of the same name.

pub mod action;
pub mod asked;
pub mod attachment;
pub mod attachment_text;
pub mod conflict;
pub mod draft;
pub mod edit;
pub mod give_up;
pub mod list;
pub mod open;
pub mod receipt;
pub mod redirect;
pub mod remarks;
pub mod review;
pub mod row;
pub mod save;
pub mod show;
pub mod show_draft;
pub mod submit;
pub mod turn;
pub mod upload;
pub mod versions;

/// A statement's number as it stands in an address: digits alone.
fn number(text: &str) -> Option<i32> {
    let is_number = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

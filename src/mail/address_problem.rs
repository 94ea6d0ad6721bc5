//! What can be wrong with an address, in the words of the form.

use super::address::{MAX_ADDRESS_BYTES, MAX_NAME_CHARACTERS};
use super::address_list::MAX_LIST_BYTES;

/// A piece of a typed list that is not an address, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", words(piece, *reason))]
pub struct AddressProblem {
    /// The piece as typed. Its Display form is the sentence for the form.
    pub piece: String,
    /// What is wrong with it.
    pub reason: AddressReason,
}

/// What can be wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressReason {
    /// It has not the form of an address.
    NotAnAddress,
    /// It is the address of a web page.
    WebPage,
    /// What follows the @ is a bare host name ("localhost").
    NoDomain,
    /// What follows the @ is an IP address.
    IpAddress,
    /// A group of RFC 5322 ("Friends: a@example.org, b@example.org;").
    Group,
    /// Several addresses without a separator.
    Several,
    /// A name that holds a comma, without quotation marks.
    CommaInName,
    /// The address is longer than 254 bytes.
    TooLong,
    /// The whole list is longer than 32,000 bytes.
    ListTooLong,
    /// The name is longer than 200 characters.
    NameTooLong,
    /// A control character or one that reverses the direction of text.
    HiddenCharacter,
    /// For the envelope: letters outside ASCII before the @.
    LocalPartNotAscii,
}

fn words(piece: &str, reason: AddressReason) -> String {
    let mut shown: String = piece.chars().take(100).map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
    if piece.chars().nth(100).is_some() {
        shown.push('…');
    }
    let like = "Write it like name@example.org";
    match reason {
        AddressReason::NotAnAddress => format!("\"{shown}\" is not an e-mail address. {like}"),
        AddressReason::WebPage => format!("\"{shown}\" is a web page, not an address"),
        AddressReason::NoDomain => format!("\"{shown}\" has no full domain after the @. {like}"),
        AddressReason::IpAddress => format!("\"{shown}\" has numbers in place of a domain. {like}"),
        AddressReason::Group => {
            format!("\"{shown}\" is a group with a name before the colon. Give the addresses alone")
        }
        AddressReason::Several => {
            format!("\"{shown}\" holds several addresses. Put a comma between them")
        }
        AddressReason::CommaInName => {
            format!("\"{shown}\" is not an e-mail address. Put a name that holds a comma in quotation marks, like \"Jones, Ann\" <name@example.org>")
        }
        AddressReason::TooLong => {
            format!("\"{shown}\" is too long: an address must be {MAX_ADDRESS_BYTES} bytes or fewer")
        }
        AddressReason::ListTooLong => {
            format!("\"{shown}\" is too long: a list of addresses must be {MAX_LIST_BYTES} bytes or fewer")
        }
        AddressReason::NameTooLong => {
            format!("\"{shown}\" is too long: a name must be {MAX_NAME_CHARACTERS} characters or fewer")
        }
        AddressReason::HiddenCharacter => {
            format!("\"{shown}\" holds a hidden character. Type it anew")
        }
        AddressReason::LocalPartNotAscii => {
            format!("\"{shown}\" can't be mailed, because mail servers take only a–z, digits and signs before the @. Give another address")
        }
    }
}

/// Control characters, and format characters that a reader can't see.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

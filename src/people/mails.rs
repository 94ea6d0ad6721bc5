//! The mails about accounts: one pure function a mail.

use askama::Template;

use super::store::{Account, Link};
use crate::config::Config;
use crate::ids::PersonId;
use crate::mail::{Message, Recipient};

fn message(event: &'static str, to: &[&str], person: PersonId, subject: &str, body: String, is_secret: bool) -> Message {
    Message {
        event,
        statement_id: None,
        to: to.join(", "),
        cc: String::new(),
        reply_to: String::new(),
        thread: String::new(),
        subject: subject.to_owned(),
        body,
        is_secret,
        files: Vec::new(),
        recipients: to
            .iter()
            .map(|address| Recipient { address: (*address).to_owned(), person_id: Some(person), why: "their account".to_owned() })
            .collect(),
    }
}

#[derive(Template)]
#[template(path = "mail/sign_in_link.txt")]
struct SignInLink<'a> {
    name: &'a str,
    url: String,
}

/// A link that signs in.
///
/// # Errors
/// The text can't be rendered.
pub fn sign_in_link(config: &Config, account: &Account, secret: &str) -> anyhow::Result<Message> {
    let body = SignInLink { name: &account.name, url: config.absolute(&format!("/sign-in/{secret}")) }.render()?;
    Ok(message("sign-in-link", &[&account.address], account.person_id, "Sign in to the Liaison Tracker", body, true))
}

#[derive(Template)]
#[template(path = "mail/password_reset.txt")]
struct PasswordReset<'a> {
    name: &'a str,
    url: String,
}

/// A link that sets a new password.
///
/// # Errors
/// The text can't be rendered.
pub fn password_reset(config: &Config, account: &Account, secret: &str) -> anyhow::Result<Message> {
    let body = PasswordReset { name: &account.name, url: config.absolute(&format!("/password/{secret}")) }.render()?;
    Ok(message("password-reset", &[&account.address], account.person_id, "A new password for the Liaison Tracker", body, true))
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct Invitation<'a> {
    name: &'a str,
    address: &'a str,
    url: String,
    contact: &'a str,
}

/// A link that sets the first password.
///
/// # Errors
/// The text can't be rendered.
pub fn invitation(config: &Config, account: &Account, secret: &str) -> anyhow::Result<Message> {
    let url = config.absolute(&format!("/password/{secret}"));
    let body = Invitation { name: &account.name, address: &account.address, url, contact: &config.coordinators_address }.render()?;
    Ok(message("invitation", &[&account.address], account.person_id, "Your account at the Liaison Tracker", body, true))
}

#[derive(Template)]
#[template(path = "mail/password_changed.txt")]
struct PasswordChanged<'a> {
    name: &'a str,
    url: String,
    contact: &'a str,
}

/// The password was changed.
///
/// # Errors
/// The text can't be rendered.
pub fn password_changed(config: &Config, person: PersonId, name: &str, address: &str) -> anyhow::Result<Message> {
    let body = PasswordChanged { name, url: config.absolute("/password/forgotten"), contact: &config.coordinators_address }.render()?;
    Ok(message("password-changed", &[address], person, "Your password was changed", body, false))
}

#[derive(Template)]
#[template(path = "mail/address_change.txt")]
struct AddressChange<'a> {
    name: &'a str,
    url: String,
}

/// A link that proves a new address.
///
/// # Errors
/// The text can't be rendered.
pub fn address_change(config: &Config, person: PersonId, name: &str, address: &str, secret: &str) -> anyhow::Result<Message> {
    let body = AddressChange { name, url: config.absolute(&format!("/account/address/{secret}")) }.render()?;
    Ok(message("address-change", &[address], person, "Confirm your new e-mail address", body, true))
}

#[derive(Template)]
#[template(path = "mail/address_change_asked.txt")]
struct AddressChangeAsked<'a> {
    name: &'a str,
    address: &'a str,
    contact: &'a str,
}

/// To the old address: another one was asked for.
///
/// # Errors
/// The text can't be rendered.
pub fn address_change_asked(config: &Config, person: PersonId, name: &str, old: &str, new: &str) -> anyhow::Result<Message> {
    let body = AddressChangeAsked { name, address: new, contact: &config.coordinators_address }.render()?;
    Ok(message("address-change-asked", &[old], person, "Your e-mail address is to be changed", body, false))
}

#[derive(Template)]
#[template(path = "mail/address_changed.txt")]
struct AddressChanged<'a> {
    name: &'a str,
    old: &'a str,
    new: &'a str,
    contact: &'a str,
}

/// To the old and the new address: it was changed.
///
/// # Errors
/// The text can't be rendered.
pub fn address_changed(config: &Config, link: &Link, new: &str) -> anyhow::Result<Message> {
    let old = link.primary_address.as_str();
    let body = AddressChanged { name: &link.name, old, new, contact: &config.coordinators_address }.render()?;
    Ok(message("address-changed", &[old, new], link.person_id, "Your e-mail address was changed", body, false))
}

//! Signing in, passwords, links, addresses: one function a step, each one transaction.
//!
//! Known and unknown addresses take the same way and the same time (robustness.md AC04).

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;
use sqlx::PgConnection;
use tokio::time::Instant;

use super::secrets::Secret;
use super::store::{self, Account, Link, LinkPurpose, NewLink, sessions};
use super::{Viewer, hashing, mails, passwords};
use crate::App;
use crate::dates::long_date;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::PersonId;
use crate::mail::{Message, outbox};

/// How long a request for a link takes, whether one is sent or not.
const LINK_REQUEST_TAKES: Duration = Duration::from_millis(300);

/// Why a step could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Too many tries, or too many at once; seconds to wait.
    #[error("too many tries; wait {0} seconds")]
    TooMany(u32),
    /// Ours.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Other(error.into())
    }
}

/// Where somebody sits.
#[derive(Debug, Clone)]
pub struct Client {
    /// Network address of the other end.
    pub address: String,
    /// What the browser calls itself.
    pub browser: String,
    /// Hash of the session cookie that came, whatever it is worth.
    pub cookie_hash: Option<Vec<u8>>,
}

/// What became of a form with a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// The password that was asked for is another.
    WrongPassword,
    /// The new password is not taken; the sentence says why.
    Refused(&'static str),
    /// The link does not work, or no more.
    LinkGone,
    /// The address is somebody else's.
    AddressTaken,
}

/// The key under which tries are counted: one for an account, however its address is spelled.
fn tries_of(what: &str, account: Option<&Account>, address: &str) -> Vec<u8> {
    match account {
        Some(account) => Secret::hash_of(&format!("{what} of {}", account.person_id)),
        None => Secret::hash_of(&format!("{what} with {}", address.trim().to_lowercase())),
    }
}

async fn count_try(app: &App, key: &[u8], client: &Client) -> Result<(), Failed> {
    let mut connection = app.pool.acquire().await?;
    match store::count_try(&mut connection, app.clock.now(), key, &client.address).await? {
        Some(wait) => {
            tracing::warn!(client = client.address, wait, "a try was held back");
            Err(Failed::TooMany(wait))
        }
        None => Ok(()),
    }
}

/// Whether a password is the one of an account, which may be none.
async fn is_password_of(app: &App, account: Option<&Account>, password: String) -> Result<bool, Failed> {
    let hash = account.filter(|account| !account.is_disabled).and_then(|account| account.password_hash.clone());
    hashing::fits(app, password, hash).await
}

/// Signs in by password; the secret for the cookie, or none: address and password do not fit together.
///
/// # Errors
/// Too many tries for this address from this client; the database's.
pub async fn sign_in(app: &App, client: &Client, address: &str, password: String) -> Result<Option<String>, Failed> {
    let account = store::account_by_address(&mut *app.pool.acquire().await?, address.trim()).await?;
    let tries = tries_of("sign-in", account.as_ref(), address);
    count_try(app, &tries, client).await?;
    // no connection is held while hashing
    let is_right = is_password_of(app, account.as_ref(), password).await?;
    let Some(account) = account.filter(|_| is_right) else {
        // not the address: people type their password there
        tracing::warn!(client = client.address, "a sign-in was refused");
        return Ok(None);
    };
    let mut transaction = app.begin().await?;
    store::forget_tries(&mut transaction, &tries, &client.address).await?;
    let secret = begin_session(app, &mut transaction, client, account.person_id).await?;
    transaction.commit().await?;
    Ok(Some(secret))
}

/// A new session in place of the one that the browser had: a value that came from outside is never taken over.
async fn begin_session(app: &App, connection: &mut PgConnection, client: &Client, person: PersonId) -> Result<String, Failed> {
    if let Some(old) = &client.cookie_hash {
        sessions::end_by_secret(connection, old).await?;
    }
    let secret = Secret::new()?;
    sessions::add(connection, app.clock.now(), person, &secret.hash, &client.browser).await?;
    tracing::info!(person = person.0, client = client.address, "signed in");
    Ok(secret.text)
}

/// Mails a link that signs in, or one that sets a new password, if the address has an account.
///
/// Says nothing of whether it has, and takes the same time either way.
///
/// # Errors
/// Too many requests for this address from this client; the database's.
pub async fn request_link(app: &App, client: &Client, address: &str, purpose: LinkPurpose, return_to: Option<&str>) -> Result<(), Failed> {
    let answer_at = Instant::now() + LINK_REQUEST_TAKES;
    let account = store::account_by_address(&mut *app.pool.acquire().await?, address.trim()).await?;
    count_try(app, &tries_of("link", account.as_ref(), address), client).await?;
    let mut transaction = app.begin().await?;
    if let Some(account) = account.filter(|account| !account.is_disabled) {
        let secret = new_link(app, &mut transaction, account.person_id, purpose, None, return_to).await?;
        let message = match purpose {
            LinkPurpose::PasswordReset => mails::password_reset(&app.config, &account, &secret)?,
            _ => mails::sign_in_link(&app.config, &account, &secret)?,
        };
        outbox::queue(&mut transaction, &app.config, app.clock.now(), &message).await?;
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    tokio::time::sleep_until(answer_at).await;
    Ok(())
}

/// Keeps a link in the place of older ones for the same purpose; its secret.
async fn new_link(
    app: &App,
    connection: &mut PgConnection,
    person: PersonId,
    purpose: LinkPurpose,
    address: Option<&str>,
    return_to: Option<&str>,
) -> Result<String, Failed> {
    let secret = Secret::new()?;
    let link = NewLink { secret_hash: &secret.hash, person_id: person, purpose, address, return_to };
    store::add_link(connection, app.clock.now(), &link).await?;
    Ok(secret.text)
}

/// What a link would do; none: it does not work, or no more. Changes nothing.
///
/// # Errors
/// The database's.
pub async fn read_link(app: &App, secret: &str, purposes: &[LinkPurpose]) -> Result<Option<Link>, Failed> {
    let mut connection = app.pool.acquire().await?;
    Ok(store::link(&mut connection, app.clock.now(), &Secret::hash_of(secret), purposes).await?)
}

/// How long pressing a link's button once more is taken for a double click, and answered as such.
const DOUBLE_CLICK: TimeDelta = TimeDelta::minutes(5);

/// Whether a link that works no more has just done its work: its button was pressed twice.
///
/// # Errors
/// The database's.
pub async fn was_just_used(app: &App, secret: &str, purposes: &[LinkPurpose]) -> Result<bool, Failed> {
    let mut connection = app.pool.acquire().await?;
    Ok(store::was_used_since(&mut connection, app.clock.now() - DOUBLE_CLICK, &Secret::hash_of(secret), purposes).await?)
}

/// Takes a link's one use; none: it does not work, or no more.
async fn take_link(app: &App, connection: &mut PgConnection, secret: &str, purposes: &[LinkPurpose]) -> Result<Option<Link>, Failed> {
    let hash = Secret::hash_of(secret);
    let Some(link) = store::link(connection, app.clock.now(), &hash, purposes).await? else { return Ok(None) };
    Ok(store::use_link(connection, app.clock.now(), &hash).await?.then_some(link))
}

/// Signs in by a mailed link: the secret for the cookie, and where to go on.
///
/// # Errors
/// The database's.
pub async fn sign_in_by_link(app: &App, client: &Client, secret: &str) -> Result<Option<(String, String)>, Failed> {
    let mut transaction = app.begin().await?;
    let Some(link) = take_link(app, &mut transaction, secret, &[LinkPurpose::SignIn]).await? else { return Ok(None) };
    let cookie = begin_session(app, &mut transaction, client, link.person_id).await?;
    transaction.commit().await?;
    Ok(Some((cookie, link.return_to.unwrap_or_default())))
}

/// Sets a password by a mailed link. Ends all sessions and links, signs nobody in, tells the person.
///
/// # Errors
/// The database's; too many hash at once.
pub async fn set_password_by_link(app: &App, secret: &str, password: &str) -> Result<Outcome, Failed> {
    const PURPOSES: [LinkPurpose; 2] = [LinkPurpose::PasswordReset, LinkPurpose::Invitation];
    let Some(link) = read_link(app, secret, &PURPOSES).await? else { return Ok(Outcome::LinkGone) };
    if let Err(why) = passwords::check(password, &link.name, &link.primary_address) {
        return Ok(Outcome::Refused(why));
    }
    let hash = hashing::hash(app, password.to_owned()).await?;
    let mut transaction = app.begin().await?;
    let Some(link) = take_link(app, &mut transaction, secret, &PURPOSES).await? else { return Ok(Outcome::LinkGone) };
    store::set_password_hash(&mut transaction, app.clock.now(), link.person_id, &hash).await?;
    sessions::end_all(&mut transaction, link.person_id, None).await?;
    end_all_links(&mut transaction, link.person_id).await?;
    let actor = Actor { person_id: Some(link.person_id), name: link.name.clone(), role: String::new() };
    record(app, &mut transaction, link.person_id, &actor, "password-set", "set a new password by a mailed link").await?;
    queue(app, &mut transaction, &mails::password_changed(&app.config, link.person_id, &link.name, &link.primary_address)?).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Outcome::Done)
}

async fn end_all_links(connection: &mut PgConnection, person: PersonId) -> sqlx::Result<()> {
    let all = [LinkPurpose::SignIn, LinkPurpose::PasswordReset, LinkPurpose::Invitation, LinkPurpose::AddressChange];
    store::end_links(connection, person, &all).await
}

/// Whether somebody who is signed in knows their password; tries are counted.
async fn knows_password(app: &App, client: &Client, viewer: &Viewer, password: String) -> Result<bool, Failed> {
    let account = store::account(&mut *app.pool.acquire().await?, viewer.person_id).await?;
    let tries = tries_of("password", account.as_ref(), &viewer.address);
    count_try(app, &tries, client).await?;
    let knows = is_password_of(app, account.as_ref(), password).await?;
    if knows {
        store::forget_tries(&mut *app.pool.acquire().await?, &tries, &client.address).await?;
    }
    Ok(knows)
}

/// Changes a password for the one who knows the old one. Ends their other sessions and links, and tells them.
///
/// # Errors
/// Too many tries; the database's.
pub async fn change_password(app: &App, client: &Client, viewer: &Viewer, old: String, new: &str) -> Result<Outcome, Failed> {
    if !knows_password(app, client, viewer, old).await? {
        // the same form sent twice
        let account = store::account(&mut *app.pool.acquire().await?, viewer.person_id).await?;
        let is_done = is_password_of(app, account.as_ref(), new.to_owned()).await?;
        return Ok(if is_done { Outcome::Done } else { Outcome::WrongPassword });
    }
    if let Err(why) = passwords::check(new, &viewer.name, &viewer.address) {
        return Ok(Outcome::Refused(why));
    }
    let hash = hashing::hash(app, new.to_owned()).await?;
    let mut transaction = app.begin().await?;
    store::set_password_hash(&mut transaction, app.clock.now(), viewer.person_id, &hash).await?;
    sessions::end_all(&mut transaction, viewer.person_id, Some(viewer.session_id)).await?;
    end_all_links(&mut transaction, viewer.person_id).await?;
    record(app, &mut transaction, viewer.person_id, &viewer.acting_as(None), "password-changed", "changed their password").await?;
    queue(app, &mut transaction, &mails::password_changed(&app.config, viewer.person_id, &viewer.name, &viewer.address)?).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Outcome::Done)
}

/// Mails a link to a new address, and a notice to the old one. The address changes when the link is used.
///
/// # Errors
/// Too many tries; the database's.
pub async fn request_address_change(app: &App, client: &Client, viewer: &Viewer, password: String, address: &str) -> Result<Outcome, Failed> {
    if !knows_password(app, client, viewer, password).await? {
        return Ok(Outcome::WrongPassword);
    }
    let mut transaction = app.begin().await?;
    if store::find_by_address(&mut transaction, address).await?.is_some_and(|person| person != viewer.person_id) {
        return Ok(Outcome::AddressTaken);
    }
    let secret = new_link(app, &mut transaction, viewer.person_id, LinkPurpose::AddressChange, Some(address), None).await?;
    queue(app, &mut transaction, &mails::address_change(&app.config, viewer.person_id, &viewer.name, address, &secret)?).await?;
    queue(app, &mut transaction, &mails::address_change_asked(&app.config, viewer.person_id, &viewer.name, &viewer.address, address)?).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Outcome::Done)
}

/// Changes the address to the one that a link was mailed to, and tells both.
///
/// # Errors
/// The database's.
pub async fn confirm_address(app: &App, secret: &str) -> Result<Outcome, Failed> {
    let mut transaction = app.begin().await?;
    let Some(link) = take_link(app, &mut transaction, secret, &[LinkPurpose::AddressChange]).await? else { return Ok(Outcome::LinkGone) };
    let Some(address) = link.address.clone() else { return Ok(Outcome::LinkGone) };
    if store::find_by_address(&mut transaction, &address).await?.is_some_and(|person| person != link.person_id) {
        return Ok(Outcome::AddressTaken);
    }
    store::change_address(&mut transaction, link.person_id, &address).await?;
    // links that wait in the old mailbox work no more
    end_all_links(&mut transaction, link.person_id).await?;
    let actor = Actor { person_id: Some(link.person_id), name: link.name.clone(), role: String::new() };
    let entry = Entry {
        statement_id: None,
        person_id: Some(link.person_id),
        group_id: None,
        actor: &actor,
        event: "address-changed",
        words: "changed their e-mail address",
        changes: json!({ "address": [link.primary_address, address] }),
        audience: Audience::Staff,
    };
    history::record(&mut transaction, app.clock.now(), &entry).await?;
    queue(app, &mut transaction, &mails::address_changed(&app.config, &link, &address)?).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Outcome::Done)
}

/// Invites a person: an account without password, and a link that sets one. Returns the link's address.
///
/// # Errors
/// The database's.
pub async fn invite(app: &App, connection: &mut PgConnection, actor: &Actor, person: PersonId, by_mail: bool) -> Result<String, Failed> {
    store::add_account(connection, app.clock.now(), person).await?;
    let account = account_of(connection, person).await?;
    let secret = new_link(app, connection, person, LinkPurpose::Invitation, None, None).await?;
    record(app, connection, person, actor, "account-invited", "invited them to set a password").await?;
    if by_mail {
        queue(app, connection, &mails::invitation(&app.config, &account, &secret)?).await?;
    }
    Ok(app.config.absolute(&format!("/password/{secret}")))
}

/// A link that signs a person in once, for whoever runs the program. Returns its address.
///
/// # Errors
/// The database's.
pub async fn sign_in_link(app: &App, connection: &mut PgConnection, actor: &Actor, person: PersonId) -> Result<String, Failed> {
    store::add_account(connection, app.clock.now(), person).await?;
    let secret = new_link(app, connection, person, LinkPurpose::SignIn, None, None).await?;
    record(app, connection, person, actor, "sign-in-link-made", "made a link that signs them in once").await?;
    Ok(app.config.absolute(&format!("/sign-in/{secret}")))
}

/// Disables an account, which ends its sessions and links, or enables it again.
///
/// # Errors
/// The database's; there is no such account.
pub async fn set_disabled(app: &App, connection: &mut PgConnection, actor: &Actor, person: PersonId, is_disabled: bool) -> Result<(), Failed> {
    if !store::set_disabled(connection, person, is_disabled).await? {
        return Err(anyhow::anyhow!("this person has no account").into());
    }
    if is_disabled {
        sessions::end_all(connection, person, None).await?;
        end_all_links(connection, person).await?;
        record(app, connection, person, actor, "account-disabled", "disabled their account").await?;
    } else {
        record(app, connection, person, actor, "account-enabled", "enabled their account").await?;
    }
    Ok(())
}

/// Sets a password for somebody else, without a link: the way of the command line. Ends their sessions and links.
///
/// # Errors
/// The database's; the password is not taken.
pub async fn set_password(app: &App, connection: &mut PgConnection, actor: &Actor, person: PersonId, password: &str) -> Result<Outcome, Failed> {
    store::add_account(connection, app.clock.now(), person).await?;
    let account = account_of(connection, person).await?;
    if let Err(why) = passwords::check(password, &account.name, &account.address) {
        return Ok(Outcome::Refused(why));
    }
    let hash = hashing::hash(app, password.to_owned()).await?;
    store::set_password_hash(connection, app.clock.now(), person, &hash).await?;
    sessions::end_all(connection, person, None).await?;
    end_all_links(connection, person).await?;
    record(app, connection, person, actor, "password-set", "set a password for them").await?;
    queue(app, connection, &mails::password_changed(&app.config, person, &account.name, &account.address)?).await?;
    Ok(Outcome::Done)
}

async fn account_of(connection: &mut PgConnection, person: PersonId) -> Result<Account, Failed> {
    Ok(store::account(connection, person).await?.ok_or_else(|| anyhow::anyhow!("person {person} has no account"))?)
}

async fn queue(app: &App, connection: &mut PgConnection, message: &Message) -> Result<(), Failed> {
    outbox::queue(connection, &app.config, app.clock.now(), message).await?;
    Ok(())
}

async fn record(app: &App, connection: &mut PgConnection, person: PersonId, actor: &Actor, event: &str, words: &str) -> sqlx::Result<()> {
    let entry =
        Entry { statement_id: None, person_id: Some(person), group_id: None, actor, event, words, changes: json!({}), audience: Audience::Staff };
    history::record(connection, app.clock.now(), &entry).await
}

/// Says until when somebody is away: what is asked of their roles waits for them no longer (domain.md 4).
///
/// # Errors
/// The database's.
pub async fn set_away(app: &App, viewer: &Viewer, until: Option<NaiveDate>, stand_in: Option<PersonId>) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    if !store::set_away(&mut transaction, viewer.person_id, until, stand_in, app.today()).await? {
        return Ok(());
    }
    let mut words = until.map_or_else(|| "is here again".to_owned(), |day| format!("is away until {}", long_date(day)));
    if let Some(person) = stand_in {
        words.push_str(&format!("; {} decides in their place", store::name_of(&mut transaction, person).await?.unwrap_or_default()));
    }
    record(app, &mut transaction, viewer.person_id, &viewer.acting_as(None), "away", &words).await?;
    transaction.commit().await?;
    Ok(())
}

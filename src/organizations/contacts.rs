//! Stored contacts and how a group is written to, as people keep them (domain.md 6, 9): one function a step, each one
//! transaction with its line of history. What was done already is an outcome, not an error.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::store::contacts::{self as store, Kept};
use crate::App;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::{GroupContactId, GroupId, PersonId, RoleId};
use crate::mail::address::{EmailAddress, Mailbox};

/// By what way a group takes statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SendBy {
    /// Nobody has said.
    #[default]
    Unknown,
    /// By mail.
    Mail,
    /// Through a portal of theirs.
    Portal,
    /// Any other way; the notes say which.
    Other,
}

impl SendBy {
    /// Every way, in the order in which a form offers them.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Mail, Self::Portal, Self::Other];

    /// As it stands in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Mail => "mail",
            Self::Portal => "portal",
            Self::Other => "other",
        }
    }

    /// The way of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "Not known",
            Self::Mail => "By mail",
            Self::Portal => "Through a portal",
            Self::Other => "Another way",
        }
    }
}

/// How a group is written to; texts may be empty. Never passwords.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sending {
    /// By what way.
    pub by: SendBy,
    /// An address, or the page of the portal.
    pub at: String,
    /// What a letter has to look like.
    pub layout: String,
    /// Which formats they read.
    pub formats: String,
    /// Who may read their documents, and how they reach us.
    pub document_access: String,
    /// Anything else an author should know.
    pub notes: String,
}

impl Sending {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Each label with what is said under it, without the notes; what is not said is not there.
    pub fn facts(&self) -> Vec<(&'static str, &str)> {
        let by = if self.by == SendBy::Unknown { "" } else { self.by.words() };
        let facts = [
            ("Sent how", by),
            ("Where to", &self.at),
            ("Layout", &self.layout),
            ("Formats", &self.formats),
            ("Document access", &self.document_access),
        ];
        facts.into_iter().filter(|(_, words)| !words.is_empty()).collect()
    }
}

/// A stored contact, as somebody enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// `list`, `chairs`, `send-to`, `to`, `cc`.
    pub usage: String,
    /// Name and address.
    pub mailbox: Mailbox,
    /// `role`, `list`, `person`; a person's address is not public.
    pub sort: String,
    /// What they are there.
    pub role: String,
    /// Where they come from.
    pub affiliation: String,
}

impl Contact {
    fn is(&self, kept: &Kept) -> bool {
        (self.usage.as_str(), self.mailbox.to_string().as_str(), self.sort.as_str(), self.role.as_str(), self.affiliation.as_str())
            == (kept.usage.as_str(), kept.mailbox.as_str(), kept.sort.as_str(), kept.role.as_str(), kept.affiliation.as_str())
    }

    fn told(&self) -> Value {
        json!({ "use": self.usage, "mailbox": self.mailbox.to_string(), "sort": self.sort, "role": self.role, "affiliation": self.affiliation })
    }
}

fn told(kept: &Kept) -> Value {
    json!({ "use": kept.usage, "mailbox": kept.mailbox, "sort": kept.sort, "role": kept.role, "affiliation": kept.affiliation })
}

/// Whose contacts they are.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The group.
    pub group_id: GroupId,
    /// Its label.
    pub label: &'a str,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was made.
    Done,
    /// It stood so already.
    Already,
    /// The contact was taken away before.
    Gone,
    /// The same address is stored for the same use, as another contact.
    Twice,
}

/// Stores a contact; whoever enters it says that it is right.
///
/// # Errors
/// The database's.
pub async fn add(app: &App, actor: &Actor, of: Of<'_>, contact: &Contact) -> sqlx::Result<Change> {
    let mut transaction = app.begin().await?;
    store::hold(&mut transaction, of.group_id).await?;
    let there = store::kept(&mut transaction, of.group_id).await?;
    let same_place = |kept: &&Kept| kept.usage == contact.usage && kept.address_key == contact.mailbox.address().key();
    if let Some(kept) = there.iter().find(same_place) {
        return Ok(if contact.is(kept) { Change::Already } else { Change::Twice });
    }
    store::add(&mut transaction, of.group_id, contact, app.today(), actor.person_id).await?;
    let words = format!("stored an address of {} ({})", of.label, contact.usage);
    record(app, &mut transaction, actor, of.group_id, None, "contact-added", &words, contact.told()).await?;
    transaction.commit().await?;
    Ok(Change::Done)
}

/// Changes a stored contact; whoever does says that it is right now.
///
/// # Errors
/// The database's.
pub async fn change(app: &App, actor: &Actor, of: Of<'_>, id: GroupContactId, contact: &Contact) -> sqlx::Result<Change> {
    let mut transaction = app.begin().await?;
    store::hold(&mut transaction, of.group_id).await?;
    let there = store::kept(&mut transaction, of.group_id).await?;
    let Some(kept) = there.iter().find(|kept| kept.contact_id == id) else { return Ok(Change::Gone) };
    if contact.is(kept) {
        return Ok(Change::Already);
    }
    let key = contact.mailbox.address().key();
    if there.iter().any(|other| other.contact_id != id && other.usage == contact.usage && other.address_key == key) {
        return Ok(Change::Twice);
    }
    store::change(&mut transaction, id, contact, app.today(), actor.person_id).await?;
    let words = format!("changed a stored address of {}", of.label);
    let changes = json!({ "contact": [told(kept), contact.told()] });
    record(app, &mut transaction, actor, of.group_id, None, "contact-changed", &words, changes).await?;
    transaction.commit().await?;
    Ok(Change::Done)
}

/// Notes that a stored contact is still right today.
///
/// # Errors
/// The database's.
pub async fn confirm(app: &App, actor: &Actor, of: Of<'_>, id: GroupContactId) -> sqlx::Result<Change> {
    let mut transaction = app.begin().await?;
    store::hold(&mut transaction, of.group_id).await?;
    let there = store::kept(&mut transaction, of.group_id).await?;
    let Some(kept) = there.iter().find(|kept| kept.contact_id == id) else { return Ok(Change::Gone) };
    let today = app.today();
    if kept.confirmed_on == Some(today) && kept.confirmed_by_id == actor.person_id {
        return Ok(Change::Already);
    }
    store::confirm(&mut transaction, id, today, actor.person_id).await?;
    let words = format!("said that an address of {} is still right", of.label);
    let changes = json!({ "mailbox": kept.mailbox, "confirmed_on": [kept.confirmed_on, today] });
    record(app, &mut transaction, actor, of.group_id, None, "contacts-confirmed", &words, changes).await?;
    transaction.commit().await?;
    Ok(Change::Done)
}

/// Takes a stored contact away.
///
/// # Errors
/// The database's.
pub async fn remove(app: &App, actor: &Actor, of: Of<'_>, id: GroupContactId) -> sqlx::Result<Change> {
    let mut transaction = app.begin().await?;
    store::hold(&mut transaction, of.group_id).await?;
    let there = store::kept(&mut transaction, of.group_id).await?;
    let Some(kept) = there.iter().find(|kept| kept.contact_id == id) else { return Ok(Change::Gone) };
    store::remove(&mut transaction, id).await?;
    let words = format!("took an address of {} away", of.label);
    record(app, &mut transaction, actor, of.group_id, None, "contact-removed", &words, told(kept)).await?;
    transaction.commit().await?;
    Ok(Change::Done)
}

/// Sets how a group is written to.
///
/// # Errors
/// The database's.
pub async fn set_sending(app: &App, actor: &Actor, of: Of<'_>, sending: &Sending) -> sqlx::Result<Change> {
    let mut transaction = app.begin().await?;
    store::hold(&mut transaction, of.group_id).await?;
    let former = store::sending(&mut transaction, of.group_id).await?;
    if former == *sending {
        return Ok(Change::Already);
    }
    store::set_sending(&mut transaction, of.group_id, sending).await?;
    let pairs = [
        ("send_by", former.by.as_str(), sending.by.as_str()),
        ("send_at", &former.at, &sending.at),
        ("layout", &former.layout, &sending.layout),
        ("formats", &former.formats, &sending.formats),
        ("document_access", &former.document_access, &sending.document_access),
        ("how_to_send", &former.notes, &sending.notes),
    ];
    let changes: serde_json::Map<String, Value> =
        pairs.into_iter().filter(|(_, was, is)| was != is).map(|(name, was, is)| (name.to_owned(), json!([was, is]))).collect();
    let words = format!("changed how to send to {}", of.label);
    record(app, &mut transaction, actor, of.group_id, None, "group-how-to-send", &words, changes.into()).await?;
    transaction.commit().await?;
    Ok(Change::Done)
}

/// Sets the alias of a liaison manager's role of today, or takes it away; mail to them in this role goes there.
///
/// # Errors
/// The database's.
pub async fn set_alias(app: &App, actor: &Actor, of: Of<'_>, role: RoleId, alias: Option<&EmailAddress>) -> sqlx::Result<Change> {
    let mut transaction = app.begin().await?;
    store::hold(&mut transaction, of.group_id).await?;
    let managers = store::managers(&mut transaction, of.group_id, app.today()).await?;
    let Some(manager) = managers.iter().find(|manager| manager.role_id == role && manager.group_id == of.group_id) else {
        return Ok(Change::Gone);
    };
    if manager.alias.as_deref() == alias.map(EmailAddress::as_str) {
        return Ok(Change::Already);
    }
    store::set_alias(&mut transaction, role, alias.map(EmailAddress::as_str)).await?;
    let words = format!("changed the alias of the liaison manager for {}", of.label);
    let changes = json!({ "alias": [manager.alias, alias.map(EmailAddress::as_str)] });
    record(app, &mut transaction, actor, of.group_id, Some(manager.person_id), "role-alias", &words, changes).await?;
    transaction.commit().await?;
    Ok(Change::Done)
}

#[expect(clippy::too_many_arguments, reason = "a line of history has these parts")]
async fn record(
    app: &App,
    connection: &mut PgConnection,
    actor: &Actor,
    group_id: GroupId,
    person_id: Option<PersonId>,
    event: &str,
    words: &str,
    changes: Value,
) -> sqlx::Result<()> {
    let entry = Entry { statement_id: None, person_id, group_id: Some(group_id), actor, event, words, changes, audience: Audience::Concerned };
    history::record(connection, app.clock.now(), &entry).await
}

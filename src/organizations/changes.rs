//! Changes of groups and their stored addresses: one function a step, each one transaction with its line of history.

use anyhow::{Context, bail, ensure};
use chrono::NaiveDate;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::labels::display_label;
use super::store::changes::{self as store, Held, New};
use super::{GroupKind, GroupState};
use crate::App;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::GroupId;
use crate::mail::address::Mailbox;

/// What a stored address is for.
pub const CONTACT_USES: [&str; 5] = ["list", "chairs", "send-to", "to", "cc"];

/// Whose a stored address is; a person's is not public.
pub const CONTACT_SORTS: [&str; 3] = ["role", "list", "person"];

/// A group that is to be made.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// Unique among all, former ones included.
    pub acronym: String,
    /// Full name.
    pub name: String,
    /// Acronym of the group above; none: an organization.
    pub under: Option<String>,
    /// What it is.
    pub kind: GroupKind,
    /// Where it is in its life.
    pub state: GroupState,
    /// Whether it is the organization that runs this tracker.
    pub is_home: bool,
    /// Whether it may send statements.
    pub may_send: bool,
    /// Whether it may receive them.
    pub may_receive: bool,
}

/// Makes a group.
///
/// # Errors
/// The acronym is taken or none; the group above isn't there; the database's.
pub async fn add(app: &App, actor: &Actor, new: &NewGroup) -> anyhow::Result<GroupId> {
    check_acronym(&new.acronym)?;
    ensure!(!new.name.trim().is_empty(), "a group has a name");
    ensure!(
        (new.kind == GroupKind::Organization) == new.under.is_none(),
        "an organization stands at the top of its tree; every other group stands under one (--under)"
    );
    ensure!(!new.is_home || new.under.is_none(), "only the top of a tree says that it is home; what is below follows");
    let mut transaction = app.begin().await?;
    let parent = match &new.under {
        Some(acronym) => Some(hold(&mut transaction, acronym).await?),
        None => None,
    };
    let row = New {
        parent_id: parent.as_ref().map(|parent| parent.group_id),
        acronym: &new.acronym,
        name: new.name.trim(),
        kind: new.kind.as_str(),
        state: new.state.as_str(),
        is_home: new.is_home,
        may_send: new.may_send && new.kind.may_send(),
        may_receive: new.may_receive,
    };
    let group_id = store::insert(&mut transaction, &row).await.map_err(|error| taken(error, &new.acronym))?;
    relabel(&mut transaction, group_id).await?;
    let words = match &parent {
        Some(parent) => format!("added {} under {}", new.acronym, parent.label),
        None => format!("added the organization {}", new.acronym),
    };
    let changes = json!({ "acronym": new.acronym, "name": new.name, "kind": new.kind.as_str() });
    record(app, &mut transaction, actor, group_id, "group-added", &words, changes).await?;
    transaction.commit().await?;
    Ok(group_id)
}

/// Gives a group another acronym, another name, or both. The former ones stay searchable, and redirect.
///
/// # Errors
/// The acronym is taken or none; the database's.
pub async fn rename(app: &App, actor: &Actor, acronym: &str, to: Option<&str>, name: Option<&str>, until: Option<&str>) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let new_acronym = to.unwrap_or(&group.acronym).to_owned();
    let new_name = name.map_or_else(|| group.name.clone(), |name| name.trim().to_owned());
    check_acronym(&new_acronym)?;
    ensure!(!new_name.is_empty(), "a group has a name");
    ensure!(new_acronym != group.acronym || new_name != group.name, "that is what it is called already");
    let today = app.today().to_string();
    let until = until.unwrap_or(&today);
    store::rename(&mut transaction, &group, &new_acronym, &new_name, until).await.map_err(|error| taken(error, &new_acronym))?;
    relabel(&mut transaction, group.group_id).await?;
    let words = format!("renamed {} ({}) to {new_acronym} ({new_name})", group.acronym, group.name);
    let changes = json!({ "acronym": [group.acronym, new_acronym], "name": [group.name, new_name] });
    record(app, &mut transaction, actor, group.group_id, "group-renamed", &words, changes).await?;
    transaction.commit().await?;
    Ok(())
}

/// Concludes a group on a day; another may take its place.
///
/// # Errors
/// One of the groups isn't there, or it would replace itself; the database's.
pub async fn conclude(app: &App, actor: &Actor, acronym: &str, on: NaiveDate, replaced_by: Option<&str>) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let successor = match replaced_by {
        Some(acronym) => Some(hold(&mut transaction, acronym).await?),
        None => None,
    };
    ensure!(successor.as_ref().is_none_or(|successor| successor.group_id != group.group_id), "a group doesn't replace itself");
    store::conclude(&mut transaction, group.group_id, on, successor.as_ref().map(|successor| successor.group_id)).await?;
    let words = match &successor {
        Some(successor) => format!("concluded {} on {on}; {} takes its place", group.label, successor.label),
        None => format!("concluded {} on {on}", group.label),
    };
    let changes = json!({ "state": [group.state, "concluded"], "concluded_on": on, "replaced_by": successor.map(|successor| successor.acronym) });
    record(app, &mut transaction, actor, group.group_id, "group-concluded", &words, changes).await?;
    transaction.commit().await?;
    Ok(())
}

/// Puts a group, with all below it, under another.
///
/// # Errors
/// It is an organization, or would stand below itself; the database's.
pub async fn move_under(app: &App, actor: &Actor, acronym: &str, under: &str) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let parent = hold(&mut transaction, under).await?;
    ensure!(group.kind != GroupKind::Organization.as_str(), "{} is an organization: it stands at the top of its tree", group.label);
    store::reparent(&mut transaction, group.group_id, parent.group_id).await.map_err(|error| match constraint(&error) {
        Some("group_is_not_below_itself") => anyhow::anyhow!("{} stands above {}: it can't stand below it", group.label, parent.label),
        _ => error.into(),
    })?;
    relabel(&mut transaction, group.group_id).await?;
    let words = format!("moved {} from {} to {}", group.label, group.parent_label.as_deref().unwrap_or("the top"), parent.label);
    let changes = json!({ "under": [group.parent_label, parent.label] });
    record(app, &mut transaction, actor, group.group_id, "group-moved", &words, changes).await?;
    transaction.commit().await?;
    Ok(())
}

/// Says whether a group may send, or may receive; none: as before.
///
/// # Errors
/// The group isn't there; the database's.
pub async fn permit(app: &App, actor: &Actor, acronym: &str, may_send: Option<bool>, may_receive: Option<bool>) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let (send, receive) = (may_send.unwrap_or(group.may_send), may_receive.unwrap_or(group.may_receive));
    let sends_none = GroupKind::parse(&group.kind).is_some_and(|kind| !kind.may_send());
    ensure!(!(send && sends_none), "{} may not send: research groups and the IRTF send none", group.label);
    if (send, receive) == (group.may_send, group.may_receive) {
        return Ok(());
    }
    store::permit(&mut transaction, group.group_id, send, receive).await?;
    let may = |yes: bool| if yes { "may" } else { "may not" };
    let words = format!("said that {} {} send and {} receive statements", group.label, may(send), may(receive));
    let changes = json!({ "may_send": [group.may_send, send], "may_receive": [group.may_receive, receive] });
    record(app, &mut transaction, actor, group.group_id, "group-permitted", &words, changes).await?;
    transaction.commit().await?;
    Ok(())
}

/// Sets the notes for authors: address or portal, layout, formats, document access; never passwords.
///
/// # Errors
/// The group isn't there; the database's.
pub async fn set_how_to_send(app: &App, actor: &Actor, acronym: &str, notes: &str) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let former = store::set_how_to_send(&mut transaction, group.group_id, notes.trim()).await?;
    if former == notes.trim() {
        return Ok(());
    }
    let words = format!("changed the notes on how to send to {}", group.label);
    let changes = json!({ "how_to_send": [former, notes.trim()] });
    record(app, &mut transaction, actor, group.group_id, "group-how-to-send", &words, changes).await?;
    transaction.commit().await?;
    Ok(())
}

/// Sets the day of a group's next meeting, by which it answers.
///
/// # Errors
/// The group isn't there; the database's.
pub async fn set_next_meeting(app: &App, actor: &Actor, acronym: &str, day: Option<NaiveDate>) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let former = store::set_next_meeting(&mut transaction, group.group_id, day).await?;
    if former == day {
        return Ok(());
    }
    let words = match day {
        Some(day) => format!("said that {} meets next on {day}", group.label),
        None => format!("took away the next meeting of {}", group.label),
    };
    record(app, &mut transaction, actor, group.group_id, "group-meeting", &words, json!({ "next_meeting_on": [former, day] })).await?;
    transaction.commit().await?;
    Ok(())
}

/// Stores an address of a group; false where it is stored already.
///
/// # Errors
/// No such use or sort; the group isn't there; the database's.
pub async fn add_contact(app: &App, actor: &Actor, acronym: &str, kind: &str, mailbox: &Mailbox, sort: &str) -> anyhow::Result<bool> {
    ensure!(CONTACT_USES.contains(&kind), "an address is for one of: {}", CONTACT_USES.join(", "));
    ensure!(CONTACT_SORTS.contains(&sort), "an address is one of: {}", CONTACT_SORTS.join(", "));
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let written = mailbox.to_string();
    let is_new = store::add_contact(&mut transaction, group.group_id, kind, &written, &mailbox.address().key(), sort).await?;
    if is_new {
        let words = format!("stored an address of {} ({kind})", group.label);
        record(app, &mut transaction, actor, group.group_id, "contact-added", &words, json!({ "use": kind, "mailbox": written, "sort": sort }))
            .await?;
    }
    transaction.commit().await?;
    Ok(is_new)
}

/// Takes a stored address of a group away, in one use or in all.
///
/// # Errors
/// It isn't stored; the database's.
pub async fn remove_contact(app: &App, actor: &Actor, acronym: &str, kind: Option<&str>, mailbox: &Mailbox) -> anyhow::Result<()> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let removed = store::remove_contact(&mut transaction, group.group_id, kind, &mailbox.address().key()).await?;
    if removed == 0 {
        bail!("{} is not stored with {}", mailbox.address().as_str(), group.label);
    }
    let words = format!("took an address of {} away", group.label);
    let changes = json!({ "use": kind, "mailbox": mailbox.to_string() });
    record(app, &mut transaction, actor, group.group_id, "contact-removed", &words, changes).await?;
    transaction.commit().await?;
    Ok(())
}

/// Notes that a stored address of a group is right today, or all of them.
///
/// # Errors
/// None is stored; the database's.
pub async fn confirm_contacts(app: &App, actor: &Actor, acronym: &str, mailbox: Option<&Mailbox>) -> anyhow::Result<u64> {
    let mut transaction = app.begin().await?;
    let group = hold(&mut transaction, acronym).await?;
    let key = mailbox.map(|mailbox| mailbox.address().key());
    let confirmed = store::confirm_contacts(&mut transaction, group.group_id, key.as_deref(), app.today(), actor.person_id).await?;
    if confirmed == 0 {
        bail!("no such address is stored with {}", group.label);
    }
    let words = format!("confirmed {confirmed} addresses of {}", group.label);
    record(app, &mut transaction, actor, group.group_id, "contacts-confirmed", &words, json!({ "mailbox": mailbox.map(ToString::to_string) }))
        .await?;
    transaction.commit().await?;
    Ok(confirmed)
}

async fn hold(connection: &mut PgConnection, acronym: &str) -> anyhow::Result<Held> {
    store::hold(connection, acronym).await?.with_context(|| format!("there is no group {acronym}"))
}

fn check_acronym(acronym: &str) -> anyhow::Result<()> {
    let is_plain = acronym.starts_with(|c: char| c.is_ascii_alphanumeric())
        && acronym.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && acronym.len() <= 80;
    ensure!(is_plain, "an acronym begins with a letter or digit and holds letters, digits, points, hyphens and underscores only: not {acronym:?}");
    Ok(())
}

fn constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(|error| error.constraint())
}

fn taken(error: sqlx::Error, acronym: &str) -> anyhow::Error {
    match constraint(&error) {
        Some("group_acronym_is_unique" | "group_former_acronym_is_unique") => {
            anyhow::anyhow!("the acronym {acronym} is taken, by a group or by the former name of one")
        }
        Some("group_home_is_one") => anyhow::anyhow!("there is a home organization already"),
        _ => error.into(),
    }
}

/// A label follows acronym, name and the top of the tree: of the group and of all below it.
async fn relabel(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<()> {
    for row in store::labelled(connection, group).await? {
        let label = display_label(&row.acronym, &row.name, &row.root_acronym, &row.root_name, row.is_home);
        if label != row.label {
            store::relabel(connection, row.group_id, &label).await?;
        }
    }
    Ok(())
}

async fn record(
    app: &App,
    connection: &mut PgConnection,
    actor: &Actor,
    group_id: GroupId,
    event: &str,
    words: &str,
    changes: Value,
) -> sqlx::Result<()> {
    let entry = Entry { statement_id: None, person_id: None, group_id: Some(group_id), actor, event, words, changes, audience: Audience::Staff };
    history::record(connection, app.clock.now(), &entry).await
}

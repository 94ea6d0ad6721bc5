//! `/organizations/{acronym}/contacts`, `/groups/{acronym}/contacts`: stored contacts, how to send, the manager's alias.
//! Role-holders read them; coordinators, the secretariat and the peer's liaison manager keep them (domain.md 2, 6).

use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Link;
use crate::App;
use crate::dates::long_date;
use crate::history::Actor;
use crate::ids::{GroupContactId, GroupId, RoleId};
use crate::mail::address::{EmailAddress, Mailbox};
use crate::organizations::contacts::{self as steps, Change, Contact, Of};
use crate::organizations::store::contacts::{self, Kept, Line, Manager};
use crate::organizations::store::{self, Found, Group};
use crate::people::{Role, Viewer};
use crate::permissions;
use crate::statements::body::one_line;
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::forms::{Choice, Problems};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

/// Longest role and affiliation of a contact, in characters.
const SHORT: usize = 200;
/// Lines of history on the page.
const LINES: i64 = 20;

/// Uses in the order in which they are offered, with what they are for.
const USES: [(&str, &str, &str); 5] = [
    ("send-to", "Send to", "Of a peer: where statements go; they distribute"),
    ("list", "List", "The group’s mailing list"),
    ("chairs", "Chairs", "The address of all chairs together"),
    ("to", "To", "Proposed in To; at home in place of list and chairs"),
    ("cc", "In copy", "Proposed in Cc"),
];
const SORTS: [(&str, &str, &str); 3] = [
    ("role", "An address of a role", "Public"),
    ("list", "A list", "Public"),
    ("person", "A person’s", "Shown to people with a role only; the name is public"),
];

struct ContactRow {
    id: GroupContactId,
    usage: &'static str,
    mailbox: String,
    detail: String,
    confirmed: String,
}

struct ManagerRow {
    role_id: RoleId,
    name: String,
    alias: String,
    at: Option<Link>,
    problem: String,
}

struct HistoryRow {
    at: String,
    by: String,
    words: String,
    values: Vec<String>,
}

#[derive(Template)]
#[template(path = "organizations/contacts.html")]
struct ContactsPage {
    layout: Layout,
    problems: Problems,
    label: String,
    is_home: bool,
    path: Vec<Link>,
    group_url: String,
    url: String,
    may_keep: bool,
    who_keeps: String,
    may_set_alias: bool,
    contacts: Vec<ContactRow>,
    above: Option<Link>,
    above_contacts: Vec<ContactRow>,
    sending: Vec<(&'static str, String)>,
    notes: String,
    managers: Vec<ManagerRow>,
    sent: Sent,
    uses: Vec<Choice>,
    sorts: Vec<Choice>,
    history: Vec<HistoryRow>,
}

#[derive(Template)]
#[template(path = "organizations/contact.html")]
struct ContactPage {
    layout: Layout,
    problems: Problems,
    label: String,
    contacts_url: String,
    url: String,
    sent: Sent,
    uses: Vec<Choice>,
    sorts: Vec<Choice>,
}

/// What the form of a contact sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    #[serde(rename = "do")]
    what: String,
    usage: String,
    name: String,
    address: String,
    sort: String,
    role: String,
    affiliation: String,
}

/// A group whose contacts were asked for, and who asks.
pub struct Opened {
    pub(super) group: Group,
    path: Vec<store::Step>,
    pub(super) viewer: Viewer,
}

impl FromRequestParts<App> for Opened {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let SignedIn(viewer) = SignedIn::from_request_parts(parts, app).await?;
        let At(names) = At::<std::collections::HashMap<String, String>>::from_request_parts(parts, app).await?;
        let acronym = names.get("acronym").ok_or(Error::NotFound)?;
        let group = match store::find(&app.pool, acronym).await? {
            Some(Found::Group(group)) => *group,
            Some(Found::Former { acronym, is_organization }) => return Err(Error::Elsewhere(urls::contacts(&acronym, is_organization))),
            None => return Err(Error::NotFound),
        };
        let path = store::path(&app.pool, group.group_id).await?;
        Ok(Self { group, path, viewer })
    }
}

impl Opened {
    pub(super) fn of(&self) -> Of<'_> {
        Of { group_id: self.group.group_id, label: &self.group.label }
    }

    pub(super) fn url(&self) -> String {
        urls::contacts(&self.group.acronym, self.group.is_organization)
    }

    /// The address of a part, whatever the group is.
    pub(super) fn part(&self, rest: &str) -> String {
        format!("{}/{rest}", urls::group(&self.group.acronym))
    }

    /// As whom somebody keeps the contacts.
    pub(super) fn keeps(&self) -> Result<Role, Error> {
        let line: Vec<GroupId> = self.path.iter().map(|step| step.group_id).collect();
        let roles = permissions::may_keep_contacts(Some(&self.viewer), self.group.is_home, &line).map_err(|why| Error::NotAllowed(why.0))?;
        roles.into_iter().next().ok_or(Error::NotFound)
    }

    pub(super) fn actor(&self, role: &Role) -> Actor {
        self.viewer.acting_as(Some(role))
    }

    pub(super) fn done(&self, app: &App, change: Change, done: &str) -> Response {
        let (kind, words) = match change {
            Change::Done => ("done", done),
            Change::Already | Change::Twice => ("notice", "It stands so already."),
            Change::Gone => ("notice", "It was taken away before."),
        };
        redirect_with(app, &self.url(), kind, words)
    }
}

/// Shows them.
///
/// # Errors
/// There is no such group; the database's.
pub async fn show(State(app): State<App>, OriginalUri(uri): OriginalUri, opened: Opened, layout: Layout) -> Result<Response, Error> {
    if uri.path().starts_with("/organizations/") != opened.group.is_organization {
        return Ok(Redirect::to(&opened.url()).into_response());
    }
    page(&app, layout, &opened, Sent::default(), Problems::default(), None).await
}

pub(super) async fn page(
    app: &App,
    mut layout: Layout,
    opened: &Opened,
    sent: Sent,
    problems: Problems,
    alias: Option<(RoleId, String)>,
) -> Result<Response, Error> {
    let group = &opened.group;
    let keeps = opened.keeps();
    let mut connection = app.pool.acquire().await?;
    let kept = contacts::kept(&mut connection, group.group_id).await?;
    let above = if kept.is_empty() { contacts::nearest_above(&mut connection, group.group_id).await?.filter(|_| !group.is_home) } else { None };
    let above_contacts = match &above {
        Some((id, ..)) => contacts::kept(&mut connection, *id).await?,
        None => Vec::new(),
    };
    let managers = if group.is_home { Vec::new() } else { contacts::managers(&mut connection, group.group_id, app.today()).await? };
    let history = match &keeps {
        Ok(_) => contacts::history(&mut connection, group.group_id, opened.viewer.is_staff(), LINES).await?,
        Err(_) => Vec::new(),
    };
    drop(connection);
    layout.error_title = !problems.is_empty();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ContactsPage {
        label: group.label.clone(),
        is_home: group.is_home,
        path: opened.path.iter().take(opened.path.len().saturating_sub(1)).map(Link::to).collect(),
        group_url: if group.is_organization { urls::organization(&group.acronym) } else { urls::group(&group.acronym) },
        url: urls::group(&group.acronym),
        may_keep: keeps.is_ok(),
        who_keeps: match keeps {
            Err(Error::NotAllowed(why)) => why,
            _ => String::new(),
        },
        may_set_alias: permissions::may_set_aliases(Some(&opened.viewer)).is_ok(),
        contacts: kept.into_iter().map(contact_row).collect(),
        above: above.map(|(_, label, acronym, is_organization)| Link { url: urls::contacts(&acronym, is_organization), text: label }),
        above_contacts: above_contacts.into_iter().map(contact_row).collect(),
        sending: group.sending.facts().into_iter().map(|(label, words)| (label, words.to_owned())).collect(),
        notes: group.sending.notes.clone(),
        managers: managers.into_iter().map(|manager| manager_row(group, manager, alias.as_ref(), &problems)).collect(),
        uses: choices(&USES, &sent.usage),
        sorts: choices(&SORTS, &sent.sort),
        history: history.into_iter().map(history_row).collect(),
        sent,
        problems,
        layout,
    };
    Ok(Page(status, page).into_response())
}

fn choices(all: &[(&str, &str, &str)], chosen: &str) -> Vec<Choice> {
    all.iter().map(|(value, label, hint)| Choice::new(value, label, chosen).with_hint(hint)).collect()
}

fn contact_row(kept: Kept) -> ContactRow {
    let sort = if kept.sort == "person" { "a person’s address, not public" } else { "" };
    ContactRow {
        id: kept.contact_id,
        usage: USES.iter().find(|(usage, ..)| *usage == kept.usage).map_or("", |(_, words, _)| words),
        detail: [kept.role.as_str(), kept.affiliation.as_str(), sort].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        confirmed: match (kept.confirmed_on, kept.confirmed_by) {
            (Some(day), Some(name)) => format!("Last confirmed on {} by {name}", long_date(day)),
            (Some(day), None) => format!("Last confirmed on {}", long_date(day)),
            (None, _) => "Never confirmed".to_owned(),
        },
        mailbox: kept.mailbox,
    }
}

fn manager_row(group: &Group, manager: Manager, typed: Option<&(RoleId, String)>, problems: &Problems) -> ManagerRow {
    let typed = typed.filter(|(role, _)| *role == manager.role_id);
    let is_here = manager.group_id == group.group_id;
    ManagerRow {
        problem: problems.of(&format!("alias-{}", manager.role_id)).to_owned(),
        alias: typed.map_or_else(|| manager.alias.unwrap_or_default(), |(_, typed)| typed.clone()),
        at: (!is_here).then(|| Link { url: urls::contacts(&manager.acronym, manager.is_organization), text: manager.label }),
        role_id: manager.role_id,
        name: manager.name,
    }
}

fn history_row(line: Line) -> HistoryRow {
    let mut values = Vec::new();
    tell("", &line.changes, &mut values);
    HistoryRow {
        at: line.at.format("%-d %b %Y %H:%M UTC").to_string(),
        by: if line.role.is_empty() { line.by } else { format!("{}, {}", line.by, line.role) },
        words: line.words,
        values,
    }
}

/// Old and new values, a line each.
fn tell(name: &str, value: &serde_json::Value, lines: &mut Vec<String>) {
    let plain = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Object(fields) => {
            fields.values().filter_map(|value| value.as_str()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    let shown = |text: String| if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") };
    match value {
        serde_json::Value::Object(fields) if name.is_empty() => match fields.values().any(serde_json::Value::is_array) {
            true => fields.iter().for_each(|(name, value)| tell(name, value, lines)),
            false => lines.push(plain(value)),
        },
        serde_json::Value::Array(pair) if pair.len() == 2 => {
            lines.push(format!("{}: {} → {}", name.replace(['_', '-'], " "), shown(plain(&pair[0])), shown(plain(&pair[1]))));
        }
        other => lines.push(plain(other)),
    }
    lines.retain(|line| !line.is_empty());
}

/// Reads the form of a contact.
fn read(sent: &Sent, problems: &mut Problems) -> Option<Contact> {
    if !USES.iter().any(|(usage, ..)| *usage == sent.usage) {
        problems.add("usage", "Select what the address is for");
    }
    let address: Option<EmailAddress> = match sent.address.trim() {
        "" => {
            problems.add("address", "Enter the address");
            None
        }
        typed => typed.parse().map_err(|problem| problems.add("address", format!("{problem}"))).ok(),
    };
    let name = Some(sent.name.trim()).filter(|name| !name.is_empty());
    let mailbox = address.and_then(|address| Mailbox::new(name, address).map_err(|problem| problems.add("name", format!("{problem}"))).ok());
    let mut text = |field: &str, label: &str, typed: &str| match one_line(typed) {
        Err(problem) => {
            problems.add(field, problem.words(label));
            String::new()
        }
        Ok(text) if text.chars().count() > SHORT => {
            problems.add(field, format!("{label} must be {SHORT} characters or fewer – it is {}", text.chars().count()));
            String::new()
        }
        Ok(text) => text,
    };
    let role = text("role", "Role", &sent.role);
    let affiliation = text("affiliation", "Affiliation", &sent.affiliation);
    if !SORTS.iter().any(|(sort, ..)| *sort == sent.sort) {
        problems.add("sort", "Select whose address it is");
    } else if sent.usage == "send-to" && sent.sort == "person" {
        problems.add("sort", "Select a role or a list: where statements are sent is public");
    }
    let mailbox = mailbox.filter(|_| problems.is_empty())?;
    Some(Contact { usage: sent.usage.clone(), mailbox, sort: sent.sort.clone(), role, affiliation })
}

const TWICE: &str = "This address is stored for this use already";

/// Stores a new one.
///
/// # Errors
/// The person may not; the database's.
pub async fn add(State(app): State<App>, opened: Opened, layout: Layout, TypedForm(sent): TypedForm<Sent>) -> Result<Response, Error> {
    let role = opened.keeps()?;
    let mut problems = Problems::default();
    if let Some(contact) = read(&sent, &mut problems) {
        match steps::add(&app, &opened.actor(&role), opened.of(), &contact).await? {
            Change::Twice => problems.add("address", TWICE),
            change => return Ok(opened.done(&app, change, "The contact is stored.")),
        }
    }
    page(&app, layout, &opened, sent, problems, None).await
}

/// The form that changes one, or takes it away.
///
/// # Errors
/// There is none; the person may not; the database's.
pub async fn show_one(State(app): State<App>, At((_, id)): At<(String, i64)>, opened: Opened, layout: Layout) -> Result<Response, Error> {
    opened.keeps()?;
    let mut connection = app.pool.acquire().await?;
    let kept = contacts::kept(&mut connection, opened.group.group_id).await?;
    let kept = kept.into_iter().find(|kept| kept.contact_id.0 == id).ok_or(Error::NotFound)?;
    let mailbox: Option<Mailbox> = kept.mailbox.parse().ok();
    let sent = Sent {
        what: String::new(),
        name: mailbox.as_ref().and_then(Mailbox::name).unwrap_or_default().to_owned(),
        address: mailbox.map_or(kept.mailbox, |mailbox| mailbox.address().as_str().to_owned()),
        usage: kept.usage,
        sort: kept.sort,
        role: kept.role,
        affiliation: kept.affiliation,
    };
    Ok(one_page(layout, &opened, id, sent, Problems::default()))
}

fn one_page(mut layout: Layout, opened: &Opened, id: i64, sent: Sent, problems: Problems) -> Response {
    layout.error_title = !problems.is_empty();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ContactPage {
        label: opened.group.label.clone(),
        contacts_url: opened.url(),
        url: opened.part(&format!("contacts/{id}")),
        uses: choices(&USES, &sent.usage),
        sorts: choices(&SORTS, &sent.sort),
        sent,
        problems,
        layout,
    };
    Page(status, page).into_response()
}

/// Changes one, says that it is still right, or takes it away.
///
/// # Errors
/// The person may not; it is gone; the database's.
pub async fn change(
    State(app): State<App>,
    At((_, id)): At<(String, i64)>,
    opened: Opened,
    layout: Layout,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let role = opened.keeps()?;
    let (actor, of, contact_id) = (opened.actor(&role), opened.of(), GroupContactId(id));
    match sent.what.as_str() {
        "confirm" => {
            let change = steps::confirm(&app, &actor, of, contact_id).await?;
            return Ok(opened.done(&app, change, "The contact is confirmed as of today."));
        }
        "remove" => {
            let change = steps::remove(&app, &actor, of, contact_id).await?;
            return Ok(opened.done(&app, change, "The contact is taken away."));
        }
        _ => {}
    }
    let mut problems = Problems::default();
    if let Some(contact) = read(&sent, &mut problems) {
        match steps::change(&app, &actor, of, contact_id, &contact).await? {
            Change::Twice => problems.add("address", TWICE),
            change => return Ok(opened.done(&app, change, "The contact is changed.")),
        }
    }
    Ok(one_page(layout, &opened, id, sent, problems))
}

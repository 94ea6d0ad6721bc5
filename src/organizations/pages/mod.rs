//! Pages of organizations and groups.

pub mod contacts;
pub mod group;
pub mod list;
pub mod receipts;
pub mod sending;
pub mod show;
pub mod suggest;
pub mod tree;

use chrono::NaiveDate;

use super::store::{self, Holder, PublicContact, Recent, Step};
use super::words::key_of;
use crate::App;
use crate::dates::{PartialDate, long_date, short_date};
use crate::ids::GroupId;
use crate::mail::address::Mailbox;
use crate::people::Viewer;
use crate::statements::Purpose;
use crate::web::urls;

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub url: String,
    /// What is read.
    pub text: String,
}

impl Link {
    /// To a group's page, or where it is one, an organization's.
    fn to(step: &Step) -> Self {
        let url = if step.is_organization { urls::organization(&step.acronym) } else { urls::group(&step.acronym) };
        Self { url, text: step.label.clone() }
    }
}

/// A statement in the short list of the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
struct StatementLine {
    url: String,
    title: String,
    detail: String,
}

/// How many statements a page shows before it leads to the list.
const NEWEST: usize = 10;

/// The newest statements of a group and what is below it, and whether there are more.
async fn newest(app: &App, group: GroupId) -> sqlx::Result<(Vec<StatementLine>, bool)> {
    let mut found = store::newest(&app.pool, group, 11).await?;
    let has_more = found.len() > NEWEST;
    found.truncate(NEWEST);
    Ok((found.into_iter().map(line).collect(), has_more))
}

fn line(recent: Recent) -> StatementLine {
    let purpose = recent.purpose.as_deref().and_then(Purpose::parse).map(|purpose| purpose.words().to_owned());
    let letter = recent.letter_date.zip(recent.letter_date_precision).and_then(|(day, precision)| PartialDate::from_parts(day, &precision));
    let date = letter.map(|date| date.to_string()).or_else(|| recent.posted_on.map(short_date));
    let parts: Vec<String> = [Some(format!("{} → {}", recent.from_text, recent.to_text)), purpose, date].into_iter().flatten().collect();
    StatementLine { url: urls::statement(recent.number), title: recent.title, detail: parts.join(" · ") }
}

/// A group's name, unless it says what the label says ("ITU-T SG 12" beside "ITU-T SG12").
fn other_name(name: &str, label: &str) -> String {
    if key_of(name) == key_of(label) { String::new() } else { name.to_owned() }
}

/// The list of all statements of a group and what is below it.
fn statements_url(acronym: &str) -> String {
    format!("/statements?organization={}", urls::encode(acronym))
}

/// The page of its contacts, for whom it is: people with a role.
fn contacts_url(viewer: Option<&Viewer>, group: &store::Group) -> String {
    if viewer.is_some_and(Viewer::is_role_holder) { urls::contacts(&group.acronym, group.is_organization) } else { String::new() }
}

/// A stored address, for people: what it is for, when it was last confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ContactLine {
    what: &'static str,
    mailbox: String,
    confirmed: String,
}

fn contact_lines(contacts: Vec<PublicContact>) -> Vec<ContactLine> {
    contacts
        .into_iter()
        .map(|contact| ContactLine {
            what: match contact.kind.as_str() {
                "list" => "List",
                "chairs" => "Chairs",
                "send-to" => "Send to",
                "to" => "To",
                _ => "In copy",
            },
            mailbox: contact.mailbox,
            confirmed: contact.confirmed_on.map_or_else(String::new, |day| format!("confirmed on {}", long_date(day))),
        })
        .collect()
}

/// Somebody in a role, as a public fact.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    what: &'static str,
    name: String,
    /// The role's own address; a person's is not public.
    alias: String,
}

impl Person {
    fn of_manager(holder: &Holder) -> Self {
        Self { what: "Liaison manager", name: holder.name.clone(), alias: holder.alias.clone().unwrap_or_default() }
    }
}

/// The addresses to turn to when something is wrong: first the manager, then the IAB [52 1].
struct SomethingWrong {
    manager: String,
    manager_address: String,
    iab_url: String,
    iab_address: String,
}

/// The nearest liaison manager's alias, else the coordinators' address.
async fn something_wrong(app: &App, holders: &[Holder]) -> sqlx::Result<SomethingWrong> {
    let managers = managers(holders);
    let (iab_url, iab_address) = match store::iab(&app.pool).await? {
        Some((acronym, mailbox)) => (
            urls::group(&acronym),
            mailbox.and_then(|mailbox| mailbox.parse::<Mailbox>().ok()).map(|mailbox| mailbox.address().as_str().to_owned()).unwrap_or_default(),
        ),
        None => (String::new(), String::new()),
    };
    let manager_address = managers.iter().find_map(|manager| manager.alias.clone());
    Ok(SomethingWrong {
        manager: if managers.is_empty() { "the liaison coordinators" } else { "the liaison manager" }.to_owned(),
        manager_address: manager_address.unwrap_or_else(|| app.config.coordinators_address.clone()),
        iab_url,
        iab_address,
    })
}

/// The managers of the nearest group that has one.
fn managers(holders: &[Holder]) -> Vec<&Holder> {
    let of_kind = holders.iter().filter(|holder| holder.kind == crate::people::RoleKind::LiaisonManager);
    let nearest = of_kind.clone().map(|holder| holder.distance).min();
    of_kind.filter(|holder| Some(holder.distance) == nearest).collect()
}

/// What is said of a group's end and beginning.
fn life(state: super::GroupState, started_on: Option<NaiveDate>, concluded_on: Option<NaiveDate>) -> String {
    let since = started_on.map(|day| format!(" since {}", long_date(day))).unwrap_or_default();
    match state {
        super::GroupState::Proposed => "Proposed".to_owned(),
        super::GroupState::Active => format!("Active{since}"),
        super::GroupState::Concluded => match concluded_on {
            Some(day) => format!("Concluded on {}", long_date(day)),
            None => "Concluded".to_owned(),
        },
    }
}

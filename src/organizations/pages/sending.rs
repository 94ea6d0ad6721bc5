//! `/groups/{acronym}/sending`: how a group is written to; and the alias of its liaison manager.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::contacts::{Opened, Sent, page};
use crate::App;
use crate::ids::RoleId;
use crate::mail::address::EmailAddress;
use crate::organizations::contacts::{self as steps, Change, SendBy, Sending};
use crate::permissions;
use crate::statements::body::{clean, one_line};
use crate::web::error::Error;
use crate::web::extract::{At, TypedForm};
use crate::web::forms::{Choice, Problems};
use crate::web::layout::{Layout, Page};

/// Longest text of how to send, in characters.
const LONG: usize = 5000;

#[derive(Template)]
#[template(path = "organizations/sending.html")]
struct SendingPage {
    layout: Layout,
    problems: Problems,
    label: String,
    contacts_url: String,
    url: String,
    sent: SentSending,
    ways: Vec<Choice>,
}

/// What the form of how to send sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct SentSending {
    send_by: String,
    send_at: String,
    layout: String,
    formats: String,
    document_access: String,
    notes: String,
}

/// What the form of an alias sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SentAlias {
    alias: String,
}

/// The form of how to send.
///
/// # Errors
/// The person may not.
pub async fn show(opened: Opened, layout: Layout) -> Result<Response, Error> {
    opened.keeps()?;
    let sending = opened.group.sending.clone();
    let sent = SentSending {
        send_by: sending.by.as_str().to_owned(),
        send_at: sending.at,
        layout: sending.layout,
        formats: sending.formats,
        document_access: sending.document_access,
        notes: sending.notes,
    };
    Ok(form(layout, &opened, sent, Problems::default()))
}

fn form(mut layout: Layout, opened: &Opened, sent: SentSending, problems: Problems) -> Response {
    layout.error_title = !problems.is_empty();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SendingPage {
        label: opened.group.label.clone(),
        contacts_url: opened.url(),
        url: opened.part("sending"),
        ways: SendBy::ALL.iter().map(|way| Choice::new(way.as_str(), way.words(), &sent.send_by)).collect(),
        sent,
        problems,
        layout,
    };
    Page(status, page).into_response()
}

/// Sets how to send.
///
/// # Errors
/// The person may not; the database's.
pub async fn set(State(app): State<App>, opened: Opened, layout: Layout, TypedForm(sent): TypedForm<SentSending>) -> Result<Response, Error> {
    let role = opened.keeps()?;
    let mut problems = Problems::default();
    let by = SendBy::parse(&sent.send_by).unwrap_or_default();
    let at = one_line(&sent.send_at).unwrap_or_else(|problem| {
        problems.add("send-at", problem.words("Where to"));
        String::new()
    });
    if by == SendBy::Mail
        && !at.is_empty()
        && let Err(problem) = at.parse::<EmailAddress>()
    {
        problems.add("send-at", format!("{problem}"));
    }
    if by == SendBy::Portal && !at.is_empty() && !is_web_page(&at) {
        problems.add("send-at", "Enter the portal’s address as it stands in a browser, beginning with https://");
    }
    let mut text = |field: &str, label: &str, typed: &str| {
        let text = typed.trim();
        if text.chars().count() > LONG {
            problems.add(field, format!("{label} must be {LONG} characters or fewer – it is {}", text.chars().count()));
        }
        match clean(text) {
            Ok(text) => text,
            Err(problem) => {
                problems.add(field, problem.words(label));
                String::new()
            }
        }
    };
    let sending = Sending {
        by,
        at,
        layout: text("layout", "Layout", &sent.layout),
        formats: text("formats", "Formats", &sent.formats),
        document_access: text("document-access", "Document access", &sent.document_access),
        notes: text("notes", "Notes", &sent.notes),
    };
    if !problems.is_empty() {
        return Ok(form(layout, &opened, sent, problems));
    }
    let change = steps::set_sending(&app, &opened.actor(&role), opened.of(), &sending).await?;
    Ok(opened.done(&app, change, "How to send is kept."))
}

fn is_web_page(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none())
}

/// Sets a manager's alias.
///
/// # Errors
/// The person may not; the database's.
pub async fn set_alias(
    State(app): State<App>,
    At((_, id)): At<(String, i64)>,
    opened: Opened,
    layout: Layout,
    TypedForm(sent): TypedForm<SentAlias>,
) -> Result<Response, Error> {
    let roles = permissions::may_set_aliases(Some(&opened.viewer)).map_err(|why| Error::NotAllowed(why.0))?;
    let role = roles.into_iter().next().ok_or(Error::NotFound)?;
    let alias: Option<EmailAddress> = match sent.alias.trim() {
        "" => None,
        typed => match typed.parse() {
            Ok(alias) => Some(alias),
            Err(problem) => {
                let mut problems = Problems::default();
                problems.add(&format!("alias-{id}"), format!("{problem}"));
                return page(&app, layout, &opened, Sent::default(), problems, Some((RoleId(id), sent.alias.clone()))).await;
            }
        },
    };
    match steps::set_alias(&app, &opened.actor(&role), opened.of(), RoleId(id), alias.as_ref()).await? {
        Change::Gone => Err(Error::NotFound),
        change => Ok(opened.done(&app, change, "The alias is kept.")),
    }
}

//! `/`: what is this, and is something waiting for me?

pub mod store;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

use crate::App;
use crate::dates::distance;
use crate::desk;
use crate::people::Viewer;
use crate::permissions;
use crate::statements::pages::row::{date_words, deadline_words, purpose_words, reader};
use crate::statements::status::Reader;
use crate::statements::store::list::{Listed, latest_posted};
use crate::web::error::Error;
use crate::web::extract::MaybeSignedIn;
use crate::web::layout::{Layout, Page};
use crate::web::urls;
use store::Upcoming;

/// A line of one of the lists.
struct Line {
    url: String,
    title: String,
    detail: String,
}

/// An organization, and how many statements are from it, to it, or copied to it.
struct Organization {
    url: String,
    label: String,
    count: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    layout: Layout,
    may_record: bool,
    waiting: Vec<desk::pages::Row>,
    deadlines: Vec<Line>,
    newest: Vec<Line>,
    organizations: Vec<Organization>,
}

/// The home page.
///
/// # Errors
/// The database's.
pub async fn page(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout) -> Result<Response, Error> {
    let today = app.today();
    let waiting = match &viewer {
        Some(viewer) => desk::pages::rows(&app, viewer).await?.into_iter().take(5).collect(),
        None => Vec::new(),
    };
    let deadlines = store::upcoming(&app.pool, today).await?;
    let newest = latest_posted(&app.pool, 8).await?;
    let organizations = store::organizations(&app.pool).await?;
    let page = HomePage {
        may_record: permissions::may_begin_recording(viewer.as_ref()),
        layout,
        waiting,
        deadlines: deadlines.into_iter().map(|row| deadline(row, viewer.as_ref(), today)).collect(),
        newest: newest.into_iter().map(newest_line).collect(),
        organizations: organizations.into_iter().map(organization).collect(),
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

fn deadline(row: Upcoming, viewer: Option<&Viewer>, today: NaiveDate) -> Line {
    let who = match reader(viewer) {
        Reader::RoleHolder if !row.assignee.is_empty() => format!(" · {}", row.assignee),
        Reader::RoleHolder if !row.is_awaited => " · nobody has taken it yet".to_owned(),
        _ => String::new(),
    };
    Line {
        url: urls::statement(row.number),
        title: row.title,
        detail: format!("{}, {} · {} → {}{who}", deadline_words(row.due_on), distance(today, row.due_on), row.from_text, row.to_text),
    }
}

fn newest_line(listed: Listed) -> Line {
    let date = date_words(&listed);
    let parts = [format!("{} → {}", listed.from_text, listed.to_text), purpose_words(listed.facts.purpose).to_owned(), date];
    Line {
        url: urls::statement(listed.number),
        title: listed.title,
        detail: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
    }
}

fn organization(row: store::Counted) -> Organization {
    Organization {
        url: format!("/statements?organization={}", urls::encode(&row.acronym)),
        label: row.label,
        count: if row.count > store::COUNTED { "1,000+".to_owned() } else { row.count.to_string() },
    }
}

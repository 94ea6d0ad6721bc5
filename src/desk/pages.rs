//! My desk: a to-do list, most urgent first, each row a verb.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;

use super::store::{self, ActionRow, CheckRow, DraftRow, TellRow};
use crate::App;
use crate::dates;
use crate::people::RoleKind;
use crate::permissions;
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::SignedIn;
use crate::web::layout::{Layout, Page};

/// One thing that waits.
pub struct Row {
    /// "Check", "Answer", "Read".
    pub verb: &'static str,
    /// `in-review`, `late`, `needs-action` or `plain`.
    pub tone: &'static str,
    /// The statement's title.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// For whom, from whom, by when.
    pub detail: String,
    /// On the button.
    pub button: &'static str,
}

/// Something the person began.
pub struct Draft {
    title: String,
    url: String,
    detail: String,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/desk.html")]
pub struct DeskPage {
    layout: Layout,
    acting_as: String,
    rows: Vec<Row>,
    drafts: Vec<Draft>,
    may_record: bool,
    may_read_mail_log: bool,
}

fn check(row: CheckRow, today: NaiveDate) -> Row {
    Row {
        verb: "Check",
        tone: "in-review",
        title: row.title,
        url: urls::review(&row.draft_id),
        detail: format!("from {} to {} · asked {}", row.from_text, row.to_text, dates::distance(today, row.asked_at.date_naive())),
        button: "Read and decide",
    }
}

fn for_manager(row: TellRow, today: NaiveDate) -> Row {
    let when = dates::distance(today, row.at.date_naive());
    let (verb, did, button) = if row.is_refusal {
        ("Decide", "says that it is not for them", "Redirect it, or let it stay")
    } else {
        ("Tell the peer", "closed it without a reply", "Note what they were told")
    };
    Row {
        verb,
        tone: "needs-action",
        title: row.title,
        url: urls::action(row.number, &row.acronym),
        detail: format!("Statement {} from {} · {} {did} {when}: {}", row.number, row.from_text, row.group_label, row.words),
        button,
    }
}

fn action(row: ActionRow, today: NaiveDate) -> (NaiveDate, Row) {
    let is_for_action = row.purpose == "for-action";
    let late = row.due_on.filter(|day| *day < today);
    let due = match (row.due_on, row.deadline_kind.as_deref()) {
        (Some(day), Some("ours")) => format!(" · we aim to answer by {}, {}", dates::weekday_date(day), dates::distance(today, day)),
        (Some(day), _) => format!(" · due {}, {}", dates::weekday_date(day), dates::distance(today, day)),
        (None, _) => String::new(),
    };
    let with = match (row.is_mine, row.assignee_name.as_str()) {
        (true, _) => "with you".to_owned(),
        (false, "") if is_for_action => format!("{}, nobody has taken it", row.group_label),
        (false, "") => row.group_label.clone(),
        (false, name) => format!("{}, with {name}", row.group_label),
    };
    let (verb, tone) = match (is_for_action, late) {
        (false, _) => ("Read", "plain"),
        (true, Some(_)) => ("Answer", "late"),
        (true, None) => ("Answer", "needs-action"),
    };
    let detail = format!("Statement {} from {} · {with}{due}", row.number, row.from_text);
    (row.due_on.unwrap_or(NaiveDate::MAX), Row { verb, tone, title: row.title, url: urls::statement(row.number), detail, button: "Open" })
}

/// What waits for somebody, most urgent first: late actions, then checks, what waits for managers, actions by their day, then what is to be read.
///
/// # Errors
/// The database's.
pub async fn rows(app: &App, viewer: &crate::people::Viewer) -> sqlx::Result<Vec<Row>> {
    let today = app.today();
    let actions = store::actions(&app.pool, viewer).await?.into_iter().map(|row| action(row, today));
    let (late, other): (Vec<_>, Vec<_>) = actions.partition(|(day, _)| *day < today);
    let mut rows: Vec<Row> = late.into_iter().map(|(_, row)| row).collect();
    rows.extend(store::checks(&app.pool, viewer, today).await?.into_iter().map(|row| check(row, today)));
    rows.extend(store::for_managers(&app.pool, viewer, today).await?.into_iter().map(|row| for_manager(row, today)));
    rows.extend(other.into_iter().map(|(_, row)| row));
    Ok(rows)
}

fn draft(row: DraftRow, today: NaiveDate) -> Draft {
    let state = match row.state.as_str() {
        "in-review" => "in review",
        "abandoned" => "given up",
        _ => "draft",
    };
    Draft {
        title: if row.title.is_empty() { "Without a title yet".to_owned() } else { row.title },
        url: urls::draft(&row.draft_id),
        detail: format!("{state} · saved {}", dates::distance(today, row.changed_at.date_naive())),
    }
}

/// `GET /desk`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout) -> Result<Page<DeskPage>, Error> {
    let today = app.today();
    let page = DeskPage {
        acting_as: viewer.roles.iter().map(crate::people::Role::words).collect::<Vec<_>>().join(", "),
        rows: rows(&app, &viewer).await?,
        drafts: store::drafts(&app.pool, &viewer).await?.into_iter().map(|row| draft(row, today)).collect(),
        may_record: permissions::may_begin_recording(Some(&viewer)),
        may_read_mail_log: viewer.has(RoleKind::Secretariat),
        layout,
    };
    Ok(Page(StatusCode::OK, page))
}

//! My desk: a to-do list, most urgent first, each row a verb.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;

use super::outgoing;
use super::store::{self, ActionRow, CheckRow, DraftRow, FailedMailRow, OwnReportRow, ReportRow, TellRow, WaitingRow};
use crate::App;
use crate::dates;
use crate::mail::fate;
use crate::people::{RoleKind, Viewer};
use crate::permissions;
use crate::statements::letter::shown_title;
use crate::unrecorded::title_or_words;
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
    /// Its title.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// Where it stands.
    pub detail: String,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/desk.html")]
pub struct DeskPage {
    layout: Layout,
    acting_as: String,
    rows: Vec<Row>,
    drafts: Vec<Draft>,
    waiting: Vec<Draft>,
    peer_drafts: Vec<Draft>,
    awaited: Vec<Draft>,
    reports: Vec<Draft>,
    may_record: bool,
    may_draft: bool,
    may_read_mail_log: bool,
}

/// The verb of what asks for nothing.
const READ: &str = "Read";

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
        (false, _) => (READ, "plain"),
        (true, Some(_)) => ("Answer", "late"),
        (true, None) => ("Answer", "needs-action"),
    };
    let detail = format!("Statement {} from {} · {with}{due}", row.number, row.from_text);
    (row.due_on.unwrap_or(NaiveDate::MAX), Row { verb, tone, title: row.title, url: urls::statement(row.number), detail, button: "Open" })
}

fn failed_mail(row: FailedMailRow) -> Row {
    let others = match row.failed {
        ..=1 => String::new(),
        2 => " · and one more".to_owned(),
        more => format!(" · and {} more", more - 1),
    };
    let failed = format!("mail to {} failed: {}{others}", row.recipient, row.server_words);
    let (verb, url, detail, button) = match (row.number, row.draft_id) {
        (Some(number), _) => ("Send again", format!("{}#mail", urls::statement(number)), format!("Statement {number} · {failed}"), "Open its mail"),
        (None, Some(draft_id)) => ("Send again", format!("{}#mail", urls::draft(&draft_id)), failed, "Open its mail"),
        (None, None) => ("See to it", urls::mail(row.mail_id), failed, "Open the mail"),
    };
    let title = shown_title(&row.title);
    Row { verb, tone: "late", title, url, detail, button }
}

/// Mail that does not leave at all: for coordinators and the secretariat.
fn mail_trouble(app: &App, viewer: &Viewer) -> Option<Row> {
    let trouble = app.mail_health.trouble().filter(|_| viewer.is_staff())?;
    let (url, button) = match viewer.has(RoleKind::Secretariat) {
        true => ("/administration/mail", "Open the mail log"),
        false => ("/readyz", "See what is wrong"),
    };
    Some(Row {
        verb: "See to it",
        tone: "late",
        title: format!("Mail is not being sent since {}", fate::moment(trouble.since)),
        url: url.to_owned(),
        detail: format!("{}. Whoever runs the tracker can mend it; the mail waits meanwhile.", trouble.words),
        button,
    })
}

fn report(row: ReportRow, today: NaiveDate) -> Row {
    let from = if row.group_label.is_empty() { "its sender is not named".to_owned() } else { format!("from {}", row.group_label) };
    let taken = if row.is_mine { " · you took it" } else { "" };
    Row {
        verb: "Record",
        tone: "needs-action",
        title: title_or_words(&row.title),
        url: urls::report(&row.report_id),
        detail: format!("{} reported it {} · {from}{taken}", row.reporter, dates::distance(today, row.reported_at.date_naive())),
        button: "Open the report",
    }
}

/// How many things wait for somebody: as many as [`rows`] are.
///
/// # Errors
/// The database's.
pub async fn count(app: &App, viewer: &Viewer) -> sqlx::Result<i64> {
    Ok(store::count(&app.pool, viewer, app.today(), outgoing::waited(app)).await? + i64::from(mail_trouble(app, viewer).is_some()))
}

/// What waits for somebody, most urgent first: mail that does not leave, sign-offs of replies that ought to be out, late actions,
/// mail that failed, then approvals, then reviews, checks, reports, what waits for managers, then actions by their day, those that
/// nobody has taken after their own, then what is held and what is to be read (pages.md, *Desk*).
///
/// # Errors
/// The database's.
pub async fn rows(app: &App, viewer: &Viewer) -> sqlx::Result<Vec<Row>> {
    let today = app.today();
    let waits = store::waits(&app.pool, viewer, today, outgoing::waited(app)).await?;
    let actions = waits.actions.into_iter().map(|row| (is_taken(&row), action(row, today)));
    let (late, other): (Vec<_>, Vec<_>) = actions.partition(|(_, (day, _))| *day < today);
    let (mut other, to_read): (Vec<_>, Vec<_>) = other.into_iter().partition(|(_, (_, row))| row.verb != READ);
    other.sort_by_key(|(is_taken, _)| !is_taken);
    let (urgent, sign_offs): (Vec<_>, Vec<_>) = waits.sign_offs.into_iter().partition(|row| outgoing::is_late(row, today));
    let (approvals, reviews): (Vec<_>, Vec<_>) = sign_offs.into_iter().partition(outgoing::is_approval);
    let mut rows: Vec<Row> = mail_trouble(app, viewer).into_iter().collect();
    rows.extend(urgent.into_iter().map(|row| outgoing::sign_off(row, today)));
    rows.extend(late.into_iter().map(|(_, (_, row))| row));
    rows.extend(waits.failed_mail.into_iter().map(failed_mail));
    rows.extend(approvals.into_iter().chain(reviews).map(|row| outgoing::sign_off(row, today)));
    rows.extend(waits.checks.into_iter().map(|row| check(row, today)));
    rows.extend(waits.reports.into_iter().map(|row| report(row, today)));
    rows.extend(waits.for_managers.into_iter().map(|row| for_manager(row, today)));
    rows.extend(other.into_iter().chain(to_read).map(|(_, (_, row))| row));
    rows.extend(waits.held.into_iter().map(|row| outgoing::held(row, today)));
    Ok(rows)
}

/// Whether somebody sees to it.
fn is_taken(row: &ActionRow) -> bool {
    row.is_mine || !row.assignee_name.is_empty()
}

fn draft(row: DraftRow, today: NaiveDate) -> Draft {
    let state = match row.state.as_str() {
        "in-review" => "in review",
        "abandoned" => "given up",
        _ => "draft",
    };
    let missing = match outgoing::missing(&row.form, row.is_outgoing, row.has_files) {
        missing if missing.is_empty() || row.state != "draft" => String::new(),
        missing => format!(" · missing: {}", missing.join(", ")),
    };
    Draft {
        title: shown_title(&row.title),
        url: urls::draft(&row.draft_id),
        detail: format!("{state} · saved {}{missing}", dates::distance(today, row.changed_at.date_naive())),
    }
}

fn own_report(row: OwnReportRow, today: NaiveDate, label: &str) -> Draft {
    let state = match (row.state.as_str(), row.number) {
        (_, Some(number)) => format!("recorded as {label} {number}"),
        ("set-aside", None) => "set aside".to_owned(),
        ("taken", None) => "taken, not recorded yet".to_owned(),
        _ => "not taken yet".to_owned(),
    };
    Draft {
        title: title_or_words(&row.title),
        url: urls::report(&row.report_id),
        detail: format!("{state} · reported {}", dates::distance(today, row.reported_at.date_naive())),
    }
}

fn waits(row: WaitingRow, today: NaiveDate) -> Draft {
    Draft {
        title: shown_title(&row.title),
        url: urls::draft(&row.draft_id),
        detail: format!("since {}: {}", dates::distance(today, row.since.date_naive()), row.asked.lines().next().unwrap_or_default()),
    }
}

/// `GET /desk`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout) -> Result<Page<DeskPage>, Error> {
    let today = app.today();
    let mut begun = store::begun(&app.pool, &viewer, today).await?;
    if !viewer.is_role_holder() {
        begun.waiting.clear();
        begun.awaited.clear();
    }
    let label = &app.config.statement_label;
    let page = DeskPage {
        acting_as: viewer.roles.iter().map(crate::people::Role::words).collect::<Vec<_>>().join(", "),
        rows: rows(&app, &viewer).await?,
        drafts: begun.drafts.into_iter().map(|row| draft(row, today)).collect(),
        waiting: begun.waiting.into_iter().map(|row| waits(row, today)).collect(),
        peer_drafts: begun.peer_drafts.into_iter().map(|row| outgoing::peer_draft(row, today)).collect(),
        awaited: begun.awaited.into_iter().map(|row| outgoing::awaited(row, today, label)).collect(),
        reports: begun.reports.into_iter().map(|row| own_report(row, today, label)).collect(),
        may_record: permissions::may_begin_recording(Some(&viewer)),
        may_draft: permissions::may_begin_drafting(Some(&viewer)),
        may_read_mail_log: viewer.has(RoleKind::Secretariat),
        layout,
    };
    Ok(Page(StatusCode::OK, page))
}

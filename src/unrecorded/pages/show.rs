//! A report: what was reported, where it stands, and what whoever sees to it can do.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use super::{FileLine, file_line};
use crate::App;
use crate::people::Viewer;
use crate::permissions::{reads_report, sees_to_report};
use crate::problems::Problems;
use crate::statements::attachments::{Attachment, AttachmentKind, Visibility, hex};
use crate::statements::body;
use crate::statements::pages::attachment;
use crate::unrecorded::steps::{self, Outcome, Step};
use crate::unrecorded::{Report, ReportFile, ReportState, store, title_or_words};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

struct Line {
    machine_time: String,
    time: String,
    sentence: String,
}

#[derive(Template)]
#[template(path = "unrecorded/show.html")]
struct ReportPage {
    layout: Layout,
    problems: Problems,
    title: String,
    tone: &'static str,
    state: &'static str,
    sentence: String,
    leads_to: String,
    leads_to_words: String,
    rows: Vec<(&'static str, String)>,
    body_html: String,
    files: Vec<FileLine>,
    history: Vec<Line>,
    url: String,
    version: i32,
    take: &'static str,
    may_give_back: bool,
    may_record: bool,
    may_set_aside: bool,
    reason: String,
}

/// The report, for whoever may read it; for all others there is none.
async fn open(app: &App, connection: &mut PgConnection, viewer: Option<&Viewer>, report_id: &str) -> Result<(Report, Viewer), Error> {
    let report = store::find(connection, report_id, app.today()).await?.ok_or(Error::NotFound)?;
    match viewer {
        Some(viewer) if reads_report(Some(viewer), &report.case) => Ok((report, viewer.clone())),
        _ => Err(Error::NotFound),
    }
}

struct Standing {
    tone: &'static str,
    state: &'static str,
    sentence: String,
    leads_to: String,
    leads_to_words: String,
}

async fn standing(app: &App, connection: &mut PgConnection, report: &Report, sees_to: bool) -> Result<Standing, Error> {
    let plain = |state, sentence: String| Standing { tone: "plain", state, sentence, leads_to: String::new(), leads_to_words: String::new() };
    if let Some(begun) = report.in_hand() {
        return Ok(match begun.number {
            Some(number) => Standing {
                leads_to: urls::statement(number),
                leads_to_words: format!("{} {number}", app.config.statement_label),
                ..plain("Recorded", String::new())
            },
            None => Standing {
                tone: "in-review",
                leads_to: if sees_to { urls::draft(&begun.draft_id) } else { String::new() },
                leads_to_words: "Open the draft".to_owned(),
                ..plain("Being recorded", format!("{} began a draft of it.", report.taken_name))
            },
        });
    }
    Ok(match (report.state, report.taker()) {
        (ReportState::SetAside, _) => plain("Set aside", report.reason.clone()),
        (ReportState::Taken, Some(_)) => Standing { tone: "in-review", ..plain("Taken", format!("{} is to record it.", report.taken_name)) },
        _ => {
            let whom = steps::who_sees_to(app, connection, report.group_id).await?;
            let whom = whom.iter().map(|one| format!("the {}", one.why)).collect::<Vec<_>>().join(" or ");
            Standing { tone: "needs-action", ..plain("Not taken yet", format!("It waits for {whom}.")) }
        }
    })
}

async fn page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    viewer: &Viewer,
    report: &Report,
    problems: Problems,
    reason: &str,
) -> Result<ReportPage, Error> {
    let sees_to = sees_to_report(viewer, &report.case).is_some();
    let standing = standing(app, &mut *connection, report, sees_to).await?;
    let files = store::files(&mut *connection, report.case.reported_by, &report.creation_key).await?;
    let lines = store::lines(connection, report.unrecorded_id).await?;
    let is_mine = report.taker() == Some(viewer.person_id);
    let may = sees_to && report.in_hand().is_none();
    let reporter = if report.reported_as.is_empty() { report.reporter.clone() } else { format!("{} ({})", report.reporter, report.reported_as) };
    let mut rows = vec![("Reported by", reporter), ("Reported on", report.reported_at.format("%-d %b %Y %H:%M UTC").to_string())];
    if !report.group_label.is_empty() {
        rows.push(("From", report.group_label.clone()));
    }
    layout.error_title = !problems.is_empty();
    Ok(ReportPage {
        title: title_or_words(&report.title),
        tone: standing.tone,
        state: standing.state,
        sentence: standing.sentence,
        leads_to: standing.leads_to,
        leads_to_words: standing.leads_to_words,
        rows,
        body_html: body::to_html(&report.form.body),
        files: files.iter().map(|file| file_line(file, |file| urls::report_file(&report.report_id, file.n, &file.file_name))).collect(),
        history: lines.into_iter().map(line).collect(),
        url: urls::report(&report.report_id),
        version: report.version,
        take: match (may, is_mine, report.taker()) {
            (true, false, None) => "Take it",
            (true, false, Some(_)) => "Take it over",
            _ => "",
        },
        may_give_back: may && report.taker().is_some(),
        may_record: may && report.state != ReportState::SetAside && (is_mine || report.taker().is_none()),
        may_set_aside: may && report.state != ReportState::SetAside,
        reason: reason.to_owned(),
        layout,
        problems,
    })
}

fn line(line: store::Line) -> Line {
    let actor = if line.role.is_empty() { line.actor } else { format!("{} ({})", line.actor, line.role) };
    Line {
        machine_time: line.at.format("%Y-%m-%dT%H:%MZ").to_string(),
        time: line.at.format("%-d %b %Y %H:%M UTC").to_string(),
        sentence: format!("{actor} {}", line.words),
    }
}

/// `GET /statements/unrecorded/{report}`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn show(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(report_id): At<String>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (report, viewer) = open(&app, &mut connection, viewer.as_ref(), &report_id).await?;
    let page = page(&app, &mut connection, layout, &viewer, &report, Problems::default(), "").await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `GET /statements/unrecorded/{report}/files/{n}/{name}`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn file(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    At((report_id, n, name)): At<(String, i32, String)>,
    asked: attachment::Asked,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (report, _) = open(&app, &mut connection, viewer.as_ref(), &report_id).await?;
    let files = store::files(&mut connection, report.case.reported_by, &report.creation_key).await?;
    drop(connection);
    let file = files.into_iter().find(|file| file.n == n && file.file_id.is_some()).ok_or(Error::NotFound)?;
    let url = urls::report_file(&report_id, n, &file.file_name);
    attachment::serve(&app.pool, &as_attachment(file), &name, &url, &asked).await
}

fn as_attachment(file: ReportFile) -> Attachment {
    Attachment {
        n: file.n,
        kind: AttachmentKind::Enclosure,
        alternative_of: None,
        title: String::new(),
        peer_number: String::new(),
        visibility: Visibility::Concerned,
        withheld_why: String::new(),
        file_id: file.file_id,
        file_name: file.file_name,
        size: file.size,
        sha256: file.sha256.map(|hash| hex(&hash)).unwrap_or_default(),
        media_type: file.media_type,
        format_name: file.format_name,
        url: None,
        is_not_held: false,
        added_at: chrono::DateTime::UNIX_EPOCH,
        taken_away: None,
    }
}

/// What the buttons send.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    version: String,
    reason: String,
}

async fn step(app: &App, viewer: Option<Viewer>, report_id: &str, sent: &Sent, step: Step<'_>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (report, viewer) = open(app, &mut connection, viewer.as_ref(), report_id).await?;
    drop(connection);
    let url = urls::report(&report.report_id);
    Ok(match steps::step(app, &viewer, report_id, sent.version.parse().unwrap_or(0), step).await? {
        Outcome::Done(words) => redirect_with(app, &url, "done", words),
        Outcome::Draft(draft_id) => {
            redirect_with(app, &urls::draft(&draft_id), "done", "The draft holds what was reported. Fill in the rest, then continue to check.")
        }
        Outcome::Already(words) => redirect_with(app, &url, "notice", &words),
        Outcome::Stale => redirect_with(app, &url, "notice", "It changed meanwhile. This is where it stands now; nothing was done."),
        Outcome::Gone => return Err(Error::NotFound),
        Outcome::NotAllowed => {
            return Err(Error::NotAllowed("Only the liaison manager, coordinators and the secretariat can do this.".to_owned()));
        }
    })
}

/// `POST /statements/unrecorded/{report}/take`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn take(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    At(report_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    step(&app, viewer, &report_id, &sent, Step::Take).await
}

/// `POST /statements/unrecorded/{report}/give-back`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn give_back(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    At(report_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    step(&app, viewer, &report_id, &sent, Step::GiveBack).await
}

/// `POST /statements/unrecorded/{report}/record`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn record(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    At(report_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    step(&app, viewer, &report_id, &sent, Step::Record).await
}

/// `POST /statements/unrecorded/{report}/set-aside`
///
/// # Errors
/// There is none for this person; the database's.
pub async fn set_aside(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(report_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut problems = Problems::default();
    match body::clean(sent.reason.trim()) {
        Ok(reason) if !reason.is_empty() => return step(&app, viewer, &report_id, &sent, Step::SetAside(&reason)).await,
        Ok(_) => problems.add("reason", "Enter why it is not recorded"),
        Err(problem) => problems.add("reason", problem.words("Why is it not recorded?")),
    }
    let mut connection = app.pool.acquire().await?;
    let (report, viewer) = open(&app, &mut connection, viewer.as_ref(), &report_id).await?;
    if sees_to_report(&viewer, &report.case).is_none() {
        return Err(Error::NotAllowed("Only the liaison manager, coordinators and the secretariat can do this.".to_owned()));
    }
    let page = page(&app, &mut connection, layout, &viewer, &report, problems, &sent.reason).await?;
    Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

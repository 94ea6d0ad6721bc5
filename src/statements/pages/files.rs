//! The files of a posted statement: one more is added; who may fetch one is said.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use super::action::words;
use super::draft::{acting_choices, acting_role};
use super::remarks::{answer, first_role, open};
use super::upload::FormWithFiles;
use crate::App;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::{Choice, Problems};
use crate::statements::actions::Done;
use crate::statements::attachments::{self, Attachment, size_words};
use crate::statements::later_files::{self, Addition, Face};
use crate::statements::lifecycle::Acting;
use crate::statements::store::{Found, files};
use crate::statements::{AttachmentKind, Visibility, body, checks};
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

/// A file that is there.
struct FileRow {
    name: String,
    detail: String,
    url: String,
}

#[derive(Template)]
#[template(path = "statements/files.html")]
struct FilesPage {
    layout: Layout,
    problems: Problems,
    label: String,
    title: String,
    url: String,
    edition: i32,
    files: Vec<FileRow>,
    file_limit: String,
    link: String,
    file_title: String,
    peer_number: String,
    kinds: Vec<Choice>,
    others: Vec<Choice>,
    visibilities: Vec<Choice>,
    withheld_why: String,
    acting: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "statements/file.html")]
struct FilePage {
    layout: Layout,
    problems: Problems,
    label: String,
    name: String,
    other_forms: String,
    url: String,
    action: String,
    edition: i32,
    visibilities: Vec<Choice>,
    sent: Sent,
    acting: Vec<Choice>,
    may_take_away: bool,
}

/// What the form of one file sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Sent {
    edition: String,
    acting: String,
    visibility: String,
    withheld_why: String,
    reason: String,
}

/// The choice that stands for an original mail, which is never for others than those concerned.
const ORIGINAL: &str = "original-mail";

fn visibilities(chosen: &str, with_original: bool) -> Vec<Choice> {
    let mut choices = vec![
        Choice::new(Visibility::Public.as_str(), "Everybody", chosen),
        Choice::new(Visibility::Concerned.as_str(), "Those concerned", chosen).with_hint("Nobody else learns that it is there"),
        Choice::new(Visibility::Withheld.as_str(), "Withheld, with a reason", chosen)
            .with_hint("Everybody reads its title and the reason; those concerned can fetch it"),
    ];
    if with_original {
        choices.push(Choice::new(ORIGINAL, "It is the original mail", chosen).with_hint("For those concerned, always"));
    }
    choices
}

fn who_may(file: &Attachment) -> String {
    match (file.kind, file.visibility) {
        (AttachmentKind::OriginalMail, _) => "original mail, for those concerned".to_owned(),
        (_, Visibility::Public) => "for everybody".to_owned(),
        (_, Visibility::Concerned) => "for those concerned".to_owned(),
        (_, Visibility::Withheld) => format!("withheld: {}", file.withheld_why),
    }
}

async fn page(
    app: &App,
    connection: &mut PgConnection,
    layout: Layout,
    (found, number, viewer): (&Found, i32, &Viewer),
    sent: &FormWithFiles,
    (status, problems): (StatusCode, Problems),
) -> Result<Response, Error> {
    use AttachmentKind::{Alternative, Enclosure, OriginalMail, Statement};
    let there = files::list(connection, found.statement_id).await?;
    let or = |chosen: &str, usual: &str| if chosen.is_empty() { usual.to_owned() } else { chosen.to_owned() };
    let kind = or(sent.text("kind"), Enclosure.as_str());
    let mut others = vec![Choice::new("", "Choose", sent.text("alternative-of"))];
    others.extend(there.iter().map(|file| Choice::new(&file.n.to_string(), file.shown(), sent.text("alternative-of"))));
    let page = FilesPage {
        layout: Layout { error_title: !problems.is_empty(), ..layout },
        label: format!("{} {number}", app.config.statement_label),
        title: found.title.clone(),
        url: urls::statement(number),
        edition: found.edition,
        files: there
            .iter()
            .map(|file| FileRow {
                name: file.shown().to_owned(),
                detail: if file.taken_away.is_some() { "taken away".to_owned() } else { who_may(file) },
                url: urls::file(number, file.n),
            })
            .collect(),
        file_limit: size_words(app.config.max_file_bytes),
        link: sent.text("link").to_owned(),
        file_title: sent.text("title").to_owned(),
        peer_number: sent.text("peer-number").to_owned(),
        kinds: [Enclosure, Alternative, Statement, OriginalMail].iter().map(|one| Choice::new(one.as_str(), one.words(), &kind)).collect(),
        others,
        visibilities: visibilities(&or(sent.text("visibility"), Visibility::Public.as_str()), false),
        withheld_why: sent.text("withheld-why").to_owned(),
        acting: acting_choices(viewer, Deed::EditPosted, found, sent.text("acting")),
        problems,
    };
    Ok(Page(status, page).into_response())
}

/// `GET /statements/{number}/files`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, &number).await?;
    first_role(&viewer, Deed::EditPosted, &found)?;
    page(&app, &mut connection, layout, (&found, number, &viewer), &FormWithFiles::default(), (StatusCode::OK, Problems::default())).await
}

/// `POST /statements/{number}/files`
pub async fn add(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At(number): At<String>,
    request: Request,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, &number).await?;
    first_role(&viewer, Deed::EditPosted, &found)?;
    drop(connection);
    let mut sent = FormWithFiles::read(&app, request).await?;
    let done = add_sent(&app, &viewer, &found, number, &mut sent).await;
    // what was not attached belongs to nothing
    if !matches!(done, Ok(Some(Done::Recorded(_)))) {
        sent.discard(&app).await;
    }
    match done? {
        Some(Done::Recorded(words)) => Ok(redirect_with(&app, &format!("{}#attachments", urls::statement(number)), "done", &words)),
        Some(done) => answer(&app, number, done, "#attachments"),
        None => {
            let status = if sent.is_complete { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::PAYLOAD_TOO_LARGE };
            let problems = std::mem::take(&mut sent.problems);
            let mut connection = app.pool.acquire().await?;
            page(&app, &mut connection, layout, (&found, number, &viewer), &sent, (status, problems)).await
        }
    }
}

/// Adds what was sent; none: something is wrong with it, as its problems say.
async fn add_sent(app: &App, viewer: &Viewer, found: &Found, number: i32, sent: &mut FormWithFiles) -> Result<Option<Done>, Error> {
    let mut problems = std::mem::take(&mut sent.problems);
    let role = acting_role(viewer, Deed::EditPosted, found, sent.text("acting"))?;
    if role.is_none() {
        problems.add("acting", "Select in which role you act");
    }
    let typed_link = sent.text("link").trim();
    let link = if typed_link.is_empty() { None } else { attachments::link(typed_link).map_err(|words| problems.add("link", words)).ok() };
    let stored: Vec<_> = sent.files.iter().map(|(_, stored)| stored.clone()).collect();
    let count = stored.len() + usize::from(link.is_some());
    if count == 0 && problems.is_empty() {
        problems.add("file", "Choose a file, or give a link");
    }
    let mut line = |field: &str, label: &str| match body::one_line(sent.text(field)) {
        Ok(line) if line.chars().count() <= checks::TITLE_CHARACTERS => line,
        Ok(_) => {
            problems.add(field, format!("{label} must be {} characters or fewer", checks::TITLE_CHARACTERS));
            String::new()
        }
        Err(problem) => {
            problems.add(field, problem.words(label));
            String::new()
        }
    };
    let (title, peer_number) = (line("title", "Title"), line("peer-number", "Peer's number"));
    if count > 1 && !(title.is_empty() && peer_number.is_empty()) {
        problems.add("title", "A title and a number are of one file: add the files one by one, or give them titles later");
    }
    let kind = AttachmentKind::parse(sent.text("kind")).unwrap_or(AttachmentKind::Enclosure);
    let alternative_of = sent.text("alternative-of").parse::<i32>().ok();
    if kind == AttachmentKind::Alternative && alternative_of.is_none() {
        problems.add("alternative-of", "Choose of which file it is another format");
    }
    let visibility = Visibility::parse(sent.text("visibility")).unwrap_or(Visibility::Public);
    let withheld_why = words(sent.text("withheld-why"), "withheld-why", "The reason", &mut problems);
    if visibility == Visibility::Withheld && kind != AttachmentKind::OriginalMail && withheld_why.is_empty() && problems.of("withheld-why").is_empty()
    {
        problems.add("withheld-why", "Enter why it is withheld");
    }
    if !problems.is_empty() && !stored.is_empty() {
        problems.add("file", "The files were not kept: choose them again");
    }
    let (Some(role), true) = (role, problems.is_empty() && sent.is_complete) else {
        sent.problems = problems;
        return Ok(None);
    };
    let new = Addition {
        files: &stored,
        link: link.as_deref(),
        kind,
        alternative_of,
        title: &title,
        peer_number: &peer_number,
        visibility,
        withheld_why: &withheld_why,
    };
    let edition = sent.text("edition").parse().unwrap_or(0);
    Ok(Some(later_files::add(app, Acting { viewer, role: &role }, number, edition, &new).await?))
}

/// A file of a statement, for whoever may say who fetches it.
async fn open_file(connection: &mut PgConnection, viewer: &Viewer, number: &str, n: i32) -> Result<(Found, i32, Attachment), Error> {
    let (found, number) = open(&mut *connection, number).await?;
    first_role(viewer, Deed::EditPosted, &found)?;
    let file = files::one(connection, found.statement_id, n).await?.ok_or(Error::NotFound)?;
    Ok((found, number, file))
}

async fn file_page(
    app: &App,
    connection: &mut PgConnection,
    layout: Layout,
    viewer: &Viewer,
    (found, number, file): (&Found, i32, &Attachment),
    (sent, problems): (Sent, Problems),
) -> Result<Response, Error> {
    let there = files::list(connection, found.statement_id).await?;
    let others = there.iter().filter(|other| other.n != file.n && (other.alternative_of == Some(file.n) || file.alternative_of == Some(other.n)));
    let page = FilePage {
        label: format!("{} {number}", app.config.statement_label),
        name: file.shown().to_owned(),
        other_forms: others.map(|other| format!("{} ({})", other.shown(), who_may(other))).collect::<Vec<_>>().join(", "),
        url: urls::statement(number),
        action: urls::file(number, file.n),
        edition: found.edition,
        visibilities: visibilities(&sent.visibility, true),
        acting: acting_choices(viewer, Deed::EditPosted, found, &sent.acting),
        may_take_away: file.file_id.is_some() && file.taken_away.is_none() && first_role(viewer, Deed::Remove, found).is_ok(),
        layout: Layout { error_title: !problems.is_empty(), ..layout },
        sent,
        problems,
    };
    let status = if page.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page(status, page).into_response())
}

/// `GET /statements/{number}/files/{n}`
pub async fn show_one(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At((number, n)): At<(String, i32)>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number, file) = open_file(&mut connection, &viewer, &number, n).await?;
    let visibility = if file.kind == AttachmentKind::OriginalMail { ORIGINAL } else { file.visibility.as_str() };
    let sent = Sent { visibility: visibility.to_owned(), withheld_why: file.withheld_why.clone(), ..Sent::default() };
    file_page(&app, &mut connection, layout, &viewer, (&found, number, &file), (sent, Problems::default())).await
}

/// `POST /statements/{number}/files/{n}`
pub async fn show_to(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At((number, n)): At<(String, i32)>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number, file) = open_file(&mut connection, &viewer, &number, n).await?;
    let mut problems = Problems::default();
    let role = acting_role(&viewer, Deed::EditPosted, &found, &sent.acting)?;
    if role.is_none() {
        problems.add("acting", "Select in which role you act");
    }
    let is_original_mail = sent.visibility == ORIGINAL;
    let visibility = if is_original_mail { Some(Visibility::Concerned) } else { Visibility::parse(&sent.visibility) };
    if visibility.is_none() {
        problems.add("visibility", "Select who may fetch it");
    }
    let withheld_why = words(&sent.withheld_why.replace(['\r', '\n'], " "), "withheld-why", "The reason", &mut problems);
    if visibility == Some(Visibility::Withheld) && withheld_why.is_empty() && problems.of("withheld-why").is_empty() {
        problems.add("withheld-why", "Enter why it is withheld");
    }
    let reason = words(&sent.reason, "reason", "Why it changes", &mut problems);
    let (Some(role), Some(visibility), true) = (role, visibility, problems.is_empty()) else {
        return file_page(&app, &mut connection, layout, &viewer, (&found, number, &file), (sent, problems)).await;
    };
    drop(connection);
    let face = Face { is_original_mail, visibility, withheld_why: &withheld_why, reason: &reason };
    let edition = sent.edition.parse().unwrap_or(0);
    match later_files::show_to(&app, Acting { viewer: &viewer, role: &role }, number, edition, n, face).await? {
        Done::Stale => {
            let words = "This changed while you read it. Nothing was recorded; this is how it stands now.";
            Ok(redirect_with(&app, &urls::file(number, n), "notice", words))
        }
        done => answer(&app, number, done, "#attachments"),
    }
}

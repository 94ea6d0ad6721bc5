//! The form that reports an unrecorded statement: text, file, whole mail or link, and perhaps who wrote it.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use sqlx::PgConnection;

use super::{FileLine, file_line};
use crate::App;
use crate::ids::{FileId, GroupId};
use crate::organizations;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::Problems;
use crate::statements::State as Life;
use crate::statements::attachments;
use crate::statements::body;
use crate::statements::form::StatementForm;
use crate::statements::pages::draft;
use crate::statements::pages::upload::FormWithFiles;
use crate::statements::store::draft::newest;
use crate::unrecorded::steps::{self, PASTED_MAIL, Reported, Told};
use crate::unrecorded::store::{self, Brought};
use crate::unrecorded::{ReportFile, letter};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{Asked, SignedIn};
use crate::web::layout::{Layout, Page, redirect_with};

#[derive(Template)]
#[template(path = "unrecorded/new.html")]
struct NewPage {
    layout: Layout,
    problems: Problems,
    form: StatementForm,
    others: Vec<(String, String)>,
    link: String,
    creation_key: String,
    draft: String,
    files: Vec<FileLine>,
    file_limit: String,
    note: String,
}

/// What the form shows.
#[derive(Default)]
struct Shown {
    form: StatementForm,
    link: String,
    creation_key: String,
    draft: String,
    problems: Problems,
    note: String,
}

async fn page(app: &App, connection: &mut PgConnection, mut layout: Layout, viewer: &Viewer, shown: Shown) -> Result<NewPage, Error> {
    let mut files: Vec<FileLine> = Vec::new();
    if !shown.draft.is_empty() {
        let found = draft::open(&mut *connection, Some(viewer), &shown.draft).await?;
        let rows = draft::file_rows(&mut *connection, found.statement_id, &shown.draft).await?;
        // they come along; they can be taken off the draft
        files.extend(rows.into_iter().map(|row| FileLine { n: 0, shown: row.shown, what: row.what, url: row.url }));
    }
    let kept = store::files(connection, viewer.person_id, &shown.creation_key).await?;
    files.extend(kept.iter().map(|file| file_line(file, |_| String::new())));
    layout.error_title = !shown.problems.is_empty();
    let is_own = |name: &str| matches!(name, "from" | "title" | "body");
    Ok(NewPage {
        others: shown.form.filled().into_iter().filter(|(name, _)| !is_own(name)).collect(),
        file_limit: attachments::size_words(app.config.max_file_bytes),
        problems: shown.problems,
        form: shown.form,
        link: shown.link,
        creation_key: shown.creation_key,
        draft: shown.draft,
        note: shown.note,
        files,
        layout,
    })
}

/// The form again, with the status of what is wrong.
async fn again(app: &App, layout: Layout, viewer: &Viewer, status: StatusCode, shown: Shown) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let page = page(app, &mut connection, layout, viewer, shown).await?;
    Ok(Page(status, page).into_response())
}

/// For somebody who sent the form of an incoming statement and may not record any: the report, with all that was typed.
///
/// # Errors
/// The database's.
pub async fn instead_of_recording(app: &App, layout: Layout, viewer: &Viewer, form: StatementForm, link: &str) -> Result<Response, Error> {
    let shown = Shown {
        form,
        link: link.to_owned(),
        creation_key: crate::random_text(12)?,
        note: "Your roles do not let you record statements, so nothing was saved. You can report it instead: what you typed is below; add the files again."
            .to_owned(),
        ..Shown::default()
    };
    again(app, layout, viewer, StatusCode::FORBIDDEN, shown).await
}

/// The draft that is reported instead.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    draft: String,
}

/// `GET /statements/unrecorded/new`
///
/// # Errors
/// There is no such draft; the database's.
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, Asked(query): Asked<Query>) -> Result<Response, Error> {
    let mut shown = Shown { creation_key: crate::random_text(12)?, ..Shown::default() };
    if !query.draft.is_empty() {
        let mut connection = app.pool.acquire().await?;
        let found = draft::open(&mut connection, Some(&viewer), &query.draft).await?;
        draft::first_role(&viewer, Deed::Abandon, &found)?;
        if found.case.state != Life::Draft {
            return Err(Error::Elsewhere(urls::draft(&query.draft)));
        }
        shown.form = newest(&mut connection, found.statement_id).await?.form;
        shown.draft = query.draft;
        shown.note = "This is your draft. Once it is reported the draft is given up; it can be restored.".to_owned();
    }
    again(&app, layout, &viewer, StatusCode::OK, shown).await
}

/// `POST /statements/unrecorded/new`
///
/// # Errors
/// No form at all; the database's.
pub async fn create(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, request: Request) -> Result<Response, Error> {
    let mut sent = FormWithFiles::read(&app, request).await?;
    let form = StatementForm::from_fields(&sent.fields);
    let key: String = sent.text("creation-key").chars().take(64).collect();
    let shown = Shown {
        form,
        link: sent.text("link").trim().to_owned(),
        creation_key: if key.is_empty() { crate::random_text(12)? } else { key },
        draft: sent.text("draft").chars().take(64).collect(),
        ..Shown::default()
    };
    if !sent.is_complete {
        sent.discard(&app).await;
        let problems = std::mem::take(&mut sent.problems);
        return again(&app, layout, &viewer, StatusCode::PAYLOAD_TOO_LARGE, Shown { problems, ..shown }).await;
    }
    take(&app, layout, &viewer, sent, shown).await
}

async fn take(app: &App, layout: Layout, viewer: &Viewer, mut sent: FormWithFiles, mut shown: Shown) -> Result<Response, Error> {
    let removed = sent.text("do").strip_prefix("remove-file:").and_then(|n| n.parse::<i32>().ok());
    let mut problems = std::mem::take(&mut sent.problems);
    let link = match attachments::link(&shown.link) {
        _ if shown.link.is_empty() => None,
        Ok(link) => Some(link),
        Err(words) => {
            problems.add("link", words);
            None
        }
    };
    let Some(kept) = keep(app, viewer, &mut sent, &shown.creation_key, link.as_deref(), removed).await? else {
        sent.discard(app).await;
        return before(app, layout, viewer, shown).await;
    };
    if link.is_some() {
        shown.link.clear();
    }
    if removed.is_some() {
        return again(app, layout, viewer, StatusCode::OK, shown).await;
    }
    let mut connection = app.pool.acquire().await?;
    let group = organization(&mut connection, &shown.form.from, &mut problems).await?;
    let has_files = !kept.is_empty() || has_draft_files(&mut connection, viewer, &shown.draft).await?;
    check(&shown.form, has_files, &mut problems);
    if !problems.is_empty() {
        drop(connection);
        return again(app, layout, viewer, StatusCode::UNPROCESSABLE_ENTITY, Shown { problems, ..shown }).await;
    }
    if shown.form.title.trim().is_empty() {
        shown.form.title = subject(&mut connection, &shown.form.body, &kept).await?;
    }
    drop(connection);
    let told = Told {
        creation_key: shown.creation_key.clone(),
        group,
        mail: pasted_mail(app, &shown.form.body).await?,
        draft: (!shown.draft.is_empty()).then(|| shown.draft.clone()),
        form: shown.form.clone(),
    };
    match steps::report(app, viewer, &told).await? {
        Reported::New(id, mailed) => Ok(redirect_with(app, &urls::report(&id), "done", &format!("Reported. Mailed: {mailed}."))),
        Reported::Before(id) => Ok(redirect_with(app, &urls::report(&id), "notice", "You reported it already.")),
        Reported::BeforeWithOtherText(_) => before(app, layout, viewer, shown).await,
        Reported::NoDraft => Err(Error::Elsewhere(urls::draft(&shown.draft))),
    }
}

/// Keeps what the form brought, so that no problem loses a file; all that is kept. None: the form made a report before.
async fn keep(
    app: &App,
    viewer: &Viewer,
    sent: &mut FormWithFiles,
    creation_key: &str,
    link: Option<&str>,
    removed: Option<i32>,
) -> Result<Option<Vec<ReportFile>>, Error> {
    let now = app.clock.now();
    let by = viewer.person_id;
    let mut transaction = app.begin().await?;
    store::hold_form(&mut transaction, by, creation_key).await?;
    if store::made_by(&mut transaction, by, creation_key).await?.is_some() {
        return Ok(None);
    }
    for (_, stored) in &sent.files {
        store::keep(&mut transaction, by, creation_key, Brought::File(&stored.file_name, stored.file_id), now).await?;
    }
    if let Some(link) = link {
        store::keep(&mut transaction, by, creation_key, Brought::Link(link), now).await?;
    }
    if let Some(n) = removed {
        store::let_go(&mut transaction, by, creation_key, n).await?;
    }
    let kept = store::files(&mut transaction, by, creation_key).await?;
    transaction.commit().await?;
    sent.files.clear();
    Ok(Some(kept))
}

/// The form made a report before: the same words lead to it, other words are given back for another.
async fn before(app: &App, layout: Layout, viewer: &Viewer, shown: Shown) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let made = store::made_by(&mut connection, viewer.person_id, &shown.creation_key).await?;
    drop(connection);
    let Some((id, form)) = made else { return Err(Error::NotFound) };
    let is_same = form.body == shown.form.body && form.from == shown.form.from && (shown.form.title.is_empty() || form.title == shown.form.title);
    if is_same {
        return Ok(redirect_with(app, &urls::report(&id), "notice", "You reported it already."));
    }
    let mut problems = Problems::default();
    problems.add("title", "You reported this already, with other words. Send it again to report another; add its files again");
    let shown = Shown { creation_key: crate::random_text(12)?, problems, ..shown };
    again(app, layout, viewer, StatusCode::CONFLICT, shown).await
}

/// The peer that was named; none: none was.
async fn organization(connection: &mut PgConnection, typed: &str, problems: &mut Problems) -> Result<Option<(GroupId, String)>, Error> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let directory = organizations::store::directory(connection).await?;
    let named = directory.recognize(typed).groups;
    match named.first().and_then(|(id, _)| directory.known(*id)) {
        Some(group) if !group.home => Ok(Some((GroupId(group.group_id), directory.label(group.group_id)))),
        Some(group) => {
            let label = directory.label(group.group_id);
            problems.add("from", format!("{label} is one of our groups. Choose the organization that wrote it, or leave it empty"));
            Ok(None)
        }
        None => {
            problems.add("from", format!("We know no organization \"{}\". Choose one that is known, or leave it empty", typed.trim()));
            Ok(None)
        }
    }
}

async fn has_draft_files(connection: &mut PgConnection, viewer: &Viewer, draft_id: &str) -> Result<bool, Error> {
    if draft_id.is_empty() {
        return Ok(false);
    }
    let found = draft::open(&mut *connection, Some(viewer), draft_id).await?;
    Ok(!draft::file_rows(connection, found.statement_id, draft_id).await?.is_empty())
}

fn check(form: &StatementForm, has_files: bool, problems: &mut Problems) {
    if let Err(problem) = body::one_line(&form.title) {
        problems.add("title", problem.words("What is it about?"));
    }
    match body::clean(&form.body) {
        Err(problem) => problems.add("body", problem.words("Text")),
        Ok(text) if text.trim().is_empty() && !has_files && problems.is_empty() => {
            problems.add("body", "Enter its text, or add a file or a link");
        }
        Ok(_) => {}
    }
}

/// The subject of the mail that was pasted or added; empty: there is none.
async fn subject(connection: &mut PgConnection, text: &str, kept: &[ReportFile]) -> Result<String, Error> {
    if letter::is_mail(text) {
        return Ok(letter::read(text.trim_start().as_bytes()).map(|letter| letter.subject).unwrap_or_default());
    }
    let Some(file_id) = kept.iter().find(|file| file.is_mail()).and_then(|file| file.file_id) else { return Ok(String::new()) };
    let bytes = store::beginning(connection, file_id, letter::READ_BYTES).await?;
    Ok(letter::read(&bytes).map(|letter| letter.subject).unwrap_or_default())
}

/// A pasted mail is kept as the file it was.
async fn pasted_mail(app: &App, text: &str) -> Result<Option<FileId>, Error> {
    if !letter::is_mail(text) {
        return Ok(None);
    }
    let bytes = Bytes::from(text.trim_start().as_bytes().to_vec());
    let pieces = stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    match attachments::receive(&app.pool, app.clock.now(), PASTED_MAIL, pieces, app.config.max_file_bytes).await {
        Ok(stored) => Ok(Some(stored.file_id)),
        Err(attachments::Refused::Database(error)) => Err(error.into()),
        // larger than a file may be: its text is kept all the same
        Err(_) => Ok(None),
    }
}

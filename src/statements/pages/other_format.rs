//! Another format of a file, added in review by the addressed organization's manager.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::people::Viewer;
use crate::problems::{Choice, Problems};
use crate::statements::attachments::size_words;
use crate::statements::lifecycle::Acting;
use crate::statements::other_format::{self, Added, DEED};
use crate::statements::pages::draft::{self, FileRow};
use crate::statements::pages::upload::FormWithFiles;
use crate::statements::store::Found;
use crate::statements::{Direction, State as Life, body};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::layout::{Layout, Page, redirect_with};

#[derive(Template)]
#[template(path = "statements/other_format.html")]
struct OtherFormatPage {
    layout: Layout,
    problems: Problems,
    title: String,
    action: String,
    back_url: String,
    files: Vec<FileRow>,
    others: Vec<Choice>,
    file_title: String,
    is_confirmed: bool,
    file_limit: String,
}

async fn page(app: &App, mut layout: Layout, found: &Found, sent: &FormWithFiles, problems: Problems) -> Result<OtherFormatPage, Error> {
    let mut connection = app.pool.acquire().await?;
    let files = draft::file_rows(&mut connection, found.statement_id, &found.draft_id).await?;
    layout.error_title = !problems.is_empty();
    let mut others = vec![Choice::new("", "Choose a file", sent.text("of"))];
    others.extend(files.iter().map(|file| Choice::new(&file.n.to_string(), &file.shown, sent.text("of"))));
    Ok(OtherFormatPage {
        title: found.title.clone(),
        action: urls::other_format(&found.draft_id),
        back_url: urls::review(&found.draft_id),
        others,
        files,
        file_title: sent.text("title").to_owned(),
        is_confirmed: !sent.text("confirmed").is_empty(),
        file_limit: size_words(app.config.max_file_bytes),
        layout,
        problems,
    })
}

/// What is in review, for its addressee's manager.
async fn open(app: &App, viewer: Option<&Viewer>, draft_id: &str) -> Result<(Found, Viewer, String), Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer, draft_id).await?;
    let role = draft::first_role(&viewer, DEED, &found)?;
    if found.case.state != Life::InReview || found.case.direction != Direction::Outgoing {
        return Err(Error::Elsewhere(urls::draft(draft_id)));
    }
    Ok((found, viewer, role))
}

/// `GET /statements/drafts/{draft_id}/other-format`
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(draft_id): At<String>) -> Result<Response, Error> {
    let (found, _, _) = open(&app, viewer.as_ref(), &draft_id).await?;
    let page = page(&app, layout, &found, &FormWithFiles::default(), Problems::default()).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// What is wrong with the form, beside its file.
fn check(sent: &FormWithFiles) -> (Option<i32>, String, Problems) {
    let mut problems = sent.problems.clone();
    if sent.files.is_empty() && problems.of("file").is_empty() {
        problems.add("file", "Choose the file");
    }
    if sent.files.len() > 1 {
        problems.add("file", "Add one file at a time: each is another format of one");
    }
    let of = sent.text("of").parse().ok();
    if of.is_none() {
        problems.add("of", "Choose the file of which it is another format");
    }
    let title = match body::one_line(sent.text("title")) {
        Ok(title) if title.chars().count() > 255 => {
            problems.add("title", "File title must be 255 characters or fewer");
            String::new()
        }
        Ok(title) => title,
        Err(problem) => {
            problems.add("title", problem.words("File title"));
            String::new()
        }
    };
    if sent.text("confirmed").is_empty() {
        problems.add("confirmed-yes", "Confirm that it is the same content; a change needs new sign-offs");
    }
    (of, title, problems)
}

/// `POST /statements/drafts/{draft_id}/other-format`
pub async fn add(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    request: Request,
) -> Result<Response, Error> {
    let (found, viewer, role) = open(&app, viewer.as_ref(), &draft_id).await?;
    let mut sent = FormWithFiles::read(&app, request).await?;
    let (of, title, mut problems) = check(&sent);
    if !sent.is_complete {
        sent.discard(&app).await;
        let page = page(&app, layout, &found, &sent, problems).await?;
        return Ok(Page(StatusCode::PAYLOAD_TOO_LARGE, page).into_response());
    }
    let acting = Acting { viewer: &viewer, role: &role };
    let review = urls::review(&draft_id);
    if problems.is_empty()
        && let (Some(of), Some((_, stored))) = (of, sent.files.first())
    {
        let added = other_format::add(&app, acting, &draft_id, of, &title, stored).await?;
        if added != Added::Done {
            sent.discard(&app).await;
        }
        match added {
            Added::Done => return Ok(redirect_with(&app, &review, "done", "Added. What was signed stays signed.")),
            Added::Already => return Ok(redirect_with(&app, &review, "notice", "This file is there already.")),
            Added::NotInReview => return Err(Error::Elsewhere(urls::draft(&draft_id))),
            Added::NotAllowed(why) => return Err(Error::NotAllowed(why.0)),
            Added::OfNothing => problems.add("of", "Choose the file of which it is another format"),
        }
    }
    sent.discard(&app).await;
    let page = page(&app, layout, &found, &sent, problems).await?;
    Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

//! A text file shown as text in a page of the product; its bytes are those of the download, as ever.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;

use super::attachment::{draft_file, posted_file};
use crate::App;
use crate::statements::attachments::{Attachment, size_words, text};
use crate::statements::store::files;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::layout::{Layout, Page};
use crate::web::urls;

#[derive(Template)]
#[template(path = "statements/attachment_text.html")]
struct TextPage {
    layout: Layout,
    statement: String,
    statement_url: String,
    title: String,
    file_name: String,
    size: String,
    download_url: String,
    notes: Vec<String>,
    text: String,
}

/// A text file of a posted statement.
///
/// # Errors
/// Not found, also where it is not for this person, or is no text; the database's.
pub async fn posted(
    State(app): State<App>,
    At((number, n, name)): At<(String, i32, String)>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
) -> Result<Response, Error> {
    let (number, file) = posted_file(&app, &number, n, viewer.as_ref()).await?;
    let statement = format!("{} {number}", app.config.statement_label);
    let download_url = urls::attachment(number, n, &file.file_name);
    page(&app.pool, layout, file, &name, (statement, urls::statement(number)), download_url).await
}

/// A text file of a draft, for whoever may read the draft.
///
/// # Errors
/// Not found, also where the draft is not for this person, or it is no text; the database's.
pub async fn draft(
    State(app): State<App>,
    At((draft_id, n, name)): At<(String, i32, String)>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
) -> Result<Response, Error> {
    let file = match draft_file(&app, &draft_id, n, viewer.as_ref()).await? {
        Ok(file) => file,
        Err(number) => return Ok(super::attachment::moved(&format!("{}/text", urls::attachment(number, n, &name)))),
    };
    let download_url = urls::draft_attachment(&draft_id, n, &file.file_name);
    page(&app.pool, layout, file, &name, ("Draft".to_owned(), urls::draft(&draft_id)), download_url).await
}

async fn page(
    pool: &PgPool,
    layout: Layout,
    file: Attachment,
    name: &str,
    (statement, statement_url): (String, String),
    download_url: String,
) -> Result<Response, Error> {
    if let Some(answer) = super::attachment::gone(&file) {
        return Ok(answer);
    }
    let file_id = file.file_id.filter(|_| name == file.file_name && text::is_text(&file.media_type, name)).ok_or(Error::NotFound)?;
    let mut bytes = Vec::new();
    for n in 0.. {
        match files::chunk(pool, file_id, n).await? {
            Some(mut chunk) if bytes.len() < text::SHOWN_BYTES => bytes.append(&mut chunk),
            _ => break,
        }
    }
    let is_cut = file.size > bytes.len() as u64;
    let shown = text::decode(&bytes, is_cut).ok_or(Error::NotFound)?;
    let size = size_words(file.size);
    let guess = if shown.is_guess { ", a guess: the file does not say" } else { "" };
    let cut = is_cut.then(|| format!("Only the first {} of {size} are shown; the download has all of it.", size_words(bytes.len() as u64)));
    let notes = std::iter::once(format!("Shown as {}{guess}.", charset_words(shown.charset))).chain(cut).collect();
    let title = file.shown().to_owned();
    let file_name = file.file_name;
    Ok(Page(StatusCode::OK, TextPage { layout, statement, statement_url, title, file_name, size, download_url, notes, text: shown.text })
        .into_response())
}

/// As people write it.
fn charset_words(name: &str) -> String {
    name.strip_prefix("windows-").map_or_else(|| name.to_owned(), |number| format!("Windows-{number}"))
}

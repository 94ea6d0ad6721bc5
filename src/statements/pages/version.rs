//! One version of a draft, as it was saved; and the list of all.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::statements::body;
use crate::statements::pages::draft::{self, Row};
use crate::statements::store::draft as store;
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::layout::{Layout, Page};

/// A version, as the list names it.
struct Listed {
    version: i32,
    url: String,
    is_this: bool,
    saved: String,
}

#[derive(Template)]
#[template(path = "statements/version.html")]
struct VersionPage {
    layout: Layout,
    title: String,
    version: i32,
    saved: String,
    draft_url: String,
    rows: Vec<Row>,
    body_html: String,
    versions: Vec<Listed>,
}

/// `GET /statements/drafts/{draft_id}/versions/{version}`
pub async fn show(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At((draft_id, version)): At<(String, i32)>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, viewer.as_ref(), &draft_id).await?;
    let shown = store::version(&mut connection, found.statement_id, version).await?.ok_or(Error::NotFound)?;
    let saved = |by: &str, at: chrono::DateTime<chrono::Utc>| format!("saved by {by} on {}", at.format("%-d %b %Y at %H:%M UTC"));
    let versions = store::versions(&mut connection, found.statement_id).await?;
    let page = VersionPage {
        layout,
        title: if shown.form.title.trim().is_empty() { "Without a title".to_owned() } else { shown.form.title_line() },
        version,
        saved: saved(&shown.saved_by, shown.saved_at),
        draft_url: urls::draft(&draft_id),
        rows: draft::rows_of(None, &shown.form, &app),
        body_html: body::to_html(&shown.form.body),
        versions: versions
            .into_iter()
            .map(|one| Listed {
                version: one.version,
                url: urls::version(&draft_id, one.version),
                is_this: one.version == version,
                saved: saved(&one.saved_by, one.saved_at),
            })
            .collect(),
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

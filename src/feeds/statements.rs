//! The list of statements as CSV and JSON, whole; as Atom, its newest.

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::atom;
use super::csv::{self, Csv};
use super::download::{self, Form, PATIENCE};
use crate::App;
use crate::api::openapi::Query;
use crate::api::told::{Statements, Summary};
use crate::statements::pages::asked::Asked;
use crate::statements::store::list::Listed;
use crate::web::error::Error;

/// All statements of the list as CSV: the columns are the fields of a row in the interface for programs.
///
/// # Errors
/// Too many downloads at once; the database's.
#[utoipa::path(get, path = "/statements.csv", params(Query), responses(
    (status = 200, description = "All rows of the list", content_type = "text/csv", body = String),
    (status = 503, description = "Others are downloading; Retry-After says when to come again")))]
pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let asked = Asked::read(&app.pool, query.as_deref(), None, app.today()).await?;
    Ok(csv::file("statements.csv", download::body(&app, asked.filter(), Csv(app.clone()), PATIENCE).await?))
}

/// All statements of the list as JSON, in the form of the interface for programs; `next` is always null.
///
/// # Errors
/// Too many downloads at once; the database's.
#[utoipa::path(get, path = "/statements.json", params(Query), responses(
    (status = 200, description = "All rows of the list", body = Statements),
    (status = 503, description = "Others are downloading; Retry-After says when to come again")))]
pub async fn json(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let asked = Asked::read(&app.pool, query.as_deref(), None, app.today()).await?;
    let form = Json { app: app.clone(), notices: asked.notices.clone(), is_begun: false };
    let body = download::body(&app, asked.filter(), form, PATIENCE).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The 50 of the list that were posted last, as an Atom feed.
///
/// # Errors
/// The database's.
#[utoipa::path(get, path = "/statements.atom", params(Query), responses(
    (status = 200, description = "The newest by posting", content_type = "application/atom+xml", body = String)))]
pub async fn atom(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let asked = Asked::read(&app.pool, query.as_deref(), None, app.today()).await?;
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], atom::feed(&app, &asked).await?).into_response())
}

/// [`Statements`], written piece by piece.
struct Json {
    app: App,
    notices: Vec<String>,
    is_begun: bool,
}

impl Form for Json {
    fn head(&mut self) -> Vec<u8> {
        b"{\"statements\":[".to_vec()
    }

    fn rows(&mut self, rows: &[Listed]) -> anyhow::Result<Vec<u8>> {
        let mut written = Vec::new();
        for row in rows {
            if std::mem::replace(&mut self.is_begun, true) {
                written.push(b',');
            }
            serde_json::to_writer(&mut written, &Summary::new(&self.app, row))?;
        }
        Ok(written)
    }

    fn tail(&mut self) -> Vec<u8> {
        format!("],\"next\":null,\"notices\":{}}}", serde_json::json!(self.notices)).into_bytes()
    }
}

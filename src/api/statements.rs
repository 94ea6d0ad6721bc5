//! `/api/v1/statements`: the list, found by the same query as the page; and one statement.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};

use super::openapi::Query;
use super::store;
use super::told::{Failure, Statement, Statements, Summary};
use crate::App;
use crate::statements::pages::asked::Asked;
use crate::statements::store::list::{self, Place};
use crate::web::error::Error;
use crate::web::extract::At;

/// Posted statements, 50 at a time, newest first.
///
/// # Errors
/// The database's.
#[utoipa::path(get, path = "/api/v1/statements", params(Query), responses((status = 200, description = "A page of the list", body = Statements)))]
pub async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Statements>, Error> {
    let asked = Asked::read(&app.pool, query.as_deref()).await?;
    let found = list::list(&app.pool, &asked.filter()).await?;
    let last = found.rows.iter().rfind(|row| !row.is_exact);
    let next = last.filter(|_| found.has_older).map(|row| app.config.absolute(&asked.url("/api/v1/statements", None, Place::Before(row.key()))));
    let statements = found.rows.iter().map(|row| Summary::new(&app, row)).collect();
    Ok(Json(Statements { statements, next, notices: asked.notices(&found) }))
}

/// All public facts of one posted statement.
///
/// # Errors
/// Not found, unless it is posted; the database's.
#[utoipa::path(
    get,
    path = "/api/v1/statements/{number}",
    params(("number" = i32, Path, description = "Its number")),
    responses((status = 200, description = "The statement", body = Statement<'static>), (status = 404, description = "None is posted under this number", body = Failure))
)]
pub async fn show(State(app): State<App>, At(number): At<i32>) -> Result<Response, Error> {
    let whole = store::statement(&app.pool, number).await?.ok_or(Error::NotFound)?;
    Ok(Json(Statement::new(&app, &whole)).into_response())
}

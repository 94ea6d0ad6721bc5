//! `/api/v1/statements`: the list, found by the same query as the page; and one statement.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};

use super::openapi::Query;
use super::store;
use super::told::{Failure, Statement, Statements, Summary};
use crate::App;
use crate::statements::pages::asked::Asked;
use crate::statements::store::list;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};

/// Posted statements, 50 at a time, filtered and sorted as on the page.
///
/// # Errors
/// The database's.
#[utoipa::path(get, path = "/api/v1/statements", params(Query), responses((status = 200, description = "A page of the list", body = Statements)))]
pub async fn list(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, RawQuery(query): RawQuery) -> Result<Json<Statements>, Error> {
    let asked = Asked::read(&app.pool, query.as_deref(), viewer.as_ref(), app.today()).await?;
    let found = list::list(&app.pool, &asked.filter()).await?;
    let next = asked.next("/api/v1/statements", &found).map(|url| app.config.absolute(&url));
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

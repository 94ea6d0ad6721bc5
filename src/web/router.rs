//! Every route, one line each: method, path, who may come, handler.

use axum::Router;
use axum::http::{Method, StatusCode};

use crate::App;
use crate::web::access::Access::Everyone;
use crate::web::access::{Access, Routes};
use crate::web::{assets, health, help, layers};
use crate::{import, organizations, relationships};

/// Everything that is served.
pub fn routes(app: &App) -> Routes {
    Routes::new(app.clone())
        .get("/healthz", Everyone, health::healthz)
        .get("/readyz", Everyone, health::readyz)
        .get("/organizations", Everyone, organizations::pages::list::list)
        .get("/organizations/{acronym}", Everyone, organizations::pages::show::show)
        .get("/groups/suggest", Everyone, organizations::pages::suggest::suggest)
        .get("/groups/{acronym}", Everyone, organizations::pages::group::show)
        .get("/relationships", Everyone, relationships::pages::list)
        .get("/help", Everyone, help::help)
        .get("/liaison/{number}", Everyone, import::pages::old_statement)
        .get("/liaison/{number}/", Everyone, import::pages::old_statement)
}

/// The table of routes: method, path, who may come.
pub fn table(app: &App) -> Vec<(Method, &'static str, Access)> {
    routes(app).finish().1
}

/// The service: routes, static files, middleware.
///
/// # Errors
/// The public address can't be a trusted origin.
pub fn router(app: &App) -> anyhow::Result<Router> {
    let (router, _) = routes(app).finish();
    let router = router.nest("/static", assets::router()).fallback(|| async { StatusCode::NOT_FOUND });
    layers::around(router, app)
}

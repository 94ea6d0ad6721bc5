//! Every route, one line each: method, path, who may come, handler.

use axum::Router;
use axum::http::{Method, StatusCode};

use crate::web::access::Access::Everyone;
use crate::web::access::{Access, Routes};
use crate::web::{assets, health, layers};
use crate::{App, api, home, statements};

/// Everything that is served.
pub fn routes(app: &App) -> Routes {
    Routes::new(app.clone())
        .get("/healthz", Everyone, health::healthz)
        .get("/readyz", Everyone, health::readyz)
        .get("/", Everyone, home::page)
        .get("/statements", Everyone, statements::pages::list::page)
        .get("/api", Everyone, api::page)
        .get("/api/v1/statements", Everyone, api::statements::list)
        .get("/api/v1/statements/{number}", Everyone, api::statements::show)
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

//! Every route, one line each: method, path, who may come, handler.

use axum::Router;
use axum::http::{Method, StatusCode};

use crate::App;
use crate::statements::pages as statements;
use crate::web::access::Access::Everyone;
use crate::web::access::{Access, Routes};
use crate::web::{assets, health, layers};

/// Everything that is served.
pub fn routes(app: &App) -> Routes {
    Routes::new(app.clone())
        .get("/healthz", Everyone, health::healthz)
        .get("/readyz", Everyone, health::readyz)
        .get("/statements/{number}", Everyone, statements::show::page)
        .get("/statements/{number}/attachments/{n}/{name}", Everyone, statements::attachment::posted)
        .get("/statements/drafts/{draft_id}/attachments/{n}/{name}", Everyone, statements::attachment::draft)
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

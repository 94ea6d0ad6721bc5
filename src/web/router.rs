//! Every route, one line each: method, path, who may come, handler.

use axum::Router;
use axum::http::{Method, StatusCode};

use crate::App;
use crate::mail;
use crate::statements::pages as statements;
use crate::web::access::Access::{Everyone, Secretariat, SignedIn};
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
        .post("/statements/{number}/mail/{delivery}/send-again", SignedIn, mail::pages::send_again::of_statement)
        .post("/statements/drafts/{draft_id}/mail/{delivery}/send-again", SignedIn, mail::pages::send_again::of_draft)
        .get("/administration/mail", Secretariat, mail::pages::log::show)
        .get("/administration/mail/{mail}", Secretariat, mail::pages::show::show)
        .post("/administration/mail/{mail}/{delivery}/send-again", Secretariat, mail::pages::show::again)
        .post("/administration/mail/{mail}/{delivery}/give-up", Secretariat, mail::pages::show::give_up)
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

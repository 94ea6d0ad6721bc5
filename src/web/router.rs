//! Every route, one line each: method, path, who may come, handler.

use axum::Router;
use axum::http::{Method, StatusCode};

use crate::App;
use crate::desk;
use crate::mail;
use crate::statements::pages as statements;
use crate::web::access::Access::{Everyone, RoleHolders, Secretariat, SignedIn};
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
        .get("/desk", SignedIn, desk::pages::show)
        .get("/statements/incoming/new", RoleHolders, statements::edit::new)
        .post_with_files("/statements/incoming/new", RoleHolders, statements::edit::create)
        .get("/statements/drafts/{draft_id}", Everyone, statements::edit::edit)
        .post_with_files("/statements/drafts/{draft_id}", Everyone, statements::edit::save)
        .get("/statements/drafts/{draft_id}/submit", Everyone, statements::submit::show)
        .post("/statements/drafts/{draft_id}/submit", Everyone, statements::submit::submit)
        .get("/statements/drafts/{draft_id}/review", Everyone, statements::review::show)
        .post("/statements/drafts/{draft_id}/review", Everyone, statements::review::decide)
        .post("/statements/drafts/{draft_id}/take-back", Everyone, statements::turn::take_back)
        .post("/statements/drafts/{draft_id}/abandon", Everyone, statements::turn::abandon)
        .post("/statements/drafts/{draft_id}/restore", Everyone, statements::turn::restore)
        .post("/statements/drafts/{draft_id}/delete", Everyone, statements::turn::delete)
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

//! Every route, one line each: method, path, who may come, handler.

use axum::Router;
use axum::http::{Method, StatusCode};

use crate::organizations::pages as organizations;
use crate::people::pages::{account, address, password, sign_in};
use crate::statements::pages as statements;
use crate::web::access::Access::{Everyone, RoleHolders, Secretariat, SignedIn};
use crate::web::access::{Access, Routes};
use crate::web::{assets, health, help, layers};
use crate::{App, api, desk, feeds, home, import, mail, relationships};

/// Everything that is served.
pub fn routes(app: &App) -> Routes {
    Routes::new(app.clone())
        .get("/healthz", Everyone, health::healthz)
        .get("/readyz", Everyone, health::readyz)
        .get_public("/", home::page)
        .get("/statements/incoming/new", RoleHolders, statements::edit::new)
        .post_with_files("/statements/incoming/new", RoleHolders, statements::save::create)
        .get("/statements/drafts/{draft_id}", Everyone, statements::edit::edit)
        .post_with_files("/statements/drafts/{draft_id}", Everyone, statements::save::save)
        .post("/statements/drafts/{draft_id}/open", Everyone, statements::open::open)
        .get("/statements/drafts/{draft_id}/versions", Everyone, statements::versions::of_draft)
        .get("/statements/drafts/{draft_id}/versions/{version}", Everyone, statements::versions::one_of_draft)
        .get("/statements/drafts/{draft_id}/differences", Everyone, statements::versions::between_of_draft)
        .get("/statements/drafts/{draft_id}/submit", Everyone, statements::submit::show)
        .post("/statements/drafts/{draft_id}/submit", Everyone, statements::submit::submit)
        .get("/statements/drafts/{draft_id}/review", Everyone, statements::review::show)
        .post("/statements/drafts/{draft_id}/review", Everyone, statements::review::decide)
        .post("/statements/drafts/{draft_id}/take-back", Everyone, statements::turn::take_back)
        .post("/statements/drafts/{draft_id}/abandon", Everyone, statements::give_up::abandon)
        .post("/statements/drafts/{draft_id}/restore", Everyone, statements::turn::restore)
        .post("/statements/drafts/{draft_id}/link-instead", Everyone, statements::turn::link_instead)
        .post("/statements/drafts/{draft_id}/delete", Everyone, statements::turn::delete)
        .get_public("/statements/{number}", statements::show::page)
        .get("/statements/{number}/versions", RoleHolders, statements::versions::of_posted)
        .get("/statements/{number}/versions/{version}", RoleHolders, statements::versions::one_of_posted)
        .get("/statements/{number}/differences", RoleHolders, statements::versions::between_of_posted)
        .post("/statements/{number}/comments", RoleHolders, statements::remarks::comment)
        .get("/statements/{number}/receipt", RoleHolders, statements::receipt::show)
        .post("/statements/{number}/receipt", RoleHolders, statements::receipt::send)
        .get("/statements/{number}/remove", RoleHolders, statements::remarks::show_removal)
        .post("/statements/{number}/remove", RoleHolders, statements::remarks::remove)
        .get("/statements/{number}/actions/{acronym}", RoleHolders, statements::action::show)
        .post("/statements/{number}/actions/{acronym}", RoleHolders, statements::action::step)
        .post("/statements/{number}/actions/{acronym}/deadline", RoleHolders, statements::action::agree)
        .post("/statements/{number}/actions/{acronym}/told", RoleHolders, statements::action::tell)
        .post("/statements/{number}/actions/{acronym}/not-for-us", RoleHolders, statements::redirect::refuse)
        .post("/statements/{number}/actions/{acronym}/stays", RoleHolders, statements::redirect::keep)
        .post("/statements/{number}/actions/{acronym}/redirect", RoleHolders, statements::redirect::redirect)
        .post("/statements/{number}/actions/{acronym}/lead", RoleHolders, statements::redirect::lead)
        .get_public("/statements/{number}/attachments/{n}/{name}", statements::attachment::posted)
        .get_public("/statements/{number}/attachments/{n}/{name}/text", statements::attachment_text::posted)
        .get("/statements/drafts/{draft_id}/attachments/{n}/{name}", Everyone, statements::attachment::draft)
        .get("/statements/drafts/{draft_id}/attachments/{n}/{name}/text", Everyone, statements::attachment_text::draft)
        .post("/statements/{number}/mail/{delivery}/send-again", SignedIn, mail::pages::send_again::of_statement)
        .post("/statements/drafts/{draft_id}/mail/{delivery}/send-again", SignedIn, mail::pages::send_again::of_draft)
        .post("/statements/{number}/mail/{delivery}/give-up", SignedIn, mail::pages::send_again::give_up_of_statement)
        .post("/statements/drafts/{draft_id}/mail/{delivery}/give-up", SignedIn, mail::pages::send_again::give_up_of_draft)
        .get_public("/statements", statements::list::page)
        .get_public("/organizations", organizations::list::list)
        .get_public("/organizations/{acronym}", organizations::show::show)
        .get("/groups/suggest", Everyone, organizations::suggest::suggest)
        .get_public("/groups/{acronym}", organizations::group::show)
        .get_public("/relationships", relationships::pages::list)
        .get("/liaison/{number}", Everyone, import::pages::old_statement)
        .get("/liaison/{number}/", Everyone, import::pages::old_statement)
        .get("/statements.csv", Everyone, feeds::statements::csv)
        .get("/statements.json", Everyone, feeds::statements::json)
        .get_public("/statements.atom", feeds::statements::atom)
        .get_public("/organizations.csv", feeds::lists::organizations_csv)
        .get_public("/organizations.json", feeds::lists::organizations_json)
        .get_public("/relationships.csv", feeds::lists::relationships_csv)
        .get_public("/relationships.json", feeds::lists::relationships_json)
        .get("/feed/liaison/recent", Everyone, import::pages::recent_feed)
        .get("/feed/liaison/recent/", Everyone, import::pages::recent_feed)
        .get("/feed/liaison/{kind}/{of}", Everyone, import::pages::old_feed)
        .get("/feed/liaison/{kind}/{of}/", Everyone, import::pages::old_feed)
        .get_public("/sitemap.xml", feeds::sitemap::index)
        .get_public("/sitemap/{part}", feeds::sitemap::part)
        .get_public("/robots.txt", feeds::sitemap::robots)
        .get_public("/help", help::help)
        .get("/desk", SignedIn, desk::pages::show)
        .get("/sign-in", Everyone, sign_in::show)
        .post("/sign-in", Everyone, sign_in::submit)
        .get("/sign-in/{secret}", Everyone, sign_in::show_link)
        .post("/sign-in/{secret}", Everyone, sign_in::submit_link)
        .post("/sign-out", Everyone, sign_in::sign_out)
        .get("/password/forgotten", Everyone, password::show_forgotten)
        .post("/password/forgotten", Everyone, password::submit_forgotten)
        .get("/password/{secret}", Everyone, password::show)
        .post("/password/{secret}", Everyone, password::submit)
        .get("/account", SignedIn, account::show)
        .post("/account/away", SignedIn, account::set_away)
        .post("/account/password", SignedIn, account::change_password)
        .post("/account/address", SignedIn, account::change_address)
        .get("/account/address/{secret}", Everyone, address::show)
        .post("/account/address/{secret}", Everyone, address::submit)
        .post("/account/sessions/{session}/end", SignedIn, account::end_session)
        .post("/account/sign-out-everywhere", SignedIn, account::sign_out_everywhere)
        .get("/administration/mail", Secretariat, mail::pages::log::show)
        .get("/administration/mail/{mail}", Secretariat, mail::pages::show::show)
        .post("/administration/mail/{mail}/{delivery}/send-again", Secretariat, mail::pages::show::again)
        .post("/administration/mail/{mail}/{delivery}/give-up", Secretariat, mail::pages::show::give_up)
        .get_public("/api", api::page)
        .get_public("/api/v1/openapi.json", api::openapi::show)
        .get_public("/api/v1/statements", api::statements::list)
        .get_public("/api/v1/statements/{number}", api::statements::show)
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

//! Every route, one line each: method, path, who may come, handler.

use axum::Router;
use axum::http::{Method, StatusCode};

use crate::App;
use crate::people::pages::{account, address, password, sign_in};
use crate::web::access::Access::{Everyone, SignedIn};
use crate::web::access::{Access, Routes};
use crate::web::{assets, health, layers};

/// Everything that is served.
pub fn routes(app: &App) -> Routes {
    Routes::new(app.clone())
        .get("/healthz", Everyone, health::healthz)
        .get("/readyz", Everyone, health::readyz)
        // people
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
        .post("/account/password", SignedIn, account::change_password)
        .post("/account/address", SignedIn, account::change_address)
        .get("/account/address/{secret}", Everyone, address::show)
        .post("/account/address/{secret}", Everyone, address::submit)
        .post("/account/sessions/{session}/end", SignedIn, account::end_session)
        .post("/account/sign-out-everywhere", SignedIn, account::sign_out_everywhere)
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

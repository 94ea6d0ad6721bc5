//! The session cookie, and who it stands for. Only a hash of its secret is in the database.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::App;
use crate::people;
pub use crate::people::secrets::Secret;
use crate::web::error::Error;

/// The cookie's name; with https the prefix binds it to this host and to secure connections.
pub fn cookie_name(app: &App) -> &'static str {
    if app.config.is_https() { "__Host-session" } else { "session" }
}

/// The cookie that signs its holder in.
pub fn cookie(app: &App, secret: &str) -> Cookie<'static> {
    Cookie::build((cookie_name(app), secret.to_owned())).path("/").http_only(true).same_site(SameSite::Lax).secure(app.config.is_https()).build()
}

/// The cookie that takes it away.
pub fn no_cookie(app: &App) -> Cookie<'static> {
    let mut cookie = cookie(app, "");
    cookie.make_removal();
    cookie
}

/// The hash of the secret that came with a request, if one came.
pub fn secret_hash(app: &App, headers: &HeaderMap) -> Option<Vec<u8>> {
    let jar = CookieJar::from_headers(headers);
    jar.get(cookie_name(app)).map(|cookie| Secret::hash_of(cookie.value()))
}

/// Finds out who comes, once a request. A cookie that stands for nobody is no error.
pub async fn load(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/static/") || path == "/healthz" || path == "/readyz" {
        return next.run(request).await;
    }
    let mut is_signed_in = false;
    if let Some(hash) = secret_hash(&app, request.headers()) {
        match people::store::viewer(&app.pool, &hash, app.clock.now(), app.today()).await {
            Ok(Some(viewer)) => {
                is_signed_in = true;
                request.extensions_mut().insert(viewer);
            }
            Ok(None) => {}
            Err(error) => return Error::from(error).into_response(),
        }
    }
    let mut response = next.run(request).await;
    if is_signed_in {
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private, no-store"));
    }
    response
}

//! The session cookie, and who it stands for. Only a hash of its secret is in the database.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use sha2::{Digest, Sha256};

use crate::App;
use crate::people;
use crate::web::error::Error;

/// A secret of 256 bits, and the hash of it that is kept.
pub struct Secret {
    /// For the cookie or the link; URL-safe.
    pub text: String,
    /// For the database.
    pub hash: Vec<u8>,
}

impl Secret {
    /// A new one, from the system's randomness.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn new() -> anyhow::Result<Self> {
        let text = crate::random_text(32)?;
        let hash = Self::hash_of(&text);
        Ok(Self { text, hash })
    }

    /// The hash under which a secret is kept.
    pub fn hash_of(text: &str) -> Vec<u8> {
        Sha256::digest(text.as_bytes()).to_vec()
    }
}

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
    let cache = if is_signed_in { "private, no-store" } else { "no-cache" };
    if is_signed_in || !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(cache));
    }
    response
}

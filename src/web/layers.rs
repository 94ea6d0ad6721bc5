//! All middleware, in order, each with its why.

use std::sync::Arc;
use std::time::Instant;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::CookieJar;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tracing::Instrument;

use crate::App;
use crate::people::Viewer;
use crate::urls;
use crate::web::error::{DiskIsFull, Error, ErrorDetails};
use crate::web::layout::{self, Layout};
use crate::web::limits::{self, Limits};
use crate::web::{cache, kept, progress, session};

/// Largest form without files, in bytes.
pub const FORM_BYTES: usize = 2_000_000;

/// A request's name in the log and on its error page.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Puts everything around the routes; the first is the outermost.
///
/// # Errors
/// The public address can't be a trusted origin.
pub fn around(router: Router<App>, app: &App) -> anyhow::Result<Router> {
    let origin = app.config.base_url.origin().ascii_serialization();
    let csrf = CsrfLayer::new().add_trusted_origin(origin)?.with_rejection_response(refuse_cross_site);
    let layers = ServiceBuilder::new()
        // a name for each request, and one record of it in the log
        .layer(from_fn_with_state(app.clone(), record))
        // pages are small: the fastest levels cost least (performance.md P03)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(DefaultPredicate::new().and(is_not_in_ranges)))
        // what is the same for all may be kept; packed afterwards, so that a tag holds for all forms
        .layer(from_fn(cache::keep))
        .layer(from_fn_with_state(app.clone(), headers))
        // every error, also those of axum itself, becomes a page with a way on
        .layer(from_fn_with_state(app.clone(), error_pages))
        // a bug inside ends one request, not the process
        .layer(CatchPanicLayer::custom(after_panic))
        // a change that another site asks for is refused
        .layer(csrf)
        // a body that does not come on ends
        .layer(from_fn(progress::must_go_on))
        // what was typed comes back with the error page
        .layer(from_fn_with_state(app.clone(), kept::hold))
        .layer(from_fn_with_state(app.clone(), session::load))
        // whoever is not signed in asks for what is dear now and then only
        .layer(from_fn_with_state((app.clone(), Arc::new(Limits::default())), limits::hold))
        .layer(from_fn(finish_what_was_begun))
        .layer(DefaultBodyLimit::max(FORM_BYTES));
    Ok(router.layer(layers).with_state(app.clone()))
}

/// What can be asked for in ranges leaves byte for byte: stored files (robustness.md UP05).
fn is_not_in_ranges(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ACCEPT_RANGES)
}

async fn record(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = crate::random_text(5).unwrap_or_else(|_| "none".to_owned());
    // the route and never the path: paths hold secrets of links
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id, %method, route = &*route);
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    app.metrics.count(&route, status, took);
    span.in_scope(|| tracing::info!(status, duration_ms = took.as_millis(), "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let shows_flash = request.method().is_safe() && layout::has_flash(request.headers());
    let mut response = next.run(request).await;
    let is_html = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if shows_flash && is_html {
        response = (CookieJar::new().add(layout::flash_shown(&app)), response).into_response();
    }
    let fixed: [(HeaderName, &str); 6] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // never `no-referrer`: browsers would then send `Origin: null` with our own forms
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    // our own texts are all UTF-8; a stored file says itself what it is
    let is_ours = !response.headers().contains_key(header::CONTENT_DISPOSITION);
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).filter(|kind| is_ours && kind.starts_with("text/"));
    if let Some(kind) = kind.filter(|kind| !kind.contains("charset")).and_then(|kind| HeaderValue::from_str(&format!("{kind}; charset=utf-8")).ok()) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    // whatever says nothing of its own is not for keeping
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.config.is_https() {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage {
    layout: Layout,
    status: u16,
    title: String,
    words: String,
    reference: String,
    /// What was typed, to be sent again there; empty: nothing.
    typed: Vec<kept::Field>,
    action: String,
}

async fn error_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let headers = request.headers().clone();
    let reference = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let is_change = !request.method().is_safe();
    let response = next.run(request).await;
    let status = response.status();
    if response.extensions().get::<DiskIsFull>().is_some() {
        app.disk.is_full(app.clock.now());
    }
    let is_ours = response.extensions().get::<ErrorDetails>().is_some();
    let is_bare = !response.headers().contains_key(header::CONTENT_TYPE)
        || response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !(is_ours || is_bare) || path == "/readyz" {
        return response;
    }
    let words = response.extensions().get::<ErrorDetails>().map(|details| details.words.clone()).unwrap_or_default();
    let viewer = response.extensions().get::<Viewer>().cloned();
    let title = title(status);
    let mut answer = if path.starts_with("/api/") {
        let words = if words.is_empty() { title.to_owned() } else { words };
        axum::Json(serde_json::json!({ "error": { "status": status.as_u16(), "message": words, "reference": reference } })).into_response()
    } else {
        let typed = response.extensions().get::<kept::Typed>().map(kept::Typed::fields).unwrap_or_default();
        let words = if words.is_empty() { default_words(status, is_change, !typed.is_empty()).to_owned() } else { words };
        let layout = Layout::new(&app, viewer.as_ref(), 0, &headers, if is_change { "/desk" } else { &path });
        let page = ErrorPage { layout, status: status.as_u16(), title: title.to_owned(), words, reference, typed, action: urls::local(&path) };
        match page.render() {
            Ok(html) => Html(html).into_response(),
            Err(_) => title.into_response(),
        }
    };
    *answer.status_mut() = status;
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::GONE => "This is no longer here",
        StatusCode::FORBIDDEN => "You can't do this",
        StatusCode::UNAUTHORIZED => "Sign in first",
        StatusCode::CONFLICT => "This has changed meanwhile",
        StatusCode::METHOD_NOT_ALLOWED => "This address can't be used that way",
        StatusCode::PAYLOAD_TOO_LARGE => "That is too large",
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => "This can't be understood",
        StatusCode::TOO_MANY_REQUESTS => "Too many tries",
        StatusCode::REQUEST_TIMEOUT => "That took too long",
        StatusCode::SERVICE_UNAVAILABLE => "Not available just now",
        status if status.is_server_error() => "Something failed here",
        _ => "That did not work",
    }
}

fn default_words(status: StatusCode, is_change: bool, is_kept: bool) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => {
            "There is nothing at this address, or it is not public. If you were sent a link to a draft, sign in with the account it was sent to."
        }
        StatusCode::SERVICE_UNAVAILABLE if is_kept => {
            "The database does not answer. What you sent was not saved: it is below, and nowhere else. Send it again in a minute; twice does no harm."
        }
        StatusCode::SERVICE_UNAVAILABLE if is_change => {
            "The database does not answer. What you sent was not saved. Go back in your browser: your text is still in the form. Try again in a minute."
        }
        StatusCode::SERVICE_UNAVAILABLE => "The database does not answer. Try again in a minute; nothing is lost.",
        StatusCode::REQUEST_TIMEOUT => {
            "What you sent stopped coming in, so it was not saved. Go back in your browser: your text is still in the form."
        }
        status if status.is_server_error() && is_kept => {
            "What you sent was not saved: it is below, and nowhere else. Send it again; if it fails again, tell the coordinators and name the reference."
        }
        status if status.is_server_error() && is_change => {
            "What you sent was not saved. Go back in your browser: your text is still in the form. If it fails again, tell the coordinators and name the reference."
        }
        status if status.is_server_error() => "Nothing was lost. If it fails again, tell the coordinators and name the reference.",
        _ => "Go back and try again, or start from the list of statements.",
    }
}

fn after_panic(_: Box<dyn std::any::Any + Send + 'static>) -> axum::http::Response<Body> {
    tracing::error!("a handler panicked");
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(ErrorDetails { words: String::new() });
    response
}

fn refuse_cross_site(_: ProtectionError) -> Response {
    Error::NotAllowed(
        "This form was sent from another site, so it was refused and nothing was changed. Go back in your browser: your text is still in the form."
            .to_owned(),
    )
    .into_response()
}

/// A change, once begun, runs to its end even when the browser goes away. sqlx 0.9.0 would otherwise
/// hand a connection with an open transaction to the next request (sqlx issue 4393).
async fn finish_what_was_begun(request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>().cloned();
    let mut response = if request.method().is_safe() {
        next.run(request).await
    } else {
        match tokio::spawn(next.run(request).in_current_span()).await {
            Ok(response) => response,
            Err(died) if died.is_panic() => std::panic::resume_unwind(died.into_panic()),
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    };
    // for the error page's header
    if let Some(viewer) = viewer {
        response.extensions_mut().insert(viewer);
    }
    response
}

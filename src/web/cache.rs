//! What browsers and proxies between may keep (robustness.md WB09): pages whose route says that they are the same for
//! all who are not signed in, as those get them. They ask each time whether it is still so, and are answered briefly.
//!
//! Whatever is not kept by this says `no-store`, or `private, no-store` to whoever is signed in.

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::people::Viewer;
use crate::web::layout;

/// Largest page whose hash is taken, in bytes.
const LARGEST: u64 = 8_000_000;

/// Marks the answers of a route that tells all who are not signed in the same.
#[derive(Debug, Clone, Copy)]
struct SameForAll;

/// Sets the mark; for `Routes::get_public`.
pub async fn same_for_all(mut response: Response) -> Response {
    response.extensions_mut().insert(SameForAll);
    response
}

/// Says what may be kept, and answers whoever kept it already.
pub async fn keep(request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    let shows_flash = layout::has_flash(request.headers());
    let at_hand = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = next.run(request).await;
    if shows_flash || !may_be_kept(&response) {
        return response;
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0, must-revalidate"));
    headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding"));
    // a stored file brings its own; of HEAD there is nothing to take a hash of
    if is_head || response.status() != StatusCode::OK || response.headers().contains_key(header::ETAG) {
        return response;
    }
    with_etag(response, at_hand.as_ref()).await
}

fn may_be_kept(response: &Response) -> bool {
    let is_whole = matches!(response.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED);
    let extensions = response.extensions();
    is_whole
        && extensions.get::<SameForAll>().is_some()
        && extensions.get::<Viewer>().is_none()
        && !response.headers().contains_key(header::SET_COOKIE)
}

/// The tag is weak: packed or not, the page is the same (RFC 9110, 8.8.1).
async fn with_etag(response: Response, at_hand: Option<&HeaderValue>) -> Response {
    if response.body().size_hint().exact().is_none_or(|size| size > LARGEST) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::empty()).unwrap_or_default();
    };
    let tag: String = Sha256::digest(&bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{tag}\"")) {
        if is_at_hand(at_hand, &tag) {
            parts.status = StatusCode::NOT_MODIFIED;
            without_content(&mut parts.headers);
            parts.headers.insert(header::ETAG, tag);
            return Response::from_parts(parts, Body::empty());
        }
        parts.headers.insert(header::ETAG, tag);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn is_at_hand(at_hand: Option<&HeaderValue>, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    match (at_hand.and_then(|tags| tags.to_str().ok()), tag.to_str()) {
        (Some(tags), Ok(tag)) => tags.trim() == "*" || tags.split(',').any(|known| opaque(known) == opaque(tag)),
        _ => false,
    }
}

fn without_content(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
}

//! Extractors whose refusals are our pages.
//!
//! No NUL comes through them: no person types one, and the database takes none in a text.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

use crate::App;
use crate::people::Viewer;
use crate::web::error::Error;
use crate::web::kept::Typed;

/// Fields of a form that are kept for an error page.
const MOST_KEPT: usize = 2_000;

/// The parts of the path; what can't be read, or holds a NUL, is not found.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        #[expect(clippy::disallowed_types, reason = "this is the one place that uses it")]
        type Path<T> = axum::extract::Path<T>;
        // decoded once, so a NUL has no other form
        if parts.uri.path().contains("%00") {
            return Err(Error::NotFound);
        }
        Path::<T>::from_request_parts(parts, app).await.map(|path| Self(path.0)).map_err(|_| Error::NotFound)
    }
}

/// The query string, without NUL; repeated fields are kept.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Asked<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        #[expect(clippy::disallowed_types, reason = "this is the one place that uses it")]
        type Query<T> = axum_extra::extract::Query<T>;
        let unreadable = || Error::Unreadable("The address of this page holds something that can't be understood.".to_owned());
        let uri = uri_without_nul(&parts.uri).ok_or_else(unreadable)?;
        Query::<T>::try_from_uri(&uri).map(|query| Self(query.0)).map_err(|_| unreadable())
    }
}

/// A form without files and without NUL; repeated fields are kept.
pub struct TypedForm<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest<App> for TypedForm<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        #[expect(clippy::disallowed_types, reason = "this is the one place that uses it")]
        type Form<T> = axum_extra::extract::Form<T>;
        let too_large = || Error::TooLarge("The form holds more text than can be kept: 2 MB in all.".to_owned());
        let unreadable = || Error::Unreadable("The form came in a way that can't be understood. Go back and send it again.".to_owned());
        let refused = |rejection: axum::response::Response| {
            if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { unreadable() }
        };
        let (mut parts, body) = request.into_parts();
        let body = if matches!(parts.method, Method::GET | Method::HEAD) {
            parts.uri = uri_without_nul(&parts.uri).ok_or_else(unreadable)?;
            body
        } else {
            let whole = Request::from_parts(parts.clone(), body);
            let bytes = Bytes::from_request(whole, app).await.map_err(|rejection| refused(rejection.into_response()))?;
            if let Some(typed) = parts.extensions.get::<Typed>() {
                let pairs: Vec<_> = url::form_urlencoded::parse(&bytes).take(MOST_KEPT).collect();
                typed.keep(pairs.iter().map(|(name, value)| (&**name, &**value)));
            }
            match pairs_without_nul(&bytes) {
                Cow::Borrowed(_) => Body::from(bytes),
                Cow::Owned(bytes) => Body::from(bytes),
            }
        };
        Form::<T>::from_request(Request::from_parts(parts, body), app)
            .await
            .map(|form| Self(form.0))
            .map_err(|rejection| refused(rejection.into_response()))
    }
}

/// The same address whose query holds no NUL; none where it would be too long.
fn uri_without_nul(uri: &Uri) -> Option<Uri> {
    match pairs_without_nul(uri.query().unwrap_or_default().as_bytes()) {
        Cow::Borrowed(_) => Some(uri.clone()),
        Cow::Owned(pairs) => Uri::try_from([uri.path().as_bytes(), b"?", &pairs].concat()).ok(),
    }
}

/// Names and values of a form as sent (`a=b&c=d`), written anew where they hold a NUL.
fn pairs_without_nul(pairs: &[u8]) -> Cow<'_, [u8]> {
    if !pairs.contains(&0) && !pairs.windows(3).any(|three| three == b"%00") {
        return Cow::Borrowed(pairs);
    }
    let mut plain = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(pairs) {
        plain.append_pair(&without_nul(&name), &without_nul(&value));
    }
    Cow::Owned(plain.finish().into_bytes())
}

/// A text without NUL.
pub fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// Who is signed in; on routes for whoever is.
pub struct SignedIn(pub Viewer);

impl FromRequestParts<App> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        parts.extensions.get::<Viewer>().cloned().map(Self).ok_or(Error::SignInNeeded)
    }
}

/// Who is signed in, if anybody.
pub struct MaybeSignedIn(pub Option<Viewer>);

impl FromRequestParts<App> for MaybeSignedIn {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<Viewer>().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_goes_from_names_and_values_however_it_is_written() {
        for (sent, kept) in [
            ("a%00b=c%00d", "ab=cd"),
            ("a\0=\0", "a="),
            ("a=%%0000", "a=%2500"),
            ("a=%2500", "a=%2500"),
            ("a=1&a=%00&b=%c3%a9", "a=1&a=&b=%C3%A9"),
            ("a=1;b", "a=1;b"),
        ] {
            assert_eq!(String::from_utf8_lossy(&pairs_without_nul(sent.as_bytes())), kept, "{sent:?}");
        }
    }
}

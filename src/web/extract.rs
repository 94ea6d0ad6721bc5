//! Extractors whose refusals are our pages.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::App;
use crate::people::Viewer;
use crate::web::error::Error;

/// The parts of the path; what can't be read is not found.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        #[expect(clippy::disallowed_types, reason = "this is the one place that uses it")]
        type Path<T> = axum::extract::Path<T>;
        Path::<T>::from_request_parts(parts, app).await.map(|path| Self(path.0)).map_err(|_| Error::NotFound)
    }
}

/// The query string; repeated fields are kept.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Asked<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        #[expect(clippy::disallowed_types, reason = "this is the one place that uses it")]
        type Query<T> = axum_extra::extract::Query<T>;
        Query::<T>::from_request_parts(parts, app)
            .await
            .map(|query| Self(query.0))
            .map_err(|_| Error::Unreadable("The address of this page holds something that can't be understood.".to_owned()))
    }
}

/// A form without files; repeated fields are kept.
pub struct TypedForm<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest<App> for TypedForm<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        #[expect(clippy::disallowed_types, reason = "this is the one place that uses it")]
        type Form<T> = axum_extra::extract::Form<T>;
        match Form::<T>::from_request(request, app).await {
            Ok(form) => Ok(Self(form.0)),
            Err(rejection) => {
                use axum::response::IntoResponse;
                if rejection.into_response().status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                    Err(Error::TooLarge("The form holds more text than can be kept: 2 MB in all.".to_owned()))
                } else {
                    Err(Error::Unreadable("The form came in a way that can't be understood. Go back and send it again.".to_owned()))
                }
            }
        }
    }
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

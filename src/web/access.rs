//! A route cannot exist without saying who may come to it.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{self, MethodRouter};

use crate::App;
use crate::people::{RoleKind, Viewer};
use crate::web::cache;
use crate::web::error::Error;
use crate::web::urls;

/// Who may come to a route at all. What a person may do to *this* statement is `permissions`' question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Everyone,
    /// Whoever is signed in; others are led to the sign-in page and back.
    SignedIn,
    /// Whoever holds a role today.
    RoleHolders,
    /// The secretariat.
    Secretariat,
}

impl Access {
    /// As `routes --json` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::SignedIn => "signed-in",
            Self::RoleHolders => "role-holders",
            Self::Secretariat => "secretariat",
        }
    }
}

/// The router and, beside it, the table that the tests walk with every role.
pub struct Routes {
    router: Router<App>,
    app: App,
    table: Vec<(Method, &'static str, Access)>,
}

impl Routes {
    /// No route yet.
    pub fn new(app: App) -> Self {
        Self { router: Router::new(), app, table: Vec::new() }
    }

    /// A page.
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::GET, path, access, routing::get(handler))
    }

    /// A page for everyone that is the same for all who are not signed in: they may keep it.
    pub fn get_public<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::GET, path, Access::Everyone, routing::get(handler).layer(map_response(cache::same_for_all)))
    }

    /// A change.
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::POST, path, access, routing::post(handler))
    }

    /// A change that may bring files: bytes are counted by `attachments`, not by the general limit.
    pub fn post_with_files<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::POST, path, access, routing::post(handler).layer(DefaultBodyLimit::disable()))
    }

    fn add(mut self, method: Method, path: &'static str, access: Access, route: MethodRouter<App>) -> Self {
        self.table.push((method, path, access));
        let guard = from_fn_with_state((self.app.clone(), access), admit);
        self.router = self.router.route(path, route.route_layer(guard));
        self
    }

    /// The router, and the table of what it serves.
    pub fn finish(self) -> (Router<App>, Vec<(Method, &'static str, Access)>) {
        (self.router, self.table)
    }
}

async fn admit(State((app, access)): State<(App, Access)>, request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>();
    let admitted = match (access, viewer) {
        (Access::Everyone, _) | (Access::SignedIn, Some(_)) => true,
        (Access::RoleHolders, Some(viewer)) => viewer.is_role_holder(),
        (Access::Secretariat, Some(viewer)) => viewer.has(RoleKind::Secretariat),
        (_, None) => {
            let back = if request.method().is_safe() { request.uri().path_and_query().map_or("/", |path| path.as_str()) } else { "/desk" };
            return if request.uri().path().starts_with("/api/") {
                Error::SignInNeeded.into_response()
            } else {
                Redirect::to(&urls::sign_in(back)).into_response()
            };
        }
    };
    let _ = app;
    if admitted { next.run(request).await } else { Error::NotAllowed("This page is for people with another role.".to_owned()).into_response() }
}

//! The frame around every page: who is signed in, what waits, the one banner.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::App;
use crate::desk;
use crate::people::Viewer;
use crate::web::assets::ASSETS;
use crate::web::error::Error;
use crate::web::urls;

/// Who is signed in, as the header shows it.
#[derive(Debug, Clone)]
pub struct ViewerBadge {
    /// The person's name.
    pub name: String,
    /// How many things wait for them.
    pub waiting: i64,
}

/// The one message above a page's title.
#[derive(Debug, Clone)]
pub struct Banner {
    /// `done`, `notice` or `problem`.
    pub kind: String,
    /// What happened, in a sentence.
    pub text: String,
}

/// What `base.html` shows.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Address of the style sheet.
    pub stylesheet: String,
    /// Address of the script.
    pub script: String,
    /// Address of the tab's mark.
    pub favicon: String,
    /// Name of the product.
    pub product: String,
    /// Label of the home organization.
    pub home_name: String,
    /// Which entry of the navigation is the current one.
    pub current: String,
    /// Who is signed in.
    pub viewer: Option<ViewerBadge>,
    /// Where to sign in, and come back.
    pub sign_in_url: String,
    /// What stands in the search field.
    pub search: String,
    /// The one message above the title.
    pub banner: Option<Banner>,
    /// Whether nothing here is real.
    pub demonstration: bool,
    /// Whether a mail server is configured.
    pub mail_leaves: bool,
    /// Said to staff while mail is not being sent.
    pub mail_note: Option<String>,
    /// The coordinators' address.
    pub contact: String,
    /// Whether the title begins with "Error: ".
    pub error_title: bool,
}

impl Layout {
    /// The frame for a request; `waiting` is what the header counts.
    pub fn new(app: &App, viewer: Option<&Viewer>, waiting: i64, headers: &HeaderMap, path_and_query: &str) -> Self {
        let installation = app.installation();
        let path = path_and_query.split('?').next().unwrap_or_default();
        let current = path.split('/').nth(1).unwrap_or_default();
        let current = if current == "groups" { "organizations" } else { current };
        Self {
            stylesheet: ASSETS.stylesheet.clone(),
            script: ASSETS.script.clone(),
            favicon: ASSETS.favicon.clone(),
            product: "Liaison Tracker".to_owned(),
            home_name: installation.home_name.clone(),
            current: current.to_owned(),
            viewer: viewer.map(|viewer| ViewerBadge { name: viewer.name.clone(), waiting }),
            sign_in_url: urls::sign_in(path_and_query),
            search: String::new(),
            banner: flash(headers),
            demonstration: installation.is_demonstration,
            mail_leaves: app.config.smtp_url.is_some(),
            mail_note: viewer.filter(|viewer| viewer.is_staff() && !installation.is_demonstration).and_then(|_| mail_note(app)),
            contact: app.config.coordinators_address.clone(),
            error_title: false,
        }
    }
}

/// What coordinators and the secretariat are told while mail does not leave.
fn mail_note(app: &App) -> Option<String> {
    if app.config.smtp_url.is_none() {
        return Some("Mail is not being sent: no mail server is configured. Messages are recorded.".to_owned());
    }
    app.mail_health.trouble().map(|trouble| {
        format!("Mail is not being sent since {}. It leaves as soon as the mail server takes it.", trouble.since.format("%-d %b %H:%M UTC"))
    })
}

impl FromRequestParts<App> for Layout {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let viewer = parts.extensions.get::<Viewer>();
        let waiting = match viewer {
            Some(viewer) => desk::pages::count(app, viewer).await?,
            None => 0,
        };
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self::new(app, viewer, waiting, &parts.headers, path))
    }
}

/// A rendered page with its status.
pub struct Page<T>(pub StatusCode, pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.1.render() {
            Ok(html) => (self.0, Html(html)).into_response(),
            Err(error) => Error::from(error).into_response(),
        }
    }
}

const FLASH: &str = "flash";

/// Goes on to `url`, where a banner says what happened, once.
pub fn redirect_with(app: &App, url: &str, kind: &str, text: &str) -> Response {
    let cookie = Cookie::build((FLASH, urls::encode(&format!("{kind} {text}"))))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.is_https())
        .build();
    (CookieJar::new().add(cookie), Redirect::to(url)).into_response()
}

/// The message that a redirect left for this page.
fn flash(headers: &HeaderMap) -> Option<Banner> {
    let jar = CookieJar::from_headers(headers);
    let value = jar.get(FLASH)?.value().to_owned();
    let pair = format!("m={value}");
    let (_, text) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    let (kind, text) = text.split_once(' ')?;
    matches!(kind, "done" | "notice" | "problem").then(|| Banner { kind: kind.to_owned(), text: text.chars().take(500).collect() })
}

/// Whether a request brought a message that is shown now.
pub fn has_flash(headers: &HeaderMap) -> bool {
    CookieJar::from_headers(headers).get(FLASH).is_some()
}

/// Takes the message away once it was shown.
pub fn flash_shown(app: &App) -> Cookie<'static> {
    let mut cookie = Cookie::build((FLASH, "")).path("/").http_only(true).same_site(SameSite::Lax).secure(app.config.is_https()).build();
    cookie.make_removal();
    cookie
}

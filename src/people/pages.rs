//! Pages of accounts.

pub mod account;
pub mod address;
pub mod password;
pub mod sign_in;

use std::net::SocketAddr;

use askama::Template;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};

use super::accounts::{Client, Failed};
use crate::App;
use crate::web::client_address::client_address;
use crate::web::error::Error;
use crate::web::layout::{Layout, Page};
use crate::web::session;

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::TooMany(seconds) => Self::TooMany(seconds),
            Failed::Other(error) => Self::Internal(error),
        }
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let trusted = &app.config.trusted_proxies;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or_else(String::new, |peer| client_address(peer.0.ip(), &parts.headers, trusted).to_string());
        let browser = parts.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default();
        Ok(Self {
            address,
            browser: browser.chars().filter(|letter| !letter.is_control()).take(200).collect(),
            cookie_hash: session::secret_hash(app, &parts.headers),
        })
    }
}

/// The page of a link that does not work, or no more.
#[derive(Template)]
#[template(path = "people/link_gone.html")]
struct LinkGone {
    layout: Layout,
    again_url: &'static str,
    again: &'static str,
}

/// A link that does not work, or no more, and where one gets another.
fn link_gone(layout: Layout, again_url: &'static str, again: &'static str) -> axum::response::Response {
    use axum::response::IntoResponse;
    Page(StatusCode::GONE, LinkGone { layout, again_url, again }).into_response()
}

/// What a browser calls itself, in words: "Firefox on Linux".
fn browser_in_words(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, words)| *words);
    let browser = first(&[("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system =
        first(&[("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(words), None) | (None, Some(words)) => words.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

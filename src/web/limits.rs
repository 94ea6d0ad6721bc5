//! How often one client may ask for what is dear, before who they are is known.
//!
//! Generous: a room full of people behind one address does not notice. Guesses at one account's password are counted
//! besides, in the database (`people::store::count_try`).

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::App;
use crate::people::Viewer;
use crate::seldom::Seldom;
use crate::web::client_address::{block_of, client_address};
use crate::web::error::Error;

/// Clients that are remembered before those that asked nothing lately are forgotten.
const REMEMBERED: usize = 10_000;

/// Tries of all clients.
pub struct Limits {
    searches: Limit,
    sign_ins: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // one who types quickly asks for suggestions 8 times a second
            searches: Limit::new(300, Duration::from_millis(100)),
            sign_ins: Limit::new(150, Duration::from_secs(2)),
        }
    }
}

/// So many at once, and one more each so often.
struct Limit {
    clients: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>,
    tidied: Seldom,
}

impl Limit {
    fn new(at_once: u32, each: Duration) -> Self {
        let at_once = NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(each).unwrap_or(Quota::per_second(at_once)).allow_burst(at_once);
        Self { clients: RateLimiter::hashmap(quota), tidied: Seldom::each(Duration::from_secs(10)) }
    }

    /// Counts one; seconds to wait where it is one too many.
    fn count(&self, client: IpAddr) -> Result<(), u32> {
        if self.clients.len() > REMEMBERED && self.tidied.is_due() {
            self.clients.retain_recent();
        }
        self.clients.check_key(&block_of(client)).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
        })
    }
}

impl Limits {
    fn of(&self, request: &Request) -> Option<&Limit> {
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let is_search = || {
            let query = request.uri().query().unwrap_or_default().as_bytes();
            url::form_urlencoded::parse(query).any(|(name, value)| name == "q" && !value.trim().is_empty())
        };
        match (request.method(), route) {
            (&Method::GET | &Method::HEAD, "/groups/suggest" | "/statements.atom" | "/statements.csv" | "/statements.json") => Some(&self.searches),
            (&Method::GET | &Method::HEAD, "/organizations.csv" | "/organizations.json") => Some(&self.searches),
            (&Method::GET | &Method::HEAD, "/statements" | "/organizations" | "/api/v1/statements") => is_search().then_some(&self.searches),
            (&Method::POST, "/sign-in" | "/sign-in/{secret}" | "/password/forgotten" | "/password/{secret}") => Some(&self.sign_ins),
            _ => None,
        }
    }
}

/// Tells a client that asks too often when to come again. Searches of whoever is signed in are not counted: they are known.
pub async fn hold(State((app, limits)): State<(App, Arc<Limits>)>, request: Request, next: Next) -> Response {
    let is_known = request.method() != Method::POST && request.extensions().get::<Viewer>().is_some();
    if let Some(limit) = limits.of(&request).filter(|_| !is_known)
        && let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>()
    {
        let trusted = &app.config.trusted_proxies;
        let client = client_address(peer.ip(), request.headers(), trusted);
        // a proxy that says of nobody whence they come would be everybody
        if !trusted.iter().any(|network| network.holds(client))
            && let Err(wait) = limit.count(client)
        {
            tracing::info!(client = %client, wait, "asked too often");
            return Error::TooMany(wait).into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_held_and_others_are_not() {
        let limit = Limit::new(3, Duration::from_secs(60));
        let count = |address: &str| limit.count(address.parse().unwrap());

        for n in 1..=3 {
            assert_eq!(count(&format!("2001:db8::{n}")), Ok(()));
        }
        let wait = count("2001:db8::4").unwrap_err();
        assert!((58..=61).contains(&wait), "{wait}");
        assert_eq!(count("2001:db8:0:1::1"), Ok(()));
        assert_eq!(count("192.0.2.1"), Ok(()));
    }

    #[test]
    fn those_who_asked_long_ago_are_forgotten() {
        let limit = Limit { tidied: Seldom::each(Duration::ZERO), ..Limit::new(3, Duration::from_nanos(1)) };
        for n in 0..=u32::try_from(REMEMBERED).unwrap() + 5 {
            let _ = limit.count(IpAddr::from(n.to_be_bytes()));
        }
        assert!(limit.clients.len() < 10, "{}", limit.clients.len());
    }
}

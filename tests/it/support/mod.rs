//! What tests stand on.

pub mod database;
pub mod letters;
pub mod people;
pub mod smtp;
pub mod visitor;

use axum::Router;
use chrono::{DateTime, Utc};
use liaison_tracker::App;
use liaison_tracker::clock::Clock;
use liaison_tracker::config::Config;
use liaison_tracker::web::router;

use database::TestDatabase;
use visitor::Visitor;

/// The service on a database of its own.
pub struct TestService {
    pub app: App,
    pub router: Router,
    pub database: TestDatabase,
}

impl TestService {
    /// A new browser in front of it.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.router.clone())
    }

    /// Moves the clock.
    pub fn set_time(&self, at: &str) {
        self.app.clock.set(time(at));
    }
}

/// An instant, such as `2026-11-04T10:00:00Z`.
pub fn time(at: &str) -> DateTime<Utc> {
    at.parse().unwrap_or_else(|error| panic!("{at} is no time: {error}"))
}

/// A clock that stands still at an instant.
pub fn clock(at: &str) -> Clock {
    Clock::fixed(time(at))
}

/// The service on a fresh, migrated database, ready, with the configuration that holds where nothing is set.
pub async fn service(clock: Clock) -> TestService {
    service_with(clock, &[]).await
}

/// The same with environment variables.
pub async fn service_with(clock: Clock, variables: &[(&str, &str)]) -> TestService {
    let config =
        Config::read(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())).expect("configuration");
    let database = database::fresh().await;
    let app = App::new(config, database.pool.clone(), clock);
    app.set_ready().await.expect("the service becomes ready");
    let router = router::router(&app).expect("routes");
    TestService { app, router, database }
}

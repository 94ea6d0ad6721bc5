//! What tests stand on.

pub mod alone;
pub mod database;
pub mod form;
pub mod letters;
pub mod many;
pub mod page;
pub mod people;
pub mod posted;
pub mod program;
pub mod queries;
pub mod server;
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

    /// The path of the link in the newest mail of that event to an address.
    pub async fn mailed_link(&self, event: &str, address: &str) -> String {
        let body: String = sqlx::query_scalar(
            "SELECT body FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = $1 AND recipient = $2 ORDER BY mail_id DESC LIMIT 1",
        )
        .bind(event)
        .bind(address)
        .fetch_one(&self.app.pool)
        .await
        .unwrap_or_else(|error| panic!("no mail {event} to {address}: {error}"));
        let site = self.app.config.absolute("/");
        let url = body.lines().find(|line| line.starts_with(&site)).expect("the mail has a link");
        format!("/{}", &url[site.len()..])
    }

    /// Who was mailed about an event, in order.
    pub async fn mailed(&self, event: &str) -> Vec<String> {
        sqlx::query_scalar("SELECT recipient FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = $1 ORDER BY mail_delivery_id")
            .bind(event)
            .fetch_all(&self.app.pool)
            .await
            .expect("mails")
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

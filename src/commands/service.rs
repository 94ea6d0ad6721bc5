//! What commands share: the log, the database, the service on it.

use anyhow::Context;

use crate::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::database;

/// Begins the log; one record a line.
pub fn log(config: &Config) {
    // a notice for each table that is there already, and each embedded file, tells nobody anything
    let filter = tracing_subscriber::EnvFilter::new(format!("sqlx::postgres::notice=warn,memory_serve=warn,{}", config.log));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log_json {
        builder.json().init();
    } else {
        builder.with_ansi(false).init();
    }
}

/// The database a command works on, and what keeps it running.
pub struct Database {
    /// Where it is.
    pub url: String,
}

impl Database {
    /// The configured one, or else the private one, started.
    ///
    /// # Errors
    /// The private one can't be started; the words say what to do.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        match &config.database_url {
            Some(url) => Ok(Self { url: url.clone() }),
            None => anyhow::bail!("DATABASE_URL is not set"),
        }
    }

    /// Stops what was started.
    pub async fn close(self) {}
}

/// The service on a migrated database, for commands that work once and end.
///
/// # Errors
/// No database, or a schema that can't be brought up to date.
pub async fn open(config: Config, database: &Database) -> anyhow::Result<App> {
    database::migrate(&database.url).await.context("the schema can't be brought up to date")?;
    let pool = database::pool(&database.url, 4, "liaison-tracker command")?;
    let app = App::new(config, pool, Clock::system());
    app.set_ready().await?;
    Ok(app)
}

//! What commands share: the log, the database, the service on it.

use anyhow::Context;

use crate::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::database;
use crate::database::private_server::{self, Durability, PrivateServer};

/// Begins the log; one record a line.
pub fn log(config: &Config, is_filling: bool) {
    // a notice for each table that is there already, and each embedded file, tells nobody anything
    let history = if is_filling { "liaison_tracker::history=warn," } else { "" };
    let filter = tracing_subscriber::EnvFilter::new(format!("{history}sqlx::postgres::notice=warn,memory_serve=warn,{}", config.log));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // a bug's words are one record too, on whatever thread
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(words = panic.payload_as_str().unwrap_or_default(), place, "panicked");
    }));
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
    /// The private server, where it is ours.
    private: Option<PrivateServer>,
}

impl Database {
    /// The configured one, or else the private one, started.
    ///
    /// # Errors
    /// The private one can't be started; the words say what to do.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        match &config.database_url {
            Some(url) => Ok(Self { url: url.clone(), private: None }),
            None => {
                let server = private_server::start(&config.data_dir, Durability::Safe).await?;
                Ok(Self { url: server.url("liaison"), private: Some(server) })
            }
        }
    }

    /// Stops the private server, if this process started it.
    pub async fn close(self) {
        if let Some(server) = self.private
            && let Err(error) = server.stop().await
        {
            tracing::error!(error = %error, "the private PostgreSQL can't be stopped");
        }
    }
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

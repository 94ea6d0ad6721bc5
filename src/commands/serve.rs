//! `serve`: the pages and the background task, until a signal.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::service;
use crate::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::database;
use crate::seldom::Seldom;
use crate::web::connections::{Doorkeeper, FOR_A_HEAD};
use crate::web::{health, router};
use crate::worker::{self, Worker};

/// Runs it. Starts without its database, says so on `/readyz` and in the log, and becomes ready by itself.
///
/// # Errors
/// The address can't be listened on; the private PostgreSQL can't be started.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let (stop, at_once) = (CancellationToken::new(), CancellationToken::new());
    // first of all: whoever stops us while the private PostgreSQL starts must not leave it behind
    tokio::spawn(Signals::listen()?.hear(stop.clone(), at_once.clone()));
    let database = service::Database::open(&config).await?;
    let done = if stop.is_cancelled() {
        Ok(ExitCode::SUCCESS)
    } else {
        tokio::select! {
            done = serve(config, &database.url, stop) => done.map(|()| ExitCode::SUCCESS),
            () = at_once.cancelled() => Ok(ExitCode::FAILURE),
        }
    };
    database.close().await;
    tracing::info!("stopped");
    done
}

/// Serves until the stop, then ends what was begun.
async fn serve(config: Config, database_url: &str, stop: CancellationToken) -> anyhow::Result<()> {
    let pool = database::pool(database_url, config.database_connections, "liaison-tracker pages")?;
    let listen = config.listen;
    let base_url = config.base_url.clone();
    let app = App::new(config, pool, Clock::system());
    let service = router::router(&app)?;
    let handle = Handle::new();
    let doorkeeper = Doorkeeper::new(&app.config.trusted_proxies);

    let worker_pool = database::pool(database_url, worker::CONNECTIONS, "liaison-tracker worker")?;
    let listener = std::net::TcpListener::bind(listen).with_context(|| format!("can't listen on {listen} (LIAISON_LISTEN)"))?;
    listener.set_nonblocking(true)?;
    let metrics = app.config.metrics_listen.map(|address| serve_metrics(app.clone(), address)).transpose()?;
    let background = tokio::spawn(work(app.clone(), database_url.to_owned(), worker_pool, stop.clone()));
    let stopping = tokio::spawn(end_pages(app.clone(), handle.clone(), stop.clone()));
    tracing::info!(%listen, address = %base_url, "listening");
    let mut server = axum_server::from_tcp(listener)?.handle(handle).acceptor(doorkeeper).http1_only();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(FOR_A_HEAD);
    let server = server.accept_error_handler(|_, error| {
        static SAID: Seldom = Seldom::each(Duration::from_mins(1));
        if SAID.is_due() {
            tracing::warn!(error = %error, "connections are refused");
        }
    });
    server.serve(service.into_make_service_with_connect_info::<std::net::SocketAddr>()).await?;

    // begun at the signal, beside the pages' own end
    stop.cancel();
    let _ = background.await;
    stopping.abort();
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    Ok(())
}

/// Serves the metrics on an address of their own, until it is aborted.
fn serve_metrics(app: App, address: std::net::SocketAddr) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let listener = std::net::TcpListener::bind(address).with_context(|| format!("can't listen on {address} (LIAISON_METRICS_LISTEN)"))?;
    let mut server = axum_server::from_tcp(listener)?.http1_only();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(FOR_A_HEAD);
    let service = health::metrics(app).into_make_service();
    Ok(tokio::spawn(async move {
        if let Err(error) = server.serve(service).await {
            tracing::error!(error = %error, "metrics are not served");
        }
    }))
}

/// The background task, from when the schema stands until the stop.
async fn work(app: App, url: String, pool: sqlx::PgPool, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = become_ready(app.clone(), url) => {}
    }
    let worker = Worker::start(&app, pool, stop.clone());
    stop.cancelled().await;
    worker.stop().await;
}

/// Brings the schema up to date as soon as there is a database, trying each 2 seconds.
async fn become_ready(app: App, url: String) {
    let mut said = String::new();
    loop {
        let done = match database::migrate(&url).await {
            Ok(()) => app.set_ready().await.map_err(|error| database::explain(&error)),
            Err(error) => Err(match error.downcast_ref::<sqlx::Error>() {
                Some(error) => database::explain(error),
                None => format!("the schema can't be brought up to date: {error:#}"),
            }),
        };
        match done {
            Ok(()) => {
                tracing::info!("ready");
                return;
            }
            Err(reason) => {
                if said != reason {
                    tracing::error!(reason, "not ready; trying again every 2 seconds");
                    said.clone_from(&reason);
                }
                app.set_not_ready(reason);
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
    }
}

/// At the stop: accept no more, finish what was begun within 20 s.
async fn end_pages(app: App, handle: Handle<std::net::SocketAddr>, stop: CancellationToken) {
    stop.cancelled().await;
    app.set_not_ready("stopping".to_owned());
    handle.graceful_shutdown(Some(Duration::from_secs(20)));
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let hear = |kind| signal(kind).context("signals can't be listened to");
        Ok(Self { terminate: hear(SignalKind::terminate())?, interrupt: hear(SignalKind::interrupt())? })
    }

    /// The first ends in order; the second ends at once, but for the private PostgreSQL; the third does not even wait for that.
    async fn hear(mut self, stop: CancellationToken, at_once: CancellationToken) {
        self.next().await;
        tracing::info!("stopping; a second signal ends at once");
        stop.cancel();
        self.next().await;
        at_once.cancel();
        self.next().await;
        std::process::exit(1);
    }

    async fn next(&mut self) {
        tokio::select! { _ = self.terminate.recv() => (), _ = self.interrupt.recv() => () }
    }
}

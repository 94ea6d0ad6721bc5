//! `serve`: the pages and the background task, until a signal.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::service;
use crate::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::database;
use crate::web::router;
use crate::worker::{self, Worker};

/// Runs it. Starts without its database, says so on `/readyz` and in the log, and becomes ready by itself.
///
/// # Errors
/// The address can't be listened on.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let pool = database::pool(&database.url, config.database_connections, "liaison-tracker pages")?;
    let listen = config.listen;
    let base_url = config.base_url.clone();
    let app = App::new(config, pool, Clock::system());
    let service = router::router(&app)?;
    let handle = Handle::new();

    let stop = CancellationToken::new();
    let worker_pool = database::pool(&database.url, worker::CONNECTIONS, "liaison-tracker worker")?;
    let background = tokio::spawn(work(app.clone(), database.url.clone(), worker_pool, stop.clone()));
    let stopping = tokio::spawn(stop_on_signal(app.clone(), handle.clone(), stop.clone()));
    let listener = std::net::TcpListener::bind(listen).with_context(|| format!("can't listen on {listen} (LIAISON_LISTEN)"))?;
    listener.set_nonblocking(true)?;
    tracing::info!(%listen, address = %base_url, "listening");
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    server.serve(service.into_make_service_with_connect_info::<std::net::SocketAddr>()).await?;

    // begun at the signal, beside the pages' own end
    stop.cancel();
    let _ = background.await;
    stopping.abort();
    database.close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
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

/// The first SIGTERM or SIGINT: accept no more, finish what was begun within 20 s; the second: exit.
async fn stop_on_signal(app: App, handle: Handle<std::net::SocketAddr>, stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("signals can't be listened to");
        return;
    };
    tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
    tracing::info!("stopping; a second signal ends at once");
    app.set_not_ready("stopping".to_owned());
    stop.cancel();
    handle.graceful_shutdown(Some(Duration::from_secs(20)));
    tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
    std::process::exit(1);
}

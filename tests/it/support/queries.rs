//! Counts what is sent to the database: pages must not ask once for each row.

use std::fmt::Debug;
use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// While there is one subscriber only, `tracing` decides by the thread that comes first whether an event is wanted at
/// all, and remembers it: tests beside ours would switch ours off. With a second one it asks all of them.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));

/// Does something, and tells how many queries that took; their beginnings stand in the second list.
///
/// For tests on one thread (`#[tokio::test]`): what other threads ask is not seen.
pub async fn count<F: Future>(future: F) -> (F::Output, Vec<String>) {
    LazyLock::force(&SECOND);
    let counted = Counted::default();
    let subscriber = tracing_subscriber::registry().with(counted.clone());
    let output = future.with_subscriber(subscriber).await;
    let queries = counted.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (output, queries)
}

#[derive(Clone, Default)]
struct Counted(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Counted {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut summary = Summary::default();
            event.record(&mut summary);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(summary.0);
        }
    }
}

#[derive(Default)]
struct Summary(String);

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "summary" {
            self.0 = format!("{value:?}");
        }
    }
}

//! What a monitoring system asks for: counts, times and states, as Prometheus reads them.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::App;
use crate::mail::outbox;

/// Upper ends of the classes of durations, in seconds.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    /// `2xx`.
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    job: String,
}

/// What is counted while serving.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { requests: Family::default(), durations: Family::new_with_constructor(|| Histogram::new(SECONDS)) }
    }
}

impl Metrics {
    /// Counts an answer; the route is the pattern, never the path, which may hold secrets.
    pub fn count(&self, route: &str, status: u16, took: Duration) {
        let labels = Answered { route: route.to_owned(), status: format!("{}xx", status / 100) };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }
}

/// Everything, as it is now. What the database can't tell in two seconds is left out.
///
/// # Errors
/// None that is known of: it is written to memory.
pub async fn text(app: &App) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("liaison");
    registry.register("http_requests", "Requests answered", app.metrics.requests.clone());
    registry.register("http_request_duration_seconds", "From the request's head to the answer's", app.metrics.durations.clone());

    let mut gauge = |name: &str, help: &str, value: f64| {
        let gauge = Gauge::<f64, AtomicU64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let size = app.pool.size();
    let idle = u32::try_from(app.pool.num_idle()).unwrap_or(size);
    gauge("database_connections", "Connections of the pages' pool", f64::from(size));
    gauge("database_connections_in_use", "Those in use", f64::from(size.saturating_sub(idle)));
    gauge("database_connections_limit", "The most there may be", f64::from(app.pool.options().get_max_connections()));
    gauge("password_hashings", "Passwords being hashed or waiting for it", count(app.hashing_places - app.hashing_queue.available_permits()));
    gauge("password_hashings_limit", "Whoever comes then is told to come later", count(app.hashing_places));
    if let Some(bytes) = resident_bytes() {
        gauge("process_resident_memory_bytes", "Memory of the process", bytes);
    }
    let now = app.clock.now();
    let figures = tokio::time::timeout(Duration::from_secs(2), outbox::figures(&app.pool)).await;
    gauge("database_up", "1: the database answers", f64::from(u8::from(matches!(figures, Ok(Ok(_))))));
    if let Ok(Ok(figures)) = figures {
        let age = figures.oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
        gauge("mail_queued", "Mails to one recipient each that wait or are being sent", figures.queued as f64);
        gauge("mail_oldest_queued_seconds", "How long the oldest of them waits", age as f64);
        gauge("mail_failed", "Those that failed", figures.failed as f64);
    }
    let heartbeats = Family::<Named, Gauge>::default();
    for (job, at) in app.heartbeats.all() {
        heartbeats.get_or_create(&Named { job: job.to_owned() }).set(at.timestamp());
    }
    registry.register("worker_heartbeat_timestamp_seconds", "When a background job was last seen at work", heartbeats);

    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

/// As Linux tells it.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u32 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(f64::from(kibibytes) * 1024.0)
}

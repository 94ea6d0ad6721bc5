//! Load, and what it costs: CPU time of server and database for a request, and how long one takes.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;

use crate::figures::{Spread, quantile};
use crate::http::Connection;
use crate::servers::Server;

/// A request that is repeated.
pub struct Variant<'a> {
    /// For its ratios.
    pub name: String,
    /// Who is asked.
    pub server: &'a Server,
    /// The whole request.
    pub request: Vec<u8>,
}

/// What a second of one variant came to.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// CPU time of server and database for a request, in µs.
    pub cpu: f64,
    /// Half of the requests took at most so long, in ms.
    pub p50: f64,
    /// 99 of 100 took at most so long, in ms.
    pub p99: f64,
}

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    /// So many.
    pub count: usize,
    /// Each variant so long in each.
    pub span: Duration,
}

/// What each variant came to, a sample a round.
pub type Samples = HashMap<String, Vec<Sample>>;

/// All variants, one after the other, in each round; every other round in reverse.
pub async fn rounds(variants: &[Variant<'_>], connections: usize, rounds: Rounds) -> anyhow::Result<Samples> {
    let mut samples = Samples::new();
    for variant in variants {
        warm_up(variant, connections).await.with_context(|| variant.name.clone())?;
    }
    for round in 0..rounds.count {
        let mut order: Vec<&Variant> = variants.iter().collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for variant in order {
            let sample = sample(variant, connections, rounds.span).await.with_context(|| variant.name.clone())?;
            samples.entry(variant.name.clone()).or_default().push(sample);
        }
    }
    Ok(samples)
}

/// 200 requests, but no longer than two seconds.
async fn warm_up(variant: &Variant<'_>, connections: usize) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(2);
    try_join_all((0..connections).map(|_| async {
        let mut connection = Connection::open(variant.server.port).await?;
        for _ in 0..200usize.div_ceil(connections) {
            let answer = connection.ask(&variant.request, true).await?;
            ensure!(answer.status == 200, "{} instead of 200: {}", answer.status, answer.text());
            if Instant::now() > until {
                break;
            }
        }
        Ok(())
    }))
    .await?;
    Ok(())
}

/// One variant for a while.
pub async fn sample(variant: &Variant<'_>, connections: usize, span: Duration) -> anyhow::Result<Sample> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(variant.server.port).await?);
    }
    let before = Cpu::now(variant.server);
    let until = Instant::now() + span;
    let each = try_join_all(open.into_iter().map(|mut connection| async move {
        let mut took = Vec::with_capacity(10_000);
        while Instant::now() < until {
            let asked = Instant::now();
            let answer = connection.ask(&variant.request, false).await?;
            took.push(asked.elapsed().as_secs_f64() * 1e3);
            ensure!(answer.status == 200, "{} instead of 200", answer.status);
        }
        anyhow::Ok(took)
    }))
    .await?;
    let cpu = Cpu::now(variant.server).since(&before);
    let mut took: Vec<f64> = each.concat();
    took.sort_by(f64::total_cmp);
    let requests = took.len() as f64;
    Ok(Sample { cpu: cpu.as_secs_f64() * 1e6 / requests, p50: quantile(&took, 0.5), p99: quantile(&took, 0.99) })
}

/// The ratio of one variant to another, round by round.
pub fn ratio(samples: &Samples, one: &str, other: &str, of: fn(&Sample) -> f64) -> Spread {
    let none = Vec::new();
    let (one, other) = (samples.get(one).unwrap_or(&none), samples.get(other).unwrap_or(&none));
    Spread::of(&one.iter().zip(other).map(|(one, other)| of(one) / of(other)).collect::<Vec<_>>())
}

/// CPU time of the processes that an answer comes from, by process and thread.
struct Cpu(BTreeMap<(u32, u32), Duration>);

impl Cpu {
    fn now(server: &Server) -> Self {
        let processes = std::iter::once(server.pid()).chain(server.database_processes());
        Self(processes.flat_map(|pid| threads(pid).into_iter().map(move |thread| (pid, thread))).filter_map(|of| Some((of, run(of)?))).collect())
    }

    fn since(&self, before: &Self) -> Duration {
        self.0.iter().map(|(of, now)| now.saturating_sub(before.0.get(of).copied().unwrap_or_default())).sum()
    }
}

fn threads(pid: u32) -> Vec<u32> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Time on a processor, to the nanosecond; `/proc/PID/stat` would count in hundredths of a second.
fn run((pid, thread): (u32, u32)) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat")).ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

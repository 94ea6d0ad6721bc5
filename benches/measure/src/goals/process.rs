//! P12 and P13: how the process starts, and what memory it takes.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::bench::{Bench, LARGE, SCRATCH, SMALL};
use crate::figures::{Goal, Outcome, Spread};
use crate::goals::bulk;
use crate::http::{self, Connection};
use crate::pages;
use crate::servers::Server;

const MEGABYTE: f64 = 1e6;

/// P12: from the start of the process to its first answer.
pub async fn start(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let mut took: [Vec<f64>; 4] = Default::default();
    for _ in 0..if bench.is_quick { 3 } else { 10 } {
        for (at, database) in [(0, SMALL), (1, LARGE)] {
            let mut product = Server::spawn_product(&bench.place, database, &[])?;
            took[at].push(product.wait_for("/healthz").await?.as_secs_f64() * 1e3);
            if database == LARGE {
                took[3].push(product.wait_for("/readyz").await?.as_secs_f64() * 1e3);
            }
        }
        let mut bare = Server::spawn_bare(&bench.place, LARGE, &bench.query)?;
        took[2].push(bare.wait_for("/hello").await?.as_secs_f64() * 1e3);
    }
    let [small, large, bare, ready] = took;
    let ratio = |one: &[f64], other: &[f64]| Spread::of(&one.iter().zip(other).map(|(one, other)| one / other).collect::<Vec<_>>());
    out.push(Outcome::new("P12", "start to first answer, 100k ÷ bare", ratio(&large, &bare), "", Goal::AtMost(4.0)));
    out.push(Outcome::new("P12", "start to first answer, 100k ÷ 2k", ratio(&large, &small), "", Goal::AtMost(1.2)));
    out.push(Outcome::new("P12", "start to first answer, 100k", Spread::of(&large), "ms", Goal::AtMost(400.0)));
    out.push(Outcome::new("P12", "start to ready, 100k", Spread::of(&ready), "ms", Goal::None));
    Ok(())
}

/// P13: memory.
pub async fn memory(bench: &Bench, load: Duration, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let product = Server::product(&bench.place, LARGE, &[]).await?;
    let bare = Server::bare(&bench.place, LARGE, &bench.query).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (idle, of_bare) = (product.memory("VmRSS")?, bare.memory("VmRSS")?);
    out.push(Outcome::count("P13", "idle ÷ bare", idle / of_bare, "", Goal::AtMost(4.0)));
    out.push(Outcome::count("P13", "idle", idle / MEGABYTE, "MB", Goal::None));

    // the first fifth is for caches to fill: minute 2 of 10
    mixed_load(bench, &product, load / 5).await?;
    let early = product.memory("VmRSS")?;
    mixed_load(bench, &product, load * 4 / 5).await?;
    let late = product.memory("VmRSS")?;
    let words = format!("after {} s of mixed load, 4 at once", load.as_secs());
    out.push(Outcome::count("P13", words, late / MEGABYTE, "MB", Goal::AtMost(64.0)));
    let growth = (late - early) / early * 100.0;
    out.push(Outcome::count("P13", "growth from a fifth of the load to its end", growth, "%", Goal::AtMost(5.0)));

    let csv = http::get(pages::CSV, &[]);
    let before = product.memory("VmRSS")?;
    product.forget_peak()?;
    let answer = Connection::open(product.port).await?.ask(&csv, false).await?;
    if answer.status == 200 {
        let extra = (product.memory("VmHWM")? - before) / MEGABYTE;
        let words = format!("extra during the whole CSV of {} bytes", answer.body_bytes);
        out.push(Outcome::count("P13", words, extra, "MB", Goal::AtMost(16.0)));
    } else {
        out.push(Outcome::not_measured("P13", "extra during the whole CSV", "there is no such page"));
    }

    let product = Server::product(&bench.place, SCRATCH, &[]).await?;
    let cookie = product.sign_in("manager-3gpp").await?;
    for (which, bytes) in [("a first", 1_000), ("of 24 MB", 24_000_000)] {
        let request = bulk::upload_request(&cookie, &bulk::noise(bytes));
        let before = product.memory("VmRSS")?;
        product.forget_peak()?;
        bulk::upload(&product, &request).await?;
        if bytes > 1_000 {
            let extra = (product.memory("VmHWM")? - before) / MEGABYTE;
            out.push(Outcome::count("P13", format!("extra during an upload {which}"), extra, "MB", Goal::AtMost(16.0)));
        }
    }
    Ok(())
}

/// Pages of all kinds, four at once.
async fn mixed_load(bench: &Bench, product: &Server, span: Duration) -> anyhow::Result<()> {
    let side = &bench.large;
    let mut requests = Vec::new();
    for page in pages::sent(&side.facts) {
        // sessions are the database's: those of the other process hold here too
        requests.push(side.request(&page, &["Accept-Encoding: br"]).await?);
    }
    for (_, words, _) in pages::SEARCHES {
        requests.push(http::get(&pages::search(words), &[]));
    }
    let until = Instant::now() + span;
    try_join_all((0..4).map(|first| {
        let requests = &requests;
        async move {
            let mut connection = Connection::open(product.port).await?;
            for request in requests.iter().cycle().skip(first * 5) {
                if Instant::now() > until {
                    break;
                }
                connection.ask(request, false).await?;
            }
            anyhow::Ok(())
        }
    }))
    .await?;
    Ok(())
}

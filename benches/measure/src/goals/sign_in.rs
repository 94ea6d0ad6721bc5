//! P19: signing in costs one hash, and many who sign in do not hold up the pages.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::join_all;
use tokio::process::Command;

use crate::bench::{Bench, SCRATCH};
use crate::figures::{Goal, Outcome, Spread};
use crate::http::{self, Connection};
use crate::load::{self, Variant};
use crate::servers::{Server, sign_in_request};

/// P19.
pub async fn sign_in(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let product = Server::product(&bench.place, SCRATCH, &[]).await?;
    let times = if bench.is_quick { 3 } else { 11 };
    let request = sign_in_request("chair-nmop", "");
    let mut ratios = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let mut connection = Connection::open(product.port).await?;
        for _ in 0..10 {
            let answer = connection.ask(&request, true).await?;
            ensure!(answer.status == 303, "{}: {}", answer.status, answer.text());
        }
        let of_product = begun.elapsed().as_secs_f64() / 10.0;
        let output = Command::new(&bench.place.bare).args(["hashes", "10"]).output().await?;
        let of_bare: f64 = String::from_utf8(output.stdout)?.trim().parse().context("seconds")?;
        ratios.push(of_product / of_bare);
    }
    out.push(Outcome::new("P19", "sign-in, one at a time ÷ Argon2 alone", Spread::of(&ratios), "", Goal::AtMost(1.3)));

    let list = Variant { name: "list".to_owned(), server: &product, request: http::get("/statements", &[]) };
    let span = Duration::from_secs(if bench.is_quick { 1 } else { 3 });
    let mut slower = Vec::new();
    for _ in 0..if bench.is_quick { 2 } else { 5 } {
        let idle = load::sample(&list, 1, span).await?.p50;
        // they are already at it when the pages are asked for
        let crowd = crowd(product.port, Instant::now() + span + Duration::from_millis(500));
        let pages = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            load::sample(&list, 1, span).await
        };
        let (_, busy) = tokio::join!(crowd, pages);
        slower.push(busy?.p50 / idle);
    }
    out.push(Outcome::new("P19", "p50 of the list during 50 sign-ins ÷ idle", Spread::of(&slower), "", Goal::AtMost(3.0)));
    Ok(())
}

/// Fifty people from fifty addresses sign in again and again; whoever is told to wait waits a second.
async fn crowd(port: u16, until: Instant) {
    join_all((0..50).map(|n| async move {
        let request = sign_in_request(["coordinator", "iab-chair", "ad-ops", "chair-spring", "nobody"][n % 5], &format!("192.0.2.{n}"));
        while Instant::now() < until {
            match http::once(port, &request).await {
                Ok(answer) if answer.status == 303 => {}
                _ => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }))
    .await;
}

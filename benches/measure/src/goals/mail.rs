//! P14: how fast mail leaves.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::process::Command;

use crate::bench::{Bench, SCRATCH};
use crate::figures::{Goal, Outcome, Spread};
use crate::http;
use crate::load::{self, Variant};
use crate::servers::Server;
use crate::smtp::{Mode, SmtpServer};

/// Conversations of the product with the mail server at once.
const CONNECTIONS: usize = 4;

const QUEUE: &str = "
WITH made AS (
    INSERT INTO mails (message_id, event, made_at, from_header, to_header, subject, body)
    SELECT 'measure-' || gen_random_uuid() || '@localhost', 'measure', now(), 'Liaison Tracker <liaison-tracker@localhost.localdomain>',
           'recipient-' || n || '@demo.example', 'A liaison statement was posted', repeat('Dear colleagues,' || chr(13) || chr(10), 40)
      FROM generate_series(1, $1) AS n
    RETURNING mail_id, to_header)
INSERT INTO mail_deliveries (mail_id, recipient, state, queued_at, next_attempt_at)
SELECT mail_id, to_header, 'queued', now(), now() FROM made";

/// P14: against a server that takes 20 ms for each answer, and against one that takes none.
pub async fn outbox(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let sink = SmtpServer::start().await;
    let address = format!("smtp://127.0.0.1:{}", sink.port);
    let product = Server::product(&bench.place, SCRATCH, &[("LIAISON_SMTP_URL", &address)]).await?;
    let mails = if bench.is_quick { 200 } else { 1000 };
    let times = if bench.is_quick { 1 } else { 3 };
    let list = Variant { name: "list".to_owned(), server: &product, request: http::get("/statements", &[]) };
    load::sample(&list, 1, Duration::from_secs(1)).await?;
    for (name, mode, least) in [("after 20 ms", Mode::Slow(Duration::from_millis(20)), 0.8), ("at once", Mode::Ok, 0.3)] {
        sink.set(mode);
        let (mut ratios, mut rates, mut pages) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..times {
            let of_product = mails as f64 / drain(bench, mails).await?.as_secs_f64();
            let of_bare = mails as f64 / bare(bench, sink.port, mails).await?;
            ratios.push(of_product / of_bare);
            rates.push(of_product);
            let span = Duration::from_secs(1);
            let idle = load::sample(&list, 1, span).await?.p50;
            let (drained, busy) = tokio::join!(drain(bench, mails), load::sample(&list, 1, span));
            drained?;
            pages.push(busy?.p50 / idle);
        }
        let server = format!("server answers {name}");
        out.push(Outcome::new("P14", format!("{server}: mails a second ÷ bare"), Spread::of(&ratios), "", Goal::AtLeast(least)));
        let goal = if least < 0.5 { Goal::AtLeast(200.0) } else { Goal::None };
        out.push(Outcome::new("P14", format!("{server}: mails"), Spread::of(&rates), "a second", goal));
        out.push(Outcome::new("P14", format!("{server}: p50 of the list meanwhile ÷ idle"), Spread::of(&pages), "", Goal::AtMost(1.5)));
    }
    Ok(())
}

/// Queues mails, and waits until all have left.
async fn drain(bench: &Bench, mails: i32) -> anyhow::Result<Duration> {
    let mut connection = bench.place.connect(SCRATCH).await?;
    sqlx::query(QUEUE).bind(mails).execute(&mut connection).await?;
    let begun = Instant::now();
    sqlx::query("SELECT pg_notify('mail_queued', '')").execute(&mut connection).await?;
    loop {
        let queued = sqlx::query_scalar::<_, bool>(
            "SELECT EXISTS (SELECT FROM mail_deliveries WHERE state = 'queued' AND mail_id IN (SELECT mail_id FROM mails WHERE event = 'measure'))",
        );
        if !queued.fetch_one(&mut connection).await? {
            break;
        }
        ensure!(begun.elapsed() < Duration::from_secs(300), "mails have not left after 300 seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = begun.elapsed();
    let accepted: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM mail_deliveries JOIN mails USING (mail_id) WHERE event = 'measure' AND mail_deliveries.state = 'accepted'",
    )
    .fetch_one(&mut connection)
    .await?;
    ensure!(accepted == i64::from(mails), "{accepted} of {mails} mails were accepted");
    sqlx::query("DELETE FROM mails WHERE event = 'measure'").execute(&mut connection).await?;
    Ok(took)
}

/// The same number by lettre alone; seconds.
async fn bare(bench: &Bench, port: u16, mails: i32) -> anyhow::Result<f64> {
    let output = Command::new(&bench.place.bare).args(["mails", &port.to_string(), &mails.to_string(), &CONNECTIONS.to_string()]).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)?.trim().parse().context("seconds")
}

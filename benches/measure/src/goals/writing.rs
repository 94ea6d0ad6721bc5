//! P16: outgoing statements are submitted, signed off and posted, beside their SQL alone.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tokio::process::Command;

use crate::bench::{Bench, SCRATCH};
use crate::figures::{Goal, Outcome, Spread};
use crate::http::{self, Connection};
use crate::servers::{self, Server};

/// Who works at once.
const CLIENTS: usize = 4;
/// Time between two looks at the locks.
const PERIOD: Duration = Duration::from_millis(5);
const BOUNDARY: &str = "----measure7MA4YWxk";

/// Transactions that have the number counter's row: they wait for nobody.
const HOLDERS: &str = "
SELECT count(*)
  FROM pg_locks AS held
 WHERE relation = 'number_counter'::regclass AND mode = 'RowExclusiveLock' AND granted
   AND NOT EXISTS (SELECT FROM pg_locks AS wanted WHERE wanted.pid = held.pid AND NOT wanted.granted)";

/// What is sent to post one statement: it is submitted, approved by an Area Director, approved by the manager.
type Steps = [Vec<u8>; 3];

/// P16.
pub async fn writing(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let each = if bench.is_quick { 5 } else { 20 };
    let mut connection = bench.place.connect(SCRATCH).await?;
    // the numbers of `many.sql` were not drawn
    connection.execute("UPDATE number_counter SET last_number = (SELECT max(number) FROM statements)").await?;
    connection.execute("VACUUM ANALYZE").await?;
    drop(connection);
    let drafts = prepare(bench, each * CLIENTS).await?;
    let clients: Vec<&[Steps]> = drafts.chunks(each).collect();
    let mut scripts = Vec::new();
    for (n, drafts) in clients.iter().enumerate() {
        scripts.push(script(bench, &copy(bench, n).await?, drafts).await?);
    }
    let posted = (each * CLIENTS) as f64;
    let (mut ratios, mut rates, mut held) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..if bench.is_quick { 2 } else { 7 } {
        // keys are drawn anew in each copy, so that those in the scripts are right
        let mut copies = Vec::new();
        for n in 0..CLIENTS {
            copies.push(copy(bench, n).await?);
        }
        let (seconds, milliseconds) = by_product(bench, &copy(bench, CLIENTS).await?, &clients).await?;
        let begun = Instant::now();
        try_join_all(copies.iter().zip(&scripts).map(|(database, script)| replay(bench, database, script))).await?;
        ratios.push(begun.elapsed().as_secs_f64() / seconds);
        rates.push(posted / seconds);
        held.push(milliseconds / posted);
    }
    for n in 0..=CLIENTS {
        drop_copy(bench, n).await?;
    }
    let words = format!("submit, sign off, post, {CLIENTS} clients");
    out.push(Outcome::new("P16", format!("{words} ÷ the same SQL by psql"), Spread::of(&ratios), "", Goal::AtLeast(0.5)));
    out.push(Outcome::new("P16", format!("{words}: posted"), Spread::of(&rates), "a second", Goal::None));
    out.push(Outcome::new("P16", "number counter held for a posting", Spread::of(&held), "ms", Goal::AtMost(10.0)));
    Ok(())
}

/// Drafts that can be submitted, and what posts each.
async fn prepare(bench: &Bench, count: usize) -> anyhow::Result<Vec<Steps>> {
    let product = Server::product(&bench.place, SCRATCH, &[]).await?;
    let chair = product.sign_in("chair-spring").await?;
    let signers = [product.sign_in("ad-rtg").await?, product.sign_in("manager-3gpp").await?];
    let mut connection = Connection::open(product.port).await?;
    let mut drafts = Vec::new();
    for n in 0..count {
        let title = format!("A measured statement {n}");
        let fields = [
            ("from", "SPRING"),
            ("to", "3GPP SA2"),
            ("title", &title),
            ("purpose", "for-information"),
            ("body", "Dear SA2,\r\n\r\nSPRING has finished its work on segments.\r\n"),
            ("send-to", "sa2@3gpp.example"),
            ("consensus", "collected"),
            ("informed-on", "1 March 2026"),
            ("do", "save"),
        ];
        let field = |(name, value): (&str, &str)| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let body = format!("{}--{BOUNDARY}--\r\n", fields.map(field).concat());
        let kind = format!("Content-Type: multipart/form-data; boundary={BOUNDARY}");
        let saved = connection.ask(&http::post("/statements/outgoing/new", &[&chair, &kind], body.as_bytes()), true).await?;
        ensure!(saved.status == 303, "a draft was answered with {}: {}", saved.status, saved.text());
        let draft = saved.headers.get("location").context("where the draft is")?.trim_end_matches("/edit").to_owned();
        let page = connection.ask(&http::get(&format!("{draft}/submit"), &[&chair]), true).await?.text();
        let mut sent = format!("version={}", values(&page, "version").first().context("a version")?);
        for warning in values(&page, "overrule") {
            write!(sent, "&overrule={}", http::encoded(warning))?;
        }
        let post = |cookie: &str, step: &str, body: &str| {
            http::post(&format!("{draft}/{step}"), &[cookie, "Content-Type: application/x-www-form-urlencoded"], body.as_bytes())
        };
        let decided = format!("{}&round=1&decision=approve", sent.split('&').next().unwrap_or_default());
        drafts.push([post(&chair, "submit", &sent), post(&signers[0], "review", &decided), post(&signers[1], "review", &decided)]);
    }
    Ok(drafts)
}

/// Values of the inputs of that name.
fn values<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let inputs = html.split("<input ").skip(1).filter_map(|input| input.split('>').next());
    let of_name = inputs.filter(|input| input.contains(&format!("name=\"{name}\"")));
    of_name.filter_map(|input| input.split("value=\"").nth(1)?.split('"').next()).collect()
}

async fn post_all(port: u16, drafts: &[Steps]) -> anyhow::Result<()> {
    let mut connection = Connection::open(port).await?;
    for step in drafts.iter().flatten() {
        let answer = connection.ask(step, true).await?;
        ensure!(answer.status == 303, "a step was answered with {}: {}", answer.status, answer.text());
    }
    Ok(())
}

/// All clients at once; seconds, and for how many milliseconds somebody had the number counter.
async fn by_product(bench: &Bench, database: &str, clients: &[&[Steps]]) -> anyhow::Result<(f64, f64)> {
    let mut connection = bench.place.connect(database).await?;
    let before: i32 = sqlx::query_scalar("SELECT last_number FROM number_counter").fetch_one(&mut connection).await?;
    let product = Server::product(&bench.place, database, &[]).await?;
    let is_done = Cell::new(false);
    let begun = Instant::now();
    let post = async {
        let done = try_join_all(clients.iter().map(|drafts| post_all(product.port, drafts))).await;
        is_done.set(true);
        done.map(|_| begun.elapsed().as_secs_f64())
    };
    let (seconds, held) = tokio::join!(post, look(&mut connection, &is_done));
    let after: i32 = sqlx::query_scalar("SELECT last_number FROM number_counter").fetch_one(&mut connection).await?;
    let drafts: usize = clients.iter().map(|drafts| drafts.len()).sum();
    ensure!(after - before == i32::try_from(drafts)?, "{} of {drafts} were posted", after - before);
    Ok((seconds?, held?))
}

/// The share of looks at which somebody had the counter, times the time looked for.
async fn look(connection: &mut PgConnection, is_done: &Cell<bool>) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let (mut looks, mut seen) = (0.0, 0.0);
    while !is_done.get() {
        let holders: i64 = sqlx::query_scalar(HOLDERS).fetch_one(&mut *connection).await?;
        looks += 1.0;
        seen += if holders > 0 { 1.0 } else { 0.0 };
        tokio::time::sleep(PERIOD).await;
    }
    Ok(seen / looks * begun.elapsed().as_secs_f64() * 1e3)
}

fn name(n: usize) -> String {
    format!("bench_copy_{n}")
}

async fn drop_copy(bench: &Bench, n: usize) -> anyhow::Result<()> {
    let mut connection = bench.place.connect("postgres").await?;
    connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name(n)))).await?;
    Ok(())
}

/// A database of its own with all drafts.
async fn copy(bench: &Bench, n: usize) -> anyhow::Result<String> {
    drop_copy(bench, n).await?;
    let mut connection = bench.place.connect("postgres").await?;
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {} TEMPLATE {SCRATCH}", name(n)))).await?;
    connection.execute("CHECKPOINT").await?;
    Ok(name(n))
}

/// What the product sends to post these, one after the other, as a script: prepared statements, with the same values.
async fn script(bench: &Bench, database: &str, drafts: &[Steps]) -> anyhow::Result<String> {
    let mut connection = bench.place.connect(database).await?;
    let product = Server::product(&bench.place, database, &[]).await?;
    let begun = servers::log_statements(&bench.place, &mut connection).await?;
    post_all(product.port, drafts).await?;
    let (mut prepared, mut executed) = (String::new(), String::new());
    let mut names: HashMap<String, usize> = HashMap::new();
    for (sql, detail) in servers::logged(&bench.place, &mut connection, begun, database).await? {
        if detail.is_empty() {
            writeln!(executed, "{sql};")?;
            continue;
        }
        let next = names.len();
        let n = *names.entry(sql.clone()).or_insert(next);
        if n == next {
            writeln!(prepared, "PREPARE p{n} AS {sql};")?;
        }
        let quoted = servers::values(&detail).into_iter().map(|value| value.map_or_else(|| "NULL".to_owned(), |value| literal(&value)));
        writeln!(executed, "EXECUTE p{n}({});", quoted.collect::<Vec<_>>().join(", "))?;
    }
    ensure!(!names.is_empty(), "nothing was logged");
    Ok(prepared + &executed)
}

fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

async fn replay(bench: &Bench, database: &str, script: &str) -> anyhow::Result<()> {
    let file = bench.place.report.with_extension(format!("{database}.sql"));
    tokio::fs::write(&file, script).await?;
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", &bench.place.url(database), "-f"]).arg(&file);
    let output = psql.stdin(Stdio::null()).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    tokio::fs::remove_file(&file).await?;
    Ok(())
}

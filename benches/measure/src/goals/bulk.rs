//! P17 and P18: all statements at once, and large files.

use std::process::Stdio;
use std::time::Instant;

use anyhow::ensure;
use futures_util::StreamExt as _;
use sqlx::PgPool;
use sqlx::postgres::PgPoolCopyExt as _;
use tokio::process::Command;

use crate::bench::{Bench, SCRATCH};
use crate::figures::{Goal, Outcome, Spread};
use crate::http::{self, Answer, Connection};
use crate::pages;
use crate::servers::Server;

const BOUNDARY: &str = "----measure7MA4YWxk";

/// P17: the whole list as CSV beside `COPY`.
pub async fn csv(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    const COPY: &str = "COPY (SELECT number, direction, state, purpose, title, from_text, to_text, letter_date, sort_date, posted_at
                                FROM statements WHERE state = 'posted' ORDER BY sort_date DESC, number DESC) TO STDOUT (FORMAT csv, HEADER)";
    let request = http::get(pages::CSV, &[]);
    let pool = PgPool::connect(&bench.place.url(&bench.large.product.database)).await?;
    let (mut ratios, mut first) = (Vec::new(), Vec::new());
    let mut bytes = (0, 0);
    for _ in 0..if bench.is_quick { 3 } else { 11 } {
        let begun = Instant::now();
        let answer = Connection::open(bench.large.product.port).await?.ask(&request, false).await?;
        let of_csv = begun.elapsed().as_secs_f64();
        if answer.status != 200 {
            out.push(Outcome::not_measured("P17", "whole CSV ÷ COPY", "there is no such page"));
            return Ok(());
        }
        let begun = Instant::now();
        let mut rows = pool.copy_out_raw(COPY).await?;
        bytes.1 = 0;
        while let Some(piece) = rows.next().await {
            bytes.1 += piece?.len();
        }
        ratios.push(of_csv / begun.elapsed().as_secs_f64());
        first.push(answer.head_after.as_secs_f64() * 1e3);
        bytes.0 = answer.body_bytes;
    }
    let words = format!("whole CSV ({} bytes) ÷ COPY ({} bytes)", bytes.0, bytes.1);
    out.push(Outcome::new("P17", words, Spread::of(&ratios), "", Goal::AtMost(4.0)));
    out.push(Outcome::new("P17", "whole CSV: first byte", Spread::of(&first), "ms", Goal::AtMost(200.0)));
    Ok(())
}

/// P18: an upload of 24 MB beside copying a file and making its checksum.
pub async fn uploads(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let product = Server::product(&bench.place, SCRATCH, &[]).await?;
    let cookie = product.sign_in("manager-3gpp").await?;
    let file = bench.place.report.with_extension("file");
    let copy = bench.place.report.with_extension("copy");
    let mut ratios = Vec::new();
    for _ in 0..if bench.is_quick { 3 } else { 11 } {
        let content = noise(24_000_000);
        tokio::fs::write(&file, &content).await?;
        let request = upload_request(&cookie, &content);
        let begun = Instant::now();
        upload(&product, &request).await?;
        let of_upload = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        for program in [Command::new("cp").arg(&file).arg(&copy), Command::new("sha256sum").arg(&copy)] {
            ensure!(program.stdout(Stdio::null()).status().await?.success(), "cp or sha256sum failed");
        }
        ratios.push(of_upload / begun.elapsed().as_secs_f64());
    }
    for file in [file, copy] {
        tokio::fs::remove_file(file).await?;
    }
    out.push(Outcome::new("P18", "upload of 24 MB ÷ cp and sha256sum", Spread::of(&ratios), "", Goal::AtMost(4.0)));
    Ok(())
}

/// Bytes that cannot be packed and are never twice the same.
pub fn noise(length: usize) -> Vec<u8> {
    let seed = std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64) | 1;
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The form of an incoming statement with a file, saved as a draft.
pub fn upload_request(cookie: &str, content: &[u8]) -> Vec<u8> {
    let field = |name: &str, value: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let head = format!(
        "{}{}--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n",
        field("title", "A large attachment"),
        field("do", "save")
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let kind = format!("Content-Type: multipart/form-data; boundary={BOUNDARY}");
    http::post("/statements/incoming/new", &[cookie, &kind], &[head.as_bytes(), content, end.as_bytes()].concat())
}

/// Sends it; it must be taken.
pub async fn upload(product: &Server, request: &[u8]) -> anyhow::Result<Answer> {
    let answer = http::once(product.port, request).await?;
    ensure!(answer.status == 303, "an upload was answered with {}: {}", answer.status, answer.text());
    Ok(answer)
}

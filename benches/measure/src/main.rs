//! Measures the product against bare, and says which goals are met. Started by `bin/bench`.

mod bench;
mod figures;
mod goals;
mod http;
mod load;
mod pages;
mod servers;
#[path = "../../../tests/it/support/smtp.rs"]
#[allow(dead_code)] // of the tests' mail server only some ways to answer are needed
mod smtp;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::ensure;

use bench::Bench;
use figures::{Outcome, as_markdown, as_text};
use goals::{browser, bulk, counts, mail, page, process, ratios, reminders, sign_in, sizes, writing};

/// Every goal that can be named, and what is done for it.
const GOALS: [(&str, &str); 20] = [
    ("P01", "list beside bare"),
    ("P02", "list, signed in, beside bare"),
    ("P03", "compressed beside uncompressed"),
    ("P04", "growth from 2,000 to 100,000 statements"),
    ("P05", "search"),
    ("P06", "a statement's page beside its queries"),
    ("P07", "a full desk beside bare"),
    ("P08", "statements sent to the database"),
    ("P09", "the slowest of a hundred answers"),
    ("P10", "bytes"),
    ("P11", "Chromium on slow 4G"),
    ("P12", "start"),
    ("P13", "memory"),
    ("P14", "mail"),
    ("P15", "reminders"),
    ("P16", "posting"),
    ("P17", "the whole CSV"),
    ("P18", "uploads"),
    ("P19", "signing in"),
    ("P20", "a slow line"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut named = BTreeSet::new();
    let (mut is_quick, mut is_long, mut explains) = (false, false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => is_quick = true,
            "--long" => is_long = true,
            "--explain" => explains = true,
            goal => {
                let known = GOALS.map(|(id, _)| id);
                ensure!(known.contains(&goal), "{goal} is none of {}", known.join(" "));
                named.insert(goal.to_owned());
            }
        }
    }
    let asked = |goal: &str| named.is_empty() || named.contains(goal);
    let load = Duration::from_secs(if is_quick {
        10
    } else if is_long {
        600
    } else {
        120
    });
    let bench = Bench::start(is_quick).await?;
    if explains {
        return counts::explain(&bench).await;
    }
    let mut out = Vec::new();
    let mut failed = Vec::new();
    for (id, words) in GOALS {
        if !asked(id) {
            continue;
        }
        eprintln!("== {id}: {words}");
        // some are measured in the rounds of another
        let with_another = match id {
            "P02" => asked("P01"),
            "P03" => asked("P01") || asked("P02"),
            "P20" => asked("P11"),
            _ => false,
        };
        if with_another {
            continue;
        }
        let done = match id {
            "P01" | "P02" | "P03" => ratios::costs(&bench, &asked, &mut out).await,
            "P04" => counts::growth(&bench, &mut out).await,
            "P05" => counts::search(&bench, &mut out).await,
            "P06" => page::statement(&bench, &mut out).await,
            "P07" => ratios::desk(&bench, &mut out).await,
            "P08" => counts::calls(&bench, &mut out).await,
            "P09" => ratios::tail(&bench, &mut out).await,
            "P10" => sizes::sizes(&bench, &mut out).await,
            "P11" | "P20" => browser::views(&bench, &asked, &mut out).await,
            "P12" => process::start(&bench, &mut out).await,
            "P13" => process::memory(&bench, load, &mut out).await,
            "P14" => mail::outbox(&bench, &mut out).await,
            "P15" => reminders::reminders(&bench, &mut out).await,
            "P16" => writing::writing(&bench, &mut out).await,
            "P17" => bulk::csv(&bench, &mut out).await,
            "P18" => bulk::uploads(&bench, &mut out).await,
            _ => sign_in::sign_in(&bench, &mut out).await,
        };
        if let Err(error) = done {
            eprintln!("   {error:#}");
            out.push(Outcome::not_measured(id, words, &format!("{error:#}")));
            failed.push(id);
        }
    }
    report(&bench, out)?;
    ensure!(failed.is_empty(), "could not be measured: {}", failed.join(" "));
    Ok(())
}

/// Prints the table, and writes it down.
fn report(bench: &Bench, mut out: Vec<Outcome>) -> anyhow::Result<()> {
    out.sort_by_key(|outcome| outcome.id);
    println!("\n{}", as_text(&out));
    std::fs::write(&bench.place.report, as_markdown(&out))?;
    eprintln!("The same in Markdown: {}", bench.place.report.display());
    Ok(())
}

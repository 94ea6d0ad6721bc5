//! Measures the product against bare, and says which goals are met. Started by `bin/bench`.

mod bench;
mod figures;
mod goals;
mod http;
mod load;
mod pages;
mod servers;

use std::collections::BTreeSet;

use anyhow::ensure;

use bench::Bench;
use figures::{Outcome, as_markdown, as_text};
use goals::{counts, ratios};

/// Every goal that can be named.
const GOALS: [&str; 6] = ["P01", "P02", "P03", "P04", "P05", "P08"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut named = BTreeSet::new();
    let (mut is_quick, mut explains) = (false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => is_quick = true,
            "--explain" => explains = true,
            goal => {
                ensure!(GOALS.contains(&goal), "{goal} is none of {}", GOALS.join(" "));
                named.insert(goal.to_owned());
            }
        }
    }
    let asked = |goal: &str| named.is_empty() || named.contains(goal);
    let bench = Bench::start(is_quick).await?;
    if explains {
        return counts::explain(&bench).await;
    }
    let mut out = Vec::new();
    if asked("P01") || asked("P02") || asked("P03") {
        step("P01 P02 P03: pages beside bare");
        ratios::costs(&bench, &asked, &mut out).await?;
    }
    if asked("P04") {
        step("P04: growth from 2,000 to 100,000 statements");
        counts::growth(&bench, &mut out).await?;
    }
    if asked("P05") {
        step("P05: search");
        counts::search(&bench, &mut out).await?;
    }
    if asked("P08") {
        step("P08: statements sent to the database");
        counts::calls(&bench, &mut out).await?;
    }
    report(&bench, &out)
}

fn step(words: &str) {
    eprintln!("== {words}");
}

fn report(bench: &Bench, out: &[Outcome]) -> anyhow::Result<()> {
    println!("\n{}", as_text(out));
    std::fs::write(&bench.place.report, as_markdown(out))?;
    eprintln!("The same in Markdown: {}", bench.place.report.display());
    Ok(())
}

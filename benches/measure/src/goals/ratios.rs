//! P01, P02, P03, P07 and P09: pages beside bare.

use crate::bench::Bench;
use crate::figures::{Goal, Outcome, Spread};
use crate::load::{self, Variant};
use crate::pages::Page;

/// P01, P02 and P03, those that are asked for, in the same rounds.
pub async fn costs(bench: &Bench, asked: &dyn Fn(&str) -> bool, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let side = &bench.large;
    let page = |who| Page { name: String::new(), path: "/statements".to_owned(), who };
    for connections in [1, 4] {
        let mut variants = Vec::new();
        let mut add = |name: &str, request| variants.push(Variant { name: name.to_owned(), server: &side.product, request });
        add("list", side.request(&page(None), &[]).await?);
        if asked("P02") {
            add("chair", side.request(&page(Some("chair-nmop")), &[]).await?);
            add("coordinator", side.request(&page(Some("coordinator")), &[]).await?);
        }
        if asked("P03") {
            add("br", side.request(&page(None), &["Accept-Encoding: br"]).await?);
            add("gzip", side.request(&page(None), &["Accept-Encoding: gzip"]).await?);
        }
        let (samples, is_quiet, control) = bench.rounds(variants, connections).await?;
        let mut row = |id, what: &str, one: &str, other: &str, most: f64| {
            if asked(id) {
                let ratio = load::ratio(&samples, one, other, |sample| sample.cpu);
                out.push(Outcome::new(id, format!("{what}, c={connections}"), ratio, "", Goal::AtMost(most)).unless_noisy(is_quiet));
            }
        };
        row("P01", "list: cost ÷ bare", "list", "bare", 1.6);
        row("P02", "list, a chair signed in: cost ÷ bare", "chair", "bare", 2.3);
        row("P02", "list, a coordinator signed in: cost ÷ bare", "coordinator", "bare", 2.3);
        row("P03", "list: cost with brotli ÷ without", "br", "list", 1.5);
        row("P03", "list: cost with gzip ÷ without", "gzip", "list", 1.5);
        if asked("P01") {
            let p50 = load::ratio(&samples, "list", "bare", |sample| sample.p50);
            out.push(Outcome::new("P01", format!("list: p50 ÷ bare, c={connections}"), p50, "", Goal::None));
            for name in ["bare", "list"] {
                let cpu: Vec<f64> = samples.get(name).into_iter().flatten().map(|sample| sample.cpu).collect();
                out.push(Outcome::new("P01", format!("{name}: CPU for a request, c={connections}"), Spread::of(&cpu), "µs", Goal::None));
            }
        }
        out.push(Outcome { id: "P01–03", ..control });
    }
    Ok(())
}

/// Of whom the desk is measured: in a demonstration they hold no role at a group of `many.sql`.
const DESK_OF: &str = "chair-spring";

/// P07: the desk of a chair of groups with some 20 open actions, of 5,000 that are open or awaited in all.
pub async fn desk(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let side = &bench.large;
    let open = side.make_chair(DESK_OF, 20).await?;
    let page = Page { name: "desk".to_owned(), path: "/desk".to_owned(), who: Some(DESK_OF) };
    let variants = vec![Variant { name: "desk".to_owned(), server: &side.product, request: side.request(&page, &[]).await? }];
    let measured = bench.rounds(variants, 1).await;
    side.end_chair(DESK_OF).await?;
    let (samples, is_quiet, control) = measured?;
    let ratio = load::ratio(&samples, "desk", "bare", |sample| sample.cpu);
    out.push(Outcome::new("P07", format!("desk with {open} open: cost ÷ bare"), ratio, "", Goal::AtMost(3.0)).unless_noisy(is_quiet));
    out.push(Outcome { id: "P07", ..control });
    Ok(())
}

/// P09: the slowest of a hundred.
pub async fn tail(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let side = &bench.large;
    let page = Page { name: String::new(), path: "/statements".to_owned(), who: None };
    let variants = vec![Variant { name: "list".to_owned(), server: &side.product, request: side.request(&page, &[]).await? }];
    let (samples, is_quiet, control) = bench.rounds(variants, 8).await?;
    let p99 = load::ratio(&samples, "list", "bare", |sample| sample.p99);
    out.push(Outcome::new("P09", "list: p99 ÷ p99 of bare, c=8", p99, "", Goal::AtMost(2.0)).unless_noisy(is_quiet));
    let spread: Vec<f64> = samples.get("list").into_iter().flatten().map(|sample| sample.p99 / sample.p50).collect();
    // the goal holds when the machine is quiet: bare's own tail tells
    let tail_of_equals = load::ratio(&samples, "again", "bare", |sample| sample.p99);
    let is_tail_quiet = is_quiet && (0.8..=1.25).contains(&tail_of_equals.median);
    out.push(Outcome::new("P09", "list: p99 ÷ p50, c=8", Spread::of(&spread), "", Goal::AtMost(8.0)).unless_noisy(is_tail_quiet));
    out.push(Outcome::new("P09", "control: p99 of bare ÷ p99 of bare, c=8", tail_of_equals, "", Goal::None));
    out.push(Outcome { id: "P09", ..control });
    Ok(())
}

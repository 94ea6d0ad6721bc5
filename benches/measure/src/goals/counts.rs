//! P04, P05 and P08: what is counted first, then what it costs.

use crate::bench::{Bench, Counts};
use crate::figures::{Goal, Outcome, Spread};
use crate::load::{self, Variant};
use crate::pages::{self, Page};

/// How far cost and buffers may grow from 2,000 statements to 100,000.
const BUFFERS: f64 = 1.3;
const COST: f64 = 1.25;

/// No page of P04, only told: it counts the statements of each organization, up to 1,000.
const BESIDE: &str = "home";

fn exponent(ratio: f64) -> f64 {
    ratio.ln() / 50f64.ln()
}

/// Links to statements: how long a list is.
fn rows(html: &str) -> usize {
    html.matches("href=\"/statements/").count().max(1)
}

/// P04: growth. Where the small list is shorter, buffers are counted by the row.
pub async fn growth(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let (small, large) = (pages::growing(&bench.small.facts), pages::growing(&bench.large.facts));
    let mut variants = Vec::new();
    let mut compared = Vec::new();
    let mut list = String::new();
    for (few, many) in small.iter().zip(&large) {
        let (at_small, at_large) = (bench.small.ask(few, &[]).await?, bench.large.ask(many, &[]).await?);
        if at_small.status != 200 || at_large.status != 200 {
            out.push(Outcome::not_measured("P04", few.name.clone(), "there is no such page"));
            continue;
        }
        let (short, long) = (at_small.text(), at_large.text());
        if list.is_empty() {
            list.clone_from(&long);
        } else if long == list {
            out.push(Outcome::not_measured("P04", few.name.clone(), "there is no such filter"));
            continue;
        }
        let (Some(at_small), Some(at_large)) = (bench.small.counts(few).await?, bench.large.counts(many).await?) else { continue };
        let lengths = if few.name.starts_with("list") { (rows(&short), rows(&long)) } else { (1, 1) };
        let ratio = at_large.buffers / at_small.buffers * lengths.0 as f64 / lengths.1 as f64;
        let mut words = format!("{}: buffers {:.0} → {:.0}", few.name, at_small.buffers, at_large.buffers);
        if lengths.0 != lengths.1 {
            words.push_str(&format!(", by the row of {} → {}", lengths.0, lengths.1));
        }
        words.push_str(&format!(", exponent {:.2}", exponent(ratio)));
        out.push(Outcome::count("P04", words, ratio, "", if few.name == BESIDE { Goal::None } else { Goal::AtMost(BUFFERS) }));
        for (side, page) in [(&bench.small, few), (&bench.large, many)] {
            let request = side.request(page, &[]).await?;
            variants.push(Variant { name: format!("{} {}", page.name, side.name), server: &side.product, request });
        }
        compared.push((few.name.clone(), lengths.0 == lengths.1 && few.name != BESIDE));
    }
    let (samples, is_quiet, control) = bench.rounds(variants, 1).await?;
    for (name, are_alike) in compared {
        let ratio = load::ratio(&samples, &format!("{name} 100k"), &format!("{name} 2k"), |sample| sample.cpu);
        let goal = if are_alike { Goal::AtMost(COST) } else { Goal::None };
        out.push(Outcome::new("P04", format!("{name}: cost 100k ÷ 2k"), ratio, "", goal).unless_noisy(is_quiet));
    }
    out.push(Outcome { id: "P04", ..control });
    Ok(())
}

/// P05: search.
pub async fn search(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let side = &bench.large;
    let page = |name: &str, path: String| Page { name: name.to_owned(), path, who: None };
    let list = page("list", "/statements".to_owned());
    let searches: Vec<(Page, f64)> = pages::SEARCHES.iter().map(|(name, words, most)| (page(name, pages::search(words)), *most)).collect();
    let mut variants = vec![Variant { name: list.name.clone(), server: &side.product, request: side.request(&list, &[]).await? }];
    let list_buffers = side.counts(&list).await?.map_or(f64::NAN, |counts| counts.buffers);
    for (page, _) in &searches {
        let buffers = side.counts(page).await?.map_or(f64::NAN, |counts| counts.buffers);
        let words = format!("{}: buffers {buffers} ÷ list's {list_buffers}", page.name);
        out.push(Outcome::count("P05", words, buffers / list_buffers, "", Goal::None));
        variants.push(Variant { name: page.name.clone(), server: &side.product, request: side.request(page, &[]).await? });
    }
    let (samples, is_quiet, control) = bench.rounds(variants, 1).await?;
    for (page, most) in searches {
        let ratio = load::ratio(&samples, &page.name, "list", |sample| sample.cpu);
        out.push(Outcome::new("P05", format!("{}: cost ÷ list's", page.name), ratio, "", Goal::AtMost(most)).unless_noisy(is_quiet));
        let took = samples.get(&page.name).into_iter().flatten().map(|sample| sample.p50).collect::<Vec<_>>();
        out.push(Outcome::new("P05", format!("{}: half of the answers within", page.name), Spread::of(&took), "ms", Goal::None));
    }
    out.push(Outcome { id: "P05", ..control });
    Ok(())
}

/// P08: statements sent to the database.
pub async fn calls(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    for side in [&bench.small, &bench.large] {
        let statement = format!("/statements/{}", side.facts.statement);
        let one_row = format!("/statements?before={}", side.facts.last_but_one);
        let rows: [(&str, &str, Option<&'static str>, f64); 8] = [
            ("list of 50 rows", "/statements", None, 3.0),
            ("list of 1 row", &one_row, None, 3.0),
            ("list by organization", "/statements?organization=peer1", None, 3.0),
            ("search", "/statements?q=synchronization", None, 3.0),
            ("statement", &statement, None, 6.0),
            ("list, signed in", "/statements", Some("chair-nmop"), 5.0),
            ("statement, signed in", &statement, Some("chair-nmop"), 8.0),
            ("desk", "/desk", Some("chair-nmop"), 7.0),
        ];
        for (name, path, who, most) in rows {
            let page = Page { name: name.to_owned(), path: path.to_owned(), who };
            let Some(Counts { calls, .. }) = side.counts(&page).await? else {
                out.push(Outcome::not_measured("P08", name, "there is no such page"));
                continue;
            };
            out.push(Outcome::count("P08", format!("{name}, {}", side.name), calls, "statements", Goal::AtMost(most)));
        }
    }
    Ok(())
}

/// What each page sends to the database, for whoever looks for the reason of a figure.
pub async fn explain(bench: &Bench) -> anyhow::Result<()> {
    for side in [&bench.small, &bench.large] {
        let searches = pages::SEARCHES.iter().map(|(name, words, _)| Page { name: (*name).to_owned(), path: pages::search(words), who: None });
        let sent = pages::sent(&side.facts).into_iter();
        for page in pages::growing(&side.facts).into_iter().chain(searches).chain(sent) {
            println!("{} {}", side.name, page.name);
            for one in side.sent(&page).await?.unwrap_or_default() {
                println!("  {:>8.1} buffers {:>5.2} calls  {}", one.counts.buffers, one.counts.calls, one.text);
            }
        }
    }
    Ok(())
}

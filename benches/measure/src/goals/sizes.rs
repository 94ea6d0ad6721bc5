//! P10: what is sent for a page.

use std::collections::BTreeSet;

use crate::bench::Bench;
use crate::figures::{Goal, Outcome};
use crate::http;
use crate::pages;

const PACKED: &str = "Accept-Encoding: br";
const BYTES: &str = "bytes";

/// P10: HTML, stylesheet, script, and all of a first view.
pub async fn sizes(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let side = &bench.large;
    let mut files = BTreeSet::new();
    for page in pages::sent(&side.facts) {
        let packed = side.ask(&page, &[PACKED]).await?;
        if packed.status != 200 {
            out.push(Outcome::not_measured("P10", page.name, &format!("status {}", packed.status)));
            continue;
        }
        let plain = side.ask(&page, &[]).await?;
        let html_bytes = packed.head_bytes + packed.body_bytes;
        let mut view_bytes = html_bytes;
        let linked = linked(&plain.text());
        for path in &linked {
            let answer = http::once(side.product.port, &http::get(path, &[PACKED])).await?;
            view_bytes += answer.head_bytes + answer.body_bytes;
        }
        let words = format!("{}: HTML and headers ({} unpacked)", page.name, plain.body_bytes);
        out.push(Outcome::count("P10", words, html_bytes as f64, BYTES, Goal::AtMost(14_600.0)));
        out.push(Outcome::count("P10", format!("{}: first view", page.name), view_bytes as f64, BYTES, Goal::AtMost(40_000.0)));
        out.push(Outcome::count("P10", format!("{}: requests", page.name), (1 + linked.len()) as f64, "requests", Goal::AtMost(4.0)));
        files.extend(linked);
    }
    for path in files {
        let most = match path.rsplit('.').next() {
            Some("css") => Goal::AtMost(12_000.0),
            Some("js") => Goal::AtMost(8_000.0),
            _ => Goal::None,
        };
        let answer = http::once(side.product.port, &http::get(&path, &[PACKED])).await?;
        let name = path.rsplit('/').next().unwrap_or_default();
        out.push(Outcome::count("P10", name, answer.body_bytes as f64, BYTES, most));
        if path.ends_with(".css") {
            let text = http::once(side.product.port, &http::get(&path, &[])).await?.text();
            out.push(Outcome::count("P10", format!("{name}: fonts"), text.matches("@font-face").count() as f64, "fonts", Goal::AtMost(0.0)));
        }
    }
    Ok(())
}

/// Static files that a page names.
fn linked(html: &str) -> BTreeSet<String> {
    html.split('"').filter(|text| text.starts_with("/static/")).map(str::to_owned).collect()
}

//! P11 and P20: when somebody sees a page, in Chromium by its own protocol.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::figures::{Goal, Outcome, Spread};
use crate::http;

/// Runs before anything of the page: keeps what the browser observes.
const OBSERVER: &str = "
window.seen = { lcp: 0, cls: 0, blocked: 0 };
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
    .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) seen.cls += one.value; })
    .observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.blocked += Math.max(0, one.duration - 50); })
    .observe({ type: 'longtask', buffered: true });";

/// A line to the server: round trip in ms, bytes a second down and up.
struct Line {
    latency: u32,
    down: u32,
    up: u32,
}

/// Slow 4G as WebPageTest and Lighthouse understand it: 1.6 Mbit/s, 150 ms.
const SLOW_4G: Line = Line { latency: 150, down: 200_000, up: 93_750 };
/// 400 kbit/s, 400 ms.
const SLOW: Line = Line { latency: 400, down: 50_000, up: 50_000 };

/// chromedriver with one browser; both end when it is dropped.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: std::path::PathBuf,
}

impl Browser {
    async fn start(bench: &Bench) -> anyhow::Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let profile = bench.place.report.with_extension("profile");
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver is missing: run bin/setup --tests")?;
        let mut browser = Self { driver, port, session: String::new(), profile };
        let begun = Instant::now();
        while http::once(port, &http::get("/status", &["Connection: close"])).await.is_err() {
            ensure!(begun.elapsed() < Duration::from_secs(20), "chromedriver does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=412,900",
            &format!("--user-data-dir={}", browser.profile.display()),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": { "args": arguments } } } });
        let made = browser.post("/session", &wanted).await?;
        browser.session = made["sessionId"].as_str().context("a session")?.to_owned();
        browser.tell("Network.enable", json!({})).await?;
        browser.tell("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await?;
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": OBSERVER })).await?;
        Ok(browser)
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = http::post(path, &["Content-Type: application/json"], body.to_string().as_bytes());
        let answer = http::once(self.port, &request).await?;
        let value: Value = serde_json::from_slice(&answer.body)?;
        ensure!(answer.status == 200, "{path}: {value}");
        Ok(value["value"].clone())
    }

    async fn tell(&self, command: &str, parameters: Value) -> anyhow::Result<Value> {
        self.post(&format!("/session/{}/goog/cdp/execute", self.session), &json!({ "cmd": command, "params": parameters })).await
    }

    async fn shape(&self, line: &Line, slow_down: u32) -> anyhow::Result<()> {
        self.tell("Emulation.setCPUThrottlingRate", json!({ "rate": slow_down })).await?;
        let conditions = json!({ "offline": false, "latency": line.latency, "downloadThroughput": line.down, "uploadThroughput": line.up });
        self.tell("Network.emulateNetworkConditions", conditions).await?;
        Ok(())
    }

    /// Opens a page on a connection that is new each time; largest paint and first in ms, shifts, blocked ms.
    async fn open(&self, url: &str) -> anyhow::Result<[f64; 4]> {
        let go = |url: String| async move { self.post(&format!("/session/{}/url", self.session), &json!({ "url": url })).await };
        go("about:blank".to_owned()).await?;
        go(url.to_owned()).await?;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let script = "const paint = performance.getEntriesByName('first-contentful-paint')[0];
                      return [seen.lcp, paint ? paint.startTime : 0, seen.cls, seen.blocked];";
        let seen = self.post(&format!("/session/{}/execute/sync", self.session), &json!({ "script": script, "args": [] })).await?;
        let at = |n: usize| seen[n].as_f64().with_context(|| format!("{url}: {seen}"));
        let seen = [at(0)?, at(1)?, at(2)?, at(3)?];
        ensure!(seen[0] > 0.0 && seen[1] > 0.0, "{url}: nothing was painted");
        Ok(seen)
    }

    async fn quit(self) {
        let request = format!("DELETE /session/{} HTTP/1.1\r\nHost: localhost\r\n\r\n", self.session);
        let _ = http::once(self.port, request.as_bytes()).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// P11 and P20, those that are asked for.
pub async fn views(bench: &Bench, asked: &dyn Fn(&str) -> bool, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let browser = Browser::start(bench).await?;
    let measured = measure(bench, &browser, asked, out).await;
    browser.quit().await;
    measured
}

async fn measure(bench: &Bench, browser: &Browser, asked: &dyn Fn(&str) -> bool, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let times = if bench.is_quick { 2 } else { 5 };
    let statement = format!("/statements/{}", bench.large.facts.statement);
    let site = format!("http://127.0.0.1:{}", bench.large.product.port);
    if asked("P11") {
        browser.shape(&SLOW_4G, 4).await?;
        for (name, path) in [("home", "/"), ("list", "/statements"), ("statement", &statement), ("help", "/help")] {
            let url = format!("{site}{path}");
            let (mut with, mut without) = (Vec::new(), Vec::new());
            for _ in 0..times {
                browser.tell("Network.setBlockedURLs", json!({ "urls": [] })).await?;
                with.push(browser.open(&url).await?);
                browser.tell("Network.setBlockedURLs", json!({ "urls": ["*.js"] })).await?;
                without.push(browser.open(&url).await?);
            }
            browser.tell("Network.setBlockedURLs", json!({ "urls": [] })).await?;
            let column = |seen: &[[f64; 4]], at: usize| seen.iter().map(|one| one[at]).collect::<Vec<_>>();
            let lcp = column(&with, 0);
            let seconds: Vec<f64> = lcp.iter().map(|ms| ms / 1e3).collect();
            out.push(Outcome::new("P11", format!("{name}: largest paint, slow 4G, CPU 4 × slower"), Spread::of(&seconds), "s", Goal::AtMost(1.2)));
            out.push(Outcome::new("P11", format!("{name}: layout shift"), Spread::of(&column(&with, 2)), "", Goal::AtMost(0.02)));
            out.push(Outcome::new("P11", format!("{name}: blocked"), Spread::of(&column(&with, 3)), "ms", Goal::AtMost(50.0)));
            let ratio: Vec<f64> = lcp.iter().zip(column(&without, 0)).map(|(with, without)| with / without).collect();
            out.push(Outcome::new("P11", format!("{name}: largest paint with script ÷ without"), Spread::of(&ratio), "", Goal::AtMost(1.1)));
        }
    }
    if asked("P20") {
        browser.shape(&SLOW, 1).await?;
        let mut readable = Vec::new();
        for _ in 0..times {
            readable.push(browser.open(&format!("{site}{statement}")).await?[1] / 1e3);
        }
        out.push(Outcome::new("P20", "statement: readable at 400 kbit/s, 400 ms", Spread::of(&readable), "s", Goal::AtMost(3.0)));
    }
    Ok(())
}

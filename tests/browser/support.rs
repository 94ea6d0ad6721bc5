//! Chromium in front of the service, as it is served.
//!
//! One driver process serves the run. A watcher ends it, and every browser it still has, when the run ends however it ends.

use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Router;
use futures_util::FutureExt;
use liaison_tracker::clock::Clock;
use liaison_tracker::web::router;
use liaison_tracker::worker::{self, Worker};
use liaison_tracker::{App, database};
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::shared::database::TestDatabase;
use crate::shared::people::{PASSWORD, Person, session};
use crate::shared::smtp::SmtpServer;
use crate::shared::{TestService, clock, service_with};

/// How long a page may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The service on a free port, sending its mail to a server of the test.
pub struct Site {
    pub service: TestService,
    pub smtp: Arc<SmtpServer>,
    /// Its address, without a slash at the end.
    pub url: String,
    stop: CancellationToken,
    tasks: tokio::task::JoinSet<()>,
}

impl Site {
    /// Opens it at an instant, at which its clock stands still.
    pub async fn open(at: &str) -> Self {
        Self::open_behind(at, |router| router).await
    }

    /// A second server of the same service, at the same instant: its own clock, connections and sender of mail.
    pub async fn beside(&self) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let database = &self.service.database;
        let pool = PgPoolOptions::new().max_connections(5).connect(&database.url).await.expect("a pool");
        let app = App::new(self.service.app.config.clone(), pool.clone(), Clock::fixed(self.service.app.clock.now()));
        app.set_ready().await.expect("ready");
        let router = router::router(&app).expect("routes");
        let database = TestDatabase { pool, url: database.url.clone(), name: database.name.clone() };
        let service = TestService { app, router, database };
        Self::serve(listener, service, Arc::clone(&self.smtp), url, |router| router)
    }

    /// The same with settings of its own.
    pub async fn open_with(at: &str, variables: &[(&str, &str)]) -> Self {
        Self::open_as(at, variables, |router| router).await
    }

    /// The same with something in front of it.
    pub async fn open_behind(at: &str, around: impl FnOnce(Router) -> Router) -> Self {
        Self::open_as(at, &[], around).await
    }

    async fn open_as(at: &str, variables: &[(&str, &str)], around: impl FnOnce(Router) -> Router) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let smtp = Arc::new(SmtpServer::start().await);
        let smtp_url = format!("smtp://127.0.0.1:{}", smtp.port);
        let own = [
            ("LIAISON_BASE_URL", url.as_str()),
            ("LIAISON_SMTP_URL", smtp_url.as_str()),
            ("LIAISON_MAIL_FROM", "Liaison Tracker <tracker@ietf.example>"),
        ];
        let service = service_with(clock(at), &[&own[..], variables].concat()).await;
        Self::serve(listener, service, smtp, url, around)
    }

    fn serve(
        listener: tokio::net::TcpListener,
        service: TestService,
        smtp: Arc<SmtpServer>,
        url: String,
        around: impl FnOnce(Router) -> Router,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = tokio::task::JoinSet::new();
        let router = around(service.router.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { service, smtp, url, stop, tasks }
    }

    /// Lets mail leave from now on.
    pub fn start_mail(&mut self) {
        let pool = database::pool(&self.service.database.url, worker::CONNECTIONS, "worker of a test").expect("a pool");
        let worker = Worker::start(&self.service.app, pool, self.stop.clone());
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.cancelled().await;
            worker.stop().await;
        });
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Driver {
    url: String,
    folder: PathBuf,
    _watcher: Child,
}

/// The program of that name.
fn program(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()).unwrap_or_else(|| {
        panic!("{name} is missing: these tests drive the pages in Chromium. Install it with `apt-get install {package}`, or run bin/test, which does")
    })
}

impl Driver {
    fn start() -> Self {
        program("chromium", "chromium");
        let driver = program("chromedriver", "chromium-driver");
        let folder = tempfile::Builder::new().prefix("lt-browser").tempdir_in("/tmp").expect("a folder").keep();
        // The lock in a browser's folder is a link named after the host and the browser's process.
        let script = r#"
            "$1" --port=0 > "$0/log" 2>&1 &
            driver=$!
            read -r _
            for lock in "$0"/*/SingletonLock; do
                browser=$(readlink "$lock") && kill "${browser##*-}"
            done
            kill "$driver"
            sleep 0.3
            rm -rf "$0"
        "#;
        let watcher = Command::new("sh")
            .args(["-c", script])
            .args([&folder, &driver])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let port = port(&folder.join("log"));
        Self { url: format!("http://127.0.0.1:{port}"), folder, _watcher: watcher }
    }
}

/// The port that the driver says it listens on.
fn port(log: &Path) -> u16 {
    let begun = Instant::now();
    loop {
        let said = fs::read_to_string(log).unwrap_or_default();
        let port = said.split_once("started successfully on port ").and_then(|(_, rest)| rest.split('.').next()?.trim().parse().ok());
        if let Some(port) = port {
            return port;
        }
        assert!(begun.elapsed() < PATIENCE, "chromedriver does not start:\n{said}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How somebody looks at the pages.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// In pixels.
    pub width: u32,
    pub has_script: bool,
    pub is_dark: bool,
}

/// At a desk, scripts switched off.
pub const PLAIN: Look = Look { width: 1180, has_script: false, is_dark: false };
/// At a desk.
pub const WIDE: Look = Look { width: 1180, has_script: true, is_dark: false };
/// On a phone.
pub const PHONE: Look = Look { width: 360, has_script: true, is_dark: false };

/// Somebody at a browser.
pub struct Browser {
    pub driver: WebDriver,
    site: String,
}

/// Gives a test a browser of its own, and closes it whatever happens; tells where a test that failed was.
pub async fn browse<T>(site: &Site, look: Look, test: impl AsyncFnOnce(&Browser) -> T) -> T {
    browse_at(&site.url, look, test).await
}

/// The same in front of what is served at an address.
pub async fn browse_at<T>(url: &str, look: Look, test: impl AsyncFnOnce(&Browser) -> T) -> T {
    let browser = Browser::start(url, look).await;
    let result = AssertUnwindSafe(test(&browser)).catch_unwind().await;
    if result.is_err() {
        let at = browser.driver.current_url().await.map(String::from).unwrap_or_default();
        let text = browser.try_text().await.unwrap_or_default();
        eprintln!("the browser was at {at} and showed:\n{text}");
    }
    let _ = browser.driver.quit().await;
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Text as an XPath literal.
fn literal(text: &str) -> String {
    if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
}

impl Browser {
    /// Chromium sometimes hangs while it starts, more so beside another: one at a time, and once more.
    async fn start(site: &str, look: Look) -> Self {
        static STARTING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let one_at_a_time = STARTING.lock().await;
        let mut last = String::new();
        for _ in 0..4 {
            match tokio::time::timeout(PATIENCE, Self::session()).await {
                Ok(Ok(driver)) => {
                    drop(one_at_a_time);
                    let browser = Self { driver, site: site.to_owned() };
                    browser.look(look).await;
                    return browser;
                }
                Ok(Err(error)) => last = error.to_string(),
                Err(_) => last = "it did not start in time".to_owned(),
            }
        }
        panic!("no browser: {last}")
    }

    async fn session() -> WebDriverResult<WebDriver> {
        static DRIVER: OnceLock<Driver> = OnceLock::new();
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let driver = DRIVER.get_or_init(Driver::start);
        let profile = driver.folder.join(format!("profile{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary(&program("chromium", "chromium").to_string_lossy())?;
        let profile = format!("--user-data-dir={}", profile.display());
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1180,900",
            &profile,
        ] {
            capabilities.add_arg(argument)?;
        }
        WebDriver::new(driver.url.as_str(), capabilities).await
    }

    /// Changes how it looks at the pages.
    pub async fn look(&self, look: Look) {
        let height = if look.width < 700 { 740 } else { 900 };
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": look.width, "height": height, "deviceScaleFactor": 1, "mobile": look.width < 700 }),
        )
        .await;
        let scheme = if look.is_dark { "dark" } else { "light" };
        self.tell("Emulation.setEmulatedMedia", json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] })).await;
        self.tell("Emulation.setScriptExecutionDisabled", json!({ "value": !look.has_script })).await;
    }

    /// A command of the browser's own protocol.
    pub async fn tell(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Opens an address of the site.
    pub async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.site)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Where it is: path and query.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    async fn try_text(&self) -> WebDriverResult<String> {
        self.driver.find(By::Tag("body")).await?.text().await
    }

    /// All that one sees, with single spaces.
    pub async fn text(&self) -> String {
        self.try_text().await.expect("a page").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The page shows this.
    pub async fn assert_says(&self, words: &str) {
        let text = self.text().await;
        assert!(text.contains(words), "“{words}” is missing on {}:\n{text}", self.path().await);
    }

    /// The page does not show this.
    pub async fn assert_silent(&self, words: &str) {
        let text = self.text().await;
        assert!(!text.contains(words), "“{words}” stands on {}:\n{text}", self.path().await);
    }

    /// It is at this path.
    pub async fn assert_at(&self, path: &str) {
        let at = self.path().await;
        assert_eq!(at.split('?').next().unwrap_or_default(), path, "{}", self.text().await);
    }

    /// The page is no wider than the window; told by a script, so where scripts run.
    pub async fn assert_fits(&self) {
        let wider = self.run("return document.documentElement.scrollWidth - window.innerWidth", Vec::new()).await;
        assert!(wider.as_i64().unwrap_or(1) <= 0, "{} is {wider} pixels wider than the window", self.path().await);
    }

    /// The first thing one sees that an XPath finds.
    pub async fn find(&self, xpath: &str, what: &str) -> WebElement {
        let found = self.driver.find_all(By::XPath(xpath)).await.expect("a search");
        for element in &found {
            if element.is_displayed().await.unwrap_or(false) {
                return element.clone();
            }
        }
        panic!("no {what} to be seen on {} ({} hidden):\n{}", self.path().await, found.len(), self.text().await)
    }

    /// The field of that visible label.
    pub async fn field(&self, label: &str) -> WebElement {
        let wanted = literal(label);
        let label = self.find(&format!("//label[normalize-space(text()[1])={wanted}]"), &format!("field “{label}”")).await;
        let id = label.attr("for").await.expect("an element").expect("the label's field");
        self.driver.find(By::Id(id)).await.expect("the field")
    }

    /// Types into the field of that label, instead of what stands there.
    pub async fn fill(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap_or_else(|error| panic!("{label}: {error}"));
        field.send_keys(value).await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Chooses the radio button or ticks the box of that label.
    pub async fn choose(&self, label: &str) {
        self.field(label).await.click().await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Chooses from the list of that label.
    pub async fn choose_from(&self, label: &str, choice: &str) {
        let wanted = literal(choice);
        let option = self.field(label).await.find(By::XPath(format!("./option[normalize-space(.)={wanted}]"))).await;
        option.unwrap_or_else(|error| panic!("{label}: {choice}: {error}")).click().await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Chooses files for the field of that label; folders are not told to the service.
    pub async fn attach(&self, label: &str, file: &Path) {
        let field = self.field(label).await;
        field.send_keys(file.to_string_lossy().into_owned()).await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    async fn button(&self, name: &str) -> WebElement {
        let wanted = literal(name);
        let xpath = format!("//button[normalize-space(.)={wanted} or normalize-space(text()[1])={wanted}][not(@aria-hidden)]");
        self.find(&xpath, &format!("button “{name}”")).await
    }

    /// Presses the button of that name; nobody may answer.
    pub async fn press_in_vain(&self, name: &str) {
        let _ = self.button(name).await.click().await;
    }

    /// Presses the button of that name, and waits for the page that comes.
    pub async fn press(&self, name: &str) {
        let button = self.button(name).await;
        self.leave(async || button.click().await.unwrap_or_else(|error| panic!("{name}: {error}"))).await;
    }

    /// Follows the link of that text.
    pub async fn follow(&self, text: &str) {
        let wanted = literal(text);
        let link = self.find(&format!("//a[normalize-space(.)={wanted}]"), &format!("link “{text}”")).await;
        self.leave(async || link.click().await.unwrap_or_else(|error| panic!("{text}: {error}"))).await;
    }

    /// Opens what is folded under these words.
    pub async fn unfold(&self, words: &str) {
        let wanted = literal(words);
        let summary = self.find(&format!("//details[not(@open)]/summary[normalize-space(.)={wanted}]"), &format!("fold “{words}”")).await;
        summary.click().await.unwrap_or_else(|error| panic!("{words}: {error}"));
    }

    /// Does something that leads to another page, and waits until that page is there.
    pub async fn leave(&self, act: impl AsyncFnOnce()) {
        let old = self.driver.find(By::Tag("html")).await.expect("a page");
        act().await;
        wait_until("another page", async || old.tag_name().await.is_err()).await;
        wait_until("the whole page", async || {
            self.driver.execute("return document.readyState", Vec::new()).await.is_ok_and(|state| state.json() == "complete")
        })
        .await;
    }

    /// Signs in by the form.
    pub async fn sign_in(&self, person: &Person) {
        self.open("/sign-in").await;
        self.fill("E-mail address", &person.address).await;
        self.fill("Password", PASSWORD).await;
        self.press("Sign in").await;
        self.assert_at("/desk").await;
    }

    /// Lets somebody else go on, signed in already; a page of the site is there.
    pub async fn hand_to(&self, site: &Site, person: &Person) {
        self.leave_to_the_public().await;
        let (name, value) = session(&site.service.app, person).await;
        self.driver.add_cookie(Cookie::new(name, value)).await.expect("a cookie");
    }

    /// Forgets who was there.
    pub async fn leave_to_the_public(&self) {
        self.driver.delete_all_cookies().await.expect("no cookies");
    }

    /// Runs a function's body in the page and gives what it returns; promises are waited for.
    pub async fn run(&self, body: &str, arguments: Vec<Value>) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async (...given) => {{ {body} }})(...Array.from(arguments).slice(0, -1)).then(done, (why) => done({{ broken: String(why) }}));"
        );
        let result = self.driver.execute_async(script, arguments).await.unwrap_or_else(|error| panic!("script: {error}"));
        let result = result.json().clone();
        assert!(result.get("broken").is_none(), "script: {result}");
        result
    }
}

/// Waits until it holds.
pub async fn wait_until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// Files of a test, in a folder that goes with them.
pub struct Files(tempfile::TempDir);

impl Files {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// Writes one.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }
}

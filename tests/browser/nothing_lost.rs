//! Story 14 as people meet it: servers die in the middle of a step, PostgreSQL and the mail server stop, the disk is full.
//! An honest page; then everything is there once, or was never confirmed.

use std::time::Duration;

use liaison_tracker::checkup;
use liaison_tracker::clock::Clock;
use liaison_tracker::database::private_server::{self, Durability};
use nix::sys::signal::Signal;
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use thirtyfour::By;

use crate::recording::PDF;
use crate::shared::alone::{SmallDisk, alone, data_dir, noise, on_disk, stop_postgresql};
use crate::shared::people::world;
use crate::shared::server::Server;
use crate::shared::service;
use crate::shared::smtp::{Mode, SmtpServer, Stage};
use crate::support::{Browser, Files, Look, PHONE, PLAIN, Site, browse, browse_at, wait_until};

const STARTING: Duration = Duration::from_secs(60);

/// Two servers of one service, which can be killed and started again where they were.
struct Servers {
    one: Option<Server>,
    other: Server,
    variables: Vec<(&'static str, String)>,
    address: String,
}

impl Servers {
    async fn start(variables: Vec<(&'static str, String)>) -> Self {
        let one = server(&variables, None).await;
        let other = server(&variables, None).await;
        Self { address: one.address.clone(), one: Some(one), other, variables }
    }

    /// Ends the first as `kill -9` does.
    fn kill(&mut self) {
        // a server that is dropped is killed
        self.one = None;
    }

    async fn revive(&mut self) {
        self.one = Some(server(&self.variables, Some(&self.address)).await);
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn server(variables: &[(&'static str, String)], address: Option<&str>) -> Server {
    let base = address.map(|address| format!("http://{address}"));
    let mut all: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if let (Some(address), Some(base)) = (address, &base) {
        all.extend([("LIAISON_LISTEN", address), ("LIAISON_BASE_URL", base.as_str())]);
    }
    let mut server = Server::start(&all);
    if let Some(address) = address {
        server.address = address.to_owned();
    }
    server.wait_for(200, STARTING).await;
    server
}

/// Presses a button while these rows are locked, kills the first server once it waits for them, and starts it again.
async fn killed_while(browser: &Browser, servers: &mut Servers, database: &str, lock: &'static str, button: &str) {
    let mut holder = PgConnection::connect(database).await.expect("a connection");
    sqlx::raw_sql(lock).execute(&mut holder).await.unwrap_or_else(|error| panic!("{lock}: {error}"));
    let mut watcher = PgConnection::connect(database).await.expect("a connection");
    let kill = async {
        loop {
            let waits: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database())",
            )
            .fetch_one(&mut watcher)
            .await
            .expect("locks");
            if waits {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        servers.kill();
    };
    let (killed, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(20), kill), browser.press_in_vain(button));
    killed.unwrap_or_else(|_| panic!("“{button}” never came to {lock}"));
    holder.close().await.expect("let go");
    // what the dead one had begun is rolled back as soon as PostgreSQL notices
    wait_until("the end of what was begun", async || {
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()",
        )
        .fetch_one(&mut *PgConnection::connect(database).await.as_mut().expect("a connection"))
        .await
        .expect("a count");
        open == 0
    })
    .await;
    servers.revive().await;
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn fill(browser: &Browser, fields: &[(&str, &str)]) {
    for (label, value) in fields {
        browser.fill(label, value).await;
    }
}

async fn killed_in_the_middle(look: Look) {
    let service = service(Clock::system()).await;
    let world = world(&service).await;
    let smtp = SmtpServer::start().await;
    let database = service.database.url.clone();
    let pool = &service.app.pool;
    let variables = vec![("DATABASE_URL", database.clone()), ("LIAISON_SMTP_URL", format!("smtp://127.0.0.1:{}", smtp.port))];
    let mut servers = Servers::start(variables).await;
    let files = Files::new();
    let pdf = files.file("SG11-LS45.pdf", PDF);
    let url = servers.url();

    let draft = browse_at(&url, look, async |chair| {
        chair.sign_in(&world.chair).await;
        chair.open("/statements/incoming/new").await;
        let fields = [("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Text", "Dear colleagues.")];
        fill(chair, &fields).await;
        chair.choose("For Information").await;
        if look.has_script {
            // what is typed is saved by the page itself
            wait_until("the save of the page", async || {
                count(pool, "SELECT count(*) FROM statement_versions WHERE form ->> 'body' <> '' AND form ->> 'purpose' <> ''").await == 1
            })
            .await;
        }

        // an upload
        chair.attach("Files", &pdf).await;
        killed_while(chair, &mut servers, &database, "BEGIN; LOCK TABLE file_chunks IN SHARE MODE", "Save draft").await;
        assert_eq!(count(pool, "SELECT count(*) FROM attachments").await, 0, "never confirmed");
        chair.open("/desk").await;
        if look.has_script {
            chair.follow("LS on wire formats").await;
        } else {
            chair.assert_silent("LS on wire formats").await;
            chair.open("/statements/incoming/new").await;
            fill(chair, &fields).await;
            chair.choose("For Information").await;
        }
        chair.attach("Files", &pdf).await;
        chair.press("Save draft").await;
        chair.assert_says("SG11-LS45.pdf").await;
        assert_eq!(count(pool, "SELECT count(*) FROM attachments").await, 1);
        assert_eq!(count(pool, "SELECT count(*) FROM statements").await, 1);
        let draft = chair.path().await.split('?').next().unwrap_or_default().to_owned();

        // a submission
        chair.press("Continue to check").await;
        killed_while(chair, &mut servers, &database, "BEGIN; LOCK TABLE sign_offs IN SHARE MODE", "Submit for review").await;
        chair.open(&draft).await;
        chair.assert_says("Continue to check").await;
        assert_eq!(count(pool, "SELECT (SELECT count(*) FROM sign_offs) + (SELECT count(*) FROM mails)").await, 0);

        // and again, with the mail it causes cut off in the middle of its text by the end of both servers
        smtp.set(Mode::Hang(Stage::AfterDot));
        chair.press("Continue to check").await;
        chair.press("Submit for review").await;
        chair.assert_at(&draft).await;
        chair.assert_says("Submitted. Mailed: the liaison manager for ITU-T").await;
        wait_until("a mail in hand", async || smtp.heard().iter().any(|line| line == "DATA")).await;
        draft
    })
    .await;
    servers.kill();
    servers.other.child.kill().expect("a kill");
    servers.other.child.wait().expect("its end");
    assert!(smtp.received().is_empty());
    smtp.set(Mode::Ok);
    // the dead ones' leases run out
    sqlx::query("UPDATE mail_deliveries SET leased_until = now() - interval '1 second', next_attempt_at = now() WHERE leased_until IS NOT NULL")
        .execute(pool)
        .await
        .expect("leases");
    servers.revive().await;
    servers.other = server(&servers.variables, None).await;
    let asked = service.mailed("check-asked").await;
    let came: Vec<String> = smtp.wait_for(asked.len()).await.into_iter().flat_map(|mail| mail.to).collect();
    assert_same(&came, &asked);

    browse_at(&url, look, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.follow("LS on wire formats").await;
        manager.choose("Approve").await;
        // a posting, at its number
        let lock = "BEGIN; SELECT last_number FROM number_counter FOR UPDATE";
        killed_while(manager, &mut servers, &database, lock, "Send decision").await;
        assert_eq!(count(pool, "SELECT count(*) FROM statements WHERE state = 'in-review'").await, 1);
        assert_eq!(count(pool, "SELECT (SELECT last_number FROM number_counter)::bigint").await, 0);
        assert_eq!(count(pool, "SELECT count(*) FROM mails WHERE event = 'incoming-posted'").await, 0);

        // once more at the other server; then the first one's page, which is still open, is answered with what stands
        manager.open(&format!("{draft}/review")).await;
        let there = format!("http://{}{draft}/review", servers.other.address);
        browse_at(&format!("http://{}", servers.other.address), look, async |again| {
            again.sign_in(&world.manager_itu_t).await;
            again.driver.goto(&there).await.expect("the page");
            again.choose("Approve").await;
            again.press("Send decision").await;
            again.assert_at("/statements/1").await;
            again.assert_says("Posted as Statement 1").await;
        })
        .await;
        manager.choose("Approve").await;
        manager.press("Send decision").await;
        manager.assert_at("/statements/1").await;
    })
    .await;
    let mailed: Vec<String> = sqlx::query_scalar("SELECT recipient FROM mail_deliveries").fetch_all(pool).await.expect("recipients");
    let came: Vec<String> = smtp.wait_for(mailed.len()).await.into_iter().flat_map(|mail| mail.to).collect();
    assert_same(&came, &mailed);
    assert_eq!(count(pool, "SELECT count(*) FROM history WHERE event = 'posted'").await, 1);
    assert_eq!(count(pool, "SELECT count(*) FROM statements").await, 1);
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);
}

fn assert_same(came: &[String], expected: &[String]) {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    assert_eq!(sorted(came), sorted(expected), "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_14_servers_killed_in_the_middle_without_script() {
    killed_in_the_middle(PLAIN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_14_servers_killed_in_the_middle_on_a_phone() {
    killed_in_the_middle(PHONE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_14_postgresql_stops_while_somebody_writes() {
    let folder = data_dir();
    let (service, postgresql) = alone(folder.path(), Durability::Safe).await;
    let world = world(&service).await;
    let pool = &service.app.pool;
    let server = server(&[("DATABASE_URL", service.database.url.clone())], None).await;
    let mut joined = Vec::new();
    browse_at(&format!("http://{}", server.address), PLAIN, async |chair| {
        chair.sign_in(&world.chair).await;
        chair.open("/statements/incoming/new").await;
        fill(chair, &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "Typed before"), ("Text", "A long text, written with care.")]).await;
        stop_postgresql(folder.path(), Signal::SIGQUIT).await;

        chair.press("Save draft").await;
        chair.assert_says("Not available just now").await;
        let kept = chair.driver.find_all(By::Css("main input, main textarea")).await.expect("fields");
        let mut texts = Vec::new();
        for field in &kept {
            texts.push(field.prop("value").await.expect("a field").unwrap_or_default());
        }
        assert!(texts.iter().any(|text| text == "A long text, written with care."), "{texts:?}");

        joined.push(private_server::start(folder.path(), Durability::Safe).await.expect("PostgreSQL starts"));
        wait_until("the service", async || server.get("/readyz").await.is_some_and(|answer| answer.status == 200)).await;
        chair.press("Send again").await;
        chair.assert_says("Draft saved at").await;
        assert!(chair.path().await.starts_with("/statements/drafts/"), "{}", chair.text().await);
    })
    .await;
    drop(postgresql);
    assert_eq!(count(pool, "SELECT count(*) FROM statement_versions WHERE form ->> 'body' = 'A long text, written with care.'").await, 1);
    assert_eq!(count(pool, "SELECT count(*) FROM statements").await, 1);
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);
    drop(server);
    for one in joined {
        one.stop().await.expect("left");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_14_the_mail_server_is_away_and_what_was_posted_is_mailed_once() {
    let mut site = Site::open("2026-03-02T09:00:00Z").await;
    let world = world(&site.service).await;
    site.smtp.set(Mode::Drop(Stage::Banner));
    site.start_mail();
    browse(&site, PLAIN, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.open("/statements/incoming/new").await;
        fill(manager, &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Text", "Dear colleagues.")]).await;
        manager.choose("For Information").await;
        manager.press("Continue to check").await;
        manager.press("Record and post").await;
        manager.assert_says("Posted as Statement 1").await;
        wait_until("the word of it", async || {
            manager.open("/statements/1").await;
            manager.text().await.contains("Will be tried again")
        })
        .await;
        assert!(site.smtp.received().is_empty());

        site.smtp.set(Mode::Ok);
        site.service.set_time("2026-03-02T09:10:00Z");
        wait_until("the mails", async || {
            site.service.app.mail_queued.notify_one();
            count(&site.service.app.pool, "SELECT count(*) FROM mail_deliveries WHERE state <> 'accepted'").await == 0
        })
        .await;
        manager.open("/statements/1").await;
        manager.assert_silent("Will be tried again").await;
        manager.assert_says("Accepted by the mail server").await;
    })
    .await;
    let mailed: Vec<String> =
        sqlx::query_scalar("SELECT recipient FROM mail_deliveries").fetch_all(&site.service.app.pool).await.expect("recipients");
    let came: Vec<String> = site.smtp.received().into_iter().flat_map(|mail| mail.to).collect();
    assert_same(&came, &mailed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_14_a_full_disk_keeps_what_was_typed_on_the_page() {
    let folder = data_dir();
    let (first, postgresql) = alone(folder.path(), Durability::ForTests).await;
    let Some(disk) = SmallDisk::mount(&folder.path().join("database/cluster")) else {
        eprintln!("SKIPPED: a small file system can't be mounted here, so nothing was tested about a full disk");
        return;
    };
    let service = on_disk(&first, &disk).await;
    let pool = &service.app.pool;
    let world = world(&service).await;
    let server = server(&[("DATABASE_URL", service.database.url.clone())], None).await;
    let text = noise(1);
    browse_at(&format!("http://{}", server.address), PLAIN, async |chair| {
        chair.sign_in(&world.chair).await;
        chair.open("/statements/incoming/new").await;
        fill(chair, &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "Typed on a full disk")]).await;
        chair.press("Save draft").await;
        disk.fill();
        // typed by keys it would take minutes
        chair.driver.execute("document.getElementById('body').value = arguments[0]", vec![json!(text)]).await.expect("typed");
        chair.press("Save draft").await;
        chair.assert_says("Not available just now").await;
        assert_eq!(count(pool, "SELECT count(*) FROM statement_versions WHERE form ->> 'body' <> ''").await, 0);
        assert_eq!(server.get("/statements").await.expect("an answer").status, 200);
        disk.free();
        wait_until("the service", async || server.get("/readyz").await.is_some_and(|answer| answer.status == 200)).await;
        chair.press("Send again").await;
        chair.assert_says("Draft saved at").await;
    })
    .await;
    let kept: String =
        sqlx::query_scalar("SELECT form ->> 'body' FROM statement_versions ORDER BY version DESC LIMIT 1").fetch_one(pool).await.expect("a version");
    assert_eq!(kept, text);
    assert_eq!(checkup::store::broken(pool).await.expect("a check"), []);
    drop(server);
    pool.close().await;
    first.database.pool.close().await;
    postgresql.stop().await.expect("stopped");
}

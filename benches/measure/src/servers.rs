//! The product and bare, started on the two databases.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::http;

/// The password of everybody in the demonstration.
const PASSWORD: &str = "liaison-demonstration";

/// Where everything is, as `bin/bench` says it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The product.
    pub program: PathBuf,
    /// What it is measured against.
    pub bare: PathBuf,
    /// Folder of the socket, and of the server's data.
    pub socket: PathBuf,
    /// Where the table is written to.
    pub report: PathBuf,
}

impl Place {
    /// From the environment.
    pub fn from_environment() -> anyhow::Result<Self> {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from).with_context(|| format!("{name} is missing: start bin/bench"));
        Ok(Self { program: path("BENCH_PROGRAM")?, bare: path("BENCH_BARE")?, socket: path("BENCH_SOCKET")?, report: path("BENCH_REPORT")? })
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://liaison@localhost:5432/{database}?host={}", self.socket.display())
    }

    /// A connection to a database.
    pub async fn connect(&self, database: &str) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.url(database)).await?)
    }

    fn postmaster(&self) -> u32 {
        let file = fs::read_to_string(self.socket.join("data/postmaster.pid")).unwrap_or_default();
        file.lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or(0)
    }
}

/// A process that serves; ended when it is dropped.
pub struct Server {
    child: Child,
    begun: Instant,
    /// On 127.0.0.1.
    pub port: u16,
    /// Name of its database.
    pub database: String,
    place: Place,
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Server {
    /// Starts the product, with further variables, without waiting.
    pub fn spawn_product(place: &Place, database: &str, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let (port, begun) = (free_port()?, Instant::now());
        let child = Command::new(&place.program)
            .arg("serve")
            .env("DATABASE_URL", place.url(database))
            .env("LIAISON_LISTEN", format!("127.0.0.1:{port}"))
            .env("LIAISON_BASE_URL", format!("http://127.0.0.1:{port}"))
            .env("LIAISON_LOG", "warn")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self { child, begun, port, database: database.to_owned(), place: place.clone() })
    }

    /// Starts bare with these queries, without waiting.
    pub fn spawn_bare(place: &Place, database: &str, queries: &[Value]) -> anyhow::Result<Self> {
        let (port, begun) = (free_port()?, Instant::now());
        let file = place.report.with_extension("query.json");
        fs::write(&file, json!(queries).to_string())?;
        let child = Command::new(&place.bare)
            .args(["serve", &format!("127.0.0.1:{port}")])
            .arg(&file)
            .env("DATABASE_URL", place.url(database))
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self { child, begun, port, database: database.to_owned(), place: place.clone() })
    }

    /// Starts the product and waits until it is ready.
    pub async fn product(place: &Place, database: &str, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut server = Self::spawn_product(place, database, variables)?;
        server.wait_for("/readyz").await?;
        Ok(server)
    }

    /// Starts bare and waits until it answers.
    pub async fn bare(place: &Place, database: &str, queries: &[Value]) -> anyhow::Result<Self> {
        let mut server = Self::spawn_bare(place, database, queries)?;
        server.wait_for("/").await?;
        Ok(server)
    }

    /// Waits for a 200; how long that took since it was started.
    pub async fn wait_for(&mut self, path: &str) -> anyhow::Result<Duration> {
        let request = http::get(path, &["Connection: close"]);
        loop {
            let said = match http::once(self.port, &request).await {
                Ok(answer) if answer.status == 200 => return Ok(self.begun.elapsed()),
                Ok(answer) => answer.text(),
                Err(error) => error.to_string(),
            };
            ensure!(self.child.try_wait()?.is_none(), "a server ended while it was started");
            ensure!(self.begun.elapsed() < Duration::from_secs(30), "no server after 30 seconds: {said}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All processes of the database server.
    pub fn database_processes(&self) -> Vec<u32> {
        let postmaster = self.place.postmaster();
        let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap_or_default();
        std::iter::once(postmaster).chain(children.split_whitespace().filter_map(|pid| pid.parse().ok())).collect()
    }

    /// A number of kilobytes out of its status, in bytes: `VmRSS`, `VmHWM`.
    pub fn memory(&self, name: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).context("memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
    }

    /// Lets `VmHWM` begin anew.
    pub fn forget_peak(&self) -> anyhow::Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.pid()), "5")?)
    }

    /// Signs somebody of the demonstration in; the `Cookie` header.
    pub async fn sign_in(&self, name: &str) -> anyhow::Result<String> {
        let answer = http::once(self.port, &sign_in_request(name, "")).await?;
        let cookie = answer.headers.get("set-cookie").and_then(|cookie| cookie.split(';').next());
        match cookie {
            Some(cookie) if answer.status == 303 && cookie.starts_with("session=") => Ok(format!("Cookie: {cookie}")),
            _ => bail!("{name} can't sign in: {} {}", answer.status, answer.text()),
        }
    }
}

/// What signs somebody of the demonstration in, from some address.
pub fn sign_in_request(name: &str, from: &str) -> Vec<u8> {
    let body = format!("email={name}%40demo.example&password={}&by=password", http::encoded(PASSWORD));
    let forwarded = format!("X-Forwarded-For: {from}");
    let mut headers = vec!["Content-Type: application/x-www-form-urlencoded"];
    if !from.is_empty() {
        headers.push(&forwarded);
    }
    http::post("/sign-in", &headers, body.as_bytes())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a page sends to the database, in its order: text, parameters and their types.
///
/// Taken from the database's log, which has the values that `pg_stat_statements` leaves out.
pub async fn capture(place: &Place, server: &Server, path: &str) -> anyhow::Result<Vec<Value>> {
    let request = http::get(path, &[]);
    // what only the first request asks is not the page's
    http::once(server.port, &request).await?;
    let mut connection = place.connect(&server.database).await?;
    let begun = log_statements(place, &mut connection).await?;
    http::once(server.port, &request).await?;
    let mut queries = Vec::new();
    for (sql, detail) in logged(place, &mut connection, begun, &server.database).await? {
        if sql.len() < 20 {
            continue;
        }
        connection.execute(AssertSqlSafe(format!("PREPARE captured AS {sql}"))).await?;
        let types: Vec<String> = sqlx::query_scalar("SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = 'captured'")
            .fetch_all(&mut connection)
            .await?;
        connection.execute("DEALLOCATE captured").await?;
        let values = values(&detail);
        ensure!(values.len() == types.len(), "{} values for {} parameters: {detail}", values.len(), types.len());
        let parameters: Vec<Value> = types.iter().zip(values).map(|(kind, value)| json!({ "type": kind, "value": value })).collect();
        queries.push(json!({ "sql": sql, "parameters": parameters }));
    }
    ensure!(!queries.is_empty(), "{path} sends no query");
    Ok(queries)
}

fn log(place: &Place) -> PathBuf {
    place.socket.join("data/queries/queries.json")
}

/// From now on the database's log has each statement; where in it that begins.
pub async fn log_statements(place: &Place, connection: &mut PgConnection) -> anyhow::Result<u64> {
    for statement in ["ALTER SYSTEM SET log_min_duration_statement = 0", "SELECT pg_reload_conf()"] {
        connection.execute(statement).await?;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(fs::metadata(log(place))?.len())
}

/// What the pages of a database sent since then, each with its parameters; no more is logged.
pub async fn logged(place: &Place, connection: &mut PgConnection, begun: u64, database: &str) -> anyhow::Result<Vec<(String, String)>> {
    for statement in ["ALTER SYSTEM RESET log_min_duration_statement", "SELECT pg_reload_conf()"] {
        connection.execute(statement).await?;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut file = fs::File::open(log(place))?;
    file.seek(SeekFrom::Start(begun))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let mut sent = Vec::new();
    for line in text.lines() {
        let entry: Value = serde_json::from_str(line)?;
        if entry["dbname"] != database || entry["application_name"] != "liaison-tracker pages" {
            continue;
        }
        let Some((_, message)) = entry["message"].as_str().unwrap_or_default().split_once(" ms  ") else { continue };
        let Some((kind, sql)) = message.split_once(": ") else { continue };
        if kind.starts_with("execute") || kind == "statement" {
            sent.push((sql.to_owned(), entry["detail"].as_str().unwrap_or_default().to_owned()));
        }
    }
    Ok(sent)
}

/// The values of `parameters: $1 = 'it''s', $2 = NULL`.
pub fn values(detail: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = detail;
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(quoted) = value.strip_prefix('\'') {
            let mut text = String::new();
            let mut letters = quoted.char_indices().peekable();
            let mut end = quoted.len();
            while let Some((at, letter)) = letters.next() {
                match letter {
                    '\'' if letters.next_if(|(_, next)| *next == '\'').is_some() => text.push('\''),
                    '\'' => {
                        end = at + 1;
                        break;
                    }
                    letter => text.push(letter),
                }
            }
            rest = &quoted[end..];
            found.push(Some(text));
        } else {
            rest = value;
            found.push(None);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_out_of_the_log() {
        let read = values("parameters: $1 = 'it''s = ', $2 = NULL, $3 = ''");
        assert_eq!(read, [Some("it's = ".to_owned()), None, Some(String::new())]);
        assert!(values("").is_empty());
    }
}

//! What the product is measured against: the same work with nothing around it.
//!
//! `bare serve ADDRESS QUERIES.json`: one query or several, their titles as plain text; `/hello` without one.
//! `bare mails PORT COUNT CONNECTIONS`: hands mails to a server; prints the seconds.
//! `bare hashes COUNT`: verifies a password so often; prints the seconds of one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::types::chrono::DateTime;
use sqlx::{AssertSqlSafe, PgPool, Row};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", address, query] => serve(address, query).await,
        ["mails", port, count, connections] => mails(port.parse()?, count.parse()?, connections.parse()?).await,
        ["hashes", count] => hashes(count.parse()?),
        _ => bail!("bare serve ADDRESS QUERY.json | bare mails PORT COUNT CONNECTIONS | bare hashes COUNT"),
    }
}

struct Asked {
    pool: PgPool,
    queries: Vec<Query>,
}

struct Query {
    sql: String,
    /// Type and value of each.
    parameters: Vec<(String, Option<String>)>,
}

impl Query {
    fn read(query: &Value) -> anyhow::Result<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let parameters = query["parameters"].as_array().context("parameters")?.iter();
        let parameters = parameters.map(|parameter| (text(&parameter["type"]).unwrap_or_default(), text(&parameter["value"]))).collect();
        Ok(Self { sql: text(&query["sql"]).context("sql")?, parameters })
    }
}

/// The pool is made as in the product's `database::pool`.
async fn serve(address: &str, query: &str) -> anyhow::Result<()> {
    let options: PgConnectOptions = std::env::var("DATABASE_URL").context("DATABASE_URL")?.parse()?;
    let options = options.application_name("bare").options([
        ("statement_timeout", "10s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "15s"),
        ("timezone", "UTC"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(2))
        .idle_timeout(Duration::from_secs(600))
        .connect_lazy_with(options);
    let queries: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(query).context("the queries")?)?;
    let asked = Asked { pool, queries: queries.iter().map(Query::read).collect::<anyhow::Result<_>>()? };
    let router = Router::new().route("/", get(titles)).route("/hello", get(|| async { "hello\n" })).with_state(Arc::new(asked));
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn titles(State(asked): State<Arc<Asked>>) -> Result<String, (StatusCode, String)> {
    asked.titles().await.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")))
}

impl Asked {
    async fn titles(&self) -> anyhow::Result<String> {
        let mut connection = self.pool.acquire().await?;
        let mut titles = String::new();
        for asked in &self.queries {
            let mut query = sqlx::query(AssertSqlSafe(asked.sql.as_str()));
            for (kind, value) in &asked.parameters {
                let value = value.as_deref();
                query = match kind.as_str() {
                    "text" | "character varying" => query.bind(value),
                    "text[]" => query.bind(value.map(|value| value.trim_matches(['{', '}']).split(',').map(str::to_owned).collect::<Vec<_>>())),
                    "integer" => query.bind(value.map(str::parse::<i32>).transpose()?),
                    "bigint" => query.bind(value.map(str::parse::<i64>).transpose()?),
                    "date" => query.bind(value.map(str::parse::<sqlx::types::chrono::NaiveDate>).transpose()?),
                    "timestamp with time zone" => query.bind(value.map(|value| DateTime::parse_from_str(value, "%F %T%.f%#z")).transpose()?),
                    "boolean" => query.bind(value.map(|value| value.starts_with('t'))),
                    other => bail!("bare can't bind a parameter of type {other}"),
                };
            }
            for row in query.fetch_all(&mut *connection).await? {
                if let Ok(Some(title)) = row.try_get::<Option<&str>, _>("title") {
                    titles.push_str(title);
                    titles.push('\n');
                }
            }
        }
        Ok(titles)
    }
}

async fn mails(port: u16, count: usize, connections: u32) -> anyhow::Result<()> {
    let transport: AsyncSmtpTransport<Tokio1Executor> =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(port).pool_config(PoolConfig::new().max_size(connections)).build();
    let begun = Instant::now();
    let mut sending = tokio::task::JoinSet::new();
    for sender in 0..connections as usize {
        let transport = transport.clone();
        let mine = (count + connections as usize - 1 - sender) / connections as usize;
        sending.spawn(async move {
            for n in 0..mine {
                let mail = Message::builder()
                    .from("Liaison Tracker <liaison-tracker@localhost.localdomain>".parse()?)
                    .to(format!("recipient-{sender}-{n}@demo.example").parse()?)
                    .subject("A liaison statement was posted")
                    .body("Dear colleagues,\r\n".repeat(40))?;
                transport.send(mail).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    println!("{}", begun.elapsed().as_secs_f64());
    Ok(())
}

fn hashes(count: u32) -> anyhow::Result<()> {
    let password = b"river lamp 88 orbit";
    let hash = Argon2::default().hash_password(password).map_err(|error| anyhow::anyhow!("{error}"))?.to_string();
    let begun = Instant::now();
    for _ in 0..count {
        let hash = PasswordHash::new(&hash).map_err(|error| anyhow::anyhow!("{error}"))?;
        Argon2::default().verify_password(password, &hash).map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    println!("{}", begun.elapsed().as_secs_f64() / f64::from(count));
    Ok(())
}

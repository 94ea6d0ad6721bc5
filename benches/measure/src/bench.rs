//! What a run has at hand: both databases, the product and bare on each.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use sqlx::{PgConnection, Row};
use tokio::sync::Mutex;

use crate::figures::{Goal, Outcome};
use crate::http::{self, Answer};
use crate::load::{self, Rounds, Samples, Variant};
use crate::pages::{Facts, Page};
use crate::servers::{self, Place, Server};

/// Two thousand statements.
pub const SMALL: &str = "bench_2000";
/// A hundred thousand.
pub const LARGE: &str = "bench_100000";

/// A copy of the small one, made anew for each run: for what changes it.
pub const SCRATCH: &str = "bench_scratch";

/// The product and bare on one database.
pub struct Side {
    /// "2k".
    pub name: &'static str,
    /// The product.
    pub product: Server,
    /// What it is measured against.
    pub bare: Server,
    /// What addresses name.
    pub facts: Facts,
    /// For counts.
    pub connection: Mutex<PgConnection>,
    cookies: Mutex<HashMap<&'static str, String>>,
}

/// All of it.
pub struct Bench {
    /// Where it is.
    pub place: Place,
    /// Few short rounds.
    pub is_quick: bool,
    /// How long and how often.
    pub rounds: Rounds,
    /// The list's own query, alone.
    pub query: Vec<Value>,
    /// 2,000 statements.
    pub small: Side,
    /// 100,000 statements.
    pub large: Side,
}

/// Times that a run is begun anew because equal work took unequal time.
const TRIES: usize = 3;

impl Bench {
    /// Starts the servers.
    pub async fn start(is_quick: bool) -> anyhow::Result<Self> {
        let place = Place::from_environment()?;
        let small = Server::product(&place, SMALL, &[]).await?;
        let large = Server::product(&place, LARGE, &[]).await?;
        let length = |query: &Value| query["sql"].as_str().map_or(0, str::len);
        let query: Vec<Value> = servers::capture(&place, &large, "/statements").await?.into_iter().max_by_key(length).into_iter().collect();
        let rounds =
            if is_quick { Rounds { count: 3, span: Duration::from_millis(300) } } else { Rounds { count: 11, span: Duration::from_secs(1) } };
        let small = Side::new(&place, "2k", small, &query).await?;
        let large = Side::new(&place, "100k", large, &query).await?;
        Ok(Self { place, is_quick, rounds, query, small, large })
    }

    /// Measures variants beside bare and bare again, anew while these two differ; whether they agreed in the end.
    pub async fn rounds(&self, mut variants: Vec<Variant<'_>>, connections: usize) -> anyhow::Result<(Samples, bool, Outcome)> {
        for name in ["again", "bare"] {
            variants.insert(0, Variant { name: name.to_owned(), server: &self.large.bare, request: http::get("/", &[]) });
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let samples = load::rounds(&variants, connections, self.rounds).await?;
            let control = load::ratio(&samples, "again", "bare", |sample| sample.cpu);
            let is_quiet = (0.93..=1.07).contains(&control.median);
            if is_quiet || tries == TRIES || self.is_quick {
                let told = Outcome::new("", format!("control: bare ÷ bare, c={connections}"), control, "", Goal::None);
                return Ok((samples, is_quiet, told));
            }
            eprintln!("   bare ÷ bare is {:.2}: once more", control.median);
        }
    }
}

/// Statements sent to the database, and buffers touched, for one request.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// `calls`.
    pub calls: f64,
    /// `shared_blks_hit + shared_blks_read`.
    pub buffers: f64,
}

/// What one statement to the database was, for one request.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its beginning.
    pub text: String,
    /// What it took.
    pub counts: Counts,
}

impl Side {
    async fn new(place: &Place, name: &'static str, product: Server, query: &[Value]) -> anyhow::Result<Self> {
        let bare = Server::bare(place, &product.database, query).await?;
        let mut connection = place.connect(&product.database).await?;
        let facts = Facts::find(&mut connection).await?;
        Ok(Self { name, product, bare, facts, connection: Mutex::new(connection), cookies: Mutex::default() })
    }

    /// The request for a page, signed in where that is wanted.
    pub async fn request(&self, page: &Page, headers: &[&str]) -> anyhow::Result<Vec<u8>> {
        let Some(who) = page.who else { return Ok(http::get(&page.path, headers)) };
        let mut cookies = self.cookies.lock().await;
        if !cookies.contains_key(who) {
            cookies.insert(who, self.product.sign_in(who).await?);
        }
        let cookie = cookies.get(who).context("a cookie")?;
        Ok(http::get(&page.path, &[headers, &[cookie.as_str()]].concat()))
    }

    /// Makes somebody of the demonstration chair of as many groups as it takes to have so many open actions; how many they are.
    pub async fn make_chair(&self, who: &str, open: i64) -> anyhow::Result<i64> {
        let mut connection = self.connection.lock().await;
        Ok(sqlx::query_scalar(
            "WITH counted AS (SELECT group_id, count(*) AS open FROM actions WHERE state IN ('open', 'in-progress', 'waiting') GROUP BY group_id),
                  summed AS (SELECT group_id, open, sum(open) OVER (ORDER BY group_id) - open AS before
                               FROM counted JOIN groups USING (group_id) WHERE acronym ~ '^wg[0-9]+$'),
                  taken AS (INSERT INTO roles (person_id, kind, group_id, starts_on, alias)
                            SELECT person_id, 'chair', group_id, DATE '2020-01-01', 'measured@demo.example'
                              FROM summed, addresses WHERE before < $2::bigint AND address = $1 || '@demo.example'
                            RETURNING group_id)
             SELECT sum(open)::bigint FROM summed JOIN taken USING (group_id)",
        )
        .bind(who)
        .bind(open)
        .fetch_one(&mut *connection)
        .await?)
    }

    /// Takes those roles back.
    pub async fn end_chair(&self, who: &str) -> anyhow::Result<()> {
        let mut connection = self.connection.lock().await;
        sqlx::query("DELETE FROM roles USING addresses WHERE addresses.person_id = roles.person_id AND address = $1 || '@demo.example' AND alias = 'measured@demo.example'")
            .bind(who)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    /// The page once.
    pub async fn ask(&self, page: &Page, headers: &[&str]) -> anyhow::Result<Answer> {
        http::once(self.product.port, &self.request(page, headers).await?).await
    }

    /// What a page sends to the database, each statement by itself; none: the page is not there.
    pub async fn sent(&self, page: &Page) -> anyhow::Result<Option<Vec<Sent>>> {
        const REQUESTS: u32 = 20;
        let request = self.request(page, &[]).await?;
        let mut http = http::Connection::open(self.product.port).await?;
        for _ in 0..4 {
            if http.ask(&request, true).await?.status != 200 {
                return Ok(None);
            }
        }
        let mut connection = self.connection.lock().await;
        let mut best: Option<Vec<Sent>> = None;
        // the background task's own statements may fall into one of the three
        for _ in 0..3 {
            sqlx::query("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)")
                .execute(&mut *connection)
                .await?;
            for _ in 0..REQUESTS {
                http.ask(&request, false).await?;
            }
            let rows = sqlx::query(
                "SELECT query, calls::float8, (shared_blks_hit + shared_blks_read)::float8
                   FROM pg_stat_statements
                  WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'
                  ORDER BY 3 DESC",
            )
            .fetch_all(&mut *connection)
            .await?;
            let sent = rows.iter().map(|row| {
                let text: String = row.try_get(0)?;
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(90).collect();
                let per = |at: usize| Ok::<f64, sqlx::Error>(row.try_get::<f64, _>(at)? / f64::from(REQUESTS));
                Ok(Sent { text, counts: Counts { calls: per(1)?, buffers: per(2)? } })
            });
            let sent = sent.collect::<sqlx::Result<Vec<Sent>>>()?;
            if best.as_ref().is_none_or(|best| sum(&sent).buffers < sum(best).buffers) {
                best = Some(sent);
            }
        }
        Ok(best)
    }

    /// The sums of [`Self::sent`].
    pub async fn counts(&self, page: &Page) -> anyhow::Result<Option<Counts>> {
        Ok(self.sent(page).await?.map(|sent| sum(&sent)))
    }
}

/// All of a request's statements.
pub fn sum(sent: &[Sent]) -> Counts {
    Counts { calls: sent.iter().map(|one| one.counts.calls).sum(), buffers: sent.iter().map(|one| one.counts.buffers).sum() }
}

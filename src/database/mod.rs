//! The way to PostgreSQL: pools with limits and time-outs, migrations, and the private server.

mod changing;
pub mod disk;
pub mod private_server;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool, PgTransaction};

pub use changing::{Changes, Changing};

/// All schema changes, in order.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// A pool that connects when it is first asked, so that the program can start before its database.
///
/// Every connection gives up on a statement after 10 s, on a lock after 1.5 s, and on a transaction that
/// idles for 15 s, which also frees what a cancelled request left behind (sqlx issue 4393).
///
/// # Errors
/// A URL that is none.
pub fn pool(url: &str, connections: u32, name: &str) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.application_name(name).options([
        ("statement_timeout", "10s"),
        ("lock_timeout", "1500ms"),
        ("idle_in_transaction_session_timeout", "15s"),
        ("timezone", "UTC"),
    ]);
    Ok(PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(2))
        .idle_timeout(Duration::from_secs(600))
        .connect_lazy_with(options))
}

/// Begins a transaction. Whoever gives up meanwhile leaves nothing behind: cut off in the middle, sqlx would return a connection
/// with an open transaction to the pool (sqlx issue 4393), so that it is begun apart and then rolled back.
///
/// # Errors
/// No connection in time; the database's.
pub async fn begin(pool: &PgPool) -> sqlx::Result<PgTransaction<'static>> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.begin().await }).await.unwrap_or_else(|ended| Err(sqlx::Error::Io(std::io::Error::other(ended))))
}

/// Brings the schema up to date; one server at a time (advisory lock).
///
/// # Errors
/// No database, a schema newer than this program, or a step that failed (then nothing of it stays).
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    let options: PgConnectOptions = url.parse()?;
    let mut connection = sqlx::PgConnection::connect_with(&options.options([("lock_timeout", "30s")])).await?;
    MIGRATIONS.run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    Ok(())
}

/// Whether the database can take a change, and what time it has; the reason, for people, where it can't.
///
/// # Errors
/// The reason.
pub async fn probe(pool: &PgPool) -> Result<DateTime<Utc>, String> {
    let asked = async {
        let mut connection = pool.acquire().await?;
        // no macro: the table of steps belongs to sqlx, and is there only once it has run
        let asked: (bool, DateTime<Utc>, Option<i64>) = sqlx::query_as(
            "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
                    clock_timestamp(),
                    (SELECT max(version) FROM _sqlx_migrations WHERE success)",
        )
        .fetch_one(&mut *connection)
        .await?;
        let (is_read_only, ..) = asked;
        if is_read_only {
            // what it was told when it connected may no longer hold for the next one
            connection.close_on_drop();
        }
        Ok(asked)
    };
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
    match tokio::time::timeout(Duration::from_secs(2), asked).await {
        Err(_) => Err("the database does not answer within 2 seconds".to_owned()),
        Ok(Err(error)) => Err(explain(&error)),
        Ok(Ok((true, ..))) => Err("the database is read-only (a standby?)".to_owned()),
        Ok(Ok((_, _, version))) if version < newest => Err("the database's schema is older than this program: run `migrate`".to_owned()),
        Ok(Ok((_, now, _))) => Ok(now),
    }
}

/// A database fault in a sentence for whoever runs the program; no password in it.
pub fn explain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("28P01" | "28000") => format!("the database refuses the user or password of DATABASE_URL: {}", database.message()),
            Some("3D000") => format!("the database of DATABASE_URL does not exist: {}", database.message()),
            Some("53100") => "the database's disk is full".to_owned(),
            _ => format!("the database says: {}", database.message()),
        },
        sqlx::Error::Io(io) => format!("no database can be reached: {io}"),
        sqlx::Error::PoolTimedOut => "no connection to the database within 2 seconds".to_owned(),
        other => format!("no database can be reached: {other}"),
    }
}

/// What this installation is: its home organization's label, and whether it is a demonstration.
///
/// # Errors
/// The database's.
pub async fn installation(pool: &PgPool) -> sqlx::Result<(String, bool)> {
    let row = sqlx::query!(
        r#"
        SELECT is_demonstration,
               (SELECT label FROM groups WHERE is_home AND parent_id IS NULL) AS home_label
          FROM installation
        "#
    )
    .fetch_one(pool)
    .await?;
    Ok((row.home_label.unwrap_or_default(), row.is_demonstration))
}

//! Each step of the schema, on tables that hold rows (architecture.md, Style 13).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use liaison_tracker::database::{self, MIGRATIONS};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use crate::support::database::{TestDatabase, fresh};

/// An empty database beside a test's own.
async fn empty(beside: &TestDatabase, suffix: &str) -> String {
    let name = format!("{}_{suffix}", beside.name);
    let mut url: url::Url = beside.url.parse().expect("a URL");
    url.set_path("postgres");
    let mut admin = PgConnection::connect(url.as_str()).await.expect("a connection");
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database");
    url.set_path(&name);
    url.into()
}

/// The first steps only.
fn first(steps: usize) -> Migrator {
    Migrator { migrations: MIGRATIONS.migrations.iter().take(steps).cloned().collect::<Vec<_>>().into(), ..Migrator::DEFAULT }
}

fn sample(version: i64) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/migrations/{version:04}.sql"))).ok()
}

/// All that makes the schema, by name.
async fn schema(connection: &mut PgConnection) -> BTreeMap<String, String> {
    let rows = sqlx::query(
        "SELECT 'column ' || table_name || '.' || column_name, concat_ws(' ', ordinal_position, data_type, is_nullable, column_default, is_identity, generation_expression)
           FROM information_schema.columns WHERE table_schema = 'public'
         UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
         UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
         UNION ALL SELECT 'trigger ' || tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
         UNION ALL SELECT 'function ' || proname, pg_get_functiondef(pg_proc.oid) FROM pg_proc
                     LEFT JOIN pg_depend ON pg_depend.objid = pg_proc.oid AND deptype = 'e'
                    WHERE pronamespace = 'public'::regnamespace AND pg_depend.objid IS NULL AND prokind = 'f'",
    )
    .fetch_all(connection)
    .await
    .expect("the schema");
    rows.into_iter().map(|row| (row.get::<String, _>(0), row.get::<Option<String>, _>(1).unwrap_or_default())).collect()
}

/// How many rows each table holds.
async fn rows(connection: &mut PgConnection) -> BTreeMap<String, i64> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'")
            .fetch_all(&mut *connection)
            .await
            .expect("tables");
    let mut counts = BTreeMap::new();
    for table in tables {
        let count = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(&mut *connection).await.expect("a count");
        counts.insert(table, count);
    }
    counts
}

#[tokio::test]
async fn every_step_runs_on_tables_that_hold_rows() {
    let database = fresh().await;
    let url = empty(&database, "filled").await;
    let mut connection = PgConnection::connect(&url).await.expect("a connection");

    for (at, step) in MIGRATIONS.iter().enumerate() {
        let before = rows(&mut connection).await;
        first(at + 1).run_direct(None, &mut connection, false).await.unwrap_or_else(|error| panic!("step {} on rows: {error}", step.version));
        let after = rows(&mut connection).await;
        for (table, count) in before {
            // a step may move rows elsewhere, but then it says so here
            assert!(after.get(&table).is_some_and(|kept| *kept >= count), "step {} lost rows of {table}", step.version);
        }
        let sample =
            sample(step.version).unwrap_or_else(|| panic!("tests/data/migrations/{:04}.sql is missing: rows for the next step", step.version));
        connection.execute(AssertSqlSafe(sample)).await.unwrap_or_else(|error| panic!("rows after step {}: {error}", step.version));
    }

    let empty_tables: Vec<String> = rows(&mut connection).await.into_iter().filter(|(_, count)| *count == 0).map(|(table, _)| table).collect();
    assert!(empty_tables.is_empty(), "no sample row in {empty_tables:?}");
    let mut fresh = database.pool.acquire().await.expect("a connection");
    assert_eq!(schema(&mut connection).await, schema(&mut fresh).await);
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = fresh().await;
    let mut connection = database.pool.acquire().await.expect("a connection");
    let before = (schema(&mut connection).await, rows(&mut connection).await);

    database::migrate(&database.url).await.expect("nothing to do");

    assert_eq!((schema(&mut connection).await, rows(&mut connection).await), before);
}

#[tokio::test]
async fn three_servers_that_start_at_once_take_each_step_once() {
    let database = fresh().await;
    let url = empty(&database, "raced").await;

    let (one, two, three) = tokio::join!(database::migrate(&url), database::migrate(&url), database::migrate(&url));

    for done in [one, two, three] {
        done.expect("migrated");
    }
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    let mut fresh = database.pool.acquire().await.expect("a connection");
    assert_eq!(schema(&mut connection).await, schema(&mut fresh).await);
    let steps: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations WHERE success").fetch_one(&mut connection).await.expect("steps");
    assert_eq!(usize::try_from(steps).expect("a number"), MIGRATIONS.iter().count());
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_of_itself() {
    let database = fresh().await;
    let url = empty(&database, "failing").await;
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    first(2).run_direct(None, &mut connection, false).await.expect("two steps");
    // in the way of the third step, late in it
    connection.execute("CREATE TABLE statement_search (nothing integer)").await.expect("an obstacle");
    let before = schema(&mut connection).await;

    let failed = database::migrate(&url).await;

    assert!(failed.is_err());
    assert_eq!(schema(&mut connection).await, before);
    connection.execute("DROP TABLE statement_search").await.expect("out of the way");
    database::migrate(&url).await.expect("then it goes on");
    let mut fresh = database.pool.acquire().await.expect("a connection");
    assert_eq!(schema(&mut connection).await, schema(&mut fresh).await);
}

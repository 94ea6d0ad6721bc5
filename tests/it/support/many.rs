//! Very many posted statements, made set by set.

use sqlx::{AssertSqlSafe, Connection, Executor, PgPool};

/// Makes so many, with groups, actions, deadlines, references, relations and search; wants a superuser's connection.
/// Words in every 4th, 33rd and 1,000th body: "synchronization", "interconnection", "heliograph".
pub async fn many(pool: &PgPool, statements: u32) {
    let sql = include_str!("many.sql").replace("$many$", &statements.to_string());
    let mut connection = pool.acquire().await.expect("a connection");
    connection.execute("SET statement_timeout = 0").await.expect("a setting");
    let mut transaction = connection.begin().await.expect("a transaction");
    transaction.execute(AssertSqlSafe(sql)).await.expect("many statements");
    transaction.commit().await.expect("many statements");
    connection.execute("VACUUM ANALYZE").await.expect("statistics");
    connection.execute("RESET statement_timeout").await.expect("a setting");
}

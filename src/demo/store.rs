//! SQL of the demonstration.

use sqlx::PgPool;

/// How many accounts have another primary address than these.
///
/// # Errors
/// The database's.
pub async fn other_accounts(pool: &PgPool, addresses: &[String]) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
          FROM accounts
         WHERE NOT EXISTS (SELECT 1 FROM addresses WHERE addresses.person_id = accounts.person_id AND address_key = ANY($1))
        "#,
        addresses
    )
    .fetch_one(pool)
    .await
}

/// Says that nothing here is real.
///
/// # Errors
/// The database's.
pub async fn mark(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!("UPDATE installation SET is_demonstration = true WHERE NOT is_demonstration").execute(pool).await?;
    Ok(())
}

/// Whether there is a statement that was made here.
///
/// # Errors
/// The database's.
pub async fn has_exchanges(pool: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM statements WHERE origin = 'native') AS "has!""#).fetch_one(pool).await
}

/// Notes for authors and next meeting of a group, in words for comparison; none: no such group.
///
/// # Errors
/// The database's.
pub async fn notes_of(pool: &PgPool, acronym: &str) -> sqlx::Result<Option<(String, Option<chrono::NaiveDate>)>> {
    let row = sqlx::query!("SELECT how_to_send, next_meeting_on FROM groups WHERE lower(acronym) = lower($1)", acronym).fetch_optional(pool).await?;
    Ok(row.map(|row| (row.how_to_send, row.next_meeting_on)))
}

/// Marks all mail as recorded: none of a demonstration's ever leaves.
///
/// # Errors
/// The database's.
pub async fn record_mail(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!("UPDATE mail_deliveries SET state = 'recorded', ended_at = next_attempt_at WHERE state = 'queued'").execute(pool).await?;
    Ok(())
}

/// The number of the newest posted statement of that title that was made here.
///
/// # Errors
/// There is none; the database's.
pub async fn number_of(pool: &PgPool, title: &str) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"SELECT number AS "number!" FROM statements WHERE title = $1 AND state = 'posted' AND origin = 'native' ORDER BY number DESC LIMIT 1"#,
        title
    )
    .fetch_one(pool)
    .await
}

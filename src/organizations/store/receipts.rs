//! SQL of receipts by default.

use sqlx::{PgConnection, PgPool};

use crate::ids::GroupId;

/// The purposes for which an organization's senders get a receipt.
///
/// # Errors
/// The database's.
pub async fn receipt_for(pool: &PgPool, group: GroupId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("SELECT receipt_for FROM groups WHERE group_id = $1", group.0).fetch_one(pool).await
}

/// The same, held until the transaction ends.
///
/// # Errors
/// The database's; another transaction holds it for longer than the lock time-out.
pub async fn lock_receipt_for(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("SELECT receipt_for FROM groups WHERE group_id = $1 FOR NO KEY UPDATE", group.0).fetch_one(connection).await
}

/// Sets them.
///
/// # Errors
/// The database's.
pub async fn set_receipt_for(connection: &mut PgConnection, group: GroupId, purposes: &[String]) -> sqlx::Result<()> {
    sqlx::query!("UPDATE groups SET receipt_for = $2 WHERE group_id = $1", group.0, purposes).execute(connection).await?;
    Ok(())
}

//! SQL of the receipt to the sender.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::ids::{GroupId, StatementId};
use crate::statements::Purpose;

/// What a receipt says.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Name and address of whom it was received from.
    pub received_from: Option<(String, String)>,
    /// Their references, comma-separated.
    pub references: String,
    /// To whom it was.
    pub to_text: String,
    /// The earliest day of its open actions, and whether it is ours.
    pub due: Option<(NaiveDate, bool)>,
}

/// What a receipt says of a statement.
///
/// # Errors
/// The database's.
pub async fn facts(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Facts> {
    let row = sqlx::query!(
        r#"
        SELECT to_text, sender.name AS "name?", sender.address AS "address?", due_on AS "due_on?", kind AS "kind?",
               coalesce((SELECT string_agg(as_written, ', ' ORDER BY position) FROM statement_references
                          WHERE statement_references.statement_id = statements.statement_id), '') AS "references!"
          FROM statements
          LEFT JOIN LATERAL (SELECT name, address FROM contacts
                              WHERE contacts.statement_id = statements.statement_id AND use = 'received-from'
                              ORDER BY position LIMIT 1) AS sender ON true
          LEFT JOIN LATERAL (SELECT due_on, deadlines.kind FROM actions JOIN deadlines USING (action_id)
                              WHERE actions.statement_id = statements.statement_id AND superseded_at IS NULL
                                AND state IN ('open', 'in-progress')
                              ORDER BY due_on LIMIT 1) AS next ON true
         WHERE statement_id = $1
        "#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(Facts {
        received_from: row.address.map(|address| (row.name.unwrap_or_default(), address)),
        references: row.references,
        to_text: row.to_text,
        due: row.due_on.map(|day| (day, row.kind.as_deref() == Some("ours"))),
    })
}

/// When a receipt was sent; none: never.
///
/// # Errors
/// The database's.
pub async fn sent_at(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("SELECT max(made_at) FROM mails WHERE statement_id = $1 AND event = 'receipt'", id.0).fetch_one(connection).await
}

/// Whether one of these organizations' senders gets a receipt for that purpose by default.
///
/// # Errors
/// The database's.
pub async fn is_default(connection: &mut PgConnection, organizations: &[GroupId], purpose: Purpose) -> sqlx::Result<bool> {
    let organizations: Vec<i64> = organizations.iter().map(|id| id.0).collect();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM groups WHERE group_id = ANY ($1) AND $2 = ANY (receipt_for)) AS "is!""#,
        &organizations,
        purpose.as_str()
    )
    .fetch_one(connection)
    .await
}

/// Settles whether posting sends one.
///
/// # Errors
/// The database's.
pub async fn choose(connection: &mut PgConnection, id: StatementId, sends: bool) -> sqlx::Result<()> {
    sqlx::query!("UPDATE statements SET sends_receipt = $2 WHERE statement_id = $1", id.0, sends).execute(connection).await?;
    Ok(())
}

/// Whether posting sends one.
///
/// # Errors
/// The database's.
pub async fn is_chosen(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<bool> {
    sqlx::query_scalar!("SELECT sends_receipt FROM statements WHERE statement_id = $1", id.0).fetch_one(connection).await
}

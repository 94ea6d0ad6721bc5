//! SQL of what a posted statement says of itself as a letter, and no other page does.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::ids::StatementId;
use crate::statements::Consensus;

/// Whose position it is, and the day by which it asks for something, as it was written.
///
/// # Errors
/// The database's.
pub async fn facts(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<(Option<Consensus>, Option<NaiveDate>)> {
    let row = sqlx::query!(
        r#"
        SELECT consensus,
               (SELECT min(due_on)
                  FROM deadlines
                  JOIN actions USING (action_id)
                 WHERE actions.statement_id = statements.statement_id
                   AND deadlines.kind = 'as-written') AS due_on
          FROM statements
         WHERE statement_id = $1
        "#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok((row.consensus.as_deref().and_then(Consensus::parse), row.due_on))
}

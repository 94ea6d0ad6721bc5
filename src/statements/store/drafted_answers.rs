//! SQL of what a draft answers, before it is submitted.

use sqlx::PgConnection;

use crate::ids::StatementId;
use crate::statements::ReplyKind;
use crate::statements::checks::answers_numbers;
use crate::statements::form::StatementForm;

/// Notes which posted statements an outgoing draft answers, as far as their numbers are typed; and whether for good.
///
/// # Errors
/// The database's.
pub async fn name(connection: &mut PgConnection, id: StatementId, form: &StatementForm) -> sqlx::Result<()> {
    let numbers = answers_numbers(form);
    let kind = |number: &i32| form.reply_kind.get(&number.to_string()).and_then(|kind| ReplyKind::parse(kind)).unwrap_or(ReplyKind::Final);
    let are_final: Vec<bool> = numbers.iter().map(|number| kind(number) == ReplyKind::Final).collect();
    sqlx::query!("DELETE FROM drafted_answers WHERE statement_id = $1", id.0).execute(&mut *connection).await?;
    if numbers.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO drafted_answers (statement_id, earlier_id, is_final)
         SELECT $1, statements.statement_id, is_final
           FROM unnest($2::integer[], $3::boolean[]) AS named (number, is_final)
           JOIN statements USING (number)
          WHERE statements.state = 'posted'
            AND statements.statement_id <> $1
         ON CONFLICT DO NOTHING",
        id.0,
        &numbers,
        &are_final
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The day by which an answer is asked for of what a draft answers; none: it answers nothing that is open.
///
/// # Errors
/// The database's.
pub async fn due_on(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Option<chrono::NaiveDate>> {
    sqlx::query_scalar!("SELECT reply_due_on($1)", id.0).fetch_one(connection).await
}

//! SQL of a statement's steps: submit, sign, post, take back, abandon. Every write asks for the locked row.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{Locked, expect_one};
use crate::ids::{GroupId, PersonId, SignOffId, StatementId};
use crate::permissions::Asked;
use crate::statements::sign_offs::{Begins, Needed};
use crate::statements::{Purpose, SignOffKind, State};

/// A sign-off row of the current round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// Its key.
    pub sign_off_id: SignOffId,
    /// What is asked.
    pub kind: SignOffKind,
    /// Label of the group at which it is asked; empty: of none.
    pub group_label: String,
    /// At which group.
    pub group_id: Option<GroupId>,
    /// `later`, `waiting`, `given`, `changes-requested`, `void`, `objected`.
    pub state: String,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// By whom, and as what.
    pub decided_by: String,
    /// Whose decision it is.
    pub decided_by_id: Option<PersonId>,
    /// What should be changed; what is objected to.
    pub words: String,
    /// Of an own authority that counted.
    pub was_own: bool,
    /// Given for whoever holds the row's role.
    pub is_standing_in: bool,
    /// Who entered what was given elsewhere; empty: nobody.
    pub entered_by: String,
    /// Evidence of that; of the IAB's approval the link to its decision.
    pub evidence: String,
}

impl SignOff {
    /// What permissions ask of it.
    pub fn asked(&self) -> Asked {
        Asked { kind: self.kind, at: self.group_id }
    }
}

/// Begins a round: the statement is in review, with a row for each sign-off it needs; `decision` is the IAB's, where its approval is
/// given by submitting.
///
/// # Errors
/// The database's.
pub async fn submit(
    connection: &mut PgConnection,
    draft: &Locked,
    person_id: PersonId,
    at: DateTime<Utc>,
    needed: &[Needed],
    decision: &str,
) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE statements
            SET state = 'in-review', round = round + 1, submitted_at = $2, submitted_by = $3, changed_at = $2, waits_since = NULL, waits_for = ''
          WHERE statement_id = $1 AND state = 'draft'",
        draft.statement_id.0,
        at,
        person_id.0
    )
    .execute(&mut *connection)
    .await?;
    expect_one(done.rows_affected(), "statements", draft.statement_id)?;
    for row in needed {
        let (state, own) = match &row.begins {
            Begins::Given(role) => ("given", Some(role.as_str())),
            Begins::Waiting => ("waiting", None),
            Begins::Later => ("later", None),
        };
        sqlx::query!(
            "INSERT INTO sign_offs (statement_id, round, kind, group_id, state, asked_at, version, decided_at, decided_by, decided_as, was_own, evidence)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            draft.statement_id.0,
            draft.round + 1,
            row.asked.kind.as_str(),
            row.asked.at.map(|id| id.0),
            state,
            at,
            draft.version,
            own.map(|_| at),
            own.map(|_| person_id.0),
            own.unwrap_or_default(),
            own.is_some(),
            if own.is_some() && draft.case.is_of_the_iab(row.asked) { decision } else { "" }
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The coordinators alone are asked to check it: nobody else is there.
///
/// # Errors
/// The database's.
pub async fn coordinators_are_asked(connection: &mut PgConnection, draft: &Locked, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sign_offs SET coordinators_asked_at = $2 WHERE statement_id = $1 AND state = 'waiting' AND kind = 'check'",
        draft.statement_id.0,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The sign-off rows of the current round.
///
/// # Errors
/// The database's.
pub async fn sign_offs(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<SignOff>> {
    let rows = sqlx::query!(
        r#"
        SELECT sign_off_id, sign_offs.kind, sign_offs.group_id, groups.label AS "label?", sign_offs.state, asked_at, decided_at,
               people.name AS "name?", decided_by, decided_as, words, was_own, is_standing_in, enterer.name AS "entered_by?", entered_as, evidence
          FROM sign_offs
          JOIN statements USING (statement_id)
          LEFT JOIN groups ON groups.group_id = sign_offs.group_id
          LEFT JOIN people ON people.person_id = decided_by
          LEFT JOIN people AS enterer ON enterer.person_id = entered_by
         WHERE sign_offs.statement_id = $1
           AND sign_offs.round = statements.round
         ORDER BY sign_off_id
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SignOff {
                sign_off_id: SignOffId(row.sign_off_id),
                kind: super::known(SignOffKind::parse(&row.kind), "sign_offs.kind", &row.kind)?,
                group_label: row.label.unwrap_or_default(),
                group_id: row.group_id.map(GroupId),
                state: row.state,
                asked_at: row.asked_at,
                decided_at: row.decided_at,
                decided_by: match row.name {
                    Some(name) if row.decided_as.is_empty() => name,
                    Some(name) => format!("{name}, {}", row.decided_as),
                    None => String::new(),
                },
                decided_by_id: row.decided_by.map(PersonId),
                words: row.words,
                was_own: row.was_own,
                is_standing_in: row.is_standing_in,
                entered_by: match row.entered_by {
                    Some(name) if row.entered_as.is_empty() => name,
                    Some(name) => format!("{name}, {}", row.entered_as),
                    None => String::new(),
                },
                evidence: row.evidence,
            })
        })
        .collect()
}

/// What somebody decided about a sign-off.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// Who.
    pub person_id: PersonId,
    /// As what.
    pub role: &'a str,
    /// When.
    pub at: DateTime<Utc>,
    /// `given`, `changes-requested` or `objected`.
    pub state: &'a str,
    /// What should be changed; what is objected to.
    pub words: &'a str,
    /// For whoever holds the row's role.
    pub is_standing_in: bool,
    /// Who enters it for them, and as what.
    pub entered: Option<(PersonId, &'a str)>,
    /// Evidence of what is entered; the link to the IAB's decision.
    pub evidence: &'a str,
}

/// Decides a waiting row; false: somebody else did before.
///
/// # Errors
/// The database's.
pub async fn decide(connection: &mut PgConnection, _held: &Locked, sign_off: SignOffId, decision: Decision<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE sign_offs
            SET state = $2, decided_at = $3, decided_by = $4, decided_as = $5, words = $6, is_standing_in = $7,
                entered_by = $8, entered_as = $9, evidence = $10
          WHERE sign_off_id = $1 AND state IN ('waiting', 'later')",
        sign_off.0,
        decision.state,
        decision.at,
        decision.person_id.0,
        decision.role,
        decision.words,
        decision.is_standing_in,
        decision.entered.map(|(person, _)| person.0),
        decision.entered.map_or("", |(_, role)| role),
        decision.evidence
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Moves between states that are not public; what waited is void. A hold goes on: only its release ends it (domain.md 2).
///
/// # Errors
/// The database's.
pub async fn move_to(connection: &mut PgConnection, held: &Locked, state: State, at: DateTime<Utc>) -> sqlx::Result<()> {
    let done = sqlx::query!(
        "UPDATE statements
            SET state = $2, changed_at = $3, waits_since = NULL, waits_for = '', without_approval = false
          WHERE statement_id = $1 AND state = $4",
        held.statement_id.0,
        state.as_str(),
        at,
        held.case.state.as_str()
    )
    .execute(&mut *connection)
    .await?;
    expect_one(done.rows_affected(), "statements", held.statement_id)?;
    sqlx::query!("UPDATE sign_offs SET state = 'void' WHERE statement_id = $1 AND state IN ('later', 'waiting', 'given')", held.statement_id.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Asks rows whose turn has come, in a sequence.
///
/// # Errors
/// The database's.
pub async fn ask_now(connection: &mut PgConnection, _held: &Locked, rows: &[SignOffId], at: DateTime<Utc>) -> sqlx::Result<()> {
    let ids: Vec<i64> = rows.iter().map(|id| id.0).collect();
    sqlx::query!("UPDATE sign_offs SET state = 'waiting', asked_at = $2 WHERE sign_off_id = ANY($1) AND state = 'later'", &ids, at)
        .execute(connection)
        .await?;
    Ok(())
}

/// What one addressee has to do, from posting on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAction {
    /// The addressed group.
    pub group_id: GroupId,
    /// For action or for information.
    pub purpose: Purpose,
    /// Who sees to it; none: the chairs jointly.
    pub assignee: Option<(PersonId, String)>,
    /// Day, the letter's words, and whose day it is: `as-written` or `ours`.
    pub deadline: Option<(NaiveDate, String, &'static str)>,
    /// Asked of a peer: it is awaited.
    pub is_awaited: bool,
}

/// Makes the actions of a statement that is being posted.
///
/// # Errors
/// The database's.
pub async fn make_actions(connection: &mut PgConnection, held: &Locked, at: DateTime<Utc>, actions: &[NewAction]) -> sqlx::Result<()> {
    for action in actions {
        let action_id = sqlx::query_scalar!(
            r#"
            INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, assignee_id, assignee_name, made_at)
            SELECT statement_id, statement_group_id, group_id, $3, CASE WHEN $7 THEN 'awaited' ELSE 'open' END, $4, $5, $6
              FROM statement_groups
             WHERE statement_id = $1 AND side = 'to' AND group_id = $2
            RETURNING action_id
            "#,
            held.statement_id.0,
            action.group_id.0,
            action.purpose.as_str(),
            action.assignee.as_ref().map(|(id, _)| id.0),
            action.assignee.as_ref().map_or("", |(_, name)| name.as_str()),
            at,
            action.is_awaited
        )
        .fetch_one(&mut *connection)
        .await?;
        if let Some((due_on, words, kind)) = &action.deadline {
            sqlx::query!(
                "INSERT INTO deadlines (action_id, due_on, words, kind, made_at) VALUES ($1, $2, $3, $4, $5)",
                action_id,
                due_on,
                words,
                kind,
                at
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

/// The number the next posting gets, if nothing else is posted before.
///
/// # Errors
/// The database's.
pub async fn expected_number(connection: &mut PgConnection) -> sqlx::Result<i32> {
    sqlx::query_scalar!(r#"SELECT last_number + 1 AS "number!" FROM number_counter"#).fetch_one(connection).await
}

/// Makes ready for [`post`], so that nobody who posts meanwhile waits for it: lets the database plan what it writes of lists and
/// search, and waits for whoever still refers to the statement's row, whose key gets a number.
///
/// # Errors
/// The database's; another transaction holds it for longer than the lock time-out.
pub async fn make_ready(connection: &mut PgConnection, held: &Locked) -> sqlx::Result<()> {
    sqlx::query!(
        r#"SELECT place_statement(statement_id)::text AS placed, index_statement(statement_id)::text AS indexed FROM statements WHERE statement_id = $1 FOR UPDATE"#,
        held.statement_id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Makes a statement public, for ever, with the next number, and keeps what it cites. Whoever posts from here on waits for the end
/// of the transaction.
///
/// # Errors
/// The database's; it is not in review.
pub async fn post(connection: &mut PgConnection, held: &Locked, at: DateTime<Utc>, manager_text: &str, cited: &[String]) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"
        WITH next AS (UPDATE number_counter SET last_number = last_number + 1 RETURNING last_number),
             posted AS (
                 UPDATE statements SET state = 'posted', number = next.last_number, posted_at = $2, changed_at = $2, manager_text = $3
                   FROM next
                  WHERE statement_id = $1 AND state = 'in-review'
                 RETURNING statement_id, sort_date, number),
             cited AS (
                 INSERT INTO statement_documents (statement_id, document, sort_date, number)
                 SELECT statement_id, document, sort_date, number FROM posted, unnest($4::text[]) AS named (document)
                 ON CONFLICT DO NOTHING)
        SELECT number AS "number!" FROM posted
        "#,
        held.statement_id.0,
        at,
        manager_text,
        cited
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| {
        sqlx::Error::Protocol(format!("statement {} is not in review, or there is no number counter: it is not posted", held.statement_id))
    })
}

/// Who gave a sign-off of the current round, with their address.
///
/// # Errors
/// The database's.
pub async fn signers(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<(PersonId, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT decided_by AS "person_id!", addresses.address
          FROM sign_offs
          JOIN statements USING (statement_id)
          JOIN addresses ON addresses.person_id = decided_by AND addresses.is_primary
         WHERE sign_offs.statement_id = $1
           AND sign_offs.round = statements.round
           AND sign_offs.state = 'given'
        "#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person_id), row.address)).collect())
}

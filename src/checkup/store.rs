//! SQL of what must hold: one query a rule, each row what breaks it. It looks across all features and writes nothing.

use sqlx::{Connection, PgConnection, PgPool};

use super::Broken;

/// Everything that does not hold, at one moment: what is being written meanwhile is seen whole or not at all.
///
/// # Errors
/// The database's.
pub async fn broken(pool: &PgPool) -> sqlx::Result<Vec<Broken>> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *transaction).await?;
    // a large archive may take its time; nobody waits for it
    sqlx::query!("SET LOCAL statement_timeout = '10min'").execute(&mut *transaction).await?;
    let found = broken_in(&mut transaction).await?;
    transaction.rollback().await?;
    Ok(found)
}

macro_rules! rules {
    ($($rule:literal => $sql:literal,)*) => {
        /// The same, as this connection sees it.
        ///
        /// # Errors
        /// The database's.
        pub async fn broken_in(connection: &mut PgConnection) -> sqlx::Result<Vec<Broken>> {
            let mut broken = Vec::new();
            $(
                let found: Vec<String> = sqlx::query_scalar!($sql).fetch_all(&mut *connection).await?;
                broken.extend(found.into_iter().map(|what| Broken { rule: $rule, what }));
            )*
            Ok(broken)
        }

        /// Every rule, in words.
        pub const RULES: &[&str] = &[$($rule,)*];
    };
}

rules! {
    "posted without a number" => r#"
        SELECT 'draft ' || draft_id AS "what!"
          FROM statements
         WHERE state IN ('posted', 'removed') AND number IS NULL
         ORDER BY statement_id"#,

    "number without being posted" => r#"
        SELECT 'number ' || number AS "what!"
          FROM statements
         WHERE state NOT IN ('posted', 'removed') AND number IS NOT NULL
         ORDER BY number"#,

    "the counter of numbers is behind" => r#"
        SELECT 'last ' || coalesce(max(last_number), 0) || ', highest ' || max(number) AS "what!"
          FROM statements
          LEFT JOIN number_counter ON true
        HAVING max(number) > coalesce(max(last_number), 0)"#,

    // numbers of an import have gaps of their own; after the highest of them there is none
    "a number was left out" => r#"
        SELECT 'number ' || missing AS "what!"
          FROM (SELECT coalesce(max(number) FILTER (WHERE origin = 'imported'), 0) AS imported, max(number) AS highest FROM statements) AS numbers,
               generate_series(imported + 1, highest) AS missing
         WHERE NOT EXISTS (SELECT 1 FROM statements WHERE number = missing)
         ORDER BY missing"#,

    "numbers do not rise with the time of posting" => r#"
        SELECT 'number ' || number AS "what!"
          FROM (SELECT number, posted_at, lag(posted_at) OVER (ORDER BY number) AS before
                  FROM statements
                 WHERE origin = 'native' AND number IS NOT NULL) AS posted
         WHERE posted_at < before - INTERVAL '1 minute'
         ORDER BY number"#,

    "posted without a line of history" => r#"
        SELECT 'number ' || coalesce(number, 0) AS "what!"
          FROM statements
         WHERE origin = 'native'
           AND state IN ('posted', 'removed')
           AND NOT EXISTS (SELECT 1 FROM history WHERE history.statement_id = statements.statement_id AND event = 'posted')
         ORDER BY number"#,

    "posted twice by its history" => r#"
        SELECT 'number ' || coalesce(number, 0) AS "what!"
          FROM history
          JOIN statements USING (statement_id)
         WHERE event = 'posted'
         GROUP BY statement_id, number
        HAVING count(*) > 1
         ORDER BY number"#,

    "in review without a sign-off that waits" => r#"
        SELECT 'draft ' || draft_id AS "what!"
          FROM statements
         WHERE state = 'in-review'
           AND held_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM sign_offs
                            WHERE sign_offs.statement_id = statements.statement_id
                              AND sign_offs.round = statements.round
                              AND sign_offs.state = 'waiting')
         ORDER BY statement_id"#,

    "a sign-off waits for what is not in review" => r#"
        SELECT 'draft ' || draft_id AS "what!"
          FROM sign_offs
          JOIN statements USING (statement_id)
         WHERE sign_offs.state IN ('waiting', 'later')
           AND (statements.state <> 'in-review' OR sign_offs.round <> statements.round)
           AND NOT (without_approval AND sign_offs.kind = 'approval' AND statements.state IN ('posted', 'removed'))
         ORDER BY sign_off_id"#,

    "posted without all its sign-offs" => r#"
        SELECT DISTINCT 'number ' || coalesce(number, 0) AS "what!"
          FROM sign_offs
          JOIN statements USING (statement_id)
         WHERE origin = 'native'
           AND statements.state IN ('posted', 'removed')
           AND sign_offs.round = statements.round
           AND sign_offs.state <> 'given'
           AND NOT (without_approval AND sign_offs.kind = 'approval')"#,

    "posted without a mail" => r#"
        SELECT 'number ' || coalesce(number, 0) AS "what!"
          FROM statements
         WHERE origin = 'native'
           AND state IN ('posted', 'removed')
           AND NOT EXISTS (SELECT 1 FROM mails WHERE mails.statement_id = statements.statement_id AND event LIKE '%-posted')
         ORDER BY number"#,

    "a mail to nobody" => r#"
        SELECT 'mail ' || mail_id AS "what!"
          FROM mails
         WHERE NOT EXISTS (SELECT 1 FROM mail_deliveries WHERE mail_deliveries.mail_id = mails.mail_id)
         ORDER BY mail_id"#,

    "a mail has ended without its time, or has a time without having ended" => r#"
        SELECT 'delivery ' || mail_delivery_id AS "what!"
          FROM mail_deliveries
         WHERE (state IN ('accepted', 'failed', 'cancelled')) <> (ended_at IS NOT NULL)
           AND state <> 'recorded'
         ORDER BY mail_delivery_id"#,

    "an action of a group that is not addressed" => r#"
        SELECT 'action ' || action_id AS "what!"
          FROM actions
          LEFT JOIN statement_groups USING (statement_group_id)
         WHERE statement_groups.side IS DISTINCT FROM 'to'
            OR statement_groups.group_id IS DISTINCT FROM actions.group_id
            OR statement_groups.statement_id IS DISTINCT FROM actions.statement_id
         ORDER BY action_id"#,

    "an addressee without an action" => r#"
        SELECT 'number ' || coalesce(number, 0) || ', ' || label AS "what!"
          FROM statements
          JOIN statement_groups USING (statement_id)
         WHERE origin = 'native'
           AND direction = 'incoming'
           AND state = 'posted'
           AND side = 'to'
           AND coalesce(statement_groups.purpose, statements.purpose) = 'for-action'
           AND NOT EXISTS (SELECT 1 FROM actions WHERE actions.statement_group_id = statement_groups.statement_group_id)
         ORDER BY number, position"#,

    "for action without a deadline" => r#"
        SELECT 'action ' || action_id AS "what!"
          FROM actions
          JOIN statements USING (statement_id)
         WHERE origin = 'native'
           AND direction = 'incoming'
           AND actions.purpose = 'for-action'
           AND NOT EXISTS (SELECT 1 FROM deadlines WHERE deadlines.action_id = actions.action_id AND superseded_at IS NULL)
         ORDER BY action_id"#,

    "two deadlines at once" => r#"
        SELECT 'action ' || action_id AS "what!"
          FROM deadlines
         WHERE superseded_at IS NULL
         GROUP BY action_id
        HAVING count(*) > 1
         ORDER BY action_id"#,

    "an attachment without its whole file" => r#"
        SELECT 'attachment ' || attachment_id AS "what!"
          FROM attachments
          LEFT JOIN files USING (file_id)
         WHERE attachments.file_id IS NOT NULL
           AND files.is_whole IS NOT TRUE
         ORDER BY attachment_id"#,

    "a mail that goes with a file that is not whole" => r#"
        SELECT DISTINCT 'mail ' || mail_id AS "what!"
          FROM mail_attachments
          JOIN files USING (file_id)
         WHERE NOT is_whole"#,
    "a report's file without its whole file" => r#"
        SELECT 'report ' || coalesce(report.report_id, 'of a form') || ', file ' || n AS "what!"
          FROM unrecorded_files
          LEFT JOIN files USING (file_id)
          LEFT JOIN unrecorded_statements AS report
                 ON report.reported_by = unrecorded_files.person_id AND report.creation_key = unrecorded_files.creation_key
         WHERE unrecorded_files.file_id IS NOT NULL
           AND files.is_whole IS NOT TRUE
         ORDER BY 1"#,

    "a report is recorded without its statement, or its statement is posted without it" => r#"
        SELECT 'report ' || report_id AS "what!"
          FROM unrecorded_statements AS report
          LEFT JOIN statements USING (statement_id)
         WHERE (report.state = 'recorded') <> (statements.number IS NOT NULL)
         ORDER BY unrecorded_id"#,

    "a file whose pieces are not what was stored" => r#"
        SELECT 'file ' || file_id AS "what!"
          FROM files
          LEFT JOIN file_chunks USING (file_id)
         WHERE is_whole
           AND NOT EXISTS (SELECT 1 FROM attachments JOIN erasures USING (statement_id, n) WHERE attachments.file_id = files.file_id)
         GROUP BY file_id, size
        HAVING coalesce(sum(length(bytes)), 0) <> size
            OR count(n) <> coalesce(max(n) + 1, 0)
         ORDER BY file_id"#,

    // another attachment may hold the same file, and keep it
    "what was taken away is still there" => r#"
        SELECT DISTINCT 'file ' || file_id AS "what!"
          FROM attachments
          JOIN erasures USING (statement_id, n)
         WHERE EXISTS (SELECT 1 FROM file_chunks WHERE file_chunks.file_id = attachments.file_id)
           AND NOT EXISTS (SELECT 1
                             FROM attachments AS others
                            WHERE others.file_id = attachments.file_id
                              AND NOT EXISTS (SELECT 1 FROM erasures
                                               WHERE erasures.statement_id = others.statement_id AND erasures.n = others.n))"#,

    "taken away without a line of history" => r#"
        SELECT 'erasure ' || erasure_id AS "what!"
          FROM erasures
         WHERE NOT EXISTS (SELECT 1 FROM history
                            WHERE history.statement_id = erasures.statement_id AND event = 'taken-away' AND history.at = erasures.at)
         ORDER BY erasure_id"#,

    "pieces of no file" => r#"
        SELECT 'file ' || file_id AS "what!"
          FROM file_chunks
         WHERE NOT EXISTS (SELECT 1 FROM files WHERE files.file_id = file_chunks.file_id)
         GROUP BY file_id
         ORDER BY file_id"#,

    "a session of a disabled account" => r#"
        SELECT 'session ' || session_id AS "what!"
          FROM sessions
          LEFT JOIN accounts USING (person_id)
         WHERE is_disabled IS NOT FALSE
         ORDER BY session_id"#,

    "a group whose line upward is wrong" => r#"
        WITH RECURSIVE line (group_id, ancestor_id, distance) AS (
            SELECT group_id, group_id, 0 FROM groups
             UNION
            SELECT line.group_id, groups.parent_id, line.distance + 1
              FROM line
              JOIN groups ON groups.group_id = line.ancestor_id
             WHERE groups.parent_id IS NOT NULL AND line.distance < 100
        )
        SELECT DISTINCT 'group ' || group_id AS "what!"
          FROM ((SELECT * FROM line EXCEPT SELECT group_id, ancestor_id, distance FROM group_ancestors)
                UNION ALL
                (SELECT group_id, ancestor_id, distance FROM group_ancestors EXCEPT SELECT * FROM line)) AS differing"#,

    "a group whose tree is wrong" => r#"
        SELECT 'group ' || groups.group_id AS "what!"
          FROM groups
          LEFT JOIN groups AS parent ON parent.group_id = groups.parent_id
         WHERE groups.root_id <> coalesce(parent.root_id, groups.group_id)
            OR groups.is_home <> coalesce(parent.is_home, groups.is_home)
         ORDER BY groups.group_id"#,

    "posted and not found by search" => r#"
        SELECT 'number ' || coalesce(number, 0) AS "what!"
          FROM statements
         WHERE state = 'posted'
           AND NOT EXISTS (SELECT 1 FROM statement_search WHERE statement_search.statement_id = statements.statement_id)
         ORDER BY number"#,

    "found by search without being posted" => r#"
        SELECT 'draft ' || draft_id AS "what!"
          FROM statements
          JOIN statement_search USING (statement_id)
         WHERE state <> 'posted'
         ORDER BY statement_id"#,

    "posted and listed elsewhere than under its groups" => r#"
        SELECT DISTINCT 'statement ' || statement_id AS "what!"
          FROM ((SELECT * FROM statement_places_meant
                 EXCEPT SELECT statement_id, group_id, direction, sort_date, number, is_from, is_to, is_copy, purpose FROM statement_places)
                UNION ALL
                (SELECT statement_id, group_id, direction, sort_date, number, is_from, is_to, is_copy, purpose FROM statement_places
                 EXCEPT SELECT * FROM statement_places_meant)) AS differing"#,

    "listed otherwise than it stands" => r#"
        WITH listing AS (
            SELECT statement_id, number, direction, purpose, sort_date, deadline, title_key, from_key, to_key FROM statement_listing
        ), addressees AS (
            SELECT statement_id, statement_group_id, group_id, direction, sort_date, number, purpose, handling, is_open, due_on, assignee
              FROM statement_addressees
        )
        SELECT DISTINCT 'statement ' || statement_id AS "what!"
          FROM (SELECT statement_id FROM (SELECT * FROM statement_listing_meant EXCEPT SELECT * FROM listing) AS lacking
                UNION ALL
                SELECT statement_id FROM (SELECT * FROM listing EXCEPT SELECT * FROM statement_listing_meant) AS wrong
                UNION ALL
                SELECT statement_id FROM (SELECT * FROM statement_addressees_meant EXCEPT SELECT * FROM addressees) AS lacking
                UNION ALL
                SELECT statement_id FROM (SELECT * FROM addressees EXCEPT SELECT * FROM statement_addressees_meant) AS wrong
                UNION ALL
                SELECT statement_id FROM statement_listing WHERE is_stale
                UNION ALL
                SELECT statement_id FROM statement_search WHERE is_stale) AS differing"#,

    "cited documents are counted wrongly" => r#"
        SELECT coalesce(documents.document, cited.document) || ': ' || coalesce(documents.statements, 0) || ', cited by ' || coalesce(cited.statements, 0) AS "what!"
          FROM documents
          FULL JOIN (SELECT document, count(*) AS statements FROM statement_documents GROUP BY document) AS cited USING (document)
         WHERE documents.statements IS DISTINCT FROM cited.statements
         ORDER BY 1"#,

    "cited by what is not posted, or out of order" => r#"
        SELECT statement_documents.document || ' by number ' || statement_documents.number AS "what!"
          FROM statement_documents
          JOIN statements USING (statement_id)
         WHERE state <> 'posted' OR (statements.sort_date, statements.number) IS DISTINCT FROM (statement_documents.sort_date, statement_documents.number)
         ORDER BY statement_documents.document, statement_documents.number"#,
}

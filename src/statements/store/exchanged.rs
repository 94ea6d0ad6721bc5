//! SQL of what was last exchanged with a peer.

use sqlx::PgConnection;

use crate::ids::GroupId;

/// The peer's contacts in the last statement exchanged with it. Persons are among them: for role-holders only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastExchanged {
    /// The statement.
    pub number: i32,
    /// Name and address of each, *received from* or *send to* first.
    pub contacts: Vec<(String, String)>,
    /// How many of them are *received from* or *send to*: where they take mail.
    pub distributing: usize,
    /// Whether it names the group itself, not one below it.
    pub is_its_own: bool,
}

/// The contacts on the side of a peer's group, or of what is below it, in the newest posted statement from or to it that
/// names any.
///
/// # Errors
/// The database's.
pub async fn last_contacts(connection: &mut PgConnection, group: GroupId) -> sqlx::Result<Option<LastExchanged>> {
    let rows = sqlx::query!(
        r#"
        WITH newest AS (
            SELECT statement_places.statement_id, statement_places.number, statement_places.direction
              FROM statement_places
             WHERE statement_places.group_id = $1
               AND (is_from OR is_to)
               AND EXISTS (SELECT 1 FROM contacts
                            WHERE contacts.statement_id = statement_places.statement_id
                              AND use = ANY (CASE statement_places.direction WHEN 'incoming' THEN ARRAY['received-from', 'from']
                                                                             WHEN 'outgoing' THEN ARRAY['send-to', 'to'] END))
             ORDER BY statement_places.sort_date DESC, statement_places.number DESC
             LIMIT 1)
        SELECT newest.number, contacts.name, contacts.address, use IN ('received-from', 'send-to') AS "distributes!",
               EXISTS (SELECT 1 FROM statement_groups
                        WHERE statement_groups.statement_id = newest.statement_id AND statement_groups.group_id = $1) AS "is_its_own!"
          FROM newest
          JOIN contacts USING (statement_id)
         WHERE use = ANY (CASE newest.direction WHEN 'incoming' THEN ARRAY['received-from', 'from'] WHEN 'outgoing' THEN ARRAY['send-to', 'to'] END)
         ORDER BY use IN ('received-from', 'send-to') DESC, position, contact_id
        "#,
        group.0
    )
    .fetch_all(connection)
    .await?;
    let newest = rows.first().map(|row| (row.number, row.is_its_own));
    let distributing = rows.iter().filter(|row| row.distributes).count();
    let contacts = rows.into_iter().map(|row| (row.name, row.address)).collect();
    Ok(newest.map(|(number, is_its_own)| LastExchanged { number, contacts, distributing, is_its_own }))
}

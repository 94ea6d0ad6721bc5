//! SQL of what waits on the desk of outgoing statements: sign-offs, what is held, drafts for a peer, what peers owe us.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;

use super::Reach;
use crate::people::Viewer;

/// A sign-off that waits for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOffRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its number; none: it is in review.
    pub number: Option<i32>,
    /// Its title.
    pub title: String,
    /// To whom.
    pub to_text: String,
    /// `agreement`, `approval`, `manager` or `coordinator`.
    pub kind: String,
    /// For which group: the row's own, or all it is from.
    pub for_label: String,
    /// Since when it waits.
    pub asked_at: DateTime<Utc>,
    /// For whoever holds the row's role.
    pub is_standing_in: bool,
    /// Who else holds a role in which it may be given.
    pub others: String,
    /// The day by which the reply is asked for.
    pub due_on: Option<NaiveDate>,
    /// Of what was sent without approval: it is to be confirmed, or objected to.
    pub is_sent: bool,
}

/// Sign-offs that wait for the person, those of replies with the nearest day first, then the longest waiting.
///
/// # Errors
/// The database's.
pub async fn sign_offs(pool: &PgPool, viewer: &Viewer, today: NaiveDate, waited: DateTime<Utc>) -> sqlx::Result<Vec<SignOffRow>> {
    let reach = Reach::of(viewer);
    sqlx::query_as!(
        SignOffRow,
        r#"
        SELECT draft_id AS "draft_id!", number, title AS "title!", to_text AS "to_text!", sign_offs.kind AS "kind!",
               coalesce(groups.label, from_text) AS "for_label!", asked_at AS "asked_at!", mine.is_standing_in AS "is_standing_in!",
               (SELECT coalesce(string_agg(name, ' or ' ORDER BY name), '')
                  FROM (SELECT DISTINCT people.name
                          FROM sign_off_places AS places
                          JOIN roles ON roles.kind = places.role AND coalesce(roles.group_id, 0) = places.group_id
                          JOIN people USING (person_id)
                         WHERE places.sign_off_id = sign_offs.sign_off_id
                           AND roles.person_id <> $1
                           AND roles.starts_on <= $4
                           AND (roles.ends_on IS NULL OR roles.ends_on > $4)) AS holders) AS "others!",
               reply_due_on(sign_offs.statement_id) AS due_on,
               statements.state = 'posted' AS "is_sent!"
          FROM sign_offs_asked($1, $2, $3, $4, $5) AS mine
          JOIN sign_offs USING (sign_off_id)
          JOIN statements USING (statement_id)
          LEFT JOIN groups ON groups.group_id = sign_offs.group_id
         ORDER BY due_on NULLS LAST, asked_at, sign_offs.sign_off_id
         LIMIT 100
        "#,
        viewer.person_id.0,
        reach.is_coordinator,
        reach.leads_home,
        today,
        waited
    )
    .fetch_all(pool)
    .await
}

/// What the person holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its title.
    pub title: String,
    /// To whom.
    pub to_text: String,
    /// Since when.
    pub held_at: DateTime<Utc>,
    /// Why.
    pub why: String,
    /// Whether the person does; else who did holds no role any more.
    pub is_mine: bool,
}

/// What the person holds, the longest first.
///
/// # Errors
/// The database's.
pub async fn held(pool: &PgPool, viewer: &Viewer, today: NaiveDate) -> sqlx::Result<Vec<HeldRow>> {
    let reach = Reach::of(viewer);
    if !reach.is_coordinator {
        return Ok(Vec::new());
    }
    sqlx::query_as!(
        HeldRow,
        r#"
        SELECT draft_id AS "draft_id!", title AS "title!", to_text AS "to_text!", held_at AS "held_at!", held_why AS "why!",
               coalesce(held_by = $1, false) AS "is_mine!"
          FROM held_by_person($1, $2, $3)
         ORDER BY held_at
         LIMIT 50
        "#,
        viewer.person_id.0,
        reach.is_coordinator,
        today
    )
    .fetch_all(pool)
    .await
}

/// A draft to a peer that the person manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerDraftRow {
    /// Its draft id.
    pub draft_id: String,
    /// Its title, perhaps empty.
    pub title: String,
    /// Who drafts it.
    pub author: String,
    /// For which groups.
    pub from_text: String,
    /// When it was last saved.
    pub changed_at: DateTime<Utc>,
    /// The day by which an answer is asked for.
    pub due_on: Option<NaiveDate>,
}

/// Drafts by others to peers that the person manages, the newest first.
///
/// # Errors
/// The database's.
pub async fn peer_drafts(pool: &PgPool, viewer: &Viewer) -> sqlx::Result<Vec<PeerDraftRow>> {
    let reach = Reach::of(viewer);
    if reach.managed.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as!(
        PeerDraftRow,
        r#"
        SELECT draft_id, title, coalesce(people.name, '') AS "author!", changed_at, reply_due_on(statement_id) AS due_on,
               (SELECT coalesce(string_agg(groups.label, ', ' ORDER BY position), '')
                  FROM statement_groups
                  JOIN groups USING (group_id)
                 WHERE statement_groups.statement_id = statements.statement_id AND side = 'from') AS "from_text!"
          FROM statements
          LEFT JOIN people ON people.person_id = author_id
         WHERE statements.state = 'draft'
           AND direction = 'outgoing'
           AND author_id IS DISTINCT FROM $2
           AND EXISTS (SELECT 1
                         FROM statement_groups
                         JOIN group_ancestors USING (group_id)
                        WHERE statement_groups.statement_id = statements.statement_id AND side = 'to' AND ancestor_id = ANY ($1))
         ORDER BY changed_at DESC
         LIMIT 50
        "#,
        &reach.managed,
        viewer.person_id.0
    )
    .fetch_all(pool)
    .await
}

/// What a peer was asked, and has not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedRow {
    /// Number of the statement.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// Who was asked.
    pub group_label: String,
    /// By when.
    pub due_on: Option<NaiveDate>,
}

/// What peers owe the person: what they wrote, what their groups sent, what went to peers they manage; the soonest first.
///
/// # Errors
/// The database's.
pub async fn awaited(pool: &PgPool, viewer: &Viewer) -> sqlx::Result<Vec<AwaitedRow>> {
    let reach = Reach::of(viewer);
    sqlx::query_as!(
        AwaitedRow,
        r#"
        SELECT statements.number AS "number!", statements.title, groups.label AS "group_label!", deadlines.due_on AS "due_on?"
          FROM (SELECT action_id FROM awaited_places WHERE person_id = $1
                UNION
                SELECT action_id FROM awaited_places WHERE group_id = ANY ($3)
                UNION
                SELECT action_id
                  FROM awaited_places
                  JOIN groups USING (group_id)
                 WHERE is_home AND ($4 AND kind IN ('organization', 'iesg') OR $5 AND kind = 'iab')
                UNION
                SELECT action_id
                  FROM group_ancestors
                  JOIN actions USING (group_id)
                 WHERE ancestor_id = ANY ($2) AND actions.state = 'awaited') AS mine
          JOIN actions USING (action_id)
          JOIN statements USING (statement_id)
          JOIN groups ON groups.group_id = actions.group_id
          LEFT JOIN deadlines ON deadlines.action_id = actions.action_id AND deadlines.superseded_at IS NULL
         WHERE statements.state = 'posted'
         ORDER BY deadlines.due_on NULLS LAST, statements.number
         LIMIT 50
        "#,
        viewer.person_id.0,
        &reach.managed,
        &reach.groups,
        reach.leads_home,
        reach.leads_iab
    )
    .fetch_all(pool)
    .await
}

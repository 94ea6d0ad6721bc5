//! SQL of a posted statement's page: four queries, however many rows.

mod thread;

pub use thread::{Threaded, Tie, thread};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::known;
use super::signing::Signed;
use crate::ids::{ActionId, GroupId, PersonId, StatementId};
use crate::mail::hidden::public_words;
use crate::statements::{Consensus, Delivery, Direction, Handling, Purpose, Side, State};

/// A statement, as its page needs it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its key.
    pub statement_id: StatementId,
    /// Its number.
    pub number: i32,
    /// Whether it came from another tracker.
    pub is_imported: bool,
    /// Incoming, outgoing or between others.
    pub direction: Direction,
    /// Posted or removed.
    pub state: State,
    /// One line.
    pub title: String,
    /// As stored.
    pub body: String,
    /// None: not recorded.
    pub purpose: Option<Purpose>,
    /// The last day it may mean.
    pub letter_date: Option<NaiveDate>,
    /// `day`, `month` or `year`.
    pub letter_date_precision: Option<String>,
    /// When it arrived.
    pub received_on: Option<NaiveDate>,
    /// The liaison manager of that day.
    pub manager: String,
    /// When its record was begun.
    pub made_at: DateTime<Utc>,
    /// Who began it.
    pub author_id: Option<PersonId>,
    /// Their name.
    pub author: String,
    /// As what.
    pub author_role: String,
    /// When it was last submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was posted; imported ones may lack it.
    pub posted_at: Option<DateTime<Utc>>,
    /// Where it was imported from.
    pub source_url: Option<String>,
    /// What the import has to say.
    pub source_note: String,
    /// Numbers others gave it.
    pub references: Vec<Reference>,
    /// Addresses on either side.
    pub contacts: Vec<Contact>,
    /// What was signed in the last round.
    pub sign_offs: Vec<Signed>,
    /// It had left before its authority approved.
    pub is_without_approval: bool,
    /// What it refers to and no thread shows: in words, or merely related.
    pub links: Vec<Link>,
    /// Words that were taken out of its text.
    pub erasures: Vec<Erasure>,
    /// Keys of the documents it cites.
    pub documents: Vec<String>,
    /// Draft ids of replies that are being written; not for everybody.
    pub drafts: Vec<String>,
    /// Of an outgoing one made here.
    pub sent: Option<Sent>,
}

/// Whose position an outgoing statement is, and how it reached the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// From whom, in words.
    pub from_text: String,
    /// None: not said.
    pub consensus: Option<Consensus>,
    /// Link to the call, or the documents that hold it.
    pub consensus_link: String,
    /// When its group was told of it.
    pub informed_on: Option<NaiveDate>,
    /// Mailed, or delivered otherwise.
    pub delivery: Delivery,
    /// The channel, where it was not mailed.
    pub how: String,
    /// When, where it was not mailed.
    pub on: Option<NaiveDate>,
    /// A receipt's number, a link.
    pub evidence: String,
}

/// Words that were not ours to publish.
#[derive(Debug, Clone, Deserialize)]
pub struct Erasure {
    /// When they were taken away.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// A number somebody gave the statement.
#[derive(Debug, Clone, Deserialize)]
pub struct Reference {
    /// As written.
    pub as_written: String,
    /// Who gave it; may be empty.
    pub given_by: String,
}

/// An address on one side of the statement.
#[derive(Debug, Clone, Deserialize)]
pub struct Contact {
    /// `from`, `to`, `cc`, `received-from`, `received-at`, `send-to`, `send-reply-to`.
    #[serde(rename = "use")]
    pub usage: String,
    /// May be empty.
    pub name: String,
    /// The address alone.
    pub address: String,
    /// `role`, `list` or `person`.
    pub sort: String,
}

/// A relation that stands outside the thread.
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    /// As in the database.
    pub kind: String,
    /// The posted statement at the other end.
    pub number: Option<i32>,
    /// Where it is known in words only.
    pub words: String,
}

/// A statement by its number; others than posted and removed ones are not found.
///
/// # Errors
/// The database's.
pub async fn statement(connection: &mut PgConnection, number: i32) -> sqlx::Result<Option<Shown>> {
    let row = sqlx::query!(
        r#"
        SELECT statement_id, number AS "number!", origin, direction, state, title, body, purpose,
               letter_date, letter_date_precision, received_on, manager_text, statements.made_at,
               author_id, people.name AS "author?", author_role, submitted_at, posted_at, source_url, source_note, without_approval,
               from_text, consensus, consensus_link, informed_on, delivery, delivered_how, delivered_on, delivery_evidence,
               (SELECT coalesce(json_agg(json_build_object('as_written', as_written, 'given_by', given_by) ORDER BY position), '[]')
                  FROM statement_references
                 WHERE statement_references.statement_id = statements.statement_id) AS "references!: Json<Vec<Reference>>",
               (SELECT coalesce(json_agg(json_build_object('use', use, 'name', contacts.name, 'address', address, 'sort', sort)
                                         ORDER BY use, position, contact_id), '[]')
                  FROM contacts
                 WHERE contacts.statement_id = statements.statement_id) AS "contacts!: Json<Vec<Contact>>",
               (SELECT coalesce(json_agg(json_build_object('kind', kind, 'by', signers.name, 'as', decided_as, 'at', decided_at,
                                         'state', sign_offs.state, 'words', words, 'is_standing_in', is_standing_in, 'group_id', group_id,
                                         'entered_by', enterers.name, 'entered_as', entered_as, 'evidence', evidence)
                                         ORDER BY decided_at, sign_off_id), '[]')
                  FROM sign_offs
                  LEFT JOIN people AS signers ON signers.person_id = decided_by
                  LEFT JOIN people AS enterers ON enterers.person_id = entered_by
                 WHERE sign_offs.statement_id = statements.statement_id
                   AND sign_offs.round = statements.round
                   AND (sign_offs.state IN ('given', 'objected') OR (without_approval AND kind = 'approval'))) AS "sign_offs!: Json<Vec<Signed>>",
               (SELECT coalesce(json_agg(json_build_object('kind', kind, 'number', other.number, 'words', words) ORDER BY relation_id), '[]')
                  FROM relations
                  LEFT JOIN statements AS other
                    ON other.statement_id = CASE WHEN earlier_id = statements.statement_id THEN relations.statement_id ELSE earlier_id END
                   AND other.state = 'posted'
                 WHERE (relations.statement_id = statements.statement_id AND (earlier_id IS NULL OR kind = 'related'))
                    OR (earlier_id = statements.statement_id AND kind = 'related' AND other.number IS NOT NULL)) AS "links!: Json<Vec<Link>>",
               (SELECT coalesce(json_agg(json_build_object('at', at, 'reason', reason) ORDER BY erasure_id), '[]')
                  FROM erasures
                 WHERE erasures.statement_id = statements.statement_id AND n IS NULL) AS "erasures!: Json<Vec<Erasure>>",
               ARRAY(SELECT document FROM statement_documents
                      WHERE statement_documents.statement_id = statements.statement_id
                      ORDER BY document) AS "documents!",
               ARRAY(SELECT drafts.draft_id
                       FROM drafted_answers
                       JOIN statements AS drafts USING (statement_id)
                      WHERE drafted_answers.earlier_id = statements.statement_id
                        AND drafts.state IN ('draft', 'in-review')
                      ORDER BY drafts.statement_id
                      LIMIT 10) AS "drafts!"
          FROM statements
          LEFT JOIN people ON people.person_id = author_id
         WHERE number = $1
           AND state IN ('posted', 'removed')
        "#,
        number
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let direction = known(Direction::parse(&row.direction), "direction", &row.direction)?;
        let is_imported = row.origin == "imported";
        let sent = (direction == Direction::Outgoing && !is_imported).then(|| Sent {
            from_text: row.from_text,
            consensus: row.consensus.as_deref().and_then(Consensus::parse),
            consensus_link: row.consensus_link,
            informed_on: row.informed_on,
            delivery: Delivery::parse(&row.delivery).unwrap_or(Delivery::Mail),
            how: row.delivered_how,
            on: row.delivered_on,
            evidence: row.delivery_evidence,
        });
        Ok(Shown {
            statement_id: StatementId(row.statement_id),
            number: row.number,
            is_imported,
            direction,
            sent,
            state: known(State::parse(&row.state), "state", &row.state)?,
            title: row.title,
            body: row.body,
            purpose: row.purpose.as_deref().and_then(Purpose::parse),
            letter_date: row.letter_date,
            letter_date_precision: row.letter_date_precision,
            received_on: row.received_on,
            manager: row.manager_text,
            made_at: row.made_at,
            author_id: row.author_id.map(PersonId),
            author: row.author.unwrap_or_default(),
            author_role: row.author_role,
            submitted_at: row.submitted_at,
            posted_at: row.posted_at,
            source_url: row.source_url,
            source_note: row.source_note,
            references: row.references.0,
            contacts: row.contacts.0.into_iter().map(|contact| Contact { name: public_words(contact.name), ..contact }).collect(),
            sign_offs: row.sign_offs.0,
            is_without_approval: row.without_approval,
            links: row.links.0,
            erasures: row.erasures.0,
            documents: row.documents,
            drafts: row.drafts,
        })
    })
    .transpose()
}

/// A group's place at a statement, and what it has to do.
#[derive(Debug, Clone)]
pub struct Place {
    /// How it stands to the statement.
    pub side: Side,
    /// The group, where the name is of one we know.
    pub group: Option<Group>,
    /// The name of that day; as written, where it is of no group we know.
    pub label: String,
    /// As the letter has it.
    pub as_written: String,
    /// Its own, where it has one.
    pub purpose: Option<Purpose>,
    /// What is asked of it, in words.
    pub asked: String,
    /// Whether it sees to the answer.
    pub is_lead: bool,
    /// When it was added after posting; none: the letter names it.
    pub added_at: Option<DateTime<Utc>>,
    /// What it has to do.
    pub action: Option<Action>,
}

/// A group of ours.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its key.
    pub group_id: GroupId,
    /// Its acronym of today.
    pub acronym: String,
    /// `wg`, `area`, `organization` …
    pub kind: String,
    /// Whether it is of the home organization.
    pub is_home: bool,
    /// Itself and all above it, nearest first.
    pub line: Vec<GroupId>,
    /// The formal tie of its nearest node that has one.
    pub relationship: Option<Relationship>,
}

/// The formal or informal tie to a peer.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Relationship {
    /// The node's label.
    pub label: String,
    /// The node's acronym.
    pub acronym: String,
    /// Whether the node is the root of its tree.
    pub is_root: bool,
    /// `formal` or `informal`.
    pub kind: String,
    /// `proposed`, `active` or `ended`.
    pub state: String,
}

/// What one addressee has to do.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its key.
    pub action_id: ActionId,
    /// For action or for information.
    pub purpose: Purpose,
    /// What was done.
    pub handling: Handling,
    /// Who has it.
    pub assignee_id: Option<PersonId>,
    /// Their name; empty: nobody yet.
    pub assignee: String,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// Public words of an outcome or a pause.
    pub words: String,
    /// Evidence.
    pub link: String,
    /// Since when it is paused.
    pub paused_on: Option<NaiveDate>,
    /// Until when.
    pub resumes_on: Option<NaiveDate>,
    /// The label of the group to which it was redirected; empty: to none.
    pub redirected_to: String,
    /// Grows with each step.
    pub version: i32,
    /// Deadlines, newest first; at most one is current.
    pub deadlines: Vec<Deadline>,
}

/// A deadline, current or former.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Deadline {
    /// The day.
    pub due_on: NaiveDate,
    /// The letter's words.
    pub words: String,
    /// `as-written`, `ours`, `corrected` or `agreed`.
    pub kind: String,
    /// With whom it was agreed.
    pub agreed_with: String,
    /// Evidence.
    pub link: String,
    /// Whether it counts.
    pub is_current: bool,
}

/// The groups of a statement and what each has to do, in the order from, to, copy, also.
///
/// # Errors
/// The database's.
pub async fn places(connection: &mut PgConnection, statement_id: StatementId) -> sqlx::Result<Vec<Place>> {
    let rows = sqlx::query!(
        r#"
        SELECT statement_groups.side, statement_groups.as_written, statement_groups.label, statement_groups.purpose,
               statement_groups.asked, statement_groups.is_lead, statement_groups.added_at,
               groups.group_id AS "group_id?", groups.acronym AS "acronym?", groups.label AS "group_label?",
               groups.kind AS "group_kind?", groups.is_home AS "is_home?",
               (SELECT coalesce(array_agg(ancestor_id ORDER BY distance), '{}')
                  FROM group_ancestors
                 WHERE group_ancestors.group_id = statement_groups.group_id) AS "line!: Vec<i64>",
               (SELECT json_build_object('label', nodes.label, 'acronym', nodes.acronym, 'is_root', nodes.parent_id IS NULL,
                                         'kind', relationships.kind, 'state', relationships.state)
                  FROM group_ancestors
                  JOIN relationships ON relationships.group_id = ancestor_id
                  JOIN groups AS nodes ON nodes.group_id = ancestor_id
                 WHERE group_ancestors.group_id = statement_groups.group_id
                 ORDER BY distance
                 LIMIT 1) AS "relationship: Json<Relationship>",
               actions.action_id AS "action_id?", actions.purpose AS "action_purpose?", actions.state AS "handling?",
               actions.assignee_id AS "assignee_id?", actions.assignee_name AS "assignee_name?", actions.closed_at AS "closed_at?",
               actions.words AS "words?", actions.link AS "link?", actions.paused_on AS "paused_on?", actions.resumes_on AS "resumes_on?",
               actions.version AS "version?",
               (SELECT others.label FROM groups AS others WHERE others.group_id = actions.redirected_to) AS redirected_to,
               (SELECT coalesce(json_agg(json_build_object(
                           'due_on', due_on, 'words', words, 'kind', deadlines.kind, 'agreed_with', agreed_with, 'link', link,
                           'is_current', superseded_at IS NULL) ORDER BY superseded_at IS NOT NULL, deadline_id DESC), '[]')
                  FROM deadlines
                 WHERE deadlines.action_id = actions.action_id) AS "deadlines!: Json<Vec<Deadline>>"
          FROM statement_groups
          LEFT JOIN groups USING (group_id)
          LEFT JOIN actions USING (statement_group_id)
         WHERE statement_groups.statement_id = $1
         ORDER BY array_position(ARRAY['from', 'to', 'copy', 'also'], statement_groups.side), statement_groups.position
        "#,
        statement_id.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let relationship = row.relationship.map(|json| json.0);
            let group = match (row.group_id, row.acronym, row.group_kind) {
                (Some(group_id), Some(acronym), Some(kind)) => Some(Group {
                    group_id: GroupId(group_id),
                    acronym,
                    kind,
                    is_home: row.is_home.unwrap_or(false),
                    line: row.line.into_iter().map(GroupId).collect(),
                    relationship,
                }),
                _ => None,
            };
            let action = match (row.action_id, row.handling, row.action_purpose) {
                (Some(action_id), Some(handling), Some(purpose)) => Some(Action {
                    action_id: ActionId(action_id),
                    purpose: known(Purpose::parse(&purpose), "purpose", &purpose)?,
                    handling: known(Handling::parse(&handling), "state", &handling)?,
                    assignee_id: row.assignee_id.map(PersonId),
                    assignee: row.assignee_name.unwrap_or_default(),
                    closed_at: row.closed_at,
                    words: row.words.unwrap_or_default(),
                    link: row.link.unwrap_or_default(),
                    paused_on: row.paused_on,
                    resumes_on: row.resumes_on,
                    redirected_to: row.redirected_to.unwrap_or_default(),
                    version: row.version.unwrap_or_default(),
                    deadlines: row.deadlines.0,
                }),
                _ => None,
            };
            let label = [Some(row.label), row.group_label, Some(row.as_written.clone())]
                .into_iter()
                .flatten()
                .find(|label| !label.is_empty())
                .map(public_words);
            Ok(Place {
                side: known(Side::parse(&row.side), "side", &row.side)?,
                group,
                label: label.unwrap_or_default(),
                as_written: row.as_written,
                purpose: row.purpose.as_deref().and_then(Purpose::parse),
                asked: row.asked,
                is_lead: row.is_lead,
                added_at: row.added_at,
                action,
            })
        })
        .collect()
}

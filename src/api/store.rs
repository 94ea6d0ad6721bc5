//! SQL of the interface for programs; it looks across, and writes nothing.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::dates::PartialDate;
use crate::mail::hidden::public_words;
use crate::statements::status::{Action, Due, Facts, Remark, Reply, office};
use crate::statements::{Direction, Handling, Purpose};

/// A group as it stands in a statement.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// `from`, `to`, `copy`, `also`.
    pub side: String,
    /// Acronym of the group, where it is one we know.
    pub group: Option<String>,
    /// Its label at posting.
    pub label: String,
    /// As the letter writes it.
    pub as_written: String,
    /// Its own purpose, where it has one.
    pub purpose: Option<Purpose>,
    /// What is asked of it.
    pub asked: String,
    /// Whether it sees to the answer.
    pub is_lead: bool,
    #[serde(skip_serializing)]
    kind: Option<String>,
    #[serde(skip_serializing)]
    action: Option<ActionRow>,
}

#[derive(Debug, Deserialize)]
struct ActionRow {
    purpose: Purpose,
    state: Handling,
    is_taken: bool,
    closed_on: Option<NaiveDate>,
    deadlines: Vec<Deadline>,
}

/// A deadline of an action, current or superseded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Deadline {
    /// The day.
    pub due_on: NaiveDate,
    /// `as-written`, `ours`, `corrected`, `agreed`.
    pub kind: String,
    /// The letter's words.
    pub words: String,
    /// Whether it is the one that counts.
    pub is_current: bool,
}

/// What an addressee has to do, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Handled<'a> {
    /// The addressee.
    pub label: &'a str,
    /// For action or for information.
    pub purpose: Purpose,
    /// What was done.
    pub handling: Handling,
    /// When it ended.
    pub closed_on: Option<NaiveDate>,
    /// Its deadlines, oldest first.
    pub deadlines: &'a [Deadline],
}

/// A number somebody gave the statement.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Reference {
    /// As they write it.
    pub as_written: String,
    /// Who gave it.
    pub given_by: String,
}

/// A contact; of a person the name only (domain.md 1).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// `from`, `to`, `cc`, `send-to` …
    #[serde(rename = "use")]
    pub used_as: String,
    /// The name.
    pub name: String,
    /// The address, of roles and lists.
    pub address: Option<String>,
    /// `role`, `list` or `person`.
    pub sort: String,
}

/// How it stands to another statement.
#[derive(Debug, Deserialize)]
pub struct Relation {
    /// `in-response-to`, `follows-up` …
    pub kind: String,
    /// `to-earlier`: this one is it; `from-later`: that one is it to this.
    pub direction: String,
    /// The other statement.
    pub number: Option<i32>,
    /// Words, where there is no statement.
    pub words: String,
    /// `final`, `preliminary`, `status-update`.
    pub reply_kind: Option<String>,
    /// The day of a later one.
    pub day: Option<NaiveDate>,
}

/// A public file.
#[derive(Debug, Deserialize)]
pub struct Attachment {
    /// Its place in the address.
    pub n: i32,
    /// `statement`, `enclosure`, `alternative`.
    pub kind: String,
    /// Of which file it is another form.
    pub alternative_of: Option<i32>,
    /// Its title.
    pub title: String,
    /// Its name.
    pub file_name: String,
    /// The peer's number of it.
    pub peer_number: String,
    /// Where it is, if elsewhere.
    pub link: Option<String>,
    /// Imported without its bytes.
    pub is_not_held: bool,
    /// Bytes.
    pub size: Option<i64>,
    /// In hexadecimal digits.
    pub sha256: Option<String>,
    /// Its detected type.
    pub media_type: Option<String>,
}

/// All public facts of a statement.
#[derive(Debug)]
pub struct Whole {
    /// Its number.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// As pages name the senders.
    pub from_text: String,
    /// As pages name the addressees.
    pub to_text: String,
    /// The liaison manager of that day.
    pub manager_text: String,
    /// The date on the letter.
    pub letter_date: Option<PartialDate>,
    /// When it was received.
    pub received_on: Option<NaiveDate>,
    /// When it was posted.
    pub posted_at: Option<DateTime<Utc>>,
    /// Whether it came from the former tracker.
    pub is_imported: bool,
    /// Groups, by side and place.
    pub parties: Vec<Party>,
    /// Numbers others gave it.
    pub references: Vec<Reference>,
    /// Contacts.
    pub contacts: Vec<Contact>,
    /// Relations, both ways.
    pub relations: Vec<Relation>,
    /// Public files.
    pub attachments: Vec<Attachment>,
    /// Keys of the documents it cites.
    pub documents: Vec<String>,
    /// What its status follows from.
    pub facts: Facts,
}

impl Whole {
    /// What each addressee has to do, and what became of it.
    pub fn handled(&self) -> Vec<Handled<'_>> {
        self.parties
            .iter()
            .filter_map(|party| party.action.as_ref().map(|action| (party, action)))
            .map(|(party, action)| Handled {
                label: &party.label,
                purpose: action.purpose,
                handling: action.state,
                closed_on: action.closed_on,
                deadlines: &action.deadlines,
            })
            .collect()
    }
}

/// The posted statement of that number, with all that is public of it: one query.
///
/// # Errors
/// The database's.
pub async fn statement(pool: &PgPool, number: i32) -> sqlx::Result<Option<Whole>> {
    let row = sqlx::query!(
        r#"
        SELECT number AS "number!", title, body, direction, purpose, from_text, to_text, manager_text, letter_date, letter_date_precision,
               received_on, posted_at, origin = 'imported' AS "is_imported!",
               (posted_at AT TIME ZONE 'UTC')::date AS posted_on, (made_at AT TIME ZONE 'UTC')::date AS "made_on!",
               (SELECT coalesce(json_agg(json_build_object(
                           'side', side, 'group', acronym, 'label', coalesce(nullif(statement_groups.label, ''), groups.label, as_written),
                           'as_written', as_written, 'purpose', statement_groups.purpose, 'asked', asked, 'is_lead', is_lead, 'kind', groups.kind,
                           'action', (SELECT json_build_object(
                                                 'purpose', actions.purpose, 'state', actions.state,
                                                 'is_taken', assignee_id IS NOT NULL OR assignee_name <> '',
                                                 'closed_on', (closed_at AT TIME ZONE 'UTC')::date,
                                                 'deadlines', (SELECT coalesce(json_agg(json_build_object(
                                                                          'due_on', due_on, 'kind', kind, 'words', words,
                                                                          'is_current', superseded_at IS NULL) ORDER BY deadline_id), '[]')
                                                                 FROM deadlines WHERE deadlines.action_id = actions.action_id))
                                        FROM actions WHERE actions.statement_group_id = statement_groups.statement_group_id))
                       ORDER BY array_position(ARRAY['from', 'to', 'copy', 'also'], side), position), '[]')
                  FROM statement_groups
                  LEFT JOIN groups USING (group_id)
                 WHERE statement_groups.statement_id = statements.statement_id) AS "parties!: Json<Vec<Party>>",
               (SELECT coalesce(json_agg(json_build_object('as_written', as_written, 'given_by', given_by) ORDER BY position), '[]')
                  FROM statement_references
                 WHERE statement_references.statement_id = statements.statement_id) AS "references!: Json<Vec<Reference>>",
               (SELECT coalesce(json_agg(json_build_object(
                           'use', use, 'name', name, 'address', CASE WHEN sort <> 'person' THEN address END, 'sort', sort)
                       ORDER BY array_position(ARRAY['from', 'to', 'cc', 'received-from', 'received-at', 'send-to', 'send-reply-to'], use), position), '[]')
                  FROM contacts
                 WHERE contacts.statement_id = statements.statement_id) AS "contacts!: Json<Vec<Contact>>",
               (SELECT coalesce(json_agg(json_build_object(
                           'kind', kind, 'direction', related.direction, 'number', related.number, 'words', words, 'reply_kind', reply_kind, 'day', day)
                       ORDER BY related.direction DESC, related.relation_id), '[]')
                  FROM (SELECT relation_id, kind, 'to-earlier' AS direction, earlier.number, words, reply_kind, NULL::date AS day
                          FROM relations
                          LEFT JOIN statements AS earlier ON earlier.statement_id = earlier_id
                         WHERE relations.statement_id = statements.statement_id AND (earlier_id IS NULL OR earlier.state = 'posted')
                        UNION ALL
                        SELECT relation_id, kind, 'from-later', later.number, words, reply_kind, later.sort_date
                          FROM relations
                          JOIN statements AS later ON later.statement_id = relations.statement_id
                         WHERE relations.earlier_id = statements.statement_id AND later.state = 'posted') AS related) AS "relations!: Json<Vec<Relation>>",
               (SELECT coalesce(json_agg(json_build_object(
                           'n', n, 'kind', kind, 'alternative_of', alternative_of, 'title', title, 'file_name', file_name,
                           'peer_number', peer_number, 'link', url, 'is_not_held', is_not_held,
                           'size', size, 'sha256', encode(sha256, 'hex'), 'media_type', media_type) ORDER BY n), '[]')
                  FROM attachments
                  LEFT JOIN files USING (file_id)
                 WHERE attachments.statement_id = statements.statement_id
                   AND visibility = 'public' AND kind <> 'original-mail'
                   AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.statement_id = attachments.statement_id AND erasures.n = attachments.n)) AS "attachments!: Json<Vec<Attachment>>",
               ARRAY(SELECT document FROM statement_documents
                      WHERE statement_documents.statement_id = statements.statement_id
                      ORDER BY document) AS "documents!"
          FROM statements
         WHERE number = $1 AND state = 'posted'
        "#,
        number
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.and_then(|row| {
        let precision = row.letter_date_precision.unwrap_or_default();
        let mut parties = row.parties.0;
        for party in &mut parties {
            // imported words may hold a person's address
            party.as_written = public_words(std::mem::take(&mut party.as_written));
            party.label = public_words(std::mem::take(&mut party.label));
        }
        let relations = row.relations.0;
        let is_reply = |relation: &Relation, direction: &str| relation.kind == "in-response-to" && relation.direction == direction;
        let later = relations.iter().filter(|relation| is_reply(relation, "from-later"));
        let reply = |relation: &Relation| Some(Reply { number: relation.number?, reply_kind: relation.reply_kind.clone(), day: relation.day });
        let mut replies: Vec<Reply> = later.filter_map(reply).collect();
        replies.sort_by_key(|reply| (reply.day, reply.number));
        let (answered_by, preliminary) = Reply::sorted(&replies);
        let facts = Facts {
            direction: Direction::parse(&row.direction)?,
            purpose: row.purpose.as_deref().and_then(Purpose::parse),
            posted_on: row.posted_on,
            made_on: row.made_on,
            answers: relations.iter().filter(|relation| is_reply(relation, "to-earlier")).filter_map(|relation| relation.number).collect(),
            answered_by,
            preliminary,
            replaced_by: relations
                .iter()
                .filter(|relation| relation.kind == "replaces" && relation.direction == "from-later")
                .filter_map(|relation| relation.number)
                .max()
                .map(|number| (number, None)),
            actions: parties.iter().filter_map(action).collect(),
        };
        Some(Whole {
            number: row.number,
            title: row.title,
            body: row.body,
            from_text: row.from_text,
            to_text: row.to_text,
            manager_text: row.manager_text,
            letter_date: row.letter_date.and_then(|day| PartialDate::from_parts(day, &precision)),
            received_on: row.received_on,
            posted_at: row.posted_at,
            is_imported: row.is_imported,
            references: row.references.0,
            contacts: row.contacts.0.into_iter().map(|contact| Contact { name: public_words(contact.name), ..contact }).collect(),
            attachments: row.attachments.0,
            documents: row.documents,
            parties,
            relations,
            facts,
        })
    }))
}

fn action(party: &Party) -> Option<Action> {
    let action = party.action.as_ref()?;
    let kind = party.kind.clone().unwrap_or_default();
    let current = action.deadlines.iter().find(|deadline| deadline.is_current);
    Some(Action {
        group_label: party.label.clone(),
        purpose: action.purpose,
        handling: action.state,
        due: current.map(|deadline| Due { day: deadline.due_on, is_ours: deadline.kind == "ours" }),
        // the public reads an office; names of those who have it are for role-holders
        assignee: if action.is_taken { office(&kind, &party.label) } else { String::new() },
        group_kind: kind,
        closed_on: action.closed_on,
        remark: Remark::default(),
    })
}

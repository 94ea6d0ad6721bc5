//! Changing what stands beside a posted statement's text (domain.md 2): each change is a line of history with old and new
//! value. Text, title, groups and files never change.

pub mod fields;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use self::fields::{Change, Field, RelationSteps};
use crate::App;
use crate::dates::{long_date, weekday_date};
use crate::history::{self, Actor, Audience};
use crate::ids::StatementId;
use crate::permissions::{Deed, WhyNot, may};
use crate::problems::Problems;
use crate::statements::actions::queue;
use crate::statements::attachments::{Attachment, Visibility};
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::{self, About, Handled, Recipients};
use crate::statements::recipients::who_sees_to_it;
use crate::statements::store::metadata::{self as store, FileFace, Metadata, Relation};
use crate::statements::store::{self as statements, Key, Locked, actions, draft, files};
use crate::urls;

/// Longest value that a line of history shows, in characters; the whole is kept with it.
const SHOWN: usize = 200;

/// What a change came to.
#[derive(Debug)]
pub enum Outcome {
    /// So many fields were changed.
    Changed(usize),
    /// All stood like that already.
    Nothing,
    /// Somebody else changed something since the page was shown.
    Stale,
    /// Something is wrong, by field.
    Problems(Problems),
    /// The person may not, and why.
    NotAllowed(WhyNot),
    /// There is no such posted statement.
    Gone,
}

/// The fields of a statement as they are now.
///
/// # Errors
/// The database's.
pub async fn current(connection: &mut PgConnection, found: &statements::Found) -> sqlx::Result<(Metadata, Vec<Field>)> {
    let metadata = store::read(&mut *connection, found.statement_id).await?;
    let files = files::list(connection, found.statement_id).await?;
    let fields = fields::fields(&metadata, &files, found.case.direction);
    Ok((metadata, fields))
}

/// Changes the fields that hold something else than was typed, all or none.
///
/// # Errors
/// The database's.
pub async fn change(app: &App, acting: Acting<'_>, number: i32, edition: i32, typed: &[(String, String)], reason: &str) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = statements::lock_posted(&mut transaction, number).await? else { return Ok(Outcome::Gone) };
    if let Err(why) = may(Some(acting.viewer), Deed::EditPosted, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    let (metadata, fields) = current(&mut transaction, &locked).await?;
    let changed = fields::changed(&fields, typed);
    if changed.is_empty() {
        return Ok(Outcome::Nothing);
    }
    if locked.edition != edition {
        return Ok(Outcome::Stale);
    }
    let mut known = draft::posted_numbers(&mut transaction, &fields::numbers(&changed)).await?;
    known.extend(metadata.relations.iter().filter_map(|relation| relation.earlier).map(|(id, number)| (number, id)));
    let mut problems = Problems::default();
    let mut changes = Vec::new();
    for (field, typed) in changed {
        if fields::numbers(&[(field, typed)]).contains(&number) {
            problems.add(&field.name, "A statement is not related to itself");
            continue;
        }
        changes.extend(fields::read(field, typed, &known, &metadata, &mut problems).map(|change| (field, typed, change)));
    }
    for (field, _, change) in &changes {
        if let Change::Relations("replaces", now) = change {
            may_replace(&mut transaction, acting, (&field.name, &of_kind(&metadata, "replaces"), now), &mut problems).await?;
        }
    }
    if !problems.is_empty() {
        return Ok(Outcome::Problems(problems));
    }
    let attached = files::list(&mut transaction, locked.statement_id).await?;
    // nobody else learns that a file for those concerned is there
    let is_hidden = |file: &&Attachment| file.is_for_those_concerned() && file.visibility != Visibility::Withheld;
    let hidden: Vec<i32> = attached.iter().filter(is_hidden).map(|file| file.n).collect();
    let actor = acting.actor();
    for (field, typed, change) in &changes {
        apply(&mut transaction, &locked, &metadata, change, &actor, now).await?;
        if let Change::Deadline(day) = change {
            tell_deadline(app, &mut transaction, acting, &locked, &metadata, *day, now).await?;
        }
        let was_now = format!("{} → {}", shown(&field.value), shown(typed));
        let because = if reason.is_empty() { String::new() } else { format!(" Because: {reason}") };
        let (words, detail) = if field.is_public {
            (format!("changed {}: {was_now}", quoted(field)), because)
        } else {
            (format!("changed {}", quoted(field)), format!(": {was_now}{because}"))
        };
        let mut entry = line(locked.statement_id, &actor, "metadata-changed", &words);
        let is_of_a_hidden_file = match change {
            Change::FileTitle(n, _) | Change::FileNumber(n, _) => hidden.contains(n),
            _ => false,
        };
        entry.audience = if is_of_a_hidden_file { Audience::Concerned } else { Audience::Public };
        entry.changes = json!({ "field": field.name, "from": field.value, "to": typed, "reason": reason, "detail": detail });
        history::record(&mut transaction, now, &entry.as_entry()).await?;
    }
    store::grow(&mut transaction, &locked, now).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Outcome::Changed(changes.len()))
}

fn of_kind(metadata: &Metadata, kind: &str) -> Vec<Relation> {
    metadata.relations.iter().filter(|relation| relation.kind == kind).cloned().collect()
}

/// What a statement replaces ends there: whoever says so, or takes it back, must be allowed to correct that one too.
async fn may_replace(
    connection: &mut PgConnection,
    acting: Acting<'_>,
    (field, was, now): (&str, &[Relation], &[Relation]),
    problems: &mut Problems,
) -> sqlx::Result<()> {
    let steps = fields::relation_steps(was, now);
    let touched = steps.removed.iter().chain(&steps.added).chain(steps.linked.iter().map(|(_, relation)| relation));
    for (earlier, number) in touched.filter_map(|relation| relation.earlier) {
        let other = statements::find(&mut *connection, Key::Id(earlier)).await?;
        if other.is_none_or(|other| may(Some(acting.viewer), Deed::EditPosted, &other.case).is_err()) {
            problems.add(field, format!("Only those who may correct Statement {number} can say that it is replaced"));
        }
    }
    Ok(())
}

/// The field's name in a sentence; a file's name is not for everybody.
fn quoted(field: &Field) -> String {
    match (field.is_public, field.section) {
        (false, fields::Section::Files) => "what a file is called".to_owned(),
        _ => format!("“{}”", field.label),
    }
}

fn shown(value: &str) -> String {
    let value = value.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    match value.char_indices().nth(SHOWN) {
        _ if value.is_empty() => "nothing".to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    }
}

async fn apply(
    connection: &mut PgConnection,
    held: &Locked,
    was: &Metadata,
    change: &Change,
    actor: &Actor,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    match change {
        Change::References(written) => store::set_references(connection, held, written).await?,
        Change::LetterDate(date) => store::set_letter_date(connection, held, *date).await?,
        Change::ReceivedOn(day) => store::set_received_on(connection, held, *day).await?,
        Change::Contacts(usage, mailboxes) => store::set_contacts(connection, held, usage, mailboxes).await?,
        Change::Relations(kind, relations) => {
            relate(connection, held, kind, &fields::relation_steps(&of_kind(was, kind), relations), actor, now).await?;
        }
        Change::Deadline(day) => {
            let actions: Vec<i64> = was.dated.iter().map(|dated| dated.action_id.0).collect();
            store::correct_deadline(connection, held, &actions, *day, now).await?;
        }
        Change::FileTitle(n, title) => set_file(connection, held, *n, Some(title), None).await?,
        Change::FileNumber(n, peer_number) => set_file(connection, held, *n, None, Some(peer_number)).await?,
    }
    Ok(())
}

/// Changes what a file is called, leaving the rest as it is.
async fn set_file(connection: &mut PgConnection, held: &Locked, n: i32, title: Option<&str>, peer_number: Option<&str>) -> anyhow::Result<()> {
    let Some(file) = files::one(&mut *connection, held.statement_id, n).await? else { anyhow::bail!("attachment {n} is gone") };
    let face = FileFace {
        title: title.unwrap_or(&file.title),
        peer_number: peer_number.unwrap_or(&file.peer_number),
        kind: file.kind,
        visibility: file.visibility,
        withheld_why: &file.withheld_why,
    };
    Ok(store::set_file(connection, held, n, face).await?)
}

/// Open parts of a statement that is replaced end, as do those of one that arrived twice; they are open again where that
/// was said by mistake (domain.md 3).
async fn relate(
    connection: &mut PgConnection,
    held: &Locked,
    kind: &str,
    steps: &RelationSteps,
    actor: &Actor,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    for relation in &steps.removed {
        store::unrelate(&mut *connection, held, relation).await?;
    }
    for (was, relation) in &steps.linked {
        store::link(&mut *connection, held, was, relation).await?;
    }
    for relation in &steps.added {
        store::relate(&mut *connection, held, relation).await?;
    }
    let ended = steps.added.iter().chain(steps.linked.iter().map(|(_, relation)| relation)).map(|relation| (relation, true));
    for (relation, is_end) in steps.removed.iter().map(|relation| (relation, false)).chain(ended) {
        let Some((earlier, _)) = relation.earlier else { continue };
        let number = held.number.unwrap_or_default();
        match kind {
            "replaces" if store::end_or_reopen(&mut *connection, earlier, "replaced", is_end, now).await? > 0 => {
                let words = if is_end {
                    format!("said that Statement {number} replaces it")
                } else {
                    format!("said that Statement {number} does not replace it")
                };
                tell_history(&mut *connection, earlier, actor, &words, now).await?;
            }
            "same-statement-as" => {
                store::end_or_reopen(&mut *connection, held.statement_id, "recorded-twice", is_end, now).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn tell_history(connection: &mut PgConnection, id: StatementId, actor: &Actor, words: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut entry = line(id, actor, "replaced", words);
    entry.audience = Audience::Public;
    history::record(connection, now, &entry.as_entry()).await
}

/// A corrected day: to whoever sees to the parts it is of, in one mail.
async fn tell_deadline(
    app: &App,
    connection: &mut PgConnection,
    acting: Acting<'_>,
    held: &Locked,
    was: &Metadata,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut told = Recipients::default();
    for dated in &was.dated {
        if let Some(part) = actions::part(&mut *connection, held.statement_id, &dated.acronym).await? {
            let case = held.case.of_action(part.group_id, part.state.assignee);
            for recipient in who_sees_to_it(app, &mut *connection, &case, &part, acting.viewer.person_id).await?.into_list() {
                told.add(&recipient.address, recipient.person_id, &recipient.why);
            }
        }
    }
    let number = held.number.unwrap_or_default();
    let about = About {
        statement_id: held.statement_id,
        draft_id: held.draft_id.clone(),
        label: format!("{} {number}", app.config.statement_label),
        url: app.config.absolute(&urls::statement(number)),
    };
    let message = mails::handled(
        &about,
        &Handled {
            event: "deadline-set",
            subject: format!("New deadline {}", long_date(day)),
            words: format!("{} set the deadline to {}, corrected to what the letter says.", acting.named(), weekday_date(day)),
            title: &held.title,
            due: None,
        },
        told.into_list(),
    )?;
    queue(app, connection, now, message).await
}

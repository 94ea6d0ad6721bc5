//! A draft to several organizations becomes one for each (domain.md 5; 4053bis 2.1): the draft itself stays the one to the
//! organization that wrote what is answered, each other gets a draft of its own, with all fields and files.

use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history;
use crate::ids::GroupId;
use crate::permissions::{Deed, WhyNot, may};
use crate::statements::checks::{answers_numbers, number_in};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::{Acting, line};
use crate::statements::reading::{Reading, propose_contacts, read, sides};
use crate::statements::store::draft::{self, Manner, Saving};
use crate::statements::store::{self, Key, files};
use crate::statements::{Direction, Purpose, Side, State};

/// What it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// To which organization the draft goes now, and for which others there are drafts.
    Done(String, Vec<String>),
    /// It goes to one organization, or is no draft any more.
    Already,
    /// It was saved meanwhile.
    Stale,
    /// The person may not.
    NotAllowed(WhyNot),
}

/// The part of one organization.
struct Part {
    organization: GroupId,
    label: String,
    groups: Vec<GroupId>,
    /// What it wrote of what is answered.
    answered: Vec<i32>,
}

/// One part for each organization addressed, in the order of the form.
async fn parts(connection: &mut PgConnection, reading: &Reading, form: &StatementForm) -> sqlx::Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    for (id, _) in &reading.named.to.groups {
        let Some(group) = reading.groups.get(&GroupId(*id)) else { continue };
        match parts.iter_mut().find(|part| part.organization == group.organization_id) {
            Some(part) => part.groups.push(group.group_id),
            None => parts.push(Part {
                organization: group.organization_id,
                label: group.organization_label.clone(),
                groups: vec![group.group_id],
                answered: Vec::new(),
            }),
        }
    }
    for number in answers_numbers(form) {
        let Some(answered) = store::find(&mut *connection, Key::Number(number)).await? else { continue };
        for part in &mut parts {
            let wrote = answered.case.parties.iter().any(|party| party.side == Side::From && party.line.contains(&part.organization));
            if wrote {
                part.answered.push(number);
            }
        }
    }
    Ok(parts)
}

impl Part {
    /// The form of this part; `is_kept`: the draft itself, which keeps what is no one organization's.
    fn form(&self, form: &StatementForm, reading: &Reading, answered: &[i32], is_kept: bool) -> StatementForm {
        let labels = |ids: &[GroupId]| ids.iter().map(|id| reading.directory.label(id.0)).collect::<Vec<_>>().join("; ");
        let copies: Vec<GroupId> = reading.named.to.copies.iter().map(|(id, _)| GroupId(*id)).collect();
        let is_own = |acronym: &String| self.groups.iter().any(|id| reading.groups.get(id).is_some_and(|group| group.acronym == *acronym));
        let stays = |piece: &str| match number_in(piece).filter(|number| answered.contains(number)) {
            Some(number) => self.answered.contains(&number),
            None => is_kept,
        };
        let mut own = form.clone();
        own.to = labels(&self.groups);
        if !copies.is_empty() {
            own.copy =
                [form.copy.trim().trim_end_matches(';'), &labels(&copies)].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
        }
        let pieces = form.answers.split(['\n', ';']).map(str::trim).filter(|piece| !piece.is_empty() && stays(piece));
        own.answers = pieces.collect::<Vec<_>>().join("\r\n");
        own.purpose_for.retain(|acronym, _| is_own(acronym));
        own.asked_of.retain(|acronym, _| is_own(acronym));
        let numbers = answers_numbers(&own);
        own.reply_kind.retain(|number, _| numbers.iter().any(|kept| kept.to_string() == *number));
        if !is_kept {
            // the address that distributes it is of one organization
            own.send_to.clear();
            own.proposed.send_to.clear();
            if own.answers.is_empty() && own.purpose == Purpose::InResponse.as_str() {
                own.purpose.clear();
            }
        }
        own
    }
}

/// Splits it; pressed twice it is split once.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn split(app: &App, acting: Acting<'_>, draft_id: &str, version: i32) -> anyhow::Result<Split> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), Deed::Edit, &locked.case) {
        return Ok(Split::NotAllowed(why));
    }
    if locked.case.state != State::Draft || locked.case.direction != Direction::Outgoing {
        return Ok(Split::Already);
    }
    let whole = draft::newest(&mut transaction, locked.statement_id).await?.form;
    let reading = read(app, &mut transaction, Direction::Outgoing, Some(locked.statement_id), &whole).await?;
    let parts = parts(&mut transaction, &reading, &whole).await?;
    if parts.len() < 2 {
        return Ok(Split::Already);
    }
    if locked.version != version {
        return Ok(Split::Stale);
    }
    let answered: Vec<i32> = parts.iter().flat_map(|part| part.answered.iter().copied()).collect();
    let kept = parts.iter().position(|part| !part.answered.is_empty()).unwrap_or(0);
    let saving = Saving { person_id: acting.viewer.person_id, role: acting.role, at: now };
    let actor = acting.actor();
    let (mut drafts, mut others, mut own) = (Vec::new(), Vec::new(), String::new());
    for (at, part) in parts.iter().enumerate() {
        let mut form = part.form(&whole, &reading, &answered, at == kept);
        let part_reading = read(app, &mut transaction, Direction::Outgoing, None, &form).await?;
        propose_contacts(app, &mut transaction, Direction::Outgoing, &part_reading, &mut form).await?;
        if at == kept {
            draft::save(&mut transaction, &locked, saving, &form, Manner::default()).await?;
            draft::name_groups(&mut transaction, locked.statement_id, &sides(&part_reading)).await?;
            own.clone_from(&part.label);
            continue;
        }
        // its first version is the whole, so that what was left out can be seen
        let key = format!("split-{draft_id}-{version}-{}", part.organization);
        let manner = Manner { is_automatic: false, page: &key };
        let (id, new_id, _) = draft::begin(&mut transaction, saving, Direction::Outgoing, &whole, manner).await?;
        files::copy(&mut transaction, locked.statement_id, id).await?;
        let Some(new) = store::lock(&mut transaction, &new_id).await? else { anyhow::bail!("the new draft is gone") };
        draft::save(&mut transaction, &new, saving, &form, Manner::default()).await?;
        draft::name_groups(&mut transaction, id, &sides(&part_reading)).await?;
        let words =
            format!("began it by splitting the draft “{}”, which went to several organizations: this one goes to {}", locked.title, part.label);
        let mut entry = line(id, &actor, "split-from", &words);
        entry.changes = json!({ "draft": draft_id, "version": version });
        history::record(&mut transaction, now, &entry.as_entry()).await?;
        others.push(part.label.clone());
        drafts.push(new_id);
    }
    let words = format!("split it, for it went to several organizations: it goes to {own}, a draft of its own to {}", others.join(", "));
    let mut entry = line(locked.statement_id, &actor, "split", &words);
    entry.changes = json!({ "drafts": drafts, "version": version });
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    transaction.commit().await?;
    Ok(Split::Done(own, others))
}

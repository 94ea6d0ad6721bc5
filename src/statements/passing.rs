//! A draft that passes to another author; whom a draft is shown to early: a peer's manager, the IRTF Chair (domain.md 2, 4, 7).

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::App;
use crate::dates::{self, weekday_date};
use crate::history::{self, Audience};
use crate::ids::{PersonId, StatementId};
use crate::mail::{Recipient, outbox};
use crate::people::{self, Role, RoleKind};
use crate::permissions::{Deed, WhyNot, begins_drafting, begins_recording, may};
use crate::statements::letter::shown_title;
use crate::statements::lifecycle::{Acting, Outcome, line};
use crate::statements::mails::About;
use crate::statements::mails::outgoing::{Event, told};
use crate::statements::recipients::outgoing::role_words;
use crate::statements::store::{self, Found, Key, drafted_answers, passing};
use crate::statements::{Direction, Side, State};
use crate::urls;

/// A peer's manager is mailed of a draft whose day is so many days away at most; else it stands on their desk alone.
const NEAR_DAYS: i64 = 14;

/// For the mails: leads to the draft.
pub(super) fn about(app: &App, found: &Found) -> About {
    About {
        statement_id: found.statement_id,
        draft_id: found.draft_id.clone(),
        label: app.config.statement_label.clone(),
        url: app.config.absolute(&urls::draft(&found.draft_id)),
    }
}

/// Tells the managers of the peers it is to, once, where its own deadline or that of what it answers is near.
///
/// # Errors
/// The database's.
pub async fn tell_managers(app: &App, connection: &mut PgConnection, acting: Acting<'_>, id: StatementId, deadline: &str) -> anyhow::Result<()> {
    let today = app.today();
    let own: Option<NaiveDate> = dates::parse_typed(deadline.trim()).ok();
    let answered = drafted_answers::due_on(&mut *connection, id).await?;
    let Some(due) = own.into_iter().chain(answered).min().filter(|due| (*due - today).num_days() <= NEAR_DAYS) else { return Ok(()) };
    let Some(found) = store::find(&mut *connection, Key::Id(id)).await? else { return Ok(()) };
    let mut recipients: Vec<Recipient> = Vec::new();
    let knows = passing::were_mailed(&mut *connection, id, "draft-begun").await?;
    for party in found.case.parties.iter().filter(|party| party.side == Side::To && !party.is_home) {
        for manager in people::store::managers_for(&mut *connection, today, party.group_id).await? {
            let person = manager.person_id;
            let is_known = person == acting.viewer.person_id || found.case.author_id == Some(person) || knows.contains(&person);
            if !is_known && recipients.iter().all(|other| other.person_id != Some(person)) {
                recipients.push(Recipient { why: role_words(&manager), address: manager.address, person_id: Some(person) });
            }
        }
    }
    if recipients.is_empty() {
        return Ok(());
    }
    let near = format!("its day is {}", weekday_date(due));
    let message = told(&about(app, &found), Event::DraftBegun(&near), &shown_title(&found.title), &acting.named(), recipients)?;
    outbox::queue(connection, &app.config, app.clock.now(), &message).await?;
    Ok(())
}

/// A role in which somebody could draft a statement of this direction; none: they could not.
fn drafting_role(roles: &[Role], direction: Direction) -> Option<&Role> {
    let begins = if direction == Direction::Outgoing { begins_drafting } else { begins_recording };
    roles.iter().find(|role| begins(role))
}

/// Hands a draft to another author, who is told, as is who drafted it before.
///
/// # Errors
/// The database's; there is no such draft.
pub async fn hand_over(app: &App, acting: Acting<'_>, draft_id: &str, to: PersonId, words: &str) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), Deed::Edit, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    if locked.case.state != State::Draft || locked.case.author_id == Some(to) {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    let roles = people::store::current_roles(&mut transaction, app.today(), to).await?;
    let Some(role) = drafting_role(&roles, locked.case.direction) else {
        return Ok(Outcome::NotAllowed(WhyNot("Only somebody who holds a role in which it can be drafted can take it over.".to_owned())));
    };
    let name = people::store::name_of(&mut transaction, to).await?.unwrap_or_default();
    passing::set_author(&mut transaction, &locked, Some(to), &role.words()).await?;
    let actor = acting.actor();
    let said = format!("handed the draft over to {name} ({})", role.words());
    history::record(&mut transaction, now, &line(locked.statement_id, &actor, "handed-over", &said).as_entry()).await?;
    let mut recipients: Vec<Recipient> = Vec::new();
    for (person, why) in [(Some(to), "who drafts it"), (locked.case.author_id, "who drafted it")] {
        let Some(person) = person else { continue };
        if let Some(address) = people::store::primary_address(&mut transaction, person).await? {
            recipients.push(Recipient { address, person_id: Some(person), why: why.to_owned() });
        }
    }
    let message = told(&about(app, &locked), Event::HandedOver(&name, words), &shown_title(&locked.title), &acting.named(), recipients)?;
    outbox::queue(&mut transaction, &app.config, now, &message).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Outcome::Draft)
}

/// What consulting came to.
#[derive(Debug)]
pub enum Consulted {
    /// They are asked.
    Done,
    /// They were asked before; nothing was done.
    Before,
    /// Nobody holds that role.
    Nobody,
    /// It is public, or given up.
    NotInHand,
    /// The person may not, and why.
    NotAllowed(WhyNot),
}

/// Asks the IRTF Chair about a topic of a research group; they may read it from then on.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn consult(app: &App, acting: Acting<'_>, draft_id: &str, words: &str) -> anyhow::Result<Consulted> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), Deed::Consult, &locked.case) {
        return Ok(Consulted::NotAllowed(why));
    }
    if !matches!(locked.case.state, State::Draft | State::InReview) {
        return Ok(Consulted::NotInHand);
    }
    let chairs = people::store::holders(&mut transaction, app.today(), &[RoleKind::IrtfChair], &[]).await?;
    if chairs.is_empty() {
        return Ok(Consulted::Nobody);
    }
    let mut recipients: Vec<Recipient> = Vec::new();
    for chair in chairs {
        if passing::consult(&mut transaction, &locked, chair.person_id, now).await? {
            recipients.push(Recipient { why: role_words(&chair), address: chair.address, person_id: Some(chair.person_id) });
        }
    }
    if recipients.is_empty() {
        return Ok(Consulted::Before);
    }
    let actor = acting.actor();
    let said = format!("consulted the IRTF Chair: {words}");
    let mut entry = line(locked.statement_id, &actor, "consulted", &said);
    entry.audience = Audience::Concerned;
    history::record(&mut transaction, now, &entry.as_entry()).await?;
    let message = told(&about(app, &locked), Event::Consulted(words), &shown_title(&locked.title), &acting.named(), recipients)?;
    outbox::queue(&mut transaction, &app.config, now, &message).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Consulted::Done)
}

//! When somebody's last role ends that day: what they drafted and what they saw to passes to the chairs of the group, of a
//! liaison manager to the coordinators, who are told (domain.md 1, *concerned*). By the background task.

use chrono::NaiveDate;
use sqlx::{PgConnection, PgPool};

use super::passing::about;
use crate::App;
use crate::history::{self, Actor};
use crate::ids::{GroupId, PersonId};
use crate::mail::{Recipient, outbox};
use crate::people::store::Holder;
use crate::people::{self, RoleKind};
use crate::statements::letter::shown_title;
use crate::statements::lifecycle::line;
use crate::statements::mails::About;
use crate::statements::mails::outgoing::{Event, told};
use crate::statements::recipients::outgoing::role_words;
use crate::statements::store::passing::{self, LeftAction, LeftDraft};
use crate::statements::store::{self, Locked};
use crate::statements::{Direction, Side};
use crate::urls;

/// Whom it passes to: the chairs of a group, or the coordinators.
enum Heirs {
    Chairs(Vec<Holder>),
    Coordinators,
}

impl Heirs {
    async fn of(connection: &mut PgConnection, today: NaiveDate, group: Option<GroupId>, was_managers: bool) -> sqlx::Result<Self> {
        let Some(group) = group.filter(|_| !was_managers) else { return Ok(Self::Coordinators) };
        let chairs = people::store::chairs_of(connection, today, group).await?;
        Ok(match chairs.iter().all(|chair| chair.kind == RoleKind::Coordinator) {
            true => Self::Coordinators,
            false => Self::Chairs(chairs),
        })
    }

    /// Each once; coordinators at their one address.
    fn recipients(&self, app: &App) -> Vec<Recipient> {
        match self {
            Self::Coordinators => {
                vec![Recipient { address: app.config.coordinators_address.clone(), person_id: None, why: "liaison coordinators".to_owned() }]
            }
            Self::Chairs(chairs) => chairs
                .iter()
                .map(|chair| Recipient { address: chair.address.clone(), person_id: Some(chair.person_id), why: role_words(chair) })
                .collect(),
        }
    }

    fn words(&self, label: &str) -> String {
        match self {
            Self::Coordinators => "the coordinators".to_owned(),
            Self::Chairs(_) => format!("the chairs of {label}"),
        }
    }
}

/// Passes on what those leave whose last role ended; stand-ins end with the day. Twice, or on several servers, is once.
///
/// # Errors
/// The database's.
pub async fn pass_on(app: &App, pool: &PgPool) -> anyhow::Result<()> {
    let today = app.today();
    let mut connection = pool.acquire().await?;
    people::store::end_stand_ins(&mut connection, today).await?;
    let drafts = passing::left_drafts(&mut connection, today).await?;
    let actions = passing::left_actions(&mut connection, today).await?;
    drop(connection);
    for left in &drafts {
        let mut transaction = crate::database::begin(pool).await?;
        // somebody else may have been at it since
        let held = store::lock(&mut transaction, &left.draft_id).await?.filter(|found| found.case.author_id == Some(left.author));
        if let Some(held) = held.filter(|held| held.number.is_none()) {
            draft(app, &mut transaction, today, &held, left).await?;
            transaction.commit().await?;
        }
    }
    for left in &actions {
        let mut transaction = crate::database::begin(pool).await?;
        if let Some(held) = store::lock_posted(&mut transaction, left.number).await?
            && passing::unassign(&mut transaction, &held, left).await?
        {
            action(app, &mut transaction, today, &held, left).await?;
            transaction.commit().await?;
        }
    }
    if !drafts.is_empty() || !actions.is_empty() {
        app.mail_queued.notify_one();
    }
    Ok(())
}

async fn name(connection: &mut PgConnection, person: PersonId) -> sqlx::Result<String> {
    Ok(people::store::name_of(connection, person).await?.unwrap_or_default())
}

async fn draft(app: &App, connection: &mut PgConnection, today: NaiveDate, held: &Locked, left: &LeftDraft) -> anyhow::Result<()> {
    let now = app.clock.now();
    let ours = if held.case.direction == Direction::Outgoing { Side::From } else { Side::To };
    let group = held.case.parties.iter().find(|party| party.side == ours && party.is_home);
    let heirs = Heirs::of(&mut *connection, today, group.map(|party| party.group_id), left.was_managers).await?;
    let author = match &heirs {
        Heirs::Chairs(chairs) => chairs.first().cloned(),
        Heirs::Coordinators => people::store::holders(&mut *connection, today, &[RoleKind::Coordinator], &[]).await?.into_iter().next(),
    };
    let role = author.as_ref().map(role_words).unwrap_or_default();
    passing::set_author(&mut *connection, held, author.as_ref().map(|holder| holder.person_id), &role).await?;
    let to = heirs.words(group.map_or("", |party| party.label.as_str()));
    let whose = name(&mut *connection, left.author).await?;
    let system = Actor::system();
    let said = format!("passed the draft from {whose}, whose last role ended, to {to}");
    history::record(&mut *connection, now, &line(held.statement_id, &system, "passed-on", &said).as_entry()).await?;
    let with = format!("{whose} had drafted it, {to} have it now");
    let message = told(&about(app, held), Event::PassedOn(&with), &shown_title(&held.title), &system.name, heirs.recipients(app))?;
    outbox::queue(connection, &app.config, now, &message).await?;
    Ok(())
}

async fn action(app: &App, connection: &mut PgConnection, today: NaiveDate, held: &Locked, left: &LeftAction) -> anyhow::Result<()> {
    let now = app.clock.now();
    let heirs = Heirs::of(&mut *connection, today, Some(left.group_id), left.was_managers).await?;
    let to = heirs.words(&left.label);
    let whose = name(&mut *connection, left.assignee).await?;
    let system = Actor::system();
    let said = format!("passed it for {} from {whose}, whose last role ended, to {to}", left.label);
    history::record(&mut *connection, now, &line(held.statement_id, &system, "passed-on", &said).as_entry()).await?;
    let about = About {
        label: format!("{} {}", app.config.statement_label, left.number),
        url: app.config.absolute(&urls::action(left.number, &left.acronym)),
        ..about(app, held)
    };
    let with = format!("{whose} had seen to it for {}, {to} have it now", left.label);
    let message = told(&about, Event::PassedOn(&with), &shown_title(&held.title), &system.name, heirs.recipients(app))?;
    outbox::queue(connection, &app.config, now, &message).await?;
    Ok(())
}

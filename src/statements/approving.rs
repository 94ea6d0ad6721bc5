//! What left without approval: whoever has the authority confirms it after posting, or objects (domain.md 4).

use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Audience};
use crate::mail::outbox;
use crate::people::{self, Viewer};
use crate::permissions::{Signing, WhyNot};
use crate::statements::actions::Done;
use crate::statements::lifecycle::{Acting, line};
use crate::statements::mails::outgoing::Event;
use crate::statements::mails::{self, About, Recipients};
use crate::statements::store::steps::{self, Decision, SignOff};
use crate::statements::store::{self, Found, signing};
use crate::statements::{Side, SignOffKind, recipients, sign_offs};
use crate::urls;

/// Its approvals: those still open, and those decided.
///
/// # Errors
/// The database's.
pub async fn rows(connection: &mut PgConnection, found: &Found) -> sqlx::Result<Vec<SignOff>> {
    if !signing::is_without_approval(&mut *connection, found.statement_id).await? {
        return Ok(Vec::new());
    }
    let rows = steps::sign_offs(connection, found.statement_id).await?;
    Ok(rows.into_iter().filter(|row| row.kind == SignOffKind::Approval).collect())
}

/// The open ones that somebody may confirm or object to, each with the roles in which they may.
///
/// # Errors
/// Why they may not; the database's.
pub async fn mine(
    app: &App,
    connection: &mut PgConnection,
    viewer: &Viewer,
    found: &Found,
    rows: &[SignOff],
) -> sqlx::Result<Result<Vec<(SignOff, Vec<Signing>)>, WhyNot>> {
    crate::statements::signing::rows_of(app, connection, viewer, found, rows).await
}

/// Whether an approval is decided that this person could have given: a second click.
///
/// # Errors
/// The database's.
pub async fn is_decided(app: &App, connection: &mut PgConnection, viewer: &Viewer, found: &Found, rows: &[SignOff]) -> sqlx::Result<bool> {
    let reopened: Vec<SignOff> =
        rows.iter().filter(|row| row.decided_by_id.is_some()).map(|row| SignOff { state: "waiting".to_owned(), ..row.clone() }).collect();
    Ok(mine(app, connection, viewer, found, &reopened).await?.is_ok())
}

/// Confirms what is a person's to confirm in the role they act in, the IAB's with the link to its decision; or objects to it, with
/// words that everybody reads.
///
/// # Errors
/// The database's.
pub async fn decide(app: &App, acting: Acting<'_>, number: i32, objection: Option<&str>, decision: &str) -> anyhow::Result<Done> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock_posted(&mut transaction, number).await? else { return Ok(Done::Gone) };
    let rows = rows(&mut transaction, &locked).await?;
    if rows.is_empty() {
        return Ok(Done::Gone);
    }
    let mine = match mine(app, &mut transaction, acting.viewer, &locked, &rows).await? {
        Ok(mine) => mine,
        Err(_) if is_decided(app, &mut transaction, acting.viewer, &locked, &rows).await? => return Ok(Done::Already),
        Err(why) => return Ok(Done::NotAllowed(why)),
    };
    let in_this_role = |roles: &[Signing]| roles.iter().find(|signing| signing.role.words() == acting.role).map(|signing| signing.is_standing_in);
    let mut decided = Vec::new();
    for (row, roles) in &mine {
        let Some(is_standing_in) = in_this_role(roles) else { continue };
        let is_the_iabs = locked.case.is_of_the_iab(row.asked());
        if is_the_iabs && objection.is_none() && decision.is_empty() {
            return Ok(Done::NotAllowed(WhyNot("The IAB's approval names its decision.".to_owned())));
        }
        let decided_so = Decision {
            person_id: acting.viewer.person_id,
            role: acting.role,
            at: now,
            state: if objection.is_some() { "objected" } else { "given" },
            words: objection.unwrap_or_default(),
            is_standing_in,
            entered: None,
            evidence: if is_the_iabs && objection.is_none() { decision } else { "" },
        };
        if steps::decide(&mut transaction, &locked, row.sign_off_id, decided_so).await? {
            decided.push(row);
        }
    }
    if decided.is_empty() {
        return Ok(Done::NotAllowed(WhyNot("You hold no role in which you can give this.".to_owned())));
    }
    let actor = acting.actor();
    for row in decided {
        let what = sign_offs::words(row.kind, &row.group_label);
        let (event, words) = match objection {
            Some(why) => ("objected", format!("objected to it, which had left without {what}: {why}")),
            None => ("confirmed", format!("confirmed it, which had left without {what}")),
        };
        let mut line = line(locked.statement_id, &actor, event, &words);
        line.audience = Audience::Public;
        history::record(&mut transaction, now, &line.as_entry()).await?;
    }
    tell(app, &mut transaction, &locked, acting, number, objection).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(Done::Recorded(match objection {
        Some(_) => "Your objection stands beside it. Its author, the liaison manager and the coordinators are told.".to_owned(),
        None => "Confirmed. Its author, the liaison manager and the coordinators are told.".to_owned(),
    }))
}

/// Tells the author, who edited it, who had signed, the liaison managers and the coordinators; not who acts.
async fn tell(
    app: &App,
    connection: &mut PgConnection,
    locked: &store::Locked,
    acting: Acting<'_>,
    number: i32,
    objection: Option<&str>,
) -> anyhow::Result<()> {
    let actor = acting.viewer.person_id;
    // managers first: at their role's alias, though they signed
    let mut told = Recipients::default();
    for party in locked.case.parties.iter().filter(|party| party.side == Side::To) {
        for manager in people::store::managers_for(&mut *connection, app.today(), party.group_id).await? {
            if manager.person_id != actor {
                told.add(&manager.address, Some(manager.person_id), &format!("liaison manager for {}", manager.group_label));
            }
        }
    }
    let signers = recipients::signers(&mut *connection, locked).await?;
    for one in recipients::who_worked_on(&mut *connection, locked, signers, actor).await? {
        told.add(&one.address, one.person_id, &one.why);
    }
    told.add(&app.config.coordinators_address, None, recipients::COORDINATORS);
    let about = About {
        statement_id: locked.statement_id,
        draft_id: locked.draft_id.clone(),
        label: app.config.statement_label.clone(),
        url: app.config.absolute(&urls::statement(number)),
    };
    let event = objection.map_or(Event::Confirmed, Event::Objected);
    let message = mails::outgoing::told(&about, event, &locked.title, &acting.named(), told.into_list())?;
    outbox::queue(connection, &app.config, app.clock.now(), &message).await?;
    Ok(())
}

//! How the form of an outgoing statement begins: empty, or as a reply with the groups swapped (pages.md, *Reply*).

use sqlx::PgConnection;

use crate::App;
use crate::people::{RoleKind, Viewer};
use crate::permissions::{Deed, Party, may};
use crate::statements::form::StatementForm;
use crate::statements::store::{Found, draft, metadata, receipt, show};
use crate::statements::{Direction, Purpose, Side};

/// A form that answers nothing; from the viewer's group where they speak for one only.
pub fn blank(viewer: &Viewer) -> StatementForm {
    let own: Vec<&str> =
        viewer.roles.iter().filter(|role| matches!(role.kind, RoleKind::Chair | RoleKind::Secretary)).map(|role| role.group_label.as_str()).collect();
    let from = if own.len() == 1 { own[0].to_owned() } else { String::new() };
    StatementForm { from, ..StatementForm::default() }
}

/// A reply to a posted statement: from those of its addressees for whom the viewer speaks, or else the one that leads, to
/// its senders; *Send to* is where it came from.
///
/// # Errors
/// The database's.
pub async fn begin(app: &App, connection: &mut PgConnection, viewer: &Viewer, answered: &Found) -> sqlx::Result<StatementForm> {
    let side = |side: Side, is_home: bool| answered.case.parties.iter().filter(move |party| party.side == side && party.is_home == is_home);
    let is_incoming = answered.case.direction != Direction::Outgoing;
    let (ours, theirs): (Vec<&Party>, Vec<&Party>) = if is_incoming {
        (side(Side::To, true).collect(), side(Side::From, false).collect())
    } else {
        // to what we sent ourselves: one more to the same
        (side(Side::From, true).collect(), side(Side::To, false).collect())
    };
    let speaks_for =
        |party: &&&Party| may(Some(viewer), Deed::Refuse, &answered.case.of_action(party.group_id, None)).is_ok() || is_secretary_of(viewer, party);
    let mut from: Vec<&str> = ours.iter().filter(speaks_for).map(|party| party.label.as_str()).collect();
    if from.is_empty() {
        from = ours.first().map(|party| party.label.as_str()).into_iter().collect();
    }
    let facts = receipt::facts(connection, answered.statement_id).await?;
    let number = answered.number.unwrap_or_default();
    let title: String = format!("Reply: {}", answered.title).chars().take(255).collect();
    Ok(StatementForm {
        from: from.join("; "),
        to: theirs.iter().map(|party| party.label.as_str()).collect::<Vec<_>>().join("; "),
        title,
        purpose: if is_incoming { Purpose::InResponse.as_str().to_owned() } else { String::new() },
        answers: if is_incoming { format!("{} {number}", app.config.statement_label) } else { String::new() },
        send_to: facts.received_from.map(|(_, address)| address).unwrap_or_default(),
        ..StatementForm::default()
    })
}

/// A statement that replaces a posted one: what that one said, as its form had it; of an imported one its groups and
/// contacts, its title and its text. When and how it went is said anew.
///
/// # Errors
/// The database's.
pub async fn correct(connection: &mut PgConnection, replaced: &Found) -> sqlx::Result<StatementForm> {
    let shown = match replaced.number {
        Some(number) => show::statement(&mut *connection, number).await?,
        None => None,
    };
    let mut form = match draft::versions(&mut *connection, replaced.statement_id).await?.is_empty() {
        false => draft::newest(&mut *connection, replaced.statement_id).await?.form,
        true => StatementForm::like(&replaced.case, &metadata::read(connection, replaced.statement_id).await?.contacts),
    };
    // words may have been taken away since
    if let Some(shown) = shown {
        form.title = shown.title;
        form.body = shown.body;
    }
    for said_anew in [&mut form.informed_on, &mut form.delivered_on, &mut form.delivery_evidence] {
        said_anew.clear();
    }
    form.replaces = replaced.number.map(|number| number.to_string()).unwrap_or_default();
    Ok(form)
}

fn is_secretary_of(viewer: &Viewer, party: &Party) -> bool {
    viewer.roles.iter().any(|role| {
        matches!(role.kind, RoleKind::Secretary | RoleKind::ResponsibleAreaDirector) && role.group_id == Some(party.group_id)
            || role.kind == RoleKind::AreaDirector && role.group_id.is_some_and(|at| party.line.contains(&at))
    })
}

//! What a reply does to the statements it answers: a final one closes actions, a preliminary one leaves them open
//! (domain.md 3, *Replies*).

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history::{Audience, Noted};
use crate::ids::{ActionId, GroupId, StatementId};
use crate::statements::letter::{Answered, Letter};
use crate::statements::store::Locked;
use crate::statements::store::replies::{self, OpenAction};
use crate::statements::{Direction, ReplyKind};

/// Actions of an answered statement that a reply closes, in words for its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The statement that is answered.
    pub statement_id: StatementId,
    /// Its number.
    pub number: i32,
    /// Final, preliminary, status update.
    pub kind: ReplyKind,
    /// All its open actions, each with whether the reply closes it.
    pub actions: Vec<(OpenAction, bool)>,
    /// Labels of those that it answers in part.
    pub in_part: Vec<String>,
}

/// Whether a reply from these groups closes a group's action: they are, contain or lie under it; the lead's where none does.
fn closes(action: &OpenAction, from: &[(GroupId, Vec<GroupId>)]) -> bool {
    from.iter().any(|(group, line)| line.contains(&action.group_id) || action.line.contains(group))
}

/// What the reply does to each statement it answers. What the author ticked counts where they ticked anything.
///
/// # Errors
/// The database's.
pub async fn closings(connection: &mut PgConnection, letter: &Letter) -> sqlx::Result<Vec<Closing>> {
    let from: Vec<(GroupId, Vec<GroupId>)> = letter.from.iter().map(|sender| (sender.group.group_id, sender.group.line.clone())).collect();
    let mut closings = Vec::new();
    for answered in &letter.answers {
        let Answered::Statement(statement_id, number) = answered else { continue };
        let kind = letter.reply_kind(*number);
        let open = replies::open_actions(&mut *connection, *statement_id, letter.direction != Direction::Outgoing).await?;
        let by_group: Vec<bool> = open.iter().map(|action| closes(action, &from)).collect();
        let none_fits = !by_group.contains(&true);
        let in_part = |action: &&OpenAction| letter.sending.in_part.contains(&format!("{number}:{}", action.acronym));
        let in_part = open.iter().filter(in_part).map(|action| action.label.clone()).collect();
        let actions = open
            .into_iter()
            .zip(by_group)
            .map(|(action, fits)| {
                let by_rule = fits || (none_fits && action.is_lead);
                let chosen = letter.sending.closes.as_ref().map_or(by_rule, |ticked| ticked.contains(&format!("{number}:{}", action.acronym)));
                let is_closed = kind == ReplyKind::Final && chosen;
                (action, is_closed)
            })
            .collect();
        closings.push(Closing { statement_id: *statement_id, number: *number, kind, actions, in_part });
    }
    Ok(closings)
}

/// What was answered, to be recorded once the reply has its number.
#[derive(Debug, Default)]
pub struct AnsweredBy {
    closings: Vec<Closing>,
    replaced: Option<(StatementId, Vec<ActionId>)>,
}

/// Closes what a reply answers for good, and what a statement replaces; holds the answered statements until the commit.
///
/// # Errors
/// The database's.
pub async fn close_answered(connection: &mut PgConnection, reply: &Locked, letter: &Letter, now: DateTime<Utc>) -> sqlx::Result<AnsweredBy> {
    let mut ids: Vec<i64> = letter
        .answers
        .iter()
        .filter_map(|answered| if let Answered::Statement(id, _) = answered { Some(id.0) } else { None })
        .chain(letter.sending.replaces.map(|(id, _)| id.0))
        .collect();
    ids.sort_unstable();
    replies::hold(&mut *connection, &ids).await?;
    let closings = closings(&mut *connection, letter).await?;
    let is_theirs = letter.direction != Direction::Outgoing;
    for closing in &closings {
        for (action, is_closed) in &closing.actions {
            if *is_closed {
                replies::answer(&mut *connection, reply, action.action_id, is_theirs, now).await?;
            } else if closing.kind == ReplyKind::Preliminary && !is_theirs && is_meant(action, closing, letter) {
                replies::begin(&mut *connection, reply, action.action_id).await?;
            }
        }
    }
    let replaced = match letter.sending.replaces {
        Some((id, _)) => Some((id, replies::replace(&mut *connection, reply, id, now).await?)),
        None => None,
    };
    Ok(AnsweredBy { closings, replaced })
}

/// Whether a preliminary reply speaks of an action: by its group, or of the lead's where none fits.
fn is_meant(action: &OpenAction, closing: &Closing, letter: &Letter) -> bool {
    let from: Vec<(GroupId, Vec<GroupId>)> = letter.from.iter().map(|sender| (sender.group.group_id, sender.group.line.clone())).collect();
    let any_fits = closing.actions.iter().any(|(one, _)| closes(one, &from));
    closes(action, &from) || (!any_fits && action.is_lead)
}

/// What the history of each answered statement says.
pub fn noted(app: &App, answered: &AnsweredBy, number: i32) -> Vec<Noted> {
    let label = &app.config.statement_label;
    let mut noted = Vec::new();
    for closing in &answered.closings {
        let closed: Vec<&str> = closing.actions.iter().filter(|(_, is_closed)| *is_closed).map(|(action, _)| action.label.as_str()).collect();
        let in_part = closing.in_part.join(", ");
        let words = match closing.kind {
            _ if !closing.in_part.is_empty() && closed.is_empty() => {
                format!("noted that {label} {number} answers it in part: still awaited from {in_part}")
            }
            ReplyKind::Final if !closing.in_part.is_empty() => {
                format!("noted that {label} {number} answers it: closed for {}, in part only for {in_part}", closed.join(", "))
            }
            ReplyKind::Final if closed.is_empty() => format!("noted that {label} {number} answers it"),
            ReplyKind::Final => format!("noted that {label} {number} answers it: closed for {}", closed.join(", ")),
            ReplyKind::Preliminary => format!("noted that {label} {number} is a preliminary reply to it"),
            ReplyKind::StatusUpdate => format!("noted that {label} {number} tells how it stands"),
        };
        let changes = json!({ "reply": number, "kind": closing.kind.as_str() });
        noted.push(Noted { statement_id: closing.statement_id, event: "answered", words, changes, audience: Audience::Public });
    }
    if let Some((id, _)) = &answered.replaced {
        let words = format!("noted that {label} {number} replaces it");
        noted.push(Noted { statement_id: *id, event: "replaced", words, changes: json!({}), audience: Audience::Public });
    }
    noted
}

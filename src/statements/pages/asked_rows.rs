//! Sign-off rows as pages show them: what is asked, of whom, since when, what was given.

use sqlx::PgConnection;

use crate::App;
use crate::people::Viewer;
use crate::permissions::Signing;
use crate::statements::pages::draft::capitalized;
use crate::statements::recipients::outgoing::{self, Roster};
use crate::statements::store::steps::{self, SignOff};
use crate::statements::store::{Found, signing as store_signing};
use crate::statements::{SignOffKind, signing};

/// A sign-off that is asked, in words.
#[derive(Debug, Clone)]
pub struct AskedRow {
    /// "Check before posting".
    pub what: String,
    /// Who may give it.
    pub who: String,
    /// The same without their roles, where there is little room.
    pub names: String,
    /// "waiting since 2 Mar 2026", "given by …".
    pub state: String,
    /// Whether it still waits.
    pub waits: bool,
    /// Evidence of what was entered: a link, or words.
    pub evidence: String,
}

fn what(row: &SignOff) -> String {
    match row.kind {
        SignOffKind::Check => "Check before posting".to_owned(),
        SignOffKind::Agreement => format!("Agreement of {}", row.group_label),
        SignOffKind::Approval if row.group_label.is_empty() => "Approval of an Area Director".to_owned(),
        SignOffKind::Approval => format!("Approval for {}", row.group_label),
        SignOffKind::Manager => format!("Approval of the liaison manager for {}", row.group_label),
        SignOffKind::Coordinator => "Review by a coordinator".to_owned(),
    }
}

/// What was given, asked for, or waits, with the day.
fn state(row: &SignOff) -> String {
    let day = row.decided_at.map(|at| at.format("%-d %b %Y").to_string()).unwrap_or_default();
    let how = match (row.is_standing_in, row.was_own, row.entered_by.is_empty()) {
        (true, ..) => ", standing in".to_owned(),
        (_, true, _) => " by submitting it".to_owned(),
        (.., false) => format!(", entered by {}", row.entered_by),
        _ => String::new(),
    };
    match row.state.as_str() {
        "given" => format!("given by {} on {day}{how}", row.decided_by),
        "changes-requested" => format!("changes requested by {} on {day}: {}", row.decided_by, row.words),
        "objected" => format!("objected to by {} on {day}: {}", row.decided_by, row.words),
        "later" => "asked once what comes before it is given".to_owned(),
        _ => format!("waiting since {}", row.asked_at.format("%-d %b %Y")),
    }
}

/// The rows of the round, with who could give those that wait.
///
/// # Errors
/// The database's.
pub async fn rows(app: &App, connection: &mut PgConnection, found: &Found) -> sqlx::Result<Vec<AskedRow>> {
    let is_waiting = |row: &SignOff| matches!(row.state.as_str(), "waiting" | "later");
    let rows = steps::sign_offs(&mut *connection, found.statement_id).await?;
    let roster = if rows.iter().any(is_waiting) { Roster::of(app, connection, &found.case).await? } else { Roster::default() };
    let mut shown = Vec::new();
    for row in rows.iter().filter(|row| row.state != "void") {
        let waits = is_waiting(row);
        let (mut who, mut names): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        if waits {
            let signers = outgoing::signers(app, &roster, &found.case, row.asked(), Some(row.asked_at));
            let are_coordinators = row.kind == SignOffKind::Coordinator || (signers.others.nobody_holds_it && row.kind != SignOffKind::Approval);
            if !are_coordinators {
                who.extend(signers.holders.iter().map(|holder| format!("{} ({})", holder.name, outgoing::role_words(holder))));
                names.extend(signers.holders.iter().map(|holder| holder.name.clone()));
            }
            let others = if are_coordinators || row.kind == SignOffKind::Check {
                Some("any coordinator")
            } else if signers.others.may_stand_in && row.kind != SignOffKind::Approval {
                Some("any coordinator, standing in")
            } else {
                None
            };
            who.extend(others.map(str::to_owned));
            names.extend(others.map(str::to_owned));
        }
        shown.push(AskedRow {
            what: what(row),
            who: who.join(" or "),
            names: names.join(" or "),
            state: state(row),
            waits,
            evidence: row.evidence.clone(),
        });
    }
    Ok(shown)
}

/// Who asked for changes since it was last submitted, and what should be changed: a sentence each.
///
/// # Errors
/// The database's.
pub async fn sent_back(connection: &mut PgConnection, found: &Found) -> sqlx::Result<Vec<String>> {
    let rows = steps::sign_offs(connection, found.statement_id).await?;
    Ok(rows.iter().filter(|row| row.state == "changes-requested").map(|row| capitalized(&state(row))).collect())
}

/// What is asked of a person now: the rows in words, the roles in which they may give them; or why they may give none.
pub struct Mine {
    /// "Approval of an Area Director".
    pub asked: Vec<String>,
    /// Roles that fit, each once.
    pub roles: Vec<Signing>,
    /// Of these roles, in words, those in which they give the IAB's approval.
    pub for_the_iab: Vec<String>,
    /// Why they may give none; empty: they may.
    pub why_not: String,
}

/// What is asked of a person now.
///
/// # Errors
/// The database's.
pub async fn mine(app: &App, connection: &mut PgConnection, viewer: &Viewer, found: &Found) -> sqlx::Result<Mine> {
    let rows = steps::sign_offs(&mut *connection, found.statement_id).await?;
    Ok(match signing::rows_of(app, connection, viewer, found, &rows).await? {
        Err(why) => Mine { asked: Vec::new(), roles: Vec::new(), for_the_iab: Vec::new(), why_not: why.0 },
        Ok(mine) => {
            let mut roles: Vec<Signing> = Vec::new();
            for signing in mine.iter().flat_map(|(_, roles)| roles) {
                if roles.iter().all(|other| other.words() != signing.words()) {
                    roles.push(signing.clone());
                }
            }
            let of_the_iab = mine.iter().filter(|(row, _)| found.case.is_of_the_iab(row.asked()));
            let for_the_iab = of_the_iab.flat_map(|(_, roles)| roles).map(Signing::words).collect();
            Mine { asked: mine.iter().map(|(row, _)| what(row)).collect(), roles, for_the_iab, why_not: String::new() }
        }
    })
}

/// The hold, in a sentence; empty: none.
///
/// # Errors
/// The database's.
pub async fn held(connection: &mut PgConnection, found: &Found) -> sqlx::Result<String> {
    let hold = store_signing::hold_of(connection, found.statement_id).await?;
    Ok(hold.map_or_else(String::new, |hold| format!("{} holds it since {}: {}", hold.by, hold.at.format("%-d %b %Y"), hold.why)))
}

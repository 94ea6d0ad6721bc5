//! Sign-offs: who is asked, who gives them, what stands in the way; the last one posts (domain.md 4). Each step is one
//! transaction, with its history and its mails.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Audience};
use crate::ids::{PersonId, SignOffId};
use crate::mail::{Message, outbox};
use crate::people::RoleKind;
use crate::permissions::{Asked, Deed, STANDING_IN, Signing, WhyNot, may, may_sign};
use crate::problems::Problems;
use crate::statements::letter::Letter;
use crate::statements::lifecycle::{Acting, Outcome, line, turn};
use crate::statements::mails::outgoing::Event;
use crate::statements::mails::{self, About, Turn};
use crate::statements::recipients::outgoing::{self, Roster, Signers};
use crate::statements::sign_offs::{self, Begins, Needed, stage};
use crate::statements::store::draft;
use crate::statements::store::replies;
use crate::statements::store::steps::{self, Decision, SignOff};
use crate::statements::store::{self, Found, Locked, signing};
use crate::statements::{CoordinatorPolicy, Direction, SignOffKind, State, posting, standing_in};
use crate::urls;

/// The rows that an outgoing statement needs, and how each begins.
///
/// # Errors
/// The database's.
pub async fn needed(app: &App, connection: &mut PgConnection, acting: Acting<'_>, found: &Found, letter: &Letter) -> sqlx::Result<Vec<Needed>> {
    let policy = &app.config.sign_offs;
    let rows = sign_offs::rows(policy, &found.case, acting.viewer, &outgoing::organizations_of(letter));
    let roster = Roster::of(app, connection, &found.case).await?;
    let others = |row: Asked| {
        let Signers { holders, others } = outgoing::signers(app, &roster, &found.case, row, None);
        let somebody_else = holders.iter().any(|holder| holder.person_id != acting.viewer.person_id);
        (others, somebody_else)
    };
    Ok(sign_offs::begin(policy, &found.case, acting.viewer, &rows, &others))
}

/// The mails to who is asked now; when it is submitted also to the coordinators where they can hold it.
///
/// # Errors
/// The database's.
#[expect(clippy::too_many_arguments, reason = "each says one thing of the mails")]
pub async fn mails_to_asked(
    app: &App,
    connection: &mut PgConnection,
    found: &Found,
    letter: &Letter,
    submitted_by: &str,
    asked: &[Asked],
    actor: PersonId,
    tells_coordinators: bool,
) -> anyhow::Result<Vec<Message>> {
    let about = about(app, found, &urls::review(&found.draft_id));
    let mut rows = Vec::new();
    for row in asked {
        rows.push((*row, signing::label(&mut *connection, *row).await?));
    }
    let roster = Roster::of(app, connection, &found.case).await?;
    let mut asked = outgoing::asked(app, &roster, &found.case, &rows, actor);
    let coordinators = &app.config.coordinators_address;
    let are_told = tells_coordinators && app.config.sign_offs.coordinator != CoordinatorPolicy::Off;
    if are_told && asked.iter().all(|(recipient, _)| !recipient.address.eq_ignore_ascii_case(coordinators)) {
        let recipient = crate::mail::Recipient { address: coordinators.clone(), person_id: None, why: "liaison coordinators".to_owned() };
        asked.push((recipient, Vec::new()));
    }
    asked
        .into_iter()
        .map(|(recipient, what)| mails::outgoing::sign_off_asked(&about, letter, submitted_by, recipient, &what).map_err(anyhow::Error::from))
        .collect()
}

fn about(app: &App, found: &Found, path: &str) -> About {
    About {
        statement_id: found.statement_id,
        draft_id: found.draft_id.clone(),
        label: app.config.statement_label.clone(),
        url: app.config.absolute(path),
    }
}

/// The rows that wait, of those that a person may give, each with the roles in which they may.
///
/// # Errors
/// Why they may give none; the database's.
pub async fn rows_of(
    app: &App,
    connection: &mut PgConnection,
    acting: &crate::people::Viewer,
    found: &Found,
    rows: &[SignOff],
) -> sqlx::Result<Result<Vec<(SignOff, Vec<Signing>)>, WhyNot>> {
    let submitted_by = signing::submitted_by(&mut *connection, found.statement_id).await?;
    let roster = Roster::of(app, connection, &found.case).await?;
    let mut mine = Vec::new();
    let mut why_not = WhyNot("Nothing is asked any more.".to_owned());
    for row in rows.iter().filter(|row| row.state == "waiting") {
        let mut who = outgoing::signers(app, &roster, &found.case, row.asked(), Some(row.asked_at));
        who.others.submitted_by = submitted_by;
        match may_sign(acting, row.asked(), &found.case, &who.others) {
            Ok(roles) => mine.push((row.clone(), roles)),
            Err(why) => why_not = why,
        }
    }
    Ok(if mine.is_empty() { Err(why_not) } else { Ok(mine) })
}

/// What somebody decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deciding<'a> {
    /// The version and the round that they read.
    pub seen: (i32, i32),
    /// What should be changed; none: they give it.
    pub changes: Option<&'a str>,
    /// When the group was informed, where the author left it empty.
    pub informed: Option<NaiveDate>,
    /// For whoever holds the row's own role.
    pub is_standing_in: bool,
    /// The link to the IAB's decision, where its approval is given.
    pub decision: &'a str,
}

/// The field of the link to the IAB's decision.
pub const DECISION: &str = "iab-decision";

/// The IAB's approval names its decision (4053bis 4.1).
pub fn no_decision() -> Problems {
    let mut problems = Problems::default();
    problems.add(DECISION, "Enter the link to the IAB's decision");
    problems
}

/// Gives the sign-offs that are a person's in the role they act in, or requests changes with a reason. The last one posts,
/// in this transaction.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn sign(app: &App, acting: Acting<'_>, draft_id: &str, deciding: Deciding<'_>) -> anyhow::Result<Outcome> {
    let Deciding { seen, changes, informed, .. } = deciding;
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::InReview {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    let rows = steps::sign_offs(&mut transaction, locked.statement_id).await?;
    let mine = match rows_of(app, &mut transaction, acting.viewer, &locked, &rows).await? {
        Ok(mine) => mine,
        Err(why) => {
            // what they gave by submitting was given on no page: to press here is no second click
            let by_submitting = |row: &&SignOff| !(row.was_own && row.decided_by_id == Some(acting.viewer.person_id));
            let gave = rows.iter().filter(by_submitting).any(|row| row.decided_by_id == Some(acting.viewer.person_id));
            let could = || {
                let given = rows.iter().filter(by_submitting).filter(|row| row.state == "given");
                given
                    .map(|row| (row.kind, row.asked()))
                    .any(|(kind, asked)| may(Some(acting.viewer), Deed::Sign(kind), &locked.case.of_row(asked)).is_ok())
            };
            return Ok(if gave || could() { Outcome::Already(locked.case.state, locked.number) } else { Outcome::NotAllowed(why) });
        }
    };
    if (locked.version, locked.round) != seen {
        return Ok(Outcome::Stale);
    }
    // who stands in says so: their own row alone is not the other's
    let chosen = if deciding.is_standing_in { format!("{}{STANDING_IN}", acting.role) } else { acting.role.to_owned() };
    let in_this_role: Vec<(&SignOff, bool)> = mine
        .iter()
        .filter_map(|(row, roles)| roles.iter().find(|signing| signing.words() == chosen).map(|signing| (row, signing.is_standing_in)))
        .collect();
    if in_this_role.is_empty() {
        return Ok(Outcome::NotAllowed(WhyNot("You hold no role in which you can give this.".to_owned())));
    }
    if changes.is_none() && deciding.decision.is_empty() && in_this_role.iter().any(|(row, _)| locked.case.is_of_the_iab(row.asked())) {
        return Ok(Outcome::Problems(no_decision()));
    }
    let is_check = in_this_role.iter().any(|(row, _)| row.kind == SignOffKind::Check);
    let stands_in = if is_check { standing_in::of(app, &mut transaction, &locked, acting.viewer).await? } else { String::new() };
    let decided_as = if stands_in.is_empty() { acting.role.to_owned() } else { format!("{}, {stands_in}", acting.role) };
    let state = if changes.is_some() { "changes-requested" } else { "given" };
    for (row, is_standing_in) in &in_this_role {
        let decision = Decision {
            person_id: acting.viewer.person_id,
            role: &decided_as,
            at: now,
            state,
            words: changes.unwrap_or_default(),
            is_standing_in: *is_standing_in,
            entered: None,
            evidence: if changes.is_none() && locked.case.is_of_the_iab(row.asked()) { deciding.decision } else { "" },
        };
        if !steps::decide(&mut transaction, &locked, row.sign_off_id, decision).await? {
            return Ok(Outcome::Already(locked.case.state, locked.number));
        }
    }
    if let Some(reason) = changes {
        turn(app, &mut transaction, &locked, acting, Turn::ChangesRequested, State::Draft, reason, now).await?;
        transaction.commit().await?;
        app.mail_queued.notify_one();
        return Ok(Outcome::Draft);
    }
    if let Some(day) = informed {
        signing::set_informed(&mut transaction, &locked, day).await?;
    }
    let actor = acting.actor();
    for (row, is_standing_in) in &in_this_role {
        let mut words = match row.kind {
            SignOffKind::Check if stands_in.is_empty() => "checked it for posting".to_owned(),
            SignOffKind::Check => format!("checked it for posting, {stands_in}"),
            kind => format!("gave {}", sign_offs::words(kind, &row.group_label)),
        };
        if *is_standing_in {
            words.push_str(", standing in");
        }
        let event = if row.kind == SignOffKind::Check { "checked" } else { "signed" };
        let mut line = line(locked.statement_id, &actor, event, &words);
        line.audience = Audience::Public;
        line.changes = json!({ "sign-off": row.kind.as_str(), "version": locked.version, "informed-on": informed });
        history::record(&mut transaction, now, &line.as_entry()).await?;
    }
    // a coordinator who gave the manager's row has given the review
    if acting.viewer.has(RoleKind::Coordinator) && in_this_role.iter().any(|(row, _)| row.kind == SignOffKind::Manager) {
        let review = rows.iter().find(|row| row.kind == SignOffKind::Coordinator && matches!(row.state.as_str(), "waiting" | "later"));
        if let Some(review) = review {
            let coordinator = acting.viewer.roles.iter().find(|role| role.kind == RoleKind::Coordinator).map(crate::people::Role::words);
            let role = coordinator.unwrap_or_default();
            let decision = Decision {
                person_id: acting.viewer.person_id,
                role: &role,
                at: now,
                state: "given",
                words: "",
                is_standing_in: false,
                entered: None,
                evidence: "",
            };
            steps::decide(&mut transaction, &locked, review.sign_off_id, decision).await?;
            let words = format!("gave {} with it", sign_offs::words(SignOffKind::Coordinator, ""));
            let mut line = line(locked.statement_id, &actor, "signed", &words);
            line.audience = Audience::Public;
            history::record(&mut transaction, now, &line.as_entry()).await?;
        }
    }
    let outcome = go_on(app, &mut transaction, &locked, acting, &standing_in::checked_by(acting.viewer, &stands_in), now).await?;
    if matches!(outcome, Outcome::Problems(_)) {
        return Ok(outcome);
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

/// After a row was given: asks those whose turn has come, or posts; `checked`: by whom, standing in for the manager.
async fn go_on(
    app: &App,
    connection: &mut PgConnection,
    locked: &Locked,
    acting: Acting<'_>,
    checked: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let rows = steps::sign_offs(&mut *connection, locked.statement_id).await?;
    let without_approval = signing::is_without_approval(&mut *connection, locked.statement_id).await?;
    let counts = |row: &&SignOff| !(without_approval && row.kind == SignOffKind::Approval);
    if rows.iter().filter(counts).any(|row| row.state == "waiting") {
        return Ok(Outcome::InReview(String::new()));
    }
    let later: Vec<&SignOff> = rows.iter().filter(|row| row.state == "later").filter(counts).collect();
    if let Some(next) = later.iter().map(|row| stage(row.kind)).min() {
        let next_rows: Vec<&SignOff> = later.into_iter().filter(|row| stage(row.kind) == next).collect();
        let ids: Vec<SignOffId> = next_rows.iter().map(|row| row.sign_off_id).collect();
        let (problems, letter) = letter(app, &mut *connection, locked).await?;
        let Some(letter) = letter else {
            if !problems.of("deadline").is_empty() {
                turn(app, connection, locked, acting, Turn::DeadlinePassed, State::Draft, problems.of("deadline"), now).await?;
                return Ok(Outcome::Draft);
            }
            return Ok(Outcome::Problems(problems));
        };
        steps::ask_now(&mut *connection, locked, &ids, now).await?;
        let asked: Vec<Asked> = next_rows.iter().map(|row| row.asked()).collect();
        let submitted_by = signing::submitter(&mut *connection, locked.statement_id).await?;
        for message in mails_to_asked(app, &mut *connection, locked, &letter, &submitted_by, &asked, acting.viewer.person_id, false).await? {
            outbox::queue(&mut *connection, &app.config, now, &message).await?;
        }
        return Ok(Outcome::InReview(String::new()));
    }
    if signing::hold_of(&mut *connection, locked.statement_id).await?.is_some() {
        return Ok(Outcome::InReview(String::new()));
    }
    let (problems, letter) = letter(app, &mut *connection, locked).await?;
    let Some(letter) = letter else {
        if !problems.of("deadline").is_empty() && locked.case.direction == Direction::Outgoing {
            // an outgoing deadline past by then sends it back to draft (domain.md 3)
            turn(app, connection, locked, acting, Turn::DeadlinePassed, State::Draft, problems.of("deadline"), now).await?;
            return Ok(Outcome::Draft);
        }
        return Ok(Outcome::Problems(problems));
    };
    if !letter.names(&locked.case.parties) {
        let mut problems = Problems::default();
        problems.add("to", "a name in it means another group by now");
        return Ok(Outcome::Problems(problems));
    }
    Ok(Outcome::Posted(posting::post(app, connection, locked, &letter, checked, now).await?))
}

/// The letter as it stands in review.
async fn letter(app: &App, connection: &mut PgConnection, locked: &Locked) -> anyhow::Result<(Problems, Option<Letter>)> {
    let saved = draft::newest(&mut *connection, locked.statement_id).await?;
    let reading = crate::statements::reading::read(app, &mut *connection, locked.case.direction, Some(locked.statement_id), &saved.form).await?;
    let mut letter = reading.checked.letter;
    if let Some(letter) = &mut letter {
        (letter.sending.closes, letter.sending.in_part) = replies::chosen(&mut *connection, locked.statement_id).await?;
    }
    Ok((reading.checked.problems, letter))
}

/// Rows that were just written: all given, and it can be posted; or some that wait.
pub fn all_given(needed: &[Needed]) -> bool {
    needed.iter().all(|one| matches!(one.begins, Begins::Given(_)))
}

/// Holds it, with a reason, or releases it; what was signed meanwhile is posted on release.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn hold(app: &App, acting: Acting<'_>, draft_id: &str, reason: Option<&str>) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if let Err(why) = may(Some(acting.viewer), Deed::Hold, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    let is_held = signing::hold_of(&mut transaction, locked.statement_id).await?.is_some();
    if locked.case.state != State::InReview || locked.case.direction != Direction::Outgoing || is_held == reason.is_some() {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    signing::set_hold(&mut transaction, &locked, reason.map(|why| (acting.viewer.person_id, acting.role, why)), now).await?;
    let actor = acting.actor();
    let (event, words, told) = match reason {
        Some(why) => ("held", format!("holds it: {why}"), Event::Held(why)),
        None => ("released", "released it".to_owned(), Event::Released),
    };
    history::record(&mut transaction, now, &line(locked.statement_id, &actor, event, &words).as_entry()).await?;
    tell(app, &mut transaction, &locked, acting, told, Vec::new(), now).await?;
    let outcome = match reason {
        Some(_) => Outcome::InReview(String::new()),
        None => go_on(app, &mut transaction, &locked, acting, "", now).await?,
    };
    if matches!(outcome, Outcome::Problems(_)) {
        return Ok(outcome);
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

/// Tells the author, who edited it, who had signed, and those named; not who acts.
async fn tell(
    app: &App,
    connection: &mut PgConnection,
    locked: &Locked,
    acting: Acting<'_>,
    event: Event<'_>,
    beside: Vec<crate::mail::Recipient>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut told = crate::statements::recipients::signers(&mut *connection, locked).await?;
    told.extend(beside);
    let list = crate::statements::recipients::who_worked_on(&mut *connection, locked, told, acting.viewer.person_id).await?;
    if !list.is_empty() {
        let about = about(app, locked, &urls::draft(&locked.draft_id));
        let message = mails::outgoing::told(&about, event, &locked.title, &acting.named(), list)?;
        outbox::queue(connection, &app.config, now, &message).await?;
    }
    Ok(())
}

/// What was given elsewhere, or that it left without it.
#[derive(Debug, Clone, Copy)]
pub struct Entering<'a> {
    /// Which row.
    pub sign_off_id: SignOffId,
    /// In whose name; none: it left without approval, and the row stays open until it is confirmed or objected to.
    pub whose: Option<PersonId>,
    /// Where that can be seen.
    pub evidence: &'a str,
}

/// Enters a sign-off that was given elsewhere, in the name of who gave it, or that the statement left without approval.
///
/// # Errors
/// The database's; there is no such statement.
pub async fn enter(app: &App, acting: Acting<'_>, draft_id: &str, seen: (i32, i32), entering: Entering<'_>) -> anyhow::Result<Outcome> {
    let now = app.clock.now();
    let mut transaction = app.begin().await?;
    let Some(locked) = store::lock(&mut transaction, draft_id).await? else { anyhow::bail!("the draft is gone") };
    if locked.case.state != State::InReview || locked.case.direction != Direction::Outgoing {
        return Ok(Outcome::Already(locked.case.state, locked.number));
    }
    if let Err(why) = may(Some(acting.viewer), Deed::Enter, &locked.case) {
        return Ok(Outcome::NotAllowed(why));
    }
    if (locked.version, locked.round) != seen {
        return Ok(Outcome::Stale);
    }
    let rows = steps::sign_offs(&mut transaction, locked.statement_id).await?;
    let row = rows.iter().find(|row| row.sign_off_id == entering.sign_off_id && matches!(row.state.as_str(), "waiting" | "later"));
    let Some(row) = row else { return Ok(Outcome::Already(locked.case.state, locked.number)) };
    let what = sign_offs::words(row.kind, &row.group_label);
    let holders = outgoing::in_whose_name(app, &mut transaction, &locked.case, row.asked()).await?;
    let actor = acting.actor();
    match entering.whose {
        Some(person) => {
            let Some(holder) = holders.iter().find(|holder| holder.person_id == person) else {
                return Ok(Outcome::NotAllowed(WhyNot(format!("Choose somebody who can give {what}."))));
            };
            if person == acting.viewer.person_id {
                return Ok(Outcome::NotAllowed(WhyNot("What is yours to give, give on the page on which it is asked.".to_owned())));
            }
            let role = outgoing::role_words(holder);
            let decision = Decision {
                person_id: person,
                role: &role,
                at: now,
                state: "given",
                words: "",
                is_standing_in: false,
                entered: Some((acting.viewer.person_id, acting.role)),
                evidence: entering.evidence,
            };
            if !steps::decide(&mut transaction, &locked, row.sign_off_id, decision).await? {
                return Ok(Outcome::Already(locked.case.state, locked.number));
            }
            let words = format!("entered {what}, given by {} elsewhere", holder.name);
            let mut line = line(locked.statement_id, &actor, "entered", &words);
            line.audience = Audience::Public;
            line.changes = json!({ "evidence": entering.evidence, "version": locked.version });
            history::record(&mut transaction, now, &line.as_entry()).await?;
            let told = crate::mail::Recipient { address: holder.address.clone(), person_id: Some(person), why: role.clone() };
            tell(app, &mut transaction, &locked, acting, Event::Entered(&what, &holder.name, entering.evidence), vec![told], now).await?;
        }
        None if row.kind != SignOffKind::Approval => {
            return Ok(Outcome::NotAllowed(WhyNot("Only the approval can be missing from what has left already.".to_owned())));
        }
        None => {
            let would_be_mailed = letter(app, &mut transaction, &locked).await?.1.is_none_or(|letter| letter.sending.delivered.is_none());
            if would_be_mailed {
                let why =
                    "It would be mailed when it is posted. Take it back and say how it was delivered; then enter that it left without approval.";
                return Ok(Outcome::NotAllowed(WhyNot(why.to_owned())));
            }
            if signing::is_without_approval(&mut transaction, locked.statement_id).await? {
                return Ok(Outcome::Already(locked.case.state, locked.number));
            }
            signing::set_without_approval(&mut transaction, &locked).await?;
            // whose turn had not come is asked now: the statement has left
            let open: Vec<&SignOff> = rows.iter().filter(|row| row.kind == SignOffKind::Approval && row.state != "given").collect();
            let later: Vec<SignOffId> = open.iter().map(|row| row.sign_off_id).collect();
            steps::ask_now(&mut transaction, &locked, &later, now).await?;
            let mut asked = Vec::new();
            for row in open {
                for holder in outgoing::in_whose_name(app, &mut transaction, &locked.case, row.asked()).await? {
                    let why = outgoing::role_words(&holder);
                    asked.push(crate::mail::Recipient { address: holder.address, person_id: Some(holder.person_id), why });
                }
            }
            let mut line = line(locked.statement_id, &actor, "without-approval", "entered that it had left without approval");
            line.audience = Audience::Public;
            line.changes = json!({ "evidence": entering.evidence, "version": locked.version });
            history::record(&mut transaction, now, &line.as_entry()).await?;
            tell(app, &mut transaction, &locked, acting, Event::WithoutApproval(entering.evidence), asked, now).await?;
        }
    }
    let outcome = go_on(app, &mut transaction, &locked, acting, "", now).await?;
    if matches!(outcome, Outcome::Problems(_)) {
        return Ok(outcome);
    }
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(outcome)
}

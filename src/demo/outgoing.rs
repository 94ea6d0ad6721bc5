//! Outgoing statements of the demonstration, in each state in which they can be: drafted, waiting for an approval, held,
//! posted and awaited, answered; and a peer's answer.

use anyhow::{Context, bail};
use chrono::{Days, TimeDelta};

use super::exchanges::{on_day, seen, viewer};
use super::store as demonstration;
use crate::App;
use crate::dates;
use crate::people::Role;
use crate::statements::Direction;
use crate::statements::drafting::{self, FileChanges};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::{self, Acting, Chosen, Outcome};
use crate::statements::signing::{self, Deciding};
use crate::statements::store::draft::Manner;

/// What becomes of one after it was drafted.
enum Then {
    StaysDraft,
    /// Submitted, and given by these so far.
    Signed(&'static [&'static str]),
    /// Submitted, and held by this person.
    Held(&'static str, &'static str),
}

/// One statement; days are counted back from today.
struct Letter {
    by: &'static str,
    days_ago: u64,
    direction: Direction,
    from: &'static str,
    to: &'static str,
    title: &'static str,
    purpose: &'static str,
    /// Days from today.
    due: Option<i64>,
    /// Title of the statement that it answers; empty: of none.
    answers: &'static str,
    body: &'static str,
    then: Then,
}

const ASKED: &str = "Use of G.875 amendments in topology models";
const ANSWERED: &str = "Segment routing in transport networks of the 5G system: a question";

const LETTERS: [Letter; 6] = [
    Letter {
        by: "chair-spring",
        days_ago: 25,
        direction: Direction::Outgoing,
        from: "SPRING",
        to: "3GPP SA2",
        title: ANSWERED,
        purpose: "for-action",
        due: Some(10),
        answers: "",
        body: "Dear SA2,\r\n\r\nSPRING would like to know whether the user plane of release 20 relies on the order of segments.\r\n",
        then: Then::Signed(&["ad-rtg", "manager-3gpp"]),
    },
    Letter {
        by: "chair-ccamp",
        days_ago: 15,
        direction: Direction::Outgoing,
        from: "CCAMP",
        to: "ITU-T SG15",
        title: ASKED,
        purpose: "for-action",
        due: Some(25),
        answers: "",
        body: "Dear Q14/15,\r\n\r\nCCAMP asks which of the amendments to G.875 a topology model should follow.\r\n",
        then: Then::Signed(&["ad-rtg", "manager-itu-t"]),
    },
    Letter {
        by: "manager-3gpp",
        days_ago: 3,
        direction: Direction::Incoming,
        from: "3GPP SA2",
        to: "SPRING",
        title: "Reply LS on segment routing in transport networks",
        purpose: "in-response",
        due: None,
        answers: ANSWERED,
        body: "SA2 confirms that the user plane does not rely on the order of segments.\r\n",
        then: Then::Signed(&[]),
    },
    Letter {
        by: "chair-nmop",
        days_ago: 2,
        direction: Direction::Outgoing,
        from: "NMOP",
        to: "ETSI ISG ZSM",
        title: "Reply on new work on Network Digital Twin",
        purpose: "in-response",
        due: None,
        answers: "New work on Network Digital Twin: follow-up to ETSI GS ZSM 018",
        body: "Dear ISG ZSM,\r\n\r\nNMOP welcomes the work. The topology models can be reused as they are; identifiers of simulated elements\r\nshould be told apart from those of real ones.\r\n\r\nChairs, NMOP\r\n",
        then: Then::Signed(&[]),
    },
    Letter {
        by: "chair-spring",
        days_ago: 2,
        direction: Direction::Outgoing,
        from: "SPRING",
        to: "ITU-T SG11",
        title: "Reply on verifying conformance to SRv6",
        purpose: "in-response",
        due: None,
        answers: "Method for verifying conformance to SRv6: comments wanted",
        body: "Dear SG11,\r\n\r\nThe list of specifications in annex 1 is complete.\r\n",
        then: Then::Held("coordinator", "SG11 asked us by mail to wait for its meeting on Thursday."),
    },
    Letter {
        by: "secretary-nmop",
        days_ago: 1,
        direction: Direction::Outgoing,
        from: "NMOP",
        to: "ITU-T SG15",
        title: "Reply on network topology models",
        purpose: "in-response",
        due: None,
        answers: "Network topology models: review of clause 7",
        body: "Dear SG15,\r\n\r\nNMOP has read clause 7 and\r\n",
        then: Then::StaysDraft,
    },
];

/// Makes them, after what they answer.
///
/// # Errors
/// A step's.
pub async fn letters(app: &App, days_ago: std::ops::Range<u64>) -> anyhow::Result<()> {
    for letter in LETTERS.iter().filter(|letter| days_ago.contains(&letter.days_ago)) {
        make(app, letter).await.with_context(|| format!("statement \"{}\"", letter.title))?;
    }
    demonstration::record_mail(&app.pool).await?;
    Ok(())
}

async fn form(app: &App, then: &App, letter: &Letter) -> anyhow::Result<StatementForm> {
    let is_outgoing = letter.direction == Direction::Outgoing;
    let due = letter.due.and_then(|days| app.today().checked_add_signed(TimeDelta::days(days)));
    let answers = match letter.answers {
        "" => String::new(),
        title => demonstration::number_of(&app.pool, title).await?.to_string(),
    };
    let informed = then.today().checked_sub_days(Days::new(5)).filter(|_| is_outgoing);
    Ok(StatementForm {
        from: letter.from.to_owned(),
        to: letter.to.to_owned(),
        title: letter.title.to_owned(),
        purpose: letter.purpose.to_owned(),
        deadline: due.map(dates::long_date).unwrap_or_default(),
        answers,
        body: letter.body.to_owned(),
        consensus: if is_outgoing { "collected".to_owned() } else { String::new() },
        informed_on: informed.map(dates::long_date).unwrap_or_default(),
        ..StatementForm::default()
    })
}

async fn make(app: &App, letter: &Letter) -> anyhow::Result<()> {
    let then = on_day(app, letter.days_ago, 11).await?;
    let author = viewer(&then, letter.by).await?;
    let role = author.roles.first().map(Role::words).unwrap_or_default();
    let acting = Acting { viewer: &author, role: &role };
    let manner = Manner { page: letter.title, ..Manner::default() };
    let (draft_id, _) = drafting::begin(&then, acting, letter.direction, form(app, &then, letter).await?, manner, &FileChanges::default()).await?;
    match letter.then {
        Then::StaysDraft => Ok(()),
        Then::Signed(signers) => {
            submit(&then, acting, &draft_id).await?;
            let later = on_day(app, letter.days_ago.saturating_sub(1), 9).await?;
            for local in signers {
                sign(&later, local, &draft_id).await?;
            }
            Ok(())
        }
        Then::Held(local, why) => {
            submit(&then, acting, &draft_id).await?;
            let later = on_day(app, letter.days_ago.saturating_sub(1), 9).await?;
            let holder = viewer(&later, local).await?;
            let role = holder.roles.first().map(Role::words).unwrap_or_default();
            signing::hold(&later, Acting { viewer: &holder, role: &role }, &draft_id, Some(why)).await.map(drop)
        }
    }
}

/// Submits it, whatever is warned of.
async fn submit(then: &App, acting: Acting<'_>, draft_id: &str) -> anyhow::Result<()> {
    let (version, _) = seen(then, draft_id).await?;
    let mut overruled = Vec::new();
    if let Outcome::Warnings(warnings) = lifecycle::submit(then, acting, draft_id, version, Chosen::default()).await? {
        overruled.extend(warnings.into_iter().map(|warning| warning.name));
    } else {
        return Ok(());
    }
    match lifecycle::submit(then, acting, draft_id, version, Chosen { overruled: &overruled, ..Chosen::default() }).await? {
        Outcome::Posted(_) | Outcome::InReview(_) => Ok(()),
        other => bail!("not submitted: {other:?}"),
    }
}

async fn sign(later: &App, local: &str, draft_id: &str) -> anyhow::Result<()> {
    let signer = viewer(later, local).await?;
    let role = signer.roles.first().map(Role::words).unwrap_or_default();
    let seen = seen(later, draft_id).await?;
    match signing::sign(later, Acting { viewer: &signer, role: &role }, draft_id, Deciding { seen, ..Deciding::default() }).await? {
        Outcome::Posted(_) | Outcome::InReview(_) => Ok(()),
        other => bail!("{local} did not sign: {other:?}"),
    }
}

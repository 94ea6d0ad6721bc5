//! Live exchanges of the demonstration: statements that are being drafted, checked, read, answered late, and asked for.
//!
//! Made by the same steps that people take, each on its day before the one on which the demonstration is made.

use anyhow::{Context, bail};
use axum::body::Bytes;
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures_util::stream;

use super::people::PEOPLE;
use super::store as demonstration;
use crate::App;
use crate::clock::Clock;
use crate::dates;
use crate::people::secrets::Secret;
use crate::people::{Viewer, store as people};
use crate::statements::attachments::{self, Content, NewAttachment};
use crate::statements::drafting::{self, FileChanges};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::{self, Acting, Chosen, Outcome, Step};
use crate::statements::signing::{self, Deciding};
use crate::statements::store::draft::Manner;
use crate::statements::store::{self, Key, files};
use crate::statements::{AttachmentKind, Direction};

const PDF: (&str, &[u8]) = ("SG15-LS-topology.pdf", include_bytes!("../../demo/files/letter.pdf"));
const WORD: (&str, &[u8]) = ("SG15-LS-topology.docx", include_bytes!("../../demo/files/letter.docx"));
const TEXT: (&str, &[u8]) = ("comments.txt", include_bytes!("../../demo/files/comments.txt"));
const TABLE: (&str, &[u8]) = ("open-items.csv", include_bytes!("../../demo/files/items.csv"));

/// What becomes of an exchange after it was drafted.
enum Then {
    /// It stays a draft.
    StaysDraft,
    /// It waits for the check before posting.
    InReview,
    /// Posted at once by whoever recorded it.
    Posted,
    /// Checked and so posted, by this person.
    CheckedBy(&'static str),
    /// This person wants changes.
    ChangesBy(&'static str, &'static str),
    /// Given up.
    Abandoned(&'static str),
}

/// One exchange; days are counted back from today.
struct Exchange {
    by: &'static str,
    days_ago: u64,
    from: &'static str,
    to: &'static str,
    copy: &'static str,
    title: &'static str,
    purpose: &'static str,
    /// Days from today; negative: past.
    due: Option<i64>,
    answers: &'static str,
    reference: &'static str,
    body: &'static str,
    files: &'static [(&'static str, &'static [u8])],
    purpose_for: &'static [(&'static str, &'static str, &'static str)],
    then: Then,
}

const NOTHING: Exchange = Exchange {
    by: "",
    days_ago: 0,
    from: "",
    to: "",
    copy: "",
    title: "",
    purpose: "for-information",
    due: None,
    answers: "",
    reference: "",
    body: "",
    files: &[],
    purpose_for: &[],
    then: Then::StaysDraft,
};

/// Days ago; what was sent before it was posted before what came since: numbers rise with the time of posting.
pub(super) const BETWEEN: u64 = 13;

const EXCHANGES: [Exchange; 13] = [
    Exchange {
        by: "manager-itu-t",
        days_ago: 62,
        from: "ITU-T SG15",
        to: "CCAMP",
        title: "OTN synchronization: request for review of draft G.8275 amendment",
        purpose: "for-action",
        due: Some(-23),
        reference: "SG15-LS512",
        body: "Dear CCAMP chairs,\r\n\r\nQ13/15 has revised the synchronization model of the optical transport network. We ask for your review of\r\nclause 6 with regard to RFC 8345 before our next interim meeting.\r\n\r\nRapporteur, Q13/15\r\n",
        then: Then::Posted,
        ..NOTHING
    },
    Exchange {
        by: "chair-spring",
        days_ago: 40,
        from: "ITU-T SG11",
        to: "SPRING",
        title: "Method for verifying conformance to SRv6: comments wanted",
        purpose: "for-action",
        due: Some(-4),
        reference: "SG11-LS338",
        body: "SG11 has begun work on a technical report about verifying conformance to Segment Routing over IPv6.\r\n\r\nWe would be glad of comments on the list of specifications in annex 1, in particular RFC 8754 and RFC 8986.\r\n",
        files: &[TABLE],
        then: Then::CheckedBy("manager-itu-t"),
        ..NOTHING
    },
    Exchange {
        by: "chair-nmop",
        days_ago: 12,
        from: "ITU-T SG15",
        to: "NMOP",
        title: "Network topology models: review of clause 7",
        purpose: "for-action",
        due: Some(16),
        reference: "SG15-LS533",
        files: &[PDF, WORD, TEXT],
        then: Then::CheckedBy("manager-itu-t"),
        ..NOTHING
    },
    Exchange {
        by: "coordinator",
        days_ago: 9,
        from: "ETSI ISG ZSM",
        to: "NMOP",
        title: "New work on Network Digital Twin: follow-up to ETSI GS ZSM 018",
        purpose: "for-action",
        due: Some(8),
        reference: "ZSM(26)000123",
        body: "Dear NMOP chairs,\r\n\r\nETSI ISG ZSM has started normative work on Network Digital Twin. We understand that NMOP considers\r\ntopology models for a Digital Map, and ask for your view on\r\n\r\n\t1.\treuse of the topology models in https://www.rfc-editor.org/info/rfc8345\r\n\t2.\tidentifiers for simulated elements.\r\n\r\nChair, ETSI ISG ZSM\r\n",
        then: Then::Posted,
        ..NOTHING
    },
    Exchange {
        by: "manager-3gpp",
        days_ago: 6,
        from: "3GPP SA3",
        to: "SPRING",
        copy: "6MAN",
        title: "LS on integrity of segment routing headers in transport networks",
        purpose: "for-action",
        reference: "S3-261417",
        answers: "their S2-2601101; R3-260055",
        body: "SA3 studies the protection of user plane traffic that crosses transport networks with segment routing.\r\nSA3 kindly asks SPRING whether the HMAC TLV of RFC 8754 is deployed, and with which key management.\r\n",
        then: Then::Posted,
        ..NOTHING
    },
    Exchange {
        by: "manager-itu-t",
        days_ago: 5,
        from: "ITU-T SG11",
        to: "NMOP; SPRING; CCAMP",
        title: "Test methods for network automation: three questions",
        purpose: "for-information",
        due: Some(30),
        reference: "SG11-LS341",
        body: "This letter is for action by NMOP, and for information to SPRING and CCAMP.\r\n",
        purpose_for: &[("nmop", "for-action", "Which YANG modules should a test of automation exercise first?")],
        then: Then::Posted,
        ..NOTHING
    },
    Exchange {
        by: "coordinator2",
        days_ago: 4,
        from: "BBF",
        to: "IETF",
        title: "Publication of TR-459 issue 3",
        purpose: "for-information",
        reference: "LIAISE-702",
        body: "The Broadband Forum has published issue 3 of TR-459. It is open to everybody.\r\n",
        then: Then::Posted,
        ..NOTHING
    },
    Exchange {
        by: "coordinator",
        days_ago: 3,
        from: "ETSI ISG ZSM",
        to: "NMOP",
        title: "Reply on Network Digital Twin terminology",
        purpose: "in-response",
        answers: "1914",
        reference: "ZSM(26)000131",
        body: "ISG ZSM thanks NMOP for its comments. The terms will be aligned as proposed.\r\n",
        then: Then::Posted,
        ..NOTHING
    },
    Exchange {
        by: "chair-nmop",
        days_ago: 1,
        from: "ITU-T SG13",
        to: "NMOP",
        title: "Initiation of new work item on intent-based operation",
        purpose: "for-information",
        reference: "SG13-LS208",
        body: "SG13 informs NMOP about a new work item. No answer is expected.\r\n",
        then: Then::InReview,
        ..NOTHING
    },
    Exchange {
        by: "secretary-nmop",
        days_ago: 1,
        from: "ETSI ISG ZSM",
        to: "NMOP",
        title: "Invitation to a joint call on Digital Map",
        purpose: "for-action",
        due: Some(21),
        body: "We propose a call of 90 minutes and ask NMOP to name two dates.\r\n",
        then: Then::InReview,
        ..NOTHING
    },
    Exchange {
        by: "chair-spring",
        days_ago: 2,
        from: "3GPP SA2",
        to: "SPRING",
        title: "Reply LS on 5G network slice application",
        purpose: "in-response",
        answers: "2064",
        body: "SA2 thanks SPRING for the reply.\r\n",
        then: Then::ChangesBy("manager-3gpp", "The number of the letter is missing: it is S2-2601733."),
        ..NOTHING
    },
    Exchange {
        by: "chair-nmop",
        days_ago: 0,
        from: "ITU-T SG15",
        to: "nmp",
        title: "LS on management of optical modules",
        purpose: "for-action",
        due: None,
        body: "",
        then: Then::StaysDraft,
        ..NOTHING
    },
    Exchange {
        by: "chair-ccamp",
        days_ago: 20,
        from: "ITU-T SG15",
        to: "CCAMP",
        title: "LS on flexible grid (second copy)",
        purpose: "for-information",
        body: "The same letter came by two ways.\r\n",
        then: Then::Abandoned("It was recorded already, from the list"),
        ..NOTHING
    },
];

/// Makes them; called once, when there is none. No mail about them leaves.
///
/// # Errors
/// A step's.
pub async fn exchanges(app: &App) -> anyhow::Result<()> {
    let mut is_between = true;
    for exchange in &EXCHANGES {
        if is_between && exchange.days_ago < BETWEEN {
            is_between = false;
            super::outgoing::letters(app, BETWEEN..u64::MAX).await?;
        }
        make(app, exchange).await.with_context(|| format!("exchange \"{}\"", exchange.title))?;
    }
    demonstration::record_mail(&app.pool).await?;
    Ok(())
}

/// The service as it was on an earlier day, at 10 in the morning.
pub(super) async fn on_day(app: &App, days_ago: u64, hour: u32) -> anyhow::Result<App> {
    let at: DateTime<Utc> = app
        .today()
        .checked_sub_days(Days::new(days_ago))
        .and_then(|day| day.and_hms_opt(hour, 12, 0))
        .map(|time| time.and_utc())
        .context("no such day")?
        .min(app.clock.now());
    let then = App::new(app.config.clone(), app.pool.clone(), Clock::fixed(at));
    then.set_ready().await?;
    Ok(then)
}

pub(super) async fn viewer(app: &App, local: &str) -> anyhow::Result<Viewer> {
    let made = PEOPLE.iter().find(|made| made.local == local).context("no such person")?;
    let mut connection = app.pool.acquire().await?;
    let person = people::find_by_address(&mut connection, &made.address()).await?.context("the person is not made yet")?;
    let secret = Secret::new()?;
    people::sessions::add(&mut connection, app.clock.now(), person, &secret.hash, "demonstration").await?;
    let viewer = people::viewer(&app.pool, &secret.hash, app.clock.now(), app.today()).await?.context("the account can't sign in")?;
    people::sessions::end(&mut connection, person, viewer.session_id).await?;
    Ok(viewer)
}

fn form(exchange: &Exchange, today: NaiveDate, written: NaiveDate) -> StatementForm {
    let due = exchange.due.and_then(|days| today.checked_add_signed(chrono::TimeDelta::days(days)));
    StatementForm {
        from: exchange.from.to_owned(),
        to: exchange.to.to_owned(),
        copy: exchange.copy.to_owned(),
        title: exchange.title.to_owned(),
        purpose: exchange.purpose.to_owned(),
        deadline: due.map(dates::long_date).unwrap_or_default(),
        answers: exchange.answers.to_owned(),
        body: exchange.body.to_owned(),
        references: exchange.reference.to_owned(),
        letter_date: dates::long_date(written),
        received_on: dates::long_date(written),
        purpose_for: exchange.purpose_for.iter().map(|(group, purpose, _)| ((*group).to_owned(), (*purpose).to_owned())).collect(),
        asked_of: exchange.purpose_for.iter().map(|(group, _, asked)| ((*group).to_owned(), (*asked).to_owned())).collect(),
        ..StatementForm::default()
    }
}

async fn make(app: &App, exchange: &Exchange) -> anyhow::Result<()> {
    let then = on_day(app, exchange.days_ago, 10).await?;
    let author = viewer(&then, exchange.by).await?;
    let role = author.roles.first().map(crate::people::Role::words).unwrap_or_default();
    let acting = Acting { viewer: &author, role: &role };
    let form = form(exchange, app.today(), then.today());
    let (draft_id, _) =
        drafting::begin(&then, acting, Direction::Incoming, form, Manner { page: exchange.title, ..Manner::default() }, &FileChanges::default())
            .await?;
    let mut connection = then.pool.acquire().await?;
    let id = store::find(&mut connection, Key::Draft(&draft_id)).await?.context("the draft is gone")?.statement_id;
    drop(connection);
    for (n, (name, bytes)) in exchange.files.iter().enumerate() {
        let stream = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(bytes))]);
        let stored = attachments::receive(&then.pool, then.clock.now(), name, stream, then.config.max_file_bytes).await?;
        let kind = match n {
            0 => AttachmentKind::Statement,
            1 => AttachmentKind::Alternative,
            _ => AttachmentKind::Enclosure,
        };
        let mut connection = then.pool.acquire().await?;
        files::attach(&mut connection, id, &NewAttachment::public(kind, Content::File(&stored)), Some(author.person_id), then.clock.now()).await?;
    }
    match &exchange.then {
        Then::StaysDraft => Ok(()),
        Then::Abandoned(reason) => lifecycle::step(&then, acting, &draft_id, Step::Abandon, reason).await.map(drop),
        Then::InReview | Then::Posted => submit(&then, acting, &draft_id).await,
        Then::CheckedBy(local) => {
            submit(&then, acting, &draft_id).await?;
            decide(app, exchange, local, &draft_id, None).await
        }
        Then::ChangesBy(local, reason) => {
            submit(&then, acting, &draft_id).await?;
            decide(app, exchange, local, &draft_id, Some(reason)).await
        }
    }
}

async fn submit(then: &App, acting: Acting<'_>, draft_id: &str) -> anyhow::Result<()> {
    let (version, _) = seen(then, draft_id).await?;
    let overruled = ["no-deadline", "near-deadline", "past-deadline", "no-readable-twin"].map(str::to_owned);
    match lifecycle::submit(then, acting, draft_id, version, Chosen { overruled: &overruled, ..Chosen::default() }).await? {
        Outcome::Posted(_) | Outcome::InReview(_) => Ok(()),
        other => bail!("not submitted: {other:?}"),
    }
}

async fn decide(app: &App, exchange: &Exchange, local: &str, draft_id: &str, changes: Option<&str>) -> anyhow::Result<()> {
    let later = on_day(app, exchange.days_ago.saturating_sub(1), 8).await?;
    let checker = viewer(&later, local).await?;
    let role = checker.roles.first().map(crate::people::Role::words).unwrap_or_default();
    let seen = seen(&later, draft_id).await?;
    match signing::sign(&later, Acting { viewer: &checker, role: &role }, draft_id, Deciding { seen, changes, ..Deciding::default() }).await? {
        Outcome::Posted(_) | Outcome::Draft => Ok(()),
        other => bail!("not decided: {other:?}"),
    }
}

/// The version and the round somebody reads now.
pub(super) async fn seen(app: &App, draft_id: &str) -> anyhow::Result<(i32, i32)> {
    let mut connection = app.pool.acquire().await?;
    let found = store::find(&mut connection, Key::Draft(draft_id)).await?.context("the draft is gone")?;
    Ok((found.version, found.round))
}

//! `group`: organizations, groups and their stored addresses. Each change has its line of history.

use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::NaiveDate;

use super::service;
use crate::App;
use crate::config::Config;
use crate::history::Actor;
use crate::mail::address::Mailbox;
use crate::organizations::changes::{self, NewGroup};
use crate::organizations::store::{self, Found};
use crate::organizations::{GroupKind, GroupState};

/// What to do.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Add an organization, or a group under another
    Add {
        /// Acronym, unique among all groups
        acronym: String,
        /// Full name
        #[arg(long)]
        name: String,
        /// Acronym of the group above; without it, it is an organization
        #[arg(long)]
        under: Option<String>,
        /// area, wg, rg, iesg, iab, irtf or group
        #[arg(long, default_value = "group")]
        kind: String,
        /// proposed, active or concluded
        #[arg(long, default_value = "active")]
        state: String,
        /// It is the organization that runs this tracker
        #[arg(long)]
        home: bool,
        /// It sends no statements
        #[arg(long)]
        no_send: bool,
        /// It receives no statements
        #[arg(long)]
        no_receive: bool,
    },
    /// Give a group another acronym or name; the former ones stay searchable
    Rename {
        /// Its present acronym
        acronym: String,
        /// New acronym
        #[arg(long)]
        to: Option<String>,
        /// New name
        #[arg(long)]
        name: Option<String>,
        /// Until when it had the former one: a year, a month or a day; today if not given
        #[arg(long)]
        until: Option<String>,
    },
    /// Conclude a group
    Conclude {
        /// Its acronym
        acronym: String,
        /// The day, like 2026-03-14; today if not given
        #[arg(long)]
        on: Option<NaiveDate>,
        /// Acronym of the group that takes its place
        #[arg(long)]
        replaced_by: Option<String>,
    },
    /// Put a group, with all below it, under another
    Move {
        /// Its acronym
        acronym: String,
        /// Acronym of the group above
        #[arg(long)]
        under: String,
    },
    /// Say whether a group may send statements
    MaySend {
        /// Its acronym
        acronym: String,
        /// yes or no
        answer: String,
    },
    /// Say whether a group may receive statements
    MayReceive {
        /// Its acronym
        acronym: String,
        /// yes or no
        answer: String,
    },
    /// Set the notes on how to send to a group; never passwords
    HowToSend {
        /// Its acronym
        acronym: String,
        /// The notes
        notes: String,
    },
    /// Set the day of a group's next meeting, or take it away
    Meeting {
        /// Its acronym
        acronym: String,
        /// The day, like 2026-03-14; none: take it away
        day: Option<NaiveDate>,
    },
    /// Stored addresses of a group
    Contact {
        #[command(subcommand)]
        what: ContactWhat,
    },
    /// Print organizations, or a group with all below it and its addresses
    List {
        /// Its acronym; without it, all organizations
        acronym: Option<String>,
    },
}

#[derive(clap::Subcommand)]
enum ContactWhat {
    /// Store an address
    Add {
        /// Acronym of the group
        acronym: String,
        /// list, chairs, send-to, to or cc
        kind: String,
        /// The address, perhaps with a name: 'Secretariat <sec@example.org>'
        mailbox: String,
        /// role, list or person; a person's address is not public
        #[arg(long, default_value = "role")]
        sort: String,
    },
    /// Take an address away
    Remove {
        /// Acronym of the group
        acronym: String,
        /// The address
        mailbox: String,
        /// Only in this use
        #[arg(long)]
        kind: Option<String>,
    },
    /// Note that an address, or all of a group, are right today
    Confirm {
        /// Acronym of the group
        acronym: String,
        /// The address; without it, all
        mailbox: Option<String>,
    },
}

/// Runs it.
///
/// # Errors
/// Why it can't be done, in a sentence.
pub async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let done = match service::open(config, &database).await {
        Ok(app) => run_on(&app, arguments.what).await,
        Err(error) => Err(error),
    };
    database.close().await;
    println!("{}", done?.trim_end());
    Ok(ExitCode::SUCCESS)
}

async fn run_on(app: &App, what: What) -> anyhow::Result<String> {
    let actor = Actor { person_id: None, name: "Administrator".to_owned(), role: "command line".to_owned() };
    let actor = &actor;
    match what {
        What::Add { acronym, name, under, kind, state, home, no_send, no_receive } => {
            let kind = if under.is_none() {
                GroupKind::Organization
            } else {
                GroupKind::parse(&kind).with_context(|| format!("{kind} is no kind of group"))?
            };
            let state = GroupState::parse(&state).with_context(|| format!("{state} is no state of a group"))?;
            let new = NewGroup { acronym, name, under, kind, state, is_home: home, may_send: !no_send, may_receive: !no_receive };
            changes::add(app, actor, &new).await?;
            Ok(format!("{} is added.", new.acronym))
        }
        What::Rename { acronym, to, name, until } => {
            changes::rename(app, actor, &acronym, to.as_deref(), name.as_deref(), until.as_deref()).await?;
            Ok("It is renamed; the former name stays searchable.".to_owned())
        }
        What::Conclude { acronym, on, replaced_by } => {
            changes::conclude(app, actor, &acronym, on.unwrap_or_else(|| app.today()), replaced_by.as_deref()).await?;
            Ok(format!("{acronym} is concluded."))
        }
        What::Move { acronym, under } => {
            changes::move_under(app, actor, &acronym, &under).await?;
            Ok(format!("{acronym} stands under {under} now."))
        }
        What::MaySend { acronym, answer } => {
            changes::permit(app, actor, &acronym, Some(yes(&answer)?), None).await?;
            Ok(format!("Whether {acronym} may send: {answer}."))
        }
        What::MayReceive { acronym, answer } => {
            changes::permit(app, actor, &acronym, None, Some(yes(&answer)?)).await?;
            Ok(format!("Whether {acronym} may receive: {answer}."))
        }
        What::HowToSend { acronym, notes } => {
            changes::set_how_to_send(app, actor, &acronym, &notes).await?;
            Ok("The notes are kept.".to_owned())
        }
        What::Meeting { acronym, day } => {
            changes::set_next_meeting(app, actor, &acronym, day).await?;
            Ok("The day is kept.".to_owned())
        }
        What::Contact { what } => contact(app, actor, what).await,
        What::List { acronym } => list(app, acronym.as_deref()).await,
    }
}

async fn contact(app: &App, actor: &Actor, what: ContactWhat) -> anyhow::Result<String> {
    match what {
        ContactWhat::Add { acronym, kind, mailbox, sort } => {
            let is_new = changes::add_contact(app, actor, &acronym, &kind, &read(&mailbox)?, &sort).await?;
            Ok(if is_new { "The address is stored.".to_owned() } else { "The address was stored already.".to_owned() })
        }
        ContactWhat::Remove { acronym, mailbox, kind } => {
            changes::remove_contact(app, actor, &acronym, kind.as_deref(), &read(&mailbox)?).await?;
            Ok("The address is taken away.".to_owned())
        }
        ContactWhat::Confirm { acronym, mailbox } => {
            let mailbox = mailbox.as_deref().map(read).transpose()?;
            let confirmed = changes::confirm_contacts(app, actor, &acronym, mailbox.as_ref()).await?;
            Ok(format!("{confirmed} addresses are confirmed."))
        }
    }
}

async fn list(app: &App, acronym: Option<&str>) -> anyhow::Result<String> {
    let mut lines = Vec::new();
    let Some(acronym) = acronym else {
        for listed in store::list(&app.pool, app.today(), None).await? {
            lines.push(format!("{:<24} {:<10} {:>6}  {}", listed.acronym, listed.relationship.unwrap_or_default(), listed.statements, listed.name));
        }
        return Ok(lines.join("\n"));
    };
    let group = match store::find(&app.pool, acronym).await? {
        Some(Found::Group(group)) => group,
        Some(Found::Former { acronym: now, .. }) => bail!("{acronym} is called {now} now"),
        None => bail!("there is no group {acronym}"),
    };
    lines.push(format!("{:<24} {:<10} {} ({})", group.acronym, group.state.as_str(), group.name, group.label));
    let mut connection = app.pool.acquire().await?;
    for contact in store::changes::contacts(&mut connection, group.group_id).await? {
        let confirmed = contact.confirmed_on.map_or_else(|| "never confirmed".to_owned(), |day| format!("confirmed {day}"));
        lines.push(format!("  {:<8} {:<7} {} ({confirmed})", contact.kind, contact.sort, contact.mailbox));
    }
    for below in store::subtree(&app.pool, group.group_id).await? {
        lines.push(format!("{:<24} {:<10} {}", below.acronym, below.state.as_str(), below.name));
    }
    Ok(lines.join("\n"))
}

fn yes(answer: &str) -> anyhow::Result<bool> {
    match answer {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => bail!("say yes or no"),
    }
}

fn read(mailbox: &str) -> anyhow::Result<Mailbox> {
    mailbox.parse().map_err(|problem| anyhow::anyhow!("{problem}"))
}

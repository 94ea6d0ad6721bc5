//! `user`: people, their accounts and roles, from the command line.

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;
use sqlx::PgConnection;

use super::service;
use crate::App;
use crate::config::Config;
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::{GroupId, PersonId};
use crate::people::accounts::{self, Outcome};
use crate::people::store::{self, NewRole};
use crate::people::{Role, RoleKind};

/// What to do with whom.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Add a person with an account, and invite them to set a password
    Add {
        /// Full name
        name: String,
        /// E-mail address, with which they sign in
        address: String,
        /// Print the invitation's link instead of mailing it
        #[arg(long)]
        print: bool,
    },
    /// Invite a person again; older invitations work no more
    Invite {
        /// E-mail address
        address: String,
        /// Print the invitation's link instead of mailing it
        #[arg(long)]
        print: bool,
    },
    /// Disable an account: it signs in no more, and its sign-ins end
    Disable {
        /// E-mail address
        address: String,
    },
    /// Enable an account again
    Enable {
        /// E-mail address
        address: String,
    },
    /// List everybody: address, name, state of the account
    List,
    /// Give a role, or end one
    #[command(subcommand)]
    Role(RoleTask),
    /// List the roles of a person, also former ones
    Roles {
        /// E-mail address
        address: String,
    },
    /// Set a password, read from standard input (one line)
    Password {
        /// E-mail address
        address: String,
    },
    /// Print a link that signs a person in once, within 15 minutes
    Link {
        /// E-mail address
        address: String,
    },
}

#[derive(Subcommand)]
enum RoleTask {
    /// Give a role
    Add {
        /// E-mail address of the person
        address: String,
        /// chair, secretary, area-director, responsible-area-director, liaison-manager, ietf-chair, iab-chair, irtf-chair, iab-member, coordinator, secretariat
        #[arg(value_parser = kind)]
        kind: RoleKind,
        /// Acronym of the group, for chair, secretary, area-director, responsible-area-director, liaison-manager
        #[arg(long)]
        group: Option<String>,
        /// The first day, like 2026-03-14; today where it is absent
        #[arg(long)]
        from: Option<NaiveDate>,
        /// The first day without it
        #[arg(long)]
        until: Option<NaiveDate>,
        /// The role's own e-mail address, such as a manager's alias
        #[arg(long)]
        alias: Option<String>,
    },
    /// End a role
    End {
        /// E-mail address of the person
        address: String,
        /// The kind of role
        #[arg(value_parser = kind)]
        kind: RoleKind,
        /// Acronym of the group, where the role is held at one
        #[arg(long)]
        group: Option<String>,
        /// The first day without it, like 2026-03-14; today where it is absent
        #[arg(long)]
        on: Option<NaiveDate>,
    },
}

fn kind(name: &str) -> Result<RoleKind, String> {
    RoleKind::parse(name).ok_or_else(|| {
        let known: Vec<_> = RoleKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("one of {}", known.join(", "))
    })
}

/// Runs it.
///
/// # Errors
/// No database; no such person or group; what a sentence says.
pub async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let done = async {
        let app = service::open(config, &database).await?;
        work(&app, arguments).await
    };
    let done = done.await;
    database.close().await;
    print!("{}", done?);
    Ok(ExitCode::SUCCESS)
}

/// Does it in one transaction; what to print.
///
/// # Errors
/// What stands in the way, in a sentence; nothing is changed then.
pub async fn work(app: &App, arguments: Arguments) -> anyhow::Result<String> {
    let actor = Actor { person_id: None, name: "Command line".to_owned(), role: String::new() };
    let mut transaction = app.begin().await?;
    let said = task(app, &mut transaction, &actor, arguments.task).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(said)
}

async fn task(app: &App, connection: &mut PgConnection, actor: &Actor, task: Task) -> anyhow::Result<String> {
    match task {
        Task::Add { name, address, print } => {
            let (name, address) = (name.trim(), address.trim());
            address.parse::<lettre::Address>().ok().with_context(|| format!("{address} is no e-mail address"))?;
            if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
                bail!("write a name of 1 to 200 characters on one line");
            }
            if store::find_by_address(connection, address).await?.is_some() {
                bail!("{address} belongs to a person already; `user invite {address}` invites them");
            }
            let person = store::add_person(connection, app.clock.now(), name, address).await?;
            history::record(
                connection,
                app.clock.now(),
                &Entry {
                    statement_id: None,
                    person_id: Some(person),
                    group_id: None,
                    actor,
                    event: "person-added",
                    words: &format!("added {name}"),
                    changes: json!({ "name": [null, name], "address": [null, address] }),
                    audience: Audience::Staff,
                },
            )
            .await?;
            invite(app, connection, actor, person, address, print).await
        }
        Task::Invite { address, print } => {
            let person = find(connection, &address).await?;
            invite(app, connection, actor, person, &address, print).await
        }
        Task::Disable { address } => {
            let person = find(connection, &address).await?;
            accounts::set_disabled(app, connection, actor, person, true).await?;
            Ok(format!("The account of {address} is disabled, and its sign-ins have ended.\n"))
        }
        Task::Enable { address } => {
            let person = find(connection, &address).await?;
            accounts::set_disabled(app, connection, actor, person, false).await?;
            Ok(format!("The account of {address} is enabled.\n"))
        }
        Task::List => {
            let mut said = String::new();
            for person in store::people(connection, "").await? {
                let state = match (person.has_account, person.is_disabled, person.has_password) {
                    (false, ..) => "no account",
                    (_, true, _) => "disabled",
                    (_, _, true) => "password set",
                    _ => "no password",
                };
                said.push_str(&format!("{}\t{}\t{state}\n", person.address, person.name));
            }
            Ok(said)
        }
        Task::Role(RoleTask::Add { address, kind, group, from, until, alias }) => {
            let person = find(connection, &address).await?;
            let group = at(connection, kind, group.as_deref()).await?;
            let role = NewRole {
                person_id: person,
                kind,
                group_id: group.as_ref().map(|group| group.0),
                starts_on: from.unwrap_or_else(|| app.today()),
                ends_on: until,
                alias,
            };
            add_role(app, connection, actor, &role, group.map(|group| group.1).unwrap_or_default()).await
        }
        Task::Role(RoleTask::End { address, kind, group, on }) => {
            let person = find(connection, &address).await?;
            let group = at(connection, kind, group.as_deref()).await?;
            end_role(app, connection, actor, person, kind, group, on.unwrap_or_else(|| app.today())).await
        }
        Task::Roles { address } => {
            let person = find(connection, &address).await?;
            let mut said = String::new();
            for role in store::roles_of(connection, person).await? {
                let until = role.ends_on.map_or_else(String::new, |day| format!(" until {day}"));
                let alias = role.alias.map_or_else(String::new, |alias| format!(", alias {alias}"));
                said.push_str(format!("{} {} from {}{until}{alias}", role.kind, role.group_label, role.starts_on).replace("  ", " ").as_str());
                said.push('\n');
            }
            Ok(said)
        }
        Task::Password { address } => {
            let person = find(connection, &address).await?;
            let mut password = String::new();
            std::io::stdin().take(4_096).read_to_string(&mut password).context("the password can't be read from standard input")?;
            let password = password.strip_suffix('\n').unwrap_or(&password);
            let password = password.strip_suffix('\r').unwrap_or(password);
            match accounts::set_password(app, connection, actor, person, password).await? {
                Outcome::Refused(why) => bail!("{why}"),
                _ => Ok(format!("The password of {address} is set, and its sign-ins have ended.\n")),
            }
        }
        Task::Link { address } => {
            let person = find(connection, &address).await?;
            let url = accounts::sign_in_link(app, connection, actor, person).await?;
            Ok(format!("{url}\n"))
        }
    }
}

async fn find(connection: &mut PgConnection, address: &str) -> anyhow::Result<PersonId> {
    store::find_by_address(connection, address.trim())
        .await?
        .with_context(|| format!("nobody has the address {address}; `user list` shows everybody"))
}

async fn invite(app: &App, connection: &mut PgConnection, actor: &Actor, person: PersonId, address: &str, print: bool) -> anyhow::Result<String> {
    let by_mail = !print && app.config.smtp_url.is_some();
    let url = accounts::invite(app, connection, actor, person, by_mail).await?;
    Ok(if by_mail {
        format!("An invitation goes to {address}; it works for 7 days.\n")
    } else {
        format!("Give this link to {address}; it works once, for 7 days:\n{url}\n")
    })
}

/// The group of a role that is held at one.
async fn at(connection: &mut PgConnection, kind: RoleKind, acronym: Option<&str>) -> anyhow::Result<Option<(GroupId, String)>> {
    match (kind.is_at_a_group(), acronym) {
        (true, None) => bail!("{} is held at a group: name it with --group", kind.as_str()),
        (false, Some(_)) => bail!("{} is not held at a group: leave --group out", kind.as_str()),
        (false, None) => Ok(None),
        (true, Some(acronym)) => {
            let group = store::group_of_acronym(connection, acronym).await?;
            Ok(Some(group.with_context(|| format!("there is no group with the acronym {acronym}"))?))
        }
    }
}

fn words(kind: RoleKind, group: &str) -> String {
    Role { kind, group_id: None, root_id: None, group_label: group.to_owned(), alias: None, away_until: None }.words()
}

async fn add_role(app: &App, connection: &mut PgConnection, actor: &Actor, role: &NewRole, group: String) -> anyhow::Result<String> {
    if role.ends_on.is_some_and(|until| until <= role.starts_on) {
        bail!("the role would end before it begins: --until is the first day without it");
    }
    if let Some(alias) = &role.alias {
        alias.parse::<lettre::Address>().ok().with_context(|| format!("{alias} is no e-mail address"))?;
    }
    if let Err(error) = store::add_role(connection, role).await {
        let constraint = error.as_database_error().and_then(|error| error.constraint());
        if constraint == Some("role_is_held_once_at_a_time") {
            bail!("this person holds that role already on some of these days; `user roles` lists them");
        }
        return Err(error.into());
    }
    let until = role.ends_on.map_or_else(String::new, |day| format!(" until {day}"));
    let said = format!("{} from {}{until}", words(role.kind, &group), role.starts_on);
    let entry = Entry {
        statement_id: None,
        person_id: Some(role.person_id),
        group_id: role.group_id,
        actor,
        event: "role-added",
        words: &format!("made them {said}"),
        changes: json!({ "kind": role.kind.as_str(), "starts_on": role.starts_on, "ends_on": role.ends_on, "alias": role.alias }),
        audience: Audience::Staff,
    };
    history::record(connection, app.clock.now(), &entry).await?;
    Ok(format!("Now: {said}.\n"))
}

async fn end_role(
    app: &App,
    connection: &mut PgConnection,
    actor: &Actor,
    person: PersonId,
    kind: RoleKind,
    group: Option<(GroupId, String)>,
    on: NaiveDate,
) -> anyhow::Result<String> {
    let group_id = group.as_ref().map(|group| group.0);
    if !store::end_role(connection, person, kind, group_id, on).await? {
        bail!("this person does not hold that role on {on}; `user roles` lists them");
    }
    let said = format!("{} until {on}", words(kind, &group.map(|group| group.1).unwrap_or_default()));
    let entry = Entry {
        statement_id: None,
        person_id: Some(person),
        group_id,
        actor,
        event: "role-ended",
        words: &format!("ended a role: {said}"),
        changes: json!({ "kind": kind.as_str(), "ends_on": [null, on] }),
        audience: Audience::Staff,
    };
    history::record(connection, app.clock.now(), &entry).await?;
    Ok(format!("Now: {said}.\n"))
}

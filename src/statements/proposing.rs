//! Contacts that are proposed for the groups of a statement, with what the database knows of them (domain.md 6).

use sqlx::PgConnection;

use crate::App;
use crate::organizations::contacts::Sending;
use crate::organizations::{self, GroupFacts, StoredContact};
use crate::people;
use crate::statements::Direction;
use crate::statements::contacts::{HomeGroup, PeerGroup, Proposal, proposal};
use crate::statements::form::mailbox;
use crate::statements::store::exchanged::{self, LastExchanged};

/// What is known of groups for a proposal: of ours, and of peers.
///
/// # Errors
/// The database's.
pub async fn known(app: &App, connection: &mut PgConnection, groups: &[&GroupFacts]) -> sqlx::Result<(Vec<HomeGroup>, Vec<PeerGroup>)> {
    let (mut home, mut peers) = (Vec::new(), Vec::new());
    let today = app.today();
    for group in groups {
        let stored = organizations::store::contacts(&mut *connection, group.group_id).await?;
        if group.is_home {
            home.push(HomeGroup {
                stored,
                chairs: people::store::chairs_of(&mut *connection, today, group.group_id).await?,
                directors: people::store::responsible_directors(&mut *connection, today, group.group_id).await?,
            });
        } else {
            let is_stored = |usage: &str| stored.iter().any(|contact| contact.usage == usage);
            let last =
                if is_stored("send-to") || is_stored("to") { None } else { exchanged::last_contacts(&mut *connection, group.group_id).await? };
            peers.push(PeerGroup {
                // what went to a group below it is no address of its own
                last: last.filter(|last| last.is_its_own).map(|last| of_last(&app.config.statement_label, last)).unwrap_or_default(),
                managers: people::store::managers_for(&mut *connection, today, group.group_id).await?,
                stored,
            });
        }
    }
    Ok((home, peers))
}

/// The peer's contacts in a statement, as if they were stored for it.
fn of_last(label: &str, last: LastExchanged) -> Vec<StoredContact> {
    let usages = (0..).map(|at| if at == 0 && last.distributing > 0 { "send-to" } else { "to" });
    let of = format!("{label} {}", last.number);
    let stored = |((name, address), usage): ((String, String), &str)| StoredContact {
        usage: usage.to_owned(),
        mailbox: mailbox(&name, &address),
        of: of.clone(),
        ..StoredContact::default()
    };
    last.contacts.into_iter().zip(usages).map(stored).collect()
}

/// The contacts proposed for a statement between these groups.
///
/// # Errors
/// The database's.
pub async fn proposed_contacts(
    app: &App,
    connection: &mut PgConnection,
    direction: Direction,
    from: &[&GroupFacts],
    to: &[&GroupFacts],
) -> sqlx::Result<Proposal> {
    let groups: Vec<&GroupFacts> = to.iter().chain(from).copied().collect();
    let (home, peers) = known(app, connection, &groups).await?;
    Ok(proposal(direction, &home, &peers, &app.config.coordinators_address))
}

/// What stands beside the form for an addressed peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// How it is written to, and the label of the group that says so: itself or the nearest above it.
    pub sending: Option<(String, Sending)>,
    /// Its contacts in the last statement exchanged with it.
    pub last: Option<LastExchanged>,
}

/// What an author should know of an addressed peer.
///
/// # Errors
/// The database's.
pub async fn beside(connection: &mut PgConnection, peer: &GroupFacts) -> sqlx::Result<Beside> {
    Ok(Beside {
        sending: organizations::store::contacts::nearest_sending(&mut *connection, peer.group_id).await?,
        last: exchanged::last_contacts(connection, peer.group_id).await?,
    })
}

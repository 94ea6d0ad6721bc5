//! Who gets which mail about a statement (domain.md 7). Holders of roles are read when a mail is written.

pub mod outgoing;

use sqlx::PgConnection;

use crate::App;
use crate::ids::PersonId;
use crate::mail::Recipient;
use crate::organizations;
use crate::people;
use crate::permissions::Case;
use crate::statements::attachments::{Attachment, Visibility, size_words};
use crate::statements::letter::Letter;
use crate::statements::mails::{MailedFile, Recipients};
use crate::statements::store::actions::Part;
use crate::statements::store::{Locked, draft, steps};
use crate::statements::{Direction, Side};
use crate::urls;

/// Why the coordinators get a mail.
pub const COORDINATORS: &str = "liaison coordinators";

/// An incoming statement was posted: its contacts, the groups in copy, responsible Area Directors, the sender's manager,
/// the coordinators and the author.
///
/// # Errors
/// The database's.
pub async fn when_posted(app: &App, connection: &mut PgConnection, letter: &Letter, author: Option<PersonId>) -> sqlx::Result<Vec<Recipient>> {
    let today = app.today();
    let mut recipients = Recipients::default();
    for (mailboxes, why) in [(&letter.to_contacts, "contact"), (&letter.cc_contacts, "contact in copy")] {
        for mailbox in mailboxes {
            let address = mailbox.address().as_str();
            let person = people::store::find_by_address(&mut *connection, address).await?;
            recipients.add(address, person, why);
        }
    }
    for copy in letter.copy.iter().filter(|copy| copy.group.is_home) {
        let stored = organizations::store::contacts(&mut *connection, copy.group.group_id).await?;
        let lists: Vec<_> = stored.iter().filter(|contact| contact.usage == "list").collect();
        for list in &lists {
            if let Ok(mailbox) = list.mailbox.parse::<crate::mail::address::Mailbox>() {
                recipients.add(mailbox.address().as_str(), None, &format!("list of {}, in copy", copy.group.label));
            }
        }
        if lists.is_empty() {
            for chair in people::store::chairs_of(&mut *connection, today, copy.group.group_id).await? {
                recipients.add(&chair.address, Some(chair.person_id), &format!("{}, in copy", copy.group.label));
            }
        }
    }
    for addressee in letter.to.iter().chain(&letter.copy).filter(|addressee| addressee.group.is_home) {
        for director in people::store::responsible_directors(&mut *connection, today, addressee.group.group_id).await? {
            recipients.add(&director.address, Some(director.person_id), &format!("Area Director of {}", addressee.group.label));
        }
    }
    for sender in &letter.from {
        for manager in people::store::managers_for(&mut *connection, today, sender.group.group_id).await? {
            recipients.add(&manager.address, Some(manager.person_id), &format!("liaison manager for {}", manager.group_label));
        }
    }
    recipients.add(&app.config.coordinators_address, None, COORDINATORS);
    if let Some(author) = author
        && let Some(address) = people::store::primary_address(connection, author).await?
    {
        recipients.add(&address, Some(author), "who recorded it");
    }
    Ok(recipients.into_list())
}

/// Who is asked to check it now, and the coordinators, who are told and can; where there is no manager they are the ones asked.
///
/// # Errors
/// The database's.
pub async fn asked_to_check(app: &App, connection: &mut PgConnection, letter: &Letter, submitter: PersonId) -> sqlx::Result<Vec<(Recipient, bool)>> {
    let today = app.today();
    let mut recipients = Recipients::default();
    for sender in &letter.from {
        for manager in people::store::managers_for(&mut *connection, today, sender.group.group_id).await? {
            let is_here = manager.away_until.is_none_or(|until| until <= today);
            if is_here && manager.person_id != submitter {
                recipients.add(&manager.address, Some(manager.person_id), &format!("liaison manager for {}", manager.group_label));
            }
        }
    }
    let mut asked: Vec<(Recipient, bool)> = recipients.into_list().into_iter().map(|recipient| (recipient, true)).collect();
    let nobody_else = asked.is_empty();
    asked.push((Recipient { address: app.config.coordinators_address.clone(), person_id: None, why: COORDINATORS.to_owned() }, nobody_else));
    Ok(asked)
}

/// Who had signed; before their sign-offs become void.
///
/// # Errors
/// The database's.
pub async fn signers(connection: &mut PgConnection, locked: &Locked) -> sqlx::Result<Vec<Recipient>> {
    let signed = steps::signers(connection, locked.statement_id).await?;
    Ok(signed.into_iter().map(|(person, address)| Recipient { address, person_id: Some(person), why: "who had signed".to_owned() }).collect())
}

/// Who was asked, or told, when it was submitted: nothing is asked of them any more.
///
/// # Errors
/// The database's.
pub async fn asked(connection: &mut PgConnection, locked: &Locked) -> sqlx::Result<Vec<Recipient>> {
    let event = if locked.case.direction == Direction::Outgoing { "sign-off-asked" } else { "check-asked" };
    crate::mail::store::recipients_since_submission(connection, locked.statement_id, event).await
}

/// The author, who saved a version, and who had signed; not who acts, who knows.
///
/// # Errors
/// The database's.
pub async fn who_worked_on(connection: &mut PgConnection, locked: &Locked, signers: Vec<Recipient>, actor: PersonId) -> sqlx::Result<Vec<Recipient>> {
    let mut recipients = Recipients::default();
    for (person, _, address) in draft::savers(connection, locked.statement_id).await? {
        if person != actor {
            let why = if locked.case.author_id == Some(person) { "author" } else { "who edited it" };
            recipients.add(&address, Some(person), why);
        }
    }
    for signer in signers.into_iter().filter(|signer| signer.person_id != Some(actor)) {
        recipients.add(&signer.address, signer.person_id, &signer.why);
    }
    Ok(recipients.into_list())
}

/// The peer's liaison managers of the day, as the posted statement keeps naming them.
///
/// # Errors
/// The database's.
pub async fn manager_text(app: &App, connection: &mut PgConnection, letter: &Letter) -> sqlx::Result<String> {
    let mut names: Vec<String> = Vec::new();
    let peers = if letter.direction == Direction::Outgoing { &letter.to } else { &letter.from };
    for peer in peers {
        for manager in people::store::managers_for(&mut *connection, app.today(), peer.group.group_id).await? {
            if !names.contains(&manager.name) {
                names.push(manager.name);
            }
        }
    }
    Ok(names.join("\n"))
}

/// The public files, as a mail names them.
pub fn mailed_files(app: &App, number: i32, attachments: &[Attachment]) -> Vec<MailedFile> {
    attachments
        .iter()
        .filter(|file| file.visibility == Visibility::Public && !file.is_for_those_concerned())
        .map(|file| MailedFile {
            title: file.shown().to_owned(),
            what: match &file.url {
                Some(_) => "link".to_owned(),
                None => format!("{}, {}", file.format_name, size_words(file.size)),
            },
            url: file.url.clone().unwrap_or_else(|| app.config.absolute(&urls::attachment(number, file.n, &file.file_name))),
        })
        .collect()
}

/// Whoever sees to an action, and the peer's manager; not who acts, who knows.
///
/// # Errors
/// The database's.
pub async fn who_sees_to_it(app: &App, connection: &mut PgConnection, case: &Case, part: &Part, actor: PersonId) -> sqlx::Result<Recipients> {
    let today = app.today();
    let mut told = Recipients::default();
    match part.state.assignee {
        Some(person) if person == actor => {}
        Some(person) => {
            if let Some(address) = people::store::primary_address(&mut *connection, person).await? {
                told.add(&address, Some(person), "who sees to it");
            }
        }
        None => {
            for chair in people::store::chairs_of(&mut *connection, today, part.group_id).await? {
                if chair.person_id != actor {
                    told.add(&chair.address, Some(chair.person_id), &format!("chair of {}", part.label));
                }
            }
        }
    }
    tell_managers(app, connection, case, actor, &mut told).await?;
    Ok(told)
}

/// Adds the liaison managers of the peers it is from; not who acts, who knows.
///
/// # Errors
/// The database's.
pub async fn tell_managers(app: &App, connection: &mut PgConnection, case: &Case, actor: PersonId, told: &mut Recipients) -> sqlx::Result<()> {
    for peer in case.parties.iter().filter(|party| party.side == Side::From && !party.is_home) {
        for manager in people::store::managers_for(&mut *connection, app.today(), peer.group_id).await? {
            if manager.person_id != actor {
                told.add(&manager.address, Some(manager.person_id), &format!("liaison manager for {}", manager.group_label));
            }
        }
    }
    Ok(())
}

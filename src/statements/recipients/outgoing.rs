//! Who signs an outgoing statement, and who gets its mails (domain.md 4, 7).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::COORDINATORS;
use crate::App;
use crate::ids::{GroupId, PersonId};
use crate::mail::Recipient;
use crate::mail::address::Mailbox;
use crate::organizations;
use crate::people::store::{Holder, StandIn};
use crate::people::{self, RoleKind, Viewer};
use crate::permissions::{Asked, Case, Others, may_sign};
use crate::reminders::schedule::after_working_days;
use crate::statements::letter::Letter;
use crate::statements::mails::Recipients;
use crate::statements::{Side, SignOffKind, sign_offs};

/// A typed address of our side: a person's, until it is known to be a role's or a list's.
pub const CONTACT: &str = "contact";

/// Who holds today the roles that sign-offs of a case ask for, and whom those who are away named: asked for at once, however many
/// groups it names.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    holders: Vec<Holder>,
    stand_ins: Vec<StandIn>,
}

impl Roster {
    /// Of a case.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(app: &App, connection: &mut PgConnection, case: &Case) -> sqlx::Result<Self> {
        let today = app.today();
        let groups: Vec<GroupId> = case.parties.iter().flat_map(|party| &party.line).copied().collect();
        let holders = people::store::holders_of_all(&mut *connection, today, &SIGNING, &groups).await?;
        let away: Vec<PersonId> = holders.iter().filter(|holder| is_away(holder, today)).map(|holder| holder.person_id).collect();
        let stand_ins = if away.is_empty() { Vec::new() } else { people::store::stand_ins(connection, today, &away).await? };
        Ok(Self { holders, stand_ins })
    }

    /// Holders of those kinds at those groups, in the order of groups, kinds and appointment.
    fn at(&self, kinds: &[RoleKind], groups: &[GroupId]) -> Vec<Holder> {
        let each = groups.iter().flat_map(|group| kinds.iter().map(move |kind| (kind, Some(*group))));
        each.flat_map(|(kind, group)| self.holders.iter().filter(move |holder| holder.kind == *kind && holder.group_id == group)).cloned().collect()
    }

    /// Holders of a role of the tracker.
    pub fn of_tracker(&self, kind: RoleKind) -> Vec<Holder> {
        self.holders.iter().filter(|holder| holder.kind == kind && holder.group_id.is_none()).cloned().collect()
    }

    /// Holders at the first node of a line that has any.
    fn nearest(&self, kind: RoleKind, line: &[GroupId]) -> Vec<Holder> {
        line.iter().map(|group| self.at(&[kind], &[*group])).find(|holders| !holders.is_empty()).unwrap_or_default()
    }

    /// Whom those who are away named, each once.
    fn named_by(&self, away: &[PersonId]) -> Vec<PersonId> {
        let mut named = Vec::new();
        for stand_in in self.stand_ins.iter().filter(|stand_in| away.contains(&stand_in.of)) {
            if !named.contains(&stand_in.person_id) {
                named.push(stand_in.person_id);
            }
        }
        named
    }

    fn address_of(&self, stand_in: PersonId) -> Option<String> {
        self.stand_ins.iter().find(|one| one.person_id == stand_in)?.address.clone()
    }
}

/// Roles in which sign-offs are given.
const SIGNING: [RoleKind; 8] = [
    RoleKind::Chair,
    RoleKind::Secretary,
    RoleKind::AreaDirector,
    RoleKind::ResponsibleAreaDirector,
    RoleKind::LiaisonManager,
    RoleKind::IetfChair,
    RoleKind::IabChair,
    RoleKind::Coordinator,
];

/// Who may give a row now.
#[derive(Debug, Clone, Default)]
pub struct Signers {
    /// Who holds the row's role; where nobody does, who gives it instead.
    pub holders: Vec<Holder>,
    /// Who else may give it.
    pub others: Others,
}

/// Who may give a row; `asked_at` is since when it waits.
pub fn signers(app: &App, roster: &Roster, case: &Case, row: Asked, asked_at: Option<DateTime<Utc>>) -> Signers {
    let today = app.today();
    let mut holders: Vec<Holder> = Vec::new();
    let meant = case.of_row(row);
    for party in &meant.parties {
        let group = [party.group_id];
        let of_party = match (row.kind, party.kind.as_str()) {
            (SignOffKind::Agreement, "area") => roster.at(&[RoleKind::AreaDirector], &group),
            (SignOffKind::Agreement, _) => roster.at(&[RoleKind::Chair, RoleKind::Secretary], &group),
            (SignOffKind::Approval, "wg" | "area") => {
                let mut directors = roster.at(&[RoleKind::ResponsibleAreaDirector], &group);
                directors.extend(roster.at(&[RoleKind::AreaDirector], &party.line));
                directors
            }
            (SignOffKind::Approval, "iab") => roster.of_tracker(RoleKind::IabChair),
            (SignOffKind::Approval, _) => roster.of_tracker(RoleKind::IetfChair),
            // the line of a manager's row begins at the row's peer
            (SignOffKind::Manager | SignOffKind::Check, _) => roster.nearest(RoleKind::LiaisonManager, &party.line),
            (SignOffKind::Coordinator, _) => Vec::new(),
        };
        for holder in of_party {
            if holders.iter().all(|other| other.person_id != holder.person_id) {
                holders.push(holder);
            }
        }
    }
    let has_waited = asked_at.is_some_and(|at| {
        let asked_on = at.with_timezone(&app.config.time_zone).date_naive();
        today >= after_working_days(asked_on, app.config.sign_offs.wait_days)
    });
    let absent: Vec<PersonId> = holders.iter().filter(|holder| is_away(holder, today)).map(|holder| holder.person_id).collect();
    let others = Others {
        nobody_holds_it: holders.is_empty() && row.kind != SignOffKind::Coordinator,
        may_stand_in: has_waited || (!holders.is_empty() && absent.len() == holders.len()),
        named: roster.named_by(&absent),
        submitted_by: None,
    };
    if others.nobody_holds_it {
        // in the place of the IAB Chair only whom the IAB named approves, so that nobody is asked; the coordinators are told
        let instead = match row.kind {
            SignOffKind::Approval if meant.parties.iter().any(|party| party.kind == "iab") => None,
            SignOffKind::Approval => Some(RoleKind::IetfChair),
            _ => Some(RoleKind::Coordinator),
        };
        if let Some(instead) = instead {
            holders = roster.of_tracker(instead);
        }
    }
    if row.kind == SignOffKind::Coordinator {
        holders = roster.of_tracker(RoleKind::Coordinator);
    }
    Signers { holders, others }
}

fn is_away(holder: &Holder, today: NaiveDate) -> bool {
    holder.away_until.is_some_and(|until| until > today)
}

/// Each who is asked for some of these rows, once, with all that is asked of them; coordinators at their one address.
pub fn asked(app: &App, roster: &Roster, case: &Case, rows: &[(Asked, String)], actor: PersonId) -> Vec<(Recipient, Vec<String>)> {
    let today = app.today();
    let mut asked: Vec<(Recipient, Vec<String>)> = Vec::new();
    let mut add = |recipient: Recipient, what: &str| {
        let same = |other: &&mut (Recipient, Vec<String>)| {
            other.0.address.eq_ignore_ascii_case(&recipient.address) || (other.0.person_id.is_some() && other.0.person_id == recipient.person_id)
        };
        match asked.iter_mut().find(same) {
            Some((_, all)) if all.iter().any(|one| one == what) => {}
            Some((_, all)) => all.push(what.to_owned()),
            None => asked.push((recipient, vec![what.to_owned()])),
        }
    };
    for (row, label) in rows {
        let who = signers(app, roster, case, *row, None);
        let what = sign_offs::words(row.kind, label);
        let is_coordinators = row.kind == SignOffKind::Coordinator || (who.others.nobody_holds_it && row.kind != SignOffKind::Approval);
        let are_all_away = who.holders.iter().all(|holder| is_away(holder, today));
        if is_coordinators || who.holders.is_empty() || (are_all_away && row.kind != SignOffKind::Approval) {
            add(Recipient { address: app.config.coordinators_address.clone(), person_id: None, why: COORDINATORS.to_owned() }, &what);
        }
        for holder in who.holders.iter().filter(|holder| !is_coordinators && holder.person_id != actor) {
            add(as_recipient(holder), &what);
        }
        // all are away and named nobody: the IETF Chair for Area Directors
        let is_directors = || who.holders.iter().any(|one| matches!(one.kind, RoleKind::AreaDirector | RoleKind::ResponsibleAreaDirector));
        if row.kind == SignOffKind::Approval && are_all_away && who.others.named.is_empty() && is_directors() {
            for holder in roster.of_tracker(RoleKind::IetfChair).iter().filter(|holder| holder.person_id != actor) {
                add(as_recipient(holder), &what);
            }
        }
        for person in who.others.named.iter().filter(|_| row.kind == SignOffKind::Approval && who.others.may_stand_in) {
            if let Some(address) = roster.address_of(*person) {
                add(Recipient { address, person_id: Some(*person), why: "stand-in".to_owned() }, &what);
            }
        }
    }
    asked
}

/// Somebody in their role.
pub fn as_recipient(holder: &Holder) -> Recipient {
    Recipient { address: holder.address.clone(), person_id: Some(holder.person_id), why: role_words(holder) }
}

/// "Area Director of OPS".
pub fn role_words(holder: &Holder) -> String {
    let (kind, group_id, group_label) = (holder.kind, holder.group_id, holder.group_label.clone());
    people::Role { kind, group_id, root_id: None, group_label, alias: None, away_until: None }.words()
}

/// Who gets the letter itself: *Send to* alone, or else the contacts; nobody where it is delivered otherwise.
///
/// # Errors
/// The database's.
pub async fn of_letter(connection: &mut PgConnection, letter: &Letter) -> sqlx::Result<Vec<Recipient>> {
    let mut recipients = Recipients::default();
    // in copy alone nothing is sent: it would reach our own side only
    if letter.sending.delivered.is_some() || (letter.sending.send_to.is_none() && letter.to_contacts.is_empty()) {
        return Ok(Vec::new());
    }
    if let Some(alone) = &letter.sending.send_to {
        recipients.add(alone.address().as_str(), None, "the peer's address, which distributes it");
        return Ok(recipients.into_list());
    }
    for (mailboxes, why) in [(&letter.to_contacts, "contact"), (&letter.cc_contacts, "contact in copy")] {
        for mailbox in mailboxes {
            let address = mailbox.address().as_str();
            let person = people::store::find_by_address(&mut *connection, address).await?;
            recipients.add(address, person, why);
        }
    }
    Ok(recipients.into_list())
}

/// Who gets the acknowledgement: our contacts, the lists of its groups, responsible Area Directors, the manager, the
/// coordinators, the author; not who gets the letter itself.
///
/// # Errors
/// The database's.
pub async fn acknowledged(
    app: &App,
    connection: &mut PgConnection,
    letter: &Letter,
    author: Option<PersonId>,
    of_letter: &[Recipient],
) -> sqlx::Result<Vec<Recipient>> {
    let today = app.today();
    let mut recipients = Recipients::default();
    // lists first: a list that is a contact too is public
    for sender in &letter.from {
        let group = &sender.group;
        let stored = organizations::store::contacts(&mut *connection, group.group_id).await?;
        for contact in stored.iter().filter(|contact| contact.usage == "list") {
            if let Ok(mailbox) = contact.mailbox.parse::<Mailbox>() {
                recipients.add(mailbox.address().as_str(), None, &format!("list of {}", group.label));
            }
        }
    }
    recipients.add(&app.config.coordinators_address, None, COORDINATORS);
    for mailbox in &letter.from_contacts {
        let address = mailbox.address().as_str();
        let person = people::store::find_by_address(&mut *connection, address).await?;
        recipients.add(address, person, CONTACT);
    }
    for sender in &letter.from {
        let group = &sender.group;
        let chairs = people::store::chairs_of(&mut *connection, today, group.group_id).await?;
        // where coordinators stand for chairs, their one address has it
        for chair in chairs.into_iter().filter(|chair| chair.kind != RoleKind::Coordinator) {
            recipients.add(&chair.address, Some(chair.person_id), &role_words(&chair));
        }
        for director in people::store::responsible_directors(&mut *connection, today, group.group_id).await? {
            recipients.add(&director.address, Some(director.person_id), &format!("Area Director of {}", group.label));
        }
    }
    for addressee in &letter.to {
        for manager in people::store::managers_for(&mut *connection, today, addressee.group.group_id).await? {
            recipients.add(&manager.address, Some(manager.person_id), &format!("liaison manager for {}", manager.group_label));
        }
    }
    if let Some(author) = author
        && let Some(address) = people::store::primary_address(connection, author).await?
    {
        recipients.add(&address, Some(author), "who drafted it");
    }
    let gets_the_letter = |one: &Recipient| {
        of_letter
            .iter()
            .any(|other| other.address.eq_ignore_ascii_case(&one.address) || (other.person_id.is_some() && other.person_id == one.person_id))
    };
    Ok(recipients.into_list().into_iter().filter(|one| !gets_the_letter(one)).collect())
}

/// The lists of the groups that a draft is from, as they are stored.
///
/// # Errors
/// The database's.
pub async fn lists(connection: &mut PgConnection, case: &Case) -> sqlx::Result<Vec<Recipient>> {
    let mut recipients = Recipients::default();
    for sender in case.parties.iter().filter(|party| party.side == Side::From && party.is_home) {
        let stored = organizations::store::contacts(&mut *connection, sender.group_id).await?;
        for contact in stored.iter().filter(|contact| contact.usage == "list") {
            if let Ok(mailbox) = contact.mailbox.parse::<Mailbox>() {
                recipients.add(mailbox.address().as_str(), None, &format!("list of {}", sender.label));
            }
        }
    }
    Ok(recipients.into_list())
}

/// The organizations it goes to, each once.
pub fn organizations_of(letter: &Letter) -> Vec<GroupId> {
    let mut all: Vec<GroupId> = Vec::new();
    for addressee in &letter.to {
        if !all.contains(&addressee.group.organization_id) {
            all.push(addressee.group.organization_id);
        }
    }
    all
}

/// Whoever could give the row, for those who enter what was given elsewhere.
///
/// # Errors
/// The database's.
pub async fn in_whose_name(app: &App, connection: &mut PgConnection, case: &Case, row: Asked) -> sqlx::Result<Vec<Holder>> {
    let who = signers(app, &Roster::of(app, &mut *connection, case).await?, case, row, None);
    let mut able = Vec::new();
    for holder in who.holders {
        let roles = people::store::current_roles(&mut *connection, app.today(), holder.person_id).await?;
        let viewer = Viewer {
            person_id: holder.person_id,
            name: holder.name.clone(),
            address: holder.address.clone(),
            session_id: crate::ids::SessionId(0),
            roles,
        };
        if may_sign(&viewer, row, case, &who.others).is_ok() {
            able.push(holder);
        }
    }
    Ok(able)
}

//! The demonstration's people: one for each role, a person's name says the role (stories.md).

use anyhow::Context;
use chrono::Days;
use serde_json::json;

use crate::App;
use crate::history::{self, Actor, Audience, Entry};
pub use crate::people::DEMONSTRATION_PASSWORD as PASSWORD;
use crate::people::store::{self, NewRole};
use crate::people::{DEMONSTRATION_ENDING, RoleKind, hashing};

/// A person to be made, with one role or none.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Before the @ of `demo.example`.
    pub local: &'static str,
    /// Says the role.
    pub name: &'static str,
    /// The roles, each with the acronym of its group where it is held at one, and its alias.
    pub roles: &'static [(RoleKind, Option<&'static str>, Option<&'static str>)],
}

impl Made {
    /// The address to sign in with.
    pub fn address(&self) -> String {
        format!("{}{DEMONSTRATION_ENDING}", self.local)
    }
}

use RoleKind::{
    AreaDirector, Chair, Coordinator, IabChair, IabMember, IetfChair, IrtfChair, LiaisonManager, ResponsibleAreaDirector, Secretariat, Secretary,
};

/// All of them, in the order in which the sign-in page lists them.
pub const PEOPLE: [Made; 20] = [
    Made { local: "secretariat", name: "Secretariat", roles: &[(Secretariat, None, None)] },
    Made { local: "coordinator", name: "Liaison Coordinator", roles: &[(Coordinator, None, None)] },
    Made { local: "coordinator2", name: "Second Liaison Coordinator", roles: &[(Coordinator, None, None)] },
    Made { local: "iab-chair", name: "IAB Chair", roles: &[(IabChair, None, None)] },
    Made { local: "iab-member", name: "IAB Member", roles: &[(IabMember, None, None)] },
    Made { local: "ietf-chair", name: "IETF Chair", roles: &[(IetfChair, None, None)] },
    Made { local: "irtf-chair", name: "IRTF Chair", roles: &[(IrtfChair, None, None)] },
    Made {
        local: "ad-ops",
        name: "Area Director of OPS",
        roles: &[(AreaDirector, Some("ops"), None), (ResponsibleAreaDirector, Some("nmop"), None)],
    },
    Made { local: "ad2-ops", name: "Second Area Director of OPS", roles: &[(AreaDirector, Some("ops"), None)] },
    Made { local: "ad-rtg", name: "Area Director of RTG", roles: &[(AreaDirector, Some("rtg"), None)] },
    Made { local: "ad-int", name: "Area Director of INT", roles: &[(AreaDirector, Some("int"), None)] },
    Made { local: "ad-sec", name: "Area Director of SEC", roles: &[(AreaDirector, Some("sec"), None)] },
    Made { local: "chair-nmop", name: "Chair of NMOP", roles: &[(Chair, Some("nmop"), None)] },
    Made { local: "chair2-nmop", name: "Second Chair of NMOP", roles: &[(Chair, Some("nmop"), None)] },
    Made { local: "secretary-nmop", name: "Secretary of NMOP", roles: &[(Secretary, Some("nmop"), None)] },
    Made { local: "chair-spring", name: "Chair of SPRING", roles: &[(Chair, Some("spring"), None)] },
    Made { local: "chair-ccamp", name: "Chair of CCAMP", roles: &[(Chair, Some("ccamp"), None)] },
    Made { local: "manager-itu-t", name: "Liaison Manager for ITU-T", roles: &[(LiaisonManager, Some("itu-t"), Some("liaison-itu-t@demo.example"))] },
    Made { local: "manager-3gpp", name: "Liaison Manager for 3GPP", roles: &[(LiaisonManager, Some("3gpp"), Some("liaison-3gpp@demo.example"))] },
    Made { local: "nobody", name: "Nobody in Particular", roles: &[] },
];

/// Their addresses.
pub fn addresses() -> Vec<String> {
    PEOPLE.iter().map(Made::address).collect()
}

/// Makes those that are not there yet, with accounts and roles; says how many.
///
/// # Errors
/// A group is missing; the database's.
pub async fn make(app: &App) -> anyhow::Result<usize> {
    let mut transaction = app.begin().await?;
    let actor = Actor::system();
    let now = app.clock.now();
    let since = app.today() - Days::new(365);
    let mut hash = None;
    let mut made = 0;
    for person in &PEOPLE {
        if store::find_by_address(&mut transaction, &person.address()).await?.is_some() {
            continue;
        }
        // one password is hashed once: it takes time
        let hash = match &hash {
            Some(hash) => hash,
            None => hash.insert(hashing::hash_now(PASSWORD)?),
        };
        let person_id = store::add_person(&mut transaction, now, person.name, &person.address()).await?;
        store::set_password_hash(&mut transaction, now, person_id, hash).await?;
        for (kind, group, alias) in person.roles {
            let group_id = match group {
                Some(acronym) => {
                    let found = store::group_of_acronym(&mut transaction, acronym).await?;
                    Some(found.with_context(|| format!("the demonstration's data has no group {acronym}"))?.0)
                }
                None => None,
            };
            let role = NewRole { person_id, kind: *kind, group_id, starts_on: since, ends_on: None, alias: alias.map(str::to_owned) };
            store::add_role(&mut transaction, &role).await?;
        }
        let entry = Entry {
            statement_id: None,
            person_id: Some(person_id),
            group_id: None,
            actor: &actor,
            event: "account-made",
            words: "made the account for the demonstration",
            changes: json!({}),
            audience: Audience::Staff,
        };
        history::record(&mut transaction, now, &entry).await?;
        made += 1;
    }
    transaction.commit().await?;
    Ok(made)
}

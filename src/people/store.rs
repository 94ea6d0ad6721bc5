//! SQL of people: who is what (`roles`), who can sign in (`accounts`), who is signed in (`sessions`).

mod accounts;
mod roles;
pub mod sessions;

pub use accounts::{
    Account, Link, LinkPurpose, ListedPerson, NewLink, account, account_by_address, add_account, add_link, add_person, change_address, count_try,
    end_links, find_by_address, forget_tries, link, name_of, people, primary_address, primary_addresses, set_disabled, set_password_hash, use_link,
    was_used_since,
};
pub use roles::{
    APPROVERS, HeldRole, Holder, NewRole, StandIn, add_role, away_until, chairs_of, current_roles, end_role, end_stand_ins, group_of_acronym,
    holders, holders_of_all, managers_for, responsible_directors, roles_of, set_away, stand_in_of, stand_ins,
};
pub use sessions::viewer;

//! The demonstration's addresses, notes and meetings: plausible, and none that leads anywhere.

use chrono::Days;

use super::store;
use crate::App;
use crate::history::Actor;
use crate::organizations::changes;

/// Groups of ours that have a list and an alias of their chairs.
const WITH_LISTS: [&str; 14] =
    ["nmop", "spring", "ccamp", "srv6ops", "opsawg", "bmwg", "ippm", "mpls", "teas", "pce", "detnet", "suit", "moq", "6man"];

/// Group, use, mailbox, sort; and whether somebody has said that it is right.
const OTHERS: [(&str, &str, &str, &str, bool); 19] = [
    ("iesg", "list", "The IESG <iesg@demo.example>", "list", true),
    ("iab", "list", "The IAB <iab@demo.example>", "list", true),
    ("ops", "chairs", "ops-ads@demo.example", "role", true),
    ("rtg", "chairs", "rtg-ads@demo.example", "role", true),
    ("int", "chairs", "int-ads@demo.example", "role", true),
    ("sec", "chairs", "sec-ads@demo.example", "role", true),
    ("itu-t", "send-to", "ITU-T Secretariat <itu-t-secretariat@example.com>", "role", true),
    ("itu-t-sg11", "send-to", "ITU-T SG11 <itu-t-sg11@example.com>", "role", true),
    ("itu-t-sg13", "send-to", "ITU-T SG13 <itu-t-sg13@example.com>", "role", true),
    ("itu-t-sg15", "send-to", "ITU-T SG15 <itu-t-sg15@example.com>", "role", true),
    ("itu-t-sg17", "send-to", "ITU-T SG17 <itu-t-sg17@example.com>", "role", false),
    ("3gpp", "send-to", "3GPP Liaisons <3gpp-liaison@example.com>", "role", true),
    ("3gpp", "cc", "3GPP Coordination <3gpp-coordination@example.com>", "list", false),
    ("etsi", "send-to", "ETSI Liaisons <etsi-liaison@example.com>", "role", false),
    ("etsi-isg-zsm", "send-to", "ETSI ISG ZSM <etsi-isg-zsm@example.com>", "role", true),
    ("bbf", "send-to", "Broadband Forum Liaisons <bbf-liaison@example.com>", "role", false),
    ("ieee-802", "send-to", "IEEE 802 Liaisons <ieee-802-liaison@example.com>", "role", false),
    ("iso-iec-jtc1-sc29", "send-to", "SC 29 Committee Manager <sc29@example.com>", "role", false),
    ("w3c", "send-to", "W3C Liaisons <w3c-liaison@example.com>", "role", false),
];

const NOTES: [(&str, &str); 5] = [
    (
        "3gpp",
        "All letters go to one central liaison address, which registers them for the next meeting of the groups addressed.\nName the groups in the To line as 3GPP writes them (\"SA2\", \"CT4\"), and say what is asked of each.\nA letter that arrives less than a week before a meeting may wait for the one after it.",
    ),
    (
        "itu-t",
        "Send to the address of the study group; copy the secretariat if several are addressed.\nWord or PDF. A number (\"LS n\") is given on arrival.\nSay by which meeting an answer is needed: study groups answer at their meetings.",
    ),
    (
        "etsi",
        "There is no formal relationship. Send to the technical officer of the group; the portal is for members only, so documents are sent to us as files.",
    ),
    ("bbf", "Work in progress is closed to non-members. Only the liaison officer speaks for the Forum, and only in a written statement."),
    (
        "iso-iec-jtc1-sc29",
        "Letters are entered by the committee manager as numbered documents (\"SC 29 N …\"). Final drafts that we receive are not to be passed on.",
    ),
];

/// Days until the next meeting of a peer.
const MEETINGS: [(&str, u64); 2] = [("itu-t-sg11", 76), ("3gpp", 41)];

/// Stores what is not there yet; says how many.
///
/// # Errors
/// A group is missing; the database's.
pub async fn make(app: &App) -> anyhow::Result<usize> {
    let actor = Actor::system();
    let mut new = 0;
    for acronym in WITH_LISTS {
        new += store_one(app, &actor, acronym, "list", &format!("{acronym}@demo.example"), "list", true).await?;
        new += store_one(app, &actor, acronym, "chairs", &format!("{acronym}-chairs@demo.example"), "role", true).await?;
    }
    for (acronym, kind, mailbox, sort, is_confirmed) in OTHERS {
        new += store_one(app, &actor, acronym, kind, mailbox, sort, is_confirmed).await?;
    }
    for (acronym, notes) in NOTES {
        if store::notes_of(&app.pool, acronym).await?.is_some_and(|(kept, _)| kept.is_empty()) {
            changes::set_how_to_send(app, &actor, acronym, notes).await?;
            new += 1;
        }
    }
    for (acronym, days) in MEETINGS {
        if store::notes_of(&app.pool, acronym).await?.is_some_and(|(_, kept)| kept.is_none()) {
            changes::set_next_meeting(app, &actor, acronym, Some(app.today() + Days::new(days))).await?;
            new += 1;
        }
    }
    Ok(new)
}

async fn store_one(app: &App, actor: &Actor, acronym: &str, kind: &str, mailbox: &str, sort: &str, is_confirmed: bool) -> anyhow::Result<usize> {
    let mailbox = mailbox.parse().map_err(|problem| anyhow::anyhow!("{problem}"))?;
    if !changes::add_contact(app, actor, acronym, kind, &mailbox, sort).await? {
        return Ok(0);
    }
    if is_confirmed {
        changes::confirm_contacts(app, actor, acronym, Some(&mailbox)).await?;
    }
    Ok(1)
}

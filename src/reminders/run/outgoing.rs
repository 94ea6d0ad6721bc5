//! Outgoing statements: replies that are drafted or wait for their sign-offs, sign-offs that wait, what somebody holds.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::json;

use super::super::schedule::{self, Counted, Window};
use super::super::store::outgoing::{Reply, Waiting};
use super::super::store::{self, About, Running};
use super::{Due, Told};
use crate::ids::{PersonId, StatementId};
use crate::mail::Recipient;
use crate::people::RoleKind;
use crate::people::store as people;
use crate::permissions::Asked;
use crate::statements::SignOffKind;
use crate::statements::recipients::outgoing::{self, Roster};
use crate::statements::store::{Found, Key, find};

/// People who know already, and addresses that do.
type Knowing = (Vec<PersonId>, Vec<String>);

/// The step of who comes to be asked after others were.
const NEWLY: i64 = -2;

fn add(told: &mut Told, recipient: &Recipient) {
    told.add(recipient.person_id, &recipient.address, recipient.why.clone());
}

impl Due<'_> {
    /// While a reply is a draft: its author, counted to the day by which it is to be submitted.
    pub(super) async fn submit_by(&mut self, running: &Running, replies: &[Reply], counted: Counted, window: Window) -> anyhow::Result<()> {
        for reply in replies {
            let begun = self.there(reply.made_at);
            let Some(step) = schedule::latest_of_draft(&self.app.config.reminders.ours, counted, begun, reply.is_in_review, window) else { continue };
            let mut told = Told::default();
            self.person(&mut told, reply.author, "who drafts the reply").await?;
            self.add_of(About::Deadline(running.deadline_id), "submit-by", step, told, Some(reply.statement_id));
        }
        Ok(())
    }

    /// Once a reply waits for its sign-offs: those who may give them and its author, instead of the chairs.
    pub(super) async fn who_signs(&mut self, running: &Running, reply: &Reply, step: i64) -> anyhow::Result<Told> {
        let mut told = Told::default();
        if let Some(found) = find(&mut *self.connection, Key::Id(reply.statement_id)).await? {
            let roster = Roster::of(self.app, &mut *self.connection, &found.case).await?;
            for row in store::outgoing::waiting(&mut *self.connection, Some(reply.statement_id)).await? {
                self.who_is_asked(&roster, &found, &row).iter().for_each(|recipient| add(&mut told, recipient));
            }
        }
        self.person(&mut told, reply.author, "who drafts the reply").await?;
        self.escalate(&mut told, running, step).await?;
        Ok(told)
    }

    /// Who is asked for a sign-off today; after its working days also whoever may stand in.
    fn who_is_asked(&self, roster: &Roster, found: &Found, row: &Waiting) -> Vec<Recipient> {
        let rows: [(Asked, String); 1] = [(row.asked, row.label.clone())];
        let nobody = PersonId(0);
        let asked = outgoing::asked(self.app, roster, &found.case, &rows, nobody);
        let mut recipients: Vec<Recipient> = asked.into_iter().map(|(recipient, _)| recipient).collect();
        let wait_ended = schedule::after_working_days(self.there(row.asked_at), self.app.config.sign_offs.wait_days);
        if wait_ended <= self.day {
            match row.asked.kind {
                SignOffKind::Agreement | SignOffKind::Manager => recipients.push(Recipient {
                    address: self.app.config.coordinators_address.clone(),
                    person_id: None,
                    why: "liaison coordinators".to_owned(),
                }),
                SignOffKind::Approval if !found.case.is_of_the_iab(row.asked) => {
                    recipients.extend(roster.of_tracker(RoleKind::IetfChair).iter().map(outgoing::as_recipient));
                }
                _ => {}
            }
        }
        recipients
    }

    /// A sign-off waits its working days; then whoever is asked is reminded, weekly, and those who may stand in are asked as
    /// well. Whoever comes to be asked later, by a new role or because others are away, is told the day after.
    pub(super) async fn sign_offs(&mut self, window: Window, now: DateTime<Utc>) -> anyhow::Result<()> {
        let mut known: Option<(StatementId, Found, Roster, Knowing)> = None;
        for row in store::outgoing::waiting(&mut *self.connection, None).await? {
            let wait_ended = schedule::after_working_days(self.there(row.asked_at), self.app.config.sign_offs.wait_days);
            let is_coordinators = matches!(row.asked.kind, SignOffKind::Agreement | SignOffKind::Manager);
            if is_coordinators && wait_ended <= window.until && !row.coordinators_asked {
                store::ask_coordinators(&mut *self.connection, row.sign_off_id, now).await?;
                let words = "asked the liaison coordinators too: the wait is over";
                self.line(row.statement_id, "coordinators-asked", words, json!({}));
            }
            if known.as_ref().is_none_or(|(id, ..)| *id != row.statement_id) {
                let Some(found) = find(&mut *self.connection, Key::Id(row.statement_id)).await? else { continue };
                let were_asked = store::outgoing::were_asked(&mut *self.connection, row.statement_id).await?;
                let roster = Roster::of(self.app, &mut *self.connection, &found.case).await?;
                known = Some((row.statement_id, found, roster, were_asked));
            }
            let Some((_, found, roster, (people, addresses))) = &known else { continue };
            let asked = self.who_is_asked(roster, found, &row);
            let mut told = Told::default();
            if let Some(step) = schedule::weekly(wait_ended, window) {
                asked.iter().for_each(|recipient| add(&mut told, recipient));
                self.add(About::SignOff(row.sign_off_id), "asked", step, told);
                continue;
            }
            let is_new = |recipient: &&Recipient| match recipient.person_id {
                Some(person) => !people.contains(&person) && row.submitted_by != Some(person),
                None => !addresses.contains(&recipient.address.to_lowercase()),
            };
            asked.iter().filter(is_new).for_each(|recipient| add(&mut told, recipient));
            self.add(About::SignOff(row.sign_off_id), "asked", NEWLY, told);
        }
        Ok(())
    }

    /// Who holds a statement is reminded weekly; the coordinators, where who did is none of them any more.
    pub(super) async fn held(&mut self, window: Window) -> anyhow::Result<()> {
        let mut due = store::outgoing::held(&mut *self.connection).await?;
        due.retain(|held| schedule::weekly(self.there(held.held_at) + TimeDelta::days(7), window).is_some());
        if due.is_empty() {
            return Ok(());
        }
        let coordinators = people::holders(&mut *self.connection, self.day, &[RoleKind::Coordinator], &[]).await?;
        for held in due {
            let mut told = Told::default();
            if coordinators.iter().any(|holder| holder.person_id == held.held_by) {
                self.person(&mut told, Some(held.held_by), "who holds it").await?;
            } else {
                self.coordinators(&mut told);
            }
            // the day itself: released and held again, it is reminded of anew
            self.add(About::Draft(held.statement_id), "held", i64::from(self.day.num_days_from_ce()), told);
        }
        Ok(())
    }
}

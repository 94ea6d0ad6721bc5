//! A run: the days that are due, whom each thing waits for, one mail a person. One transaction: a run that is cut leaves nothing.

mod lines;
mod outgoing;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::schedule::{self, Counted, Window};
use super::store::outgoing::Reply;
use super::store::{self, About, New, Running, Unwritten, WaitingCheck};
use crate::App;
use crate::history::{self, Audience, Noted};
use crate::ids::{GroupId, PersonId, StatementId};
use crate::mail::{Message, outbox};
use crate::people::RoleKind;
use crate::people::store as people;
use crate::people::store::Holder;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The day up to which reminders are written; none: nothing was to be done.
    pub day: Option<NaiveDate>,
    /// The mails, one a person.
    pub mails: Vec<Message>,
}

/// Writes what is due. Twice, or on several servers at once, is the same as once.
///
/// # Errors
/// The database's.
pub async fn once(app: &App, connection: &mut PgConnection) -> anyhow::Result<Report> {
    let now = app.clock.now();
    let day = schedule::last_day(now, app.config.time_zone);
    let mut transaction = connection.begin().await?;
    let report = write(app, &mut transaction, day, None, now).await?;
    transaction.commit().await?;
    if !report.mails.is_empty() {
        app.mail_queued.notify_one();
    }
    Ok(report)
}

/// What would go on a day if the day before were done; nothing is kept.
///
/// # Errors
/// The database's.
pub async fn rehearse(app: &App, connection: &mut PgConnection, day: NaiveDate) -> anyhow::Result<Report> {
    let mut transaction = connection.begin().await?;
    let report = write(app, &mut transaction, day, day.pred_opt(), app.clock.now()).await?;
    transaction.rollback().await?;
    Ok(report)
}

async fn write(app: &App, connection: &mut PgConnection, day: NaiveDate, after: Option<NaiveDate>, now: DateTime<Utc>) -> anyhow::Result<Report> {
    if !store::begin(&mut *connection).await? {
        return Ok(Report::default());
    }
    let after = match after {
        Some(after) => Some(after),
        // the first day ever is done alone
        None => store::last_day(&mut *connection).await?.or(day.pred_opt()),
    };
    if let Some(after) = after.filter(|after| *after < day) {
        let window = Window { after, until: day };
        let mut due =
            Due { app, connection: &mut *connection, day, holders: HashMap::new(), addresses: HashMap::new(), new: Vec::new(), lines: Vec::new() };
        due.actions(window).await?;
        due.checks(window, now).await?;
        due.sign_offs(window, now).await?;
        due.held(window).await?;
        due.drafts(window).await?;
        due.waiting_drafts(window).await?;
        due.reports(window).await?;
        let Due { new, lines, .. } = due;
        history::note_all(&mut *connection, now, &lines).await?;
        store::note(&mut *connection, &new, day).await?;
        store::finish(&mut *connection, day).await?;
    }
    let mails = compose(app, connection, day, now).await?;
    Ok(Report { day: Some(day), mails })
}

/// What is due, and to whom it goes; holders of roles are read once a run.
struct Due<'a> {
    app: &'a App,
    connection: &'a mut PgConnection,
    day: NaiveDate,
    holders: HashMap<(Office, GroupId), Vec<Holder>>,
    addresses: HashMap<PersonId, String>,
    new: Vec<New>,
    lines: Vec<Noted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Office {
    Chairs,
    Managers,
    Directors,
}

/// Whom one thing is sent to: a person once, an address once.
#[derive(Default)]
struct Told(Vec<(Option<PersonId>, String, String)>, Vec<PersonId>);

impl Told {
    fn add(&mut self, person: Option<PersonId>, address: &str, why: String) {
        let is_known = person.is_some_and(|person| self.1.contains(&person)) || self.0.iter().any(|(_, at, _)| at.eq_ignore_ascii_case(address));
        // an alias that several share reaches each of them
        self.1.extend(person.filter(|_| !address.is_empty()));
        if !is_known && !address.is_empty() {
            self.0.push((person, address.to_owned(), why));
        }
    }

    fn add_all(&mut self, holders: &[Holder], why: &str) {
        for holder in holders {
            self.add(Some(holder.person_id), &holder.address, why.to_owned());
        }
    }
}

impl Due<'_> {
    /// The day of an instant, where deadlines end.
    fn there(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.app.config.time_zone).date_naive()
    }

    async fn holders(&mut self, office: Office, group: GroupId) -> sqlx::Result<Vec<Holder>> {
        if let Some(known) = self.holders.get(&(office, group)) {
            return Ok(known.clone());
        }
        let found = match office {
            Office::Chairs => people::chairs_of(self.connection, self.day, group).await?,
            Office::Managers => people::managers_for(self.connection, self.day, group).await?,
            Office::Directors => people::responsible_directors(self.connection, self.day, group).await?,
        };
        self.holders.insert((office, group), found.clone());
        Ok(found)
    }

    async fn person(&mut self, told: &mut Told, person: Option<PersonId>, why: &str) -> sqlx::Result<()> {
        let Some(person) = person else { return Ok(()) };
        let address = match self.addresses.get(&person) {
            Some(known) => Some(known.clone()),
            None => people::primary_address(&mut *self.connection, person).await?,
        };
        if let Some(address) = address {
            told.add(Some(person), &address, why.to_owned());
        }
        Ok(())
    }

    async fn actions(&mut self, window: Window) -> anyhow::Result<()> {
        let steps = &self.app.config.reminders;
        let mut offsets = steps.ours.clone();
        offsets.extend(&steps.awaited);
        let mut days = schedule::days_counted_to(&offsets, window);
        days.extend(schedule::days_counted_to(&steps.ours, window).into_iter().filter_map(schedule::deadline_of));
        let all = store::running(&mut *self.connection, &days).await?;
        if all.is_empty() {
            return Ok(());
        }
        let deadlines: Vec<i64> = all.iter().filter(|running| !running.is_awaited).map(|running| running.deadline_id).collect();
        let mut replies: HashMap<i64, Vec<Reply>> = HashMap::new();
        for reply in store::outgoing::replies(&mut *self.connection, &deadlines).await? {
            replies.entry(reply.deadline_id).or_default().push(reply);
        }
        let people: Vec<PersonId> = all.iter().flat_map(|running| [running.assignee, running.author]).flatten().collect();
        self.addresses = people::primary_addresses(&mut *self.connection, &people).await?;
        for running in all {
            let replies = replies.remove(&running.deadline_id).filter(|_| !running.is_refused).unwrap_or_default();
            self.action(&running, &replies, window).await?;
        }
        Ok(())
    }

    async fn action(&mut self, running: &Running, replies: &[Reply], window: Window) -> anyhow::Result<()> {
        let steps = &self.app.config.reminders;
        let counted = Counted { day: running.due_on, set_on: self.there(running.set_at), open_since: self.there(running.open_since) };
        let offsets = if running.is_awaited { &steps.awaited } else { &steps.ours };
        let reply = replies.iter().find(|reply| reply.is_in_review);
        if let Some(step) = schedule::latest(offsets, counted, window) {
            let told = match reply {
                _ if running.is_awaited => self.who_asked(running).await?,
                Some(reply) => self.who_signs(running, reply, step).await?,
                None => self.whom_it_waits_for(running, step).await?,
            };
            self.record(running, step, told.0.len());
            self.add_of(About::Deadline(running.deadline_id), "day", step, told, reply.map(|reply| reply.statement_id));
        }
        // an awaited one has no reply of ours
        self.submit_by(running, replies, counted, window).await
    }

    /// The assignee, the chairs of the addressed group, the manager; of a part that was refused the manager alone; long overdue also Area Directors and coordinators.
    async fn whom_it_waits_for(&mut self, running: &Running, step: i64) -> sqlx::Result<Told> {
        let mut told = Told::default();
        if !running.is_refused {
            // at the role's alias where they have one
            told.add_all(&self.holders(Office::Chairs, running.group_id).await?, &format!("chair of {}", running.group_label));
            self.person(&mut told, running.assignee, "who sees to it").await?;
        }
        self.managers(&mut told, &running.from).await?;
        if told.0.is_empty() {
            // refused, and the peer has no manager
            self.coordinators(&mut told);
        }
        self.escalate(&mut told, running, step).await?;
        Ok(told)
    }

    /// Long overdue, Area Directors and coordinators are told as well.
    async fn escalate(&mut self, told: &mut Told, running: &Running, step: i64) -> sqlx::Result<()> {
        if step >= self.app.config.reminders.escalates_after {
            told.add_all(&self.holders(Office::Directors, running.group_id).await?, &format!("Area Director of {}", running.group_label));
            self.coordinators(told);
        }
        Ok(())
    }

    /// The author, chairs of the groups that asked, the manager; never the peer.
    async fn who_asked(&mut self, running: &Running) -> sqlx::Result<Told> {
        let mut told = Told::default();
        self.person(&mut told, running.author, "who wrote it").await?;
        for group in &running.from {
            told.add_all(&self.holders(Office::Chairs, *group).await?, "chair of a group that asked");
        }
        self.managers(&mut told, &[running.group_id]).await?;
        Ok(told)
    }

    async fn managers(&mut self, told: &mut Told, peers: &[GroupId]) -> sqlx::Result<()> {
        for peer in peers {
            for manager in self.holders(Office::Managers, *peer).await? {
                told.add(Some(manager.person_id), &manager.address, format!("liaison manager for {}", manager.group_label));
            }
        }
        Ok(())
    }

    /// A check waits its working days; then the coordinators are asked too, and weekly whoever is asked is reminded.
    async fn checks(&mut self, window: Window, now: DateTime<Utc>) -> anyhow::Result<()> {
        for check in store::waiting_checks(&mut *self.connection).await? {
            let wait_ended = schedule::after_working_days(self.there(check.asked_at), self.app.config.reminders.check_waits);
            if wait_ended <= window.until && !check.coordinators_asked {
                store::ask_coordinators(&mut *self.connection, check.sign_off_id, now).await?;
                let words = "asked the liaison coordinators to check it too: the wait is over";
                self.line(check.statement_id, "coordinators-asked", words, json!({}));
            }
            if wait_ended > window.until && !check.coordinators_asked && self.nobody_is_there(&check.from).await? {
                store::ask_coordinators(&mut *self.connection, check.sign_off_id, now).await?;
                let words = "asked the liaison coordinators to check it too: no liaison manager is there";
                self.line(check.statement_id, "coordinators-asked", words, json!({}));
                let mut told = Told::default();
                self.coordinators(&mut told);
                self.add(About::SignOff(check.sign_off_id), "asked", -1, told);
            }
            let Some(step) = schedule::weekly(wait_ended, window) else { continue };
            let told = self.who_checks(&check).await?;
            self.add(About::SignOff(check.sign_off_id), "asked", step, told);
        }
        Ok(())
    }

    async fn who_checks(&mut self, check: &WaitingCheck) -> sqlx::Result<Told> {
        let mut told = Told::default();
        for peer in &check.from {
            for manager in self.holders(Office::Managers, *peer).await? {
                if manager.away_until.is_none_or(|until| until <= self.day) {
                    told.add(Some(manager.person_id), &manager.address, format!("liaison manager for {}", manager.group_label));
                }
            }
        }
        self.coordinators(&mut told);
        Ok(told)
    }

    fn coordinators(&self, told: &mut Told) {
        told.add(None, &self.app.config.coordinators_address, "liaison coordinators".to_owned());
    }

    /// Whether every manager of these peers is away, or there is none.
    async fn nobody_is_there(&mut self, peers: &[GroupId]) -> sqlx::Result<bool> {
        for peer in peers {
            if self.holders(Office::Managers, *peer).await?.iter().any(|manager| manager.away_until.is_none_or(|until| until <= self.day)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn waited(&self, window: Window) -> (NaiveDate, NaiveDate) {
        let steps = &self.app.config.reminders;
        (schedule::waited(window.after, steps), schedule::waited(window.until, steps))
    }

    /// After its days of waiting for the sender: the author, the managers or else the coordinators, the secretariat.
    async fn waiting_drafts(&mut self, window: Window) -> anyhow::Result<()> {
        let (after, until) = self.waited(window);
        for draft in store::waiting_drafts(&mut *self.connection, after, until).await? {
            let mut told = Told::default();
            self.person(&mut told, draft.author, "who began it").await?;
            self.who_sees_to(&mut told, &draft.from).await?;
            self.add(About::Draft(draft.statement_id), "waits", i64::from(draft.waits), told);
        }
        Ok(())
    }

    /// A report that nobody has taken: the managers or else the coordinators, the secretariat.
    async fn reports(&mut self, window: Window) -> anyhow::Result<()> {
        let (after, until) = self.waited(window);
        for (report, group) in store::untaken_reports(&mut *self.connection, after, until, self.day).await? {
            let mut told = Told::default();
            self.who_sees_to(&mut told, group.as_slice()).await?;
            self.add(About::Report(report), "reported", 0, told);
        }
        Ok(())
    }

    async fn who_sees_to(&mut self, told: &mut Told, peers: &[GroupId]) -> sqlx::Result<()> {
        self.managers(told, peers).await?;
        // not whether one was added: the author, told already, may be the manager
        if !self.has_manager(peers).await? {
            self.coordinators(told);
        }
        for holder in people::holders(&mut *self.connection, self.day, &[RoleKind::Secretariat], &[]).await? {
            told.add(Some(holder.person_id), &holder.address, "secretariat".to_owned());
        }
        Ok(())
    }

    async fn has_manager(&mut self, peers: &[GroupId]) -> sqlx::Result<bool> {
        for peer in peers {
            if !self.holders(Office::Managers, *peer).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn drafts(&mut self, window: Window) -> anyhow::Result<()> {
        let rests = TimeDelta::days(i64::try_from(self.app.config.reminders.draft_rests).unwrap_or(14));
        let back = |day: NaiveDate| day.checked_sub_signed(rests).unwrap_or(NaiveDate::MIN);
        for draft in store::resting_drafts(&mut *self.connection, back(window.after), back(window.until)).await? {
            let mut told = Told::default();
            told.add(Some(draft.author), &draft.address, "who began it".to_owned());
            self.add(About::Draft(draft.statement_id), "version", i64::from(draft.version), told);
        }
        Ok(())
    }

    fn add(&mut self, about: About, counted_to: &'static str, step: i64, told: Told) {
        self.add_of(about, counted_to, step, told, None);
    }

    fn add_of(&mut self, about: About, counted_to: &'static str, step: i64, told: Told, reply: Option<StatementId>) {
        self.new.extend(told.0.into_iter().map(|(person, address, why)| New { about, counted_to, step, person, address, why, reply }));
    }

    fn record(&mut self, running: &Running, step: i64, people: usize) {
        let when = match step {
            0 => "on the day of the deadline".to_owned(),
            -1 => "1 day before the deadline".to_owned(),
            1 => "1 day after the deadline".to_owned(),
            days if days < 0 => format!("{} days before the deadline", -days),
            days => format!("{days} days after the deadline"),
        };
        let words = format!("reminded {people} for {}, {when}", running.group_label);
        self.line(running.statement_id, "reminded", words, json!({ "deadline": running.due_on, "step": step }));
    }

    fn line(&mut self, statement_id: StatementId, event: &'static str, words: impl Into<String>, changes: Value) {
        self.lines.push(Noted { statement_id, event, words: words.into(), changes, audience: Audience::Concerned });
    }
}

/// Writes what is noted, one mail to each recipient.
async fn compose(app: &App, connection: &mut PgConnection, day: NaiveDate, now: DateTime<Utc>) -> anyhow::Result<Vec<Message>> {
    let mut by_recipient: BTreeMap<String, Vec<Unwritten>> = BTreeMap::new();
    for reminder in store::unwritten(&mut *connection).await? {
        by_recipient.entry(reminder.recipient.clone()).or_default().push(reminder);
    }
    let messages = by_recipient.values().map(|reminders| lines::message(app, day, reminders)).collect::<anyhow::Result<Vec<_>>>()?;
    let mails = outbox::queue_all(&mut *connection, &app.config, now, &messages).await?;
    let written: Vec<_> =
        by_recipient.values().zip(mails).flat_map(|(reminders, mail_id)| reminders.iter().map(move |reminder| (reminder, mail_id))).collect();
    store::written(connection, &written).await?;
    Ok(messages)
}

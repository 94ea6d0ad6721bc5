//! A run: the days that are due, whom each thing waits for, one mail a person. One transaction: a run that is cut leaves nothing.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::schedule::{self, Counted, Window};
use super::store::{self, About, New, Running, Unwritten, WaitingCheck};
use crate::App;
use crate::dates::{distance, weekday_date};
use crate::history::{self, Actor, Audience, Entry};
use crate::ids::{GroupId, PersonId, StatementId};
use crate::mail::{Message, Recipient, outbox};
use crate::people::RoleKind;
use crate::people::store as people;
use crate::people::store::Holder;
use crate::unrecorded::title_or_words;
use crate::urls;

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
        let mut due = Due { app, connection: &mut *connection, day, holders: HashMap::new(), addresses: HashMap::new(), new: Vec::new() };
        due.actions(window).await?;
        due.checks(window, now).await?;
        due.drafts(window).await?;
        due.waiting_drafts(window).await?;
        due.reports(window).await?;
        let Due { new, .. } = due;
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
    addresses: HashMap<PersonId, Option<String>>,
    new: Vec<New>,
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
            Some(known) => known.clone(),
            None => {
                let found = people::primary_address(&mut *self.connection, person).await?;
                self.addresses.insert(person, found.clone());
                found
            }
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
        let days = schedule::days_counted_to(&offsets, window);
        for running in store::running(&mut *self.connection, &days).await? {
            let counted = Counted { day: running.due_on, set_on: self.there(running.set_at), open_since: self.there(running.open_since) };
            let offsets = if running.is_awaited { &steps.awaited } else { &steps.ours };
            let Some(step) = schedule::latest(offsets, counted, window) else { continue };
            let told = if running.is_awaited { self.who_asked(&running).await? } else { self.whom_it_waits_for(&running, step).await? };
            self.record(&running, step, told.0.len()).await?;
            self.add(About::Deadline(running.deadline_id), "day", step, told);
        }
        Ok(())
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
        if step >= self.app.config.reminders.escalates_after {
            told.add_all(&self.holders(Office::Directors, running.group_id).await?, &format!("Area Director of {}", running.group_label));
            self.coordinators(&mut told);
        }
        Ok(told)
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
                self.line(check.statement_id, "coordinators-asked", words, json!({})).await?;
            }
            if wait_ended > window.until && !check.coordinators_asked && self.nobody_is_there(&check.from).await? {
                store::ask_coordinators(&mut *self.connection, check.sign_off_id, now).await?;
                let words = "asked the liaison coordinators to check it too: no liaison manager is there";
                self.line(check.statement_id, "coordinators-asked", words, json!({})).await?;
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
        self.new.extend(told.0.into_iter().map(|(person, address, why)| New { about, counted_to, step, person, address, why }));
    }

    async fn record(&mut self, running: &Running, step: i64, people: usize) -> anyhow::Result<()> {
        let when = match step {
            0 => "on the day of the deadline".to_owned(),
            -1 => "1 day before the deadline".to_owned(),
            1 => "1 day after the deadline".to_owned(),
            days if days < 0 => format!("{} days before the deadline", -days),
            days => format!("{days} days after the deadline"),
        };
        let words = format!("reminded {people} for {}, {when}", running.group_label);
        self.line(running.statement_id, "reminded", &words, json!({ "deadline": running.due_on, "step": step })).await
    }

    async fn line(&mut self, statement_id: StatementId, event: &str, words: &str, changes: serde_json::Value) -> anyhow::Result<()> {
        let system = Actor::system();
        let entry = Entry {
            statement_id: Some(statement_id),
            person_id: None,
            group_id: None,
            actor: &system,
            event,
            words,
            changes,
            audience: Audience::Concerned,
        };
        history::record(&mut *self.connection, self.app.clock.now(), &entry).await?;
        Ok(())
    }
}

/// A line of a reminder's mail.
struct Line {
    says: String,
    title: String,
    url: String,
}

#[derive(Template)]
#[template(path = "mail/reminder.txt")]
struct ReminderMail {
    lines: Vec<Line>,
    whys: String,
    desk_url: String,
}

/// Writes what is noted, one mail to each recipient.
async fn compose(app: &App, connection: &mut PgConnection, day: NaiveDate, now: DateTime<Utc>) -> anyhow::Result<Vec<Message>> {
    let mut by_recipient: BTreeMap<String, Vec<Unwritten>> = BTreeMap::new();
    for reminder in store::unwritten(&mut *connection).await? {
        by_recipient.entry(reminder.recipient.clone()).or_default().push(reminder);
    }
    let mut messages = Vec::new();
    let mut written = Vec::new();
    for reminders in by_recipient.into_values() {
        let message = message(app, day, &reminders)?;
        let mail_id = outbox::queue(&mut *connection, &app.config, now, &message).await?;
        written.extend(reminders.iter().map(|reminder| (reminder.reminder_id, mail_id)));
        messages.push(message);
    }
    store::written(connection, &written).await?;
    Ok(messages)
}

fn message(app: &App, day: NaiveDate, reminders: &[Unwritten]) -> anyhow::Result<Message> {
    let lines: Vec<Line> = reminders.iter().map(|reminder| line(app, day, reminder)).collect();
    let mut whys: Vec<&str> = Vec::new();
    for reminder in reminders {
        if !whys.contains(&reminder.why.as_str()) {
            whys.push(&reminder.why);
        }
    }
    let subject = match (lines.as_slice(), reminders) {
        ([only], [_]) => format!("{}: {}", only.says.trim_end_matches('.'), only.title),
        _ => format!("{} liaison matters wait for you", lines.len()),
    };
    let first = reminders.first().ok_or_else(|| anyhow::anyhow!("a reminder about nothing"))?;
    let is_one_statement = reminders.iter().all(|reminder| reminder.statement_id == first.statement_id);
    Ok(Message {
        event: "reminder",
        statement_id: first.statement_id.filter(|_| is_one_statement),
        to: first.address.clone(),
        cc: String::new(),
        reply_to: String::new(),
        thread: if is_one_statement { first.draft_id.clone() } else { String::new() },
        subject,
        body: ReminderMail { whys: whys.join(", "), desk_url: app.config.absolute("/desk"), lines }.render()?,
        is_secret: false,
        files: Vec::new(),
        recipients: vec![Recipient { address: first.address.clone(), person_id: first.person, why: first.why.clone() }],
    })
}

fn line(app: &App, day: NaiveDate, reminder: &Unwritten) -> Line {
    let label = &app.config.statement_label;
    if let Some((report_id, reporter, day)) = &reminder.report {
        let says = format!("An unrecorded statement that {reporter} reported on {} has not been taken.", weekday_date(*day));
        return Line { says, title: title_or_words(&reminder.title), url: app.config.absolute(&urls::report(report_id)) };
    }
    let path = match (reminder.number, reminder.acronym.as_str()) {
        (Some(number), "") => urls::statement(number),
        (Some(number), _) if reminder.is_awaited => urls::statement(number),
        (Some(number), acronym) => urls::action(number, acronym),
        (None, _) if reminder.asked_on.is_some() => urls::review(&reminder.draft_id),
        (None, _) => urls::draft(&reminder.draft_id),
    };
    let says = match (reminder.due_on, reminder.asked_on, reminder.number) {
        (Some(due), _, Some(number)) => {
            let days = (day - due).num_days();
            let when = format!("{}, {}", weekday_date(due), distance(day, due));
            match (reminder.is_awaited, days > 0, reminder.is_ours) {
                (true, ..) => format!("We asked {} to act by {when}; no answer is recorded ({label} {number}).", reminder.group_label),
                (false, true, true) => format!("Late: {label} {number} names no day; {} aimed to answer by {when}.", reminder.group_label),
                (false, true, false) if days > 7 => {
                    format!("Long overdue: {} should have answered {label} {number} by {when}.", reminder.group_label)
                }
                (false, true, false) => format!("Late: {} should have answered {label} {number} by {when}.", reminder.group_label),
                (false, false, true) => format!("{label} {number} names no day; we aim to answer for {} by {when}.", reminder.group_label),
                (false, false, false) => format!("A reply from {} to {label} {number} is due {when}.", reminder.group_label),
            }
        }
        (_, Some(asked), _) => format!("A statement from {} has been waiting to be checked since {}.", reminder.from_text, weekday_date(asked)),
        _ if reminder.waits_since.is_some() => {
            format!("A draft has been waiting for the sender since {}.", reminder.waits_since.map(weekday_date).unwrap_or_default())
        }
        _ => format!("A draft you began has not been touched for {} days.", app.config.reminders.draft_rests),
    };
    let with = if reminder.assignee.is_empty() { String::new() } else { format!(" It is with {}.", reminder.assignee) };
    Line { says: format!("{says}{with}"), title: reminder.title.clone(), url: app.config.absolute(&path) }
}

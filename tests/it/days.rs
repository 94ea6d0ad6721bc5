//! Zones, summer time and odd days: robustness.md TM05 and TM06.
//!
//! What must hold in a zone stands in tests/data/days_and_zones.txt, which a script beside it made with Python's zoneinfo.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use liaison_tracker::App;
use liaison_tracker::ids::StatementId;
use liaison_tracker::reminders::run;

use crate::support::letters::{self, Posted};
use crate::support::people::{self, World};
use crate::support::{TestService, clock, service, service_with, time};

const TABLE: &str = include_str!("../data/days_and_zones.txt");
const ZONES: [&str; 4] = ["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"];

async fn in_zone(zone: &str, at: &str) -> (TestService, World) {
    let service = service_with(clock(at), &[("LIAISON_TIME_ZONE", zone)]).await;
    let world = people::world(&service).await;
    (service, world)
}

async fn letter(app: &App, number: i32, due: &str) -> StatementId {
    let id = letters::posted(app, Posted { number, ..Posted::INCOMING }).await;
    letters::deadline(app, id, due, "as-written", true).await;
    id
}

async fn remind(app: &App) {
    let mut connection = app.pool.acquire().await.expect("a connection");
    run::once(app, &mut connection).await.expect("a run");
}

/// The table's lines of a kind, in a zone, as words.
fn lines(kind: &str, zone: &str) -> Vec<Vec<&'static str>> {
    let begins = format!("{kind} {zone} ");
    let found: Vec<Vec<&str>> = TABLE.lines().filter_map(|line| line.strip_prefix(&begins)).map(|line| line.split(' ').collect()).collect();
    assert!(found.len() >= 20, "{kind} {zone}: {}", found.len());
    found
}

/// TM05: "today" and "in n days", around midnight and from 01:30 to 03:30 when the clocks change.
#[tokio::test]
async fn tm05_today_and_days_ahead_are_those_of_the_zone() {
    for zone in ZONES {
        let (service, _world) = in_zone(zone, "2026-01-10T12:00:00Z").await;
        let lines = lines("now", zone);
        let mut numbers: BTreeMap<&str, i32> = BTreeMap::new();
        for (number, due) in (1..).zip(lines.iter().map(|line| line[3]).collect::<std::collections::BTreeSet<_>>()) {
            letter(&service.app, number, due).await;
            numbers.insert(due, number);
        }
        let mut reader = service.visitor();
        for line in lines {
            let [at, wall, today, due, days] = line[..] else { panic!("{line:?}") };
            service.app.clock.set(time(at));
            assert_eq!(service.app.today().to_string(), today, "{zone} {at}, {wall} there");
            reader.get(&format!("/statements/{}", numbers[due])).await;
            reader.assert_says(&format!("(in {days} days)"));
        }
    }
}

/// TM05: each step goes once, in the first hour in which its day has begun there and 06:00 UTC of it is past.
#[tokio::test]
async fn tm05_no_step_goes_twice_or_is_lost_when_the_clocks_change() {
    for zone in ZONES {
        let (service, _world) = in_zone(zone, "2026-01-10T12:00:00Z").await;
        let app = &service.app;
        let mut expected: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for line in lines("step", zone) {
            expected.insert(line[0].to_owned(), time(line[1]));
        }
        // the step on the day of the deadline is the only one of the five that falls on one of the table's days
        for (number, due) in (1..).zip(expected.keys()) {
            letter(app, number, due).await;
        }
        let days: Vec<NaiveDate> = expected.keys().map(|day| day.parse().expect("a day")).collect();
        let mut last = None;
        for day in days {
            let begins: DateTime<Utc> = (day - TimeDelta::days(1)).and_hms_opt(0, 0, 0).expect("midnight").and_utc();
            for hour in (0..48).filter(|hour| [0, 5, 6, 7, 8, 9, 12, 18].contains(&(hour % 24))) {
                let now = begins + TimeDelta::hours(hour);
                // the clock never goes back
                if last.is_none_or(|last| last < now) {
                    app.clock.set(now);
                    remind(app).await;
                    last = Some(now);
                }
            }
        }
        let rows: Vec<(NaiveDate, DateTime<Utc>, i64)> = sqlx::query_as(
            "SELECT due_on, min(mails.made_at), count(DISTINCT mails.made_at)
               FROM reminders JOIN deadlines USING (deadline_id) JOIN mails USING (mail_id)
              WHERE step = 0 GROUP BY due_on ORDER BY due_on",
        )
        .fetch_all(&app.pool)
        .await
        .expect("reminders");
        let gone: BTreeMap<String, DateTime<Utc>> = rows.iter().map(|(day, at, _)| (day.to_string(), *at)).collect();
        assert_eq!(gone, expected, "{zone}");
        assert!(rows.iter().all(|(.., times)| *times == 1), "{zone}: {rows:?}");
        let (all, distinct, people): (i64, i64, i64) = sqlx::query_as(
            "SELECT count(*), count(DISTINCT (deadline_id, step, recipient)), count(DISTINCT recipient) FROM reminders WHERE step = 0",
        )
        .fetch_one(&app.pool)
        .await
        .expect("a count");
        assert_eq!((all, distinct), (i64::try_from(expected.len()).expect("a number") * people, all), "{zone}");
    }
}

/// Records a letter for action with that deadline, as the manager.
async fn record(service: &TestService, world: &World, deadline: &str) -> (u16, String) {
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get("/statements/incoming/new").await;
    let fields =
        [("From", "ITU-T SG11"), ("To", "wire"), ("Title", deadline), ("Purpose", "For Action"), ("Deadline", deadline), ("Text", "Dear colleagues")];
    manager.submit("Continue to check", &fields).await;
    let status = manager.page.status.as_u16();
    if status != 200 {
        assert_eq!(manager.page.value("Deadline"), deadline, "what was typed is given back");
        return (status, manager.page.problems().join("; "));
    }
    if manager.page.texts(".warning-list li").is_empty() {
        manager.submit("Record and post", &[]).await;
    } else {
        manager.submit("Record and post", &[("Record anyway", "yes")]).await;
    }
    (manager.page.status.as_u16(), manager.page.text.clone())
}

/// TM06, inputs.md 18
#[tokio::test]
async fn tm06_odd_days_are_accepted_or_refused_with_words() {
    let service = service(clock("2026-03-02T09:00:00Z")).await;
    let world = people::world(&service).await;
    for (typed, says) in [
        ("29 February 2028", "Tuesday 29 February 2028"),
        ("2028-02-29", "Tuesday 29 February 2028"),
        ("31 December 2026", "Thursday 31 December 2026"),
        ("1 January 2027", "Friday 1 January 2027"),
    ] {
        let (status, said) = record(&service, &world, typed).await;
        assert!(status == 200 && said.contains(says), "{typed}: {status} {said}");
    }
    for typed in ["29 February 2027", "31 April 2026", "30 February 2028", "0000-01-01", "1 January 0", "0000-00-00", "99999-01-01", "2026-13-01"] {
        let (status, said) = record(&service, &world, typed).await;
        assert_eq!(status, 422, "{typed}: {said}");
        assert!(said.contains("Deadline must be"), "{typed}: {said}");
    }
    // the last day that four digits can write: either is right, with words and without a fault
    let (status, said) = record(&service, &world, "9999-12-31").await;
    assert!(status == 200 && said.contains("31 December 9999") || status == 422 && said.contains("Deadline must be"), "{status} {said}");
    for page in ["/", "/statements", "/statements?due=overdue", "/statements.atom", "/statements.csv", "/api/v1/statements"] {
        let mut reader = service.visitor();
        reader.get(page).await;
        assert!(!reader.page.status.is_server_error(), "{page}: {}", reader.page.text);
    }
}

/// TM06: steps are counted over 29 February, the year's end and the last day there is.
#[tokio::test]
async fn tm06_steps_are_counted_over_leap_days_and_the_end_of_a_year() {
    for (due, expected) in [
        ("2028-02-29", ["2028-02-15", "2028-02-22", "2028-02-28", "2028-02-29", "2028-03-01", "2028-03-07", "2028-03-28"]),
        ("2026-12-31", ["2026-12-17", "2026-12-24", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-07", "2027-01-28"]),
        ("9999-12-31", ["9999-12-17", "9999-12-24", "9999-12-30", "9999-12-31", "+10000-01-01", "+10000-01-07", "+10000-01-28"]),
    ] {
        let service = service(clock("2026-03-02T09:00:00Z")).await;
        let _world = people::world(&service).await;
        let app = &service.app;
        letter(app, 1, due).await;
        let due: NaiveDate = due.parse().expect("a day");
        for offset in -15..=30 {
            let day = due + TimeDelta::days(offset);
            app.clock.set(day.and_hms_opt(10, 0, 0).expect("ten").and_utc());
            remind(app).await;
            if offset == 0 {
                let mut reader = service.visitor();
                reader.get("/statements/1").await;
                reader.assert_status(200).assert_says("today");
            }
        }
        let days: Vec<NaiveDate> =
            sqlx::query_scalar("SELECT DISTINCT made_on FROM reminders ORDER BY 1").fetch_all(&app.pool).await.expect("reminders");
        assert_eq!(days.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }
}

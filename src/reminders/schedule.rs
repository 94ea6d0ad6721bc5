//! When which reminder is due (domain.md 8). Pure: dates, zone and now in, due steps out.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

/// Hour of a day, UTC, from which its mails go.
const FROM_HOUR: i64 = 6;

/// The offsets in days at which reminders go; configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// Of what we have to do, from the deadline: -14 is two weeks before it.
    pub ours: Vec<i64>,
    /// Of what we asked a peer.
    pub awaited: Vec<i64>,
    /// From this many days after the deadline on, Area Directors and coordinators are told as well.
    pub escalates_after: i64,
    /// Working days that a check waits before coordinators are asked too.
    pub check_waits: u32,
    /// Days after which the author of an untouched draft is reminded.
    pub draft_rests: u64,
    /// Days after which a report that nobody has taken, and a draft that waits for its sender, are reminded of.
    pub waits: u64,
}

/// The days whose reminders are to be written: after the first, up to and with the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The last day that is done.
    pub after: NaiveDate,
    /// The day to be done.
    pub until: NaiveDate,
}

impl Window {
    /// Whether a day is to be done.
    pub fn holds(self, day: NaiveDate) -> bool {
        self.after < day && day <= self.until
    }
}

/// The last day whose mails may go: it has begun in the zone of deadlines, and 06:00 UTC of it is past.
pub fn last_day(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let here = now.with_timezone(&zone).date_naive();
    here.min((now - TimeDelta::hours(FROM_HOUR)).date_naive())
}

/// What a step is counted from, and from when on it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The day counted to.
    pub day: NaiveDate,
    /// When the row of that day was made: steps of that day and before do not go.
    pub set_on: NaiveDate,
    /// Since when the action runs, open and not paused.
    pub open_since: NaiveDate,
}

/// The step to be sent: the latest whose day lies in the window; of missed days only that one.
pub fn latest(offsets: &[i64], counted: Counted, window: Window) -> Option<i64> {
    let goes = |offset: &i64| {
        counted
            .day
            .checked_add_signed(TimeDelta::days(*offset))
            .is_some_and(|day| window.holds(day) && day > counted.set_on && day >= counted.open_since)
    };
    offsets.iter().copied().filter(goes).max()
}

/// The step of a reply that is a draft since a day, counted to the day by which it is to be submitted; none: it is in review, or
/// no step is due.
pub fn latest_of_draft(offsets: &[i64], counted: Counted, begun: NaiveDate, is_in_review: bool, window: Window) -> Option<i64> {
    let counted = Counted { day: submit_by(counted.day), set_on: counted.set_on.max(begun), ..counted };
    if is_in_review { None } else { latest(offsets, counted, window) }
}

/// Every deadline that has a step in the window.
pub fn days_counted_to(offsets: &[i64], window: Window) -> Vec<NaiveDate> {
    let mut days: Vec<NaiveDate> = window
        .after
        .iter_days()
        .skip(1)
        .take_while(|day| *day <= window.until)
        .flat_map(|day| offsets.iter().filter_map(move |offset| day.checked_sub_signed(TimeDelta::days(*offset))))
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The day that lies so many working days (Monday to Friday) later.
pub fn after_working_days(day: NaiveDate, days: u32) -> NaiveDate {
    let works = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let last = if days == 0 { None } else { day.iter_days().skip(1).filter(works).nth(days as usize - 1) };
    last.unwrap_or(day)
}

/// A reply is to be submitted so many days before its deadline.
pub const SUBMIT_BEFORE: i64 = 5;

/// The day by which a reply is to be submitted that is due on a day.
pub fn submit_by(due: NaiveDate) -> NaiveDate {
    due.checked_sub_signed(TimeDelta::days(SUBMIT_BEFORE)).unwrap_or(NaiveDate::MIN)
}

/// The deadline of a reply that is to be submitted by a day.
pub fn deadline_of(submit_by: NaiveDate) -> Option<NaiveDate> {
    submit_by.checked_add_signed(TimeDelta::days(SUBMIT_BEFORE))
}

/// What was asked for on a day before this one has waited its working days today.
pub fn asked_before(today: NaiveDate, days: u32) -> NaiveDate {
    let is_over = |asked: &NaiveDate| after_working_days(*asked, days) <= today;
    let back = std::iter::successors(Some(today), NaiveDate::pred_opt).find(is_over);
    back.and_then(|last| last.succ_opt()).unwrap_or(NaiveDate::MIN)
}

/// The weekly steps of something that waits since its wait ended: 0, 7, 14 …; the latest in the window.
pub fn weekly(wait_ended: NaiveDate, window: Window) -> Option<i64> {
    let days = (window.until - wait_ended).num_days();
    let step = days - days.rem_euclid(7);
    let day = wait_ended.checked_add_signed(TimeDelta::days(step))?;
    (step >= 0 && window.holds(day)).then_some(step)
}

/// Since when something waits that is reminded of on a day.
pub fn waited(day: NaiveDate, steps: &Steps) -> NaiveDate {
    day.checked_sub_days(Days::new(steps.waits)).unwrap_or(NaiveDate::MIN)
}

/// The day on which an untouched draft's author is reminded.
pub fn draft_rested(touched: NaiveDate, steps: &Steps) -> Option<NaiveDate> {
    touched.checked_add_days(Days::new(steps.draft_rests))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    const OURS: [i64; 7] = [-14, -7, -1, 0, 1, 7, 28];

    fn each_day(counted: Counted, from: &str, days: usize) -> Vec<(i64, i64)> {
        let from = day(from);
        from.iter_days()
            .take(days)
            .filter_map(|today| {
                let window = Window { after: today.pred_opt()?, until: today };
                latest(&OURS, counted, window).map(|step| ((today - from).num_days(), step))
            })
            .collect()
    }

    #[test]
    fn day_by_day_each_step_goes_on_its_day() {
        let counted = Counted { day: day("2026-05-01"), set_on: day("2026-03-02"), open_since: day("2026-03-02") };
        let sent = each_day(counted, "2026-04-01", 100);
        assert_eq!(sent, [(16, -14), (23, -7), (29, -1), (30, 0), (31, 1), (37, 7), (58, 28)]);
    }

    #[test]
    fn of_missed_days_only_the_latest_goes() {
        let counted = Counted { day: day("2026-05-01"), set_on: day("2026-03-02"), open_since: day("2026-03-02") };
        let down = |after, until| latest(&OURS, counted, Window { after: day(after), until: day(until) });
        assert_eq!(down("2026-04-15", "2026-04-29"), Some(-7));
        assert_eq!(down("2026-05-02", "2026-05-21"), Some(7));
        assert_eq!(down("2026-05-09", "2026-05-20"), None);
    }

    #[test]
    fn nothing_goes_of_days_before_the_row_was_made_or_the_action_ran() {
        let window = Window { after: day("2026-04-01"), until: day("2026-04-30") };
        let counted = |set_on, open_since| Counted { day: day("2026-05-01"), set_on: day(set_on), open_since: day(open_since) };
        assert_eq!(latest(&OURS, counted("2026-04-30", "2026-03-01"), window), None);
        assert_eq!(latest(&OURS, counted("2026-04-29", "2026-03-01"), window), Some(-1));
        assert_eq!(latest(&OURS, counted("2026-03-01", "2026-04-30"), window), Some(-1));
        assert_eq!(latest(&OURS, counted("2026-03-01", "2026-05-01"), window), None);
    }

    #[test]
    fn a_days_mails_go_when_the_day_has_begun_there_and_from_six() {
        let last = |now: &str, zone: &str| last_day(now.parse().expect("a time"), zone.parse().expect("a zone")).to_string();
        assert_eq!(last("2026-03-15T05:59:59Z", "UTC"), "2026-03-14");
        assert_eq!(last("2026-03-15T06:00:00Z", "UTC"), "2026-03-15");
        // anywhere on earth: the day before ends at noon UTC
        assert_eq!(last("2026-03-15T11:59:59Z", "Etc/GMT+12"), "2026-03-14");
        assert_eq!(last("2026-03-15T12:00:00Z", "Etc/GMT+12"), "2026-03-15");
        assert_eq!(last("2026-03-15T05:00:00Z", "Pacific/Kiritimati"), "2026-03-14");
        assert_eq!(last("2026-03-15T06:00:00Z", "Pacific/Kiritimati"), "2026-03-15");
        // the nights in which clocks change
        assert_eq!(last("2026-03-29T06:00:00Z", "Europe/Berlin"), "2026-03-29");
        assert_eq!(last("2026-10-25T01:30:00Z", "Europe/Berlin"), "2026-10-24");
        assert_eq!(last("2026-10-25T06:59:00Z", "America/Los_Angeles"), "2026-10-24");
        assert_eq!(last("2026-10-25T07:00:00Z", "America/Los_Angeles"), "2026-10-25");
    }

    #[test]
    fn working_days_leave_weekends_out() {
        let after = |from, days| after_working_days(day(from), days).to_string();
        assert_eq!(after("2026-03-02", 2), "2026-03-04"); // Monday
        assert_eq!(after("2026-03-05", 2), "2026-03-09"); // Thursday
        assert_eq!(after("2026-03-06", 2), "2026-03-10"); // Friday
        assert_eq!(after("2026-03-07", 2), "2026-03-10"); // Saturday
        assert_eq!(after("2026-03-07", 0), "2026-03-07");
    }

    #[test]
    fn odd_days_count_right() {
        let leap = Counted { day: day("2028-02-29"), set_on: day("2026-01-01"), open_since: day("2026-01-01") };
        assert_eq!(each_day(leap, "2028-02-15", 15), [(0, -14), (7, -7), (13, -1), (14, 0)]);
        let last = Counted { day: day("9999-12-31"), set_on: day("2026-01-01"), open_since: day("2026-01-01") };
        assert_eq!(latest(&OURS, last, Window { after: day("9999-12-30"), until: day("9999-12-31") }), Some(0));
    }

    proptest! {
        /// However often the worker is down, each step goes once at most, of an outage one at most, and none too early.
        #[test]
        fn no_step_goes_twice(
            due in 0_u64..400, set in 0_u64..400, open in 0_u64..400,
            mut runs in prop::collection::vec(0_u64..500, 1..60),
        ) {
            let begin = day("2026-01-01");
            let at = |days: u64| begin + Days::new(days);
            runs.sort_unstable();
            let counted = Counted { day: at(due), set_on: at(set), open_since: at(open) };
            let mut done = begin;
            let mut sent = Vec::new();
            for run in runs {
                let today = at(run);
                if today <= done { continue; }
                if let Some(step) = latest(&OURS, counted, Window { after: done, until: today }) {
                    let due_day = counted.day + TimeDelta::days(step);
                    prop_assert!(due_day <= today && due_day > counted.set_on && due_day >= counted.open_since);
                    sent.push(step);
                }
                done = today;
            }
            let mut once = sent.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once, sent, "each once, in order");
        }

        /// A reply that is drafted, submitted, taken back, in any order and over any outages: its author gets no step twice, neither
        /// counted to the deadline nor to the day by which it is to be submitted, none of days before it was begun, and of the
        /// latter none while it waits for its sign-offs or after it was posted.
        #[test]
        fn a_reply_that_goes_back_and_forth_reminds_of_no_step_twice(
            due in 20_u64..300, begun in 0_u64..200,
            mut runs in prop::collection::vec((0_u64..400, any::<bool>()), 1..80),
            posted in 0_u64..500,
        ) {
            let begin = day("2026-01-01");
            let at = |days: u64| begin + Days::new(days);
            runs.sort_unstable();
            let counted = Counted { day: at(due), set_on: begin, open_since: begin };
            let mut done = begin;
            let mut sent = Vec::new();
            for (run, is_in_review) in runs {
                let today = at(run);
                if today <= done || run < begun || run >= posted { continue; }
                let window = Window { after: done, until: today };
                let of_draft = latest_of_draft(&OURS, counted, at(begun), is_in_review, window);
                prop_assert!(!is_in_review || of_draft.is_none());
                if let Some(step) = of_draft {
                    let goes = submit_by(counted.day) + TimeDelta::days(step);
                    prop_assert!(goes > at(begun) && goes <= today && goes < at(posted));
                }
                sent.extend(of_draft.map(|step| ("submit-by", step)));
                sent.extend(latest(&OURS, counted, window).map(|step| ("day", step)));
                done = today;
            }
            let mut once = sent.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), sent.len(), "{:?}", sent);
        }

        /// What waited its working days today is what was asked before that day, and nothing else.
        #[test]
        fn the_wait_is_over_for_what_was_asked_before(asked in 0_u64..60, today in 0_u64..60, days in 0_u32..6) {
            let (asked, today) = (day("2026-01-01") + Days::new(asked), day("2026-01-01") + Days::new(today));
            prop_assert_eq!(asked < asked_before(today, days), asked <= today && after_working_days(asked, days) <= today);
        }

        /// What the database is asked for holds every deadline with a step in the window, and no other.
        #[test]
        fn the_days_asked_for_are_those_with_a_step(after in 0_u64..300, length in 1_u64..40, due in 0_u64..400) {
            let begin = day("2026-01-01");
            let window = Window { after: begin + Days::new(after), until: begin + Days::new(after + length) };
            let counted = Counted { day: begin + Days::new(due), set_on: day("2020-01-01"), open_since: day("2020-01-01") };
            let asked = days_counted_to(&OURS, window).contains(&counted.day);
            prop_assert_eq!(asked, latest(&OURS, counted, window).is_some());
        }

        /// What waits is reminded of weekly, each week once.
        #[test]
        fn weeks_are_counted_once(ended in 0_u64..100, mut runs in prop::collection::vec(0_u64..300, 1..60)) {
            let begin = day("2026-01-01");
            runs.sort_unstable();
            let mut done = begin;
            let mut sent = Vec::new();
            for run in runs {
                let today = begin + Days::new(run);
                if today <= done { continue; }
                sent.extend(weekly(begin + Days::new(ended), Window { after: done, until: today }));
                done = today;
            }
            let mut once = sent.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once, sent);
        }
    }
}

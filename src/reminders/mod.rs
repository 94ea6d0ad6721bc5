//! Reminders (domain.md 8): whoever something waits for is told in time, once a step and in one mail a day.

pub mod run;
pub mod schedule;
pub mod store;

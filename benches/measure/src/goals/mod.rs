//! One file for goals that are measured alike.

pub mod browser;
pub mod bulk;
pub mod counts;
pub mod mail;
pub mod page;
pub mod process;
pub mod ratios;
pub mod reminders;
pub mod sign_in;
pub mod sizes;
pub mod writing;

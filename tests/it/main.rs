//! The whole program, driven from its edges.

mod abuse;
mod access;
mod accounts;
mod actions;
mod api;
mod attachments;
mod checkup;
mod config;
mod door;
mod drafting;
mod faults;
mod filters;
mod formats;
mod growth;
mod guessing;
mod house;
mod import;
mod imported_page;
mod lists;
mod mail;
mod migrations;
mod organizations;
mod posted_stays;
mod recording;
mod remarks;
mod reminders;
mod roles;
mod search;
mod sizes;
mod statement_page;
#[expect(dead_code, reason = "support is there before the tests that use all of it")]
mod support;
mod support_itself;
mod uploads;
mod user_command;
mod visitor_itself;

//! The whole program, driven from its edges.

mod accounts;
mod api;
mod attachments;
mod door;
mod guessing;
mod import;
mod lists;
mod mail;
mod organizations;
mod posted_stays;
mod recording;
mod roles;
mod search;
mod statement_page;
#[expect(dead_code, reason = "support is there before the tests that use all of it")]
mod support;
mod support_itself;
mod uploads;
mod user_command;
mod visitor_itself;

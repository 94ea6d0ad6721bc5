//! The whole program, driven from its edges.

mod accounts;
mod mail;
mod recording;
mod roles;
mod api;
mod lists;
mod search;
#[expect(dead_code, reason = "support is there before the tests that use all of it")]
mod support;
mod user_command;

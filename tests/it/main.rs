//! The whole program, driven from its edges.

mod accounts;
mod guessing;
mod roles;
#[expect(dead_code, reason = "support is there before the tests that use all of it")]
mod support;
mod user_command;
mod visitor_itself;

//! The whole program, driven from its edges.

mod accounts;
mod attachments;
mod statement_page;
#[expect(dead_code, reason = "support is there before the tests that use all of it")]
mod support;
mod uploads;

//! The whole program, driven from its edges.

mod accounts;
#[expect(dead_code, reason = "support is there before the tests that use all of it")]
mod support;
mod support_itself;

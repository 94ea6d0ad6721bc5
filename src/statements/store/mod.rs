//! SQL of statements.

pub mod list;

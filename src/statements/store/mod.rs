//! SQL of statements.

pub mod files;

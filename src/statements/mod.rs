//! Liaison statements: their text, references and rules.

pub mod body;
pub mod references;

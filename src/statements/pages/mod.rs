//! Pages of statements.

pub mod upload;

//! Liaison statements between standards organizations.

pub mod database;

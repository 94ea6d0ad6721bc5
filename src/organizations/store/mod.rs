//! SQL of organizations and groups.

mod facts;

pub use facts::{contacts, facts};

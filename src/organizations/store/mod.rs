//! SQL of organizations and groups.

mod directory;
mod facts;

pub use directory::directory;
pub use facts::{contacts, facts};

//! Liaison statements between standards organizations: recorded, checked, posted, mailed and found.

pub mod dates;
pub mod mail;
pub mod organizations;
pub mod statements;

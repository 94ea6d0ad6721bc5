//! Pages of the outbox: sending again, and the secretariat's mail log.

pub mod log;
pub mod send_again;
pub mod show;

//! Standing ties to peers, formal and informal (domain.md 9).

pub mod pages;
pub mod store;

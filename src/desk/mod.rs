//! What waits for a person, most urgent first.

pub mod pages;
pub mod store;

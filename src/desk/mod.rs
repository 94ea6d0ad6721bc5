//! What waits for a person, most urgent first.

mod outgoing;
pub mod pages;
pub mod store;

//! Those who mean harm: connections that do nothing, floods, guesses (robustness.md AB01 to AB03, AC05).

mod connections;
mod floods;

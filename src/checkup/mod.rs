//! What must hold whatever happened: states, sign-offs, history, numbers, files and mail against each other.
//! `liaison-tracker check` prints what does not; nothing here changes anything.

pub mod store;

/// Something that must hold and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule, in words.
    pub rule: &'static str,
    /// What breaks it: "statement 12", "file 7".
    pub what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.rule, self.what)
    }
}

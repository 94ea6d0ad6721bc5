//! What an import did, and what it could not map.

use std::fmt;

/// One thing that could not be mapped, with its text as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmapped {
    /// Where it stands: the key of a statement, the acronym of a group.
    pub at: String,
    /// What is the matter.
    pub what: String,
    /// The text as written.
    pub text: String,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether nothing was written.
    pub is_dry_run: bool,
    /// Groups that are new.
    pub groups: usize,
    /// Groups that were there already.
    pub groups_known: usize,
    /// Relationships that are new.
    pub relationships: usize,
    /// Former acronyms that are new.
    pub former_acronyms: usize,
    /// Statements that are new.
    pub statements: usize,
    /// Statements that were there already.
    pub statements_known: usize,
    /// Statements without a number and a home side, left out as asked.
    pub left_out: usize,
    /// Of the new ones: incoming, outgoing, between others.
    pub incoming: usize,
    /// See `incoming`.
    pub outgoing: usize,
    /// See `incoming`.
    pub between_others: usize,
    /// Of the new ones: those that had no number and were given one.
    pub newly_numbered: usize,
    /// Files, none of whose bytes are held.
    pub attachments: usize,
    /// Addressees with a handling that is not known.
    pub actions: usize,
    /// Answers whose earlier statement was found, of all imported up to now.
    pub linked: usize,
    /// What could not be mapped.
    pub unmapped: Vec<Unmapped>,
}

impl Report {
    /// Notes something that could not be mapped.
    pub fn note(&mut self, at: &str, what: impl Into<String>, text: &str) {
        self.unmapped.push(Unmapped { at: at.to_owned(), what: what.into(), text: text.to_owned() });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_dry_run {
            writeln!(f, "This was a trial: nothing was written.")?;
        }
        writeln!(f, "Groups: {} new, {} known already", self.groups, self.groups_known)?;
        writeln!(f, "Relationships: {} new. Former acronyms: {} new", self.relationships, self.former_acronyms)?;
        writeln!(f, "Statements: {} new, {} known already, {} left out", self.statements, self.statements_known, self.left_out)?;
        writeln!(
            f,
            "  of the new ones {} incoming, {} outgoing, {} between others; {} had no number and were given one",
            self.incoming, self.outgoing, self.between_others, self.newly_numbered
        )?;
        writeln!(f, "  with {} files (not held here) and {} addressees whose handling is not known", self.attachments, self.actions)?;
        writeln!(f, "Answers linked to what they answer: {}", self.linked)?;
        if self.unmapped.is_empty() {
            return writeln!(f, "Everything could be mapped.");
        }
        writeln!(f, "Could not be mapped: {}", self.unmapped.len())?;
        for unmapped in &self.unmapped {
            writeln!(f, "  {}: {}: {:?}", unmapped.at, unmapped.what, unmapped.text)?;
        }
        Ok(())
    }
}

//! What a dump of another tracker says, as it says it. Nothing is judged here.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;

/// A group with all below it, as the file has it.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceGroup {
    /// Unique among all, whatever its case.
    pub acronym: String,
    /// Full name.
    #[serde(default)]
    pub name: String,
    /// `area`, `wg`, `rg` …; none: a group.
    pub kind: Option<String>,
    /// `proposed`, `active`, `concluded`; none: active.
    pub state: Option<String>,
    /// Whether it is the organization that runs the tracker.
    #[serde(default)]
    pub home: bool,
    /// True where absent.
    pub may_send: Option<bool>,
    /// True where absent.
    pub may_receive: Option<bool>,
    /// A day, a month or a year.
    pub started: Option<String>,
    /// A day, a month or a year.
    pub concluded: Option<String>,
    /// Documents that say how the two work together.
    #[serde(default)]
    pub scope_documents: Vec<String>,
    /// What is below it.
    #[serde(default)]
    pub groups: Vec<SourceGroup>,
}

/// A standing tie to a peer.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceRelationship {
    /// Acronym.
    pub organization: String,
    /// `formal` or `informal`.
    pub kind: String,
    /// `closed`; none: active.
    pub status: Option<String>,
    /// Documents it rests on.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Documents it rested on.
    #[serde(default)]
    pub former_documents: Vec<String>,
    /// Documents beside it.
    #[serde(default)]
    pub related_documents: Vec<String>,
    /// What is known of it.
    #[serde(default)]
    pub facts: String,
    /// The alias at home that serves it.
    pub home_contact: Option<String>,
}

/// A name that is no longer used.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceRenamed {
    /// The former one.
    pub was: String,
    /// What took its place: an acronym of the file, or words.
    pub now: String,
    /// Since when.
    pub when: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OrganizationsFile {
    #[serde(default)]
    organizations: Vec<SourceGroup>,
    #[serde(default)]
    relationships: Vec<SourceRelationship>,
    #[serde(default)]
    renamed: Vec<SourceRenamed>,
}

/// What a statement answers: the number of another, or words.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum SourceAnswered {
    /// A number of that tracker.
    Number(i32),
    /// A reference or a title.
    Words(String),
}

/// A file of a statement; its bytes are not in the dump.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SourceAttachment {
    /// As the old tracker showed it.
    pub title: Option<String>,
    /// Its name.
    pub file: Option<String>,
    /// Ending of its name.
    pub format: Option<String>,
    /// The name under which the old tracker kept it.
    pub kept_as: Option<String>,
    /// Where it can be had.
    pub url: Option<String>,
}

/// A statement, as the file has it.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceStatement {
    /// What makes it the same one when it is imported again.
    pub key: String,
    /// Its number in the old tracker.
    pub datatracker_number: Option<i32>,
    /// Title.
    #[serde(default)]
    pub title: String,
    /// Acronyms.
    #[serde(default)]
    pub from_groups: Vec<String>,
    /// Acronyms.
    #[serde(default)]
    pub to_groups: Vec<String>,
    /// Acronyms.
    #[serde(default)]
    pub cc_groups: Vec<String>,
    /// As people typed it then.
    pub from_text: Option<String>,
    /// As people typed it then.
    pub to_text: Option<String>,
    /// `for_action` …; none: not recorded.
    pub purpose: Option<String>,
    /// A day, a month or a year.
    pub date: Option<String>,
    /// A day.
    pub deadline: Option<String>,
    /// Number or words.
    pub in_response_to: Option<SourceAnswered>,
    /// The text, where the dump has it.
    pub body: Option<String>,
    /// A file beside the dump that holds the text.
    pub body_file: Option<String>,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<SourceAttachment>,
    /// The old tracker's page.
    pub url: Option<String>,
    /// The document itself.
    pub url_document: Option<String>,
    /// Said by whoever made the dump.
    pub note: Option<String>,
    /// `action_needed`, `action_taken`.
    pub state: Option<String>,
    /// The sender's own number.
    pub reference: Option<String>,
}

/// What is to be imported.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Trees of groups.
    pub organizations: Vec<SourceGroup>,
    /// Ties to peers.
    pub relationships: Vec<SourceRelationship>,
    /// Former names.
    pub renamed: Vec<SourceRenamed>,
    /// Statements, in the order of the file.
    pub statements: Vec<SourceStatement>,
    /// Texts by the name of their file.
    pub bodies: HashMap<String, String>,
    /// What could not be read, with the text as written.
    pub unreadable: Vec<(String, String)>,
}

impl Source {
    /// Reads both files and the texts that stand beside the second.
    ///
    /// # Errors
    /// A file that can't be read or is no such dump.
    pub fn from_files(organizations: Option<&Path>, statements: Option<&Path>) -> anyhow::Result<Self> {
        let mut source = Self::default();
        if let Some(path) = organizations {
            let bytes = std::fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
            source.read_organizations(&bytes).with_context(|| format!("{} can't be understood", path.display()))?;
        }
        if let Some(path) = statements {
            let bytes = std::fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
            source.read_statements(&bytes).with_context(|| format!("{} can't be understood", path.display()))?;
            source.read_bodies(path.parent().unwrap_or_else(|| Path::new(".")));
        }
        Ok(source)
    }

    /// Reads the trees of groups, the relationships and the former names.
    ///
    /// # Errors
    /// No JSON of that shape.
    pub fn read_organizations(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let text = self.text("the file of organizations", bytes);
        let file: OrganizationsFile = serde_json::from_str(&text)?;
        self.organizations.extend(file.organizations);
        self.relationships.extend(file.relationships);
        self.renamed.extend(file.renamed);
        Ok(())
    }

    /// Reads the statements; one that can't be understood is noted, and the others are read.
    ///
    /// # Errors
    /// No JSON with a list `statements`.
    pub fn read_statements(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let text = self.text("the file of statements", bytes);
        let mut file: Value = serde_json::from_str(&text)?;
        let Some(Value::Array(entries)) = file.get_mut("statements").map(Value::take) else {
            anyhow::bail!("it has no list \"statements\"");
        };
        for entry in entries {
            match SourceStatement::deserialize(&entry) {
                Ok(statement) => self.statements.push(statement),
                Err(error) => self.unreadable.push((format!("a statement: {error}"), entry.to_string())),
            }
        }
        Ok(())
    }

    fn read_bodies(&mut self, folder: &Path) {
        let names: Vec<String> = self.statements.iter().filter_map(|statement| statement.body_file.clone()).collect();
        for name in names {
            // a name, never a path to somewhere else
            if name.contains(['/', '\\']) || name == ".." {
                self.unreadable.push(("the name of a text's file".to_owned(), name));
                continue;
            }
            match std::fs::read(folder.join(&name)) {
                Ok(bytes) => {
                    let text = self.text(&name, &bytes);
                    self.bodies.insert(name, text);
                }
                Err(error) => self.unreadable.push((format!("the file of a text: {error}"), name)),
            }
        }
    }

    fn text(&mut self, what: &str, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        if let std::borrow::Cow::Owned(_) = text {
            self.unreadable.push((format!("characters of {what} are not UTF-8"), "they became \u{fffd}".to_owned()));
        }
        text.into_owned()
    }
}

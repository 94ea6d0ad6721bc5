//! Organizations and their trees of groups: what they are, what they are called, and their pages.

#[cfg(test)]
mod acceptance;
pub mod changes;
pub mod directory;
pub mod labels;
pub mod pages;
pub mod recognize;
mod segments;
pub mod store;
mod suggest;
mod words;

use std::sync::{Arc, PoisonError};

use crate::App;
use directory::Directory;

/// What a group is (domain.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// The top of a tree.
    Organization,
    /// Its letters are approved by the IETF Chair.
    Iesg,
    /// Its letters are approved by its chair.
    Iab,
    /// Sends none.
    Irtf,
    /// Has ADs.
    Area,
    /// Has chairs and a responsible AD.
    Wg,
    /// A research group: sends none.
    Rg,
    /// Any other body, such as a peer's study group.
    Group,
}

impl GroupKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [Self::Organization, Self::Iesg, Self::Iab, Self::Irtf, Self::Area, Self::Wg, Self::Rg, Self::Group];

    /// As it stands in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Iesg => "iesg",
            Self::Iab => "iab",
            Self::Irtf => "irtf",
            Self::Area => "area",
            Self::Wg => "wg",
            Self::Rg => "rg",
            Self::Group => "group",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Organization => "Organization",
            Self::Iesg | Self::Iab | Self::Irtf | Self::Group => "Group",
            Self::Area => "Area",
            Self::Wg => "Working group",
            Self::Rg => "Research group",
        }
    }
}

/// Where a group is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupState {
    /// Not chartered yet.
    Proposed,
    /// At work.
    Active,
    /// Ended on a day, perhaps replaced by another.
    Concluded,
}

impl GroupState {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Concluded => "concluded",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Proposed, Self::Active, Self::Concluded].into_iter().find(|state| state.as_str() == name)
    }
}

/// All groups, for reading what people type; read anew only after a change of the groups.
///
/// # Errors
/// The database's.
pub async fn directory(app: &App) -> sqlx::Result<Arc<Directory>> {
    let version = store::directory_version(&app.pool).await?;
    if let Some((kept, directory)) = &*app.directory.read().unwrap_or_else(PoisonError::into_inner)
        && *kept == version
    {
        return Ok(Arc::clone(directory));
    }
    let directory = Arc::new(store::directory(&app.pool).await?);
    *app.directory.write().unwrap_or_else(PoisonError::into_inner) = Some((version, Arc::clone(&directory)));
    Ok(directory)
}

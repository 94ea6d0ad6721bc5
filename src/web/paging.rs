//! Paging by key: the address of a page says where it begins, so deep pages cost what the first does.

/// Addresses of the pages beside this one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    /// The page before, nearer to the beginning of the list.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

//! Pages of statements: one file a page, with a template of the same name.

pub mod asked;
pub mod list;
pub mod row;

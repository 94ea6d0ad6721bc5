//! Pages of statements.

pub mod draft;
pub mod edit;
pub mod review;
pub mod show_draft;
pub mod submit;
pub mod turn;
pub mod upload;

//! Other forms of the public lists: CSV and JSON of all rows, Atom of the newest, the sitemap.
//!
//! Each is found by the same query as the page, and tells everybody the same, whoever asks.

pub mod atom;
pub mod csv;
pub mod download;
pub mod lists;
pub mod sitemap;
pub mod statements;
pub mod store;

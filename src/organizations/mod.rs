//! Organizations and their group trees: finding groups by what people type, and naming them.

#[cfg(test)]
mod acceptance;
pub mod directory;
pub mod labels;
pub mod recognize;
mod segments;
mod suggest;
mod words;

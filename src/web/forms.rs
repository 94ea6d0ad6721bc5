//! Forms answer with themselves: see [`Problems`].

pub use crate::problems::{Choice, Problem, Problems};

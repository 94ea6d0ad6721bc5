//! One file for goals that are measured alike.

pub mod counts;
pub mod ratios;

//! The whole program, driven from its edges.

mod support;
mod support_itself;

//! The whole program, driven from its edges.

mod support;

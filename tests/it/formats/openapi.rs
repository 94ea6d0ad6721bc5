//! Comes with the next part.

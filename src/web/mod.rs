//! What every page shares: routes and who may come, middleware, forms, errors, the frame.

pub mod access;
pub mod assets;
pub mod cache;
pub mod client_address;
pub mod connections;
pub mod error;
pub mod extract;
pub mod forms;
pub mod health;
pub mod help;
pub mod kept;
pub mod layers;
pub mod layout;
pub mod limits;
pub mod paging;
pub mod progress;
pub mod router;
pub mod session;
pub use crate::urls;

//! The database: a private server for those who have none of their own.

pub mod private_server;

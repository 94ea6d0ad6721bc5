//! Mail: addresses, and what is sent to them.

pub mod address;
mod address_list;
mod address_problem;

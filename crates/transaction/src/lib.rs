#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod fault;
mod transaction;
mod watches;

pub use fault::Fault;
pub use transaction::Transaction;
pub use watches::{Watched, Watches};

#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! ```text
//! publish ─▶ channel's part ─▶ channel ─▶ roster ─▶ visit each          a lock for each of 64 parts
//!                └─ still locked ─▶ patterns by head or tail ─▶ roster ─▶ visit each     one lock, read by all publishers
//! ```
#![forbid(unsafe_code)]

mod registry;
mod subscriptions;

mod channels;
mod edges;
mod patterns;

mod name;
mod roster;

pub use name::Name;
pub use registry::{Kind, Registry, Subscriber, Via};
pub use subscriptions::Subscriptions;

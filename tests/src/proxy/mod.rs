//! A network that misbehaves: a TCP proxy that splits, delays, merges and cuts what passes, by a plan made from a seed.
//!
//! ```text
//!   client ──▶ Proxy ──▶ kvd         each connection has two directions,
//!          ◀──       ◀──             each direction a Plan of its own
//!
//!   Plan = pieces and pauses, and perhaps an ending after so many bytes
//! ```
//!
//! A plan depends on nothing but the seed, the number of the connection and the direction, so a failure is repeated by its
//! seed as far as the threads of both sides let it be: pieces and endings lie at the same bytes, at other times.
//!
//! ```no_run
//! use kvd_tests::proxy::{Faults, Proxy};
//!
//! let proxy = Proxy::start("127.0.0.1:6379".parse()?, Faults::ROUGH, 7)?;
//! println!("connect to {}", proxy.address());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod plan;
mod relay;
mod start;

pub use plan::{Direction, Ending, Faults, Plan, Step};
pub use start::Proxy;

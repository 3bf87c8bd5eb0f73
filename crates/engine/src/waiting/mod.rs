//! Commands that wait until somebody else has put something under a key: `BLPOP` and its kin.
//!
//! A command that finds nothing registers with each of its keys, while their stripes are locked for it. Whoever changes one of
//! these keys carries the waiting command out on the spot, under its own locks, so that nobody can come in between; the reply
//! goes to the waiting client's connection, which is woken. First come, first served.
//!
//! ```text
//!  BLPOP k 0 ─ nothing there ─▶ register (k) ─▶ Flow::Wait ......................... woken ─▶ reply
//!                                   │                                                  ▲
//!  RPUSH k v ─ record(k) ─ finish ─▶ serve_waiting: the first waiter of k takes v ─────┘
//! ```
//!
//! Locks are taken in this order: stripes, then a waiter's state, then a part of the register. So a command may be ended from anywhere, by
//! its time, by `CLIENT UNBLOCK` or with its connection, without locking a stripe.

mod promise;
mod register;
mod serve;
mod waiter;

pub use promise::{Promise, TimeoutReply};
pub use serve::Serving;
pub use waiter::{AwaitedKind, Waiting};

pub(crate) use register::Waits;
pub(crate) use waiter::{Wait, Waiter};

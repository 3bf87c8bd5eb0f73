//! The load generator: one thread, its own loop over epoll, many connections.
//!
//! ```text
//!     pacer ── when is the next batch due? ──▶ connection ── refill, write ──▶ server
//!                                                  │
//!     tally ◀── replies × latency ── scanner ◀── read ◀─────────────────────────┘
//! ```
//!
//! A connection has one batch of requests under way at a time: its pipeline. Closed loop: the next one leaves when the last
//! reply of the one before has come. Open loop: batches are due at fixed times whatever the server does, and latency counts from
//! when a batch was *due*, so that a server that stalls is charged for every request that it kept from being sent.

mod connection;
mod drive;
mod pace;
mod probe;
mod tally;

pub(crate) use drive::{Load, Plan};
pub(crate) use pace::Pace;
pub(crate) use probe::{Probe, Shot};
pub(crate) use tally::{Tally, latency_histogram};

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;

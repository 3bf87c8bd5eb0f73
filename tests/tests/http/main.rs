//! kvd's HTTP port over real sockets: its pages, clients that misbehave, and numbers that are true.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod client;
mod health;
mod misuse;
mod numbers;
mod pages;
mod port;
mod strict;

//! Clients that mean harm, or are out of luck, and a well-behaved one that must not feel them.
//!
//! ```text
//!            attacks on ─────────▶ server ◀───────── bystander: asks, waits, notes how long it took
//!   replies · requests · connections  │
//!                                     └── memory: what the process takes at its worst
//! ```
//!
//! Each attack is a function that opens its connections, does its worst and hands them over as they are then. The test
//! `hostile` goes on from there: what do the attackers get, and is the server whole afterwards? The program of that name
//! repeats them while it measures the bystander ([`attack`] lists them).

pub mod attack;
pub mod bystander;
pub mod client;
pub mod connections;
pub mod memory;
pub mod replies;
pub mod requests;

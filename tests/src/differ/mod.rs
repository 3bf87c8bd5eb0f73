//! The differ: kvd and a peer are asked the same random requests, and every difference is a finding.
//!
//! ```text
//!  catalog's trees ──syntax──┐
//!  pools of keys, values ────┼─▶ generator ─▶ steps ──duel──▶ kvd, peer ─▶ replies ──rules, intended──▶ difference
//!  special requests ─────────┘      ▲                         state: key by key ───────────────────────▶   │
//!                                   │                                                                       ▼
//!                       mutation, guard, choice                          transcript ◀──finding── shrink, replay
//! ```
//!
//! A round is some thousand steps from an empty data set, made from one seed, so that it can be played again and
//! shrunk. Requests are made from the argument trees of the commands that kvd has built and the peer has, hence a new
//! command takes part at once. A family that needs more gets a file in `special`.

mod campaign;
mod choice;
mod contestant;
mod duel;
mod finding;
mod generator;
mod guard;
mod intended;
mod mutation;
mod pools;
mod replies;
mod restore;
mod rules;
mod shrink;
mod special;
mod state;
mod syntax;
mod tally;
mod times;
mod users;
mod walk;

pub use campaign::{Failure, Options, Report, peer_name, run};
pub use finding::Finding;
pub use intended::{INTENDED, Intended, Uses};
pub use tally::Tally;

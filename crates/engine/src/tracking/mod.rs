//! Client-side caching: who has read which key, and is told when it changes (`CLIENT TRACKING`).
//!
//! ```text
//!  GET k ─▶ remembered: k ▸ this client          (by default; with BCAST nothing is remembered, prefixes are compared)
//!  SET k ─▶ record ─▶ forgotten, and posted: invalidate [k] ─▶ mailbox of the client, or of the one that it redirects to
//! ```
//!
//! Keys are remembered by name, whatever their database, as in the peers. A read is remembered and a change posted while the key's stripe is
//! locked: whoever is told of a change and reads again reads what came of it.

mod forget;
mod prefixes;
mod table;
mod tell;
mod trackers;

pub(crate) use trackers::{Broadcast, SessionTracking, Trackers, TrackingState};
pub use trackers::{Tracking, TrackingMode};

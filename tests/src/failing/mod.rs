//! kvd in this process with the threads that keep its data, on a disk that fails.
//!
//! ```text
//!   links ─▶ engine ─ journal ─▶ Logger ─┐
//!     ▲                          Saver ──┴─▶ FaultyDisk ─▶ SimulatedDisk ── crash, kill ─▶ another machine
//!     └── the gate: replies wait for the log
//! ```

mod clock;
mod link;
mod machine;
mod story;

pub use clock::FastClock;
pub use link::Link;
pub use machine::Machine;
pub use story::{Counts, tell};

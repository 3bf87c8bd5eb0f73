//! Entries under ascending numbers, and groups of consumers that share the work on them.
//!
//! ```text
//! Stream ── Log ──── nodes by the number of their first entry: 5-1 ▶ [5-1 5-2 6-0 …]  9-3 ▶ [9-3 …]    packed, see `node`
//!        └─ Groups ── Group: read up to 6-0 ── pending by number: 5-1 ▶ consumer 0, when, how often
//!                                           └─ consumers: 0 ▶ "alice", its pending numbers
//! ```
//!
//! The log is the data, the groups only refer to it: deleting an entry leaves references to it behind, unless [`References`] says
//! otherwise.

mod group;
mod groups;
mod id;
mod lag;
mod log;
mod node;
mod range;
mod trim;
mod value;

pub use group::{Consumer, Group, Pending};
pub use groups::{GroupMut, Groups};
pub use id::StreamId;
pub use log::{Fields, Log};
pub use node::{Entry, Pairs};
pub use range::{Range, RangeBack};
pub use trim::{NodeLimits, Threshold, Trim};
pub use value::{CutConsumer, References, Removal, Stream, Trimmed};

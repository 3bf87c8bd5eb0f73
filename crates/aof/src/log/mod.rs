//! Writing the log.
//!
//! ```text
//!   append ─▶ Retained ── encoded, one write ─▶ Output (the last increment) ── sync ─▶ durable
//!                ▲                                          │
//!                └── what isn't durable is written again ◀──┘ when a write or an fsync failed
//! ```

mod background;
mod base;
mod batch;
mod options;
mod output;
mod retained;
mod rewrite;
mod writer;

pub use background::Syncing;
pub use base::{BaseWriter, FinishedBase};
pub use options::{Options, Policy, UnixMillis};
pub use rewrite::{Committed, RewriteError};
pub use writer::{Failing, Log, LogError};

//! Writing the log.
//!
//! ```text
//!   append ─▶ Retained ── encoded by Batch, one write ─▶ Output (the last increment) ── sync ─▶ durable
//!                ▲                                          │
//!                └── what isn't durable is written again ◀──┘ when a write or an fsync failed
//! ```

mod base;
mod batch;
mod log;
mod options;
mod output;
mod retained;
mod rewrite;

pub use base::{BaseWriter, FinishedBase};
pub use log::{Failing, Log, LogError};
pub use options::{Options, Policy, UnixMillis};
pub use rewrite::{Committed, RewriteError};

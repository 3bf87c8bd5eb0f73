//! The server: what there is to know about it.
//!
//! ```text
//! INFO [section [section ...]]
//! ```
//!
//! ```text
//!   words ─▶ Selection ─▶ for each section: facts ─▶ Report ─▶ "# Title", "name:value", …
//! ```

mod absent;
mod keysizes;
mod latency;
mod machine;
mod persistence;
mod report;
mod sections;
mod threads;
mod usage;

pub(super) use sections::info;

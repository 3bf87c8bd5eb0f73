//! Between the keyspace and the files of snapshots: entries as records, and records as entries; or as the requests that make them.
//!
//! ```text
//!  keyspace::Snapshot ─▶ Records (an Encoder) ─▶ bytes ─▶ rdb::Writer ─▶ file
//!                     └▶ Commands (another) ─▶ bytes ──────────────▶ file
//!  file ─▶ rdb::Reader ─▶ rdb::Value ─▶ read_value ─▶ keyspace::NewValue
//! ```
//!
//! It knows no server, no clock and no disk.
#![forbid(unsafe_code)]

mod ahead;
mod commands;
mod decode;
mod distinct;
mod encode;
mod parts;
mod scanned;
mod stream_parts;
mod version;

pub use commands::Commands;
pub use decode::{Limits, LoadError, Loaded, read_value};
pub use encode::{RecordError, Records, Usage, write_value};
pub use version::{dialect, needs};

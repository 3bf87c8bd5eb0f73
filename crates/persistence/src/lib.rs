//! Keeping kvd's data beyond the process: snapshots, the log, and what is loaded at the start.
//!
//! ```text
//!  commands ─▶ Store (orders, status) ─▶ Saver (a thread): snapshot ─▶ file      start: files ─▶ keyspace
//!                                          │ bases of the log
//!                                          ▼
//!  journal ────────────────────────────▶ Logger (a thread): log ─▶ file, fsync ─▶ the engine's reply gate
//!                                          └▶ Syncer (a thread): the fsync of `everysec`, while the log is written on
//! ```
//!
//! It starts no thread and asks no clock: the server does, and calls [`Saver::run`], [`Logger::run`] and [`Syncer::run`]. Files are reached through [`disk::Disk`],
//! so that tests can have them fail, and crash.
#![forbid(unsafe_code)]

mod error;
mod options;

mod batch;
mod encoding;
mod form;
mod gather;
mod load;
mod replay;
mod snapshot;

mod bell;
mod orders;
mod rules;
mod store;

mod logger;
mod syncer;

mod rewrites;
mod saver;
mod start;

pub use error::{LoadError, SaveError};
pub use logger::{Desk, Logger};
pub use orders::Exit;
pub use saver::Saver;
pub use store::{SharedClock, Store};
pub use syncer::Syncer;

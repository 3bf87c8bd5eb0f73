#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! ```text
//! pattern ──item──▶ Byte │ Any │ Class │ Star      one piece at a time, read from the pattern itself
//!              │
//!              ▼
//!           search: compare piece by piece, widen the last star on a mismatch
//!              ▲
//! Pattern ─────┘  the literal head is compared first; often nothing is left to search
//! ```
//!
//! This crate doesn't know what is matched: key names, channels and parameters are all bytes here. It knows no
//! character encoding either; case means ASCII case.
#![forbid(unsafe_code)]

mod class;
mod item;
mod pattern;
mod search;

pub use pattern::Pattern;

use search::Case;

/// Whether `pattern` matches the whole of `text`.
///
/// For a pattern that meets many texts, [`Pattern`] is faster.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    search::matches(pattern, text, Case::Exact)
}

/// Whether `pattern` matches the whole of `text` when ASCII letters match in either case.
///
/// A backslash inside a class still asks for the exact byte: `[\T]` doesn't match `t`. And the ends of a range are lowered
/// after they were put in order, so `[Z-a]` is empty here. Both are what the servers do.
pub fn matches_ignoring_case(pattern: &[u8], text: &[u8]) -> bool {
    search::matches(pattern, text, Case::Ignored)
}

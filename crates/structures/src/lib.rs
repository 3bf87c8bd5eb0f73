#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! ```text
//! text ──▶ numeral ──▶ parse_f64, LongDouble ──▶ text
//! bytes ─▶ slice_range, overwrite          parts of a string
//!       ─▶ bitmap                          single bits, counts, positions, combinations of rows
//!       ─▶ bitfield ──▶ Field              integers at any bit
//!       ─▶ lcs ──▶ Alignment               what two strings have in common
//!       ─▶ hyperloglog                     how many different elements were seen
//! longitude, latitude ─▶ geo ──▶ score     places, distances, what lies in a region
//!
//! member, score ─▶ SortedSet ──▶ rank, range, score
//! member ────────▶ Set ────────▶ is it there?          both of elements: many small things found by name
//! element, weight ─▶ SpaceSaving                       the heaviest of a stream, in little memory
//! ```
//!
//! Nothing here knows of keys, commands, replies or limits of a server: bounds on memory are arguments, and errors say what is wrong, not
//! how to say so to a client.
#![forbid(unsafe_code)]

pub mod bitfield;
pub mod bitmap;
pub mod geo;
pub mod hash;
pub mod hyperloglog;
pub mod lcs;
pub mod list;
pub mod set;
pub mod sorted_set;
pub mod space_saving;
pub mod stream;

mod btree;
mod due;
mod elements;
mod float;
mod integer;
mod long_double;
mod numeral;
mod range;

pub use dict::HashKey;
pub use due::DueIndex;
pub use float::parse_f64;
pub use hash::Hash;
pub use list::List;
pub use listpack::{Element, TextBuffer};
pub use long_double::{LongDouble, TEXT_BYTES_MAX as LONG_DOUBLE_TEXT_BYTES_MAX};
pub use range::{overwrite, slice_range};
pub use set::Set;
pub use sorted_set::SortedSet;
pub use space_saving::SpaceSaving;
pub use stream::Stream;

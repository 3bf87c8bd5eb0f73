#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! ```text
//! Element ──encoding──▶ bytes of one entry          Storage: Vec<u8>, or the caller's own place for the bytes
//!    ▲                      │                           ▲
//!    │                      ▼                           │ one splice per change
//! ListpackRef: first, next, nth, find, iter  ◀──view── Listpack: push, insert, replace, delete, split
//!    ▲
//! validate: once, for bytes from elsewhere
//! ```
//!
//! This crate doesn't know what the elements mean: fields and values, members and scores, or the parts of a stream are
//! elements in a row here. It doesn't know files either: a snapshot holds these bytes as they are.
#![forbid(unsafe_code)]

mod element;
mod integer;

mod dialect;
mod encoding;
mod frame;

mod find;
mod iter;
mod view;

mod builder;
mod listpack;
mod split;
mod storage;
mod two_ended;

mod malformed;
mod validate;

mod intset;
mod old;

pub use builder::Builder;
pub use dialect::Dialect;
pub use element::{Element, TextBuffer};
pub use frame::{BYTES_MAX, Position, TooLarge};
pub use intset::{Intset, IntsetRef};
pub use iter::Iter;
pub use listpack::Listpack;
pub use malformed::{Fault, Malformed};
pub use old::{ZiplistRef, ZipmapRef};
pub use storage::Storage;
pub use two_ended::TwoEnded;
pub use view::ListpackRef;

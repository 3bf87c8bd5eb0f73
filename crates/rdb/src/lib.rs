#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! ```text
//! Source (a file, buffered, hashed)  Slice (bytes in memory)      Writer ─▶ ValueWriter, ListWriter, … Dumper
//!            └──────── Input ────────────┘                                        │
//!                        ▼                                                        ▼
//! Reader ──▶ Item ──▶ Entry ──▶ Value ──▶ parts                     Sink (buffered, hashed, compressed)
//!                        └────▶ RawValue ──▶ Value ──▶ parts
//!
//! token    a length or string is looked at, then taken: so a part's texts lie side by side in the buffer
//! Fact     a value element by element, whatever its form     Checker  what can be read and makes no sense
//! Body     how far a value was read: it survives the reader of parts, and can pass over the rest
//! ```
#![forbid(unsafe_code)]

mod dialect;
mod error;
mod opcode;
mod value_type;

mod checksum;
pub mod lzf;
mod scratch;

mod input;
mod read;
mod value;

mod check;
pub mod dump;
mod write;

pub use check::{Checked, Checker};
pub use dialect::{Dialect, Needs};
pub use error::{Error, ErrorKind, Fault, Limit, Unsupported};
pub use input::{Input, Slice, Source};
pub use listpack::{Element, IntsetRef, ListpackRef, TextBuffer};
pub use read::{Entry, Item, Meta, ReadOptions, Reader, SlotImport, SlotRange, Trailer};
pub use scratch::Scratch;
pub use value::{
    Consumer, Decoding, Fact, Field, Group, Hash, HashPart, List, ListPart, Module, ModuleId, NodeEntries,
    Pairs, Pending, RawValue, Set, SetPart, SortedSet, SortedSetPart, Stream, StreamEntry, StreamId,
    StreamMetadata, StreamPart, Value,
};
pub use value_type::ValueType;
pub use write::{
    CopyError, Fragment, HashWriter, ListWriter, ModuleWriter, Paused, SetWriter, SortedSetWriter,
    StreamWriter, ValueWriter, WriteError, WriteOptions, Writer,
};

//! Files, read item by item.

pub(crate) mod token;

mod entry;
mod item;
mod options;
mod reader;

pub use entry::{Entry, Meta};
pub use item::{Item, SlotImport, SlotRange, Trailer};
pub use options::ReadOptions;
pub use reader::Reader;

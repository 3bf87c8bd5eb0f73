//! Files and payloads, written value by value and part by part.

mod collections;
mod copy;
mod error;
mod fragment;
mod hash;
mod options;
mod sink;
mod stream;
mod value;
mod writer;

pub use collections::{ListWriter, SetWriter, SortedSetWriter};
pub use copy::CopyError;
pub use error::WriteError;
pub use fragment::{Fragment, Paused};
pub use hash::HashWriter;
pub use options::WriteOptions;
pub(crate) use sink::Sink;
pub use stream::{ModuleWriter, StreamWriter};
pub use value::ValueWriter;
pub use writer::Writer;

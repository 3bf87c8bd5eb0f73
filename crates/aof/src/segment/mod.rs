//! Reading a file of the log: bytes into commands, and how the file ends.

mod file;
mod limits;
mod reader;
mod record;

pub use file::{Next, SegmentFile};
pub use limits::Limits;
pub use reader::SegmentReader;
pub use record::{Annotation, Command, Ending, Fault, Malformed, Record, Tail, TailCause, Words};

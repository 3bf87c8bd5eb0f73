//! Where bytes come from: a file that is read on, or a slice that is there.
//!
//! Both let the parser look at bytes before it takes them. What is taken is borrowed from where it lies, so a value's parts cost no copy.

mod bytes;
mod slice;
mod source;

pub(crate) use bytes::Bytes;
pub use bytes::Input;
pub use slice::Slice;
pub use source::Source;

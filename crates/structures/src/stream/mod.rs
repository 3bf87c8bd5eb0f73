//! Entries under ascending numbers.

mod value;

pub use value::Stream;

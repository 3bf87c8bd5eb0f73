//! Elements in a row.

mod large;
mod value;

pub use large::Quicklist;
pub use value::List;

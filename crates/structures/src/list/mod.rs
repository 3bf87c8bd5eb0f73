//! Elements in a row.

mod large;
mod value;

pub use large::Nodes;
pub use value::List;

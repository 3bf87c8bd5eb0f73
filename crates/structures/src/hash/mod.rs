//! Values under fields.

mod large;
mod value;

pub use large::Table;
pub use value::Hash;

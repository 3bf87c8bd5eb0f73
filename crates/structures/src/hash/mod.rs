//! Values under fields.

mod large;
mod value;

pub use large::FieldMap;
pub use value::Hash;

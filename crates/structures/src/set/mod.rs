//! Members.

mod large;
mod value;

pub use large::Members;
pub use value::Set;

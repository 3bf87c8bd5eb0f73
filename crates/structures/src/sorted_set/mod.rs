//! Members with scores.

mod large;
mod value;

pub use large::Ranking;
pub use value::SortedSet;

//! Sets of integers, sorted, all of one width.
//!
//! ```text
//! ┌─────────────────┬──────────┬───────┬───────┬───┐
//! │ width: 2, 4, 8  │ integers │ least │   …   │   │
//! │ u32, little     │ u32      │       │       │   │
//! └─────────────────┴──────────┴───────┴───────┴───┘
//! 0                 4          8
//! ```
//!
//! The width is that of the widest integer that was ever in the set; it never shrinks.

mod set;
mod view;
mod width;

pub use set::Intset;
pub use view::IntsetRef;

//! Integers of any width at any bit of a string.
//!
//! A field begins at a bit and has its highest bit first, across the borders of bytes:
//!
//! ```text
//! byte          0                 1
//! bit     0 1 2 3 4 5 6 7   8 9 ...
//!               └── u7 at 3 ──┘
//! ```

mod field;
mod overflow;
mod value;

pub use field::{Field, FieldError};
pub use overflow::Overflow;

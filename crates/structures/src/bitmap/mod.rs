//! Strings as rows of bits.
//!
//! Bit 0 is the highest bit of byte 0, so a row of bits reads from left to right:
//!
//! ```text
//! byte        0                 1
//! bit   0 1 2 3 4 5 6 7   8 9 ...
//! 0xA1  1 0 1 0 0 0 0 1
//! ```
//!
//! What lies behind the last byte is read as zeros.

mod bit;
mod combine;
mod count;
mod position;
mod unit;

pub use bit::{bit, parse_offset, set_bit};
pub use combine::{Combination, combine, invert};
pub use count::{count, count_in};
pub use position::position;
pub use unit::Unit;

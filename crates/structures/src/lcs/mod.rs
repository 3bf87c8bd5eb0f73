//! Longest common subsequences of two strings, as LCS finds them.
//!
//! The textbook has a table of numbers, `L(i, j)` for the first `i` bytes of one string and the first `j` of the other, filled row by row:
//!
//! ```text
//! L(i, j) = L(i-1, j-1) + 1                  if the bytes are equal
//!           max(L(i-1, j), L(i, j-1))        if not
//! ```
//!
//! Along a row the numbers grow by 0 or 1 from column to column, so one bit says it, and 64 columns make one word. A new row comes from the
//! last one with an addition and three logical operations per word (Hyyrö, *Bit-parallel LCS-length computation revisited*, 2004). And
//! these bits are all that is needed to walk back through the table in just the way the servers do: where the bytes differ, they go to the
//! greater of `L(i-1, j)` and `L(i, j-1)`, to the second if they are equal; and the first is greater exactly if the row grows at `j`.

mod alignment;
mod bound;
mod length;
mod rows;

pub use alignment::{Alignment, Match};
pub use bound::TooLarge;
pub use length::length;

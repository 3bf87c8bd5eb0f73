//! HyperLogLogs: how many different elements were seen, in 12 KB at most and with an error of 0.81 %.
//!
//! One is a string of bytes, the very one that `GET` and `DUMP` show:
//!
//! ```text
//!  0      4          5          8                                  16
//! +------+----------+----------+----------------------------------+-----------
//! | HYLL | encoding | unused   | the last estimate, little endian | registers
//! +------+----------+----------+----------------------------------+-----------
//!          0 dense                the highest bit is set when the
//!          1 sparse               registers have changed since
//! ```
//!
//! An element is hashed ([`Place`]): 14 bits of the hash choose one of 16384 registers, the number of zeros that follow is its value, and each
//! register keeps the greatest value that it has met. How many registers hold which value tells how many elements there were.
//!
//! Dense registers take 6 bits each. A string with few elements is sparse: runs of equal registers ([`Run`]), as long as
//! the string stays below a given size; then it becomes dense and remains so.
//!
//! ```text
//! 00xxxxxx            x + 1 registers are 0
//! 01xxxxxx yyyyyyyy   the same, for up to 16384 of them
//! 1vvvvvxx            x + 1 registers are v + 1
//! ```
//!
//! The bytes may come from anywhere: a string that claims to be a HyperLogLog and isn't is refused or found [`Corrupted`], and never more.

mod dense;
mod estimate;
mod header;
mod histogram;
mod merge;
mod place;
mod registers;
mod self_test;
mod sketch;
mod sparse;
mod update;

pub use header::{Corrupted, EMPTY, Encoding};
pub use merge::merge;
pub use place::Place;
pub use registers::Registers;
pub use self_test::{SelfTestFailure, self_test};
pub use sketch::Sketch;
pub use sparse::Run;
pub use update::{add, make_dense, remember};

/// Number of registers.
pub const REGISTERS: usize = 1 << 14;

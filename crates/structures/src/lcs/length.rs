//! The length alone.

use super::bound::{TooLarge, check};
use super::rows::Columns;

/// The length of the longest common subsequence, in `a.len() * b.len() / 64` steps.
///
/// `table_bytes_max` bounds the work by what a whole table would take, four bytes for each pair of a beginning of `a` and a beginning of `b`,
/// empty ones too: the servers set it to the greatest length of a string. The memory really used is one bit for each byte of `b` and each of the
/// byte values that are in both strings.
pub fn length(a: &[u8], b: &[u8], table_bytes_max: u64) -> Result<usize, TooLarge> {
    check(a, b, table_bytes_max)?;
    let columns = Columns::new(a, b);
    let mut row = columns.first_row();
    for &byte in a {
        columns.advance(&mut row, byte);
    }
    Ok(columns.length(&row))
}

//! Changing the string of a HyperLogLog.
//!
//! The callers have taken the bytes for a [`Sketch`]; of others some may be left as they are and some changed, without further harm.

use super::dense::{self, DENSE_BYTES};
use super::header::{self, Corrupted, Encoding, HEADER_BYTES};
use super::place::Place;
use super::registers::Registers;
use super::sketch::Sketch;
use super::sparse::{self, Outcome};

/// Adds an element. Returns whether a register has changed.
///
/// Sparse registers become dense when the string would grow beyond `sparse_bytes_max`. On an error nothing was done.
#[inline]
pub fn add(bytes: &mut Vec<u8>, place: Place, sparse_bytes_max: usize) -> Result<bool, Corrupted> {
    let has_changed = raise(bytes, place.index(), place.value(), sparse_bytes_max)?;
    if has_changed {
        header::make_stale(bytes);
    }
    Ok(has_changed)
}

/// Writes an estimate into the header; see [`Sketch::remembered`].
pub fn remember(bytes: &mut [u8], estimate: u64) {
    header::set_estimate(bytes, estimate);
}

/// Makes sparse registers dense. Returns whether they were sparse. On an error nothing was done.
pub fn make_dense(bytes: &mut Vec<u8>) -> Result<bool, Corrupted> {
    let Some(sketch) = Sketch::new(bytes).filter(|sketch| sketch.encoding() == Encoding::Sparse) else {
        return Ok(false);
    };
    let registers = sketch.registers()?;
    write_dense(bytes, &registers);
    Ok(true)
}

/// Raises one register, without a word to the header.
pub(super) fn raise(
    bytes: &mut Vec<u8>,
    index: usize,
    value: u8,
    sparse_bytes_max: usize,
) -> Result<bool, Corrupted> {
    if header::encoding(bytes) == Some(Encoding::Sparse) {
        match sparse::set(bytes, index, value, sparse_bytes_max)? {
            Outcome::Same => return Ok(false),
            Outcome::Changed => return Ok(true),
            Outcome::Full => make_dense(bytes)?,
        };
    }
    let stored = bytes.get_mut(HEADER_BYTES..).unwrap_or_default();
    let is_news = dense::get(stored, index).ok_or(Corrupted)? < value;
    if is_news {
        dense::set(stored, index, value);
    }
    Ok(is_news)
}

/// Makes the string a dense one with these registers.
pub(super) fn write_dense(bytes: &mut Vec<u8>, registers: &Registers) {
    let header = header::dense_header(bytes);
    bytes.clear();
    bytes.reserve_exact(HEADER_BYTES + DENSE_BYTES);
    bytes.extend_from_slice(&header);
    bytes.resize(HEADER_BYTES + DENSE_BYTES, 0);
    dense::store(registers, &mut bytes[HEADER_BYTES..]);
}

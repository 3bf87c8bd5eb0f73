//! Several into one.

use super::header::{self, Corrupted, Encoding};
use super::registers::Registers;
use super::update::{raise, write_dense};

/// Raises the registers of a string to `registers`, which its own have been merged into.
///
/// It becomes dense if `encoding` says so, or if it grows beyond `sparse_bytes_max`. On an error nothing was done.
pub fn merge(
    bytes: &mut Vec<u8>,
    registers: &Registers,
    encoding: Encoding,
    sparse_bytes_max: usize,
) -> Result<(), Corrupted> {
    if encoding == Encoding::Dense {
        write_dense(bytes, registers);
    } else {
        raise_each(bytes, registers, sparse_bytes_max)?;
    }
    header::make_stale(bytes);
    Ok(())
}

/// Register by register, as if elements had been added in this order: so the peers do it, and the opcodes come out as theirs.
fn raise_each(bytes: &mut Vec<u8>, registers: &Registers, sparse_bytes_max: usize) -> Result<(), Corrupted> {
    for (index, &value) in registers.values().iter().enumerate() {
        if value == 0 {
            continue;
        }
        raise(bytes, index, value, sparse_bytes_max)?;
        if header::encoding(bytes) == Some(Encoding::Dense) {
            write_dense(bytes, registers);
            return Ok(());
        }
    }
    Ok(())
}

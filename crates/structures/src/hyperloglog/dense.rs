//! Registers of 6 bits.
//!
//! ```text
//! byte       0          1          2
//! bits   1100 0000  2222 1111  3333 3322      four registers in three bytes, the lowest bits first
//! ```

use super::REGISTERS;
use super::registers::Registers;

/// Bytes that the registers take.
pub(super) const DENSE_BYTES: usize = REGISTERS / 4 * 3;

const MASK: u32 = 0x3f;

/// The value of a register. `None` beyond the end.
#[inline]
pub(super) fn get(dense: &[u8], index: usize) -> Option<u8> {
    let group = dense.get(index / 4 * 3..)?.first_chunk::<3>()?;
    Some((word(group) >> (index % 4 * 6) & MASK) as u8)
}

/// Sets a register, if it is there.
pub(super) fn set(dense: &mut [u8], index: usize, value: u8) {
    let group = dense.get_mut(index / 4 * 3..).and_then(<[u8]>::first_chunk_mut::<3>);
    if let Some(group) = group {
        let shift = index % 4 * 6;
        let word = word(group) & !(MASK << shift) | u32::from(value) << shift;
        group.copy_from_slice(&word.to_le_bytes()[..3]);
    }
}

/// Raises each register to the one that is stored, if that is greater.
///
/// Four registers are spread from 24 bits into the four bytes of a word by shifts, so that the compiler can do several words at once.
pub(super) fn raise(registers: &mut Registers, dense: &[u8]) {
    let (groups, _) = dense.as_chunks::<3>();
    for (raised, group) in registers.groups_mut().iter_mut().zip(groups) {
        let word = word(group);
        let spread =
            word & MASK | (word << 2 & MASK << 8) | (word << 4 & MASK << 16) | (word << 6 & MASK << 24);
        let stored = spread.to_le_bytes();
        for (raised, stored) in raised.iter_mut().zip(stored) {
            *raised = (*raised).max(stored);
        }
    }
}

/// Stores all registers.
pub(super) fn store(registers: &Registers, dense: &mut [u8]) {
    let (groups, _) = dense.as_chunks_mut::<3>();
    for (values, group) in registers.groups().iter().zip(groups) {
        let word = u32::from_le_bytes(*values);
        let packed =
            word & MASK | (word >> 2 & MASK << 6) | (word >> 4 & MASK << 12) | (word >> 6 & MASK << 18);
        group.copy_from_slice(&packed.to_le_bytes()[..3]);
    }
}

#[inline]
fn word(group: &[u8; 3]) -> u32 {
    u32::from_le_bytes([group[0], group[1], group[2], 0])
}

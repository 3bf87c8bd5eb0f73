//! All registers, a byte each: what several strings are merged in.

use super::REGISTERS;

/// The registers of a HyperLogLog, or of several merged.
#[derive(Clone)]
pub struct Registers {
    values: [u8; REGISTERS],
}

impl Default for Registers {
    fn default() -> Self {
        Self { values: [0; REGISTERS] }
    }
}

impl Registers {
    /// The values: none is greater than 63.
    pub fn values(&self) -> &[u8; REGISTERS] {
        &self.values
    }

    pub(super) fn groups(&self) -> &[[u8; 4]] {
        self.values.as_chunks().0
    }

    pub(super) fn groups_mut(&mut self) -> &mut [[u8; 4]] {
        self.values.as_chunks_mut().0
    }

    /// Raises `count` registers from `first` on to `value`, if it is greater. Those beyond the end don't exist.
    pub(super) fn raise(&mut self, first: usize, count: usize, value: u8) {
        for register in self.values.iter_mut().skip(first).take(count) {
            *register = (*register).max(value);
        }
    }
}

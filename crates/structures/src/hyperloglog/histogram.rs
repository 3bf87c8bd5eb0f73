//! How many registers hold which value.

use super::registers::Registers;

/// A count for each value that 6 bits can have.
pub(super) struct Histogram {
    pub(super) counts: [u32; 64],
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { counts: [0; 64] }
    }

    /// `count` registers hold `value`.
    pub(super) fn add(&mut self, value: u8, count: usize) {
        self.counts[usize::from(value % 64)] += count as u32;
    }

    /// Counts into four tables by turns: neighbours that hold the same value don't wait for each other.
    pub(super) fn of(registers: &Registers) -> Self {
        let mut tables = [[0u32; 64]; 4];
        for group in registers.groups() {
            for (table, value) in tables.iter_mut().zip(group) {
                table[usize::from(value % 64)] += 1;
            }
        }
        let mut counts = [0; 64];
        for table in tables {
            for (sum, count) in counts.iter_mut().zip(table) {
                *sum += count;
            }
        }
        Self { counts }
    }
}

//! Whether the registers and the estimates are right on this machine (`PFSELFTEST`).

use super::dense::{self, DENSE_BYTES};
use super::place::VALUE_MAX;
use super::registers::Registers;
use super::{EMPTY, Place, REGISTERS, Sketch, add};

/// What doesn't hold.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum SelfTestFailure {
    /// A register doesn't hold what was written into it.
    #[error("register {0} doesn't hold what was written")]
    Register(usize),
    /// An estimate is further off than it should ever be.
    #[error("{seen} elements were taken for {estimate}")]
    Estimate {
        /// Elements added.
        seen: u64,
        /// What they were taken for.
        estimate: u64,
    },
}

/// Elements that are added to measure the error.
const ELEMENTS: u64 = 300_000;
/// Six times the standard error.
const ERROR_MAX: f64 = 6.0 * 0.0081;

/// Writes and reads registers, adds many elements, and compares. Takes some hundredths of a second.
pub fn self_test() -> Result<(), SelfTestFailure> {
    check_registers()?;
    check_estimates()
}

fn check_registers() -> Result<(), SelfTestFailure> {
    let mut dense = vec![0; DENSE_BYTES];
    let value = |index: usize| (index * 31 % usize::from(VALUE_MAX + 1)) as u8;
    for index in 0..REGISTERS {
        dense::set(&mut dense, index, value(index));
    }
    let mut registers = Registers::default();
    dense::raise(&mut registers, &dense);
    let read = registers.values();
    let wrong = (0..REGISTERS)
        .find(|&index| read[index] != value(index) || dense::get(&dense, index) != Some(value(index)));
    wrong.map_or(Ok(()), |index| Err(SelfTestFailure::Register(index)))
}

fn check_estimates() -> Result<(), SelfTestFailure> {
    const SPARSE_BYTES_MAX: usize = 3000;
    let mut bytes = EMPTY.to_vec();
    for seen in 1..=ELEMENTS {
        let failed = SelfTestFailure::Estimate { seen, estimate: 0 };
        add(&mut bytes, Place::of(&seen.to_le_bytes()), SPARSE_BYTES_MAX).map_err(|_| failed)?;
        if !seen.is_power_of_two() && seen != ELEMENTS {
            continue;
        }
        let estimate = Sketch::new(&bytes).and_then(|sketch| sketch.estimate().ok()).ok_or(failed)?;
        // Of few elements two may fall into one register.
        let off = estimate.abs_diff(seen) as f64;
        if off > (seen as f64 * ERROR_MAX).max(1.0) {
            return Err(SelfTestFailure::Estimate { seen, estimate });
        }
    }
    Ok(())
}

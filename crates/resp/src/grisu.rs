//! The digits of a double, by the algorithm that the servers use: Grisu2 of Florian Loitsch, "Printing Floating-Point Numbers Quickly and
//! Accurately with Integers" (2010).
//!
//! They read back as the same double, and in 99.4 % of all cases they are the shortest that do. In the others there is a digit more, or another
//! last one: since clients compare texts, those are what has to be written.

use crate::grisu_powers::{FIRST, POWERS, STEP};

/// The most digits that a double needs to be read back.
pub(crate) const DIGITS_MAX: usize = 17;

/// The smallest binary exponent of a scaled double, so that four bits are left for a digit before its fraction.
const EXPONENT_MIN: i32 = -60;

/// Bits of a double's fraction, and what its exponent is for a fraction that is taken as a whole number.
const FRACTION_BITS: u32 = 52;
const EXPONENT_BIAS: i32 = 1023 + 52;

/// `digits * 10^exponent`
pub(crate) struct Decimal {
    digits: [u8; DIGITS_MAX + 1],
    len: usize,
    pub(crate) exponent: i32,
}

/// `significand * 2^exponent`
#[derive(Copy, Clone)]
struct Scaled {
    significand: u64,
    exponent: i32,
}

impl Scaled {
    fn normalized(self) -> Self {
        let by = self.significand.leading_zeros();
        Self { significand: self.significand << by, exponent: self.exponent - by as i32 }
    }

    /// The product, rounded to 64 bits.
    fn times(self, other: Self) -> Self {
        let product = u128::from(self.significand) * u128::from(other.significand) + (1 << 63);
        Self { significand: (product >> 64) as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

impl Decimal {
    /// Of a double that is finite and above zero.
    pub(crate) fn of(value: f64) -> Self {
        let bits = value.to_bits();
        let fraction = bits & ((1 << FRACTION_BITS) - 1);
        let biased = (bits >> FRACTION_BITS) as i32;
        let (significand, exponent) = match biased {
            0 => (fraction, 1 - EXPONENT_BIAS),
            biased => (fraction | 1 << FRACTION_BITS, biased - EXPONENT_BIAS),
        };
        // Half way to the neighbours. The lower one is nearer below a power of two.
        let upper = Scaled { significand: 2 * significand + 1, exponent: exponent - 1 }.normalized();
        let below = if fraction == 0 && biased > 1 { 2 } else { 1 };
        let lower = Scaled { significand: (significand << below) - 1, exponent: exponent - below };
        let lower = lower.significand << (lower.exponent - upper.exponent);
        let (power, power_of_ten) = power_for(upper.exponent);
        let value = Scaled { significand, exponent }.normalized().times(power);
        let upper = upper.times(power);
        let lower = Scaled { significand: lower, exponent: upper.exponent }.times(power);
        let mut decimal = Self { digits: [0; DIGITS_MAX + 1], len: 0, exponent: -power_of_ten };
        // The products may be off by one; within these bounds everything reads back as the same double.
        let upper = Scaled { significand: upper.significand - 1, ..upper };
        decimal.generate(value.significand, upper, upper.significand - (lower.significand + 1));
        decimal
    }

    /// The digits, without zeros at the beginning.
    pub(crate) fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    /// Writes digits of `upper` until the rest is below `delta`, that is between the bounds, and goes from there towards the value.
    fn generate(&mut self, value: u64, upper: Scaled, mut delta: u64) {
        let shift = -upper.exponent;
        let one = 1u64 << shift;
        let mut distance = upper.significand - value;
        let mut whole = (upper.significand >> shift) as u32;
        let mut fraction = upper.significand & (one - 1);
        let mut divisor = 10u32.pow(whole.max(1).ilog10());
        let mut left = whole.max(1).ilog10() as i32;
        loop {
            self.push((whole / divisor) as u8);
            whole %= divisor;
            let rest = (u64::from(whole) << shift) + fraction;
            if rest <= delta {
                self.exponent += left;
                return self.approach(delta, rest, u64::from(divisor) << shift, distance);
            }
            if left == 0 {
                break;
            }
            left -= 1;
            divisor /= 10;
        }
        loop {
            fraction *= 10;
            delta *= 10;
            distance = distance.wrapping_mul(10);
            self.push((fraction >> shift) as u8);
            fraction &= one - 1;
            left -= 1;
            if fraction < delta {
                self.exponent += left;
                return self.approach(delta, fraction, one, distance);
            }
        }
    }

    fn push(&mut self, digit: u8) {
        if self.len > 0 || digit > 0 {
            self.digits[self.len] = b'0' + digit;
            self.len += 1;
        }
    }

    /// Lowers the last digit as long as that comes nearer to the value, `distance` below the upper bound. A digit is worth `unit`.
    fn approach(&mut self, delta: u64, mut rest: u64, unit: u64, distance: u64) {
        let Some(last) = self.digits[..self.len].last_mut() else { return };
        while rest < distance
            && delta - rest >= unit
            && (rest + unit < distance || distance - rest > rest + unit - distance)
        {
            *last -= 1;
            rest += unit;
        }
    }
}

/// The smallest power of ten by which a number of this exponent gets one of at least [`EXPONENT_MIN`]: below -32, since the powers are 27 bits
/// apart.
fn power_for(exponent: i32) -> (Scaled, i32) {
    let falls_short = |power: &(u64, i16)| exponent + i32::from(power.1) + 64 < EXPONENT_MIN;
    let index = POWERS.partition_point(falls_short).min(POWERS.len() - 1);
    let (significand, exponent) = POWERS[index];
    (Scaled { significand, exponent: i32::from(exponent) }, FIRST + STEP * index as i32)
}

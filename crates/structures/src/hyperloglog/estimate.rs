//! The estimate, by Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6.
//!
//! Sums are taken in the order in which Redis and Valkey take them: the doubles are the same to the last bit.

use super::REGISTERS;
use super::histogram::Histogram;
use super::place::VALUE_MAX;

/// 1 / (2 ln 2)
const ALPHA: f64 = 0.721_347_520_444_481_7;

/// How many elements these registers have probably met.
///
/// Registers that no elements leave behind give no number; the result is then 2^63, which a header takes for stale.
pub(super) fn estimate(histogram: &Histogram) -> u64 {
    const M: f64 = REGISTERS as f64;
    let count = |value: usize| f64::from(histogram.counts[value]);
    let greatest = usize::from(VALUE_MAX);
    let mut z = M * tau((M - count(greatest)) / M);
    for value in (1..greatest).rev() {
        z += count(value);
        z *= 0.5;
    }
    z += M * sigma(count(0) / M);
    let estimate = (ALPHA * M * M / z).round();
    if estimate < 2f64.powi(63) { estimate as u64 } else { 1 << 63 }
}

/// What registers at 0 stand for: x + x^2 + 2 x^4 + 4 x^8 + ...
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let mut y = 1.0;
    let mut z = x;
    // Ends when the sum does: x is below 1 by 2^-14 at least, and each turn squares it.
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

/// What registers at their greatest value stand for.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let mut y = 1.0;
    let mut z = 1.0 - x;
    // Ends when the sum does: each turn takes the root of x and halves y.
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

//! Exact printing: 17 digits after the point at most.
//!
//! The bits of the format:
//!
//! ```text
//!  79  78 ........ 64  63 .................. 0
//! ┌───┬──────────────┬────────────────────────┐
//! │ ± │ exponent + b │ mantissa, no bit hidden │     b = 16383
//! └───┴──────────────┴────────────────────────┘
//! ```
//!
//! The value is `mantissa * 2^scale` with `scale = exponent - 63`. Below a scale of 0 the number times 10^17 is rounded to an integer,
//! which fits in 128 bits; from 0 on it is an integer already, perhaps one of 16384 bits.

use std::fmt::Write;

use rustc_apfloat::Float;
use rustc_apfloat::ieee::X87DoubleExtended;

const FRACTION_DIGITS: usize = 17;
const FRACTION_UNIT: u128 = 10u128.pow(17);
const BIAS: i32 = 16_383;

pub(super) fn fixed(value: X87DoubleExtended) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    let magnitude = if value.is_infinite() { "inf".into() } else { magnitude(value.to_bits()) };
    let minus = if value.is_negative() && magnitude != "0" { "-" } else { "" };
    format!("{minus}{magnitude}")
}

fn magnitude(bits: u128) -> String {
    let mantissa = bits as u64;
    let exponent = ((bits >> 64) & 0x7fff) as i32;
    // The smallest numbers, with an exponent of 0, are scaled as those with 1.
    match exponent.max(1) - BIAS - 63 {
        scale @ ..0 => fraction(mantissa, scale.unsigned_abs()),
        scale => integer(mantissa, scale.unsigned_abs()),
    }
}

/// `mantissa / 2^shift`, with the zeros at the end taken off.
fn fraction(mantissa: u64, shift: u32) -> String {
    // 64 bits times 57 bits.
    let units = shifted_to_nearest(u128::from(mantissa) * FRACTION_UNIT, shift);
    let (whole, fraction) = (units / FRACTION_UNIT, units % FRACTION_UNIT);
    let text = format!("{whole}.{fraction:0FRACTION_DIGITS$}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// `value / 2^shift`, ties to even, for a value below `2^127`.
fn shifted_to_nearest(value: u128, shift: u32) -> u128 {
    // A shift of 128 or more leaves less than a half.
    let Some(floor) = value.checked_shr(shift) else { return 0 };
    let rest = value - (floor << shift);
    let half = 1 << (shift - 1);
    let up = rest > half || (rest == half && floor % 2 == 1);
    floor + u128::from(up)
}

/// `mantissa * 2^shift`.
fn integer(mantissa: u64, shift: u32) -> String {
    if shift <= 64 {
        return (u128::from(mantissa) << shift).to_string();
    }
    // Limbs of nine digits, the lowest first. Shifting by 32 keeps every step within 64 bits: 2^30 * 2^32 and a carry below 2^33.
    const LIMB: u64 = 1_000_000_000;
    let mut limbs = vec![mantissa % LIMB, mantissa / LIMB % LIMB, mantissa / LIMB / LIMB];
    let mut left = shift;
    while left > 0 {
        let step = left.min(32);
        left -= step;
        let mut carry = 0;
        for limb in &mut limbs {
            let shifted = (*limb << step) + carry;
            *limb = shifted % LIMB;
            carry = shifted / LIMB;
        }
        while carry > 0 {
            limbs.push(carry % LIMB);
            carry /= LIMB;
        }
    }
    let mut text = String::with_capacity(limbs.len() * 9);
    for limb in limbs.iter().rev() {
        write!(text, "{limb:09}").expect("writing to a String can't fail");
    }
    text.trim_start_matches('0').into()
}

//! Doubles as fingerprints have them: the shortest digits that read back as the same double, never as an integer of more digits.
//!
//! With n digits D and value = D · 10^K, and e = |K + n − 1|, these are the layouts of scores in replies, too; there whole numbers are printed in
//! full.

/// Zeros behind whole numbers, or so many digits less the others, that are still written out.
const ZEROS_MAX: i32 = 7;

/// Digits before and behind the point that are still written out if there are more than [`ZEROS_MAX`] behind it.
const MAGNITUDE_MAX: i32 = 4;

/// The text of a double.
pub(super) fn shortest(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return value.to_string();
    }
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = exponent - (count - 1);
    let sign = if value < 0.0 { "-" } else { "" };
    if zeros >= 0 && exponent.abs() < count + ZEROS_MAX {
        format!("{sign}{digits}{}", "0".repeat(zeros.unsigned_abs() as usize))
    } else if zeros < 0 && (zeros > -ZEROS_MAX || exponent.abs() < MAGNITUDE_MAX) {
        value.to_string()
    } else {
        let plus = if exponent < 0 { "" } else { "+" };
        format!("{sign}{mantissa}e{plus}{exponent}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_the_peers() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-20.0, "-20"),
            (0.1, "0.1"),
            (1e-5, "0.00001"),
            (1e-7, "1e-7"),
            (1e7, "10000000"),
            (1e8, "1e+8"),
            (1e14, "1e+14"),
            (12_345.123_456_7, "1.23451234567e+4"),
            (-1234.5, "-1234.5"),
            (123_456_789_012.0, "123456789012"),
            (4_611_686_018_427_387_904.0, "4611686018427388000"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            assert_eq!(shortest(value), text);
        }
    }
}

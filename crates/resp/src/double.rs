//! Doubles as text, laid out as Redis 7.2 and later and Valkey do.
//!
//! A whole number up to 2^62 is written as an integer. Any other has n digits D that read back as the same double, nearly always the
//! shortest (`grisu.rs`),
//! and the exponent K with value = D * 10^K; let e = |K + n - 1|:
//!
//! ```text
//!     K >= 0 and e < n + 7            D and K zeros         9223372036854776000
//!     K < 0 and (K > -7 or e < 4)     positional            0.00001   1234.5
//!     else                            d.ddde±X              1e-7      1.23451234567e+4
//! ```

use std::fmt;

use crate::grisu::Decimal;

/// The longest text: sign, 17 digits, and a point with up to 6 zeros or an exponent.
const TEXT_BYTES_MAX: usize = 32;
/// Whole numbers up to here are written as integers: 2^62.
const INTEGER_MAX: f64 = (1i64 << 62) as f64;

/// The text of a double, on the stack.
#[derive(Clone, Copy)]
pub struct DoubleText {
    bytes: [u8; TEXT_BYTES_MAX],
    len: u8,
}

/// Writes a double as servers do: so that it is read back as the same value, and nearly always in the shortest such form.
///
/// ```
/// assert_eq!(kvd_resp::format_double(0.1).as_str(), "0.1");
/// assert_eq!(kvd_resp::format_double(1e-7).as_str(), "1e-7");
/// assert_eq!(kvd_resp::format_double(3.0).as_str(), "3");
/// assert_eq!(kvd_resp::format_double(f64::NEG_INFINITY).as_str(), "-inf");
/// ```
pub fn format_double(value: f64) -> DoubleText {
    if value.abs() <= INTEGER_MAX && value.trunc() == value && (value != 0.0 || value.is_sign_positive()) {
        let mut text = DoubleText::EMPTY;
        text.push_all(itoa::Buffer::new().format(value as i64).as_bytes());
        return text;
    }
    format_digits(value)
}

/// The same for whole numbers, too: `1e+17`. Servers have such texts where they compute fingerprints (`DEBUG DIGEST`).
///
/// ```
/// assert_eq!(kvd_resp::format_digits(1e17).as_str(), "1e+17");
/// ```
pub fn format_digits(value: f64) -> DoubleText {
    let mut text = DoubleText::EMPTY;
    if value.is_nan() {
        text.push_all(b"nan");
    } else if value.is_infinite() {
        text.push_all(if value > 0.0 { b"inf" } else { b"-inf" });
    } else {
        if value.is_sign_negative() {
            text.push(b'-');
        }
        if value == 0.0 {
            text.push(b'0');
        } else {
            Decimal::of(value.abs()).lay_out(&mut text);
        }
    }
    text
}

impl Decimal {
    fn lay_out(&self, text: &mut DoubleText) {
        let digits = self.digits();
        let count = digits.len() as i32;
        let scientific = self.exponent + count - 1;
        let magnitude = scientific.abs();
        if self.exponent >= 0 && magnitude < count + 7 {
            text.push_all(digits);
            text.push_zeros(self.exponent);
        } else if self.exponent < 0 && (self.exponent > -7 || magnitude < 4) {
            let whole = count + self.exponent;
            if whole <= 0 {
                text.push_all(b"0.");
                text.push_zeros(-whole);
                text.push_all(digits);
            } else {
                let (whole, fraction) = digits.split_at(whole as usize);
                text.push_all(whole);
                text.push(b'.');
                text.push_all(fraction);
            }
        } else {
            let (first, rest) = digits.split_at(1);
            text.push_all(first);
            if !rest.is_empty() {
                text.push(b'.');
                text.push_all(rest);
            }
            text.push_all(if scientific < 0 { b"e-" } else { b"e+" });
            text.push_all(itoa::Buffer::new().format(magnitude).as_bytes());
        }
    }
}

impl DoubleText {
    const EMPTY: Self = Self { bytes: [0; TEXT_BYTES_MAX], len: 0 };

    /// The text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).expect("digits, letters, points and signs only")
    }

    /// The text as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    fn push(&mut self, byte: u8) {
        self.push_all(&[byte]);
    }

    fn push_all(&mut self, bytes: &[u8]) {
        let start = usize::from(self.len);
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len() as u8;
    }

    fn push_zeros(&mut self, count: i32) {
        for _ in 0..count {
            self.push(b'0');
        }
    }
}

impl AsRef<str> for DoubleText {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for DoubleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for DoubleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extremes_fit() {
        for value in [
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            -f64::MIN_POSITIVE,
            -5e-324,
            -1.234_567_890_123_456_7e-300,
        ] {
            let text = format_double(value);
            assert_eq!(text.as_str().parse::<f64>(), Ok(value));
        }
    }

    #[test]
    fn the_three_layouts() {
        let cases = [
            (i64::MAX as f64, "9223372036854776000"),
            (9.3e18, "9.3e+18"),
            (1e19, "1e+19"),
            (4611686018427387904.0, "4611686018427387904"),
            (12345678901234567.5, "12345678901234568"),
            (1e-5, "0.00001"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (0.00001234, "1.234e-5"),
            (1234.1234567, "1234.1234567"),
            (12345.1234567, "1.23451234567e+4"),
            (100000.0000001, "1.000000000001e+5"),
            (-0.5, "-0.5"),
            (5e-324, "5e-324"),
        ];
        for (value, text) in cases {
            assert_eq!(format_double(value).as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn text_is_read_back_as_the_same_double(bits: u64) {
            let value = f64::from_bits(bits);
            let read: f64 = format_double(value).as_str().parse().unwrap();
            prop_assert!(read.to_bits() == bits || value.is_nan() && read.is_nan());
        }
    }
}

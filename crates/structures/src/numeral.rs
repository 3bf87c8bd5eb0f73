//! The texts that C's `strtold` reads to their end, checked before a parser of numbers sees them.
//!
//! ```text
//! [+|-] ( inf | infinity | digits [. digits] [e [+|-] digits] | 0x hexdigits [. hexdigits] [p [+|-] digits] )
//! ```
//!
//! Letters in either case, one side of the point may be empty. Not taken, though `strtold` would: leading blanks and `nan`.

/// A text that is a number, not yet a value.
#[derive(Debug)]
pub(crate) struct Numeral<'t> {
    pub(crate) negative: bool,
    pub(crate) magnitude: Magnitude<'t>,
}

#[derive(Debug)]
pub(crate) enum Magnitude<'t> {
    Infinite,
    /// All digits before the exponent are zeros.
    Zero,
    /// Without sign; not zero.
    Decimal(&'t str),
    /// In the canonical form `0x` digits `p` exponent; not zero.
    Hexadecimal(String),
}

impl<'t> Numeral<'t> {
    /// Reads `text`; `None` if it is no number from its first to its last byte.
    pub(crate) fn scan(text: &'t [u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let magnitude = if rest.eq_ignore_ascii_case("inf") || rest.eq_ignore_ascii_case("infinity") {
            Magnitude::Infinite
        } else if let Some(digits) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
            hexadecimal(digits)?
        } else {
            decimal(rest)?
        };
        Some(Self { negative, magnitude })
    }
}

fn decimal(text: &str) -> Option<Magnitude<'_>> {
    let (mantissa, _) = split_exponent(text, ['e', 'E'])?;
    let (whole, fraction) = split_point(mantissa, |byte| byte.is_ascii_digit())?;
    let zero = whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0');
    Some(if zero { Magnitude::Zero } else { Magnitude::Decimal(text) })
}

/// Digits that decide how a double of any width rounds: 64 bits, the bit after them, and whether anything follows.
const HEX_DIGITS_MAX: usize = 18;

/// Beyond this every format that we read into is infinite or zero already.
const HEX_EXPONENT_MAX: i64 = 20_000;

/// Shortens the digits to what matters, so that the parser after us meets neither long texts nor great exponents.
fn hexadecimal<'t>(text: &str) -> Option<Magnitude<'t>> {
    let (mantissa, exponent) = split_exponent(text, ['p', 'P'])?;
    let (whole, fraction) = split_point(mantissa, |byte| byte.is_ascii_hexdigit())?;
    let zeros = whole.bytes().chain(fraction.bytes()).take_while(|&digit| digit == b'0').count();
    let mut digits: String = whole.chars().chain(fraction.chars()).skip(zeros).collect();
    if digits.is_empty() {
        return Some(Magnitude::Zero);
    }
    let mut dropped = 0;
    if digits.len() > HEX_DIGITS_MAX {
        dropped = digits.len() - HEX_DIGITS_MAX;
        let sticky = digits[HEX_DIGITS_MAX..].bytes().any(|digit| digit != b'0');
        digits.truncate(HEX_DIGITS_MAX);
        digits.push(if sticky { '1' } else { '0' });
        dropped -= 1;
    }
    // A slice is no longer than i64::MAX / 4 digits on any machine that could hold it.
    let moved = 4 * (dropped as i64 - fraction.len() as i64);
    let exponent = exponent.saturating_add(moved).clamp(-HEX_EXPONENT_MAX, HEX_EXPONENT_MAX);
    Some(Magnitude::Hexadecimal(format!("0x{digits}p{exponent}")))
}

/// Splits at the exponent's marker; without one the exponent is 0. A great one saturates.
fn split_exponent(text: &str, marker: [char; 2]) -> Option<(&str, i64)> {
    let Some((mantissa, exponent)) = text.split_once(marker) else { return Some((text, 0)) };
    let (negative, digits) = match exponent.as_bytes().first()? {
        b'-' => (true, &exponent[1..]),
        b'+' => (false, &exponent[1..]),
        _ => (false, exponent),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let size = digits
        .bytes()
        .fold(0i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some((mantissa, if negative { -size } else { size }))
}

/// Splits at the point; at least one side has digits, and nothing else is there.
fn split_point(mantissa: &str, is_digit: fn(&u8) -> bool) -> Option<(&str, &str)> {
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let valid = whole.bytes().chain(fraction.bytes()).all(|byte| is_digit(&byte));
    (valid && !(whole.is_empty() && fraction.is_empty())).then_some((whole, fraction))
}

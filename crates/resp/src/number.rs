//! Integers as the protocol and its commands write them.

/// Digits of the longest canonical integer, `-9223372036854775808`.
const TEXT_BYTES_MAX: usize = 20;

/// Reads a canonical 64-bit integer: what printing an `i64` gives and nothing else. So no `+1`, `01`, `-0`, blanks or
/// empty text.
///
/// ```
/// assert_eq!(kvd_resp::parse_i64(b"-17"), Some(-17));
/// assert_eq!(kvd_resp::parse_i64(b"+17"), None);
/// ```
#[inline]
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'0'] => return Some(0),
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if text.len() > TEXT_BYTES_MAX || !matches!(digits, [b'1'..=b'9', ..]) {
        return None;
    }
    let mut magnitude = 0u64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        magnitude = magnitude.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_canonical_integers_are_read() {
        let refused: [&[u8]; 16] = [
            b"",
            b"-",
            b"+1",
            b"01",
            b"-0",
            b"-01",
            b" 1",
            b"1 ",
            b"1.0",
            b"0x1",
            b"--1",
            b"9223372036854775808",
            b"-9223372036854775809",
            b"99999999999999999999",
            b"18446744073709551617",
            b"1\0",
        ];
        for text in refused {
            assert_eq!(parse_i64(text), None, "{}", text.escape_ascii());
        }
        assert_eq!(parse_i64(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(parse_i64(b"-9223372036854775808"), Some(i64::MIN));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read(number: i64) {
            prop_assert_eq!(parse_i64(number.to_string().as_bytes()), Some(number));
        }

        #[test]
        fn what_is_read_prints_the_same(text in "[-+]?[0-9 ]{0,21}") {
            if let Some(number) = parse_i64(text.as_bytes()) {
                prop_assert_eq!(number.to_string(), text);
            }
        }
    }
}

//! Which texts are integers: those that printing the integer gives back.

/// The longest such text: `-9223372036854775808`.
pub(crate) const TEXT_BYTES_MAX: usize = 20;

/// Digits of the greatest `i64`. So many never overflow a `u64`.
const DIGITS_MAX: usize = TEXT_BYTES_MAX - 1;

/// The integer that `text` is the one canonical form of: no plus, no leading zero, no blank, no `-0`.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] => return (!negative).then_some(0),
        [b'1'..=b'9', ..] if digits.len() <= DIGITS_MAX => {}
        _ => return None,
    }
    let mut magnitude = 0_u64;
    for &digit in digits {
        let value = digit.wrapping_sub(b'0');
        if value > 9 {
            return None;
        }
        magnitude = magnitude * 10 + u64::from(value);
    }
    if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_an_integer() {
        for number in [0, 1, -1, 9, 10, -10, 127, 4096, i64::MAX, i64::MAX - 1, i64::MIN, i64::MIN + 1] {
            assert_eq!(parse(number.to_string().as_bytes()), Some(number));
        }
        let texts = [
            "",
            "-",
            "+1",
            "01",
            "-0",
            "-01",
            "00",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "--1",
            "1-",
            "9223372036854775808",
            "-9223372036854775809",
            "9999999999999999999",
            "18446744073709551617",
            "-99999999999999999999",
            "1\0",
            "0x1",
            "\u{661}",
        ];
        for text in texts {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}

//! Numbers as the peers read and write them: strict decimals, octals, bytes with a unit.

use crate::error::ValueError;

/// A decimal without `+`, leading zeros, `-0` or spaces: the only spelling is the one that is shown.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let number = std::str::from_utf8(text).ok()?.parse::<i64>().ok()?;
    (number.to_string().as_bytes() == text).then_some(number)
}

/// A number as Rust parses it: parts of lists may have a leading `+` and zeros.
pub(crate) fn decimal<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A decimal in a range.
pub(crate) fn integer_between(text: &[u8], min: i64, max: i64) -> Result<i64, ValueError> {
    let number = integer(text).ok_or(ValueError::NotInteger)?;
    if number < min || number > max { Err(out_of_range(min, max)) } else { Ok(number) }
}

/// Octal digits up to a number; nothing is 0.
pub(crate) fn octal(text: &[u8], max: i64) -> Result<i64, ValueError> {
    let text = std::str::from_utf8(text).map_err(|_| ValueError::NotOctal)?;
    if text.is_empty() {
        return Ok(0);
    }
    let number = i64::from_str_radix(text, 8).map_err(|_| ValueError::NotOctal)?;
    if number < 0 || number > max {
        return Err(out_of_range("0", format!("{max:o}")));
    }
    Ok(number)
}

/// Digits and a unit. No digits are 0, as with the peers; unlike them, too many are refused and not cut.
pub(crate) fn memory(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, unit) = text.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1024,
        b"m" => 1_000_000,
        b"mb" => 1024 * 1024,
        b"g" => 1_000_000_000,
        b"gb" => 1024 * 1024 * 1024,
        _ => return None,
    };
    let number = match digits {
        b"" => 0,
        digits => std::str::from_utf8(digits).ok()?.parse::<u64>().ok()?,
    };
    number.checked_mul(factor)
}

/// Bytes in a range.
pub(crate) fn memory_between(text: &[u8], min: u64, max: u64) -> Result<u64, ValueError> {
    let bytes = memory(text).ok_or(ValueError::NotMemory)?;
    if bytes < min || bytes > max { Err(out_of_range(min, max)) } else { Ok(bytes) }
}

/// Bytes in the greatest unit that divides them, as CONFIG REWRITE writes them.
pub(crate) fn with_unit(bytes: u64) -> String {
    const UNITS: [(u32, &str); 3] = [(30, "gb"), (20, "mb"), (10, "kb")];
    for (shift, unit) in UNITS {
        if bytes != 0 && bytes.trailing_zeros() >= shift {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    bytes.to_string()
}

pub(crate) fn out_of_range(min: impl ToString, max: impl ToString) -> ValueError {
    ValueError::OutOfRange { min: min.to_string(), max: max.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_spelling() {
        assert_eq!(integer(b"-5"), Some(-5));
        for bad in ["", "+5", "05", "-0", " 5", "5 ", "5.0", "0x5", "9223372036854775808"] {
            assert_eq!(integer(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn units_with_b_are_binary() {
        assert_eq!(memory(b"3k"), Some(3000));
        assert_eq!(memory(b"3Kb"), Some(3072));
        assert_eq!(memory(b"2gB"), Some(2 << 30));
        assert_eq!(memory(b""), Some(0));
    }

    #[test]
    fn memory_beyond_64_bits_is_refused() {
        assert_eq!(memory(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(memory(b"18446744073709551616"), None);
        assert_eq!(memory(b"99999999999g"), None);
    }

    #[test]
    fn the_greatest_whole_unit_is_written() {
        assert_eq!(with_unit(0), "0");
        assert_eq!(with_unit(1536 << 20), "1536mb");
        assert_eq!(with_unit(1000), "1000");
    }
}

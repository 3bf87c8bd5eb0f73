//! Integers as the servers accept them in arguments.

/// Reads an `i64` in its one canonical form: no plus, no leading zero, no blank, no `-0`.
pub(crate) fn parse_i64(text: &[u8]) -> Option<i64> {
    match text {
        b"0" => return Some(0),
        [b'1'..=b'9', ..] | [b'-', b'1'..=b'9', ..] => {}
        _ => return None,
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_read() {
        assert_eq!(parse_i64(b"0"), Some(0));
        assert_eq!(parse_i64(b"-9223372036854775808"), Some(i64::MIN));
        for text in ["", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1.0", "9223372036854775808", "1\0"] {
            assert_eq!(parse_i64(text.as_bytes()), None, "{text}");
        }
    }
}

//! Lines that announce a count or a length: a type byte, a canonical integer, CRLF.
//!
//! The usual line is read by one loop over its few bytes: a search for its end would cost more than the reading. Everything else,
//! wrong or not yet whole, takes the slow way, which looks at each byte once however the line is cut up.

use memchr::memchr;

use crate::number::parse_i64;

/// More digits than any length in use has; a longer number takes the slow way.
const FAST_DIGITS_MAX: usize = 10;

/// No CR within the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// A line up to its CR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a [u8],
    /// Whether LF follows the CR.
    pub(crate) ends: bool,
}

/// Reads `<digits>\r\n` if that is how `bytes` starts: the number and how many bytes it took.
#[inline]
pub(crate) fn fast_length(bytes: &[u8]) -> Option<(usize, usize)> {
    // Nearly all lengths have one or two digits; written out they take a third of the loop's instructions.
    match bytes {
        [ones @ b'0'..=b'9', b'\r', b'\n', ..] => Some((usize::from(ones - b'0'), 3)),
        [tens @ b'1'..=b'9', ones @ b'0'..=b'9', b'\r', b'\n', ..] => {
            Some((usize::from(tens - b'0') * 10 + usize::from(ones - b'0'), 4))
        }
        _ => longer_length(bytes),
    }
}

fn longer_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate().take(FAST_DIGITS_MAX) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            let canonical = index == 1 || index > 1 && bytes[0] != b'0';
            let ends = *byte == b'\r' && bytes.get(index + 1) == Some(&b'\n');
            return (canonical && ends).then_some((number, index + 2));
        }
        number = number * 10 + usize::from(digit);
    }
    None
}

/// Looks for the end of the line that `bytes` starts with. `None` if more bytes are needed; `scanned` then remembers
/// how far was looked.
pub(crate) fn find_line<'a>(
    bytes: &'a [u8],
    scanned: &mut usize,
    bytes_max: usize,
) -> Result<Option<Line<'a>>, TooLong> {
    let window = bytes.get(..bytes_max.saturating_add(1)).unwrap_or(bytes);
    let Some(found) = memchr(b'\r', window.get(*scanned..).unwrap_or_default()) else {
        *scanned = window.len();
        return if bytes.len() > bytes_max { Err(TooLong) } else { Ok(None) };
    };
    *scanned += found;
    let Some(next) = bytes.get(*scanned + 1) else { return Ok(None) };
    Ok(Some(Line { text: &bytes[..*scanned], ends: *next == b'\n' }))
}

/// The number of a line: what follows its type byte.
pub(crate) fn line_number(line: &[u8]) -> Option<i64> {
    parse_i64(line.get(1..)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_way_reads_plain_lengths_only() {
        assert_eq!(fast_length(b"0\r\nx"), Some((0, 3)));
        assert_eq!(fast_length(b"123456789\r\n"), Some((123_456_789, 11)));
        for text in [
            &b""[..],
            b"\r\n",
            b"01\r\n",
            b"00\r\n",
            b"1",
            b"1\r",
            b"1\n\n",
            b"-1\r\n",
            b"12345678901\r\n",
            b"1\rx",
        ] {
            assert_eq!(fast_length(text), None, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_line_is_looked_at_once() {
        let mut scanned = 0;
        assert_eq!(find_line(b"*12", &mut scanned, 8), Ok(None));
        assert_eq!(scanned, 3);
        assert_eq!(find_line(b"*123\r", &mut scanned, 8), Ok(None));
        assert_eq!(scanned, 4);
        assert_eq!(find_line(b"*123\r\n", &mut scanned, 8), Ok(Some(Line { text: b"*123", ends: true })));
        assert_eq!(find_line(b"*1\rx", &mut 0, 8), Ok(Some(Line { text: b"*1", ends: false })));
    }

    #[test]
    fn a_line_over_the_limit_is_refused_whether_it_ends_or_not() {
        assert_eq!(find_line(b"*2345678", &mut 0, 8), Ok(None));
        assert_eq!(find_line(b"*2345678\r\n", &mut 0, 8), Ok(Some(Line { text: b"*2345678", ends: true })));
        assert_eq!(find_line(b"*23456789", &mut 0, 8), Err(TooLong));
        assert_eq!(find_line(b"*23456789\r\n", &mut 0, 8), Err(TooLong));
    }
}

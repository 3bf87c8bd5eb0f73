//! Lines of words: inline requests, configuration files, what is typed at a prompt.
//!
//! Words are separated by blanks. A quote may stand anywhere in a word; after it is closed the word goes on, as in a shell:
//!
//! ```text
//!     SET key "a \x41\n"    SET key 'it\'s'    SET key pre"fix and "more
//! ```
//!
//! Between `"` and `"`: `\n \r \t \b \a`, `\xHH` for any byte, and a backslash before anything else gives that. Between `'` and `'`:
//! only `\'`. Outside of quotes a backslash is a character like any other.

use std::error::Error;
use std::fmt;

/// A quote that isn't closed by the end of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnbalancedQuotes;

impl fmt::Display for UnbalancedQuotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unbalanced quotes")
    }
}

impl Error for UnbalancedQuotes {}

/// Splits a line into its words. A line of blanks has none.
///
/// The words together are never longer than the line.
///
/// ```
/// let words = kvd_resp::split_line(br#"SET greeting "hello\x20world""#)?;
/// assert_eq!(words, [&b"SET"[..], b"greeting", b"hello world"]);
/// # Ok::<(), kvd_resp::UnbalancedQuotes>(())
/// ```
pub fn split_line(line: &[u8]) -> Result<Vec<Vec<u8>>, UnbalancedQuotes> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        rest = skip_blanks(rest);
        if rest.is_empty() {
            return Ok(words);
        }
        let mut word = Vec::new();
        rest = read_word(rest, &mut word)?;
        words.push(word);
    }
}

/// The word in double quotes that [`split_line`] reads as these bytes.
///
/// ```
/// assert_eq!(kvd_resp::quote(b"a\n\"\0"), r#""a\n\"\x00""#);
/// ```
pub fn quote(word: &[u8]) -> String {
    let mut quoted = Vec::with_capacity(word.len() + 2);
    quote_to(word, &mut quoted);
    String::from_utf8(quoted).expect("what is quoted is ASCII")
}

/// Appends the same to a text.
pub fn quote_to(word: &[u8], text: &mut Vec<u8>) {
    text.push(b'"');
    for &byte in word {
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', byte]),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            b'\t' => text.extend_from_slice(b"\\t"),
            0x07 => text.extend_from_slice(b"\\a"),
            0x08 => text.extend_from_slice(b"\\b"),
            b' '..=b'~' => text.push(byte),
            _ => text.extend_from_slice(&[b'\\', b'x', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    text.push(b'"');
}

fn digit(value: u8) -> u8 {
    b"0123456789abcdef"[usize::from(value)]
}

/// Before a word more counts as blank than in one, where a vertical tab or form feed is a character like any other.
fn skip_blanks(line: &[u8]) -> &[u8] {
    let blank = |byte: &u8| ends_word(*byte) || matches!(byte, 0x0b | 0x0c);
    let count = line.iter().take_while(|byte| blank(byte)).count();
    line.get(count..).unwrap_or_default()
}

fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0)
}

/// Appends the word that `rest` starts with to `word`; returns what follows it.
fn read_word<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    while let [first, after @ ..] = rest {
        rest = match first {
            b'"' => read_double_quoted(after, word)?,
            b'\'' => read_single_quoted(after, word)?,
            byte if ends_word(*byte) => break,
            byte => {
                word.push(*byte);
                after
            }
        };
    }
    Ok(rest)
}

fn read_double_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        let (byte, after) = match rest {
            [b'"', after @ ..] => return Ok(after),
            [b'\\', b'x', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex(*high) << 4 | hex(*low), after)
            }
            [b'\\', escaped, after @ ..] => (unescape(*escaped), after),
            [byte, after @ ..] => (*byte, after),
            [] => return Err(UnbalancedQuotes),
        };
        word.push(byte);
        rest = after;
    }
}

fn read_single_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        let (byte, after) = match rest {
            [b'\'', after @ ..] => return Ok(after),
            [b'\\', b'\'', after @ ..] => (b'\'', after),
            [byte, after @ ..] => (*byte, after),
            [] => return Err(UnbalancedQuotes),
        };
        word.push(byte);
        rest = after;
    }
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

/// The value of a digit that `is_ascii_hexdigit`.
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        other => (other | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(line: &[u8]) -> Vec<Vec<u8>> {
        split_line(line).unwrap()
    }

    #[test]
    fn blanks_separate() {
        assert_eq!(split(b"a b\tc\rd\ne\0f"), [b"a", b"b", b"c", b"d", b"e", b"f"]);
        assert_eq!(split(b" \x0b\x0c a \x0b"), [b"a"]);
        assert_eq!(split(b"a\x0bb"), [b"a\x0bb"]);
        assert!(split(b" \t\r\n").is_empty());
        assert!(split(b"").is_empty());
    }

    #[test]
    fn double_quotes_know_escapes() {
        assert_eq!(split(br#""\x41\x00\xff\n\r\t\b\a\"\q\\""#), [b"A\0\xff\n\r\t\x08\x07\"q\\"]);
        assert_eq!(split(br#""\x41\X41\xZZ\x4""#), [b"AX41xZZx4"]);
        assert_eq!(split(br#""" a"#), [&b""[..], b"a"]);
    }

    #[test]
    fn single_quotes_know_one_escape() {
        assert_eq!(split(br"'a\'b\x41\q\\ '"), [br"a'b\x41\q\\ "]);
        assert_eq!(split(b"''"), [b""]);
    }

    #[test]
    fn a_word_goes_on_around_its_quotes() {
        assert_eq!(split(br#"a"b"c'd'e "f""g" \"h" i\j"#), [&b"abcde"[..], b"fg", br"\h", br"i\j"]);
    }

    #[test]
    fn open_quotes_are_refused() {
        for line in [&br#"""#[..], br#"a "b"#, b"'", b"a'b", br#""a\""#, br"'a\'", br#""a\"#, br#""a'"#] {
            assert_eq!(split_line(line), Err(UnbalancedQuotes), "{}", line.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn words_are_never_longer_than_the_line(line: Vec<u8>) {
            if let Ok(words) = split_line(&line) {
                prop_assert!(words.iter().map(Vec::len).sum::<usize>() <= line.len());
            }
        }

        #[test]
        fn quoted_words_are_read_back(words: Vec<Vec<u8>>) {
            let in_hex = |word: &Vec<u8>| word.iter().fold(String::from("\""), |text, byte| format!("{text}\\x{byte:02X}")) + "\"";
            let line = words.iter().map(in_hex).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(line.as_bytes()), words.clone());
            let line = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(line.as_bytes()), words);
        }
    }
}

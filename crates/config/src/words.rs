//! The words of a line: bare, in double quotes with escapes, or in single quotes.
//!
//! ```text
//! word     = piece+                        pieces join: a"b c"d is `ab cd`
//! piece    = bare | '"' (char | escape)* '"' | "'" (char | "\'")* "'"
//! escape   = \xHH | \n \r \t \b \a | \ any other byte, which is itself
//! ```
//!
//! Redis wants a space behind a closing quote; Valkey doesn't, and so read we.

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till1, take_while_m_n};
use nom::combinator::{map, map_opt, value};
use nom::multi::{fold_many0, fold_many1};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

/// Cuts a line into words. `None` if a quote has no end.
pub fn split_words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut rest = without_spaces(line);
    while !rest.is_empty() {
        let (after, word) = word(rest).ok()?;
        words.push(word);
        rest = without_spaces(after);
    }
    Some(words)
}

/// The word in double quotes that [`split_words`] reads as these bytes.
pub fn quote(word: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for &byte in word {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b'\n' => quoted.push_str("\\n"),
            b'\r' => quoted.push_str("\\r"),
            b'\t' => quoted.push_str("\\t"),
            0x07 => quoted.push_str("\\a"),
            0x08 => quoted.push_str("\\b"),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a byte is passed over before a word. A vertical tab or a form feed is, and yet doesn't end a word: so read
/// the peers.
pub(crate) fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn without_spaces(line: &[u8]) -> &[u8] {
    let word = line.iter().position(|&byte| !is_space(byte)).unwrap_or(line.len());
    line.get(word..).unwrap_or_default()
}

fn word(input: &[u8]) -> IResult<&[u8], Vec<u8>> {
    fold_many1(piece, Vec::new, |mut word: Vec<u8>, piece| {
        word.extend(piece);
        word
    })
    .parse(input)
}

fn piece(input: &[u8]) -> IResult<&[u8], Vec<u8>> {
    let bare = take_till1(|byte| b" \n\r\t\"'".contains(&byte));
    alt((double_quoted, single_quoted, map(bare, <[u8]>::to_vec))).parse(input)
}

fn double_quoted(input: &[u8]) -> IResult<&[u8], Vec<u8>> {
    let plain = take_till1(|byte| byte == b'"' || byte == b'\\');
    let part = alt((map(plain, <[u8]>::to_vec), map(escape, |byte| vec![byte])));
    delimited(tag("\""), joined(part), tag("\"")).parse(input)
}

fn single_quoted(input: &[u8]) -> IResult<&[u8], Vec<u8>> {
    let plain = take_till1(|byte| byte == b'\'' || byte == b'\\');
    let part = alt((plain, value(b"'".as_slice(), tag("\\'")), tag("\\")));
    delimited(tag("'"), joined(map(part, <[u8]>::to_vec)), tag("'")).parse(input)
}

fn joined<'a>(
    part: impl Parser<&'a [u8], Output = Vec<u8>, Error = nom::error::Error<&'a [u8]>>,
) -> impl Parser<&'a [u8], Output = Vec<u8>, Error = nom::error::Error<&'a [u8]>> {
    fold_many0(part, Vec::new, |mut all: Vec<u8>, part| {
        all.extend(part);
        all
    })
}

fn escape(input: &[u8]) -> IResult<&[u8], u8> {
    let digits = take_while_m_n(2, 2, |byte: u8| byte.is_ascii_hexdigit());
    let hex = map_opt(digits, |digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
    let other = map_opt(take(1usize), |byte: &[u8]| byte.first().map(|&byte| unescaped(byte)));
    alt((preceded(tag("\\x"), hex), preceded(tag("\\"), other))).parse(input)
}

fn unescaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Option<Vec<String>> {
        let words = split_words(line.as_bytes())?;
        Some(words.into_iter().map(|word| String::from_utf8_lossy(&word).into_owned()).collect())
    }

    #[test]
    fn quotes_and_escapes_are_taken_away() {
        let words = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect());
        assert_eq!(split(" a\t\tb\x0bc \x0bd"), words(&["a", "b\x0bc", "d"]));
        assert_eq!(split(r#""a\x41\n\"b" c"#), words(&["aA\n\"b", "c"]));
        assert_eq!(split(r#"'a\x41\'b' """#), words(&["a\\x41'b", ""]));
        assert_eq!(split(r#"a"b c"d a#b "\q\x4""#), words(&["ab cd", "a#b", "qx4"]));
        assert_eq!(split("  \t"), words(&[]));
    }

    #[test]
    fn a_quote_has_an_end() {
        for open in [r#"""#, r#""a"#, "'a", r#""\""#, "it's", r#"a "b" ""#] {
            assert_eq!(split(open), None, "{open}");
        }
    }

    #[test]
    fn what_is_quoted_is_read_again() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(split_words(quote(&all).as_bytes()), Some(vec![all]));
        assert_eq!(quote(b"a\n\"\\\0"), r#""a\n\"\\\x00""#);
    }
}

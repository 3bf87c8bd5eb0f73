//! Words as redis-cli takes them: bare, `'literal'`, or `"with \n \xff escapes"`; `"x"*100` repeats.

/// No repetition in a transcript makes a longer word.
const WORD_BYTES_MAX: usize = 16 << 20;

/// Splits a line into words.
pub(super) fn split(line: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = next(rest)?;
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

/// Reads one word from the start of `text`; what follows it is given back.
pub(super) fn next(text: &str) -> Result<(Vec<u8>, &str), String> {
    let (word, rest) = match text.as_bytes().first() {
        Some(b'"') => escaped(&text[1..])?,
        Some(b'\'') => literal(&text[1..])?,
        _ => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (word, rest) = text.split_at(end);
            return Ok((word.as_bytes().to_vec(), rest));
        }
    };
    let (word, rest) = repeated(word, rest)?;
    match rest.chars().next() {
        Some(next) if !next.is_whitespace() => Err(format!("'{next}' right after a closing quote")),
        _ => Ok((word, rest)),
    }
}

fn escaped(text: &str) -> Result<(Vec<u8>, &str), String> {
    let mut word = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Ok((word, &text[at + 1..])),
            '\\' => {
                let (_, escape) = chars.next().ok_or("a line that ends in a backslash")?;
                match escape {
                    'n' => word.push(b'\n'),
                    'r' => word.push(b'\r'),
                    't' => word.push(b'\t'),
                    'a' => word.push(7),
                    'b' => word.push(8),
                    '0' => word.push(0),
                    'x' => {
                        let digits = text.get(at + 2..at + 4).ok_or("\\x needs two hexadecimal digits")?;
                        word.push(u8::from_str_radix(digits, 16).map_err(|_| format!("\\x{digits}"))?);
                        chars.next();
                        chars.next();
                    }
                    '"' | '\\' => word.push(escape as u8),
                    other => return Err(format!("unknown escape \\{other}")),
                }
            }
            other => word.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Err("a quote that is never closed".to_owned())
}

fn literal(text: &str) -> Result<(Vec<u8>, &str), String> {
    let (word, rest) = text.split_once('\'').ok_or("a quote that is never closed")?;
    Ok((word.as_bytes().to_vec(), rest))
}

fn repeated(word: Vec<u8>, rest: &str) -> Result<(Vec<u8>, &str), String> {
    let Some(count) = rest.strip_prefix('*') else { return Ok((word, rest)) };
    let end = count.find(|c: char| !c.is_ascii_digit()).unwrap_or(count.len());
    let times: usize = count[..end].parse().map_err(|_| "a number must follow \"…\"*")?;
    if word.len().saturating_mul(times) > WORD_BYTES_MAX {
        return Err(format!("a word of more than {WORD_BYTES_MAX} bytes"));
    }
    Ok((word.repeat(times), &count[end..]))
}

/// Writes a request the way that a transcript is read, quoted only where that is needed.
pub fn join<W: AsRef<[u8]>>(words: &[W]) -> String {
    let word = |word: &W| {
        let word = word.as_ref();
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'');
        match word.first() {
            Some(&first) if word.len() >= REPEATED_MIN && word.iter().all(|&byte| byte == first) => {
                format!("{}*{}", quote(&[first]), word.len())
            }
            Some(_) if word.iter().all(is_plain) => String::from_utf8_lossy(word).into_owned(),
            _ => quote(word),
        }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// From this length on a word of equal bytes is written with `*`.
const REPEATED_MIN: usize = 12;

/// Writes bytes the way that [`split`] reads them back.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut text = String::from('"');
    for &byte in bytes {
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            0x20..=0x7e => text.push(byte as char),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_be_bare_literal_escaped_and_repeated() {
        let words = split(r#"SET 'a b' "\x00\xff\n\"" "ab"*3 "" plain"#).unwrap();
        assert_eq!(words, [&b"SET"[..], b"a b", b"\x00\xff\n\"", b"ababab", b"", b"plain"]);
    }

    #[test]
    fn unfinished_words_are_refused() {
        for line in ["\"a", "'a", "\"\\", "\"\\x1", "\"\\q\"", "\"a\"b", "\"a\"*", "\"a\"*99999999999"] {
            assert!(split(line).is_err(), "{line}");
        }
    }

    #[test]
    fn quoted_bytes_are_read_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(split(&quote(&bytes)).unwrap(), [bytes]);
    }

    #[test]
    fn joined_words_are_split_again() {
        let words = [&b"SET"[..], b"", b"a b", b"aaaaaaaaaaaaaaaaaaaa", b"it's", b"\xff", b"[1]"];
        assert_eq!(join(&words), r#"SET "" "a b" "a"*20 "it's" "\xff" [1]"#);
        assert_eq!(split(&join(&words)).unwrap(), words);
    }
}

//! Writing a word of a line. Reading is [`resp::split_line`]'s: the grammar is that of inline requests.

/// The word in double quotes that [`resp::split_line`] reads as these bytes.
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

/// Whether a byte is passed over before a word. A vertical tab or a form feed is, and yet doesn't end a word: so read
/// the peers.
pub(crate) fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_read_again() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(resp::split_line(quote(&all).as_bytes()), Ok(vec![all]));
        assert_eq!(quote(b"a\n\"\\\0"), r#""a\n\"\\\x00""#);
    }
}

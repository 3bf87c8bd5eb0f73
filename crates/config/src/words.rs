//! Writing a word of a line. Reading is [`resp::split_line`]'s: the grammar is that of inline requests.

/// The word in double quotes that [`resp::split_line`] reads as these bytes.
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

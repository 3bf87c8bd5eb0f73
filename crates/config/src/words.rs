//! What separates the words of a line. Words themselves are read and written by [`resp::split_line`] and [`resp::quote`]: the grammar is that of inline
//! requests.

/// Whether a byte is passed over before a word. A vertical tab or a form feed is, and yet doesn't end a word: so read
/// the peers.
pub(crate) fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

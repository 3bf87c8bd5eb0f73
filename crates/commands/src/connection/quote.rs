//! A client's own words in an error.

use std::borrow::Cow;

use catalog::SHOWN_BYTES_MAX;

/// The beginning of a word, as text.
pub(super) fn quote(word: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&word[..word.len().min(SHOWN_BYTES_MAX)])
}

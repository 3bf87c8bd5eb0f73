//! How large a listpack may become.

/// Bytes of a listpack whose elements alone are limited, and of the second class of bytes.
const BYTES_DEFAULT: usize = 8192;

/// What one more element may take beside its text. More than it does, mostly; servers reckon with it, and so fill a listpack alike.
const ENTRY_OVERHEAD: usize = 8;

/// What one listpack may hold: a list that is packed, or a part of a large one.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its bytes, but for one that holds a single element.
    bytes_max: usize,
    /// Its elements, and whether their number was asked for.
    entries_max: Option<usize>,
}

impl Limit {
    /// At most so many elements (at least one is allowed), and 8 KiB.
    pub const fn entries(count: usize) -> Self {
        Self { bytes_max: BYTES_DEFAULT, entries_max: Some(if count == 0 { 1 } else { count }) }
    }

    /// At most so many bytes.
    pub const fn bytes(count: usize) -> Self {
        Self { bytes_max: count, entries_max: None }
    }

    /// The meaning of `list-max-listpack-size`: a number of elements, or below zero a class of bytes, -1 for 4 KiB to -5 for 64 KiB.
    pub fn of_setting(setting: i64) -> Self {
        const CLASS_MAX: u64 = 5;
        match usize::try_from(setting) {
            Ok(count) => Self::entries(count),
            Err(_) => Self::bytes(2048 << setting.unsigned_abs().min(CLASS_MAX)),
        }
    }

    /// Whether a listpack of so many bytes and elements may take these texts and stay the only one of its list.
    pub(super) fn admits(self, bytes: usize, len: usize, texts_bytes: usize, texts: usize) -> bool {
        bytes.saturating_add(texts_bytes) <= self.bytes_max && self.allows_entries(len + texts)
    }

    /// Whether a listpack of so many bytes and elements, one of several, may take one more text.
    pub(super) fn has_room(self, bytes: usize, len: usize, text_bytes: usize) -> bool {
        bytes.saturating_add(text_bytes).saturating_add(ENTRY_OVERHEAD) <= self.bytes_max
            && self.allows_entries(len + 1)
    }

    /// Whether a text is so large that it isn't put into a listpack at all.
    pub(super) fn is_large(self, text_bytes: usize) -> bool {
        text_bytes > self.bytes_max
    }

    /// Whether two listpacks may become one of so many bytes and elements.
    pub fn allows(self, bytes: usize, len: usize) -> bool {
        bytes <= self.bytes_max && self.allows_entries(len)
    }

    /// Whether an element may grow in its place: the listpack is then split at the next insertion, not before.
    pub(super) fn tolerates(self, bytes: usize) -> bool {
        bytes <= self.bytes_max.saturating_mul(2)
    }

    /// Whether the last listpack of a large list is so small that the list is packed again. Half of what it may grow to, so that a list at
    /// the limit doesn't go to and fro.
    pub(super) fn is_small(self, bytes: usize, len: usize) -> bool {
        match self.entries_max {
            Some(entries_max) => len <= entries_max / 2 && bytes <= self.bytes_max,
            None => bytes <= self.bytes_max / 2,
        }
    }

    fn allows_entries(self, len: usize) -> bool {
        self.entries_max.is_none_or(|entries_max| len <= entries_max)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::bytes(BYTES_DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_classes_of_bytes_or_numbers_of_elements() {
        let bytes = [-1, -2, -3, -4, -5, -6, i64::MIN].map(|setting| Limit::of_setting(setting).bytes_max);
        assert_eq!(bytes, [4096, 8192, 16_384, 32_768, 65_536, 65_536, 65_536]);
        let entries = [0, 1, 128].map(|setting| Limit::of_setting(setting).entries_max);
        assert_eq!(entries, [Some(1), Some(1), Some(128)]);
    }
}

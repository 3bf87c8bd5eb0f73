//! Bytes with room at both ends.

use crate::storage::{Storage, size_class};

/// A vector that may begin behind the start of its allocation.
///
/// In a `Vec<u8>`, whatever is put at the front or taken from it moves all bytes. Here only the shorter side of a change moves, where there
/// is room, so a long list that is used as a queue or a stack costs the same at both ends. It takes at most an eighth more room.
///
/// ```
/// use kvd_listpack::{Listpack, TwoEnded};
///
/// # fn main() -> Result<(), kvd_listpack::TooLarge> {
/// let mut queue = Listpack::<TwoEnded>::default();
/// queue.push_back(b"first")?;
/// queue.push_back(b"second")?;
/// queue.delete(queue.view().first().unwrap());
/// assert_eq!(queue.view().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct TwoEnded {
    /// What is before `start` is of no meaning.
    bytes: Vec<u8>,
    start: usize,
}

impl TwoEnded {
    fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    fn close_gap(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
    }

    /// Room of this size or more before the first byte.
    fn make_room_before(&mut self, needed: usize) {
        if self.start >= needed {
            return;
        }
        let len = self.len();
        // Moving everything must buy more than a little.
        let wanted = needed.max(len / 8);
        if self.bytes.capacity() < len + wanted {
            self.bytes.reserve_exact(size_class(len + wanted) - self.bytes.len());
        }
        let spare = self.bytes.capacity() - len;
        // Some of it stays behind, for those who use both ends.
        self.move_to((spare - spare / 4).max(needed));
    }

    /// Room of this size or more behind the last byte.
    fn make_room_behind(&mut self, needed: usize) {
        let len = self.len();
        if self.bytes.capacity() - self.bytes.len() >= needed {
            return;
        }
        if self.start >= needed.max(len / 8) {
            self.move_to((self.start / 4).min(self.start - needed));
        } else {
            self.bytes.reserve_exact(size_class(self.bytes.len() + needed) - self.bytes.len());
        }
    }

    /// Moves all bytes so that they begin at `start`; the capacity suffices.
    fn move_to(&mut self, start: usize) {
        let (old, len) = (self.start, self.len());
        if start > old {
            self.bytes.resize(start + len, 0);
        }
        self.bytes.copy_within(old..old + len, start);
        self.bytes.truncate(start + len);
        self.start = start;
    }

    fn give_back(&mut self) {
        let class = size_class(self.len());
        if class <= self.bytes.capacity() / 2 {
            self.close_gap();
            self.bytes.shrink_to(class);
        }
    }
}

impl Clone for TwoEnded {
    fn clone(&self) -> Self {
        self.as_ref().to_vec().into()
    }
}

impl From<Vec<u8>> for TwoEnded {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, start: 0 }
    }
}

impl AsRef<[u8]> for TwoEnded {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl AsMut<[u8]> for TwoEnded {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..]
    }
}

impl Storage for TwoEnded {
    fn resize_at(&mut self, at: usize, removed: usize, inserted: usize) {
        let len = self.len();
        let tail = len - at - removed;
        let (added, lost) = (inserted.saturating_sub(removed), removed.saturating_sub(inserted));
        if at < tail {
            self.make_room_before(added);
            let to = self.start + lost - added;
            self.bytes.copy_within(self.start..self.start + at, to);
            self.start = to;
        } else {
            self.make_room_behind(added);
            let from = self.start + at + removed;
            if added > 0 {
                self.bytes.resize(self.start + len + added, 0);
            }
            self.bytes.copy_within(from..from + tail, self.start + at + inserted);
            self.bytes.truncate(self.start + len + added - lost);
        }
        if lost > 0 {
            self.give_back();
        }
    }

    fn shrink_to_fit(&mut self) {
        self.close_gap();
        self.bytes.shrink_to_fit();
    }

    fn memory_bytes(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the same change makes of a vector.
    fn change(bytes: &mut impl Storage, at: usize, removed: usize, text: &[u8]) {
        bytes.resize_at(at, removed, text.len());
        bytes.as_mut()[at..at + text.len()].copy_from_slice(text);
    }

    proptest! {
        #[test]
        fn it_holds_what_a_vector_holds(
            changes in prop::collection::vec((any::<u16>(), 0..40usize, prop::collection::vec(any::<u8>(), 0..40)), 1..300),
            ends in any::<bool>(),
        ) {
            let (mut own, mut twin) = (TwoEnded::default(), Vec::new());
            for (place, removed, text) in changes {
                let len = twin.len();
                let at = match place % 4 {
                    _ if !ends => usize::from(place) % (len + 1),
                    0 => 0,
                    1 => len,
                    2 => len.min(6),
                    _ => len.saturating_sub(6),
                };
                let removed = removed.min(len - at);
                change(&mut own, at, removed, &text);
                change(&mut twin, at, removed, &text);
                prop_assert_eq!(own.as_ref(), &twin[..]);
                prop_assert!(own.memory_bytes() <= 2 * (twin.len() + twin.len() / 4) + 128);
                let copy = own.clone();
                prop_assert_eq!(copy.as_ref(), &twin[..]);
            }
        }
    }

    #[test]
    fn the_front_moves_seldom() {
        let mut bytes = TwoEnded::from(vec![0; 4000]);
        let mut moves = 0;
        for _ in 0..1000 {
            let before = bytes.start;
            bytes.resize_at(6, 0, 4);
            moves += usize::from(before != bytes.start + 4);
        }
        assert_eq!(bytes.as_ref().len(), 8000);
        assert!(moves < 12, "{moves} moves");
        for _ in 0..1000 {
            bytes.resize_at(6, 4, 0);
        }
        assert_eq!(bytes.as_ref().len(), 4000);
    }
}

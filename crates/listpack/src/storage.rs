//! Where the bytes live.

/// Bytes that a packed list or integer set is kept in: a vector, or a place of the caller's own, such as the rest of an
/// allocation that also holds a key, or a shared buffer that is copied when somebody else still reads it.
///
/// `as_ref` and `as_mut` give the same bytes, those of the list and no others.
pub trait Storage: AsRef<[u8]> + AsMut<[u8]> {
    /// Puts `inserted` bytes in the place of the `removed` bytes at `at`. What follows moves; the new bytes may be anything, since
    /// they are written next.
    ///
    /// `at + removed` is at most the length. The length stays at most [`BYTES_MAX`](crate::BYTES_MAX).
    fn resize_at(&mut self, at: usize, removed: usize, inserted: usize);

    /// Gives back what room there is in reserve, if there may be any.
    fn shrink_to_fit(&mut self) {}

    /// Bytes taken from the allocator, at least as many as there are.
    fn memory_bytes(&self) -> usize {
        self.as_ref().len()
    }
}

/// Keeps next to no room in reserve: there may be millions of small lists, each changed now and then.
///
/// The capacity is the next size that allocators have. When less than half of it is used, the rest is given back.
impl Storage for Vec<u8> {
    fn resize_at(&mut self, at: usize, removed: usize, inserted: usize) {
        let tail = at + removed;
        let len = self.len() - removed + inserted;
        if inserted > removed {
            let old_len = self.len();
            if len > self.capacity() {
                self.reserve_exact(size_class(len) - old_len);
            }
            self.resize(len, 0);
            self.copy_within(tail..old_len, at + inserted);
        } else {
            self.copy_within(tail.., at + inserted);
            self.truncate(len);
            let class = size_class(len);
            if class <= self.capacity() / 2 {
                self.shrink_to(class);
            }
        }
    }

    fn shrink_to_fit(&mut self) {
        Vec::shrink_to_fit(self);
    }

    fn memory_bytes(&self) -> usize {
        self.capacity()
    }
}

impl<S: Storage + ?Sized> Storage for &mut S {
    fn resize_at(&mut self, at: usize, removed: usize, inserted: usize) {
        (**self).resize_at(at, removed, inserted);
    }

    fn shrink_to_fit(&mut self) {
        (**self).shrink_to_fit();
    }

    fn memory_bytes(&self) -> usize {
        (**self).memory_bytes()
    }
}

/// What an allocator sets aside for `len` bytes: mimalloc and jemalloc have four sizes from each power of two to the next, and multiples of
/// 16 below 128 (mimalloc of 8 below 64). To ask for all of it costs no memory, and saves most calls when a list grows.
pub(crate) fn size_class(len: usize) -> usize {
    const SMALL_MAX: usize = 64;
    const SMALL_STEP: usize = 8;
    let step = if len <= SMALL_MAX { SMALL_STEP } else { len.next_power_of_two() / 8 };
    len.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_an_eighth_to_a_quarter_apart() {
        let lens = [0, 1, 8, 9, 64, 65, 80, 81, 97, 113, 128, 129, 160, 161, 225, 256, 257, 1000, 1025];
        let classes = [0, 8, 8, 16, 64, 80, 80, 96, 112, 128, 128, 160, 160, 192, 256, 256, 320, 1024, 1280];
        assert_eq!(lens.map(size_class), classes);
    }

    #[test]
    fn growth_reserves_one_class_and_shrinking_gives_back() {
        let mut bytes = Vec::new();
        bytes.resize_at(0, 0, 100);
        assert_eq!((bytes.len(), bytes.capacity()), (100, 112));
        bytes.resize_at(50, 0, 12);
        assert_eq!((bytes.len(), bytes.capacity()), (112, 112));
        bytes.resize_at(50, 0, 1);
        assert_eq!((bytes.len(), bytes.capacity()), (113, 128));
        bytes.resize_at(0, 40, 0);
        assert_eq!((bytes.len(), bytes.capacity()), (73, 128));
        bytes.resize_at(0, 20, 0);
        assert_eq!((bytes.len(), bytes.capacity()), (53, 56));
    }

    #[test]
    fn what_follows_moves() {
        let mut bytes = b"abcdef".to_vec();
        bytes.resize_at(1, 2, 4);
        assert_eq!((&bytes[..1], &bytes[5..]), (&b"a"[..], &b"def"[..]));
        bytes.resize_at(1, 4, 0);
        assert_eq!(bytes, b"adef");
        bytes.resize_at(4, 0, 1);
        assert_eq!(&bytes[..4], b"adef");
    }
}

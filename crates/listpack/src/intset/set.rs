//! Changing a set.

use std::fmt;

use super::view::{HEADER_BYTES, IntsetRef};
use super::width::Width;
use crate::frame::{BYTES_MAX, TooLarge};
use crate::malformed::Malformed;
use crate::storage::Storage;

/// A set of integers that can be changed. What reads is at its [`view`](Self::view).
#[derive(Clone)]
pub struct Intset<S = Vec<u8>> {
    /// Always a valid set.
    bytes: S,
}

impl Intset {
    /// A set without integers.
    pub fn new() -> Self {
        Self::empty_in(Vec::new())
    }

    /// Takes bytes from elsewhere, all of which are checked.
    ///
    /// # Errors
    ///
    /// The first fault, if they are no set of integers from the first byte to the last.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Malformed> {
        IntsetRef::new(&bytes)?;
        Ok(Self { bytes })
    }

    /// Gives back what capacity there is in reserve, at most a quarter.
    pub fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
    }
}

impl<S: Storage> Intset<S> {
    /// A set without integers in `storage`, whatever was there before.
    pub fn empty_in(mut storage: S) -> Self {
        let len = storage.as_ref().len();
        storage.resize_at(0, len, HEADER_BYTES);
        let mut set = Self { bytes: storage };
        set.write_header(Width::Two);
        set
    }

    /// The set in `storage`, which was one when it was stored. Nothing is checked but in debug builds.
    pub fn trusted(storage: S) -> Self {
        debug_assert!(IntsetRef::new(storage.as_ref()).is_ok(), "no set of integers");
        Self { bytes: storage }
    }

    /// The set for reading.
    pub fn view(&self) -> IntsetRef<'_> {
        IntsetRef::trusted(self.bytes.as_ref())
    }

    /// The whole set as it is stored, in files too.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// Bytes that the set takes from the allocator.
    pub fn memory_bytes(&self) -> usize {
        self.bytes.memory_bytes()
    }

    /// Gives up the set for its bytes.
    pub fn into_storage(self) -> S {
        self.bytes
    }

    /// Adds `value` and returns whether it is new. Takes a binary search and a move of what is greater; the first
    /// integer of a greater width takes a rewrite of all.
    ///
    /// # Errors
    ///
    /// [`TooLarge`], and nothing is changed.
    pub fn insert(&mut self, value: i64) -> Result<bool, TooLarge> {
        let width = self.view().width();
        if Width::of(value) > width {
            return self.widen_with(value).map(|()| true);
        }
        let Err(index) = self.view().search(value) else { return Ok(false) };
        if self.as_bytes().len() > BYTES_MAX - width.bytes() {
            return Err(TooLarge);
        }
        self.bytes.resize_at(HEADER_BYTES + index * width.bytes(), 0, width.bytes());
        width.write(self.integers_mut(), index, value);
        self.write_header(width);
        Ok(true)
    }

    /// Removes `value` and returns whether it was there.
    pub fn remove(&mut self, value: i64) -> bool {
        match self.view().search(value) {
            Ok(index) => {
                self.remove_at(index);
                true
            }
            Err(_) => false,
        }
    }

    /// Removes the integer with `index` in ascending order and returns it.
    pub fn remove_at(&mut self, index: usize) -> Option<i64> {
        let value = self.view().get(index)?;
        let width = self.view().width();
        self.bytes.resize_at(HEADER_BYTES + index * width.bytes(), width.bytes(), 0);
        self.write_header(width);
        Some(value)
    }

    /// Panics if the bytes are no set of integers. For tests.
    pub fn check_invariants(&self) {
        assert_eq!(IntsetRef::new(self.as_bytes()).map(|_| ()), Ok(()));
    }

    /// Adds an integer that is wider than all others. So it is less than all of them, or greater.
    fn widen_with(&mut self, value: i64) -> Result<(), TooLarge> {
        let (old, new) = (self.view().width(), Width::of(value));
        let len = self.view().len();
        let grown = len.checked_add(1).and_then(|len| len.checked_mul(new.bytes())).ok_or(TooLarge)?;
        if grown > BYTES_MAX - HEADER_BYTES {
            return Err(TooLarge);
        }
        let end = self.as_bytes().len();
        self.bytes.resize_at(end, 0, HEADER_BYTES + grown - end);
        let before = usize::from(value < 0);
        let integers = self.integers_mut();
        // From the last on, so that none is overwritten before it is read.
        for index in (0..len).rev() {
            let moved = old.read(integers, index).expect("the set has as many integers as before");
            new.write(integers, index + before, moved);
        }
        new.write(integers, if value < 0 { 0 } else { len }, value);
        self.write_header(new);
        Ok(())
    }

    fn integers_mut(&mut self) -> &mut [u8] {
        &mut self.bytes.as_mut()[HEADER_BYTES..]
    }

    fn write_header(&mut self, width: Width) {
        let bytes = self.bytes.as_mut();
        let count = (bytes.len() - HEADER_BYTES) / width.bytes();
        let count = u32::try_from(count).expect("BYTES_MAX was checked before the set grew");
        bytes[..4].copy_from_slice(&(width as u32).to_le_bytes());
        bytes[4..HEADER_BYTES].copy_from_slice(&count.to_le_bytes());
    }
}

impl<S: Storage + Default> Default for Intset<S> {
    fn default() -> Self {
        Self::empty_in(S::default())
    }
}

impl<S: Storage> PartialEq for Intset<S> {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl<S: Storage> Eq for Intset<S> {}

impl<S: Storage> fmt::Debug for Intset<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[i64]) -> Intset {
        let mut set = Intset::new();
        for &value in values {
            set.insert(value).unwrap();
            set.check_invariants();
        }
        set
    }

    #[test]
    fn the_width_grows_with_the_widest_and_stays() {
        let mut widened = set(&[1, 2, -5]);
        assert_eq!(widened.as_bytes()[0], 2);
        widened.insert(-40_000).unwrap();
        assert_eq!(widened.as_bytes()[0], 4);
        widened.insert(i64::MAX).unwrap();
        assert_eq!(widened.as_bytes()[0], 8);
        assert_eq!(widened.view().iter().collect::<Vec<_>>(), [-40_000, -5, 1, 2, i64::MAX]);
        assert!(widened.remove(i64::MAX) && widened.remove(-40_000));
        assert_eq!(widened.as_bytes()[0], 8);
        assert_eq!(widened.as_bytes().len(), 8 + 3 * 8);
        widened.check_invariants();
    }

    #[test]
    fn an_integer_is_in_the_set_once() {
        let mut once = set(&[3, 1, 2]);
        assert_eq!(once.insert(2), Ok(false));
        assert_eq!(once.view().len(), 3);
        assert!(!once.remove(4));
        assert_eq!(once.remove_at(1), Some(2));
        assert_eq!(once.remove_at(2), None);
        assert_eq!(once, set(&[1, 3]));
    }

    #[test]
    fn the_first_integer_may_be_wide() {
        assert_eq!(set(&[i64::MIN]).as_bytes(), [8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]);
    }
}

//! Reading a set.

use std::fmt;

use super::width::Width;
use crate::frame::BYTES_MAX;
use crate::malformed::{Fault, Malformed};

/// Bytes before the first integer.
pub(crate) const HEADER_BYTES: usize = 8;

/// A set of integers in bytes that belong to somebody else.
///
/// Reading never allocates, and never panics whatever the bytes are.
#[derive(Clone, Copy)]
pub struct IntsetRef<'a> {
    bytes: &'a [u8],
}

impl<'a> IntsetRef<'a> {
    /// Takes bytes from elsewhere, all of which are checked.
    ///
    /// # Errors
    ///
    /// The first fault, if they are no set of integers from the first byte to the last.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let set = Self { bytes };
        set.validate()?;
        Ok(set)
    }

    /// Takes bytes that were a set of integers when they were stored.
    ///
    /// Nothing is checked. If they are none, integers are wrong or missing, and that is all.
    pub fn trusted(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The whole set as it is stored, in files too.
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The number of integers.
    pub fn len(self) -> usize {
        self.integers().len() / self.width().bytes()
    }

    /// Whether there is no integer.
    pub fn is_empty(self) -> bool {
        self.integers().is_empty()
    }

    /// The integer with `index` in ascending order, from 0.
    pub fn get(self, index: usize) -> Option<i64> {
        self.width().read(self.integers(), index)
    }

    /// The least.
    pub fn first(self) -> Option<i64> {
        self.get(0)
    }

    /// The greatest.
    pub fn last(self) -> Option<i64> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Whether `value` is in the set. Takes a binary search.
    pub fn contains(self, value: i64) -> bool {
        self.search(value).is_ok()
    }

    /// The index of `value`, or the index that it would have. Takes a binary search.
    ///
    /// # Errors
    ///
    /// `value` isn't in the set.
    pub fn search(self, value: i64) -> Result<usize, usize> {
        let (width, integers) = (self.width(), self.integers());
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match width.read(integers, middle) {
                Some(found) if found < value => low = middle + 1,
                Some(found) if found == value => return Ok(middle),
                _ => high = middle,
            }
        }
        Err(low)
    }

    /// All integers in ascending order, from either end.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + Clone + 'a {
        let width = self.width();
        self.integers().chunks_exact(width.bytes()).map(move |integer| width.read(integer, 0).unwrap_or(0))
    }

    pub(crate) fn integers(self) -> &'a [u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }

    pub(crate) fn width(self) -> Width {
        self.field(0).and_then(Width::from_bytes).unwrap_or(Width::Eight)
    }

    fn field(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    fn validate(self) -> Result<(), Malformed> {
        let fault = |offset, fault| Err(Malformed::new(offset, fault));
        if self.bytes.len() > BYTES_MAX {
            return fault(0, Fault::TooLong);
        }
        let (Some(width), Some(count)) = (self.field(0), self.field(4)) else {
            return fault(0, Fault::TooShort);
        };
        let Some(width) = Width::from_bytes(width) else { return fault(0, Fault::UnknownWidth) };
        if (count as usize).checked_mul(width.bytes()) != Some(self.integers().len()) {
            return fault(4, Fault::WrongCount);
        }
        match self.iter().zip(self.iter().skip(1)).position(|(one, next)| one >= next) {
            Some(index) => fault(HEADER_BYTES + (index + 1) * width.bytes(), Fault::Unsorted),
            None => Ok(()),
        }
    }
}

impl PartialEq for IntsetRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for IntsetRef<'_> {}

impl fmt::Debug for IntsetRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_valid() {
        let bytes = [2, 0, 0, 0, 3, 0, 0, 0, 0xFB, 0xFF, 1, 0, 2, 0];
        let set = IntsetRef::new(&bytes).unwrap();
        assert_eq!(set.iter().collect::<Vec<_>>(), [-5, 1, 2]);
        assert_eq!((set.first(), set.last(), set.get(1), set.get(3)), (Some(-5), Some(2), Some(1), None));
        assert_eq!([-6, -5, 0, 1, 3].map(|value| set.search(value)), [Err(0), Ok(0), Err(1), Ok(1), Err(3)]);
        assert!(IntsetRef::new(&[4, 0, 0, 0, 0, 0, 0, 0]).unwrap().is_empty());
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        let fault = |bytes: &[u8]| {
            IntsetRef::new(bytes).map_err(|malformed| (malformed.offset, malformed.fault)).unwrap_err()
        };
        assert_eq!(fault(&[2, 0, 0, 0, 0, 0, 0]), (0, Fault::TooShort));
        assert_eq!(fault(&[3, 0, 0, 0, 0, 0, 0, 0]), (0, Fault::UnknownWidth));
        assert_eq!(fault(&[2, 0, 0, 0, 1, 0, 0, 0]), (4, Fault::WrongCount));
        assert_eq!(fault(&[2, 0, 0, 0, 1, 0, 0, 0, 1]), (4, Fault::WrongCount));
        assert_eq!(fault(&[8, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1]), (4, Fault::WrongCount));
        assert_eq!(fault(&[2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0]), (10, Fault::Unsorted));
        assert_eq!(fault(&[2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 2, 0, 0, 0]), (12, Fault::Unsorted));
    }
}

//! How many values of each type there are, by how long they are: what `INFO keysizes` adds up.
//!
//! A table keeps these counts itself, where entries come, go and change, under its stripe's lock. So they are exact at any moment, and follow
//! a table that is flushed or exchanged without anybody doing something for it.
//!
//! Lengths are counted by powers of two. Overwriting a value with one of about the same length writes nothing, and a stripe, which has a
//! thousandth of all keys, knows few different pairs of type and magnitude. They stand in a row, without an allocation as long as there are
//! [`BINS_INLINE`]: an array of all pairs that could be would take a kilobyte for each of a thousand stripes.

use smallvec::SmallVec;

use crate::object::Kind;

/// Pairs that are counted within the table itself. Few data sets have more in one stripe.
const BINS_INLINE: usize = 4;

/// A value's type and length: bytes of a string, elements of anything else.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// What it is.
    pub kind: Kind,
    /// How long it is.
    pub len: usize,
}

impl Size {
    /// Whether both are counted alike; of two empty values it may say no.
    #[inline]
    pub(crate) fn is_like(self, other: Self) -> bool {
        self.kind == other.kind && is_of_like_length(self.len, other.len)
    }
}

/// Whether both lengths have one magnitude; of two zeros it says no.
#[inline]
pub(crate) fn is_of_like_length(one: usize, other: usize) -> bool {
    // Equal highest bits: what differs is less than what both have.
    one ^ other < one & other
}

/// The order of a length: 0 is counted alone, any other with those that have as many binary digits.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Magnitude(u8);

impl Magnitude {
    /// Number of different ones.
    pub const COUNT: usize = usize::BITS as usize + 1;

    /// That of a length.
    #[inline]
    pub fn of(len: usize) -> Self {
        Self((usize::BITS - len.leading_zeros()) as u8)
    }

    /// Its place among all, in ascending order.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Values with one type and magnitude.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bin {
    kind: Kind,
    magnitude: Magnitude,
    /// 2^32 entries take 64 GiB at least: more than one stripe of a thousand ever has.
    count: u32,
}

/// The values of one table, counted by type and magnitude.
///
/// Invariant: no two bins have the same type and magnitude, and none is empty.
#[derive(Debug, Default)]
pub struct Sizes {
    bins: SmallVec<[Bin; BINS_INLINE]>,
}

impl Sizes {
    /// Counts a value that is new.
    pub(crate) fn add(&mut self, size: Size) {
        let magnitude = Magnitude::of(size.len);
        match self.place(size.kind, magnitude) {
            Some(place) => self.bins[place].count += 1,
            None => self.bins.push(Bin { kind: size.kind, magnitude, count: 1 }),
        }
    }

    /// Forgets a value that goes; it must have been counted with this size.
    pub(crate) fn remove(&mut self, size: Size) {
        let place = self.place(size.kind, Magnitude::of(size.len));
        debug_assert!(place.is_some(), "whatever goes was counted when it came");
        let Some(place) = place else { return };
        self.bins[place].count -= 1;
        if self.bins[place].count == 0 {
            self.bins.swap_remove(place);
        }
    }

    /// Counts a value elsewhere that has changed. Three operations and no write as long as its magnitude stays.
    #[inline]
    pub(crate) fn change(&mut self, before: Size, after: Size) {
        if !before.is_like(after) {
            self.shift(before, after);
        }
    }

    #[cold]
    fn shift(&mut self, before: Size, after: Size) {
        if before != after {
            self.remove(before);
            self.add(after);
        }
    }

    #[inline]
    fn place(&self, kind: Kind, magnitude: Magnitude) -> Option<usize> {
        self.bins.iter().position(|bin| bin.magnitude == magnitude && bin.kind == kind)
    }

    /// Each type and magnitude of which there are values, and how many, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, Magnitude, u64)> {
        self.bins.iter().map(|bin| (bin.kind, bin.magnitude, u64::from(bin.count)))
    }

    /// Bytes of memory besides the table's own.
    pub(crate) fn memory_bytes(&self) -> usize {
        if self.bins.spilled() { self.bins.capacity() * size_of::<Bin>() } else { 0 }
    }

    /// Panics if the counts aren't those of these values. O(n).
    pub(crate) fn check(&self, values: impl Iterator<Item = Size>) {
        let mut recounted = Self::default();
        values.for_each(|size| recounted.add(size));
        recounted.bins.sort_unstable();
        let mut bins = self.bins.clone();
        bins.sort_unstable();
        assert_eq!(bins, recounted.bins, "values are counted by their sizes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn string(len: usize) -> Size {
        Size { kind: Kind::String, len }
    }

    #[test]
    fn magnitudes_are_powers_of_two() {
        let indices = [0, 1, 2, 3, 4, 7, 8, 1023, 1024, usize::MAX].map(|len| Magnitude::of(len).index());
        assert_eq!(indices, [0, 1, 2, 2, 3, 3, 4, 10, 11, Magnitude::COUNT - 1]);
    }

    #[test]
    fn a_bin_is_no_larger_than_a_pointer() {
        const { assert!(size_of::<Bin>() == 8) }
    }

    proptest! {
        #[test]
        fn alike_is_of_equal_magnitude(one in 0usize..5000, other in 0usize..5000) {
            let is_equal = Magnitude::of(one) == Magnitude::of(other);
            prop_assert_eq!(string(one).is_like(string(other)), is_equal && one != 0);
            let list = Size { kind: Kind::List, len: one };
            prop_assert!(!list.is_like(string(one)));
        }

        #[test]
        fn counts_are_those_of_the_values(steps in prop::collection::vec((0usize..20, 0usize..3000), 1..200)) {
            let mut sizes = Sizes::default();
            let mut values: Vec<Option<Size>> = vec![None; 20];
            for (place, len) in steps {
                let kind = if len % 3 == 0 { Kind::Set } else { Kind::String };
                let new = (len % 7 != 0).then_some(Size { kind, len });
                match (values[place], new) {
                    (Some(old), Some(new)) => sizes.change(old, new),
                    (Some(old), None) => sizes.remove(old),
                    (None, Some(new)) => sizes.add(new),
                    (None, None) => {}
                }
                values[place] = new;
                sizes.check(values.iter().flatten().copied());
            }
        }
    }
}

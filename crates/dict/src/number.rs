//! Numbers as items, for callers who keep their elements in a store of their own.

use crate::item::Item;
use std::num::NonZeroUsize;
use std::ptr::NonNull;

/// A number below 2^48 - 1, such as the place of an element in an arena.
///
/// A table of these is safe to use without any unsafe code on the caller's side. Prefetching items, which takes them for addresses,
/// is of no use with it and does no harm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Number(NonZeroUsize);

impl Number {
    /// Numbers are below this.
    pub const END: u64 = (1 << 48) - 1;

    /// Panics if the number is [`Number::END`] or more.
    #[inline]
    pub const fn new(number: u64) -> Self {
        assert!(number < Self::END, "a number below 2^48 - 1");
        // One more than the number, since a pointer that is zero is none.
        match NonZeroUsize::new(number as usize + 1) {
            Some(stored) => Self(stored),
            None => unreachable!(),
        }
    }

    /// The number.
    #[inline]
    pub const fn value(self) -> u64 {
        (self.0.get() - 1) as u64
    }
}

// SAFETY: a number owns nothing and is itself in either form; it is below 2^48 with the one added.
unsafe impl Item for Number {
    #[inline]
    fn into_raw(self) -> NonNull<()> {
        NonNull::without_provenance(self.0)
    }

    #[inline]
    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        Self(raw.addr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dict;

    #[test]
    fn a_table_of_numbers_gives_them_back() {
        let numbers = [0, 1, 77, 1 << 40, Number::END - 1];
        let mut dict = Dict::new();
        for number in numbers {
            dict.insert(number, Number::new(number), |number| number.value());
        }
        for number in numbers {
            assert_eq!(dict.find(number, |it| it.value() == number).map(|it| it.value()), Some(number));
        }
        assert_eq!(dict.remove(77, |it| it.value() == 77), Some(Number::new(77)));
        assert!(dict.find(77, |_| true).is_none());
        dict.check_invariants(|number| number.value());
    }

    #[test]
    #[should_panic(expected = "a number below 2^48 - 1")]
    fn a_number_of_more_bits_is_refused() {
        let _ = Number::new(Number::END);
    }
}

//! A list in whichever form.

use std::collections::vec_deque;

use listpack::{Element, Listpack, Storage};

use super::iter::{Iter, NodeIter};
use super::limit::Limit;
use super::quicklist::Quicklist;
use super::{End, Side, packed};

/// A list: packed while it is small.
///
/// What changes one is told the [`Limit`] up to which it stays packed. A list that shrinks is packed again once it is half as large.
///
/// ```
/// use kvd_structures::list::{End, Limit, List};
///
/// let mut list: List<Vec<u8>> = List::default();
/// list.push(End::Back, [&b"a"[..], b"b", b"c"].into_iter(), Limit::default());
/// assert_eq!(list.get(1).unwrap().to_vec(), b"b");
/// list.remove_at_end(End::Front, 2, Limit::default());
/// assert_eq!(list.iter().next().unwrap().to_vec(), b"c");
/// ```
#[derive(Clone)]
pub enum List<S> {
    /// One listpack.
    Packed(Listpack<S>),
    /// Several, or an element too large for one.
    Large(Box<Quicklist>),
}

impl<S: Storage + Default> Default for List<S> {
    fn default() -> Self {
        Self::Packed(Listpack::empty_in(S::default()))
    }
}

impl<S: Storage> List<S> {
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::Packed(packed) => packed.view().len(),
            Self::Large(large) => large.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory. O(1).
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Packed(packed) => packed.memory_bytes(),
            Self::Large(large) => large.memory_bytes(),
        }
    }

    /// The element at an end. O(1).
    #[inline]
    pub fn at(&self, end: End) -> Option<Element<'_>> {
        match self {
            Self::Packed(packed) => packed::at(packed.view(), end),
            Self::Large(large) => large.at(end),
        }
    }

    /// The element with this index.
    pub fn get(&self, index: usize) -> Option<Element<'_>> {
        match self {
            Self::Packed(packed) => packed.view().get(index),
            Self::Large(large) => large.get(index),
        }
    }

    /// All elements, from either end.
    pub fn iter(&self) -> Iter<'_> {
        match self {
            Self::Packed(packed) => {
                Iter::new(NodeIter::Packed(packed.view().iter()), vec_deque::Iter::default())
            }
            Self::Large(large) => large.iter(),
        }
    }

    /// The elements from this one on.
    pub fn iter_from(&self, index: usize) -> Iter<'_> {
        match self {
            Self::Packed(packed) => {
                Iter::new(packed::iter_from(packed.view(), index), vec_deque::Iter::default())
            }
            Self::Large(large) => large.iter_from(index),
        }
    }

    /// The indexes of the elements that are this text, ascending. Faster than to compare what [`iter`](Self::iter) gives.
    pub fn indexes_of<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + use<'a, S> {
        let (packed, large) = match self {
            Self::Packed(packed) => (Some(packed.view()), None),
            Self::Large(large) => (None, Some(large)),
        };
        let in_packed = packed.into_iter().flat_map(|packed| packed::indexes_of(packed, text));
        in_packed.chain(large.into_iter().flat_map(|large| large.indexes_of(text)))
    }

    /// Panics if something is not as it should be. For tests.
    pub fn check_invariants(&self) {
        match self {
            Self::Packed(packed) => packed.check_invariants(),
            Self::Large(large) => large.check_invariants(),
        }
    }
}

impl<S: Storage + Default> List<S> {
    /// Adds elements at an end, one after the other.
    pub fn push<'e>(&mut self, end: End, texts: impl Iterator<Item = &'e [u8]> + Clone, limit: Limit) {
        self.make_room(texts.clone(), limit);
        match self {
            Self::Packed(packed) => texts.for_each(|text| packed::push(packed, end, text)),
            Self::Large(large) => texts.for_each(|text| large.push(end, text, limit)),
        }
    }

    /// Removes so many elements at an end, or as many as there are.
    pub fn remove_at_end(&mut self, end: End, count: usize, limit: Limit) {
        match self {
            Self::Packed(packed) => {
                let first = match end {
                    End::Front => 0,
                    End::Back => packed.view().len().saturating_sub(count),
                };
                packed::remove(packed, first, count);
            }
            Self::Large(large) => large.remove_at_end(end, count),
        }
        self.shrink(limit);
    }

    /// The same, but many elements are returned in one piece, for somebody else to free. What is returned is all or most of what was removed.
    pub fn cut_at_end(&mut self, end: End, count: usize, limit: Limit) -> Option<Self> {
        let Self::Large(large) = self else {
            self.remove_at_end(end, count, limit);
            return None;
        };
        let cut = large.cut_at_end(end, count);
        self.shrink(limit);
        cut.map(|cut| Self::Large(Box::new(cut)))
    }

    /// Moves an element from an end to an end.
    pub fn rotate(&mut self, from: End, to: End, limit: Limit) {
        let Some(text) = self.at(from).map(Element::to_vec) else { return };
        match self {
            Self::Packed(packed) => {
                let last = packed.view().len() - 1;
                packed::remove(packed, if from == End::Front { 0 } else { last }, 1);
            }
            Self::Large(large) => large.remove_at_end(from, 1),
        }
        // Not packed in between: whether it is small is asked when it is complete.
        self.push(to, std::iter::once(&*text), limit);
        self.shrink(limit);
    }

    /// Puts an element into the place of the one with this index. Returns whether there is one.
    pub fn set(&mut self, index: usize, text: &[u8], limit: Limit) -> bool {
        // Reckoned as if it were added: so do the servers that this is compared with.
        self.make_room(std::iter::once(text), limit);
        let is_there = match self {
            Self::Packed(packed) => {
                packed::replace(packed, index, text);
                index < packed.view().len()
            }
            Self::Large(large) => large.set(index, text, limit),
        };
        if is_there {
            self.shrink(limit);
        }
        is_there
    }

    /// Puts an element beside the first that is `pivot`. Returns whether there is one.
    pub fn insert(&mut self, pivot: &[u8], side: Side, text: &[u8], limit: Limit) -> bool {
        self.make_room(std::iter::once(text), limit);
        match self {
            Self::Packed(packed) => packed::insert(packed, pivot, side, text),
            Self::Large(large) => large.insert(pivot, side, text, limit),
        }
    }

    /// Removes elements that are this text, at most so many, beginning at an end. Returns how many.
    pub fn remove_equal(&mut self, text: &[u8], max: usize, from: End, limit: Limit) -> usize {
        let removed = match self {
            Self::Packed(packed) => packed::remove_equal(packed, text, max, from),
            Self::Large(large) => large.remove_equal(text, max, from),
        };
        self.shrink(limit);
        removed
    }

    /// Makes the list large if it may not stay packed with these texts added.
    #[inline]
    fn make_room<'e>(&mut self, texts: impl Iterator<Item = &'e [u8]>, limit: Limit) {
        let Self::Packed(packed) = self else { return };
        let (bytes, count) = texts.fold((0_usize, 0), |(bytes, count), text| (bytes + text.len(), count + 1));
        if !limit.admits(packed.as_bytes().len(), packed.view().len(), bytes, count) {
            let mut large = Box::new(Quicklist::default());
            large.push_listpack(Listpack::trusted(packed.as_bytes().to_vec()));
            *self = Self::Large(large);
        }
    }

    /// Packs the list if it has become small.
    #[inline]
    fn shrink(&mut self, limit: Limit) {
        let Self::Large(large) = self else { return };
        let Some(small) = large.as_small(limit) else { return };
        let mut storage = S::default();
        let bytes = small.as_bytes();
        storage.resize_at(0, 0, bytes.len());
        storage.as_mut().copy_from_slice(bytes);
        *self = Self::Packed(Listpack::trusted(storage));
    }
}

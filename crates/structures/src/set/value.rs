//! A value of this type, in whichever form.

use listpack::{Intset, Listpack, Storage};

use super::members::HashedSet;

/// A value: packed while it is small.
#[derive(Clone)]
pub enum Set<S> {
    /// Integers only.
    Integers(Intset<S>),
    /// Packed.
    Packed(Listpack<S>),
    /// Large.
    Large(Box<HashedSet>),
}

impl<S: Storage + Default> Default for Set<S> {
    fn default() -> Self {
        Self::Integers(Intset::empty_in(S::default()))
    }
}

impl<S: Storage> Set<S> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(integers) => integers.view().len(),
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
            Self::Integers(integers) => integers.as_bytes().len(),
            Self::Packed(packed) => packed.as_bytes().len(),
            Self::Large(large) => large.memory_bytes(),
        }
    }
}

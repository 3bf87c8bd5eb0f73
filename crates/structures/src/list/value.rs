//! A value of this type, in whichever form.

use listpack::{Listpack, Storage};

use super::large::Quicklist;

/// A value: packed while it is small.
#[derive(Clone)]
pub enum List<S> {
    /// Packed.
    Packed(Listpack<S>),
    /// Large.
    Large(Box<Quicklist>),
}

impl<S: Storage + Default> Default for List<S> {
    fn default() -> Self {
        Self::Packed(Listpack::empty_in(S::default()))
    }
}

impl<S: Storage> List<S> {
    /// Number of elements.
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
            Self::Packed(packed) => packed.as_bytes().len(),
            Self::Large(large) => large.memory_bytes(),
        }
    }
}

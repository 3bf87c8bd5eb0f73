//! A set in whichever form, and reading it.

use listpack::{Element, Intset, Listpack, Storage, TextBuffer};

use super::members::HashedSet;

/// A set: packed while it is small.
///
/// ```
/// use kvd_structures::{HashKey, Set};
/// use kvd_structures::set::Limits;
///
/// let hash_key = HashKey::new(*b"16 random bytes!");
/// let limits = Limits { integers_max: 512, entries_max: 128, bytes_max: 64, hash_key };
/// let mut set: Set<Vec<u8>> = Set::default();
/// assert!(set.insert(b"7", &limits));
/// assert!(matches!(set, Set::Integers(_)));
/// assert!(set.insert(b"seven", &limits));
/// assert!(matches!(set, Set::Packed(_)));
/// assert!(set.contains(b"7") && set.remove(b"7") && !set.contains(b"7"));
/// ```
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
    /// Number of members. O(1), but for a packed set that was configured to have tens of thousands.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(integers) => integers.view().len(),
            Self::Packed(packed) => packed.view().len(),
            Self::Large(large) => large.len(),
        }
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this is a member.
    #[inline]
    pub fn contains(&self, member: &[u8]) -> bool {
        match self {
            Self::Integers(integers) => {
                Element::Bytes(member).int().is_some_and(|number| integers.view().contains(number))
            }
            Self::Packed(packed) => packed.view().find(member, 0).is_some(),
            Self::Large(large) => large.contains(member),
        }
    }

    /// The same for a member of another set.
    #[inline]
    pub fn contains_element(&self, member: Element<'_>) -> bool {
        match (self, member) {
            (Self::Integers(integers), Element::Int(number)) => integers.view().contains(number),
            _ => self.contains(member.text(&mut TextBuffer::new())),
        }
    }

    /// All members: integers in ascending order, packed ones in the order in which they came, others in none.
    pub fn iter(&self) -> impl Iterator<Item = Element<'_>> {
        let (integers, packed, large) = match self {
            Self::Integers(integers) => (Some(integers.view().iter()), None, None),
            Self::Packed(packed) => (None, Some(packed.view().iter()), None),
            Self::Large(large) => (None, None, Some(large.iter())),
        };
        let integers = integers.into_iter().flatten().map(Element::Int);
        let large = large.into_iter().flatten().map(Element::Bytes);
        integers.chain(packed.into_iter().flatten()).chain(large)
    }

    /// Shows `count` members or a few more, and returns the cursor to go on with; 0 when all have been shown. A small set shows all at
    /// once. See [`HashedSet::scan`].
    pub fn scan<'s>(&'s self, cursor: u64, count: usize, mut visit: impl FnMut(Element<'s>)) -> u64 {
        let Self::Large(large) = self else {
            self.iter().for_each(visit);
            return 0;
        };
        large.scan(cursor, count, |member| visit(Element::Bytes(member)))
    }

    /// Bytes of memory beside this value itself. O(1).
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Integers(integers) => integers.memory_bytes(),
            Self::Packed(packed) => packed.memory_bytes(),
            Self::Large(large) => size_of::<HashedSet>() + large.memory_bytes(),
        }
    }

    /// Panics if the set is not as it should be. Takes the time of a full walk.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        match self {
            Self::Integers(integers) => integers.check_invariants(),
            Self::Packed(packed) => packed.check_invariants(),
            Self::Large(large) => large.check_invariants(),
        }
    }
}

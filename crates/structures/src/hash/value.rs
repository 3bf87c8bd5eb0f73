//! A hash in whichever form, and reading it.

use listpack::{Element, Listpack, Storage};

use super::field::{Found, is_due};
use super::map::FieldMap;
use super::packed;

/// Draws of a field by chance of which none may be due; then the first that is not is taken.
const DRAWS_MAX: usize = 64;

/// Values under fields: packed while it is small.
///
/// ```
/// use kvd_structures::{Hash, HashKey};
/// use kvd_structures::hash::{Lifetime, Limits};
///
/// let limits = Limits { fields_max: 128, bytes_max: 64, hash_key: HashKey::new(*b"16 random bytes!") };
/// let mut hash: Hash<Vec<u8>> = Hash::default();
/// assert!(hash.set(b"colour", b"red", Lifetime::Until(2_000), &limits));
/// assert!(hash.find(b"colour", 2_000).is_some());
/// assert!(hash.find(b"colour", 2_001).is_none());
/// let mut gone = Vec::new();
/// hash.expire(2_001, 10, |field| gone.push(field.to_vec()));
/// assert_eq!(gone, [b"colour"]);
/// assert!(hash.is_empty());
/// ```
#[derive(Clone)]
pub enum Hash<S> {
    /// Fields and values in turn; none expires.
    Packed(Listpack<S>),
    /// Fields, values and expiries in turn: there is one with an expiry, or was.
    Dated(Listpack<S>),
    /// Large.
    Large(Box<FieldMap>),
}

impl<S: Storage + Default> Default for Hash<S> {
    fn default() -> Self {
        Self::Packed(Listpack::empty_in(S::default()))
    }
}

impl<S: Storage> Hash<S> {
    /// Number of fields, due ones included. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::Packed(pairs) => pairs.view().len() / 2,
            Self::Dated(triples) => triples.view().len() / 3,
            Self::Large(map) => map.len(),
        }
    }

    /// Whether there are none. O(1).
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of fields that are not due. O(1) if none is due, else O(n).
    pub fn live_len(&self, now_ms: i64) -> usize {
        if !self.has_due(now_ms) {
            return self.len();
        }
        let mut live = 0;
        self.visit(now_ms, |_, _| live += 1);
        live
    }

    /// A field that is not due.
    #[inline]
    pub fn find(&self, field: &[u8], now_ms: i64) -> Option<Found<'_>> {
        self.find_any(field).filter(|found| !found.is_due(now_ms))
    }

    /// A field, due or not.
    pub(super) fn find_any(&self, field: &[u8]) -> Option<Found<'_>> {
        match self {
            Self::Packed(pairs) => {
                let list = pairs.view();
                let value = list.at(list.next(list.find(field, 1)?)?)?;
                Some(Found { value, expiry_ms: None })
            }
            Self::Dated(triples) => packed::found(triples.view(), packed::find(triples.view(), field)?),
            Self::Large(map) => map.find(field),
        }
    }

    /// Shows all fields that are not due. O(n).
    pub fn visit(&self, now_ms: i64, mut visit: impl FnMut(Element<'_>, Found<'_>)) {
        self.visit_any(|field, found| {
            if !found.is_due(now_ms) {
                visit(field, found);
            }
        });
    }

    /// Shows all fields, due or not.
    pub(super) fn visit_any(&self, mut visit: impl FnMut(Element<'_>, Found<'_>)) {
        match self {
            Self::Packed(pairs) => {
                let mut elements = pairs.view().iter();
                while let (Some(field), Some(value)) = (elements.next(), elements.next()) {
                    visit(field, Found { value, expiry_ms: None });
                }
            }
            Self::Dated(triples) => {
                let mut elements = triples.view().iter();
                while let (Some(field), Some(value), Some(expiry)) =
                    (elements.next(), elements.next(), elements.next())
                {
                    visit(field, Found { value, expiry_ms: packed::expiry_of(expiry) });
                }
            }
            Self::Large(map) => map.iter().for_each(|(field, found)| visit(Element::Bytes(field), found)),
        }
    }

    /// Shows about `count` fields less those that are due, and returns the cursor to go on with; 0 when all have been shown. A packed hash
    /// shows all at once. See [`FieldMap::scan`].
    pub fn scan(
        &self,
        cursor: u64,
        count: usize,
        now_ms: i64,
        mut visit: impl FnMut(Element<'_>, Found<'_>),
    ) -> u64 {
        let Self::Large(map) = self else {
            self.visit(now_ms, visit);
            return 0;
        };
        map.scan(cursor, count, |field, found| {
            if !found.is_due(now_ms) {
                visit(Element::Bytes(field), found);
            }
        })
    }

    /// A field by chance that is not due. All are as good as equally likely as long as not most of them are due.
    pub fn sample(&self, now_ms: i64, mut random: impl FnMut() -> u64) -> Option<(Element<'_>, Found<'_>)> {
        let drawn =
            (0..DRAWS_MAX).find_map(|_| self.sample_any(random()).filter(|(_, found)| !found.is_due(now_ms)));
        drawn.or_else(|| self.first_live(now_ms))
    }

    fn sample_any(&self, random: u64) -> Option<(Element<'_>, Found<'_>)> {
        let index = |len: usize| ((u128::from(random) * len as u128) >> 64) as usize;
        match self {
            Self::Packed(pairs) => {
                let list = pairs.view();
                let field = list.nth(index(list.len() / 2) * 2)?;
                Some((list.at(field)?, Found { value: list.at(list.next(field)?)?, expiry_ms: None }))
            }
            Self::Dated(triples) => {
                let list = triples.view();
                let field = list.nth(index(list.len() / 3) * 3)?;
                Some((list.at(field)?, packed::found(list, field)?))
            }
            Self::Large(map) => map.sample(random).map(|(field, found)| (Element::Bytes(field), found)),
        }
    }

    fn first_live(&self, now_ms: i64) -> Option<(Element<'_>, Found<'_>)> {
        match self {
            Self::Packed(_) => self.sample_any(0),
            Self::Dated(triples) => {
                let list = triples.view();
                let field = list.nth_back(packed::BESIDE_FIELD)?;
                let last = (list.at(field)?, packed::found(list, field)?);
                Some(last).filter(|(_, found)| !found.is_due(now_ms))
            }
            Self::Large(map) => {
                let live = map.iter().find(|(_, found)| !is_due(found.expiry_ms, now_ms));
                live.map(|(field, found)| (Element::Bytes(field), found))
            }
        }
    }

    /// Bytes of memory. O(1).
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Packed(list) | Self::Dated(list) => list.memory_bytes(),
            Self::Large(map) => size_of::<FieldMap>() + map.memory_bytes(),
        }
    }

    /// Panics if the hash is not as it should be. O(n).
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        match self {
            Self::Packed(pairs) => {
                pairs.check_invariants();
                assert_eq!(pairs.view().len() % 2, 0, "every field has a value");
            }
            Self::Dated(triples) => {
                triples.check_invariants();
                assert_eq!(triples.view().len() % 3, 0, "every field has a value and an expiry");
                let mut expiries = Vec::new();
                self.visit_any(|_, found| expiries.push(found.expiry_ms.unwrap_or(i64::MAX)));
                assert!(expiries.is_sorted(), "in the order of time, those that don't expire last");
            }
            Self::Large(map) => map.check_invariants(),
        }
    }
}

//! One slot of a bucket: eight bytes that are nothing, an item or a link.
//!
//! ```text
//!  63   62                      48 47                                            0
//! ┌───┬────────────────────────────┬──────────────────────────────────────────────┐
//! │ 0 │ 0                          │ 0                                            │  empty
//! │ 1 │ 15 bits of the item's hash │ the item's pointer                           │  item
//! │ 0 │ filter of what lies beyond │ the next bucket of the chain                 │  link (last slot only)
//! └───┴────────────────────────────┴──────────────────────────────────────────────┘
//! ```
//!
//! The top bit makes a tag unequal to whatever an empty slot or a link has in its place, so one comparison of the
//! upper 16 bits says "an item that may be the one" and needs no second look.
//!
//! The slot is kept as a pointer and not as a number: `map_addr` keeps its provenance, so that the code means the same to
//! the compiler, to Miri and to the processor.

use crate::bucket::Bucket;
use std::ptr::{NonNull, null_mut};

/// Bits of a slot that hold a pointer.
pub(crate) const POINTER_BITS: u32 = 48;

/// Bits of an item's hash in its slot.
pub(crate) const TAG_BITS: u32 = 15;

const POINTER_MASK: usize = (1 << POINTER_BITS) - 1;
const OCCUPIED: u16 = 1 << TAG_BITS;

const _: () = assert!(size_of::<usize>() == 8, "a pointer and a tag share 64 bits");
const _: () = assert!(POINTER_BITS + TAG_BITS + 1 == 64);

/// The upper 16 bits of an item's slot: a set bit, then [`TAG_BITS`] of the hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tag(u16);

impl Tag {
    /// The tag that holds the lowest [`TAG_BITS`] bits of `bits`.
    #[inline]
    pub(crate) const fn new(bits: u64) -> Self {
        Self(bits as u16 | OCCUPIED)
    }

    /// The hash bits in the tag.
    #[inline]
    pub(crate) const fn bits(self) -> u64 {
        (self.0 & !OCCUPIED) as u64
    }

    /// All 16 bits, as they stand in the slot.
    #[inline]
    pub(crate) const fn upper(self) -> u16 {
        self.0
    }
}

/// A Bloom filter of the tags of all items behind a link, one bit each, so that most misses need not follow it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Filter(u16);

impl Filter {
    /// Says "perhaps" to every tag.
    pub(crate) const ALL: Self = Self(OCCUPIED - 1);

    /// Of the tag's upper eight bits, which differ within a bucket whatever the level, to one of 15.
    #[inline]
    const fn bit(tag: Tag) -> u16 {
        1 << ((((tag.0 >> 7) & 0xFF) as u32 * TAG_BITS) >> 8)
    }

    #[inline]
    pub(crate) const fn with(self, tag: Tag) -> Self {
        Self(self.0 | Self::bit(tag))
    }

    #[inline]
    pub(crate) const fn may_hold(self, tag: Tag) -> bool {
        self.0 & Self::bit(tag) != 0
    }
}

/// The way to the next bucket of a chain.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    pub(crate) next: NonNull<Bucket>,
    /// Covers the tags of all items from `next` to the end of the chain, perhaps of a few removed ones too.
    pub(crate) filter: Filter,
}

/// Eight bytes of a bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Slot(*mut ());

impl Slot {
    pub(crate) const EMPTY: Self = Self(null_mut());

    /// A slot with an item in it. Panics if the pointer needs more than [`POINTER_BITS`] bits.
    #[inline]
    pub(crate) fn item(raw: NonNull<()>, tag: Tag) -> Self {
        Self::packed(raw, tag.0)
    }

    #[inline]
    pub(crate) fn link(link: Link) -> Self {
        Self::packed(link.next.cast(), link.filter.0)
    }

    #[inline]
    fn packed(raw: NonNull<()>, upper: u16) -> Self {
        // One instruction on the way in; without it a pointer from elsewhere would become another one.
        assert!(raw.addr().get() <= POINTER_MASK, "item at an address of more than 48 bits");
        Self(raw.as_ptr().map_addr(|address| address | usize::from(upper) << POINTER_BITS))
    }

    #[inline]
    fn upper(self) -> u16 {
        (self.0.addr() >> POINTER_BITS) as u16
    }

    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_null()
    }

    #[inline]
    pub(crate) fn is_item(self) -> bool {
        self.upper() & OCCUPIED != 0
    }

    /// The tag of an item's slot.
    #[inline]
    pub(crate) fn tag(self) -> Tag {
        debug_assert!(self.is_item());
        Tag(self.upper())
    }

    /// The pointer of an item's slot; `None` for an empty one or a link.
    #[inline]
    pub(crate) fn pointer(self) -> Option<NonNull<()>> {
        if self.is_item() { NonNull::new(self.address()) } else { None }
    }

    /// The link in a bucket's last slot, if it is one.
    #[inline]
    pub(crate) fn as_link(self) -> Option<Link> {
        if self.is_item() {
            return None;
        }
        let next = NonNull::new(self.address())?.cast();
        Some(Link { next, filter: Filter(self.upper()) })
    }

    /// The bucket that a link leads to, if this is a link and an item of this tag may be there.
    ///
    /// One comparison for both questions, which as two would each be a branch hard to foresee.
    #[inline]
    pub(crate) fn link_for(self, tag: Tag) -> Option<NonNull<Bucket>> {
        let bit = Filter::bit(tag);
        if self.upper() & (OCCUPIED | bit) == bit { NonNull::new(self.address().cast()) } else { None }
    }

    /// The pointer bits alone, null when empty.
    #[inline]
    pub(crate) fn address(self) -> *mut () {
        self.0.map_addr(|address| address & POINTER_MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_gives_back_pointer_and_tag() {
        let raw = NonNull::without_provenance(0x7FFF_1234_5670.try_into().expect("not zero"));
        let slot = Slot::item(raw, Tag::new(0x1234_5ABC));
        assert_eq!((slot.pointer(), slot.tag().bits()), (Some(raw), 0x5ABC));
        assert!(slot.is_item() && !slot.is_empty() && slot.as_link().is_none());
    }

    #[test]
    fn a_link_is_no_item() {
        let tags = [Tag::new(0), Tag::new(0x7FFF), Tag::new(0x4000)];
        let filter = tags.iter().fold(Filter::default(), |filter, &tag| filter.with(tag));
        let next = NonNull::<Bucket>::dangling();
        let slot = Slot::link(Link { next, filter });
        assert!(!slot.is_item() && !slot.is_empty() && slot.pointer().is_none());
        let link = slot.as_link().expect("a link");
        assert_eq!((link.next, link.filter), (next, filter));
        assert!(tags.iter().all(|&tag| filter.may_hold(tag)));
        assert!(!filter.may_hold(Tag::new(0x2000)));
        assert_eq!(slot.link_for(tags[1]), Some(next));
        assert_eq!(slot.link_for(Tag::new(0x2000)), None);
        assert_eq!(Slot::EMPTY.link_for(tags[0]), None);
        assert_eq!(Slot::item(NonNull::dangling(), tags[1]).link_for(tags[1]), None);
    }

    #[test]
    #[should_panic(expected = "more than 48 bits")]
    fn a_pointer_of_more_bits_is_refused() {
        let _ = Slot::item(NonNull::without_provenance((1 << 48).try_into().expect("not zero")), Tag::new(0));
    }
}

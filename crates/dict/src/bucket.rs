//! A bucket: eight slots in one cache line, compared all at once.

use crate::slot::{Link, Slot, Tag};

/// Slots of a bucket.
pub(crate) const SLOTS: usize = 8;

/// The slot that may hold a link.
pub(crate) const LINK: usize = SLOTS - 1;

/// Eight slots. An item may stand in each; only the last may be a link to another bucket.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Bucket {
    pub(crate) slots: [Slot; SLOTS],
}

const _: () = assert!(size_of::<Bucket>() == 64, "one cache line");

impl Bucket {
    pub(crate) const EMPTY: Self = Self { slots: [Slot::EMPTY; SLOTS] };

    /// The slots whose item has this tag.
    #[inline]
    pub(crate) fn matches(&self, tag: Tag) -> SlotSet {
        wide::matches(self, tag)
    }

    /// The slots with an item.
    #[inline]
    pub(crate) fn items(&self) -> SlotSet {
        wide::items(self)
    }

    #[inline]
    pub(crate) fn link(&self) -> Option<Link> {
        self.slots[LINK].as_link()
    }

    /// A slot that neither an item nor a link occupies.
    #[inline]
    pub(crate) fn vacant(&self) -> Option<usize> {
        let free = self.items().complement().next()?;
        if self.slots[free].is_empty() { Some(free) } else { None }
    }

    /// Takes the last item out; an empty slot if there is none.
    pub(crate) fn pop(&mut self) -> Slot {
        match self.items().last() {
            Some(slot) => std::mem::replace(&mut self.slots[slot], Slot::EMPTY),
            None => Slot::EMPTY,
        }
    }
}

/// A set of slots of one bucket, and the iterator over it in ascending order.
///
/// Slot `i` is bit `4 i + 3`: the form that comes out of the vector comparison without further work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct SlotSet(u32);

impl SlotSet {
    const ALL: u32 = 0x8888_8888;

    #[inline]
    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The lowest slot of a set that is not empty.
    #[inline]
    pub(crate) fn first(self) -> usize {
        debug_assert!(self.0 != 0);
        self.0.trailing_zeros() as usize / 4
    }

    #[inline]
    fn complement(self) -> Self {
        Self(!self.0 & Self::ALL)
    }
}

impl Iterator for SlotSet {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let slot = self.first();
        self.0 &= self.0 - 1;
        Some(slot)
    }
}

/// SSE2, which every x86-64 has. The upper 16 bits of the eight slots are the lanes 3 and 7 of four registers; packing
/// lanes to bytes keeps their sign, so lane 3 of each slot ends as bit 3 of its four.
#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{Bucket, SlotSet, Tag};
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi16, _mm_load_si128, _mm_movemask_epi8, _mm_packs_epi16, _mm_set1_epi16,
    };

    #[inline]
    pub(super) fn matches(bucket: &Bucket, tag: Tag) -> SlotSet {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let needle = _mm_set1_epi16(tag.upper().cast_signed());
            let [a, b, c, d] = load(bucket).map(|lanes| _mm_cmpeq_epi16(lanes, needle));
            signs(a, b, c, d)
        }
    }

    #[inline]
    pub(super) fn items(bucket: &Bucket) -> SlotSet {
        let [a, b, c, d] = load(bucket);
        signs(a, b, c, d)
    }

    #[inline]
    fn load(bucket: &Bucket) -> [__m128i; 4] {
        let from = (&raw const bucket.slots).cast::<__m128i>();
        // SAFETY: a bucket is 64 bytes, aligned to 64; SSE2 is part of x86-64.
        unsafe {
            [
                _mm_load_si128(from),
                _mm_load_si128(from.add(1)),
                _mm_load_si128(from.add(2)),
                _mm_load_si128(from.add(3)),
            ]
        }
    }

    #[inline]
    fn signs(a: __m128i, b: __m128i, c: __m128i, d: __m128i) -> SlotSet {
        // SAFETY: SSE2 is part of x86-64.
        let (low, high) =
            unsafe { (_mm_movemask_epi8(_mm_packs_epi16(a, b)), _mm_movemask_epi8(_mm_packs_epi16(c, d))) };
        SlotSet((low.cast_unsigned() | high.cast_unsigned() << 16) & SlotSet::ALL)
    }
}

#[cfg(not(target_arch = "x86_64"))]
use portable as wide;

/// The same, slot by slot: for other processors, and the twin that the tests compare with.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    use super::{Bucket, SLOTS, Slot, SlotSet, Tag};

    pub(super) fn matches(bucket: &Bucket, tag: Tag) -> SlotSet {
        collect(bucket, |slot| slot.is_item() && slot.tag() == tag)
    }

    pub(super) fn items(bucket: &Bucket) -> SlotSet {
        collect(bucket, Slot::is_item)
    }

    #[inline]
    fn collect(bucket: &Bucket, hit: impl Fn(Slot) -> bool) -> SlotSet {
        SlotSet((0..SLOTS).fold(0, |set, i| set | u32::from(hit(bucket.slots[i])) << (4 * i + 3)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::Filter;
    use proptest::prelude::*;
    use std::ptr::NonNull;

    fn any_slot() -> impl Strategy<Value = Slot> {
        let item = (1..1_usize << 48, 0..4_u64).prop_map(|(address, tag)| {
            Slot::item(NonNull::without_provenance(address.try_into().expect("from 1")), Tag::new(tag))
        });
        prop_oneof![1 => Just(Slot::EMPTY), 3 => item]
    }

    proptest! {
        #[test]
        fn vectors_find_what_the_loop_finds(
            slots in prop::array::uniform8(any_slot()),
            linked in any::<bool>(),
            tag in 0..4_u64,
        ) {
            let mut bucket = Bucket { slots };
            if linked {
                let filter = Filter::default().with(Tag::new(tag));
                bucket.slots[LINK] = Slot::link(Link { next: NonNull::dangling(), filter });
            }
            let tag = Tag::new(tag);
            prop_assert_eq!(bucket.matches(tag), portable::matches(&bucket, tag));
            prop_assert_eq!(bucket.items(), portable::items(&bucket));
            prop_assert_eq!(bucket.vacant(), bucket.slots.iter().position(|slot| slot.is_empty()));
            prop_assert_eq!(bucket.link().is_some(), linked);
        }
    }
}

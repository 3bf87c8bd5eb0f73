//! Where an element lives: from hash and number of buckets to bucket, tag and place in a scan. Numbers only.
//!
//! With `n` buckets, `2^level <= n < 2^(level + 1)`; the buckets `0..n - 2^level` have been split already:
//!
//! ```text
//!      0        split           2^level         n
//!      ├──────────┼────────────────┼────────────┤
//! bits │ level+1  │     level      │  level+1   │ of the hash decide
//! ```
//!
//! An element's bucket is its hash's lowest `level` bits, or one bit more if that bucket has been split. Adding bucket
//! `n` splits bucket `n - 2^level`; nothing else moves.

use crate::slot::{TAG_BITS, Tag};

/// Bits of a hash that the table looks at. The rest is free for the caller, who may choose a table by them.
pub(crate) const HASH_BITS: u32 = 48;

const HASH_MASK: u64 = (1 << HASH_BITS) - 1;

/// A tag starts at a multiple of this many hash bits.
const WINDOW: u32 = 8;

/// Most bits that can choose a bucket: what a tag of [`TAG_BITS`] bits above them still leaves within the hash.
pub(crate) const LEVEL_MAX: u32 = 32;

/// Growth ends here. 2^32 buckets are 256 GiB without a single item in them.
pub(crate) const BUCKETS_MAX: usize = 1 << LEVEL_MAX;

const _: () = assert!(LEVEL_MAX.is_multiple_of(WINDOW) && LEVEL_MAX + TAG_BITS <= HASH_BITS);

/// A bucket's number and how many hash bits led to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) index: usize,
    pub(crate) level: u32,
}

impl Place {
    /// The bucket of an element in a table of `buckets` buckets, which is not 0.
    #[inline]
    pub(crate) fn of(hash: u64, buckets: usize) -> Self {
        let level = buckets.ilog2();
        let low = hash as usize & ((1 << level) - 1);
        // Sums instead of a branch, which would be as hard to foresee as the hash.
        let level = level + u32::from(low < buckets - (1 << level));
        Self { index: hash as usize & ((1 << level) - 1), level }
    }

    /// The bucket that is split when bucket `buckets` is added, or that takes bucket `buckets` in when it is removed.
    ///
    /// The level is that of the one bucket, not of the two.
    #[inline]
    pub(crate) fn partner(buckets: usize) -> Self {
        let level = buckets.ilog2();
        Self { index: buckets - (1 << level), level }
    }

    /// The tag of an element that lives here.
    ///
    /// It holds [`TAG_BITS`] bits of the hash from the last multiple of [`WINDOW`] at or below the level: the bits that the next
    /// splits ask for. Those of them that the bucket's number repeats don't tell items apart; at least eight do, so that one
    /// miss in forty or less looks at a foreign item.
    #[inline]
    pub(crate) fn tag(self, hash: u64) -> Tag {
        Tag::new(hash >> self.window())
    }

    /// The lowest `window + TAG_BITS` bits of the hash of an element with this tag that lives here.
    #[inline]
    pub(crate) fn known_hash(self, tag: Tag) -> u64 {
        self.index as u64 | tag.bits() << self.window()
    }

    /// Whether tags stay as they are when this place is split, or two are joined to it.
    #[inline]
    pub(crate) fn keeps_tags(self) -> bool {
        !(self.level + 1).is_multiple_of(WINDOW)
    }

    /// Whether an element with this tag leaves for the new bucket when this one is split.
    #[inline]
    pub(crate) fn moves_when_split(self, tag: Tag) -> bool {
        tag.bits() >> (self.level - self.window()) & 1 != 0
    }

    #[inline]
    fn window(self) -> u32 {
        self.level / WINDOW * WINDOW
    }
}

/// Where a hash comes in a scan: its bits in reverse, so that the elements of one bucket, which share their lowest bits,
/// are neighbours whatever the number of buckets.
#[inline]
pub(crate) fn scan_rank(hash: u64) -> u64 {
    (hash & HASH_MASK).reverse_bits() >> (u64::BITS - HASH_BITS)
}

/// The cursor behind the bucket that `cursor` points into when `level` bits choose a bucket; 0 behind the last one.
#[inline]
pub(crate) fn scan_step(cursor: u64, level: u32) -> u64 {
    let width = HASH_BITS - level;
    let next = ((scan_rank(cursor) >> width) + 1) << width;
    scan_rank(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn growing_by_one_moves_elements_of_the_partner_only(hash: u64, buckets in 1..100_000_usize) {
            let (before, after) = (Place::of(hash, buckets), Place::of(hash, buckets + 1));
            let partner = Place::partner(buckets);
            if before.index == partner.index {
                prop_assert_eq!(before, partner);
                prop_assert!(after.index == partner.index || after.index == buckets);
                prop_assert_eq!(after.level, partner.level + 1);
            } else {
                prop_assert_eq!(before, after);
            }
        }

        #[test]
        fn a_tag_is_enough_for_a_split_and_for_a_join(hash: u64, buckets in 1..1_usize << 30) {
            let (before, after) = (Place::of(hash, buckets), Place::of(hash, buckets + 1));
            if before.keeps_tags() {
                prop_assert_eq!(before.tag(hash), Place { level: before.level + 1, ..before }.tag(hash));
                if before.index == Place::partner(buckets).index {
                    prop_assert_eq!(before.moves_when_split(before.tag(hash)), after.index == buckets);
                }
                let known = before.known_hash(before.tag(hash));
                prop_assert_eq!(Place::of(known, buckets + 1), after);
                prop_assert_eq!(after.tag(known), after.tag(hash));
            }
            let known = after.known_hash(after.tag(hash));
            prop_assert_eq!(Place::of(known, buckets), before);
            prop_assert_eq!(before.tag(known), before.tag(hash));
        }

        #[test]
        fn one_round_of_steps_meets_every_bucket_once(buckets in 1..3000_usize) {
            let mut met = vec![0; buckets];
            let mut cursor = 0;
            loop {
                let place = Place::of(cursor, buckets);
                met[place.index] += 1;
                cursor = scan_step(cursor, place.level);
                if cursor == 0 {
                    break;
                }
            }
            prop_assert!(met.iter().all(|&count| count == 1));
        }

        #[test]
        fn a_step_ends_where_the_bucket_ends(cursor: u64, hash: u64, buckets in 1..100_000_usize) {
            let place = Place::of(cursor, buckets);
            let next = scan_step(cursor, place.level);
            prop_assert!(next == 0 || scan_rank(next) > scan_rank(cursor));
            let passed = next == 0 || scan_rank(hash) < scan_rank(next);
            let ahead = scan_rank(hash) >= scan_rank(cursor);
            if passed && ahead {
                prop_assert_eq!(Place::of(hash, buckets), place);
            }
        }
    }

    #[test]
    fn windows_fit_the_hash_up_to_the_largest_table() {
        let place = Place::of(u64::MAX, BUCKETS_MAX);
        assert_eq!((place.level, place.window()), (LEVEL_MAX, LEVEL_MAX));
        assert_eq!(place.tag(HASH_MASK).bits(), 0x7FFF);
    }
}

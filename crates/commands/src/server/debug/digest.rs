//! Fingerprints of data that don't depend on the order of keys.
//!
//! A fingerprint is 20 bytes, zero for nothing. There are two ways to put something in:
//!
//! - *in any order*: exclusive-or with its SHA-1, so that the same things in another order give the same;
//! - *in order*: that, and then the SHA-1 of the whole.
//!
//! The fingerprint of a value is its type as 32 bits in order, then what is in it, and in any order `!!expire!!` if it expires. In a string (0)
//! is its text, in order; in a sorted set (3), in any order, each member: its bytes and the shortest text of its score, in order. That of all data is, for each database with keys, its number as 32 bits, in order; then for each key, in any order, the fingerprint of the key's name
//! and value.

use keyspace::{Entry, Object, SortedSet};
use sha1_smol::Sha1;
use structures::TextBuffer;

use super::shortest::shortest;

/// The numbers of the types.
const STRING: u32 = 0;
const SORTED_SET: u32 = 3;

/// A fingerprint. Shows as 40 hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest([u8; 20]);

impl Digest {
    /// Puts bytes in, in any order.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let hash = Sha1::from(bytes).digest().bytes();
        self.0.iter_mut().zip(hash).for_each(|(own, other)| *own ^= other);
    }

    /// Puts bytes in, in order.
    pub(super) fn mix(&mut self, bytes: &[u8]) {
        self.add(bytes);
        self.0 = Sha1::from(self.0).digest().bytes();
    }

    /// Puts another fingerprint in, in any order.
    pub(super) fn add_digest(&mut self, other: &Self) {
        self.add(&other.0);
    }

    /// Puts the value of an entry in.
    pub(super) fn mix_value(&mut self, entry: &Entry) {
        match entry.object().as_deref() {
            None => {
                self.mix(&STRING.to_be_bytes());
                self.mix(&entry.value().text());
            }
            Some(Object::SortedSet(set)) => self.mix_sorted_set(set),
            Some(_) => {}
        }
        if entry.expiry().is_some() {
            self.add(b"!!expire!!");
        }
    }

    fn mix_sorted_set(&mut self, set: &SortedSet) {
        self.mix(&SORTED_SET.to_be_bytes());
        for (member, score) in set.iter() {
            let mut pair = Self::default();
            pair.mix(member.text(&mut TextBuffer::new()));
            pair.mix(shortest(score).as_bytes());
            self.add(&pair.0);
        }
    }

    /// 40 hexadecimal digits.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

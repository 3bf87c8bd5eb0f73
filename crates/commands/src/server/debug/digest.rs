//! Fingerprints of data that don't depend on the order of keys.
//!
//! A fingerprint is 20 bytes, zero for nothing. There are two ways to put something in:
//!
//! - *in any order*: exclusive-or with its SHA-1, so that the same things in another order give the same;
//! - *in order*: that, and then the SHA-1 of the whole.
//!
//! The fingerprint of a value is the number of its type as 32 bits, in order; what is in it; and, in any order, `!!expire!!` if the key expires.
//!
//! | type | what is in it |
//! | --- | --- |
//! | string (0) | its text, in order |
//! | list (1) | each element, in order |
//! | set (2) | each member, in any order |
//! | sorted set (3) | in any order, of each member: its bytes and the digits of its score, in order |
//! | hash (4) | in any order, of each field: its name and value, in order, and in any order `!!hexpire!!` if it expires |
//! | stream (6) | each entry, in order: its number, its fields and values |
//!
//! That of all data is, for each database with keys, its number as 32 bits, in order; then for each key, in any order, the fingerprint of the
//! key's name and value.

use keyspace::{Entry, Hash, List, Object, Set, SortedSet};
use listpack::TextBuffer;
use sha1_smol::Sha1;
use structures::Stream;
use structures::stream::StreamId;

/// The numbers of the types.
const STRING: u32 = 0;
const LIST: u32 = 1;
const SET: u32 = 2;
const SORTED_SET: u32 = 3;
const HASH: u32 = 4;
const STREAM: u32 = 6;

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
            Some(Object::List(list)) => self.mix_list(list),
            Some(Object::Set(set)) => self.mix_set(set),
            Some(Object::SortedSet(set)) => self.mix_sorted_set(set),
            Some(Object::Hash(hash)) => self.mix_hash(hash),
            Some(Object::Stream(stream)) => self.mix_stream(stream),
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
            pair.mix(resp::format_digits(score).as_bytes());
            self.add(&pair.0);
        }
    }

    fn mix_set(&mut self, set: &Set) {
        self.mix(&SET.to_be_bytes());
        set.iter().for_each(|member| self.add(member.text(&mut TextBuffer::new())));
    }

    fn mix_list(&mut self, list: &List) {
        self.mix(&LIST.to_be_bytes());
        list.iter().for_each(|element| self.mix(element.text(&mut TextBuffer::new())));
    }

    fn mix_hash(&mut self, hash: &Hash) {
        self.mix(&HASH.to_be_bytes());
        hash.visit(i64::MIN, |field, found| {
            let mut pair = Self::default();
            pair.mix(field.text(&mut TextBuffer::new()));
            pair.mix(found.value.text(&mut TextBuffer::new()));
            if found.expiry_ms.is_some() {
                pair.add(b"!!hexpire!!");
            }
            self.add(&pair.0);
        });
    }

    /// The type, and each entry: its number, and its fields and values, in order.
    fn mix_stream(&mut self, stream: &Stream) {
        self.mix(&STREAM.to_be_bytes());
        for entry in stream.log.range(StreamId::MIN, StreamId::MAX) {
            self.mix(format!("{}.{}", entry.id.ms, entry.id.seq).as_bytes());
            for (field, value) in entry.pairs() {
                self.mix(field.text(&mut TextBuffer::new()));
                self.mix(value.text(&mut TextBuffer::new()));
            }
        }
    }

    /// 40 hexadecimal digits.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

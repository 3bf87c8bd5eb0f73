//! Fingerprints of data that don't depend on the order of keys.
//!
//! A fingerprint is 20 bytes, zero for nothing. There are two ways to put something in:
//!
//! - *in any order*: exclusive-or with its SHA-1, so that the same things in another order give the same;
//! - *in order*: that, and then the SHA-1 of the whole.
//!
//! The fingerprint of a string is its type (0) as 32 bits and its text, in order, and in any order `!!expire!!` if it expires. That of all
//! data is, for each database with keys, its number as 32 bits, in order; then for each key, in any order, the fingerprint of the key's name
//! and value.

use keyspace::{Entry, Object};
use listpack::TextBuffer;
use sha1_smol::Sha1;
use structures::Stream;
use structures::stream::StreamId;

/// The number of strings among the types.
const STRING: u32 = 0;
/// The number of streams.
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
            Some(Object::Stream(stream)) => self.mix_stream(stream),
            _ => {
                self.mix(&STRING.to_be_bytes());
                self.mix(&entry.value().text());
            }
        }
        if entry.expiry().is_some() {
            self.add(b"!!expire!!");
        }
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

//! The keyed hash for bytes that others choose.

use siphasher::sip::SipHasher13;

/// A secret that makes hashes unpredictable: SipHash-1-3 under a key of 128 bits.
///
/// Who can choose keys, watch the order of a scan and measure time must not be able to fill one bucket. SipHash is made
/// for that; the faster hashes of the day don't promise it against an opponent who sees answers.
#[derive(Clone, Copy)]
pub struct HashKey(SipHasher13);

impl HashKey {
    /// A key from 16 bytes, which should be random and kept secret.
    pub fn new(secret: [u8; 16]) -> Self {
        Self(SipHasher13::new_with_key(&secret))
    }

    /// The hash of some bytes. Only bytes of equal length and content are sure to have equal hashes.
    #[inline]
    pub fn hash(&self, bytes: &[u8]) -> u64 {
        self.0.hash(bytes)
    }
}

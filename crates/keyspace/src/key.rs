//! A key together with its hash: hashed once per command, then passed along.

use dict::HashKey;

/// A key of the keyspace and its keyed 64-bit hash.
///
/// The upper 16 bits of the hash choose the stripe, the lower 48 the place within the stripe's table.
#[derive(Copy, Clone, Debug)]
pub struct Key<'a> {
    bytes: &'a [u8],
    hash: u64,
}

impl<'a> Key<'a> {
    /// Hashes `bytes` under the keyspace's secret.
    #[inline]
    pub fn new(bytes: &'a [u8], secret: &HashKey) -> Self {
        Self { bytes, hash: secret.hash(bytes) }
    }

    /// A key whose hash was computed before, with the same secret.
    #[inline]
    pub fn with_hash(bytes: &'a [u8], hash: u64) -> Self {
        Self { bytes, hash }
    }

    /// The key's bytes.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The key's hash.
    #[inline]
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

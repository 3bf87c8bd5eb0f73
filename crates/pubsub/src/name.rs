//! Names of channels and patterns, hashed once.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use siphasher::sip::SipHasher13;

/// The name of a channel, or a pattern. Cheap to clone: the bytes are shared by everybody who holds the same subscription.
#[derive(Clone)]
pub struct Name {
    hash: u64,
    bytes: Arc<[u8]>,
}

impl Name {
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// The bytes of the name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Deref for Name {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes.escape_ascii())
    }
}

/// Makes the hashes of names: keyed, since whoever may subscribe chooses the names.
#[derive(Clone)]
pub(crate) struct Hasher(SipHasher13);

impl Hasher {
    pub(crate) fn new(secret: [u8; 16]) -> Self {
        Self(SipHasher13::new_with_key(&secret))
    }

    #[inline]
    pub(crate) fn hash(&self, bytes: &[u8]) -> u64 {
        self.0.hash(bytes)
    }

    /// A name on which nobody has a hold yet.
    pub(crate) fn name(&self, bytes: &[u8]) -> Name {
        Name { hash: self.hash(bytes), bytes: bytes.into() }
    }
}

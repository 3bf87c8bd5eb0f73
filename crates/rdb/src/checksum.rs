//! The checksum of files and payloads: CRC-64 with the polynomial of Jones, as Redis computes it.

use crc_fast::{CrcAlgorithm, Digest};

/// A checksum of bytes that come piece by piece. Large pieces are cheap: 128 bytes cost as much as 9.
#[derive(Clone)]
pub(crate) struct Checksum(Digest);

impl Checksum {
    pub(crate) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Redis))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.0.update(bytes);
        }
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.finalize()
    }

    /// The checksum of bytes that are all there.
    pub(crate) fn of(bytes: &[u8]) -> u64 {
        crc_fast::checksum(CrcAlgorithm::Crc64Redis, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_that_of_redis() {
        assert_eq!(Checksum::of(b"123456789"), 0xE9C6_D914_C4B8_D9CA);
        let mut checksum = Checksum::new();
        checksum.update(b"1234");
        checksum.update(b"");
        checksum.update(b"56789");
        assert_eq!(checksum.value(), 0xE9C6_D914_C4B8_D9CA);
        assert_eq!(Checksum::of(&[0; 100]), 0);
    }
}

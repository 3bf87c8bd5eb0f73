//! Passwords, of which only the SHA-256 digests are kept, and new ones.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The SHA-256 digest of a password. Displays as 64 hexadecimal digits in lower case.
#[derive(Copy, Clone, PartialEq, Eq)]
pub struct Digest([u8; Digest::BYTES]);

impl Digest {
    const BYTES: usize = 32;

    /// That of no password, as far as anybody knows.
    pub(crate) const OF_NOBODY: Digest = Digest([0; Digest::BYTES]);

    /// The digest of `password`, in time that depends on its length alone.
    pub fn of(password: &[u8]) -> Self {
        Digest(Sha256::digest(password).into())
    }

    /// Reads 64 hexadecimal digits, which must be in lower case.
    pub fn parse(hex: &[u8]) -> Option<Self> {
        if hex.len() != 2 * Self::BYTES {
            return None;
        }
        let (pairs, _) = hex.as_chunks::<2>();
        let mut bytes = [0; Self::BYTES];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Digest(bytes))
    }

    /// Whether one of `known` equals this digest. Looks at all of them and at every byte, whatever it finds.
    pub(crate) fn is_among(&self, known: &[Digest]) -> Choice {
        known.iter().fold(Choice::from(0), |found, other| found | self.0.ct_eq(&other.0))
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

/// A request for a new password: ACL GENPASS.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct NewPassword {
    digits: usize,
}

/// The number of bits asked for is out of range.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "ACL GENPASS argument must be the number of bits for the output password, a positive number up to {}",
    NewPassword::BITS_MAX
)]
pub struct BitsOutOfRange;

impl NewPassword {
    /// The bits of a password that nobody said more about.
    pub const BITS_DEFAULT: i64 = 256;

    /// The most bits that can be asked for.
    pub const BITS_MAX: i64 = 4096;

    /// The most random bytes that [`NewPassword::bytes`] asks for.
    pub const BYTES_MAX: usize = Self::BITS_MAX as usize / 8;

    /// A password of so many bits, rounded up to whole hexadecimal digits.
    pub fn with_bits(bits: i64) -> Result<Self, BitsOutOfRange> {
        match usize::try_from(bits) {
            Ok(bits @ 1..) if bits <= Self::BITS_MAX as usize => Ok(NewPassword { digits: bits.div_ceil(4) }),
            _ => Err(BitsOutOfRange),
        }
    }

    /// How many random bytes it takes.
    pub fn bytes(self) -> usize {
        self.digits.div_ceil(2)
    }

    /// The password that these bytes make, which should come from a source that nobody can predict.
    pub fn of(self, random: &[u8]) -> String {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let digits = random.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
        digits.take(self.digits).map(|digit| DIGITS[usize::from(digit)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST_OF_A: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

    #[test]
    fn digests_are_read_as_they_are_shown() {
        let digest = Digest::of(b"a");
        assert_eq!(digest.to_string(), DIGEST_OF_A);
        assert_eq!(Digest::parse(DIGEST_OF_A.as_bytes()), Some(digest));
    }

    #[test]
    fn a_digest_is_64_digits_in_lower_case() {
        let mut almost = DIGEST_OF_A.to_owned().into_bytes();
        almost[63] = b'g';
        for refused in
            [&almost[..], &DIGEST_OF_A.as_bytes()[1..], &DIGEST_OF_A.to_uppercase().into_bytes(), b""]
        {
            assert_eq!(Digest::parse(refused), None);
        }
    }

    #[test]
    fn a_digest_is_found_wherever_it_stands() {
        let known = [Digest::of(b"a"), Digest::of(b"b"), Digest::of(b"c")];
        for password in [b"a", b"b", b"c"] {
            assert!(bool::from(Digest::of(password).is_among(&known)));
        }
        assert!(!bool::from(Digest::of(b"d").is_among(&known)));
        assert!(!bool::from(Digest::of(b"a").is_among(&[])));
    }

    #[test]
    fn new_passwords_have_a_digit_for_four_bits() {
        let random: Vec<u8> = (0..=255).cycle().take(NewPassword::BYTES_MAX).collect();
        for (bits, password) in [(1, "0"), (4, "0"), (5, "00"), (9, "000"), (16, "0001"), (17, "00010")] {
            let new = NewPassword::with_bits(bits).expect("in range");
            assert_eq!(new.of(&random), password);
            assert_eq!(new.bytes(), password.len().div_ceil(2));
        }
        assert_eq!(NewPassword::with_bits(4096).expect("in range").of(&random).len(), 1024);
        assert_eq!(NewPassword::with_bits(4096).expect("in range").bytes(), NewPassword::BYTES_MAX);
    }

    #[test]
    fn no_bits_and_too_many_are_refused() {
        for bits in [0, -1, 4097, i64::MIN, i64::MAX] {
            assert_eq!(NewPassword::with_bits(bits), Err(BitsOutOfRange));
        }
        assert_eq!(
            BitsOutOfRange.to_string(),
            "ACL GENPASS argument must be the number of bits for the output password, \
             a positive number up to 4096",
        );
    }
}

//! Zipmaps: small hashes in files of Redis before 2.6.
//!
//! ```text
//! u8 pairs, 254 or more: unknown │ pairs │ FF
//!
//! pair: length │ key │ length │ u8 free │ value │ as many bytes as are free
//! length: u8 below 254, else FE and a u32, little-endian
//! ```

use crate::frame::{BYTES_MAX, TERMINATOR};
use crate::malformed::{Fault, Malformed};

const WIDE_LENGTH: u8 = 0xFE;

/// From this on the first byte doesn't tell how many pairs there are.
const COUNT_UNKNOWN: u8 = 254;

/// A zipmap that was checked.
#[derive(Clone, Copy, Debug)]
pub struct ZipmapRef<'a> {
    bytes: &'a [u8],
}

/// A key and its value.
type Pair<'a> = (&'a [u8], &'a [u8]);

impl<'a> ZipmapRef<'a> {
    /// Takes bytes from elsewhere, all of which are checked. Keys may be there twice.
    ///
    /// # Errors
    ///
    /// The first fault, if they are no zipmap from the first byte to the last.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let map = Self { bytes };
        map.validate()?;
        Ok(map)
    }

    /// All keys with their values.
    pub fn iter(self) -> impl Iterator<Item = Pair<'a>> + Clone {
        let mut rest = self.pairs();
        std::iter::from_fn(move || read(&mut rest).ok())
    }

    /// What lies between count and end.
    fn pairs(self) -> &'a [u8] {
        self.bytes.get(1..self.bytes.len().saturating_sub(1)).unwrap_or_default()
    }

    fn validate(self) -> Result<(), Malformed> {
        let &[count, .., last] = self.bytes else {
            return Err(Malformed::new(0, Fault::TooShort));
        };
        if self.bytes.len() > BYTES_MAX {
            return Err(Malformed::new(0, Fault::TooLong));
        }
        if last != TERMINATOR {
            return Err(Malformed::new(self.bytes.len() - 1, Fault::NoTerminator));
        }
        let mut rest = self.pairs();
        let mut found = 0;
        while !rest.is_empty() {
            let place = self.bytes.len() - 1 - rest.len();
            read(&mut rest).map_err(|fault| Malformed::new(place, fault))?;
            found += 1;
        }
        if count < COUNT_UNKNOWN && usize::from(count) != found {
            return Err(Malformed::new(0, Fault::WrongCount));
        }
        Ok(())
    }
}

/// Takes a pair from the start of `rest`.
fn read<'a>(rest: &mut &'a [u8]) -> Result<Pair<'a>, Fault> {
    let key_len = length(rest)?;
    let key = rest.split_off(..key_len).ok_or(Fault::Truncated)?;
    if rest.is_empty() {
        return Err(Fault::NoValue);
    }
    let value_len = length(rest)?;
    let free = *rest.split_off_first().ok_or(Fault::Truncated)?;
    let value = rest.split_off(..value_len).ok_or(Fault::Truncated)?;
    rest.split_off(..usize::from(free)).ok_or(Fault::Truncated)?;
    Ok((key, value))
}

fn length(rest: &mut &[u8]) -> Result<usize, Fault> {
    match *rest.split_off_first().ok_or(Fault::Truncated)? {
        TERMINATOR => Err(Fault::EarlyEnd),
        WIDE_LENGTH => {
            let (len, after) = rest.split_first_chunk().ok_or(Fault::Truncated)?;
            *rest = after;
            Ok(u32::from_le_bytes(*len) as usize)
        }
        len => Ok(usize::from(len)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_free_bytes_passed_over() {
        let bytes = b"\x02\x01f\x01\x00v\xfe\x02\x00\x00\x00gg\x02\x03ww...\xff";
        let pairs: Vec<_> = ZipmapRef::new(bytes).unwrap().iter().collect();
        assert_eq!(pairs, [(&b"f"[..], &b"v"[..]), (b"gg", b"ww")]);
        assert_eq!(ZipmapRef::new(b"\x00\xff").unwrap().iter().count(), 0);
        assert_eq!(ZipmapRef::new(b"\xfe\x01f\x01\x00v\xff").unwrap().iter().count(), 1);
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        let fault = |bytes| {
            ZipmapRef::new(bytes).map_err(|malformed| (malformed.offset, malformed.fault)).unwrap_err()
        };
        assert_eq!(fault(b"\xff"), (0, Fault::TooShort));
        assert_eq!(fault(b"\x01\x01f\x01\x00v"), (5, Fault::NoTerminator));
        assert_eq!(fault(b"\x02\x01f\x01\x00v\xff"), (0, Fault::WrongCount));
        assert_eq!(fault(b"\x01\x01f\xff"), (1, Fault::NoValue));
        assert_eq!(fault(b"\x01\x01f\x01\x01v\xff"), (1, Fault::Truncated));
        assert_eq!(fault(b"\x01\x01f\x02\x00v\xff"), (1, Fault::Truncated));
        assert_eq!(fault(b"\x01\xfe\xff\xff\xff\xff\xff"), (1, Fault::Truncated));
        assert_eq!(fault(b"\x01\xff\xff"), (1, Fault::EarlyEnd));
    }
}

//! The cursor of SCAN: which stripe, and how far within it.
//!
//! ```text
//!      63                      b            0
//!     +------------------------+------------+
//!     | cursor of the table    |   stripe   |      2^b stripes, b up to 16; a table's cursor is below 2^48
//!     +------------------------+------------+
//! ```
//!
//! Stripes are walked through one after the other. The number of the stripe stands below because a table's cursor is small while the table
//! is: so cursors stay short, and within the 53 bits of a client that reads them as floating point numbers until a stripe
//! alone holds billions of keys. (The other way round every cursor would have 15 digits or more.)
//!
//! 0 is the start of the first stripe and, returned, the end of the last: the same number begins and ends a scan. The start of any other
//! stripe is not 0, as its number isn't. Any number is a place: the bits above those drawn are ignored.

/// A place in a walk through all stripes of a database.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The stripe, or their number at the end of the walk.
    pub(super) stripe: usize,
    /// The cursor within the stripe's table.
    pub(super) within: u64,
}

impl Place {
    /// The place of a cursor among so many stripes, a power of two.
    pub(super) fn of(cursor: u64, stripes: usize) -> Self {
        let stripe = (cursor & (stripes as u64 - 1)) as usize;
        Self { stripe, within: cursor >> stripes.trailing_zeros() }
    }

    /// The cursor of this place; 0 at the end.
    pub(super) fn cursor(self, stripes: usize) -> u64 {
        if self.stripe >= stripes {
            return 0;
        }
        self.within << stripes.trailing_zeros() | self.stripe as u64
    }

    /// The place after a look into the table, which returned this cursor.
    pub(super) fn after(self, within: u64) -> Self {
        let stripe = if within == 0 { self.stripe + 1 } else { self.stripe };
        Self { stripe, within }
    }
}

/// Reads a cursor as peers do: a decimal number below 2^64, perhaps with zeros or a plus sign in front.
pub(crate) fn parse_cursor(word: &[u8]) -> Option<u64> {
    let digits = word.strip_prefix(b"+").unwrap_or(word);
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_cursor() {
        for stripes in [1_usize, 2, 1024, 1 << 16] {
            for stripe in [0, 1, stripes / 2, stripes - 1] {
                for within in [0, 1, 77, (1 << 48) - 1] {
                    let place = Place { stripe: stripe.min(stripes - 1), within };
                    assert_eq!(Place::of(place.cursor(stripes), stripes), place);
                }
            }
        }
    }

    #[test]
    fn only_the_start_of_the_first_stripe_and_the_end_are_zero() {
        assert_eq!(Place { stripe: 0, within: 0 }.cursor(8), 0);
        assert_eq!(Place { stripe: 8, within: 0 }.cursor(8), 0);
        assert_eq!(Place { stripe: 7, within: 0 }.after(0).cursor(8), 0);
        assert_eq!(Place { stripe: 3, within: 5 }.after(0).cursor(8), 4);
        assert_eq!(Place { stripe: 3, within: 5 }.after(2).cursor(8), 2 << 3 | 3);
    }

    #[test]
    fn cursors_are_unsigned_decimal_numbers() {
        assert_eq!(parse_cursor(b"0"), Some(0));
        assert_eq!(parse_cursor(b"+0017"), Some(17));
        assert_eq!(parse_cursor(b"18446744073709551615"), Some(u64::MAX));
        for wrong in ["", "+", "-1", "18446744073709551616", "1a", "0x1", " 1", "++1"] {
            assert_eq!(parse_cursor(wrong.as_bytes()), None, "{wrong}");
        }
    }
}

//! Distances as text.

/// The longest text: the integer of 10 000 times a distance, and the point.
const TEXT_BYTES_MAX: usize = 24;
/// Digits behind the point.
const DIGITS: usize = 4;

/// A distance with four digits behind the point, on the stack.
pub(super) struct DistanceText {
    bytes: [u8; TEXT_BYTES_MAX],
    len: usize,
}

impl DistanceText {
    /// The nearest text, the even one of two; a distance is never negative.
    pub(super) fn new(distance: f64) -> Self {
        let mut text = Self { bytes: [0; TEXT_BYTES_MAX], len: 0 };
        if distance.is_nan() {
            text.push(b"nan");
            return text;
        }
        let scaled = (distance * 1e4).round_ties_even() as u64;
        let mut buffer = itoa::Buffer::new();
        text.push(buffer.format(scaled / 10_000).as_bytes());
        text.push(b".");
        let fraction = buffer.format(10_000 + scaled % 10_000).as_bytes();
        text.push(&fraction[fraction.len() - DIGITS..]);
        text
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, part: &[u8]) {
        self.bytes[self.len..self.len + part.len()].copy_from_slice(part);
        self.len += part.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_shown() {
        let text = |distance| String::from_utf8(DistanceText::new(distance).as_bytes().to_vec()).unwrap();
        assert_eq!(text(0.0), "0.0000");
        assert_eq!(text(166_274.151_561), "166274.1516");
        assert_eq!(text(0.000_05), "0.0000");
        assert_eq!(text(0.9999), "0.9999");
        assert_eq!(text(0.999_99), "1.0000");
        assert_eq!(text(f64::MAX), "1844674407370955.1615");
    }
}

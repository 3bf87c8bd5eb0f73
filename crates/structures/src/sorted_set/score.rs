//! Scores in a packed set: whole numbers as integers, all others as their text. So the bytes are those that servers store and exchange.

use listpack::Element;
use resp::{DoubleText, format_double};

/// Whole numbers up to 2^62 are printed as integers, and every integer is stored as one.
const INTEGER_MAX: f64 = (1_i64 << 62) as f64;

/// What is stored for a score.
pub(super) enum StoredScore {
    Whole(i64),
    Text(DoubleText),
}

impl StoredScore {
    /// `-0` is a whole number, and stored as 0.
    pub(super) fn new(score: f64) -> Self {
        if score.abs() <= INTEGER_MAX && score.trunc() == score {
            Self::Whole(score as i64)
        } else {
            Self::Text(format_double(score))
        }
    }

    pub(super) fn element(&self) -> Element<'_> {
        match self {
            Self::Whole(number) => Element::Int(*number),
            Self::Text(text) => Element::Bytes(text.as_bytes()),
        }
    }
}

/// The score that an element stands for. Whoever takes a set from elsewhere has seen to it that there is one; else it is 0.
#[inline]
pub(super) fn score_of(element: Element<'_>) -> f64 {
    match element {
        Element::Int(number) => number as f64,
        Element::Bytes(text) => read(text),
    }
}

fn read(text: &[u8]) -> f64 {
    let score = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    score.filter(|score: &f64| !score.is_nan()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_score_is_read_back() {
        let scores = [
            1.0,
            -7.0,
            0.1,
            1e-300,
            3e20,
            1e17,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
            4_611_686_018_427_387_904.0,
            4_611_686_018_427_388_928.0,
            9_223_372_036_854_775_807.0,
        ];
        for score in scores {
            assert_eq!(score_of(StoredScore::new(score).element()), score);
        }
        let zero = score_of(StoredScore::new(-0.0).element());
        assert!(zero == 0.0 && zero.is_sign_positive(), "the sign of zero is lost");
    }

    #[test]
    fn whole_numbers_are_integers() {
        assert!(matches!(StoredScore::new(1e18), StoredScore::Whole(1_000_000_000_000_000_000)));
        assert!(matches!(StoredScore::new(1.5), StoredScore::Text(text) if text.as_str() == "1.5"));
    }

    #[test]
    fn no_number_counts_as_nothing() {
        assert_eq!(score_of(Element::Bytes(b"nan")), 0.0);
        assert_eq!(score_of(Element::Bytes(b"x\xff")), 0.0);
    }
}

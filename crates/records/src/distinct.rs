//! Whether an element is there twice.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use listpack::Element;

/// So many fingerprints are kept without an allocation, and compared in pairs.
const FEW: usize = 24;

/// Words of 64 bits. Of ten elements two have the same bit once in twenty-three times, of twenty-four once in four.
const BITS_WORDS: usize = 16;

/// The seed of fingerprints. It is no secret: whoever has two elements share one has them compared in full, which takes longer.
const SEED: FixedState = FixedState::with_seed(0x6b76_6421);

/// Elements of which it is asked whether all are different.
///
/// Each is noted as a number that follows from its text. Equal numbers are rare, and only then the texts are compared.
pub(crate) struct Fingerprints {
    /// A bit for each, told by ten bits of it: as long as no two have the same one, all are different.
    bits: [u64; BITS_WORDS],
    share_bits: bool,
    few: [u64; FEW],
    count: usize,
    many: Vec<u64>,
}

impl Fingerprints {
    pub(crate) fn new() -> Self {
        Self { bits: [0; BITS_WORDS], share_bits: false, few: [0; FEW], count: 0, many: Vec::new() }
    }

    /// Notes an element.
    #[inline]
    pub(crate) fn add(&mut self, element: Element<'_>) {
        let fingerprint = match element {
            Element::Int(number) => of_integer(number),
            Element::Bytes(text) => of_text(text),
        };
        let (word, bit) = ((fingerprint >> 6) as usize % BITS_WORDS, 1 << (fingerprint % 64));
        self.share_bits |= self.bits[word] & bit != 0;
        self.bits[word] |= bit;
        match self.few.get_mut(self.count) {
            Some(place) => *place = fingerprint,
            None => {
                if self.many.is_empty() {
                    self.many.extend_from_slice(&self.few);
                }
                self.many.push(fingerprint);
            }
        }
        self.count += 1;
    }

    /// Whether all are different. `elements` are the same once more, for the rare case that two look alike. O(n log n).
    pub(crate) fn are_distinct<'e>(&mut self, mut elements: impl Iterator<Item = Element<'e>>) -> bool {
        if !self.may_repeat() {
            return true;
        }
        let mut seen = HashSet::new();
        elements.all(|element| seen.insert(element.to_vec()))
    }

    fn may_repeat(&mut self) -> bool {
        if !self.share_bits {
            return false;
        }
        if !self.many.is_empty() {
            self.many.sort_unstable();
            return self.many.array_windows().any(|[one, other]| one == other);
        }
        let mut rest = self.few.get(..self.count).unwrap_or_default();
        while let Some((first, others)) = rest.split_first() {
            // Every one is looked at, whatever it is: that takes fewer steps than to leave at the first.
            if others.iter().fold(false, |any, other| any | (other == first)) {
                return true;
            }
            rest = others;
        }
        false
    }
}

fn of_integer(number: i64) -> u64 {
    let mut hasher = SEED.build_hasher();
    hasher.write_i64(number);
    hasher.finish()
}

/// The same as of an integer, if it is the text of one: `7` may be written either way.
#[inline]
fn of_text(text: &[u8]) -> u64 {
    if text.len() <= 20
        && matches!(text.first(), Some(b'0'..=b'9' | b'-'))
        && let Some(number) = Element::Bytes(text).int()
    {
        return of_integer(number);
    }
    let mut hasher = SEED.build_hasher();
    hasher.write(text);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn are_distinct<'e>(elements: impl Iterator<Item = Element<'e>> + Clone) -> bool {
        let mut fingerprints = Fingerprints::new();
        elements.clone().for_each(|element| fingerprints.add(element));
        fingerprints.are_distinct(elements)
    }

    #[test]
    fn an_integer_is_the_text_of_it() {
        for (one, other) in [("7", 7), ("-12", -12), ("9223372036854775807", i64::MAX)] {
            let pair = [Element::Bytes(one.as_bytes()), Element::Int(other)];
            assert!(!are_distinct(pair.into_iter()), "{one}");
        }
        let texts: [&[u8]; 6] = [b"7", b"07", b"+7", b"-", b"", b"7a"];
        assert!(are_distinct(texts.into_iter().map(Element::Bytes)));
    }

    #[test]
    fn one_of_many_that_is_there_twice_is_found() {
        for count in [1, 2, FEW - 1, FEW, FEW + 1, 1000] {
            let texts: Vec<String> = (0..count).map(|number| format!("element {number}")).collect();
            let elements = || texts.iter().map(|text| Element::Bytes(text.as_bytes()));
            assert!(are_distinct(elements()), "{count}");
            for twice in [0, count / 2, count - 1] {
                let repeated = Element::Bytes(texts[twice].as_bytes());
                assert!(!are_distinct(elements().chain([repeated])), "{twice} of {count}");
                assert!(!are_distinct([repeated].into_iter().chain(elements())), "{twice} of {count}");
            }
        }
    }

    proptest! {
        #[test]
        fn as_a_set_says(texts in proptest::collection::vec("[0-9a]{0,2}", 0..60)) {
            let set: HashSet<&String> = texts.iter().collect();
            let elements = texts.iter().map(|text| Element::Bytes(text.as_bytes()));
            prop_assert_eq!(are_distinct(elements), set.len() == texts.len());
        }
    }
}
